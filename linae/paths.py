"""Paths in a landscape: the escape from a saddle, along which the loss falls."""

from __future__ import annotations

from linae.critical import CriticalClass
from linae.exact import Array, floating, is_exact
from linae.landscapes.escapes import Escape
from linae.measure import placed

__all__ = ["Escape", "escape"]


def escape(critical: CriticalClass, weights: tuple[Array, ...] | None = None) -> Escape:
    """A path that leaves a critical class which is not a minimum, from any of its points.

    Of the squared loss in closed form: a swap of components j for k drops the loss by exactly
    λ_k − λ_j, an added component k by λ_k, or, where the kernel blocks are in the way, by at least
    98 % of it (the supremum is not attained). Elsewhere along the steepest Hessian eigenvector.

    Raises
    ------
    ValueError
        If the class is a minimum, the weights are not in the class, or no Hessian eigenvalue is
        negative there: from such a saddle no straight line is known to fall.

    >>> from linae import Moments, SquaredLoss
    >>> best, saddle, mean = SquaredLoss(Moments.auto([[4, 0], [0, 1]]), 1).critical_classes()
    >>> float(escape(saddle).drop), float(escape(mean).drop)
    (3.0, 4.0)
    """
    if not critical.kind.endswith("saddle"):
        raise ValueError(f"Need a saddle to escape from. Got {critical}.")
    landscape, point = critical.landscape, critical.weights() if weights is None else weights
    numbers = (landscape.spectrum.vectors, *point)
    if not (landscape.moments.is_exact and all(is_exact(w) for w in numbers)):
        landscape, point = landscape.floating, tuple(floating(w) for w in point)
    place = placed(critical.landscape, landscape, point)
    if place is None:
        raise ValueError(f"Need weights of the class {critical}. Rounding leaves the class open.")
    if place.critical.index_set != critical.index_set:
        raise ValueError(f"Need weights of the class {critical}. Got others.")
    if place.kind != "strict saddle":
        raise ValueError(f"Need a strict saddle to escape from. Got a {place.kind}.")
    return landscape.escape(place, point)
