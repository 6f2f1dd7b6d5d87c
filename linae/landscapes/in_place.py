"""Landscapes that are judged where a point lies: no other coordinates, no enclosures.

Their escapes are found numerically, along the eigenvector of the least Hessian eigenvalue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self, final

from linae.exact import Array
from linae.landscapes.base import Landscape, Move, Place, Stay
from linae.landscapes.escapes import Escape, steepest_escape


class InPlace(Landscape):
    """A landscape without a closed form for ways out, nor for better coordinates."""

    @final
    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        return steepest_escape(self, weights)

    @final
    def move(self, place: Place) -> Move:
        return Stay(self)

    @final
    def proved_inertia(self, place: Place) -> None:
        """No enclosure of irrational points."""

    @final
    @property
    def ground(self) -> Self:
        return self.floating
