"""Two mirror-image minima, and the loss on three ways from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from matplotlib.figure import FigureBase

from linae.exact import Array
from linae.landscapes.squared import SquaredLoss
from linae.minima import Weights, barrier, connect
from linae.plot.labels import margin_labels, number, subscript
from linae.plot.pen import Drawn, Pen, check_squared
from linae.plot.style import ORANGE, PURPLE, SKY

POINTS = 241


def mirror(landscape: SquaredLoss, figure: FigureBase) -> Drawn:
    """Two mirror-image minima: the loss on the straight line between them and on the best path."""
    check_squared(landscape)
    landscape = landscape.floating
    spectrum, p = landscape.spectrum, landscape.width
    unit = min(p, spectrum.rank)
    best = next(landscape.critical_classes())
    A, B = best.weights()
    sign = np.where(np.arange(p) == unit - 1, -1.0, 1.0)
    ends = (A, B), (A * sign, sign[:, None] * B)
    pen, ax = Pen(), figure.add_subplot()
    climbs = {}
    for name, path, style in _ways(landscape, ends):
        way, loss = _walk(landscape, path)
        climbs[name] = float(loss.max() - loss[0])
        pen.line(ax, name, {"share of the way": way, "loss": loss}, label=name, **style)
    least, gap = float(best.loss), float(barrier(spectrum, p))
    gap_name = f"λ{subscript(p)} − λ{subscript(p + 1)}" if p < spectrum.rank else f"λ{subscript(p)}"
    heights = {
        "least": least,
        f"+ {gap_name}": least + gap,
        f"+ λ{subscript(unit)}": least + climbs["straight line"],
    }
    for name, height in heights.items():
        pen.level(ax, name, {"share of the way": (0, 1), "loss": height})
    ax.set(xlabel="share of the way, by length", ylabel="loss")
    figure.legend(loc="outside upper center", ncols=3)
    names = [f"{name}: {number(height)}" for name, height in heights.items()]
    margin_labels(ax, list(heights.values()), names)
    return pen.drawn(_caption(climbs, gap, gap_name))


Way = tuple[str, Callable[[float], Weights], dict[str, Any]]


def _ways(landscape: SquaredLoss, ends: tuple[Weights, Weights]) -> Iterator[Way]:
    """Paths between two minima, with their names and looks."""
    yield "straight line", lambda t: _between(*ends, t), {"color": ORANGE, "linewidth": 4}
    yield "best path", connect(landscape, *ends), {"color": SKY}
    if not landscape.moments.is_complex:
        others = [tuple(w.astype(complex) for w in end) for end in ends]
        style = {"color": PURPLE, "linestyle": ":", "linewidth": 3}
        yield "best path of complex weights", connect(landscape, *others), style


def _between(start: Weights, end: Weights, t: float) -> Weights:
    (A, B), (C, D) = start, end
    return (1 - t) * A + t * C, (1 - t) * B + t * D


def _walk(landscape: SquaredLoss, path: Callable[[float], Weights]) -> tuple[Array, Array]:
    """Share of the length behind, and loss, at points of a path."""
    points = [path(t) for t in np.linspace(0, 1, POINTS)]
    flat = np.array([np.concatenate([w.ravel() for w in point]) for point in points])
    way = np.cumsum(np.linalg.norm(np.diff(flat, axis=0, prepend=flat[:1]), axis=1))
    return way / way[-1], np.array([float(landscape.loss(*point)) for point in points])


def _caption(climbs: dict[str, float], gap: float, gap_name: str) -> str:
    straight, best, *imaginary = climbs.values()
    said = (
        "Two global minima, mirror images: one hidden unit changes its sign. On the straight line "
        f"between them the loss climbs by {number(straight)}"
    )
    if not gap:
        tiny = "" if best <= 1e-9 * straight else f" but for {number(best, 2)}"
        return f"{said}; on the best path it does not climb at all{tiny}."
    said += (
        f", on the best path by {number(best)}; "
        f"no path climbs less than {gap_name} = {number(gap)}."
    )
    if imaginary and imaginary[0] <= 1e-9 * straight:
        said += " Through complex weights it does not climb at all."
    return said
