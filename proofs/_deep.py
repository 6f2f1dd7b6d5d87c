"""Deep networks in exact numbers: weights, their loss by the definition, and critical points.

    DeepPoint            data and weights, with derivatives by values of the loss
    deep_points(kinds)   weights by the normal form: index set, gauges, a chain of spare blocks

Nothing here asks `linae` for a class, a loss or a derivative of a deep network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, rationals, solve, zeros
from linae.inertia import Inertia, inertia
from linae.landscapes.deep import DeepLinear
from linae.moments import Moments
from proofs._auto import frames
from proofs._cases import gauges, matrices, singular_values
from proofs._instances import Case


@dataclass(frozen=True, eq=False, repr=False)
class DeepPoint(Case):
    """Weights (W_N, …, W_1), and samples as columns: targets G, inputs R; R = 1 without any."""

    G: Array
    weights: tuple[Array, ...]
    R: Array | None = None

    @property
    def inputs(self) -> Array:
        return eye(self.G.shape[1], self.G) if self.R is None else self.R

    @property
    def width(self) -> int:
        """p, the least width of a hidden layer."""
        return min(len(w) for w in self.weights[1:])

    @cached_property
    def landscape(self) -> DeepLinear:
        X, Y = self.inputs, self.G
        moments = Moments(X @ X.T, Y @ X.T, Y @ Y.T)
        return DeepLinear(moments, [len(w) for w in self.weights[1:]])

    def loss(self, *weights: Array) -> Any:
        """‖Y − W_N ⋯ W_1 X‖²; leading axes are a batch."""
        E = self.G - reduce(np.matmul, [*weights, self.inputs])
        return (E * E).sum(axis=(-2, -1))

    @cached_property
    def integral(self) -> DeepPoint:
        """The same point, with units of all numbers in which they are integers."""
        given = self.G, *self.weights, self.inputs
        units = [math.lcm(*(x.denominator for x in M.flat)) for M in given]
        G, *weights, R = (_integers(M * c) for M, c in zip(given, units, strict=True))
        return DeepPoint(G * math.prod(units[1:]), tuple(weights), R * units[0])

    @cached_property
    def slope(self) -> Array:
        """Gradient, but for positive factors, by values along the line of each entry: a square."""
        return self._after([], 1) - self._after([], -1)

    @cached_property
    def found(self) -> Inertia:
        """Exact inertia of the Hessian, by second differences of the loss along all lines that one
        entry or two span; it is a quartic there."""
        pairs = list(combinations(range(sum(w.size for w in self.weights)), 2))
        rule = {-2: -1, -1: 16, 0: -30, 1: 16, 2: -1}
        one, two = (sum(c * self._after(p, t) for t, c in rule.items()) for p in ([], pairs))
        H = np.diag(2 * one)
        for (i, j), both in zip(pairs, two, strict=True):
            H[i, j] = H[j, i] = both - one[i] - one[j]
        return inertia(rationals(H))

    def _after(self, pairs: Sequence[tuple[int, int]], t: int) -> Array:
        """Integral losses after t units in both entries of each pair; without pairs, in each."""
        at = self.integral
        flat = np.concatenate([w.ravel() for w in at.weights])
        moved = np.array(pairs or [(i,) for i in range(len(flat))], dtype=int)
        batch = np.repeat(flat[None], len(moved), axis=0)
        for column in moved.T:
            batch[range(len(batch)), column] += t
        parts = np.split(batch, np.cumsum([w.size for w in at.weights])[:-1], axis=1)
        shaped = (x.reshape(-1, *w.shape) for x, w in zip(parts, at.weights, strict=True))
        return np.asarray(at.loss(*shaped))


def _integers(M: Array) -> Array:
    whole = np.empty(M.shape, dtype=object)
    for place, x in np.ndenumerate(M):
        whole[place] = int(x)
    return whole


KINDS = ("global", "leading", "leading", "leading", "other")
SIZES = [(1, 1), (1, 2), (2, 1), (2, 2), (2, 2), (2, 3), (3, 2)]


@st.composite
def deep_points(
    draw: st.DrawFn, kinds: Sequence[str] = KINDS, *, least: int = 2, spare: str = "critical"
) -> DeepPoint:
    """Two, or `least`, to four factors; ties, G of deficient rank, singular Sxx, gauges.

    Parameters
    ----------
    kinds : of the index set
        "global", of the least loss; else "leading", or "other".
    spare : "critical", "any", or "open", critical with inner factors of full rank
    """
    apart = {*kinds} == {"other"}
    n, d = draw(st.sampled_from([size for size in SIZES if min(size) > apart]))
    bounds = st.integers(1, 2 if n * d > 4 else 3)
    depth = draw(st.sampled_from([N for N in (2, 3, 3, 4, 4) if least <= N]))
    widths = [draw(bounds) for _ in range(depth - 1)]
    s = draw(singular_values(min(n, d)))
    s = s if s[0] or "global" in kinds else (1, *s[1:])
    s = (s[0] + 1, max(s[1], 1), *s[2:]) if apart else s
    J = draw(_index_sets(s, min(widths), draw(st.permutations(kinds))))
    S = rationals(np.zeros((n, d), dtype=int))
    S[range(len(s)), range(len(s))] = s
    first, last = ([*J, *(i for i in range(size) if i not in J)] for size in (n, d))
    S, r = S[np.ix_(first, last)], len(J)
    shapes = [(a - r, b - r) for a, b in pairwise([n, *widths, d])]
    Z = [draw(_sparse(*shape)) for shape in shapes]
    if spare == "open":
        Z[1:-1] = [rationals(np.eye(*shape, dtype=int)) for shape in shapes[1:-1]]
    if spare != "any":
        places = range(0, len(Z), len(Z) - 1) if spare == "open" else range(len(Z))
        Z = draw(_thinned(Z, S[r:, r:], places))
    return draw(_turned(S, [joined(eye(r, S), z) for z in Z[:-1]] + [joined(S[:r, :r], Z[-1])]))


@st.composite
def _turned(draw: st.DrawFn, S: Array, chain: list[Array]) -> DeepPoint:
    """In orthogonal bases of outputs and inputs, and any or the same bases of hidden layers."""
    U, V = (draw(frames(size)) for size in S.shape)
    chain[0], chain[-1] = U @ chain[0], chain[-1] @ V.T
    gauged = draw(st.booleans())
    for i, D in enumerate(draw(gauges(len(w))) for w in chain[1:] if gauged):
        chain[i], chain[i + 1] = chain[i] @ inverse(D), D @ chain[i + 1]
    return draw(_seen(rationals(U @ S @ V.T), chain))


def _index_sets(
    s: Sequence[int], p: int, kinds: Sequence[str]
) -> st.SearchStrategy[tuple[int, ...]]:
    """Those of the first kind that there is."""
    rank = sum(x > 0 for x in s)
    every = [J for r in range(min(p, rank) + 1) for J in combinations(range(rank), r)]

    def kind(J: tuple[int, ...]) -> str:
        squares, leading = (sum(s[j] ** 2 for j in x) for x in (J, range(len(J))))
        full = squares == sum(x * x for x in s[:p])
        return "global" if full else "leading" if squares == leading else "other"

    found = [[J for J in every if kind(J) == wanted] for wanted in kinds]
    return st.sampled_from(next((sets for sets in found if sets), every))


def joined(A: Array, B: Array) -> Array:
    """A ⊕ B."""
    M = zeros((len(A) + len(B), A.shape[1] + B.shape[1]), A)
    M[: len(A), : A.shape[1]], M[len(A) :, A.shape[1] :] = A, B
    return M


@st.composite
def _sparse(draw: st.DrawFn, rows: int, columns: int) -> Array:
    entries = st.sampled_from([0, 0, 1, 1, -1, 2])
    block = draw(st.lists(entries, min_size=rows * columns, max_size=rows * columns))
    return rationals(np.array(block, dtype=object).reshape(rows, columns))


@st.composite
def _thinned(
    draw: st.DrawFn, Z: Sequence[Array], target: Array, places: Sequence[int]
) -> list[Array]:
    """Entries are made zero, one after the other, until the chain is critical, or tightened too."""
    Z = [z.copy() for z in Z]
    entries = [(k, place) for k in places for place, x in np.ndenumerate(Z[k]) if x]
    further = draw(st.booleans())
    for k, place in draw(st.permutations(entries)):
        if is_critical(Z, target) and (not further or not loose_pairs(Z, target)):
            break
        Z[k][place] *= 0
    return Z


def is_critical(Z: Sequence[Array], target: Array) -> bool:
    """Whether Z_N ⋯ Z_1 = 0 and (Z_N ⋯ Z_{i+1})ᵀ S (Z_{i−1} ⋯ Z_1)ᵀ = 0 for all i."""
    slopes = (before(Z, k).T @ target @ after(Z, k).T for k in range(len(Z)))
    return not before(Z, len(Z)).any() and not any(slope.any() for slope in slopes)


def loose_pairs(Z: Sequence[Array], target: Array) -> list[tuple[int, int]]:
    """Pairs of factors, counted from the output, that leave two blocks: the product between them,
    and the target seen from both."""
    pairs = combinations(range(len(Z)), 2)
    seen = {(a, b): before(Z, a).T @ target @ after(Z, b).T for a, b in pairs}
    return [(a, b) for (a, b), S in seen.items() if S.any() and between(Z, a, b).any()]


def between(Z: Sequence[Array], a: int, b: int) -> Array:
    return reduce(np.matmul, Z[a + 1 : b], eye(Z[a].shape[1], Z[0]))


def before(Z: Sequence[Array], k: int) -> Array:
    """The product of the first k factors."""
    return reduce(np.matmul, Z[:k], eye(len(Z[0]), Z[0]))


def after(Z: Sequence[Array], k: int) -> Array:
    """The product of those after the k-th."""
    return reduce(np.matmul, Z[k + 1 :], eye(Z[k].shape[1], Z[0]))


@st.composite
def _seen(draw: st.DrawFn, G: Array, chain: Sequence[Array]) -> DeepPoint:
    """The last factor acts on inputs R of full column rank, in half of the cases R ≠ 1, and
    anyhow on inputs that never occur."""
    if draw(st.booleans()):
        return DeepPoint(G, tuple(map(rationals, chain)))
    m = G.shape[1] + draw(st.integers(0, 1))
    R = draw(gauges(m))[:, : G.shape[1]]
    plus = solve(R.T @ R, R.T)
    unseen = draw(matrices(len(chain[-1]), m)) @ (eye(m, R) - R @ plus)
    return DeepPoint(G, tuple(map(rationals, [*chain[:-1], chain[-1] @ plus + unseen])), R)
