"""Games of a critic and a generator on finite samples, in exact numbers.

The exponential of N times a mean of logarithms is a product, so that values of the game compare
without a logarithm: they are likelihoods of labels.

    Rivals              N real and N fake samples of a few letters, and the odds of a critic
    rivals(least=1)     each letter occurs at least so often in both
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array
from proofs._instances import Case


@dataclass(frozen=True, eq=False, repr=False)
class Rivals(Case):
    """How often each letter occurs, in real and in fake samples; C/(1 − C) for each letter."""

    real: tuple[int, ...]
    fake: tuple[int, ...]
    odds: tuple[Fraction, ...]

    @property
    def critic(self) -> list[Fraction]:
        """C."""
        return [w / (1 + w) for w in self.odds]

    @property
    def best(self) -> list[Fraction]:
        """p/(p + q)."""
        return [Fraction(a, a + b) for a, b in zip(self.real, self.fake, strict=True)]

    @property
    def laws(self) -> tuple[Array, Array]:
        """p and q in double precision."""
        real, fake = np.array(self.real, float), np.array(self.fake, float)
        return real / real.sum(), fake / fake.sum()


def likelihood(chances: list[Fraction], counts: tuple[int, ...]) -> Fraction:
    """exp of N times the mean of the logarithms of these chances."""
    return prod((c**k for c, k in zip(chances, counts, strict=True)), start=Fraction(1))


def opposite(chances: list[Fraction]) -> list[Fraction]:
    """1 − C."""
    return [1 - c for c in chances]


@st.composite
def rivals(draw: st.DrawFn, least: int = 0) -> Rivals:
    """Up to four letters; every one occurs."""
    letters = draw(st.integers(2, 4))
    more = st.lists(st.integers(0, letters - 1), min_size=letters, max_size=letters)
    real, fake = (draw(more) for _ in range(2))
    counts = [[least + side.count(x) for x in range(letters)] for side in (real, fake)]
    seen = [x for x in range(letters) if counts[0][x] + counts[1][x]]
    odds = [Fraction(draw(st.integers(1, 9)), draw(st.integers(1, 9))) for _ in seen]
    return Rivals(tuple(counts[0][x] for x in seen), tuple(counts[1][x] for x in seen), tuple(odds))
