"""Scatter: number, mean and centred sum of squares of rows, in one pass, and how two of them add.

    Scatter.of([X])                     of the rows of one array
    Scatter.of([X, Y]) + other          of columns side by side; of the rows of both
    total.moment()                      the covariance; its digits do not depend on the mean

Rows are shifted by a pilot, the mean of the first of them. A mean of a share f of the rows lies
within σ √((1 − f)/f) of the mean of all, so that the shifted sum of squares is at most 1/f times
the centred one, whatever the data are. Two summaries are merged by what both add to the total,

    S = Sₐ + S_b + (Nₐ N_b / N) δ δᴴ,     δ = the difference of the means:

all terms are positive semidefinite, so that nothing cancels, however far the mean drifts.

References: Chan, Golub, LeVeque, "Algorithms for computing the sample variance", 1983.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from linae.exact import Array

LARGEST = 1e60
"""Largest entry of floating data: losses are of fourth degree, and must be doubles too."""

STRIPS = 8
"""1/f: a block of rows is that many strips, and its pilot the mean of the first."""


def strip(width: int) -> int:
    """Rows that are shifted at once, so that their copy stays in the cache."""
    return max(1024, 2**17 // width)


@dataclass(frozen=True, eq=False)
class Scatter:
    """Rows in sum: columns of one or two tables side by side.

    Attributes
    ----------
    count : int
    mean, rest : (k,)
        The mean in twice the digits, as an unevaluated sum.
    square : (k, k)
        Σ (x − mean)(x − mean)ᴴ over rows x; exactly zero for columns that do not vary.
    """

    count: int
    mean: Array
    rest: Array
    square: Array

    @classmethod
    def of(cls, tables: Sequence[Array], *, first: int = 0, rows: int | None = None) -> Scatter:
        """Of the rows of one block; `first` is the number of its first row, for error messages.

        Parameters
        ----------
        tables : one or two arrays of as many rows
            Of any numbers; sums are in doubles.
        rows : int
            In a strip; so many that it stays in the cache if None.

        Raises
        ------
        ValueError
            If an entry is not finite, or too large.
        """
        with np.errstate(all="ignore"):  # what overflows is found in the sums
            count, pilot, total, square = _shifted(tables, rows)
            size = np.abs(pilot) + np.sqrt(np.abs(np.diagonal(square)))
            if not (size <= LARGEST).all():
                refuse(tables, first)
        square -= np.outer(total, total.conj() / count)
        return cls(count, *_two_sum(pilot, total / count), square)

    def __add__(self, other: Scatter) -> Scatter:
        """Of the rows of both."""
        count = self.count + other.count
        step = (other.mean - self.mean) + (other.rest - self.rest)
        mean, rest = _two_sum(self.mean, self.rest + step * (other.count / count))
        square = np.outer(step, step.conj() * (self.count * (other.count / count)))
        square += self.square
        square += other.square
        return Scatter(count, mean, rest, square)

    def over(self, units: Array) -> Scatter:
        """Of columns that are divided by these units (k,)."""
        square = self.square / np.outer(units, units)
        return Scatter(self.count, self.mean / units, self.rest / units, square)

    def moment(self, *, center: bool = True) -> Array:
        """The mean of x xᴴ over rows x, less their mean if `center`; Hermitian to the last bit.

        >>> Scatter.of([np.array([[1e8 - 1], [1e8 + 1]])]).moment().item()
        1.0
        """
        S = self.square / self.count
        if not center:
            S += np.outer(self.mean, self.mean.conj())
        return (S + S.conj().T) / 2


def _shifted(tables: Sequence[Array], rows: int | None) -> tuple[int, Array, Array, Array]:
    """Number of rows, the pilot p, and sums of x − p and of (x − p)(x − p)ᴴ."""
    count, widths = len(tables[0]), [table.shape[1] for table in tables]
    k, kind = sum(widths), complex if any(t.dtype.kind == "c" for t in tables) else float
    parts = [slice(*ends) for ends in pairwise(accumulate(widths, initial=0))]
    rows = min(count, rows or strip(k))
    copy = np.empty((rows, k), dtype=kind)
    ones = np.ones(rows)

    def strip_from(i: int, pilot: Array) -> Array:
        D = copy[: min(rows, count - i)]
        for table, part in zip(tables, parts, strict=True):
            np.subtract(table[i : i + rows], pilot[part], out=D[:, part], casting="same_kind")
        return D

    row = np.concatenate([table[0].astype(kind) for table in tables])
    pilot = row + strip_from(0, row).mean(axis=0)
    total, square = np.zeros(k, dtype=kind), np.zeros((k, k), dtype=kind)
    for i in range(0, count, rows):
        D = strip_from(i, pilot)
        total += ones[: len(D)] @ D
        square += D.T @ D.conj()
    return count, pilot, total, square


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """a + b rounded, and what rounding left out, exactly (Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def as_array(X: Any, name: str) -> Array:
    """What was given, computed if it is of Dask; NaN where an entry of a masked array is missing.

    Raises
    ------
    ValueError
        If rows are not of one length.
    """
    try:
        table = np.asanyarray(X.compute() if hasattr(X, "__dask_graph__") else X)
    except ValueError:
        if not isinstance(X, (list, tuple)):
            raise
        raise ValueError(f"Need rows of one length in {name}. Got others.") from None
    if np.ma.is_masked(table) and table.dtype.kind in "biufc":
        table = table.astype(np.result_type(table.dtype, float)).filled(np.nan)
    return np.asarray(table)


class NotFiniteError(ValueError):
    """The number, the name of its table, and its place: they are its `args`."""

    def __str__(self) -> str:
        number, name, place = self.args
        return f"Need finite numbers in {name}. Got {number} at {place}."


def refuse(tables: Sequence[Array], first: int = 0, names: str = "XY") -> None:
    """Say which entry is not finite, or too large, if there is one.

    Raises
    ------
    ValueError
    """
    for name, table in zip(names, tables, strict=False):
        wrong = ~np.isfinite(table)
        if wrong.any():
            i, j = map(int, np.argwhere(wrong)[0])
            raise NotFiniteError(table[i, j], name, (first + i, j))
        largest = float(np.abs(table).max())
        if largest > LARGEST:
            need = f"Need numbers up to {LARGEST:.0e} in {name}, in another unit"
            raise ValueError(f"{need}. Got {largest:.2g}.")
