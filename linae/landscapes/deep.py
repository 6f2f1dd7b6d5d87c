"""Deep linear networks, E‖y − W_N ⋯ W_1 x‖² with N ≥ 2 weight matrices of any widths.

Critical values are those of two layers; new are saddles without a negative Hessian eigenvalue.
Which critical points are such is decided by ranks of pairs of blocks, after Achour, Malgouyres and
Gerchinovitz 2024. Theorems: proofs/deep.py, proofs/deep_generator.py, proofs/deep_escape.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property, reduce
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, eye, floating, inverse, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import dense, out_of_order
from linae.landscapes.base import Landscape, Move, Place, Stay
from linae.landscapes.escapes import Escape, squared_escape, steepest_escape
from linae.landscapes.normal_form import NormalForm, normal_form
from linae.landscapes.parameters import Parameter
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.tightened import spare_curvature, tightness
from linae.moments import Moments
from linae.verdict import Verdict


def _integers(word: str) -> list[int]:
    try:
        return [int(part) for part in word.replace(",", " ").split()]
    except ValueError:
        raise ValueError(f"Need integers with commas. Got {word!r}.") from None


def _usual(moments: Moments, width: int) -> list[int]:
    """P,P: two hidden layers"""
    return [width, width]


class DeepLinear(Landscape):
    """L(W_N, …, W_1) = E‖y − W_N ⋯ W_1 x‖², real data.

    Weights: (W_N, …, W_1), from the output; W_i has shape (d_i, d_{i−1}).

    Parameters
    ----------
    widths : sequence of int
        Of the N − 1 >= 1 hidden layers, from the output.

    >>> landscape = DeepLinear(Moments.auto([[4, 0], [0, 1]]), widths=[2, 2])
    >>> [(c.index_set, float(c.loss), c.kind) for c in landscape.critical_classes()][-1]
    ((), 5.0, 'non-strict saddle')
    """

    parameters: ClassVar = {
        "widths": Parameter("widths of the hidden layers, from the output", _integers, _usual)
    }
    known = (
        "All critical values are in the list, and every local minimum is global "
        "(proofs/deep_generator.py, proofs/deep_minima.py). A class has points of several kinds: "
        "kind and counts are those where spare units are off (proofs/deep.py)."
    )

    def __init__(self, moments: Moments, widths: Sequence[int]) -> None:
        if moments.is_complex:
            raise ValueError("Need real moments for a deep network. Got complex ones.")
        if not len(widths):
            raise ValueError("Need the width of one hidden layer at least. Got none.")
        super().__init__(moments, min(widths))
        self.widths = tuple(int(w) for w in widths)
        self.degree = 2 * (len(widths) + 1)
        self.plain = SquaredLoss(moments, self.width)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        sizes = [self.moments.n, *self.widths, self.moments.m]
        return tuple(pairwise(sizes))

    def loss(self, *weights: Array) -> Any:
        return self.plain.loss(product(weights[:-1]), weights[-1])

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """2 (W_N ⋯ W_{i+1})ᵀ R (W_{i−1} ⋯ W_1)ᵀ with R = W Sxx − Syx."""
        R = self.plain.residual(product(weights[:-1]), weights[-1])
        return tuple(
            2 * left.mT @ R @ right.mT
            for left, right in (self._around(weights, k) for k in range(len(weights)))
        )

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """The gradient's product rule: R moves, and so does each other factor."""
        R = self.plain.residual(product(weights[:-1]), weights[-1])

        def curved(*direction: Array) -> tuple[Array, ...]:
            change = sum(self._replaced(weights, direction, j) for j in range(len(weights)))
            E = change @ self.moments.Sxx
            turned = []
            for k in range(len(weights)):
                left, right = self._around(weights, k)
                total = left.mT @ E @ right.mT
                for j in range(len(weights)):
                    if j != k:
                        mixed = [direction[j] if i == j else w for i, w in enumerate(weights)]
                        left, right = self._around(mixed, k)
                        total = total + left.mT @ R @ right.mT
                turned.append(2 * total)
            return tuple(turned)

        return curved

    def _around(self, weights: Sequence[Array], k: int) -> tuple[Array, Array]:
        """The products of the factors before and after the k-th."""
        n, m = self.moments.n, self.moments.m
        before = product(weights[:k]) if k else eye(n, weights[0])
        return before, product(weights[k + 1 :]) if k + 1 < len(weights) else eye(m, weights[0])

    def _replaced(self, weights: Sequence[Array], direction: Sequence[Array], j: int) -> Any:
        return product([direction[j] if i == j else w for i, w in enumerate(weights)])

    def hessian(self, *weights: Array) -> Array:
        H = dense(self, weights)
        return H if H.dtype == object else (H + H.T) / 2

    def index_sets(self) -> Iterator[IndexSet]:
        return self.plain.index_sets()

    @property
    def number_of_classes(self) -> int:
        return self.plain.number_of_classes

    def class_gain(self, J: IndexSet) -> float | Fraction:
        return self.plain.class_gain(J)

    def class_loss(self, J: IndexSet) -> float | Fraction:
        return self.plain.class_loss(J)

    def class_kind(self, J: IndexSet) -> str:
        """At `class_weights(J)`: other points of the class may be strict where these are not."""
        if out_of_order(self.plain.spectrum, J)[0]:
            return "strict saddle"
        if len(J) == min(self.width, self.plain.spectrum.rank):
            return "global minimum"
        return "strict saddle" if len(self.widths) == 1 else "non-strict saddle"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """At `class_weights(J)`, where all spare units are off: for N >= 3 they are flat there."""
        return self.plain.class_inertia(J) if len(self.widths) == 1 else self._inertia(J, 0)

    def _inertia(self, J: IndexSet, curved: int) -> Inertia:
        """At a tightened point: with g and e the numbers of pairs in K × J with λ_k > λ_j and
        λ_k = λ_j, and r (n + d) − r² directions that move the map of rank r."""
        r, (above, tied) = len(J), out_of_order(self.plain.spectrum, J)
        moving = r * (self.moments.n + self.plain.spectrum.input_rank - r)
        positive = moving - above - tied + curved
        return Inertia(above, self.size - above - positive, positive)

    def class_spectrum(self, J: IndexSet) -> None:
        """No closed form is known."""

    def class_weights(self, J: IndexSet, gauge: Any = None, **blocks: Any) -> tuple[Array, ...]:
        """W_N = [U_J, V Z_N] D⁻¹, W_i = D diag(I_r, Z_i) D⁻¹, W_1 = D [rows_J; Z_1 V′].

        Parameters
        ----------
        gauge : sequence of N − 1 invertible matrices, optional
            The D of each hidden layer, from the output.
        spare : sequence of N arrays, optional
            Z_N, …, Z_1, on the n − r remaining eigenvectors V, the hidden units past r, and the
            rows V′ (unselected rows, then free rows); they must make the gradient zero.
        """
        unknown = blocks.keys() - {"spare"}
        if unknown:
            raise TypeError(f"Need spare. Got {', '.join(unknown)}.")
        s, r = self.plain.spectrum, len(J)
        other = [i for i in range(self.moments.n) if i not in J]
        seen = [i for i in other if i < s.rank]
        rows = np.concatenate([s.rows[seen], s.free_rows], axis=0)
        sizes = [len(other), *(w - r for w in self.widths), len(rows)]
        shapes = list(pairwise(sizes))
        Z = blocks.get("spare", [zeros(shape, s.vectors) for shape in shapes])
        if [np.shape(z) for z in Z] != shapes:
            raise ValueError(f"Need spare of shapes {shapes}. Got {[np.shape(z) for z in Z]}.")
        first = np.concatenate([s.vectors[:, list(J)], s.vectors[:, other] @ Z[0]], axis=1)
        last = np.concatenate([s.rows[list(J)], Z[-1] @ rows], axis=0)
        weights = [first, *(_joined(eye(r, first), z) for z in Z[1:-1]), last]
        for k, D in enumerate([] if gauge is None else gauge):
            weights[k], weights[k + 1] = weights[k] @ inverse(D), D @ weights[k + 1]
        if "spare" in blocks and self._slope(weights) > 1e-9:
            raise ValueError("Need spare blocks of a critical point. Got a gradient.")
        return tuple(weights)

    def _slope(self, weights: Sequence[Array]) -> float:
        """Largest entry of the gradient, for doubles relative to the terms that cancel in it."""
        slope = max(float(abs(floating(g)).max(initial=0)) for g in self.gradient(*weights))
        exact = all(w.dtype == object for w in weights)
        return slope if exact else slope / (self.terms(*map(floating, weights))[0] or 1)

    def place(self, *weights: Array) -> Place | None:
        """The class by the end-to-end map; by ranks of blocks the kind at this very point, and, if
        all pairs of factors are tightened, the inertia there."""
        if len(weights) == 2:
            place = self.plain.place(*weights)
            return place and place._replace(critical=CriticalClass(self, place[0].index_set))
        normal = self._normal_form(weights)
        if normal is None:
            return None
        J, kind, inertia = normal.index_set, self.class_kind(normal.index_set), None
        pairs = list(self.tightness(weights, len(J)).values())
        if Verdict.REFUTED in pairs and kind == "non-strict saddle":
            kind = "strict saddle"
        elif Verdict.UNDECIDED in pairs and kind == "non-strict saddle":
            return None
        if all(pair is Verdict.CERTIFIED for pair in pairs):
            d = self.plain.spectrum.input_rank
            curved = spare_curvature(weights, self.moments.Sxx, len(J), d)
            inertia = None if curved is None else self._inertia(J, curved)
        return Place(CriticalClass(self, J), inertia, kind, normal)

    def _normal_form(self, weights: Sequence[Array]) -> NormalForm | None:
        """Of P, W in two layers of width n: W the end-to-end map, P the projection on its range."""
        s, W = self.plain.spectrum, product(weights)
        U = s.vectors[:, : s.rank]
        scale = (U * U).sum(axis=0) * s.eigenvalues[: s.rank]
        P = W @ self.moments.Syx.T @ (U / scale) @ U.T
        return normal_form(self.plain, P, W)

    def tightness(self, weights: Sequence[Array], r: int) -> Mapping[tuple[int, int], Verdict]:
        """Of a critical point of rank r, whether W_i, W_j are tightened, for each pair i > j. One
        that is not gives a direction of negative curvature."""
        return tightness(weights, self.moments.Syx.T, r, self.plain.spectrum.rank)

    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        """A swap in the outer factors if J is not leading; else numerical, but for two factors."""
        if len(weights) == 2:
            return squared_escape(self.plain, place.normal, *weights)
        J = place.critical.index_set
        if not out_of_order(self.plain.spectrum, J)[0]:
            return steepest_escape(self, weights)
        plain = SquaredLoss(self.moments, len(J))
        path = squared_escape(plain, place.normal, weights[0], weights[-1])
        rest = [zeros(w.shape, w) for w in weights[1:-1]]
        turned, still = ((ends[0], *rest, ends[1]) for ends in (path.direction, path.still or ()))
        return replace(path, start=tuple(weights), direction=turned, still=still)

    def move(self, place: Place) -> Move:
        return self.plain.move(place) if len(self.widths) == 1 else Still(self)

    def terms(self, *weights: Array) -> tuple[float, float]:
        """By norms of the factors; in the Hessian none counts as less than what explains targets
        as large, but small factors have a gradient that is smaller still."""
        inputs, target = (float(np.linalg.norm(M)) for M in (self.moments.Sxx, self.moments.Syx))
        sizes = sorted(float(np.linalg.norm(w)) for w in weights)
        slope = 2 * (math.prod(sizes) * inputs + target) * math.prod(sizes[1:])
        unit = (target / inputs) ** (1 / len(weights)) if target else 1.0
        norms = [max(size, unit) for size in sizes]
        whole, least = math.prod(norms), min(norms)
        residual = whole * inputs + target
        return slope, 2 * (len(norms) * least**-1) ** 2 * residual * whole

    def proved_inertia(self, place: Place) -> Inertia | None:
        """Of two layers; no enclosure of irrational points of more."""
        return self.plain.proved_inertia(place) if len(self.widths) == 1 else None

    @cached_property
    def floating(self) -> DeepLinear:
        return DeepLinear(self.moments.floating(), self.widths)

    @property
    def ground(self) -> DeepLinear:
        return self.floating


class Still(Stay):
    """Nothing moves, and products of factors are rounded."""

    def rounding(self, *weights: Array) -> float:
        landscape = self.landscape
        eps = float(np.finfo(float).eps)
        return eps * len(weights) * landscape.size * landscape.terms(*weights)[1]


def product(factors: Sequence[Array]) -> Array:
    """W_N ⋯ W_1 of at least one factor."""
    return reduce(np.matmul, factors)


def _joined(A: Array, B: Array) -> Array:
    """A ⊕ B."""
    top = np.concatenate([A, zeros((len(A), B.shape[1]), A)], axis=1)
    return np.concatenate([top, np.concatenate([zeros((len(B), A.shape[1]), A), B], axis=1)])
