"""Closed-form Hessian spectra of the squared loss, for many index sets of one rank at once.

Theorem: proofs/inertia.py counts the signs; the eigenvalues are Kronecker sums of 2 × 2 blocks.
"""

from __future__ import annotations

import numpy as np

from linae.exact import Array


def complements(sets: Array, size: int) -> Array:
    """The indices below `size` that are not in each row of `sets` (count, r)."""
    chosen = np.zeros((len(sets), size), dtype=bool)
    np.put_along_axis(chosen, sets, True, axis=1)
    return np.nonzero(~chosen)[1].reshape(len(sets), -1)


def auto_spectrum(eigenvalues: Array, sets: Array, width: int, squares: Array) -> Array:
    """Auto-association, raw coordinates, A = [U_J, 0], B = [U_J, 0]⁺.

    Parameters
    ----------
    eigenvalues : (n,) all of them, zeros included
    sets : (count, r) index sets of nonzero eigenvalues
    squares : (n,) the squared norms ‖uⱼ‖², 1 for orthonormal eigenvectors

    Returns
    -------
    (count, 2 n p) ascending
    """
    count, r = sets.shape
    q = width - r
    J, K = eigenvalues[sets], eigenvalues[complements(sets, len(eigenvalues))]
    mu, k = squares[sets], K[:, None, :]
    nu = J / mu
    trace = nu[:, :, None] + k * mu[:, :, None]
    half = np.sqrt((nu[:, :, None] - k * mu[:, :, None]) ** 2 + 4 * k**2)
    parts = [
        2 * (nu[:, :, None] + J[:, :, None] * mu[:, None, :]).reshape(count, -1),
        np.zeros((count, r * r + 2 * r * q)),
        (trace + half).reshape(count, -1),
        # the smaller root, trace − half, without cancellation
        _divided(4 * k * (J[:, :, None] - k), trace + half).reshape(count, -1),
        np.repeat(2 * K, q, axis=1),
        np.repeat(-2 * K, q, axis=1),
    ]
    return np.sort(np.concatenate(parts, axis=1), axis=1) + 0.0


def whitened_spectrum(
    eigenvalues: Array, sets: Array, width: int, shape: tuple[int, int], squares: Array
) -> Array:
    """Whitened inputs, Sxx = I_d, at A = [U_J D, 0], B = [D⁻¹ S_J V_Jᴴ; 0] with D diagonal.

    Parameters
    ----------
    eigenvalues : (ρ,) the nonzero ones of Σ
    sets : (count, r)
    shape : (n, d)
    squares : (ρ,) the entries of D²: √λ at the balanced point

    Returns
    -------
    (count, p (n + d)) ascending
    """
    count, r = sets.shape
    rho, q = len(eigenvalues), width - r
    a, b = shape[0] - rho, shape[1] - rho
    J, K = eigenvalues[sets], eigenvalues[complements(sets, rho)]
    mu = squares[sets]  # AᴴA
    nu = J / mu  # B Bᴴ
    trace, k = (nu + mu)[:, :, None], K[:, None, :]
    half = np.sqrt((nu - mu)[:, :, None] ** 2 + 4 * k)
    parts = [
        2 * (mu[:, :, None] + nu[:, None, :]).reshape(count, -1),
        np.zeros((count, r * r + 2 * r * q + q * (a + b))),
        (trace + half).reshape(count, -1),
        _divided(4 * (J[:, :, None] - k), trace + half).reshape(count, -1),
        np.repeat(2 * nu, a, axis=1),
        np.repeat(2 * mu, b, axis=1),
        np.repeat(2 * np.sqrt(K), q, axis=1),
        np.repeat(-2 * np.sqrt(K), q, axis=1),
    ]
    return np.sort(np.concatenate(parts, axis=1), axis=1) + 0.0


def _divided(numerator: Array, denominator: Array) -> Array:
    """Quotient, with 0 / 0 = 0."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)
