"""Losses of autoencoders. Change the function, and it is another autoencoder.

    loss(xp, P, X, noise) -> scalar

    xp      array namespace: NumPy, autograd.numpy, jax.numpy or torch
    P       parameters, see `networks`
    X       data (N, n): rows are samples
    noise   standard normal numbers for "input" and "code", drawn by the trainer, so that a loss is
            a function; any shapes that broadcast with X (N, n) and with the codes (N, p)

Means over samples, no factor ½. What has a default is an option of the command. Every function of
this file is a loss, and to add one is to write one. Two players: a pair of scalars, of which the
second is for the parameters that begin with "critic".
"""

from __future__ import annotations

from math import log, pi
from typing import Any

from linae.autoencoders.networks import (
    Parameters,
    column_lengths,
    critic,
    decoder,
    encoder,
    error,
    jacobian,
)


def vanilla(xp: Any, P: Parameters, X: Any, noise: Any) -> Any:
    """E‖x − D(E(x))‖²"""
    return error(X, decoder(xp, P, encoder(xp, P, X)))


def denoising(xp: Any, P: Parameters, X: Any, noise: Any, *, variance: float = 0.1) -> Any:
    """E‖x − D(E(x + ε))‖², ε ~ N(0, σ²)"""
    noisy = X + variance**0.5 * noise["input"]
    return error(X, decoder(xp, P, encoder(xp, P, noisy)))


def contractive(xp: Any, P: Parameters, X: Any, noise: Any, *, strength: float = 0.1) -> Any:
    """E‖x − D(E(x))‖² + γ E‖∂E/∂x‖²"""
    steepness = (jacobian(xp, P, X) ** 2).sum(-1).sum(-1).mean()
    return vanilla(xp, P, X, noise) + strength * steepness


def variational(
    xp: Any, P: Parameters, X: Any, noise: Any, *, variance: float = 0.1, beta: float = 1
) -> Any:
    """−E log p(x|z) + β KL(q(z|x) ‖ N(0, I)), q = N(E(x), V), p(x|z) = N(D(z), σ²)"""
    Z, V = encoder(xp, P, X), P["log_variance"]
    guess = decoder(xp, P, Z + xp.exp(V / 2) * noise["code"])
    surprise = error(X, guess) / (2 * variance) + X.shape[-1] / 2 * log(2 * pi * variance)
    return surprise + beta / 2 * (Z**2 + xp.exp(V) - V - 1).sum(-1).mean()


def adversarial(xp: Any, P: Parameters, X: Any, noise: Any, *, strength: float = 1) -> Any:
    """E‖x − D(E(x))‖² − γ E log C(E(x)), against a critic C of codes"""
    Z = encoder(xp, P, X)
    fake, real = critic(xp, P, Z), critic(xp, P, noise["code"])
    surprise = xp.logaddexp(0 * fake, -fake).mean()  # −log C of a code
    caught = xp.logaddexp(0 * real, -real).mean() + xp.logaddexp(0 * fake, fake).mean()
    return error(X, decoder(xp, P, Z)) + strength * surprise, caught


def whitening(xp: Any, P: Parameters, X: Any, noise: Any, *, strength: float = 1) -> Any:
    """E‖x − D(E(x))‖² + γ KL(N(0, K) ‖ N(0, I)), K = E zzᵀ: the best critic of Gaussian codes"""
    Z = encoder(xp, P, X)
    K = Z.T @ Z / Z.shape[0]
    divergence = ((Z**2).sum(-1).mean() - K.shape[0] - xp.linalg.slogdet(K)[1]) / 2
    return error(X, decoder(xp, P, Z)) + strength * divergence


def sparse(xp: Any, P: Parameters, X: Any, noise: Any, *, alpha: float = 0.1) -> Any:
    """E‖x − D(E(x))‖² + α Σⱼ ‖aⱼ‖ E|E(x)ⱼ|, as if decoder columns aⱼ were of length one"""
    Z = encoder(xp, P, X)
    size = (xp.abs(Z) * column_lengths(xp, P)).sum(-1).mean()
    return error(X, decoder(xp, P, Z)) + alpha * size


def weight_decay(xp: Any, P: Parameters, X: Any, noise: Any, *, decay: float = 0.1) -> Any:
    """E‖x − D(E(x))‖² + μ (‖A‖² + ‖B‖² + …)"""
    size = sum((P[name] ** 2).sum() for name in "ABCHR" if name in P)
    return vanilla(xp, P, X, noise) + decay * size


def nested(xp: Any, P: Parameters, X: Any, noise: Any) -> Any:
    """Σᵢ E‖x − D(first i codes of x)‖²"""
    Z = encoder(xp, P, X)
    first = xp.tril(xp.ones((Z.shape[-1], Z.shape[-1])))[:, None, :]
    return Z.shape[-1] * error(X, decoder(xp, P, first * Z))
