"""Text on a figure: numbers in words, and labels that keep out of one another's way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from linae.critical import CriticalClass, names
from linae.sentences import runs

PLACES = ((1, -1), (1, 0), (1, 1), (-1, 0), (-1, 1), (-1, -1), (0, 1), (0, -1))
"""Directions in which a label may lie from its point, best first."""


def number(x: float, digits: int = 3) -> str:
    """A number as a reader wants it.

    >>> number(4.1967), number(-0.00021), number(451234), number(1e6), number(1.2e-7)
    ('4.2', '−0.00021', '451,000', '10⁶', '1.2 × 10⁻⁷')
    """
    text = f"{x:.{digits}g}"
    if "e" in text and 1e-5 <= abs(x) < 1e6:
        text = f"{float(text):,.0f}" if abs(x) > 1 else f"{float(text):f}".rstrip("0")
    mantissa, e, power = text.partition("e")
    if e:
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        mantissa = re.sub("^(-?)1 × ", r"\1", f"{mantissa} × 10{raised}")
    return mantissa.replace("-", "−")


def subscript(k: int) -> str:
    return str(k).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def components(critical: CriticalClass) -> str:
    """A class by its component numbers, from 1: "1 3", "1–4" or "none"."""
    return runs(names(critical.index_set))


def class_name(critical: CriticalClass) -> str:
    """A class in a sentence: "PCs 1 3", "PC 2" or "no PC"."""
    name = "PCs" if critical.rank > 1 else "PC"
    return f"{name} {components(critical)}" if critical.rank else "no PC"


def halo(color: str = "black") -> list[Any]:
    """An outline that keeps text readable on any colour."""
    return [withStroke(linewidth=2.5, foreground=color)]


def place_labels(
    ax: Any,
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    *,
    distance: float = 5,
    avoid: Iterable[Artist] = (),
) -> None:
    """Write texts, "" for none, each beside its point where it covers no point or text, or nowhere.

    Earlier ones choose first. The axes must have their limits.
    """
    renderer = settle(ax)
    frame = ax.get_window_extent(renderer)
    dots = [_around(ax.transData.transform(point), distance * 0.8) for point in points]
    taken = [artist.get_window_extent(renderer) for artist in avoid]
    for i, (point, text) in enumerate(zip(points, texts, strict=True)):
        label = ax.annotate(text, point, (0, 0), textcoords="offset points", annotation_clip=False)
        others = [*taken, *dots[:i], *dots[i + 1 :]]
        if text and _fits(label, renderer, distance, frame, others):
            taken.append(label.get_window_extent(renderer).padded(1))
        else:
            label.remove()


def _fits(
    label: Annotation, renderer: Any, distance: float, frame: Bbox, taken: Iterable[Bbox]
) -> bool:
    """Move a label to the first place that is free; whether there is one."""
    for x, y in PLACES:
        label.set_position((x * distance, y * distance))
        aligned: Any = {"ha": ("center", "left", "right")[x], "va": ("center", "bottom", "top")[y]}
        label.set(**aligned)
        box = label.get_window_extent(renderer)
        inside = frame.x0 <= box.x0 and box.x1 <= frame.x1
        inside = inside and frame.y0 <= box.y0 and box.y1 <= frame.y1
        if inside and not any(box.overlaps(other) for other in taken):
            return True
    return False


def _around(center: Any, radius: float) -> Bbox:
    x, y = center
    return Bbox([[x - radius, y - radius], [x + radius, y + radius]])


def settle(ax: Any) -> Any:
    """Give everything its final place; returns the renderer, with which text can be measured."""
    whole = ax.get_figure(root=True)
    if not isinstance(whole.canvas, FigureCanvasAgg):
        FigureCanvasAgg(whole)
    whole.draw_without_rendering()
    return whole.canvas.get_renderer()


def margin_labels(ax: Any, heights: Sequence[float], texts: Sequence[str]) -> None:
    """Texts at heights beside the right edge; of those that would overlap, the first ones."""
    renderer = settle(ax)
    taken: list[Bbox] = []
    for height, text in zip(heights, texts, strict=True):
        label = ax.annotate(
            text,
            (1, height),
            (5, 0),
            ax.get_yaxis_transform(),
            "offset points",
            va="center",
            annotation_clip=False,
        )
        box = label.get_window_extent(renderer)
        if any(box.overlaps(other) for other in taken):
            label.remove()
        else:
            taken.append(box)
