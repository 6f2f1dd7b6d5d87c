"""Variational autoencoders by their definition: weights, loss, and derivatives from values of it.

    case.loss(A, B, d)        −2σ² ELBO, up to a constant
    case.derivatives          exact: of a polynomial from integers nearby, and of a logarithm

Nothing here asks `linae` for a loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from linae.exact import Array, rationals
from linae.landscapes.variational import Variational
from proofs._auto import Auto
from proofs._instances import Case


@dataclass(frozen=True, eq=False, repr=False)
class Encoded(Case):
    """Weights, and of each block its eigenvalues and the number of its latents.

    Attributes
    ----------
    blocks : tuple of pairs of eigenvalues and a number
    """

    at: Auto
    noise: Fraction
    beta: Fraction
    blocks: tuple[tuple[tuple[Any, ...], int], ...]
    A: Array
    B: Array
    d: Array

    @property
    def water(self) -> Fraction:
        """θ."""
        return self.noise * self.beta

    @property
    def weights(self) -> tuple[Array, Array, Array]:
        return self.A, self.B, self.d

    @property
    def landscape(self) -> Variational:
        return Variational(self.at.moments, self.at.width, self.noise, self.beta)

    def polynomial(self, A: Array, B: Array, d: Array) -> Any:
        """E‖x − A z‖², of which only the first two moments of z matter, and 2θ times the divergence
        of N(B x, D) from N(0, 1), but for its logarithm."""
        spread = (d * (A * A)).sum()
        return (
            self.at.error(A @ B)
            + spread
            + self.water * (d.sum() + ((B @ self.at.S) * B).sum() - self.at.width)
        )

    def loss(self, A: Array, B: Array, d: Array) -> float:
        """The definition."""
        logarithms = sum(math.log(x) for x in d.flat)
        return float(self.polynomial(A, B, d)) - float(self.water) * logarithms

    @cached_property
    def common(self) -> int:
        """A common denominator q of all numbers."""
        numbers = (*self.weights, self.at.S, self.at.target, rationals([self.water]))
        return math.lcm(*(x.denominator for M in numbers for x in M.flat))

    def whole(self, steps: Array) -> Array:
        """q⁵ times the polynomial where that many q-ths are added to the weights: integers, which
        are fast. Each row has the steps of all weights, column by column."""
        q, (n, p) = self.common, self.A.shape
        vector = np.concatenate([q * w.ravel(order="F") for w in self.weights])
        point = np.array([int(x) for x in vector], dtype=object) + steps
        A, B, d = np.split(point, [n * p, 2 * n * p], axis=1)
        A, B = A.reshape(-1, p, n).swapaxes(1, 2), B.reshape(-1, n, p).swapaxes(1, 2)
        maps = self.at.S, self.at.target
        S, T = (np.array([[int(q * x) for x in row] for row in M], object) for M in maps)
        E, water = q * T - A @ B, int(q * self.water)
        spread = (d * (A * A).sum(axis=1)).sum(axis=1)
        price = q * q * d.sum(axis=1) + ((B @ S) * B).sum(axis=(1, 2))
        return ((E @ S) * E).sum(axis=(1, 2)) + q * (q * spread + water * price)

    @property
    def derivatives(self) -> tuple[Array, Array]:
        """Gradient and Hessian by values of the polynomial nearby, and log′ d = 1/d."""
        q, p, d = self.common, self.at.width, self.d[0]
        slope, H = differences(self.whole, 2 * self.A.size + p)
        slope, H = slope / Fraction(q**4), H / Fraction(q**3)
        places = np.arange(len(H) - p, len(H))
        slope[places] -= self.water / d
        H[places, places] += self.water / d**2
        return slope, H


def differences(values: Callable[[Array], Array], size: int) -> tuple[Array, Array]:
    """Gradient and Hessian at 0 of a polynomial that is at most quadratic in each variable."""
    e, (i, j) = np.eye(size, dtype=int), np.triu_indices(size, 1)
    pairs = [a * e[i] + b * e[j] for a, b in ((1, 1), (-1, -1), (1, -1), (-1, 1))]
    f = values(np.concatenate([0 * e[:1], e, -e, *pairs]))
    ahead, back = f[1 : size + 1], f[size + 1 : 2 * size + 1]
    same, equal, other, opposite = np.split(f[2 * size + 1 :], 4)
    H = np.diag(ahead + back - 2 * f[0])
    H[i, j] = H[j, i] = (same + equal - other - opposite) / Fraction(4)
    return (ahead - back) / Fraction(2), H
