"""All index sets of one size in one order, so that the sets below any component come first.

In this order (colexicographic: largest component first, then the next) the r-sets of the first k
components are the first N(k, r) ones, and those with largest component k are the (r − 1)-sets below
k again, in the same order: a slice of one table. Where gains tie, a class is listed under its first
set, which takes from every group its first components; the slice then starts at the sets that
contain k − 1, if k is not the first of its group.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from linae.exact import Array

MOST = 2**63 - 1


class Run(NamedTuple):
    """Successive sets that differ in their first s members only."""

    s: int
    members: list[int]
    """(r + 1,) of which those from s on are meant; the last one is the number of components"""
    changed: int
    """the last member that is not as it was in the run before"""
    begin: int
    end: int
    """the slice of the table of s-sets that goes below"""


@dataclass(frozen=True)
class IndexSets:
    """The index sets of `size` components, one for each class.

    Parameters
    ----------
    multiplicities : sizes of the groups of equal gain
    size : int

    >>> [IndexSets((1, 2, 1), 2).at(x) for x in range(4)]
    [(0, 1), (1, 2), (0, 3), (1, 3)]
    """

    multiplicities: tuple[int, ...]
    size: int

    @cached_property
    def places(self) -> tuple[int, ...]:
        """Of each component in its group."""
        return tuple(t for size in self.multiplicities for t in range(size))

    @cached_property
    def counts(self) -> list[list[int]]:
        """N(k, s), the number of s-sets of the first k components, as counts[s][k]."""
        rows = [[1] * (len(self.places) + 1)]
        for _ in range(self.size):
            less, row = rows[-1], [0]
            for k, t in enumerate(self.places):
                row.append(row[k] + less[k] - (less[k - 1] if t else 0))
            rows.append(row)
        return rows

    @property
    def count(self) -> int:
        """Of all sets."""
        return self.counts[self.size][-1]

    @cached_property
    def begins(self) -> list[list[int]]:
        """Where the s-sets begin that may go below each component; they end at its count."""
        inside = (*self.places, 0)
        return [[row[k - 1] if t else 0 for k, t in enumerate(inside)] for row in self.counts]

    def at(self, position: int) -> tuple[int, ...]:
        """The set at a position."""
        self._check(position)
        members = [0] * self.size
        for s in range(self.size, 0, -1):
            k = bisect_right(self.counts[s], position) - 1
            position += self.begins[s - 1][k] - self.counts[s][k]
            members[s - 1] = k
        return tuple(members)

    def at_each(self, positions: Array) -> Array:
        """The sets at positions (count,) of 64 bits, as rows (count, size)."""
        left, (begins, counts) = np.asarray(positions, dtype=np.int64), self._bounded
        for position in (left.min(), left.max()) if left.size else ():
            self._check(int(position))
        sets = np.empty((len(left), self.size), dtype=np.int64)
        for s in range(self.size, 0, -1):
            k = np.searchsorted(counts[s], left, side="right") - 1
            left = left - counts[s][k] + begins[s - 1][k]
            sets[:, s - 1] = k
        return sets

    def _check(self, position: int) -> None:
        if not 0 <= position < self.count:
            raise ValueError(f"Need 0 <= position < {self.count}. Got {position}.")

    def position(self, index_set: Sequence[int]) -> int:
        """The inverse of `at`."""
        found = 0
        for s, k in enumerate(index_set):
            found += self.counts[s + 1][k] - self.begins[s][k]
        return found

    @cached_property
    def _bounded(self) -> tuple[Array, Array]:
        """Begins and counts, as far as 64 bits go."""
        rows = (np.array(x, dtype=object) for x in (self.begins, self.counts))
        begins, counts = (np.minimum(x, MOST).astype(np.int64) for x in rows)
        return begins, counts

    def reach(self, entries: int) -> list[int]:
        """For each s, of how many first components the s-sets are so many at most."""
        return [bisect_right(row, max(entries, 1)) - 1 for row in self.counts]

    def tables(self, costs: Array, reach: Sequence[int]) -> list[Array]:
        """For each s, Σ costs[i, jᵢ] of the s-sets j₀ < j₁ < … of so many first components."""
        tables = [np.zeros(1, costs.dtype)]
        for i, k in enumerate(reach[1:]):
            below = zip(costs[i, :k], self.begins[i], self.counts[i], strict=False)
            parts = [tables[i][begin:end] + cost for cost, begin, end in below]
            tables.append(np.concatenate([costs[:0, 0], *parts]) if k else tables[0][:0])
        return tables

    def runs(self, position: int, reach: Sequence[int]) -> Iterator[Run]:
        """The sets from a position on, as slices of the tables of `reach`."""
        places, members = self.places, [*self.at(position), len(self.places)]
        changed, s = self.size - 1, _deepest(members, reach, self.size)
        begin = self.position(members[:s])
        while True:
            yield Run(s, members, changed, begin, self.counts[s][members[s]])
            changed = s
            while changed < self.size and members[changed] + 1 == members[changed + 1]:
                changed += 1
            if changed == self.size:
                return
            members[changed] += 1  # if too few are below it, nothing is: the run is empty
            for i in range(changed - 1, -1, -1):
                k = members[i + 1]
                members[i] = k - 1 if places[k] else i
            s = _deepest(members, reach, changed)
            begin = self.begins[s][members[s]]


def _deepest(members: Sequence[int], reach: Sequence[int], s: int) -> int:
    """The largest table, of s-sets at most, that goes as far as the member above it."""
    while members[s] > reach[s]:
        s -= 1
    return s
