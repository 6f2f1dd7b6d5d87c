"""With a gap at p the global minimisers are one gauge orbit; all other index sets are saddles.

Hypotheses: p <= ρ; λ_p > λ_{p+1} (with λ_{ρ+1} = 0: none is needed if p = ρ); Sxx ≻ 0.

Equality: then (A, B) and (C, D) are both global minimisers iff one is, and C = A M⁻¹, D = M B for
an invertible M: one range R(A), spanned by the leading p eigenvectors, and one map A B. Without
Sxx ≻ 0 the same holds for A B Sxx. Ties elsewhere do no harm. Of index sets only {1, …, p} has the
least loss.

Not an "only if": for p > ρ = n = m the minimisers are one orbit as well.

References: Baldi and Hornik 1989, Neural Networks 2, Fact 4, with all eigenvalues distinct
(wording not confirmed).

Post: E3 (uniqueness is where "the leading eigenvalues" need a hypothesis).
"""

from __future__ import annotations

from itertools import combinations
from types import ModuleType
from typing import NamedTuple

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae.exact import kernel, rationals, solve
from linae.schur import projector
from proofs import critical_points, strict_saddle
from proofs._cases import gapped_instances, points_of
from proofs._instances import CriticalPoint, Instance, diagonal

uses: list[ModuleType] = [critical_points, strict_saddle]


class Pair(NamedTuple):
    """Two critical points of one landscape."""

    one: CriticalPoint
    other: CriticalPoint


@st.composite
def hypotheses(draw: st.DrawFn) -> Pair:
    """Any two critical points of an instance with a gap, every other one a global minimiser."""
    at = draw(gapped_instances())
    leading = points_of(at, tuple(range(at.width)))
    return Pair(*(draw(leading | points_of(at)) for _ in range(2)))


def conclusion(case: Pair) -> None:
    """Two global minimisers differ by a gauge; any other index set has a larger loss."""
    at = case.one.instance
    least = [at.loss(*point.weights) == at.least for point in case]
    (A, B), (C, D) = (point.weights for point in case)
    if all(least):
        assert np.array_equal(projector(A), projector(C)), "two ranges"
        assert np.array_equal(A @ B, C @ D), "two maps"
        M = solve(C, A)
        assert not kernel(M).size
        assert np.array_equal(M @ B, D)
    leading = tuple(range(at.width))
    assert least == [leading == point.J for point in case]


def proof(rho: int = 6, p: int = 3) -> None:
    """Of index sets J only {1, …, p} is least, for all λ; that class has r = p, no kernel blocks.

    In symbols g_t >= 0 for the gaps λ_t − λ_{t+1}, the loss of J exceeds that of {1, …, p} by a
    combination of them with coefficients >= 0; that of g_p > 0 is positive unless J is {1, …, p}.
    Then A = U_J M⁻¹, B = M S_J V_Jᴴ R⁻¹, where only M is free: one orbit. (With a singular Sxx the
    free B₀ remains, and B₀ Sxx = 0.)
    """
    gaps = sp.symbols(f"g:{rho}", nonnegative=True)
    values = [sum(gaps[t:]) for t in range(rho)]
    for r in range(p + 1):
        for J in combinations(range(rho), r):
            excess = sp.Poly(sum(values[:p]) - sum(values[j] for j in J), *gaps)
            coefficients = [excess.coeff_monomial(g) for g in gaps]
            assert min(coefficients) >= 0
            assert (coefficients[p - 1] > 0) == (tuple(range(p)) != J)


def _point(
    at: Instance, J: tuple[int, ...], X0: list[list[int]] | None = None, null: int = 0
) -> CriticalPoint:
    """A point of class J at the gauge 1, with a given X₀ and a constant B₀."""
    (m, d), p, q = at.R.shape, at.width, at.width - len(J)
    decoder = np.zeros((len(at.U) - at.rank, q), dtype=int) if X0 is None else X0
    encoder, unseen = np.zeros((q, d - at.rank), dtype=int), np.full((p, m), null)
    blocks = np.eye(p, dtype=int), decoder, encoder, unseen
    return CriticalPoint(at, J, *(rationals(block) for block in blocks))


_tie, _wide, _flat = diagonal((1, 1), 1), diagonal((1, 0, 0), 2), diagonal((1, 0), 1)

counterexamples = {
    "λ_p > λ_{p+1}": Pair(_point(_tie, (0,)), _point(_tie, (1,))),
    "p <= ρ": Pair(_point(_wide, (0,), [[1], [0]]), _point(_wide, (0,), [[0], [1]])),
    "Sxx ≻ 0": Pair(_point(_flat, (0,)), _point(_flat, (0,), null=1)),
}
