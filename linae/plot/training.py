"""What a training came to: the loss at each step, codes, and reconstructions."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import FigureBase

from linae.autoencoders.study import Study
from linae.exact import Array
from linae.plot.labels import margin_labels, number
from linae.plot.pen import Drawn, NotDrawnError, Pen
from linae.plot.picture import Draw
from linae.plot.scales import decades
from linae.plot.style import BLUE, GREY, ORANGE, PURPLE

MOST = 400
"""Samples that are drawn, evenly spaced among all."""


def loss(made: Study, figure: FigureBase) -> Drawn:
    """The loss at each step of training, and the closed form or bound."""
    pen, ax = Pen(), figure.add_subplot()
    values = made.training.losses
    steps = np.arange(len(values))
    pen.line(ax, "loss", {"step": steps, "loss": values[:, 0]}, color=BLUE, label="loss")
    if values.shape[1] > 1:
        line = {"step": steps, "loss": values[:, 1]}
        pen.line(ax, "critic", line, color=PURPLE, label="loss of the critic")
        figure.legend(loc="outside upper center", ncols=2)
    ax.set(xlabel="step", ylabel="loss")
    said = f"{_name(made)}: after {len(values) - 1:,} steps the loss is {number(values[-1, 0], 4)}"
    shown = values.ravel()
    if made.optimum is None:
        if shown.min() > 0:
            decades(ax, "y", shown)
        return pen.drawn(f"{said}.")
    least, words, is_bound = made.optimum
    kind = "bound" if is_bound else "closed form"
    shown = np.append(shown, least)
    pen.level(ax, kind, {"step": steps[[0, -1]], "loss": least})
    if shown.min() > 0:
        decades(ax, "y", shown)
    margin_labels(ax, [least], [f"{kind}: {number(least)}"])
    return pen.drawn(f"{said}; {kind}: {number(least, 4)} ({words}).")


def codes(made: Study, figure: FigureBase) -> Drawn:
    """Codes of the data."""
    pen, ax = Pen(), figure.add_subplot()
    Z = made.codes[_shown(made)]
    if Z.shape[1] > 1:
        pen.dots(ax, "codes", {"code 1": Z[:, 0], "code 2": Z[:, 1]}, color=BLUE, markersize=4)
        ax.set(xlabel="code 1", ylabel="code 2")
    else:
        first = _plane(made)[0][:, 0]
        pen.dots(ax, "codes", {"PC 1": first, "code": Z[:, 0]}, color=BLUE, markersize=4)
        ax.set(xlabel="PC 1 of the data", ylabel="code")
    spread = ", ".join(number(float(x)) for x in made.codes.std(axis=0)[:8])
    return pen.drawn(f"{_name(made)}: codes of {len(Z)} samples; standard deviations {spread}.")


def reconstructions(made: Study, figure: FigureBase) -> Drawn:
    """Data and their reconstructions, in the plane of the first two principal components."""
    if made.X.shape[1] < 2:
        raise NotDrawnError("Need two columns for a plane. Got one.")
    pen, ax = Pen(), figure.add_subplot()
    X, Y = _plane(made)
    ends = np.stack([X, Y], axis=1).reshape(-1, 2)
    moves = {"PC 1": ends[:, 0], "PC 2": ends[:, 1]}
    pen.segments(ax, "errors", moves, label="error", color=GREY, bend=0, linewidth=0.6, zorder=1)
    for series, points, color in (("data", X, BLUE), ("reconstructions", Y, ORANGE)):
        line = {"PC 1": points[:, 0], "PC 2": points[:, 1]}
        pen.dots(ax, series, line, color=color, markersize=4, label=series)
    ax.set(xlabel="PC 1", ylabel="PC 2")
    ax.autoscale_view()
    figure.legend(loc="outside upper center", ncols=3)
    left = ((made.X - made.reconstructions) ** 2).sum(axis=1).mean()
    total = (made.X**2).sum(axis=1).mean()
    return pen.drawn(
        f"{_name(made)}: {len(X)} samples and their reconstructions in the plane of the first two "
        f"principal components. The mean squared error is {number(left)} of {number(total)}."
    )


def _name(made: Study) -> str:
    return f"{made.title.capitalize()} autoencoder"


def _shown(made: Study) -> Array:
    return np.unique(np.linspace(0, len(made.X) - 1, min(MOST, len(made.X))).astype(int))


def _plane(made: Study) -> tuple[Array, Array]:
    """Data and reconstructions in principal components, the first two."""
    axes = np.linalg.eigh(made.X.T @ made.X)[1][:, ::-1][:, :2]
    rows = _shown(made)
    return made.X[rows] @ axes, made.reconstructions[rows] @ axes


FIGURES: dict[str, Draw] = {draw.__name__: draw for draw in (loss, codes, reconstructions)}
"""In the order in which a reader meets them."""
