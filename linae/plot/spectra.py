"""Hessian spectra of all classes, predicted and computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import FigureBase

from linae.critical import number_of_classes
from linae.exact import Array
from linae.landscapes.squared import SquaredLoss
from linae.plot.labels import components, number
from linae.plot.pen import Drawn, NotDrawnError, Pen, check_squared
from linae.plot.scales import decades
from linae.plot.style import FALL, GREY, RISE, resize
from linae.sentences import amount

MOST_CLASSES, MOST_WEIGHTS = 24, 800


def spectra(landscape: SquaredLoss, figure: FigureBase) -> Drawn:
    """Hessian spectra of all critical classes: closed forms as circles, computed ones as dots."""
    check_squared(landscape)
    shown = landscape.floating if landscape.moments.is_auto else landscape.whitened
    if shown.size > MOST_WEIGHTS:
        raise NotDrawnError(f"Need at most {MOST_WEIGHTS} weights. Got {shown.size}.")
    classes = list(shown.critical_classes(MOST_CLASSES))
    predicted = [np.asarray(c.hessian_spectrum()) for c in classes]
    found = [np.linalg.eigvalsh(shown.hessian(*c.weights())) for c in classes]
    resize(figure, 7, max(3, 1.4 + 0.27 * len(classes)))
    pen, ax = Pen(), figure.add_subplot()
    rows = np.repeat(range(len(classes)), shown.size)
    _draw(pen, ax, rows, np.concatenate(predicted), np.concatenate(found))
    ax.set_xlabel(
        "Hessian eigenvalue"
        + ("" if shown.moments is landscape.floating.moments else ", whitened inputs")
    )
    ax.set_yticks(range(len(classes)), [components(c) for c in classes])
    ax.set_ylabel("components of the class")
    right = ax.secondary_yaxis("right")
    right.set_yticks(range(len(classes)), [str(c.inertia) for c in classes])
    right.set_ylabel("negative, zero, positive")
    figure.legend(loc="outside upper center", ncols=4, columnspacing=1, handletextpad=0.1)
    return pen.drawn(_caption(landscape, predicted, found))


def _draw(pen: Pen, ax: Any, rows: Array, predicted: Array, found: Array) -> None:
    """Circles at predicted eigenvalues; dots at computed ones, in the colour of the sign that is
    predicted."""
    ring: dict[str, Any] = {"markerfacecolor": "none", "markersize": 9, "markeredgewidth": 1.2}
    data = {"eigenvalue": predicted, "row": rows}
    pen.dots(ax, "predicted", data, color=GREY, label="predicted", **ring)
    for name, sign, color in (("negative", -1, FALL), ("zero", 0, GREY), ("positive", 1, RISE)):
        here = np.sign(predicted) == sign
        if here.any():
            data = {"eigenvalue": found[here], "row": rows[here]}
            pen.dots(ax, name, data, color=color, markersize=4, label=f"computed, {name}")
    decades(ax, "x", predicted)


def _caption(landscape: SquaredLoss, predicted: Sequence[Array], found: Sequence[Array]) -> str:
    total = number_of_classes(landscape.spectrum.multiplicities, landscape.width)
    which = "each of the" if total == len(found) else f"the best {len(found)} of"
    error = np.abs(np.array(predicted) - np.array(found)).max() / (np.abs(found).max() or 1)
    return (
        f"Hessian eigenvalues at {which} {amount(total)} critical classes, of the closed form "
        "(circles) and of the assembled matrix (dots). The largest difference is "
        f"{number(float(error), 1)} of the largest eigenvalue. At the right the inertia: its first "
        "number is the index."
    )
