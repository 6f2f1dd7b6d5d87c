"""Closed-form Hessian spectra of the squared loss, for many index sets of one rank at once.

Theorem: proofs/inertia.py counts the signs; the eigenvalues are Kronecker sums of 2 × 2 blocks.
"""

from __future__ import annotations

import numpy as np

from linae.exact import Array


def _complements(sets: Array, size: int) -> Array:
    """The indices below `size` that are not in each row of `sets` (count, r)."""
    chosen = np.zeros((len(sets), size), dtype=bool)
    np.put_along_axis(chosen, sets, True, axis=1)
    return np.nonzero(~chosen)[1].reshape(len(sets), -1)


def auto_spectrum(eigenvalues: Array, sets: Array, width: int) -> Array:
    """Auto-association, raw coordinates, A = [U_J, 0] = Bᴴ.

    Parameters
    ----------
    eigenvalues : (n,) all of them, zeros included
    sets : (count, r) index sets of nonzero eigenvalues

    Returns
    -------
    (count, 2 n p) ascending
    """
    count, r = sets.shape
    q = width - r
    J, K = eigenvalues[sets], eigenvalues[_complements(sets, len(eigenvalues))]
    j, k = J[:, :, None], K[:, None, :]
    half = np.sqrt((j - k) ** 2 + 4 * k**2)
    parts = [
        np.repeat(4 * J, r, axis=1),
        np.zeros((count, r * r + 2 * r * q)),
        (j + k + half).reshape(count, -1),
        # the smaller root, (j + k) - half, without cancellation
        _divided(4 * k * (j - k), j + k + half).reshape(count, -1),
        np.repeat(2 * K, q, axis=1),
        np.repeat(-2 * K, q, axis=1),
    ]
    return np.sort(np.concatenate(parts, axis=1), axis=1) + 0.0


def whitened_spectrum(
    eigenvalues: Array, sets: Array, width: int, n: int, d: int, *, balanced: bool = True
) -> Array:
    """Whitened inputs, Sxx = I_d, at A = [U_J S_J^½, 0], or at A = [U_J, 0] if not `balanced`.

    Parameters
    ----------
    eigenvalues : (ρ,) the nonzero ones of Σ
    sets : (count, r)

    Returns
    -------
    (count, p (n + d)) ascending
    """
    count, r = sets.shape
    rho, q = len(eigenvalues), width - r
    a, b = n - rho, d - rho
    J, K = eigenvalues[sets], eigenvalues[_complements(sets, rho)]
    mu = np.sqrt(J) if balanced else np.ones_like(J)  # AᴴA
    nu = np.sqrt(J) if balanced else J  # B Bᴴ
    s, k = (nu + mu)[:, :, None], K[:, None, :]
    half = np.sqrt((nu - mu)[:, :, None] ** 2 + 4 * k)
    parts = [
        2 * (mu[:, :, None] + nu[:, None, :]).reshape(count, -1),
        np.zeros((count, r * r + 2 * r * q + q * (a + b))),
        (s + half).reshape(count, -1),
        _divided(4 * (J[:, :, None] - k), s + half).reshape(count, -1),
        np.repeat(2 * nu, a, axis=1),
        np.repeat(2 * mu, b, axis=1),
        np.repeat(2 * np.sqrt(K), q, axis=1),
        np.repeat(-2 * np.sqrt(K), q, axis=1),
    ]
    return np.sort(np.concatenate(parts, axis=1), axis=1) + 0.0


def _divided(numerator: Array, denominator: Array) -> Array:
    """Quotient, with 0 / 0 = 0."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)
