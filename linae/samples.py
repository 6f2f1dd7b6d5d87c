"""Samples: data in memory as numbers, and few columns with their second moment.

F = columns(table([[0.0, 1.0], [2.0, 1.0]], "X"), center=True)     F Fᴴ is the covariance
exact_moment(rationals([[0, 1], [2, 1]]), center=True)             the covariance itself
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array, is_complex, is_exact, rationals
from linae.scatter import as_array, refuse


def numbers(M: Array, name: str) -> Array:
    """`M` as float64 or complex128."""
    if M.dtype.kind not in "biufc":
        raise ValueError(f"Need numbers in {name}. Got dtype {M.dtype}.")
    with np.errstate(over="ignore"):  # of long doubles
        return np.array(M, dtype=complex if M.dtype.kind == "c" else float)


def table(X: ArrayLike, name: str) -> Array:
    """Data as an (N, m) array of numbers, N >= 1, m >= 1, all finite."""
    data = as_array(X, name)
    if data.ndim != 2:
        raise ValueError(f"Need {name} of shape (samples, features). Got shape {data.shape}.")
    if data.shape[0] < 1 or data.shape[1] < 1:
        raise ValueError(f"Need at least 1 sample and 1 feature in {name}. Got shape {data.shape}.")
    if data.dtype == object:
        data = rationals(data)
        wrong = [place for place, x in np.ndenumerate(data) if not is_exact(np.array([x]))]
        if wrong:
            place = wrong[0]
            raise ValueError(f"Need numbers in {name}. Got {data[place]!r} at {place}.")
        return data
    data = numbers(data, name)
    refuse([data], names=name)
    return data


def columns(X: Array, center: bool) -> Array:
    """Few columns F with F Fᴴ = the (centred) second moment of the rows of X (N, m).

    Few rows are centred by an orthonormal basis of contrasts, so that the rank bound N − 1 shows
    in the shape; many rows are compressed by QR. Constant columns become exactly zero.
    """
    N, m = X.shape
    if center:
        X = X - X[0]
        X = X - X.mean(axis=0)
    if center and m >= N:
        from scipy.linalg import helmert

        X = helmert(N) @ X
    elif m < N:
        X = np.asarray(np.linalg.qr(X, mode="r"))
    return X.T / math.sqrt(N)


def exact_moment(X: Array, center: bool) -> Array:
    """Second moment XᵀX̄/N of exact rows, over one common denominator."""
    parts = [part for x in X.flat for part in (x.real, x.imag)]
    scale = math.lcm(*(Fraction(part).denominator for part in parts))
    if not is_complex(X):
        integers = np.vectorize(lambda x: int(x * scale), otypes=[object])(X)
    else:
        integers = X * scale
    N = len(X)
    S = N * (integers.T @ integers.conj())
    if center:
        s = integers.sum(axis=0)
        S = S - np.outer(s, s.conj())
    return rationals(S) / Fraction(N * N * scale * scale)
