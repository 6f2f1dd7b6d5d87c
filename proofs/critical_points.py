"""The critical points are A = [U_J, N_A X₀] M⁻¹, B = M [S_J V_Jᴴ; Y₀ N_Bᴴ] R⁺ + B₀, X₀ Y₀ = 0.

Here Sxx = R Rᴴ with R of full column rank, G = Syx R⁺ᴴ = U S Vᴴ; U_J are orthonormal eigenvectors
of Σ = G Gᴴ with eigenvalues λ ≠ 0 (of tied ones, any), N_A and N_B bases of ker Gᴴ and ker G; the
gauge M is invertible, X₀ Y₀ = 0, and B₀ R = 0. Then A B Sxx = U_J U_Jᴴ Syx, L = tr Syy − Σ_J λ.

Hypotheses: none. Ties, zero eigenvalues, singular Sxx, n ≠ m, p > n, complex data.

Equality: (A, B) is critical if and only if it is of this form; J (up to ties), the ranks of X₀ and
Y₀, and the whole form are recovered from A and B.

References: Baldi and Hornik 1989, Neural Networks 2, Facts 1 to 4, for full rank. The form often
quoted for deficient rank, "the last p − r rows of the encoder are arbitrary" (Baldi and Hornik
1989, appendix; Baldi and Lu 2012, arXiv:1108.4135), is false: see the counterexample. Zhou and
Liang 2018, arXiv:1710.11205, carry a condition on these rows (wordings not confirmed).

Post: E1 (combinations of principal components: yes, up to gauge and kernel blocks), E5 (the
argument "S = 0": W Sxx = P_A Syx needs no inverse), E7 (reversed: R(A) is Σ-invariant).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, inverse, rationals
from linae.landscapes.normal_form import NormalForm, normal_form
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient, reduction
from proofs._calc import Chain, I, Proof, Rule, Sum, calc, letter, zero
from proofs._cases import critical_points, stationary_points
from proofs._instances import CriticalPoint, Instance, Point, diagonal, whitened
from proofs._words import block, word

uses: list[ModuleType] = [gradient, reduction]

Case = CriticalPoint | Point


def hypotheses() -> st.SearchStrategy[Case]:
    """Members of the family, and solutions of the gradient equations found without it."""
    return critical_points() | stationary_points()


def conclusion(case: Case) -> None:
    """A member is critical, and what is critical is a member, with the loss of its class."""
    at, (A, B) = case.instance, case.weights
    landscape = at.landscape
    _is_critical(at, A, B)
    form = normal_form(landscape, A, B)
    assert form is not None
    assert not np.any(form.free_decoder @ form.free_encoder)
    found = _member(landscape, form)
    assert np.array_equal(found[0], A)
    assert np.array_equal(found[1], B @ at.moments.Sxx)
    taken = [at.eigenvalues[j] for j in form.index_set]
    assert at.loss(A, B) == at.moments.total - sum(taken)
    if isinstance(case, CriticalPoint):
        assert taken == [at.eigenvalues[j] for j in case.J], f"found the class {form.index_set}"
        assert form.stratum == case.stratum
        _shipped_member(case)


def _is_critical(at: Instance, A: Array, B: Array) -> None:
    slopes = calculus.gradient(at.loss, (A, B), at.landscape.degree)
    assert not np.any(slopes), f"gradient {slopes}"


def _member(landscape: SquaredLoss, form: NormalForm) -> tuple[Array, Array]:
    """A and B Sxx of the family, from a normal form."""
    S, spectrum, U = landscape.moments, landscape.spectrum, form.basis
    dual = (U / (U.conj() * U).sum(axis=0)).conj().T
    N = spectrum.vectors[:, spectrum.rank :]
    A = np.concatenate([U, N @ form.free_decoder], axis=1) @ inverse(form.gauge)
    rows = np.concatenate([dual @ S.Syx, form.free_encoder @ spectrum.free_rows @ S.Sxx])
    return A, form.gauge @ rows


def _shipped_member(case: CriticalPoint) -> None:
    """The generator that ships, at the same gauge and blocks, gives a critical point too."""
    at, landscape = case.instance, case.instance.landscape
    blocks = {"free_decoder": case.X0, "free_encoder": case.Y0, "null_encoder": case.B0}
    weights = landscape.class_weights(case.J, case.M, **blocks)
    _is_critical(at, *weights)
    assert landscape.class_loss(case.J) == at.loss(*case.weights) == at.loss(*weights)


def proof() -> Proof:
    """For all sizes and Sxx = 1, to which the reduction leads.

    If: with M = [D, E] and M⁻¹ = [C; F] the family is A = U_J C + N_A C₀, B = D S_J V_Jᴴ + D₀ N_Bᴴ,
    where C₀ = X₀ F and D₀ = E Y₀, so that C D = 1, C D₀ = 0, C₀ D = 0, C₀ D₀ = X₀ Y₀ = 0. What J
    leaves of G is a K that vanishes on these subspaces. The chains of `_sufficient` end in 0.

    Only if: let (P, Q) be half the gradient and W = A B. At P = Q = 0 the identities of
    `_necessary` say W Wᴴ = G Wᴴ and Wᴴ W = Wᴴ G (so that W = Π G with Π the projection on R(W)),
    Σ W = W Wᴴ W (so that R(W) is Σ-invariant and Σ is invertible on it: Π = U_J U_Jᴴ), and
    (G − W)ᴴ A = 0 = (G − W) Bᴴ. As G − W = (1 − Π) G, the rest (1 − Π) A of the decoder lies in
    ker Gᴴ, likewise that of B: A = U_J C + N_A C₀ and B = D S_J V_Jᴴ + D₀ N_Bᴴ. Comparing with
    W = U_J S_J V_Jᴴ gives C D = 1, C D₀ = 0, C₀ D = 0, C₀ D₀ = 0. With M = [D, a basis of ker C]
    this is the family.
    """
    _necessary()
    return Proof(_sufficient())


def _sufficient() -> list[Chain]:
    """W = U S Vᴴ, so that W − G = −K; then K Bᴴ = 0 and Aᴴ K = 0. N and L are N_A and N_B."""
    U, S, V, K = (letter(x, *s) for x, s in zip("USVK", ("nr", "rr", "dr", "nd"), strict=True))
    N, L, C, D = (letter(x, *s) for x, s in zip("NLCD", ("na", "db", "rp", "pr"), strict=True))
    C0, D0 = letter("C₀", "a", "p"), letter("D₀", "p", "b")
    orthogonal = [(C, D0), (C0, D), (C0, D0), (K, V), (K, L), (U.H, K), (N.H, K)]
    rules = [Rule(f"{x} {y} = 0", x @ y, zero(x.rows, y.columns)) for x, y in orthogonal]
    rules.append(Rule("C D = 1", C @ D, I("r")))
    A, B, G = U @ C + N @ C0, D @ S @ V.H + D0 @ L.H, U @ S @ V.H + K
    slopes = _whitened(G).gradient(block(A), block(B))
    assert [word(g) for g in slopes] == [2 * (A @ B - G) @ B.H, 2 * A.H @ (A @ B - G)]
    chains = [_reduced(X, rules) for X in (A @ B, K @ B.H, A.H @ K)]
    W, *rest = (chain.lines[-1].value for chain in chains)
    assert G - W == K
    assert not any(end.terms for end in rest)
    return chains


def _whitened(G: Sum) -> SquaredLoss:
    return SquaredLoss(Moments(block(I(G.columns)), block(G), block(G @ G.H)), 1)


def _necessary() -> None:
    """What follows from P = 0 and Q = 0, as identities at all weights."""
    A, B, G = letter("A", "n", "p"), letter("B", "p", "d"), letter("G", "n", "d")
    gradient = _whitened(G).gradient(block(A), block(B))
    P, Q = (Fraction(1, 2) * word(g) for g in gradient)
    W = A @ B
    assert W @ W.H - G @ W.H == P @ A.H
    assert W.H @ W - W.H @ G == B.H @ Q
    assert W @ W.H @ W - G @ G.H @ W == G @ Q.H @ B + P @ A.H @ W
    assert (W - G).H @ A == Q.H
    assert (W - G) @ B.H == P


def _reduced(S: Sum, rules: list[Rule]) -> Chain:
    """The chain that uses rules from left to right until none applies."""
    chain = calc(S, *rules)
    while True:
        line = chain.lines[-1].value
        uses = (
            (rule.name, line - c * (X @ (rule.left - rule.right) @ Y))
            for word, c in line.terms.items()
            for rule in rules
            for part in rule.left.terms
            for X, Y in word.around(part)
        )
        step = next(uses, None)
        if step is None:
            return chain
        chain = chain.step(*step)


def attack(landscape: SquaredLoss, rng: np.random.Generator, starts: int) -> list[Any]:
    """Floating: zeros of the gradient that least squares finds from random starts, each with the
    distance to the member of the family with its normal form (infinite without one)."""
    from scipy.optimize import least_squares

    def slopes(vector: Array) -> Array:
        return landscape.flatten(landscape.gradient(*landscape.unflatten(vector)))

    found = []
    for _ in range(starts):
        size = rng.choice([0.1, 1.0, 3.0])
        end = least_squares(
            slopes, size * rng.standard_normal(landscape.size), xtol=1e-15, gtol=1e-15, ftol=1e-15
        )
        if np.abs(end.fun).max() < 1e-10:
            weights = landscape.unflatten(end.x)
            found.append((weights, _distance(landscape, *weights)))
    return found


def _distance(landscape: SquaredLoss, A: Array, B: Array) -> float:
    form = normal_form(landscape, A, B)
    if form is None:
        return float("inf")
    near = _member(landscape, form)
    return float(np.abs(near[0] - A).max() + np.abs(near[1] - B @ landscape.moments.Sxx).max())


counterexamples = {
    "the spare rows of the encoder see no unselected component": Point(
        diagonal((2, 1), width=2), rationals([[1, 0], [0, 0]]), rationals([[1, 0], [0, 1]])
    ),
    "X₀ Y₀ = 0": Point(whitened((0,), width=1), rationals([[1]]), rationals([[1]])),
    "R(A) is Σ-invariant": Point(
        diagonal((2, 1), width=1), rationals([[1], [1]]), rationals([["1/2", "1/2"]])
    ),
}
