"""Noise and steps as instruments: what they measure of curvature, and how well."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from linae.exact import rationals
from proofs.noise_and_curvature import stationary


def gauss(count, dimension):
    """Nodes and weights of Gauss and Hermite for white noise, one column for each node."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    grid = np.array(list(product(nodes, repeat=dimension))).T
    return grid, np.prod(list(product(weights / weights.sum(), repeat=dimension)), axis=1)


def test_the_mean_of_a_quartic_needs_two_corrections_in_symbols():
    """E f(x + σξ) = f + σ²/2 Δf + σ⁴/8 Δ²f for every quartic of the plane: odd powers of ξ vanish,
    ξ² and ξ⁴ become 1 and 3. Of a quadratic the last term is 0."""
    s, x, xi = sp.Symbol("s"), sp.symbols("x:2"), sp.symbols("e:2")
    orders = [(i, j) for i in range(5) for j in range(5 - i)]
    names = zip(sp.symbols(f"c:{len(orders)}"), orders, strict=True)
    f = sum(c * x[0] ** i * x[1] ** j for c, (i, j) in names)
    moved = f.subs({v: v + s * e for v, e in zip(x, xi, strict=True)}, simultaneous=True)
    moments = {0: 1, 1: 0, 2: 1, 3: 0, 4: 3}
    terms = sp.Poly(sp.expand(moved), *xi).terms()
    once = sum(sp.diff(f, v, 2) for v in x)
    twice = sum(sp.diff(once, v, 2) for v in x)
    mean = sum(c * moments[i] * moments[j] for (i, j), c in terms)
    assert sp.expand(mean - f - s**2 / 2 * once - s**4 / 8 * twice) == 0


def test_noise_gives_both_derivatives_of_a_smoothed_function():
    """f = sin(x + 2y) at the noise σ = 1/2, where E f(z + σξ) = e^{−5σ²/2} f(z): by values alone
    E σξ f/σ² and E (σ²ξξᵀ − σ²) f/σ⁴, and E σξ ∇fᵀ/σ², by Gauss and Hermite."""
    sigma, z, a = 0.5, np.array([0.3, -0.4]), np.array([1.0, 2.0])
    xi, weights = gauss(30, 2)
    inner, shrink = a @ (z[:, None] + sigma * xi), np.exp(-5 * sigma**2 / 2)
    slope, curvature = shrink * np.cos(a @ z) * a, -shrink * np.sin(a @ z) * np.outer(a, a)
    f = weights * np.sin(inner)
    np.testing.assert_allclose(xi @ f / sigma, slope, rtol=0, atol=1e-13)
    second = ((xi * f) @ xi.T - f.sum() * np.eye(2)) / sigma**2
    np.testing.assert_allclose(second, curvature, rtol=0, atol=1e-13)
    mixed = np.outer(xi @ (weights * np.cos(inner)), a) / sigma
    np.testing.assert_allclose(mixed, curvature, rtol=0, atol=1e-13)


def test_probes_measure_a_trace_with_the_variance_claimed():
    """2 ‖H‖² of Gaussian probes, by Gauss and Hermite; 2 (‖H‖² − Σ H_ii²) over all signs; and both
    measure ‖J‖² of any J."""
    rng = np.random.default_rng(1)
    M, J = rng.standard_normal((3, 3)), rng.standard_normal((2, 3))
    H = M + M.T
    signs = np.array(list(product((-1.0, 1.0), repeat=3))).T
    squares, diagonal = np.sum(H * H), np.sum(np.diag(H) ** 2)
    for (v, weights), spread in (
        (gauss(5, 3), 2 * squares),
        ((signs, np.full(8, 1 / 8)), 2 * (squares - diagonal)),
    ):
        measured = np.sum(v * (H @ v), axis=0)
        mean = measured @ weights
        assert mean == pytest.approx(np.trace(H), rel=1e-13)
        assert (measured - mean) ** 2 @ weights == pytest.approx(spread, rel=1e-13)
        assert np.sum((J @ v) ** 2, axis=0) @ weights == pytest.approx(np.sum(J * J), rel=1e-13)


def test_the_scatter_of_simulated_sgd_is_the_stationary_one():
    """20,000 chains: entries of the covariance to four standard errors after 200 steps; and the
    mean over six times, 25 steps apart, to 2 %, again four of them."""
    rng = np.random.default_rng(0)
    H, G, step = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.3], [-0.3, 0.5]]), 0.2
    root, chains, seen = np.linalg.cholesky(G), np.zeros((20_000, 2)), []
    for k in range(1, 201):
        noise = rng.standard_normal(chains.shape) @ root.T
        chains = chains - step * (chains @ H + noise)
        if k > 50 and not k % 25:
            seen.append(chains.T @ chains / len(chains))
    one = np.eye(2)
    operator = np.kron(one, H) + np.kron(H, one) - step * np.kron(H, H)
    C = np.linalg.solve(operator, step * G.ravel()).reshape(2, 2)
    products = chains[:, :, None] * chains[:, None, :]
    error = products.std(axis=0) / len(chains) ** 0.5
    assert (np.abs(products.mean(axis=0) - C) < 4 * error).all()
    assert np.linalg.norm(np.mean(seen, axis=0) - C) < 0.02 * np.linalg.norm(C)
    assert np.linalg.norm(H @ C + C @ H - step * H @ C @ H - step * G) < 1e-15


def test_the_excess_loss_is_a_quarter_of_the_trace_for_small_steps():
    """½ tr HC / (s η tr H/4) → 1, and the difference shrinks with η."""
    H = rationals([[2, 1], [1, 3]])
    ratios = []
    for step in (Fraction(1, 10), Fraction(1, 100), Fraction(1, 1000)):
        C = stationary(H, H, step)
        ratios.append(float((H @ C).trace() / 2 / (step * H.trace() / 4)))
    errors = np.abs(np.array(ratios) - 1)
    assert errors[2] < 0.002
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.2)


def test_descent_follows_the_flow_of_a_loss_with_a_gradient_penalty():
    """Barrett and Dherin 2021: with L + η/4 ‖∇L‖² the error is of second order in the step, with L
    alone of first; halving the step divides them by four and by two."""

    def slope(z):
        a, b = z
        r = 1 - a * b
        return np.array([-2 * r * b, -2 * r * a])

    def curvature(z):
        a, b = z
        return np.array([[2 * b * b, 4 * a * b - 2], [4 * a * b - 2, 2 * a * a]])

    start, time = np.array([1.5, 0.2]), 1.0
    errors = []
    for step in (0.05, 0.025, 0.0125):
        z = start
        for _ in range(round(time / step)):
            z = z - step * slope(z)

        def plain(t, z):
            return -slope(z)

        def modified(t, z, step=step):
            return -slope(z) - step / 2 * curvature(z) @ slope(z)

        ends = [
            solve_ivp(flow, (0, time), start, rtol=1e-11, atol=1e-12).y[:, -1]
            for flow in (plain, modified)
        ]
        errors.append([np.linalg.norm(z - end) for end in ends])
    for coarse, fine in pairwise(errors):
        assert coarse[0] / fine[0] == pytest.approx(2, rel=0.15)
        assert coarse[1] / fine[1] == pytest.approx(4, rel=0.2)
