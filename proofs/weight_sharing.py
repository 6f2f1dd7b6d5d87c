"""Weight sharing costs no loss if the best map is symmetric and semidefinite, and only then.

The least loss over maps A Aᵀ is that over maps A B iff some best A B is symmetric and positive
semidefinite. So it is for clean data, where it is the projection on the leading components, and
for white noise of second moment ν, where it is U_p diag(λ/(λ + ν)) U_pᵀ.

Hypotheses: auto-association, Y = X; the noise of the inputs is white, or there is none.

Equality: of the two least losses. With weight decay all critical points are tied (`weight_decay`).
With noise of second moment N = diag(1, 0) and S = [2 1; 1 2] the losses differ: 3/5 and 16/25 for
p = 2, 1.25597 and 1.35531 for p = 1 (floating). For targets y = −x the tied network is best at
A = 0. What sharing does to the landscape, where it costs nothing in value: `tied`.

References: elementary.

Post: E19 and F15 ("Weight sharing does worse?!!?": in value no for clean data, white noise and
weight decay, yes for other noise, other metrics and other targets; better for contractive penalties
and as an energy. It is twice as fast in time, and not in steps: `tied_speed`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, floating, rationals, solve
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import product_decay, tied, weight_decay
from proofs._auto import Auto, frames, sizes, spectra
from proofs._calc import I, Proof, Rule, calc, inverse, letter
from proofs._instances import Case

uses: list[ModuleType] = [product_decay, tied, weight_decay]


@dataclass(frozen=True, eq=False, repr=False)
class Noisy(Case):
    """Inputs x + e with noise e of second moment N, targets T x."""

    at: Auto
    N: Array

    def loss(self, W: Array) -> Any:
        """E‖T x − W (x + e)‖²."""
        return self.at.error(W) + ((W @ self.N) * W).sum()

    @cached_property
    def best(self) -> Array:
        """The best map of rank p; the regression of T x if p >= n."""
        S, T, p = self.at.S, self.at.target, self.at.width
        landscape = SquaredLoss(Moments(S + self.N, T @ S, T @ S @ T.T), p)
        if p >= len(S):
            return landscape.spectrum.regression
        A, B = next(landscape.critical_classes()).weights()
        return A @ B


@st.composite
def hypotheses(draw: st.DrawFn) -> Noisy:
    """Any S, singular and tied ones too."""
    n, p = draw(sizes(12))
    at = Auto(draw(frames(n)), draw(spectra(n)), p)
    nu = draw(st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 2)]))
    return Noisy(at, nu * eye(n, at.U))


def conclusion(case: Noisy) -> None:
    """The best map of rank p is symmetric and semidefinite: it is A Aᵀ for some A of p columns."""
    W = case.best
    assert np.array_equal(W, W.T), f"the best map {W} is not symmetric"
    assert not inertia(W).negative, f"the best map {W} is not semidefinite"
    nu = case.N[0, 0]
    gains = [x * x / (x + nu) for x in case.at.values[: case.at.width] if x]
    assert case.loss(W) == sum(case.at.values) - sum(gains)


def best_symmetric(case: Noisy) -> Array:
    """The best symmetric map, by its normal equations W M + M W = 2 S, M = S + N regular."""
    S, M = case.at.S, case.at.S + case.N
    one = eye(len(S), S)
    return solve(np.kron(one, M) + np.kron(M, one), 2 * S.reshape(-1, 1)).reshape(S.shape)


def best_shared(case: Noisy, rng: np.random.Generator, starts: int) -> float:
    """Floating: the least loss over maps A Aᵀ that quasi-Newton descents find."""
    from scipy.optimize import minimize

    S, N, one = floating(case.at.S), floating(case.N), np.eye(len(case.at.S))
    shape = len(S), case.at.width

    def loss(vector: Array) -> float:
        A = vector.reshape(shape)
        W = A @ A.T
        return float((((one - W) @ S) * (one - W)).sum() + ((W @ N) * W).sum())

    return min(minimize(loss, rng.standard_normal(shape).ravel()).fun for _ in range(starts))


def proof() -> Proof:
    """For all sizes. If some best A B is symmetric and semidefinite it is C Cᵀ with C of as many
    columns as its rank, at most p. Conversely A Aᵀ is both.

    For clean data P = U_J U_Jᵀ, J leading, is a best map by `critical_points`. For white noise,
    R = (S + ν)⁻¹, it is W = P S R by `product_decay`. As P commutes with S, the chains, for ν = 1,
    say that it commutes with R, and that W = Wᵀ; so W is P S R P, semidefinite as S R is.
    """
    S, P = letter("S", "n", "n"), letter("P", "n", "n")
    R = inverse(S + I("n"))
    left = Rule("R (S + 1) = 1", R @ (S + I("n")), I("n"))
    right = Rule("(S + 1) R = 1", (S + I("n")) @ R, I("n"))
    commute = Rule("P S = S P", P @ S, S @ P)
    turned = (
        calc(R @ P, left, right, commute)
        .step(right.name, R @ P @ (S + I("n")) @ R)
        .step(commute.name, R @ (S + I("n")) @ P @ R)
        .step(left.name, P @ R)
    )
    symmetric = (
        calc(R @ S @ P, commute, left, right, turned.lemma("R P = P R"))
        .step(commute.name, R @ P @ S)
        .step("R P = P R", P @ R @ S)
        .step(left.name, P - P @ R)
        .step(right.name, P @ S @ R)
    )
    return Proof([turned, symmetric])


def figure(ax: Any) -> None:
    """Sharing weights costs loss if noise is in the first input only, and none if it is in both."""
    from linae.plot.style import BLUE, GREY, VERMILION

    at, strengths = anisotropic(2), [Fraction(k, 8) for k in range(49)]
    losses = []
    for v in strengths:
        first, both = replace(at, N=v * at.N), replace(at, N=v * eye(2, at.N))
        tied, white = best_symmetric(first), best_symmetric(both)
        assert not inertia(tied).negative
        assert not inertia(white).negative
        losses.append([both.loss(white), first.loss(tied), first.loss(first.best)])
    white, tied, free = floating(rationals(losses)).T
    x = np.array(strengths, dtype=float)
    ax.plot(x, white, color=GREY)
    ax.plot(x, tied, color=VERMILION)
    ax.plot(x, free, color=BLUE)
    ax.text(2, white[16] + 0.1, "noise in both inputs,\ntied and untied", ha="right")
    ax.text(6.1, tied[-1], "tied, A Aᵀ", color=VERMILION, va="center")
    ax.text(6.1, free[-1], "untied, A B", color=BLUE, va="center")
    ax.set(xlabel="variance of the noise", ylabel="least loss", xlim=(0, 6), ylim=(0, None))


def anisotropic(width: int) -> Noisy:
    """S = [2 1; 1 2] and noise in the first input only."""
    one = rationals(np.eye(2, dtype=int))
    turned = rationals([[1, 1], [1, -1]])
    at = Auto(turned, (Fraction(3, 2), Fraction(1, 2)), width)
    return Noisy(at, np.diag(one[0]))


_one = rationals(np.eye(2, dtype=int))
counterexamples = {
    "the noise of the inputs is white": anisotropic(2),
    "Y = X": Noisy(Auto(_one, (Fraction(2), Fraction(1)), 1, -_one), 0 * _one),
}
