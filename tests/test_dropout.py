"""Dropout: the loss and its minimum against masks and an optimiser, and the list of its classes."""

import time
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
import pytest
from scipy.optimize import minimize

from linae import Moments, Verdict, certify
from linae.data import iris
from linae.departures import departures, leave
from linae.exact import rationals
from linae.landscapes.blocks import Block, blocks_of
from linae.landscapes.dropout import Dropout
from proofs._auto import squares


def auto(sigmas):
    """Auto-association with S = diag(σ²), exactly."""
    return Moments.auto(np.diag(rationals(sigmas) ** 2))


def doubles(values):
    return Moments.auto(np.diag(np.array(values, dtype=float)))


@pytest.mark.parametrize("rate", [Fraction(1, 5), Fraction(2, 3)])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_loss_is_the_mean_over_masks(rate, width):
    """Of ‖(1 − A D B) R‖² with S = R Rᵀ, all 2^p masks with their probabilities, with `==`."""
    R = rationals([[2, 1], [0, 1]])
    landscape, rng = Dropout(Moments.auto(R @ R.T), width, rate), np.random.default_rng(5)
    for _ in range(3):
        A, B = (rationals(rng.integers(-3, 4, shape)) / Fraction(2) for shape in landscape.shapes)
        mean = Fraction(0)
        for mask in product((0, 1), repeat=width):
            chance = prod(1 - rate if on else rate for on in mask)
            mean += chance * squares(R - A @ np.diag(rationals(mask) / (1 - rate)) @ B @ R)
        assert landscape.loss(A, B) == mean


def test_a_batch_of_weights_gives_a_batch_of_derivatives():
    """Leading axes are carried through, as descent needs it."""
    landscape, rng = Dropout(doubles([3, 2]), 3, 0.3), np.random.default_rng(5)
    points, turns = ([rng.standard_normal((4, *s)) for s in landscape.shapes] for _ in range(2))
    slopes, images = landscape.gradient(*points), landscape.hessian_vector(points, turns)
    for k in range(4):
        point, turn = ([w[k] for w in ws] for ws in (points, turns))
        single = *landscape.gradient(*point), *landscape.hessian_vector(point, turn)
        for batch, one in zip((*slopes, *images), single, strict=True):
            np.testing.assert_allclose(batch[k], one, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("width", "keep"), [(3, 0.6), (3, 0.2), (5, 0.3), (7, 0.2)])
def test_the_least_loss_is_what_an_optimiser_finds(width, keep):
    """On random spectra, to twelve digits."""
    rng = np.random.default_rng(width)
    for n in (4, 6):
        landscape = Dropout(doubles(rng.uniform(0.1, 3, n)), width, 1 - keep)
        found = min(descended(landscape, rng) for _ in range(2))
        assert float(next(landscape.critical_classes()).loss) == pytest.approx(found, rel=1e-12)


def descended(landscape, rng):
    """Where quasi-Newton steps from a random start end."""

    def slope(vector):
        weights = landscape.unflatten(vector)
        return landscape.loss(*weights), landscape.flatten(landscape.gradient(*weights))

    precise = {"maxiter": 5000, "maxfun": 10000, "ftol": 0, "gtol": 1e-9, "maxcor": 30}
    start = rng.standard_normal(landscape.size)
    return minimize(slope, start, jac=True, method="L-BFGS-B", options=precise).fun


@pytest.mark.parametrize(
    "sigmas", [(2, 1), (3, 3, 1), (5, 3, 2, 0), (2, 2, 2), (4, 3, 2, 1)], ids=str
)
@pytest.mark.parametrize("width", [1, 2, 3])
@pytest.mark.parametrize("rate", [Fraction(1, 5), Fraction(3, 5)])
def test_classes_are_the_ways_to_put_units_and_components_into_blocks(sigmas, width, rate):
    """Against brute force: a label for each unit and each component, ties counted once."""
    ratio, ways = rate / (1 - rate), set()
    nonzero, labels = [x for x in sigmas if x], range(-1, width)
    for of_units in product(labels, repeat=width):
        for of_components in product(sorted({-1, *of_units}), repeat=len(nonzero)):
            blocks, levels = [], []
            for label in {*of_units} - {-1}:
                J = [x for x, own in zip(nonzero, of_components, strict=True) if own == label]
                p = of_units.count(label)
                levels.append(ratio * sum(J) / (p + len(J) * ratio))
                blocks.append((tuple(J), p))
            enough = all(0 < len(J) <= p for J, p in blocks)
            below = all(x > t for (J, _), t in zip(blocks, levels, strict=True) for x in J)
            if enough and below and len(set(levels)) == len(levels):
                ways.add(tuple(sorted(blocks)))
    landscape = Dropout(auto(sigmas), width, rate)
    found = [blocks_of(c.index_set) for c in landscape.critical_classes()]
    listed = [tuple(sorted((tuple(sigmas[j] for j in J), p) for J, p in bs)) for bs in found]
    assert sorted(listed) == sorted(ways)
    assert landscape.number_of_classes == len(ways)
    if len(set(nonzero)) == len(nonzero):
        assert landscape.sharing.candidates(width) >= len(ways)


def test_without_ties_and_at_a_small_rate_candidates_are_classes():
    """The count in closed form, C(ρ, s) S(s, k) C(p − s + k, k)."""
    for width in (1, 2, 3, 4):
        landscape = Dropout(doubles([3.1, 2.7, 2.2, 1.3, 1.1]), width, 0.01)
        assert landscape.sharing.candidates(width) == landscape.number_of_classes


@pytest.mark.parametrize("values", [(4, 3, 2, 1), (5, 3, 3, 0.2), (6, 2, 1, 0)], ids=str)
@pytest.mark.parametrize("rate", [0.2, 0.6])
def test_the_inertia_of_large_blocks_is_that_of_the_hessian(values, rate):
    """All classes of four units, to rounding: two blocks with spare units, three that share."""
    landscape = Dropout(doubles(values), 4, rate)
    for critical in landscape.critical_classes():
        weights = critical.weights()
        slope = landscape.flatten(landscape.gradient(*weights))
        assert np.abs(slope).max() < 1e-12
        eigenvalues = np.linalg.eigvalsh(landscape.hessian(*weights))
        assert (eigenvalues < -1e-9).sum() == critical.index, critical
        assert (np.abs(eigenvalues) <= 1e-9).sum() == critical.nullity, critical


def test_all_classes_of_iris_are_certified():
    """Two units, rate 1/5, in double precision."""
    data = np.genfromtxt(iris(), delimiter=",", skip_header=1)
    landscape = Dropout(Moments.from_data(data), 2, 0.2)
    for critical in landscape.critical_classes():
        certificate = certify(landscape, *critical.weights())
        assert certificate.verdict is Verdict.CERTIFIED, certificate
        assert certificate.critical.index_set == critical.index_set


def test_blocks_of_one_level_are_one_block():
    """Tied components with a unit each: the class of two units that share both, in two parts."""
    landscape = Dropout(auto((2, 2, 1)), 3, Fraction(1, 2))
    A = rationals(np.diag([1, 1, 0]))
    B = A / Fraction(2)
    assert certify(landscape, A, B).verdict is Verdict.CERTIFIED
    assert landscape.place(A, B).critical.index_set == (0, 1, -1)
    assert (0, -3, 1, -1) not in [c.index_set for c in landscape.critical_classes()]


@pytest.mark.parametrize("rate", [Fraction(1, 10), Fraction(3, 10), Fraction(7, 10)])
@pytest.mark.parametrize("sigmas", [(1, 1, 1), (7, 7, 3, 3)], ids=str)
def test_ties_in_doubles_are_those_of_exact_numbers(sigmas, rate):
    """Of levels and of squares in a frame, which differ by rounding: the same classes, the same
    inertia, and what they gain is what they take off E‖x‖²."""
    landscape = Dropout(auto(sigmas), 4, rate)
    exact = {c.index_set: c.inertia for c in landscape.critical_classes()}
    assert {c.index_set: c.inertia for c in landscape.floating.critical_classes()} == exact
    for J in exact:
        assert landscape.class_gain(J) == landscape.moments.total - landscape.class_loss(J)


def test_a_unit_that_is_almost_off_is_off():
    """In doubles, whatever the numbers of the data."""
    landscape = Dropout(auto((3, 1)), 2, Fraction(1, 2))
    A, B = np.diag([1.0, 1e-30]), np.diag([0.5, 1e-30])
    for same in (landscape, landscape.floating):
        assert same.place(A, B).critical.index_set == (0, -1)


def test_an_eigenvalue_at_the_level_is_seen_exactly_and_open_in_doubles():
    """Two units share the first component at the level of the second: the nullity is one more."""
    exact = Dropout(auto((3, 1)), 2, Fraction(1, 2))
    critical = next(exact.critical_classes())
    assert critical.index_set == (0, -2)
    assert (critical.index, critical.nullity) == (0, 3)
    certificate = certify(exact, *critical.weights())
    assert (certificate.verdict, certificate.evidence) == (Verdict.CERTIFIED, "exact")
    assert certify(exact.floating, *critical.weights()).verdict is Verdict.UNDECIDED


def test_the_best_class_comes_at_once_where_there_are_too_many():
    """Of 10²⁰ candidates; the second one, and the number, are refused."""
    landscape = Dropout(doubles(np.arange(100.0, 0, -1)), 10, 0.2)
    start, classes = time.perf_counter(), landscape.critical_classes()
    assert next(classes).index_set == tuple(range(10))
    assert time.perf_counter() - start < 1
    for refused in (lambda: next(classes), lambda: landscape.number_of_classes):
        with pytest.raises(
            ValueError,
            match=r"^Need at most 1,000,000 candidates .*, with a smaller width\. Got [\d,]+\.$",
        ):
            refused()


@pytest.mark.parametrize("gap", [1e-3, 1e-5, 1e-7, 1e-9, 1e-11, 1e-12, 1e-13, 1e-16, 1e-20])
def test_components_that_almost_tie_are_two(gap):
    """As many classes, of the same inertia, as where they are far apart; certificates agree, or
    leave open what doubles do not tell."""
    apart = Dropout(Moments.auto(np.diag(rationals([5, 4, 1]))), 2, Fraction(1, 5))
    close = Moments.auto(np.diag(rationals([5, 5 - Fraction(gap), 1])))
    landscape, counts = Dropout(close, 2, Fraction(1, 5)), {}
    for critical in landscape.critical_classes():
        counts[critical.index_set] = critical.inertia
        certificate = certify(landscape, *critical.weights())
        if gap <= 1e-12:
            assert certificate.verdict is Verdict.UNDECIDED, certificate
        elif certificate.verdict is Verdict.CERTIFIED:
            assert certificate.critical.index_set == critical.index_set
            assert certificate.predicted == critical.inertia
        else:
            assert certificate.verdict is Verdict.UNDECIDED, certificate
    assert counts == {c.index_set: c.inertia for c in apart.critical_classes()}
    assert counts[0, 1] == (0, 2, 10)
    assert landscape.number_of_classes == len(counts) == 13


@pytest.mark.parametrize(("angle", "zeros"), [(0, 7), (1e-15, 7), (1e-7, None), (0.1, 6)])
def test_units_that_are_almost_orthogonal_are_left_open(angle, zeros):
    """Two orthogonal pairs of units at an angle share a tied pair of components: the nullity is one
    less if they meet, and doubles do not tell where they almost do not."""
    landscape = Dropout(auto((2, 2)).floating(), 4, Fraction(1, 2))
    c, s = np.cos(angle), np.sin(angle)
    A = np.array([[1, 0, c, -s], [0, 1, s, c]])
    place = landscape.place(A, A.T * landscape.sharing.level(Block((0, 1), 4)))
    assert zeros == (place and place.inertia.zero)


@pytest.mark.parametrize("keep", [1e-6, 1e-13, 1e-20])
def test_a_rate_near_one_leaves_its_classes(keep):
    """In doubles, or with irrational σ, those of exact arithmetic; none is refuted."""
    rate = 1 - Fraction(keep)
    exact = Dropout(auto((3, 2, 1)), 2, rate)
    listed = [(c.index_set, c.inertia) for c in exact.critical_classes()]
    irrational = Dropout(Moments.auto(np.diag(rationals([90, 40, 10]) / Fraction(7))), 2, rate)
    for other in (exact.floating, irrational):
        assert sorted((c.index_set, c.inertia) for c in other.critical_classes()) == sorted(listed)
        assert sum(c.is_global_minimum for c in other.critical_classes()) == 1
        for critical in other.critical_classes():
            certificate = certify(other, *critical.weights())
            assert certificate.verdict is not Verdict.REFUTED, certificate
    for J, _ in listed:
        assert exact.floating.class_gain(J) == pytest.approx(float(exact.class_gain(J)), rel=1e-12)


@pytest.mark.parametrize("unit", [1e-10, 1e10])
def test_the_unit_of_the_data_does_not_matter(unit):
    """For iris."""
    data = np.genfromtxt(iris(), delimiter=",", skip_header=1)
    landscape = Dropout(Moments.from_data(unit * data), 2, 0.2)
    for critical in landscape.critical_classes():
        certificate = certify(landscape, *critical.weights())
        assert certificate.verdict is Verdict.CERTIFIED, certificate
        assert certificate.critical.index_set == critical.index_set


def test_descent_starts_from_components_that_doubles_lack():
    """λ = 10¹⁷ and 1: rank 1 in doubles. Each start has the loss of its class to rounding."""
    Q = rationals([["0.6", "0.8"], ["-0.8", "0.6"]])
    landscape = Dropout(Moments.auto(Q * rationals([10**17, 1]) @ Q.T), 2, Fraction(1, 5))
    assert (landscape.spectrum.rank, landscape.ground.spectrum.rank) == (2, 1)
    classes = list(landscape.critical_classes())
    run = leave(landscape, classes, rng=np.random.default_rng(0), steps=1)
    for start, critical in zip(run.losses[0], classes, strict=True):
        assert start == pytest.approx(float(critical.loss), rel=1e-6)
    assert len(departures(landscape, classes).outcomes) == len(classes)


def test_what_dropout_does_not_allow_is_refused():
    """Requirement and received value."""
    moments, hetero = auto((2, 1)), Moments(*(rationals(M) for M in ([[1]], [[1]], [[2]])))
    critical = next(Dropout(moments, 1, Fraction(1, 2)).critical_classes())
    wrong = {
        r"Need 0 < rate < 1\. Got 0\.": lambda: Dropout(moments, 1, 0),
        r"Need 0 < rate < 1\. Got 1\.": lambda: Dropout(moments, 1, 1),
        r"Need 0 < rate < 1\. Got nan\.": lambda: Dropout(moments, 1, float("nan")),
        "Y = X, for dropout": lambda: Dropout(hetero, 1, 0.5),
        "diagonal, invertible gauge": lambda: critical.weights(rationals([[0]])),
    }
    for message, call in wrong.items():
        with pytest.raises(ValueError, match=message):
            call()
    A, B = critical.weights(rationals([[-3]]))
    assert critical.landscape.loss(A, B) == critical.loss
    assert certify(critical.landscape, A, B).verdict is Verdict.CERTIFIED
