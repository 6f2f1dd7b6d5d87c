"""Whitened codes, E‖x − A B x‖² + γ ‖B S Bᵀ − 1‖²: a price for codes whose covariance is not 1.

It costs no reconstruction at any γ: the minima are principal components, with whitened codes. Codes
of lower rank are critical too, and strict saddles. Theorem: proofs/whitening.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet, best_first, number_of_classes
from linae.exact import Array, eye, floating, square_root, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import (
    auto_only,
    components,
    dense,
    out_of_order,
    turned,
    unit_vectors,
    value_left,
)
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.parameters import Parameter, hundredth, number, positive
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.spectrum import Spectrum


class Whitening(InPlace):
    """L(A, B) = E‖x − A B x‖² + γ ‖K − 1‖², K = B S Bᵀ the covariance of codes, real
    auto-association.

    Parameters
    ----------
    strength : number
        γ > 0.

    >>> landscape = Whitening(Moments.auto([[4, 0], [0, 1]]), width=1, strength=2)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()]
    [((0,), 1.0, 0), ((1,), 4.0, 1), ((), 7.0, 2)]
    """

    degree = 4
    parameters: ClassVar = {"strength": Parameter("weight γ > 0 of the penalty", number, hundredth)}
    known = (
        "All critical points are in these classes, each a global minimum or a strict saddle, for "
        "every S and every γ (proofs/whitening.py). A unit without a component costs γ."
    )

    def __init__(self, moments: Moments, width: int, strength: Any) -> None:
        super().__init__(auto_only(moments, "whitened codes"), width)
        self.strength = positive("strength", strength, moments)
        self.plain = SquaredLoss(moments, width)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        B = weights[1]
        excess = B @ self.moments.Sxx @ B.mT - eye(self.width, B)
        return self.plain.loss(*weights) + self.strength * (excess * excess).sum(axis=(-2, -1))

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """Of the squared loss, plus (0, 4γ (K − 1) B S)."""
        slope_A, slope_B = self.plain.gradient(*weights)
        B, BS = weights[1], weights[1] @ self.moments.Sxx
        return slope_A, slope_B + 4 * self.strength * (BS @ B.conj().mT @ BS - BS)

    def hessian_vector(
        self, weights: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[Array, ...]:
        turn_A, turn_B = self.plain.hessian_vector(weights, direction)
        (_, B), (_, V), S = weights, direction, self.moments.Sxx
        BS, VS, B, V = B @ S, V @ S, B.conj().mT, V.conj().mT  # of block matrices too
        turn = VS @ B @ BS + BS @ V @ BS + BS @ B @ VS - VS
        return turn_A, turn_B + 4 * self.strength * turn

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    def index_sets(self) -> Iterator[IndexSet]:
        spectrum = self.spectrum
        gains = [x + self.strength for x in spectrum.eigenvalues]
        return best_first(gains, spectrum.multiplicities, self.width)

    @property
    def number_of_classes(self) -> int:
        return number_of_classes(self.spectrum.multiplicities, self.width)

    def class_gain(self, J: IndexSet) -> Any:
        """Σ_J (λ + γ)."""
        return sum((self.spectrum.eigenvalues[j] + self.strength for j in J), Fraction(0))

    def class_loss(self, J: IndexSet) -> Any:
        """Σ λ over the components that are not selected, and γ for each unit without one."""
        return value_left(self.spectrum, J) + self.strength * (self.width - len(J))

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """Index: pairs out of order, and pairs of a unit without a component and an unselected
        one. Nullity: ties; rotations; decoders of units without a component in R(U_J) and ker S,
        their encoders in R(U_J); all encoders in ker S. The same on the whole class."""
        spectrum, p, r = self.spectrum, self.width, len(J)
        q, silent = p - r, self.moments.n - spectrum.rank
        above, tied = out_of_order(spectrum, J)
        negative = above + q * (spectrum.rank - r)
        zero = tied + r * (r - 1) // 2 + 2 * q * r + (q + p) * silent
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = [U_J Λ_J^½, 0] Mᵀ and B = M [Λ_J^−½ U_Jᵀ; 0] with M orthogonal (the gauge); exact if
        the roots are rational."""
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        return whitened_weights(self.spectrum, J, self.width, gauge)

    def class_spectrum(self, J: IndexSet) -> Array:
        """Hessian eigenvalues at the default weights."""
        values = self.spectrum.eigenvalues.astype(float)
        return whitened_spectrum(values, J, self.width, float(self.strength))

    def place(self, *weights: Array) -> Place | None:
        """The class by `whitened_components`."""
        J = whitened_components(self.spectrum, self.moments.Sxx, weights[1])
        if J is None:
            return None
        return Place(CriticalClass(self, J), self.class_inertia(J), self.class_kind(J))

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        b, S = (float(np.linalg.norm(M)) for M in (weights[1], self.moments.Sxx))
        once = 4 * float(self.strength) * S * (1 + S * b * b)
        return slope + once * b, curvature + 3 * once

    @cached_property
    def floating(self) -> Whitening:
        return Whitening(self.moments.floating(), self.width, self.strength)


def whitened_weights(
    spectrum: Spectrum, J: IndexSet, width: int, gauge: Array | None
) -> tuple[Array, Array]:
    """A = [U_J Λ_J^½, 0] Mᵀ and B = M [Λ_J^−½ U_Jᵀ; 0]: codes of covariance 1 on the first |J|
    units, and of none on the others."""
    U, values, r = unit_vectors(spectrum, J), spectrum.eigenvalues[list(J)], len(J)
    exact = [square_root(x) for x in values] if U.dtype == object and len(values) else []
    roots = np.array(exact, dtype=object)
    if None in exact or U.dtype != object:
        U, roots = floating(U), np.sqrt(values.astype(float))
    A, B = zeros((len(U), width), U), zeros((len(U), width), U)
    A[:, :r], B[:, :r] = U * roots, U / roots
    return turned(A, gauge), turned(B, gauge).T


def whitened_components(spectrum: Spectrum, S: Array, B: Array) -> IndexSet | None:
    """J from S Bᵀ = U_J Λ_J^½ Oᵀ, by traces; None if one is not an integer."""
    exact = B.dtype == object
    return components(spectrum, (S if exact else floating(S)) @ B.T, list(spectrum.eigenvalues))


def whitened_spectrum(values: Array, J: IndexSet, width: int, strength: float) -> Array:
    """Hessian eigenvalues at `whitened_weights`, of E‖x − A B x‖² and a penalty that is
    strength · ‖K − 1‖² to second order.

    Twice those of a direct sum of blocks: of an unselected component and a unit that has one or has
    none, of a selected component, and of two of them.

    Returns
    -------
    (2 n p,) ascending
    """
    chosen, rest = values[list(J)], np.delete(values, list(J))
    r, spare = len(J), width - len(J)
    blocks = [[[1, -x], [-x, x * y]] for x in rest for y in chosen]
    blocks += [[[0, -x], [-x, -2 * strength * x]] for x in rest] * spare
    blocks += [[[1, y], [y, y * y + 4 * strength * y]] for y in chosen]
    blocks += [_two_units(x, y, strength) for x, y in combinations(chosen, 2)]
    still = np.zeros(2 * spare * r)
    parts = [np.linalg.eigvalsh(np.array(block, dtype=float)) for block in blocks]
    return np.sort(2 * np.concatenate([still, *parts])) + 0.0


def _two_units(x: float, y: float, strength: float) -> list[list[float]]:
    """Half the Hessian in what the first unit has of y and the second of x, decoders first."""
    c, g = (x * y) ** 0.5, 2 * strength
    return [
        [1, 0, c, 0],
        [0, 1, 0, c],
        [c, 0, x * y + g * y, g * c],
        [0, c, g * c, x * y + g * x],
    ]
