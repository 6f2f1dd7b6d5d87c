"""Sparse coding of one sample, and its best codes by brute force: what algorithms are held against.

Coding(A, x, alpha, h).loss(h)      the definition
best_code(coding)                   of all supports and signs
best_on_support(A, x, k)            the least error of any k columns
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np

from linae.exact import Array, inverse, rank, zeros
from proofs._auto import squares
from proofs._instances import Case


@dataclass(frozen=True, eq=False, repr=False)
class Coding(Case):
    """A dictionary, a sample, the weight of ‖h‖₁, and any code."""

    A: Array
    x: Array
    alpha: Any
    h: Array

    def loss(self, h: Array) -> Any:
        """The definition."""
        return squares(self.x - self.A @ h) + self.alpha * sum(abs(entry) for entry in h)


def best_code(coding: Coding) -> Array:
    """Of what is stationary for given signs on independent columns, the least by its loss.

    Some best code is among them: on dependent columns one can move to a smaller support at no loss.
    """
    A, p = coding.A, coding.A.shape[1]
    best = zeros((p,), A)
    for signs in product((-1, 0, 1), repeat=p):
        support = [j for j in range(p) if signs[j]]
        left = A[:, support]
        if support and rank(left) == len(support):
            pull = coding.alpha / 2 * np.array([signs[j] for j in support], dtype=object)
            h = zeros((p,), A)
            h[support] = inverse(left.T @ left) @ (left.T @ coding.x - pull)
            best = min(best, h, key=coding.loss)
    return best


def best_on_support(A: Array, x: Array, k: int) -> Any:
    """The least ‖x − A h‖² over h with k nonzero entries at most, by least squares on each set."""
    errors = [squares(x)]
    for size in range(1, k + 1):
        for support in combinations(range(A.shape[1]), size):
            left = A[:, support]
            if rank(left) == size:
                errors.append(squares(x - left @ inverse(left.T @ left) @ (left.T @ x)))
    return min(errors)
