"""There are as many critical classes as ways to take at most p components, ties told by number.

If the distinct nonzero eigenvalues of Σ have multiplicities μ₁, μ₂, …, the classes are the integer
vectors 0 <= c <= μ with sum at most p; without ties Σ_{r ≤ p} C(ρ, r). A class that takes c_l
directions of the l-th eigenspace has Π C(μ_l, c_l) names J.

Hypotheses: J holds nonzero components only. A component with λ = 0 names nothing new.

Equality: of numbers and of the listed classes, against all subsets.

References: C(n, p) of full rank for Σ ≻ 0: Baldi and Hornik 1989, Neural Networks 2 (wording not
confirmed); as the number of critical points of the distance to matrices of rank p, Draisma,
Horobet, Ottaviani, Sturmfels and Thomas 2016, arXiv:1309.0049.

Post: E1 (how many "combinations of principal components" there are).
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations, product
from math import comb
from types import ModuleType
from typing import NamedTuple

from hypothesis import strategies as st

from linae.critical import number_of_classes
from proofs import critical_points
from proofs._instances import auto_landscape

uses: list[ModuleType] = [critical_points]


class Naming(NamedTuple):
    """Auto-association with S = diag(values), and the components that may be named."""

    values: tuple[int, ...]
    width: int
    components: tuple[int, ...]


@st.composite
def hypotheses(draw: st.DrawFn) -> Naming:
    """Up to six components, with ties and zeros; the nonzero ones may be named."""
    values = tuple(sorted(draw(st.lists(st.integers(0, 4), min_size=1, max_size=6)), reverse=True))
    components = tuple(i for i, value in enumerate(values) if value)
    return Naming(values, draw(st.integers(1, 7)), components)


def conclusion(case: Naming) -> None:
    """Subsets of the components, told apart by the eigenvalues that they take."""
    values, width, components = case
    sizes = range(min(width, len(components)) + 1)
    subsets = [J for r in sizes for J in combinations(components, r)]
    names = Counter(tuple(values[j] for j in J) for J in subsets)
    landscape = auto_landscape(values, width)
    listed = list(landscape.critical_classes())
    multiplicities = list(Counter(value for value in values if value).values())
    assert number_of_classes(multiplicities, width) == len(names) == len(listed)
    found = {tuple(values[j] for j in c.index_set): c.multiplicity for c in listed}
    assert found == names


def proof(rho: int = 6, p: int = 7) -> None:
    """Every list of multiplicities that sum to at most ρ, every width up to p, by enumeration."""
    for groups in range(rho + 1):
        for sizes in product(range(1, rho + 1), repeat=groups):
            if sum(sizes) > rho:
                continue
            vectors = Counter(map(sum, product(*(range(size + 1) for size in sizes))))
            for width in range(1, p + 1):
                expected = sum(count for total, count in vectors.items() if total <= width)
                assert number_of_classes(sizes, width) == expected
    for width in range(1, p + 1):
        binomials = sum(comb(rho, r) for r in range(width + 1))
        assert number_of_classes([1] * rho, width) == binomials


counterexamples = {"J holds nonzero components only": Naming((1, 0), 1, (0, 1))}
