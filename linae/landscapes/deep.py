"""Deep linear networks, E‖y − W_N ⋯ W_1 x‖² with N ≥ 2 weight matrices of any widths.

Critical values are those of two layers; new are saddles without a negative Hessian eigenvalue.
Which critical points are such is decided by ranks of pairs of blocks, after Achour, Malgouyres and
Gerchinovitz 2024. Theorems: proofs/deep.py, proofs/kawaguchi.py
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property, reduce
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet, best_first, number_of_classes
from linae.exact import Array, eye, floating, inverse, zeros
from linae.exact import rank as exact_rank
from linae.landscapes.auto import components, dense, out_of_order
from linae.landscapes.base import Landscape, Move, Place, Stay
from linae.landscapes.escapes import Escape, steepest_escape
from linae.landscapes.parameters import Parameter
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments


def _integers(word: str) -> list[int]:
    try:
        return [int(part) for part in word.split(",")]
    except ValueError:
        raise ValueError(f"Need integers with commas for --widths. Got {word!r}.") from None


def _usual(moments: Moments, width: int) -> list[int]:
    """Two hidden layers."""
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
        "All critical values are in the list (proofs/deep.py). A class has points of several "
        "kinds; kind and counts are those at the point where spare units are off."
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

    def hessian_vector(
        self, weights: Sequence[Array], direction: Sequence[Array]
    ) -> tuple[Array, ...]:
        """The gradient's product rule: R moves, and so does each other factor."""
        R = self.plain.residual(product(weights[:-1]), weights[-1])
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

    def _around(self, weights: Sequence[Array], k: int) -> tuple[Array, Array]:
        """The products of the factors before and after the k-th."""
        n, m = self.moments.n, self.moments.m
        before = product(weights[:k]) if k else eye(n, weights[0])
        return before, product(weights[k + 1 :]) if k + 1 < len(weights) else eye(m, weights[0])

    def _replaced(self, weights: Sequence[Array], direction: Sequence[Array], j: int) -> Any:
        return product([direction[j] if i == j else w for i, w in enumerate(weights)])

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    def index_sets(self) -> Iterator[IndexSet]:
        spectrum = self.spectrum
        return best_first(list(spectrum.eigenvalues), spectrum.multiplicities, self.width)

    @property
    def number_of_classes(self) -> int:
        return number_of_classes(self.spectrum.multiplicities, min(self.width, self.spectrum.rank))

    def class_gain(self, J: IndexSet) -> float | Fraction:
        return self.plain.class_gain(J)

    def class_loss(self, J: IndexSet) -> float | Fraction:
        return self.plain.class_loss(J)

    def class_kind(self, J: IndexSet) -> str:
        """At `class_weights(J)`: other points of the class may be strict where these are not."""
        return self._kind(J, self.class_weights(J))

    def class_inertia(self, J: IndexSet) -> None:
        """No closed form is known."""

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
        s, r = self.spectrum, len(J)
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
        return max(float(abs(floating(g)).max(initial=0)) for g in self.gradient(*weights))

    def place(self, *weights: Array) -> Place | None:
        """The class by the end-to-end map, the kind by the ranks of blocks at this very point."""
        moment = product(weights) @ self.moments.Syx.T
        J = components(self.spectrum, moment, [x * x for x in self.spectrum.eigenvalues])
        if J is None:
            return None
        return Place(CriticalClass(self, J), None, self._kind(J, weights))

    def _kind(self, J: IndexSet, weights: Sequence[Array]) -> str:
        above, _ = out_of_order(self.spectrum, J)
        if above:
            return "strict saddle"
        if len(J) == min(self.width, self.spectrum.rank):
            return "global minimum"
        return "non-strict saddle" if self.is_tightened(weights, len(J)) else "strict saddle"

    def is_tightened(self, weights: Sequence[Array], r: int) -> bool:
        """Whether each pair of factors has a complementary block of rank exactly r: the factors
        between them, or those around them, closed to a cycle by Sxy."""
        N, Sxy = len(weights), self.moments.Syx.T
        for a in range(N):
            for b in range(a + 1, N):
                inner = weights[a + 1 : b]
                outer = product([*weights[b + 1 :], Sxy, *weights[:a]])
                small = _rank(product(inner)) == r if inner else weights[b].shape[0] == r
                if not small and _rank(outer) != r:
                    return False
        return True

    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        return steepest_escape(self, weights)

    def move(self, place: Place) -> Move:
        return Stay(self)

    def terms(self, *weights: Array) -> tuple[float, float]:
        norms = [float(np.linalg.norm(w)) for w in weights]
        S = float(np.linalg.norm(self.moments.Sxx)) + float(np.linalg.norm(self.moments.Syx))
        top = max(1.0, *norms) ** (2 * len(norms))
        return top * S, len(norms) ** 2 * top * S

    def proved_inertia(self, place: Place) -> None:
        """No enclosure of irrational points."""

    @cached_property
    def floating(self) -> DeepLinear:
        return DeepLinear(self.moments.floating(), self.widths)

    @property
    def ground(self) -> DeepLinear:
        return self.floating


def product(factors: Sequence[Array]) -> Array:
    """W_N ⋯ W_1 of at least one factor."""
    return reduce(np.matmul, factors)


def _joined(A: Array, B: Array) -> Array:
    """A ⊕ B."""
    top = np.concatenate([A, zeros((len(A), B.shape[1]), A)], axis=1)
    return np.concatenate([top, np.concatenate([zeros((len(B), A.shape[1]), A), B], axis=1)])


def _rank(M: Array) -> int:
    """Exact, or of doubles: singular values above 1e-9 of the largest entry's scale."""
    if M.dtype == object:
        return exact_rank(M)
    values = np.linalg.svd(M, compute_uv=False)
    return int((values > 1e-9 * values.max(initial=0)).sum()) if M.size else 0
