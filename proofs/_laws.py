"""Finite laws of inputs and targets, so that every expectation is a sum and every loss exact.

    law = spoiled(X, masks(2, keep))        each column of X, each mask
    law.loss(W)                             E‖y − W x‖², outcome by outcome

Nothing here knows a second moment of what it enumerates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from typing import Any

import numpy as np

from linae.exact import Array, eye, rationals
from proofs._instances import Case


@dataclass(frozen=True, eq=False, repr=False)
class Law(Case):
    """Outcomes as columns of inputs (m, M) and targets (n, M), with probabilities."""

    weights: Array
    inputs: Array
    targets: Array

    def errors(self, W: Array, C: Array | None = None) -> Array:
        """y − W x, or C (y − W x), of every outcome."""
        E = self.targets - W @ self.inputs
        return E if C is None else C @ E

    def loss(self, W: Array, C: Array | None = None) -> Any:
        """E‖C (y − W x)‖², C the identity if not given."""
        E = self.errors(W, C)
        return (E * E @ self.weights).sum()

    @cached_property
    def joint(self) -> Array:
        """The second moment of (y, x), summed over outcomes."""
        both = np.concatenate([self.targets, self.inputs])
        return (both * self.weights) @ both.T

    def quick_loss(self, W: Array) -> Any:
        """E‖y − W x‖² again, for many W: a quadratic form of the joint moment."""
        E = np.concatenate([eye(len(W), W), -W], axis=1)
        return (E @ self.joint * E).sum()

    def biased_loss(self, W: Array) -> Any:
        """The least E‖y − c − W x‖² over biases c."""
        mean = self.errors(W) @ self.weights
        return self.loss(W) - mean @ mean


Patterns = Sequence[tuple[Fraction, Array, Array]]
"""Probability, factors g and summands e of the inputs: x becomes g x + e, entry by entry."""


def signs(F: Array) -> Patterns:
    """Noises F s, s fair signs: of mean 0 and covariance F Fᵀ."""
    size, every = F.shape[1], list(product([-1, 1], repeat=F.shape[1]))
    one = rationals([1] * len(F))
    return [(Fraction(1, 2**size), one, F @ rationals(s)) for s in every]


def replacements(size: int, entry: Sequence[tuple[Fraction, int, Any]]) -> Patterns:
    """Entries independent of each other: probability, factor, summand of one of them."""
    return [
        (prod(w for w, _, _ in entries), *(rationals([e[k] for e in entries]) for k in (1, 2)))
        for entries in product(entry, repeat=size)
    ]


def masks(size: int, keep: Fraction) -> Patterns:
    return replacements(size, [(keep, 1, 0), (1 - keep, 0, 0)])


def peppered(size: int, keep: Fraction, s: Fraction) -> Patterns:
    """An entry is kept, or ± s."""
    return replacements(size, [(keep, 1, 0), ((1 - keep) / 2, 0, s), ((1 - keep) / 2, 0, -s)])


def spoiled(X: Array, patterns: Patterns, targets: Patterns | None = None) -> Law:
    """Columns of X, equally likely, with independent patterns for inputs and, if given, targets."""
    plain = [(Fraction(1), rationals([1] * len(X)), rationals([0] * len(X)))]
    outcomes = [
        (w * v / X.shape[1], g * x + e, h * x + f)
        for x in X.T
        for w, g, e in patterns
        for v, h, f in (plain if targets is None else targets)
    ]
    weights, inputs, wanted = zip(*outcomes, strict=True)
    return Law(rationals(weights), rationals(inputs).T, rationals(wanted).T)


def second_moment(X: Array) -> Array:
    """Of columns that are equally likely."""
    return rationals(X @ X.T) / Fraction(X.shape[1])
