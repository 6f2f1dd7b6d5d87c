"""Weight decay on both factors, E‖x − A B x‖² + μ (‖A‖² + ‖B‖²).

Kunin, Bloom, Goeva and Seed 2019: every critical point has A = Bᴴ, for every semidefinite S, and
the components with λ ≤ μ are switched off. Theorem: proofs/weight_decay.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from linae.critical import CriticalClass, IndexSet, best_first
from linae.exact import Array, eye, floating, square_root, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only, components, left_out, out_of_order, unit_vectors
from linae.landscapes.base import Landscape, Move, Place, Stay
from linae.landscapes.escapes import Escape, steepest_escape
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments


class WeightDecay(Landscape):
    """L(A, B) = E‖x − A B x‖² + μ (‖A‖² + ‖B‖²) for auto-association, real or complex.

    Parameters
    ----------
    decay : number
        μ > 0.

    >>> landscape = WeightDecay(Moments.auto([[2, 0], [0, 1]]), width=1, decay=1.5)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()]
    [((0,), 2.875, 0), ((), 3.0, 1)]
    """

    degree = 4

    def __init__(self, moments: Moments, width: int, decay: Any) -> None:
        super().__init__(auto_only(moments, "weight decay", real=False), width)
        if not decay > 0:
            raise ValueError(f"Need decay > 0. Got {decay}.")
        self.decay = Fraction(decay) if moments.is_exact else decay
        self.plain = SquaredLoss(moments, width)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        penalty = sum((abs_square(w).sum(axis=(-2, -1)) for w in weights), self.decay * 0)
        return self.plain.loss(*weights) + self.decay * penalty

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """Of the squared loss, plus 2 μ times the weights."""
        slopes = zip(self.plain.gradient(*weights), weights, strict=True)
        return tuple(g + 2 * self.decay * w for g, w in slopes)

    def hessian_vector(
        self, weights: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[Array, ...]:
        turns = zip(self.plain.hessian_vector(weights, direction), direction, strict=True)
        return tuple(h + 2 * self.decay * v for h, v in turns)

    def hessian(self, *weights: Array) -> Array:
        H = self.plain.hessian(*weights)
        return H + 2 * self.decay * eye(len(H), H)

    @cached_property
    def shrinkage(self) -> list[Any]:
        """1 − μ/λ of each nonzero component; those not above 0 are switched off."""
        return [1 - self.decay / x for x in self.spectrum.eigenvalues[: self.spectrum.rank]]

    @cached_property
    def survivors(self) -> tuple[int, ...]:
        """Multiplicities of the distinct eigenvalues above μ."""
        first = np.cumsum([0, *self.spectrum.multiplicities])
        sizes = zip(self.spectrum.multiplicities, first[:-1], strict=True)
        return tuple(size for size, i in sizes if self.shrinkage[i] > 0)

    def index_sets(self) -> Iterator[IndexSet]:
        values = self.spectrum.eigenvalues[: sum(self.survivors)]
        gains = [(x - self.decay) ** 2 / x for x in values]
        return best_first(gains, self.survivors, self.width)

    def class_loss(self, J: IndexSet) -> Any:
        """tr S − Σ_J (λ − μ)²/λ."""
        values = self.spectrum.eigenvalues[list(J)]
        return self.moments.total - sum((x - self.decay) ** 2 / x for x in values)

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """As for the squared loss, with K the unselected above μ; the gauge is O(p), or U(p)."""
        r, q, twice = len(J), self.width - len(J), 1 + self.moments.is_complex
        above, tied = out_of_order(self.spectrum, J)
        rest = [self.shrinkage[k] for k in left_out(self.spectrum, J)]
        negative = twice * (above + q * sum(x > 0 for x in rest))
        turns = r * r if self.moments.is_complex else r * (r - 1) // 2
        zero = turns + twice * (tied + r * q + q * sum(x == 0 for x in rest))
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = Bᴴ = [U_J diag(1 − μ/λ)^½, 0] M with M unitary (the gauge); exact if the roots are
        rational."""
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        U, roots = unit_vectors(self.spectrum, J), [self.shrinkage[j] for j in J]
        exact = [square_root(x) for x in roots] if U.dtype == object else [None]
        if all(x is not None for x in exact):
            scale: Any = np.array(exact, dtype=object)
        else:
            U, scale = floating(U), np.sqrt(np.array(roots, dtype=float))
        A = np.concatenate([U * scale, zeros((len(U), self.width - len(J)), U)], axis=1)
        A = A if gauge is None else A @ np.asarray(gauge)
        return A, A.conj().T

    def class_spectrum(self, J: IndexSet) -> Array | None:
        """Hessian eigenvalues at the default weights, real data: blocks of size 1, 2 and 4."""
        if self.moments.is_complex:
            return None
        mu, values = float(self.decay), self.spectrum.eigenvalues.astype(float)
        chosen, rest, q = values[list(J)], np.delete(values, list(J)), self.width - len(J)
        parts = [np.repeat(mu + rest, q), np.repeat(mu - rest, q)]
        parts += [np.repeat([0.0, 2 * mu], len(J) * q), 2 * (chosen - mu), np.full(len(J), 2 * mu)]
        for i, x in enumerate(chosen):
            parts += [np.linalg.eigvalsh([[x, -z], [-z, z * (1 - mu / x) + mu]]) for z in rest]
            parts += [np.linalg.eigvalsh(_pair(x, y, mu)) for y in chosen[:i]]
        return np.sort(2 * np.concatenate(parts))

    def place(self, *weights: Array) -> Place | None:
        """The class of A = Bᴴ by traces; open where an eigenvalue and μ agree to rounding."""
        scale = 1e-12 * float(self.spectrum.eigenvalues[0])
        edges = [abs(x - self.decay) for x in self.spectrum.eigenvalues]
        if not self.spectrum.is_exact and min(edges) <= scale:
            return None
        J = components(self.spectrum, weights[0], self.shrinkage)
        if J is None:
            return None
        return Place(CriticalClass(self, J), self.class_inertia(J), self.class_kind(J))

    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        return steepest_escape(self, weights)

    def move(self, place: Place) -> Move:
        return Stay(self)

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        size = sum(float(np.linalg.norm(w)) for w in weights)
        return slope + float(self.decay) * size, curvature + 2 * float(self.decay)

    def proved_inertia(self, place: Place) -> None:
        """No enclosure of irrational points."""

    @cached_property
    def floating(self) -> WeightDecay:
        return WeightDecay(self.moments.floating(), self.width, float(self.decay))


def abs_square(w: Array) -> Array:
    """|w|², entry by entry, in the numbers of w."""
    square = w * w.conj()
    return square.real if w.dtype != object else square


def _pair(x: float, y: float, mu: float) -> Array:
    """Half the Hessian in (A_xy, A_yx, B_xy, B_yx) for two selected eigenvalues x and y."""
    a, b = 1 - mu / x, 1 - mu / y
    c = (a * b) ** 0.5
    return np.array(
        [
            [y * b + mu, 0, y * c, -mu],
            [0, x * a + mu, -mu, x * c],
            [y * c, -mu, y * a + mu, 0],
            [-mu, x * c, 0, x * b + mu],
        ]
    )
