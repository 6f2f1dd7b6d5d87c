"""Units in which a variational autoencoder is judged: λ₁, and curvatures in variances, are near 1.

With data in units of √c the loss is c times that of S/c and θ/c at (A/√c, √c B, d), and a variance
in units of s has θ s²/d². Units are powers of two, so that nothing is rounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from linae.exact import Array
from linae.landscapes.escapes import Escape, steepest_escape
from linae.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from linae.landscapes.variational import Variational


@dataclass(frozen=True, eq=False)
class Rescaled:
    """The loss of `given` as a function of weights in these units.

    Attributes
    ----------
    given, unit : Variational
        In doubles, with S and θ, and with S/c and θ/c.
    scale : float
        c.
    spread : (1, p)
        s of each latent.
    """

    given: Variational
    unit: Variational
    scale: float
    spread: Array

    def __getattr__(self, name: str) -> Any:
        """Sizes and shapes are the same."""
        return getattr(self.given, name)

    @property
    def floating(self) -> Rescaled:
        return self

    def loss(self, *weights: Array) -> Any:
        return self.scale * self.unit.loss(*self._inside(weights))

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        return self._slopes(self.unit.gradient(*self._inside(weights)))

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        unit = self.unit.hessian_map(*self._inside(weights))
        return lambda *direction: self._slopes(unit(*self._inside(direction)))

    def hessian_vector(
        self, weights: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[Array, ...]:
        return self.hessian_map(*weights)(*direction)

    def hessian(self, *weights: Array) -> Array:
        units = self.unit.flatten(self._inside([np.ones(s) for s in self.unit.shapes]))
        return self.scale * units[:, None] * self.unit.hessian(*self._inside(weights)) * units

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.unit.terms_in(self.spread, *self._inside(weights))
        return self.scale * slope, self.scale * curvature

    def _inside(self, weights: Sequence[Array]) -> tuple[Array, ...]:
        A, B, d = weights
        return A, B, d * self.spread

    def _slopes(self, slopes: Sequence[Array]) -> tuple[Array, ...]:
        return tuple(self.scale * slope for slope in self._inside(slopes))


@dataclass(frozen=True, eq=False)
class Rescaling:
    """The move to these units."""

    landscape: Any

    def __call__(self, *weights: Array) -> tuple[Array, ...]:
        root = math.sqrt(self.landscape.scale)
        A, B, d = weights
        return A / root, B * root, d / self.landscape.spread

    def back(self, *weights: Array) -> tuple[Array, ...]:
        """The inverse."""
        root = math.sqrt(self.landscape.scale)
        A, B, d = weights
        return A * root, B / root, d * self.landscape.spread

    def noise(self, *weights: Array) -> float:
        return 0.0

    def rounding(self, *weights: Array) -> float:
        return 0.0

    def escape(self, weights: Sequence[Array]) -> Escape:
        """Along the eigenvector of the least eigenvalue there."""
        path = steepest_escape(self.landscape, self(*weights))
        return replace(path, start=tuple(weights), direction=self.back(*path.direction))


def rescaling(given: Variational, variances: Array) -> Rescaling:
    """For critical points with these variances d."""
    scale, unit = given.in_units_of_data
    spread = np.exp2(np.round(np.log2(variances / math.sqrt(unit.water))))
    return Rescaling(Rescaled(given, unit, scale, spread))


def in_units_of(moments: Moments, scale: float) -> Moments:
    """Of data divided by the root of a power of four."""
    samples = moments.samples
    if samples is not None:
        samples = (samples[0] / math.sqrt(scale), samples[1] / math.sqrt(scale))
    S = moments.Sxx / scale
    return Moments(S, S, S, samples, moments.is_rounded)
