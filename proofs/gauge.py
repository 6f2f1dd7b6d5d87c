"""A gauge changes no loss and no sign of the curvature, and its size by a bounded factor.

For M in GL(p) with singular values s₁ >= … >= s_p, and Hessian eigenvalues in order,

    λᵢ at (A M⁻¹, M B)  =  θᵢ · (λᵢ at (A, B)),    min(s_p, 1/s₁)² <= θᵢ <= max(s₁, 1/s_p)².

Hypotheses: M is invertible. Any weights, critical or not; any moments, real or complex.

Equality: of losses and inertias. Bound: of the factors; eigenvalues in doubles, to 1e-9.

References: Ostrowski 1959 (wording not confirmed); the proof below is by Sylvester and Weyl.

Post: E17 ("Reparameterisation breaks ???": eigenvalues, hence sharpness; a gauge, being linear,
leaves the inertia alone, and not only at critical points).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, floating, is_complex, rationals
from linae.inertia import inertia
from proofs import hessian
from proofs._calc import I, Proof, Rule, calc, inverse, letter
from proofs._cases import GAUSSIANS, RATIONALS, gauges, points
from proofs._instances import Case, Point
from proofs._instances import inverse as inverse_of

uses: list[ModuleType] = [hessian]


@dataclass(frozen=True, eq=False, repr=False)
class Gauged(Case):
    """Weights, and an invertible M."""

    point: Point
    M: Array


@st.composite
def hypotheses(draw: st.DrawFn) -> Gauged:
    """Any weights in any landscape, any gauge."""
    point = draw(points())
    numbers = GAUSSIANS if is_complex(point.A) else RATIONALS
    return Gauged(point, draw(gauges(point.instance.width, numbers)))


def conclusion(case: Gauged) -> None:
    """Losses from the samples, inertias exactly, the factors in doubles."""
    at, (A, B) = case.point.instance, case.point.weights
    weights = rationals(A @ inverse_of(case.M)), rationals(case.M @ B)
    assert at.loss(A, B) == at.loss(*weights)
    H, moved = at.landscape.hessian(A, B), at.landscape.hessian(*weights)
    assert inertia(H) == inertia(moved)
    s = np.linalg.svd(floating(case.M), compute_uv=False)
    least, most = min(s[-1], 1 / s[0]) ** 2, max(s[0], 1 / s[-1]) ** 2
    values = np.linalg.eigvalsh(floating(H))
    found, noise = np.linalg.eigvalsh(floating(moved)), 1e-9 * (1 + most * abs(values).max())
    ends = np.sort([least * values, most * values], axis=0)
    assert (ends[0] - noise <= found).all(), f"{found} below {ends[0]}"
    assert (found <= ends[1] + noise).all(), f"{found} above {ends[1]}"


def proof() -> Proof:
    """For all sizes: A B stays, so that the Hessians are congruent by a map of known size.

    The loss at (A M⁻¹, M B) is that at (A, B). So H at (A, B) and H′ at (A M⁻¹, M B) are one form
    in two coordinates: H′ = TᴴH T with T (Ȧ, Ḃ) = (Ȧ M, M⁻¹ Ḃ), whose singular values are those of
    M and of M⁻¹. Let λ be the i-th eigenvalue of H, and H′ = Tᴴ(H − λ)T + λ TᴴT: the i-th
    eigenvalue of the first term is 0 (Sylvester), and the second moves it by λ times a number
    between the smallest and the largest eigenvalue of TᴴT (Weyl).
    """
    A, B, M = letter("A", "n", "p"), letter("B", "p", "m"), letter("M", "p", "p")
    invertible = Rule("M⁻¹ M = I", inverse(M) @ M, I("p"))
    return Proof([calc(A @ inverse(M) @ M @ B, invertible).step("M⁻¹ M = I", A @ B)])


counterexamples: dict[str, Gauged] = {}
