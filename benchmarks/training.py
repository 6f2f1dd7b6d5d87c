"""Gradient descent by moments against gradient descent on all the data: the same hundred steps.

The moments are computed in the time that is measured. The judge takes the steps itself, on XᵀX/N
formed by NumPy, and asks for the same weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks._race import Contender, Race
from linae import Moments, SquaredLoss, descend
from linae.exact import Array

STEPS = 100


def races() -> Iterator[Race]:
    for samples, n, p in ((20_000, 30, 5), (100_000, 30, 5)):
        X, A, B, step = _start(samples, n, p)
        yield Race(
            f"{STEPS} steps of descent on {samples:,} × {n} data, p = {p}",
            [
                Contender("linae, by moments", partial(_moments, X, A, B, step)),
                Contender("NumPy, all data", partial(_numpy, X, A, B, step)),
                Contender("jax, all data", partial(_jax, X, A, B, step), ("jax",)),
                Contender("torch, all data", partial(_torch, X, A, B, step), ("torch",)),
            ],
            partial(_judged, _reference(X.T @ X / samples, A, B, step)),
        )


def _start(samples: int, n: int, p: int) -> tuple[Array, Array, Array, float]:
    rng = np.random.default_rng(samples)
    X = rng.standard_normal((samples, n)) @ rng.standard_normal((n, n))
    X -= X.mean(axis=0)
    A, B = rng.standard_normal((n, p)) / n, rng.standard_normal((p, n)) / n
    return X, A, B, 0.02 / float(np.linalg.norm(X.T @ X / samples, 2))


def _reference(S: Array, A: Array, B: Array, step: float) -> Array:
    for _ in range(STEPS):
        R = 2 * (A @ B - np.eye(len(S))) @ S
        A, B = A - step * R @ B.T, B - step * A.T @ R
    return A @ B


def _judged(expected: Array, found: Array) -> str:
    error = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
    return "right" if error < 1e-9 else f"off by {error:.1e}"


def _moments(X: Array, A: Array, B: Array, step: float) -> Callable[[], Array]:
    def answer() -> Array:
        landscape = SquaredLoss(Moments.from_data(X), A.shape[1])
        run = descend(landscape, A, B, step=step, steps=STEPS, tolerance=0)
        decoder, encoder = run.weights
        return decoder @ encoder

    return answer


def _numpy(X: Array, A: Array, B: Array, step: float) -> Callable[[], Array]:
    def answer() -> Array:
        decoder, encoder = A, B
        for _ in range(STEPS):
            codes = X @ encoder.T
            error = 2 / len(X) * (codes @ decoder.T - X)
            change = error.T @ codes, (error @ decoder).T @ X
            decoder, encoder = decoder - step * change[0], encoder - step * change[1]
        return decoder @ encoder

    return answer


def _jax(X: Array, A: Array, B: Array, step: float) -> Callable[[], Array]:
    import jax

    jax.config.update("jax_enable_x64", True)

    @jax.jit
    def moved(weights: Any, X: Any) -> Any:
        def loss(weights: Any) -> Any:
            decoder, encoder = weights
            return ((X - X @ encoder.T @ decoder.T) ** 2).sum() / len(X)

        gradient = jax.grad(loss)(weights)
        return tuple(w - step * g for w, g in zip(weights, gradient, strict=True))

    rows = jax.numpy.asarray(X)

    def answer() -> Array:
        weights: Any = (jax.numpy.asarray(A), jax.numpy.asarray(B))
        for _ in range(STEPS):
            weights = moved(weights, rows)
        return np.asarray(weights[0] @ weights[1])

    return answer


def _torch(X: Array, A: Array, B: Array, step: float) -> Callable[[], Array]:
    import torch

    rows = torch.tensor(X)

    def answer() -> Array:
        weights = [torch.tensor(w, requires_grad=True) for w in (A, B)]
        optimiser = torch.optim.SGD(weights, lr=step)
        for _ in range(STEPS):
            optimiser.zero_grad()
            decoder, encoder = weights
            (((rows - rows @ encoder.T @ decoder.T) ** 2).sum() / len(rows)).backward()
            optimiser.step()
        return (weights[0] @ weights[1]).detach().numpy()

    return answer
