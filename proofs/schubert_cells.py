"""The classes of full rank and index k are counted by the coefficient of qᵏ in (ρ choose p)_q.

The index of J = {j₁ < … < j_p} is Σ (j_i − i), the dimension of a Schubert cell: −tr PΣ is a
perfect Morse function on the Grassmannian of p-planes.

Hypotheses: no ties among the nonzero eigenvalues; p <= ρ.

Equality: of all coefficients of the Gaussian binomial Π_{i < p} (1 − q^(ρ − i)) / (1 − q^(i + 1)).

References: mod-2 Betti numbers of real Grassmannians, textbook; Kunin, Bloom, Goeva and Seed 2019,
arXiv:1901.08168, Appendix B, for this landscape (wording not confirmed).

Post: E11 (how many of the saddles have how many ways down).
"""

from __future__ import annotations

from collections import Counter
from types import ModuleType
from typing import NamedTuple

import sympy as sp
from hypothesis import strategies as st

from proofs import inertia
from proofs._instances import auto_landscape

uses: list[ModuleType] = [inertia]


class Spread(NamedTuple):
    """Auto-association with S = diag(values)."""

    values: tuple[int, ...]
    width: int


@st.composite
def hypotheses(draw: st.DrawFn) -> Spread:
    """Distinct eigenvalues, perhaps with zeros behind them."""
    values = sorted(draw(st.sets(st.integers(1, 9), min_size=1, max_size=7)), reverse=True)
    width = draw(st.integers(1, len(values)))
    return Spread((*values, *[0] * draw(st.integers(0, 1))), width)


def conclusion(case: Spread) -> None:
    """The indices of the listed classes, against the product formula."""
    listed = auto_landscape(case.values, case.width).critical_classes()
    indices = Counter(critical.index for critical in listed if critical.rank == case.width)
    rho = sum(value > 0 for value in case.values)
    expected = gaussian_binomial(rho, case.width)
    found = [indices[k] for k in range(len(expected))]
    assert found == expected, f"found {found}, expected {expected}"


def gaussian_binomial(rho: int, p: int) -> list[int]:
    """Coefficients of (ρ choose p)_q, by division of the products.

    >>> gaussian_binomial(4, 2)
    [1, 1, 2, 1, 1]
    """
    q = sp.Symbol("q")
    top, bottom = sp.Poly(1, q), sp.Poly(1, q)
    for i in range(p):
        top, bottom = top * (1 - q ** (rho - i)), bottom * (1 - q ** (i + 1))
    return [int(c) for c in sp.exquo(top, bottom).all_coeffs()[::-1]]


def proof() -> None:
    """Both sides obey N(ρ, p) = N(ρ − 1, p) + q^(ρ − p) N(ρ − 1, p − 1), and N(ρ, 0) = N(p, p) = 1.

    Without ties the pairs (k, j), k < j, with j in J and k not, are j_i − i in number for each i
    (0-based). Those J of ρ components that omit the last one are counted by N(ρ − 1, p); the others
    have in it j_p − p = ρ − p (0-based (ρ − 1) − (p − 1)) and the rest counted by N(ρ − 1, p − 1).
    Division of the recursion by the product formula, with N = (ρ choose p)_q, x = q^ρ, y = q^p,
    leaves (1 − x/y) + (x/y) (1 − y) = 1 − x.
    """
    x, y = sp.symbols("x y", positive=True)  # q^ρ and q^p
    without_last = (1 - x / y) / (1 - x)  # (ρ − 1 choose p) / (ρ choose p)
    with_last = (1 - y) / (1 - x)  # (ρ − 1 choose p − 1) / (ρ choose p)
    assert sp.simplify(without_last + x / y * with_last - 1) == 0


counterexamples = {"no ties": Spread((1, 1), 1)}
