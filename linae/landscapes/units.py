"""Landscapes that tell hidden units apart: a class gives each unit a component of its own, or none.

Such an index set names the component of each unit in turn, −1 for a unit that is off. In these
landscapes there is an order of units, the best one first, such that the larger of two eigenvalues
is better off with the better of two units.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

from linae.critical import IndexSet
from linae.landscapes.auto import out_of_order
from linae.spectrum import Spectrum


def best_injections(
    gains: Sequence[Sequence[Any]], multiplicities: Sequence[int]
) -> Iterator[IndexSet]:
    """Components of units, −1 for none: all ways to give them, total gain non-increasing, lazily.

    The best way is known wherever some units are fixed: the others in order. So each way that is
    yielded splits the rest of its kind by the first unit in which they differ from it.

    Parameters
    ----------
    gains : of each unit, the best unit first, from each distinct eigenvalue, the largest first;
        not positive where that is none of its components.

    Tied components are given in their order.

    >>> list(best_injections([[6, 2], [3, 1]], [1, 1]))
    [(0, 1), (0, -1), (1, 0), (-1, 0), (1, -1), (-1, 1), (-1, -1)]
    """
    heap: list[tuple[Any, IndexSet, int]] = []

    def enter(start: IndexSet) -> None:
        ways = _completed(gains, multiplicities, start)
        value = sum(gains[h][g] for h, g in enumerate(ways) if g >= 0)
        heapq.heappush(heap, (-value, ways, len(start)))

    enter(())
    while heap:
        _, taken, fixed = heapq.heappop(heap)
        yield _numbered(taken, multiplicities)
        for h in range(fixed, len(gains)):
            for g in range(-1, len(multiplicities)):
                free = g < 0 or (gains[h][g] > 0 and taken[:h].count(g) < multiplicities[g])
                if free and g != taken[h]:
                    enter((*taken[:h], g))


def number_of_injections(open_units: Sequence[int], multiplicities: Sequence[int]) -> int:
    """How many ways there are to give components to units, tied ones counted once.

    Parameters
    ----------
    open_units : for each distinct eigenvalue, the largest first, how many units may have it; those
        that may have a smaller one are among those that may have a larger one.

    >>> number_of_injections([2, 2], [1, 1]), number_of_injections([2, 1], [1, 1])
    (7, 5)
    """
    ways = {0: 1}  # by the number of units that have one of the smaller eigenvalues
    for units, size in zip(reversed(open_units), reversed(multiplicities), strict=True):
        more: dict[int, int] = {}
        for taken, count in ways.items():
            for chosen in range(min(size, units - taken) + 1):
                total = count * comb(units - taken, chosen)
                more[taken + chosen] = more.get(taken + chosen, 0) + total
        ways = more
    return sum(ways.values())


def _completed(
    gains: Sequence[Sequence[Any]], multiplicities: Sequence[int], start: IndexSet
) -> IndexSet:
    """The best way that begins like this, in numbers of distinct eigenvalues."""
    free = (g for g, size in enumerate(multiplicities) for _ in range(size - start.count(g)))
    rest = range(len(start), len(gains))
    best = [g if gains[h][g] > 0 else -1 for h, g in zip(rest, free, strict=False)]
    return (*start, *best, *[-1] * (len(rest) - len(best)))


def _numbered(taken: IndexSet, multiplicities: Sequence[int]) -> IndexSet:
    """Components for numbers of distinct eigenvalues."""
    return tuple(
        g if g < 0 else sum(multiplicities[:g]) + taken[:h].count(g) for h, g in enumerate(taken)
    )


def numbered(spectrum: Spectrum, taken: Sequence[int]) -> IndexSet:
    """The same class with tied components in their order."""
    groups = tuple(spectrum.group[j] if j >= 0 else -1 for j in taken)
    return _numbered(groups, spectrum.multiplicities)


def disorder(spectrum: Spectrum, taken: Sequence[int]) -> tuple[int, int]:
    """How many pairs are out of order, and how many tie, of what the units have, best one first.

    Out of order are: a component that no unit has and a smaller one that one has; a better unit
    with the smaller component; a better unit that is off, and one that is not.
    """
    chosen = tuple(j for j in taken if j >= 0)
    above, tied = out_of_order(spectrum, chosen)
    groups = [spectrum.group[j] for j in chosen]
    above += sum(g > h for g, h in combinations(groups, 2))
    above += sum(i < 0 <= j for i, j in combinations(taken, 2))
    return above, tied + sum(g == h for g, h in combinations(groups, 2))
