"""Sharpness along the orbit of one global minimum: the same function, as sharp as one likes."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import FigureBase

from linae.exact import Array
from linae.landscapes.squared import SquaredLoss
from linae.minima import Weights
from linae.plot.labels import margin_labels, number
from linae.plot.pen import Drawn, NotDrawnError, Pen, check_squared
from linae.plot.scales import decades
from linae.plot.style import ORANGE, SKY

MOST_WEIGHTS = 800
SCALES = np.geomspace(1 / 10, 10, 121)


def sharpness(landscape: SquaredLoss, figure: FigureBase) -> Drawn:
    """Largest Hessian eigenvalue along (A/s, sB), s > 0: one function, from flat to sharp."""
    check_squared(landscape)
    landscape = landscape.whitened
    if landscape.size > MOST_WEIGHTS:
        raise NotDrawnError(f"Need at most {MOST_WEIGHTS} weights. Got {landscape.size}.")
    A, B = next(landscape.critical_classes()).weights()
    a, b = (float(np.linalg.norm(w, 2)) ** 2 for w in (A, B))
    predicted = 2 * (a / SCALES**2 + b * SCALES**2)
    some = SCALES[::10]
    found = np.array([_largest(landscape, (A / s, s * B)) for s in some])
    loss = np.array([float(landscape.loss(A / s, s * B)) for s in some])
    pen, ax = Pen(), figure.add_subplot()
    least = 4 * float(landscape.spectrum.eigenvalues[0]) ** 0.5
    pen.level(ax, "flattest", {"scale": SCALES[[0, -1]], "sharpness": least})
    data = {"scale": SCALES, "sharpness": predicted}
    pen.line(ax, "predicted", data, color=SKY, label="2 (‖A/s‖² + ‖sB‖²), spectral norms")
    data = {"scale": some, "sharpness": found, "loss": loss}
    pen.dots(ax, "computed", data, color=ORANGE, label="computed from the Hessian")
    decades(ax, "x", SCALES)
    decades(ax, "y", predicted)
    ax.set(xlabel="scale s of the weights (A/s, sB)", ylabel="sharpness: largest curvature")
    figure.legend(loc="outside upper center", ncols=2)
    margin_labels(ax, [least], [f"4 σ₁: {number(least)}"])
    low, high = number(found.min()), number(found.max())
    return pen.drawn(
        "The largest Hessian eigenvalue at (A/s, sB), a global minimum for every s, in whitened "
        f"inputs: the map AB and the loss stay as they are, while it grows from {low} to {high}. "
        f"No global minimum has less than 4 σ₁ = {number(least)}, and there is no upper bound."
    )


def _largest(landscape: SquaredLoss, weights: Weights) -> float:
    H: Array = landscape.hessian(*weights)
    return float(np.linalg.eigvalsh(H)[-1])
