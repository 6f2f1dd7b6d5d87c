"""Equalised frames: hidden units that share components in equal parts.

The frame of a block of p units is p vectors w, all of the same length, with Σ w wᵀ = diag(σ − t).
There is always one (Schur and Horn): start from [diag(σ − t)^½, 0], and turn a column that is too
short into one that is too long until it has the right length.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from linae.exact import Array, eye, floating, is_exact, rationals, square_root
from linae.landscapes.auto import components
from linae.landscapes.blocks import Block, Sharing, sign

SEPARATE = 1e-6
"""Cosine below which two columns of doubles are orthogonal: its square, which is how curved the
loss is where they turn, is below the rounding of a Hessian."""


class Turn(NamedTuple):
    """Turn column `low` into column `high` by an angle of this squared sine."""

    low: int
    high: int
    share: Any


def turns(sharing: Sharing, block: Block) -> list[Turn]:
    """Those that give every column the length of the mean, one column after the other."""
    level = sharing.level(block)
    squares = [sharing.sigmas[j] - level for j in block.components] + [Fraction(0)] * block.spare
    mean = sum(squares) / block.units
    found: list[Turn] = []
    while True:
        signs = [sign(x, mean) for x in squares]
        if not (-1 in signs and 1 in signs):
            return found
        low, high = signs.index(-1), signs.index(1)
        x, y = squares[low], squares[high]
        found.append(Turn(low, high, (mean - x) / (y - x)))
        squares[low], squares[high] = mean, x + y - mean


def frame(sharing: Sharing, block: Block) -> Array:
    """Unit vectors (r, p) along the w: exact if each of them is along one component."""
    angles = turns(sharing, block)
    if block.rank == 1:
        return rationals(np.ones((1, block.units), dtype=int))
    if not angles:
        return eye(block.rank, rationals([]))
    level = float(sharing.level(block))
    W = np.zeros((block.rank, block.units))
    np.fill_diagonal(W, [math.sqrt(sharing.sigmas[j] - level) for j in block.components])
    for low, high, share in angles:
        s, c = math.sqrt(share), math.sqrt(1 - share)
        W[:, low], W[:, high] = c * W[:, low] + s * W[:, high], c * W[:, high] - s * W[:, low]
    return W / np.linalg.norm(W, axis=0)


def parts(sharing: Sharing, block: Block) -> int:
    """Number of mutually orthogonal parts of that frame: each turn joins two of them for good."""
    return block.units - len(turns(sharing, block))


def found_blocks(sharing: Sharing, A: Array, B: Array, S: Array) -> dict[Block, int] | None:
    """The blocks of a critical point, each with its number of orthogonal parts; None if rounding
    leaves them open. Parts of the same level are one block."""
    if not (is_exact(A) and is_exact(B) and is_exact(S)):
        A, B, S = floating(A), floating(B), floating(S)
    code = B @ S
    squares = (A * A).sum(axis=0) * (code * B).sum(axis=1)
    if sharing.spectrum.rank:
        squares = squares / sharing.spectrum.eigenvalues[0]
    merged: dict[Block, int] = {}
    for units in _orthogonal_parts(A, _on(sharing, squares)):
        found, count = _part(sharing, A[:, units] @ code[units], squares[units]), 1
        if found is None:
            return None
        level = sharing.level(found)
        for twin in [b for b in merged if not sign(sharing.level(b), level)]:
            found = Block(found.components + twin.components, found.units + twin.units)
            count += merged.pop(twin)
        merged[found] = count
    ordered = sorted(merged, key=sharing.kind)
    counts = [merged[b] for b in ordered]
    return dict(zip(sharing.canonical(ordered), counts, strict=True))


def _on(sharing: Sharing, squares: Array) -> list[int]:
    """Units with a product of sizes that is not 0; it is at least min σ/(p + κ) if on."""
    if not sharing.spectrum.rank:
        return []
    least = 0.0
    if not is_exact(squares):
        least = (1e-3 * sharing.sigmas[-1] / (len(squares) + sharing.ratio)) ** 2
    return [h for h, x in enumerate(squares) if x > least]


def _orthogonal_parts(A: Array, units: Sequence[int]) -> Iterator[list[int]]:
    """Units in sets with columns that are orthogonal to those of the others."""
    left = list(units)
    while left:
        part = [left.pop(0)]
        for g in part:  # which grows
            joined = [h for h in left if _meet(A[:, g], A[:, h])]
            left = [h for h in left if h not in joined]
            part += joined
        yield part


def _meet(a: Array, b: Array) -> bool:
    product = a @ b
    if a.dtype == object:
        return bool(product)
    return bool(abs(product) > SEPARATE * math.sqrt((a @ a) * (b @ b)))


def _part(sharing: Sharing, product: Array, squares: Array) -> Block | None:
    """The block of these units alone: its level is κ times their size; with it, product =
    Σ a b S has the squares ((σ − t) σ)² on its components and 0 on others."""
    exact = is_exact(squares) and is_exact(product) and sharing.is_exact
    size: Any = square_root(squares[0]) if exact else None
    if size is None:
        size, product = math.sqrt(sum(squares) / len(squares)), floating(product)
    level, scale = sharing.ratio * size, sharing.spectrum.eigenvalues[0]
    values = [((x - level) * x * scale) ** 2 if x > level else 0 for x in sharing.sigmas]
    J = components(sharing.spectrum, product, values)
    return Block(J, len(squares)) if J and len(J) <= len(squares) else None
