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
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any, ClassVar

from linae.critical import IndexSet
from linae.exact import Array, floating, square_root
from linae.landscapes.auto import components
from linae.landscapes.blocks import IDLE, NEXT, SHARED, Block, Sharing
from linae.landscapes.equalised import orthogonal_parts

ZERO = 1e-10
"""Share of θ below which the square of a column of doubles is that of a latent that is off."""


@dataclass(frozen=True, eq=False)
class Latents(Sharing):
    """The blocks of a spectrum at the ratio θ/λ₁; σ and levels are in units of σ₁."""

    rising: ClassVar[int] = -1

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

    def sides(self, k: int, block: Block) -> tuple[Any, Any]:
        """σ > t where σ Σσᵢ + (b − r) λ > b θ."""
        values = self.spectrum.eigenvalues
        total = sum(_root(values[i] * values[k]) for i in block.components)
        return total + block.spare * values[k], block.units * self.water

    def over(self, block: Block) -> list[Any]:
        """m − θ of each component."""
        values, root = self.spectrum.eigenvalues, _root(self.spread(block))
        found = []
        for j in block.components:
            more, less = self.sides(j, block)
            ratio = _root(values[j]) / root if block.spare else 0
            found.append((more - less) / (block.units + block.spare * ratio))
        return found

    def excess(self, block: Block) -> list[Any]:
        """σ − t."""
        scale = _root(self.spread(block) / self.spectrum.eigenvalues[0])
        return [x / scale / self.spectrum.eigenvalues[0] for x in self.over(block)]

    def gain(self, block: Block) -> float:
        """Σ (λ − θ m/δ) − b θ log(δ/θ), what a block takes off the loss, without cancellation."""
        delta, water = float(self.spread(block)), float(self.water)
        over = [float(x) for x in self.over(block)]
        share = sum(over) / block.units / delta
        return sum(x * x for x in over) / delta + block.units * water * _bend(share)

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

    def is_at_water(self, *, exact: bool) -> bool:
        """Whether doubles do not tell some λ from θ: a latent of its own from one that is off."""
        values, bound = self.spectrum.eigenvalues[: self.spectrum.rank], 10 * ZERO * self.water
        known = all(isinstance(x, Fraction) for x in values)  # whether λ = θ: then it is off
        close = [x for x in values if abs(x - self.water) <= bound]
        return not (known and exact) and any(x != self.water or not known for x in close)

    def found(self, A: Array) -> dict[Block, int] | None:
        """The blocks of a critical decoder, each with the number of mutually orthogonal parts of
        its columns; None if rounding leaves them open."""
        merged: list[tuple[Block, int]] = []
        separate = orthogonal_parts(A, self._on(A))
        if separate is None:
            return None
        for units in separate:
            block = self._part(A[:, units])
            if block is None or not self.stands(block):
                return None
            count, same = 1, [m for m in merged if not self.order(m[0], block)]
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
        J = components(self.spectrum, A, excess) if A.dtype == object else None
        if J is None:  # where roots are irrational, in units of λ₁
            top = float(values[0])
            shares = [float(x) / top for x in excess]
            J = components(self.spectrum, floating(A) / math.sqrt(top), shares)
        return Block(J, units) if J and len(J) <= units else None


def _root(x: Any) -> Any:
    """√x, exact if it is rational."""
    root = square_root(x) if isinstance(x, Fraction) else None
    return math.sqrt(x) if root is None else root


def _bend(x: float) -> float:
    """x + log(1 − x), 0 <= x < 1."""
    if x > 1e-3:
        return x + math.log1p(-x)
    return -x * x * (1 / 2 + x / 3 + x**2 / 4 + x**3 / 5 + x**4 / 6)
