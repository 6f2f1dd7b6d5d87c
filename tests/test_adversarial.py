"""Critics and what they tell: divergences, adversarial autoencoders, generators."""

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from linae import Moments
from linae.divergences import (
    Normal,
    best_logit,
    game_value,
    jensen_shannon,
    kullback_leibler,
    squared_wasserstein,
)
from linae.exact import rationals
from linae.landscapes.adversarial import Adversarial
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.whitening import Whitening
from proofs.swapped_labels import best_response, played

VALUES = (4.0, 2.25, 1.5, 0.6)
SETS = list(combinations(range(4), 2))
ONE = np.eye(2)


def test_a_covariance_is_symmetric_and_finite():
    """One triangle alone is not read."""
    for C in ([[1, 0.9], [0, 1]], [[1, float("nan")], [float("nan"), 1]]):
        with pytest.raises(ValueError, match="Need a symmetric covariance of finite numbers"):
            Normal([0, 0], C)


def auto(values=VALUES):
    """S = diag(λ)."""
    return Moments.auto(np.diag(values))


def normal(*variances, mean=0.0):
    return Normal([mean] * len(variances), np.diag(variances))


def wide(rng, size):
    """A covariance between 1/2 and about 3."""
    M = rng.standard_normal((size, size))
    return M @ M.T / size + np.eye(size) / 2


def counts(H):
    """Negative, zero and positive eigenvalues."""
    x = np.linalg.eigvalsh(H)
    still = 1e-5 * np.abs(x).max()
    return int((x < -still).sum()), int((abs(x) <= still).sum()), int((x > still).sum())


def slopes(function, x, step=1e-4):
    """By central differences."""
    units = step * np.eye(len(x))
    return np.array([(function(x + e) - function(x - e)) / (2 * step) for e in units])


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
    for distance, ratio in ((0.01, 0.99999), (1, 0.891)):
        js = jensen_shannon(normal(1), normal(1, mean=distance))
        assert js / (distance**2 / 8) == pytest.approx(ratio, abs=5e-4 if distance == 1 else 1e-5)
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


@pytest.mark.parametrize("size", [1, 2])
def test_a_trained_quadratic_critic_reaches_the_value_of_the_game(size):
    """Its logit is half the difference of precisions, by a search that is given neither."""
    rng = np.random.default_rng(4)
    p, q = (Normal(rng.standard_normal(size) / 2, wide(rng, size)) for _ in range(2))
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    grid = np.stack(np.meshgrid(*[points] * size, indexing="ij"), -1).reshape(-1, size)
    w = np.stack(np.meshgrid(*[weights] * size, indexing="ij"), -1).reshape(-1, size).prod(-1)
    w = w / w.sum()
    real, fake = (x.mean + grid @ x.factor.T for x in (p, q))
    upper = [(i, j) for i in range(size) for j in range(i, size)]

    def features(x):
        return np.stack([x[:, i] * x[:, j] for i, j in upper] + [*x.T, np.ones(len(x))], axis=-1)

    first, second = features(real), features(fake)

    def price(c):
        yes, no = first @ c, second @ c
        slope = second.T @ (w / (1 + np.exp(-no))) - first.T @ (w / (1 + np.exp(yes)))
        return w @ np.logaddexp(0, -yes) + w @ np.logaddexp(0, no), slope

    found = minimize(price, np.zeros(first.shape[1]), jac=True, tol=1e-13)
    assert -found.fun == pytest.approx(game_value(p, q), abs=1e-8)
    logit = best_logit(p, q)
    claimed = [logit.quadratic[i, j] / (2 if i == j else 1) for i, j in upper]
    np.testing.assert_allclose(found.x, [*claimed, *logit.linear, logit.constant], atol=1e-4)
    ratio = p.log_density(real) - q.log_density(real)
    np.testing.assert_allclose(logit(real), ratio, atol=1e-9 * np.abs(ratio).max())


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


DIVERGENCES = {
    "KL": (lambda K: kullback_leibler(Normal([0, 0], K), normal(1, 1)), 1 / 4),
    "JSD": (lambda K: jensen_shannon(Normal([0, 0], K), normal(1, 1), 41), 1 / 16),
    "W₂²": (lambda K: squared_wasserstein(Normal([0, 0], K), normal(1, 1)), 1 / 4),
}


@pytest.mark.parametrize("name", DIVERGENCES)
def test_any_divergence_has_the_same_classes(name):
    """n = 4, p = 2: all six points are critical, the index counts pairs out of order, (4, 1, 11) is
    the worst; by differences of the loss. To second order all are multiples of ‖K − 1‖²."""
    divergence, curvature = DIVERGENCES[name]
    at, plain = Adversarial(auto(), 2, 1), SquaredLoss(auto(), 2)

    def loss(vector):
        A, B = at.unflatten(vector)
        K = B @ auto().Sxx @ B.T
        return plain.loss(A, B) + 3 * divergence((K + K.T) / 2)

    E = 1e-3 * np.array([[1, 0.5], [0.5, -1]])
    assert divergence(ONE + E) / (E * E).sum() == pytest.approx(curvature, rel=0.01)
    for J in SETS:
        point = at.flatten(at.class_weights(J))
        assert np.abs(slopes(loss, point)).max() < 1e-6
        assert loss(point) == pytest.approx(sum(VALUES) - sum(VALUES[j] for j in J), abs=1e-8)
        assert at.class_inertia(J).negative == sum(k < j for j in J for k in set(range(4)) - {*J})
    assert at.class_inertia((2, 3)) == (4, 1, 11)
    H = np.array(slopes(lambda x: slopes(loss, x, 1e-3), point, 1e-3))
    assert counts(np.round((H + H.T) / 2, 6)) == (4, 1, 11)


def test_descent_ends_at_principal_components_at_any_weight():
    """From random starts, for weak and strong critics."""
    rng = np.random.default_rng(7)
    for strength in (0.1, 1, 20):
        at = Adversarial(auto(), 2, strength)

        def price(x, at=at):
            weights = at.unflatten(x)
            return at.loss(*weights), at.flatten(at.gradient(*weights))

        ends = [minimize(price, rng.standard_normal(16), jac=True, tol=1e-10) for _ in range(3)]
        assert [end.fun for end in ends] == pytest.approx([1.5 + 0.6] * 3, abs=1e-7)


def test_noise_makes_codes_more_normal():
    """JSD falls along K → 1 on a line."""
    K = np.array([[3, 0.4], [0.4, 0.2]])
    path = [
        jensen_shannon(Normal([0, 0], ONE + t * (K - ONE)), normal(1, 1))
        for t in np.arange(0, 1.1, 0.1)
    ]
    assert path[0] == pytest.approx(0, abs=1e-12)
    assert (np.diff(path) > 0).all()


def test_more_units_than_components_are_refused_by_an_infinite_loss():
    """Two units for one component: no class, and no finite loss anywhere."""
    at = Adversarial(auto((2.0, 0.0)), 2, 1)
    rng = np.random.default_rng(3)
    assert at.number_of_classes == len(list(at.critical_classes())) == 0
    assert at.place(*(rng.standard_normal(s) for s in at.shapes)) is None
    assert all(at.loss(*(rng.standard_normal(s) for s in at.shapes)) == math.inf for _ in range(3))


@pytest.mark.parametrize(("width", "number"), [(2, 11), (3, 15)])
def test_codes_of_lower_rank_are_saddles_without_a_critic(width, number):
    """E‖x − A B x‖² + γ ‖K − 1‖²: inertia of all sets by eigenvalues of second differences."""
    at, total = Whitening(auto(), width, 0.7), sum(VALUES)
    classes = {c.index_set: c for c in at.critical_classes()}
    assert len(classes) == number
    assert sum(c.kind == "global minimum" for c in classes.values()) == 1
    losses = [c.loss for c in classes.values()]
    assert losses == sorted(losses)
    for J, critical in classes.items():
        point = at.flatten(critical.weights())
        flat = lambda x: at.flatten(at.gradient(*at.unflatten(x)))  # noqa: E731
        assert np.abs(flat(point)).max() < 1e-12
        H = np.array(
            [(flat(point + e) - flat(point - e)) / 2e-4 for e in 1e-4 * np.eye(len(point))]
        )
        assert counts((H + H.T) / 2) == critical.inertia
        left = total - sum(VALUES[j] for j in J) + 0.7 * (width - len(J))
        assert at.loss(*critical.weights()) == pytest.approx(left, abs=1e-12)
        assert critical.loss == pytest.approx(left, abs=1e-12)
    if width == 2:
        assert (classes[(0,)].inertia, classes[(1,)].inertia) == ((3, 2, 11), (4, 2, 10))


def test_weights_are_exact_where_roots_are_rational():
    """λ = 4, 9/4; and the gauge is orthogonal."""
    at = Adversarial(Moments.auto(np.diag(rationals([4, "9/4"]))), 2, 1)
    A, B = at.class_weights((0, 1), gauge=rationals([["3/5", "-4/5"], ["4/5", "3/5"]]))
    assert A.dtype == B.dtype == object
    assert np.array_equal(A @ B, np.eye(2, dtype=int))
    assert np.array_equal(B @ at.moments.Sxx @ B.T, np.eye(2, dtype=int))
    assert not at.flatten(at.gradient(A, B)).any()
    for landscape in (at, Whitening(at.moments, 2, 1)):
        with pytest.raises(ValueError, match="unitary gauge"):
            landscape.class_weights((0, 1), gauge=rationals([[1, 1], [0, 1]]))
        with pytest.raises(TypeError, match="no blocks"):
            landscape.class_weights((0, 1), free=A)


def test_a_wasserstein_generator_is_an_autoencoder():
    """tr S + ‖A‖² − 2 ‖S^½ A‖_* is the limit of W₂² of densities, and its least value is that of
    principal component analysis, from random starts."""
    rng = np.random.default_rng(6)
    root = np.diag(np.sqrt(VALUES))

    def price(x):
        A = x.reshape(4, 2)
        U, s, V = np.linalg.svd(root @ A, full_matrices=False)
        return sum(VALUES) + x @ x - 2 * s.sum(), (2 * A - 2 * root @ U @ V).ravel()

    A = rng.standard_normal((4, 2))
    near = Normal([0] * 4, A @ A.T + 1e-10 * np.eye(4))
    limit = squared_wasserstein(Normal([0] * 4, np.diag(VALUES)), near)
    assert price(A.ravel())[0] == pytest.approx(limit, abs=1e-3)
    ends = [minimize(price, rng.standard_normal(8), jac=True, tol=1e-10).fun for _ in range(4)]
    assert ends == pytest.approx([2.1] * 4, abs=1e-8)
    for J in SETS:
        A = np.zeros((4, 2))
        A[list(J), [0, 1]] = np.sqrt([VALUES[j] for j in J])
        assert np.abs(price(A.ravel())[1]).max() < 1e-14


def test_the_worst_metric_leads_to_principal_components():
    """n = 3, p = 1: the least norm of errors in a Schatten class of high order is λ₂."""
    rng = np.random.default_rng(8)
    S = np.diag([3.0, 1.25, 0.5])

    def worst(x, power=400):
        E = np.eye(3) - np.outer(x[:3], x[3:])
        y = np.linalg.eigvalsh(E @ S @ E.T)
        return y[-1] * ((y / y[-1]) ** power).sum() ** (1 / power)

    ends = [minimize(worst, rng.standard_normal(6)).fun for _ in range(6)]
    assert min(ends) == pytest.approx(1.25, abs=1e-3)
    assert min(ends) > 1.25 - 1e-9


def test_the_labels_of_the_post_are_swapped():
    """20,000 steps: the critic believes all fakes, its bias grows as the logarithm of time to 7.6,
    and the other loss with it, while the generator swings about 0, only as the fourth root of time
    to it. With the right labels and a best critic it comes from 2 to 1e-8 in 400 steps."""
    run = played(20000, 0.1, literal=True)
    assert run.bias[-1] == pytest.approx(math.log(0.1 * 20000), abs=0.05)
    assert run.for_critic[-1] == pytest.approx(5e-4, rel=0.02)
    assert run.for_generator[-1] > run.for_generator[2000] > 5 > run.for_generator[0] + 2
    late, later = np.abs(run.shift[1250:5000]).max(), np.abs(run.shift[5000:]).max()
    assert later / late == pytest.approx(4 ** (-1 / 4), abs=0.03)
    right = played(4000, 0.1, literal=False)
    assert abs(right.shift[-1]) < 1e-8
    assert right.for_critic[-1] == pytest.approx(math.log(4))
    learned = best_response(400, 0.1)
    assert learned[0] == 2
    assert abs(learned[-1]) < 1e-8


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
    with pytest.raises(ValueError, match=r"Need 0 < strength < inf. Got 0"):
        Adversarial(auto(), 2, 0)
