"""No local minimum of a deep linear network is bad, and the published hypotheses are not needed.

On L(W_N, …, W_1) = E‖y − W_N ⋯ W_1 x‖², p the least hidden width, Kawaguchi states for N >= 2:

1. L is neither convex nor concave;                              needs Sxx ≠ 0
2. every local minimum is global;                                needs nothing
3. every other critical point is a saddle;                       needs nothing
4. at a saddle where rank(W_{N−1} ⋯ W_2) = p the Hessian has a   needs nothing else
   negative eigenvalue.

What he assumes of the data, Sxx ≻ 0, Syx of full rank, n <= m, distinct λ, none of them needs. The
fourth is sufficient only: W₃ = W₁ = 0, W₂ = diag(1, 0), p = 2, G = diag(2, 1) has the inertia
(2, 8, 2). The exact condition is that of `deep`: some pair of factors is not tightened, or J is
not leading; for the outer pair one of the two blocks is W_{N−1} ⋯ W_2.

Hypotheses: real data with Sxx ≠ 0; a critical point that is no global minimum; rank(W_{N−1} ⋯ W_2)
= p, for two factors no condition.

Bound: at least one negative eigenvalue.

References: Kawaguchi 2016, NeurIPS, Theorem 2.3. Related: Lu and Kawaguchi 2017, arXiv:1702.08580,
the second for X and Y of full row rank; Laurent and von Brecht 2018, ICML, Theorem 1, the second
for any convex differentiable loss if p >= min(m, n), which `deep_minima` does not cover (wordings
not confirmed).

Post: E21 (the summary of Kawaguchi lacks what the statements need).
"""

from __future__ import annotations

from types import ModuleType

from hypothesis import strategies as st

from linae.exact import rationals, zeros
from proofs import deep, deep_minima
from proofs._deep import DeepPoint, deep_points

uses: list[ModuleType] = [deep, deep_minima]


def hypotheses() -> st.SearchStrategy[DeepPoint]:
    """Ties, deficient ranks, singular Sxx and n > m are allowed; two to four factors."""
    return deep_points(("leading", "other"), spare="open")


def conclusion(case: DeepPoint) -> None:
    """Exact inertia and values of the loss; the second and third are those of `deep_minima`."""
    assert not case.slope.any(), "not critical"
    assert case.found.negative > 0
    deep_minima.conclusion(case)
    _neither_convex_nor_concave(case)


def _neither_convex_nor_concave(case: DeepPoint) -> None:
    """In one entry of the last two factors, a and b, the others 1: the middle of (2, 0) and (0, 2b)
    is above its ends for large b, and on the line of (1, b) the loss grows to both sides."""
    X = case.inputs
    j = next((j for j, row in enumerate(X) if row.any()), 0)
    units = [zeros(w.shape, w) for w in case.weights]
    for i, unit in enumerate(units):
        unit[0, j if i + 1 == len(units) else 0] = 1
    *rest, A, B = units
    b = 1 + 2 * abs(case.G @ X.T).sum()

    def loss(s: object, t: object) -> object:
        return case.loss(*rest, s * A, t * B)

    ends, middle = (loss(2, 0), loss(0, 2 * b)), loss(1, b)
    assert 2 * middle > sum(ends), "convex"
    assert loss(b, b) + loss(-b, -b) > 2 * loss(0, 0), "concave"


_zero, _one = rationals([[0]]), rationals([[1]])

counterexamples = {
    "Sxx ≠ 0": DeepPoint(_one, (_zero, _zero), _zero),
    "a critical point": DeepPoint(_one, (_one, _zero, _one)),
    "that is no global minimum": DeepPoint(_one, (_one, _one, _one)),
    "rank(W_{N−1} ⋯ W_2) = p": DeepPoint(_one, (_zero, _zero, _zero)),
}
