"""The contractive autoencoder, E‖x − A B x‖² + γ ‖B‖²: a penalty on the Jacobian of the encoder.

Untied, as the penalty of Rifai et al. 2011 would be without their tied weights, it is ill-posed:
the only critical point is a saddle at the origin, and the infimum, the loss without the penalty,
is never attained. Theorem: proofs/contractive.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, eye, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.parameters import Parameter, hundredth, number, positive
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments


class Contractive(InPlace):
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
    parameters: ClassVar = {"strength": Parameter("weight γ > 0 of the penalty", number, hundredth)}
    known = (
        "The only critical points have B = 0 (proofs/contractive.py). If S ≠ 0 none is a minimum: "
        "the infimum is the least loss without the penalty, and is not attained."
    )

    def __init__(self, moments: Moments, width: int, strength: Any) -> None:
        super().__init__(auto_only(moments, "a contractive penalty"), width)
        self.strength = positive("strength", strength, moments)
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

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of the squared loss, plus (0, 2 γ Ḃ)."""
        plain = self.plain.hessian_map(*weights)

        def curved(dA: Array, dB: Array) -> tuple[Array, ...]:
            turn_A, turn_B = plain(dA, dB)
            return turn_A, turn_B + 2 * self.strength * dB

        return curved

    def hessian(self, *weights: Array) -> Array:
        H = self.plain.hessian(*weights)
        n = weights[0].size
        penalty = zeros(H.shape, H)
        penalty[n:, n:] = 2 * self.strength * eye(len(H) - n, H)
        return H + penalty

    def index_sets(self) -> Iterator[IndexSet]:
        """One class: no component can be selected."""
        return iter([()])

    @property
    def number_of_classes(self) -> int:
        return 1

    def class_gain(self, J: IndexSet) -> Any:
        return Fraction(0)

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

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        g = float(self.strength)
        return slope + g * float(np.linalg.norm(weights[1])), curvature + 2 * g

    @cached_property
    def floating(self) -> Contractive:
        return Contractive(self.moments.floating(), self.width, self.strength)
