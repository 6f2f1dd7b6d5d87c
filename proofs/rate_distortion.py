"""A linear β-VAE codes on the rate–distortion curve: KL = R(θ) and error D(θ), with θ = β σ².

Among codes of error at most D(θ) = Σ min(λ_i, θ), none of a Gaussian x needs fewer nats than R(θ) =
½ Σ log⁺(λ_i/θ). The β-VAE z = B x + noise of variances d, x̂ = A z, minimises error + 2 θ KL with

    A = U_r (Λ_r − θ)^½,    B = Λ_r⁻¹ (Λ_r − θ)^½ U_rᵀ,    d = θ/λ,

the other units off, d = 1; KL is the mean divergence of the code of x from 𝒩(0, 1).

Hypotheses: Gaussian x, or else R is only an upper bound for what it needs; p >= the number of
λ > θ; the weights are the optimum.

Equality: of KL and R, of error and D. So no linear encoder of whatever width does better: KL is at
least the information of z on x, that at least R(error), and 2 θ R + D is least at θ. PCA of width p
keeps nothing of the other components and everything of these, for which no rate is enough.

References: Cover and Thomas, Elements of Information Theory, reverse water-filling; for the β-VAE
compare Alemi et al. 2018, ICML (wording not confirmed).

Post: F17 ("as compressors": the β-VAE is the optimal one for Gaussian data, PCA is not).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.compression import WaterFilling
from linae.exact import Array, floating, rationals
from proofs._auto import Auto, frames, ranks, sizes, total
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Code(Case):
    """An encoder B with noise of variances d, a decoder A, and θ; another encoder to compare."""

    at: Auto
    level: Any
    A: Array
    B: Array
    d: Array
    other: Array

    def error(self, A: Array, B: Array) -> Any:
        """E‖x − A z‖²."""
        return self.at.error(A @ B) + total(A * A * self.d)

    def divergence(self, B: Array) -> Any:
        """Twice KL, without − Σ log d."""
        return total(B @ self.at.S * B) + sum(self.d) - len(self.d)

    @cached_property
    def volume(self) -> Any:
        """e^(2 KL), where `divergence` is 0."""
        return 1 / prod(self.d)


@st.composite
def hypotheses(draw: st.DrawFn) -> Code:
    """λ = θ + c² with c rational, or λ <= θ; units off in any place."""
    n, p = draw(sizes(4))
    theta = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)]))
    r = draw(ranks(min(n, p)))
    c = sorted((draw(ROOTS) for _ in range(r)), reverse=True)
    off = sorted(
        (draw(st.sampled_from([1, Fraction(1, 3), 0])) for _ in range(n - r)), reverse=True
    )
    values = (*(theta + x * x for x in c), *(theta * x for x in off))
    at = Auto(draw(frames(n)), values, p)
    return optimum(at, theta, c, draw(st.permutations(range(p))), draw(matrices(p, n)))


ROOTS = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(3, 2)])


def optimum(at: Auto, theta: Any, c: Any, order: Any, other: Array) -> Code:
    """The closed form; c are the roots of λ − θ."""
    r, p = len(c), at.width
    kept, roots = np.array(at.values[:r], dtype=object), np.array(c, dtype=object)
    A, B = rationals(np.zeros((len(at.U), p), dtype=int)), rationals(np.zeros((p, len(at.U)), int))
    d = rationals(np.ones(p, dtype=int))
    A[:, :r], B[:r], d[:r] = at.U[:, :r] * roots, (at.U[:, :r] * (roots / kept)).T, theta / kept
    order = list(order)
    return Code(at, theta, A[:, order], B[order], d[order], other)


def conclusion(case: Code) -> None:
    """By the definitions of KL and error; derivatives from values; codes that compete."""
    water, (A, B, d) = WaterFilling(case.at.values, case.level), (case.A, case.B, case.d)
    assert case.divergence(B) == 0
    assert case.volume == water.volume, f"e^2KL = {case.volume}, e^2R = {water.volume}"
    assert case.error(A, B) == water.distortion, f"{case.error(A, B)} for {water.distortion}"
    slope = calculus.gradient(
        lambda A, B: case.error(A, B) + case.level * case.divergence(B), (A, B), 4
    )
    assert not slope.any()
    assert np.array_equal((A * A).sum(axis=0) + case.level, case.level / d), "d is not best"
    if water.volume > 1:
        assert WaterFilling.at_distortion(case.at.values, water.distortion).level == case.level
    _competing(case, water)


def _competing(case: Code, water: WaterFilling) -> None:
    """Other shares of the same error need a larger product of λ/δ; another encoder, floating, has
    no smaller error + 2 θ KL, whatever its decoder and noise."""
    values = case.at.values
    shares = [Fraction(k + 1, k + 2) * x for k, x in enumerate(water.distortions)]
    first = min(values[0], shares[0] + water.distortion - sum(shares))
    shares[0] = max(shares[0], first)
    if all(shares):
        assert prod(values) / prod(shares) >= water.volume
    S, B, theta = floating(case.at.S), floating(case.other), float(case.level)
    d = 1 / (1 + np.arange(len(B)))
    cross, code = S @ B.T, B @ S @ B.T + np.diag(d)
    error = np.trace(S) - np.trace(cross @ np.linalg.solve(code, cross.T))
    twice = np.trace(B @ S @ B.T) + (d - 1 - np.log(d)).sum()
    least = float(water.distortion) + 2 * theta * water.rate
    assert error + theta * twice > least - 1e-9 * (1 + least)


def figure(ax: Any) -> None:
    """β-VAEs are on R(D); PCA of p components, with equal errors, leaves it for infinite rates."""
    values = np.array([4, 2, 1, 0.3, 0.05])
    curve = [WaterFilling(values, t) for t in np.geomspace(0.01, 4, 300)]
    ax.plot([w.distortion for w in curve], [w.bits for w in curve], color="#0072B2", lw=2.5)
    for p in range(1, 4):
        level = np.geomspace(1e-7, values[p - 1], 400)
        error = p * level + values[p:].sum()
        bits = np.log2(np.divide.outer(values[:p], level)).sum(axis=0) / 2
        name = "PCA, p = 1 to 3" if p == 1 else None
        ax.plot(error, bits, color="#7a7a7a", lw=1.2, label=name)
        ax.text(values[p:].sum() + 0.15, 9.6, f"p = {p}", va="center")
    for beta in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2):
        kept = values[values > beta]
        at = Auto(np.eye(5), tuple(values), 5)
        code = optimum(at, beta, np.sqrt(kept - beta), range(5), np.eye(5))
        error, bits = code.error(code.A, code.B), np.log2(float(code.volume)) / 2
        ax.plot(error, bits, "o", color="#D55E00", label="β-VAE" if beta == 0.05 else None)
    ax.plot([], [], color="#0072B2", lw=2.5, label="R(D)")
    ax.set(xlabel="expected squared error D", ylabel="bits", xlim=(0, 7.6), ylim=(0, 10))
    ax.legend(frameon=False)


def _code(p: int, grown: int) -> Code:
    """λ = (5, 2), θ = 1."""
    at = Auto(rationals([[1, 0], [0, 1]]), (Fraction(5), Fraction(2)), p)
    code = optimum(at, Fraction(1), [Fraction(2), Fraction(1)][:p], range(p), at.U[:p])
    return Code(at, code.level, grown * code.A, code.B, code.d, code.other)


counterexamples = {
    "p >= the number of λ > θ": _code(1, 1),
    "the weights are the optimum": _code(2, 2),
}
