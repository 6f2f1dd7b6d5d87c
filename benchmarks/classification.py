"""Classify critical classes: the closed form against automatic and assembled Hessians.

The complete answer for a class is its loss, its inertia and all Hessian eigenvalues. The peers are
given a point of each class for nothing; their eigenvalues count as zero within 1e-8 of the
largest. The judge is exact: inertia over ℚ of the Hessian for the same eigenvalues, diagonal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np

from benchmarks._race import Contender, Race
from linae import Moments, SquaredLoss, certify, inertia
from linae.exact import Array, eye, rationals

Answers = dict[int, tuple[float, int, int]]
"""Loss, index and nullity of each class, by its number."""


def races() -> Iterator[Race]:
    for n, p, rank, every in ((10, 5, 5, 5), (20, 3, 3, 20)):
        landscape = rotated(n, p)
        sets = [c.index_set for c in landscape.critical_classes() if c.rank == rank]
        ask = Points(landscape, sets)
        some = Points(landscape, sets[::every])
        few = Points(landscape, sets[:2])
        yield Race(
            f"loss, inertia and spectrum of the {len(sets):,} classes of rank {rank}, "
            f"n = {n}, p = {p}",
            [
                Contender("linae, closed form, arrays", partial(_arrays, ask)),
                Contender("linae, closed form, one by one", partial(_closed, ask)),
                Contender("linae, certificates", partial(_certified, some), (), some.share(ask)),
                Contender("NumPy Kronecker + eigvalsh", partial(_kronecker, ask)),
                Contender("jax.hessian + eigvalsh", partial(_jax, ask), ("jax",)),
                Contender(
                    "torch.func.hessian + eigvalsh",
                    partial(_torch, some),
                    ("torch",),
                    some.share(ask),
                ),
                Contender(
                    "curvlinops + eigvalsh",
                    partial(_curvlinops, few),
                    ("torch", "curvlinops"),
                    few.share(ask),
                ),
            ],
            partial(judged, n, p, tuple(sets)),
        )
    yield origin()


class Points:
    """Classes to be classified, a point of each, and their place among all that are asked for."""

    def __init__(self, landscape: SquaredLoss, sets: list[tuple[int, ...]]) -> None:
        self.landscape, self.sets = landscape, sets
        self.weights = [landscape.class_weights(J) for J in sets]

    def share(self, other: Points) -> float:
        return len(self.sets) / len(other.sets)


def rotated(n: int, p: int) -> SquaredLoss:
    """Auto-association with eigenvalues n, …, 1 in a basis that is nobody's."""
    Q = np.linalg.qr(np.random.default_rng(n).standard_normal((n, n)))[0]
    return SquaredLoss(Moments.auto(Q * np.arange(n, 0.0, -1.0) @ Q.T), p)


@cache
def _exact(n: int, p: int, J: tuple[int, ...]) -> tuple[float, int, int]:
    """Loss, index and nullity in rational arithmetic, at A = U_J, B = U_Jᵀ."""
    landscape = SquaredLoss(Moments.auto(rationals(np.diag(range(n, 0, -1)))), p)
    A = eye(n, landscape.moments.Sxx)[:, list(J)]
    A = np.concatenate([A, A[:, :0] * Fraction(0)], axis=1)
    found = inertia(landscape.hessian(A, A.T))
    return float(landscape.loss(A, A.T)), found.negative, found.zero


def judged(n: int, p: int, sets: tuple[tuple[int, ...], ...], answers: Any) -> str:
    """How many answers are right, of at most 25 that are looked at."""
    if isinstance(answers, tuple):
        arrays, columns = answers
        names = map(tuple, arrays.tolist())
        answers = dict(zip(names, zip(*columns, strict=True), strict=True))
    looked = list(answers)[:: max(1, len(answers) // 25)][:25]
    right = 0
    for J in looked:
        loss, index, nullity = answers[J][:3]
        value, negative, zero = _exact(n, p, J)
        right += abs(loss - value) <= 1e-9 * value and (index, nullity) == (negative, zero)
    return "right" if right == len(looked) else f"{len(looked) - right} of {len(looked)} wrong"


def counted(values: Array) -> tuple[int, int]:
    """Index and nullity, of eigenvalues with a threshold as one takes it."""
    small = 1e-8 * np.abs(values).max()
    return int((values < -small).sum()), int((np.abs(values) <= small).sum())


def _arrays(ask: Points) -> Callable[[], Any]:
    """All of a rank at once, from the moments on."""
    rank = len(ask.sets[0])

    def answer() -> Any:
        landscape = rotated(ask.landscape.moments.n, ask.landscape.width)
        census = landscape.census(rank)
        (chunk,) = census.chunks(census.count)
        sets = census.index_sets(np.arange(census.count))
        landscape.class_spectra(sets)
        columns = (chunk.losses, chunk.indices, chunk.nullities)
        return sets, columns

    return answer


def _closed(ask: Points) -> Callable[[], Any]:
    def answer() -> Any:
        landscape = rotated(ask.landscape.moments.n, ask.landscape.width)
        classes = [c for c in landscape.critical_classes() if c.rank == len(ask.sets[0])]
        for c in classes:
            c.hessian_spectrum()
        return {c.index_set: (float(c.loss), c.index, c.nullity) for c in classes}

    return answer


def _certified(ask: Points) -> Callable[[], Any]:
    """Not only the answer, but the proof of it: gradient, Hessian and escape are looked at."""

    def answer() -> Any:
        told = {}
        for J, weights in zip(ask.sets, ask.weights, strict=True):
            found = certify(ask.landscape, *weights)
            index, nullity = (found.found.negative, found.found.zero) if found.found else (-1, -1)
            told[J] = (float(ask.landscape.loss(*weights)), index, nullity)
        return told

    return answer


def _by_matrix(ask: Points, hessian: Callable[..., Array]) -> Callable[[], Any]:
    """The answer from a function that gives a dense Hessian."""

    def answer() -> Any:
        return {
            J: (float(ask.landscape.loss(*w)), *counted(np.linalg.eigvalsh(hessian(*w))))
            for J, w in zip(ask.sets, ask.weights, strict=True)
        }

    return answer


def _kronecker(ask: Points) -> Callable[[], Any]:
    return _by_matrix(ask, ask.landscape.hessian)


def _jax(ask: Points) -> Callable[[], Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    S, (n, p) = ask.landscape.moments.Sxx, ask.landscape.shapes[0]

    def loss(v: Any) -> Any:
        R = v[: n * p].reshape(n, p) @ v[n * p :].reshape(p, n) - np.eye(n)
        return ((R @ S) * R).sum()

    compiled = jax.jit(jax.hessian(loss))
    return _by_matrix(ask, lambda A, B: np.asarray(compiled(np.append(A, B))))


def _torch(ask: Points) -> Callable[[], Any]:
    import torch

    S, (n, p) = torch.tensor(ask.landscape.moments.Sxx), ask.landscape.shapes[0]

    def loss(v: Any) -> Any:
        R = v[: n * p].reshape(n, p) @ v[n * p :].reshape(p, n) - torch.eye(n, dtype=S.dtype)
        return ((R @ S) * R).sum()

    curved = torch.func.hessian(loss)
    return _by_matrix(ask, lambda A, B: curved(torch.tensor(np.append(A, B))).numpy())


def _network(landscape: SquaredLoss, A: Array, B: Array) -> tuple[Any, Any]:
    """The same loss as a torch module, with the data whose second moment it is."""
    import torch

    layers = [torch.nn.Linear(w.shape[1], len(w), bias=False, dtype=torch.float64) for w in (B, A)]
    for layer, weight in zip(layers, (B, A), strict=True):
        layer.weight.data = torch.tensor(weight)
    X = np.linalg.cholesky(landscape.moments.Sxx).T * np.sqrt(landscape.moments.m)
    return torch.nn.Sequential(*layers), torch.tensor(X)


def _squared(output: Any, target: Any) -> Any:
    """A mean over samples, no factor ½."""
    return ((output - target) ** 2).sum(axis=1).mean()


def _curvlinops(ask: Points) -> Callable[[], Any]:
    import curvlinops
    import torch

    class Squared(torch.nn.MSELoss):
        def forward(self, output: Any, target: Any) -> Any:
            return _squared(output, target)

    def hessian(A: Array, B: Array) -> Array:
        model, X = _network(ask.landscape, A, B)
        parameters = list(model.parameters())
        operator = curvlinops.HessianLinearOperator(
            model, Squared(), parameters, [(X, X)], check_deterministic=False
        )
        size = sum(w.numel() for w in parameters)
        dense = operator @ torch.eye(size, dtype=torch.float64)
        return np.asarray((dense + dense.T) / 2)

    return _by_matrix(ask, hessian)


def origin() -> Race:
    """Where all weights are zero the spectrum is symmetric about 0, and has no largest modulus."""
    landscape = rotated(10, 3)
    zero = tuple(np.zeros(shape) for shape in landscape.shapes)
    return Race(
        "the largest Hessian eigenvalue at the origin, n = 10, p = 3: 20",
        [
            Contender("linae, closed form", lambda: partial(_top, landscape)),
            Contender("linae, eigvalsh", lambda: lambda: _last(landscape.hessian(*zero))),
            Contender(
                "PyHessian, power iteration",
                partial(_power, landscape, *zero),
                ("torch", "pyhessian"),
            ),
        ],
        lambda found: "right" if abs(found - 20) < 1e-3 else f"says {found:.3g}",
    )


def _top(landscape: SquaredLoss) -> float:
    spectrum = landscape.class_spectrum(())
    assert spectrum is not None
    return float(spectrum[-1])


def _last(H: Array) -> float:
    return float(np.linalg.eigvalsh(H)[-1])


def _power(landscape: SquaredLoss, A: Array, B: Array) -> Callable[[], float]:
    from pyhessian import hessian

    model, X = _network(landscape, A, B)

    def answer() -> float:
        found = hessian(model, _squared, data=(X, X), cuda=False)
        return float(found.eigenvalues(maxIter=100, top_n=1)[0][0])

    return answer
