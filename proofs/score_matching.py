"""To denoise is to match the score: E‖r(x + ε) − x‖² / (2 s²) is score matching but for a constant.

Let s be the variance of the noise, q the density of x̃ = x + ε for finitely many x, smoothed data,
and ψ(x̃) = (r(x̃) − x̃)/s the score of the denoiser r. Then three objectives agree but for constants:

    denoising    E‖r(x̃) − x‖² / (2 s²)       =  implicit + n / (2 s)
    implicit     E[½‖ψ‖² + div ψ]
    explicit     ½ E‖ψ − ∇log q‖²            =  implicit + ½ E‖∇log q‖²

Hypotheses: ε is Gaussian, white and independent of x; r is differentiable, of polynomial growth.

Equality: for every r, so that all three have the same minima. Cases are polynomials of degree 2,
which a law with the moments of a Gaussian up to the fifth cannot tell from one.

References: Vincent 2011, Neural Computation 23; Hyvärinen 2005, JMLR 6 (wording not confirmed).

Post: F13 (a denoising autoencoder learns an energy; with sigmoid units that of `energy`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from proofs._cases import matrices
from proofs._instances import Case
from proofs.noise import FIVE_POINTS, Law, independent

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Denoiser(Case):
    """r(x)_i = a_i + B_i x + xᵀ Q_i x, data as columns, noise √s ξ with a finite law of ξ."""

    a: Array
    B: Array
    Q: Array
    X: Array
    root: Fraction
    law: Law

    def output(self, x: Array) -> Array:
        """r(x) for a column."""
        return rationals(self.a + self.B @ x + (self.Q @ x[:, 0] @ x[:, 0])[:, None])

    def score(self, x: Array) -> Array:
        """ψ(x)."""
        return (self.output(x) - x) / self.root**2

    def outcomes(self) -> list[tuple[Fraction, Array, Array]]:
        """Probability, x and x + √s ξ."""
        columns = [self.X[:, [k]] for k in range(self.X.shape[1])]
        moved = [(w / len(columns), self.root * rationals(xi)[:, None]) for w, xi in self.law]
        return [(w, x, x + step) for w, step in moved for x in columns]


@st.composite
def hypotheses(draw: st.DrawFn) -> Denoiser:
    """One or two dimensions, one or two samples."""
    n = draw(st.integers(1, 2))
    a, B, Q = draw(matrices(n, 1)), draw(matrices(n, n)), draw(matrices(n * n, n))
    X = draw(matrices(n, draw(st.integers(1, 2))))
    root = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3, 2)]))
    return Denoiser(a, B, Q.reshape(n, n, n), X, root, independent(FIVE_POINTS, n))


def conclusion(case: Denoiser) -> None:
    """Means over all outcomes, the divergence by differences; the explicit one by quadrature."""
    s, n = case.root**2, len(case.X)
    outcomes = case.outcomes()
    denoising = sum(w * ((case.output(y) - x) ** 2).sum() for w, x, y in outcomes) / (2 * s**2)
    implicit = sum(
        w * ((case.score(y) ** 2).sum() / 2 + divergence(case, y)) for w, _, y in outcomes
    )
    constant = Fraction(n) / (2 * s)
    assert denoising - implicit == constant, f"{denoising} − {implicit} is not {constant}"
    if n == 1:
        _explicit(case, float(implicit))


def divergence(case: Denoiser, y: Array) -> Any:
    """Of ψ, from its values."""
    _, first, _ = calculus.line_rule(2)
    units = rationals(np.eye(len(y), dtype=int))
    slopes = [
        sum(
            c * case.score(y + t * e[:, None])[i, 0] for t, c in zip((-1, 0, 1), first, strict=True)
        )
        for i, e in enumerate(units)
    ]
    return sum(slopes)


def _explicit(case: Denoiser, implicit: float) -> None:
    """Floating, by the trapezium rule, whose error vanishes faster than any power of its step."""
    data, s = case.X.astype(float), float(case.root) ** 2
    x = np.linspace(data.min() - 12 * s**0.5, data.max() + 12 * s**0.5, 2001)
    bells = np.exp(-((x[:, None] - data) ** 2) / (2 * s)) / np.sqrt(2 * np.pi * s)
    q = bells.mean(axis=1)
    slope = (bells * (data - x[:, None])).mean(axis=1) / s / q
    a, B, Q = (float(M.item()) for M in (case.a, case.B, case.Q))
    psi = (a + B * x + Q * x * x - x) / s
    explicit, constant = (np.trapezoid(q * f, x) / 2 for f in ((psi - slope) ** 2, slope**2))
    scale = 1 + np.trapezoid(q * psi**2, x)
    assert abs(explicit - implicit - constant) < 1e-10 * scale


_SKEW = {Fraction(2): Fraction(1, 5), Fraction(-1, 2): Fraction(4, 5)}


def _denoiser(entry: dict[Any, Fraction]) -> Denoiser:
    """r(x) = x + x², one sample at 0, s = 1."""
    zero, one = rationals([[0]]), rationals([[[1]]])
    return Denoiser(zero, one[0], one, zero, Fraction(1), independent(entry, 1))


counterexamples = {
    "ε is Gaussian: third moment": _denoiser(_SKEW),
    "ε is of variance s": _denoiser({-2: Fraction(1, 2), 2: Fraction(1, 2)}),
}
