"""Dropout of hidden units, mean over masks D of E‖x − A D B x‖².

Each unit is dropped with probability q, and those that are left are divided by 1 − q. In the mean
this is E‖x − A B x‖² + κ Σ ‖a_h‖² E(b_h x)² with κ = q/(1 − q): units are made equally large.
Mianjy, Arora and Vidal 2018; Cavazza et al. 2018. Theorem: proofs/dropout.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, floating, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only, dense, left_out, out_of_order, rescaled, unit_vectors
from linae.landscapes.base import Place
from linae.landscapes.blocks import Sharing, blocks_of, index_set
from linae.landscapes.equalised import found_blocks, frame, parts
from linae.landscapes.in_place import InPlace
from linae.landscapes.parameters import Parameter, number, positive
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments


class Dropout(InPlace):
    """L(A, B) = E‖x − A B x‖² + κ Σ ‖a_h‖² b_h S b_hᵀ, κ = q/(1 − q), real auto-association.

    A class puts units and components into blocks. The units of a block share its components, with
    equal ‖a_h‖² b_h S b_hᵀ; any other unit is off. So (0, 1, -2) is three units that share two
    components, and (0, -2, -3, 2, -1) is two units that share the first, one unit that has the
    third, and one that is off.

    Parameters
    ----------
    rate : number
        q, the probability that a hidden unit is dropped, 0 < q < 1.

    >>> landscape = Dropout(Moments.auto([[4, 0], [0, 1]]), width=1, rate=0.5)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()]
    [((0,), 3.0, 0), ((1,), 4.5, 1), ((-1,), 5.0, 2)]
    """

    degree = 4
    parameters: ClassVar = {
        "rate": Parameter(
            "probability 0 < q < 1 that a hidden unit is dropped", number, lambda *_: Fraction(1, 5)
        )
    }
    known = (
        "All critical points are in these classes, each a global minimum or a strict saddle, for "
        "every S (proofs/dropout.py). The units of a block (· is one unit more, | the next block) "
        "share its components in equal parts."
    )

    def __init__(self, moments: Moments, width: int, rate: Any) -> None:
        super().__init__(auto_only(moments, "dropout"), width)
        if not 0 < rate < 1:
            raise ValueError(f"Need 0 < rate < 1. Got {rate}.")
        self.rate = positive("rate", rate, moments)
        odds = Fraction(rate) / (1 - Fraction(rate))  # of the given rate: 1 − q may be tiny
        self.ratio = positive("rate", odds, moments)
        self.plain = SquaredLoss(moments, width)

    @cached_property
    def sharing(self) -> Sharing:
        return Sharing(self.spectrum, self.ratio)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        A, B = weights
        energies = ((B @ self.moments.Sxx) * B).sum(axis=-1)
        variance = ((A * A).sum(axis=-2) * energies).sum(axis=-1)
        return self.plain.loss(A, B) + self.ratio * variance

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """Of the squared loss, plus 2 κ (a_h b_h S b_hᵀ, ‖a_h‖² b_h S)."""
        A, B = weights
        code = B @ self.moments.Sxx
        energies, squares = _rows(code * B), _columns(A * A)
        slope_A, slope_B = self.plain.gradient(A, B)
        twice = 2 * self.ratio
        return slope_A + twice * A * energies, slope_B + twice * squares * code

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of the squared loss, plus the product rule on the penalty."""
        (A, B), S, twice = weights, self.moments.Sxx, 2 * self.ratio
        plain, code = self.plain.hessian_map(A, B), B @ S
        energies, squares = _rows(code * B), _columns(A * A)

        def curved(dA: Array, dB: Array) -> tuple[Array, ...]:
            turn_A, turn_B = plain(dA, dB)
            more, longer = 2 * _rows(code * dB), 2 * _columns(A * dA)
            turn_A = turn_A + twice * (dA * energies + A * more)
            return turn_A, turn_B + twice * (squares * (dB @ S) + longer * code)

        return curved

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    def index_sets(self) -> Iterator[IndexSet]:
        """The best one at once; the others when they are asked for, all together."""
        best = index_set(self.sharing.best(self.width), self.width)
        yield best
        others = [J for J in self._classes() if best != J]
        yield from sorted(others, key=lambda J: (self.class_loss(J), -self.class_gain(J), J))

    def _classes(self) -> Iterator[IndexSet]:
        """In no order."""
        return (index_set(blocks, self.width) for blocks in self.sharing.block_sets(self.width))

    @property
    def number_of_classes(self) -> int:
        """By listing them."""
        return sum(1 for _ in self._classes())

    def class_gain(self, J: IndexSet) -> Any:
        """Σ (σ − t) σ, t the level of the block."""
        sigmas, gain = self.sharing.sigmas, Fraction(0)
        for block in blocks_of(J):
            pairs = zip(block.components, self.sharing.excess(block), strict=True)
            gain += sum(excess * sigmas[j] for j, excess in pairs)
        return gain * self.spectrum.eigenvalues[0]

    def class_loss(self, J: IndexSet) -> Any:
        """Σ t σ over the components of blocks, and λ of the others."""
        sigmas, shared = self.sharing.sigmas, Fraction(0)
        for block in blocks_of(J):
            shared += self.sharing.level(block) * sum(sigmas[j] for j in block.components)
        values = self.spectrum.eigenvalues
        return shared * values[0] + sum(values[left_out(self.spectrum, J)], Fraction(0))

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet, orthogonal: Sequence[int] | None = None) -> Inertia:
        """Inertia where the frame of each block falls into so many orthogonal parts; those of
        `class_weights` if not given.

        Index: pairs of a component in a block and a larger one, which is unselected or in a block
        of higher level; of a unit that is off and any component; of a spare unit and an unselected
        σ above its level, or a component of a higher block. Nullity: ties, a scale of each unit
        that is on, frames of the same squares, and directions of ker S.
        """
        blocks, spectrum, sharing = blocks_of(J), self.spectrum, self.sharing
        counts = [parts(sharing, b) for b in blocks] if orthogonal is None else orthogonal
        on, unseen = sum(b.units for b in blocks), self.moments.n - spectrum.rank
        off, rest = self.width - on, left_out(spectrum, J)
        above, tied = out_of_order(spectrum, tuple(j for b in blocks for j in b.components))
        negative = above + off * spectrum.rank
        zero = tied + on + (self.width + off) * unseen
        for b, count in zip(blocks, counts, strict=True):
            signs = [sharing.above(k, b) for k in rest]
            negative += b.spare * signs.count(1)
            zero += b.spare * signs.count(0)
            zero += b.rank * b.units - b.rank * (b.rank + 1) // 2 - b.units + count
        for low, high in combinations(sharing.by_level(blocks), 2):
            steps = [spectrum.group[i] - spectrum.group[j] for i in low[0] for j in high[0]]
            negative += sum(step > 0 for step in steps) + low.spare * high.rank
            zero += steps.count(0)
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = [U F, 0] M⁻¹ and B = M [Fᵀ diag(t/κσ) Uᵀ; 0], with the directions F of an equalised
        frame of each block; exact if each is along one component, and all σ/σ₁ are rational.

        Parameters
        ----------
        gauge : (p, p), optional
            M, diagonal and invertible.
        """
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        shared = blocks_of(J)
        frames = [frame(self.sharing, b) for b in shared]
        U = self.spectrum.vectors
        if not (self.sharing.is_exact and all(F.dtype == object for F in frames)):
            U = floating(unit_vectors(self.spectrum, range(self.moments.n)))
        A, B = zeros(self.shapes[0], U), zeros(self.shapes[1], U)
        start = 0
        for b, F in zip(shared, frames, strict=True):
            chosen, units = list(b.components), slice(start, start + b.units)
            sizes = self.sharing.level(b) / self.ratio / np.array(self.sharing.sigmas)[chosen]
            rows = U[:, chosen] / (U[:, chosen] ** 2).sum(axis=0) * sizes
            A[:, units], B[units] = U[:, chosen] @ F, (rows @ F).T
            start += b.units
        return (A, B) if gauge is None else rescaled(A, B, np.asarray(gauge))

    def class_spectrum(self, J: IndexSet) -> None:
        """No closed form is kept."""

    def place(self, *weights: Array) -> Place | None:
        """Blocks from the products of sizes of the units, components by traces; open where doubles
        do not tell different σ, two levels, or the level of a block and a σ that it depends on."""
        A, B = weights
        found = found_blocks(self.sharing, A, B, self.moments.Sxx)
        if found is None or not all(map(self.sharing.stands, found)):
            return None
        J = index_set(list(found), self.width)
        if self.sharing.is_open(list(found), left_out(self.spectrum, J)):
            return None
        inertia = self.class_inertia(J, list(found.values()))
        return Place(CriticalClass(self, J), inertia, self.class_kind(J))

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        a, b = (float(np.linalg.norm(w)) for w in weights)
        energy = 2 * float(self.ratio) * float(np.linalg.norm(self.moments.Sxx, 2))
        return slope + energy * a * b * max(a, b), curvature + 3 * energy * (a + b) ** 2

    @cached_property
    def floating(self) -> Dropout:
        moments = self.moments.floating()
        return self if moments is self.moments else Dropout(moments, self.width, self.rate)


def _rows(M: Array) -> Array:
    """Sums of the rows of M (p, n), one for each column of A."""
    return M.sum(axis=-1)[..., None, :]


def _columns(M: Array) -> Array:
    """Sums of the columns of M (n, p), one for each row of B."""
    return M.sum(axis=-2)[..., :, None]
