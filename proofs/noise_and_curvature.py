"""Random probes measure the trace of a Hessian; the scatter of SGD tells it only mixed with noise.

Probes: for v with independent entries of mean 0, variance 1 and third moment 0, E vᵀHv = tr H, and
E‖Jv‖² = ‖J‖² for every J. The variance of vᵀHv is 2 ‖H‖² for Gaussian entries, and for fair signs
2 (‖H‖² − Σ H_ii²), the least: a diagonal H is then measured by a single probe.

Scatter: SGD on ½ θᵀHθ, θ ← θ − η (H θ + g) with fresh noise g of covariance G, has exactly one
stationary covariance C, the solution of

    H C + C H − η H C H = η G;    if G = s H it is C = s η (2 − η H)⁻¹

so that 2 tr HC − η tr HCH = η tr G. The excess loss ½ tr HC is s η tr H/4 to first order in η. The
scatter alone does not give H: H/2 with the noise G/2 + HCH/4 has the same.

Hypotheses: H is symmetric; entries of v are independent; for SGD H ≻ 0 and η λ_max(H) < 2.

Equality: of all means, variances and covariances.

References: Hutchinson 1990, Communications in Statistics 19; Mandt, Hoffman and Blei 2017,
arXiv:1704.04289 for the stationary covariance (wordings not confirmed).

Post: F4 ("this hints at how SGD can be used to get second order information": with probes, or with
a noise that is known; not from the scatter of SGD alone).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals, solve
from linae.inertia import inertia
from proofs import noise
from proofs._cases import gauges, matrices
from proofs._instances import Case
from proofs.noise import FIVE_POINTS, SIGNS, Law, independent

uses: list[ModuleType] = [noise]


@dataclass(frozen=True, eq=False, repr=False)
class Probed(Case):
    """A matrix H, a Jacobian J, the law of probes, and the fourth moment of their entries."""

    H: Array
    J: Array
    law: Law
    kurtosis: int


@dataclass(frozen=True, eq=False, repr=False)
class Scattered(Case):
    """SGD on ½ θᵀHθ with noise of covariance G and step η; `ratio` is s where G = s H, else 0."""

    H: Array
    G: Array
    step: Fraction
    ratio: Fraction = Fraction(0)


def hypotheses() -> st.SearchStrategy[Probed | Scattered]:
    return probed() | scattered()


@st.composite
def probed(draw: st.DrawFn) -> Probed:
    """Any symmetric H of order 1 to 3; signs, or entries with five Gaussian moments."""
    n = draw(st.integers(1, 3))
    M, J = draw(matrices(n, n)), draw(matrices(draw(st.integers(1, 2)), n))
    entry, kurtosis = draw(st.sampled_from([(SIGNS, 1), (FIVE_POINTS, 3)]))
    return Probed(M + M.T, J, independent(entry, n), kurtosis)


@st.composite
def scattered(draw: st.DrawFn) -> Scattered:
    """H = M Mᵀ with M regular, G semidefinite or s H, η below 2/tr H."""
    n = draw(st.integers(1, 3))
    M, N = draw(gauges(n)), draw(matrices(n, draw(st.integers(0, n))))
    H, s = M @ M.T, draw(st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 3)]))
    step = draw(st.sampled_from([Fraction(1, 10), Fraction(1), Fraction(19, 10)])) / H.trace()
    G = s * H if s else rationals(N @ N.T + 0 * H)
    return Scattered(H, G, step, s)


def conclusion(case: Probed | Scattered) -> None:
    """Means over all outcomes of a probe; the recursion of covariances."""
    (_probes if isinstance(case, Probed) else _scatter)(case)


def _probes(case: Any) -> None:
    H, outcomes = case.H, [(w, rationals(v)) for w, v in case.law]
    mean = sum(w * (v @ H @ v) for w, v in outcomes)
    square = sum(w * (v @ H @ v) ** 2 for w, v in outcomes)
    assert mean == H.trace(), f"E vᵀHv = {mean}, tr H = {H.trace()}"
    diagonal = (np.diag(H) ** 2).sum()
    expected = 2 * (H * H).sum() + (case.kurtosis - 3) * diagonal
    assert square - mean**2 == expected, f"variance {square - mean**2}, expected {expected}"
    spread = sum(w * ((case.J @ v) ** 2).sum() for w, v in outcomes)
    assert spread == (case.J * case.J).sum()


def _scatter(case: Any) -> None:
    H, G, step = case.H, case.G, case.step
    C = stationary(H, G, step)
    assert not inertia(C).negative, "no covariance is stationary"
    assert np.array_equal(_after(C, H, G, step), C)
    assert 2 * (H @ C).trace() - step * (H @ C @ H).trace() == step * G.trace()
    other = G / Fraction(2) + H @ C @ H / Fraction(4)
    assert not inertia(other).negative
    assert np.array_equal(_after(C, H / Fraction(2), other, step), C), "H could be told from C"
    if case.ratio:
        assert np.array_equal(
            C @ (2 * eye(len(H), H) - step * H), case.ratio * step * eye(len(H), H)
        )


def stationary(H: Array, G: Array, step: Fraction) -> Array:
    """The solution of the linear equations for the entries of C."""
    one = eye(len(H), H)
    operator = np.kron(one, H) + np.kron(H, one) - step * np.kron(H, H)
    return rationals(solve(operator, step * G.reshape(-1, 1))).reshape(G.shape)


def _after(C: Array, H: Array, G: Array, step: Fraction) -> Array:
    """The covariance one step later."""
    shrink = eye(len(H), H) - step * H
    return shrink @ C @ shrink + step**2 * G


_ONE = rationals([[1]])
_PAIR = [(Fraction(1, 2), (1, 1)), (Fraction(1, 2), (-1, -1))]

counterexamples = {
    "H is symmetric": Probed(
        rationals([[0, 1], [0, 0]]), _ONE @ rationals([[1, 0]]), [*independent(SIGNS, 2)], 1
    ),
    "entries of v are independent": Probed(
        rationals([[0, 1], [1, 0]]), rationals([[1, 0]]), _PAIR, 1
    ),
    "η λ_max(H) < 2": Scattered(_ONE, _ONE, Fraction(3)),
    "H ≻ 0": Scattered(-_ONE, _ONE, Fraction(1)),
}
