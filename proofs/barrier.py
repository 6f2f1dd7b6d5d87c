"""Between the two mirror images of the global minimum the loss must climb by λ_p − λ_{p+1}.

Global minima with det(U_pᵀA) of different signs are joined by a path on which the loss rises to
λ_p − λ_{p+1} > 0 above the least one (λ_{ρ+1} = 0), and by no lower path. The pass is the saddle
{1, …, p − 1, p + 1}, of index 1; the rank p − 1 if p = ρ.

Hypotheses: real data; p ≤ ρ; λ_p > λ_{p+1}.

Equality: the least climb, which `linae.barrier` has in closed form and `linae.connect` attains.

References: none known.

Post: E18 (can you continuously transform one minimum into another: on two mirror-image sheets, over
ℝ, only by a climb of exactly the eigengap; without one of the three hypotheses on the level).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, Gaussian, rationals, solve
from linae.minima import barrier, connect
from proofs import escape, inertia, partial_optima
from proofs._calc import CYCLIC, Chain, I, Proof, Rule, calc, letter, tr, zero
from proofs._cases import gapped_instances, gauges, matrices
from proofs._instances import Case, Instance, diagonal, inverse

uses: list[ModuleType] = [escape, inertia, partial_optima]


@dataclass(frozen=True, eq=False, repr=False)
class Crossing(Case):
    """A gauge, and weights on the wall between the two sides, where det(U_pᵀA) = 0."""

    instance: Instance
    M: Array
    decoder: Array
    encoder: Array


@st.composite
def hypotheses(draw: st.DrawFn) -> Crossing:
    """U_pᵀA of any rank below p, the rest of A and the encoder arbitrary; perhaps unseen inputs."""
    at = draw(gapped_instances())
    (n, m), p, unseen = (len(at.U), len(at.R)), at.width, draw(st.integers(0, 1))
    at = replace(at, R=draw(gauges(m + unseen))[:, :m])
    k = draw(st.integers(0, p - 1))
    top = draw(matrices(p, k)) @ draw(gauges(p))[:k]
    A = at.U @ np.concatenate([top, draw(matrices(n - p, p))])
    return Crossing(at, draw(gauges(p)), rationals(A), draw(matrices(p, m + unseen)))


def conclusion(case: Crossing) -> None:
    """The wall is as high as claimed, a path over it no higher; so is the one that ships."""
    at, p = case.instance, case.instance.width
    start, values = _minimum(case), [*at.eigenvalues, 0, 0]
    gap = values[p - 1] - values[p]
    for B in (_best_encoder(at, case.decoder), case.encoder):
        assert at.loss(case.decoder, B) >= at.least + gap > at.least, "a hole in the wall"
    top = (*range(p - 1), p) if p < at.rank else tuple(range(p - 1))
    assert at.landscape.class_loss(top) == at.least + gap
    assert at.landscape.class_inertia(top).negative == 1
    (_shrinks if p == at.rank else _turns)(case, start, gap)
    _ships(at, start, gap)


def _minimum(case: Crossing) -> tuple[Array, Array]:
    """The global minimum with U_pᵀA = M⁻¹."""
    A = rationals(case.instance.U[:, : case.instance.width] @ inverse(case.M))
    return A, _best_encoder(case.instance, A)


def _best_encoder(at: Instance, A: Array) -> Array:
    """A solution of AᴴA B Sxx = AᴴSyx."""
    right = solve(A.conj().T @ A, A.conj().T @ at.moments.Syx)
    return solve(at.moments.Sxx, right.conj().T).conj().T


def _turns(case: Crossing, start: tuple[Array, Array], gap: int) -> None:
    """u_p turns through u_{p+1} to −u_p: nine points decide degree 4 in (cos, sin)."""
    at, p = case.instance, case.instance.width
    row = inverse(case.M)[-1:]
    slopes = [Fraction(k, 4) for k in range(4)]
    circle = [((1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)) for t in slopes]
    circle = [*circle, *((-cos, sin) for cos, sin in circle), (Fraction(0), Fraction(1))]
    for cos, sin in circle:
        A = start[0] + ((cos - 1) * at.U[:, p - 1 : p] + sin * at.U[:, p : p + 1]) @ row
        found = at.loss(A, _best_encoder(at, A))
        assert found == at.least + sin**2 * gap, f"at sin θ = {sin} found {found}"


def _shrinks(case: Crossing, start: tuple[Array, Array], gap: int) -> None:
    """The last unit shrinks by c from 1 through 0 to −1: five points decide a quartic."""
    at = case.instance
    for c in (Fraction(k, 2) for k in range(-2, 3)):
        unit = case.M[:, -1:] @ inverse(case.M)[-1:]
        moved = start[0] + (c - 1) * start[0] @ unit, start[1] + (c - 1) * unit @ start[1]
        assert at.loss(*moved) == at.least + gap * (1 - c * c) ** 2, (
            f"at {c} found {at.loss(*moved)}"
        )


def _ships(at: Instance, start: tuple[Array, Array], gap: int) -> None:
    """Floating: the loss along the path to the mirror image, where one unit changes its sign."""
    sign = np.array([*[1] * (at.width - 1), -1])
    path = connect(at.landscape, start, (start[0] * sign, sign[:, None] * start[1]))
    climb = max(float(at.loss(*path(t))) for t in np.linspace(0, 1, 9)) - float(at.least)
    assert abs(climb - gap) <= 1e-9 * (1 + float(at.moments.total)), f"climb {climb}, not {gap}"
    assert path.climb == barrier(at.landscape.spectrum, at.width) == gap
    assert path.crosses


def proof() -> Proof:
    """For all sizes. On every path from one sign of det(U_pᵀA) to the other it vanishes somewhere;
    there the loss is at least tr Syy − tr PΣ, P the projection on R(A) (`partial_optima`).

    *Lower bound.* If A has rank p, some unit vector w in R(A) has U_pᵀw = 0.

    1. Q = P − w wᵀ is a projection, tr Q = p − 1.
    2. With μ = λ_p write Σ = μ + U H Hᵀ Uᵀ − K Kᵀ, where U = U_{p−1}, H Hᵀ = diag(λ_i − μ) and
       K Kᵀ ⪰ 0 is what μ − Σ has on the other eigenvectors. Then
       tr H Hᵀ − tr Q (Σ − μ) = ‖(1 − Q) U H‖² + ‖Q K‖² >= 0: tr QΣ ≤ Σ_{i < p} λ_i (Ky Fan).
    3. With μ = λ_{p+1} and U = U_p in the same way, wᵀ(Σ − μ)w = −‖Kᵀw‖²: wᵀΣw ≤ λ_{p+1}.

    So tr PΣ = tr QΣ + wᵀΣw is less than Σ_{i ≤ p} λ_i by the gap at least. If A has a smaller rank,
    2 with P for Q and tr P ≤ p − 1 gives as much.

    *Attained*, by `escape`: from the pass, swaps of p + 1 for p by the angles ±π/2 end at u_p and
    at −u_p, and fall by sin²θ (λ_p − λ_{p+1}). If p = ρ, additions of ±u_p and ±v_pᵀ fall by λ_p.
    """
    return Proof(_lower())


def _lower() -> list[Chain]:
    P, w, Q = letter("P", "n", "n"), letter("w", "n", "1"), letter("Q", "n", "n")
    K, one = letter("K", "n", "k"), I("1")
    inside, unit = Rule("P w = w", P @ w, w), Rule("wᴴw = 1", w.H @ w, one)
    within = Rule("wᴴP = wᴴ", w.H @ P, w.H)
    square = P - P @ w @ w.H - w @ w.H @ P + w @ w.H @ w @ w.H
    rest = (
        calc((P - w @ w.H) @ (P - w @ w.H), Rule("P P = P", P @ P, P), inside, within, unit)
        .step("P P = P", square)
        .step("wᴴw = 1", P - P @ w @ w.H - w @ w.H @ P + w @ w.H)
        .step("P w = w", P - w @ w.H @ P)
        .step("wᴴP = wᴴ", P - w @ w.H)
    )
    U, D = letter("U", "n", "p"), letter("D", "p", "p")
    away = Rule("Uᴴw = 0", U.H @ w, zero("p", "1"))
    last = calc(w.H @ (U @ D @ U.H - K @ K.H) @ w, away).step("Uᴴw = 0", -1 * w.H @ K @ K.H @ w)
    return [rest, _ky_fan(Q, K), last]


def _ky_fan(Q: Any, K: Any) -> Chain:
    """‖(1 − Q) U H‖² + ‖Q K‖² = tr H Hᴴ − tr Q (U H Hᴴ Uᴴ − K Kᴴ)."""
    U, H = letter("U", "n", "p − 1"), letter("H", "p − 1", "p − 1")
    X, top, S = U @ H - Q @ U @ H, tr(H @ H.H), U @ H @ H.H @ U.H
    rules = Rule("Qᴴ = Q", Q.H, Q), Rule("Q Q = Q", Q @ Q, Q)
    part, low = tr(Q @ S), tr(Q @ K @ K.H)
    return (
        calc(tr(X @ X.H) + tr(Q @ K @ K.H @ Q.H), *rules, Rule("UᴴU = 1", U.H @ U, I("p − 1")))
        .step(CYCLIC, tr(X @ X.H) + tr(Q.H @ Q @ K @ K.H))
        .step("Qᴴ = Q", tr(X @ X.H) + tr(Q @ Q @ K @ K.H))
        .step("Q Q = Q", tr(X @ X.H) + low)
        .step(CYCLIC, tr(S) - tr(S @ Q.H) - part + tr(Q.H @ Q @ S) + low)
        .step("Qᴴ = Q", tr(S) - tr(S @ Q.H) - part + tr(Q @ Q @ S) + low)
        .step("Q Q = Q", tr(S) - tr(S @ Q.H) + low)
        .step("Qᴴ = Q", tr(S) - tr(S @ Q) + low)
        .step(CYCLIC, tr(S) - part + low)
        .step(CYCLIC, tr(H @ H.H @ U.H @ U) - part + low)
        .step("UᴴU = 1", top - part + low)
    )


def figure(ax: Any) -> None:
    """n = 2, p = 1: the least loss for a decoder at the angle θ, by the loss that ships."""
    landscape = diagonal((2, 1), 1).landscape.floating
    theta = np.linspace(-np.pi / 4, 5 * np.pi / 4, 241)
    A = np.stack([np.cos(theta), np.sin(theta)], axis=-1)[:, :, None]
    ax.plot(theta, landscape.loss(A, A.mT), color="#0072B2", lw=2)
    ax.hlines([1, 4], -np.pi / 4, 5 * np.pi / 4, color="0.6", lw=0.8, ls="--")
    ax.plot([0, np.pi], [1, 1], "o", color="#009E73")
    ax.plot([np.pi / 2], [4], "s", color="#D55E00")
    ax.annotate(
        "", (np.pi / 2, 4), (np.pi / 2, 1), arrowprops={"arrowstyle": "<->", "color": "0.4"}
    )
    ax.text(np.pi / 2 + 0.08, 1.3, "barrier\nλ₁ − λ₂ = 3")
    ax.text(np.pi / 2, 4.1, "saddle, u₂", ha="center", color="#D55E00")
    ax.text(0, 0.9, "minimum, u₁", ha="center", va="top", color="#009E73")
    ax.text(np.pi, 0.9, "mirror image, −u₁", ha="center", va="top", color="#009E73")
    ticks = {0: "0", np.pi / 2: "π/2", np.pi: "π"}
    ax.set_xticks([*ticks], [*ticks.values()])
    ax.set(xlabel="angle θ of the decoder A = (cos θ, sin θ)", ylabel="least loss", ylim=(0.5, 4.5))


def _at(instance: Instance, decoder: list[list[int]]) -> Crossing:
    """At the gauge 1, with a best encoder for a decoder on the wall."""
    A = rationals(decoder) * instance.unit
    M = rationals(np.eye(instance.width, dtype=int)) * instance.unit
    return Crossing(instance, M, A, _best_encoder(instance, A))


_real = diagonal((2, 1), 1)
_complex = replace(_real, U=_real.U * Gaussian(Fraction(1)), V=_real.V * Gaussian(Fraction(1)))

counterexamples = {
    "real data": _at(_complex, [[0], [1]]),
    "p ≤ ρ": _at(diagonal((1, 0), 2), [[1, 0], [0, 0]]),
    "λ_p > λ_{p+1}": _at(diagonal((1, 1), 1), [[0], [1]]),
}
