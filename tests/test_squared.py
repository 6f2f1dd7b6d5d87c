"""The squared loss and its critical classes, against definitions and brute force."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from linae import Moments, SquaredLoss, calculus, inertia, number_of_classes
from linae.exact import rationals

RNG = np.random.default_rng(7)


def draw(shape, unit=1):
    """Small integers, times a unit, as exact numbers."""
    return rationals(
        RNG.integers(-2, 3, shape) + (unit * RNG.integers(-2, 3, shape) if unit != 1 else 0)
    )


def instance(unit=1, n=2, m=3, p=2):
    """A hetero-associative landscape with a singular Sxx, and weights, all exact."""
    data = draw((2, m), unit), draw((2, n), unit)
    landscape = SquaredLoss(Moments.from_data(*data, center=False), p)
    return landscape, [draw(shape, unit) for shape in landscape.shapes]


@pytest.mark.parametrize("unit", [1, 1j])
def test_closed_derivatives_equal_the_definition(unit):
    """Gradient, Hessian and Hessian-vector product equal those computed from values, with ==."""
    landscape, weights = instance(unit)
    gradient = calculus.gradient(landscape.loss, weights, landscape.degree)
    H = calculus.hessian(landscape.loss, weights, landscape.degree)
    assert (landscape.flatten(landscape.gradient(*weights)) == gradient).all()
    assert (landscape.hessian(*weights) == H).all()
    for k, e in enumerate(calculus.unit_directions(weights)):
        assert (landscape.flatten(landscape.hessian_vector(weights, e)) == H[:, k]).all()


@pytest.mark.parametrize("unit", [1, 1j])
def test_the_loss_is_the_mean_squared_error(unit):
    """By moments, by samples and by the definition."""
    X, Y = draw((5, 3), unit), draw((5, 2), unit)
    A, B = draw((2, 2), unit), draw((2, 3), unit)
    errors = Y - X @ B.T @ A.T
    expected = (errors * errors.conj()).sum() / Fraction(5)
    assert SquaredLoss(Moments.from_data(X, Y, center=False), 2).loss(A, B) == expected
    kind = complex if unit != 1 else float
    floating = Moments.from_data(X.astype(kind), Y.astype(kind), center=False)
    found = SquaredLoss(floating, 2).loss(A.astype(kind), B.astype(kind))
    assert found == pytest.approx(complex(expected).real)


def test_the_operator_is_the_dense_hessian():
    """hessian_operator @ v = hessian @ v, real and complex."""
    for unit in (0, 1j):
        X = RNG.standard_normal((9, 3)) + unit * RNG.standard_normal((9, 3))
        landscape = SquaredLoss(Moments.from_data(X), 2)
        weights = [RNG.standard_normal(s) + unit * RNG.standard_normal(s) for s in landscape.shapes]
        dense = landscape.hessian(*weights)
        found = landscape.hessian_operator(*weights) @ np.eye(landscape.size)
        np.testing.assert_allclose(found, dense, rtol=0, atol=1e-12)


def test_a_batch_of_weights_gives_a_batch_of_losses():
    """Leading axes are carried through loss and gradient."""
    landscape = SquaredLoss(Moments.from_data(RNG.standard_normal((9, 3))), 2)
    A, B = RNG.standard_normal((4, 3, 2)), RNG.standard_normal((4, 2, 3))
    for k in range(4):
        assert landscape.loss(A, B)[k] == pytest.approx(landscape.loss(A[k], B[k]))
        for batch, single in zip(
            landscape.gradient(A, B), landscape.gradient(A[k], B[k]), strict=True
        ):
            np.testing.assert_allclose(batch[k], single)


@pytest.mark.parametrize(
    "values", [(5, 3, 2, 1), (4, 4, 2, 0), (3, 3, 3, 3), (2, 1, 0, 0), (0, 0, 0, 0)]
)
@pytest.mark.parametrize("width", [1, 2, 3, 6])
def test_classes_are_all_index_sets_best_first(values, width):
    """Against brute force over subsets of nonzero eigenvalues: each choice once, loss rising."""
    landscape = SquaredLoss(Moments.auto(np.diag(rationals(values))), width)
    classes = list(landscape.critical_classes())
    subsets = {
        tuple(sorted((values[i] for i in J), reverse=True))
        for r in range(width + 1)
        for J in itertools.combinations([i for i, v in enumerate(values) if v], r)
    }
    chosen = [tuple(values[i] for i in c.index_set) for c in classes]
    assert (
        len(chosen)
        == len(set(chosen))
        == number_of_classes(landscape.spectrum.multiplicities, width)
    )
    assert set(chosen) == subsets
    losses = [c.loss for c in classes]
    assert losses == sorted(losses) == [sum(values) - sum(J) for J in chosen]
    assert [c.is_global_minimum for c in classes] == [loss == losses[0] for loss in losses]
    every = sum(c.multiplicity for c in classes)
    nonzero = sum(v > 0 for v in values)
    assert every == len(
        [1 for r in range(width + 1) for _ in itertools.combinations(range(nonzero), r)]
    )


def test_enumeration_is_lazy():
    """The best three of 10⁴¹ classes come at once."""
    landscape = SquaredLoss(Moments.auto(np.diag(np.arange(1000.0, 0, -1))), 20)
    assert number_of_classes(landscape.spectrum.multiplicities, 20) > 10**41
    best = [c.index_set for c in landscape.critical_classes(best=3)]
    top = tuple(range(19))
    assert best == [(*top, 19), (*top, 20), (*top[:-1], 19, 20)] or best[2] == (*top, 21)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("values", [(5, 3, 2, 1), (4, 4, 2, 0)])
def test_auto_spectrum_is_that_of_the_dense_hessian(values, exact):
    """Every class of auto-association at its default weights, all eigenvalues."""
    S = np.diag(rationals(values)) if exact else np.diag(np.array(values, float))
    for width in (1, 3, 5):
        landscape = SquaredLoss(Moments.auto(S), width)
        for critical in landscape.critical_classes():
            dense = np.linalg.eigvalsh(landscape.hessian(*critical.weights()).astype(float))
            np.testing.assert_allclose(critical.hessian_spectrum(), dense, rtol=0, atol=1e-12)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (2, 2)])
def test_whitened_spectrum_is_that_of_the_dense_hessian(shape, exact):
    """Every class with Sxx = I: balanced in floats, at A = [U_J, 0] in exact arithmetic."""
    G = np.zeros(shape, dtype=int)
    np.fill_diagonal(G, [3, 1, 0, 0])
    numbers = [rationals(M) if exact else M.astype(float) for M in (np.eye(shape[1], dtype=int), G)]
    for width in (1, 2, 4):
        landscape = SquaredLoss(Moments(*numbers, numbers[1] @ numbers[1].T), width)
        for critical in landscape.critical_classes():
            dense = np.linalg.eigvalsh(landscape.hessian(*critical.weights()).astype(float))
            np.testing.assert_allclose(critical.hessian_spectrum(), dense, rtol=0, atol=1e-12)


def test_the_spectrum_of_any_data_in_white_and_balanced_coordinates():
    """Five inputs, four targets, rank 3, width 3, a metric CᵀC: of (C A, B R), Sxx = R Rᵀ, in all
    eight classes 2 (sᵢ ± sⱼ), 2 sᵢ for null directions, 2 (sᵢ + sₖ), ± 2 sⱼ for spare units, and
    0, by second differences of the loss; s are the singular values of C Syx R⁻ᵀ."""
    rng, width, rho = np.random.default_rng(1), 3, 3
    X, C = rng.standard_normal((5, 7)), rng.standard_normal((4, 4))
    noise = np.linalg.svd(X)[2][5:]  # not correlated with X
    Y = rng.standard_normal((4, rho)) @ rng.standard_normal((rho, 5)) @ X
    Y, R = Y + rng.standard_normal((4, 2)) @ noise, np.linalg.cholesky(X @ X.T / 7)

    def loss(P, Q):
        return np.mean(np.sum((C @ Y - P @ (Q @ np.linalg.solve(R, X))) ** 2, axis=0))

    G = np.linalg.solve(R, X @ Y.T @ C.T / 7).T
    U, s, V = np.linalg.svd(G)
    landscape = SquaredLoss(Moments(np.eye(5), G, G @ G.T), width)
    classes = list(landscape.critical_classes())
    assert len(classes) == 8
    for critical in classes:
        J = list(critical.index_set)
        K, q = [k for k in range(rho) if k not in J], width - len(J)
        P, Q = np.zeros((4, width)), np.zeros((width, 5))
        P[:, : len(J)], Q[: len(J)] = U[:, J] * np.sqrt(s[J]), np.sqrt(s[J])[:, None] * V[J]
        claimed = [2 * (s[j] + t * s[k]) for j in J for k in K for t in (1, -1)]
        claimed += [2 * s[j] for j in J] * (5 + 4 - 2 * rho)
        claimed += [2 * (s[i] + s[j]) for i in J for j in J]
        claimed += [2 * t * s[k] for k in K for t in (1, -1)] * q
        claimed = np.sort(claimed + [0] * (P.size + Q.size - len(claimed)))
        dense = np.linalg.eigvalsh(calculus.hessian(loss, (P, Q), 4))
        assert np.abs(calculus.gradient(loss, (P, Q), 4)).max() < 1e-12 * s[0] ** 2
        np.testing.assert_allclose(dense, claimed, rtol=0, atol=1e-11 * s[0])
        found = critical.hessian_spectrum()
        np.testing.assert_allclose(found, claimed, rtol=0, atol=1e-13 * s[0])


def test_without_a_closed_form_there_is_no_spectrum():
    """Hetero-association with inputs that are not white: None rather than a guess."""
    landscape, _ = instance()
    assert next(landscape.critical_classes()).hessian_spectrum() is None


def test_complex_data_double_the_spectrum():
    """S = [[2, i], [−i, 2]] has eigenvalues 3 and 1: each class twice the inertia of diag(3, 1)."""
    hermitian = SquaredLoss(Moments.auto(rationals(np.array([[2, 1j], [-1j, 2]]))), 1)
    real = SquaredLoss(Moments.auto(rationals([[3, 0], [0, 1]])), 1)
    for c, r in zip(hermitian.critical_classes(), real.critical_classes(), strict=True):
        assert c.inertia == 2 * r.inertia == inertia(hermitian.hessian(*c.weights()))
        found = np.linalg.eigvalsh(hermitian.hessian(*c.weights()).astype(float))
        np.testing.assert_allclose(c.hessian_spectrum(), found, rtol=0, atol=1e-12)


def test_wrong_width_and_blocks_are_refused():
    """Requirement and received value."""
    moments = Moments.auto(rationals([[1, 0], [0, 0]]))
    for width in (0, -1, 1.5, True):
        with pytest.raises(ValueError, match=r"Need an integer 1 <= width\. Got width ="):
            SquaredLoss(moments, width)
    critical = list(SquaredLoss(moments, 2).critical_classes())[-1]
    with pytest.raises(ValueError, match="Need free_decoder of shape"):
        critical.weights(free_decoder=rationals([[1]]))


def test_free_blocks_must_annihilate_each_other():
    """X₀ Y₀ = 0 is required: without it the point is not critical."""
    one, zero = rationals([[1, 0], [0, 1]]), rationals([[1, 0], [0, 0]])
    landscape = SquaredLoss(Moments(one, zero, zero), 2)
    mean = list(landscape.critical_classes())[-1]
    x, y = rationals([[1, 0]]), rationals([[0], [1]])
    A, B = mean.weights(free_decoder=x, free_encoder=y)
    assert not any(g.any() for g in landscape.gradient(A, B))
    with pytest.raises(ValueError, match="free_decoder @ free_encoder = 0"):
        mean.weights(free_decoder=x, free_encoder=rationals([[1], [0]]))
