"""On every line the squared loss is a quartic, and its five coefficients are inner products.

With the errors E₀ = A B X − Y and what a direction does to them, E₁ = (Ȧ B + A Ḃ) X, E₂ = Ȧ Ḃ X,

    L(A + t Ȧ, B + t Ḃ) = ‖E₀‖² + 2t ⟨E₀, E₁⟩ + t² (‖E₁‖² + 2 ⟨E₀, E₂⟩) + 2t³ ⟨E₁, E₂⟩ + t⁴ ‖E₂‖².

The second derivative is therefore 2 tr(D Sxx Dᴴ) + 4 Re tr(Rᴴ Ȧ Ḃ), with D = Ȧ B + A Ḃ and the
residual moment R = A B Sxx − Syx; only its second term can be negative.

Hypotheses: none. Any data, weights and direction, real or complex; ⟨M, N⟩ = Re tr(Mᴴ N).

Equality: of all five coefficients, and of the second derivative with the Hessian that ships.

References: elementary.

Post: none by itself; why second-order information can be had from a few values of the loss (E13).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from linae.exact import Array, is_complex
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import hessian
from proofs._calc import letter
from proofs._cases import GAUSSIANS, RATIONALS, matrices, points
from proofs._instances import Case, Point
from proofs._words import block, word
from proofs.gradient import real_trace

uses: list[ModuleType] = [hessian]


@dataclass(frozen=True, eq=False, repr=False)
class Line(Case):
    """Weights, and a direction."""

    point: Point
    A_dot: Array
    B_dot: Array


@st.composite
def hypotheses(draw: st.DrawFn) -> Line:
    """Any weights in any landscape, any direction."""
    point = draw(points())
    numbers = GAUSSIANS if is_complex(point.A) else RATIONALS
    return Line(point, *(draw(matrices(*w.shape, numbers)) for w in point.weights))


def conclusion(case: Line) -> None:
    """Values of the loss at six places on the line; moments and Hessian give its middle one."""
    at, (A, B), dA, dB = case.point.instance, case.point.weights, case.A_dot, case.B_dot
    X, Y = at.samples
    E = A @ B @ X - Y, (dA @ B + A @ dB) @ X, dA @ dB @ X
    a, b, c, d, e = (
        _inner(E[0], E[0]),
        2 * _inner(E[0], E[1]),
        _inner(E[1], E[1]) + 2 * _inner(E[0], E[2]),
        2 * _inner(E[1], E[2]),
        _inner(E[2], E[2]),
    )
    for t in range(-2, 4):
        quartic = a + t * (b + t * (c + t * (d + t * e)))
        assert at.loss(A + t * dA, B + t * dB) == quartic, f"at t = {t}"
    S, D = at.moments, dA @ B + A @ dB
    R = A @ B @ S.Sxx - S.Syx
    assert 2 * c == 2 * _inner(D, D @ S.Sxx) + 4 * _inner(R, dA @ dB)
    hA, hB = at.landscape.hessian_vector((A, B), (dA, dB))
    assert 2 * c == _inner(dA, hA) + _inner(dB, hB)


def _inner(M: Array, N: Array) -> Any:
    """Re tr(Mᴴ N)."""
    return (M.conj() * N).sum().real


def proof() -> None:
    """For all sizes: a quartic is known from five values, as words up to the order of a trace."""
    A, B, dA, dB = (letter(x, *s) for x, s in zip("ABȦḂ", ("np", "pm", "np", "pm"), strict=True))
    X, Y = letter("X", "m", "N"), letter("Y", "n", "N")
    E, F, G = A @ B @ X - Y, (dA @ B + A @ dB) @ X, dA @ dB @ X
    a, b, c, d, e = E @ E.H, 2 * (E @ F.H), F @ F.H + 2 * (E @ G.H), 2 * (F @ G.H), G @ G.H
    for t in range(-2, 3):
        error = (A + t * dA) @ (B + t * dB) @ X - Y
        quartic = a + t * b + t**2 * c + t**3 * d + t**4 * e
        assert real_trace(error @ error.H) == real_trace(quartic)
    Sxx, Syx, D = X @ X.H, Y @ X.H, dA @ B + A @ dB
    form = 2 * (D @ Sxx @ D.H) + 4 * ((A @ B @ Sxx - Syx) @ (dA @ dB).H)
    assert real_trace(2 * c) == real_trace(form)
    landscape = SquaredLoss(Moments(block(Sxx), block(Syx), block(Y @ Y.H)), 1)
    product = landscape.hessian_vector((block(A), block(B)), (block(dA), block(dB)))
    hA, hB = (word(h) for h in product)
    assert real_trace(form) == real_trace(dA @ hA.H, dB @ hB.H)


counterexamples: dict[str, Line] = {}
