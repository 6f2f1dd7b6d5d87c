"""Schur complements: Albert's theorem, additivity of inertia, and what fails without the range."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linae.exact import Gaussian, eye, floating, rationals, zeros
from linae.inertia import inertia, ldl_inertia
from linae.schur import (
    albert,
    generalised_inverse,
    is_psd,
    negative_direction,
    projector,
    schur_complement,
)
from linae.verdict import Verdict

CERTIFIED, REFUTED, UNDECIDED = Verdict.CERTIFIED, Verdict.REFUTED, Verdict.UNDECIDED
integers = st.sampled_from([0, 0, 1, -1, 2])
gaussians = st.sampled_from([0, 0, 1, -1, 1j, -1j, 1 + 1j, 2 - 1j])


@st.composite
def matrices(draw, rows, columns):
    """Exact matrices, real or complex, often singular."""
    numbers = draw(st.sampled_from([integers, gaussians]))
    entries = draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns))
    return rationals(entries).reshape(rows, columns)


@st.composite
def hermitian_blocks(draw):
    """A Hermitian matrix, definite or not, often singular, and the order of its leading block."""
    n = draw(st.integers(1, 4))
    F = draw(matrices(draw(st.integers(1, n)), n))
    signs = draw(st.lists(st.sampled_from([1, 1, 1, -1]), min_size=len(F), max_size=len(F)))
    M = F.conj().T @ (rationals(signs)[:, None] * F)
    if draw(st.booleans()):
        Z = draw(matrices(n, n))
        M = Z + Z.conj().T
    return M, draw(st.integers(0, n))


def determinant(M):
    """By Leibniz' formula."""
    total = Fraction(0)
    for p in itertools.permutations(range(len(M))):
        sign = (-1) ** sum(a > b for a, b in itertools.combinations(p, 2))
        total = total + np.prod([M[i, j] for i, j in enumerate(p)], initial=Fraction(sign))
    return total


def has_minors_of_a_semidefinite_matrix(M):
    """Whether every principal minor is >= 0 (Sylvester's criterion in its closed form)."""
    subsets = (c for k in range(len(M)) for c in itertools.combinations(range(len(M)), k + 1))
    return all(determinant(M[np.ix_(s, s)]).real >= 0 for s in subsets)


@given(hermitian_blocks())
def test_semidefinite_iff_principal_minors_are_not_negative(case):
    """M ⪰ 0 iff every principal minor is >= 0."""
    M, _ = case
    assert is_psd(M) == Verdict.of(has_minors_of_a_semidefinite_matrix(M))


@given(hermitian_blocks())
def test_albert_both_ways(case):
    """M ⪰ 0 iff A ⪰ 0, R(B) ⊆ R(A) and C − BᴴA⁻B ⪰ 0."""
    M, k = case
    assert albert(M, k).verdict is Verdict.of(has_minors_of_a_semidefinite_matrix(M))


@given(hermitian_blocks())
def test_inertia_adds_under_the_range_condition(case):
    """In(M) = In(A) + In(C − BᴴA⁻B) if R(B) ⊆ R(A), also for indefinite A."""
    M, k = case
    schur = schur_complement(M, k)
    assert schur.range_condition == Verdict.of(
        bool((projector(M[:k, :k]) @ M[:k, k:] == M[:k, k:]).all())
    )
    if schur.range_condition is CERTIFIED:
        assert schur.inertia() == ldl_inertia(M)
    else:
        with pytest.raises(ValueError, match="Got refuted"):
            schur.inertia()


@given(hermitian_blocks(), st.data())
def test_complement_is_the_same_for_every_inverse(case, data):
    """Under the range condition C − BᴴA⁻B does not depend on A⁻."""
    M, k = case
    A, B, C = M[:k, :k], M[:k, k:], M[k:, k:]
    schur = schur_complement(M, k)
    if schur.range_condition is CERTIFIED:
        inverse = generalised_inverse(A, free=data.draw(matrices(k, k)))
        assert (schur.complement == C - B.conj().T @ inverse @ B).all()


@given(st.data())
def test_generalised_inverse(data):
    """A A⁻ A = A for every choice, A rectangular, of doubles too."""
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    A = data.draw(matrices(n, m))
    for free in (None, data.draw(matrices(m, n))):
        assert (A @ generalised_inverse(A, free=free) @ A == A).all()
    F = floating(A)
    assert np.allclose(F @ generalised_inverse(F) @ F, F, rtol=0, atol=1e-12)


@given(st.data())
def test_projector(data):
    """P = A A⁺ is Hermitian and idempotent, P A = A, and its trace is the rank; doubles agree."""
    A = data.draw(matrices(data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))))
    P = projector(A)
    assert (P.conj().T == P).all()
    assert (P @ P == P).all()
    assert (P @ A == A).all()
    assert P.trace() == np.linalg.matrix_rank(floating(A))
    assert np.allclose(floating(P), projector(floating(A)), rtol=0, atol=1e-12)


def test_range_condition_cannot_be_dropped():
    """A = 0, B = C = 1: both other conditions hold and M has a negative eigenvalue."""
    M = [[0, 1], [1, 1]]
    conditions = albert(M, 1)
    assert (conditions.block, conditions.range_condition) == (CERTIFIED, REFUTED)
    assert conditions.complement is CERTIFIED
    assert inertia(M) == (1, 0, 1)
    assert is_psd(M) == REFUTED


def test_without_the_range_condition_the_complement_is_arbitrary():
    """A = diag(1, 0), B = e₂: BᴴA⁻B = z for A⁻ = diag(1, z)."""
    A, B = rationals([[1, 0], [0, 0]]), rationals([[0], [1]])
    for z in (-3, 0, 5):
        inverse = generalised_inverse(A, free=[[1, 0], [0, z]])
        assert (A @ inverse @ A == A).all()
        assert (B.T @ inverse @ B).item() == z


@pytest.mark.parametrize(
    ("C", "slip", "semidefinite"),
    [
        (np.diag([0, 1]), [["-1/4", 0], [0, 1]], CERTIFIED),
        (np.diag(rationals(["1/4", 0])), [[0, 0], [0, 0]], REFUTED),
    ],
)
def test_transposing_the_wrong_block_decides_wrongly(C, slip, semidefinite):
    """C − B A⁻ Bᵀ in place of C − Bᵀ A⁻ B errs both ways: A = diag(1, 4), B = e₁e₂ᵀ."""
    A, B, C = rationals(np.diag([1, 4])), rationals([[0, 1], [0, 0]]), rationals(C)
    M = np.block([[A, B], [B.T, C]])
    assert is_psd(M) == albert(M, 2).verdict == semidefinite
    assert (C - B @ generalised_inverse(A) @ B.T == rationals(slip)).all()
    assert is_psd(slip) != semidefinite


@pytest.mark.parametrize(
    ("b", "semidefinite"), [(5e-11, CERTIFIED), (1e-10, REFUTED), (2e-10, REFUTED)]
)
def test_rank_decision_trap(b, semidefinite):
    """Doubles have an exact verdict where every cut-off for the pivot 1e-20 is arbitrary."""
    M = np.array([[1, 0, 0], [0, 1e-20, b], [0, b, 1]])
    assert is_psd(M) == albert(M, 2).verdict == semidefinite
    assert schur_complement(M, 2).range_condition is UNDECIDED
    assert is_psd(M, radius=1e-16).verdict is UNDECIDED


@given(hermitian_blocks(), st.sampled_from([0, Fraction(1, 3)]))
def test_witness_proves_the_verdict(case, radius):
    """L D Lᴴ with D >= 0 proves M − εI ⪰ 0, and vᴴMv + ε vᴴv < 0 refutes; undecided has neither."""
    M, _ = case
    answer = is_psd(M, radius=radius)
    epsilon = radius * len(M)
    if answer == CERTIFIED:
        f = answer.witness
        assert (np.diag(np.diagonal(f.D)) == f.D).all()
        assert all(d.real >= 0 for d in np.diagonal(f.D))
        shifted = M - epsilon * eye(len(M), M)
        assert (shifted[f.order][:, f.order] == f.L @ f.D @ f.L.conj().T).all()
    elif answer == REFUTED:
        v = answer.witness
        value = v.conj() @ M @ v + epsilon * (v.conj() @ v)
        assert value.real < value.imag == 0
    else:
        assert radius
        assert answer.witness is None


@pytest.mark.parametrize("i", [1, Gaussian(Fraction(0), Fraction(1))])
@pytest.mark.parametrize("tiny", [[[-1, 0], [0, 0]], [[0, 1], [1, 0]]])
def test_negative_direction_below_the_resolution_of_doubles(i, tiny):
    """A negative direction is exact even if the eigenvalue is 1e-40 of the largest."""
    P = rationals([[1, 3 * i, 7 * i], [0, 1, 0], [0, 0, i]])
    core = eye(3, P)
    core[1:, 1:] = rationals(tiny) / 10**40
    H = zeros((4, 4), P)
    H[1:, 1:] = P.conj().T @ core @ P
    answer = is_psd(H - 4 * eye(4, H), radius=1)
    assert answer == REFUTED
    for v in (negative_direction(H), answer.witness):
        assert (v.conj() @ H @ v).real < 0
    with pytest.raises(ValueError, match="negative eigenvalue"):
        negative_direction(P.conj().T @ P)


@pytest.mark.parametrize(
    ("smallest", "verdict"),
    [("-1.01", REFUTED), (-1, UNDECIDED), (0, UNDECIDED), ("0.99", UNDECIDED), (1, CERTIFIED)],
)
def test_undecided_iff_the_ball_holds_both_kinds(smallest, verdict):
    """With ε = 1 the verdict is undecided iff −1 <= λ_min < 1."""
    M = np.diag(rationals([smallest, 5, 9])) * rationals([1])
    assert is_psd(rationals(M), radius=Fraction(1, 3)) == verdict
    assert is_psd(rationals(M), radius=np.eye(3)) == verdict


@given(hermitian_blocks(), st.sampled_from([Fraction(1, 2), 1e-300]))
def test_singular_semidefinite_matrices_are_never_certified_with_a_radius(case, radius):
    """The range condition is closed with empty interior: any radius makes it undecidable."""
    M, _ = case
    counts = ldl_inertia(M)
    if counts.zero and not counts.negative:
        assert is_psd(M) == CERTIFIED
        assert is_psd(M, radius=radius) == UNDECIDED


@given(hermitian_blocks())
def test_complement_of_doubles_claims_only_what_is_so(case):
    """In doubles the range condition is certified only if it holds, and certain counts are true."""
    M, k = case
    exact, rounded = schur_complement(M, k), schur_complement(floating(M), k)
    assert rounded.range_condition is not REFUTED
    if rounded.range_condition is CERTIFIED:
        assert exact.range_condition is CERTIFIED
        found, truth = rounded.inertia(), inertia(M)
        assert found.negative <= truth.negative
        assert found.positive <= truth.positive
        error = np.linalg.norm(floating(exact.complement) - rounded.complement)
        assert error <= rounded.rounding
    else:
        with pytest.raises(ValueError, match="Got undecided"):
            rounded.inertia()


@pytest.mark.parametrize("size", range(2, 9))
def test_rounding_of_an_ill_conditioned_complement(size):
    """[[A, A], [A, A]] has complement 0; rounding never makes it definite (Hilbert's A)."""
    A = np.array([[1 / (i + j + 1) for j in range(size)] for i in range(size)])
    schur = schur_complement(np.block([[A, A], [A, A]]), size)
    assert schur.range_condition is CERTIFIED
    assert schur.inertia() == (0, size, size)


def test_edges():
    """A block of order 0 or of full order is a block."""
    M = rationals([[2, 1], [1, 1]])
    assert (schur_complement(M, 0).complement == M).all()
    assert isinstance(schur_complement(M, 0).complement[0, 0], Fraction)
    assert schur_complement(M, 2).inertia() == (0, 0, 2)
    assert isinstance(projector(rationals([[0, 0]])).item(), Fraction)
    with pytest.raises(ValueError, match=r"Need 0 <= k <= 2\. Got k = 3\."):
        schur_complement(M, 3)
    with pytest.raises(ValueError, match=r"Need free of shape \(1, 2\)\. Got shape \(2, 1\)\."):
        generalised_inverse([[1], [2]], free=[[1], [2]])


def test_verdicts_are_three():
    """A verdict is neither true nor false, and one refutation refutes a conjunction."""
    answer = is_psd([[1]])
    assert (answer == CERTIFIED, answer.verdict is CERTIFIED, str(answer)) == (
        True,
        True,
        "certified",
    )
    assert answer == is_psd([[2]]) != is_psd([[-1]])
    assert hash(answer) == hash(CERTIFIED)
    for value in (answer, UNDECIDED):
        with pytest.raises(TypeError, match="three values"):
            bool(value)
    assert CERTIFIED & CERTIFIED is CERTIFIED
    assert CERTIFIED & UNDECIDED is UNDECIDED & CERTIFIED is UNDECIDED
    assert REFUTED & UNDECIDED is UNDECIDED & REFUTED is REFUTED
