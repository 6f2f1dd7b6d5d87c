"""How many saddles of each index: counted, and as coefficients of the Gaussian binomial."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from matplotlib.figure import FigureBase
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from linae.landscapes.squared import SquaredLoss
from linae.plot.labels import number
from linae.plot.pen import Drawn, NotDrawnError, Pen, check_squared
from linae.plot.style import MINIMUM, SADDLE, SKY
from linae.sentences import amount

MOST_COUNTED, MOST_INDICES = 20_000, 3_000


def saddles(landscape: SquaredLoss, figure: FigureBase) -> Drawn:
    """How many critical classes of rank p have each index, against the Gaussian binomial."""
    check_squared(landscape)
    spectrum, p, rho = landscape.spectrum, landscape.width, landscape.spectrum.rank
    if p >= rho:
        raise NotDrawnError(f"Need width < rank for saddles of rank p. Got width {p}, rank {rho}.")
    if len(spectrum.multiplicities) < rho:
        raise NotDrawnError("Need distinct eigenvalues of Σ. Got a tie, which merges saddles.")
    if p * (rho - p) > MOST_INDICES:
        raise NotDrawnError(f"Need at most {MOST_INDICES} indices. Got {p * (rho - p)}.")
    step = 1 + landscape.moments.is_complex
    predicted = {step * k: count for k, count in enumerate(gaussian_binomial(rho, p))}
    counted = Counter[int]()
    if comb(rho, p) <= MOST_COUNTED:
        counted.update(landscape.class_inertia(J).negative for J in combinations(range(rho), p))
    pen, ax = Pen(), figure.add_subplot()
    handles = _bars(pen, ax, counted, 0.8 * step)
    dots = {"index": list(predicted), "classes": list(predicted.values())}
    size = 8 if len(predicted) < 30 else 4
    pen.dots(ax, "Gaussian binomial", dots, color=SKY, markersize=size, label="Gaussian binomial")
    ax.set_xlabel("index: number of independent directions of descent")
    ax.set_ylabel("critical classes of full rank")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    ax.yaxis.set_major_formatter(lambda x, _: number(x))
    figure.legend(handles=[*handles, ax.lines[0]], loc="outside upper center", ncols=3)
    return pen.drawn(_caption(landscape, predicted, counted))


def _bars(pen: Pen, ax: Any, counted: Counter[int], width: float) -> list[Patch]:
    """Bars, and what the legend shows for them."""
    if not counted:
        return []
    data = {"index": sorted(counted), "classes": [counted[k] for k in sorted(counted)]}
    colors = [SADDLE if k else MINIMUM for k in data["index"]]
    pen.bars(ax, "counted", data, color=colors, width=width, alpha=0.8)
    kinds = ((MINIMUM, "global minimum"), (SADDLE, "strict saddles"))
    return [Patch(color=color, alpha=0.8, label=kind) for color, kind in kinds]


def gaussian_binomial(rho: int, p: int) -> list[int]:
    """Coefficients of (ρ choose p)_q, by Pascal's rule: (ρ, p) = (ρ − 1, p − 1) + qᵖ (ρ − 1, p).

    >>> gaussian_binomial(4, 2)
    [1, 1, 2, 1, 1]
    """
    rows = np.zeros((p + 1, p * (rho - p) + 1), dtype=object)
    rows[0, 0] = 1
    for _ in range(rho):
        for k in range(p, 0, -1):
            moved = np.concatenate([[0] * k, rows[k]])[: rows.shape[1]]
            rows[k] = rows[k - 1] + moved
    return list(rows[p])


def _caption(landscape: SquaredLoss, predicted: dict[int, int], counted: Counter[int]) -> str:
    rho, p = landscape.spectrum.rank, landscape.width
    said = (
        f"Of the {amount(comb(rho, p))} critical classes of rank {p} one is the global minimum; "
        f"the others are saddles, of index up to {max(predicted)}."
    )
    if not counted:
        return f"{said} The dots are the Gaussian binomial; the classes are too many to count."
    if counted == predicted:
        return f"{said} Their numbers, counted one by one, are the Gaussian binomial (dots)."
    return f"{said} Bars are counted one by one; dots, which differ, are the Gaussian binomial."
