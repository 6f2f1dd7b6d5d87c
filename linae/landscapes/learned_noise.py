"""The variance of the decoder that a linear variational autoencoder learns, if it may.

Tipping and Bishop 1999 for β = 1. Theorem: proofs/learned_noise.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def learned_noise(eigenvalues: Sequence[Any], width: int, beta: Any = 1) -> Any:
    """σ² of the greatest β-ELBO, the largest if there are several; 0 if it grows without bound as
    σ² → 0.

    With r latents on it is Σ_{i>r} λ_i/(n − r β), and just one r fits.

    Parameters
    ----------
    eigenvalues : (n,) all of them, the largest first

    >>> learned_noise([6, 4, 2, 1], width=2), learned_noise([6, 4, 2, 1], width=2, beta=2)
    (1.5, 3.25)
    """
    values = list(eigenvalues)
    for r in range(min(width, len(values)) + 1):
        if not r * beta < len(values):
            break
        noise = sum(values[r:]) / (len(values) - r * beta)
        off = r == width or r == len(values) or beta * noise >= values[r]
        if off and (r == 0 or values[r - 1] > beta * noise):
            return noise
    return 0 * values[0]
