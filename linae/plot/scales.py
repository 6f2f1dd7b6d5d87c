"""Axes whose numbers span decades."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter

from linae.plot.labels import number

NOTHING = 1e-9
"""Numbers below this share of the largest are zero to the eye."""


def decades(ax: Any, name: str, values: Iterable[float]) -> None:
    """A scale of decades for the axis "x" or "y", linear below the least value that is not zero."""
    sizes = sorted(abs(x) for x in values)
    some = [x for x in sizes if x > NOTHING * sizes[-1]] or [1.0]
    set_scale, axis = getattr(ax, f"set_{name}scale"), getattr(ax, f"{name}axis")
    if len(some) < len(sizes):
        set_scale("symlog", linthresh=some[0])
        axis.set_major_locator(FixedLocator(_ticks(some[0], some[-1])))
    else:
        set_scale("log")
        axis.set_major_locator(LogLocator(subs=_steps(some[-1] / some[0])))
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(lambda x, _: number(x))


def _steps(span: float) -> tuple[float, ...]:
    """Multiples of powers of ten to label, so that a few fall into a span of any size."""
    return (1,) if span >= 100 else (1, 2, 5) if span >= 5 else (1, 1.5, 2, 3, 4, 5, 6, 8)


def _ticks(low: float, high: float) -> list[float]:
    """0, and powers of ten of either sign: not more than three, the largest first."""
    top, bottom = math.floor(math.log10(high)), math.ceil(math.log10(low))
    powers = [10.0**k for k in range(top, bottom - 1, -max(1, 1 + (top - bottom) // 3))]
    return [0.0, *powers, *(-x for x in powers)]
