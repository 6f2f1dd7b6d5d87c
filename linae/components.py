"""Sparse Hermitian matrices, and the blocks on the diagonal that they fall into.

entries = Entries.of(H)        places and values of what is not zero
entries.blocks()               H is their direct sum, but for the order of rows and columns
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from linae.exact import Array


@dataclass(frozen=True, eq=False)
class Entries:
    """A square matrix as a list of entries, in any numbers; those at the same place add up.

    Attributes
    ----------
    size : int
    rows, columns : (k,) integers
    values : (k,)
    """

    size: int
    rows: Array
    columns: Array
    values: Array

    @classmethod
    def of(cls, H: Array) -> Entries:
        """The entries of a square array that are not zero."""
        rows, columns = np.nonzero(H)
        return cls(len(H), rows, columns, H[rows, columns])

    @classmethod
    def total(cls, parts: Iterable[Entries]) -> Entries:
        """The sum of matrices of one size."""
        parts = list(parts)
        lists = ([p.rows for p in parts], [p.columns for p in parts], [p.values for p in parts])
        return cls(parts[0].size, *(np.concatenate(x) for x in lists))

    @property
    def transposed(self) -> Entries:
        return Entries(self.size, self.columns, self.rows, self.values)

    @property
    def dense(self) -> Array:
        """As an array."""
        H = np.zeros((self.size, self.size), dtype=self.values.dtype)
        np.add.at(H, (self.rows, self.columns), self.values)
        return H

    @property
    def labels(self) -> Array:
        """(size,): the number of the connected component of each row."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        ones = np.ones(len(self.rows), dtype=np.int8)
        shape = (self.size, self.size)
        graph = coo_array((ones, (self.rows, self.columns)), shape=shape)
        return np.asarray(connected_components(graph, directed=False)[1])

    def blocks(self) -> Iterator[Array]:
        """The blocks of one size k after the other, stacked (count, k, k)."""
        labels = self.labels
        order = np.argsort(labels, kind="stable")
        sizes = np.bincount(labels, minlength=0)
        place = np.empty(self.size, dtype=int)  # of a row, in its block
        starts = np.cumsum(sizes) - sizes
        place[order] = np.arange(self.size) - starts[labels[order]]
        owner = labels[self.rows]
        for k in np.unique(sizes):
            number = np.cumsum(sizes == k) - 1  # of a block, in its stack
            mine = sizes[owner] == k
            stack = np.zeros((int(number[-1]) + 1, k, k), dtype=self.values.dtype)
            rows, columns = place[self.rows[mine]], place[self.columns[mine]]
            np.add.at(stack, (number[owner[mine]], rows, columns), self.values[mine])
            yield stack


def kronecker(
    X: Array | Entries, Y: Array | Entries, corner: tuple[int, int], size: int
) -> Entries:
    """The entries of X ⊗ Y, its upper left corner put at a place of a matrix of that size."""
    (i, j, x, _), (k, n, y, (height, width)) = _nonzero(X), _nonzero(Y)
    rows = (i[:, None] * height + k).ravel() + corner[0]
    columns = (j[:, None] * width + n).ravel() + corner[1]
    return Entries(size, rows, columns, np.multiply.outer(x, y).ravel())


def _nonzero(M: Array | Entries) -> tuple[Array, Array, Array, tuple[int, int]]:
    """Rows, columns and values of entries, and the shape."""
    if isinstance(M, Entries):
        return M.rows, M.columns, M.values, (M.size, M.size)
    i, j = np.nonzero(M)
    return i, j, M[i, j], (M.shape[0], M.shape[1])


def spectral_norm(M: Array) -> float:
    """The largest singular value; at once if no row and no column has two entries."""
    sparse = all(np.count_nonzero(M, axis=axis).max(initial=0) < 2 for axis in (0, 1))
    return float(np.abs(M).max(initial=0) if sparse else np.linalg.norm(M, 2))
