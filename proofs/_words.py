"""Matrices of all sizes, in arrays on which the functions of linae run as they are.

    loss = SquaredLoss(Moments(block(Sxx), block(Syx), block(Syy)), 1)
    word(loss.gradient(block(A), block(B))[0])        # 2 A B Sxx Bᴴ − 2 Syx Bᴴ

An array of Sums is a block matrix, and one of one block is the matrix itself: what comes out holds
for all sizes, over ℝ and over ℂ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from linae import calculus
from linae.exact import Array
from proofs._calc import Sum


class Block(np.ndarray):
    """An array of Sums; its conjugate is that of a block matrix: transposed, the adjoint."""

    def conj(self) -> Self:
        conjugate = np.empty_like(self)
        for place, part in np.ndenumerate(self):
            conjugate[place] = part.H
        return conjugate


def block(S: Sum) -> Array:
    return blocks([S])


def blocks(*rows: Sequence[Sum]) -> Array:
    """The block matrix with these rows."""
    M = np.empty((len(rows), len(rows[0])), dtype=object)
    for i, row in enumerate(rows):
        for j, part in enumerate(row):
            M[i, j] = part
    return M.view(Block)


def word(M: Array) -> Sum:
    """The one block of an array."""
    return M.item()


def derivative(function: Callable[..., Any], point: Any, direction: Any) -> tuple[Sum, ...]:
    """Of a polynomial of degree at most 4 along a line, from its values at five points: exact."""
    nodes, first, _ = calculus.line_rule(4)
    total: list[Any] = []
    for node, c in zip(nodes, first, strict=True):
        values = function(*(block(w + node * v) for w, v in zip(point, direction, strict=True)))
        parts = [c * word(value) for value in values]
        total = [a + b for a, b in zip(total, parts, strict=True)] if total else parts
    return tuple(total)
