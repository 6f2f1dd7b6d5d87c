"""A study: data, an autoencoder trained on them, and what theory says of it.

    run = study("denoising", moments, X, rng, width=2, settings={"variance": 0.1})
    run.training.losses[-1], run.optimum.loss

A loss is found by its name in `losses`, its settings are what it has defaults for, and its closed
form is the function of the same name in `optima`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

import numpy as np

from linae.autoencoders import losses, optima
from linae.autoencoders.gradients import Loss, slope
from linae.autoencoders.networks import Parameters, decoder, encoder, initial
from linae.autoencoders.noise import normal, points
from linae.autoencoders.optima import Optimum
from linae.autoencoders.train import Training, train
from linae.exact import Array
from linae.moments import Moments

POLISH = 1000
"""Most iterations of L-BFGS."""

LARGE = 10_000_000
"""Most numbers of noisy inputs, when each sample meets all points."""


@dataclass(frozen=True, eq=False)
class Study:
    """What came of it.

    Attributes
    ----------
    name : str
        Of the loss.
    X, codes, reconstructions : (N, n), (N, p), (N, n)
    training : Training
    optimum : Optimum or None
        The least loss of a linear autoencoder, where it is known.
    """

    name: str
    X: Array
    codes: Array
    reconstructions: Array
    training: Training
    optimum: Optimum | None


def known_losses() -> dict[str, Loss]:
    """Every function of `losses`, by name."""
    found = inspect.getmembers(losses, inspect.isfunction)
    return {name: loss for name, loss in found if loss.__module__ == losses.__name__}


def settings_of(loss: Loss) -> dict[str, float]:
    """What can be set, with its default.

    >>> settings_of(losses.variational)
    {'variance': 0.1, 'beta': 1}
    """
    options = inspect.signature(loss).parameters.values()
    return {p.name: p.default for p in options if p.kind is p.KEYWORD_ONLY}


def study(
    name: str,
    moments: Moments,
    X: Array,
    rng: np.random.Generator,
    *,
    width: int,
    settings: Mapping[str, float],
    hidden: int = 0,
    tied: bool = False,
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
    closed = getattr(optima, name, None)
    optimum = closed and closed(moments, width, tied=tied, **settings)
    if optimum is not None and optimum.loss == inf and not hidden:
        raise ValueError(f"Need a smaller width: {optimum.words}. Got width = {width}.")
    params = initial(rng, X.shape[1], width, hidden=hidden, tied=tied)
    once, again = _twice(loss, params, X[:1], rng)
    is_game, is_noisy = len(once) > 1, not np.array_equal(once, again)
    is_exact = not (is_game or hidden or 2 * X.shape[1] * X.size > LARGE)
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
    return Study(name, X, codes, decoder(np, training.params, codes), training, optimum)


def _twice(loss: Loss, params: Parameters, X: Array, rng: np.random.Generator) -> list[Array]:
    """Values of a loss under two draws of noise."""
    draws = [normal(rng, len(X), X.shape[1], len(params["B"])) for _ in range(2)]
    return [slope(loss, params, X, draw)[0] for draw in draws]
