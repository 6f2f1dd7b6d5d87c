"""The contractive autoencoder: runs away if its weights are not tied, and is benign if they are."""

from math import comb

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import minimize, root

from linae import Contractive, Moments, TiedContractive, Verdict, WeightDecay, certify, inertia
from linae.autoencoders import encoder, losses
from linae.calculus import gradient, hessian
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


@pytest.mark.parametrize(
    ("value", "strength", "last"), [(1.0, 0.3, [0.9975, 1.0006]), (2.0, 0.5, [0.9984, 1.0004])]
)
def test_one_unit_runs_away_like_the_fourth_root_of_time(value, strength, last):
    """a⁴ = 8 γ t (1 − s + …), excess loss √(γ/8t) (1 + s/4 + …), s = √(2γ/t)/λ, at t = 10³ … 10⁵;
    of the last, four digits of both brackets.

    The balance is u̇ = 4 γ b² for u = a², with b = λ a/(γ + λ u) the best encoder of a; in its
    solution the next terms are of the size s² log t.
    """
    landscape, times = Contractive(auto(value), 1, strength), [1e3, 1e4, 1e5]
    ends = flow(landscape, (np.ones((1, 1)), np.ones((1, 1))), times)
    for t, (a, b) in zip(times, ends, strict=True):
        s = np.sqrt(2 * strength / t) / value
        small = 2 * s**2 * np.log(t)
        growth = a.item() ** 4 / (8 * strength * t)
        excess = landscape.loss(a, b) * np.sqrt(8 * t / strength)
        assert growth == pytest.approx(1 - s, abs=small)
        assert excess == pytest.approx(1 + s / 4, abs=small)
    assert [round(float(x), 4) for x in (growth, excess)] == last


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


def searched(landscape, method, **options):
    """Ends of 200 root searches, and whether they converged."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        end = root(
            lambda x: landscape.flatten(landscape.gradient(*landscape.unflatten(x))),
            landscape.flatten([rng.standard_normal(shape) for shape in landscape.shapes]),
            jac=lambda x: landscape.hessian(*landscape.unflatten(x)),
            method=method,
            options=options,
        )
        yield landscape.unflatten(end.x), np.abs(end.fun).max() < 1e-10


def test_a_root_search_finds_only_points_without_encoder():
    """S = diag(3, 1, 0): B = 0 and S A = 0, or it does not converge; some do."""
    landscape = Contractive(auto(3, 1, 0), 2, 1)
    found = [end for end, still in searched(landscape, "hybr", xtol=1e-12, maxfev=60) if still]
    assert found
    for A, B in found:
        assert np.abs(B).max() < 1e-9
        assert np.abs(landscape.moments.Sxx @ A).max() < 1e-9


def test_least_squares_of_the_gradient_end_at_0_or_run_away():
    """S = diag(2, 1), Levenberg and Marquardt: some of the searches end at 0 and nowhere else; all
    others are on their way, from entries of the size 1 to ‖A‖ > 5 and ‖B‖ < 1/5."""
    landscape, sorts = Contractive(auto(2, 1), 1, 1), set()
    options = {"xtol": 1e-14, "ftol": 1e-14, "maxiter": 60}
    for weights, still in searched(landscape, "lm", **options):
        a, b = map(np.linalg.norm, weights)
        assert a + b < 1e-12 if still else a > 5 > 25 * b
        sorts.add(still)
    assert sorts == {True, False}


def test_a_decoder_in_the_kernel_is_a_certified_saddle():
    """S = diag(2, 0), A = (0, 3)ᵀ, B = 0: inertia (1, 1, 2), as at the origin."""
    landscape = Contractive(Moments.auto(rationals([[2, 0], [0, 0]])), 1, 1)
    for A in ([[0], [3]], [[0], [0]]):
        certificate = certify(landscape, rationals(A), rationals([[0, 0]]))
        assert certificate.found == certificate.predicted == (1, 1, 2)
        assert certificate.verdict is Verdict.CERTIFIED


TIED = 3.2, 2.6, 2.1, 1.6, 1.1
"""Eigenvalues of auto-association with three tied units, and the number of classes by strength."""
CLASSES = {0.4: 26, 1.5: 26, 3: 15, 7: 1}


@pytest.mark.parametrize("strength", CLASSES)
def test_every_class_of_tied_weights_has_the_inertia_of_its_loss(strength):
    """All sets of at most three components with λ > γ/2: their losses, slopes and full inertia,
    from values of the loss."""
    landscape, S = TiedContractive(auto(*TIED), 3, strength), np.diag(TIED)

    def loss(A):
        E = np.eye(5) - A @ A.T
        return np.sum((E @ S) * E) + strength * np.sum(A * A)

    classes = list(landscape.critical_classes())
    alive = sum(x > strength / 2 for x in TIED)
    assert len(classes) == sum(comb(alive, r) for r in range(4)) == CLASSES[strength]
    for critical in classes:
        weights = critical.weights()
        assert loss(*weights) == pytest.approx(float(critical.loss), rel=1e-14, abs=0)
        assert np.abs(gradient(loss, weights, 4)).max() < 1e-12
        values = np.linalg.eigvalsh(hessian(loss, weights, 4))
        zero = np.abs(values) < 1e-10 * np.abs(values).max()
        found = (values[~zero] < 0).sum(), zero.sum(), (values[~zero] > 0).sum()
        assert found == critical.inertia


@pytest.mark.parametrize("strength", CLASSES)
def test_minimisation_of_tied_weights_ends_at_the_least_value(strength):
    """By quasi-Newton descents from five starts."""
    landscape = TiedContractive(auto(*TIED), 3, strength)
    least = next(landscape.critical_classes())
    rng = np.random.default_rng(2)
    for _ in range(5):
        end = minimize(
            lambda x: landscape.loss(*landscape.unflatten(x)),
            rng.standard_normal(landscape.size),
            jac=lambda x: landscape.flatten(landscape.gradient(*landscape.unflatten(x))),
            options={"gtol": 1e-9},
        )
        assert end.fun == pytest.approx(float(least.loss), rel=1e-14, abs=0)


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


LAYERS = {
    "sigmoid": (lambda W, s: {"B": W, "s": s}, lambda h: h * (1 - h)),
    "tanh": (lambda W, s: {"B": np.eye(len(W)), "H": W, "h": s}, lambda h: 1 - h * h),
}
"""Parameters of h = f(W x + s), and f′ as a function of h."""


@pytest.mark.parametrize("layer", LAYERS)
def test_the_penalty_of_a_layer_is_that_of_its_rows(layer):
    """E Σ f′² ‖wⱼ‖², and the same by differences of order four of the codes."""
    rng, (made, slope) = np.random.default_rng(1), LAYERS[layer]
    X, W, A = (rng.standard_normal(shape) for shape in ((6, 4), (3, 4), (4, 3)))
    P, squares = {"A": A} | made(W, rng.standard_normal(3)), 0
    found = losses.contractive(np, P, X, None, strength=1) - losses.vanilla(np, P, X, None)
    for step in 3e-4 * np.eye(4):
        near, far = (encoder(np, P, X + k * step) - encoder(np, P, X - k * step) for k in (1, 2))
        squares += np.sum(((8 * near - far) / 36e-4) ** 2) / 6
    assert found == pytest.approx(squares, abs=4e-11)
    rows = slope(encoder(np, P, X)) ** 2 @ (W * W).sum(axis=1)
    assert found == pytest.approx(rows.mean(), rel=1e-13, abs=0)


@pytest.mark.parametrize(("layer", "above"), [("sigmoid", [2e-3, 1e-5, 1e-7]), ("tanh", None)])
def test_units_that_hardly_bend_evade_the_penalty_too(layer, above):
    """S = diag(4, 2, 1), γ = 1, two units: with rows 1/c as long, a decoder c times as large and a
    bias against the codes of 0 the loss is 1 + 2 f′(0)²/c² + …, as the penalty; 1 is that of
    principal components. For c = 10, 100, 1000 one digit of what is above 1."""
    made, slope = LAYERS[layer]
    X, W, found = np.diag([12, 6, 3]) ** 0.5, np.eye(3)[:2], []
    for c in (10, 100, 1000):
        P = made(W / c, np.zeros(2))
        at_0 = encoder(np, P, np.zeros((1, 3)))[0]
        P["A"] = c * W.T / slope(at_0)
        P["a"] = -P["A"] @ at_0
        found.append(losses.contractive(np, P, np.concatenate([X, -X]), None, strength=1) - 1)
    assert found[2] == pytest.approx(2 * slope(at_0[0]) ** 2 / 1000**2, rel=1e-3)
    assert found[0] > 90 * found[1] > 9000 * found[2]
    assert above is None or [float(f"{x:.0e}") for x in found] == above


@pytest.mark.parametrize("landscape", [Contractive, TiedContractive])
def test_a_penalty_that_is_not_positive_is_refused(landscape):
    """Requirement and received value."""
    with pytest.raises(ValueError, match=r"Need 0 < strength < inf\. Got 0"):
        landscape(auto(1), 1, 0)
