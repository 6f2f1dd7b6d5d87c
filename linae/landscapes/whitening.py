"""Whitened codes, E‖x − A B x‖² + γ ‖B S Bᵀ − 1‖²: a price for codes whose covariance is not 1.

It costs no reconstruction at any γ: the minima are principal components, with whitened codes. Codes
of lower rank are critical too, and strict saddles. Theorem: proofs/whitening.py
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, eye, floating, square_root, zeros
from linae.inertia import Inertia
from linae.landscapes.additive import Additive, Gains
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
from linae.landscapes.spectra import complements
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.spectrum import Spectrum


class Whitening(Additive, InPlace):
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

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of the squared loss, plus (0, 4γ ((K − 1) Ḃ S + (Ḃ S Bᵀ + B S Ḃᵀ) B S))."""
        plain, B, S = self.plain.hessian_map(*weights), weights[1], self.moments.Sxx
        BS, adjoint = B @ S, B.conj().mT  # of block matrices too
        K = BS @ adjoint

        def curved(dA: Array, dB: Array) -> tuple[Array, ...]:
            (turn_A, turn_B), VS = plain(dA, dB), dB @ S
            turn = K @ VS - VS + (VS @ adjoint + BS @ dB.conj().mT) @ BS
            return turn_A, turn_B + 4 * self.strength * turn

        return curved

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    @property
    def gains(self) -> Gains:
        """λ + γ of the components that occur."""
        occurring = self.spectrum.eigenvalues[: self.spectrum.rank]
        return Gains([x + self.strength for x in occurring], self.spectrum.multiplicities)

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

    def class_spectra(self, sets: Array) -> Array:
        values = self.spectrum.eigenvalues.astype(float)
        return whitened_spectra(values, sets, self.width, float(self.strength))

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


def whitened_spectra(values: Array, sets: Array, width: int, strength: float) -> Array:
    """Hessian eigenvalues at `whitened_weights` for many index sets of one rank, of E‖x − A B x‖²
    and a penalty that is strength · ‖K − 1‖² to second order.

    Twice those of a direct sum of blocks: of an unselected component and a unit that has one or has
    none, of a selected component, and of two of them.

    Parameters
    ----------
    values : (n,) all eigenvalues of S
    sets : (count, r) index sets

    Returns
    -------
    (count, 2 n p) ascending in rows
    """
    (count, r), spare = sets.shape, width - sets.shape[1]
    chosen, rest = values[sets], values[complements(sets, len(values))]
    first, second = np.tril_indices(r, -1)
    y, x = chosen[:, :, None], rest[:, None]
    products, sums = (f(chosen[:, first], chosen[:, second]) for f in (np.multiply, np.add))
    root = np.sqrt(1 + strength**2)
    parts = [
        *_pairs(x * y, x, x * (y - x)),
        np.repeat(-2 * rest * (strength + root), spare, axis=1),
        np.repeat(2 * rest / (strength + root), spare, axis=1),
        *_pairs(chosen * (chosen + 4 * strength), chosen, 4 * strength * chosen),
        2 * (1 + products),
        *_pairs(products + 2 * strength * sums, np.sqrt(products), 2 * strength * sums),
        np.zeros((count, 2 * spare * r + len(first))),
    ]
    flat = [part.reshape(count, -1) for part in parts]
    return np.sort(np.concatenate(flat, axis=1), axis=1) + 0.0


def _pairs(corner: Array, beside: Array, determinant: Array) -> tuple[Array, Array]:
    """Twice the eigenvalues of the matrices [[1, beside], [beside, corner]]."""
    larger = 1 + corner + np.hypot(1 - corner, 2 * beside)
    return larger, 4 * determinant / larger
