"""Where descent rests on its way down, for how long, and what the theory predicts.

    run = descend(landscape, A, B)
    rests(run, landscape)                found: critical values, from when to when
    predicted_rests(landscape, A, B)     from the half-times of the components, whitened

Times are steps × step size, which is the time of the flow θ̇ = −∇L.
Theorem: proofs/plateau.py
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.descent import Descent
from linae.exact import Array
from linae.flow import plateau_times
from linae.landscapes.base import Landscape
from linae.landscapes.squared import SquaredLoss


class Rest(NamedTuple):
    """A stretch of descent near one critical value.

    `classes` are the index sets of that value: several classes may share it. `end` is inf where
    descent stays.
    """

    value: float
    classes: tuple[IndexSet, ...]
    start: float
    end: float

    @property
    def duration(self) -> float:
        return self.end - self.start


def nearest(run: Descent, classes: Sequence[CriticalClass]) -> Array:
    """The place in `classes` of the one with the nearest loss, at every step and for each start
    (steps + 1, starts); of several with one loss, the first."""
    values = np.array([float(critical.loss) for critical in classes])
    return np.array([abs(losses[:, None] - values).argmin(axis=1) for losses in run.losses.T]).T


def rests(
    run: Descent, landscape: Landscape, *, share: float = 0.1, best: int = 1000
) -> list[list[Rest]]:
    """For each start, where its loss stayed near a critical value, in order.

    Near is within `share` of the gap to the next critical value; to stay is for at least a
    hundredth of the run. A rest ends, and the next begins, when half of the next component is
    learned. Only the `best` classes are looked at.
    """
    classes = list(islice(landscape.critical_classes(), best))
    losses = np.array([float(critical.loss) for critical in classes])
    values = np.unique(losses)
    scale = max(float(np.ptp(values)), abs(float(values[-1])), 1e-300)
    values = values[np.diff(values, prepend=-np.inf) > 1e-9 * scale]
    names = [
        tuple(c.index_set for c in classes if abs(float(c.loss) - v) < 1e-9 * scale) for v in values
    ]
    gaps = np.diff(values, prepend=values[0] - scale, append=values[-1] + scale)
    radius = share * np.minimum(gaps[:-1], gaps[1:])
    found = []
    for track, step in zip(run.losses.T, run.step, strict=True):
        near = abs(track[:, None] - values).argmin(axis=1)
        near = np.where(abs(track - values[near]) <= radius[near], near, -1)
        long = [k for k, a, b in _stretches(near) if k >= 0 and (b - a) * 100 >= len(near)]
        bounds = [0, *(_half(track, values[a], values[b]) for a, b in pairwise(long))]
        times = [*(float(bound * step) for bound in bounds), np.inf]
        spans = zip(long, pairwise(times), strict=False)
        found.append([Rest(float(values[k]), names[k], *span) for k, span in spans])
    return found


def _half(track: Array, high: float, low: float) -> int:
    """The step at which half of the next component is learned: three quarters of the way down."""
    return int((track <= high - 0.75 * (high - low)).argmax())


def _stretches(places: Array) -> list[tuple[int, int, int]]:
    """Maximal runs of equal numbers: the number, where it begins, where the next one begins."""
    cuts = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist(), len(places)]
    return [(int(places[a]), a, b) for a, b in pairwise(cuts)]


def predicted_rests(landscape: SquaredLoss, A: Array, B: Array) -> list[Rest]:
    """The rests of descent from a small balanced start: between the half-times of components.

    To leading order in the size of the start; exact half-times for aligned starts.

    Raises
    ------
    ValueError
        If the inputs are not white or the start is not balanced.
    """
    times = plateau_times(landscape, A, B)
    learned = sorted((t, i) for i, t in enumerate(times) if np.isfinite(t))
    bounds = [0.0, *(max(t, 0.0) for t, _ in learned), np.inf]
    chosen = [tuple(sorted(i for _, i in learned[:k])) for k in range(len(learned) + 1)]
    return [
        Rest(float(landscape.class_loss(J)), (J,), start, end)
        for J, (start, end) in zip(chosen, pairwise(bounds), strict=True)
    ]
