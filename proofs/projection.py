"""The singular vectors of C project on its range: C (CᴴC)⁻ Cᴴ = U diag(I_r, 0) Uᴴ.

With C = U Λ Vᴴ of rank r, full SVD or thin, and any {1}-inverses of CᴴC and of ΛᴴΛ:

    P_C = C C⁺ = C (CᴴC)⁻ Cᴴ = U Λ (ΛᴴΛ)⁻ Λᴴ Uᴴ = U diag(I_r, 0) Uᴴ

Hypotheses: UᴴU = I and VᴴV = I; Λ diagonal with r entries > 0, then zeros. Any n, p and r, over ℝ
and ℂ. For (CᴴC)⁻¹ = V (ΛᴴΛ)⁻¹ Vᴴ also r = p and V square.

Equality: of all five; for square, invertible Λ also of U Λ Λ⁻² Λᴴ Uᴴ and U Uᴴ.

References: Penrose 1955, A generalized inverse for matrices (the four equations; wording not
confirmed).

Post: E12 (the chain for P_C: it needs full column rank; the fourth line loses a transpose, which
does no harm to a square Λ; the fifth and sixth need Λ⁻¹, and then end in U Uᵀ). `_draft.py` runs
the lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rank, rationals, zeros
from linae.schur import generalised_inverse, projector
from proofs._calc import Chain, I, Proof, Rule, Sum, calc, inverse, letter
from proofs._cases import GAUSSIANS, RATIONALS, matrices, singular_values, unitaries
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Factors(Case):
    """C = U Λ Vᴴ, and a {1}-inverse of CᴴC; without one, its inverse is meant.

    Attributes
    ----------
    U : (n, k), V : (p, l)
        With orthonormal columns.
    s : integers s₁ >= s₂ >= … >= 0, min(k, l) of them
    G : (p, p), optional
    """

    U: Array
    s: tuple[int, ...]
    V: Array
    G: Array | None = None

    @property
    def rank(self) -> int:
        return sum(x > 0 for x in self.s)

    @cached_property
    def L(self) -> Array:
        """Λ."""
        return _diagonal(self.s, self.U.shape[1], self.V.shape[1])

    @cached_property
    def C(self) -> Array:
        return rationals(self.U @ self.L @ self.V.conj().T)

    @cached_property
    def L_plus(self) -> Array:
        """Λ⁺."""
        return _diagonal([Fraction(1, x) if x else x for x in self.s], *self.L.T.shape)


def _diagonal(s: Any, rows: int, columns: int) -> Array:
    M = zeros((rows, columns), rationals([]))
    for i, x in enumerate(s):
        M[i, i] = Fraction(x)
    return M


@st.composite
def hypotheses(draw: st.DrawFn) -> Factors:
    """SVDs with ties and zeros: full, thin, and compact, wide or tall, real or complex."""
    numbers = draw(st.sampled_from([RATIONALS, RATIONALS, GAUSSIANS]))
    n, p = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    U, V = draw(unitaries(n, numbers)), draw(unitaries(p, numbers))
    s = draw(singular_values(min(n, p)))
    r = sum(x > 0 for x in s)
    keep = draw(st.sampled_from([max(n, p), min(n, p), r]))
    case = Factors(U[:, :keep], s[:keep], V[:, :keep])
    if r == p and draw(st.booleans()):
        return case
    gram = case.C.conj().T @ case.C
    return Factors(case.U, case.s, case.V, generalised_inverse(gram, draw(matrices(p, p, numbers))))


def conclusion(case: Factors) -> None:
    """U diag(I_r, 0) Uᴴ is Hermitian, idempotent, and has the range of C: only one matrix is so.
    Elimination gives it too, and so do the formulas."""
    U, L, V, C, plus = case.U, case.L, case.V, case.C, case.L_plus
    P = U @ _diagonal([1] * case.rank, U.shape[1], U.shape[1]) @ U.conj().T
    assert _equal(P, P.conj().T)
    assert _equal(P @ P, P)
    assert _equal(P @ C, C)
    assert rank(P) == rank(C)
    assert _equal(P, projector(C))
    G = V @ plus @ plus.conj().T @ V.conj().T if case.G is None else case.G
    if case.G is None:
        assert _equal(G @ C.conj().T @ C, eye(len(V), C)), "V (ΛᴴΛ)⁻¹ Vᴴ does not invert CᴴC"
    assert _equal(P, C @ G @ C.conj().T)
    for F in (plus @ plus.conj().T, V.conj().T @ G @ V):  # {1}-inverses of ΛᴴΛ
        assert _equal(P, U @ L @ F @ L.conj().T @ U.conj().T)


def _equal(A: Array, B: Array) -> bool:
    return A.shape == B.shape and bool(np.all(A == B))


U, L, V = letter("U", "n", "k"), letter("Λ", "k", "l"), letter("V", "p", "l")
C, C_plus, G = letter("C", "n", "p"), letter("C⁺", "p", "n"), letter("(CᴴC)⁻", "p", "p")
E, D, W = letter("E", "k", "r"), letter("D", "r", "r"), letter("W", "l", "r")
L_plus, F = letter("Λ⁺", "l", "k"), letter("(ΛᴴΛ)⁻", "l", "l")
P = U @ E @ E.H @ U.H
VALUES = "shape of Λ"
U_COLUMNS, V_COLUMNS = "U has orthonormal columns", "V has orthonormal columns"


def proof() -> Proof:
    """All sizes: Λ = E D Wᴴ, where E and W are the first r columns of identities and D is
    invertible, so that E Eᴴ = diag(I_r, 0). Then the chain of the post, for the full SVD and the
    thin one; there (ΛᴴΛ)⁻¹ is one of the {1}-inverses."""
    return Proof((*_singular_values(), *_range(), *_inverses(), *_full_svd(), *_thin_svd()))


def _singular_values() -> tuple[Chain, Chain]:
    """E Eᴴ Λ = Λ and Λ Λ⁺ = E Eᴴ."""
    shape = Rule(VALUES, L, E @ D @ W.H)
    E_columns = Rule("E has orthonormal columns", E.H @ E, I("r"))
    W_columns = Rule("W has orthonormal columns", W.H @ W, I("r"))
    inverts = Rule("D is invertible", D @ inverse(D), I("r"))
    plus = Rule("definition of Λ⁺", L_plus, W @ inverse(D) @ E.H)
    fixed = (
        calc(E @ E.H @ L, shape, E_columns)
        .step(VALUES, E @ E.H @ E @ D @ W.H)
        .step("E has orthonormal columns", E @ D @ W.H)
        .step(VALUES, L)
    )
    product = (
        calc(L @ L_plus, shape, W_columns, inverts, plus)
        .step("definition of Λ⁺", L @ W @ inverse(D) @ E.H)
        .step(VALUES, E @ D @ W.H @ W @ inverse(D) @ E.H)
        .step("W has orthonormal columns", E @ D @ inverse(D) @ E.H)
        .step("D is invertible", E @ E.H)
    )
    return fixed, product


def _range() -> tuple[Chain, Chain, Chain]:
    """With P = U E Eᴴ Uᴴ: P P = P, P C = C, and C V Λ⁺ Uᴴ = P; so P projects on the range of C."""
    fixed, product = _singular_values()
    svd, columns = Rule("SVD", C, U @ L @ V.H), Rule(U_COLUMNS, U.H @ U, I("k"))
    keeps = (
        calc(P @ C, svd, columns, fixed.lemma("E Eᴴ Λ = Λ"))
        .step("SVD", P @ U @ L @ V.H)
        .step(U_COLUMNS, U @ E @ E.H @ L @ V.H)
        .step("E Eᴴ Λ = Λ", U @ L @ V.H)
        .step("SVD", C)
    )
    V_columns, reaches = Rule(V_COLUMNS, V.H @ V, I("l")), product.lemma("Λ Λ⁺ = E Eᴴ")
    within = (
        calc(C @ V @ L_plus @ U.H, svd, V_columns, reaches)
        .step("SVD", U @ L @ V.H @ V @ L_plus @ U.H)
        .step(V_COLUMNS, U @ L @ L_plus @ U.H)
        .step("Λ Λ⁺ = E Eᴴ", P)
    )
    return _idempotent(columns), keeps, within


def _idempotent(columns: Rule) -> Chain:
    E_columns = Rule("E has orthonormal columns", E.H @ E, I("r"))
    first = calc(P @ P, columns, E_columns).step(U_COLUMNS, U @ E @ E.H @ E @ E.H @ U.H)
    return first.step("E has orthonormal columns", P)


def _inverses() -> tuple[Chain, Chain, Chain, Chain]:
    """C (CᴴC)⁻ Cᴴ = P, Λ (ΛᴴΛ)⁻ Λᴴ = E Eᴴ, hence U Λ (ΛᴴΛ)⁻ Λᴴ Uᴴ = P; and C C⁺ = P."""
    (fixed, product), (_, kept, within) = _singular_values(), _range()
    keeps, reaches = kept.lemma("P C = C"), within.lemma("C V Λ⁺ Uᴴ = P")
    for_C = _any_inverse(C, G, V @ L_plus @ U.H, keeps, reaches)
    for_L = _any_inverse(L, F, L_plus, fixed.lemma("E Eᴴ Λ = Λ"), product.lemma("Λ Λ⁺ = E Eᴴ"))
    turned = calc(U @ L @ F @ L.H @ U.H, for_L.lemma("the last chain")).step("the last chain", P)
    penrose = Rule("Penrose 1", C @ C_plus @ C, C), Rule("Penrose 3", C @ C_plus, C_plus.H @ C.H)
    pseudo = (
        calc(C @ C_plus, keeps, reaches, *penrose)
        .step("P C = C", P @ C @ C_plus)
        .step("Penrose 3", P @ C_plus.H @ C.H)
        .step("C V Λ⁺ Uᴴ = P", U @ L_plus.H @ V.H @ C.H @ C_plus.H @ C.H)
        .step("Penrose 1", U @ L_plus.H @ V.H @ C.H)
        .step("C V Λ⁺ Uᴴ = P", P)
    )
    return for_C, for_L, turned, pseudo


def _any_inverse(M: Sum, G: Sum, X: Sum, keeps: Rule, reaches: Rule) -> Chain:
    """M G Mᴴ = P if G is a {1}-inverse of MᴴM, P M = M and M X = P = Pᴴ."""
    P, gram, inverts = reaches.right, M.H @ M, f"{G} is a {{1}}-inverse"
    return (
        calc(M @ G @ M.H, Rule(inverts, gram @ G @ gram, gram), keeps, reaches)
        .step(keeps.name, M @ G @ M.H @ P)
        .step(reaches.name, M @ G @ gram @ X)
        .step(keeps.name, P @ M @ G @ gram @ X)
        .step(reaches.name, X.H @ gram @ G @ gram @ X)
        .step(inverts, X.H @ gram @ X)
        .step(reaches.name, P @ M @ X)
        .step(keeps.name, M @ X)
        .step(reaches.name, P)
    )


def _full_svd() -> tuple[Chain, ...]:
    """Full column rank, Λ perhaps a tall rectangle; (ΛᴴΛ)⁻¹ is one of the (ΛᴴΛ)⁻ above."""
    L, V = letter("Λ", "k", "p"), letter("V", "p", "p")
    gram, N = L.H @ L, inverse(L.H @ L)
    inverts = Rule("Λ has full column rank", N @ gram, I("p"))
    one = calc(gram @ N @ gram, inverts).step("Λ has full column rank", gram)
    return *_post(U, L, V, N, inverts), one


def _thin_svd() -> tuple[Chain, ...]:
    """Full column rank, Λ square and real: one step more."""
    U, L, V = letter("U", "n", "p"), letter("Λ", "p", "p"), letter("V", "p", "p")
    N, real = inverse(L) @ inverse(L), Rule("Λ is real and diagonal", L.H, L)
    left = Rule("Λ⁻¹ Λ = I", inverse(L) @ L, I("p"))
    right = Rule("Λ Λ⁻¹ = I", L @ inverse(L), I("p"))
    square = (
        calc(N @ L.H @ L, left, real)
        .step("Λ is real and diagonal", N @ L @ L)
        .step("Λ⁻¹ Λ = I", inverse(L) @ L)
        .step("Λ⁻¹ Λ = I", I("p"))
    )
    *before, post = _post(U, L, V, N, square.lemma("Λ⁻² inverts ΛᴴΛ"))
    last = (
        calc(C @ inverse(C.H @ C) @ C.H, post.lemma("the last chain"), left, right, real)
        .step("the last chain", U @ L @ N @ L.H @ U.H)
        .step("Λ Λ⁻¹ = I", U @ inverse(L) @ L.H @ U.H)
        .step("Λ is real and diagonal", U @ inverse(L) @ L @ U.H)
        .step("Λ⁻¹ Λ = I", U @ U.H)
    )
    return square, *before, post, last


def _post(U: Sum, L: Sum, V: Sum, N: Sum, inverts: Rule) -> tuple[Chain, Chain, Chain]:
    """The chain of the post, after what its fifth line needs: V (ΛᴴΛ)⁻¹ Vᴴ = (CᴴC)⁻¹."""
    svd, V_columns = Rule("SVD", C, U @ L @ V.H), Rule(V_COLUMNS, V.H @ V, I("p"))
    K, M, regular = inverse(C.H @ C), V @ N @ V.H, "C has full column rank"
    claim = _left_inverse(U, L, V, N, inverts)
    same = (
        calc(K, claim.lemma("left inverse"), Rule(regular, C.H @ C @ K, I("p")))
        .step("left inverse", M @ C.H @ C @ K)
        .step(regular, M)
    )
    chain = (
        calc(C @ K @ C.H, same.lemma("inverses are unique"), svd, V_columns)
        .step("inverses are unique", C @ M @ C.H)
        .step("SVD", U @ L @ V.H @ M @ C.H)
        .step("SVD", U @ L @ V.H @ M @ V @ L.H @ U.H)
        .step(V_COLUMNS, U @ L @ N @ V.H @ V @ L.H @ U.H)
        .step(V_COLUMNS, U @ L @ N @ L.H @ U.H)
    )
    return claim, same, chain


def _left_inverse(U: Sum, L: Sum, V: Sum, N: Sum, inverts: Rule) -> Chain:
    """V N Vᴴ CᴴC = I; here V must be square."""
    svd, U_columns = Rule("SVD", C, U @ L @ V.H), Rule(U_COLUMNS, U.H @ U, I(U.columns))
    V_columns, square = Rule(V_COLUMNS, V.H @ V, I("p")), Rule("V is square", V @ V.H, I("p"))
    M = V @ N @ V.H
    return (
        calc(M @ C.H @ C, svd, U_columns, V_columns, square, inverts)
        .step("SVD", M @ C.H @ U @ L @ V.H)
        .step("SVD", M @ V @ L.H @ U.H @ U @ L @ V.H)
        .step(U_COLUMNS, M @ V @ L.H @ L @ V.H)
        .step(V_COLUMNS, V @ N @ L.H @ L @ V.H)
        .step(inverts.name, V @ V.H)
        .step("V is square", I("p"))
    )


ONE = rationals([[1]])
counterexamples = {
    "full column rank, for (CᴴC)⁻¹": Factors(eye(2, ONE), (1, 0), eye(2, ONE)),
    "V square, for (CᴴC)⁻¹": Factors(ONE, (1,), rationals([["3/5"], ["4/5"]])),
    "(CᴴC)⁻ a {1}-inverse": Factors(ONE, (2,), ONE, G=ONE),
    "UᴴU = I": Factors(rationals([[1], [1]]), (1,), ONE),
    "VᴴV = I, for (CᴴC)⁻¹": Factors(ONE, (1,), 2 * ONE),
    "zeros last": Factors(eye(2, ONE), (0, 1), eye(2, ONE), G=eye(2, ONE)),
}


def instance(case: Factors) -> dict[str, Any]:
    """What the letters of the proof mean in a case."""
    (n, k), (p, l), r = case.U.shape, case.V.shape, case.rank  # noqa: E741  # as in the proof
    gram = case.C.conj().T @ case.C
    inverse_of_gram = generalised_inverse(gram) if case.G is None else case.G
    return {
        **{"n": n, "k": k, "p": p, "l": l, "r": r},
        **{"C": case.C, "U": case.U, "Λ": case.L, "V": case.V, "Λ⁺": case.L_plus},
        **{"E": _diagonal([1] * r, k, r), "W": _diagonal([1] * r, l, r)},
        "D": _diagonal(case.s[:r], r, r),
        "C⁺": case.V @ case.L_plus @ case.U.conj().T,
        "(CᴴC)⁻": inverse_of_gram,
        "(ΛᴴΛ)⁻": case.V.conj().T @ inverse_of_gram @ case.V,
    }
