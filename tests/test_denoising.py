"""Noise of the inputs: what it does to classes, to order, to dynamics, and to nonlinear maps."""

from fractions import Fraction
from functools import partial

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from linae import Moments, SquaredLoss
from linae.calculus import gradient, hessian
from linae.exact import rationals
from linae.flow import mode
from linae.supervision import denoise, mask
from proofs.jacobian_penalty import NETWORK, POINT, remainders
from proofs.score import GRID, STEP, Mixture


def diagonal(*entries):
    return np.diag(rationals(entries))


def noisy(S, N):
    """E‖x − A B (x + e)‖² by its two terms, in doubles."""
    S, N = S.astype(float), np.asarray(N, dtype=float)

    def loss(A, B):
        W = A @ B
        E = np.eye(len(S)) - W
        return np.sum((E @ S) * E) + np.sum((W @ N) * W)

    return loss


SPECTRUM = diagonal(5, 4, 3, 2, 1)
NAMED = {(0, 1): (0, 4, 16), (): (10, 0, 10), (3, 4): (6, 4, 10)}


def test_white_noise_leaves_every_index():
    """Five inputs, two units: gradients and indices of all sixteen classes, from the definition."""
    landscape, loss = SquaredLoss(denoise(Moments.auto(SPECTRUM), 1), 2), noisy(SPECTRUM, np.eye(5))
    classes = {critical.index_set: critical for critical in landscape.critical_classes()}
    assert len(classes) == 16
    for J, critical in classes.items():
        weights = [np.array(w, dtype=float) for w in critical.weights()]
        value = 15 - sum((5 - j) ** 2 / (6 - j) for j in J)
        assert loss(*weights) == pytest.approx(value, rel=1e-13, abs=0)
        assert abs(gradient(loss, weights, 4)).max() < 1e-12
        values = np.linalg.eigvalsh(hessian(loss, weights, 4))
        zero = abs(values) < 1e-9 * values.max()
        found = (values[~zero] < 0).sum(), zero.sum(), (values[~zero] > 0).sum()
        assert found == critical.inertia == NAMED.get(J, found)


def test_noise_of_one_input_flips_the_order():
    """S = diag(2, 1), N = diag(10, 0): the eigenvalues are 1 and 1/3, and the smaller component is
    the best."""
    landscape = SquaredLoss(denoise(Moments.auto(diagonal(2, 1)), diagonal(10, 0)), 1)
    assert landscape.spectrum.eigenvalues.tolist() == [1, Fraction(1, 3)]
    best = np.matmul(*next(landscape.critical_classes()).weights())
    assert np.array_equal(best, diagonal(0, 1))
    assert (
        SquaredLoss(Moments.auto(diagonal(2, 1)), 1).loss(*rationals([[[0], [1]]]), best[1:]) == 2
    )


def test_the_best_map_need_not_be_symmetric():
    """S = [[2, 1], [1, 2]] and N = diag(1, 0) do not commute."""
    S, N = rationals([[2, 1], [1, 2]]), diagonal(1, 0)
    W = SquaredLoss(denoise(Moments.auto(S), N), 2).spectrum.regression
    assert (W @ (S + N) == S).all()
    assert W[0, 1] != W[1, 0]


def test_iterates_of_a_denoiser_go_to_the_mean():
    """Per step by λ₁/(λ₁ + ν) = 5/6, where a projection stays where it is."""
    noise = denoise(Moments.auto(SPECTRUM), 1)
    for moments, rate in ((noise, Fraction(5, 6)), (Moments.auto(SPECTRUM), 1)):
        W = np.matmul(*next(SquaredLoss(moments, 2).critical_classes()).weights()).astype(float)
        x = np.linalg.matrix_power(W, 300) @ np.ones(5)
        step = np.linalg.norm(W @ x) / np.linalg.norm(x)
        assert step == pytest.approx(float(rate), rel=1e-9)


@pytest.mark.parametrize("nu", [0.0, 0.5, 4.0])
def test_noise_changes_where_learning_ends_and_not_its_rate(nu):
    """One component of variance 2, from w = 1e-4: an integrator, the logistic curve, and `mode`.
    Thirteen digits are asked of each of hundreds of steps, and eleven kept."""
    x, start = 2.0, 1e-4
    loss, end = noisy(np.array([[x]]), [[nu]]), x / (x + nu)

    def flow(_, ab):
        a, b = ab.reshape(2, 1, 1)
        return -gradient(loss, [a, b], 2)  # quadratic in each of them

    times = np.linspace(0, 3, 31)
    exact = {"rtol": 1e-13, "atol": 1e-15, "method": "DOP853", "t_eval": times}
    a, b = solve_ivp(flow, (0, 3), [start**0.5] * 2, **exact).y
    logistic = end / (1 + (end / start - 1) * np.exp(-4 * x * times))
    np.testing.assert_allclose(a * b, logistic, rtol=0, atol=1e-11)
    claimed = mode(end, start**0.5, start**0.5, (x + nu) * times)
    np.testing.assert_allclose(claimed, logistic, rtol=1e-12)
    early = np.diff(np.log(logistic[:4])) / np.diff(times[:4])
    np.testing.assert_allclose(early, 4 * x, rtol=4e-3)  # w/w∞ there


def test_the_mean_does_not_drop_out_of_masks():
    """Points around (3, 0), three of four entries kept: with biases, by simulated masks."""
    rng = np.random.default_rng(7)
    X, k = rng.standard_normal((50, 2)) @ [[2, 1], [0, 1]] + [3, 0], 0.75
    A, B, moments = np.array([[1], [0.5]]), np.array([[1.0, 1.0]]), Moments.from_data(X)
    tasks = mask(moments, k, X.mean(axis=0)), mask(moments, k)
    right, wrong = (SquaredLoss(task, 1).loss(A, B) for task in tasks)
    points = np.repeat(X, 4000, axis=0)
    errors = points - points * (rng.random(points.shape) < k) @ (A @ B).T
    squares = np.sum((errors - errors.mean(axis=0)) ** 2, axis=1)
    error = 5 * squares.std() / len(squares) ** 0.5
    assert abs(squares.mean() - right) < error < abs(squares.mean() - wrong) / 5


def test_the_jacobian_alone_misses_a_term_of_the_same_order():
    """Of a small tanh network: halving σ quarters the error of ν ‖J‖² in the limit, and divides
    that of the formula with curvature by sixteen."""
    dropped, full = np.array([remainders(s) for s in (0.04, 0.02, 0.01)]).T
    ratios = dropped[:-1] / dropped[1:], full[:-1] / full[1:]
    np.testing.assert_allclose(ratios[0], 4, rtol=0.02)
    np.testing.assert_allclose(ratios[1], 16, rtol=0.02)
    assert abs(dropped[-1]) > 1e3 * abs(full[-1])


def test_what_the_formulas_miss_are_derivatives_of_the_error():
    """Of the same network, with f(z) = ‖x − r(z)‖² and derivatives by differences in 30 digits:
    ν (Δf/2 − ‖J‖²) + ν² Δ²f/8 + … without the curvature term, and ν² Δ²f/8 + … with it."""

    def r(k, *z):
        units = (sum(b * c for b, c in zip(row, z, strict=True)) for row in NETWORK.B)
        return sum(a * mp.tanh(u) for a, u in zip(NETWORK.A[k], units, strict=True))

    def f(*z):
        return sum((POINT[k] - r(k, *z)) ** 2 for k in (0, 1))

    with mp.workdps(30):
        each = (1, 0), (0, 1)
        J = [mp.diff(partial(r, k), POINT, order) for k in (0, 1) for order in each]
        first = sum(mp.diff(f, POINT, (2 * i, 2 * j)) for i, j in each) / 2 - sum(x * x for x in J)
        fourth = (mp.diff(f, POINT, order) for order in ((4, 0), (2, 2), (2, 2), (0, 4)))
        first, second = float(first), float(sum(fourth) / 8)
    for nu in (0.05**2, 0.025**2):
        dropped, full = remainders(nu**0.5)
        assert dropped / nu == pytest.approx(first + nu * second, rel=1e-3 * nu / 0.025**2)
        assert full / nu**2 == pytest.approx(second, rel=2e-3 * nu / 0.025**2)
    assert abs(first) > 0.5


def test_for_quadratic_maps_the_mean_error_is_known_in_symbols():
    """Any of the plane: c + M z + (½ zᵀHₖz)ₖ. For Gaussian noise the odd powers vanish, ξ² and ξ⁴
    become 1 and 3, and nothing remains."""
    s, z, xi = sp.Symbol("s"), sp.symbols("z:2"), sp.symbols("e:2")
    powers = [z[0] ** i * z[1] ** j for i in range(3) for j in range(3 - i)]
    maps = [
        sum(c * q for c, q in zip(sp.symbols(f"{name}:6"), powers, strict=True)) for name in "fg"
    ]
    moved = {v: v + s * e for v, e in zip(z, xi, strict=True)}
    error = sum((v - r.subs(moved, simultaneous=True)) ** 2 for v, r in zip(z, maps, strict=True))
    moments = {0: 1, 1: 0, 2: 1, 3: 0, 4: 3}
    terms = sp.Poly(sp.expand(error), *xi).terms()
    mean = sum(c * moments[i] * moments[j] for (i, j), c in terms)
    claimed = 0
    for v, r in zip(z, maps, strict=True):
        H, d = sp.hessian(r, z), v - r
        first = sum(sp.diff(r, w) ** 2 for w in z) - d * H.trace()
        claimed += d**2 + s**2 * first + s**4 / 4 * (H.trace() ** 2 + 2 * (H.T * H).trace())
    assert sp.expand(mean - claimed) == 0


def test_for_the_best_denoiser_the_dropped_term_nearly_cancels():
    """Two Gaussians on the line, by quadrature: the error of d² + ν J² falls like ν⁴; that of
    another map, a wave more, like ν."""
    missed = {0.0: [], 0.3: []}
    for nu in (0.04, 0.02, 0.01):
        mixture = Mixture((0.5, 0.5), (-1.0, 1.5), (0.7, 0.9), nu)
        p = mixture.prior(GRID)
        r, slope = best(mixture, GRID)
        for wave, found in missed.items():
            waving, J = r + wave * np.sin(GRID), slope + wave * np.cos(GRID)
            penalised = (GRID - waving) ** 2 + nu * J**2
            true = ((GRID[:, None] - waving) ** 2 * joint(mixture)).sum() * STEP**2
            found.append(true - penalised @ p * STEP)
    exponents = {wave: np.diff(np.log2(np.abs(found))) for wave, found in missed.items()}
    np.testing.assert_allclose(exponents[0.0], -4, rtol=0, atol=0.5)
    np.testing.assert_allclose(exponents[0.3], -1, rtol=0, atol=0.2)


def best(mixture, points):
    """The best denoiser at these points, and its derivative, by sums over components."""
    spread = np.square(mixture.widths) + mixture.variance
    offset = points[..., None] - mixture.centers
    shares = np.exp(-(offset**2) / (2 * spread)) * mixture.shares / np.sqrt(spread)
    shares /= shares.sum(axis=-1, keepdims=True)
    pull = -offset / spread
    score = (shares * pull).sum(axis=-1)
    bend = (shares * (pull**2 - 1 / spread)).sum(axis=-1) - score**2
    return points + mixture.variance * score, 1 + mixture.variance * bend


def joint(mixture):
    """The density of (x, x̃) on the grid."""
    return mixture.prior(GRID)[:, None] * mixture.noise(GRID - GRID[:, None])


def test_the_best_denoiser_of_a_mixture_is_the_claimed_one():
    """In closed form by components, and by smoothed derivatives."""
    mixture = Mixture((0.3, 0.7), (-1.0, 1.5), (0.7, 0.9), 0.25)
    near, r = mixture.density() > 1e-6, best(mixture, GRID)[0]
    np.testing.assert_allclose(mixture.denoiser()[near], r[near], rtol=0, atol=1e-14)


def mean_error(mixture):
    """E(x − r(x + e))² of the best denoiser r: Gauss and Hermite for e, on the grid for x."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    moved = best(mixture, GRID[:, None] + mixture.variance**0.5 * nodes)[0]
    squares = (GRID[:, None] - moved) ** 2 * weights / weights.sum()
    return (squares.sum(axis=1) * mixture.prior(GRID)).sum() * STEP


MISSED = {0.4: 0.479, 0.2: 0.295, 0.1: 0.0955, 0.05: 0.0255}
"""By σ, of 0.4 N(−1, 0.3) + 0.6 N(1.5, 0.5): what d² + ν J² misses at the best denoiser, by σ⁶."""


@pytest.mark.parametrize("sigma", MISSED)
def test_the_best_denoiser_loses_what_its_score_says(sigma):
    """ν − ν² E s², to rounding; and the digits of `MISSED`, which fall by 4 per halving of σ: the
    formula without curvature is right to the order σ⁶ there."""
    nu = sigma**2
    mixture = Mixture((0.4, 0.6), (-1, 1.5), (0.3**0.5, 0.5**0.5), nu)
    (r, slope), p, value = best(mixture, GRID), mixture.prior(GRID), mean_error(mixture)
    smoothed = Mixture(mixture.shares, mixture.centers, (*np.sqrt([0.3 + nu, 0.5 + nu]),), nu)
    squares = ((r - GRID) ** 2 * smoothed.prior(GRID)).sum() * STEP
    assert value == pytest.approx(nu - squares, rel=6e-16, abs=0)
    missed = value - (((GRID - r) ** 2 + nu * slope**2) * p).sum() * STEP
    assert float(f"{missed / nu**3:.3g}") == MISSED[sigma]
