"""Symbols in object arrays, on which the functions of linae run as they are."""

from __future__ import annotations

import numpy as np
import sympy as sp

from linae.exact import Array


def symbols(name: str, rows: int, columns: int) -> Array:
    """A (rows, columns) matrix of real symbols."""
    entries = sp.symbols(f"{name}:{rows}(:{columns})", real=True) if rows * columns else ()
    return np.array(entries, dtype=object).reshape(rows, columns)


def symmetric(name: str, size: int) -> Array:
    """A symmetric matrix of real symbols."""
    M = symbols(name, size, size)
    return np.tril(M) + np.tril(M, -1).T


def skew(name: str, size: int) -> Array:
    """A skew-symmetric matrix of real symbols."""
    M = np.tril(symbols(name, size, size), -1)
    return M - M.T


def is_zero(*arrays: Array) -> bool:
    """Whether all entries are the zero polynomial."""
    return not any(sp.expand(x) for array in arrays for x in np.ravel(array))
