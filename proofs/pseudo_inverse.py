"""The pseudo-inverse is continuous where the rank is constant, and explodes where the rank grows.

Let C = A + E. Then C⁺ − A⁺ = −C⁺E A⁺ + C⁺C⁺ᴴEᴴ(1 − A A⁺) + (1 − C⁺C) Eᴴ A⁺ᴴA⁺.

Hypotheses: for the bound on ‖C⁺ − A⁺‖, rank C = rank A; for the identity and ‖C⁺‖, none.

Bound (spectral norms): if rank C = rank A, ‖C⁺ − A⁺‖ <= 3 ‖A⁺‖ ‖C⁺‖ ‖E‖; if the ranks differ, the
pseudo-inverse of the larger rank has norm >= 1/‖E‖. So near A the rank never falls, and it grows
only with ‖C⁺‖ >= 1/‖E‖: this is why no algorithm in rounded numbers computes A⁺ of a singular A.

References: Wedin 1973, BIT 13, with (1 + √5)/2 instead of 3 (wording not confirmed; the identity
gives the 3).

Post: E16 (why generalised inverses are hard).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rank, rationals
from linae.roots import eigenvalue_roots
from linae.schur import generalised_inverse
from proofs._calc import Chain, I, Proof, Rule, Sum, calc, letter
from proofs._cases import GAUSSIANS, RATIONALS, matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Pair(Case):
    """A matrix and an error, and whether the bound for equal ranks is claimed of them."""

    A: Array
    E: Array
    equal_ranks: bool


@st.composite
def hypotheses(draw: st.DrawFn) -> Pair:
    """Matrices of up to 3 × 4, often singular, with errors of any size; half keep the rank."""
    numbers = draw(st.sampled_from([RATIONALS, RATIONALS, GAUSSIANS]))
    n, m, scale = draw(st.integers(1, 3)), draw(st.integers(1, 4)), 10 ** draw(st.integers(0, 9))
    r = draw(st.integers(0, min(n, m)))
    F, G = draw(matrices(n, r, numbers)), draw(matrices(r, m, numbers))
    if draw(st.booleans()):
        turn = rationals(np.eye(n, dtype=int)) + draw(matrices(n, n, numbers)) / Fraction(scale)
        A, C = F @ G, turn @ F @ G
    else:
        A, C = F @ G, F @ G + draw(matrices(n, m, numbers)) / Fraction(scale)
    A, C = rationals(A), rationals(C)
    return Pair(A, C - A, rank(A) == rank(C))


def conclusion(case: Pair) -> None:
    """Exact pseudo-inverses; squares of spectral norms as enclosed roots of polynomials."""
    A, E, C = case.A, case.E, case.A + case.E
    minus, plus = pseudo_inverse(A), pseudo_inverse(C)
    assert np.array_equal(plus - minus, _decomposition(A, E, minus, plus))
    error = _square_norm(E)
    if case.equal_ranks:
        factors = error.upper * _square_norm(minus).upper * _square_norm(plus).upper
        change = _square_norm(plus - minus)
        assert change.lower <= 9 * factors, f"{float(change.value)} > {float(9 * factors)}"
    if rank(A) != rank(C):
        larger = plus if rank(C) > rank(A) else minus
        assert _square_norm(larger).upper * error.upper >= 1


def pseudo_inverse(A: Array) -> Array:
    """A⁺ = Aᴴ(A Aᴴ)⁻A(AᴴA)⁻Aᴴ, held against the four equations that define it."""
    H = A.conj().T
    plus = rationals(H @ generalised_inverse(A @ H) @ A @ generalised_inverse(H @ A) @ H)
    for product in (A @ plus, plus @ A):
        assert np.array_equal(product, product.conj().T)
    assert np.array_equal(A @ plus @ A, A)
    assert np.array_equal(plus @ A @ plus, plus)
    return plus


def _decomposition(A: Array, E: Array, minus: Array, plus: Array) -> Array:
    """The right-hand side of the identity."""
    n, m = (rationals(np.eye(size, dtype=int)) for size in A.shape)
    H = E.conj().T
    first = plus @ plus.conj().T @ H @ (n - A @ minus)
    second = (m - plus @ (A + E)) @ H @ minus.conj().T @ minus
    return first + second - plus @ E @ minus


def _square_norm(M: Array) -> Any:
    """‖M‖², the largest eigenvalue of MᴴM, enclosed; exact if rational."""
    return eigenvalue_roots(M.conj().T @ M)[0]


def proof() -> Proof:
    """The identity; the bounds follow from it.

    Equal ranks: C⁺(1 − A A⁺) has the norm of C⁺ C C⁺ (1 − A A⁺), and for projections of one rank
    ‖C C⁺(1 − A A⁺)‖ = ‖A A⁺(1 − C C⁺)‖ = ‖A⁺ᴴ Eᴴ (1 − C C⁺)‖ <= ‖A⁺‖ ‖E‖; likewise the last term:
    three terms, each at most ‖A⁺‖ ‖C⁺‖ ‖E‖. Rank C larger: some x ≠ 0 in R(Cᴴ) has A x = 0, so
    x = C⁺C x = C⁺E x and 1 <= ‖C⁺‖ ‖E‖.
    """
    E = C - A
    second, third = C_PLUS @ C_PLUS.H @ E.H @ OFF_RANGE, OFF_ROWS @ E.H @ A_PLUS.H @ A_PLUS
    one, other = _second_term(second), _third_term(third)
    lemmas = one.lemma("second term"), other.lemma("third term")
    chain = (
        calc(second + third - C_PLUS @ E @ A_PLUS, *lemmas)
        .step("second term", C_PLUS @ OFF_RANGE + third - C_PLUS @ E @ A_PLUS)
        .step("third term", C_PLUS - A_PLUS)
    )
    return Proof([one, other, chain])


A, C = letter("A", "n", "m"), letter("C", "n", "m")
A_PLUS, C_PLUS = letter("A⁺", "m", "n"), letter("C⁺", "m", "n")
OFF_RANGE, OFF_ROWS = I("n") - A @ A_PLUS, I("m") - C_PLUS @ C
PENROSE = [
    Rule("A A⁺A = A", A @ A_PLUS @ A, A),
    Rule("A⁺A A⁺ = A⁺", A_PLUS @ A @ A_PLUS, A_PLUS),
    Rule("A A⁺ Hermitian", A @ A_PLUS, A_PLUS.H @ A.H),
    Rule("A⁺A Hermitian", A_PLUS @ A, A.H @ A_PLUS.H),
    Rule("C C⁺C = C", C @ C_PLUS @ C, C),
    Rule("C⁺C C⁺ = C⁺", C_PLUS @ C @ C_PLUS, C_PLUS),
    Rule("C C⁺ Hermitian", C @ C_PLUS, C_PLUS.H @ C.H),
    Rule("C⁺C Hermitian", C_PLUS @ C, C.H @ C_PLUS.H),
]


def _second_term(term: Sum) -> Chain:
    """C⁺C⁺ᴴEᴴ(1 − A A⁺) = C⁺(1 − A A⁺): Aᴴ(1 − A A⁺) = 0, and C⁺C⁺ᴴCᴴ = C⁺."""
    square, hermitian = C_PLUS @ C_PLUS.H, C_PLUS @ C @ C_PLUS
    rest = square @ C.H @ OFF_RANGE - square @ A.H
    return (
        calc(term, *PENROSE)
        .step("A A⁺ Hermitian", rest + square @ A.H @ A_PLUS.H @ A.H)
        .step("A A⁺A = A", square @ C.H @ OFF_RANGE)
        .step("C C⁺ Hermitian", hermitian - square @ C.H @ A @ A_PLUS)
        .step("C C⁺ Hermitian", hermitian @ OFF_RANGE)
        .step("C⁺C C⁺ = C⁺", C_PLUS - hermitian @ A @ A_PLUS)
        .step("C⁺C C⁺ = C⁺", C_PLUS @ OFF_RANGE)
    )


def _third_term(term: Sum) -> Chain:
    """(1 − C⁺C) Eᴴ A⁺ᴴA⁺ = −(1 − C⁺C) A⁺: (1 − C⁺C) Cᴴ = 0, and Aᴴ A⁺ᴴA⁺ = A⁺."""
    square, hermitian = A_PLUS.H @ A_PLUS, A_PLUS @ A @ A_PLUS
    rest = C.H @ square - OFF_ROWS @ A.H @ square
    return (
        calc(term, *PENROSE)
        .step("C⁺C Hermitian", rest - C.H @ C_PLUS.H @ C.H @ square)
        .step("C C⁺C = C", -1 * OFF_ROWS @ A.H @ square)
        .step("A⁺A Hermitian", C_PLUS @ C @ A.H @ square - hermitian)
        .step("A⁺A Hermitian", -1 * OFF_ROWS @ hermitian)
        .step("A⁺A A⁺ = A⁺", C_PLUS @ C @ hermitian - A_PLUS)
        .step("A⁺A A⁺ = A⁺", -1 * OFF_ROWS @ A_PLUS)
    )


def figure(ax: Any) -> None:
    """‖M⁺‖ for M = [[1, 1], [1, 1 + ε]]: true, by numpy.linalg.pinv, and the limit at ε = 0."""
    exponents = np.linspace(-19, 0, 153)
    found = [np.linalg.norm(np.linalg.pinv(_nearly_singular(10.0**e)), 2) for e in exponents]
    true = [_true_norm(10.0**e) for e in exponents]
    ax.loglog(10.0**exponents, true, color="0.6", lw=5, label="exact")
    ax.loglog(10.0**exponents, found, color="#0072B2", lw=1.5, label="numpy.linalg.pinv")
    ax.axhline(0.5, color="#D55E00", ls="--", label="at ε = 0")
    ax.set(xlabel="ε", ylabel="norm of the pseudo-inverse of [[1, 1], [1, 1 + ε]]")
    ax.legend(frameon=False)


def _nearly_singular(epsilon: float) -> Array:
    return np.array([[1, 1], [1, 1 + epsilon]])


def _true_norm(epsilon: float) -> float:
    """1/λ_min = λ_max/ε, for the determinant is ε."""
    return (2 + epsilon + float(np.sqrt(4 + epsilon**2))) / (2 * epsilon)


def _diagonal(*entries: Any) -> Array:
    return rationals(np.diag(np.array(entries, dtype=object)))


counterexamples = {
    "rank C = rank A": Pair(_diagonal(1, 0), _diagonal(0, Fraction(1, 10)), True),
}
