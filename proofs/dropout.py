"""Dropout makes hidden units share principal components in equal parts, and has no spurious minima.

The loss is the mean of E‖x − A D B x‖² over masks D, whose p entries are independent, 0 with
probability q and else 1/(1 − q); let κ = q/(1 − q), σ = √λ and G = S^½. At its critical points some
units are off, S a_h = 0 and b_h S = 0, and the others make up disjoint blocks. A block has r
components J and p_b >= r units, and the level t = κ Σ_J σ/(p_b + r κ), below each of its σ. Its
units have a_h b_h G = w_h w_hᵀ with |w_h|² = t/κ and Σ w_h w_hᵀ = U_J (Λ_J^½ − t) U_Jᵀ; there are
always such w. Different blocks have different levels. The loss is Σ_b t Σ_J σ + Σ_K λ, K the
unselected components with λ ≠ 0. With ρ = rank S and s units on,

    negative   (p − s) ρ + g + Σ_b (p_b − r) (g_b + h_b)
    zero       s + (2 p − s) (n − ρ) + e + Σ_b ((p_b − r) e_b + r p_b − r (r + 1)/2 − p_b + o)

and the others are positive. Here g and e are the numbers of pairs of a component j of a block and
a k, in K or in a block of higher level, with σ_k > σ_j and with σ_k = σ_j; g_b and e_b those of K
with σ > t and σ = t, h_b that of components of blocks of higher level, and o the number of mutually
orthogonal parts into which the w_h of the block fall.

Why there are no others: a_h and v_h = G b_hᵀ are singular vectors of C = G − A B G, of the singular
value t = κ |a_h| |v_h|. Let T take the right ones to the left ones, T v_h/|v_h| = a_h/|a_h|. Then
C = T |C| and G = T P, P = |C| + Σ v_h v_hᵀ |a_h|/|v_h| ⪰ 0: a polar decomposition. As G ⪰ 0, T is
a projection, a_h and v_h are parallel, and P = G leaves each singular space of C invariant.

Hypotheses: real auto-association, Y = X; 0 < q < 1. S may be singular or have ties; any width.

Equality: of all three counts. Index 0 is the least loss: one block of all units, J the r leading
components, r <= p as large as the level allows. Every other critical point is a strict saddle. The
loss is at least ‖G − V‖² + κ/p ‖V‖²_* with V = A B G and the nuclear norm ‖V‖_*, with equality
where all units are in one block.

References: of the minimum Mianjy, Arora and Vidal 2018, ICML, and Cavazza, Morerio, Haeffele, Lane,
Murino and Vidal 2018, AISTATS (wording not confirmed); of the other critical points none is known.

Post: none by itself; dropout of hidden units shrinks σ, where weight decay shrinks λ
(`weight_decay`), and fixes the units only up to frames of equal squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, islice, product
from math import lcm, prod
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals, square_root
from linae.inertia import inertia
from linae.landscapes.blocks import blocks_of
from linae.landscapes.dropout import Dropout
from proofs._auto import Auto, Start, frames, listed_root, squares, starts
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Dropped(Case):
    """Weights, and which units are in which block; the others are off.

    Attributes
    ----------
    blocks : tuple of pairs of components and units
    """

    at: Auto
    rate: Fraction
    blocks: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    A: Array
    B: Array

    @property
    def ratio(self) -> Fraction:
        """κ."""
        return self.rate / (1 - self.rate)

    @cached_property
    def masks(self) -> list[tuple[Fraction, Array]]:
        """Each with its probability."""
        keep = 1 - self.rate
        return [
            (prod(keep if on else self.rate for on in mask), rationals(mask) / keep)
            for mask in product((0, 1), repeat=self.at.width)
        ]

    @cached_property
    def means(self) -> list[tuple[Array, int]]:
        """E d and E d dᵀ of the diagonal d of a mask, S Tᵀ and S; in integers."""
        first = sum(chance * d for chance, d in self.masks)
        second = sum(chance * np.outer(d, d) for chance, d in self.masks)
        return [_integers(M) for M in (first, second, self.at.S @ self.at.target.T, self.at.S)]

    @cached_property
    def total(self) -> Any:
        """E‖T x‖²."""
        return ((self.at.target @ self.at.S) * self.at.target).sum()

    def loss(self, A: Array, B: Array) -> Any:
        """The mean over masks of E‖T x‖² − 2 tr(A D B S Tᵀ) + tr(A D B S Bᵀ D Aᵀ), in which D is
        linear and quadratic."""
        (first, f), (second, s), (target, t), (S, c) = self.means
        (A, a), (B, b) = _integers(A), _integers(B)
        linear = (first * ((B @ target) * A.T).sum(axis=1)).sum()
        quadratic = (second * (A.T @ A) * (B @ S @ B.T)).sum()
        value = self.total - Fraction(2 * linear, f * t * a * b)
        return value + Fraction(quadratic, s * c * (a * b) ** 2)

    def mean_error(self, A: Array, B: Array) -> Any:
        """The definition, mask by mask."""
        return sum(chance * self.at.error(A * d @ B) for chance, d in self.masks)


def _integers(M: Array) -> tuple[Array, int]:
    """d M and the least d that makes it integer: some times faster than fractions."""
    d = lcm(*(x.denominator for x in M.flat))
    scaled = [x.numerator * (d // x.denominator) for x in M.flat]
    return np.array(scaled, dtype=object).reshape(M.shape), d


def _frame(*columns: Sequence[int]) -> Array:
    """Directions of w, as columns, for which Σ w wᵀ/|w|² is diagonal."""
    return rationals(np.array(columns, dtype=int).T)


FRAMES = [
    _frame([1]),
    _frame([1], [1]),
    _frame([1], [1], [1]),
    _frame([1, 0], [0, 1]),
    _frame([2, 1], [2, -1]),
    _frame([3, 1], [3, -1]),
    _frame([1, 0], [1, 0], [0, 1]),
    _frame([2, 1], [2, -1], [0, 1]),
    _frame([1, 1], [1, -1], [1, 0]),
    _frame([2, 1, 0], [2, -1, 0], [0, 0, 1]),
]


def _extent(choice: Sequence[Array]) -> tuple[int, int]:
    """Numbers of components and of units."""
    return sum(len(F) for F in choice), sum(F.shape[1] for F in choice)


def _spare(choice: Sequence[Array]) -> bool:
    return any(F.shape[0] < F.shape[1] for F in choice)


SMALL = [
    (choice, more, idle)
    for count in range(3)
    for choice in combinations_with_replacement(FRAMES, count)
    for more, idle in product(range(3), repeat=2)
    if 1 <= (_extent(choice)[0] + more) * (_extent(choice)[1] + idle) <= 6
    for _ in range(5 if _spare(choice) and (more or count > 1) else 1)
]
"""Frames, numbers of unselected components and of idle units; those where all meet more often."""
LARGE = [(choice, 0, 0) for choice in [*product(FRAMES[:1], FRAMES[3:6]), FRAMES[-1:]]]
"""Of 18 weights: costly."""
RATIOS = [Fraction(1), Fraction(1, 2), Fraction(2), Fraction(1, 4)]
LEVELS = [Fraction(1), Fraction(2), Fraction(3, 2)]


@st.composite
def hypotheses(draw: st.DrawFn) -> Dropped | Start:
    """Blocks by frames with D = Σ w wᵀ/|w|² diagonal, and levels t: then σ = t (1 + D/κ). Other
    components tie with a σ or a level, or do not. One in eight is the start of a root search."""
    ratio = draw(st.sampled_from(RATIOS))
    chosen, more, idle = draw(st.sampled_from(LARGE if draw(st.integers(0, 15)) == 7 else SMALL))
    levels, sigmas = draw(_levels(chosen, ratio))
    shared = [(x, b, i) for b, block in enumerate(sigmas) for i, x in enumerate(block)]
    borders = [x for x, _, _ in shared] + levels
    other = [Fraction(0), Fraction(1, 3), Fraction(9), *borders, *borders]
    rest = [(draw(st.sampled_from(other)), -1, k) for k in range(more)]
    order = sorted(shared + rest, reverse=True)
    width = _extent(chosen)[1] + idle
    at = Auto(draw(frames(len(order))), tuple(sigma**2 for sigma, _, _ in order), width)
    if draw(st.integers(0, 7)) == 7:
        return draw(starts(Dropout(at.moments, width, ratio / (1 + ratio))))
    places = {(b, i): j for j, (_, b, i) in enumerate(order)}
    sets = [tuple(places[b, i] for i in range(len(F))) for b, F in enumerate(chosen)]
    return draw(_points(at, ratio, list(zip(sets, chosen, levels, strict=True))))


@st.composite
def _levels(
    draw: st.DrawFn, chosen: Sequence[Array], ratio: Fraction
) -> tuple[list[Fraction], list[Array]]:
    """Different t, and σ; some of two blocks tie."""
    levels: list[Fraction] = []
    factors = [1 + np.diag((F / (F * F).sum(axis=0)) @ F.T) / ratio for F in chosen]
    for x in factors:
        ties = [t * factors[0][0] / x[0] for t in levels[:1]]
        levels.append(
            draw(st.sampled_from([t for t in (*LEVELS, *ties, *ties) if t not in levels]))
        )
    return levels, [x * t for x, t in zip(factors, levels, strict=True)]


@st.composite
def _points(
    draw: st.DrawFn,
    at: Auto,
    ratio: Fraction,
    blocks: list[tuple[tuple[int, ...], Array, Fraction]],
) -> Dropped:
    """a_h = g w and b_h G = w/g, in any order of units, and parts in ker S."""
    N = at.U[:, at.rank :]
    A = rationals(N @ draw(matrices(N.shape[1], at.width)))
    B = rationals(draw(matrices(at.width, N.shape[1])) @ N.T)
    units, named = iter(draw(st.permutations(range(at.width)))), []
    for J, F, level in blocks:
        U, sigmas = at.U[:, list(J)], np.array([_root(at.values[j]) for j in J], dtype=object)
        mine = tuple(islice(units, F.shape[1]))
        for h, f in zip(mine, F.T, strict=True):
            scale = draw(st.sampled_from([Fraction(1), Fraction(-1, 2), Fraction(3)]))
            A[:, h] = U @ f * scale
            B[h] += U @ (f / sigmas) * (level / ratio / (f @ f) / scale)
        named.append((J, mine))
    return Dropped(at, ratio / (1 + ratio), tuple(named), A, B)


def _root(x: Fraction) -> Fraction:
    root = square_root(x)
    assert root is not None
    return root


def conclusion(case: Dropped | Start) -> None:
    """By means over all masks along lines, and exact inertia of their second differences."""
    if isinstance(case, Start):
        listed_root(case)
        return
    at, weights = case.at, (case.A, case.B)
    assert not np.any(calculus.gradient(case.loss, weights, 4)), "not critical"
    _shares(case)
    landscape = Dropout(at.moments, at.width, case.rate)
    place, found = landscape.place(*weights), inertia(calculus.hessian(case.loss, weights, 4))
    assert place is not None
    assert found == place.inertia, f"claimed {place.inertia}, found {found}"
    J, value = place.critical.index_set, case.loss(*weights)
    named = sorted(([at.values[j] for j in b.components], b.units) for b in blocks_of(J))
    drawn = sorted((sorted(at.values[j] for j in K)[::-1], len(h)) for K, h in case.blocks)
    assert named == drawn, f"found {named}, drawn {drawn}"
    assert value == case.mean_error(*weights) == landscape.class_loss(J)
    assert (value == next(landscape.critical_classes()).loss) == (found.negative == 0)


def _shares(case: Dropped) -> None:
    """What a_h b_h G is, and the bound on the loss by the nuclear norm, here a trace."""
    at, ratio = case.at, case.ratio
    G = at.U * np.array([_root(x) for x in at.values], dtype=object) @ at.U.T
    shares = [np.outer(a, b) @ G for a, b in zip(case.A.T, case.B, strict=True)]
    assert all(np.array_equal(V, V.T) and V.trace() >= 0 for V in shares), "not w wᵀ"
    for J, units in case.blocks:
        level = ratio * sum(_root(at.values[j]) for j in J) / (len(units) + len(J) * ratio)
        sizes = {shares[h].trace() for h in units}
        assert len(sizes) == 1, "not in equal parts"
        assert ratio * sizes.pop() == level
        U, V = at.U[:, list(J)], sum(shares[h] for h in units)
        assert np.array_equal(V @ U, U * np.array([_root(at.values[j]) - level for j in J]))
    V, value = sum(shares), case.loss(case.A, case.B)
    bound = squares(G - V) + ratio / at.width * V.trace() ** 2
    assert value >= bound
    assert (value == bound) == (len({V.trace() for V in shares}) == 1)


_one = rationals(np.eye(2, dtype=int))


def _point(
    A: Any,
    B: Any,
    J: tuple[int, ...] = (0,),
    values: Sequence[Any] = (4, 1),
    rate: Any = "1/2",
    targets: Array | None = None,
) -> Dropped:
    """S diagonal, all units in one block."""
    at = Auto(_one, tuple(map(Fraction, values)), len(B), targets)
    blocks = ((J, tuple(range(len(B)))),)
    return Dropped(at, Fraction(rate), blocks, rationals(A), rationals(B))


counterexamples = {
    "0 < q": _point([["1/3", "2/3"], [0, 0]], [[1, 0], [1, 0]], rate=0),
    "w of equal squares": _point([[1, 1], [0, 0]], [["1/4", 0], ["1/2", 0]]),
    "t < σ": _point([[1, 1], [0, 0]], [["1/3", 0], ["1/3", 0]], J=(0, 1), values=(4, "4/9")),
    "Y = X": _point([[1], [0]], [["-1/2", 0]], targets=-_one),
}
