"""Where W_{N−1} ⋯ W_2 has the least width for rank, no saddle lacks a negative eigenvalue.

This is the last of four statements on E‖y − W_N ⋯ W_1 x‖², N >= 3: the loss is neither convex nor
concave; every local minimum is global; every other critical point is a saddle; and if
rank(W_{N−1} ⋯ W_2) = p, the least hidden width, there, the Hessian has a negative eigenvalue. The
first is checked here as well, the second and third are cited. The condition is sufficient only:
W₃ = W₁ = 0, W₂ = diag(1, 0), p = 2 has inertia (2, 8, 2).

Hypotheses: Sxx ≻ 0, Syx of full rank, n <= m, distinct eigenvalues of Σ; a critical point that is
no global minimum, with rank(W_{N−1} ⋯ W_2) = p.

Bound: at least one negative eigenvalue.

References: Kawaguchi 2016, NeurIPS, Theorem 2.3 (wording not confirmed).

Post: E21 (the summary of Kawaguchi lacks what the statements need).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import rationals, zeros
from proofs import deep
from proofs._cases import gauges, unitaries
from proofs.deep import DeepPoint

uses: list[ModuleType] = [deep]


@st.composite
def hypotheses(draw: st.DrawFn) -> DeepPoint:
    """Three or four factors, all hidden widths p, inner ones regular on the spare units."""
    n, p, depth = draw(st.integers(1, 2)), draw(st.integers(1, 2)), draw(st.integers(3, 4))
    m = draw(st.integers(n, 2))
    s = [draw(st.integers(4, 5)), draw(st.integers(1, 3))][:n]
    G = draw(unitaries(n)) * np.array(s, dtype=object) @ draw(unitaries(m))[:n]
    blank = DeepPoint(rationals(G), tuple(zeros((k, 1), G) for k in [n, *[p] * (depth - 1)]))
    _, *others = blank.landscape.critical_classes()
    J = draw(st.sampled_from(others)).index_set
    q = p - len(J)
    inner = [draw(gauges(q)) for _ in range(depth - 2)]
    spare = [zeros((n - len(J), q), G), *inner, zeros((q, m - len(J)), G)]
    turns = [draw(gauges(p)) for _ in range(depth - 1)]
    return DeepPoint(blank.G, blank.landscape.class_weights(J, turns, spare=spare))


def conclusion(case: DeepPoint) -> None:
    """Exact inertia by the definition. On the line through one entry of each factor the loss is
    ‖G‖² − 2 g tᴺ + t²ᴺ: not concave, as it grows; with g > 0 or one sign changed not convex."""
    assert case.found.negative > 0
    origin = tuple(0 * w for w in case.weights)
    units = [np.array(w) for w in origin]
    i, j = next(place for place, g in np.ndenumerate(case.G) if g)
    for k, unit in enumerate(units):
        unit[i if k == 0 else 0, j if k == len(units) - 1 else 0] = 1
    units[0] = units[0] * (1 if case.G[i, j] > 0 else -1)
    low = abs(case.G[i, j]) / 2 if abs(case.G[i, j]) < 1 else Fraction(1, 2)
    small, large = (case.loss(*(t * u for u in units)) for t in (low, 10 + case.G[i, j] ** 2))
    assert small < case.loss(*origin) < large


counterexamples = {
    "rank(W_{N−1} ⋯ W_2) = p": DeepPoint(
        rationals([[1]]), (rationals([[0]]), rationals([[0]]), rationals([[0]]))
    )
}
