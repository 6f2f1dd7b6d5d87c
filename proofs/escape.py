"""From every saddle there is a path along which the loss falls, at each point by a known amount.

With R = G − A B̃ the residual of whitened inputs, B̃ the encoder behind them, at a critical point:

*Swap*, if some selected j has λ_j < λ_k for an unselected k: turn u_j into u_k in A, and v_j into
v_k in B̃. Then L(θ) = L(0) − (λ_k − λ_j) sin²θ for all θ.

*Add*, if r < min(p, ρ), k unselected: A + u_k αᴴ, B̃ + β v_kᴴ with αᴴβ = c. Then

    L = L(0) − λ_k + (√λ_k − c)² + ‖αᴴB̃‖² + ‖A β‖².

Hypotheses: the point is critical and above the least loss; every entry of the error counts alike.
Any gauge and kernel blocks, real or complex.

Equality: of the loss on all of both paths; the second derivative at the start is never 0. Among
additions the drop λ_k is attained iff x + y < p − r, with x and y the ranks of the kernel blocks,
otherwise it is a supremum.

References: none for the two paths with kernel blocks; for full rank Baldi and Hornik 1989, Neural
Networks 2, appendix (wording not confirmed).

Post: E11 (the perturbation that finishes the argument: a swap, or at deficient rank an addition).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import kernel, rationals
from linae.paths import Escape, escape
from proofs import critical_points, reduction
from proofs._calc import CYCLIC, Chain, I, Proof, Rule, Sum, calc, letter, tr, zero
from proofs._cases import GAUSSIANS, gapped_instances, instances, points_of
from proofs._instances import CriticalPoint, Instance, diagonal, spurious_minimum, whitened

uses: list[ModuleType] = [critical_points, reduction]


@st.composite
def hypotheses(draw: st.DrawFn) -> CriticalPoint:
    """Points of classes that are not global; half of them of full rank, the others of any."""
    if draw(st.booleans()):
        at = draw(gapped_instances().filter(lambda at: at.width < at.rank))
        ranks = [at.width]
    else:
        at = draw((instances() | instances(GAUSSIANS, size=8)).filter(lambda at: at.rank))
        ranks = [*range(min(at.width, at.rank) + 1)]
    subsets = [J for r in ranks for J in combinations(range(at.rank), r)]
    return draw(points_of(at, draw(st.sampled_from([J for J in subsets if _is_high(at, J)]))))


def _is_high(at: Instance, J: tuple[int, ...]) -> bool:
    return sum(at.eigenvalues[j] for j in J) < sum(at.eigenvalues[: at.width])


def conclusion(case: CriticalPoint) -> None:
    """Values of the loss, from the samples, at rational points of the path that ships."""
    at, weights = case.instance, case.weights
    assert at.loss(*weights) > at.least, "nothing to escape from"
    place = at.landscape.place(*weights)
    assert place is not None
    path = escape(place.critical, weights)
    first, second = calculus.along_line(at.loss, weights, path.direction, at.landscape.degree)
    assert first == 0
    assert second == path.curvature < 0, f"claimed {path.curvature}, found {second}"
    (_add if path.still is None else _swap)(case, path)


def _value(case: CriticalPoint, component: int | None) -> int:
    assert component is not None
    return case.instance.eigenvalues[component]


def _swap(case: CriticalPoint, path: Escape) -> None:
    """Nine points decide a polynomial of degree 4 in (cos θ, sin θ). The direction is that of
    vectors of length other than 1: cos²θ + N x² = 1 has rational solutions all the same."""
    at, N = case.instance, path.curvature / (-2 * path.drop)
    assert path.still is not None
    assert path.drop == _value(case, path.enters) - _value(case, path.leaves) > 0
    for k in range(-4, 5):
        t = Fraction(k, 3)
        cos, x = (1 - N * t * t) / (1 + N * t * t), 2 * t / (1 + N * t * t)
        parts = zip(case.weights, path.still, path.direction, strict=True)
        found = at.loss(*(w + (cos - 1) * c + x * v for w, c, v in parts))
        claimed = at.loss(*case.weights) - (1 - cos**2) * path.drop
        assert found == claimed, f"at cos θ = {cos} found {found}, claimed {claimed}"


def _add(case: CriticalPoint, path: Escape) -> None:
    """Five points decide a quartic; the claims on its cost are those of the kernels of A and B̃."""
    (A, B), at = case.weights, case.instance
    value, start = _value(case, path.enters), at.loss(A, B)
    cost = path.curvature / 2 + 2 * value

    def drop(t: int, scale: Fraction = Fraction(1)) -> object:
        """Of the loss, where α is t · scale and β is t / scale of the one that ships."""
        dA, dB = path.direction
        return start - at.loss(A + t * scale * dA, B + t / scale * dB)

    for t in range(-2, 3):
        claimed = value * (2 * t**2 - t**4) - cost * t**2
        assert drop(t) == claimed, f"at {t} found {drop(t)}, claimed {claimed}"
    assert path.drop == value * (1 - cost / (2 * value)) ** 2
    blind = kernel((B @ at.moments.Sxx).conj().T).conj().T @ kernel(A)
    attained = bool(np.any(blind))
    assert attained == (sum(case.stratum) < at.width - len(case.J))
    assert attained == (path.drop == value), f"drop {path.drop} of {value}"
    less = value - cost / 10**6
    assert less in (drop(1, Fraction(1, 1000)), drop(1, Fraction(1000)))


def proof() -> Proof:
    """For all sizes, with the loss ‖G − A B‖² of whitened inputs, over ℝ and ℂ.

    *Swap.* W = A B, a = √λ_j, u = u_j, f = v_jᴴ. The path is T A, B V with T = 1 + (e − u) uᴴ and
    V = 1 − fᴴg, g = f − h/a, where e = E k and h = kᴴS F for E = [u_j, u_k], F = [v_j, v_k]ᴴ,
    S = diag(√λ_j, √λ_k), k = (cos θ, sin θ). The product is W − u a f + e h; with R = G − W + u a f
    the loss is ‖R‖² − ‖h‖² = ‖R‖² − (cos²θ λ_j + sin²θ λ_k).

    *Add.* R = G − A B, and for it u = u_k, f = v_kᴴ, b = √λ_k are singular; uᴴA = 0, B fᴴ = 0 by
    the normal form. With y = αᴴB, z = A β the product is A B + z f + u (y + c f), and the loss
    ‖R‖² + ‖y‖² + ‖z‖² + c² − 2 c b. If r < min(p, ρ), A or B has a kernel for β or α: z = 0 or
    y = 0 with c ≠ 0, and −4 c b rules D² if the other is small.

    *Attained.* λ_k is the drop for c = b, y = 0, z = 0. Such α, β exist iff ker A ⊄ R(B), that is
    ker X₀ ⊄ R(Y₀), of dimensions p − r − x and y; as X₀ Y₀ = 0 gives ⊇, iff x + y < p − r.
    """
    return Proof((_turned(), *_rotated(), *_added()))


u, z, f, y = (letter("uzfy"[k], *size) for k, size in enumerate(("n1", "n1", "1d", "1d")))
a, b, c = (letter(name, "1", "1") for name in "abc")
R, one, nothing = letter("R", "n", "d"), I("1"), zero("1", "1")
UNIT = Rule("uᴴu = 1", u.H @ u, one), Rule("f fᴴ = 1", f @ f.H, one)


def _turned() -> Chain:
    """T W V = W − u a f + e h."""
    W, e, h, g = (letter("Wehg"[k], *size) for k, size in enumerate(("nd", "n1", "1d", "1d")))
    left, right = Rule("uᴴW = a f", u.H @ W, a @ f), Rule("W fᴴ = u a", W @ f.H, u @ a)
    T, V, g_is = I("n") + (e - u) @ u.H, I("d") - f.H @ g, Rule("a g = a f − h", a @ g, a @ f - h)
    twice, known = W @ f.H @ g, W + (e - u) @ u.H @ W
    return (
        calc(T @ W @ V, left, right, UNIT[0], g_is)
        .step("W fᴴ = u a", known - u @ a @ g - (e - u) @ u.H @ twice)
        .step("W fᴴ = u a", known - u @ a @ g - e @ u.H @ u @ a @ g + u @ u.H @ twice)
        .step("W fᴴ = u a", known - u @ a @ g - (e - u) @ u.H @ u @ a @ g)
        .step("uᴴu = 1", known - u @ a @ g - e @ a @ g + u @ u.H @ u @ a @ g)
        .step("uᴴu = 1", known - e @ a @ g)
        .step("uᴴW = a f", W + e @ a @ f - u @ u.H @ W - e @ a @ g)
        .step("uᴴW = a f", W + (e - u) @ a @ f - e @ a @ g)
        .step("a g = a f − h", W - u @ a @ f + e @ h)
    )


def _rotated() -> list[Chain]:
    """eᴴe = 1, eᴴR = h; then ‖R − e h‖² = ‖R‖² − ‖h‖²; and ‖h‖² = kᴴ S Sᴴ k."""
    e, h, k = letter("e", "n", "1"), letter("h", "1", "d"), letter("k", "2", "1")
    E, F, S = letter("E", "n", "2"), letter("F", "2", "d"), letter("S", "2", "2")
    e_is, h_is = Rule("e = E k", e, E @ k), Rule("h = kᴴS F", h, k.H @ S @ F)
    unit = calc(e.H @ e, e_is, Rule("EᴴE = 1", E.H @ E, I("2")), Rule("kᴴk = 1", k.H @ k, one))
    unit = unit.step("e = E k", k.H @ E.H @ e).step("e = E k", k.H @ E.H @ E @ k)
    unit = unit.step("EᴴE = 1", k.H @ k).step("kᴴk = 1", one)
    seen = calc(e.H @ R, e_is, h_is, Rule("EᴴR = S F", E.H @ R, S @ F))
    seen = seen.step("e = E k", k.H @ E.H @ R).step("EᴴR = S F", k.H @ S @ F).step(h_is.name, h)
    size = calc(h @ h.H, h_is, Rule("F Fᴴ = 1", F @ F.H, I("2"))).step(h_is.name, k.H @ S @ F @ h.H)
    size = size.step(h_is.name, k.H @ S @ F @ F.H @ S.H @ k).step("F Fᴴ = 1", k.H @ S @ S.H @ k)
    fitted = _fitted(e, h, unit.lemma("eᴴe = 1"), seen.lemma("eᴴR = h"))
    return [unit, seen, fitted, size]


def _fitted(e: Sum, h: Sum, unit: Rule, seen: Rule) -> Chain:
    """‖R − e h‖² = ‖R‖² − ‖h‖²."""
    E, base, gain, square = R - e @ h, tr(R @ R.H), tr(h @ h.H), tr(e @ h @ h.H @ e.H)
    return (
        calc(tr(E @ E.H), unit, seen)
        .step(CYCLIC, base - tr(e.H @ R @ h.H) - tr(e @ h @ R.H) + square)
        .step(seen.name, base - gain - tr(e @ h @ R.H) + square)
        .step(CYCLIC, base - gain - tr(h @ R.H @ e) + square)
        .step(seen.name, base - 2 * gain + square)
        .step(CYCLIC, base - 2 * gain + tr(h @ h.H @ e.H @ e))
        .step(unit.name, base - gain)
    )


def _added() -> list[Chain]:
    """The product; x = y + c f, its norm and its part along f; the two squares."""
    A, B = letter("A", "n", "p"), letter("B", "p", "d")
    alpha, beta = letter("α", "p", "1"), letter("β", "p", "1")
    meets = Rule("αᴴβ = c", alpha.H @ beta, c)
    product = calc((A + u @ alpha.H) @ (B + beta @ f), meets)
    product = product.step(meets.name, A @ B + A @ beta @ f + u @ alpha.H @ B + u @ c @ f)
    x, apart = letter("x", "1", "d"), Rule("y fᴴ = 0", y @ f.H, nothing)
    x_is = Rule("definition of x", x, y + c @ f)
    along = calc(f @ x.H, x_is, apart, UNIT[1]).step(x_is.name, f @ (y + c @ f).H)
    along = along.step("y fᴴ = 0", f @ f.H @ c.H).step("f fᴴ = 1", c.H)
    size = calc(x @ x.H, x_is, apart, along.lemma("f xᴴ = cᴴ"))
    size = size.step(x_is.name, y @ x.H + c @ f @ x.H).step("f xᴴ = cᴴ", y @ x.H + c @ c.H)
    size = size.step(x_is.name, y @ (y + c @ f).H + c @ c.H)
    size = size.step("y fᴴ = 0", y @ y.H + c @ c.H)
    return [product, along, size, *_columns(), _rows(x, along.lemma("f xᴴ = cᴴ"))]


def _columns() -> tuple[Chain, Chain]:
    """P = R − z f has ‖P‖² = ‖R‖² + ‖z‖² and uᴴP = b f."""
    P, base, square = R - z @ f, tr(R @ R.H), tr(z @ f @ f.H @ z.H)
    back, apart = Rule("R fᴴ = u b", R @ f.H, u @ b), Rule("uᴴz = 0", u.H @ z, nothing)
    seen = calc(u.H @ P, apart, Rule("uᴴR = b f", u.H @ R, b @ f))
    return (
        calc(tr(P @ P.H), back, apart, UNIT[1])
        .step("R fᴴ = u b", base - tr(u @ b @ z.H) - tr(z @ f @ R.H) + square)
        .step(CYCLIC, base - tr(b @ z.H @ u) - tr(z @ f @ R.H) + square)
        .step("uᴴz = 0", base - tr(z @ f @ R.H) + square)
        .step("R fᴴ = u b", base - tr(z @ b.H @ u.H) + square)
        .step(CYCLIC, base - tr(b.H @ u.H @ z) + square)
        .step("uᴴz = 0", base + square)
        .step("f fᴴ = 1", base + tr(z @ z.H)),
        seen.step("uᴴz = 0", u.H @ R).step("uᴴR = b f", b @ f),
    )


def _rows(x: Sum, along: Rule) -> Chain:
    """‖P − u x‖² = ‖P‖² + ‖x‖² − b cᴴ − c bᴴ."""
    P, square, cross = letter("P", "n", "d"), tr(u @ x @ x.H @ u.H), tr(b @ c.H)
    base = tr(P @ P.H)
    return (
        calc(tr((P - u @ x) @ (P - u @ x).H), Rule("uᴴP = b f", u.H @ P, b @ f), along, UNIT[0])
        .step(CYCLIC, base - tr(u.H @ P @ x.H) - tr(u @ x @ P.H) + square)
        .step("uᴴP = b f", base - tr(b @ f @ x.H) - tr(u @ x @ P.H) + square)
        .step(along.name, base - cross - tr(u @ x @ P.H) + square)
        .step(CYCLIC, base - cross - tr(x @ P.H @ u) + square)
        .step("uᴴP = b f", base - cross - tr(x @ f.H @ b.H) + square)
        .step(along.name, base - cross - tr(c @ b.H) + square)
        .step(CYCLIC, base - cross - tr(c @ b.H) + tr(x @ x.H @ u.H @ u))
        .step("uᴴu = 1", base - cross - tr(c @ b.H) + tr(x @ x.H))
    )


def _point(at: Instance, J: tuple[int, ...], X0: Any, Y0: Any) -> CriticalPoint:
    """At the gauge 1, with B₀ = 0."""
    one, none = np.eye(at.width, dtype=int), np.zeros((at.width, len(at.R)), dtype=int)
    return CriticalPoint(at, J, *(rationals(block) for block in (one, X0, Y0, none)))


_empty = np.zeros((0, 0), dtype=int)
_crossed = [[1, 0], [0, 0]]

counterexamples = {
    "the point is critical": _point(whitened((1, 0, 0), 2), (), _crossed, _crossed),
    "above the least loss": _point(diagonal((2, 1), 1), (0,), _empty, _empty),
    "every entry of the error counts alike": spurious_minimum(),
}
