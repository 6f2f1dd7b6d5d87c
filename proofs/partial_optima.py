"""Given the decoder, the best encoders are the solutions of AᴴA B Sxx = AᴴSyx; and vice versa.

For any {1}-inverses (AᴴA)⁻, Sxx⁻ and N⁻, with N = B Sxx Bᴴ, all of them are, Z arbitrary,

    B = (AᴴA)⁻Aᴴ Syx Sxx⁻ + Z − (AᴴA)⁻AᴴA Z Sxx Sxx⁻,    loss tr Syy − tr(P_A Σ);
    A = Syx Bᴴ N⁻ + Z − Z N N⁻,                           loss tr Syy − tr(Syx Bᴴ N⁻ B Sxy).

P_A is the orthogonal projection on R(A). B is unique iff A has full column rank and Sxx ≻ 0; A is
unique iff N ≻ 0.

Hypotheses: the joint moment is positive semidefinite; the inverses are {1}-inverses of AᴴA, Sxx and
N. A {1}-inverse of A itself is not enough in place of (AᴴA)⁻Aᴴ: A A⁻ must be Hermitian.

Equality: of the two sets, and of the values. Rank-deficient A, singular Sxx, complex data.

References: Baldi and Hornik 1989, Neural Networks 2, Facts 1 and 2, for full rank (wording not
confirmed).

Post: E6 ("set A and solve for B, and vice versa": fine), E9 and E10 (the value is tr Syy −
tr(P_A Σ): A B is a projection, and tr(A B Σ) the same, only for y = x), E16.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, is_complex, kernel, rank, rationals, solve
from linae.schur import generalised_inverse, projector
from proofs import reduction
from proofs._calc import CYCLIC, Chain, Proof, Rule, Sum, calc, letter, tr, zero
from proofs._cases import GAUSSIANS, RATIONALS, matrices, points
from proofs._instances import Case
from proofs.reduction import Quadratic

uses: list[ModuleType] = [reduction]


@dataclass(frozen=True, eq=False, repr=False)
class Given(Case):
    """A decoder and an encoder, one to be kept and the other to be solved for.

    Attributes
    ----------
    at : Quadratic
    left : (p, n), what stands for (AᴴA)⁻Aᴴ
    Sxx_inverse : (m, m)
    N_inverse : (p, p)
    Z_encoder, Z_decoder : (p, m) and (n, p)
    """

    at: Quadratic
    left: Array
    Sxx_inverse: Array
    N_inverse: Array
    Z_encoder: Array
    Z_decoder: Array


@st.composite
def hypotheses(draw: st.DrawFn) -> Given:
    """Any weights, any {1}-inverses, any Z."""
    at = Quadratic.of(draw(points(12)))
    numbers = GAUSSIANS if is_complex(at.A) else RATIONALS
    (n, p), m = at.A.shape, at.B.shape[1]
    gram = at.A.conj().T @ at.A, at.Sxx, at.B @ at.Sxx @ at.B.conj().T
    free = (draw(matrices(size, size, numbers)) for size in (p, m, p))
    X, T, N = (generalised_inverse(M, Z) for M, Z in zip(gram, free, strict=True))
    Z = draw(matrices(p, m, numbers)), draw(matrices(n, p, numbers))
    return Given(at, X @ at.A.conj().T, T, N, *Z)


def conclusion(case: Given) -> None:
    """Slopes from values of the loss (it is convex in each factor), sets from linear algebra."""
    at = case.at
    A, B, Sxx, Syx, total = at.A, at.B, at.Sxx, at.Syx, at.Syy.trace().real
    best = case.left @ Syx @ case.Sxx_inverse

    def encoder(Z: Array) -> Array:
        return rationals(best + Z - case.left @ A @ Z @ Sxx @ case.Sxx_inverse)

    found = encoder(case.Z_encoder)
    _is_stationary(lambda B: at.loss(A, B), found)
    Sigma = Syx @ generalised_inverse(Sxx) @ Syx.conj().T
    assert at.loss(A, found) == total - (projector(A) @ Sigma).trace().real
    free = _all_of_the_form(A.conj().T @ A, Sxx, A.conj().T @ Syx, encoder)
    assert (free == 0) == (rank(A) == A.shape[1] and rank(Sxx) == len(Sxx))

    N, moment = B @ Sxx @ B.conj().T, Syx @ B.conj().T

    def decoder(Z: Array) -> Array:
        return rationals(moment @ case.N_inverse + Z - Z @ N @ case.N_inverse)

    found = decoder(case.Z_decoder)
    _is_stationary(lambda A: at.loss(A, B), found)
    gain = moment @ generalised_inverse(N) @ moment.conj().T
    assert at.loss(found, B) == total - gain.trace().real
    free = _all_of_the_form(eye(len(A), A), N, moment, decoder)
    assert (free == 0) == (rank(N) == len(N))


def _is_stationary(loss: Callable[[Array], Any], weights: Array) -> None:
    slopes = calculus.gradient(loss, (weights,), 2)
    assert not np.any(slopes), f"slopes {slopes}"


def _all_of_the_form(P: Array, Q: Array, C: Array, form: Callable[[Array], Array]) -> int:
    """Dimension of the set of Z with P Z Q = C, as one long linear system; all are form(Z)."""
    system = np.kron(P, Q.T)
    one = solve(system, C.reshape(-1, 1)).reshape(len(P), len(Q))
    assert np.array_equal(form(one), one)
    free = kernel(system)
    for column in free.T:
        other = one + column.reshape(one.shape)
        assert np.array_equal(form(other), other)
    return free.shape[1]


def proof() -> Proof:
    """For all sizes, with E = G − A B R the error of ‖G − A B R‖², Sxx = R Rᴴ and Syx = G Rᴴ.

    1. A X AᴴA = A for every {1}-inverse X of AᴴA: the difference D has DᴴD = 0. As Xᴴ is one too,
       and R is no other than A, also A Xᴴ AᴴA = A and Rᴴ T Sxx = Rᴴ;
    2. the B of the statement solve AᴴA B Sxx = AᴴSyx, and every solution is one of them;
    3. at a solution Aᴴ E Rᴴ = 0, and a change of B by D adds ‖A D R‖²: solutions are the minima;
    4. P = A X Aᴴ is an orthogonal projection with P A = A; A B R = P G (R has full column rank, so
       that A B Sxx = A X AᴴA B Sxx = P Syx says it), and ‖G − P G‖² = tr(G Gᴴ) − tr(P G Gᴴ).

    The decoder's half is the adjoint: ‖Gᴴ − (B R)ᴴ Aᴴ‖², with (B R)ᴴ for A, Aᴴ for B and R = 1.
    """
    A, B, D = letter("A", "n", "p"), letter("B", "p", "m"), letter("D", "p", "m")
    X, T, R, G = (letter(x, *s) for x, s in zip("XTRG", ("pp", "mm", "md", "nd"), strict=True))
    inner = Rule("X is a {1}-inverse of AᴴA", A.H @ A @ X @ A.H @ A, A.H @ A)
    outer = Rule("T is a {1}-inverse of Sxx", R @ R.H @ T @ R @ R.H, R @ R.H)
    lemmas = _lemma(A, X, inner), _lemma(A, X.H, inner), _lemma(R.H, T, outer)
    chains = [lemma.proof for lemma in lemmas if lemma.proof]
    chains += _solutions(A, B, R @ R.H, G @ R.H, X, T, (inner, outer, *lemmas[1:]))
    projection = _projection(A, B, X, R @ R.H, G @ R.H, lemmas[0])
    return Proof([*chains, _minimum(A, D, R), *projection, _value(G)])


def _lemma(A: Sum, X: Sum, inverse: Rule) -> Rule:
    """A X AᴴA = A: the difference D has DᴴD = 0."""
    D, S = A @ X @ A.H @ A - A, A.H @ A
    chain = calc(D.H @ D, inverse).step(inverse.name, S - S @ X @ S)
    chain = chain.step(inverse.name, zero(S.rows, S.columns))
    return Rule(f"{A @ X @ S} = {A}", A @ X @ S, A, chain)


def _solutions(A: Sum, B: Sum, S: Sum, Syx: Sum, X: Sum, T: Sum, rules: Any) -> list[Chain]:
    """The B of the statement solve the equation; each solution is one of them, with Z = B."""
    (inner, outer, adjoint, root), Z = rules, letter("Z", "p", "m")
    gram, best = A.H @ A, X @ A.H @ Syx @ T
    free = Z - X @ gram @ Z @ S @ T
    equation = (
        calc(gram @ (best + free) @ S, *rules)
        .step(root.name, gram @ X @ A.H @ Syx + gram @ free @ S)
        .step(adjoint.name, A.H @ Syx + gram @ free @ S)
        .step(inner.name, A.H @ Syx + gram @ Z @ S - gram @ Z @ S @ T @ S)
        .step(outer.name, A.H @ Syx)
    )
    solves = Rule("B is a solution", gram @ B @ S, A.H @ Syx)
    every = calc(best + B - X @ gram @ B @ S @ T, solves).step("B is a solution", B)
    return [equation, every]


def _minimum(A: Sum, D: Sum, R: Sum) -> Chain:
    """‖E − A D R‖² = ‖E‖² + ‖A D R‖²."""
    E, move = letter("E", "n", "d"), A @ D @ R
    normal = Rule("B is a solution", A.H @ E @ R.H, zero("p", "m"))
    both = tr(E @ E.H) + tr(move @ move.H)
    return (
        calc(tr((E - move) @ (E - move).H), normal)
        .step(CYCLIC, both - tr(move @ E.H) - tr(A.H @ E @ R.H @ D.H))
        .step("B is a solution", both - tr(move @ E.H))
        .step(CYCLIC, both - tr(D @ R @ E.H @ A))
        .step("B is a solution", both)
    )


def _projection(A: Sum, B: Sum, X: Sum, S: Sum, Syx: Sum, lemma: Rule) -> Iterator[Chain]:
    """With P = A X Aᴴ: Pᴴ = P = P P, P A = A, and A B Sxx = P Syx at a solution."""
    P, solves = A @ X @ A.H, Rule("B is a solution", A.H @ A @ B @ S, A.H @ Syx)
    yield calc(P.H, lemma).step(lemma.name, P @ P.H).step(lemma.name, P)
    yield calc(P @ P, lemma).step(lemma.name, P)
    yield calc(P @ A, lemma).step(lemma.name, A)
    fitted = calc(A @ B @ S, lemma, solves).step(lemma.name, P @ A @ B @ S)
    yield fitted.step("B is a solution", P @ Syx)


def _value(G: Sum) -> Chain:
    """‖G − P G‖² = tr(G Gᴴ) − tr(P G Gᴴ)."""
    P = letter("P", "n", "n")
    fit, square = P @ G, tr(G @ G.H)
    return (
        calc(tr((G - fit) @ (G - fit).H), Rule("Pᴴ = P", P.H, P), Rule("P P = P", P @ P, P))
        .step("Pᴴ = P", square - tr(G @ G.H @ P) - tr(fit @ G.H) + tr(fit @ fit.H))
        .step(CYCLIC, square - 2 * tr(fit @ G.H) + tr(fit @ fit.H))
        .step("Pᴴ = P", square - 2 * tr(fit @ G.H) + tr(fit @ G.H @ P))
        .step(CYCLIC, square - 2 * tr(fit @ G.H) + tr(P @ P @ G @ G.H))
        .step("P P = P", square - tr(fit @ G.H))
    )


def _scalars(left: list[Any], R: Array, Syx: list[Any], Sxx_inverse: Any = 1, N: Any = 1) -> Given:
    """A = (1, 0)ᵀ, B = 1."""
    A, Syx, one = (rationals(np.array(M, dtype=object)[:, None]) for M in ([1, 0], Syx, [1]))
    T, Y = rationals([[Sxx_inverse]]), rationals([[N]])
    at = Quadratic(rationals(R), Syx, Syx @ Syx.T, A, one)
    return Given(at, rationals([left]), T, Y, 0 * one, 0 * A)


counterexamples = {
    "(AᴴA)⁻Aᴴ, not a {1}-inverse of A": _scalars([1, 1], [[1]], [1, 1]),
    "the joint moment is positive semidefinite": _scalars([1, 0], np.zeros((1, 0)), [1, 0]),
    "a {1}-inverse of Sxx": _scalars([1, 0], [[1]], [1, 0], Sxx_inverse=2),
    "a {1}-inverse of N": _scalars([1, 0], [[1]], [1, 0], N=2),
}
