"""How every figure looks: one set of colours and sizes, readable on white and on black.

Colours are those of Okabe and Ito, which colour-blind readers tell apart; text and axes are of a
grey that both white and black pages show; the background is transparent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from matplotlib import style
from matplotlib.figure import Figure, FigureBase

BLUE, SKY, GREEN = "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILION, PURPLE = "#E69F00", "#D55E00", "#CC79A7"
GREY = "#7a7a7a"

MINIMUM, SADDLE = GREEN, VERMILION
FALL, RISE, FLAT = VERMILION, SKY, GREY

RC: dict[str, Any] = {
    "axes.edgecolor": GREY,
    "axes.facecolor": "none",
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": GREY,
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "figure.facecolor": "none",
    "font.size": 11,
    "grid.color": GREY,
    "grid.linewidth": 0.5,
    "hatch.color": GREY,
    "image.cmap": "viridis",
    "legend.frameon": False,
    "legend.labelcolor": GREY,
    "lines.linewidth": 2,
    "savefig.dpi": 200,
    "svg.fonttype": "path",
    "svg.hashsalt": "linae",
    "text.color": GREY,
    "xtick.color": GREY,
    "xtick.labelsize": 10,
    "ytick.color": GREY,
    "ytick.labelsize": 10,
}


def house_style() -> AbstractContextManager[None]:
    """The settings of Matplotlib under which figures are made *and* saved."""
    return style.context(["default", RC])


def blank(width: float = 7, height: float = 4.5) -> Figure:
    """An empty figure, in inches."""
    return Figure(figsize=(width, height))


def resize(figure: FigureBase, width: float, height: float) -> None:
    """Give a whole figure the size that suits it; a part of one stays as it is."""
    if isinstance(figure, Figure):
        figure.set_size_inches(width, height)
