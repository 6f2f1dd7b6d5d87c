"""Deep linear networks: the rule of two blocks, and the tempting rules that fail."""

from fractions import Fraction

import numpy as np
import pytest

from linae import Moments, Verdict, calculus, certify, escape, inertia
from linae.exact import floating, rank, rationals
from linae.landscapes.deep import DeepLinear, product
from linae.measure import stationary
from proofs._deep import DeepPoint


def matrix(*rows):
    return rationals(np.array(rows, dtype=object))


ZERO = matrix([0])


def test_three_blocks_are_not_the_rule():
    """All three products of the pair (3, 2) have positive rank, and the Hessian is 0: only the
    cycle W₁ Sxy W₄ = 0 tells."""
    G = matrix([3, 0], [0, 1])
    case = DeepPoint(G, (matrix([1], [0]), ZERO, ZERO, matrix([0, 1])))
    assert rank(case.weights[0]) == rank(case.weights[-1]) == 1
    assert not (case.weights[-1] @ G.T @ case.weights[0]).any()
    assert case.landscape.place(*case.weights).kind == "non-strict saddle"
    assert case.found == (0, 6, 0)


def test_the_data_belong_into_the_cycle():
    """Without Sxy the outer block W₁ = (0, 1) would have rank 1; G = (1, 0), Hessian 0."""
    case = DeepPoint(matrix([1, 0]), (ZERO, ZERO, matrix([0, 1])))
    assert case.landscape.place(*case.weights).kind == "non-strict saddle"
    assert case.found.negative == 0


def test_full_rank_between_is_sufficient_and_not_necessary():
    """W₃ = W₁ = 0, G = diag(2, 1): W₂ = 1 and W₂ = diag(1, 0) both leave negative eigenvalues."""
    G, zero = matrix([2, 0], [0, 1]), matrix([0, 0], [0, 0])
    for middle, counts in (
        (matrix([1, 0], [0, 1]), (4, 4, 4)),
        (matrix([1, 0], [0, 0]), (2, 8, 2)),
    ):
        case = DeepPoint(G, (zero, middle, zero))
        assert case.found == counts
        assert certify(case.landscape, *case.weights).verdict is Verdict.CERTIFIED


def hetero(*, tie):
    """Three inputs of which two occur, two outputs: λ = 4, 1 or 1, 1."""
    G, R = matrix([1 if tie else 2, 0], [0, 1]), matrix([1, 0], [1, 1], [0, 2])
    return Moments(R @ R.T, G @ R.T, G @ G.T)


@pytest.mark.parametrize("widths", [[1], [2], [3], [2, 1], [2, 3], [1, 2, 1]], ids=str)
@pytest.mark.parametrize("tie", [False, True])
def test_the_inertia_of_a_class_is_that_of_the_definition(widths, tie):
    """Where spare units are off; singular Sxx, ties, other targets."""
    landscape = DeepLinear(hetero(tie=tie), widths)
    for critical in landscape.critical_classes():
        weights = critical.weights()
        found = inertia(calculus.hessian(landscape.loss, weights, 4))
        assert critical.inertia == found
        assert critical.kind == landscape.place(*weights).kind


def test_pairs_that_are_not_tightened_are_named():
    """G = diag(2, 1), W₃ = W₁ = 0: of W₂ = diag(1, 0) the outer pair; of W₂ = 0 none."""
    G, zero, half = matrix([2, 0], [0, 1]), matrix([0, 0], [0, 0]), matrix([1, 0], [0, 0])
    loose = DeepPoint(G, (zero, half, zero)).landscape.tightness((zero, half, zero), 0)
    assert [pair for pair, verdict in loose.items() if verdict is Verdict.REFUTED] == [(3, 1)]
    tight = DeepPoint(G, (zero, zero, zero)).landscape.tightness((zero, zero, zero), 0)
    assert set(tight.values()) == {Verdict.CERTIFIED}


@pytest.mark.parametrize("unit", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(
    ("middle", "verdict", "kind"),
    [
        (1e-3, Verdict.CERTIFIED, "strict saddle"),
        (1e-8, Verdict.UNDECIDED, "critical point: undecided"),
        (0.0, Verdict.CERTIFIED, "non-strict saddle"),
    ],
)
def test_ranks_of_doubles_have_a_third_answer(unit, middle, verdict, kind):
    """Whatever the unit of the data: W₃ = W₁ = diag(1, 0, 0), up to a gauge, and W₂ passes a second
    component on, clearly, or perhaps, or not."""
    landscape = DeepLinear(Moments.auto(unit**2 * np.diag([9.0, 4.0, 1.0])), [3, 3])
    first, second = np.diag([1.0, 0, 0]), np.diag([1.0, middle, 0])
    certificate = certify(landscape, 8 * first, second / 8, first)
    assert certificate.verdict is verdict
    assert str(certificate).startswith(kind) or certificate.claim.endswith(kind)


@pytest.mark.parametrize("numbers", [rationals, floating], ids=["exact", "float"])
def test_any_point_is_judged(numbers):
    """Not critical; critical and strict in a class that has points that are not; and such one."""
    G, zero, one = matrix([2, 0], [0, 1]), matrix([0, 0], [0, 0]), matrix([1, 0], [0, 1])
    landscape = DeepLinear(Moments(*(numbers(M) for M in (one, G, G @ G.T))), [2, 2])
    moved = certify(landscape, *map(numbers, (one, one, one / Fraction(3))))
    assert (moved.verdict, moved.found) == (Verdict.REFUTED, None)
    strict = certify(landscape, *map(numbers, (zero, one, zero)))
    assert strict.claim.startswith("strict saddle in the class of PCs none")
    assert strict.witness is not None
    flat = certify(landscape, *map(numbers, (zero, zero, zero)))
    assert flat.claim.endswith("non-strict saddle")
    assert flat.predicted == flat.found == (0, 12, 0)
    assert flat.witness is None
    assert strict.verdict is flat.verdict is Verdict.CERTIFIED


def test_rounding_of_a_hessian_that_is_zero_refutes_nothing():
    """In doubles 0.8 − 0.6 · 4/3 is not 0, and not the same on both sides of the diagonal."""
    G, zeros = matrix([-3, -4]) / Fraction(5), matrix([0, 0])
    last = matrix([0, 0], [Fraction(-4, 3), 1])
    case = DeepPoint(G, (ZERO, matrix([1]), zeros, last))
    assert case.found == (0, 8, 0)
    doubles = [floating(w) for w in case.weights]
    certificate = certify(case.landscape.floating, *doubles)
    assert certificate.verdict is Verdict.CERTIFIED
    assert certificate.claim.endswith("non-strict saddle")


@pytest.mark.parametrize("widths", [[2], [2, 3], [2, 2, 4]], ids=str)
def test_the_escape_of_irrational_data_is_a_swap(widths):
    """In double precision: λ = (3 ± √5)/2, and the loss falls by λ₁ − λ₂ = √5 for r = 1 deep; two
    factors gain a component."""
    landscape = DeepLinear(Moments.auto([[2.0, 1.0], [1.0, 1.0]]), widths)
    critical = next(c for c in landscape.critical_classes() if c.index_set == (1,))
    path = certify(landscape, *critical.weights()).witness
    assert (path.leaves, path.enters) == ((1, 0) if len(widths) > 1 else (None, 0))
    assert path.drop == pytest.approx(5**0.5 if len(widths) > 1 else (3 + 5**0.5) / 2)
    losses = [landscape.loss(*path(t)) for t in np.linspace(0, 1, 9)]
    assert losses[0] - losses[-1] == pytest.approx(path.drop)
    assert losses == sorted(losses, reverse=True)


@pytest.mark.parametrize("size", [1e-17, 1e-12, 1e-6, 1e-4, 1e-2])
def test_small_weights_are_not_critical(size):
    """Five small factors have a gradient of the fourth order: tiny, and far above its rounding. At
    zero it is zero."""
    rng = np.random.default_rng(0)
    landscape = DeepLinear(Moments.auto(np.diag([5.0, 3.0, 1.0])), [2] * 4)
    weights = [size * rng.standard_normal(shape) for shape in landscape.shapes]
    exact = DeepLinear(landscape.moments.exact(), landscape.widths)
    assert any(g.any() for g in exact.gradient(*map(rationals, weights)))
    assert certify(landscape, *weights).verdict is Verdict.REFUTED
    origin = certify(landscape, *(0 * w for w in weights))
    assert origin.verdict is Verdict.CERTIFIED
    assert origin.found == (0, 24, 0)


@pytest.mark.parametrize("unit", [2.0**-40, 1.0, 2.0**40])
def test_rounding_of_a_gradient_beside_a_factor_that_is_zero_refutes_nothing(unit):
    """W₃ = 0 and Sxy orthogonal to W₂ W₁ to rounding, in any unit of the targets."""
    G, one = unit * np.array([[-0.6, -0.8]]), np.eye(2)
    landscape = DeepLinear(Moments(one, G, G @ G.T), [1, 2])
    weights = np.array([[0.0]]), np.array([[0.0, 1.0]]), np.array([[0.0, 0.0], [-4 / 3, 1.0]])
    assert any(g.any() for g in landscape.gradient(*weights))
    assert stationary(landscape, weights)[0] is Verdict.CERTIFIED


def test_weights_below_all_gradients_are_not_certified():
    """A gradient that is no double any more leaves the point open, and no search runs over."""
    rng = np.random.default_rng(0)
    landscape = DeepLinear(Moments.auto(np.diag([5.0, 3.0, 1.0])), [2] * 4)
    weights = [1e-100 * rng.standard_normal(shape) for shape in landscape.shapes]
    assert certify(landscape, *weights).verdict is Verdict.UNDECIDED


def test_spare_blocks_of_a_class_leave_its_map():
    """And its loss; the point is strict: a spare unit passes the second component on."""
    landscape = DeepLinear(Moments.auto(matrix([9, 0], [0, 4])), [2, 2])
    spare = [matrix([0]), matrix([1]), matrix([0])]
    gauge = [matrix([1, 2], [0, 1]), matrix([1, 0], [3, 1])]
    weights = landscape.class_weights((0,), gauge, spare=spare)
    assert np.array_equal(product(weights), matrix([1, 0], [0, 0]))
    place = landscape.place(*weights)
    assert (place.critical.index_set, place.kind) == ((0,), "strict saddle")
    assert landscape.loss(*weights) == 4


def test_there_is_no_escape_to_second_order_from_a_saddle_that_is_not_strict():
    """The zero point of three factors is refused; of two it is left."""
    moments = Moments.auto(rationals([[4, 0], [0, 1]]))
    *_, flat = DeepLinear(moments, [2, 2]).critical_classes()
    with pytest.raises(ValueError, match=r"Need a strict saddle to escape from\. Got a non-strict"):
        escape(flat)
    *_, mean = DeepLinear(moments, [2]).critical_classes()
    assert escape(mean).drop == 4


def test_bad_networks_are_refused():
    """No hidden layer, complex data, blocks that are not critical."""
    moments = Moments.auto(np.eye(2))
    with pytest.raises(ValueError, match="one hidden layer"):
        DeepLinear(moments, [])
    with pytest.raises(ValueError, match="Need real moments"):
        DeepLinear(Moments.auto(np.array([[2, 1j], [-1j, 2]])), [1])
    deep = DeepLinear(Moments.auto(rationals([[1, 0], [0, 1]])), [2])
    one = rationals([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="spare blocks of a critical point"):
        deep.class_weights((), spare=[one, 2 * one])
