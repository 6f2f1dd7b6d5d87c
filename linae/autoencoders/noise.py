"""Noise for losses: fresh normal numbers, or a few points with the same moments.

noise(rng, N, n, p)["input"]     broadcasts with samples (N, n), ["code"] with codes (N, p)
"""

from __future__ import annotations

import numpy as np

from linae.exact import Array

Noise = dict[str, Array]


def normal(rng: np.random.Generator, samples: int, inputs: int, width: int) -> Noise:
    """Standard normal numbers, fresh each time."""
    sizes = {"input": inputs, "code": width}
    return {name: rng.standard_normal((samples, size)) for name, size in sizes.items()}


def points(rng: np.random.Generator, samples: int, inputs: int, width: int) -> Noise:
    """The points ±√k eᵢ of ℝᵏ, which have mean 0 and covariance I: each sample meets them all.

    Means of cubic polynomials of the noise are then exact, so that losses of linear networks are
    what they are on average.

    >>> points(np.random.default_rng(0), 5, 1, 1)["input"].tolist()
    [[[1.0]], [[-1.0]]]
    """
    sizes = {"input": inputs, "code": width}
    return {name: _cross(size)[:, None, :] for name, size in sizes.items()}


def _cross(size: int) -> Array:
    """Corners of a cross-polytope (2k, k)."""
    corners = size**0.5 * np.eye(size)
    return np.concatenate([corners, -corners])
