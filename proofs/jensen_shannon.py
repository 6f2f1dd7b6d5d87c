"""The best critic tells the Jensen–Shannon divergence: its game has the value −log 4 + 2 JSD.

For real x ~ p and fake x ~ q, max over C of E_p log C + E_q log (1 − C) is at C = p/(p + q), and

    V = −log 4 + 2 JSD(p ‖ q),    JSD = ½ KL(p ‖ m) + ½ KL(q ‖ m),    m = (p + q)/2.

JSD lies between 0, for p = q only, and log 2, where p and q are mutually singular, and only there.
Let q move, and the critic stay at C = p/(p + q). Then the slopes are

    of E_q log (1 − C)      that of 2 JSD                   (saturating)
    of −E_q log C           that of KL(q ‖ p) − 2 JSD       (non-saturating).

Hypotheses: the critic is any function of x into [0, 1], and the two terms have the same weight; for
the slopes, p and q have the same support.

Equality: of the value and of both slopes. For Gaussians the logit
log C/(1 − C) is ½ xᵀ (Q⁻¹ − P⁻¹) x and an affine function, with P and Q the covariances: the critic
learns a difference of precisions, which is affine if and only if they agree. JSD has no closed form
there; it is near Δ²/8 for means at a small Mahalanobis distance Δ, and near ‖K − 1‖²/16 for N(0, K)
and N(0, 1).

References: Goodfellow et al. 2014, arXiv:1406.2661, Proposition 1 and Theorem 1; Arjovsky and
Bottou 2017, arXiv:1701.04862, for the slopes (wordings not confirmed).

Post: F8 ("GANs relation to JSD?": the value of the best critic, and half of the slope).
"""

from __future__ import annotations

from fractions import Fraction
from math import log
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import minimize

from linae.divergences import Normal, jensen_shannon
from linae.exact import Array
from linae.plot.style import BLUE, GREY, VERMILION
from proofs._games import Rivals, likelihood, opposite, rivals

uses: list[ModuleType] = []


def hypotheses() -> st.SearchStrategy[Rivals]:
    """Samples of letters, some only real or only fake."""
    return rivals()


def conclusion(case: Rivals) -> None:
    """Of exponentials of N times the values, exactly; slopes by complex steps, floating."""

    def game(chances: list[Fraction]) -> Fraction:
        return likelihood(chances, case.real) * likelihood(opposite(chances), case.fake)

    count, best, real, fake = sum(case.real), case.best, case.real, case.fake
    middle = [Fraction(a + b, 2 * count) for a, b in zip(real, fake, strict=True)]
    ratios = [
        [Fraction(k, count) / m for k, m in zip(counts, middle, strict=True)]
        for counts in (real, fake)
    ]
    divergence = likelihood(ratios[0], real) * likelihood(ratios[1], fake)  # exp of 2 N JSD
    assert game(best) * 4**count == divergence, "another value"
    assert game(case.critic) <= game(best)
    assert (game(case.critic) == game(best)) == (case.critic == best)
    assert 1 <= divergence <= 4**count
    assert (divergence == 1) == (real == fake)
    assert (divergence == 4**count) == (not any(a * b for a, b in zip(real, fake, strict=True)))
    _slopes(case)


def _slopes(case: Rivals) -> None:
    """Where a share of q moves from one letter to another, both real."""
    p, q = case.laws
    shared = np.flatnonzero(p * q)
    if len(shared) < 2:
        return
    step = np.zeros_like(q)
    step[shared[:2]] = 1, -1
    C = p / (p + q)
    with np.errstate(divide="ignore"):
        saturating, other = np.log(1 - C)[shared] @ step[shared], -np.log(C)[shared] @ step[shared]
    js = _complex_slope(
        lambda q: _divergence(q, (p + q) / 2) + _divergence(p, (p + q) / 2), q, step
    )
    kl = np.log(q[shared] / p[shared]) @ step[shared]  # Σ step vanishes
    assert abs(saturating - js) < 1e-12 * (1 + abs(js))
    assert abs(other - (kl - js)) < 1e-12 * (1 + abs(js) + abs(kl))


def _divergence(of: Array, to: Array) -> Any:
    """KL."""
    inside = of != 0
    return (of[inside] * np.log(of[inside] / to[inside])).sum()


def _complex_slope(function: Any, at: Array, step: Array) -> float:
    """Im f(q + i h step)/h, without a difference."""
    tiny = 1e-30
    return float(function(at + 1j * tiny * step).imag / tiny)


def trained_critic(distance: float) -> float:
    """The value that logistic regression reaches on N(0, 1) and N(distance, 1): affine logits, by
    gradient descent of SciPy on a grid; no closed form is known to it."""
    x = np.linspace(-9, 9 + distance, 2001)
    p, q = (np.exp(-((x - mean) ** 2) / 2) for mean in (0, distance))
    p, q = p / p.sum(), q / q.sum()

    def price(logit: Array) -> float:
        z = logit[0] + logit[1] * x
        return float(p @ np.logaddexp(0, -z) + q @ np.logaddexp(0, z))

    return -float(minimize(price, np.zeros(2), tol=1e-12).fun)


def figure(ax: Any) -> None:
    """JSD of N(0, 1) and N(Δ, 1), and what a trained critic tells of it: (V + log 4)/2."""
    distances, trained = np.linspace(0, 6, 61), np.linspace(0, 6, 13)
    exact = [jensen_shannon(Normal([0], [[1]]), Normal([d], [[1]])) for d in distances]
    near = distances[distances < 2.3]
    ax.plot(near, near**2 / 8, color=GREY, lw=1, ls="--")
    ax.axhline(log(2), color=GREY, lw=1, ls=":")
    ax.plot(distances, exact, color=BLUE)
    found = [(trained_critic(d) + log(4)) / 2 for d in trained]
    ax.plot(trained, found, "o", color=VERMILION)
    ax.text(0.15, log(2) + 0.015, "log 2", color=GREY)
    ax.text(1.0, 0.42, "Δ²/8", color=GREY)
    ax.text(3.2, 0.48, "JSD", color=BLUE)
    ax.text(3.2, 0.4, "trained critic", color=VERMILION)
    ax.set(xlabel="distance Δ of the means", ylabel="JSD (nats)", ylim=(-0.02, 0.76))


counterexamples = {
    "the two terms have the same weight": Rivals((1, 2), (1, 1), (Fraction(1), Fraction(2))),
}
