"""The loss surface of the scalar autoencoder, (1 − ab)²."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import PowerNorm
from matplotlib.figure import FigureBase

from linae.exact import Array
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.plot.labels import halo, number
from linae.plot.pen import Drawn, Pen
from linae.plot.style import MINIMUM, SADDLE, resize

MAP = "viridis"
LEVELS = (0, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64)


def scalar(landscape: SquaredLoss, figure: FigureBase) -> Drawn:
    """The loss surface of the scalar autoencoder, (1 − ab)²: two valleys and the pass between them.

    The same for all data.
    """
    loss = SquaredLoss(Moments.auto([[1.0]]), 1).loss
    pen = Pen()
    resize(figure, 7.6, 3.9)
    surface = figure.add_subplot(1, 2, 1, projection="3d", computed_zorder=False)
    plane = figure.add_subplot(1, 2, 2)
    _surface(pen, surface, loss)
    _plane(pen, plane, loss)
    t = np.linspace(-1, 1, 41)
    height = _height(loss, t, t)
    _pass(pen, surface, " on the surface", t, height)
    _pass(pen, plane, "", t, height)
    return pen.drawn(
        "The loss (1 − ab)² of the scalar autoencoder, with decoder a and encoder b. Its minima "
        "ab = 1 are two curves, mirror images of each other; on the straight line from one to the "
        f"other the loss climbs from {number(height.min())} to {number(height.max())}, at the "
        "saddle a = b = 0, and no path climbs less."
    )


def _pass(pen: Pen, ax: Any, where: str, t: Array, height: Array) -> None:
    """The straight line between the minima, and the saddle in its middle."""
    line = {"a": t, "b": t, "loss": height}
    pen.line(ax, f"straight line{where}", line, color="white", linestyle=(0, (2, 1.2)))
    middle = {name: column[len(t) // 2] for name, column in line.items()}
    mark: dict[str, Any] = {"markeredgecolor": "white", "markersize": 8, "zorder": 5}
    pen.dots(ax, f"saddle{where}", middle, color=SADDLE, **mark)


def _height(loss: Any, a: Any, b: Any) -> Array:
    """The loss at scalars a and b, of any shape."""
    return loss(*(np.asarray(x, dtype=float)[..., None, None] for x in (a, b)))


def _branch(end: float) -> tuple[Array, Array]:
    """Points of ab = 1 with 1/end ≤ a ≤ end."""
    a = np.geomspace(1 / end, end, 41)
    return a, 1 / a


def _surface(pen: Pen, ax: Any, loss: Any) -> None:
    """Over a rectangle along the diagonals, on which both valleys lie."""
    along, across = np.meshgrid(np.linspace(-2.05, 2.05, 61), np.linspace(-1.0, 1.0, 37))
    a, b = (along + across) / np.sqrt(2), (along - across) / np.sqrt(2)
    data = {"a": a, "b": b, "loss": _height(loss, a, b)}
    style: dict[str, Any] = {"cmap": MAP, "norm": PowerNorm(0.4, 0, 6), "rcount": 37, "ccount": 61}
    pen.surface(ax, "surface", data, **style, linewidth=0, antialiased=False)
    for sign in (1, -1):
        x, y = _branch(1.85)
        curve = {"a": sign * x, "b": sign * y, "loss": 0 * x}
        pen.line(ax, f"minima on the surface, side {sign}", curve, color=MINIMUM, linewidth=3)
    ax.view_init(elev=42, azim=-62)
    ax.set_box_aspect((1, 1, 0.55), zoom=1.55)
    ax.set_axis_off()
    ax.text(0, 0, 1.3, "saddle, loss 1", color="white", path_effects=halo(), ha="center", zorder=6)
    for place in (0.17, 0.88):
        ax.text2D(place, 0.1, "minima,\nloss 0", transform=ax.transAxes, ha="center", va="top")


def _plane(pen: Pen, ax: Any, loss: Any) -> None:
    """Level sets, minima and names."""
    a, b = np.meshgrid(np.linspace(-2.5, 2.5, 81), np.linspace(-2.5, 2.5, 81))
    z = _height(loss, a, b)
    drawn = pen.heights(
        ax,
        "levels",
        {"a": a, "b": b, "loss": z},
        levels=LEVELS,
        cmap=MAP,
        norm=PowerNorm(0.3, 0, 64),
    )
    bar = ax.figure.colorbar(drawn, ax=ax, label="loss", ticks=LEVELS[::2], format="%g", shrink=0.8)
    bar.outline.set_visible(False)
    for sign in (1, -1):
        x, y = _branch(2.5)
        data = {"a": sign * x, "b": sign * y, "loss": 0 * x}
        pen.line(ax, f"minima, side {sign}", data, color=MINIMUM, linewidth=3)
    ax.set(xlabel="decoder a", ylabel="encoder b", aspect="equal")
    style = {"color": "white", "path_effects": halo()}
    ax.annotate("minima\nab = 1", (1.25, 1.3), **style)
    ax.annotate("saddle", (0.18, -0.45), **style)
