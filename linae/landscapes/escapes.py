"""Ways out of a saddle, along which the loss falls by a known amount.

Of the squared loss, in closed form: *add* a component to a spare unit, if the rank is not full;
else *swap* a selected component for an unselected one of larger eigenvalue.
Theorems: proofs/strict_saddle.py, proofs/escape.py
Of any other landscape: along the eigenvector of the least Hessian eigenvalue.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from linae.exact import Array, floating, inverse
from linae.landscapes.normal_form import NormalForm, kernel_basis

if TYPE_CHECKING:
    from linae.landscapes.base import Landscape
    from linae.landscapes.squared import SquaredLoss


@dataclass(frozen=True, eq=False)
class Escape:
    """A path t ↦ weights, t in [0, 1], from a saddle; the loss falls all along it.

    Attributes
    ----------
    start : tuple of arrays
        The weights at t = 0.
    direction : tuple of arrays
        A tangent of the path, exact for exact weights.
    curvature : number
        Second derivative of the loss along `direction`; negative.
    drop : number
        Loss at t = 0 minus loss at t = 1.
    leaves, enters : int or None
        The component that is given up (None if one is only added), and the one that is gained;
        None where the direction is only known numerically.
    still : tuple of arrays or None
        For a swap, the part of the weights that the rotation turns into `direction`.
    reach : float
        Length of the path in units of `direction`; an angle for a swap.
    """

    start: tuple[Array, ...]
    direction: tuple[Array, ...]
    curvature: Any
    drop: Any
    leaves: int | None
    enters: int | None
    still: tuple[Array, ...] | None
    reach: float

    def __call__(self, t: float) -> tuple[Array, ...]:
        """Weights at t, in double precision: on a straight line, or on a rotation for a swap."""
        start, tangent = map(floating, self.start), map(floating, self.direction)
        if self.still is None:
            return tuple(w + t * self.reach * v for w, v in zip(start, tangent, strict=True))
        c, s = math.cos(t * math.pi / 2) - 1, math.sin(t * math.pi / 2) * self.reach
        parts = zip(start, map(floating, self.still), tangent, strict=True)
        return tuple(w + c * still + s * v for w, still, v in parts)


def squared_escape(landscape: SquaredLoss, normal: NormalForm, A: Array, B: Array) -> Escape:
    """A closed-form escape from a critical point of the squared loss that is not a minimum.

    A swap of j for k drops the loss by exactly λ_k − λ_j; an added component k by λ_k, or, where
    the kernel blocks are in the way, by at least 98 % of it (the supremum is not attained).
    """
    full = len(normal.index_set) == min(landscape.width, landscape.spectrum.rank)
    return (_swap if full else _add)(landscape, normal, A, B)


def steepest_escape(landscape: Landscape, weights: Sequence[Array]) -> Escape:
    """The line along the eigenvector of the least Hessian eigenvalue, to its lowest point.

    Numerical: in double precision, where the landscape offers no closed form. If no fall is seen
    above rounding, reach and drop are 0.
    """
    landscape, point = landscape.floating, tuple(floating(w) for w in weights)
    values, vectors = np.linalg.eigh(landscape.hessian(*point))
    v = landscape.unflatten(vectors[:, 0])
    reach, drop = _lowest_on_line(landscape, point, v, float(values[0]))
    return Escape(
        start=point,
        direction=v,
        curvature=float(values[0]),
        drop=drop,
        leaves=None,
        enters=None,
        still=None,
        reach=reach,
    )


def _lowest_on_line(
    landscape: Landscape, point: Sequence[Array], v: Sequence[Array], curvature: float
) -> tuple[float, float]:
    """How far the lowest point of the line is, up to where the loss rises for the first time, and
    how much lower, as values of the loss show it; (0, 0) if they show no fall.

    From where the parabola would have used up the whole loss, to where its fall is rounding.
    """
    from scipy.optimize import minimize_scalar

    def line(t: float) -> float:
        with np.errstate(over="ignore", invalid="ignore"):  # far away, where a loss is not lower
            return float(landscape.loss(*(w + t * x for w, x in zip(point, v, strict=True))))

    start = line(0)
    scale = abs(start) + float(landscape.moments.total)
    noise = 8 * float(np.finfo(float).eps) * scale
    t = math.sqrt(2 * scale / -curvature) if curvature < 0 else 0.0
    while not line(t) < start - noise:
        t = t / 2
        if t * t * -curvature / 2 <= noise:
            return 0.0, 0.0
    while line(2 * t) < line(t):
        t = 2 * t
    found = minimize_scalar(line, bounds=(0, 2 * t), method="bounded", options={"xatol": 1e-9 * t})
    reach = min(t, float(found.x), key=line)
    return reach, start - line(reach)


def _entering(landscape: Any, normal: NormalForm) -> tuple[int, Array, Any]:
    """The best unselected component k: its number, its eigenvector, its eigenvalue."""
    k = next(k for k in range(landscape.spectrum.rank) if k not in normal.index_set)
    return k, normal.rest[:, 0], landscape.spectrum.eigenvalues[k]


def _swap(landscape: Any, normal: NormalForm, A: Array, B: Array) -> Escape:
    """Rotate the worst selected uⱼ into the best unselected u_k, and the encoder with it."""
    spectrum, Sxy = landscape.spectrum, landscape.moments.Syx.conj().T
    j, u = normal.index_set[-1], normal.basis[:, -1]
    k, v, high = _entering(landscape, normal)
    low = spectrum.eigenvalues[j]
    E = spectrum.regression
    code, unit = u.conj() @ A, B @ (Sxy @ u) / low
    uu, vv = (u.conj() * u).sum().real, (v.conj() * v).sum().real
    return Escape(
        start=(A, B),
        direction=(np.outer(v, code), np.outer(unit, v.conj() @ E)),
        curvature=-2 * (high - low) * uu * vv,
        drop=high - low,
        leaves=j,
        enters=k,
        still=(np.outer(u, code) / uu, np.outer(unit, u.conj() @ E) / uu),
        reach=1 / math.sqrt(uu * vv),
    )


def _add(landscape: Any, normal: NormalForm, A: Array, B: Array) -> Escape:
    """Give the best unselected component to a unit that the encoder or the decoder leaves free.

    Along (A + sa u αᴴ, B + sb β row) with αᴴβ = ab = 1 the loss changes by
    λ((1 − s²)² − 1) + s² cost, least at s² = 1 − cost/2λ.
    """
    S, spectrum = landscape.moments.Sxx, landscape.spectrum
    k, u, value = _entering(landscape, normal)
    uu = (u.conj() * u).sum().real
    row = u.conj() @ spectrum.regression / uu
    alpha, beta = _free_pair(normal)
    decoding = uu * (alpha.conj() @ B @ S @ B.conj().T @ alpha).real
    encoding = value / uu * (A @ beta @ (A @ beta).conj()).real
    scale, cost = _cheap(decoding, encoding, value / 100)
    reached = 1 - cost / (2 * value)
    return Escape(
        start=(A, B),
        direction=(np.outer(scale * u, alpha.conj()), np.outer(beta / scale, row)),
        curvature=2 * (cost - 2 * value),
        drop=value * reached**2,
        leaves=None,
        enters=k,
        still=None,
        reach=math.sqrt(reached),
    )


def _cheap(decoding: Any, encoding: Any, limit: Any) -> tuple[Any, Any]:
    """A power of two a with a² decoding + encoding / a² below the limit, and that cost; one of the
    two is 0, to rounding."""
    if abs(decoding) < abs(encoding):
        scale, cost = _cheap(encoding, 0 * encoding, limit)
        return 1 / scale, cost
    scale = limit / limit
    while decoding * scale**2 > limit:
        scale = scale / 2
    return scale, decoding * scale**2


def _free_pair(normal: NormalForm) -> tuple[Array, Array]:
    """α, β with αᴴβ = 1 and, if possible, A β = 0 and αᴴ B Sxx = 0; else one of the two.

    β = M (0; z) and α = M⁻ᴴ (0; w) with X₀ z = 0, Y₀ᴴ w = 0: as X₀ Y₀ = 0, not both are full.
    """
    X0, Y0, M = normal.free_decoder, normal.free_encoder, normal.gauge
    x, y = normal.stratum or (0, 0)
    z, w = kernel_basis(X0, x), kernel_basis(Y0.conj().T, y)
    meet = w.conj().T @ z
    sizes = np.abs(floating(meet))
    if sizes.size and sizes.max() > 1e-6:
        i, j = np.unravel_index(sizes.argmax(), sizes.shape)
        z, w = z[:, j] / meet[i, j], w[:, i]
    else:
        w = (z if z.shape[1] else w)[:, 0]
        z = w / (w.conj() * w).sum()
    spare = M.shape[0] - len(z)
    return inverse(M).conj().T[:, spare:] @ w, M[:, spare:] @ z
