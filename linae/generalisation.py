"""Unseen data: what an autoencoder that was fitted to few samples loses on new ones.

    excess((4, 2.5, 1.2), width=1, samples=100)     many samples: principal components are turned
    Spike(4, ratio=0.5).overlap                     as many inputs as samples: how far they turn
    spiked_losses((4, 1.5), 400, 800, width=2)      the losses that this leaves, new and old
    memorisation_loss((4, 2.5, 1.2), samples=2)     as few samples as hidden units: learned by heart

`values` are the eigenvalues of the second moment of the data, `samples` is the number N of them.
Theorems: proofs/excess_loss.py, proofs/unseen_data.py
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from linae.exact import Array

Values = Sequence[Any] | Array


def excess(values: Values, width: int, samples: int, *, known_mean: bool = True) -> Any:
    """By how much p principal components of N Gaussian samples lose more on new data than the true
    ones, up to terms like 1/N².

    Σ λᵢλⱼ/(λᵢ − λⱼ) over i <= p < j, divided by N; on the samples they lose as much less. If the
    mean is estimated too, the division is by N − 1, and 1/N of the loss itself is added.

    >>> excess((2, 1), width=1, samples=100)
    0.02
    """
    falling = sorted(values, reverse=True)
    least = 1 if known_mean else 2
    if width < 1 or samples < least:
        got = f"width = {width}, samples = {samples}"
        raise ValueError(f"Need width >= 1 and samples >= {least}. Got {got}.")
    kept, lost = falling[:width], falling[width:]
    if lost and not kept[-1] > lost[0]:
        raise ValueError(f"Need λ_p > λ_(p + 1) at p = {width}. Got {kept[-1]} and {lost[0]}.")
    turned = sum((x * y / (x - y) for x in kept for y in lost), start=0 * falling[0])
    if known_mean:
        return turned / samples
    return turned / (samples - 1) + sum(lost, start=0 * falling[0]) / samples


@dataclass(frozen=True)
class Spike:
    """A component of variance 1 + ℓ among inputs of variance 1, as n/N → φ.

    It is seen only if ℓ > √φ; else it drowns in the edge of the noise.

    Attributes
    ----------
    strength : ℓ >= 0
    ratio : φ > 0

    >>> spike = Spike(4, ratio=0.5)
    >>> spike.eigenvalue, round(spike.overlap, 3)
    (5.625, 0.861)
    """

    strength: float
    ratio: float

    def __post_init__(self) -> None:
        if not (self.strength >= 0 and self.ratio > 0):
            raise ValueError(
                "Need a strength >= 0 and a ratio n/N > 0. "
                f"Got strength = {self.strength}, ratio = {self.ratio}."
            )

    @property
    def is_seen(self) -> bool:
        return self.strength**2 > self.ratio

    @property
    def eigenvalue(self) -> float:
        """Of the second moment of the samples."""
        if not self.is_seen:
            return (1 + math.sqrt(self.ratio)) ** 2
        return (1 + self.strength) * (1 + self.ratio / self.strength)

    @property
    def overlap(self) -> float:
        """cos² of the angle between the component of the samples and the true one."""
        if not self.is_seen:
            return 0.0
        return (1 - self.ratio / self.strength**2) / (1 + self.ratio / self.strength)


def spiked_losses(
    strengths: Sequence[float], inputs: int, samples: int, width: int
) -> tuple[float, float]:
    """Losses of p components of the samples, on new data and on the samples themselves.

    >>> [round(loss, 2) for loss in spiked_losses((4, 1.5, 0.4), 400, 800, width=3)]
    [398.58, 394.03]
    """
    falling = sorted(strengths, reverse=True)
    if not 1 <= width < min(inputs, samples):
        got = f"width = {width}, inputs = {inputs}, samples = {samples}"
        raise ValueError(f"Need 1 <= width < inputs, samples. Got {got}.")
    padded = [*falling, *[0.0] * width][:width]
    spikes = [Spike(x, inputs / samples) for x in padded]
    total = inputs + sum(falling)
    unseen = total - sum(1 + spike.strength * spike.overlap for spike in spikes)
    return unseen, total - sum(spike.eigenvalue for spike in spikes)


def memorisation_loss(values: Values, samples: int) -> float:
    """About the mean loss on new data of W = X X⁺, which has learned N samples by heart.

    κ N with Σ λ/(λ + κ) = N: exact if all λ are equal, else an approximation for many inputs.

    >>> round(memorisation_loss([1] * 60, samples=20), 9)
    40.0
    """
    from scipy.optimize import brentq

    x = np.array([float(value) for value in values if value > 0])
    if not 1 <= samples < len(x):
        raise ValueError(
            f"Need 1 <= samples < {len(x)}, the number of eigenvalues > 0. Got {samples}."
        )
    most = x.sum() / samples
    level = brentq(lambda k: (x / (x + k)).sum() - samples, 0, most, xtol=1e-15 * most)
    return float(level) * samples
