"""A code of limited power, read through noise, gives component i the power √λ_i c − s, if positive.

The code is z = B x + η with white noise η of variance s and E‖B x‖² <= P; the decoder is the best
linear one. The best encoder codes the r leading principal components, with powers

    P_i = √λ_i (P + r s)/Σ_{k<=r} √λ_k − s,    loss = Σ_{i<=r} λ_i/(1 + P_i/s) + Σ_{i>r} λ_i,

r <= p being the largest number for which all of them are positive.

Hypotheses: at most p units; power at most P < ∞; white noise of variance s > 0 in the code.

Bound: the loss of every encoder is at least that. Without a limit of the power there is no best
one: with B ↦ t B the loss falls for ever, and tends to that of PCA.

References: Lee and Petersen 1976, IEEE Transactions on Communications 24 (wording not confirmed).

Post: F18 ("communication through code space": over a noisy channel, power goes as √λ; weak
components are not sent at all).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.compression import PowerAllocation
from linae.exact import Array, eye, rationals, solve
from proofs._auto import Auto, frames, sizes, spectra
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Channel(Case):
    """Components of variance λ (squares), p units, noise, power; and a rival encoder.

    Attributes
    ----------
    excess : number
        The rival has this times the power.
    noise : (p,), optional
        Variances of the noise on the units of the rival, if they are not s.
    """

    at: Auto
    variance: Fraction
    power: Fraction
    rival: Array
    excess: Fraction = Fraction(1)
    noise: tuple[Fraction, ...] | None = None

    def loss(self, gram: Array) -> Any:
        """tr S − tr S Bᵀ (B S Bᵀ + s)⁻¹ B S for BᵀB = `gram`, noise and all, at s = 1."""
        S = self.at.S
        return S.trace() - (S @ solve(gram @ S + eye(len(S), S), gram @ S)).trace()


@st.composite
def hypotheses(draw: st.DrawFn) -> Channel:
    """Any spectrum but 0, any rival scaled to the full power."""
    n, p = draw(sizes(8))
    roots = draw(spectra(n))
    roots = (roots[0] + 1, *roots[1:])
    at = Auto(draw(frames(n)), tuple(x * x for x in roots), p)
    s, P = (draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(8)])) for _ in "sP")
    return Channel(at, s, P, draw(matrices(p, n)))


def conclusion(case: Channel) -> None:
    """By the definition of the loss, at the claimed powers and at the rival."""
    at, s, P = case.at, case.variance, case.power
    claim = PowerAllocation(at.values, at.width, s, P)
    assert min(claim.powers) >= 0
    assert sum(claim.powers) == P
    assert sum(x > 0 for x in claim.powers) <= at.width
    gains = [x / value if value else x for x, value in zip(claim.powers, at.values, strict=True)]
    gram = rationals(at.U * np.array(gains, dtype=object) @ at.U.T)
    assert case.loss(gram / s) == claim.loss
    _is_balanced(claim)
    noise = rationals([s] * len(case.rival) if case.noise is None else case.noise)
    power = (case.rival @ at.S * case.rival).sum()
    if power:
        scaled = case.excess * P / power * (case.rival.T / noise) @ case.rival
        assert case.loss(rationals(scaled)) >= claim.loss, f"{case.rival} is better"


def _is_balanced(claim: PowerAllocation) -> None:
    """A little more power saves the same on all components that have some, and no more on those
    without, of the first p: what makes an allocation the best one, as the loss is convex."""
    s = claim.variance
    pairs = list(zip(claim.values, claim.powers, strict=True))[: claim.width]
    savings = [value * s / (s + power) ** 2 for value, power in pairs]
    used = {saving for saving, (_, power) in zip(savings, pairs, strict=True) if power}
    assert len(used) == 1
    assert max(savings) in used


def figure(ax: Any) -> None:
    """How a growing power is shared among four components, with noise 0.5 on each unit."""
    values, total = (4, 2, 1, 0.3), np.linspace(0.01, 12, 300)
    powers = np.array([PowerAllocation(values, 4, 0.5, P).powers for P in total])
    colors = ("#0072B2", "#56B4E9", "#009E73", "#E69F00")
    for value, share, color in zip(values, powers.T, colors, strict=True):
        ax.plot(total, share, color=color, label=f"λ = {value}")
    ax.set(xlabel="power P", ylabel="power of a component", xlim=(0, 12), ylim=(0, None))
    ax.legend(frameon=False)


def _channel(rival: Any, values: tuple[int, ...] = (4, 1), P: int = 1, **changes: Any) -> Channel:
    one = rationals(np.eye(len(values), dtype=int))
    at = Auto(one, tuple(map(Fraction, values)), 1)
    return Channel(at, Fraction(1), Fraction(P), rationals(rival), **changes)


counterexamples = {
    "power at most P": _channel([[1, 0]], excess=Fraction(2)),
    "at most p units": _channel([[1, 0], [0, 1]], (4, 4), 8),
    "noise of variance s": _channel([[1, 0]], noise=(Fraction(1, 2),)),
}
