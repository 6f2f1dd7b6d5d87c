"""The trainer: Adam on the gradients of any loss, and L-BFGS to finish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from linae.autoencoders.gradients import Loss, flat, slope, unflat
from linae.autoencoders.networks import Parameters, number_of_codes
from linae.autoencoders.noise import Noise, normal
from linae.exact import Array


@dataclass(frozen=True, eq=False)
class Training:
    """What a training came to.

    Attributes
    ----------
    params : dict of arrays
    losses : (k, players)
        At each step; the last is that of `params`.
    reason : str
        Why it ended: "converged", "step budget" or "not finite".
    """

    params: Parameters
    losses: Array
    reason: str


def train(
    loss: Loss,
    params: Parameters,
    X: Array,
    rng: np.random.Generator,
    *,
    steps: int = 1000,
    step_size: float = 0.02,
    batch: int | None = None,
    noise: Callable[..., Noise] = normal,
    polish: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Training:
    """Adam, then L-BFGS; of two players, each follows the gradient of its own loss.

    Parameters
    ----------
    loss : see `losses`
    params : where to start
    X : (N, n)
    batch : samples in a step, drawn anew; all of them if None
    noise : how to draw it, see `noise`
    polish : most iterations of L-BFGS at the end, on one draw of noise; for one player
    progress : called with the number of steps of Adam that are done
    """

    def seen(theta: Array, rows: Array, drawn: Noise) -> tuple[Array, Array]:
        return slope(loss, unflat(theta, params), rows, drawn)

    theta, adam, losses = flat(params), Adam(step_size), list[Array]()
    sizes = X.shape[1], number_of_codes(params)
    for k in range(steps):
        rows = X if batch is None else X[rng.integers(len(X), size=batch)]
        values, gradient = seen(theta, rows, noise(rng, len(rows), *sizes))
        losses.append(values)
        if not np.isfinite([*values, *gradient]).all():
            return Training(unflat(theta, params), np.array(losses), "not finite")
        theta = theta - adam.step(gradient, k / steps)
        if progress is not None:
            progress(k + 1)
    drawn, reason = noise(rng, len(X), *sizes), "step budget"
    if polish:
        theta, found, reason = polished(lambda theta: seen(theta, X, drawn), theta, polish)
        losses += found
    losses.append(seen(theta, X, drawn)[0])
    reason = reason if np.isfinite(losses[-1]).all() else "not finite"
    return Training(unflat(theta, params), np.array(losses), reason)


class Adam:
    """Kingma and Ba 2015, with steps that shrink to zero along a cosine."""

    def __init__(self, step_size: float) -> None:
        self.step_size, self.count = step_size, 0
        self.first: Any = 0.0
        self.second: Any = 0.0

    def step(self, gradient: Array, done: float) -> Array:
        """What to subtract, when that share of all steps is done."""
        self.count += 1
        self.first = 0.9 * self.first + 0.1 * gradient
        self.second = 0.999 * self.second + 0.001 * gradient**2
        mean = self.first / (1 - 0.9**self.count)
        size = np.sqrt(self.second / (1 - 0.999**self.count)) + 1e-30  # in any unit of the loss
        return self.step_size * (1 + np.cos(np.pi * done)) / 2 * mean / size


def polished(
    function: Callable[[Array], tuple[Array, Array]], theta: Array, steps: int
) -> tuple[Array, list[Array], str]:
    """L-BFGS: where it ended, the losses on the way, and why it ended."""
    losses: list[Array] = []

    def objective(theta: Array) -> tuple[float, Array]:
        (value,), gradient = function(theta)
        return float(value), gradient

    def note(intermediate_result: Any) -> None:
        losses.append(np.array([float(intermediate_result.fun)]))

    options = {"maxiter": steps, "maxfun": 10 * steps, "ftol": 1e-15, "gtol": 0, "maxcor": 20}
    found = minimize(objective, theta, jac=True, method="L-BFGS-B", callback=note, options=options)
    return found.x, losses, "step budget" if found.status == 1 else "converged"
