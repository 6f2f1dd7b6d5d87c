"""A price for codes that are not white costs no reconstruction: minima are principal components.

With K = B S Bᵀ, the critical points of E‖x − A B x‖² + γ ‖K − 1‖² are, up to a rotation of units
(A Oᵀ, O B), for any r <= min(p, ρ) components J,

    A = [U_J Λ_J^½, U_J X + N Z],    B = [Λ_J^−½ U_Jᵀ; 0] + Y Nᵀ,

with N a basis of ker S and X, Y, Z any matrices: K = diag(1_r, 0), and A B is the projector on the
components in all x that occur. The loss is Σ_K λ + γ (p − r), K the unselected components, and

    negative   the number of pairs (k, j) with λ_k > λ_j, k unselected and j in J; + (p − r)(ρ − r)
    zero       the number of pairs with λ_k = λ_j; + r (r − 1)/2 + 2 r (p − r)
               + (2 p − r)(n − ρ)

are the same on the whole class; the others are positive.

Hypotheses: real auto-association, Y = X; γ > 0. Any S: singular, tied; any width.

Equality: of all three counts, at every γ. Index 0 is the least loss, with J leading and r as large
as p and ρ allow: there is no shrinkage and no trade-off. All else, codes of lower rank among it,
are strict saddles.

References: Bardes, Ponce and LeCun 2022, arXiv:2105.04906 (VICReg, where such penalties replace a
critic; wording not confirmed). The classes were not found in the literature.

Post: F9 (a metric of codes in place of a critic: the same minima, and further saddles, see
`adversarial`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from linae.inertia import inertia
from linae.landscapes.whitening import Whitening
from linae.moments import Moments
from proofs import gradient, hessian
from proofs._auto import Auto, Start, frames, listed_root, sizes, spectra, squares, starts
from proofs._calc import I, letter, zero
from proofs._whitened import Whitened, excess, whitened
from proofs._words import block, blocks, word

uses: list[ModuleType] = [gradient, hessian]


@st.composite
def hypotheses(draw: st.DrawFn) -> Whitened | Start:
    """Points of every class; one in eight is the start of a root search."""
    if draw(st.integers(0, 7)) == 7:
        n, p = draw(sizes(4))
        at = Auto(draw(frames(n)), draw(spectra(n)), p)
        return draw(starts(Whitening(at.moments, p, Fraction(1, 2))))
    return draw(whitened(full=False))


def conclusion(case: Whitened | Start) -> None:
    """By values of the loss along lines, and exact inertia of its second differences."""
    if isinstance(case, Start):
        listed_root(case)
        return

    def loss(A: Array, B: Array) -> Any:
        return case.at.error(A @ B) + case.strength * squares(excess(case.covariance(B)))

    K = case.covariance(case.B)
    assert not calculus.gradient(loss, case.weights, 4).any(), "not critical"
    assert np.array_equal(K @ K, K), f"codes of covariance {K}"
    case.has_components()
    landscape = Whitening(case.at.moments, case.at.width, case.strength)
    found = inertia(calculus.hessian(loss, case.weights, 4))
    claimed = landscape.class_inertia(case.taken)
    assert found == claimed, f"claimed {claimed}, found {found}"
    value, spare = loss(*case.weights), case.at.width - len(case.taken)
    assert value == landscape.class_loss(case.taken)
    assert value == sum(case.at.values) - sum(case.selected) + case.strength * spare
    assert (value == next(landscape.critical_classes()).loss) == (found.negative == 0)
    place = landscape.place(*case.weights)
    assert place is not None
    assert [case.at.values[j] for j in place.critical.index_set] == case.selected


def proof() -> None:
    """For all sizes, on the derivatives that ship, and γ = 1: scale S and A.

    Only if: let P and Q be half the gradient. Q Bᵀ − Aᵀ P = 2 (K − 1) K, so K is a projector; turn
    the units such that K = diag(1_r, 0). Then B₂ S = 0, and P = 0 reads A₁ = S B₁ᵀ. The first rows
    of Q = 0 say B₁ S S = B₁ S S B₁ᵀ B₁ S: F = S^½ B₁ᵀ, which has orthonormal columns, spans an
    invariant subspace of S, and by a further rotation F = U_J. The other rows say A₂ᵀ (S − A₁ B₁ S)
    = 0: the columns of A₂ lie in R(U_J) + ker S. These conditions suffice.

    Inertia: in an eigenbasis S = D ⊕ E ⊕ 0, with the letters of `_blocks` and C D C = 1, half the
    Hessian is a quadratic form in Ȧ = [α β; γ δ; ε ζ] and Ḃ = [a c y; b d z]:

    - ‖α + D C a D C + X b D C‖² + ‖ε + Z b D C‖² + ‖T + Tᵀ‖², T = a D C: β, ζ, b, y and z are not
      in it once α and ε are shifted, and r (r − 1)/2 skew T are not;
    - in (δ, d) it has the pairing −2 ⟨δ d, E⟩ of λ ≠ 0, and δ nowhere else: of inertia
      (q k, 0, q k), and δ clears all other terms with d;
    - in (γ, c) the matrices [1, −λ_k; −λ_k, λ_k λ_j] remain, of determinant λ_k (λ_j − λ_k).
    """
    _necessary()
    _blocks()


def _landscape(S: Array) -> Whitening:
    return Whitening(Moments.auto(S), 1, 1)


def _necessary() -> None:
    """The identity, at all weights; S = R Rᴴ."""
    A, B, R = letter("A", "n", "p"), letter("B", "p", "n"), letter("R", "n", "d")
    S = R @ R.H
    halves = _landscape(block(S)).gradient(block(A), block(B))
    P, Q = (Fraction(1, 2) * word(g) for g in halves)
    K = B @ S @ B.H
    assert 2 * (K - I("p")) @ K == Q @ B.H - A.H @ P
    assert A @ K - S @ B.H == P


def _blocks() -> None:
    """At A = [D C, X; 0, 0; 0, Z] and B = [C, 0, 0; 0, 0, 0]; C, D and E are diagonal."""
    C, D, E = letter("C", "r", "r"), letter("D", "r", "r"), letter("E", "k", "k")
    X, Z = letter("X", "r", "q"), letter("Z", "a", "q")
    nil = {(i, j): zero(i, j) for i in "rkaq" for j in "rkaq"}
    S = blocks(
        [D, nil["r", "k"], nil["r", "a"]],
        [nil["k", "r"], E, nil["k", "a"]],
        [nil["a", "r"], nil["a", "k"], nil["a", "a"]],
    )
    A = blocks([D @ C.H, X], [nil["k", "r"], nil["k", "q"]], [nil["a", "r"], Z])
    B = blocks([C, nil["r", "k"], nil["r", "a"]], [nil["q", i] for i in "rka"])
    (alpha, beta), (gamma, delta), (epsilon, zeta) = _letters(("αβ", "γδ", "εζ"), "rka", "rq")
    (a, c, y), (b, d, z) = _letters(("acy", "bdz"), "rq", "rka")
    directions = (
        blocks([alpha, beta], [gamma, delta], [epsilon, zeta]),
        blocks([a, c, y], [b, d, z]),
    )
    turns = _landscape(S).hessian_vector((A, B), directions)
    half_A, half_B = (Fraction(1, 2) * h for h in turns)
    M, N, F = D @ C.H, C @ D @ C.H, D @ C.H @ C @ D - D  # N = 1 and F = 0
    G, H = alpha @ C + M @ a + X @ b, M @ c + X @ d
    assert half_A.tolist() == [
        [G @ D @ C.H + F @ a.H, F @ b.H],
        [gamma @ N - E @ c.H, -1 * E @ d.H],
        [epsilon @ N + Z @ b @ D @ C.H, nil["a", "q"]],
    ]
    skew, white = 2 * (a @ D @ C.H + C @ D @ a.H) @ C @ D, 2 * (N - I("r"))
    assert half_B[0, 0] == M.H @ G @ D + alpha.H @ F + skew + white @ a @ D
    assert half_B[0, 1] == M.H @ H @ E - gamma.H @ E + white @ c @ E
    silent = Z.H @ (epsilon @ C + Z @ b) @ D
    assert half_B[1, 0] == X.H @ G @ D + silent + beta.H @ F + 2 * b @ F
    assert half_B[1, 1] == X.H @ H @ E + Z.H @ Z @ d @ E - delta.H @ E - 2 * d @ E
    assert not any(h.terms for h in half_B[:, 2])


def _letters(names: Sequence[str], rows: str, columns: str) -> list[list[Any]]:
    return [
        [letter(x, i, j) for x, j in zip(row, columns, strict=True)]
        for i, row in zip(rows, names, strict=True)
    ]


_one = rationals(np.eye(2, dtype=int))


def _point(strength: int, A: Any, B: Any, targets: Array | None = None) -> Whitened:
    """S = diag(4, 1), p = 1."""
    at = Auto(_one, (Fraction(4), Fraction(1)), 1, targets)
    return Whitened(at, Fraction(strength), (0,), rationals(A), rationals(B))


counterexamples = {
    "γ > 0": _point(0, [[1], [0]], [[1, 0]]),
    "Y = X": _point(1, [[-2], [0]], [["1/2", 0]], -_one),
}
