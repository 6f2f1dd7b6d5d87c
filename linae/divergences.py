"""Divergences of two Gaussians, and the critic that tells them apart.

    p, q = Normal([0], [[1]]), Normal([2], [[1]])
    kullback_leibler(q, p)        E_q log q/p
    squared_wasserstein(q, p)     least E‖x − y‖² over all x ~ q and y ~ p on one space
    jensen_shannon(p, q)          by quadrature: there is no closed form
    game_value(p, q)              of the best critic, −log 4 + 2 JSD
    best_logit(p, q)              of that critic: a quadratic, half the difference of precisions

All in nats and double precision. Theorem: proofs/jensen_shannon.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array

NODES = (2001, 301, 101)
"""On each axis of one, two and three."""


@dataclass(frozen=True, eq=False, init=False)
class Normal:
    """N(μ, C) with a positive definite C.

    Attributes
    ----------
    mean : (k,)
    covariance : (k, k)
    factor : (k, k)
        Lower triangular, with C = factor factorᵀ.
    """

    mean: Array
    covariance: Array
    factor: Array

    def __init__(self, mean: ArrayLike, covariance: ArrayLike) -> None:
        mu, C = np.asarray(mean, dtype=float), np.asarray(covariance, dtype=float)
        if C.shape != (len(mu), len(mu)):
            raise ValueError(f"Need a covariance of order {len(mu)}. Got shape {C.shape}.")
        if not (np.isfinite(C).all() and np.allclose(C, C.T, rtol=1e-12, atol=0)):
            raise ValueError("Need a symmetric covariance of finite numbers. Got another one.")
        try:
            factor = np.linalg.cholesky(C)
        except np.linalg.LinAlgError:
            raise ValueError("Need a positive definite covariance. Got another one.") from None
        for name, value in (("mean", mu), ("covariance", C), ("factor", factor)):
            object.__setattr__(self, name, value)

    @property
    def log_volume(self) -> float:
        """½ log det C."""
        return float(np.log(np.diag(self.factor)).sum())

    def log_density(self, x: Array) -> Array:
        """At the rows of x."""
        z = np.linalg.solve(self.factor, np.asarray(x - self.mean).T)
        constant = self.log_volume + len(self.mean) / 2 * math.log(2 * math.pi)
        return np.asarray(-(z * z).sum(axis=0) / 2 - constant)


class Logit(NamedTuple):
    """x ↦ ½ xᵀ M x + vᵀ x + c."""

    quadratic: Array
    linear: Array
    constant: float

    def __call__(self, x: Array) -> Array:
        """At the rows of x."""
        square = ((x @ self.quadratic) * x).sum(axis=-1)
        return np.asarray(square / 2 + x @ self.linear + self.constant)


def best_logit(real: Normal, fake: Normal) -> Logit:
    """log of the ratio of densities: the logit of the critic C = p/(p + q).

    >>> best_logit(Normal([0], [[1]]), Normal([0], [[2]])).quadratic.tolist()
    [[-0.5]]
    """
    (P, u), (Q, v) = ((np.linalg.inv(x.covariance), x.mean) for x in (real, fake))
    at_zero = real.log_density(0 * u[None]) - fake.log_density(0 * v[None])
    return Logit(Q - P, P @ u - Q @ v, float(at_zero[0]))


def kullback_leibler(of: Normal, to: Normal) -> float:
    """E log of/to under the first.

    >>> kullback_leibler(Normal([0], [[1]]), Normal([2], [[1]]))
    2.0
    """
    moved = np.linalg.solve(to.factor, np.column_stack([of.factor, of.mean - to.mean]))
    volumes = to.log_volume - of.log_volume
    return float((moved * moved).sum() - len(of.mean)) / 2 + volumes


def squared_wasserstein(first: Normal, second: Normal) -> float:
    """W₂², the least mean squared distance of a coupling: with C = F Fᵀ and D = H Hᵀ it is
    ‖μ − ν‖² + tr C + tr D − 2 ‖Fᵀ H‖ in the nuclear norm.

    >>> squared_wasserstein(Normal([0], [[1]]), Normal([2], [[9]]))
    8.0
    """
    step = first.mean - second.mean
    shared = np.linalg.svd(first.factor.T @ second.factor, compute_uv=False).sum()
    spread = np.trace(first.covariance) + np.trace(second.covariance)
    return float(step @ step + spread - 2 * shared)


def jensen_shannon(first: Normal, second: Normal, nodes: int | None = None) -> float:
    """½ KL(p ‖ m) + ½ KL(q ‖ m) with m = (p + q)/2, between 0 and log 2.

    By the trapezoidal rule, once with the axes of each; for equal covariances on the axis between
    the means. Its error is below 1e-6.

    Parameters
    ----------
    nodes : int, optional
        On each axis; more are needed where one of the two is narrow.

    >>> round(jensen_shannon(Normal([0], [[1]]), Normal([1], [[1]])), 6)
    0.111421
    """
    if np.array_equal(first.covariance, second.covariance):
        z = np.linalg.solve(first.factor, second.mean - first.mean)
        first, second = Normal([0], [[1]]), Normal([math.sqrt(z @ z)], [[1]])
    elif len(first.mean) > 3:
        raise ValueError(f"Need equal covariances, or <= 3 axes. Got {len(first.mean)} axes.")
    nodes = nodes or NODES[len(first.mean) - 1]
    least = math.ceil(18 * _narrowness(first, second) / 0.6)
    if nodes < least:
        raise ValueError(f"Need {least} nodes for densities as narrow as these. Got {nodes}.")
    return (_to_the_mean(first, second, nodes) + _to_the_mean(second, first, nodes)) / 2


def game_value(real: Normal, fake: Normal) -> float:
    """max over critics of E log C under the real density + E log (1 − C) under the fake one."""
    return 2 * jensen_shannon(real, fake) - math.log(4)


def _narrowness(first: Normal, second: Normal) -> float:
    """The greatest ratio of their deviations, either way."""
    ratios = np.linalg.svd(np.linalg.solve(first.factor, second.factor), compute_uv=False)
    return float(max(ratios.max(), 1 / ratios.min()))


def _to_the_mean(of: Normal, other: Normal, nodes: int) -> float:
    """E log of/m under `of`: log 2 − E log(1 + other/of)."""
    z, weights = _rule(nodes, len(of.mean))
    x = of.mean + z @ of.factor.T
    return math.log(2) - float(weights @ np.logaddexp(0, other.log_density(x) - of.log_density(x)))


@cache
def _rule(nodes: int, axes: int) -> tuple[Array, Array]:
    """Nodes (count, axes) and weights of the standard normal, up to nine deviations."""
    points = np.linspace(-9, 9, nodes)
    grid = np.stack(np.meshgrid(*[points] * axes, indexing="ij"), axis=-1).reshape(-1, axes)
    weights = np.exp(-(grid * grid).sum(axis=1) / 2)
    return grid, weights / weights.sum()
