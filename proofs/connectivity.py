"""The global minima are one connected set, but for real data with p ≤ ρ and a gap at p: then two.

If the data are real, p ≤ ρ and λ_p > λ_{p+1} (λ_{ρ+1} = 0), the two pieces are mirror images, told
apart by the sign of det(U_pᵀA), U_p the leading eigenvectors. If the data are complex, or p > ρ, or
λ_p = λ_{p+1} > 0, any two global minima are joined by a path of global minima.

Hypotheses: the loss is least at both points; every entry of the error counts alike. Any gauge,
kernel blocks and unseen inputs.

Equality: of the number of pieces. The paths are made of four kinds of piece: kernel blocks shrink
to 0; tied eigenvectors turn into each other; a spare unit, or a half-turn within a tie, changes the
sign of det M; M goes to M′ in GL(p).

References: Trager, Kohn and Bruna 2020, arXiv:1910.01671, for fibres of deep linear networks
(wording not confirmed).

Post: E18 (one global minimum or several: one set or two; within one, continuously and on the
level).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, is_complex, rationals
from linae.minima import connect, number_of_components, side
from proofs import barrier, critical_points, general_linear
from proofs._calc import I, Proof, Rule, calc, inverse, letter, zero
from proofs._cases import (
    GAUSSIANS,
    RATIONALS,
    gapped_instances,
    instances,
    instances_with,
    points_of,
    singular_values,
)
from proofs._instances import CriticalPoint, Instance, diagonal, whitened
from proofs.general_linear import polygon, sign
from proofs.uniqueness import Pair

uses: list[ModuleType] = [critical_points, general_linear, barrier]


class Piece(NamedTuple):
    """A piece of a path, on [0, 1], and at how many points its loss is looked at."""

    path: Callable[[Fraction], CriticalPoint]
    points: int


@st.composite
def hypotheses(draw: st.DrawFn) -> Pair:
    """Two leading points, anywhere in their fibres: with a gap, a tie, complex data, or any."""
    kinds = gapped_instances(), _tied_instances(), instances(GAUSSIANS, size=6), instances()
    at = draw(st.one_of(kinds))
    return Pair(*(draw(points_of(at, _leading(at, draw))) for _ in range(2)))


@st.composite
def _tied_instances(draw: st.DrawFn) -> Instance:
    """λ_p = λ_{p+1} > 0."""
    n, d = draw(st.integers(2, 4)), draw(st.integers(2, 3))
    p = draw(st.integers(1, min(n, d) - 1))
    s = [*draw(singular_values(min(n, d)))]
    s[p - 1 : p + 1] = [draw(st.sampled_from([1, 2]))] * 2
    s.sort(reverse=True)
    p = next(k for k in range(1, len(s)) if s[k - 1] == s[k] > 0)
    return draw(instances_with(tuple(s), n, p, d, d, RATIONALS))


def _leading(at: Instance, draw: st.DrawFn) -> tuple[int, ...]:
    """Any min(p, ρ) components of the largest sum."""
    r = min(at.width, at.rank)
    cut = at.s[r - 1] if r else 0
    tied = draw(st.permutations([k for k in range(at.rank) if at.s[k] == cut]))
    above = [k for k in range(r) if at.s[k] > cut]
    return tuple(sorted([*above, *tied][:r]))


def conclusion(case: Pair) -> None:
    """Pieces counted by the theorem; a level path in exact numbers, or two signs; what ships."""
    at, one, other = case.one.instance, *case
    ends = [point.weights for point in case]
    assert all(at.loss(*weights) == at.least for weights in ends)
    pieces, gap = _pieces(at)
    assert number_of_components(at.landscape.spectrum, at.width) == pieces
    joined = pieces == 1
    if not joined:
        signs = [sign(at.U[:, : at.width].T @ A) for A, _ in ends]
        joined = signs[0] == signs[1]
        sides = [side(at.landscape.spectrum, A) for A, _ in ends]
        assert signs[0] * signs[1] == sides[0] * sides[1] != 0
    if joined:
        _is_level(at, _walk(one, other), ends)
    path = connect(at.landscape, *ends)
    assert path.crosses != joined
    assert path.climb == (0 if joined else gap)
    losses = [float(at.loss(*path(t))) for t in np.linspace(0, 1, 7)]
    slack = 1e-9 * (1 + float(at.moments.total))
    assert max(losses) <= float(at.least + path.climb) + slack, f"losses {losses}"


def _pieces(at: Instance) -> tuple[int, int]:
    """How many there are, and the gap."""
    values = [*at.eigenvalues, 0, 0]
    gap = values[at.width - 1] - values[at.width] if at.width <= at.rank else 0
    return (2 if gap and not is_complex(at.U) else 1), gap


def _is_level(at: Instance, pieces: Iterator[Piece], ends: list[Any]) -> None:
    """Each piece begins where the last one ends; the loss is least at as many points as decide."""
    last = ends[0]
    for piece in pieces:
        times = (Fraction(k, piece.points - 1) for k in range(piece.points))
        points = [piece.path(t).weights for t in times]
        assert all(np.array_equal(v, w) for v, w in zip(last, points[0], strict=True))
        losses = {at.loss(*weights) for weights in points}
        assert losses == {at.least}, f"losses {losses}, least {at.least}"
        last = points[-1]
    assert all(np.array_equal(v, w) for v, w in zip(last, ends[1], strict=True))


def _walk(one: CriticalPoint, other: CriticalPoint) -> Iterator[Piece]:
    """Blocks to 0; to the other index set; to the other sign; to the other gauge; blocks back."""
    yield Piece(lambda t: _shrunk(one, 1 - t), 5)
    at, J, M, end = one.instance, other.J, one.M, other.M * one.instance.unit
    place, names = _shrunk(one, 0), list(one.J)
    for j, k in zip(_without(one.J, J), _without(J, one.J), strict=True):
        turn = _turn(place, j, k)
        yield turn
        place, names[names.index(j)] = turn.path(Fraction(1)), k
    if len(J) == at.width:
        M = M[:, [names.index(j) for j in J]]
    if not is_complex(at.U) and sign(M) != sign(end):
        place = replace(place, instance=at, J=J, M=M)
        if len(J) == at.width:
            yield from _half_turn(place)
        M = np.concatenate([M[:, :-1], -M[:, -1:]], axis=1)
    yield _regauged(replace(_shrunk(other, 0), M=M * at.unit), end)
    yield Piece(lambda t: _shrunk(other, t), 5)


def _without(J: tuple[int, ...], other: tuple[int, ...]) -> list[int]:
    return [j for j in J if j not in other]


def _shrunk(point: CriticalPoint, t: Any) -> CriticalPoint:
    """Kernel blocks and what unseen inputs do, times t."""
    return replace(point, X0=t * point.X0, Y0=t * point.Y0, B0=t * point.B0)


def _turn(place: CriticalPoint, j: int, k: int) -> Piece:
    """A quarter-turn of tied eigenvectors, u_j to u_k and u_k to −u_j: degree 4 in cos, sin."""

    def path(t: Fraction) -> CriticalPoint:
        at, cos, sin = place.instance, (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
        turn = eye(max(len(at.U), len(at.V)), at.U)
        turn[np.ix_([j, k], [j, k])] = [[cos, -sin], [sin, cos]]
        U, V = (rationals(W @ turn[: len(W), : len(W)]) for W in (at.U, at.V))
        return replace(place, instance=replace(at, U=U, V=V))

    return Piece(path, 9)


def _half_turn(place: CriticalPoint) -> Iterator[Piece]:
    """The last selected eigenvector turns to its negative, through one that is tied with it."""
    at, j = place.instance, place.J[-1]
    k = next(k for k in range(at.rank) if at.s[k] == at.s[j] and k not in place.J)
    first = _turn(place, j, k)
    yield first
    yield _turn(first.path(Fraction(1)), j, k)


def _regauged(place: CriticalPoint, end: Array) -> Piece:
    """M on a polygon of invertible matrices, at its corners and between them."""
    corners = polygon(place.M, end)

    def path(t: Fraction) -> CriticalPoint:
        k = min(int(t * (len(corners) - 1)), len(corners) - 2)
        x = t * (len(corners) - 1) - k
        return replace(place, M=(1 - x) * corners[k] + x * corners[k + 1])

    return Piece(path, 2 * len(corners) - 1)


def proof() -> Proof:
    """For all sizes, from the family of `critical_points`: at a global minimum of class J,
    A = A′M⁻¹ and B̃ = M B′ with A′ = [U_J, N X] = U Eᴴ + N X Fᴴ, B′ = [C; Y] = E C + F Y, X Y = 0.

    1. A B̃ = U C for every M, and every multiple of X and Y: the loss is constant on the family.
    2. Tied eigenvectors are as good as any: for unitary Q with Q S = S Q, U Q and V Q have the
       same U S Vᴴ.

    So blocks shrink to 0, J moves to any other of the same sum, and M anywhere in GL(p), but for
    its sign over ℝ (`general_linear`). For p > ρ a spare column of M changes it where X = 0, Y = 0,
    and A, B stay. For λ_p = λ_{p+1} > 0 a half-turn of u_p and u_{p+1} changes it.

    Two pieces: with a gap, J = {1, …, p} and U_pᵀA = M⁻¹ has det ≠ 0 at every global minimum; both
    signs occur; a path from one to the other climbs (`barrier`).
    """
    U, N, C, Y = (letter("UNCY"[k], *size) for k, size in enumerate(("nr", "na", "rd", "qd")))
    E, F, X, M = (letter("EFXM"[k], *size) for k, size in enumerate(("pr", "pq", "aq", "pp")))
    A, B = letter("A′", "n", "p"), letter("B′", "p", "d")
    form = Rule("form of A′", A, U @ E.H + N @ X @ F.H), Rule("form of B′", B, E @ C + F @ Y)
    columns = Rule("EᴴE = 1", E.H @ E, I("r")), Rule("FᴴF = 1", F.H @ F, I("q"))
    apart, blocks = Rule("EᴴF = 0", E.H @ F, zero("r", "q")), Rule("X Y = 0", X @ Y, zero("a", "d"))
    gauge = Rule("M⁻¹M = 1", inverse(M) @ M, I("p"))
    level = (
        calc(A @ inverse(M) @ M @ B, gauge, *form, *columns, apart, blocks)
        .step("M⁻¹M = 1", A @ B)
        .step("form of A′", U @ E.H @ B + N @ X @ F.H @ B)
        .step("form of B′", U @ E.H @ (E @ C + F @ Y) + N @ X @ F.H @ B)
        .step("EᴴE = 1", U @ C + U @ E.H @ F @ Y + N @ X @ F.H @ B)
        .step("EᴴF = 0", U @ C + N @ X @ F.H @ B)
        .step("form of B′", U @ C + N @ X @ F.H @ (E @ C + F @ Y))
        .step("EᴴF = 0", U @ C + N @ X @ F.H @ F @ Y)
        .step("FᴴF = 1", U @ C + N @ X @ Y)
        .step("X Y = 0", U @ C)
    )
    Q, S, V = letter("Q", "r", "r"), letter("S", "r", "r"), letter("V", "d", "r")
    unitary, ties = Rule("Q Qᴴ = 1", Q @ Q.H, I("r")), Rule("Q S = S Q", Q @ S, S @ Q)
    turned = (
        calc(U @ Q @ S @ (V @ Q).H, ties, unitary)
        .step("Q S = S Q", U @ S @ Q @ Q.H @ V.H)
        .step("Q Qᴴ = 1", U @ S @ V.H)
    )
    return Proof((level, turned))


def _first(at: Instance, J: tuple[int, ...]) -> CriticalPoint:
    """At the gauge 1."""
    one, none = rationals(np.eye(len(J), dtype=int)), rationals(np.zeros((0, 0), dtype=int))
    return CriticalPoint(at, J, one, none, none, 0 * at.R[:, : len(J)].T)


_tie = whitened((1, 1), 1, emphasis=rationals([[1, 3], [3, 1]]))
_saddle = _first(diagonal((2, 1), 1), (1,))

counterexamples = {
    "the loss is least at both points": Pair(_saddle, _saddle),
    "every entry of the error counts alike": Pair(_first(_tie, (0,)), _first(_tie, (1,))),
}
