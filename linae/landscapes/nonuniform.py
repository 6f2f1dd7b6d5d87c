"""Nonuniform weight decay, E‖x − A B x‖² + Σ μ_h (‖a_h‖² + ‖b_h‖²): one μ_h for each hidden unit.

Bao, Lucas, Sachdeva and Grosse 2020: each hidden unit learns one principal component, exactly and
in order, up to its sign. Theorem: proofs/nonuniform.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, floating, square_root, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only, components, turned, unit_vectors, value_left
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.parameters import Parameter, hundredth, numbers, positive
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.units import best_injections, disorder, number_of_injections, numbered
from linae.landscapes.weight_decay import decayed_spectrum
from linae.moments import LARGEST, Moments


def _usual(moments: Moments, width: int) -> list[Any]:
    """h E‖x‖²/100 for unit h"""
    return [h * hundredth(moments, width) for h in range(1, width + 1)]


def _double(decay: Any) -> Any:
    """In which decays must differ; symbols as they are."""
    return decay if hasattr(decay, "free_symbols") else float(min(decay, 2 * LARGEST))


class NonuniformDecay(InPlace):
    """L(A, B) = E‖x − A B x‖² + Σ μ_h (‖a_h‖² + ‖b_h‖²), real auto-association, distinct μ_h.

    Here a_h is column h of A and b_h row h of B. A class gives each unit a component with λ > μ_h,
    or switches it off: a_h = b_hᵀ = ± (1 − μ_h/λ)^½ u, or 0. These are isolated points, one for
    every choice of signs; if eigenvalues tie, u is any unit vector of the eigenspace, orthogonal to
    those of other units.

    Parameters
    ----------
    decays : sequence of p numbers
        μ_h > 0 of each hidden unit. Equal ones are refused: their units could be rotated into each
        other, as all units can in `WeightDecay`.

    >>> landscape = NonuniformDecay(Moments.auto([[4, 0], [0, 2]]), width=2, decays=[1, 3])
    >>> [(c.index_set, round(float(c.loss), 3), c.index) for c in landscape.critical_classes()][:3]
    [((0, -1), 3.75, 0), ((1, 0), 5.25, 1), ((1, -1), 5.5, 2)]
    """

    degree = 4
    units_differ = True
    places_doubles = True
    parameters: ClassVar = {
        "decays": Parameter("distinct weight decays μ > 0, one of each unit", numbers, _usual)
    }
    known = (
        "All critical points are in these classes, and isolated up to ties, each a global minimum "
        "or a strict saddle (proofs/nonuniform.py). A class names the component of each unit."
    )

    def __init__(self, moments: Moments, width: int, decays: Sequence[Any]) -> None:
        super().__init__(auto_only(moments, "nonuniform decay"), width)
        given = ", ".join(map(str, decays))
        if len(decays) != self.width or len(set(map(_double, decays))) < self.width:
            raise ValueError(f"Need {self.width} distinct decays. Got {given}.")
        checked = [positive("decay", x, moments) for x in decays]
        self.decays = np.array(checked, dtype=moments.Sxx.dtype)
        self.plain = SquaredLoss(moments, width)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        A, B = weights
        squares = (A * A).sum(axis=-2) + (B * B).sum(axis=-1)
        return self.plain.loss(A, B) + (self.decays * squares).sum(axis=-1)

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        return self._plus_decay(self.plain.gradient(*weights), weights)

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of the squared loss, plus 2 (Ȧ D, D Ḃ) with D = diag(μ)."""
        plain = self.plain.hessian_map(*weights)
        return lambda *direction: self._plus_decay(plain(*direction), direction)

    def _plus_decay(self, given: Sequence[Array], of: Sequence[Array]) -> tuple[Array, ...]:
        """The pair (X, Y) plus 2 (A D, D B) with D = diag(μ)."""
        (X, Y), (A, B) = given, of
        return X + 2 * A * self.decays, Y + 2 * self.decays[:, None] * B

    def hessian(self, *weights: Array) -> Array:
        n = self.moments.n
        diagonal = np.concatenate([np.repeat(self.decays, n), np.tile(self.decays, n)])
        return self.plain.hessian(*weights) + 2 * np.diag(diagonal)

    @cached_property
    def order(self) -> list[int]:
        """Hidden units, least decay first."""
        return sorted(range(self.width), key=lambda h: self.decays[h])

    def _square(self, h: int, j: int) -> Any:
        """1 − μ_h/λ, the square of the column of unit h if it has component j."""
        return 1 - self.decays[h] / self.spectrum.eigenvalues[j]

    def _gain(self, h: int, j: int) -> Any:
        """(λ − μ_h)²/λ; 0 if λ <= μ_h."""
        square = self._square(h, j)
        return self.spectrum.eigenvalues[j] * square**2 if square > 0 else 0

    def index_sets(self) -> Iterator[IndexSet]:
        sizes = self.spectrum.multiplicities
        first = [sum(sizes[:g]) for g in range(len(sizes))]
        gains = [[self._gain(h, j) for j in first] for h in self.order]
        place = np.argsort(self.order)
        return (tuple(taken[i] for i in place) for taken in best_injections(gains, sizes))

    @property
    def number_of_classes(self) -> int:
        values, sizes = self.spectrum.eigenvalues, self.spectrum.multiplicities
        first = [sum(sizes[:g]) for g in range(len(sizes))]
        return number_of_injections([sum(values[j] > self.decays) for j in first], sizes)

    def class_gain(self, J: IndexSet) -> Any:
        """Σ (λ − μ_h)²/λ over the units that are on."""
        return sum((self._gain(h, j) for h, j in enumerate(J) if j >= 0), Fraction(0))

    def class_loss(self, J: IndexSet) -> Any:
        """Summed as what is left: λ of unselected components, and μ_h (2 − μ_h/λ) of units."""
        values, on = self.spectrum.eigenvalues, [(h, j) for h, j in enumerate(J) if j >= 0]
        kept = (self.decays[h] * (2 - self.decays[h] / values[j]) for h, j in on)
        return value_left(self.spectrum, tuple(j for _, j in on)) + sum(kept, Fraction(0))

    def class_kind(self, J: IndexSet) -> str:
        """Index 0 only if the larger of two eigenvalues has the smaller decay, and none is left."""
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """Index: pairs out of order, and pairs of an unselected λ and an idle μ_h with λ > μ_h.
        Nullity: pairs that tie."""
        left = [x for i, x in enumerate(self.spectrum.eigenvalues) if i not in J]
        idle = [x for x, j in zip(self.decays, J, strict=True) if j < 0]
        above, tied = disorder(self.spectrum, [J[h] for h in self.order])
        negative = above + sum(x > mu for x in left for mu in idle)
        zero = tied + sum(x == mu for x in left for mu in idle)
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = Bᵀ with the columns (1 − μ_h/λ)^½ u, or 0, times signs; exact if the roots are
        rational.

        Parameters
        ----------
        gauge : (p, p), optional
            A diagonal matrix of signs.
        """
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        on = [h for h, j in enumerate(J) if j >= 0]
        U, squares = (
            unit_vectors(self.spectrum, [J[h] for h in on]),
            [self._square(h, J[h]) for h in on],
        )
        scale: Any = [square_root(x) if U.dtype == object else None for x in squares]
        if any(x is None for x in scale):
            U, scale = floating(U), np.sqrt(np.array(squares, dtype=float))
        A = zeros((len(U), self.width), U)
        A[:, on] = U * np.array(scale, dtype=U.dtype)
        A = turned(A, gauge, diagonal=True)
        return A, A.T

    def class_spectrum(self, J: IndexSet) -> Array:
        return decayed_spectrum(self.spectrum.eigenvalues, J, self.decays)

    def place(self, *weights: Array) -> Place | None:
        """The component of each unit by traces; open where some λ and μ_h agree to rounding."""
        values = self.spectrum.eigenvalues
        edge = min(abs(x - mu) for x in values for mu in self.decays)
        if values.dtype != object and edge <= 1e-12 * float(values[0]):
            return None
        parts = [self._component(h, weights[0][:, [h]]) for h in self.order]
        found = numbered(self.spectrum, [j for j in parts if j is not None])
        if len(found) < self.width:
            return None
        J = tuple(found[i] for i in np.argsort(self.order))
        return Place(CriticalClass(self, J), self.class_inertia(J), self.class_kind(J))

    def _component(self, h: int, column: Array) -> int | None:
        """The first component of the eigenspace that the column is in; −1 if it is 0."""
        squares = [self._square(h, j) for j in range(self.spectrum.rank)]
        found = components(self.spectrum, column, squares)
        return None if found is None or len(found) > 1 else (*found, -1)[0]

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        size, decay = sum(float(np.linalg.norm(w)) for w in weights), float(max(self.decays))
        return slope + decay * size, curvature + 2 * decay

    @cached_property
    def floating(self) -> NonuniformDecay:
        return NonuniformDecay(self.moments.floating(), self.width, list(self.decays))
