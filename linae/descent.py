"""Gradient descent on a landscape, and the saddles it visits on the way down.

run = descend(landscape, A, B)         # one start
run = descend(landscape, *stacked)     # leading axis: many starts at once
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from linae.exact import Array
from linae.landscapes.base import Landscape


@dataclass(frozen=True, eq=False)
class Descent:
    """What gradient descent did from each start.

    Attributes
    ----------
    weights : tuple of arrays
        Where it ended.
    losses : (steps + 1, starts)
        The loss after every step.
    gradients : (steps + 1, starts)
        The norm of the gradient.
    converged : (starts,)
        Whether the gradient ended below the tolerance.
    reason : str
        Why it stopped: "converged", "step budget", or "diverged".
    step : (starts,)
        The step size η.
    """

    weights: tuple[Array, ...]
    losses: Array
    gradients: Array
    converged: Array
    reason: str
    step: Array

    @property
    def steps(self) -> int:
        return len(self.losses) - 1

    def pauses(self, values: Array, *, within: float) -> list[list[int]]:
        """For each start, the numbers of the critical values at which its descent paused, in order.

        A pause at a value is a local minimum of the gradient norm, at least tenfold below the
        larger of the maxima on either side, while the loss is closer than `within` to the value.
        """
        return [
            _pauses(self.losses[:, k], self.gradients[:, k], np.asarray(values, float), within)
            for k in range(self.losses.shape[1])
        ]


def descend(
    landscape: Landscape,
    *weights: Array,
    step: float | None = None,
    momentum: float = 0.0,
    steps: int = 20_000,
    tolerance: float = 1e-9,
    progress: Callable[[int, float], None] | None = None,
) -> Descent:
    """Gradient descent with constant step, θ ← θ − η ∇L + momentum · (last change).

    Parameters
    ----------
    weights : arrays, each (rows, columns) or (starts, rows, columns)
    step : float, optional
        η. Default: 1 / (2 × largest curvature met at the start or at a global minimum).
    tolerance : float
        Stop when every gradient norm is below tolerance × (the curvature scale 1/η).
    progress : callable, optional
        Called every hundred steps with the step number and the largest gradient norm.
    """
    point = tuple(np.array(w, ndmin=3) for w in weights)
    eta = _step(landscape, point) if step is None else np.full(len(point[0]), float(step))
    rate = eta[:, None, None]
    velocity = tuple(np.zeros_like(w) for w in point)
    losses, norms = [landscape.loss(*point)], []
    reason = "step budget"
    for count in range(steps + 1):
        gradient = landscape.gradient(*point)
        norms.append(_norm(gradient))
        if not np.isfinite(norms[-1]).all():
            reason = "diverged"
            break
        if (norms[-1] * eta <= tolerance).all():
            reason = "converged"
            break
        if count == steps:
            break
        velocity = tuple(momentum * v - rate * g for v, g in zip(velocity, gradient, strict=True))
        point = tuple(w + v for w, v in zip(point, velocity, strict=True))
        losses.append(landscape.loss(*point))
        if progress is not None and count % 100 == 0:
            progress(count, float(norms[-1].max()))
    end = tuple(w[0] if np.ndim(given) == 2 else w for w, given in zip(point, weights, strict=True))
    return Descent(
        end, np.array(losses), np.array(norms), norms[-1] * eta <= tolerance, reason, eta
    )


def _step(landscape: Landscape, point: tuple[Array, ...]) -> Array:
    """1 / (2 × a curvature bound) at each start, by power iteration on the Hessian there, and the
    curvature 4 √λ₁ max(1, √λ₁) of flat global minima."""
    size = sum(w[0].size for w in point)
    generator = np.random.default_rng(size)
    v = tuple(generator.standard_normal(w.shape).astype(w.dtype) for w in point)
    norm = _norm(v)
    for _ in range(20):
        v = tuple(x / np.where(norm > 0, norm, 1)[:, None, None] for x in v)
        v = landscape.hessian_vector(point, v)
        norm = _norm(v)
    top = float(landscape.spectrum.eigenvalues[0]) ** 0.5
    return 1 / (2 * np.maximum(norm, 4 * top * max(1.0, top)) + np.finfo(float).tiny)


def _norm(arrays: tuple[Array, ...]) -> Array:
    """Norms of directions, one for each start."""
    return np.sqrt(sum(np.sum(np.abs(x) ** 2, axis=(-2, -1)) for x in arrays))


def _pauses(losses: Array, norms: Array, values: Array, within: float) -> list[int]:
    """Critical values near which the gradient norm dips tenfold, consecutive repeats once."""
    found: list[int] = []
    inside = np.flatnonzero((norms[1:-1] <= norms[:-2]) & (norms[1:-1] < norms[2:])) + 1
    for i in inside:
        before, after = norms[: i + 1].max(), norms[i:].max()
        nearest = int(np.abs(values - losses[i]).argmin())
        close = abs(values[nearest] - losses[i]) <= within
        if close and norms[i] * 10 <= min(before, after) and found[-1:] != [nearest]:
            found.append(nearest)
    return found
