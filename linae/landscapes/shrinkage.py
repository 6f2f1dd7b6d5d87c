"""Soft thresholding of the spectrum: components with λ ≤ t are off, the others shrink to 1 − t/λ.

What the critical points of weight decay (t = μ) and of the tied contractive autoencoder (t = γ/2)
have in common: A = U_J diag(1 − t/λ)^½ Oᵀ, of value tr S − Σ_J (λ − t)²/λ.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from linae.critical import IndexSet
from linae.exact import Array, floating, square_root, zeros
from linae.landscapes.auto import components, left_out, unit_vectors, value_left
from linae.spectrum import Spectrum


@dataclass(frozen=True, eq=False)
class Shrinkage:
    """The thresholded spectrum at t > 0."""

    spectrum: Spectrum
    threshold: Any

    @cached_property
    def factors(self) -> list[Any]:
        """1 − t/λ of each nonzero component; those not above 0 are switched off."""
        return [1 - self.threshold / x for x in self.spectrum.eigenvalues[: self.spectrum.rank]]

    @cached_property
    def multiplicities(self) -> tuple[int, ...]:
        """Of the distinct eigenvalues above t."""
        first = np.cumsum([0, *self.spectrum.multiplicities])
        sizes = zip(self.spectrum.multiplicities, first[:-1], strict=True)
        return tuple(size for size, i in sizes if self.factors[i] > 0)

    @cached_property
    def gains(self) -> tuple[list[Any], tuple[int, ...]]:
        """Of surviving components, and the sizes of the groups that tie."""
        alive = sum(self.multiplicities)
        return [self.gain(j) for j in range(alive)], self.multiplicities

    def gain(self, j: int) -> Any:
        """(λ − t)²/λ, what selecting component j takes off the loss."""
        value = self.spectrum.eigenvalues[j]
        return (value - self.threshold) ** 2 / value

    def loss(self, J: IndexSet) -> Any:
        """The critical value, summed as what is left, which loses no digits: λ of unselected
        components, and t (2 − t/λ) of selected ones."""
        kept = (self.threshold * (2 - self.threshold / self.spectrum.eigenvalues[j]) for j in J)
        return value_left(self.spectrum, J) + sum(kept, Fraction(0))

    def counts(self, J: IndexSet) -> tuple[int, int]:
        """Numbers of unselected components above t and at t."""
        rest = [self.factors[k] for k in left_out(self.spectrum, J)]
        return sum(x > 0 for x in rest), sum(x == 0 for x in rest)

    def decoder(self, J: IndexSet, width: int) -> Array:
        """[U_J diag(1 − t/λ)^½, 0] (n, width): exact if the roots are rational."""
        U, squares = unit_vectors(self.spectrum, J), [self.factors[j] for j in J]
        exact = [square_root(x) for x in squares] if U.dtype == object else [None]
        if all(x is not None for x in exact):
            scale: Any = np.array(exact, dtype=object)
        else:
            U, scale = floating(U), np.sqrt(np.array(squares, dtype=float))
        return np.concatenate([U * scale, zeros((len(U), width - len(J)), U)], axis=1)

    def index_set(self, decoder: Array) -> IndexSet | None:
        """J of a critical decoder; None if it is none, or an eigenvalue and t agree to rounding."""
        values = self.spectrum.eigenvalues
        edge = min(abs(x - self.threshold) for x in values)
        if not self.spectrum.is_exact and edge <= 1e-12 * float(values[0]):
            return None
        return components(self.spectrum, decoder, self.factors)
