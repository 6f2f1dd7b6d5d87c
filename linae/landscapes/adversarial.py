"""The linear adversarial autoencoder, E‖x − A B x‖² + γ KL(N(0, B S Bᵀ) ‖ N(0, 1)).

The critic compares codes with a standard normal prior and is always at its best: what it tells is
a divergence. For Gaussian data it costs no reconstruction at any γ: all critical points are
principal components with whitened codes. Makhzani, Shlens, Jaitly, Goodfellow and Frey 2015.
Theorem: proofs/adversarial.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property
from itertools import takewhile
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet, best_first, number_of_classes
from linae.exact import Array, floating, inverse
from linae.inertia import Inertia
from linae.landscapes.additive import index_rows
from linae.landscapes.auto import auto_only, dense, out_of_order, value_left
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.parameters import Parameter, hundredth, number, positive
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.whitening import (
    whitened_components,
    whitened_spectra,
    whitened_weights,
)
from linae.moments import Moments


class Adversarial(InPlace):
    """L(A, B) = E‖x − A B x‖² + γ/2 (tr K − p − log det K), real auto-association.

    K = B S Bᵀ is the covariance of the codes. Where it is singular the loss is infinite: everywhere
    if p > ρ, and then there is no class.

    Parameters
    ----------
    strength : number
        γ > 0.

    >>> landscape = Adversarial(Moments.auto([[4, 0], [0, 1]]), width=1, strength=2)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()]
    [((0,), 1.0, 0), ((1,), 4.0, 1)]
    """

    degree = None
    parameters: ClassVar = {
        "strength": Parameter("weight γ > 0 of the divergence", number, hundredth)
    }
    known = (
        "All critical points are in these classes, each a global minimum or a strict saddle, for "
        "every γ (proofs/adversarial.py). All units are used: with more units than components that "
        "occur the loss is infinite, and there is none."
    )

    def __init__(self, moments: Moments, width: int, strength: Any) -> None:
        super().__init__(auto_only(moments, "an adversarial autoencoder"), width)
        self.strength = positive("strength", strength, moments)
        self.plain = SquaredLoss(moments, width)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        """In double precision, for its logarithm; infinite where K is singular."""
        A, B = (floating(np.asarray(w)) for w in weights)
        K = B @ floating(self.moments.Sxx) @ B.mT
        signs, logarithms = np.linalg.slogdet(K)
        excess = np.trace(K, axis1=-2, axis2=-1) - self.width - logarithms
        value = self.floating.plain.loss(A, B) + float(self.strength) / 2 * excess
        inside = (signs > 0) & (self.width <= self.spectrum.rank)
        return np.where(inside, value, math.inf)[()]

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """Of the squared loss, plus (0, γ (1 − K⁻¹) B S)."""
        slope_A, slope_B = self.plain.gradient(*weights)
        BS, precision = weights[1] @ self.moments.Sxx, self._precision(weights[1])
        return slope_A, slope_B + self.strength * (BS - precision @ BS)

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of the squared loss, plus (0, γ (Ḃ S − K⁻¹ (Ḃ S − (Ḃ S Bᵀ + B S Ḃᵀ) K⁻¹ B S)))."""
        plain, B, S = self.plain.hessian_map(*weights), weights[1], self.moments.Sxx
        BS, precision = B @ S, self._precision(B)
        scaled = precision @ BS

        def curved(dA: Array, dB: Array) -> tuple[Array, ...]:
            (turn_A, turn_B), VS = plain(dA, dB), dB @ S
            change = VS @ B.mT + BS @ dB.mT
            turn = VS - precision @ (VS - change @ scaled)
            return turn_A, turn_B + self.strength * turn

        return curved

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    def _precision(self, B: Array) -> Array:
        """K⁻¹."""
        return inverse(B @ self.moments.Sxx @ B.mT)

    def index_sets(self) -> Iterator[IndexSet]:
        """Of p components each: with a bonus for each component that no others make up for, they
        come before all smaller ones."""
        spectrum, p = self.spectrum, self.width
        values = [Fraction(x) for x in spectrum.eigenvalues[: spectrum.rank]]
        ordered = best_first([x + sum(values) for x in values], spectrum.multiplicities, p)
        return takewhile(lambda J: len(J) == p, ordered)

    @property
    def number_of_classes(self) -> int:
        sizes = self.spectrum.multiplicities
        return number_of_classes(sizes, self.width) - number_of_classes(sizes, self.width - 1)

    def class_gain(self, J: IndexSet) -> Any:
        """tr S less the loss; that of zero weights is infinite."""
        return self.moments.total - self.class_loss(J)

    def class_loss(self, J: IndexSet) -> Any:
        """Σ λ over the components that are not selected."""
        return value_left(self.spectrum, J)

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """Index: pairs out of order. Nullity: ties, rotations, encoders in ker S."""
        p, silent = self.width, self.moments.n - self.spectrum.rank
        above, tied = out_of_order(self.spectrum, J)
        zero = tied + p * (p - 1) // 2 + p * silent
        return Inertia(above, zero, self.size - above - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = U_J Λ_J^½ Mᵀ and B = M Λ_J^−½ U_Jᵀ with M orthogonal (the gauge); exact if the roots
        are rational."""
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        return whitened_weights(self.spectrum, J, self.width, gauge)

    def class_spectrum(self, J: IndexSet) -> Array:
        """Hessian eigenvalues at the default weights: to second order the divergence is
        ‖K − 1‖²/4."""
        values = self.spectrum.eigenvalues.astype(float)
        return whitened_spectra(values, index_rows([J]), self.width, float(self.strength) / 4)[0]

    def place(self, *weights: Array) -> Place | None:
        """The class by `whitened_components`."""
        J = whitened_components(self.spectrum, self.moments.Sxx, weights[1])
        if J is None or len(J) < self.width:
            return None
        return Place(CriticalClass(self, J), self.class_inertia(J), self.class_kind(J))

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        B, S = floating(weights[1]), floating(self.moments.Sxx)
        b, energy = float(np.linalg.norm(B)), float(np.linalg.norm(S, 2))
        precision = float(np.linalg.norm(np.linalg.inv(B @ S @ B.T), 2))
        once = float(self.strength) * energy * (1 + precision)
        return slope + once * b, curvature + once * (1 + 2 * precision * energy * b * b)

    @cached_property
    def floating(self) -> Adversarial:
        return Adversarial(self.moments.floating(), self.width, self.strength)
