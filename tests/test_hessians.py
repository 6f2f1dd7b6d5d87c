"""Large Hessians: factored, or in blocks, against dense ones and exact ones of the definition."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import ldl

from linae import (
    Inertia,
    Moments,
    SquaredLoss,
    Verdict,
    calculus,
    certify,
    enclosure,
    inertia,
    measure,
)
from linae.bilinear import curvature, real_curvature
from linae.components import Entries
from linae.enclosure import enclosed_inertia
from linae.exact import eye, floating, inverse, product, rationals, zeros
from linae.inertia import inertia_of_blocks
from linae.landscapes import frames
from linae.landscapes.frames import Frame
from linae.options import built, known_landscapes
from linae.sylvester import _factored, _negative, _verified, proved_signs, signs


def rotation(n, rng, unit=0):
    return np.linalg.qr(rng.standard_normal((n, n)) + unit * rng.standard_normal((n, n)))[0]


def symmetric(values, rng):
    """A matrix with these eigenvalues."""
    Q = rotation(len(values), rng)
    H = Q * np.asarray(values, float) @ Q.T
    return (H + H.T) / 2


@st.composite
def integers(draw):
    n = draw(st.integers(1, 6))
    H = draw(st.lists(st.integers(-2, 2), min_size=n * n, max_size=n * n))
    H = np.array(H).reshape(n, n)
    return H + H.T


@pytest.mark.parametrize("count", [signs, proved_signs])
@given(H=integers())
def test_pivots_claim_only_what_is_so(count, H):
    """Never more than the exact inertia, and all of it where no eigenvalue is small."""
    negative, positive = count(H.astype(float))
    exact = inertia(rationals(H))
    assert negative <= exact.negative
    assert positive <= exact.positive
    if abs(np.linalg.eigvalsh(H)).min() > 1e-9:
        assert (negative, positive) == (exact.negative, exact.positive)


@pytest.mark.parametrize("count", [signs, proved_signs])
def test_a_radius_is_taken_off_both_sides(count):
    """Of diag(−3, −1, 0, 1, 3) within 2 only the outer ones are certain; pairs of pivots count."""
    H = symmetric([-3, -1, 0, 1, 3], np.random.default_rng(0))
    assert count(H) == (2, 2)
    assert count(H, 2.0) == (1, 1)
    assert count(H, 4.0) == (0, 0)
    assert count(np.kron(np.eye(3), [[0.0, 1.0], [1.0, 0.0]])) == (3, 3)


def test_the_growth_is_that_of_the_factors():
    """‖|L| |D| |Lᵀ|‖∞ from packed factors, with exchanges, against the factors written out."""
    rng = np.random.default_rng(1)
    for size in (1, 2, 7, 60):
        H = symmetric(rng.integers(-1, 2, size), rng) + 0.01 * np.eye(size)
        L, D, _ = ldl(H)
        expected = (np.abs(L) @ np.abs(D) @ np.abs(L).T).sum(axis=1).max()
        count, error = _factored(np.array(H, order="F"))
        assert error / (size * np.finfo(float).eps) == pytest.approx(expected)
        assert count == (np.linalg.eigvalsh(H) < 0).sum()


def test_a_shift_that_the_factors_do_not_bear_out_is_enlarged():
    """Until it exceeds the radius and their error: of −3 and −1.5, one or none is left."""
    H = np.diag([-3.0, -1.5])

    def wrong_by_one(M):
        return int((M.diagonal() < 0).sum()), 1.0

    assert _negative(H, 1, 0.0, 3.0, wrong_by_one) == 1
    assert _negative(H, 1, 1.5, 3.0, wrong_by_one) == 0


def test_the_residual_is_within_the_proved_bound():
    """In rational arithmetic, with a factorisation that is off by 10⁻⁸ too."""
    rng = np.random.default_rng(12)
    for noise in (0, 1e-8):
        H = symmetric(rng.integers(-1, 2, 12), rng) + 0.01 * np.eye(12)
        L, D, _ = ldl(H + noise * np.eye(12))
        exact = [rationals(M) for M in (L, D, H)]
        residual = product(product(exact[0], exact[1]), exact[0].T) - exact[2]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("scipy.linalg.ldl", lambda _, found=(L, D, None): found)
            count, bound = _verified(np.array(H))
        assert max(abs(residual).sum(axis=1)) <= Fraction(bound) < noise + 1e-11
        assert count == (np.linalg.eigvalsh(H) < 0).sum()


def test_what_cannot_be_factored_is_left_open():
    """Overflow in the factors: no sign is claimed."""
    H = np.array([[1e308, 1e308], [1e308, -1e308]])
    with np.errstate(all="ignore"):
        assert signs(H) == proved_signs(H) == (0, 0)


def test_a_sparse_matrix_is_the_sum_of_its_blocks():
    """Blocks of several sizes, shuffled, empty rows among them: exact and in doubles."""
    rng = np.random.default_rng(2)
    H = np.zeros((12, 12), dtype=int)
    for start, stop in pairwise([0, 1, 3, 6, 10]):
        G = rng.integers(-2, 3, (stop - start, stop - start))
        H[start:stop, start:stop] = G + G.T
    order = rng.permutation(12)
    H = rationals(H[order][:, order])
    entries = Entries.of(H)
    assert (entries.dense == H).all()
    assert sum(len(stack) * len(stack[0]) for stack in entries.blocks()) == 12
    exact = inertia_of_blocks(entries)
    values = np.linalg.eigvalsh(floating(H))
    assert exact == ((values < -1e-9).sum(), (abs(values) < 1e-9).sum(), (values > 1e-9).sum())
    found = inertia_of_blocks(Entries.of(floating(H)))
    assert (found.negative, found.positive) == (exact.negative, exact.positive)
    wide = inertia_of_blocks(Entries.of(floating(H)), 100.0)
    assert wide == (0, 12, 0)


@pytest.mark.parametrize("name", sorted(known_landscapes()))
def test_the_operator_takes_directions_in_batches(name):
    """Columns of the Hessian, one alone and three at once, of every landscape."""
    rng = np.random.default_rng(3)
    landscape = built(known_landscapes()[name], Moments.auto(np.diag([5.0, 3, 2, 1])), 2, {})
    weights = [rng.standard_normal(shape) / 2 for shape in landscape.shapes]
    operator, H = landscape.hessian_operator(*weights), landscape.hessian(*weights)
    one = np.eye(landscape.size)
    np.testing.assert_allclose(operator @ one[:, :3], H[:, :3], atol=1e-11 * abs(H).max())
    np.testing.assert_allclose(operator @ one[1], H[1], atol=1e-11 * abs(H).max())


def exact_case(unit):
    """Hetero-association with a singular Sxx, a tie, and a component that has no target."""
    G = rationals(np.array([[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]))
    R = rationals(np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 2, 1, 0], [0, 0, 1, 1], [1, 0, 0, 1]]))
    if unit == 1j:
        R[0, 1], G[0, 0] = rationals(np.array([1j, 2j]))
    S = R @ R.conj().T
    return SquaredLoss(Moments(S, G @ R.conj().T, G @ G.conj().T), 3)


@pytest.mark.parametrize("unit", [1, 1j])
def test_the_hessian_in_the_frame_is_congruent_to_the_definition(unit):
    """Entry by entry: THTᵀ with the rows of T the directions U Ȧ M⁻¹, M Ḃ V, exactly."""
    landscape = exact_case(unit)
    gauge = rationals([[1, 0, 0], [2, 1, 0], [0, -1, 1]])
    for critical in list(landscape.critical_classes())[:4]:
        A, B = critical.weights(gauge)
        place = landscape.place(A, B)
        entries, error = landscape.sparse_hessian(place, A, B)
        assert error == 0
        M, frame = place.normal.gauge, frames._exact_frame(landscape, place.normal)
        shapes = A.shape, (3, len(frame.inputs))
        coordinates = [zeros(shape, A) * landscape.moments.Sxx[0, 0] for shape in shapes]
        T = [
            landscape.flatten((frame.outputs @ a @ inverse(M), M @ b @ frame.inputs))
            for a, b in calculus.unit_directions(coordinates)
        ]
        T = np.array(T)
        H = landscape.hessian(A, B)  # itself compared with values of the loss
        assert (entries.dense == product(product(T, H), T.T)).all()
        assert np.bincount(entries.labels).max() <= 2 * (1 + (unit == 1j))
        assert measure.inertia_in_blocks(landscape, (A, B), place) == critical.inertia


@pytest.mark.parametrize("unit", [1, 1j])
def test_the_entries_are_those_of_the_dense_hessian(unit):
    """With D = I and N = Sxx, at points that are not critical, exactly."""
    landscape, rng = exact_case(unit), np.random.default_rng(10)
    A, B = (
        rationals(rng.integers(-2, 3, s) + unit * rng.integers(-2, 3, s)) for s in landscape.shapes
    )
    S, R, one = landscape.moments.Sxx, landscape.residual(A, B), eye(len(A), A)
    entries = curvature((A, B), (A, B @ S), (Entries.of(one), Entries.of(S)), R)
    assert (entries.dense == landscape.hessian(A, B)).all()


def draws(rng):
    """Landscapes of doubles: plain, targets, tall inputs, complex, ties, rank lost."""
    X = rng.standard_normal((30, 6))
    Y = X[:, :5] @ rng.standard_normal((5, 5)) + rng.standard_normal((30, 5))
    yield SquaredLoss(Moments.from_data(X), 3)
    yield SquaredLoss(Moments.from_data(X, Y), 3)
    yield SquaredLoss(Moments.from_data(np.c_[X, X], Y), 7)
    yield SquaredLoss(Moments.from_data(X @ (1 + 1j * rng.standard_normal((6, 4))), Y), 3)
    yield SquaredLoss(Moments.auto(symmetric([4, 4, 4, 2, 2, 1], rng)), 3)
    yield SquaredLoss(Moments.auto(np.diag([3.0, 3, 1, 1, 0, 0])), 4)


def gauge(landscape, condition, rng):
    p = landscape.width
    left, right = rotation(p, rng), rotation(p, rng)
    if landscape.moments.is_complex:
        left, right = rotation(p, rng, 1j), rotation(p, rng, 1j)
    return left * np.geomspace(1, condition, p) @ right


@pytest.mark.parametrize("condition", [1, 1e2, 1e4, 1e7])
def test_blocks_find_the_inertia_at_any_gauge_or_leave_it_open(condition):
    """Certain counts are never wrong; up to a condition of 100 nothing but the kernel is open."""
    rng = np.random.default_rng(4)
    for landscape in draws(rng):
        for critical in list(landscape.critical_classes())[::3]:
            weights = critical.weights(gauge(landscape, condition, rng))
            place = landscape.place(*weights)
            found = place and measure.inertia_in_blocks(landscape, weights, place)
            if not found:
                assert condition > 1e2
                continue
            assert found.size == landscape.size
            assert found.negative <= critical.inertia.negative
            assert found.positive <= critical.inertia.positive
            if condition <= 1e2:
                assert found == critical.inertia


def test_blocks_find_the_inertia_at_kernel_blocks():
    """Spare units that see inputs without targets, or decode without being seen."""
    rng = np.random.default_rng(5)
    G = np.zeros((7, 8))
    G[:4, :4] = np.diag([4, 3, 2, 1])
    landscape = SquaredLoss(Moments(np.eye(8), G, G @ G.T), 5)
    for critical in list(landscape.critical_classes())[-8:]:
        q = 5 - len(critical.index_set)
        X0, Y0 = rng.standard_normal((3, q)), np.zeros((q, 4))
        weights = critical.weights(gauge(landscape, 2, rng), free_decoder=X0, free_encoder=Y0)
        place = landscape.place(*weights)
        assert place.normal.stratum == (min(q, 3), 0)
        assert measure.inertia_in_blocks(landscape, weights, place) == place.inertia


def test_the_frame_is_a_choice_of_coordinates_and_no_claim():
    """In any other orthonormal frame the inertia is the same, only not in small blocks; a singular
    frame is refused."""
    rng = np.random.default_rng(6)
    landscape = SquaredLoss(Moments.auto(np.diag([4.0, 3, 2, 1])), 2)
    S = landscape.whitened.moments
    for critical in landscape.critical_classes():
        weights = critical.weights()
        place = landscape.place(*weights)
        frame = Frame.of(rotation(4, rng), rotation(4, rng), S.Sxx, S.Syx)
        assert frame.is_regular
        entries, error = frame.hessian(*landscape.move(place)(*weights))
        assert np.bincount(entries.labels).max() > 4
        assert inertia_of_blocks(entries, error) == critical.inertia
    lame = np.eye(4)
    lame[0] = 0
    assert not Frame.of(lame, np.eye(4), S.Sxx, S.Syx).is_regular
    assert not Frame.of(np.eye(4), lame, S.Sxx, S.Syx).is_regular


def test_a_frame_of_lower_rank_gives_no_blocks():
    """Rather than a wrong inertia."""
    landscape = SquaredLoss(Moments.auto(np.diag([2.0, 1.0])), 1)
    weights = next(landscape.critical_classes()).weights()
    place, S = landscape.place(*weights), landscape.whitened.moments
    landscape.frame = Frame.of(np.diag([0.0, 1.0]), np.eye(2), S.Sxx, S.Syx)
    assert landscape.sparse_hessian(place, *weights) is None


def test_blocks_stay_small_at_ties():
    """Any four directions of an eigenspace of twenty dimensions."""
    rng = np.random.default_rng(11)
    landscape = SquaredLoss(Moments.auto(3 * np.eye(20)), 4)
    U = rotation(20, rng)[:, :4]
    place = landscape.place(U, U.T)
    entries, _ = landscape.sparse_hessian(place, U, U.T)
    assert np.bincount(entries.labels).max() <= 4
    assert measure.inertia_in_blocks(landscape, (U, U.T), place) == place.inertia


def test_ties_that_whitening_loses_stay_as_they_are(monkeypatch):
    """λ = 10⁻²⁰ twice, beside 1: nothing is refuted, and nothing certified that was not seen."""
    monkeypatch.setattr(measure, "SMALL_SIZE", 0)
    landscape = SquaredLoss(Moments.auto(np.diag([1.0, 1.0, 1e-20, 1e-20])), 3)
    for critical in landscape.critical_classes():
        certificate = certify(landscape, *critical.weights())
        assert certificate.verdict is Verdict.UNDECIDED
        assert certificate.found.negative <= critical.inertia.negative
        assert certificate.found.positive <= critical.inertia.positive


def test_the_bound_holds_of_a_frame_that_is_not_orthogonal():
    """A′ and B′ are divided by diagonals only; what this misses is in the bound."""
    rng = np.random.default_rng(13)
    one, D = np.eye(4), np.diag([4.0, 3, 2, 1])
    landscape = SquaredLoss(Moments(one, D, D @ D), 2)
    U, V = (one + 1e-5 * rng.uniform(-1, 1, (4, 4)) for _ in range(2))
    A, B = rng.standard_normal((4, 2)), rng.standard_normal((2, 4))
    entries, error = Frame.of(U, V, one, D).hessian(A, B)
    T = [
        landscape.flatten((U @ a, b @ V))
        for a, b in calculus.unit_directions([np.zeros((4, 2)), np.zeros((2, 4))])
    ]
    # at (A, B), whose coordinates in the frame are not A and B
    gap = np.linalg.norm(entries.dense - np.array(T) @ landscape.hessian(A, B) @ np.array(T).T, 2)
    assert 1e-6 < gap < error < 1e-2


def test_the_bound_holds_what_was_left_out():
    """The entries that are dropped below a noise move the Hessian by less than the bound."""
    rng = np.random.default_rng(7)
    one, D = np.eye(5), np.diag([4.0, 3, 2, 1, 0])
    frame = Frame.of(one, one, one, D)
    for size in (1e-3, 1e-6, 1e-12):
        A, B = np.zeros((5, 2)), np.zeros((2, 5))
        A[0, 0] = B[0, 0] = 2
        A, B = A + size * rng.uniform(-1, 1, A.shape), B + size * rng.uniform(-1, 1, B.shape)
        entries, error = frame.hessian(A, B, size)
        H = SquaredLoss(Moments(one, D, D @ D), 2).hessian(A, B)
        gap = np.linalg.norm(entries.dense - H, 2)
        assert size / 10 < gap < error < 200 * size


class Wrong(SquaredLoss):
    """One negative eigenvalue too many."""

    @property
    def floating(self):
        return self

    def class_inertia(self, J, stratum=(0, 0)):
        negative, zero, positive = super().class_inertia(J, stratum)
        return Inertia(negative + 1, zero, positive - 1)


def test_a_wrong_prediction_is_refuted_in_blocks():
    """And the right one certified, of 1600 parameters, with a nullity within the prediction."""
    rng = np.random.default_rng(8)
    moments = Moments.from_data(rng.standard_normal((300, 100)) * np.linspace(3, 1, 100))
    for kind, verdict in ((SquaredLoss, Verdict.CERTIFIED), (Wrong, Verdict.REFUTED)):
        landscape = kind(moments, 8)
        saddle = list(landscape.critical_classes(best=3))[2]
        certificate = certify(landscape, *saddle.weights())
        assert certificate.verdict is verdict
        assert certificate.evidence == "float64"
        assert certificate.found == (2, 64, 1534)


def test_factors_agree_with_blocks():
    """Of 1200 parameters, a saddle of index 3: the dense Hessian at the balanced point."""
    rng = np.random.default_rng(9)
    landscape = SquaredLoss(Moments.auto(symmetric(np.linspace(9, 1, 100), rng)), 6)
    weights = landscape.class_weights((0, 1, 2, 3, 4, 8))
    place = landscape.place(*weights)
    move = landscape.move(place)
    negative, positive = signs(move.landscape.hessian(*move(*weights)), 1e-12)
    found = measure.inertia_in_blocks(landscape, weights, place)
    assert found == place.inertia == (negative, landscape.size - negative - positive, positive)
    assert negative == 3


def test_exact_points_of_large_landscapes_are_certified_exactly():
    """Size 144 with ties, at a gauge: nothing undecided."""
    values = rationals([5, 5, 4, 3, 2, 1, *[Fraction(1, 2)] * 3, 0, 0, 0])
    v = rationals([1, 2, 0, -1, 1, 0, 1, 0, 0, 2, 0, 1])
    Q = eye(12, v) - np.outer(v, v) * (Fraction(2) / (v @ v))
    landscape = SquaredLoss(Moments.auto(product(Q, values[:, None] * Q.T)), 6)
    M = rationals(np.eye(6, dtype=int) + np.diag([1, 0, -1, 2, 1], 1))
    for critical in list(landscape.critical_classes(best=40))[::13]:
        certificate = certify(landscape, *critical.weights(M))
        assert certificate.verdict is Verdict.CERTIFIED
        assert certificate.evidence == "exact"
        assert certificate.found == critical.inertia
        assert not certificate.found.undecided


def test_large_irrational_points_are_enclosed(monkeypatch):
    """Size 96, eigenvalues of a Jacobi matrix: proved in doubles, in agreement with fractions on
    a small one; with a wide enclosure nothing is."""
    diagonal, side = rationals(range(2, 14)), rationals([1] * 11)
    S = np.diag(diagonal) + np.diag(side, 1) + np.diag(side, -1)
    landscape = SquaredLoss(Moments.auto(S), 4)
    for critical in landscape.critical_classes(best=3):
        certificate = certify(landscape, *critical.weights())
        assert (certificate.verdict, certificate.evidence) == (Verdict.CERTIFIED, "exact")
        assert enclosed_inertia(landscape, critical.index_set) == critical.inertia
    small = SquaredLoss(Moments.auto(S[:3, :3]), 2)
    for critical in small.critical_classes():
        exact = enclosed_inertia(small, critical.index_set)
        with monkeypatch.context() as patch:
            patch.setattr(enclosure, "SMALL_SIZE", 0)
            assert enclosed_inertia(small, critical.index_set) == exact == critical.inertia
    with monkeypatch.context() as patch:
        patch.setattr(enclosure, "_distance", lambda *_: Fraction(1, 4))
        assert enclosed_inertia(landscape, (0, 1, 2, 3)) == (0, 96, 0)


def test_the_hessian_in_doubles_is_the_exact_one_to_four_roundings():
    """Entry by entry, of blocks given exactly and rounded once."""
    landscape = exact_case(1)
    A, B = next(landscape.critical_classes()).weights()
    A, B = A / Fraction(3) + 1, B / Fraction(7) - A[0, 0] / 3
    S, R = landscape.moments.Sxx, landscape.residual(A, B)
    C = product(B, S)
    parts = [A, S, R, C, product(C, B.T), product(A.T, A)]
    found = real_curvature(*(floating(M) for M in parts))
    sizes = real_curvature(*(abs(floating(M)) for M in parts))
    exact = landscape.hessian(A, B)
    wrong = abs(rationals(found) - exact)
    assert (wrong <= rationals(4 * np.finfo(float).eps / 2 * sizes)).all()
    assert wrong.any()
    asked = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enclosure, "proved_signs", lambda *given: asked.append(given) or (0, 0))
        enclosure._proved_in_doubles(landscape, A, B, Fraction(0))
    ((H, radius),) = asked
    assert 0 < ((rationals(H) - exact) ** 2).sum() < Fraction(radius) ** 2 < Fraction(1, 10**20)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_products_over_common_denominators_are_products(n, k, m, random):
    """Of rationals, with ==."""
    X, Y = (
        rationals(
            [
                [Fraction(random.randint(-9, 9), random.randint(1, 9)) for _ in range(b)]
                for _ in range(a)
            ]
        )
        for a, b in ((n, k), (k, m))
    )
    assert (product(X, Y) == X @ Y).all()
    assert (product(floating(X), Y.astype(float)) == floating(X) @ Y.astype(float)).all()
