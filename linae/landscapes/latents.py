"""Latents of a variational autoencoder: which of them have a component each, and which share some.

A block of b latents has r <= b components, and with σ = √λ the level t = θ/√δ, where

    √δ = (s + √(s² + 4 b (b − r) θ))/2b,    s the sum of its σ,

which must be below each of its σ; δ is λ where a latent has one component of its own. Blocks of one
class are disjoint and have different levels. In an index set the components of single latents come
first, each shared block has −3 before it, and latents that are off are last: (2, −3, 0, 1, −1) is a
latent with the third component, two that share the first and the second, and one that is off.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from linae.critical import IndexSet
from linae.exact import Array, floating, square_root
from linae.landscapes.auto import components
from linae.landscapes.blocks import IDLE, NEXT, SHARED, Block, Sharing, sign
from linae.landscapes.equalised import SEPARATE

ZERO = 1e-10
"""Share of θ below which the square of a column of doubles is that of a latent that is off."""


@dataclass(frozen=True, eq=False)
class Latents(Sharing):
    """The blocks of a spectrum at the ratio θ/λ₁; σ and levels are in units of σ₁."""

    @property
    def water(self) -> Any:
        """θ."""
        return self.ratio * self.spectrum.eigenvalues[0] if self.spectrum.rank else self.ratio

    def level(self, block: Block) -> Any:
        """t = θ/√δ."""
        square = self.spread(block) / self.spectrum.eigenvalues[0]
        return self.ratio / _root(square)

    def spread(self, block: Block) -> Any:
        """δ = θ + ‖a‖² of each latent of the block."""
        return self._sizes(block)[0]

    def sizes(self, block: Block) -> list[Any]:
        """m = √(δλ) of each component."""
        return self._sizes(block)[1]

    def _sizes(self, block: Block) -> tuple[Any, list[Any]]:
        """Exact if all σ of the block, and √δ, are rational in units of the first of these σ."""
        values = self.spectrum.eigenvalues[list(block.components)]
        unit, total = values[0], sum(roots := [_root(x / values[0]) for x in values])
        more = _root(total**2 + 4 * block.units * block.spare * self.water / unit)
        scale = (total + more) / (2 * block.units)
        return unit * scale**2, [unit * scale * x for x in roots]

    def above(self, k: int, block: Block) -> int:
        """Sign of σ − t."""
        return sign(self.spectrum.eigenvalues[k] * self.spread(block), self.water**2)

    def is_single(self, block: Block) -> bool:
        """Whether each latent of the block can have a component of its own."""
        return not block.spare and len({self.spectrum.group[j] for j in block.components}) == 1

    def index_set(self, blocks: Sequence[Block], width: int) -> IndexSet:
        """Blocks as one tuple."""
        singles = [j for b in blocks if self.is_single(b) for j in b.components]
        entries = [
            j
            for b in blocks
            if not self.is_single(b)
            for j in (NEXT, *b.components, *[SHARED] * b.spare)
        ]
        off = width - sum(b.units for b in blocks)
        return (*sorted(singles), *entries, *[IDLE] * off)

    def blocks_of(self, J: IndexSet) -> tuple[Block, ...]:
        """The inverse; single latents whose components tie are one block."""
        on = [j for j in J if j != IDLE]
        starts = [i for i, j in enumerate(on) if j == NEXT] + [len(on)]
        ties = groupby(on[: starts[0]], lambda j: self.spectrum.group[j])
        words = [tuple(tie) for _, tie in ties]
        words += [tuple(on[i + 1 : k]) for i, k in pairwise(starts)]
        return tuple(Block(tuple(j for j in w if j >= 0), len(w)) for w in words)

    def found(self, A: Array) -> dict[Block, int] | None:
        """The blocks of a critical decoder, each with the number of mutually orthogonal parts of
        its columns; None if rounding leaves them open."""
        merged: list[tuple[Block, int]] = []
        for units in _orthogonal_parts(A, self._on(A)):
            block = self._part(A[:, units])
            if block is None or not self.stands(block):
                return None
            count, same = 1, [m for m in merged if not sign(*map(self.level, (m[0], block)))]
            for other in same:
                merged.remove(other)
                block = Block(block.components + other[0].components, block.units + other[0].units)
                count += other[1]
            merged.append((block, count))
        ordered = sorted(merged, key=lambda m: self.kind(m[0]))
        blocks = self.canonical(block for block, _ in merged)
        return dict(zip(blocks, (count for _, count in ordered), strict=True))

    def _on(self, A: Array) -> list[int]:
        """Latents with a column that is not 0."""
        least = 0 if A.dtype == object else ZERO * float(self.water)
        return [h for h, x in enumerate((A * A).sum(axis=0)) if x > least]

    def _part(self, A: Array) -> Block | None:
        """The block of these columns alone: A Aᵀ is m − θ on its components, and 0 on others."""
        values, units = self.spectrum.eigenvalues[: self.spectrum.rank], A.shape[1]
        delta = self.water + (A * A).sum() / units
        excess = [_root(delta * x) - self.water for x in values]
        J = components(self.spectrum, A, excess)
        if J is None:  # where roots are irrational
            J = components(self.spectrum, floating(A), [float(x) for x in excess])
        return Block(J, units) if J and len(J) <= units else None


def _root(x: Any) -> Any:
    """√x, exact if it is rational."""
    root = square_root(x) if isinstance(x, Fraction) else None
    return math.sqrt(x) if root is None else root


def _orthogonal_parts(A: Array, units: Sequence[int]) -> Iterator[list[int]]:
    """Units in sets with columns that are orthogonal to those of the others."""
    gram, left = A.T @ A, list(units)
    bound = 0.0 if A.dtype == object else SEPARATE
    joined = np.array([[abs(float(x)) for x in row] for row in gram])
    lengths = np.sqrt(np.diag(joined))
    while left:
        part = [left.pop(0)]
        for g in part:  # which grows
            more = [h for h in left if joined[g, h] > bound * lengths[g] * lengths[h]]
            left = [h for h in left if h not in more]
            part += more
        yield part
