"""Divergences of Gaussians, digit by digit, against other quadratures, and a critic that learns."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import multivariate_normal, norm

from linae.divergences import (
    Normal,
    best_logit,
    game_value,
    jensen_shannon,
    kullback_leibler,
    squared_wasserstein,
)

ONE = np.eye(2)


def test_a_covariance_is_symmetric_and_finite():
    """One triangle alone is not read."""
    for C in ([[1, 0.9], [0, 1]], [[1, float("nan")], [float("nan"), 1]]):
        with pytest.raises(ValueError, match="Need a symmetric covariance of finite numbers"):
            Normal([0, 0], C)


def normal(*variances, mean=0.0):
    return Normal([mean] * len(variances), np.diag(variances))


def wide(rng, size):
    """A covariance between 1/2 and about 3."""
    M = rng.standard_normal((size, size))
    return M @ M.T / size + np.eye(size) / 2


def test_divergences_are_their_integrals():
    """In one dimension, by adaptive quadrature of the densities; W₂ by matching quantiles."""
    p, q = Normal([0.3], [[0.8]]), Normal([-0.5], [[2.0]])
    real, fake = norm(0.3, math.sqrt(0.8)), norm(-0.5, math.sqrt(2))

    def integral(f):
        return quad(f, -14, 14, epsabs=1e-13, limit=200)[0]

    kl = integral(lambda x: real.pdf(x) * (real.logpdf(x) - fake.logpdf(x)))
    assert kullback_leibler(p, q) == pytest.approx(kl, abs=1e-11)
    middle = [(side, lambda x: (real.pdf(x) + fake.pdf(x)) / 2) for side in (real, fake)]
    js = sum(integral(lambda x: s.pdf(x) * np.log(s.pdf(x) / m(x))) for s, m in middle) / 2  # noqa: B023
    assert jensen_shannon(p, q) == pytest.approx(js, abs=1e-11)
    gap = quad(lambda u: (real.ppf(u) - fake.ppf(u)) ** 2, 0, 1, epsabs=1e-9)[0]
    assert squared_wasserstein(p, q) == pytest.approx(gap, abs=1e-6)


def test_divergences_do_not_see_a_linear_change_of_both():
    """JSD and KL in two and three dimensions; equal covariances are one dimension in disguise, and
    leave W₂ the distance of the means."""
    rng = np.random.default_rng(2)
    for size in (2, 3):
        T, C = rng.standard_normal((size, size)), wide(rng, size)
        D = 1.5 * C + np.eye(size) / 4
        u, v = rng.standard_normal((2, size)) / 2
        first, second = Normal(u, C), Normal(v, D)
        moved = Normal(T @ u, T @ C @ T.T), Normal(T @ v, T @ D @ T.T)
        js = jensen_shannon(first, second)
        assert jensen_shannon(*moved) == pytest.approx(js, abs=1e-6)
        assert kullback_leibler(*moved) == pytest.approx(kullback_leibler(first, second))
        shifted = squared_wasserstein(first, Normal(v, C))
        assert shifted == pytest.approx((u - v) @ (u - v), abs=1e-12)
        nearly = Normal(v, C + 1e-9 * np.eye(size))
        assert jensen_shannon(first, nearly) == pytest.approx(
            jensen_shannon(first, Normal(v, C)), abs=1e-6
        )


def test_small_and_large_distances():
    """Δ²/8 and ‖K − 1‖²/16 to first order; log 2 where a variance vanishes."""
    for distance, ratio in ((0.01, 0.9999875), (1, 0.8914)):
        js = jensen_shannon(normal(1), normal(1, mean=distance))
        assert js / (distance**2 / 8) == pytest.approx(ratio, abs=1e-4 * distance**2)
    E = np.array([[1, 0.5], [0.5, -1]]) / 100
    js = jensen_shannon(Normal([0, 0], ONE + E), Normal([0, 0], ONE))
    assert js / ((E * E).sum() / 16) == pytest.approx(1, abs=0.02)
    for variance, nodes in ((1e-2, 301), (1e-6, 30001)):
        js = jensen_shannon(normal(variance), normal(1), nodes)
        assert js == pytest.approx(narrow(variance), abs=1e-6)
    assert 0.68 < js < math.log(2)


def narrow(variance):
    """JSD of N(0, variance) and N(0, 1), by adaptive quadrature piece by piece."""
    p, q = norm(0, math.sqrt(variance)), norm(0, 1)

    def share(x, of, other):
        return of.pdf(x) * (math.log(2) - np.logaddexp(0, other.logpdf(x) - of.logpdf(x)))

    cuts = [0, *(k * math.sqrt(variance) for k in (1, 2, 4, 7, 12)), 4, 12]
    sides = [(p, q), (q, p)]
    pieces = [quad(share, a, b, s)[0] for a, b in pairwise(cuts) for s in sides]
    return sum(pieces)


def hermite(first, second, nodes):
    """JSD by the rule of Gauss and Hermite on each axis, one for each of the two densities."""
    axes = len(first.mean)
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    z = np.stack(np.meshgrid(*[points] * axes, indexing="ij"), -1).reshape(-1, axes)
    w = np.stack(np.meshgrid(*[weights] * axes, indexing="ij"), -1).reshape(-1, axes).prod(-1)
    total = 0.0
    for of, other in ((first, second), (second, first)):
        x = of.mean + z @ of.factor.T
        share = math.log(2) - np.logaddexp(0, other.log_density(x) - of.log_density(x))
        total += w @ share / w.sum() / 2
    return total


@pytest.mark.parametrize("variances", [(2,), (2, 0.5), (2, 0.5, 1.3)], ids=str)
def test_two_quadratures_agree(variances):
    """N(0, 1) and N(½, C): Gauss and Hermite's rule needs 40 nodes for nine digits, 120 for twelve
    or more; of three axes 40 are affordable."""
    size = len(variances)
    p, q = Normal([0] * size, np.eye(size)), Normal([0.5] * size, np.diag(variances))
    found = jensen_shannon(p, q, 61 if size == 3 else None)
    for nodes, error in ((40, 5e-9), (80, 2e-9), (120, 8e-12))[: 1 if size == 3 else 3]:
        assert hermite(p, q, nodes) == pytest.approx(found, abs=error)


def test_gauss_and_hermite_miss_a_narrow_density():
    """Variances 10⁻⁶ and 1: 40, 80 and 120 nodes agree on .69158, but none of them is where the
    narrow one is; with a node at 0 they find less than half. It is .6845660."""
    p, q = Normal([0], [[1e-6]]), Normal([0], [[1]])
    assert jensen_shannon(p, q, 30001) == pytest.approx(0.6845660, abs=1e-7)
    for nodes in (40, 80, 120):
        assert hermite(p, q, nodes) == pytest.approx(0.69158, abs=1e-5)
    for nodes in (41, 121):
        assert hermite(p, q, nodes) < 0.35


@pytest.mark.parametrize(
    ("change", "ratio"),
    [
        ([[1, 0], [0, -0.7]], 0.9956),
        ([[1, 0], [0, 1]], 0.9901),
        ([[0.5, 0.4], [0.4, -0.1]], 0.9946),
        ([[-1, 0], [0, -1]], 1.0101),
    ],
    ids=str,
)
def test_codes_that_are_not_quite_white_are_as_far_as_their_square(change, ratio):
    """JSD of N(0, 1 + E) and N(0, 1) is (‖E‖² − tr E³)/16 but for terms of fourth order; E is of
    the order of a percent."""
    E = np.array(change) / 100
    square, cube = (E * E).sum(), np.trace(E @ E @ E)
    found = jensen_shannon(Normal([0, 0], np.eye(2) + E), Normal([0, 0], np.eye(2)))
    assert found / (square / 16) == pytest.approx(ratio, abs=5e-5)
    assert found / (square / 16) == pytest.approx(1 - cube / square, abs=2e-4)


@pytest.mark.parametrize(("size", "nodes"), [(1, 2001), (2, 161)])
def test_a_trained_quadratic_critic_reaches_the_value_of_the_game(size, nodes):
    """Its logit is half the difference of precisions, by Newton's method on an even grid, which is
    given densities alone; to rounding."""
    rng = np.random.default_rng(4)
    p, q = (Normal(rng.standard_normal(size) / 2, wide(rng, size)) for _ in range(2))
    axis, step = np.linspace(-16, 16, nodes, retstep=True)
    x = np.stack(np.meshgrid(*[axis] * size, indexing="ij"), -1).reshape(-1, size)
    real, fake = (multivariate_normal(g.mean, g.covariance).pdf(x) * step**size for g in (p, q))
    upper = [(i, j) for i in range(size) for j in range(i, size)]
    features = np.stack([x[:, i] * x[:, j] for i, j in upper] + [*x.T, np.ones(len(x))], axis=-1)
    found = np.zeros(features.shape[1])
    for _ in range(10):
        C = 1 / (1 + np.exp(-features @ found))
        slope, curvature = real * (1 - C) - fake * C, (real + fake) * C * (1 - C)
        found += np.linalg.solve((features.T * curvature) @ features, features.T @ slope)
    y = features @ found
    value = -(real @ np.logaddexp(0, -y) + fake @ np.logaddexp(0, y))
    assert value == pytest.approx(game_value(p, q), abs=2e-15 * size**2)
    logit = best_logit(p, q)
    claimed = [logit.quadratic[i, j] / (2 if i == j else 1) for i, j in upper]
    np.testing.assert_allclose(found, [*claimed, *logit.linear, logit.constant], rtol=0, atol=1e-12)
    ratio = p.log_density(x) - q.log_density(x)
    np.testing.assert_allclose(logit(x), ratio, rtol=0, atol=1e-12 * np.abs(ratio).max())


def test_slopes_of_the_generator_with_a_critic_that_waits():
    """Unit Gaussians at distance 0.7: .3115489 for 2 JSD, .3884511 for KL − 2 JSD, and together 0.7
    for KL; by quadrature of the frozen critic, and by differences of the divergences."""
    at, h = 0.7, 1e-4
    x, w = np.polynomial.hermite_e.hermegauss(80)
    w = w / w.sum()

    def frozen(sign, shift):
        fake = at**2 / 2 - at * (x + shift)
        return -w @ np.logaddexp(0, sign * fake)

    saturating = (frozen(1, at + h) - frozen(1, at - h)) / (2 * h)
    other = -(frozen(-1, at + h) - frozen(-1, at - h)) / (2 * h)
    js = [2 * jensen_shannon(normal(1), normal(1, mean=at + s)) for s in (h, -h)]
    assert saturating == pytest.approx(0.3115489, abs=1e-7)
    assert other == pytest.approx(0.3884511, abs=1e-7)
    assert (js[0] - js[1]) / (2 * h) == pytest.approx(saturating, abs=1e-7)
    kl = [kullback_leibler(normal(1, mean=at + s), normal(1)) for s in (h, -h)]
    assert (kl[0] - kl[1]) / (2 * h) == pytest.approx(saturating + other, abs=1e-7)


def test_what_is_no_gaussian_is_refused():
    """Requirement and received value."""
    with pytest.raises(ValueError, match=r"Need a covariance of order 2. Got shape"):
        Normal([0, 0], [[1]])
    with pytest.raises(ValueError, match="Need a positive definite covariance"):
        Normal([0, 0], [[1, 1], [1, 1]])
    with pytest.raises(ValueError, match=r"Need equal covariances, or <= 3 axes. Got 4"):
        jensen_shannon(normal(1, 1, 1, 1), normal(1, 1, 1, 2))
    with pytest.raises(
        ValueError, match=r"Need 3000 nodes for densities as narrow as these. Got 301"
    ):
        jensen_shannon(normal(1, 1e-4), normal(1, 1))
