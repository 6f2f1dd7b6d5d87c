"""A generic n × m matrix has C(min(n, m), p) critical approximations of rank p, all of them real.

Over ℂ there are no others: this is the Euclidean distance degree of the variety of matrices of rank
at most p. It is the number of critical classes of full rank p of the squared loss with Sxx = 1.

Hypotheses: the singular values are distinct, and none of min(n, m) is 0.

Equality: of the number of listed classes of rank p, of the dimension of the quotient ring of
"gradient = 0" in a chart of the matrices of rank p, and of its real solutions by Hermite's form.

References: Draisma, Horobeţ, Ottaviani, Sturmfels and Thomas 2016, Found. Comput. Math. 16,
arXiv:1309.0049 (wording not confirmed).

Post: E1 (how many "combinations of principal components" of full size there are).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import comb
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import counting, gradient
from proofs._cases import unitaries
from proofs._instances import Case
from proofs._solutions import Solutions
from proofs._symbols import symbols

uses: list[ModuleType] = [gradient, counting]


@dataclass(frozen=True, eq=False, repr=False)
class Matrix(Case):
    """G = U [diag(s), 0] Vᵀ with U of order n, V of order m >= n, and the rank p <= n."""

    U: Array
    s: tuple[int, ...]
    V: Array
    p: int

    @cached_property
    def landscape(self) -> SquaredLoss:
        n = len(self.s)
        G = rationals(self.U * np.array(self.s, dtype=object) @ self.V[:, :n].T)
        return SquaredLoss(Moments(eye(len(self.V), G), G, G @ G.T), self.p)

    @cached_property
    def solutions(self) -> Solutions:
        """Of "gradient = 0" at W = T [1; Z] C, T = U times a totally positive matrix: all minors of
        that are > 0, so that no span of singular vectors is missing in the chart."""
        n, p = len(self.s), self.p
        Z, C = symbols("z", n - p, p), symbols("c", p, len(self.V))
        T = self.U @ rationals(np.vander(range(1, n + 1)))
        A = T @ np.concatenate([rationals(np.eye(p, dtype=int)), Z])
        by_A, by_C = self.landscape.gradient(A, C)
        return Solutions([*(T.T @ by_A)[p:].flat, *by_C.flat], [*Z.flat, *C.flat])


@st.composite
def hypotheses(draw: st.DrawFn) -> Matrix:
    """Of order up to 3 × 3; rank 2 for order 2 only, as Gröbner bases of rational data get long."""
    n, m, p = draw(st.sampled_from(SIZES))
    s = draw(st.lists(st.integers(1, 5), min_size=n, max_size=n, unique=True))
    return Matrix(draw(unitaries(n)), tuple(sorted(s, reverse=True)), draw(unitaries(m)), p)


SIZES = [(1, 1, 1), (1, 2, 1), (2, 2, 1), (2, 3, 1), (2, 2, 2), (3, 3, 1)]


def conclusion(case: Matrix) -> None:
    """Listed classes, complex solutions and real ones; W = 0 is no solution, for G has rank n."""
    expected = comb(len(case.s), case.p)
    listed = [c for c in case.landscape.critical_classes() if c.rank == case.p]
    assert len(listed) == expected, f"{len(listed)} classes, expected {expected}"
    assert case.solutions.are_finite, "infinitely many critical approximations"
    found = case.solutions.degree, case.solutions.distinct(), case.solutions.real
    assert found == (expected,) * 3, f"degree, distinct, real {found}, expected {expected}"


_one = rationals(np.eye(2, dtype=int))
counterexamples = {
    "distinct singular values": Matrix(_one, (1, 1), _one, 1),
    "none is 0": Matrix(_one, (1, 0), _one, 1),
}
