"""Gradient descent is linearly stable at a global minimum if and only if η < 1/(‖A‖₂² + ‖B‖₂²).

For there the largest curvature is exactly 2 (‖A‖₂² + ‖B‖₂²). As ‖A‖₂ ‖B‖₂ ≥ ‖A B‖₂ = σ₁, it is at
least 4σ₁, and 4σ₁ at a balanced point: no global minimum is stable if η > 1/2σ₁, and the step
decides how unbalanced a minimum can be at which descent stays.

Hypotheses: a global minimum; Sxx = 1. Any G, width, gauge and kernel blocks, real or complex.
Linearly stable: no eigenvalue of 1 − η ∇²L is outside (−1, 1].

Equality: of the largest eigenvalue of the Hessian.

References: Cohen, Kaur, Li, Kolter and Talwalkar 2021, arXiv:2103.00065, for what descent makes of
2/η; Mulayoff and Michaeli 2020 for flat minima of deep linear networks (wordings not confirmed).

Post: E17 (reparameterisation breaks sharpness: the same map from curvature 4σ₁ to any larger one).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.descent import descend
from linae.exact import Array, eye, floating
from linae.inertia import ldl_inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.roots import eigenvalue_roots
from proofs import hessian, sharpness
from proofs._calc import I, Proof, Rule, calc, letter, zero
from proofs._cases import points_of
from proofs._instances import CriticalPoint
from proofs._words import block, word
from proofs.curvature import aligned

uses: list[ModuleType] = [hessian, sharpness]


@st.composite
def hypotheses(draw: st.DrawFn) -> CriticalPoint:
    """Global minima of white inputs, anywhere in their set."""
    at = draw(aligned("white"))
    return draw(points_of(at, tuple(range(min(at.width, at.rank)))))


def conclusion(case: CriticalPoint) -> None:
    """Eigenvalues of 1 − η ∇²L by exact LDLᴴ, below and at the threshold; then descent itself."""
    at, (A, B) = case.instance, case.weights
    H = at.landscape.hessian(A, B)
    tops = [eigenvalue_roots(gram)[0] for gram in (A.conj().T @ A, B @ B.conj().T)]
    lower, upper = sum(top.lower for top in tops), sum(top.upper for top in tops)
    if not upper:
        assert not np.any(H)
        return
    assert upper >= 2 * max(at.s), "stable beyond 1/2σ₁"
    assert not ldl_inertia(H).negative
    one = eye(len(H), H)
    below = ldl_inertia(Fraction(2001, 1000) * upper * one - H)
    assert below.positive == len(H), f"an eigenvalue <= −1 of 1 − η∇²L below 1/{float(upper)}"
    above = ldl_inertia(2 * lower * one - H)
    assert above.positive < len(H), f"no eigenvalue <= −1 of 1 − η∇²L at 1/{float(lower)}"
    _descents(case, floating(H), 1 / float(upper))


def _descents(case: CriticalPoint, H: Array, threshold: float) -> None:
    """Floating: twenty steps from nearby, with 9/10 and with 11/10 of the threshold."""
    surface, least = case.instance.landscape.floating, float(case.instance.least)
    away = surface.unflatten(1e-3 * np.linalg.eigh(H)[1][:, -1])
    start = [floating(w) + v for w, v in zip(case.weights, away, strict=True)]
    for share, falls in ((0.9, True), (1.1, False)):
        run = descend(surface, *start, step=share * threshold, steps=20, tolerance=0)
        first, *_, last = run.losses[:, 0] - least
        assert last < 0.1 * first if falls else not last < 10 * first, f"{first}, then {last}"


def proof() -> Proof:
    """All sizes. By `sharpness` no eigenvalue of ∇²L exceeds 2 (α + β), α = ‖A‖₂², β = ‖B‖₂²; at a
    minimum none is negative, and then 1 − ηλ is in (−1, 1] iff ηλ < 2. The chains show what leaves
    first: for A Aᴴ u = α u and BᴴB w = β w the direction

        (u wᴴBᴴ, Aᴴu wᴴ)

    is an eigenvector of the Hessian that ships, with the eigenvalue 2 (α + β). The residual
    R = A B − G of a critical point has AᴴR = 0 and R Bᴴ = 0, so that uᴴR = 0 if α > 0 and R w = 0
    if β > 0; and α = 0 or β = 0 at a global minimum only if G = 0 = R.
    """
    sizes = {"A": "np", "B": "pd", "G": "nd", "u": "n1", "w": "d1", "α": "11", "β": "11"}
    A, B, G, u, w, a, b = (letter(name, *shape) for name, shape in sizes.items())
    R, dA, dB = A @ B - G, u @ w.H @ B.H, A.H @ u @ w.H
    surface = SquaredLoss(Moments(block(I("d")), block(G), block(G @ G.H)), 1)
    moved = surface.hessian_vector((block(A), block(B)), (block(dA), block(dB)))
    rules = (
        Rule("A Aᴴ u = u α", A @ A.H @ u, u @ a),
        Rule("wᴴBᴴB = β wᴴ", w.H @ B.H @ B, b @ w.H),
        Rule("R w = 0", R @ w, zero("n", "1")),
        Rule("uᴴR = 0", u.H @ R, zero("1", "d")),
    )
    of_A, of_B = (calc(word(part), *rules) for part in moved)
    of_A = of_A.step("R w = 0", 2 * (dA @ B + A @ dB) @ B.H)
    of_A = of_A.step("A Aᴴ u = u α", 2 * (dA @ B @ B.H + u @ a @ w.H @ B.H))
    of_A = of_A.step("wᴴBᴴB = β wᴴ", 2 * (u @ b @ w.H + u @ a @ w.H) @ B.H)
    of_B = of_B.step("uᴴR = 0", 2 * A.H @ (dA @ B + A @ dB))
    of_B = of_B.step("A Aᴴ u = u α", 2 * A.H @ (dA @ B + u @ a @ w.H))
    return Proof([of_A, of_B.step("wᴴBᴴB = β wᴴ", 2 * A.H @ (u @ b + u @ a) @ w.H)])


counterexamples = {
    "a global minimum": sharpness.counterexamples["the largest eigenvalue is selected"],
    "Sxx = 1": sharpness.counterexamples["Sxx = 1"],
}
