"""Noise and steps as instruments: what they measure of curvature, and how well."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from linae.exact import rationals
from proofs.noise_and_curvature import stationary


def test_the_scatter_of_simulated_sgd_is_the_stationary_one():
    """20,000 chains, 200 steps: entries of the covariance to four standard errors."""
    rng = np.random.default_rng(0)
    H, G, step = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.3], [-0.3, 0.5]]), 0.2
    root, chains = np.linalg.cholesky(G), np.zeros((20_000, 2))
    for _ in range(200):
        noise = rng.standard_normal(chains.shape) @ root.T
        chains = chains - step * (chains @ H + noise)
    one = np.eye(2)
    operator = np.kron(one, H) + np.kron(H, one) - step * np.kron(H, H)
    C = np.linalg.solve(operator, step * G.ravel()).reshape(2, 2)
    products = chains[:, :, None] * chains[:, None, :]
    error = products.std(axis=0) / len(chains) ** 0.5
    assert (np.abs(products.mean(axis=0) - C) < 4 * error).all()


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
