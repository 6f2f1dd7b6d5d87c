"""The contractive autoencoder with tied weights, E‖x − A Aᵀ x‖² + γ ‖A‖², after Rifai et al. 2011.

Components with λ ≤ γ/2 are switched off, the others shrink; every critical point is known, and
there are no spurious minima. Theorem: proofs/tied_contractive.py
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from math import comb
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array
from linae.inertia import Inertia
from linae.landscapes.additive import Additive, Gains
from linae.landscapes.auto import auto_only, dense, out_of_order, turned
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.parameters import Parameter, hundredth, number, positive
from linae.landscapes.shrinkage import Shrinkage
from linae.landscapes.spectra import complements
from linae.landscapes.tied import TiedWeights
from linae.moments import Moments


class TiedContractive(Additive, InPlace):
    """L(A) = E‖x − A Aᵀ x‖² + γ ‖A‖², real auto-association: encoder Aᵀ, decoder A (n, p).

    Components with λ ≤ γ/2 are switched off; there are no spurious minima.

    >>> landscape = TiedContractive(Moments.auto([[2, 0], [0, 1]]), width=1, strength=3)
    >>> [(c.index_set, round(float(c.loss), 3), c.index) for c in landscape.critical_classes()]
    [((0,), 2.875, 0), ((), 3.0, 1)]
    """

    degree = 4
    places_doubles = True
    parameters: ClassVar = {"strength": Parameter("weight γ > 0 of the penalty", number, hundredth)}
    known = (
        "All critical points are in these classes, each a global minimum or a strict saddle "
        "(proofs/tied_contractive.py). Components with λ <= γ/2 are switched off."
    )

    def __init__(self, moments: Moments, width: int, strength: Any) -> None:
        super().__init__(auto_only(moments, "a contractive penalty"), width)
        self.strength = positive("strength", strength, moments)
        self.plain = TiedWeights(moments, width)

    @cached_property
    def shrinkage(self) -> Shrinkage:
        return Shrinkage(self.spectrum, self.strength / 2)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        (A,) = weights
        return self.plain.loss(A) + self.strength * (A * A).sum(axis=(-2, -1))

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        (slope,) = self.plain.gradient(*weights)
        return (slope + 2 * self.strength * weights[0],)

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of tied weights, plus 2 γ times the direction."""
        tied = self.plain.hessian_map(*weights)
        return lambda V: (tied(V)[0] + 2 * self.strength * V,)

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    @property
    def gains(self) -> Gains:
        """(2λ − γ)²/4λ of the components above γ/2."""
        return Gains(*self.shrinkage.gains)

    def class_gain(self, J: IndexSet) -> Any:
        """Σ_J (2λ − γ)²/4λ."""
        return sum((self.shrinkage.gain(j) for j in J), Fraction(0))

    def class_loss(self, J: IndexSet) -> Any:
        return self.shrinkage.loss(J)

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """As for tied weights, with the unselected above γ/2 for K; the gauge is O(p)."""
        r, q = len(J), self.width - len(J)
        above, tied = out_of_order(self.spectrum, J)
        alive, edge = self.shrinkage.counts(J)
        negative, zero = above + q * alive, tied + q * edge + r * q + comb(r, 2)
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = [U_J diag(1 − γ/2λ)^½, 0] Mᵀ with M orthogonal (the gauge)."""
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        return (turned(self.shrinkage.decoder(J, self.width), gauge),)

    def class_spectra(self, sets: Array) -> Array:
        values, gamma = self.spectrum.eigenvalues.astype(float), float(self.strength)
        (count, r), q = sets.shape, self.width - sets.shape[1]
        chosen, rest = values[sets], values[complements(sets, len(values))]
        squares, gaps = 1 - gamma / (2 * chosen), chosen[:, :, None] - rest[:, None]
        first, second = np.tril_indices(r, -1)
        sums, shares = (x[:, first] + x[:, second] for x in (chosen, squares))
        parts = [
            2 * sums * shares,
            4 * (2 * chosen - gamma),
            2 * (gaps * (2 - squares)[:, :, None]).reshape(count, -1),
            np.repeat(2 * (gamma - 2 * rest), q, axis=1),
            np.zeros((count, comb(r, 2) + r * q)),
        ]
        return np.sort(np.concatenate(parts, axis=1), axis=1) + 0.0

    def place(self, *weights: Array) -> Place | None:
        J = self.shrinkage.index_set(weights[0])
        if J is None:
            return None
        return Place(CriticalClass(self, J), self.class_inertia(J), self.class_kind(J))

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        g = float(self.strength)
        return slope + g * float(np.linalg.norm(weights[0])), curvature + 2 * g

    @cached_property
    def floating(self) -> TiedContractive:
        return TiedContractive(self.moments.floating(), self.width, self.strength)
