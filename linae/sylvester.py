"""Certain signs of eigenvalues of large real symmetric matrices of doubles, by LDLᵀ.

    signs(H, radius)            (negative, positive), to the rounding model of LDLᵀ
    proved_signs(H, radius)     the same, proved: the residual of the factors is bounded

H + τ has the inertia of D (Sylvester's law) if its factors LDLᵀ (Bunch and Kaufman, LAPACK's sytrf)
are wrong by less than τ: as many negative pivots, so many negative eigenvalues has H; and so for
H − τ and the positive ones. Above 2000 rows faster than eigenvalues, with one copy of H.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from linae.exact import Array

EPS = float(np.finfo(float).eps)
TRIES = 4
"""Factorisations of one matrix; each has the shift that the one before asked for."""

Factorisation = Callable[[Array], tuple[int, float]]


def signs(H: Array, radius: float = 0.0) -> tuple[int, int]:
    """How many eigenvalues are certainly negative, and positive, of every symmetric matrix within
    `radius` of H in spectral norm; both 0 if rounding does not let H be factored.

    Rounding model (Higham 2002, theorem 11.3): the factors are those of a matrix within
    size · eps · ‖|L| |D| |Lᵀ|‖∞ of H.
    """
    return _signs(H, radius, _factored)


def proved_signs(H: Array, radius: float = 0.0) -> tuple[int, int]:
    """The same as a proof: H − LDLᵀ is computed, with a bound on the rounding of that."""
    return _signs(H, radius, _verified)


def _signs(H: Array, radius: float, factored: Factorisation) -> tuple[int, int]:
    scale = float(np.abs(H).sum(axis=1).max(initial=0))
    return _negative(H, 1, radius, scale, factored), _negative(H, -1, radius, scale, factored)


def _negative(H: Array, sign: int, radius: float, scale: float, factored: Factorisation) -> int:
    """The number of negative eigenvalues of sign · H that is certain."""
    places = np.diag_indices(len(H))
    error = 4 * len(H) * EPS * scale
    for _ in range(TRIES):
        shift = 1.001 * (radius + error + EPS * scale)  # above it also when rounded
        if not np.isfinite(scale + shift):
            return 0
        shifted = np.array(H, order="F") if sign > 0 else np.negative(H, order="F")
        shifted[places] += shift
        count, error = factored(shifted)
        if radius + error + EPS * (scale + shift) <= shift:
            return count
        error = 2 * error
    return 0


def _factored(H: Array) -> tuple[int, float]:
    """The number of negative pivots, and what the factors may be wrong by; overwrites H."""
    from scipy.linalg import lapack

    size = len(H)
    work = int(lapack.dsytrf_lwork(size, lower=1)[0])
    F, pivots, info = lapack.dsytrf(H, lower=1, lwork=work, overwrite_a=1)
    if info < 0 or not np.isfinite(F.diagonal()).all():
        return 0, np.inf
    d = F.diagonal().copy()
    pairs = np.flatnonzero(pivots < 0)[::2]
    e = np.zeros(size)
    e[pairs] = F[pairs + 1, pairs]
    return _negative_pivots(d, e, pairs), size * EPS * _growth(F, pivots, d, e)


def _negative_pivots(d: Array, e: Array, pairs: Array) -> int:
    """Of D with diagonal d and entries e below it where a pivot is a pair: pairs are indefinite, as
    the pivoting chooses them, or else are not counted."""
    single = np.ones(len(d), dtype=bool)
    single[pairs] = single[pairs + 1] = False
    a, c = d[pairs], d[pairs + 1]
    product = np.sqrt(np.abs(a)) * np.sqrt(np.abs(c))
    indefinite = (np.sign(a) * np.sign(c) <= 0) | (product < np.abs(e[pairs]) * (1 - 8 * EPS))
    return int((d[single] < 0).sum() + indefinite.sum())


def _growth(F: Array, pivots: Array, d: Array, e: Array) -> float:
    """‖|L| |D| |Lᵀ|‖∞ from the factors as sytrf leaves them: columns before later exchanges."""
    size, k, steps = len(F), 0, []
    while k < size:
        width = 2 if pivots[k] < 0 else 1
        steps.append((k, width, k + width - 1, abs(int(pivots[k])) - 1))
        k += width
    x = np.array([1 + np.abs(F[j + 1 :, j]).sum() for j in range(size)]) - np.abs(e)  # |Lᵀ| 1
    y = np.abs(d) * x
    y[1:] += np.abs(e[:-1]) * x[:-1]
    y[:-1] += np.abs(e[:-1]) * x[1:]
    for k, width, last, other in reversed(steps):  # |L| y
        for j in range(k, k + width):
            y[k + width :] += np.abs(F[k + width :, j]) * y[j]
        y[[last, other]] = y[[other, last]]
    return float(y.max(initial=0))


def _verified(H: Array) -> tuple[int, float]:
    """As `_factored`, with a proof of the bound.

    In any order of summation |fl(XY) − XY| ≤ γ |X| |Y| with γ = k eps / (2 − k eps) for inner
    products of k terms (Higham 2002, section 3.5); underflow adds less than the smallest normal
    number a term.
    """
    from scipy.linalg import ldl

    L, D, _ = ldl(H)
    if not (np.isfinite(L).all() and np.isfinite(D).all()):
        return 0, np.inf
    size, d, e = len(H), D.diagonal(), np.append(D.diagonal(-1), 0.0)
    LD = L * d
    LD[:, 1:] += L[:, :-1] * e[:-1]
    LD[:, :-1] += L[:, 1:] * e[:-1]
    residual = np.abs(LD @ L.T - H).sum(axis=1)
    sizes = np.abs(L) @ (np.abs(D) @ (np.abs(L).T @ np.ones(size)))
    gamma = (size + 8) * EPS  # twice γ, for the roundings of the bounds themselves
    bound = residual * (1 + gamma) + gamma * sizes + size**2 * float(np.finfo(float).tiny)
    return _negative_pivots(d, e, np.flatnonzero(e)), float(bound.max(initial=0))
