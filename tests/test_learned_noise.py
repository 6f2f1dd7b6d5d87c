"""The best ELBO, for a given and for a learned variance of the decoder, by L-BFGS and elsewhere."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from linae import Moments
from linae.landscapes.learned_noise import learned_noise
from linae.landscapes.variational import Variational


def landscape(values, width, noise, beta):
    """S = diag(λ)."""
    return Variational(Moments.auto(np.diag(np.array(values, dtype=float))), width, noise, beta)


def joint_loss(vector, S, width, beta):
    """−ELBO in A, B, log d and log σ², written anew, with its gradient."""
    n = len(S)
    A, B = vector[: n * width].reshape(n, width), vector[n * width : -width - 1].reshape(width, n)
    logs, noise = vector[-width - 1 : -1], math.exp(vector[-1])
    d, E = np.exp(logs), np.eye(n) - A @ B
    error = np.trace(E @ S @ E.T) + (d * (A * A)).sum()
    bits = d.sum() + np.trace(B @ S @ B.T) - width - logs.sum()
    value = beta / 2 * bits + error / (2 * noise) + n / 2 * math.log(2 * math.pi * noise)
    slopes = [
        ((-E @ S @ B.T + A * d) / noise).ravel(),
        (-A.T @ E @ S / noise + beta * B @ S).ravel(),
        beta / 2 * (d - 1) + d * (A * A).sum(axis=0) / (2 * noise),
        [n / 2 - error / (2 * noise)],
    ]
    return value, np.concatenate(slopes)


def descended(S, width, beta, noise=None):
    """The least of a few runs of L-BFGS; σ² is learned if none is given."""
    rng, runs = np.random.default_rng(6), []
    size = 2 * len(S) * width + width
    for _ in range(4):
        start = rng.standard_normal(size + 1) / 2
        bounds = [(None, None)] * size + [(None, None) if noise is None else (math.log(noise),) * 2]
        options = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-16, "gtol": 1e-11}
        runs.append(minimize(joint_loss, start, (S, width, beta), "L-BFGS-B", True, bounds=bounds,
                             options=options))  # fmt: skip
    return min(runs, key=lambda run: run.fun)


@pytest.mark.parametrize(("noise", "beta"), [(0.5, 1), (0.4, 2.5), (1.4, 1)])
def test_the_best_elbo_is_that_of_l_bfgs(noise, beta):
    """σ² fixed, n = 5, p = 3."""
    at = landscape((5.1, 4, 3, 2, 1.2), 3, noise, beta)
    best = next(at.critical_classes())
    found = descended(at.moments.Sxx, 3, beta, noise).fun
    assert -at.elbo(*best.weights()) == pytest.approx(found, abs=1e-9)


@pytest.mark.parametrize(
    ("width", "beta", "on"), [(2, 1, 2), (3, 1, 3), (4, 1.4, 2), (3, 2, 1), (2, 0.5, 2)]
)
def test_the_learned_noise_is_that_of_l_bfgs(width, beta, on):
    """σ² free, n = 5: its value, the ELBO, and how many latents are left on."""
    values = (5, 3, 1, 0.8, 0.6)
    noise = learned_noise(values, width, beta)
    at = landscape(values, width, noise, beta)
    found = descended(at.moments.Sxx, width, beta)
    best = next(at.critical_classes())
    assert -at.elbo(*best.weights()) == pytest.approx(found.fun, abs=1e-10)
    assert noise == pytest.approx(math.exp(found.x[-1]), rel=1e-6)
    assert sum(j >= 0 for j in best.index_set) == on


def test_the_learned_noise_is_that_of_probabilistic_pca():
    """scikit-learn, β = 1."""
    decomposition = pytest.importorskip("sklearn.decomposition")
    X = np.random.default_rng(7).standard_normal((60, 5)) * (4, 3, 1, 0.8, 0.6)
    values = np.linalg.eigvalsh(np.cov(X.T))[::-1]
    fitted = decomposition.PCA(n_components=2).fit(X)
    assert learned_noise(values, 2) == pytest.approx(fitted.noise_variance_)
