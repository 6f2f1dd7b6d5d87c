"""A study: data, an autoencoder trained on them, and what theory says of it.

    run = study("denoising", moments, X, rng, width=2, settings={"variance": 0.1})
    run.training.losses[-1], run.optimum.loss

The closed form of a loss is the function of the same name in `optima`; what it says of a network is
that of the name of the network in `bounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np

from linae.autoencoders import bounds
from linae.autoencoders.gradients import Loss, slope
from linae.autoencoders.names import known_losses, known_networks
from linae.autoencoders.networks import Parameters, decoder, encoder, number_of_codes
from linae.autoencoders.noise import normal, points
from linae.autoencoders.optima import Optimum
from linae.autoencoders.train import Training, train
from linae.exact import Array
from linae.moments import Moments

POLISH = 1000
"""Most iterations of L-BFGS."""

LARGE = 10_000_000
"""Most numbers of noisy inputs, when each sample meets all points."""


NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Study:
    """What came of it.

    Attributes
    ----------
    name, network : str
        Of the loss, and of the kind of network.
    X, codes, reconstructions : (N, n), (N, p), (N, n)
    training : Training
    optimum : Optimum or None
        The least loss, or that of linear ones, or a bound of it, where it is known.
    """

    name: str
    network: str
    X: Array
    codes: Array
    reconstructions: Array
    training: Training
    optimum: Optimum | None

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"{self.name} {self.network}".replace("_", " ").removesuffix(" dense")


def study(
    name: str,
    moments: Moments,
    X: Array,
    rng: np.random.Generator,
    *,
    width: int,
    settings: Mapping[str, float],
    network: str = "dense",
    options: Mapping[str, Any] = NOTHING,
    steps: int = 1000,
    step_size: float = 0.02,
    batch: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Study:
    """Train an autoencoder with a loss of that name on X, which has these moments.

    Noise of a linear network of one player is replaced by points with the same moments, unless the
    data are large. Where that makes the loss the same at each step, or no noise is used, L-BFGS
    brings it to the end.

    Raises
    ------
    ValueError
        If no linear network has a finite loss, or the loss was not finite on the way.
    """
    loss: Any = partial(known_losses()[name], **settings)
    params = known_networks()[network](rng, X.shape[1], width, **options)
    seen = Moments.from_data(X) if network == "sigmoid" else moments  # it has biases
    optimum = getattr(bounds, network)(name, seen, width, settings=settings, **options)
    is_linear = not params.keys() & {"C", "H", "s"}
    if optimum is not None and optimum.loss == inf and is_linear:
        raise ValueError(f"Need a smaller width: {optimum.words}. Got width = {width}.")
    once, again = _twice(loss, params, X[:1], rng)
    is_game, is_noisy = len(once) > 1, not np.array_equal(once, again)
    is_exact = is_linear and not (is_game or 2 * X.shape[1] * X.size > LARGE)
    training = train(
        loss,
        params,
        X,
        rng,
        steps=steps,
        step_size=step_size,
        batch=batch,
        noise=points if is_exact else normal,
        polish=POLISH if is_exact or not (is_noisy or is_game) else 0,
        progress=progress,
    )
    if training.reason == "not finite":
        got = f"a loss that is not finite at step {len(training.losses)}"
        raise ValueError(f"Need a smaller step_size than {step_size:g}. Got {got}.")
    codes = encoder(np, training.params, X)
    return Study(name, network, X, codes, decoder(np, training.params, codes), training, optimum)


def _twice(loss: Loss, params: Parameters, X: Array, rng: np.random.Generator) -> list[Array]:
    """Values of a loss under two draws of noise."""
    draws = [normal(rng, len(X), X.shape[1], number_of_codes(params)) for _ in range(2)]
    return [slope(loss, params, X, draw)[0] for draw in draws]
