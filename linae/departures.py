"""Gradient descent from a small step off each critical class: where it ends, where it pauses.

    departures(landscape, classes).outcomes[3].pauses     # critical values

Descent must stay at the global minimum and leave every saddle; on the way to the global minimum
it lingers at other saddles. It runs on the ground of the landscape: for the squared loss that is
whitened inputs, where the condition number of the data matters least.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from linae.critical import CriticalClass
from linae.descent import Descent, descend
from linae.exact import Array, floating, is_complex
from linae.landscapes.base import Landscape

LONG = 40_000_000_000
"""Numbers that descent is not to move through a matrix without being asked for; a second moves some
hundred millions."""


class Outcome(NamedTuple):
    """Where descent from one class ended, and the critical values it paused at."""

    end: float
    pauses: tuple[float, ...]
    place: str  # "global minimum", "step budget" or "elsewhere"


class Departures(NamedTuple):
    """Outcomes, one for each class, in at most so many steps."""

    outcomes: tuple[Outcome, ...]
    steps: int
    seed: int


def is_long(landscape: Landscape, count: int) -> bool:
    """Whether descent from so many classes takes minutes.

    >>> from linae import Moments, SquaredLoss
    >>> is_long(SquaredLoss(Moments.auto(np.eye(4)), 2), 11)
    False
    """
    step = count * landscape.size * max(landscape.moments.m, landscape.moments.n)
    return step * _budget(count) > LONG


def _budget(count: int) -> int:
    """Most steps from so many classes."""
    return min(10_000, max(1_000, 10_000_000 // count))


def departures(
    landscape: Landscape,
    classes: Sequence[CriticalClass],
    *,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Departures:
    """Gradient descent from a small random step off each class, in batches.

    Parameters
    ----------
    classes : at least one, the best first
    progress : called with the number of classes done
    """
    rng = np.random.default_rng(seed)
    budget = _budget(len(classes))
    total = float(landscape.moments.total)
    values = np.unique([float(c.loss) for c in classes])
    values = values[np.diff(values, prepend=-np.inf) > 1e-9 * total]  # no descent tells them apart
    outcomes = list[Outcome]()
    steps = 0
    for first in range(0, len(classes), 64):
        batch = classes[first : first + 64]
        run = leave(landscape, batch, rng=rng, steps=budget, tolerance=1e-13)
        outcomes += _outcomes(run, values, total, ends=classes[0].is_global_minimum)
        steps = max(steps, run.steps)
        if progress is not None:
            progress(len(outcomes))
    return Departures(tuple(outcomes), steps, seed)


def _outcomes(run: Descent, values: Array, total: float, *, ends: bool) -> list[Outcome]:
    """A pause counts within a tenth of the way from a critical value to the next; the end counts as
    the least one, if that is a minimum, within a hundredth of that way and a millionth of E‖y‖²."""
    gaps = np.minimum(np.diff(values, append=np.inf), np.diff(values, prepend=-np.inf))
    near = min(1e-6 * total, 0.01 * gaps[0])
    found = []
    pauses = run.pauses(values, within=0.1 * gaps)
    for end, still, places in zip(run.losses[-1], run.converged, pauses, strict=True):
        place = "elsewhere" if still else "step budget"
        place = "global minimum" if ends and end <= values[0] + near else place
        found.append(Outcome(float(end), tuple(values[places].tolist()), place))
    return found


def leave(
    landscape: Landscape,
    classes: Sequence[CriticalClass],
    *,
    rng: np.random.Generator,
    size: float = 1e-8,
    **options: Any,
) -> Descent:
    """Gradient descent, all at once, from a small random step off a point of each class.

    The step is `size` times normal numbers of the size of the largest weight there; `options` are
    those of `descend`; the weights are those of `landscape.ground`, the losses of `landscape`.
    """
    ground = landscape.ground
    points = [_start(c, ground) for c in classes]
    starts = [floating(np.stack(parts)) for parts in zip(*points, strict=True)]
    scale = size * (max(float(np.abs(w).max()) for w in starts) or 1.0)
    starts = [w + scale * _noise(w, rng) for w in starts]
    run = descend(ground, *starts, **options)
    constant = float(landscape.spectrum.unexplained) - float(ground.spectrum.unexplained)
    return replace(run, losses=run.losses + constant)


def _start(critical: CriticalClass, ground: Landscape) -> tuple[Array, ...]:
    """A point of the class, without the components that data in double precision may lack: the
    class itself where the ground is the same landscape in doubles."""
    J = critical.index_set
    if max(J, default=-1) < ground.spectrum.rank:
        return ground.class_weights(J)
    if ground is critical.landscape.floating:
        return critical.weights()
    return ground.class_weights(tuple(j for j in J if j < ground.spectrum.rank))


def _noise(w: Array, rng: np.random.Generator) -> Array:
    """Standard normal numbers in the shape and the number field of w."""
    noise = rng.standard_normal(w.shape)
    return noise + 1j * rng.standard_normal(w.shape) if is_complex(w) else noise
