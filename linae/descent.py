"""Gradient descent on a landscape, and the saddles it visits on the way down.

run = descend(landscape, A, B)                  # one start
run = descend(landscape, *stacked)              # leading axis: many starts at once
run.pauses(values, within=0.01)                 # the critical values where each of them lingered
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array, floating
from linae.landscapes.base import Landscape


@dataclass(frozen=True, eq=False)
class Descent:
    """What gradient descent did from each start.

    Attributes
    ----------
    weights : tuple of arrays
        Where it ended.
    losses, gradients, imbalances : (steps + 1, starts)
        At every step the loss, the norm of the gradient, and that of AᴴA − B Bᴴ, summed over
        neighbouring factors; 0 where there is one factor only.
    converged : (starts,)
        Whether the last change, as a share of the weights, ended below the tolerance.
    reason : str
        Why it stopped: "converged", "step budget" or "diverged".
    step : (starts,)
        The step size η, at the end.
    """

    weights: tuple[Array, ...]
    losses: Array
    gradients: Array
    imbalances: Array
    converged: Array
    reason: str
    step: Array

    @property
    def steps(self) -> int:
        return len(self.losses) - 1

    def pauses(self, values: ArrayLike, *, within: ArrayLike, depth: float = 10) -> list[list[int]]:
        """For each start, the places in `values` of the critical values it paused at, in order.

        A pause is a local minimum of the gradient norm, `depth` times below the maxima before and
        after it, while the loss is closer than `within` (one number, or one per value) to a value
        other than the one it started at.
        """
        v = np.asarray(values, dtype=float)
        radius = np.broadcast_to(np.asarray(within, dtype=float), v.shape)
        runs = zip(self.losses.T, self.gradients.T, strict=True)
        return [_pauses(losses, norms, v, radius, depth) for losses, norms in runs]


def descend(
    landscape: Landscape,
    *weights: Array,
    rng: np.random.Generator | None = None,
    scale: float = 1e-3,
    step: float | None = None,
    momentum: float = 0.0,
    steps: int = 20_000,
    tolerance: float = 1e-10,
    progress: Callable[[int, int], None] | None = None,
) -> Descent:
    """Gradient descent, θ ← θ − η ∇L + momentum · (last change), until every start is still.

    Parameters
    ----------
    weights : arrays, each (rows, columns) or (starts, rows, columns)
        Without any, normal numbers times `scale` are drawn from `rng`.
    step : float, optional
        η. Default, for each start: 1 / (largest curvature there or at the flattest global minimum);
        without momentum it is halved whenever the loss would rise.
    tolerance : float
        A start is still if η ‖∇L‖ ≤ tolerance · ‖θ‖.
    progress : callable, optional
        Called every hundred steps with the number of starts that are still, and of all.

    Raises
    ------
    ValueError
        If there are neither weights nor a generator to draw them from.
    """
    landscape = landscape.floating if landscape.moments.is_exact else landscape
    weights = weights or _drawn(landscape, rng, scale)
    start = tuple(np.array(floating(np.asarray(w)), ndmin=3) for w in weights)
    eta = _step(landscape, start) if step is None else np.full(len(start[0]), float(step))
    losses, norms, imbalances = [], [], []
    walk = _walk(landscape, start, eta, momentum, adaptive=step is None and not momentum)
    with np.errstate(over="ignore", invalid="ignore"):
        for point, loss, norm, eta in walk:
            losses.append(loss)
            norms.append(norm)
            imbalances.append(_imbalance(point))
            still, finite = norm * eta <= tolerance * _norm(point), np.isfinite(norm).all()
            if still.all() or not finite or len(norms) > steps:
                break
            if progress is not None and len(norms) % 100 == 0:
                progress(int(still.sum()), len(still))
    reason = "converged" if still.all() else "step budget" if finite else "diverged"
    end = tuple(w[0] if np.ndim(given) == 2 else w for w, given in zip(point, weights, strict=True))
    drift = np.array(imbalances)
    return Descent(end, np.array(losses), np.array(norms), drift, still, reason, eta)


def _drawn(
    landscape: Landscape, rng: np.random.Generator | None, scale: float
) -> tuple[Array, ...]:
    if rng is None:
        raise ValueError("Need weights to start from, or rng to draw them. Got neither.")
    unit = 1j if landscape.moments.is_complex else 0
    draws = [rng.standard_normal((2, *shape)) for shape in landscape.shapes]
    return tuple(scale * (draw[0] + unit * draw[1]) for draw in draws)


def _imbalance(point: Sequence[Array]) -> Array:
    """‖W_{i+1}ᴴ W_{i+1} − W_i W_iᴴ‖, summed over i, for each start."""
    inner = [(a.conj().mT @ a, b @ b.conj().mT) for a, b in pairwise(point)]
    gaps = [np.sqrt((np.abs(x - y) ** 2).sum(axis=(-2, -1))) for x, y in inner]
    return np.sum([np.zeros(len(point[0])), *gaps], axis=0)


def _walk(
    landscape: Landscape, point: Any, eta: Array, momentum: float, *, adaptive: bool
) -> Iterator[tuple[tuple[Array, ...], Array, Array, Array]]:
    """Points, losses, gradient norms and step sizes, without end."""
    loss = landscape.loss(*point)
    slack, change = 1e-10 * np.abs(loss), [np.zeros_like(w) for w in point]
    while True:
        gradient = landscape.gradient(*point)
        yield point, loss, _norm(gradient), eta
        moves = zip(change, gradient, strict=True)
        change = [momentum * v - _column(eta) * g for v, g in moves]
        ahead = [w + v for w, v in zip(point, change, strict=True)]
        value = landscape.loss(*ahead)
        if adaptive and (rose := ~(value <= loss + slack)).any():
            eta, value = np.where(rose, eta / 2, eta), np.where(rose, loss, value)
            pairs = zip(point, ahead, strict=True)
            ahead = [np.where(_column(rose), w, new) for w, new in pairs]
        point, loss = tuple(ahead), value


def _step(landscape: Landscape, point: tuple[Array, ...]) -> Array:
    """1 / a curvature bound: by power iteration on the Hessian at each start, and 4 √(λ₁ ‖Sxx‖),
    the least that the largest curvature can be at a global minimum of the squared loss."""
    generator = np.random.default_rng(sum(w[0].size for w in point))
    v = tuple(generator.standard_normal(w.shape).astype(w.dtype) for w in point)
    norm = _norm(v)
    for _ in range(20):
        v = tuple(x / _column(np.where(norm > 0, norm, 1)) for x in v)
        v = landscape.hessian_vector(point, v)
        norm = _norm(v)
    inputs = float(np.linalg.norm(floating(landscape.moments.Sxx), 2))
    flattest = 4 * (float(landscape.spectrum.eigenvalues[0]) * inputs) ** 0.5
    return 1 / (np.maximum(norm, flattest) + np.finfo(float).tiny)


def _norm(arrays: Sequence[Array]) -> Array:
    """Norms of directions, one for each start."""
    return np.sqrt(sum(np.sum(np.abs(x) ** 2, axis=(-2, -1)) for x in arrays))


def _column(numbers: Array) -> Array:
    """Numbers, one for each start, in the shape that multiplies stacked matrices."""
    return numbers[:, None, None]


def _pauses(losses: Array, norms: Array, values: Array, radius: Array, depth: float) -> list[int]:
    """Places of the critical values near which the gradient norm dips, repeats once."""
    found = [int(np.abs(values - losses[0]).argmin())]
    before, after = np.maximum.accumulate(norms), np.maximum.accumulate(norms[::-1])[::-1]
    dips = (norms[1:-1] <= norms[:-2]) & (norms[1:-1] < norms[2:])
    for i in np.flatnonzero(dips & (norms * depth <= np.minimum(before, after))[1:-1]) + 1:
        nearest = int(np.abs(values - losses[i]).argmin())
        if abs(values[nearest] - losses[i]) <= radius[nearest] and found[-1] != nearest:
            found.append(nearest)
    return found[1:]
