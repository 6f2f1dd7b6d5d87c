"""Codes and their cost, by quantising, by minimising and by simulating."""

from fractions import Fraction
from math import e, log, log2, pi

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from linae import Moments, Variational
from linae.compression import (
    PowerAllocation,
    WaterFilling,
    gauge_cost,
    gauge_factor,
    transform_gain,
)
from linae.exact import rationals

VALUES = (4, 2, 1, 0.3, 0.05)


@pytest.mark.parametrize("values", [(0.93, 0.71), (0.11, 0.23, 0.37, 0.02)])
def test_no_code_at_all_has_the_level_of_the_largest_component(values):
    """The error is then the whole variance, rounded or not."""
    code = WaterFilling.at_distortion(values, sum(values))
    assert code.level == pytest.approx(max(values))


def test_the_level_of_a_distortion_is_found():
    """In any order of the values, some of them 0; exactly, if they are rational."""
    values = [Fraction(x) for x in (1, 5, 0, 2, 2)]
    for level in (Fraction(1, 7), Fraction(1), Fraction(3, 2), Fraction(2), Fraction(5)):
        water = WaterFilling(values, level)
        assert WaterFilling.at_distortion(values, water.distortion).level == level
        assert WaterFilling.at_rate(values, water.rate).level == pytest.approx(float(level))


def test_from_the_largest_value_on_nothing_is_coded():
    """The water level of the mean output: no bit, and all of the variance lost."""
    for level, coded in ((Fraction(7, 2), True), (4, False), (9, False)):
        water = WaterFilling((4, 2, 1), level)
        assert (water.rate > 0) == (water.volume > 1) == (water.distortion < 7) == coded


@pytest.mark.parametrize("distortion", [0.3, 1.5, 4.0])
def test_water_filling_minimises_the_rate(distortion):
    """SciPy, over all ways to share the error."""
    values = np.array(VALUES)

    def rate(share):
        return np.log(values / share).sum() / 2

    best = minimize(
        rate,
        np.minimum(values, distortion / 5) * 0.9,
        jac=lambda share: -1 / (2 * share),
        bounds=[(1e-6, x) for x in values],
        constraints={
            "type": "eq",
            "fun": lambda share: distortion - share.sum(),
            "jac": lambda share: -np.ones(5),
        },
        options={"ftol": 1e-16, "maxiter": 500},
        method="SLSQP",
    )
    water = WaterFilling.at_distortion(VALUES, distortion)
    assert water.rate == pytest.approx(best.fun, abs=1e-12)
    np.testing.assert_allclose(water.distortions, best.x, rtol=0, atol=1e-6)


def test_the_curve_has_its_slope():
    """dR / dD by central differences of e^(2R), which is rational; and the rate at an error of 3/2,
    where three of five components are coded."""
    values, h = [Fraction(str(x)) for x in VALUES], Fraction(1, 10**9)
    for distortion in (Fraction(3, 10), Fraction(3, 2), Fraction(4)):
        water, more, less = (
            WaterFilling.at_distortion(values, distortion + k * h) for k in (0, 1, -1)
        )
        slope = (more.volume - less.volume) / (4 * h * water.volume)
        assert float(slope) == pytest.approx(float(water.slope), rel=0, abs=1e-12)
        assert water.rate == pytest.approx(log(water.volume) / 2, abs=1e-14)
    assert WaterFilling.at_distortion(VALUES, 1.5).bits == pytest.approx(3.574992959327, abs=1e-12)


def test_a_variational_autoencoder_is_on_the_curve():
    """By definition, over ten points with these variances: at the weights of the minimum the mean
    divergence of the code is 3.574992959327 bits, and the squared error 3/2."""
    level = Fraction(23, 60)
    landscape = Variational(Moments.auto(np.diag(VALUES)), 5, float(level))
    A, B, d = next(landscape.critical_classes()).weights()
    points = np.diag(np.sqrt(5 * np.array(VALUES)))
    codes = points @ B.T
    divergence = ((codes**2).sum(axis=1).mean() + (d - 1 - np.log(d)).sum()) / 2
    errors = ((points - codes @ A.T) ** 2).sum(axis=1).mean() + (A * A * d).sum()
    assert divergence / np.log(2) == pytest.approx(3.574992959327, abs=1e-12)
    assert errors == pytest.approx(1.5, abs=1e-12)
    assert WaterFilling([Fraction(str(x)) for x in VALUES], level).distortion == Fraction(3, 2)


def quantised(variance, step):
    """Entropy in bits and mean squared error of a rounded Gaussian variable."""
    s = variance**0.5
    k = np.arange(-int(12 * s / step) - 2, int(12 * s / step) + 3)
    low, high = (k - 0.5) * step / s, (k + 0.5) * step / s
    p = np.diff(norm.cdf([low, high]), axis=0)[0]
    first = norm.pdf(low) - norm.pdf(high)
    second = p + low * norm.pdf(low) - high * norm.pdf(high)
    error = variance * second - 2 * k * step * s * first + (k * step) ** 2 * p
    return -(p[p > 0] * np.log2(p[p > 0])).sum(), error.sum()


def test_scalar_quantisers_need_a_quarter_of_a_bit_more():
    """½ log₂ (2πe/12) = .2546 per entry, for small steps; the step squared over 12 is the error."""
    for step, gap in ((0.4, 0.2971), (0.2, 0.2664), (0.1, 0.2576), (0.05, 0.2554)):
        bits, error = np.sum([quantised(x, step) for x in VALUES], axis=0)
        found = (bits - WaterFilling.at_distortion(VALUES, error).bits) / 5
        assert found == pytest.approx(gap, abs=6e-5)
    assert error == pytest.approx(5 * step**2 / 12, rel=1e-9)
    assert found == pytest.approx(log2(2 * pi * e / 12) / 2, abs=1e-3)


def turned(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@pytest.mark.parametrize(
    "G",
    [turned(0.6), np.array([[2.0, 1.0], [0.0, 1.0]]), np.diag([1.0, 5.0]), turned(1.1) * [1, 3]],
    ids=["rotation", "shear", "stretch", "rotation of a stretch"],
)
def test_a_gauge_costs_what_quantising_with_it_costs(G):
    """Entropies of rounded codes at a small step; against the principal components at the same
    error, by the spread of rounding errors, which are white."""
    values, step = np.array([3.0, 0.5]), 0.02
    inverse = np.linalg.inv(G)
    bits = sum(quantised(v, step)[0] for v in (G * values @ G.T).diagonal())
    error = step**2 / 12 * (inverse**2).sum()
    plain = sum(quantised(v, (6 * error) ** 0.5)[0] for v in values)
    assert (bits - plain) / 2 == pytest.approx(gauge_cost(G, values), abs=2e-3)


def test_rounding_errors_of_a_code_are_white():
    """By simulation, four standard errors: the mean squared error of G⁻¹ round(G x)."""
    rng, step = np.random.default_rng(6), 0.1
    G = np.array([[2.0, 1.0], [0.0, 1.0]])
    x = rng.standard_normal((20000, 2)) * np.sqrt([3, 0.5])
    back = step * np.round(x @ G.T / step) @ np.linalg.inv(G).T
    squares = ((back - x) ** 2).sum(axis=1)
    predicted = step**2 / 12 * (np.linalg.inv(G) ** 2).sum()
    assert abs(squares.mean() - predicted) < 4 * squares.std() / len(x) ** 0.5


def test_principal_components_save_the_transform_gain():
    """Over rounding the entries of x, at the same error; a rotation costs as much."""
    values, U = np.array([3.0, 0.5]), turned(0.6)
    S = U * values @ U.T
    entries = sum(quantised(v, 0.02)[0] for v in S.diagonal())
    components = sum(quantised(v, 0.02)[0] for v in values)
    assert transform_gain(S) == pytest.approx((entries - components) / 2, abs=2e-3)
    assert transform_gain(S) == pytest.approx(gauge_cost(U, values), abs=1e-14)


def test_tied_components_may_be_rotated():
    """At no cost, exactly; not together with others."""
    G = rationals([["3/5", "-4/5", 0], ["4/5", "3/5", 0], [0, 0, 1]])
    assert gauge_factor(G, (2, 2, 1)) == 1
    assert gauge_factor(G, (2, 1, 1)) > 1


def test_power_is_shared_as_quoted():
    """Three units, noise 1/2; only the weak units are silent at little power."""
    for power, loss, active in ((0.3, 5.8334, 2), (3, 2.51503, 3), (20, 0.80315, 3)):
        claim = PowerAllocation(VALUES, 3, 0.5, power)
        assert claim.loss == pytest.approx(loss, abs=6e-5 if power < 1 else 6e-6)
        assert np.count_nonzero(claim.powers) == active


@pytest.mark.parametrize("power", [0.3, 3.0, 20.0])
def test_no_encoder_of_this_power_does_better(power):
    """SciPy on all entries of B (3, 5), from random starts: the least loss found is the claim."""
    S, s, rng = np.diag(VALUES), 0.5, np.random.default_rng(7)

    def loss(flat):
        B = flat.reshape(3, 5)
        B = B * np.sqrt(power / np.trace(B @ S @ B.T))
        return np.trace(S) - np.trace(S @ B.T @ np.linalg.solve(B @ S @ B.T + s * np.eye(3), B @ S))

    found = [minimize(loss, rng.standard_normal(15)).fun for _ in range(3)]
    claim = PowerAllocation(VALUES, 3, s, power).loss
    assert min(found) == pytest.approx(claim, abs=1e-6)
    assert min(found) > claim - 1e-9


def test_a_sent_code_is_read_with_the_loss_claimed():
    """Simulated: encoder, noise, least squares; five standard errors."""
    rng, claim = np.random.default_rng(8), PowerAllocation((4, 1), 2, 0.5, 3)
    x = rng.standard_normal((40000, 2)) * [2, 1]
    z = x * np.sqrt(np.array(claim.powers, dtype=float) / [4, 1])
    assert (z**2).sum(axis=1).mean() == pytest.approx(3, rel=0.03)
    z = z + rng.standard_normal(z.shape) * 0.5**0.5
    decoder, *_ = np.linalg.lstsq(z, x, rcond=None)
    squares = ((x - z @ decoder) ** 2).sum(axis=1)
    assert abs(squares.mean() - float(claim.loss)) < 5 * squares.std() / 200


def test_what_cannot_be_coded_is_refused():
    """With the requirement and what was given."""
    refused = [
        (lambda: WaterFilling((1, 2), 0), r"a water level > 0\. Got 0"),
        (lambda: WaterFilling.at_distortion((1, 2), 0), r"0 < distortion <= 3\. Got 0"),
        (lambda: WaterFilling.at_distortion((1, 2), 4), r"0 < distortion <= 3\. Got 4"),
        (lambda: WaterFilling.at_rate((1, 2), -1), r"a rate >= 0 .* Got -1 of \(1, 2\)"),
        (lambda: WaterFilling.at_rate((0, 0), 1), r"a rate >= 0 .* Got 1 of \(0, 0\)"),
        (lambda: PowerAllocation((1, 2), 0, 1, 1), r"1 <= width.* Got 0, 1, 1 and"),
        (lambda: PowerAllocation((1, 2), 1, 0, 1), r"1 <= width.* Got 1, 0, 1 and"),
        (lambda: PowerAllocation((1, 2), 1, 1, 0), r"1 <= width.* Got 1, 1, 0 and"),
        (lambda: PowerAllocation((0, 0), 1, 1, 1), r"1 <= width.* Got 1, 1, 1 and \(0, 0\)"),
    ]
    for act, words in refused:
        with pytest.raises(ValueError, match=rf"^Need {words}"):
            act()
