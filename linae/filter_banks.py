"""Convolutional autoencoders with stride and channels: one squared loss for each frequency.

    bank = FilterBank(S, step=6, codes=2)      # stride 3 on 2 channels, time before channels
    bank.loss                                  # of the best filters
    bank.weights()                             # such filters, as matrices of all their shifts
    alias_loss(power, stride=3, channels=1)    # the same loss, of one stationary input channel

The map A B commutes with shifts by `step` places, so that it acts on each of the K = N/step
frequencies by itself, with rank at most `codes`: PCA of the spectral matrix S_k, as in Brillinger's
principal components in the frequency domain. Frequencies k and −k share their (conjugate) filters.
Theorem: proofs/filter_banks.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from linae.critical import IndexSet
from linae.exact import Array, Gaussian, floating, rationals, real
from linae.inertia import Inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.shifts import shift_average

TURNS = tuple(Gaussian(Fraction(a), Fraction(b)) for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)))
"""Powers of i."""


@dataclass(frozen=True, eq=False)
class FilterBank:
    """E‖x − A B x‖² over all real A and B that commute with shifts by `step` places.

    Attributes
    ----------
    moment : (N, N)
        Second moment of the signals, real; stationary or not. Rationals stay exact where
        K = N/step is 1, 2 or 4.
    step : int
        Stride times number of channels; a divisor of N.
    codes : int
        Numbers that the code has for each step.

    >>> float(FilterBank(np.diag([4.0, 1.0, 2.0, 1.0]), step=2, codes=1).loss)
    2.0
    """

    moment: Array
    step: int
    codes: int

    @property
    def count(self) -> int:
        """K."""
        return len(self.moment) // self.step

    @cached_property
    def landscapes(self) -> tuple[SquaredLoss, ...]:
        """At each frequency 0 <= k <= K/2: real where k = −k, else complex, and of k and −k."""
        matrices = spectral_matrices(self.moment, self.step)
        return tuple(SquaredLoss(Moments.auto(S), self.codes) for S in matrices)

    @property
    def _copies(self) -> list[int]:
        return [1 + landscape.moments.is_complex for landscape in self.landscapes]

    @cached_property
    def best(self) -> tuple[IndexSet, ...]:
        """The leading components at each frequency."""
        return tuple(next(landscape.index_sets()) for landscape in self.landscapes)

    @property
    def loss(self) -> Any:
        """The least one: Σ over frequencies of all eigenvalues but the `codes` largest."""
        return self.class_loss(self.best)

    def class_loss(self, index_sets: Sequence[IndexSet]) -> Any:
        """The loss of the critical filters with these components at each frequency 0 … K/2."""
        parts = zip(self._copies, self.landscapes, index_sets, strict=True)
        return sum(copies * landscape.class_loss(J) for copies, landscape, J in parts)

    def class_inertia(self, index_sets: Sequence[IndexSet]) -> Inertia:
        """The sum of those of the frequencies; that of a complex one is of real dimensions."""
        parts = zip(self.landscapes, index_sets, strict=True)
        counts = [landscape.class_inertia(J) for landscape, J in parts]
        negative, zero, positive = (
            sum(getattr(c, sign) for c in counts) for sign in ("negative", "zero", "positive")
        )
        return Inertia(negative, zero, positive)

    def classes(self) -> Iterator[tuple[IndexSet, ...]]:
        """Every choice of components, frequency by frequency, in no order."""
        return product(*(list(landscape.index_sets()) for landscape in self.landscapes))

    def weights(self, index_sets: Sequence[IndexSet] | None = None) -> tuple[Array, Array]:
        """A (N, K codes) and B (K codes, N) with these components; the best ones if not given."""
        chosen = self.best if index_sets is None else index_sets
        parts = zip(self.landscapes, chosen, strict=True)
        decoders, encoders = zip(*(at.class_weights(J) for at, J in parts), strict=True)
        return block_circulant(decoders, self.count), block_circulant(encoders, self.count)


def spectral_matrices(S: Array, step: int) -> list[Array]:
    """S_k = Σ_l R_l e^(−2πikl/K) for 0 <= k <= K/2, R_l the mean of E x_{b+l} x_bᵀ over blocks b of
    `step` places; together they have the eigenvalues of the moment averaged over these shifts."""
    mean, K = shift_average(S, step), len(S) // step
    lags = [mean[block : block + step, :step] for block in range(0, len(S), step)]
    matrices = [_summed(lags, -k, K, real_part=not 2 * k % K) for k in range(K // 2 + 1)]
    return [M if M.dtype == object else (M + M.conj().T) / 2 for M in matrices]


def block_circulant(symbols: Sequence[Array], count: int) -> Array:
    """The real matrix whose blocks W_l, on the l-th diagonal, are the inverse transform of the
    symbols at 0 <= k <= K/2, K = `count`."""
    rows, columns = symbols[0].shape
    every = [*symbols, *(symbols[count - k].conj() for k in range(len(symbols), count))]
    taps = [_summed(every, lag, count, real_part=True) for lag in range(count)]
    exact = all(tap.dtype == object for tap in taps)
    taps = [tap / (Fraction(count) if exact else count) for tap in taps]
    W = np.empty((count * rows, count * columns), dtype=taps[0].dtype)
    for i in range(count):
        for j in range(count):
            W[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns] = taps[(i - j) % count]
    return W


def _summed(terms: Sequence[Array], k: int, count: int, *, real_part: bool) -> Array:
    """Σ_l terms_l e^(2πikl/K); exact if K divides 4 and the terms are."""
    exact = 4 % count == 0 and all(term.dtype == object for term in terms)
    if exact:
        turned: Any = sum(
            term * TURNS[k * lag * (4 // count) % 4] for lag, term in enumerate(terms)
        )
        return rationals(real(turned)) if real_part else turned
    roots = np.exp(2j * np.pi * k * np.arange(count) / count)
    turned = sum(floating(term) * root for term, root in zip(terms, roots, strict=True))
    return turned.real if real_part else turned


def alias_classes(n: int, stride: int) -> list[list[int]]:
    """Frequencies that sampling every `stride` places does not tell apart.

    >>> alias_classes(6, 2)
    [[0, 3], [1, 4], [2, 5]]
    """
    if stride < 1 or n % stride:
        raise ValueError(f"Need a stride that divides {n}. Got {stride}.")
    return [list(range(k, n, n // stride)) for k in range(n // stride)]


def alias_choice(power: Sequence[Any], stride: int, channels: int) -> list[int]:
    """The frequencies that the best filters pass: the strongest of each alias class.

    >>> alias_choice([9, 1, 2, 8, 2, 1], 2, 1)
    [0, 2, 4]
    """
    classes = alias_classes(len(power), stride)
    return sorted(f for each in classes for f in sorted(each, key=lambda f: -power[f])[:channels])


def alias_loss(power: Sequence[Any], stride: int, channels: int) -> Any:
    """The least loss on one stationary channel of power spectrum S(f), f = 0 … n − 1."""
    passed = alias_choice(power, stride, channels)
    return sum(x for f, x in enumerate(power) if f not in passed)
