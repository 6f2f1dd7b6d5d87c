"""The claims and questions of the post on linear autoencoders, in its order, each with its verdict.

A claim is a function: its docstring has the words of the post, a verdict, the theorem that decides
it and the answer; its body asserts the smallest instance of the answer, exactly.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import numpy as np

from linae import Moments, Spectrum, SquaredLoss, Verdict, inertia, is_psd, schur_complement
from linae.calculus import gradient, hessian
from linae.exact import rationals
from linae.minima import barrier
from linae.schur import projector

ONE = rationals(np.eye(2, dtype=int))


def diagonal(*entries):
    return np.diag(rationals(entries))


def auto(*eigenvalues, width):
    """The landscape of auto-association with a diagonal second moment."""
    return SquaredLoss(Moments.auto(diagonal(*eigenvalues)), width)


def slope(landscape, *weights):
    """The gradient, by its definition."""
    return gradient(landscape.loss, weights, landscape.degree)


def e22():
    """E(z) = Bz, D(z) = Az, ℒ = Σ‖y − ABx‖² (y = x)

    holds when: y and x are kept apart
    by: reduction
    "y = x" is one case, auto-association. For targets y = −x the same loss has the minimum W = −P.
    """
    S = diagonal(2, 1)
    landscape = SquaredLoss(Moments(S, -S, S), 1)
    assert (np.matmul(*next(landscape.critical_classes()).weights()) == diagonal(-1, 0)).all()


def e1():
    """each critical point of ℒ(A, B) is some combination of principal components

    holds when: "combination" means the span of the columns of A, where Σ is regular
    by: critical_points
    A = [U_J, 0] M⁻¹ with any invertible M, plus kernel blocks where Σ is singular: a column of A
    need not be a component. S = diag(2, 1), p = 2, A = M⁻¹ = [[1, 1], [0, 1]], B = M.
    """
    landscape, A = auto(2, 1, width=2), rationals([[1, 1], [0, 1]])
    assert not slope(landscape, A, rationals([[1, -1], [0, 1]])).any()
    image = diagonal(2, 1) @ A[:, 1]
    assert image[0] * A[1, 1] != image[1] * A[0, 1]


def e2():
    """Σ = yᵀx

    false
    by: reduction
    Σ = Syx Sxx⁺ Sxy. With Sxx = diag(1, 4) and Syx = 1, yᵀx prefers no direction, while
    Σ = diag(1, 1/4). Only for y = x, with samples in rows, the two agree.
    """
    spectrum = Spectrum.of(Moments(diagonal(1, 4), ONE, ONE))
    assert spectrum.eigenvalues.tolist() == [1, Fraction(1, 4)]


def e3():
    """the minimum loss is achieved when the largest eigenvalues / leading eigenvectors are chosen

    holds
    by: strict_saddle
    Without any hypothesis. That nothing else achieves it needs a gap at p: for S = 1 every
    direction is a global minimum.
    """
    assert next(auto(3, 2, 2, 0, width=2).critical_classes()).loss == 2
    tie, *_ = auto(1, 1, width=1).critical_classes()
    assert (tie.loss, tie.multiplicity) == (1, 2)


def e4():
    """Aᵀ(AB − Σ_YX Σ_XX⁻¹) = 0

    holds when: Sxx is regular; else multiply by Sxx
    by: gradient
    And it is only half: the equation of the encoder. S = diag(2, 1), A = diag(1, 0), B = 1
    satisfies it and is not critical.
    """
    A = diagonal(1, 0)
    assert not (A.T @ (A @ ONE - ONE)).any()
    assert slope(auto(2, 1, width=2), A, ONE).any()


def e5():
    """S = AB − P_A Σ_YX Σ_XX⁻¹ is in the subspace and orthogonal to it, so S = 0

    holds when: Sxx is regular
    by: critical_points
    Otherwise 𝒮 = AB Sxx − P_A Syx is 0, and S need not be: Sxx = diag(1, 0), A = (1, 0)ᵀ, and
    B = (1, 7) sees an input that never occurs.
    """
    Sxx, A, B = diagonal(1, 0), rationals([[1], [0]]), rationals([[1, 7]])
    assert not slope(auto(1, 0, width=1), A, B).any()
    assert not (A @ B @ Sxx - projector(A) @ Sxx).any()
    assert (A @ B - projector(A) @ Sxx).any()


def e6():
    """AB is equal to the projection of the covariance YX and the inverse of covariance XX

    holds when: it says AB = P_A Syx Sxx⁻¹
    by: partial_optima
    Setting A and solving for B, and vice versa, is sound; any generalised inverse of AᵀA will do.
    """
    Sxx, Syx = diagonal(1, 4), rationals([[1, 2], [0, 2]])
    landscape = SquaredLoss(Moments(Sxx, Syx, diagonal(9, 9)), 1)
    A = rationals([[1], [1]])
    B = A.T @ Syx @ diagonal("1/2", "1/8")
    assert not slope(landscape, A, B)[2:].any()
    assert (projector(A) @ Syx @ diagonal(1, "1/4") == A @ B).all()


def e7():
    """Σ is invariant to the columns of A, which is (roughly) the definition of an eigenvector

    false
    by: critical_points
    The other way round: the range of A is invariant under Σ. Single columns need not be
    eigenvectors; see E1.
    """
    Sigma, A = diagonal(3, 2, 1), rationals([[1, 1], [0, 1], [0, 0]])
    P = projector(A)
    assert (P @ Sigma == Sigma @ P).all()
    assert not (Sigma @ A[:, 1:] == projector(A[:, 1:]) @ Sigma @ A[:, 1:]).all()


def e8():
    """a unitary change of coordinates, where the covariance XX is diagonal

    false
    by: reduction
    Diagonalise Σ. With Sxx = 1, which is diagonal in every basis, Σ = [[5, 4], [4, 5]] is not
    diagonal in all of them.
    """
    G = rationals([[2, 1], [1, 2]])
    spectrum = Spectrum.of(Moments(ONE, G, G @ G.T))
    assert spectrum.eigenvalues.tolist() == [9, 1]
    assert (G @ G.T)[0, 1] == 4


def e9():
    """because AB is a projection matrix we know that we can drop the squared term

    holds when: y = x
    by: partial_optima
    For y = 2x the optimal AB is 2P, and (2P)² is not 2P. In general use P_A.
    """
    landscape = SquaredLoss(Moments(ONE, 2 * ONE, 4 * ONE), 1)
    W = np.matmul(*next(landscape.critical_classes()).weights())
    assert (W @ W == 2 * W).all()
    assert W.any()


def e10():
    """simplify to the trace of tr(Σ) − tr(ABΣ)

    holds when: y = x
    by: partial_optima
    In general the loss is tr Syy − tr(P_A Σ). For y = 2x, Sxx = 1, p = 1: the loss is 4, and
    tr Σ − tr(AB Σ) is 0.
    """
    landscape = SquaredLoss(Moments(ONE, 2 * ONE, 4 * ONE), 1)
    A, B = next(landscape.critical_classes()).weights()
    Sigma = 4 * ONE
    assert landscape.loss(A, B) == (4 * ONE - projector(A) @ Sigma).trace() == 4
    assert (Sigma - A @ B @ Sigma).trace() == 0


def e11():
    """Then using perturbation analysis of ...

    holds when: A has full rank; the spare units need another escape
    by: escape
    A rotation of the range of A finds λ_k − λ_j only. Where r < p, adding a component to a spare
    unit finds λ_k: index (p − r)(ρ − r) more. S = diag(2, 1), p = 2: {1} has index 1 without any
    component out of order.
    """
    mean, *_ = reversed(list(auto(2, 1, width=2).critical_classes()))
    one = next(c for c in auto(2, 1, width=2).critical_classes() if c.index_set == (0,))
    assert (one.index, mean.index) == (1, 4)


def e12():
    """P_C = C(CᵀC)⁻¹Cᵀ = … = UΛΛ⁻²ΛᵀUᵀ

    holds when: C has full column rank and Λ is square (thin SVD)
    by: projection
    The fourth line loses a transpose, Λ for Λᵀ, and does not conform for rectangular Λ; Λ⁻² is then
    undefined, and for deficient rank as well. Where it holds the chain stops a step early: UUᵀ.
    """
    from proofs._draft import post_chain

    first, last = 1, 7
    fails = {line.number: line.failures for line in post_chain()}
    assert not any(fails[n]["thin SVD, n > p"] for n in range(first, last + 1))
    broken = [n for n in range(first, last) if fails[n]["full SVD, n > p"]]
    assert broken == [4, 5, 6]
    assert all(fails[n]["thin SVD, rank < p"] for n in (1, 3, 4, 5, 6))


def e13():
    """We did second order optimisation without computing the hessian?!?

    holds when: A has full column rank
    by: second_order
    The Hessian is eliminated rather than avoided: ∇²(min_B ℒ) is its Schur complement, and
    In(∇²ℒ) = (0, 0, p m) + In(∇² min_B ℒ). S = diag(2, 1), at the saddle A = e₂.
    """
    landscape = auto(2, 1, width=1)
    saddle = next(islice(landscape.critical_classes(), 1, None))
    H = hessian(landscape.loss, saddle.weights(), landscape.degree)
    H = H[np.ix_([2, 3, 0, 1], [2, 3, 0, 1])]  # the encoder first
    reduced = schur_complement(H, 2).complement
    assert inertia(H[:2, :2]) + inertia(reduced) == inertia(H) == (1, 1, 2)


def e21():
    """Summary of Kawaguchi: M ≥ 0 implies …

    holds when: its hypotheses are added
    by: range_condition
    What does the work is the range condition: a semidefinite Hessian at a deficient encoder makes
    the residual vanish. That every saddle has a negative eigenvalue is false from three matrices
    on: at W₃ = W₂ = W₁ = 0 the Hessian is 0.
    """
    from linae.landscapes.deep import DeepLinear

    deep = DeepLinear(Moments.auto(ONE), [2, 2])
    zero = 0 * ONE
    assert not deep.hessian(zero, zero, zero).any()
    assert deep.place(zero, zero, zero).kind == "non-strict saddle"


def e15():
    """M ≥ 0 ⟹ A ≥ 0, ℛ(B) ⊆ ℛ(A), C − BA⁻Bᵀ ≥ 0

    holds when: the complement is C − BᵀA⁻B
    by: schur
    Then the three together are equivalent to M ⪰ 0. The range condition cannot be dropped:
    A = 0, B = 1, C = 1 has In(M) = (1, 0, 1).
    """
    assert inertia(rationals([[0, 1], [1, 1]])) == (1, 0, 1)


def e14():
    """M ≥ 0 ⟹ C − BA⁻Bᵀ ≥ 0

    false
    by: schur
    A slip: C − BᵀA⁻B. A = diag(1, 4), B = [[0, 1], [0, 0]], C = diag(0, 1): M ⪰ 0, and the
    expression of the post is diag(−1/4, 1).
    """
    A, B, C = diagonal(1, 4), rationals([[0, 1], [0, 0]]), diagonal(0, 1)
    M = np.block([[A, B], [B.T, C]])
    assert is_psd(M) == Verdict.CERTIFIED
    assert is_psd(C - B @ diagonal(1, "1/4") @ B.T) == Verdict.REFUTED
    assert is_psd(C - B.T @ diagonal(1, "1/4") @ B) == Verdict.CERTIFIED


def e16():
    """Some words about why the generalised inverses are hard?!? Why all the fuss?

    answered
    by: semidefiniteness
    A ↦ A⁺ jumps where the rank does: diag(1, ε)⁺ has norm 1/ε. And ℛ(B) ⊆ ℛ(A) is a closed
    condition without interior: no singular semidefinite matrix can be certified from rounded
    numbers.
    """
    assert is_psd(diagonal(1, 0), radius=Fraction(1, 10**9)) == Verdict.UNDECIDED
    assert is_psd(diagonal(1, 0)) == Verdict.CERTIFIED


def e17():
    """Note: Reparameterisation breaks ???

    answered
    by: reparameterisation
    Eigenvalues, sharpness, trajectories, and the inertia off critical points; not the critical set,
    its values and inertias, connectivity or barriers. At A = B = 1 and at A = 2, B = 1/2 the map is
    the same, the largest curvature of (1 − ab)² is 4 and 17/2.
    """
    landscape = SquaredLoss(Moments.auto(rationals([[1]])), 1)
    for a, sharpest in ((1, 4), (2, Fraction(17, 2))):
        H = landscape.hessian(rationals([[a]]), rationals([[Fraction(1, a)]]))
        assert H.trace() == sharpest
        assert inertia(H) == (0, 1, 1)


def e18():
    """one global minima vs multiple distinct ones. Can you ctsly transform between them?

    answered
    by: barrier
    Over ℝ with p ≤ ρ and a gap at p there are two mirror images: within one yes, across only by a
    climb of λ_p − λ_{p+1}. Over ℂ, for p > ρ, or with a tie at the cut there is one: yes, for free.
    """
    spectrum = auto(5, 3, 1, width=1).spectrum
    assert [barrier(spectrum, p) for p in (1, 2, 3, 4)] == [2, 2, 1, 0]
