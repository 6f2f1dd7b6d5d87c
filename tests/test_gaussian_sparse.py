"""What sparse codes do to Gaussian data, and to others, against SciPy, quadrature and draws."""

from math import erfc, pi, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from linae.regularisers import regulariser
from linae.sparse import gain, laplace_gain
from proofs import gaussian_sparse

VALUES = np.array([5.0, 3.0, 1.5, 0.8, 0.4, 0.1])
ALPHA = 1.2


@pytest.mark.parametrize("variance", [0.05, 1.0, 7.0])
def test_the_gain_is_an_integral(variance):
    """By quadrature from the threshold on; its slope is the chance to pass it."""
    scale = sqrt(variance)
    density = norm(scale=scale).pdf
    integral = quad(lambda z: (z - ALPHA / 2) ** 2 * density(z), ALPHA / 2, 12 * scale + 1)[0]
    assert gain(variance, ALPHA) == pytest.approx(2 * integral, rel=1e-7)
    step = 1e-4 * variance
    slope = (gain(variance + step, ALPHA) - gain(variance - step, ALPHA)) / (2 * step)
    assert slope == pytest.approx(erfc(ALPHA / 2 / scale / sqrt(2)), rel=1e-6)
    assert gain(0.0, ALPHA) == 0


@pytest.mark.parametrize(("angle", "alpha"), [(0, 1), (0.3, 1), (pi / 4, 2), (1.2, 3)])
def test_the_gain_of_laplace_sources_is_an_integral(angle, alpha):
    """A column a cos + b sin explains ∫∫ (|z| − α/2)²₊; by quadrature of both sources, of which the
    inner one is done by hand: E(L − c)²₊ for any c."""

    def inner(c, b):
        """E(b L − c)²₊ for a Laplace L of scale 1."""
        tail = b * b * np.exp(-abs(c) / b)
        return tail if c >= 0 else c * c + 2 * b * b - tail

    a, b = (abs(f(angle)) / sqrt(2) for f in (np.cos, np.sin))
    a, b = max(a, b), max(min(a, b), 1e-9)
    level = alpha / 2
    found = quad(
        lambda z: np.exp(-z) / 2 * (inner(level - b * z, a) + inner(level + b * z, a)), 0, 60
    )[0]
    assert laplace_gain(angle, alpha) == pytest.approx(4 * found, rel=1e-6)


def test_pca_is_blind_to_what_sparse_codes_see():
    """Laplace sources: at most at the sources, at least at 45°, constant without a penalty; 3
    standard errors of 200,000 draws."""
    angles = np.linspace(0, pi / 4, 20)
    explained = [laplace_gain(angle, 1) for angle in angles]
    assert np.all(np.diff(explained) < 0)
    np.testing.assert_allclose([laplace_gain(angle, 0) for angle in angles], 2)
    x = np.random.default_rng(3).laplace(scale=sqrt(1 / 2), size=(200_000, 2))
    for angle in (0, pi / 4):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        each = (np.maximum(abs(x @ turn) - 1 / 2, 0) ** 2).sum(1)
        error = 3 * each.std() / sqrt(len(x))
        assert abs(each.mean() - laplace_gain(angle, 1)) < error < 0.02


def test_no_basis_beats_principal_components_of_gaussian_data():
    """None of 500 random bases of three columns, nor the one that a search finds from the best."""
    rng = np.random.default_rng(4)

    def explained(A):
        return sum(gain(v, ALPHA) for v in VALUES @ A**2)

    best = sum(gain(v, ALPHA) for v in VALUES[:3])
    bases = [np.linalg.qr(rng.normal(size=(6, 3)))[0] for _ in range(500)]
    assert max(map(explained, bases)) < best
    start = max(bases, key=explained)
    found = minimize(lambda x: -explained(np.linalg.qr(x.reshape(6, 3))[0]), start.ravel())
    assert -found.fun == pytest.approx(best, abs=1e-6)


def test_columns_that_are_not_orthonormal_can_code_gaussian_data_better():
    """Two columns 17° apart, by quadrature: 0.04 below the principal components."""
    case = gaussian_sparse.counterexamples["AᵀA = 1"]
    assert case.loss(case.A) < case.loss(case.U) - 0.04


def linear_loss(A, B, values=VALUES, alpha=ALPHA):
    """Of a linear encoder, on Gaussian data: E|bᵀx| = √(2/π) (bᵀS b)^½."""
    E = np.eye(len(values)) - A @ B
    return (E**2 @ values).sum() + alpha * sqrt(2 / pi) * np.sqrt(B**2 @ values).sum()


def best_linear(p):
    """tr S less (√λ − α/√2π)²₊ of the first p."""
    w = np.array(regulariser("sparse").factors(VALUES, p, ALPHA))
    return (VALUES * (1 - w**2)).sum()


def test_a_linear_encoder_solves_a_nuclear_norm_regression():
    """‖S^½ − V‖² + α √(2/π) Σ σⱼ(V) by subgradient-free splitting: V is shrunk from any start."""
    rng = np.random.default_rng(5)
    root, V = np.diag(np.sqrt(VALUES)), rng.normal(size=(6, 6))
    for _ in range(80):
        left, sizes, right = np.linalg.svd(V - (V - root) / 2)
        V = left * np.maximum(sizes - ALPHA * sqrt(2 / pi) / 4, 0) @ right
    value = ((root - V) ** 2).sum() + ALPHA * sqrt(2 / pi) * np.linalg.norm(V, "nuc")
    assert value == pytest.approx(best_linear(6), rel=1e-9)


@pytest.mark.parametrize("p", [2, 3, 5])
def test_a_joint_search_over_linear_codes_ends_at_the_closed_form(p):
    """BFGS over B and columns of norm 1, S of three components; p > 3 gains nothing."""
    rng, values = np.random.default_rng(6), VALUES[:3]

    def unpacked(x):
        A = x[: 3 * p].reshape(3, p)
        return A / np.linalg.norm(A, axis=0), x[3 * p :].reshape(p, 3)

    def loss(x):
        A, B = unpacked(x)
        E = np.eye(3) - A @ B
        sizes = np.sqrt(B**2 @ values + 1e-12)
        return (E**2 @ values).sum() + ALPHA * sqrt(2 / pi) * sizes.sum()

    found = min(minimize(loss, rng.normal(size=6 * p) / 2).fun for _ in range(3))
    w = np.array(regulariser("sparse").factors(values, p, ALPHA))
    assert found == pytest.approx((values * (1 - w**2)).sum(), abs=2e-4)


def test_more_units_than_components_gain_nothing():
    """9 units have the least loss of 6; no rival near the optimum is below."""
    rng = np.random.default_rng(7)
    assert best_linear(9) == best_linear(6)
    w = np.array(regulariser("sparse").factors(VALUES, 6, ALPHA))
    A = np.concatenate([np.eye(6), np.eye(6)[:, :3]], axis=1)
    B = np.concatenate([np.diag(w), np.zeros((3, 6))])
    assert linear_loss(A, B) == pytest.approx(best_linear(9))
    for step in (1e-3, 0.1, 1.0):
        for _ in range(50):
            moved = A + step * rng.normal(size=A.shape)
            rival = moved / np.linalg.norm(moved, axis=0), B + step * rng.normal(size=B.shape)
            assert linear_loss(*rival) > best_linear(9)


def test_free_codes_have_no_threshold_that_linear_ones_have():
    """Below λ = α²/2π a linear code is off, while a free one explains a little; and always more."""
    for v in np.geomspace(0.01, 20, 30):
        (w,) = regulariser("sparse").factors([v], 1, ALPHA)
        assert (w > 0) == (v > ALPHA**2 / (2 * pi))
        assert gain(v, ALPHA) > v * w**2
