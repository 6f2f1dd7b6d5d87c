"""Index sets best first, each reached from one other set alone, so that none has to be remembered.

The members of a set, in order, lie in groups of equal gain; in the best set of a rank, its root,
they are the first ones. The parent of any other set moves its first member that is not where the
root has it to the group before. Turned around, at most three sets come from a set: that member one
group on, or one of two members before it leaves the root.
Theorem: proofs/enumeration.py
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from math import lcm
from typing import Any, Self

Node = tuple[int, int, Any]
"""Position of a member that has left the root, its group, and the node of the next such member;
a root is (r, number of groups, None)."""

Waiting = tuple[int, int, Node, int, int]
"""What a set lacks to all gains of the width, a serial number, its first node, the group of the
member after that one, and how many members after that one are in that group."""


class BestFirst(Iterator[tuple[int, ...]]):
    """Index sets of at most `width` components, sum of gains non-increasing.

    Among equal sums larger sets come first, then lexicographic order decides. Sums are compared
    exactly, also those of doubles. Where gains tie, sets that take as many components from each
    group are one class, listed under its first set. The k-th set costs O(log k + width) time and
    O(1) memory. The iterator can be left and resumed, copied and pickled.

    Parameters
    ----------
    gains : positive numbers, decreasing from group to group
    multiplicities : sizes of the groups; gains beyond their sum are not looked at
    width : int

    >>> list(BestFirst([4, 2, 1], [1, 1, 1], 2))
    [(0, 1), (0, 2), (0,), (1, 2), (1,), (2,), ()]
    """

    def __init__(self, gains: Sequence[Any], multiplicities: Sequence[int], width: int) -> None:
        self._starts = list(accumulate(multiplicities, initial=0))
        self._sizes = [*multiplicities, 0]  # nothing fits behind the last group
        self._group = [g for g, size in enumerate(multiplicities) for _ in range(size)]
        self._gains = integers(gains[: self._starts[-1]])
        self._serial = 0
        self._waiting: list[Waiting] = []
        self._ready: list[tuple[int, ...]] = []
        self._root(min(width, self._starts[-1]), 0)

    def __next__(self) -> tuple[int, ...]:
        if not self._ready:
            self._ready = self._equally_good()
        return self._ready.pop()

    def __copy__(self) -> Self:
        twin = object.__new__(type(self))
        twin.__dict__ |= self.__dict__
        twin._waiting, twin._ready = self._waiting.copy(), self._ready.copy()
        return twin

    def __getstate__(self) -> dict[str, Any]:
        """Nodes as a table, each with the row of the next one: chains of them may be long."""
        rows: dict[int, int] = {id(None): -1}
        table = list[Node]()
        for _, _, node, _, _ in self._waiting:
            chain = list[Node]()
            while id(node) not in rows:
                chain.append(node)
                node = node[2]
            for node in reversed(chain):
                rows[id(node)] = len(table)
                table.append((*node[:2], rows[id(node[2])]))
        waiting = [(x, k, rows[id(node)], g, c) for x, k, node, g, c in self._waiting]
        return self.__dict__ | {"_waiting": waiting, "_nodes": table}

    def __setstate__(self, given: dict[str, Any]) -> None:
        state, nodes = dict(given), list[Node]()
        for i, g, row in state.pop("_nodes"):
            nodes.append((i, g, nodes[row] if row >= 0 else None))
        waiting = state.pop("_waiting")
        self.__dict__ |= state
        self._waiting = [(x, k, nodes[row], g, c) for x, k, row, g, c in waiting]

    def _equally_good(self) -> list[tuple[int, ...]]:
        """All sets of the largest sum that is left, last one first: their parents, which have
        larger sums, are gone, so that all of them wait."""
        waiting = self._waiting
        if not waiting:
            raise StopIteration
        lack, found = waiting[0][0], []
        while waiting and waiting[0][0] == lack:
            found.append(heapq.heappop(waiting))
        for entry in found:
            self._leave(entry)
        sets = [self._members(node) for _, _, node, _, _ in found]
        return sorted(sorted(sets, reverse=True), key=len) if len(sets) > 1 else sets

    def _push(self, lack: int, node: Node, after: int, taken: int) -> None:
        self._serial += 1
        heapq.heappush(self._waiting, (lack, self._serial, node, after, taken))

    def _root(self, r: int, lack: int) -> None:
        self._push(lack, (r, len(self._starts) - 1, None), -1, 0)

    def _leave(self, entry: Waiting) -> None:
        """Let the sets wait that come from one."""
        lack, _, node, after, taken = entry
        (i, g, above), gains, starts, sizes = node, self._gains, self._starts, self._sizes
        if above is None and i:
            self._root(i - 1, lack + gains[i - 1])
        elif above is not None and (g + 1 < after or (g + 1 == after and taken < sizes[after])):
            place = starts[g + 1] + (taken if g + 1 == after else 0)
            self._push(lack + gains[starts[g]] - gains[place], (i, g + 1, above), after, taken)
        if not i:
            return
        home, here = self._group[i - 1], 1 + (taken if after == g else 0)
        beside = here if home + 1 == g else 0
        if home + 1 < g or (home + 1 == g and here < sizes[g]):
            place = starts[home + 1] + beside
            self._push(lack + gains[i - 1] - gains[place], (i - 1, home + 1, node), g, here)
        k = starts[home] - 1
        if k >= 0 and i - 1 - k < sizes[home]:
            self._push(lack + gains[k] - gains[i], (k, home, node), home, i - 1 - k)

    def _members(self, node: Node) -> tuple[int, ...]:
        """The set of a node: in each group the first components."""
        (i, g, above), starts = node, self._starts
        members, last, taken = list(range(i)), -1, 0
        while above is not None:
            taken = taken + 1 if g == last else 0
            members.append(starts[g] + taken)
            last = g
            if above[0] > i + 1:  # those between never left the root, and are in this group too
                members += range(members[-1] + 1, members[-1] + above[0] - i)
            i, g, above = above
        return tuple(members)


def integers(numbers: Sequence[Any]) -> list[int]:
    """The numbers times their least common denominator; doubles are rationals too."""
    exact = [Fraction(x) for x in numbers]
    scale = lcm(*(x.denominator for x in exact))
    return [int(x.numerator) * (scale // x.denominator) for x in exact]
