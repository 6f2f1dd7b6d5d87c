"""Descent rests at the critical values that the theory names, for as long as it says."""

import numpy as np
import pytest

from linae import Moments, SquaredLoss, descend, predicted_rests, rests
from linae.rests import nearest


def aligned(sigmas, width, size):
    """A whitened landscape with these singular values, and a small aligned balanced start."""
    G = np.diag(np.array(sigmas, float))
    landscape = SquaredLoss(Moments(np.eye(len(G)), G, G @ G), width)
    A = np.zeros((len(G), width))
    np.fill_diagonal(A, size)
    return landscape, A, A.T.copy()


def test_saddles_are_visited_in_order_for_the_predicted_times():
    """σ = 4, 2, 1: rests at 21, 5, 1 and the minimum 0, between the half-times."""
    landscape, A, B = aligned([4, 2, 1], 3, 1e-4)
    (found,) = rests(descend(landscape, A, B, step=1e-3, steps=12000), landscape)
    predicted = predicted_rests(landscape, A, B)
    assert [rest.value for rest in found] == pytest.approx([21, 5, 1, 0])
    assert [rest.value for rest in predicted] == pytest.approx([21, 5, 1, 0])
    assert [rest.classes[0] for rest in found] == [(), (0,), (0, 1), (0, 1, 2)]
    for seen, told in zip(found[:-1], predicted[:-1], strict=True):
        assert seen.end == pytest.approx(told.end, rel=0.02)
        assert seen.duration == pytest.approx(told.duration, rel=0.04)
    assert found[-1].end == np.inf


def test_a_shared_critical_value_names_all_its_classes():
    """λ = 9, 4, 5 … 9 = 4 + 5: the loss alone cannot tell {9} from {5, 4}."""
    S = np.diag([9.0, 5.0, 4.0])
    landscape = SquaredLoss(Moments.auto(S), 2)
    saddle = next(c for c in landscape.critical_classes() if c.index_set == (0,))
    (found,) = rests(descend(landscape, *saddle.weights(), steps=50), landscape)
    assert set(found[0].classes) == {(0,), (1, 2)}


def test_the_record_has_the_nearest_class_and_the_balance():
    """Flow conserves AᵀA − BBᵀ; descent of step η changes it by O(η) in all."""
    landscape, A, B = aligned([2, 1], 1, 0.1)
    classes = list(landscape.critical_classes())
    coarse, fine = (descend(landscape, A, 2 * B, step=s, steps=int(5 / s)) for s in (1e-2, 1e-3))
    drift = [abs(run.imbalances - run.imbalances[0]).max() for run in (coarse, fine)]
    assert drift[1] < drift[0] / 5
    assert nearest(fine, classes)[0, 0] == len(classes) - 1
    assert nearest(fine, classes)[-1, 0] == 0


def test_a_start_can_be_drawn():
    """From a generator, reproducibly; without one the need is said."""
    landscape, *_ = aligned([2, 1], 1, 0.1)
    runs = [descend(landscape, rng=np.random.default_rng(3), steps=5) for _ in range(2)]
    assert (runs[0].losses == runs[1].losses).all()
    assert runs[0].imbalances.shape == runs[0].losses.shape
    with pytest.raises(ValueError, match="or rng to draw them"):
        descend(landscape)
