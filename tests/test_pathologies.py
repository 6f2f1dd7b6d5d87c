"""Where autoencoders fail: by quadrature, integrators, optimisers, and draws with error bars."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import eigh, solve_continuous_lyapunov
from scipy.optimize import minimize

from linae import Moments, SquaredLoss, inertia
from linae.calculus import hessian
from linae.exact import rationals
from linae.generalisation import Spike, excess, memorisation_loss, spiked_losses
from linae.landscapes.dropout import Dropout
from linae.landscapes.tied_contractive import TiedContractive
from linae.landscapes.variational import Variational
from linae.landscapes.weight_decay import WeightDecay
from linae.supervision import denoise, metric
from proofs.interlacing import greatest_tangent, tangent

FALLING = np.array([4, 2.5, 1.2, 0.5, 0.2])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: excess((2, 1), 0, 10), "Need width >= 1 and samples >= 1. Got width = 0"),
        (lambda: excess((2, 1), 1, 1, known_mean=False), "samples >= 2"),
        (lambda: spiked_losses([3], 4, 2, 4), "Need 1 <= width < inputs, samples. Got width = 4"),
    ],
)
def test_what_has_no_answer_is_refused(call, message):
    """One line, with what is needed."""
    with pytest.raises(ValueError, match=message):
        call()


def best(moments, width):
    """The least loss over maps A B."""
    return next(SquaredLoss(moments, width).critical_classes()).loss


def best_tied(loss, n, width, rng, starts=8):
    """The least loss over A that quasi-Newton descents find, as a function of A Aᵀ."""

    def at(vector):
        A = vector.reshape(n, width)
        return loss(A @ A.T)

    ends = [minimize(at, rng.standard_normal(n * width), tol=1e-12).fun for _ in range(starts)]
    return min(ends)


def test_the_mean_output_is_a_strict_saddle_with_biases():
    """Inertia (np, p, np + n), with a bias b of the encoder and c of the decoder: (10, 2, 15)."""
    n, p = 5, 2
    S = np.diag(rationals([5, 4, 3, 2, 1]))
    mean = rationals([1, -1, 2, 0, 3])[:, None]

    def loss(A, B, b, c):
        """Of samples with mean x̄: the covariance, and the error of the mean."""
        E, e = rationals(np.eye(n, dtype=int)) - A @ B, mean - A @ (B @ mean + b) - c
        return (E @ S * E).sum() + (e * e).sum()

    A, b = rationals(np.zeros((n, p), dtype=int)), rationals([[1], [-2]])
    found = inertia(hessian(loss, (A, A.T, b, mean), 4))
    assert (found.negative, found.zero, found.positive) == (n * p, p, n * p + n) == (10, 2, 15)


def test_the_first_component_leans_to_a_large_mean():
    """The angle falls like the inverse square of the mean, and is then that of the theorem."""
    rng = np.random.default_rng(0)
    F, mean = rng.standard_normal((5, 5)), rng.standard_normal(5)
    angles = []
    for scale in (10, 100):
        v = np.linalg.eigh(F @ F.T + scale**2 * np.outer(mean, mean))[1][:, -1]
        angles.append(tangent(v, mean))
    assert angles[0] / angles[1] == pytest.approx(100, rel=0.03)
    most = greatest_tangent(F @ F.T, 100 * mean)
    assert angles[1] < most < 1.01 * angles[1]


@pytest.mark.parametrize(("tied", "expected"), [(False, 2.65683), (True, 1.32841)])
def test_half_of_a_component_is_there_at_the_time_of_the_theorem(tied, expected):
    """By SciPy's integrator, of A and B in five dimensions; λ = 1.3, and 10⁻⁶ of it at the start;
    the other components are not there."""
    S, start = np.diag([1.3, 0.7, 0.4, 0.2, 0.1]), 1e-3

    def slope(_, vector):
        A, B = vector[:5, None], vector[None, 5:] if not tied else vector[None, :5]
        E = (A @ B - np.eye(5)) @ S
        of_A, of_B = 2 * E @ B.T, 2 * A.T @ E
        return -np.concatenate([of_A[:, 0], of_B[0]] if not tied else [(of_A + of_B.T)[:, 0]])

    def half(_, vector):
        return vector[0] * vector[0 if tied else 5] - 0.5

    half.terminal = True
    first = np.eye(5)[0] * start
    run = solve_ivp(
        slope, (0, 10), first if tied else np.tile(first, 2), events=half, rtol=1e-10, atol=1e-14
    )
    assert run.t_events[0][0] == pytest.approx(expected, abs=5.1e-6)
    claimed = math.log(1 / start**2 - 1) / (4 * (1 + tied) * 1.3)
    assert run.t_events[0][0] == pytest.approx(claimed, rel=1e-8)


def test_tied_weights_double_the_curvature():
    """At the optimum of λ = 1.3: 10.4 and 5.2, from values of the loss."""
    A, S = np.array([[1.0], [0.0]]), np.diag([1.3, 0.4])

    def free(A, B):
        E = np.eye(2) - A @ B
        return ((E @ S) * E).sum()

    def top(loss, *weights):
        return np.linalg.eigvalsh(hessian(loss, weights, 4).astype(float))[-1]

    assert top(free, A, A.T) == pytest.approx(5.2)
    assert top(lambda A: free(A, A.T), A) == pytest.approx(10.4)


@pytest.mark.parametrize("top", [1, 3])
def test_regularised_landscapes_collapse_at_their_thresholds(top):
    """The best class has rank 0 from the threshold on, and not below; with dropout never."""
    moments = Moments.auto(np.diag(rationals([top, "1/2"])))
    for landscape, threshold in (
        (lambda g: TiedContractive(moments, 2, g), 2 * top),
        (lambda g: WeightDecay(moments, 2, g), top),
        (lambda g: Variational(moments, 2, g), top),
    ):
        ranks = [
            next(landscape(rationals([x])[0] * threshold).critical_classes()).rank
            for x in ("99/100", "1", "101/100")
        ]
        assert ranks == [1, 0, 0]
    drop = Dropout(moments, 1, rationals(["99/100"])[0])
    assert next(drop.critical_classes()).rank == 1


def test_white_noise_does_not_cost_shared_weights():
    """97/147 for both: untied in closed form, tied by optimisers."""
    S = rationals([[2, "9/10"], ["9/10", 1]])
    noisy = SquaredLoss(denoise(Moments.auto(S), Fraction(1, 2)), 2)
    assert next(noisy.critical_classes()).loss == pytest.approx(97 / 147, abs=1e-14)
    assert noisy.loss(noisy.spectrum.regression, rationals([[1, 0], [0, 1]])) == Fraction(97, 147)

    def loss(W):
        E = np.eye(2) - W
        return float((E @ S.astype(float) * E).sum() + (W * W).sum() / 2)

    found = best_tied(loss, 2, 2, np.random.default_rng(1))
    assert found == pytest.approx(97 / 147, abs=1e-14)


def test_coloured_noise_costs_shared_weights():
    """0.64618 and 0.71045, by optimisers and by Lyapunov's equation."""
    rng, S, N = np.random.default_rng(1), np.array([[2, 0.9], [0.9, 1]]), np.diag([1, 0.1])

    def loss(W):
        E = np.eye(2) - W
        return float((E @ S * E).sum() + (W @ N * W).sum())

    assert best(Moments(S + N, S, S), 2) == pytest.approx(0.64618, abs=5e-6)
    assert best_tied(loss, 2, 2, rng) == pytest.approx(0.71045, abs=5e-6)
    W = solve_continuous_lyapunov(S + N, 2 * S)
    assert np.linalg.eigvalsh(W)[0] > 0
    assert loss(W) == pytest.approx(0.71045, abs=5e-6)


def test_another_metric_costs_shared_weights():
    """1.2562 and 1.9297, p = 1, Γ = diag(1, 9)."""
    rng, S, C = np.random.default_rng(2), np.array([[2, 0.8], [0.8, 1]]), np.diag([1.0, 3.0])

    def loss(W):
        E = C @ (np.eye(2) - W)
        return float((E @ S * E).sum())

    assert best(metric(Moments.auto(S), C), 1) == pytest.approx(1.2562, abs=5e-5)
    assert best_tied(loss, 2, 1, rng) == pytest.approx(1.9297, abs=5e-5)


def test_shared_weights_learn_positive_correlations_only():
    """Tied descents find Σ c₊²/λ, and of y = −x nothing."""
    rng = np.random.default_rng(3)
    values, c = np.array([3, 2, 1.5, 1]), np.array([2, -1.8, 0.6, 0.3])
    U = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    S, T = U * values @ U.T, U * (c / values) @ U.T

    def loss(W, T=T):
        E = T - W
        return float((E @ S * E).sum())

    for p in (1, 2, 4):
        gains = np.sort(np.maximum(c, 0) ** 2 / values)[::-1]
        expected = (c * c / values).sum() - gains[:p].sum()
        assert best_tied(loss, 4, p, rng) == pytest.approx(expected, abs=1e-6)
    nothing = best_tied(lambda W: loss(W, -np.eye(4)), 4, 2, rng)
    assert nothing == pytest.approx(values.sum(), abs=1e-6)


def second_moments(rng, values, samples, draws):
    """Of Gaussian data, by Bartlett's triangles of normal and chi-square numbers."""
    n = len(values)
    T = np.tril(rng.standard_normal((draws, n, n)), -1)
    T[:, range(n), range(n)] = np.sqrt(rng.chisquare(samples - np.arange(n), (draws, n)))
    F = np.sqrt(values)[:, None] * T
    return F @ F.mT / samples


@pytest.mark.parametrize(
    ("samples", "more", "less"), [(50, 6.54, 5.81), (200, 5.87, 5.64), (800, 5.70, 5.69)]
)
def test_components_of_many_samples_lose_what_perturbation_theory_says(samples, more, less):
    """5.6463/N: times N it is 6.54, 5.87 and 5.70 more on new data, 5.81, 5.64 and 5.69 less on the
    samples, all to 0.12, two standard errors; and within four of them, and the next order, of the
    closed form."""
    rng, p, draws = np.random.default_rng(4), 2, 20000
    assert excess(FALLING, p, 1) == pytest.approx(5.6463, abs=5e-5)
    S = second_moments(rng, FALLING, samples, draws)
    values, V = np.linalg.eigh(S)
    kept = (V[:, :, -p:] ** 2).sum(axis=2)
    new = ((1 - kept) * FALLING).sum(axis=1) - FALLING[p:].sum()
    seen = S[:, range(p, 5), range(p, 5)].sum(axis=1) - values[:, :-p].sum(axis=1)
    for found, measured in ((new, more), (seen, less)):
        mean, error = samples * found.mean(), samples * found.std() / math.sqrt(draws)
        assert error < 0.06
        assert abs(mean - measured) < 0.12
        assert abs(mean / excess(FALLING, p, 1) - 1) < 4 * error / mean + 12 / samples


def test_an_estimated_mean_costs_one_sample_and_its_own_error():
    """On new data, N = 30, within four standard errors and the next order."""
    rng, p, N, draws = np.random.default_rng(5), 2, 100, 20000
    X = rng.standard_normal((draws, N, 5)) * np.sqrt(FALLING)
    mean = X.mean(axis=1)
    centred = X - mean[:, None]
    V = np.linalg.eigh(centred.mT @ centred)[1][:, :, :-p]
    new = (FALLING[:, None] * V * V).sum(axis=(1, 2)) + ((mean[:, None] @ V) ** 2).sum(axis=(1, 2))
    found = new - FALLING[p:].sum()
    claimed = excess(FALLING, p, N, known_mean=False)
    error = 4 * found.std() / math.sqrt(draws)
    assert abs(found.mean() - claimed) < error + 8 / N * excess(FALLING, p, N)
    assert abs(found.mean() - excess(FALLING, p, N)) > 2 * error


def test_spiked_covariances_have_the_limits_of_random_matrix_theory():
    """n = 400, N = 800, spikes 4, 1.5 and 0.4: eigenvalues 5.637, 3.305 and 2.865 for the limits
    5.625, 3.333 and 2.914, all within 2 %; losses 398.584 for 398.581 and 394.28 for 394.03, within
    0.02 % and 0.1 %. To first order in the noise an eigenvalue follows the variance of the samples
    along the spike, which is subtracted."""
    n, N, p, rng, spikes = 400, 800, 3, np.random.default_rng(6), (4, 1.5, 0.4)
    values = np.ones(n)
    values[:p] += spikes
    claims = [Spike(strength, n / N) for strength in spikes]
    assert [claim.is_seen for claim in claims] == [True, True, False]
    follows = np.array([(1 - 0.5 / x**2) * s.is_seen for x, s in zip(spikes, claims, strict=True)])
    tops, overlaps, new, seen = [], [], [], []
    for _ in range(20):
        X = rng.standard_normal((N, n)) * np.sqrt(values)
        S = X.T @ X / N
        found, V = eigh(S, subset_by_index=[n - p, n - 1])
        found, V = found[::-1], V[:, ::-1]
        noise = follows * (S.diagonal() - values)[:p]
        tops.append(found - noise)
        overlaps.append([V[0, 0] ** 2, V[1, 1] ** 2])
        new.append(values.sum() - (values @ V**2).sum())
        seen.append(values.sum() - found.sum() + noise.sum())
    unseen, fitted = spiked_losses(spikes, n, N, p)
    limits = [claim.eigenvalue for claim in claims]
    np.testing.assert_allclose(limits, [5.625, 3.333, 2.914], rtol=0, atol=5e-4)
    np.testing.assert_allclose((unseen, fitted), (398.581, 394.03), rtol=0, atol=5e-3)
    for found, claimed, measured, within in (
        (tops, limits, [5.637, 3.305, 2.865], 0.02),
        (overlaps, *[[claim.overlap for claim in claims[:2]]] * 2, 0.04),
        (new, unseen, 398.584, 2e-4),
        (seen, fitted, 394.28, 1e-3),
    ):
        error, mean = np.std(found, axis=0) / math.sqrt(20), np.mean(found, axis=0)
        assert (error < within / 2 * np.abs(claimed)).all()
        for other in (claimed, measured):
            np.testing.assert_allclose(mean, other, rtol=within)


def test_a_spike_below_the_edge_is_not_seen():
    """At ℓ = √φ eigenvalue and overlap meet those of noise."""
    at, above = Spike(0.5, 0.25), Spike(0.5 + 1e-9, 0.25)
    assert at.eigenvalue == 2.25 == pytest.approx(above.eigenvalue)
    assert at.overlap == 0
    assert 0 < above.overlap < 1e-7


FLAT, HARMONIC = np.ones(60), 1 / np.arange(1, 61)
HALVES = np.repeat([2, 0.1], 30)


@pytest.mark.parametrize(
    ("values", "claimed", "measured", "within"),
    [
        (FLAT, 40.0, 40.0, 1e-12),
        (HARMONIC, 1.8340, 1.8475, 0.0026),
        (HALVES, 26.939, 27.064, 0.042),
    ],
    ids=["flat", "harmonic", "halves"],
)
def test_what_is_learned_by_heart_loses_about_the_deterministic_equivalent(
    values, claimed, measured, within
):
    """n = 60, N = 20: n − N exactly if S = 1, else 0.5 to 0.8 % more, measured to 0.05 %."""
    n, N, rng = 60, 20, np.random.default_rng(7)
    X = rng.standard_normal((4000, n, N)) * np.sqrt(values)[:, None]
    Q = np.linalg.qr(X)[0]
    losses = values.sum() - (values[:, None] * Q * Q).sum(axis=(1, 2))
    found, theory = losses.mean(), memorisation_loss(values, N)
    assert theory == pytest.approx(claimed, abs=5.1e-5 if claimed < 10 else 5.1e-4)
    assert found == pytest.approx(measured, abs=within)
    error = losses.std() / math.sqrt(len(X))
    if values is FLAT:
        assert np.allclose(losses, n - N, rtol=1e-12)
        assert theory == pytest.approx(n - N, rel=1e-12)
    else:
        assert error < 5e-4 * found
        assert 0.005 < found / theory - 1 < 0.008


def few_samples():
    """Three of eight inputs, the projection on them, and their second moment."""
    X = np.random.default_rng(8).standard_normal((8, 3))
    return X, X @ np.linalg.pinv(X), X @ X.T / 3


def test_one_layer_keeps_what_it_was_where_there_are_no_samples():
    """It ends at W₀ (1 − P) + P, to rounding."""
    (_, P, S), one = few_samples(), np.eye(8)
    start = np.random.default_rng(9).standard_normal((8, 8))
    W, eta = start, 0.5 / np.linalg.norm(S, 2)
    for _ in range(300):
        W = W - 2 * eta * (W - one) @ S
    np.testing.assert_allclose(W, start @ (one - P) + P, rtol=0, atol=1e-14)


@pytest.mark.parametrize("size", [1e-3, 1e-6])
def test_two_layers_find_the_projection_and_not_the_identity(size):
    """n = p = 8, N = 3: as near to the projection as the start is small, from 10⁻⁶ within 10⁻⁵; the
    identity is in reach, and has no loss."""
    (X, P, S), one = few_samples(), np.eye(8)
    rng = np.random.default_rng(8)
    A, B = (size * rng.standard_normal((8, 8)) for _ in range(2))
    first, eta = B, 0.1 / np.linalg.norm(S, 2)
    for _ in range(5000):
        E = (A @ B - one) @ S
        A, B = A - 2 * eta * E @ B.T, B - 2 * eta * A.T @ E
    assert np.linalg.norm(A @ B @ X - X) < 1e-13
    away = np.linalg.norm(A @ B - P)
    assert size < away < np.linalg.norm(A, 2) * np.linalg.norm(first @ (one - P)) + 1e-12
    assert away < 10 * size
    assert np.linalg.norm(A @ B - one) > 2


def test_biases_learn_one_sample_less_by_heart():
    """N samples with biases span N − 1 directions: widths below that do not fit, that one does."""
    X = np.random.default_rng(9).standard_normal((4, 6))
    assert best(Moments.from_data(X), 2) > 0.01
    assert best(Moments.from_data(X), 3) < 1e-12
    assert best(Moments.from_data(X, center=False), 3) > 0.01


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: excess((2, 2, 1), 1, 10), "λ_p > λ"),
        (lambda: Spike(-1, 0.5), "strength >= 0"),
        (lambda: Spike(1, 0), "ratio n/N > 0"),
        (lambda: memorisation_loss((1, 1, 0), 2), "samples < 2"),
        (lambda: memorisation_loss((1, 1), 0), "1 <= samples"),
    ],
)
def test_what_is_not_defined_is_refused(build, words):
    """With the requirement and the value."""
    with pytest.raises(ValueError, match=words):
        build()
