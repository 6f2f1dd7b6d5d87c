"""The nested loss, Σ_i E‖x − A_i B_i x‖²: of the first i columns of A and the first i rows of B.

Oftadeh, Shen, Wang and Shell 2020: at the minimum each hidden unit has one principal component,
the first the largest, up to its scale. Theorem: proofs/nested.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only, components, dense, rescaled, value_left
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.units import best_injections, disorder, number_of_injections, numbered
from linae.moments import Moments


class NestedLoss(InPlace):
    """L(A, B) = Σ_i E‖x − A_i B_i x‖², i = 1 … p, real auto-association.

    A class gives each unit h a component, a_h = c u and b_h = u/c, or none, a_h = b_h = 0. The
    class is more than that: a unit that is off may have a_h = 0 and b_h any combination of the
    components of units before it, or the other way round, and parts that never meet the data. That
    these are all critical points is not proved.

    >>> landscape = NestedLoss(Moments.auto([[4, 0], [0, 1]]), width=2)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()][:3]
    [((0, 1), 1.0, 0), ((0, -1), 2.0, 1), ((1, 0), 4.0, 1)]
    """

    degree = 4
    units_differ = True
    known = (
        "These are critical points, with their inertia (proofs/nested.py); that there are no "
        "others but those of the same classes is open: root searches found none. A class names the "
        "component of each unit."
    )

    def __init__(self, moments: Moments, width: int) -> None:
        super().__init__(auto_only(moments, "a nested loss"), width)
        self.plain = SquaredLoss(moments, width)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        A, B = weights
        first = range(1, self.width + 1)
        return sum(self.plain.loss(A[..., :i], B[..., :i, :]) for i in first)

    @cached_property
    def shared(self) -> Array:
        """Ω (p, p): in how many of the p losses units g and h both are, p − max(g, h)."""
        units = np.arange(self.width)
        counts = self.width - np.maximum.outer(units, units)
        return counts.astype(self.moments.Sxx.dtype)

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """2 (A (Ω∘BSBᵀ) − S BᵀT) and 2 ((Ω∘AᵀA) B − T Aᵀ) S, T the diagonal of Ω."""
        A, B = weights
        S, shared, T = self.moments.Sxx, self.shared, np.diag(self.shared)
        code = B @ S
        slope = A @ (shared * (code @ B.mT)) - code.mT * T
        return 2 * slope, 2 * ((shared * (A.mT @ A)) @ B - T[:, None] * A.mT) @ S

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """By the product rule on the gradient; what stands still is computed once."""
        (A, B), S = weights, self.moments.Sxx
        shared, T, code = self.shared, np.diag(self.shared), B @ S
        coded, decoded = shared * (code @ B.mT), shared * (A.mT @ A)

        def curved(dA: Array, dB: Array) -> tuple[Array, ...]:
            turn = dB @ S
            energy, gram = turn @ B.mT + code @ dB.mT, dA.mT @ A + A.mT @ dA
            first = dA @ coded + A @ (shared * energy) - turn.mT * T
            second = decoded @ dB + (shared * gram) @ B - T[:, None] * dA.mT
            return 2 * first, 2 * second @ S

        return curved

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    def index_sets(self) -> Iterator[IndexSet]:
        sizes = self.spectrum.multiplicities
        values = [self.spectrum.eigenvalues[sum(sizes[:g])] for g in range(len(sizes))]
        gains = [[(self.width - h) * x for x in values] for h in range(self.width)]
        return best_injections(gains, sizes)

    @property
    def number_of_classes(self) -> int:
        sizes = self.spectrum.multiplicities
        return number_of_injections([self.width] * len(sizes), sizes)

    def class_gain(self, J: IndexSet) -> Any:
        """Σ (p − h) λ over the units h = 0, 1, … that are on."""
        values, p = self.spectrum.eigenvalues, self.width
        return sum(((p - h) * values[j] for h, j in enumerate(J) if j >= 0), Fraction(0))

    def class_loss(self, J: IndexSet) -> Any:
        """Σ_i (tr S − Σ λ of the first i units), summed as what is left out."""
        return sum(value_left(self.spectrum, J[:i]) for i in range(1, self.width + 1))

    def class_kind(self, J: IndexSet) -> str:
        """Index 0 only if the leading components are there in order, and before idle units."""
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(
        self, J: IndexSet, decoding: Sequence[int] = (), encoding: Sequence[int] = ()
    ) -> Inertia:
        """Inertia where of the units that are off these ones have a_h ≠ 0, or b_h S ≠ 0.

        Index: pairs out of order, and pairs of an unselected λ ≠ 0 and an idle unit. Nullity: pairs
        that tie, a scale of each unit that is on, and two directions for each idle one and one that
        is on before it; directions of ker S. A unit that is moved has lost some.
        """
        on = [h for h, j in enumerate(J) if j >= 0]
        above, tied = disorder(self.spectrum, J)
        rho, unseen = self.spectrum.rank, self.moments.n - self.spectrum.rank
        zero = tied + len(on) * (1 + unseen)
        for h in {*range(self.width)} - {*on}:
            zero += (1 if h in (*decoding, *encoding) else 2) * sum(g < h for g in on)
            zero += (1 if h in encoding else 2) * unseen
        negative = above + (rho - len(on)) * (self.width - len(on))
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """a_h = u and b_h = uᵀ/‖u‖², or 0; exact if the eigenvectors are.

        Parameters
        ----------
        gauge : (p, p), optional
            M, diagonal and invertible: (A M⁻¹, M B).
        """
        if blocks:
            raise TypeError(f"Need no blocks. Got {', '.join(blocks)}.")
        U, rows = self.spectrum.vectors, self.spectrum.rows
        on = [h for h, j in enumerate(J) if j >= 0]
        chosen = [J[h] for h in on]
        A, B = zeros(self.shapes[0], U), zeros(self.shapes[1], U)
        A[:, on], B[on] = U[:, chosen], rows[chosen]
        return (A, B) if gauge is None else rescaled(A, B, np.asarray(gauge))

    def class_spectrum(self, J: IndexSet) -> None:
        """No closed form is kept."""

    def place(self, *weights: Array) -> Place | None:
        """The component of each unit by the products a_h b_h; which idle units are moved."""
        A, B = weights
        code = B @ self.moments.Sxx
        squares = [x * x for x in self.spectrum.eigenvalues[: self.spectrum.rank]]
        products = [A[:, [h]] @ code[[h]] for h in range(self.width)]
        found = [components(self.spectrum, product, squares) for product in products]
        taken = [(*J, -1)[0] for J in found if J is not None and len(J) <= 1]
        if len(taken) < self.width:
            return None
        idle = [h for h, j in enumerate(taken) if j < 0]
        scale = squares[0] ** 0.5 if squares and code.dtype != object else 1
        still = [{h: _vanishes(side[h]) for h in idle} for side in (A.T, code / scale)]
        if any(None in side.values() for side in still):
            return None
        decoding, encoding = ([h for h in idle if not side[h]] for side in still)
        J = numbered(self.spectrum, taken)
        inertia = self.class_inertia(J, decoding, encoding)
        return Place(CriticalClass(self, J), inertia, self.class_kind(J))

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        return self.width * slope, self.width * curvature

    @cached_property
    def floating(self) -> NestedLoss:
        return NestedLoss(self.moments.floating(), self.width)


def _vanishes(x: Array) -> bool | None:
    """Whether x is 0; None if rounding leaves it open."""
    if x.dtype == object:
        return not x.any()
    size = np.abs(x).max()
    return None if 1e-12 < size < 1e-3 else bool(size <= 1e-12)
