"""A pen that remembers: every number goes through it once, onto the axes and into the table.

    pen = Pen()
    pen.line(ax, "flow", {"time": t, "loss": values}, color=BLUE)
    return pen.drawn("The loss falls from 4.57 to 0.102.")

The artist of a series carries its name as `gid`, which in an SVG is the id of its element.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PathCollection
from matplotlib.path import Path

from linae.exact import Array
from linae.landscapes.base import Landscape
from linae.landscapes.squared import SquaredLoss
from linae.plot.style import GREY

Data = Mapping[str, Any]
"""Columns: the coordinates first, in the order of the axes; then what a reader may want to know."""


class NotDrawnError(ValueError):
    """The data have nothing to show in this figure; the message says what it needs."""


def check_dependence(landscape: Landscape) -> None:
    """Refuse data of which every point with A B = 0 is a global minimum: nothing depends on J."""
    if not landscape.spectrum.rank:
        raise NotDrawnError("Need targets that depend on the inputs. Got Σ = 0, a single class.")


def check_squared(landscape: Landscape) -> None:
    """Refuse other losses, of which this figure knows nothing."""
    if not isinstance(landscape, SquaredLoss):
        raise NotDrawnError(f"Need the squared loss. Got {landscape.name.replace('_', ' ')}.")
    check_dependence(landscape)


@dataclass(frozen=True, eq=False)
class Drawn:
    """What a figure shows.

    Attributes
    ----------
    caption : str
        Sentences with numbers, those of the data.
    table : dict of lists
        Everything drawn: a column "series" that says to what a row belongs, then coordinates.
    """

    caption: str
    table: dict[str, list[Any]]

    def as_csv(self) -> str:
        """The table as text; numbers so that they read back as themselves."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.table)
        writer.writerows(zip(*self.table.values(), strict=True))
        return text.getvalue()


class Pen:
    """Draws series of numbers and keeps them."""

    def __init__(self) -> None:
        self._series: dict[str, dict[str, list[Any]]] = {}

    def line(self, ax: Any, series: str, data: Data, **style: Any) -> None:
        """A curve through points, in two or three dimensions."""
        (artist,) = ax.plot(*self._note(ax, series, data), **style)
        _name(artist, series)

    def dots(self, ax: Any, series: str, data: Data, **style: Any) -> None:
        """Marks at points; style as for a curve, without one."""
        self.line(ax, series, data, **{"marker": "o", "linestyle": "none", **style})

    def level(self, ax: Any, series: str, data: Data) -> None:
        """A thin line for reference, behind the others."""
        style = {"color": GREY, "linewidth": 0.8, "linestyle": "--", "zorder": 0}
        self.line(ax, series, data, **style)

    def segments(
        self, ax: Any, series: str, data: Data, *, label: str, color: str, bend: float, **style: Any
    ) -> None:
        """Pieces of line, straight or bent to the side: the ends of each follow one another."""
        points = np.column_stack(self._note(ax, series, data)).reshape(-1, 2, 2).astype(float)
        start, end = points[:, 0], points[:, 1]
        size = np.ptp(points, axis=(0, 1))
        aside = np.divide(end - start, size, out=0 * start, where=size > 0)[:, ::-1] * (1, -1)
        middle = points.mean(axis=1) + bend * size * aside
        code = [Path.MOVETO, Path.CURVE3, Path.CURVE3]
        paths = [Path([a, m, b], code) for a, m, b in zip(start, middle, end, strict=True)]
        if not bend:
            paths = [Path(list(ends)) for ends in points]
        lines = PathCollection(paths, facecolor="none", edgecolor=color, **style)
        _name(ax.add_collection(lines), series)
        ax.plot([], [], color=color, label=label)

    def bars(self, ax: Any, series: str, data: Data, **style: Any) -> None:
        """Bars of given heights."""
        _name(ax.bar(*self._note(ax, series, data), **style), series)

    def surface(self, ax: Any, series: str, data: Data, **style: Any) -> None:
        """A surface over a plane, from three arrays of two dimensions."""
        _name(ax.plot_surface(*self._note(ax, series, data), **style), series)

    def heights(self, ax: Any, series: str, data: Data, **style: Any) -> Any:
        """Filled contours, from three arrays of two dimensions."""
        artist = ax.contourf(*self._note(ax, series, data, count=3), **style)
        _name(artist, series)
        return artist

    def keep(self, series: str, data: Data) -> list[Array]:
        """Remember columns, which may be numbers; returns them as arrays of one shape."""
        if series in self._series:
            raise ValueError(f"Need a new name for each series. Got {series!r} again.")
        columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x)) for x in data.values()))
        pairs = zip(data, columns, strict=True)
        self._series[series] = {name: column.ravel().tolist() for name, column in pairs}
        return list(columns)

    def _note(self, ax: Any, series: str, data: Data, count: int = 0) -> list[Array]:
        """Remember a series; returns its coordinates."""
        return self.keep(series, data)[: count or (3 if ax.name == "3d" else 2)]

    def drawn(self, caption: str) -> Drawn:
        """The figure as it stands."""
        names = list(dict.fromkeys(name for part in self._series.values() for name in part))
        table: dict[str, list[Any]] = {name: [] for name in ("series", *names)}
        for series, part in self._series.items():
            size = len(next(iter(part.values())))
            table["series"] += [series] * size
            for name in names:
                table[name] += part.get(name, [""] * size)
        return Drawn(caption, table)


def _name(artist: Any, series: str) -> None:
    """The series as id; of several parts, such as bars, with a number."""
    if isinstance(artist, Artist):
        artist.set_gid(identifier(series))
    else:
        for k, part in enumerate(artist, start=1):
            part.set_gid(f"{identifier(series)}.{k}")


def identifier(series: str) -> str:
    """A series as the id of an element.

    >>> identifier("PCs 1 3, steepest")
    'PCs-1-3-steepest'
    """
    return re.sub(r"[^\w-]+", "-", series)
