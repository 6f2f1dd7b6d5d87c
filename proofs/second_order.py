"""Eliminating the encoder eliminates its part of the Hessian: ∇²(min_B L) is a Schur complement.

Let f(A) = min_B L(A, B), attained at B = B*(A). There

    ∇²f(A) = H_AA − H_AB H_BB⁻¹ H_BA    and    In(∇²L) = (0, 0, p m) + In(∇²f).

Hypotheses: A has full column rank; Sxx ≻ 0; B = B*(A). The point need not be critical.

Equality: of all entries, and of all three counts. So the index of a critical point is computed by
the n p parameters of f (Baldi and Hornik rotate R(A)): second order, with the Hessian eliminated
rather than avoided. Where A loses rank the argument is silent: f jumps, f(0) = tr Syy although
f(t a) = tr Syy − λ for all t ≠ 0 and an eigenvector a.

References: Golub and Pereyra 1973 (variable projection), Haynsworth 1968 (inertia), Baldi and
Hornik 1989, Neural Networks 2 (wordings not confirmed). Cited only, nothing is measured here: a
Hessian-vector product costs O(p m² + n p m) in moments, so no p (n + m) matrix need be formed.

Post: E13 ("second order optimisation without computing the Hessian": true in this form).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals, solve
from linae.inertia import Inertia, inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.schur import schur_complement
from proofs import gradient, hessian, schur
from proofs._calc import I, Proof, Rule, calc, inverse, letter, zero
from proofs._cases import RATIONALS, gauges, instances_with, singular_values
from proofs._instances import Instance, Point, diagonal
from proofs._words import block, word

uses: list[ModuleType] = [gradient, hessian, schur]


@st.composite
def hypotheses(draw: st.DrawFn) -> Point:
    """Sxx ≻ 0, any decoder of rank p (critical ones, and others), and its best encoder."""
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    p = draw(st.integers(1, min(n, 2)))
    s = draw(singular_values(min(n, m)))
    at = draw(instances_with(s, n, p, m, m, RATIONALS))
    columns = draw(st.permutations(range(n)))[:p]
    critical, gauge = at.U[:, columns] @ draw(gauges(p)), draw(gauges(n))[:, :p]
    A = rationals(draw(st.sampled_from([critical, gauge])))
    return Point(at, A, best_encoder(at, A))


def best_encoder(at: Instance, A: Array) -> Array:
    """A solution of AᵀA B Sxx = AᵀSyx."""
    S = at.moments
    return solve(S.Sxx, solve(A.T @ A, A.T @ S.Syx).T).T


def conclusion(case: Point) -> None:
    """∇²f from values of the least loss along lines, against the Hessian of L."""
    at, (A, B) = case.instance, case.weights
    H = at.landscape.hessian(A, B)
    encoder_first = np.roll(np.arange(len(H)), B.size)
    cut = schur_complement(H[np.ix_(encoder_first, encoder_first)], B.size)
    convex = Inertia(0, 0, B.size)
    assert inertia(cut.block) == convex, "L is not strictly convex in B"
    found = _reduced_hessian(at, A)
    assert np.array_equal(found, cut.complement), f"∇²f {found}, not {cut.complement}"
    assert inertia(H) == convex + inertia(found)


def _reduced_hessian(at: Instance, A: Array) -> Array:
    """∇²f by polarisation: f is a rational function along every line."""
    units = [e for e, _ in calculus.unit_directions((A, A[:, :0].T))]
    H = np.empty((A.size, A.size), dtype=object)
    for i, e in enumerate(units):
        H[i, i] = _second(at, A, e)
        for j in range(i):
            H[i, j] = H[j, i] = (_second(at, A, e + units[j]) - H[i, i] - H[j, j]) / 2
    return H


def _second(at: Instance, A: Array, direction: Array) -> Any:
    """f″ along a line, with f = N/D and D = det AᵀA, N = f D polynomials of degree 2p."""
    nodes, first, second = calculus.line_rule(2 * A.shape[1])
    points = [A + t * direction for t in nodes]
    D = [_determinant(X.T @ X) for X in points]
    N = [d and d * at.loss(X, best_encoder(at, X)) for d, X in zip(D, points, strict=True)]
    dD, dN, ddD, ddN = (np.dot(rule, V) for rule in (first, second) for V in (D, N))
    d = D[len(nodes) // 2]
    f = N[len(nodes) // 2] / d
    slope = (dN - f * dD) / d
    return (ddN - f * ddD - 2 * slope * dD) / d


def _determinant(M: Array) -> Any:
    """Of order 1 or 2."""
    return M[0, 0] if len(M) == 1 else M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0]


def proof() -> Proof:
    """On the gradient and the Hessian-vector product that ship, for all sizes.

    1. ∇_B L = 0 at B* = (AᴴA)⁻¹Aᴴ Syx Sxx⁻¹: a smooth function of A of full column rank, and the
       minimum, for L is convex in B.
    2. H_BB maps Ḃ to 2 AᴴA Ḃ Sxx, which is positive definite; so at Ḃ = −½ (AᴴA)⁻¹ (H_BA Ȧ) Sxx⁻¹
       the second component of H (Ȧ, Ḃ), which is H_BA Ȧ + H_BB Ḃ, is 0.

    By 1, ∇f(A) = ∇_A L(A, B*(A)) and ∇_B L(A, B*(A)) = 0; differentiate both along Ȧ: ∇²f Ȧ is the
    first component of H (Ȧ, Ḃ) for the Ḃ that makes the second one 0, that of 2: the Schur
    complement. Inertias add by `schur`, and In(H_BB) = (0, 0, p m) by 2.
    """
    A, B, dB = letter("A", "n", "p"), letter("B", "p", "m"), letter("Ḃ", "p", "m")
    S, T, Q = letter("Sxx", "m", "m"), letter("Syx", "n", "m"), inverse(A.H @ A)
    landscape = SquaredLoss(Moments(block(S), block(T), block(letter("Syy", "n", "n"))), 1)
    full = Rule("A has full column rank", A.H @ A @ Q, I("p"))
    regular = Rule("Sxx ≻ 0", inverse(S) @ S, I("m"))
    best = block(Q @ A.H @ T @ inverse(S))
    _, slope = landscape.gradient(block(A), best)
    still = (
        calc(word(slope), full, regular)
        .step(full.name, 2 * A.H @ T @ inverse(S) @ S - 2 * A.H @ T)
        .step(regular.name, zero("p", "m"))
    )
    direction = block(zero("n", "p")), block(dB)
    _, image = landscape.hessian_vector((block(A), block(B)), direction)
    assert word(image) == 2 * A.H @ A @ dB @ S

    V = letter("(H_BA Ȧ)", "p", "m")
    answer = Fraction(-1, 2) * (Q @ V @ inverse(S))
    cancels = (
        calc(V + 2 * A.H @ A @ answer @ S, full, regular)
        .step(full.name, V - V @ inverse(S) @ S)
        .step(regular.name, zero("p", "m"))
    )
    return Proof([still, cancels])


def _point(s: tuple[int, ...], A: list[list[int]], B: list[list[int]]) -> Point:
    return Point(diagonal(s, width=1), rationals(A), rationals(B))


counterexamples = {
    "A has full column rank": _point((2, 1), [[0], [0]], [[0, 0]]),
    "Sxx ≻ 0": _point((2, 0), [[1], [0]], [[1, 0]]),
    "B = B*(A)": _point((2, 1), [[1], [0]], [[1, 1]]),
}
