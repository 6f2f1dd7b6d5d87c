"""On a straight line between global minima the loss rises by t²(1 − t)² ‖(2 − D − D⁻¹) S_p‖².

Both have decoders A = U_p C with the leading eigenvectors U_p, S_p = diag(√λ₁, …, √λ_p), and
D = C₀ C₁⁻¹ is the change of gauge from the one to the other.

Hypotheses: two global minima with one range R(A); p ≤ ρ. Any encoder on inputs that never occur,
real or complex data, ties within the range.

Equality: for all t. The top is at t = ½, of height ‖D⁻¹(D − 1)² S_p‖²/16, and the line is level iff
(D − 1)² = 0. For the mirror image D = −1 it leads through 0 and climbs Σ_{i ≤ p} λ_i, whether there
is a level path (p even) or not.

References: none known for this loss; lines between minima are those of linear mode connectivity.

Post: E18 (minima that a level path joins may have a hill on the straight line between them).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rank, rationals
from linae.minima import connect
from proofs import critical_points, reduction
from proofs._calc import CYCLIC, Chain, I, Proof, Rule, calc, inverse, letter, tr, zero
from proofs._cases import GAUSSIANS, gapped_instances, instances, points_of
from proofs._instances import CriticalPoint, Instance, diagonal, whitened
from proofs._instances import inverse as inverse_of
from proofs.uniqueness import Pair

uses: list[ModuleType] = [critical_points, reduction]


@st.composite
def hypotheses(draw: st.DrawFn) -> Pair:
    """Any two gauges and null encoders at the first p components; some instances are complex."""
    kinds = [gapped_instances(), *(instances(*kind).filter(_full) for kind in ((), (GAUSSIANS, 8)))]
    at = draw(st.one_of(kinds))
    leading = points_of(at, tuple(range(at.width)))
    return Pair(draw(leading), draw(leading))


def _full(at: Instance) -> bool:
    return at.width <= at.rank


def conclusion(case: Pair) -> None:
    """Five values of the loss on the line, from the samples: they decide a quartic."""
    at, p = case.one.instance, case.one.instance.width
    ends = [point.weights for point in case]
    assert all(at.loss(*weights) == at.least for weights in ends)
    C = [at.U[:, :p].conj().T @ A for A, _ in ends]
    assert all(rank(c) == p for c in C), "no change of gauge"
    D = C[0] @ inverse_of(C[1])
    one, s = eye(p, D), np.array(at.s[:p], dtype=object)
    height = _square((2 * one - D - inverse_of(D)) * s)
    for t in (Fraction(k, 4) for k in range(5)):
        found = at.loss(*((1 - t) * v + t * w for v, w in zip(*ends, strict=True)))
        claimed = at.least + (t * (1 - t)) ** 2 * height
        assert found == claimed, f"at t = {t} found {found}, claimed {claimed}"
    assert (height == 0) == (not np.any((D - one) @ (D - one)))


def _square(M: Array) -> Any:
    """‖M‖²."""
    return (M * M.conj()).sum().real


def proof() -> Proof:
    """For all sizes, with the loss ‖G − A B‖²; W = U S Vᴴ is the map of both ends, C N = 1.

    1. The product on the line is W at both ends and W − ¼ U K Vᴴ in the middle, where
       K = (2 − D − D⁻¹) S: a quadratic, so it is W − t (1 − t) U K Vᴴ.
    2. R = G − W has R V = 0, and so ‖R + U K Vᴴ‖² = ‖R‖² + ‖K‖². So it is with t (1 − t) K for K.
    3. D⁻¹(D − 1)² = D − 2 + D⁻¹. As S is invertible, for p ≤ ρ, K = 0 iff (D − 1)² = 0.
    """
    D = letter("D", "p", "p")
    left = Rule("D⁻¹ D = I", inverse(D) @ D, I("p"))
    square = (
        calc(inverse(D) @ (D - I("p")) @ (D - I("p")), left)
        .step("D⁻¹ D = I", D - 2 * inverse(D) @ D + inverse(D))
        .step("D⁻¹ D = I", D - 2 * I("p") + inverse(D))
    )
    return Proof((*_products(), *_hill(), square))


def _products() -> tuple[Chain, Chain, Chain]:
    """A_t B_t for t = 0, 1, ½, with D = C₀ N₁ and D⁻¹ = C₁ N₀."""
    U, S, V = letter("U", "n", "p"), letter("S", "p", "p"), letter("V", "d", "p")
    C0, C1, N0, N1 = (letter(name, "p", "p") for name in ("C₀", "C₁", "N₀", "N₁"))
    rules = Rule("C₀ N₀ = I", C0 @ N0, I("p")), Rule("C₁ N₁ = I", C1 @ N1, I("p"))
    W, K = U @ S @ V.H, 2 * S - C0 @ N1 @ S - C1 @ N0 @ S
    start, end = calc(U @ C0 @ N0 @ S @ V.H, rules[0]), calc(U @ C1 @ N1 @ S @ V.H, rules[1])
    half = Fraction(1, 4) * (U @ (C0 + C1) @ (N0 + N1) @ S @ V.H)
    later = Fraction(1, 4) * (U @ (C0 @ N1 + C1 @ (N0 + N1)) @ S @ V.H)
    middle = calc(half, *rules).step("C₀ N₀ = I", Fraction(1, 4) * W + later)
    return (
        start.step("C₀ N₀ = I", W),
        end.step("C₁ N₁ = I", W),
        middle.step("C₁ N₁ = I", W - Fraction(1, 4) * (U @ K @ V.H)),
    )


def _hill() -> tuple[Chain, Chain]:
    """(G − W) V = 0, and ‖R + U K Vᴴ‖² = ‖R‖² + ‖K‖²."""
    G, R = letter("G", "n", "d"), letter("R", "n", "d")
    U, V = letter("U", "n", "p"), letter("V", "d", "p")
    S, K = letter("S", "p", "p"), letter("K", "p", "p")
    singular, zero_np = Rule("G V = U S", G @ V, U @ S), zero("n", "p")
    V_columns, U_columns = Rule("VᴴV = I", V.H @ V, I("p")), Rule("UᴴU = I", U.H @ U, I("p"))
    orthogonal = (
        calc((G - U @ S @ V.H) @ V, singular, V_columns)
        .step("G V = U S", U @ S - U @ S @ V.H @ V)
        .step("VᴴV = I", zero_np)
    )
    E, bend = R + U @ K @ V.H, U @ K @ V.H
    rest = tr(R @ R.H)
    hill = (
        calc(tr(E @ E.H), Rule("R V = 0", R @ V, zero_np), U_columns, V_columns)
        .step("R V = 0", rest + tr(bend @ R.H) + tr(bend @ bend.H))
        .step("R V = 0", rest + tr(bend @ bend.H))
        .step("VᴴV = I", rest + tr(U @ K @ K.H @ U.H))
        .step(CYCLIC, rest + tr(K @ K.H @ U.H @ U))
        .step("UᴴU = I", rest + tr(K @ K.H))
    )
    return orthogonal, hill


def figure(ax: Any) -> None:
    """From a minimum to its mirror image, p = 1: straight through 0, and around it."""
    landscape = diagonal((2, 1), 1).landscape
    A, B = next(landscape.critical_classes()).weights()
    path = connect(landscape, (A, B), (-A, -B)).pieces[1]
    t = np.linspace(0, 1, 201)
    straight = [float(landscape.loss((1 - 2 * x) * A, (1 - 2 * x) * B)) for x in t]
    around = [float(landscape.loss(*path(x))) for x in t]
    ax.plot(t, straight, color="#D55E00", ls="--", lw=2)
    ax.plot(t, around, color="#0072B2", lw=2)
    ax.text(0.5, max(straight) + 0.12, "straight line: climbs λ₁ = 4", ha="center", color="#D55E00")
    ax.text(
        0.5,
        max(around) - 0.6,
        "best path:\nclimbs λ₁ − λ₂ = 3",
        ha="center",
        va="top",
        color="#0072B2",
    )
    ax.set(xlabel="way from (A, B) to (−A, −B)", ylabel="loss", ylim=(0.8, max(straight) + 0.5))


def _point(at: Instance, J: tuple[int, ...], M: Any, X0: Any) -> CriticalPoint:
    """A point of class J with given gauge and X₀, all else 0."""
    (m, d), p = at.R.shape, at.width
    Y0, B0 = (np.zeros(shape, dtype=int) for shape in ((p - len(J), d - at.rank), (p, m)))
    return CriticalPoint(at, J, *(rationals(block) for block in (M, X0, Y0, B0)))


_none = np.zeros((0, 0), dtype=int)
_tie, _turn = diagonal((1, 1), 1), rationals([["3/5", "-4/5"], ["4/5", "3/5"]])
_low = _point(diagonal((2, 1), 1), (1,), [[1]], _none)
_wide = whitened((1, 0, 0), 2)

counterexamples = {
    "global minima": Pair(_low, _low),
    "one range R(A)": Pair(
        _point(_tie, (0,), [[1]], _none),
        _point(replace(_tie, U=_turn, V=_turn), (0,), [[1]], _none),
    ),
    "p ≤ ρ": Pair(
        _point(_wide, (0,), [[1, 0], [0, 1]], [[1], [1]]),
        _point(_wide, (0,), [[1, 0], [1, 1]], [[1], [-1]]),
    ),
}
