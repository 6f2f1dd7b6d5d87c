"""With its labels swapped, the game of the post has no solution: the critic goes to C ≡ 1.

The post gives the discriminator L_C = −log C(D(z)), and the generator
L_D = −log (1 − C(D(z))) − log C(x). As they stand:

    critic       L_C falls whenever C rises on fakes; its infimum 0 is not attained, and C ≡ 1 is
                 its limit, where L_D is infinite
    generator    at a constant critic L_D is the same for all generators

The other way round they are the losses of the discriminator and of the non-saturating generator,
without any other change: L_D is least for the critic at C = p/(p + q).

Hypotheses: the critic is any function of x into (0, 1), given by finite odds C/(1 − C); p and q
have the same support.

Equality: at C = p/(p + q) only: other odds have a larger L_D.

References: Goodfellow et al. 2014, arXiv:1406.2661, for the losses (wording not confirmed).

Post: F6 (the labels of its two adversarial losses are swapped; each formula is right for the other
player), F22 (why: D is a decoder here, and the discriminator where GANs are at home).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from linae.energy import sigmoid, softplus
from linae.exact import Array
from linae.plot.style import BLUE, GREY, VERMILION
from proofs import jensen_shannon
from proofs._games import Rivals, likelihood, opposite, rivals

uses: list[ModuleType] = [jensen_shannon]


def hypotheses() -> st.SearchStrategy[Rivals]:
    """Samples of letters, each real and fake."""
    return rivals(least=1)


def conclusion(case: Rivals) -> None:
    """Of exponentials of −N times the losses, exactly: greater means better."""
    for_critic, for_generator = _literal(case)
    raised = _literal(replace(case, odds=tuple(10 * w for w in case.odds)))
    assert raised[0] > for_critic, "the critic is at its best"
    sure = _literal(replace(case, odds=tuple(10**4 + w for w in case.odds)))
    assert sure[0] > 1 - sum(case.fake) * Fraction(1, 10**4)
    assert sure[1] <= Fraction(1, 10**4) ** sum(case.fake)
    flat = replace(case, odds=case.odds[:1] * len(case.odds))
    moved = replace(flat, fake=(*flat.fake[1:], flat.fake[0]))
    assert _literal(flat)[1] == _literal(moved)[1], "a constant critic tells generators apart"
    best = tuple(Fraction(a, b) for a, b in zip(case.real, case.fake, strict=True))
    least = _literal(replace(case, odds=best))[1]  # L_D, for the critic
    assert for_generator <= least
    assert (for_generator == least) == (case.odds == best)


def _literal(case: Rivals) -> tuple[Fraction, Fraction]:
    """exp(−N L_C) and exp(−N L_D), as the post writes them."""
    C = case.critic
    return likelihood(C, case.fake), likelihood(opposite(C), case.fake) * likelihood(C, case.real)


class Run(NamedTuple):
    """What a game did, step by step: fakes are N(shift, 1), real ones N(0, 1), and the critic has
    the logit bias + slope x."""

    shift: Array
    bias: Array
    for_critic: Array
    for_generator: Array


def played(steps: int, rate: float, *, literal: bool, start: float = 2) -> Run:
    """Both players descend in turns on their losses, with the labels of the post, or the right
    ones; expectations by Gauss and Hermite."""
    x, weights = np.polynomial.hermite_e.hermegauss(30)
    weights = weights / weights.sum()
    shift, bias, slope = start, 0.0, 0.0
    rows = []
    for _ in range(steps):
        fake, real = bias + slope * (x + shift), bias + slope * x
        doubt, believed = weights * sigmoid(-fake), weights * sigmoid(fake)
        missed = weights * sigmoid(-real)
        L_C = weights @ softplus(-fake)
        L_D = weights @ (softplus(fake) + softplus(-real))
        rows.append((shift, bias, L_C, L_D) if literal else (shift, bias, L_D, L_C))
        if literal:
            shift -= rate * slope * believed.sum()
            bias, slope = bias + rate * doubt.sum(), slope + rate * (doubt @ (x + shift))
        else:
            shift += rate * slope * doubt.sum()
            bias += rate * (missed.sum() - believed.sum())
            slope += rate * (missed @ x - believed @ (x + shift))
    return Run(*np.array(rows).T)


def best_response(steps: int, rate: float, start: float = 2) -> Array:
    """Shifts of a generator whose critic is at its best throughout, in the right game."""
    x, weights = np.polynomial.hermite_e.hermegauss(30)
    shift, shifts = start, []
    for _ in range(steps):
        shifts.append(shift)
        logit = shift**2 / 2 - shift * (x + shift)
        shift -= rate * shift * float(weights @ sigmoid(-logit)) / weights.sum()
    return np.array(shifts)


def figure(ax: Any) -> None:
    """With the labels of the post θ swings and the bias grows; with the right ones θ → 0."""
    literal, steps = (
        played(20000, 0.1, literal=True),
        np.unique(np.geomspace(1, 20000, 400).astype(int)),
    )
    ax.axhline(0, color=GREY, lw=1, ls=":")
    ax.plot(steps, literal.shift[steps - 1], color=VERMILION)
    ax.plot(steps, literal.bias[steps - 1], color=VERMILION, ls="--")
    ax.plot(steps[steps <= 400], best_response(400, 0.1)[steps[steps <= 400] - 1], color=BLUE)
    ax.text(400, 4.2, "bias, swapped", color=VERMILION, ha="right")
    ax.text(150, -1.4, "θ, swapped", color=VERMILION)
    ax.text(1.2, 1.0, "θ, right labels", color=BLUE)
    ax.set(xscale="log", xlabel="step", ylabel="θ and the bias of the critic", ylim=(-1.8, 8))
