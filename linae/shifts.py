"""Shifts of a cyclic signal: what commutes with them sees only the shift-averaged moment.

    convolution(a, b)       a ∗ b, entry j the sum of a_i b_{j−i}
    shift_average(S)        the circulant mean of P S Pᵀ over all shifts P
    fourier_modes(S)        its eigenvectors, cosines and sines: frequencies, strongest first
    power_spectrum(S)       its eigenvalues S(f), by frequency

A moment of rationals stays one, and its modes are rational for n = 1, 2, 3, 4, 6.
Theorem: proofs/convolutional.py
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from linae.exact import Array, rationals

RATIONAL = (1, 2, 3, 4, 6)
"""Lengths of which all cosines of multiples of 2π/n are rational."""


def circulant(a: Array) -> Array:
    """The matrix (…, n, n) of b ↦ a ∗ b; a (…, n).

    >>> circulant(np.array([1, 2, 3])).tolist()
    [[1, 3, 2], [2, 1, 3], [3, 2, 1]]
    """
    steps = np.arange(a.shape[-1])
    return a[..., (steps[:, None] - steps) % len(steps)]


def convolution(a: Array, b: Array) -> Array:
    """a ∗ b on a circle; leading axes are a batch."""
    return (circulant(a) @ b[..., None])[..., 0]


def shift_average(S: Array, step: int = 1) -> Array:
    """The mean of P S Pᵀ over the powers P of a shift by so many places.

    >>> shift_average(np.diag([4.0, 2.0, 1.0, 1.0]), step=2).diagonal().tolist()
    [2.5, 1.5, 2.5, 1.5]
    """
    n = len(S)
    if step < 1 or n % step:
        raise ValueError(f"Need a step that divides {n}. Got {step}.")
    places = [(np.arange(n) + start) % n for start in range(0, n, step)]
    total: Any = sum(S[np.ix_(shifted, shifted)] for shifted in places)
    return total / (Fraction(n // step) if S.dtype == object else n // step)


@dataclass(frozen=True, eq=False)
class Modes:
    """The frequencies of a shift-averaged moment, the strongest first.

    Attributes
    ----------
    frequencies : tuple of int
        0 <= f <= n/2, each once; f stands for the pair f and −f.
    sizes : tuple of int
        Number of modes of each frequency: 1 for f = −f, else 2.
    powers : array
        S(f) of each frequency, non-increasing.
    vectors : (n, n)
        The modes as columns: orthogonal, normalised if floating.
    """

    frequencies: tuple[int, ...]
    sizes: tuple[int, ...]
    powers: Array
    vectors: Array


def fourier_modes(S: Array) -> Modes:
    """The modes of the shift-averaged S; S symmetric and real."""
    n = len(S)
    exact = S.dtype == object and n in RATIONAL
    numbers = S if exact else S.astype(float)
    bases = [_modes(f, n, exact=exact) for f in range(n // 2 + 1)]
    powers = [((U * (numbers @ U)).sum(axis=0) / (U * U).sum(axis=0)).mean() for U in bases]
    order = sorted(range(len(bases)), key=lambda f: -powers[f])
    return Modes(
        tuple(order),
        tuple(bases[f].shape[1] for f in order),
        np.array([powers[f] for f in order], dtype=numbers.dtype),
        np.concatenate([bases[f] for f in order], axis=1),
    )


def power_spectrum(S: Array) -> Array:
    """S(f) for f = 0 … n − 1: the mean of |x̂(f)|²/n over the data, x̂ the Fourier transform.

    >>> [float(x) for x in power_spectrum(rationals([[2, 1], [1, 1]]))]
    [2.5, 0.5]
    """
    modes, n = fourier_modes(S), len(S)
    found = dict(zip(modes.frequencies, modes.powers, strict=True))
    return np.array([found[min(f, n - f)] for f in range(n)], dtype=modes.powers.dtype)


def _modes(f: int, n: int, *, exact: bool) -> Array:
    """cos(2πfj/n) and sin(2πfj/n) as columns, the latter if it is not 0.

    Where they are exact, sines are differences of cosines: multiples of them.
    """
    j = np.arange(n)
    waves = [np.cos(2 * np.pi * f * j / n)]
    if 0 < 2 * f < n:
        waves.append(np.sin(2 * np.pi * f * j / n))
    if not exact:
        return np.array([wave / np.linalg.norm(wave) for wave in waves]).T
    whole = [np.round(2 * wave / np.abs(wave).max()) for wave in waves]
    return rationals(np.array(whole, dtype=int).T)
