"""At the truth, the gradients of single samples have the covariance 2 s² ∇²L: SGD sees the Hessian.

The gradient of one sample is that of ‖y − A B x‖²; the covariance is over samples.

Hypotheses: the weights are the truth, y = A B x + ξ; ξ has mean 0 and Cov(ξ | x) = s² 1. Real data.

Equality: of all entries.

False at a PCA minimum, where what is left unexplained is not white and depends on x: for Gaussian
x = y with S = diag(3, 2, 1), p = 1, the decoder's part has the diagonal (0, 24, 12), that of the
Hessian is (6, 6, 6). The noise vanishes along the component that was found.

References: the information identity of maximum likelihood, textbook.

Post: E13, and the remark that noise "hints at how SGD can be used to get second order information":
at a truth with white noise yes, at an autoencoder's minimum no.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient, hessian
from proofs._calc import letter
from proofs._cases import RATIONALS, matrices
from proofs._instances import Case
from proofs._words import block, word

uses: list[ModuleType] = [gradient, hessian]


@dataclass(frozen=True, eq=False, repr=False)
class Law(Case):
    """Weights, s², and samples: columns of X and Y with probabilities."""

    A: Array
    B: Array
    variance: Fraction
    X: Array
    Y: Array
    probabilities: Array

    @property
    def moments(self) -> Moments:
        (X, Y), w = (self.X, self.Y), self.probabilities
        return Moments(*(rationals(P * w @ Q.T) for P, Q in ((X, X), (Y, X), (Y, Y))))


def truth(A: Array, B: Array, X: Array, noise: Array, variance: Fraction) -> Law:
    """Inputs of equal probability, and with each of them the columns of `noise`."""
    T, K = X.shape[1], noise.shape[1]
    inputs, errors = np.repeat(X, K, axis=1), np.tile(noise, (1, T))
    weights = rationals(np.full(T * K, Fraction(1, T * K)))
    return Law(A, B, variance, inputs, A @ B @ inputs + errors, weights)


def signs(n: int) -> Array:
    """All columns of n signs: as a law, white."""
    return rationals(list(product((-1, 1), repeat=n))).T


@st.composite
def hypotheses(draw: st.DrawFn) -> Law:
    """Any truth, up to three inputs, white noise."""
    sizes = [s for s in product((1, 2, 3), repeat=3) if s[1] * (s[0] + s[2]) <= 8]
    n, p, m = draw(st.sampled_from(sizes))
    A, B = draw(matrices(n, p, RATIONALS)), draw(matrices(p, m, RATIONALS))
    s = draw(st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 3)]))
    X = draw(matrices(m, draw(st.integers(1, 3)), RATIONALS))
    return truth(A, B, X, s * signs(n), s * s)


def conclusion(case: Law) -> None:
    """Slopes of the loss of each sample by definition, and the Hessian of `hessian`."""
    landscape = SquaredLoss(case.moments, case.A.shape[1])
    slopes = np.array(
        [_slope(case, x[:, None], y[:, None]) for x, y in zip(case.X.T, case.Y.T, strict=True)]
    ).T
    mean = slopes @ case.probabilities
    covariance = slopes * case.probabilities @ slopes.T - np.outer(mean, mean)
    H = landscape.hessian(case.A, case.B)
    diagonals = [list(map(float, M.diagonal())) for M in (covariance, 2 * case.variance * H)]
    assert np.array_equal(covariance, 2 * case.variance * H), "diagonals {} and {}".format(
        *diagonals
    )


def _slope(case: Law, x: Array, y: Array) -> Array:
    def loss(A: Array, B: Array) -> Fraction:
        return ((y - A @ (B @ x)) ** 2).sum()

    return calculus.gradient(loss, (case.A, case.B), 4)


def proof() -> None:
    """On the gradient and the Hessian-vector product that ship, for all sizes.

    With E = Ȧ B + A Ḃ, the slope of one sample along (Ȧ, Ḃ) is −2 Re ⟨ξ, E x⟩. Its mean is 0; its
    mean square is 4 s² E‖E x‖² = 4 s² tr(E Sxx Eᴴ), because Cov(ξ | x) = s² 1. The Hessian form at
    the truth, where Syx = A B Sxx, is 2 tr(E Sxx Eᴴ).
    """
    A, B, dA, dB = (letter(x, *s) for x, s in zip("ABȦḂ", ("np", "pm", "np", "pm"), strict=True))
    x, xi, Q = letter("x", "m", "1"), letter("ξ", "n", "1"), letter("Q", "m", "d")
    y, S, Syy = A @ B @ x + xi, Q @ Q.H, letter("Syy", "n", "n")
    E, weights, direction = (
        dA @ B + A @ dB,
        (block(A), block(B)),
        (block(dA), block(dB)),
    )
    sample = SquaredLoss(Moments(*(block(M) for M in (x @ x.H, y @ x.H, y @ y.H))), 1)
    gA, gB = (word(g) for g in sample.gradient(*weights))
    along = gradient.real_trace(dA @ gA.H, dB @ gB.H)
    assert along == gradient.real_trace(-2 * xi @ x.H @ E.H)

    whole = SquaredLoss(Moments(*(block(M) for M in (S, A @ B @ S, Syy))), 1)
    hA, hB = (word(h) for h in whole.hessian_vector(weights, direction))
    form = gradient.real_trace(dA @ hA.H, dB @ hB.H)
    assert form == gradient.real_trace(2 * E @ S @ E.H)


def _pca_minimum() -> Law:
    """Independent entries of x with variances 3, 2, 1 and fourth moments 27, 12, 3, as Gaussian
    ones have; A = Bᵀ the first component."""
    entries = [
        {0: Fraction(2, 3), 3: Fraction(1, 6)},
        {0: Fraction(1, 9), 1: Fraction(3, 8), 3: Fraction(5, 72)},
        {0: Fraction(1, 2), 1: Fraction(1, 6), 2: Fraction(1, 12)},
    ]
    laws = [{sign * x: w for x, w in entry.items() for sign in (-1, 1)} for entry in entries]
    outcomes = list(product(*(law.items() for law in laws)))
    X = rationals([[x for x, _ in pairs] for pairs in outcomes]).T
    weights = rationals([prod(w for _, w in pairs) for pairs in outcomes])
    first = rationals([[1], [0], [0]])
    return Law(first, first.T, Fraction(1, 2), X, X, weights)


_A, _B, _X = rationals([[1], [1]]), rationals([[1]]), rationals([[1, 2]])
counterexamples = {
    "the weights are the truth": _pca_minimum(),
    "ξ has mean 0": truth(_A, _B, _X, signs(2) + Fraction(1), Fraction(1)),
    "Cov(ξ | x) = s² 1, white": truth(_A, _B, _X, signs(2) * rationals([[1], [2]]), Fraction(1)),
    "Cov(ξ | x) = s² 1, for every x": Law(
        _B,
        _B,
        Fraction(5, 2),
        rationals([[1, 1, 2, 2]]),
        rationals([[2, 0, 4, 0]]),
        rationals(["1/4"] * 4),
    ),
}
