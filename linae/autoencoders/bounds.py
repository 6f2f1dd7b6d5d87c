"""What `optima`, the least losses of dense linear networks, say of each kind of network.

    bounds.convolutional("denoising", moments, 2, stride=2, settings={"variance": 0.1})

A function has the name and the options of its network in `kinds`; None is said where nothing is
known. Theorems: proofs/filter_banks.py, proofs/recurrent.py, proofs/projection.py
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from linae.autoencoders import optima
from linae.autoencoders.optima import Optimum
from linae.filter_banks import spectral_matrices
from linae.moments import Moments

Settings = Mapping[str, float]

BY_FREQUENCY = ("vanilla", "denoising", "contractive", "weight_decay")
"""Losses that are sums over frequencies, if the network commutes with shifts."""

OF_MATRICES = (
    *("vanilla", "denoising", "contractive", "variational", "whitening", "sparse", "nested"),
)
"""Losses that are the same whatever the matrices of a linear network are made of."""

NO_SMALLER = ("vanilla", "denoising", "contractive", "whitening", "sparse", "weight_decay")
"""Losses that are an E‖x − D(z)‖², whatever z is, and something >= 0."""


def dense(
    name: str,
    moments: Moments,
    width: int,
    *,
    settings: Settings,
    hidden: int = 0,
    biases: bool = False,
    tied: bool = False,
) -> Optimum | None:
    """The least loss of linear ones, hidden units or not."""
    closed = getattr(optima, name, None)
    found: Optimum | None = closed and closed(moments, width, tied=tied, **settings)
    if found is None or not hidden:
        return found
    return found._replace(words=f"{found.words} of linear ones")


def sigmoid(name: str, moments: Moments, width: int, *, settings: Settings) -> Optimum | None:
    """Reconstructions are in an affine space of that dimension: PCA of centred data is no worse."""
    if name not in NO_SMALLER:
        return None
    return Optimum(optima.vanilla(moments, width).loss, "PCA of centred data", is_bound=True)


def convolutional(
    name: str,
    moments: Moments,
    width: int,
    *,
    settings: Settings,
    stride: int = 2,
    tied: bool = False,
) -> Optimum | None:
    """At each frequency k a dense network on S_k: their losses are summed.

    Of K taps each is used K times, and decays once.
    """
    if name not in BY_FREQUENCY:
        return _of_matrices(name, moments, width, settings, tied=tied)
    steps = moments.n // stride
    if name == "weight_decay":
        settings = {"decay": settings["decay"] / steps}
    parts = []
    for k, S in enumerate(spectral_matrices(moments.floating().Sxx, stride)):
        powers = Moments.auto(np.diag(np.linalg.eigvalsh(S).clip(0)))
        part = getattr(optima, name)(powers, width // steps, tied=tied, **settings)
        parts += [part] * (1 if 2 * k % steps == 0 else 2)  # of k and −k
    return Optimum(sum(part.loss for part in parts), parts[0].words)


def recurrent(name: str, moments: Moments, width: int, *, settings: Settings) -> Optimum | None:
    """A last state and its decoder are a linear network; p < n − 1 states are seldom the best."""
    return _of_matrices(name, moments, width, settings, tied=False)


def _of_matrices(
    name: str, moments: Moments, width: int, settings: Settings, *, tied: bool
) -> Optimum | None:
    """What no linear network is below."""
    found = dense(name, moments, width, settings=settings, tied=tied)
    if name not in OF_MATRICES or found is None:
        return None
    condition = ", if the data are Gaussian" if name == "sparse" else ""
    return Optimum(found.loss, f"any linear network{condition}", is_bound=True)
