"""The contractive autoencoder: runs away if its weights are not tied, and is benign if they are."""

from math import comb

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize, root

from linae import Contractive, Moments, TiedContractive, Verdict, WeightDecay, certify, inertia
from linae.exact import rationals


def auto(*values):
    """Auto-association with S = diag(λ)."""
    return Moments.auto(np.diag(np.array(values, dtype=float)))


def flow(landscape, weights, times):
    """Weights at the times along gradient flow, by an implicit method: the valley is flat."""

    def slope(_, theta):
        return -landscape.flatten(landscape.gradient(*landscape.unflatten(theta)))

    def curvature(_, theta):
        return -landscape.hessian(*landscape.unflatten(theta))

    start, precise = landscape.flatten(weights), {"rtol": 1e-10, "atol": 1e-12}
    end = solve_ivp(
        slope, (0, times[-1]), start, method="BDF", jac=curvature, t_eval=times, **precise
    )
    return [landscape.unflatten(theta) for theta in end.y.T]


@pytest.mark.parametrize(("value", "strength"), [(1.0, 1.0), (2.0, 0.5)])
def test_one_unit_runs_away_like_the_fourth_root_of_time(value, strength):
    """a⁴ = 8 γ t (1 − s + …), excess loss √(γ/8t) (1 + s/4 + …), s = √(2γ/t)/λ, at t = 10³ … 10⁵.

    The balance is u̇ = 4 γ b² for u = a², with b = λ a/(γ + λ u) the best encoder of a; in its
    solution the next terms are of the size s² log t.
    """
    landscape, times = Contractive(auto(value), 1, strength), [1e3, 1e4, 1e5]
    ends = flow(landscape, (np.ones((1, 1)), np.ones((1, 1))), times)
    for t, (a, b) in zip(times, ends, strict=True):
        s = np.sqrt(2 * strength / t) / value
        small = 2 * s**2 * np.log(t)
        assert a.item() ** 4 / (8 * strength * t) == pytest.approx(1 - s, abs=small)
        excess = landscape.loss(a, b) * np.sqrt(8 * t / strength)
        assert excess == pytest.approx(1 + s / 4, abs=small)


def test_the_flow_leaves_for_the_loss_without_penalty():
    """S = diag(3, 2, 1), p = 2: ‖A‖ grows and ‖B‖ falls, and the loss tends to 1, from above."""
    landscape, rng = Contractive(auto(3, 2, 1), 2, 0.5), np.random.default_rng(3)
    start = [rng.standard_normal(shape) for shape in landscape.shapes]
    ends = flow(landscape, start, [1e1, 1e3, 1e5])
    losses, A, B = np.array(
        [(landscape.loss(*w), *map(np.linalg.norm, w)) for w in ends], dtype=float
    ).T
    assert (np.diff(A) > 0).all()
    assert (np.diff(B) < 0).all()
    assert 1 < losses[2] < 1.01 < losses[1] < losses[0]


@pytest.mark.parametrize("values", [(2, 1), (3, 1, 0)], ids=str)
def test_a_root_search_finds_only_points_without_encoder(values):
    """From 200 starts: B = 0 and S A = 0, or it does not converge; some do."""
    landscape, rng = Contractive(auto(*values), len(values) - 1, 1), np.random.default_rng(0)
    found = []
    for _ in range(200):
        start = landscape.flatten([rng.standard_normal(shape) for shape in landscape.shapes])
        end = root(
            lambda x: landscape.flatten(landscape.gradient(*landscape.unflatten(x))),
            start,
            jac=lambda x: landscape.hessian(*landscape.unflatten(x)),
            tol=1e-12,
            options={"maxfev": 60},
        )
        if np.abs(end.fun).max() < 1e-10:
            found.append(landscape.unflatten(end.x))
    assert found
    for A, B in found:
        assert np.abs(B).max() < 1e-9
        assert np.abs(landscape.moments.Sxx @ A).max() < 1e-9


def test_a_decoder_in_the_kernel_is_a_certified_saddle():
    """S = diag(2, 0), A = (0, 3)ᵀ, B = 0: inertia (1, 1, 2), as at the origin."""
    landscape = Contractive(Moments.auto(rationals([[2, 0], [0, 0]])), 1, 1)
    for A in ([[0], [3]], [[0], [0]]):
        certificate = certify(landscape, rationals(A), rationals([[0, 0]]))
        assert certificate.found == certificate.predicted == (1, 1, 2)
        assert certificate.verdict is Verdict.CERTIFIED


@pytest.mark.parametrize("strength", [0.4, 1.5, 3, 7])
def test_minimisation_of_tied_weights_ends_at_the_least_value(strength):
    """λ = 5, 3, 2, 1, 1/2 and p = 3, by quasi-Newton descents from five starts; the classes are all
    sets of at most three components with λ > γ/2."""
    values = 5, 3, 2, 1, 0.5
    landscape = TiedContractive(auto(*values), 3, strength)
    alive = sum(x > strength / 2 for x in values)
    assert landscape.number_of_classes == sum(comb(alive, r) for r in range(4))
    least = next(landscape.critical_classes())
    rng = np.random.default_rng(2)
    for _ in range(5):
        end = minimize(
            lambda x: landscape.loss(*landscape.unflatten(x)),
            rng.standard_normal(landscape.size),
            jac=lambda x: landscape.flatten(landscape.gradient(*landscape.unflatten(x))),
            options={"gtol": 1e-9},
        )
        assert end.fun == pytest.approx(float(least.loss), rel=1e-9)


def test_at_the_threshold_the_minimum_is_flat_to_second_order():
    """S = γ/2 = 1: A = 0 is the least point, of Hessian 0, and the loss is 1 + a⁴."""
    landscape = TiedContractive(Moments.auto(rationals([[1]])), 1, 2)
    (critical,) = landscape.critical_classes()
    assert critical.is_global_minimum
    assert inertia(landscape.hessian(*critical.weights())) == critical.inertia == (0, 1, 0)
    assert landscape.loss(rationals([[2]])) == 1 + 2**4


def test_tied_and_contractive_is_weight_decay_of_half_the_strength():
    """The same classes, of the same loss, index and nullity, for λ = 3, 3, 1, 1/2, 0 and γ = 1."""
    moments = Moments.auto(np.diag(rationals([3, 3, 1, "1/2", 0])))
    tied, free = TiedContractive(moments, 2, 1), WeightDecay(moments, 2, rationals(["1/2"])[0])
    pairs = list(zip(tied.critical_classes(), free.critical_classes(), strict=True))
    assert len(pairs) == tied.number_of_classes == 5
    for one, other in pairs:
        assert one.index_set == other.index_set
        assert one.loss == other.loss
        assert one.inertia[:2] == other.inertia[:2]


@pytest.mark.parametrize("landscape", [Contractive, TiedContractive])
def test_a_penalty_that_is_not_positive_is_refused(landscape):
    """Requirement and received value."""
    with pytest.raises(ValueError, match=r"Need 0 < strength < inf\. Got 0"):
        landscape(auto(1), 1, 0)
