"""Tasks that spoil the inputs: each is a gain and an independent noise, as second moments see it.

The loss E‖y − A B x̃‖² is that of Sxx = g² E x xᴴ + N, Syx = g E y xᴴ, whatever law spoils x.
Theorems: proofs/denoising.py, proofs/masking.py
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array, eye, floating, rationals, zeros
from linae.inertia import hermitian, inertia
from linae.moments import Moments


def denoise(moments: Moments, noise: Any) -> Moments:
    """Inputs x + e, with noise e of mean 0 independent of x and y.

    Parameters
    ----------
    noise : number or (m, m)
        The variance of each entry of white noise, or the covariance of any.

    >>> denoise(Moments.auto([[2, 0], [0, 1]]), 1).Sxx.tolist()
    [[3.0, 0.0], [0.0, 2.0]]
    """
    return _spoiled(moments, 1, _covariance(moments, noise, moments.m, "noise"))


def ridge(moments: Moments, weight: Any) -> Moments:
    """The penalty weight · ‖A B‖² of the map, which is white noise of that variance."""
    return denoise(moments, _within(weight, 0, math.inf, "weight", moments))


def mask(moments: Moments, keep: Any, mean: ArrayLike | None = None) -> Moments:
    """Inputs of which each entry is kept with probability `keep`, and is 0 otherwise.

    Parameters
    ----------
    mean : (m,), optional
        Of the inputs, if the moments are centred and the network has biases. The mean does not drop
        out: what is masked are raw inputs, E|xᵢ|² large.

    >>> mask(Moments.auto([[2, 1], [1, 2]]), 0.5).Sxx.tolist()
    [[1.0, 0.25], [0.25, 1.0]]
    """
    return salt_and_pepper(moments, keep, 0, mean)


def salt_and_pepper(
    moments: Moments, keep: Any, size: Any, mean: ArrayLike | None = None
) -> Moments:
    """Inputs of which each entry is kept with probability `keep`, and otherwise ± size.

    Both signs are equally likely. `mean` as in `mask`.
    """
    keep = _numbered(keep, moments, "keep")
    if not 0 < keep <= 1:
        raise ValueError(f"Need 0 < keep <= 1. Got {keep}.")
    size = _within(size, 0, math.inf, "size", moments)
    raw = np.diagonal(moments.Sxx)
    if mean is not None:
        center = _like(moments.Sxx, mean)
        if center.shape != (moments.m,):
            raise ValueError(f"Need a mean of shape ({moments.m},). Got shape {center.shape}.")
        raw = raw + center * center.conj()
    variances = (1 - keep) * (keep * raw + size**2)
    return _spoiled(moments, keep, variances * eye(moments.m, moments.Sxx))


def noise2noise(moments: Moments, noise: Any, target_noise: Any = None) -> Moments:
    """Inputs x + e and targets y + f, with independent noises of mean 0.

    Parameters
    ----------
    noise, target_noise : number or covariance matrix
        Of e and f; the second is the first if not given.
    """
    target_noise = noise if target_noise is None else target_noise
    N = _covariance(moments, noise, moments.m, "noise")
    return _spoiled(moments, 1, N, _covariance(moments, target_noise, moments.n, "target_noise"))


def _spoiled(moments: Moments, gain: Any, N: Array, F: Array | None = None) -> Moments:
    """Moments of gain · x + e and y + f; samples get further columns."""
    Sxx, Syx = gain * gain * moments.Sxx + N, gain * moments.Syx
    Syy = moments.Syy if F is None else moments.Syy + F
    if moments.samples is None:
        return Moments(Sxx, Syx, Syy, is_rounded=moments.is_rounded)
    Fx, Fy = moments.samples
    e = _columns(N)
    f = _columns(zeros(moments.Syy.shape, N) if F is None else F)
    inputs = np.concatenate([float(gain) * Fx, e, np.zeros((moments.m, f.shape[1]))], axis=1)
    targets = np.concatenate([Fy, np.zeros((moments.n, e.shape[1])), f], axis=1)
    return Moments(Sxx, Syx, Syy, (inputs, targets))


def _columns(N: Array) -> Array:
    """Floating columns F with F Fᴴ = N, none for N = 0."""
    values, U = np.linalg.eigh(floating(N))
    kept = values > 0
    return U[:, kept] * np.sqrt(values[kept])


def _covariance(moments: Moments, noise: Any, size: int, name: str) -> Array:
    """The matrix of a variance, or of itself if it is one."""
    if np.ndim(noise) == 0:
        variance = _within(noise, 0, math.inf, name, moments)
        return variance * eye(size, moments.Sxx)
    N = hermitian(_like(moments.Sxx, noise))
    if N.shape != (size, size):
        raise ValueError(f"Need a variance or a matrix {size, size} as {name}. Got {N.shape}.")
    negative = inertia(N).negative
    if negative:
        need = f"Need a positive semidefinite {name}"
        raise ValueError(
            f"{need}. Got {negative} negative eigenvalue{'s' if negative > 1 else ''}."
        )
    return N


def _within(value: Any, low: float, high: float, name: str, moments: Moments) -> Any:
    """The number in those of the moments, if low <= value < high."""
    value = _numbered(value, moments, name)
    if not low <= value < high:
        raise ValueError(f"Need {low} <= {name} < {high}. Got {value}.")
    return value


def _numbered(value: Any, moments: Moments, name: str) -> Any:
    """Exact beside exact moments."""
    if np.ndim(value):
        raise ValueError(f"Need one number as {name}. Got shape {np.shape(value)}.")
    finite = not isinstance(value, float) or math.isfinite(value)
    return _like(moments.Sxx, value).item() if finite else value


def _like(S: Array, array: ArrayLike) -> Array:
    """In the numbers of S: exact or floating."""
    if S.dtype == object:
        return rationals(array)
    given = floating(np.asarray(array))
    return given if given.dtype.kind == "c" else given.astype(float)
