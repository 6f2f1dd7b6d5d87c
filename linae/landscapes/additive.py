"""Landscapes whose classes choose components one by one: every component has its gain.

The loss of a class is that of zero weights less the gains of its index set; its index counts the
pairs of an unselected and a selected component that are out of order, and what the rank alone
decides; its nullity the pairs that tie, and what the rank alone decides. So classes are listed best
first, counted by index, ranked, and computed all at once.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple, final

import numpy as np

from linae.census import Census
from linae.colex import IndexSets
from linae.counting import classes_by_index, counting_work, number_of_classes
from linae.critical import CriticalClass, IndexSet, best_first
from linae.enumeration import BestFirst
from linae.exact import Array
from linae.inertia import Inertia
from linae.landscapes.base import Landscape
from linae.ranking import Bounds, better_classes


class Gains(NamedTuple):
    """What components are worth that classes may select."""

    values: Sequence[Any]
    """of each component, positive, decreasing from group to group"""
    multiplicities: tuple[int, ...]
    """sizes of the groups that tie"""


class Additive(Landscape):
    """A landscape with a gain for every component."""

    @property
    @abstractmethod
    def gains(self) -> Gains:
        """Of the components that can be selected."""

    @abstractmethod
    def class_inertia(self, J: IndexSet) -> Inertia: ...

    @abstractmethod
    def class_spectra(self, sets: Array) -> Array | None:
        """All Hessian eigenvalues at the default weights of many classes of one rank.

        Parameters
        ----------
        sets : (count, r) index sets

        Returns
        -------
        (count, size) ascending in rows; None without a closed form
        """

    @final
    def class_spectrum(self, J: IndexSet) -> Array | None:
        found = self.class_spectra(index_rows([J]))
        return None if found is None else found[0]

    @final
    def index_sets(self) -> BestFirst:
        """Best loss first; can be left and resumed, copied and pickled."""
        return best_first(*self.gains, self.width)

    @final
    @property
    def number_of_classes(self) -> int:
        return number_of_classes(self.gains.multiplicities, self.width)

    @final
    def classes_by_index(self, rank: int | None = None) -> dict[int, int]:
        """How many classes, of one rank or of all, have which index, as {index: count}; exact.

        Raises
        ------
        ValueError
            If no class has that rank.
        """
        copies = 1 + self.moments.is_complex
        found = classes_by_index(self.gains.multiplicities, self.width, rank)
        return {copies * index: count for index, count in found.items()}

    @final
    @property
    def counting_work(self) -> int:
        """About how many bytes a count of all classes by index moves: 10⁹ take a second."""
        return counting_work(self.gains.multiplicities, self.width)

    @final
    def census(self, rank: int) -> Census:
        """Losses, indices and nullities of all classes of one rank, as arrays.

            for chunk in landscape.census(3):
                chunk.losses, chunk.indices, chunk.nullities    # (count,) each

        `index_sets(positions)` of the census says which classes these are.

        Raises
        ------
        ValueError
            If no class has that rank.
        """
        values, multiplicities = self.gains
        most = min(self.width, sum(multiplicities))
        if rank not in range(most + 1):
            raise ValueError(f"Need 0 <= rank <= {most}, that of the classes. Got rank = {rank}.")
        first = tuple(range(rank))
        return Census(
            values,
            IndexSets(multiplicities, rank),
            self.class_loss(first),
            self.class_inertia(first),
            1 + self.moments.is_complex,
        )

    @final
    def better_classes(self, critical: CriticalClass, work: int = 4 * 10**9) -> Bounds:
        """How many classes have a smaller loss: `lower` <= that number <= `upper`, which are equal
        where so much work, in operations on words of memory, decides."""
        return better_classes(*self.gains, self.width, critical.index_set, work=work)

    @final
    def quantile(self, critical: CriticalClass, work: int = 4 * 10**9) -> Bounds:
        """The share of classes that have a smaller loss, as fractions."""
        lower, upper = self.better_classes(critical, work)
        return Bounds(*(Fraction(x, self.number_of_classes) for x in (lower, upper)))


def index_rows(sets: Sequence[IndexSet]) -> Array:
    """Index sets of one rank as rows."""
    return np.array(sets, dtype=int).reshape(len(sets), -1)
