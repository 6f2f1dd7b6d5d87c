"""The Gaussian information bottleneck: canonical correlations again, switched on one by one.

Chechik, Globerson, Tishby and Weiss 2005. Checked by tests/test_supervision.py, in floats.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from linae.exact import Array, floating
from linae.moments import Moments
from linae.spectrum import Spectrum
from linae.supervision.metrics import cca


class Bottleneck(NamedTuple):
    """The best z = B x + ξ, ξ white of variance 1: B (rank, m), and I(x; z) − β I(z; y) in nats."""

    encoder: Array
    value: float


def bottleneck(moments: Moments, beta: float) -> Bottleneck:
    """The encoder of Gaussian x with least I(x; z) − β I(z; y), in doubles.

    A canonical direction of correlation ρ is used iff β ρ² > 1, and then the variance of its signal
    is (β ρ² − 1)/(1 − ρ²). There must be no ρ = 1 among these.

    >>> found = bottleneck(Moments([[1.0]], [[0.8]], [[1.0]]), beta=3)
    >>> round(float(found.encoder[0, 0] ** 2), 9)  # (3 · 0.64 − 1) / 0.36
    2.555555556
    """
    if not 0 <= beta < math.inf:
        raise ValueError(f"Need 0 <= beta < inf. Got {beta}.")
    spectrum = Spectrum.of(cca(moments.floating()))
    squares = spectrum.eigenvalues[: spectrum.rank]
    active = beta * squares > 1
    squares, rows = squares[active], floating(spectrum.rows)[active]
    if (squares > 1 - 1e-12).any():
        raise ValueError("Need canonical correlations below 1. Got y that x determines.")
    signal = (beta * squares - 1) / (1 - squares)
    known = np.log1p(signal)
    value = ((1 - beta) * known + beta * np.log1p(signal * (1 - squares))).sum() / 2
    return Bottleneck(np.sqrt(signal / squares)[:, None] * rows, float(value))
