"""The loss along Hessian eigenvectors at each critical class, and along lines drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import FigureBase
from matplotlib.ticker import MaxNLocator

from linae.critical import CriticalClass, number_of_classes
from linae.exact import Array
from linae.landscapes.squared import SquaredLoss
from linae.plot.labels import class_name, number
from linae.plot.pen import Drawn, NotDrawnError, Pen, check_squared
from linae.plot.style import FALL, GREY, MINIMUM, RISE, resize
from linae.sentences import amount

MOST_CLASSES, MOST_WEIGHTS, RANDOM = 12, 800, 12
ZERO = 1e-9


@dataclass(frozen=True, eq=False)
class Section:
    """The loss on lines through a critical point: steepest down, steepest up, and at random.

    Attributes
    ----------
    t : (samples,)
        Distances from the point.
    change : (2 + RANDOM, samples)
        Loss minus that of the point, on each line.
    curvature : (2 + RANDOM,)
        Second derivatives at the point: the first two are the extreme Hessian eigenvalues.
    """

    critical: CriticalClass
    t: Array
    change: Array
    curvature: Array

    @property
    def descending(self) -> int:
        """How many of the random lines start downwards."""
        return int((self.curvature[2:] < 0).sum())


def directions(landscape: SquaredLoss, figure: FigureBase) -> Drawn:
    """The loss along the two extreme Hessian eigenvectors at each class, and along random lines."""
    check_squared(landscape)
    landscape = landscape.floating
    if landscape.size > MOST_WEIGHTS:
        raise NotDrawnError(f"Need at most {MOST_WEIGHTS} weights. Got {landscape.size}.")
    rng = np.random.default_rng(0)
    sections = [_section(c, rng) for c in landscape.critical_classes(MOST_CLASSES)]
    columns = min(4, len(sections))
    rows = -(-len(sections) // columns)
    resize(figure, max(6, 0.6 + 1.9 * columns), 0.9 + 1.75 * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    pen = Pen()
    for ax, section in zip(grid, sections, strict=False):
        _panel(pen, ax, section)
    for ax in grid[len(sections) :]:
        ax.set_axis_off()
    *random, high, low = grid[min(1, len(sections) - 1)].get_lines()
    names = "least curvature", "greatest curvature", f"{RANDOM} random lines"
    figure.legend([low, high, random[0]], names, loc="outside upper center", ncols=3)
    figure.supxlabel("distance from the critical point", size="medium")
    figure.supylabel("change of loss", size="medium")
    return pen.drawn(_caption(landscape, sections))


def _section(critical: CriticalClass, rng: np.random.Generator) -> Section:
    landscape: Any = critical.landscape
    point = critical.weights()
    H = landscape.hessian(*point)
    vectors = np.linalg.eigh(H).eigenvectors
    chance = rng.standard_normal((len(H), RANDOM))
    lines = np.column_stack([vectors[:, [0, -1]], chance / np.linalg.norm(chance, axis=0)]).T
    t = np.linspace(-1, 1, 61) * _reach(landscape, point, landscape.unflatten(lines[0]))
    change = np.array([_along(landscape, point, landscape.unflatten(v), t) for v in lines])
    return Section(critical, t, change, np.einsum("ij,jk,ik->i", lines, H, lines))


def _along(landscape: SquaredLoss, point: Sequence[Array], v: Sequence[Array], t: Array) -> Array:
    """Loss on a line, minus that at its middle."""
    moved = [w + t[:, None, None] * dw for w, dw in zip(point, v, strict=True)]
    return landscape.loss(*moved) - landscape.loss(*point)


def _reach(landscape: SquaredLoss, point: Sequence[Array], v: Sequence[Array]) -> float:
    """A little further than where the loss is least on a line: it is a quartic."""
    size = max(float(np.linalg.norm(w)) for w in point) or 1.0
    t = np.linspace(-2, 2, 5) * size
    quartic = np.polynomial.Polynomial.fit(t, _along(landscape, point, v, t), 4)
    turns = quartic.deriv().roots()
    turns = turns[np.abs(turns.imag) < 1e-9 * size].real
    far = np.abs(turns).max(initial=0)
    return float(1.4 * far) if far > 1e-3 * size else size


def _panel(pen: Pen, ax: Any, section: Section) -> None:
    name, falls = class_name(section.critical), section.critical.index > 0
    for k in range(2, len(section.change)):
        _line(pen, ax, section, k, f"{name}, random {k - 1}", color=GREY, linewidth=0.6)
    color = FALL if falls else MINIMUM
    _line(pen, ax, section, 1, f"{name}, greatest curvature", color=RISE)
    _line(pen, ax, section, 0, f"{name}, least curvature", color=color)
    depth = max(-section.change[0].min(), 0) or 0.05 * section.change[1].max()
    ax.set(xlim=section.t[[0, -1]], ylim=(-1.25 * depth, 2.5 * depth))
    ax.set_title(name, pad=18)
    _print_curvature(ax, section, 0, color, "left")
    _print_curvature(ax, section, 1, RISE, "right")
    ax.xaxis.set_major_locator(MaxNLocator(3, symmetric=True))
    ax.yaxis.set_major_locator(MaxNLocator(3))
    ax.yaxis.set_major_formatter(lambda x, _: number(x))


def _print_curvature(ax: Any, section: Section, k: int, color: str, side: str) -> None:
    """Above the left or the right end of the axes."""
    x = section.curvature[k]
    text = number(x if abs(x) > ZERO * section.curvature[1] else 0)
    corner, style = (float(side == "right"), 1), {"color": color, "ha": side, "fontsize": 9}
    ax.annotate(text, corner, (0, 3), "axes fraction", "offset points", **style)


def _line(pen: Pen, ax: Any, section: Section, k: int, series: str, **style: Any) -> None:
    data = {"distance": section.t, "change of loss": section.change[k]}
    pen.line(ax, series, {**data, "curvature": section.curvature[k]}, **style)


def _caption(landscape: SquaredLoss, sections: Sequence[Section]) -> str:
    total = number_of_classes(landscape.spectrum.multiplicities, landscape.width)
    which = (
        f"each of the {total}"
        if total == len(sections)
        else f"the best {len(sections)} of {amount(total)}"
    )
    said = (
        f"The loss around {which} critical classes, along the Hessian eigenvectors of least and of "
        "greatest curvature (the numbers above)."
    )
    saddles = [section for section in sections if section.critical.index]
    down = sum(section.descending for section in saddles)
    said += (
        " From every saddle the first leads down; of random lines (grey) "
        f"{down or 'none'} of {RANDOM * len(saddles)} start downwards."
    )
    hidden = [class_name(s.critical) for s in saddles if not s.descending]
    if len(hidden) > 1:
        said += f" On its {RANDOM} random lines each of {len(hidden)} saddles looks like a minimum."
    elif hidden:
        said += f" On all of its lines the saddle {hidden[0]} looks like a minimum."
    return said
