"""Critics and what they tell: adversarial autoencoders, generators, metrics, swapped labels."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from linae import Moments, calculus
from linae.divergences import Normal, jensen_shannon, kullback_leibler, squared_wasserstein
from linae.exact import rationals
from linae.landscapes.adversarial import Adversarial
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.whitening import Whitening
from proofs.swapped_labels import best_response, played

VALUES = (4.0, 2.25, 1.5, 0.6)
SETS = list(combinations(range(4), 2))
ONE = np.eye(2)


def auto(values=VALUES):
    """S = diag(λ)."""
    return Moments.auto(np.diag(values))


def normal(*variances, mean=0.0):
    return Normal([mean] * len(variances), np.diag(variances))


def counts(H):
    """Negative, zero and positive eigenvalues."""
    x = np.linalg.eigvalsh(H)
    still = 1e-5 * np.abs(x).max()
    return int((x < -still).sum()), int((abs(x) <= still).sum()), int((x > still).sum())


def slopes(function, x, step=1e-4):
    """By central differences."""
    units = step * np.eye(len(x))
    return np.array([(function(x + e) - function(x - e)) / (2 * step) for e in units])


def sixth_order_slopes(function, x, step=1e-3):
    """By differences of an error of step⁶, and of rounding."""
    rises = [
        [function(x + k * e) - function(x - k * e) for k in (1, 2, 3)]
        for e in step * np.eye(len(x))
    ]
    return np.array(rises) @ [45, -9, 1] / (60 * step)


DIVERGENCES = {
    "KL": (lambda K: kullback_leibler(Normal([0, 0], K), normal(1, 1)), 1 / 4),
    "JSD": (lambda K: jensen_shannon(Normal([0, 0], K), normal(1, 1), 41), 1 / 16),
    "W₂²": (lambda K: squared_wasserstein(Normal([0, 0], K), normal(1, 1)), 1 / 4),
}


@pytest.mark.parametrize("name", DIVERGENCES)
def test_any_divergence_has_the_same_classes(name):
    """n = 4, p = 2: all six points are critical, the index counts pairs out of order, (4, 1, 11) is
    the worst; by values of the loss, with differences of sixth order of what is no polynomial. To
    second order all are multiples of ‖K − 1‖²."""
    divergence, curvature = DIVERGENCES[name]
    at, plain = Adversarial(auto(), 2, 1), SquaredLoss(auto(), 2)

    def price(vector):
        B = vector.reshape(2, 4, order="F")
        K = B @ auto().Sxx @ B.T
        return 3 * divergence((K + K.T) / 2)

    E = 1e-3 * np.array([[1, 0.5], [0.5, -1]])
    assert divergence(ONE + E) / (E * E).sum() == pytest.approx(curvature, rel=0.01)
    for J in SETS:
        A, B = weights = at.class_weights(J)
        encoder = B.ravel(order="F")
        slope, H = (f(plain.loss, weights, 4) for f in (calculus.gradient, calculus.hessian))
        slope[8:] += sixth_order_slopes(price, encoder)
        assert np.abs(slope).max() < 1e-11
        H[8:, 8:] += slopes(lambda x: slopes(price, x, 1e-3), encoder, 1e-3)
        assert plain.loss(A, B) + price(encoder) == pytest.approx(
            sum(VALUES) - sum(VALUES[j] for j in J), abs=1e-12
        )
        negative = sum(k < j for j in J for k in set(range(4)) - {*J})
        assert counts((H + H.T) / 2) == at.class_inertia(J) == (negative, 1, 15 - negative)
    assert at.class_inertia((2, 3)) == (4, 1, 11)


def test_descent_ends_at_principal_components_at_any_weight():
    """From random starts, for weak and strong critics."""
    rng = np.random.default_rng(7)
    for strength in (0.1, 1, 20):
        at = Adversarial(auto(), 2, strength)

        def price(x, at=at):
            weights = at.unflatten(x)
            return at.loss(*weights), at.flatten(at.gradient(*weights))

        ends = [minimize(price, rng.standard_normal(16), jac=True, tol=1e-10) for _ in range(3)]
        assert [end.fun for end in ends] == pytest.approx([1.5 + 0.6] * 3, abs=1e-9)


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
    """E‖x − A B x‖² + γ ‖K − 1‖²: slope and inertia of all sets, by values of the definition."""
    at, total = Whitening(auto(), width, 0.7), sum(VALUES)

    def loss(A, B):
        E, F = np.eye(4) - A @ B, B * VALUES @ B.T - np.eye(width)
        return (E * E @ VALUES).sum() + 0.7 * (F * F).sum()

    classes = {c.index_set: c for c in at.critical_classes()}
    assert len(classes) == number
    assert sum(c.kind == "global minimum" for c in classes.values()) == 1
    losses = [c.loss for c in classes.values()]
    assert losses == sorted(losses)
    for J, critical in classes.items():
        weights = critical.weights()
        slope, H = (
            f(loss, weights, 4).astype(float) for f in (calculus.gradient, calculus.hessian)
        )
        assert np.abs(slope).max() < 1e-12
        assert counts(H) == critical.inertia
        left = total - sum(VALUES[j] for j in J) + 0.7 * (width - len(J))
        assert loss(*weights) == pytest.approx(left, abs=1e-12)
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
    assert ends == pytest.approx([2.1] * 4, abs=1e-12)
    for J in SETS:
        A = np.zeros((4, 2))
        A[list(J), [0, 1]] = np.sqrt([VALUES[j] for j in J])
        assert np.abs(price(A.ravel())[1]).max() < 1e-14


def test_the_worst_metric_leads_to_principal_components():
    """n = 3, p = 1: from random starts, the least largest eigenvalue of errors is λ₂; that is what
    the worst metric of trace 1 finds, and it is no less than what 200 random ones find."""
    rng = np.random.default_rng(8)
    S = np.diag([3.0, 1.25, 0.5])

    def worst(x):
        E = np.eye(3) - np.outer(x[:3], x[3:])
        values, vectors = np.linalg.eigh(E @ S @ E.T)
        v = vectors[:, -1]
        seen = S @ E.T @ v
        return values[-1], -2 * np.concatenate([v * (x[3:] @ seen), (v @ x[:3]) * seen])

    for _ in range(6):
        end = minimize(worst, rng.standard_normal(6), jac=True, options={"gtol": 1e-12})
        assert end.fun == pytest.approx(1.25, abs=1e-10)
        E = np.eye(3) - np.outer(end.x[:3], end.x[3:])
        for M in rng.standard_normal((200, 3, 3)):
            assert np.trace(M @ M.T @ E @ S @ E.T) <= end.fun * np.trace(M @ M.T)


def test_the_labels_of_the_post_are_swapped():
    """20,000 steps: the critic believes all fakes, its bias grows as the logarithm of time to 7.6,
    and the other loss with it, while the generator swings about 0, only as the fourth root of time
    to it. With the right labels and a best critic it comes from 2 to 1e-9 in 450 steps, along the
    slope of KL − 2 JSD."""
    run = played(20000, 0.1, literal=True)
    assert run.bias[-1] == pytest.approx(math.log(0.1 * 20000), abs=0.05)
    assert run.for_critic[-1] == pytest.approx(5e-4, rel=0.02)
    assert run.for_generator[-1] > run.for_generator[2000] > 5 > run.for_generator[0] + 2
    late, later = np.abs(run.shift[1250:5000]).max(), np.abs(run.shift[5000:]).max()
    assert later / late == pytest.approx(4 ** (-1 / 4), abs=0.03)
    right = played(4000, 0.1, literal=False)
    assert abs(right.shift[-1]) < 1e-8
    assert right.for_critic[-1] == pytest.approx(math.log(4))
    learned = best_response(450, 0.1)
    assert learned[0] == 2
    assert abs(learned[-1]) < 1e-9
    ends = [normal(1, mean=2 + s) for s in (1e-4, -1e-4)]
    rise = [kullback_leibler(q, normal(1)) - 2 * jensen_shannon(normal(1), q) for q in ends]
    assert 2 - learned[1] == pytest.approx(0.1 * (rise[0] - rise[1]) / 2e-4, abs=1e-8)


def test_swapped_labels_do_not_bring_the_generator_home():
    """Both players step at once, from 2: after 20,000 steps of 0.1 the generator is at 0.226, and
    the critic hardly has a slope; neither is at rest, it swings from side to side about 0."""
    x, w = np.polynomial.hermite_e.hermegauss(20)
    w, (shift, slope, bias), shifts = w / w.sum(), (2.0, 0.0, 0.0), []
    for _ in range(20000):
        fake = 1 / (1 + np.exp(-bias - slope * (x + shift)))
        rises = -slope * (w @ fake), (w * (1 - fake)) @ (x + shift), w @ (1 - fake)
        shift, slope, bias = (a + b / 10 for a, b in zip((shift, slope, bias), rises, strict=True))
        shifts.append(shift)
    assert shifts[-1] == pytest.approx(0.226, abs=5e-4)
    assert abs(slope) < 0.005
    assert bias == pytest.approx(math.log(0.1 * 20000), abs=0.005)
    assert min(shifts[5000:]) < -0.3 < 0.3 < max(shifts[5000:])


def test_a_critic_without_strength_is_refused():
    """Requirement and received value."""
    with pytest.raises(ValueError, match=r"Need 0 < strength < inf. Got 0"):
        Adversarial(auto(), 2, 0)
