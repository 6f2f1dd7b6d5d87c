"""Equalised frames: hidden units that share components in equal parts.

The frame of a block of p units is p vectors w, all of the same length, with Σ w wᵀ = diag(σ − t).
There is always one (Schur and Horn): start from [diag(σ − t)^½, 0], and turn a column that is too
short into one that is too long until it has the right length.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from linae.exact import Array, eye, floating, is_exact, rationals, square_root
from linae.landscapes.auto import components
from linae.landscapes.blocks import Block, Sharing, sign

SEPARATE = 1e-6
"""Cosine below which two columns of doubles are orthogonal: its square, which is how curved the
loss is where they turn, is below the rounding of a Hessian."""
BLUR = 1e-12
"""And above which they are not: in between, doubles do not tell."""


class Turn(NamedTuple):
    """Turn column `low` into column `high` by an angle of this squared sine."""

    low: int
    high: int
    share: Any


def turns(sharing: Sharing, block: Block) -> list[Turn]:
    """Those that give every column the length of the mean, one column after the other."""
    above = [_above_mean(sharing, block, j) for j in block.components]
    mean = sum(sharing.excess(block)) / block.units
    above += [(0 * mean, mean)] * block.spare
    found: list[Turn] = []
    while True:
        signs = [sign(*x) for x in above]
        if not (-1 in signs and 1 in signs):
            return found
        low, high = signs.index(-1), signs.index(1)
        (x, less_x), (y, less_y) = above[low], above[high]
        found.append(Turn(low, high, (less_x - x) / ((less_x - x) + (y - less_y))))
        above[low], above[high] = (mean, mean), (x + y, less_x + less_y)


def _above_mean(sharing: Sharing, block: Block, j: int) -> tuple[Any, Any]:
    """Two numbers, not negative, whose difference is σ − t minus the mean over units."""
    gaps = [sharing.gap(j, i) / block.units for i in block.components]
    more = block.spare * sharing.excess(block)[block.components.index(j)] / block.units
    return sum((g for g in gaps if g > 0), more), sum((-g for g in gaps if g < 0), 0 * more)


def frame(sharing: Sharing, block: Block) -> Array:
    """Unit vectors (r, p) along the w: exact if each of them is along one component."""
    angles = turns(sharing, block)
    if block.rank == 1:
        return rationals(np.ones((1, block.units), dtype=int))
    if not angles:
        return eye(block.rank, rationals([]))
    W = np.zeros((block.rank, block.units))
    np.fill_diagonal(W, [math.sqrt(x) for x in sharing.excess(block)])
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
    separate = orthogonal_parts(A, _on(sharing, squares))
    for units in separate or ():
        found, count = _part(sharing, A[:, units] @ code[units], squares[units]), 1
        if found is None:
            return None
        for twin in [b for b in merged if not sharing.order(b, found)]:
            found = Block(found.components + twin.components, found.units + twin.units)
            count += merged.pop(twin)
        merged[found] = count
    if separate is None:
        return None
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


def orthogonal_parts(A: Array, units: Sequence[int]) -> list[list[int]] | None:
    """Units in sets with columns that are orthogonal to those of the others; None if rounding
    leaves it open."""
    meet = _meetings(A[:, list(units)])
    if meet is None:
        return None
    left, parts = list(range(len(units))), []
    while left:
        part = [left.pop(0)]
        for g in part:  # which grows
            joined = [h for h in left if meet[g, h]]
            left = [h for h in left if h not in joined]
            part += joined
        parts.append([units[h] for h in part])
    return parts


def _meetings(A: Array) -> Array | None:
    """Which columns are not orthogonal."""
    if A.dtype == object:
        return np.asarray(A.T @ A != 0)
    unit = A / np.linalg.norm(A, axis=0)
    cosines = np.abs(unit.T @ unit)
    is_open = ((cosines > BLUR) & (cosines < SEPARATE)).any()
    return None if is_open else np.asarray(cosines > SEPARATE)


def _part(sharing: Sharing, product: Array, squares: Array) -> Block | None:
    """The block of these units alone: its level is κ times their size; with it, product =
    Σ a b S has the squares ((σ − t) σ)² on its components and 0 on others."""
    exact = is_exact(squares) and is_exact(product) and sharing.is_exact
    size: Any = square_root(squares[0]) if exact else None
    top: Any = sharing.spectrum.eigenvalues[0]
    if size is None:
        size, product, top = math.sqrt(sum(squares) / len(squares)), floating(product), float(top)
    level = sharing.ratio * size
    values = [((x - level) * x) ** 2 if x > level else 0 for x in sharing.sigmas]
    J = components(sharing.spectrum, product / top, values)
    return Block(J, len(squares)) if J and len(J) <= len(squares) else None
