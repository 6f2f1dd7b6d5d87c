"""Blocks of hidden units that share components: their levels, and which of them there are.

A block of p units has r <= p components and, with σ = √λ, the level t = κ Σσ/(p + r κ), which must
be below each of its σ. Blocks of one class are disjoint and have different levels.
In an index set (0, 1, -2) is three units that share two components, and (0, -2, -3, 2, -1) is two
units that share the first, one unit with the third, and one that is off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, cmp_to_key
from itertools import combinations, groupby, pairwise
from math import comb
from typing import Any, ClassVar, NamedTuple

from linae.critical import IndexSet
from linae.exact import square_root
from linae.landscapes.units import numbered
from linae.spectrum import Spectrum

IDLE, SHARED, NEXT = -1, -2, -3
"""In an index set: a unit that is off; one more unit for the components before; the next block."""
DIGITS = 1e-12
"""Doubles that agree so far, relative to their size, are equal: sums of few positive numbers lose
few of their sixteen digits."""
MOST = 10**6
"""Candidates up to which classes are listed."""


class Block(NamedTuple):
    """Components, and the number of hidden units that share them."""

    components: IndexSet
    units: int

    @property
    def rank(self) -> int:
        return len(self.components)

    @property
    def spare(self) -> int:
        """p − r."""
        return self.units - self.rank


def index_set(blocks: Sequence[Block], width: int) -> IndexSet:
    """Blocks as one tuple.

    >>> index_set([Block((0,), 2), Block((2,), 1)], 4)
    (0, -2, -3, 2, -1)
    """
    entries = [j for b in blocks for j in (NEXT, *b.components, *[SHARED] * b.spare)]
    return (*entries[1:], *[IDLE] * (width - sum(b.units for b in blocks)))


def blocks_of(J: IndexSet) -> tuple[Block, ...]:
    """The inverse.

    >>> blocks_of((0, -2, -3, 2, -1))
    (Block(components=(0,), units=2), Block(components=(2,), units=1))
    """
    words = [list(word) for new, word in groupby(J, lambda j: j == NEXT) if not new]
    shared = [[j for j in word if j != IDLE] for word in words]
    return tuple(Block(tuple(j for j in w if j >= 0), len(w)) for w in shared if w)


@dataclass(frozen=True, eq=False)
class Sharing:
    """The blocks of a spectrum at κ > 0; σ and levels are in units of σ₁, the largest.

    They are exact if all σ/σ₁ are rational, else in double precision.
    """

    spectrum: Spectrum
    ratio: Any
    rising: ClassVar[int] = 1
    """Whether levels rise (1) or fall (−1) with σ."""

    @cached_property
    def shares(self) -> list[Any]:
        """λ/λ₁ of each nonzero component, of tied ones the same."""
        values, sizes = self.spectrum.eigenvalues, self.spectrum.multiplicities
        return [values[sum(sizes[:g])] / values[0] for g in self.spectrum.group]

    @cached_property
    def sigmas(self) -> list[Any]:
        """σ/σ₁."""
        roots = [square_root(x) if isinstance(x, Fraction) else None for x in self.shares]
        return [math.sqrt(x) for x in self.shares] if None in roots else roots

    @cached_property
    def is_exact(self) -> bool:
        return all(isinstance(x, Fraction) for x in self.sigmas)

    def level(self, block: Block) -> Any:
        """t = κ Σσ/(p + r κ)."""
        total = sum(self.sigmas[j] for j in block.components)
        return self.ratio * total / (block.units + block.rank * self.ratio)

    def is_open(self, blocks: Sequence[Block], rest: Sequence[int]) -> bool:
        """Whether doubles do not tell different σ, two levels, or the level of a block and one of
        its own σ, or of its spare units and an unselected one."""
        pairs = [] if self._is_rational else [*pairwise(self.sigmas[i] for i in self._firsts)]
        pairs += combinations(map(self.level, blocks), 2)
        for b in blocks:
            pairs += [self.sides(k, b) for k in (*b.components, *(rest if b.spare else ()))]
        return any(not sign(x, y) and not _exact(x, y) for x, y in pairs)

    @property
    def _is_rational(self) -> bool:
        return all(isinstance(x, Fraction) for x in self.shares)

    @property
    def _firsts(self) -> list[int]:
        """The first component of each distinct eigenvalue."""
        return [self.spectrum.group.index(g) for g in sorted(set(self.spectrum.group))]

    def gap(self, i: int, j: int) -> Any:
        """σᵢ − σⱼ: the doubles next to it do not cancel."""
        return (self.shares[i] - self.shares[j]) / (self.sigmas[i] + self.sigmas[j])

    def above(self, k: int, block: Block) -> int:
        """Sign of σ − t."""
        return sign(*self.sides(k, block))

    def sides(self, k: int, block: Block) -> tuple[Any, Any]:
        """Two numbers, not negative, whose difference has the sign of σ − t, without cancellation:
        of p σ − κ Σ (σᵢ − σ)."""
        gaps = [self.ratio * self.gap(i, k) for i in block.components]
        more = sum((-gap for gap in gaps if gap < 0), block.units * self.sigmas[k])
        return more, sum((gap for gap in gaps if gap > 0), Fraction(0))

    def excess(self, block: Block) -> list[Any]:
        """σ − t of each of its components."""
        scale = block.units + block.rank * self.ratio
        gaps = [sum(self.gap(i, j) for i in block.components) for j in block.components]
        sized = zip(block.components, gaps, strict=True)
        return [(block.units * self.sigmas[j] - self.ratio * gap) / scale for j, gap in sized]

    def stands(self, block: Block) -> bool:
        """Whether 1 <= r <= p and the level is below each σ."""
        low = all(self.above(j, block) > 0 for j in block.components)
        return low and 1 <= block.rank <= block.units

    def order(self, one: Block, other: Block) -> int:
        """Sign of the difference of levels. That of as many components and units, each of a larger
        λ, is higher (lower for latents), whether or not doubles tell."""
        level = sign(self.level(one), self.level(other))
        if level or (one.rank, one.units) != (other.rank, other.units):
            return level
        groups = [[self.spectrum.group[j] for j in sorted(b.components)] for b in (one, other)]
        steps = {(h > g) - (h < g) for g, h in zip(*groups, strict=True)} - {0}
        return self.rising * steps.pop() if len(steps) == 1 else 0

    def by_level(self, blocks: Iterable[Block]) -> list[Block]:
        """Lowest first."""
        return sorted(blocks, key=cmp_to_key(self.order))

    def best(self, width: int) -> tuple[Block, ...]:
        """All units share the leading components, as many as stand: least loss."""
        most = min(width, self.spectrum.rank)
        blocks = (Block(tuple(range(r)), width) for r in range(most, 0, -1))
        return next(((block,) for block in blocks if self.stands(block)), ())

    def candidates(self, width: int) -> int:
        """How many ways there are to put components and units into blocks with r <= p, whatever
        their levels: s components make k blocks, which get the other units, in
        C(ρ, s) S(s, k) C(p − s + k, k) ways."""
        rho = self.spectrum.rank
        return sum(
            comb(rho, s) * _partitions(s, k) * comb(width - s + k, k)
            for s in range(min(width, rho) + 1)
            for k in range(s + 1)
        )

    def block_sets(self, width: int) -> Iterator[tuple[Block, ...]]:
        """Every set of disjoint blocks of different levels, of at most so many units."""
        count = self.candidates(width)
        if count > MOST:
            need = f"Need at most {MOST:,} candidates to list classes, with a smaller width"
            raise ValueError(f"{need}. Got {count:,}.")
        sizes, first, kinds = self.spectrum.multiplicities, self._firsts, list[_Kind]()
        for rank in range(1, min(width, self.spectrum.rank) + 1):
            for groups in sorted(set(combinations(self.spectrum.group, rank))):
                taken = tuple(first[g] for g in groups)
                blocks = (Block(taken, units) for units in range(rank, width + 1))
                kinds += [_Kind(groups, b, self.level(b)) for b in blocks if self.stands(b)]
        for chosen in self._subsets(kinds, sizes, width):
            yield self.canonical(kind.block for kind in chosen)

    def _subsets(
        self, kinds: Sequence[_Kind], free: Sequence[int], units: int
    ) -> Iterator[tuple[_Kind, ...]]:
        """Those that the free components and units allow; two blocks of one level would be one."""
        yield ()
        for i, kind in enumerate(kinds):
            left = [size - kind.groups.count(g) for g, size in enumerate(free)]
            spare = units - kind.block.units
            rest = [
                other
                for other in kinds[i + 1 :]
                if other.block.units <= spare
                if all(left[g] >= other.groups.count(g) for g in other.groups)
                if sign(other.level, kind.level) or self.order(other.block, kind.block)
            ]
            for more in self._subsets(rest, left, spare):
                yield (kind, *more)

    def kind(self, block: Block) -> tuple[list[int], int]:
        """The numbers of its distinct eigenvalues, and its units: what orders blocks."""
        return sorted(self.spectrum.group[j] for j in block.components), block.units

    def canonical(self, blocks: Iterable[Block]) -> tuple[Block, ...]:
        """The same class with blocks in order, and tied components in theirs."""
        kinds, sizes = sorted(map(self.kind, blocks)), self.spectrum.multiplicities
        firsts = [sum(sizes[:g]) for groups, _ in kinds for g in groups]
        numbers = iter(numbered(self.spectrum, firsts))
        return tuple(Block(tuple(next(numbers) for _ in groups), p) for groups, p in kinds)


def sign(x: Any, y: Any) -> int:
    """Of x − y for numbers that are not negative; 0 if these are doubles that agree to rounding."""
    noise = 0 if _exact(x, y) else DIGITS * max(x, y)
    return int(x - y > noise) - int(y - x > noise)


def _exact(x: Any, y: Any) -> bool:
    return isinstance(x, Fraction) and isinstance(y, Fraction)


class _Kind(NamedTuple):
    """A block with the first components of its eigenvalues, the numbers of these, its level."""

    groups: tuple[int, ...]
    block: Block
    level: Any


def _partitions(s: int, k: int) -> int:
    """Partitions of s things into k sets (Stirling)."""
    signed = sum((-1) ** (k - j) * comb(k, j) * j**s for j in range(k + 1))
    return signed // math.factorial(k)
