"""Elimination without fractions: matrices of integers, by python-flint where it is installed.

    E, pivots, d = echelon(M)      E / d is the reduced row echelon form of M

Bareiss 1968: after each step every entry is a minor of M, so that the division by the last pivot
leaves no remainder, and numbers grow no longer than determinants are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Echelon(NamedTuple):
    """A reduced row echelon form, in integers."""

    numerators: Array
    """as large as the matrix, of dtype object"""
    pivots: tuple[int, ...]
    """the columns of unit vectors"""
    denominator: int
    """of all entries; it may be negative"""


def echelon(M: Array) -> Echelon:
    """The reduced row echelon form of a matrix of Python integers.

    >>> import numpy as np
    >>> E, pivots, d = echelon(np.array([[2, 4, 6], [1, 2, 5]], dtype=object))
    >>> (E // d).tolist(), pivots
    ([[1, 2, 0], [0, 0, 1]], (0, 2))
    """
    try:
        return flint_echelon(M)
    except ImportError:
        return plain_echelon(M)


def rank(M: Array) -> int:
    """Rank of a matrix of Python integers."""
    try:
        return int(_flint_matrix(M).rank())
    except ImportError:
        return len(plain_echelon(M).pivots)


def flint_echelon(M: Array) -> Echelon:
    """By python-flint."""
    E, denominator, rank = _flint_matrix(M).rref()
    numerators = np.array([*map(int, E.entries())], dtype=object).reshape(M.shape)
    pivots = tuple(int(np.flatnonzero(row)[0]) for row in numerators[: int(rank)])
    return Echelon(numerators, pivots, int(denominator))


def plain_echelon(M: Array) -> Echelon:
    """By Gauss, Jordan and Bareiss: all rows at once, a column at a time."""
    E, last, pivots = M.copy(), 1, list[int]()
    for column in range(E.shape[1]):
        row = len(pivots)
        below = np.flatnonzero(E[row:, column])
        if not len(below):
            continue
        E[[row, row + below[0]]] = E[[row + below[0], row]]
        pivot = E[row].copy()
        E = (pivot[column] * E - np.multiply.outer(E[:, column], pivot)) // last
        E[row], last = pivot, pivot[column]
        pivots.append(column)
    return Echelon(E, tuple(pivots), last)


def _flint_matrix(M: Array) -> Any:
    from flint import fmpz_mat  # an optional dependency

    rows, columns = M.shape
    return fmpz_mat(rows, columns, M.ravel().tolist())
