"""Certificates: right where they decide, open where they cannot, and never wrong."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from linae import (
    Moments,
    NonuniformDecay,
    SquaredLoss,
    TiedContractive,
    TiedWeights,
    Variational,
    Verdict,
    WeightDecay,
    certify,
    escape,
    measure,
)
from linae.enclosure import enclosed_inertia
from linae.exact import floating, rationals
from linae.measure import descends


def position_index(J, rank, width):
    """Index of a class from positions alone, for distinct eigenvalues: pairs out of order, and one
    per spare unit and unselected component."""
    swaps = sum(k < j for j in J for k in range(rank) if k not in J)
    return swaps + (width - len(J)) * (rank - len(J))


def symmetric(values, rng):
    """A matrix with these eigenvalues."""
    Q = np.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    return Q * values @ Q.T


@pytest.mark.parametrize(
    ("load", "width", "best"), [(load_breast_cancer, 2, 120), (load_digits, 3, 12)]
)
def test_hard_real_data_are_never_certified_wrongly(load, width, best):
    """Eigenvalue ratio 6·10¹¹, rank 61 of 64: the index found is right, or UNDECIDED."""
    landscape = SquaredLoss(Moments.from_data(load().data), width)
    certified = 0
    for critical in landscape.critical_classes(best):
        certificate = certify(landscape, *critical.weights())
        assert certificate.verdict is not Verdict.REFUTED
        if certificate.verdict is Verdict.CERTIFIED:
            certified += 1
            index = position_index(critical.index_set, landscape.spectrum.rank, width)
            assert certificate.found.negative == index
    assert certified >= best // 2


@pytest.mark.parametrize("condition", [1e1, 1e4, 1e7])
def test_a_bad_gauge_never_gives_a_wrong_index(condition):
    """At gauges of any condition number the index is right or the verdict open."""
    rng = np.random.default_rng(11)
    landscape = SquaredLoss(Moments.from_data(rng.standard_normal((40, 5)) * [5, 4, 3, 2, 1]), 3)
    left, right = (np.linalg.qr(rng.standard_normal((3, 3)))[0] for _ in range(2))
    gauge = left * np.geomspace(1, condition, 3) @ right
    for critical in landscape.critical_classes():
        certificate = certify(landscape, *critical.weights(gauge))
        if certificate.verdict is Verdict.CERTIFIED:
            assert certificate.found == critical.inertia
        assert certificate.verdict is not Verdict.REFUTED


def test_irrational_points_of_rational_data_are_certified_exactly():
    """Companion-like data with irrational eigenvalues: all inertias proved around the point."""
    S = rationals([[2, 1, 0], [1, 3, 1], [0, 1, 5]])
    landscape = SquaredLoss(Moments.auto(S), 2)
    for critical in landscape.critical_classes():
        certificate = certify(landscape, *critical.weights())
        assert certificate.verdict is Verdict.CERTIFIED
        assert certificate.evidence == "exact"
        assert certificate.found == critical.inertia


def test_the_enclosure_does_not_trust_the_prediction():
    """Around a point that is not of the class, the enclosure proves something else."""
    landscape = SquaredLoss(Moments.auto(rationals([[2, 1], [1, 3]])), 1)
    best, saddle, _ = landscape.critical_classes()
    assert enclosed_inertia(landscape, saddle.index_set) == saddle.inertia != best.inertia
    tied = SquaredLoss(Moments.auto(np.kron(rationals([[1, 0], [0, 1]]), S2)), 1)
    assert enclosed_inertia(tied, (0,)) is None


S2 = rationals([[1, 1], [1, 2]])


def test_what_is_not_critical_is_refuted():
    """A point with a gradient, exact or floating."""
    for number in (rationals, np.array):
        landscape = SquaredLoss(Moments.auto(number([[2, 0], [0, 1]])), 1)
        certificate = certify(landscape, number([[1], [1]]), number([[1, 1]]))
        assert certificate.verdict is Verdict.REFUTED
        assert "relative gradient" in certificate.reasons[0]


def test_a_tie_blurred_by_rounding_is_undecided():
    """Whether λ₁ = λ₂ decides the index; doubles cannot say; fractions can."""
    c, s = Fraction(3, 5), Fraction(4, 5)
    U = rationals([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ rationals(
        [[1, 0, 0], [0, c, -s], [0, s, c]]
    )
    S = U @ np.diag(rationals([2, 2, 1])) @ U.T
    exact = SquaredLoss(Moments.auto(S), 1)
    blurred = SquaredLoss(Moments.auto(S.astype(float)), 1)
    for landscape, verdict in [(exact, Verdict.CERTIFIED), (blurred, Verdict.UNDECIDED)]:
        first = next(landscape.critical_classes())
        certificate = certify(landscape, *first.weights())
        assert certificate.verdict is verdict
        assert certificate.predicted == (0, 2, 4)
    assert "rounding" in certificate.reasons[0] or "double precision" in certificate.reasons[0]


def test_rank_lost_to_rounding_is_undecided():
    """A column that repeats another, in floats: the rank is only known to rounding."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20, 2))
    X = np.column_stack([X, X @ [0.1, 0.3]])
    landscape = SquaredLoss(Moments.from_data(X), 1)
    certificate = certify(landscape, *next(landscape.critical_classes()).weights())
    assert certificate.verdict is Verdict.UNDECIDED
    assert certificate.reasons == ("rank of Sxx is 2 to rounding only",)


def test_large_hessians_without_blocks_go_to_lanczos_and_stay_undecided(monkeypatch):
    """Above the dense size the negative count is a lower bound; the verdict says so."""
    monkeypatch.setattr(measure, "DENSE_SIZE", 100)
    rng = np.random.default_rng(0)
    landscape = TiedWeights(
        Moments.from_data(rng.standard_normal((80, 40)) * np.linspace(3, 1, 40)), 3
    )
    saddle = list(landscape.critical_classes(best=3))[2]
    certificate = certify(landscape, *saddle.weights())
    assert certificate.evidence == "Lanczos"
    assert certificate.found.negative == saddle.index
    assert certificate.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("unit", [1e-15, 1.0, 1e15])
def test_kernel_blocks_do_not_depend_on_the_unit_of_the_inputs(unit):
    """Their ranks are found in each, and the certificate is of them."""
    rng = np.random.default_rng(3)
    X, G = unit * rng.standard_normal((4, 20)), np.zeros((3, 20))
    G[0] = X[0]
    landscape = SquaredLoss(Moments.from_data(X.T, G.T, center=False), 3)
    for critical in landscape.critical_classes():
        q = 3 - len(critical.index_set)
        for blocks in ({}, {"free_encoder": unit * rng.standard_normal((q, 3))}):
            certificate = certify(landscape, *critical.weights(**blocks))
            assert certificate.verdict is Verdict.CERTIFIED
            stratum = (0, q if blocks else 0)
            assert certificate.predicted == landscape.class_inertia(critical.index_set, stratum)


@pytest.mark.parametrize("size", [1e-14, 1e-13])
def test_a_kernel_block_that_may_be_rounding_leaves_the_class_open(size):
    """Neither refuted nor certified, whether it was meant or not."""
    one, G = np.eye(2), np.diag([2.0, 0.0])
    landscape = SquaredLoss(Moments(one, G, G @ G), 3)
    block = np.array([[1.0], [size]])
    weights = landscape.class_weights((0,), np.eye(3), free_encoder=block)
    assert certify(landscape, *weights).verdict is Verdict.CERTIFIED
    spare = np.array([[1.0, 0.0], [0.0, size], [0.0, 0.0]])
    G = np.diag([0.0, 0.0])
    landscape = SquaredLoss(Moments(one, G, G), 3)
    certificate = certify(landscape, np.zeros((2, 3)), spare)
    assert certificate.verdict is Verdict.UNDECIDED
    assert certificate.reasons == ("rounding leaves the class open",)


def test_what_rounding_hides_is_not_refuted():
    """What the encoder does to an input that never occurs exceeds the rest by far: the curvature of
    an escape drowns in its rounding, and the point is critical all the same."""
    for seed in (2, 26, 28):
        rng = np.random.default_rng(seed)
        X = 1e15 * rng.standard_normal((20, 3))
        Y = 1e-5 * X
        X = np.column_stack([X, X @ [0.1, 0.3, 0.7]])
        landscape = SquaredLoss(Moments.from_data(X, Y, center=False), 3)
        for critical in landscape.critical_classes():
            weights = critical.weights(1e-7 * np.eye(3), null_encoder=rng.standard_normal((3, 4)))
            assert certify(landscape, *weights).verdict is Verdict.UNDECIDED


def test_an_encoder_of_unseen_inputs_beside_small_targets_refutes_nothing():
    """Four samples of six inputs: what B does to the others cancels in the escape only to rounding,
    beside targets of 10⁻⁶."""
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((4, 6)), 1e-6 * rng.standard_normal((4, 3))
    landscape = SquaredLoss(Moments.from_data(X, Y, center=False), 3)
    for critical in landscape.critical_classes():
        weights = critical.weights(null_encoder=rng.standard_normal((3, 6)))
        certificate = certify(landscape, *weights)
        assert certificate.verdict is not Verdict.REFUTED
        assert certificate.found == critical.inertia
        place = landscape.place(*weights)
        if critical.is_strict_saddle:
            path = landscape.escape(place, weights)
            wrong = replace(path, curvature=path.curvature - 1)
            assert descends(landscape, weights, place, wrong) is Verdict.REFUTED


@pytest.mark.parametrize("angle", [0.05, 0.3])
@pytest.mark.parametrize("numbers", [np.diag, lambda d: symmetric(d, np.random.default_rng(0))])
def test_a_point_between_two_close_components_is_of_no_class(angle, numbers):
    """λ₂ = λ₁ (1 − 10⁻¹³): the gradient there is rounding, and the point no critical one."""
    S = numbers(np.array([1.0, 1 - 1e-13, 0.5]))
    landscape = SquaredLoss(Moments.auto(S), 1)
    u, v = landscape.spectrum.vectors[:, :2].T
    between = (np.cos(angle) * u + np.sin(angle) * v)[:, None]
    assert certify(landscape, between, between.T).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("weights", [np.zeros((2, 2)), np.zeros((2, 1))])
def test_weights_of_another_shape_are_refused(weights):
    """Both shapes are in the sentence."""
    landscape = SquaredLoss(Moments.auto(np.eye(2)), 1)
    with pytest.raises(ValueError, match=r"Need weights of shapes \(\(2, 1\), \(1, 2\)\). Got"):
        certify(landscape, weights, np.zeros((1, 3)))


@pytest.mark.parametrize("unit", [0, 1j])
def test_escapes_fall_by_exactly_what_they_say(unit):
    """From every saddle, at any gauge: monotone, of the stated drop and curvature."""
    rng = np.random.default_rng(5)
    X = rng.standard_normal((30, 4)) + unit * rng.standard_normal((30, 4))
    Y = X @ rng.standard_normal((4, 3)) + rng.standard_normal((30, 3))
    landscape = SquaredLoss(Moments.from_data(X, Y), 2)
    for critical in list(landscape.critical_classes())[1:]:
        gauge = rng.standard_normal((2, 2)) + unit * rng.standard_normal((2, 2))
        path = escape(critical, critical.weights(gauge))
        losses = [landscape.loss(*path(t)) for t in np.linspace(0, 1, 30)]
        assert losses[0] == pytest.approx(critical.loss)
        assert losses[0] - losses[-1] == pytest.approx(path.drop)
        assert (np.diff(losses) < 0).all()
        step = 1e-4
        moved = [w + step * v for w, v in zip(path.start, path.direction, strict=True)]
        back = [w - step * v for w, v in zip(path.start, path.direction, strict=True)]
        second = (landscape.loss(*moved) + landscape.loss(*back) - 2 * losses[0]) / step**2
        assert second == pytest.approx(path.curvature, rel=1e-4, abs=1e-5)


def test_escape_past_full_kernel_blocks_drops_nearly_all():
    """Where the kernel blocks take every spare unit the supremum λ is not attained: 98 % of it."""
    one, G = rationals([[1, 0], [0, 1]]), rationals([[2, 0], [0, 0]])
    landscape = SquaredLoss(Moments(one, G, G @ G), 1)
    mean = list(landscape.critical_classes())[-1]
    path = escape(mean, mean.weights(free_decoder=rationals([[3]])))
    assert Fraction(98, 100) * 4 <= path.drop < 4
    start, end = (landscape.floating.loss(*path(t)) for t in (0, 1))
    assert start - end == pytest.approx(float(path.drop))
    with pytest.raises(ValueError, match="Need a saddle"):
        escape(next(landscape.critical_classes()))


EDGES = [
    (WeightDecay, 1),
    (NonuniformDecay, [1, 3]),
    (TiedContractive, 2),
    (Variational, 1),
]


@pytest.mark.parametrize(("landscape", "price"), EDGES, ids=lambda x: getattr(x, "__name__", ""))
def test_exact_data_decide_whether_a_price_is_an_eigenvalue(landscape, price):
    """λ₃ is the threshold: critical points with irrational entries are certified all the same,
    with the nullity of the edge, and have their escapes."""
    at = landscape(Moments.auto(rationals(np.diag([5, 3, 1]))), 2, price)
    irrational = 0
    for critical in at.critical_classes():
        certificate = certify(at, *critical.weights())
        assert certificate.verdict is Verdict.CERTIFIED
        assert certificate.predicted == critical.inertia
        assert certificate.critical.index_set == critical.index_set
        irrational += certificate.evidence == "float64"
        if not critical.kind.startswith("global"):
            assert escape(critical).drop > 0
    assert irrational


def test_doubles_do_not_decide_whether_a_price_is_an_eigenvalue():
    """Of floating data the class stays open, and an escape says so."""
    Q = np.linalg.qr(np.vander([1.0, 2.0, 3.0]))[0]
    at = WeightDecay(Moments.auto(Q * [5.0, 3.0, 1.0] @ Q.T), 2, 1)
    saddle = list(at.critical_classes())[1]
    certificate = certify(at, *saddle.weights())
    assert certificate.verdict is Verdict.UNDECIDED
    assert certificate.reasons == ("rounding leaves the class open",)
    with pytest.raises(ValueError, match="Rounding leaves the class open"):
        escape(saddle)
    first, second, *_ = WeightDecay(at.moments, 2, 2).critical_classes()
    with pytest.raises(ValueError, match="Got others"):
        escape(second, first.weights())


def test_exact_data_do_not_decide_what_weights_in_doubles_leave_open():
    """Tied weights in the kernel of S, of a length that is √2 to rounding: whether it is √2 is a
    question of the weights."""
    at = TiedWeights(Moments.auto(rationals(np.diag([1, 0, 0]))), 2)
    certificate = certify(at, 2**0.5 * np.array([[0, 0], [0.6, 0], [0.8, 0]]))
    assert certificate.verdict is Verdict.UNDECIDED
    assert certificate.reasons == ("rounding leaves the class open",)


@pytest.mark.parametrize("numbers", [rationals, floating], ids=["exact", "float"])
@pytest.mark.parametrize("drop", [0, -1.0, float("inf"), float("nan")])
def test_an_escape_without_a_fall_is_no_witness(numbers, drop):
    """Whatever its curvature: the verdict is open."""
    at = SquaredLoss(Moments.auto(numbers(np.diag([2, 1]))), 1)
    weights = list(at.critical_classes())[1].weights()
    place = at.place(*weights)
    path = at.escape(place, weights)
    assert descends(at, weights, place, path) is Verdict.CERTIFIED
    assert descends(at, weights, place, replace(path, drop=drop)) is Verdict.UNDECIDED
