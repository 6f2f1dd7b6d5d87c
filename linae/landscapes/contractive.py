"""Contractive autoencoders: a penalty on the Jacobian of the encoder.

`Contractive` (untied, as Rifai et al. 2011 would be without tied weights) is ill-posed: its only
critical point is a saddle at the origin and its infimum, the loss without the penalty, is never
attained. `TiedContractive` has all its critical points in closed form. Theorem:
proofs/contractive.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from math import comb
from typing import Any

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, eye, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only, dense, out_of_order
from linae.landscapes.base import Landscape, Move, Place, Stay
from linae.landscapes.escapes import Escape, steepest_escape
from linae.landscapes.shrinkage import Shrinkage
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.tied import TiedWeights
from linae.moments import Moments


class Contractive(Landscape):
    """L(A, B) = E‖x − A B x‖² + γ ‖B‖², real auto-association.

    Parameters
    ----------
    strength : number
        γ > 0.

    The critical points are B = 0 with the columns of A in ker S; the list has the origin.

    >>> landscape = Contractive(Moments.auto([[2, 0], [0, 1]]), width=1, strength=1)
    >>> [(float(c.loss), c.inertia) for c in landscape.critical_classes()]
    [(3.0, Inertia(2, 0, 2))]
    """

    degree = 4

    def __init__(self, moments: Moments, width: int, strength: Any) -> None:
        super().__init__(auto_only(moments, "a contractive penalty"), width)
        self.strength = _positive(strength, moments)
        self.plain = SquaredLoss(moments, width)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        B = weights[1]
        return self.plain.loss(*weights) + self.strength * (B * B).sum(axis=(-2, -1))

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        slope_A, slope_B = self.plain.gradient(*weights)
        return slope_A, slope_B + 2 * self.strength * weights[1]

    def hessian_vector(
        self, weights: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[Array, ...]:
        turn_A, turn_B = self.plain.hessian_vector(weights, direction)
        return turn_A, turn_B + 2 * self.strength * direction[1]

    def hessian(self, *weights: Array) -> Array:
        H = self.plain.hessian(*weights)
        n = weights[0].size
        penalty = zeros(H.shape, H)
        penalty[n:, n:] = 2 * self.strength * eye(len(H) - n, H)
        return H + penalty

    def index_sets(self) -> Iterator[IndexSet]:
        """One class: no component can be selected."""
        return iter([()])

    def class_loss(self, J: IndexSet) -> Any:
        return self.moments.total

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.spectrum.rank else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """For each λ and unit the block 2 [[0, −λ], [−λ, γ]] at the origin; columns of A in ker S
        change no sign."""
        p, rho, n = self.width, self.spectrum.rank, self.moments.n
        return Inertia(p * rho, p * (n - rho), p * n)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        if blocks or J:
            raise TypeError(f"Need no components and no blocks. Got {J or ', '.join(blocks)}.")
        S = self.moments.Sxx
        return tuple(zeros(shape, S) for shape in self.shapes)

    def class_spectrum(self, J: IndexSet) -> Array:
        """γ ± √(γ² + 4 λ²), each p times."""
        g, values = float(self.strength), self.spectrum.eigenvalues.astype(float)
        root = np.sqrt(g * g + 4 * values**2)
        return np.sort(np.repeat([g + root, -4 * values**2 / (g + root)], self.width)) + 0.0

    def place(self, *weights: Array) -> Place | None:
        return Place(CriticalClass(self, ()), self.class_inertia(()), self.class_kind(()))

    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        return steepest_escape(self, weights)

    def move(self, place: Place) -> Move:
        return Stay(self)

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        g = float(self.strength)
        return slope + g * float(np.linalg.norm(weights[1])), curvature + 2 * g

    def proved_inertia(self, place: Place) -> None:
        """No enclosure of irrational points."""

    @cached_property
    def floating(self) -> Contractive:
        return Contractive(self.moments.floating(), self.width, float(self.strength))


class TiedContractive(Landscape):
    """L(A) = E‖x − A Aᵀ x‖² + γ ‖A‖², real auto-association: encoder Aᵀ, decoder A (n, p).

    Components with λ ≤ γ/2 are switched off; there are no spurious minima.

    >>> landscape = TiedContractive(Moments.auto([[2, 0], [0, 1]]), width=1, strength=3)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()]
    [((0,), 2.875, 0), ((), 3.0, 1)]
    """

    degree = 4

    def __init__(self, moments: Moments, width: int, strength: Any) -> None:
        super().__init__(auto_only(moments, "a contractive penalty"), width)
        self.strength = _positive(strength, moments)
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

    def hessian_vector(
        self, weights: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[Array, ...]:
        (turn,) = self.plain.hessian_vector(weights, direction)
        return (turn + 2 * self.strength * direction[0],)

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    def index_sets(self) -> Iterator[IndexSet]:
        return self.shrinkage.index_sets(self.width)

    def class_loss(self, J: IndexSet) -> Any:
        """tr S − Σ_J (2λ − γ)²/4λ."""
        return self.moments.total - sum(self.shrinkage.gain(j) for j in J)

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
        """A = [U_J diag(1 − γ/2λ)^½, 0] M with M orthogonal (the gauge)."""
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        A = self.shrinkage.decoder(J, self.width)
        return (A if gauge is None else A @ np.asarray(gauge),)

    def class_spectrum(self, J: IndexSet) -> None:
        """No closed form is kept."""

    def place(self, *weights: Array) -> Place | None:
        J = self.shrinkage.index_set(weights[0])
        if J is None:
            return None
        return Place(CriticalClass(self, J), self.class_inertia(J), self.class_kind(J))

    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        return steepest_escape(self, weights)

    def move(self, place: Place) -> Move:
        return Stay(self)

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        g = float(self.strength)
        return slope + g * float(np.linalg.norm(weights[0])), curvature + 2 * g

    def proved_inertia(self, place: Place) -> None:
        """No enclosure of irrational points."""

    @cached_property
    def floating(self) -> TiedContractive:
        return TiedContractive(self.moments.floating(), self.width, float(self.strength))


def _positive(strength: Any, moments: Moments) -> Any:
    if not strength > 0:
        raise ValueError(f"Need strength > 0. Got {strength}.")
    return Fraction(strength) if moments.is_exact else strength
