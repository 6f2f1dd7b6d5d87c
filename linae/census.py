"""Loss, index and nullity of all classes of one rank, as arrays, chunk by chunk.

All three are those of the first class, that of the components 0 … r − 1, and a sum of one term for
each member of the index set: at place i, component j adds the gain that it lacks against component
i, the j − i unselected components before it to the index, and its ties to the nullity. The sums
of the lower members of all sets are one table; a chunk is slices of it, each with one number added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from linae.colex import IndexSets
from linae.exact import Array
from linae.inertia import Inertia

ENTRIES = 2**18
"""Of a table of sums, at most: more would not be faster."""


class Column(NamedTuple):
    """A quantity: its value in the first class, what component j at place i adds, and the sums of
    the lower members of all sets, s of them in tables[s]."""

    first: Any
    costs: list[list[Any]]
    tables: list[Array]


class Chunk(NamedTuple):
    """Successive classes of a census, from a position on."""

    start: int
    losses: Array
    """(count,), float"""
    indices: Array
    """(count,), int: numbers of negative Hessian eigenvalues"""
    nullities: Array
    """(count,), int: numbers of zero ones; one number, broadcast, where nothing ties"""


@dataclass(frozen=True, eq=False)
class Census:
    """All classes of one rank.

    Losses are doubles. All their terms are >= 0, so that they have a relative error of at most
    (r + 2) 2⁻⁵³, to first order, against the exact sum of the gains; indices and nullities are
    exact.

    Parameters
    ----------
    gains : of each component, positive, decreasing from group to group
    sets : the index sets
    loss, inertia : of the first class
    copies : 2 for complex data, of which every pair of components counts twice, else 1
    """

    gains: Sequence[Any]
    sets: IndexSets
    loss: Any
    inertia: Inertia
    copies: int = 1

    @property
    def count(self) -> int:
        """Number of classes."""
        return self.sets.count

    def chunks(self, size: int = 2**18, start: int = 0, stop: int | None = None) -> Iterator[Chunk]:
        """Classes from position `start` on, so many at a time: no more than these are in memory."""
        if size < 1:
            raise ValueError(f"Need a chunk of 1 <= size. Got size = {size}.")
        if start < 0:
            raise ValueError(f"Need 0 <= start. Got start = {start}.")
        end = self.count if stop is None else min(stop, self.count)
        for first in range(start, end, size):
            yield self._chunk(first, min(size, end - first))

    def __iter__(self) -> Iterator[Chunk]:
        """All classes, in chunks of the usual size."""
        return self.chunks()

    def index_sets(self, positions: Array) -> Array:
        """The index sets (count, r) of classes at given positions."""
        return self.sets.at_each(positions)

    @cached_property
    def _costs(self) -> tuple[Array, Array, Array]:
        """What component j at place i adds to loss, index and nullity, (r, ρ) each."""
        r, rho = self.sets.size, len(self.sets.places)
        lost = np.subtract.outer(self.gains[:r], self.gains[:rho]).astype(float)
        passed = np.arange(rho) - np.arange(r)[:, None]
        sizes = np.repeat(self.sets.multiplicities, self.sets.multiplicities)
        tied = np.tile(sizes - 1 - 2 * np.array(self.sets.places, dtype=int), (r, 1))
        return lost, self.copies * passed, self.copies * tied

    @cached_property
    def _firsts(self) -> tuple[float, int, int]:
        """Loss, index, and nullity without ties of the first class."""
        ties = int(np.trace(self._costs[2]))
        return float(self.loss), self.inertia.negative, self.inertia.zero - ties

    @cached_property
    def _kind(self) -> Any:
        """The integers that suffice for an index and a nullity, and their differences."""
        size = self.copies * self.inertia.size
        return np.int16 if size < 2**15 else np.int32 if size < 2**31 else np.int64

    @cached_property
    def _reach(self) -> list[int]:
        return self.sets.reach(ENTRIES)

    @cached_property
    def _columns(self) -> list[Column]:
        """Of loss, index and, where anything ties, nullity."""
        kinds = (float, self._kind, self._kind)
        columns = [
            Column(first, costs.tolist(), self.sets.tables(costs.astype(kind), self._reach))
            for first, costs, kind in zip(self._firsts, self._costs, kinds, strict=True)
        ]
        return columns if max(self.sets.multiplicities, default=0) > 1 else columns[:2]

    def _chunk(self, start: int, size: int) -> Chunk:
        found = [np.empty(size, column.tables[0].dtype) for column in self._columns]
        sums = [[column.first] * (self.sets.size + 1) for column in self._columns]
        done = 0
        for s, members, changed, begin, end in self.sets.runs(start, self._reach):
            end = min(end, begin + size - done)
            filled = slice(done, done + end - begin)
            for column, above, out in zip(self._columns, sums, found, strict=True):
                for i in range(changed, s - 1, -1):
                    above[i] = above[i + 1] + column.costs[i][members[i]]
                np.add(column.tables[s][begin:end], above[s], out=out[filled])
            done = filled.stop
            if done == size:
                break
        if len(found) == 2:
            found.append(np.broadcast_to(np.array(self._firsts[2], self._kind), size))
        return Chunk(start, *found)
