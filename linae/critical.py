"""Critical classes: named by an index set, counted in closed form, listed best loss first.

A class is one index set J with its whole fibre (gauge, kernel blocks). Where eigenvalues tie, what
matters is how many directions J takes from each eigenspace: such a class is listed once, under its
first index set.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from linae.counting import number_of_classes as number_of_classes
from linae.enumeration import BestFirst
from linae.exact import Array

if TYPE_CHECKING:
    from linae.landscapes.base import Landscape

IndexSet = tuple[int, ...]
"""Components, from 0. Landscapes that tell hidden units apart give one for each unit in turn, −1
for a unit that is off; where units share components, −2 is a further unit of the same block, and
−3 stands between blocks."""

SYMBOLS = {-1: "–", -2: "·", -3: "|"}


def names(index_set: IndexSet) -> list[str]:
    """Components as people count them, from 1.

    >>> names((0, 2, -1))
    ['1', '3', '–']
    """
    return [str(j + 1) if j >= 0 else SYMBOLS[j] for j in index_set]


@dataclass(frozen=True, eq=False)
class CriticalClass:
    """One critical class of a landscape: an index set J and what the closed forms say of it.

    Two classes are equal if they belong to the same landscape
    object and index set.
    """

    landscape: Landscape
    index_set: IndexSet

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, CriticalClass)
            and self.landscape is other.landscape
            and self.index_set == other.index_set
        )

    def __hash__(self) -> int:
        return hash((id(self.landscape), self.index_set))

    @property
    def rank(self) -> int:
        """r = |J|, the rank of the end-to-end map on the inputs that occur."""
        return sum(j >= 0 for j in self.index_set)

    @cached_property
    def loss(self) -> float | Fraction:
        """Critical value."""
        return self.landscape.class_loss(self.index_set)

    @cached_property
    def inertia(self) -> Any:
        """The `Inertia` of the Hessian at `weights()`, or None without a closed form.

        Other points of the class may have another one: kernel blocks, where there are any, change
        nullity, and in deep networks and tied ones with singular S the index too.
        """
        return self.landscape.class_inertia(self.index_set)

    @property
    def index(self) -> Any:
        """Number of negative Hessian eigenvalues, or None: independent directions of descent."""
        return None if self.inertia is None else self.inertia.negative

    @property
    def nullity(self) -> Any:
        """Number of zero Hessian eigenvalues at `weights()`, or None."""
        return None if self.inertia is None else self.inertia.zero

    @cached_property
    def multiplicity(self) -> int:
        """Number of index sets that name this class: 1 unless eigenvalues tie."""
        groups, ways = self.landscape.spectrum.group, 1
        left = list(self.landscape.spectrum.multiplicities)
        for cell in self._cells():
            for g in set(taken := [groups[j] for j in cell]):
                ways *= math.comb(left[g], taken.count(g))
                left[g] -= taken.count(g)
        return ways

    def _cells(self) -> list[list[int]]:
        """Components that are in no order among themselves: of a block, or of a unit."""
        cells: list[list[int]] = [[]]
        for j in self.index_set:
            if j == -3 or self.landscape.units_differ:
                cells.append([])
            if j >= 0:
                cells[-1].append(j)
        return cells

    @property
    def kind(self) -> str:
        """ "global minimum", "local minimum", "strict saddle" or "non-strict saddle"."""
        return self.landscape.class_kind(self.index_set)

    @property
    def is_global_minimum(self) -> bool:
        """Whether the class attains the least loss."""
        return self.kind == "global minimum"

    @property
    def is_strict_saddle(self) -> bool:
        """Whether some Hessian eigenvalue is negative."""
        return self.kind == "strict saddle"

    def weights(self, gauge: Array | None = None, **blocks: Array) -> tuple[Array, ...]:
        """A point of the class; `gauge` M in GL(p), and the kernel blocks of the landscape."""
        return self.landscape.class_weights(self.index_set, gauge, **blocks)

    def hessian_spectrum(self) -> Array | None:
        """All Hessian eigenvalues at `weights()`, ascending, or None without a closed form."""
        return self.landscape.class_spectrum(self.index_set)

    def __str__(self) -> str:
        counts = "" if self.inertia is None else f" inertia {self.inertia},"
        named = " ".join(names(self.index_set)) or "none"
        return f"PCs {named}: loss {float(self.loss):.4g},{counts} {self.kind}"


def best_first(eigenvalues: Sequence[Any], multiplicities: Sequence[int], width: int) -> BestFirst:
    """Index sets of all classes, sum of selected eigenvalues non-increasing, lazily."""
    return BestFirst(eigenvalues, multiplicities, width)
