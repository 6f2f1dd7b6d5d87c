"""With weight decay every critical point has A = Bᴴ, and finds principal components one by one.

The critical points of E‖x − A B x‖² + μ (‖A‖² + ‖B‖²) are A = Bᴴ = U_J (1 − μ Λ_J⁻¹)^½ Oᴴ, with
OᴴO = 1, λ_j > μ on J and r = |J| <= p, of loss tr S − Σ_J (λ − μ)²/λ. With K the unselected
components, q = p − r, and g and e the numbers of pairs in K × J with λ_k > λ_j and λ_k = λ_j:

    negative   g + q · (number of K with λ > μ)
    zero       e + q · (number of K with λ = μ) + r (r − 1)/2 + r q

and the others are positive; over ℂ all double, but for r² in place of r (r − 1)/2.

Hypotheses: auto-association, Y = X; the same decay μ > 0 of both factors. Any S: singular, tied,
complex; any width.

Equality: of all three counts. Index 0 is the least loss, which has J leading, all r <= p with λ > μ
if p allows; every other critical point is a strict saddle. As A Aᴴ = U_J (1 − μ Λ_J⁻¹) U_Jᴴ, the
left singular vectors of A are the principal components where the selected λ are distinct; their
gaps, μ (1/λ' − 1/λ) in the squared singular values, vanish with μ.

References: Kunin, Bloom, Goeva and Seed 2019, arXiv:1901.08168, Transpose and Landscape Theorems,
for distinct λ > 0 (wording not confirmed).

Post: E19 (weight sharing is no loss under weight decay: the optimum is tied by itself).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from linae.inertia import inertia
from linae.landscapes.weight_decay import WeightDecay
from linae.moments import Moments
from proofs import gradient, hessian
from proofs._auto import Auto, Decayed, Start, frames, listed_root, ranks, sizes, starts
from proofs._calc import I, letter, zero
from proofs._cases import GAUSSIANS, RATIONALS
from proofs._words import block, blocks, word

uses: list[ModuleType] = [gradient, hessian]

KINDS = [(RATIONALS, 4), (RATIONALS, 6), (GAUSSIANS, 2)]
ROOTS = [Fraction(1, 2), Fraction(3, 5), Fraction(1, 3), Fraction(3, 4)]


@st.composite
def hypotheses(draw: st.DrawFn) -> Decayed | Start:
    """Points of every class, with λ = μ/(1 − c²), c rational, or λ <= μ; one in three complex.
    One in eight is the start of a root search."""
    numbers, most = draw(st.sampled_from(KINDS))
    n, p = draw(sizes(most))
    mu = draw(st.sampled_from([Fraction(1), Fraction(1, 2)]))
    alive = draw(ranks(n))
    roots = sorted((draw(st.sampled_from(ROOTS)) for _ in range(alive)), reverse=True)
    dead = st.sampled_from([mu, mu / 2, Fraction(0)])
    off = sorted((draw(dead) for _ in range(n - len(roots))), reverse=True)
    at = Auto(draw(frames(n, numbers)), (*(mu / (1 - c * c) for c in roots), *off), p)
    if draw(st.integers(0, 7)) == 7:
        return draw(starts(WeightDecay(at.moments, p, mu), numbers))
    r = draw(ranks(min(p, len(roots))))
    J = tuple(sorted(draw(st.permutations(range(len(roots))))[:r]))
    scale = np.array([roots[j] for j in J], dtype=object)
    A = rationals(at.U[:, list(J)] * scale @ draw(frames(p, numbers))[:r]) + 0 * at.U[:, :1]
    return Decayed(at, (mu,) * p, (mu,) * p, J, A, A.conj().T)


def conclusion(case: Decayed | Start) -> None:
    """By values of the loss along lines, and exact inertia of its second differences."""
    if isinstance(case, Start):
        _ends_tied(case)
        return
    at, weights = case.at, (case.A, case.B)
    assert not np.any(calculus.gradient(case.loss, weights, 4)), "not critical"
    assert np.array_equal(case.B, case.A.conj().T), "not tied"
    H = calculus.hessian(case.loss, weights, 4)
    landscape = WeightDecay(at.moments, at.width, case.of_columns[0])
    found, claimed = inertia(H), landscape.class_inertia(case.taken)
    assert found == claimed, f"claimed {claimed}, found {found}"
    value = case.loss(*weights)
    assert value == landscape.class_loss(case.taken)
    assert (value == next(landscape.critical_classes()).loss) == (found.negative == 0)
    for j in case.taken:
        u = at.U[:, j]
        assert np.array_equal(case.A @ (case.B @ u), u * (1 - landscape.decay / at.values[j]))
    place = landscape.place(*weights)
    assert place is not None
    assert [at.values[j] for j in place.critical.index_set] == [at.values[j] for j in case.taken]
    spectrum = landscape.class_spectrum(case.taken)
    if spectrum is not None:  # floating
        np.testing.assert_allclose(spectrum, np.linalg.eigvalsh(H.astype(float)), rtol=0, atol=1e-9)


def _ends_tied(start: Start) -> None:
    """Floating: what a root search finds is tied, and listed."""
    A, B = listed_root(start) or (np.zeros((1, 1)),) * 2
    assert np.abs(A - B.conj().T).max() < 1e-6, f"A = {A}, B = {B}"


def proof() -> None:
    """For all sizes, over ℝ and ℂ, and μ = 1: scale S.

    Only if: let P and Q be half the gradient, C = (1 − A B) S and T = B S Bᴴ ⪰ 0. At P = Q = 0 the
    identities of `_necessary` say

    1. A B S = A (1 + T) Aᴴ, so that C is Hermitian;   2. A = S Bᴴ (1 + T)⁻¹ and Bᴴ = C A have
       their ranges in R(S): let S be regular there;   3. B A = Aᴴ C A is Hermitian.

    If B A w = κ w with |w| = 1, then C Bᴴ w = A w reads (1 − κ) S Bᴴ w = A w by 1; times wᴴ B,
    (1 − κ) τ = κ with τ = wᴴ T w >= 0: κ = τ/(1 + τ) < 1. These are the nonzero eigenvalues of the
    Hermitian matrix S^(−½) A B S^½, so that C ⪰ 0. As C A = Bᴴ and C Bᴴ = A, (C + 1)(C − 1) A = 0
    and C A = A: Bᴴ = A. Now A Aᴴ commutes with S by 1, and its nonzero eigenvalues are 1 − 1/λ.

    If, and inertia: unitary changes of all bases, congruences, lead to S = D ⊕ E, A = [C 0; 0 0],
    B = Aᴴ, C diagonal with (1 − C²) D = 1. By `_blocks` the gradient is 0, and half the Hessian is
    a direct sum, on Ȧ = [α β; γ δ] and Ḃ = [a c; b d]:

    - on (α, a) the form ‖(α C + C a) √D‖² + ‖α − aᴴ‖²: 0 where α = aᴴ with α C skew, dimension
      r (r − 1)/2, or r² over ℂ;
    - on (β, b) the form ‖β − bᴴ‖², with r q zeros;   on (δ, d) the matrices [1 −λ; −λ 1];
    - on (γ, c) the matrices [λ_j −λ_k; −λ_k λ_k c_j² + 1], of determinant (λ_j − λ_k)(λ_k + 1).

    The loss of J is tr S − Σ_J (2 c² λ − c⁴ λ) + 2 Σ_J c² = tr S − Σ_J (λ − 1)²/λ. Without negative
    eigenvalue J is leading, and full or all that λ > 1: the gains (λ − 1)²/λ are the largest.
    """
    _necessary()
    _blocks()


def _landscape(S: Array) -> WeightDecay:
    return WeightDecay(Moments.auto(S), 1, 1)


def _necessary() -> None:
    """What follows from P = 0 and Q = 0, as identities at all weights; S = R Rᴴ."""
    A, B, R = letter("A", "n", "p"), letter("B", "p", "n"), letter("R", "n", "d")
    S = R @ R.H
    halves = _landscape(block(S)).gradient(block(A), block(B))
    P, Q = (Fraction(1, 2) * word(g) for g in halves)
    C, T = S - A @ B @ S, B @ S @ B.H
    assert P == A - C @ B.H == A + A @ T - S @ B.H
    assert Q == B - A.H @ C
    assert A @ (I("p") + T) @ A.H - A @ B @ S == A @ P.H
    assert Q @ A == B @ A - A.H @ C @ A


def _blocks() -> None:
    """Rows of A by J and the rest, columns by used and spare units; F is (C² − 1) D, or −1."""
    C, D, E = letter("C", "r", "r"), letter("D", "r", "r"), letter("E", "k", "k")
    (alpha, beta), (gamma, delta) = (
        [letter(x, row, size) for x, size in zip(names, "rq", strict=True)]
        for row, names in (("r", "αβ"), ("k", "γδ"))
    )
    (a, c), (b, d) = (
        [letter(x, row, size) for x, size in zip(names, "rk", strict=True)]
        for row, names in (("r", "ac"), ("q", "bd"))
    )
    landscape = _landscape(blocks([D, zero("r", "k")], [zero("k", "r"), E]))
    A = blocks([C, zero("r", "q")], [zero("k", "r"), zero("k", "q")])
    B = blocks([C.H, zero("r", "k")], [zero("q", "r"), zero("q", "k")])
    F = C @ C.H @ D - D
    slope_A, slope_B = landscape.gradient(A, B)
    assert slope_A[0, 0] == 2 * (F @ C + C)
    assert slope_B[0, 0] == 2 * (C.H @ F + C.H)
    assert not any(g.terms for s in (slope_A, slope_B) for g in [*s[0, 1:], *s[1]])
    directions = blocks([alpha, beta], [gamma, delta]), blocks([a, c], [b, d])
    half_A, half_B = (Fraction(1, 2) * h for h in landscape.hessian_vector((A, B), directions))
    G = alpha @ C.H + C @ a
    assert half_A.tolist() == [
        [G @ D @ C + F @ a.H + alpha, F @ b.H + beta],
        [gamma @ C.H @ D @ C - E @ c.H + gamma, delta - E @ d.H],
    ]
    assert half_B.tolist() == [
        [C.H @ G @ D + alpha.H @ F + a, C.H @ C @ c @ E - gamma.H @ E + c],
        [beta.H @ F + b, d - delta.H @ E],
    ]


_one = rationals(np.eye(2, dtype=int))


def _point(mu: int, nu: int, A: Any, B: Any, targets: Array | None = None) -> Decayed:
    """S = diag(4, 1), p = 1."""
    at = Auto(_one, (Fraction(4), Fraction(1)), 1, targets)
    return Decayed(at, (Fraction(mu),), (Fraction(nu),), (0,), rationals(A), rationals(B))


counterexamples = {
    "μ > 0": _point(0, 0, [[2], [0]], [["1/2", 0]]),
    "the same decay of both factors": _point(4, 1, [["1/2"], [0]], [[1, 0]]),
    "Y = X": _point(3, 3, [["1/2"], [0]], [["-1/2", 0]], -_one),
}
