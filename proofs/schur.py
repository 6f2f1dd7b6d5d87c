"""A Hermitian M = [[A, B], [Bᴴ, C]] is ⪰ 0 if and only if A ⪰ 0, R(B) ⊆ R(A) and C − BᴴA⁻B ⪰ 0.

Here A⁻ is any {1}-inverse, A A⁻ A = A.

Hypotheses: none on the blocks. A may be singular or indefinite, the numbers real or complex.

Equality: C − BᴴA⁻B is the same for every A⁻ if and only if R(B) ⊆ R(A); and then inertias add,
In(M) = In(A) + In(C − BᴴA⁻B), also for indefinite A.

References: Albert 1969, SIAM J. Appl. Math. 17, for the three conditions; Haynsworth 1968, Linear
Algebra Appl. 1, for inertias and regular A (wordings not confirmed).

Post: E14 (C − B A⁻ Bᴴ ⪰ 0 is a slip: with B on the left the condition is neither necessary nor
sufficient, and it conforms only if A and C have one size), E15 (with Bᴴ on the left the three
conditions follow from M ⪰ 0, and together they imply it; without R(B) ⊆ R(A) they do not).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rank, rationals
from linae.inertia import ldl_inertia
from linae.schur import albert, generalised_inverse, is_psd, schur_complement
from linae.verdict import Verdict
from proofs._calc import Chain, I, Proof, Rule, calc, letter, zero
from proofs._cases import GAUSSIANS, RATIONALS, matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Blocks(Case):
    """The blocks of M, a choice Z of A⁻ + Z − A⁻A Z A A⁻, and a criterion for M ⪰ 0."""

    A: Array
    B: Array
    C: Array
    Z: Array
    criterion: Callable[[Blocks], bool]

    @property
    def M(self) -> Array:
        return np.block([[self.A, self.B], [self.B.conj().T, self.C]])


def three_conditions(case: Blocks) -> bool:
    """A ⪰ 0, R(B) ⊆ R(A) and C − BᴴA⁻B ⪰ 0."""
    return albert(case.M, len(case.A)).verdict is Verdict.CERTIFIED


def without_range(case: Blocks) -> bool:
    """A ⪰ 0 and C − BᴴA⁻B ⪰ 0, for A⁻ = A⁺."""
    conditions = albert(case.M, len(case.A))
    return conditions.block & conditions.complement is Verdict.CERTIFIED


def of_the_post(case: Blocks) -> bool:
    """A ⪰ 0, R(B) ⊆ R(A) and C − B A⁻ Bᴴ ⪰ 0."""
    A, B, conditions = case.A, case.B, albert(case.M, len(case.A))
    slip = is_psd(case.C - B @ generalised_inverse(A) @ B.conj().T).verdict
    return conditions.block & conditions.range_condition & slip is Verdict.CERTIFIED


@st.composite
def hypotheses(draw: st.DrawFn) -> Blocks:
    """Hermitian matrices of order 1 to 5, definite or not, often singular, cut anywhere."""
    numbers = draw(st.sampled_from([RATIONALS, RATIONALS, GAUSSIANS]))
    n = draw(st.integers(1, 5))
    F = draw(matrices(draw(st.integers(1, n)), n, numbers))
    signs = draw(st.lists(st.sampled_from([1, 1, 1, -1]), min_size=len(F), max_size=len(F)))
    Z = draw(matrices(n, n, numbers))
    M = F.conj().T @ (rationals(signs)[:, None] * F) if draw(st.booleans()) else Z + Z.conj().T
    k = draw(st.integers(0, n))
    return Blocks(M[:k, :k], M[:k, k:], M[k:, k:], Z[:k, :k], three_conditions)


def conclusion(case: Blocks) -> None:
    """Against exact LDLᴴ of the whole of M, and ranks: nothing there knows of a complement."""
    A, B, C, M = case.A, case.B, case.C, case.M
    whole = ldl_inertia(M)
    assert case.criterion(case) == (not whole.negative), f"In(M) = {whole}"
    inside = rank(np.concatenate([A, B], axis=1)) == rank(A)
    schur = schur_complement(M, len(A))
    assert schur.range_condition is Verdict.of(inside)
    blind = generalised_inverse(A, free=_kernel_projector(A))
    complements = [
        C - B.conj().T @ inverse @ B
        for inverse in (generalised_inverse(A), generalised_inverse(A, free=case.Z), blind)
    ]
    assert np.array_equal(complements[0], complements[2]) == inside
    if inside:
        assert all(np.array_equal(schur.complement, other) for other in complements)
        assert schur.inertia() == ldl_inertia(A) + ldl_inertia(complements[1]) == whole


def _kernel_projector(A: Array) -> Array:
    """1 − A A⁺, by a {1}-inverse of AᴴA."""
    inside = A @ generalised_inverse(A.conj().T @ A) @ A.conj().T
    return rationals(np.eye(len(A), dtype=int)) - inside


def proof() -> Proof:
    """Five calculations; around them stand only these facts. A matrix is ⪰ 0 iff it is a Gram
    matrix FᴴF; R(B) ⊆ R(A) iff B = A K; congruence keeps the inertia (Sylvester); XᴴX = 0 only if
    X = 0; Moore-Penrose inverses and the projection N on ker A exist.

    1. BᴴA⁻B = KᴴAK for every A⁻.   2. M is congruent to A ⊕ (C − KᴴAK): inertias add.
    3. If M = FᴴF, then B = A K with K = F₁⁺F₂, and C − KᴴAK is a Gram matrix.
    4. If A and C − KᴴAK are Gram matrices, so is M.
    5. A⁻ + N is a {1}-inverse too, and adds (N B)ᴴ(N B) to BᴴA⁻B: zero only if N B = 0.
    """
    return Proof([_independence(), *_congruence(), *_necessity(), *_sufficiency(), *_choice()])


A, B, C = letter("A", "k", "k"), letter("B", "k", "l"), letter("C", "l", "l")
K, MINUS = letter("K", "k", "l"), letter("A⁻", "k", "k")
HERMITIAN, INSIDE = Rule("A = Aᴴ", A, A.H), Rule("R(B) ⊆ R(A)", A @ K, B)
INVERSE = Rule("A A⁻ A = A", A @ MINUS @ A, A)


def _independence() -> Chain:
    chain = calc(B.H @ MINUS @ B, HERMITIAN, INSIDE, INVERSE)
    chain = chain.step("R(B) ⊆ R(A)", K.H @ A.H @ MINUS @ B)
    chain = chain.step("A = Aᴴ", K.H @ A @ MINUS @ B)
    chain = chain.step("R(B) ⊆ R(A)", K.H @ A @ MINUS @ A @ K)
    return chain.step("A A⁻ A = A", K.H @ A @ K)


def _congruence() -> list[Chain]:
    """The blocks of TᴴMT with T = [[1, −K], [0, 1]], below the diagonal those of the adjoint."""
    M = np.array([[A, B], [B.H, C]])
    T = np.array([[I("k"), -1 * K], [zero("l", "k"), I("l")]])
    Th = np.array([[I("k"), zero("k", "l")], [-1 * K.H, I("l")]])
    blocks = Th @ M @ T
    assert blocks[0, 0] == A
    side = calc(blocks[0, 1], INSIDE).step("R(B) ⊆ R(A)", zero("k", "l"))
    last = calc(blocks[1, 1], INSIDE, HERMITIAN)
    last = last.step("R(B) ⊆ R(A)", C - B.H @ K)
    last = last.step("R(B) ⊆ R(A)", C - K.H @ A.H @ K)
    return [side, last.step("A = Aᴴ", C - K.H @ A @ K)]


def _necessity() -> list[Chain]:
    """A = F₁ᴴF₁, B = F₁ᴴF₂, C = F₂ᴴF₂."""
    F1, F2, P = letter("F₁", "h", "k"), letter("F₂", "h", "l"), letter("F₁⁺", "k", "h")
    mp = Rule("F₁F₁⁺F₁ = F₁", F1 @ P @ F1, F1), Rule("F₁F₁⁺ Hermitian", F1 @ P, P.H @ F1.H)
    inside = calc(F1.H @ F2, *mp).step("F₁F₁⁺F₁ = F₁", F1.H @ P.H @ F1.H @ F2)
    inside = inside.step("F₁F₁⁺ Hermitian", F1.H @ F1 @ P @ F2)
    gram, k = F2 - F1 @ P @ F2, P @ F2
    square = calc(gram.H @ gram, *mp).step(
        "F₁F₁⁺ Hermitian", F2.H @ F2 - 2 * F2.H @ F1 @ P @ F2 + k.H @ F1.H @ F1 @ k
    )
    square = square.step(
        "F₁F₁⁺F₁ = F₁",
        F2.H @ F2 - 2 * F2.H @ F1 @ P @ F1 @ P @ F2 + k.H @ F1.H @ F1 @ k,
    )
    square = square.step("F₁F₁⁺ Hermitian", F2.H @ F2 - k.H @ F1.H @ F1 @ k)
    return [inside, square]


def _sufficiency() -> list[Chain]:
    """The blocks of SᴴS with S = [[F, F K], [0, G]], A = FᴴF and C − KᴴAK = GᴴG."""
    F, G = letter("F", "h", "k"), letter("G", "g", "l")
    first, rest = Rule("A ⪰ 0", A, F.H @ F), Rule("C − KᴴAK ⪰ 0", C - K.H @ A @ K, G.H @ G)
    S = np.array([[F, F @ K], [zero("g", "k"), G]])
    Sh = np.array([[F.H, zero("k", "g")], [K.H @ F.H, G.H]])
    blocks = Sh @ S
    side = calc(blocks[0, 1], first, INSIDE).step("A ⪰ 0", A @ K).step("R(B) ⊆ R(A)", B)
    last = calc(blocks[1, 1], first, rest).step("A ⪰ 0", K.H @ A @ K + G.H @ G)
    corner = calc(blocks[0, 0], first).step("A ⪰ 0", A)
    return [corner, side, last.step("C − KᴴAK ⪰ 0", C)]


def _choice() -> list[Chain]:
    N = letter("N", "k", "k")
    kernel, square = Rule("A N = 0", A @ N, zero("k", "k")), Rule("N = NᴴN", N, N.H @ N)
    other = calc(A @ (MINUS + N) @ A, kernel, INVERSE)
    other = other.step("A N = 0", A @ MINUS @ A).step("A A⁻ A = A", A)
    more = calc(B.H @ (MINUS + N) @ B - B.H @ MINUS @ B, square)
    return [other, more.step("N = NᴴN", (N @ B).H @ (N @ B))]


def _case(A: Array, B: Array, C: Array, criterion: Callable[[Blocks], bool]) -> Blocks:
    return Blocks(*map(rationals, (A, B, C, np.zeros_like(A, dtype=int))), criterion)


_OFF = [[0, 1], [0, 0]]
counterexamples = {
    "R(B) ⊆ R(A)": _case([[0]], [[1]], [[1]], without_range),
    "BᴴA⁻B, not B A⁻ Bᴴ: necessary": _case([[1, 0], [0, 4]], _OFF, [[0, 0], [0, 1]], of_the_post),
    "BᴴA⁻B, not B A⁻ Bᴴ: sufficient": _case(
        [[1, 0], [0, 4]], _OFF, [["1/4", 0], [0, 0]], of_the_post
    ),
}
