"""From a drawing to files: SVG and PNG with their caption inside, and the numbers as CSV."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.collections import Collection, PathCollection
from matplotlib.contour import ContourSet
from matplotlib.figure import FigureBase
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from linae.exact import Array
from linae.landscapes.base import Landscape
from linae.plot.pen import Drawn, Pen
from linae.plot.style import blank, house_style

Draw = Callable[[Any, FigureBase], Drawn]
"""A function of this package: it draws on an empty figure, or on an empty part of one."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure in files.

    Attributes
    ----------
    title, caption : str
        What is drawn, and what is seen there.
    files : dict
        Contents by suffix: ".svg", ".png" and ".csv".
    """

    title: str
    caption: str
    files: dict[str, bytes]


def picture(draw: Draw, landscape: Landscape, *, dpi: float = 200) -> Picture:
    """Draw, and write down; the same bytes each time.

    Raises
    ------
    NotDrawnError
        If the data have nothing to show there.
    """
    title = title_of(draw)
    with house_style():
        figure = blank()
        drawn = draw(landscape, figure)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # it would move things again for each file
        words = {"Title": title, "Description": drawn.caption}
        fixed: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "png": {"Software": None}}
        files = {".csv": drawn.as_csv().encode()}
        for kind, extra in fixed.items():
            file = io.BytesIO()
            figure.savefig(file, format=kind, dpi=dpi, transparent=True, metadata=words | extra)
            files[f".{kind}"] = file.getvalue()
    return Picture(title, drawn.caption, files)


def title_of(draw: Draw) -> str:
    """The first line of the docstring."""
    return (draw.__doc__ or "").strip().partition("\n")[0]


def on_axes(function: Callable[[Any], Any], title: str) -> Draw:
    """A figure from a function that draws on axes and says in its docstring what is seen there;
    its numbers are read back from what it drew."""

    def draw(_: Landscape, figure: FigureBase) -> Drawn:
        ax = figure.add_subplot()
        function(ax)
        return Drawn((function.__doc__ or title).strip().partition("\n")[0], read_back(ax))

    draw.__doc__ = title
    return draw


def read_back(ax: Any) -> dict[str, list[Any]]:
    """What is on axes; a series has the name that the legend gives it, or else a number."""
    pen, taken = Pen(), set[str]()
    artists = [*ax.lines, *ax.collections, *ax.patches]
    for count, artist in enumerate(artists, start=1):
        data = _points(artist)
        label = str(artist.get_label())
        if len(data["x"]):
            series = f"series {count}" if label.startswith("_") or label in taken else label
            taken.add(series)
            pen.keep(series, data)
    return pen.drawn("").table


def _points(artist: Any) -> dict[str, Array]:
    """Coordinates: of a curve, of marks, of the top of a bar, of the corners of anything else."""
    columns: dict[str, Any] = {}
    match artist:
        case Line2D():
            points = np.array(artist.get_data()).T
        case Rectangle():
            points = np.array([[artist.get_center()[0], artist.get_y() + artist.get_height()]])
        case PathCollection():
            points = np.array(artist.get_offsets())
        case Collection():
            corners: list[Array] = [np.array(path.vertices) for path in artist.get_paths()]
            points = np.concatenate([np.empty((0, 2)), *corners])
            if isinstance(artist, ContourSet):
                columns = {"level": np.repeat(vars(artist)["cvalues"], [*map(len, corners)])}
        case _:
            points = np.empty((0, 2))
    return {"x": points[:, 0], "y": points[:, 1], **columns}
