"""What a code costs: nats of a Gaussian source, bits of a basis, power against noise.

    WaterFilling(values, level).rate           reverse water-filling, R(D) at a water level
    WaterFilling.at_distortion(values, 1.5)    the level that a distortion, or a rate, needs
    transform_gain(S)                          bits per component that principal components save
    gauge_cost(G, values)                      bits per component that a code G Uᵀx costs more
    PowerAllocation(values, 3, 0.5, 20).loss   a noisy code of limited power

`values` are the eigenvalues of the second moment. All but logarithms stay rational.
Theorems: proofs/rate_distortion.py, proofs/transform_coding.py, proofs/noisy_codes.py
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import exp, log, log2, prod
from typing import Any

import numpy as np

from linae.exact import Array, floating, inverse, square_root

Values = Sequence[Any] | Array


@dataclass(frozen=True, eq=False)
class WaterFilling:
    """The best code of independent Gaussian components at a water level.

    Components above the level keep an error as large as the level; the others are not coded.

    >>> code = WaterFilling((4, 2, 1), 2)
    >>> code.distortion, code.volume
    (5, 2.0)
    """

    values: Values
    level: Any

    def __post_init__(self) -> None:
        if not self.level > 0:
            raise ValueError(f"Need a water level > 0. Got {self.level}.")

    @classmethod
    def at_distortion(cls, values: Values, distortion: Any) -> WaterFilling:
        """The code with a given error, above 0 and not above that of no code at all.

        >>> WaterFilling.at_distortion((4, 2, 1), Fraction(5)).level
        Fraction(2, 1)
        """
        falling = sorted(values, reverse=True)
        if not 0 < distortion <= sum(falling):
            raise ValueError(f"Need 0 < distortion <= {sum(falling)}. Got {distortion}.")
        left, k = distortion, len(falling)
        while k > 1 and left > k * falling[k - 1]:
            k -= 1
            left -= falling[k]
        return cls(values, left / k)

    @classmethod
    def at_rate(cls, values: Values, rate: float) -> WaterFilling:
        """The code with a given number of nats."""
        falling = [float(x) for x in sorted(values, reverse=True) if x > 0]
        if not (falling and rate >= 0):
            raise ValueError(f"Need a rate >= 0 and something to code. Got {rate} of {values}.")
        bottoms = [*falling[1:], 0.0]
        for k, bottom in enumerate(bottoms, start=1):
            level = exp((sum(map(log, falling[:k])) - 2 * rate) / k)
            if level >= bottom:
                break
        return cls(values, level)

    @property
    def distortions(self) -> list[Any]:
        """min(λ, level) of each component."""
        return [min(x, self.level) for x in self.values]

    @property
    def distortion(self) -> Any:
        """Expected squared error, D."""
        return sum(self.distortions)

    @property
    def volume(self) -> Any:
        """e^(2 R), the product of λ / level over the components above the level."""
        return prod(x / self.level for x in self.values if x > self.level)

    @property
    def rate(self) -> float:
        """R(D) in nats."""
        return sum(log(x / self.level) for x in self.values if x > self.level) / 2

    @property
    def bits(self) -> float:
        return self.rate / log(2)

    @property
    def slope(self) -> Any:
        """dR / dD, nats saved for an error allowed."""
        return -1 / (2 * self.level)


def transform_gain(S: Array) -> float:
    """Bits per component that coding principal components saves over coding the entries of x.

    >>> round(transform_gain(np.array([[5.0, 3.0], [3.0, 5.0]])), 3)
    0.161
    """
    S = floating(S)
    return float(np.log2(S.diagonal()).sum() - np.linalg.slogdet(S)[1] / log(2)) / (2 * len(S))


def gauge_factor(G: Array, values: Values) -> Any:
    """4 to the n times `gauge_cost`: rational, and at least 1."""
    n, inverted = len(G), inverse(G)
    variances = (G * G) @ np.asarray(values)
    error = (inverted * inverted).sum() / n
    return prod(v / x for v, x in zip(variances, values, strict=True)) * error**n


def gauge_cost(G: Array, values: Values) -> float:
    """Bits per component that quantising G Uᵀx with one step costs more than quantising Uᵀx, at
    the same error and in the limit of small steps.

    >>> gauge_cost(np.array([[0.0, -3.0], [3.0, 0.0]]), (2, 1))
    0.0
    """
    return log2(gauge_factor(G, values)) / (2 * len(G))


@dataclass(frozen=True, eq=False)
class PowerAllocation:
    """The best linear code of limited power that is read through white noise.

    Attributes
    ----------
    width : int
        Number of code units.
    variance : number
        Of the noise on each unit.
    power : number
        What E‖B x‖² may be.
    """

    values: Values
    width: int
    variance: Any
    power: Any

    def __post_init__(self) -> None:
        if not (self.width >= 1 and min(self.variance, self.power, max(self.values)) > 0):
            raise ValueError(
                "Need 1 <= width, and variance, power and some value > 0. "
                f"Got {self.width}, {self.variance}, {self.power} and {self.values}."
            )

    @cached_property
    def powers(self) -> list[Any]:
        """Of each component, in the order of falling values: √λ times a common factor, less the
        noise, for as many as this leaves positive.

        >>> PowerAllocation((4, 1), 2, 1, 1).powers
        [Fraction(1, 1), Fraction(0, 1)]
        """
        roots = [_root(x) for x in sorted(self.values, reverse=True)]
        r = min(self.width, len(roots))
        while r > 1 and roots[r - 1] * self._total(r) <= self.variance * sum(roots[:r]):
            r -= 1
        share = self._total(r) / sum(roots[:r])
        active = [root * share - self.variance for root in roots[:r]]
        return active + [0 * self.variance * share] * (len(roots) - r)

    def _total(self, r: int) -> Any:
        """Power and noise on r units."""
        return self.power + r * self.variance

    @property
    def loss(self) -> Any:
        """Expected squared error of the best linear decoder."""
        falling = sorted(self.values, reverse=True)
        pairs = zip(falling, self.powers, strict=True)
        return sum(x / (1 + P / self.variance) for x, P in pairs)


def _root(x: Any) -> Any:
    """√x, exact if it is rational."""
    exact = None if isinstance(x, float) else square_root(Fraction(x))
    return float(x) ** 0.5 if exact is None else exact
