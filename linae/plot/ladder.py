"""The ladder of critical classes: loss against index, and the moves that lead down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, NamedTuple

from matplotlib.figure import FigureBase
from matplotlib.ticker import MaxNLocator

from linae.critical import CriticalClass, IndexSet
from linae.landscapes.base import Landscape
from linae.plot.labels import components, number, place_labels
from linae.plot.pen import Drawn, Pen, check_dependence
from linae.plot.scales import decades
from linae.plot.style import GREY, MINIMUM, ORANGE, SADDLE, SKY, resize
from linae.sentences import PLAIN, amount, described, numbers

MOST_CLASSES, MOST_RUNGS = 1000, 24
FIGURE_SPACE = "\u2007"
"""As wide as a digit, so that losses line up."""
REARRANGED, FLAT = "rearrangement", "non-strict saddle"


class Move(NamedTuple):
    """From a class to one of less loss: a component enters, for another or in addition."""

    start: CriticalClass
    end: CriticalClass
    kind: str

    @property
    def drop(self) -> float:
        return float(self.start.loss) - float(self.end.loss)


def ladder(landscape: Landscape, figure: FigureBase) -> Drawn:
    """The ladder of critical classes: loss against index, and the single moves that lead down."""
    check_dependence(landscape)
    classes = list(islice(landscape.critical_classes(), MOST_CLASSES))
    moves = every = descending_moves(classes)
    if len(classes) > MOST_RUNGS:
        steepest = groupby(every, key=lambda move: move.start)
        moves = [max(group, key=lambda move: move.drop) for _, group in steepest]
    else:
        resize(figure, 7, max(4.5, 1.2 + 0.27 * len(classes)))
    pen, ax = Pen(), figure.add_subplot()
    ax.set_xlabel("index: number of independent directions of descent")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    (_cloud if len(classes) > MOST_RUNGS else _rungs)(pen, ax, classes, moves)
    return pen.drawn(_caption(landscape, classes, every, moves))


def descending_moves(classes: Sequence[CriticalClass]) -> list[Move]:
    """All single swaps and additions between the given classes that lower the loss; of classes of
    the same components to the best one, and between them a rearrangement."""
    best: dict[IndexSet, CriticalClass] = {}
    for c in classes:
        best.setdefault(_selected(c), c)
    reached = [(c, best.get(J), kind) for c in classes for J, kind in _moves(c)]
    return [
        Move(start, end, kind)
        for start, end, kind in reached
        if end is not None and (kind != REARRANGED or end.loss < start.loss)
    ]


def _selected(critical: CriticalClass) -> IndexSet:
    """The components of a class, whatever units have them; of tied ones, the first."""
    spectrum, counts = critical.landscape.spectrum, Counter[int]()
    for j in filter(lambda j: j >= 0, critical.index_set):
        counts[spectrum.group[j]] += 1
    first = [sum(spectrum.multiplicities[:g]) for g in range(len(spectrum.multiplicities))]
    return tuple(first[g] + k for g in sorted(counts) for k in range(counts[g]))


def _moves(critical: CriticalClass) -> Iterator[tuple[IndexSet, str]]:
    """Components that one swap or addition of greater eigenvalue leads to; of tied ones, one."""
    group, J = critical.landscape.spectrum.group, _selected(critical)
    yield J, REARRANGED
    enters = {group[k]: k for k in reversed(range(len(group))) if k not in J}
    leaves = {group[j]: j for j in J}
    if len(J) < critical.landscape.width:
        yield from ((tuple(sorted((*J, k))), "addition") for k in enters.values())
    for g, k in enters.items():
        for h, j in leaves.items():
            if g < h:
                yield tuple(sorted((*(i for i in J if i != j), k))), "swap"


def _rungs(pen: Pen, ax: Any, classes: Sequence[CriticalClass], moves: Sequence[Move]) -> None:
    """Every class on a rung of its own, with its components and its loss beside it."""
    height = {c: rung for rung, c in enumerate(classes)}
    _draw(pen, ax, moves, height, bend=0.1, linewidth=1.4, markersize=8)
    losses = numbers([float(c.loss) for c in classes], 3)
    losses = [x.rjust(max(map(len, losses)), FIGURE_SPACE) for x in losses]
    names = [f"{components(c)}    {x}" for c, x in zip(classes, losses, strict=True)]
    ax.set_yticks(range(len(classes)), names)
    ax.set_ylabel("components and loss, best below")
    ax.legend(loc="lower right")


def _cloud(pen: Pen, ax: Any, classes: Sequence[CriticalClass], moves: Sequence[Move]) -> None:
    """Too many for names: only those of the leading components are named."""
    height = {c: float(c.loss) for c in classes}
    _draw(pen, ax, moves, height, bend=0, linewidth=0.4, markersize=3)
    ax.set_ylabel("loss")
    decades(ax, "y", height.values())
    legend = ax.legend(loc="lower right", markerscale=2)
    points = [(c.index, height[c]) for c in classes]
    names = [components(c) if c.index_set == tuple(range(c.rank)) else "" for c in classes]
    place_labels(ax, points, names, avoid=[legend])


def _draw(
    pen: Pen,
    ax: Any,
    moves: Sequence[Move],
    height: Mapping[CriticalClass, float],
    *,
    bend: float,
    linewidth: float,
    markersize: float,
) -> None:
    """Lines for moves, dots for classes."""
    looks = (("swap", ORANGE, 1), ("addition", SKY, -1), (REARRANGED, GREY, 1))
    for kind, color, side in looks:
        ends = [c for move in moves if move.kind == kind for c in (move.start, move.end)]
        style: Any = {"color": color, "linewidth": linewidth, "alpha": 0.8, "bend": side * bend}
        if ends:
            label = f"{kind} of one component" if kind != REARRANGED else "other units"
            pen.segments(ax, kind, _data(ends, height), label=label, **style)
    for kind, color in (("strict saddle", SADDLE), (FLAT, GREY), ("global minimum", MINIMUM)):
        chosen = [c for c in height if c.kind == kind]
        if not chosen and kind != "strict saddle":
            continue
        size = markersize if kind == "strict saddle" else max(markersize, 7)
        look: Any = {"color": color, "markersize": size, "zorder": 3}
        pen.dots(ax, kind, _data(chosen, height), label=kind, **look)
    ax.margins(0.06, 0.06 if bend else 0.1)
    if len(height) == 1:
        ax.set_xlim(-0.5, next(iter(height)).index + 0.5)


def _data(
    classes: Sequence[CriticalClass], height: Mapping[CriticalClass, float]
) -> dict[str, Any]:
    return {
        "index": [c.index for c in classes],
        "height": [height[c] for c in classes],
        "loss": [float(c.loss) for c in classes],
        "components": [components(c) for c in classes],
    }


def _caption(
    landscape: Landscape,
    classes: Sequence[CriticalClass],
    every: Sequence[Move],
    moves: Sequence[Move],
) -> str:
    total = landscape.number_of_classes
    which = f"The {amount(total)} critical classes" if total > 1 else "The only critical class"
    if total > len(classes):
        which = f"The best {amount(len(classes))} of {amount(total)} critical classes"
    if landscape.name != PLAIN:
        which += f" ({described(landscape)})"
    if total == 1:
        return f"{which}: loss {number(float(classes[0].loss))}, index {classes[0].index}."
    said = f"{which}, by loss and index, each named by the components that it selects."
    if len(moves) < len(every):
        return f"{said} From every saddle a line leads to the best class that one move reaches."
    said += f" The {amount(len(every))} moves down add one component or swap one for another"
    said += ", or give the same to other units." * any(m.kind == REARRANGED for m in every) or "."
    if total == len(classes) and _counts(landscape, classes, every):
        said += (
            " A class has as many of them as its index, if an addition counts once for each spare "
            "hidden unit."
        )
    return said


def _counts(landscape: Landscape, classes: Sequence[CriticalClass], moves: Sequence[Move]) -> bool:
    """Whether the index of each class is its number of moves, additions times spare units."""
    count = dict.fromkeys(classes, 0)
    for move in moves:
        spare = landscape.width - move.start.rank
        count[move.start] += spare if move.kind == "addition" else 1
    return all(count[c] == c.index for c in classes)
