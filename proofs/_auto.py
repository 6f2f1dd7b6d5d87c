"""Auto-association in exact numbers: S = U diag(λ) Uᴴ with U unitary and rational.

    Auto, Decayed            losses by their definition, without and with weight decay
    spectra(3), frames(3)    λ with ties and zeros; orthogonal matrices
    listed_root(start)       floating: attacks the claim that a list of classes is complete

Losses are those of the map A B, by the definition; only `listed_root` asks `linae` for any.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, floating, is_complex, rationals, real
from linae.landscapes.base import Landscape
from linae.moments import Moments
from proofs._cases import RATIONALS, Numbers, matrices, unitaries
from proofs._instances import Case


@dataclass(frozen=True, eq=False, repr=False)
class Auto(Case):
    """Inputs with second moment U diag(λ) Uᴴ, λ non-increasing, and a width.

    Attributes
    ----------
    targets : (n, n), optional
        T, for targets y = T x, which no theorem on auto-association allows.
    """

    U: Array
    values: tuple[Any, ...]
    width: int
    targets: Array | None = None

    @property
    def rank(self) -> int:
        """ρ."""
        return sum(x > 0 for x in self.values)

    @cached_property
    def S(self) -> Array:
        """Of the numbers that U has."""
        S = self.U * np.array(self.values, dtype=object) @ self.U.conj().T
        return rationals(S + 0 * self.U)

    @cached_property
    def moments(self) -> Moments:
        return Moments.auto(self.S)

    @cached_property
    def target(self) -> Array:
        """T; the identity in auto-association."""
        return eye(len(self.U), self.U) if self.targets is None else self.targets

    def error(self, W: Array) -> Any:
        """E‖T x − W x‖²."""
        E = self.target - W
        return total((E @ self.S) * E.conj())


@dataclass(frozen=True, eq=False, repr=False)
class Decayed(Case):
    """Weights with weight decay; the component of each unit, −1 for none.

    Attributes
    ----------
    of_columns, of_rows : p numbers
        The decays of the columns of A and of the rows of B.
    """

    at: Auto
    of_columns: tuple[Any, ...]
    of_rows: tuple[Any, ...]
    taken: tuple[int, ...]
    A: Array
    B: Array

    def loss(self, A: Array, B: Array) -> Any:
        """The definition."""
        columns, rows = (np.array(x, dtype=object) for x in (self.of_columns, self.of_rows))
        penalty = total(A * A.conj() * columns) + total(B * B.conj() * rows[:, None])
        return self.at.error(A @ B) + penalty


def total(M: Array) -> Any:
    """The sum of entries that is known to be real."""
    return (real(M) if is_complex(M) else M).sum()


def squares(M: Array) -> Any:
    """‖M‖²."""
    return total(M * M.conj())


def spectra(count: int) -> st.SearchStrategy[tuple[Fraction, ...]]:
    """Non-increasing integers, with ties and zeros."""
    values = st.lists(st.integers(0, 3), min_size=count, max_size=count)
    return values.map(lambda x: tuple(map(Fraction, sorted(x, reverse=True))))


def sizes(most: int) -> st.SearchStrategy[tuple[int, int]]:
    """(n, p) with n p <= most; p may exceed n. Most have two components and two units at least."""
    every = [(n, p) for n in range(1, 5) for p in range(1, 4) if n * p <= most]
    return st.sampled_from([(n, p) for n, p in every for _ in range(min(n, p) ** 3)])


def ranks(most: int) -> st.SearchStrategy[int]:
    """0 … most, the larger ones more often."""
    return st.sampled_from([r for r in range(most, -1, -1) for _ in range(r + 1)])


@dataclass(frozen=True, eq=False, repr=False)
class Start(Case):
    """Weights at which a root search begins."""

    landscape: Landscape
    weights: tuple[Array, ...]


@st.composite
def starts(draw: st.DrawFn, landscape: Landscape, numbers: Numbers = RATIONALS) -> Start:
    """Anywhere."""
    weights = (draw(matrices(*shape, numbers)) / Fraction(2) for shape in landscape.shapes)
    return Start(landscape, tuple(weights))


@st.composite
def frames(draw: st.DrawFn, size: int, numbers: Numbers = RATIONALS) -> Array:
    """Unitary matrices: permutations, or any."""
    if draw(st.booleans()):
        return draw(unitaries(size, numbers))
    rows = list(draw(st.permutations(range(size))))
    return rationals(np.eye(size, dtype=int)[rows] + 0 * draw(matrices(1, 1, numbers)))


def listed_root(start: Start) -> tuple[Array, ...] | None:
    """Floating: what a root search finds is a point of a class, with its loss; None if it fails.
    Where rounding leaves the class open, as at a border of strata, its loss is that of a class."""
    found, landscape = arrival(start), start.landscape
    if found is not None:
        place = landscape.place(*found)
        classes = landscape.critical_classes() if place is None else [place.critical]
        loss = landscape.floating.loss(*found)
        excess = min((loss - float(c.loss) for c in classes), key=abs)
        assert abs(excess) < 1e-6, f"off the loss of the nearest class by {excess} at {found}"
    return found


def arrival(start: Start) -> tuple[Array, ...] | None:
    """Where a damped Gauss–Newton search for a zero of the gradient ends; None if at no zero.

    It is drawn to saddles as to minima, and knows no closed form but those of the derivatives.
    """
    from scipy.optimize import least_squares

    landscape = start.landscape.floating
    vector = landscape.flatten([floating(w) for w in start.weights])

    def slope(vector: Array) -> Array:
        return landscape.flatten(landscape.gradient(*landscape.unflatten(vector)))

    def curvature(vector: Array) -> Array:
        return landscape.hessian(*landscape.unflatten(vector))

    precise = {"method": "lm", "xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": 300}
    end = least_squares(slope, vector, curvature, **precise)
    return landscape.unflatten(end.x) if np.abs(end.fun).max() < 1e-10 else None
