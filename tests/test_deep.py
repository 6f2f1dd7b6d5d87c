"""Deep linear networks: the rule of two blocks, and the tempting rules that fail."""

import numpy as np
import pytest

from linae import Moments, Verdict, certify
from linae.exact import rank, rationals
from linae.landscapes.deep import DeepLinear, product
from proofs.deep import DeepPoint


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


@pytest.mark.parametrize("factors", [2, 3, 4])
def test_descent_from_the_origin_has_the_order_of_the_depth(factors):
    """On the line through the best direction F = ‖G‖² − 2σ₁ N^(−N/2) tᴺ + N^(−N) t²ᴺ."""
    landscape = DeepLinear(Moments.auto(np.diag([4.0, 1.0])), [2] * (factors - 1))
    e = np.array([[1.0], [0.0]])
    weights = [e @ e.T / factors**0.5] * factors
    for t in (0.1, 0.5, 1.0):
        value = landscape.loss(*(t * w for w in weights))
        scale = factors ** (-factors / 2) * t**factors
        assert value == pytest.approx(5 - 2 * 4 * scale + 4 * scale**2)
    assert product(weights)[0, 0] == pytest.approx(factors ** (-factors / 2))


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
