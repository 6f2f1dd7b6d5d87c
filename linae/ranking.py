"""How many classes are better than a given one: exactly where few are, else between two bounds.

Three ways, of which the best counts. The classes are listed best first, if the given one comes
soon. Classes that have more components than it among the first ones, however many first ones are
looked at, are better, and those that have fewer are worse: lattice paths on one side of a path.
And the gains are rounded to a grid, on which the classes of each sum are counted; the sum of what
was rounded off is at most that of the largest roundings, so that a threshold that is moved by it
makes the count a bound. It is exact if the gains are on the grid already.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, islice
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from linae.counting import number_of_classes, unpacked
from linae.enumeration import BestFirst, integers
from linae.exact import Array

FAR = 10**300
"""Number of classes up to which counts are doubles."""

IndexSet = Sequence[int]

Row = list[int] | Array
"""Numbers of classes of one rank, by the sum of their cells."""


class Bounds(NamedTuple):
    """A number that is proved to be at least `lower` and at most `upper`."""

    lower: Any
    upper: Any

    @property
    def is_exact(self) -> bool:
        return self.lower == self.upper

    def __and__(self, other: Bounds) -> Bounds:
        """What both prove."""
        return Bounds(max(self.lower, other.lower), min(self.upper, other.upper))


def better_classes(
    gains: Sequence[Any],
    multiplicities: Sequence[int],
    width: int,
    index_set: IndexSet,
    *,
    listed: int = 10_000,
    work: int = 4 * 10**9,
) -> Bounds:
    """The number of classes whose sum of gains is larger than that of a given class.

    Parameters
    ----------
    gains, multiplicities, width : as for `BestFirst`
    index_set : of the class, the first one
    listed : how many classes may be listed
    work : how many bytes a count on a grid may touch; about a second, more is sharper

    >>> better_classes([8, 4, 2, 1], [1, 1, 1, 1], 2, (1, 3))
    Bounds(lower=5, upper=5)
    """
    exact = integers(gains[: sum(multiplicities)])
    width = min(width, len(exact))
    found = _listed(exact, multiplicities, width, index_set, listed)
    if found.is_exact:
        return found
    found &= _dominating(multiplicities, width, index_set)
    return found & _on_a_grid(exact, multiplicities, width, index_set, work)


def _listed(
    gains: list[int], multiplicities: Sequence[int], width: int, J: IndexSet, most: int
) -> Bounds:
    """By going through the best classes."""
    own, seen = sum(gains[j] for j in J), 0
    for other in islice(BestFirst(gains, multiplicities, width), most):
        if sum(gains[j] for j in other) <= own:
            return Bounds(seen, seen)
        seen += 1
    return Bounds(seen, number_of_classes(multiplicities, width) - 1)


def _dominating(multiplicities: Sequence[int], width: int, J: IndexSet) -> Bounds:
    """By the number of components among the first ones: all others that never have fewer are
    better, all that never have more are worse."""
    ends = list(accumulate(multiplicities))
    held = [sum(j < end for j in J) for end in ends]
    more = _paths(multiplicities, width, lambda g, s: s >= held[g])
    less = _paths(multiplicities, width, lambda g, s: s <= held[g])
    return Bounds(more - 1, number_of_classes(multiplicities, width) - less)


def _paths(multiplicities: Sequence[int], width: int, allowed: Callable[[int, int], bool]) -> int:
    """Number of classes that have an allowed number of components up to the end of each group."""
    ways = [1] + [0] * width
    for g, size in enumerate(multiplicities):
        sums = list(accumulate(ways, initial=0))
        ways = [
            sums[s + 1] - sums[max(s - size, 0)] if allowed(g, s) else 0 for s in range(width + 1)
        ]
    return sum(ways)


def _on_a_grid(
    gains: list[int], multiplicities: Sequence[int], width: int, J: IndexSet, work: int
) -> Bounds:
    """By rounding gains, less the least one, to multiples of a step: the largest that rounds
    nothing off, if that is little work, else one that is coarse enough."""
    total = number_of_classes(multiplicities, width)
    rho, least, span = len(gains), gains[-1], gains[0] - gains[-1]
    step = gcd(*(x - least for x in gains)) or 1
    each = rho * width * width
    exactly = span // step * each * (total.bit_length() // 8 + 1) <= work
    if not exactly:
        size = work // (8 * each)
        if total > FAR or size < 2 * width:  # a coarser one would tell nothing
            return Bounds(0, total - 1)
        step = span // size + 1
    cells = [(x - least + step // 2) // step for x in gains]
    counts = (_packed if exactly else _rounded)(cells, multiplicities, width)
    lower, upper = _above_threshold(gains, cells, step, counts, sum(gains[j] for j in J))
    slack = Fraction(0) if exactly or total < 2**53 else Fraction(rho, 2**52)
    return Bounds(math.floor(lower * (1 - slack)), math.ceil(upper * (1 + slack)))


def _above_threshold(
    gains: list[int], cells: list[int], step: int, counts: Iterable[Row], own: int
) -> Bounds:
    """How many sums must be larger than one, and how many may be, by rank and sum of cells."""
    least, rho, lower, upper = gains[-1], len(gains), 0, 0
    rests = sorted(x - least - step * cell for x, cell in zip(gains, cells, strict=True))
    for r, row in enumerate(counts):
        missing = own - r * least  # better: step · sum of cells + sum of rests > missing
        sure = (missing - sum(rests[:r])) // step + 1
        open_ = (missing - sum(rests[rho - r :])) // step + 1
        lower += _sum(row[max(sure, 0) :])
        upper += _sum(row[max(open_, 0) :])
    return Bounds(lower, upper)


def _sum(row: Row) -> int:
    """Exactly."""
    whole = sum(row) if isinstance(row, list) else float(row.sum())
    return int(whole) if whole < 2**53 or isinstance(row, list) else sum(map(int, row))


def _packed(cells: list[int], multiplicities: Sequence[int], width: int) -> list[list[int]]:
    """Numbers of classes by rank and sum of cells: polynomials as long integers."""
    bits = 8 * (number_of_classes(multiplicities, width).bit_length() // 8 + 1)
    ways = [1] + [0] * width
    for taken in _prefix_sums(cells, multiplicities):
        for r in range(width, 0, -1):
            for c, cell in enumerate(taken[:r], 1):
                ways[r] += ways[r - c] << bits * cell
    return [list(unpacked(polynomial, bits)) for polynomial in ways]


def _rounded(cells: list[int], multiplicities: Sequence[int], width: int) -> Array:
    """The same in doubles: every number is a sum of numbers >= 0, with at most one rounding for
    each component."""
    ways = np.zeros((width + 1, width * cells[0] + 1))
    ways[0, 0] = 1
    for taken in _prefix_sums(cells, multiplicities):
        for r in range(width, 0, -1):
            for c, cell in enumerate(taken[:r], 1):
                end = (r - c) * cells[0] + 1
                ways[r, cell : cell + end] += ways[r - c, :end]
    return ways


def _prefix_sums(cells: list[int], multiplicities: Sequence[int]) -> Iterator[list[int]]:
    """For each group, the cells that its first 1, 2, … components have together."""
    start = 0
    for size in multiplicities:
        yield list(accumulate(cells[start : start + size]))
        start += size
