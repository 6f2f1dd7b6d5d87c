"""Noise of the inputs shrinks components; if it is white it keeps their order, else it may not.

For independent noise e of mean 0 and second moment N, and all weights,

    E‖x − A B (x + e)‖²  =  E‖x − A B x‖² + tr A B N (A B)ᵀ:

the squared loss of Sxx = S + N, Syx = Syy = S, with Σ = S (S + N)⁻¹ S. The best map of full rank,
S (S + N)⁻¹, is symmetric iff N S = S N. For N = ν:

- the best multiple of u uᵀ is λ/(λ + ν), and its gain λ²/(λ + ν) increases with λ: the classes are
  those without noise, of the same index (and nullity, if S is regular) and in the same order;
- the best map of any rank is a contraction: iterates go to the mean, as (λ₁/(λ₁ + ν))ᵗ;
- under the flow a balanced component w = ab, a = b, of an aligned start has ẇ = 4w (λ − (λ + ν) w):
  w = w∞ / (1 + (w∞/w₀ − 1) e^{−4λt}), w∞ = λ/(λ + ν). Noise changes the limit, and not the rate.

Hypotheses: real auto-association, Y = X; e is independent of x, and its mean is 0; for the order,
the contraction and the flow, N = ν with ν > 0. Any law of x and of e.

Equality: at all weights, and of maps, gains and velocities. For S = diag(2, 1), N = diag(10, 0) the
eigenvalues of Σ are 1/3 and 1: the smaller component is kept.

References: Pretorius, Kroon and Kamper 2018, arXiv:1806.05413 (wording not confirmed).

Post: F1 (the denoising loss needs its expectation over noise), F3 (for linear maps noise is the
penalty ν ‖A B‖² of the Jacobian, exactly; else `jacobian_penalty`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, inverse, rank, rationals
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.supervision import denoise
from proofs import inertia as inertias
from proofs import modes, product_decay
from proofs._auto import Auto, frames, sizes, spectra
from proofs._cases import matrices
from proofs._instances import Case
from proofs._laws import Law, signs, spoiled

uses: list[ModuleType] = [inertias, modes, product_decay]


@dataclass(frozen=True, eq=False, repr=False)
class Noisy(Case):
    """Inputs with second moment U diag(s²) Uᵀ and their noise.

    Attributes
    ----------
    law : Law
        Of noisy inputs and clean targets.
    N : (n, n)
        Claimed of the noise.
    variance : number, optional
        ν, if the noise is claimed to be white.
    """

    at: Auto
    law: Law
    N: Array
    A: Array
    B: Array
    variance: Fraction | None = None

    def loss(self, A: Array, B: Array) -> Any:
        """The definition, over all outcomes."""
        return self.law.quick_loss(A @ B)

    @cached_property
    def landscape(self) -> SquaredLoss:
        return SquaredLoss(denoise(Moments.auto(self.at.S), self.N), self.at.width)


def four_points(U: Array, s: Any) -> Array:
    """Points 2 sᵢ uᵢ, filled up with zeros to four: of second moment U diag(s²) Uᵀ."""
    points = 2 * U * np.array(s, dtype=object)
    return rationals(np.concatenate([points, 0 * np.resize(points, (len(U), 4 - len(U)))], axis=1))


@st.composite
def hypotheses(draw: st.DrawFn) -> Noisy:
    """Two in three with white noise; the others with any, or with the axes of the data."""
    n, p = draw(sizes(4).filter(lambda size: size[0] < 4))
    U, s = draw(frames(n)), draw(spectra(n))
    nu = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2), None]))
    if nu is not None:
        F = nu * draw(frames(n))
    else:
        F = draw(matrices(n, n)) if draw(st.booleans()) else U * draw(matrices(1, n))
    at, law = Auto(U, tuple(x * x for x in s), p), spoiled(four_points(U, s), signs(F))
    A, B = draw(matrices(n, p)), draw(matrices(p, n))
    return Noisy(at, law, F @ F.T, A, B, None if nu is None else nu * nu)


def conclusion(case: Noisy) -> None:
    """By outcomes; the best maps by their gradient; order and rates by values along lines."""
    at, S, N, W = case.at, case.at.S, case.N, case.A @ case.B
    assert case.law.loss(W) == at.error(W) + ((W @ N) * W).sum(), "not tr W N Wᵀ"
    assert case.law.loss(W) == case.loss(case.A, case.B) == case.landscape.loss(case.A, case.B)
    if rank(S + N) == len(S):
        best = S @ inverse(S + N)
        assert not np.any(calculus.gradient(case.law.quick_loss, [best], 2)), "not the best map"
        assert np.array_equal(best, best.T) == np.array_equal(N @ S, S @ N)
    if case.variance is not None:
        _order(case)
        _contraction(case)
        _velocity(case)


def _order(case: Noisy) -> None:
    """What each component gains, from the parabola of its multiples; and the classes."""
    at, nu, gains, shares = case.at, case.variance, [], []
    for u in at.U.T:
        line = np.outer(u, u)
        slope, curvature = calculus.along_line(case.law.quick_loss, [0 * line], [line], 2)
        gains.append(slope**2 / (2 * curvature))
        shares.append(-slope / curvature)
    assert gains == sorted(gains, reverse=True), "another order"
    assert shares == [x / (x + nu) for x in at.values], "another shrinkage"
    assert gains == [x * x / (x + nu) for x in at.values]
    plain = SquaredLoss(Moments.auto(at.S), at.width)
    noisy, clean = ({c.index_set: c for c in x.critical_classes()} for x in (case.landscape, plain))
    assert {J: c.index for J, c in noisy.items()} == {J: c.index for J, c in clean.items()}
    assert at.rank < len(at.U) or all(c.inertia == clean[J].inertia for J, c in noisy.items())


def _contraction(case: Noisy) -> None:
    """λ₁/(λ₁ + ν) is the largest eigenvalue of the symmetric best map, −0 the least."""
    best = next(case.landscape.critical_classes()).weights()
    W, top = best[0] @ best[1], case.at.values[0]
    rate, u = top / (top + case.variance), case.at.U[:, 0]
    assert not np.any(calculus.gradient(case.loss, best, 4))
    assert np.array_equal(W, W.T)
    assert inertia(W).negative == inertia(rate * eye(len(W), W) - W).negative == 0
    if case.at.values.count(top) == 1:
        assert np.array_equal(W @ u, rate * u)
    assert rate < 1


def _velocity(case: Noisy) -> None:
    """ẇ = −(b ∂ₐ + a ∂_b) L at a = b from outcomes; then that the logistic curve has it."""
    at, nu, a, E = case.at, case.variance, Fraction(2, 3), Fraction(3, 5)
    for u, x in zip(at.U.T, at.values, strict=True):
        weights = [a * u[:, None], a * u[None]]
        directions = [u[:, None], 0 * u[None]], [0 * u[:, None], u[None]]
        slopes = [calculus.along_line(case.loss, weights, d, 4)[0] for d in directions]
        w = a * a
        assert -a * sum(slopes) == 4 * w * (x - (x + nu) * w), "another velocity"
        if x:  # along the curve, with E = e^{−4λt} and Ė = −4λE
            end = x / (x + nu)
            at_E = end / (1 + (end / w - 1) * E)
            moved = 4 * x * E * (end / w - 1) * at_E**2 / end
            assert moved == 4 * at_E * (x - (x + nu) * at_E)


def figure(ax: Any) -> None:
    """Gains of S = diag(2, 1): white noise keeps their order, noise of the first input swaps it."""
    from linae.plot.style import BLUE, GREY, VERMILION

    nu = np.linspace(0, 6, 121)
    first, second = (x * x / (x + nu) for x in (2.0, 1.0))
    ax.plot(nu, first, color=BLUE, label="λ = 2, in either noise")
    ax.plot(nu, second, color=VERMILION, label="λ = 1, in white noise")
    ax.plot(nu, 0 * nu + 1, color=VERMILION, ls="--", label="λ = 1, noise of the other input")
    ax.plot(2, 1, "o", color=GREY, label="the order flips")
    ax.set(xlabel="variance ν of the noise", ylabel="gain λ²/(λ + ν) of a component")
    ax.set(xlim=(0, 6), ylim=(0, 2.05))
    ax.legend()


def _case(noise: Any, law: Law, variance: Any = 1, targets: Any = None) -> Noisy:
    """S = diag(4, 1)."""
    at = Auto(_one, (Fraction(4), Fraction(1)), 1, targets)
    A, B = rationals([[1], [1]]), rationals([[1, 2]])
    return Noisy(at, law, rationals(noise), A, B, variance and Fraction(variance))


def _moved(points: Any, noises: Any) -> Law:
    """Points, equally likely, each with its own noise."""
    X, E = rationals(points).T, rationals(noises).T
    return Law(rationals([1] * X.shape[1]) / Fraction(X.shape[1]), X + E, X)


_one = rationals(np.eye(2, dtype=int))
_points = four_points(_one, (2, 1))
_same, _other = [[1, 1], [-1, -1]], [[1, -1], [-1, 1]]

counterexamples = {
    "N = ν": _case([[16, 0], [0, 0]], spoiled(_points, signs(rationals([[4], [0]])))),
    "e is independent of x": _case(
        _one, _moved([[4, 0], [-4, 0], [0, 2], [0, -2], *[[0, 0]] * 4], [*_same * 2, *_other * 2])
    ),
    "its mean is 0": _case([[1, 1], [1, 1]], _moved(_points.T, [[1, 1]] * 4), variance=None),
    "Y = X": _case(_one, spoiled(_points, signs(_one)), targets=-_one),
}
