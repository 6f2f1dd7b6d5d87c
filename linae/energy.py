"""Energy functions of one layer of sigmoid units, and of the best linear denoiser.

    layer = SigmoidLayer(B, b, a)
    layer.reconstruction(x)             Bᵀ sig(B x + b) + a, the tied autoencoder
    layer.binary_free_energy(v)         of the restricted Boltzmann machine; slope −reconstruction
    layer.gaussian_free_energy(x)       of the Gaussian–Bernoulli machine; slope x − reconstruction
    layer.denoising_energy(x, 0.25)     slope (x − reconstruction) / variance
    denoiser_precision(spectrum, 2, 1)  (1 − W) / variance of the best linear denoiser W

Rows are samples; e^(−free energy) is what is left of the weights of all states of a machine when
its hidden units are summed out. Theorems: proofs/energy.py, proofs/denoiser_energy.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array, eye
from linae.spectrum import Spectrum


def softplus(z: ArrayLike) -> Array:
    """log(1 + e^z), without overflow.

    >>> float(softplus(1000))
    1000.0
    """
    return np.asarray(np.logaddexp(0, z))


def sigmoid(z: ArrayLike) -> Array:
    """1 / (1 + e^(−z)), the slope of softplus.

    >>> sigmoid([0, 1000, -1000]).tolist()
    [0.5, 1.0, 0.0]
    """
    return (1 + np.tanh(np.asarray(z) / 2)) / 2


@dataclass(frozen=True, eq=False)
class SigmoidLayer:
    """A tied autoencoder with sigmoid units and linear output.

    Attributes
    ----------
    B : (p, n)
        Encoder; the decoder is Bᵀ.
    b : (p,), a : (n,)
        Biases of the units and of the output.
    """

    B: Array
    b: Array
    a: Array

    def __post_init__(self) -> None:
        shapes = self.B.shape, self.b.shape, self.a.shape
        if shapes[0] != shapes[1] + shapes[2]:
            raise ValueError(f"Need shapes (p, n), (p,) and (n,). Got {shapes}.")

    def code(self, x: Array) -> Array:
        """What goes into the units: B x + b."""
        return np.asarray(x @ self.B.T + self.b)

    def reconstruction(self, x: Array) -> Array:
        """Bᵀ sig(B x + b) + a."""
        return np.asarray(sigmoid(self.code(x)) @ self.B + self.a)

    def binary_free_energy(self, v: Array) -> Array:
        """−a·v − Σ softplus(B v + b)."""
        return np.asarray(-(v @ self.a) - softplus(self.code(v)).sum(axis=-1))

    def gaussian_free_energy(self, x: Array, variance: float = 1, copies: float = 1) -> Array:
        """‖x − a‖² / (2 variance) − copies · Σ softplus(B x + b), if each hidden unit is there so
        many times."""
        square = ((x - self.a) ** 2).sum(axis=-1)
        return np.asarray(square / (2 * variance) - copies * softplus(self.code(x)).sum(axis=-1))

    def denoising_energy(self, x: Array, variance: float) -> Array:
        """Of the density that a denoising autoencoder has learnt from noise of this variance: that
        of a machine with 1 / variance copies of each unit, if this is an integer."""
        return self.gaussian_free_energy(x, variance, 1 / variance)


def denoiser_precision(spectrum: Spectrum, width: int, variance: Any) -> Array:
    """(1 − W) / variance, W the best linear map of rank `width` from x plus white noise to x.

    The inverse of U_p Λ_p U_pᴴ + variance · 1, where the spectrum is that of clean x: the Gaussian
    that the denoiser has learnt. Theorem: proofs/denoiser_energy.py

    >>> from linae import Moments
    >>> from linae.exact import rationals
    >>> spectrum = Spectrum.of(Moments.auto(rationals([[3, 0], [0, 1]])))
    >>> denoiser_precision(spectrum, 1, 1).astype(float).tolist()
    [[0.25, 0.0], [0.0, 1.0]]
    """
    if width < 1 or not variance > 0:
        raise ValueError(
            f"Need 1 <= width and variance > 0. Got width = {width}, variance = {variance}."
        )
    U, values = spectrum.vectors[:, :width], spectrum.eigenvalues[:width]
    U_dual = U.conj() / (U.conj() * U).sum(axis=0)
    one = eye(len(U), U) / variance
    return np.asarray(one - U * (values / (variance * (values + variance))) @ U_dual.T)
