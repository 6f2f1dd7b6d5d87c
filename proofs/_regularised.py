"""The best map of every regulariser, built without its law, in any gauge, beside a competitor.

    regularised(law)     A = U_r diag(a) L and B = R diag(b) U_rᵀ in the loss of the law

Nothing here asks `linae` for a factor: w is drawn, and the spectrum made to fit.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, rationals, zeros
from linae.regularisers import Regulariser
from proofs._auto import Auto, frames, ranks, sizes, spectra
from proofs._cases import gauges, matrices
from proofs._penalties import Regularised

WEIGHTS = [Fraction(1), Fraction(1, 2), Fraction(3)]
PARTS = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 4)])
ROOTS = [Fraction(1, 2), Fraction(3, 5), Fraction(1, 3), Fraction(3, 4)]
HADAMARD = {
    p: [[(-1) ** (i & j).bit_count() for j in range(p)] for i in range(p)] for p in (1, 2, 4)
}


class Best(NamedTuple):
    """A spectrum, and W = U_r diag(a b) U_rᵀ in two halves."""

    values: list[Any]
    weight: Any
    level: Fraction
    a: list[Any]
    b: list[Any]
    power: Fraction = Fraction(1)


def _sized(law: Regulariser) -> st.SearchStrategy[tuple[int, int]]:
    if law.name == "dropout":
        return st.sampled_from([(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (3, 2), (1, 4), (2, 4)])
    below = law.name in {"orthonormal A", "whitened codes"}
    return sizes(6).filter(lambda size: not below or size[1] <= size[0])


@st.composite
def _unthresholded(draw: st.DrawFn, law: Regulariser, n: int, p: int, _: Fraction) -> Best:
    """w = 1, or λ/(λ + γ)."""
    values = [x + 1 for x in draw(spectra(n))]
    gamma, r = draw(st.sampled_from(WEIGHTS)), min(n, p)
    if law.name == "whitened codes":
        roots = values[:r]
        return Best([x * x for x in values], gamma, Fraction(0), roots, [1 / x for x in roots])
    factors = [x / (x + gamma) if "γ" in law.factor else x / x for x in values[:r]]
    return Best(values, gamma, Fraction(0), [Fraction(1)] * r, factors)


@st.composite
def _thresholded(draw: st.DrawFn, law: Regulariser, n: int, p: int, s: Fraction) -> Best:
    """w = c², λ = t/(1 − c²) above t, and any λ <= t."""
    gamma, alive = draw(st.sampled_from(WEIGHTS)), draw(st.just(n) | ranks(n))
    t = gamma / 2 if "2λ" in law.factor else gamma
    c = sorted((draw(st.sampled_from(ROOTS)) for _ in range(alive)), reverse=True)
    dead = sorted((t * draw(PARTS) for _ in range(n - alive)), reverse=True)
    s = s if law.name == "weight decay" else Fraction(1)
    a, b = [x / s for x in c[:p]], [x * s for x in c[:p]]
    return Best([*(t / (1 - x * x) for x in c), *dead], gamma, t, a, b)


@st.composite
def _ordered(draw: st.DrawFn, law: Regulariser, n: int, p: int, _: Fraction) -> Best:
    """w = c² and γⱼ = λⱼ (1 − c²), in increasing order while the λⱼ do not increase."""
    r = draw(ranks(min(n, p)))
    c = sorted(draw(st.permutations(ROOTS))[:r], reverse=True)
    values = [Fraction(draw(st.integers(1, 2)))]
    for outer, inner in pairwise(c):
        most = values[0] * (1 - inner**2) / (1 - outer**2)
        values.insert(0, draw(st.sampled_from([values[0], (values[0] + most) / 2])))
    rest = sorted((values[-1] * draw(PARTS) for _ in range(n - len(values))), reverse=True)
    decays = [x * (1 - y * y) for x, y in zip(values, c, strict=False)]
    decays += [values[-1] + h for h in range(p - r)]
    return Best([*values, *rest], decays, Fraction(0), c, c)


@st.composite
def _shared(draw: st.DrawFn, law: Regulariser, n: int, p: int, s: Fraction) -> Best:
    """w √λ = √λ − τ = y², times p where units share it equally, and p τ = κ Σ (√λ − τ)."""
    kappa, r = draw(st.sampled_from(WEIGHTS)), max(1, draw(ranks(min(n, p))))
    y = sorted((draw(st.sampled_from(ROOTS)) for _ in range(r)), reverse=True)
    s, times = (Fraction(1), p) if law.name == "dropout" else (s, 1)
    left = [times * x * x for x in y]
    tau = kappa * sum(left) / p
    most = tau if r < p else left[-1] + tau
    roots = [x + tau for x in left]
    rest = sorted((most * draw(PARTS) for _ in range(n - r)), reverse=True)
    a, b = [s * x for x in y], [x / (s * z) for x, z in zip(y, roots, strict=True)]
    power = sum((x / s) ** 2 for x in y)
    return Best([x * x for x in (*roots, *rest)], kappa, tau, a, b, power)


BEST: dict[str, Callable[..., st.SearchStrategy[Best]]] = {
    "1": _unthresholded,
    "→ 1": _unthresholded,
    "λ/(λ + γ)": _unthresholded,
    "1 − γ/λ": _thresholded,
    "1 − γ/2λ": _thresholded,
    "1 − γⱼ/λ": _ordered,
    "1 − τ/√λ": _shared,
}


@st.composite
def _gauges(draw: st.DrawFn, gauge: str, p: int) -> tuple[Array, Array]:
    """(M⁻¹, M), or (H D, D⁻¹ Hᵀ) with a Hadamard matrix H and a diagonal D."""
    if gauge in {"GL(p)", "no minimum"}:
        M = draw(gauges(p))
        return inverse(M), M
    if gauge == "O(p)":
        Q = draw(frames(p))
        return Q.T, Q
    signs = gauge == "signs" or draw(st.booleans())
    entries = [1, -1] if signs else [Fraction(1, 2), -1, 3]
    D = rationals([draw(st.sampled_from(entries)) for _ in range(p)])
    H = rationals(HADAMARD[p] if gauge == "balanced O(p)" else np.eye(p, dtype=int))
    return H * D, (H / D).T


@st.composite
def regularised(draw: st.DrawFn, law: Regulariser) -> Regularised:
    """Any spectrum, weight and width, the best map in any gauge, any competitor."""
    n, p = draw(_sized(law))
    s = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)]))
    best = draw(BEST[law.factor](law, n, p, s))
    at, r = Auto(draw(frames(n)), tuple(best.values), p), len(best.a)
    L, R = draw(_gauges(law.gauge, p))
    U, (a, b) = at.U[:, :r], (np.array(x, dtype=object) for x in (best.a, best.b))
    A, B = (
        rationals(U * a @ L[:r] + zeros((n, p), U)),
        rationals(R[:, :r] * b @ U.T + zeros((p, n), U)),
    )
    C, D = draw(matrices(n, p)) / Fraction(2), draw(matrices(p, n)) / Fraction(2)
    if law.name in {"tied contractive", "nuclear norm"}:
        D = C.T
    if law.name == "orthonormal A":
        C = draw(frames(n))[:, :p]
    if law.name == "noisy codes":
        D = D * best.power / (best.power + (D @ at.S @ D.T).trace())
    tied = law.name == "nested dropout" and len({*best.values[:p]}) < r
    halves = frames(p).map(lambda Q: Q / Fraction(2))
    M = eye(p, U) if tied else draw(st.one_of(gauges(p), gauges(p), halves, frames(p)))
    return Regularised(law, at, best.weight, best.level, s, best.power, A, B, C, D, M)
