"""A regulariser makes the mean the best output from a weight on that λ₁ decides, or never.

With λ₁ the largest variance, and losses and weights γ as in `regularisers` and `gaussian_codes`,
the output of the global minimum is the mean for all inputs iff

    tied contractive                γ ≥ 2λ₁
    weight decay, nuclear norm      γ ≥ λ₁
    nonuniform decay                γ₁ ≥ λ₁, the least of them
    variational                     γ = βσ² ≥ λ₁
    sparse                          γ ≥ √(2πλ₁)

and never with noisy inputs, product decay, an orthonormal decoder, dropout, noisy codes, nested
dropout, whitened codes, or no regulariser: there w > 0 for the first component, at any weight. The
contractive penalty alone has no minimum, and its infimum is not at the mean.

Hypotheses: real auto-association, Y = X, centred, λ₁ > 0; what `regularisers` and `gaussian_codes`
ask of each.

Equality: of thresholds; at the threshold itself the mean is a minimum.

References: none by itself; see `regularisers`, `gaussian_codes` and `posterior_collapse`.

Post: F14 ("Mean output": regularised too much, at the global minimum).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, floating, rationals, zeros
from linae.regularisers import REGULARISERS, Regulariser, regulariser
from proofs import gaussian_codes, posterior_collapse, regularisers
from proofs._auto import Auto, frames, sizes
from proofs._cases import matrices
from proofs._instances import Case
from proofs._penalties import LOSSES

uses: list[ModuleType] = [gaussian_codes, posterior_collapse, regularisers]

PARTS = [Fraction(x, 10) for x in (9, 10, 19, 20)]
NOTHING = 1e-12
"""Share of tr S below which two losses with logarithms or roots do not differ."""


def same(top: Any) -> Any:
    return top


THRESHOLDS: dict[str, Callable[[Any], Any]] = {
    "tied contractive": lambda top: 2 * top,
    "weight decay": same,
    "nuclear norm": same,
    "nonuniform decay": same,
    "variational": same,
    "sparse": lambda top: math.sqrt(2 * math.pi * top),
}


@dataclass(frozen=True, eq=False, repr=False)
class Weighted(Case):
    """A regulariser with its weight, and any other maps C and D.

    Attributes
    ----------
    scale, power : as in `_penalties.Regularised`
    """

    law: Regulariser
    at: Auto
    weight: Any
    C: Array
    D: Array
    scale: Fraction = Fraction(1)
    power: Fraction = Fraction(1)

    def loss(self, A: Array, B: Array) -> Any:
        """The definition, with variances of codes at their best."""
        if self.law.name in LOSSES:
            return LOSSES[self.law.name](self, A, B)  # type: ignore[arg-type]
        A, B, S, g = *map(floating, (A, B, self.at.S)), float(self.weight)
        error = float(self.at.error(rationals(A @ B)))
        powers, squares = (B @ S * B).sum(axis=1), (A * A).sum(axis=0)
        if self.law.name == "sparse":
            return error + g * np.sqrt(2 / np.pi * squares * powers).sum()
        d = g / (g + squares)
        return error + (d * squares + g * (d + powers - 1 - np.log(d))).sum()


@st.composite
def hypotheses(draw: st.DrawFn) -> Weighted:
    """Each regulariser without a threshold, with its weight; those with one need none."""
    laws = [law for law in REGULARISERS if law.attained and law.name not in THRESHOLDS]
    law = draw(st.sampled_from(laws))
    below = law.name in {"orthonormal A", "whitened codes"}
    n, p = draw(sizes(4).filter(lambda size: not below or size[1] <= size[0]))
    values = [Fraction(x) for x in draw(st.lists(st.integers(1, 4), min_size=n, max_size=n))]
    at = Auto(draw(frames(n)), tuple(sorted(values, reverse=True)), p)
    weight = draw(st.sampled_from([Fraction(1, 2), Fraction(3), Fraction(100)]))
    return Weighted(law, at, weight, draw(matrices(n, p)) / 2, draw(matrices(p, n)) / 2)


def conclusion(case: Weighted) -> None:
    """Of the given one, and of all that have thresholds, at weights around λ₁, 2λ₁ and √(2πλ₁)."""
    _is_right(case)
    top = case.at.values[0]
    for name, part in product(THRESHOLDS, PARTS):
        unit = math.sqrt(2 * math.pi * top) if name == "sparse" else top
        _is_right(replace(case, law=regulariser(name), weight=part * unit))


def _is_right(case: Weighted) -> None:
    """A search for something better than the mean along the first component, by the definition."""
    law, at, zero = case.law, case.at, 0 * case.C
    if law.name == "nonuniform decay":
        case = replace(case, weight=[case.weight + j for j in range(at.width)])
    least = min(case.weight) if isinstance(case.weight, list) else case.weight
    threshold = THRESHOLDS.get(law.name, lambda _: math.inf)(at.values[0])
    collapses = bool(least >= threshold)
    mean = case.loss(at.U[:, : at.width] if law.name == "orthonormal A" else zero, zero.T)
    slack = NOTHING * float(at.S.trace()) if law.name not in LOSSES else 0
    found = any(case.loss(*_leading(case, w)) < mean - slack for w in (1 / 64, 1 / 16, 1 / 4))
    assert found != collapses, f"the mean, and weight {least} of {threshold}"
    if collapses:
        tied = law.name in {"tied contractive", "nuclear norm"}  # W ⪰ 0 is what these are for
        other = case.loss(case.C, case.C.T if tied else case.D)
        assert other >= mean - slack, "better than the mean"
    factors = law.factors(at.values, at.width, case.weight)
    assert any(w > NOTHING for w in factors) != collapses, f"factors {factors}"


def _leading(case: Weighted, w: float) -> tuple[Array, Array]:
    """A small multiple of u uᵀ, for the first component u, by the first unit; in equal parts where
    nothing else is asked for."""
    A, B, u = zeros(case.C.shape, case.C), zeros(case.D.shape, case.C), case.at.U[:, 0]
    A[:, 0], B[0] = Fraction(w) * u, Fraction(w) * u
    match case.law.name:
        case "orthonormal A":
            A = case.at.U[:, : case.at.width]
        case "sparse":
            A[:, 0] = u
        case "noisy codes":  # of constant power
            B[0] = u / 2
        case "variational":  # the best for A
            B[0] = A[:, 0] / (Fraction(w) ** 2 + Fraction(case.weight))
    return A, B


def figure(ax: Any) -> None:
    """What is left of the first component as the weight grows: 0 is the mean output."""
    from linae.plot.style import BLUE, GREEN, PURPLE, VERMILION

    weights = np.linspace(0.001, 3.5, 400)
    for name, words, color, place in (
        ("noisy inputs", "noisy inputs", BLUE, (2.75, 0.29)),
        ("weight decay", "weight decay,\nvariational", VERMILION, (0.07, 0.1)),
        ("tied contractive", "tied contractive", GREEN, (1.04, 0.08)),
        ("sparse", "sparse", PURPLE, (2.28, 0.12)),
    ):
        left = [regulariser(name).factors([1.0], 1, float(x))[0] for x in weights]
        ax.plot(weights, left, color=color, label=name)
        ax.text(*place, words, color=color)
    ax.set_xticks([0, 1, 2, np.sqrt(2 * np.pi)], ["0", "λ₁", "2λ₁", "√(2πλ₁)"])
    ax.set(xlim=(0, 3.5), ylim=(0, 1.02), xlabel="weight γ, for λ₁ = 1")
    ax.set_ylabel("what is left of the first component")


_one = rationals(np.eye(2, dtype=int))
_opposed = Auto(_one, (Fraction(2), Fraction(1)), 1, -_one)

counterexamples = {
    "Y = X": Weighted(
        regulariser("weight decay"), _opposed, Fraction(1), 0 * _one[:, :1], 0 * _one[:1]
    ),
}
