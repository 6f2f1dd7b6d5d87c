"""Losses of autoencoders with a regulariser, by their definitions, and squared losses below them.

    case.loss(A, B)      infinite where a constraint is broken
    case.below(A @ B)    at most that
    case.floor(p)        at most that, at every map of rank p

Nothing here asks `linae` for a factor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

from linae.exact import Array, eye, rationals
from linae.regularisers import Regulariser
from proofs._auto import Auto, squares
from proofs._instances import Case


@dataclass(frozen=True, eq=False, repr=False)
class Regularised(Case):
    """A claimed minimum (A, B), a competitor (C, D), a gauge M.

    Attributes
    ----------
    level : t of λ, at most γ or γ/2, or any τ of √λ; 0 without threshold: what a component loses
    scale : s, with γ₁ = γ s² and γ₂ = γ/s² of weight decay
    power : P of noisy codes
    """

    law: Regulariser
    at: Auto
    weight: Any
    level: Fraction
    scale: Fraction
    power: Fraction
    A: Array
    B: Array
    C: Array
    D: Array
    M: Array

    def loss(self, A: Array, B: Array) -> Any:
        """The definition."""
        return LOSSES[self.law.name](self, A, B)

    @property
    def quadratic(self) -> tuple[list[Any], list[Any], Any]:
        """(x, y, c) of the squared loss below: tr S + c − 2 tr W Y + tr W X Wᵀ in the basis U."""
        values, t = self.at.values, self.level
        if "(λ + γ)" in self.law.factor:
            return [z + self.weight for z in values], [*values], 0
        if "√λ" in self.law.factor:
            lost = [min(t * root(z), z) for z in values]
            shift = -t * t * self.at.width / self.weight
            return [*values], [z - x for z, x in zip(values, lost, strict=True)], shift
        return [*values], [z - min(t, z) for z in values], 0

    def below(self, W: Array) -> Any:
        x, y, shift = self.quadratic
        V = self.at.U.T @ W @ self.at.U
        return sum(self.at.values) + shift + ((V * V) @ x).sum() - 2 * (V.diagonal() * y).sum()

    def floor(self, width: int) -> Any:
        """The least value of `below` at that rank (Eckart and Young)."""
        x, y, shift = self.quadratic
        gains = sorted((b * b / a for a, b in zip(x, y, strict=True)), reverse=True)
        return sum(self.at.values) + shift - sum(gains[:width])


def root(x: Fraction) -> Fraction:
    """√x, of a square."""
    return Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))


def _plus(penalty: Callable[[Regularised, Array, Array], Any]) -> Callable[..., Any]:
    return lambda case, A, B: case.at.error(A @ B) + penalty(case, A, B)


def _noisy(case: Regularised, A: Array, B: Array) -> Any:
    """Inputs x + e: the signs of e = γ^½ (±1, …, ±1) are averaged out."""
    W, n = A @ B, len(A)
    noise = [squares(W @ rationals(e)) for e in product((1, -1), repeat=n)]
    return case.at.error(W) + case.weight * sum(noise) / 2**n


def _dropped(case: Regularised, A: Array, B: Array) -> Any:
    """The mean over all ways to drop units, those that are on being scaled by 1/k = 1 + κ."""
    k, total = 1 / (1 + case.weight), Fraction(0)
    for mask in product((0, 1), repeat=len(B)):
        chance = k ** sum(mask) * (1 - k) ** (len(B) - sum(mask))
        total += chance * case.at.error(A * rationals(mask) / k @ B)
    return total


def _noisy_codes(case: Regularised, A: Array, B: Array) -> Any:
    """White noise of p entries and E‖e‖² = κ P, if the power is at most P."""
    power = (B @ case.at.S @ B.T).trace()
    variance = case.weight * case.power / len(B)
    return case.at.error(A @ B) + variance * squares(A) if power <= case.power else math.inf


def _decays(case: Regularised, A: Array, B: Array) -> Any:
    s = case.scale**2
    return case.weight * (s * squares(A) + squares(B) / s)


def _each(case: Regularised, A: Array, B: Array) -> Any:
    pairs = zip(case.weight, A.T, B, strict=True)
    return sum(g * (squares(a) + squares(b)) for g, a, b in pairs)


def _if(holds: bool, penalty: Any) -> Any:
    return penalty if holds else math.inf


LOSSES: dict[str, Callable[[Regularised, Array, Array], Any]] = {
    "none": _plus(lambda case, A, B: 0),
    "noisy inputs": _noisy,
    "product decay": _plus(lambda case, A, B: case.weight * squares(A @ B)),
    "orthonormal A": _plus(
        lambda case, A, B: _if(np.array_equal(A.T @ A, eye(len(B), A)), case.weight * squares(B))
    ),
    "contractive": _plus(lambda case, A, B: case.weight * squares(B)),
    "tied contractive": _plus(
        lambda case, A, B: _if(np.array_equal(A, B.T), case.weight * squares(B))
    ),
    "weight decay": _plus(_decays),
    "nuclear norm": _plus(lambda case, A, B: 2 * case.weight * (A @ B).trace()),  # of W ⪰ 0
    "nonuniform decay": _plus(_each),
    "dropout": _dropped,
    "noisy codes": _noisy_codes,
    "nested dropout": lambda case, A, B: sum(
        case.at.error(A[:, :j] @ B[:j]) for j in range(1, len(B) + 1)
    ),
    "whitened codes": _plus(
        lambda case, A, B: case.weight * squares(B @ case.at.S @ B.T - eye(len(B), A))
    ),
}
