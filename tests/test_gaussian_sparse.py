"""What sparse codes do to Gaussian data, and to others, against SciPy, quadrature and draws."""

from math import erfc, exp, pi, sqrt

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
    """By quadrature from the threshold on, to twelve digits; its slope is the chance to pass it, by
    differences of sixth order, to eleven."""
    scale, level = sqrt(variance), ALPHA / 2
    density, precise = norm(scale=scale).pdf, {"epsabs": 0, "epsrel": 1e-13, "limit": 200}
    end = level + 14 * scale
    integral = quad(lambda z: (z - level) ** 2 * density(z), level, end, **precise)[0]
    assert gain(variance, ALPHA) == pytest.approx(2 * integral, rel=1e-12)
    step = 3e-3 * variance
    rises = [gain(variance + k * step, ALPHA) - gain(variance - k * step, ALPHA) for k in (1, 2, 3)]
    slope = np.dot([45, -9, 1], rises) / (60 * step)
    assert slope == pytest.approx(erfc(level / scale / sqrt(2)), rel=1e-11, abs=1e-13)
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
    np.testing.assert_allclose([laplace_gain(angle, 0) for angle in angles], 2, rtol=1e-14)
    x = np.random.default_rng(3).laplace(scale=sqrt(1 / 2), size=(200_000, 2))
    for angle in (0, pi / 4):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        each = (np.maximum(abs(x @ turn) - 1 / 2, 0) ** 2).sum(1)
        error = 3 * each.std() / sqrt(len(x))
        assert abs(each.mean() - laplace_gain(angle, 1)) < error < 0.02


def test_the_angle_of_two_laplace_sources_is_worth_seven_percent():
    """At α = 1: .986137 at the sources, by the Laplace density, and .919699 at 45°, where z has
    the density (1 + 2|z|) e^(−2|z|)/2."""
    densities = {
        0.0: lambda z: exp(-sqrt(2) * z) / sqrt(2),
        pi / 4: lambda z: (1 + 2 * z) * exp(-2 * z) / 2,
    }
    for (angle, density), found in zip(densities.items(), (0.986137, 0.919699), strict=True):
        integral = quad(lambda z: (z - 1 / 2) ** 2 * density(z), 1 / 2, 30, epsrel=1e-12)[0]  # noqa: B023
        assert laplace_gain(angle, 1) == pytest.approx(4 * integral, rel=1e-10)
        assert laplace_gain(angle, 1) == pytest.approx(found, abs=1e-6)


def test_no_basis_beats_principal_components_of_gaussian_data():
    """None of 5000 random bases of three columns, the best of which is 0.2 short, nor the one that
    a search finds from there."""
    rng = np.random.default_rng(4)

    def explained(A):
        return sum(gain(v, ALPHA) for v in VALUES @ A**2)

    best = sum(gain(v, ALPHA) for v in VALUES[:3])
    bases = np.linalg.qr(rng.normal(size=(5000, 6, 3)))[0]
    start = max(bases, key=explained)
    assert 0.2 < best - explained(start) < 0.4
    found = minimize(lambda x: -explained(np.linalg.qr(x.reshape(6, 3))[0]), start.ravel())
    assert -found.fun == pytest.approx(best, abs=1e-9)


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
    assert value == pytest.approx(best_linear(6), rel=1e-12)


def unpacked(x, n, p):
    """Columns of norm 1 of A, their former norms, and B."""
    norms = np.linalg.norm(x[: n * p].reshape(n, p), axis=0)
    return x[: n * p].reshape(n, p) / norms, norms, x[n * p :].reshape(p, n)


def joint_search(values, p, rng):
    """The least loss that BFGS finds over B and columns of norm 1."""
    n = len(values)

    def price(x):
        A, norms, B = unpacked(x, n, p)
        seen, sizes = -2 * (np.eye(n) - A @ B) * values, np.sqrt(B**2 @ values)[:, None]
        of_A, of_B = seen @ B.T, A.T @ seen + ALPHA * sqrt(2 / pi) * B * values / sizes
        inside = (of_A - A * (A * of_A).sum(axis=0)) / norms
        return linear_loss(A, B, values), np.concatenate([inside.ravel(), of_B.ravel()])

    start = rng.normal(size=2 * n * p) / 2
    return minimize(price, start, jac=True, options={"gtol": 1e-9, "maxiter": 1000}).fun


@pytest.mark.parametrize(("count", "p"), [(3, 2), (3, 3), (3, 5), (6, 6), (6, 9)])
def test_a_joint_search_over_linear_codes_ends_at_the_closed_form(count, p):
    """BFGS over B and columns of norm 1, to ten digits; more units than components gain nothing."""
    rng, values = np.random.default_rng(6), VALUES[:count]
    w = np.array(regulariser("sparse").factors(values, p, ALPHA))
    least = (values * (1 - w**2)).sum()
    for _ in range(2):
        assert joint_search(values, p, rng) == pytest.approx(least, abs=1e-10)


def test_orthonormal_columns_are_no_worse_for_linear_codes():
    """A search over B and AᵀA = 1, by values of the loss alone."""
    rng, values = np.random.default_rng(9), VALUES[:3]
    w = np.array(regulariser("sparse").factors(values, 2, ALPHA))

    def price(x):
        A, _, B = unpacked(x, 3, 2)
        return linear_loss(np.linalg.qr(A)[0], B, values)

    ends = [minimize(price, rng.normal(size=12) / 2, tol=1e-9).fun for _ in range(3)]
    assert min(ends) == pytest.approx((values * (1 - w**2)).sum(), abs=1e-9)


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
