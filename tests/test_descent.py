"""Gradient descent: what one step does, where runs end, and which saddles they pause at."""

import numpy as np
import pytest

from linae import Moments, SquaredLoss, descend
from linae.data import iris
from linae.departures import _outcomes, departures, leave
from linae.descent import Descent
from linae.landscapes.tied import TiedWeights
from linae.table import read_table


def iris_landscape():
    return SquaredLoss(Moments.from_data(read_table(iris()).values), width=2)


def random_data(rows, columns, seed=1):
    return np.random.default_rng(seed).standard_normal((rows, columns))


X = random_data(30, 5)
Y = X @ random_data(5, 3, seed=3) + 0.1 * random_data(30, 3, seed=2)

MOMENTS = {
    "iris": lambda: iris_landscape().moments,
    "targets": lambda: Moments.from_data(X * [1, 10, 0.1, 1, 1], Y),
    "complex": lambda: Moments.from_data(X + 1j * random_data(30, 5, seed=4)),
    "ties": lambda: Moments.auto(np.diag([3.0, 3.0, 1.0])),
    "few samples": lambda: Moments.from_data(random_data(6, 10)),
    "small unit": lambda: Moments.from_data(X * 1e-8),
    "large unit": lambda: Moments.from_data(X * 1e8),
    "exact": lambda: Moments.auto(np.diag([5, 3, 1]).astype(object)),
    "constant": lambda: Moments.from_data(np.ones((4, 3))),
    "unrelated": lambda: Moments(np.eye(3), np.zeros((2, 3)), np.eye(2)),
}


def problem(name):
    """A landscape of each sort."""
    return SquaredLoss(MOMENTS[name](), width=2)


@pytest.mark.parametrize("name", MOMENTS)
def test_descent_leaves_every_saddle_and_stays_at_the_global_minimum(name):
    """From a small step off each class it ends at the least critical value, never below it."""
    landscape = problem(name)
    classes = list(landscape.critical_classes())
    run = leave(landscape, classes, rng=np.random.default_rng(0), steps=5000)
    least, total = float(classes[0].loss), float(landscape.moments.total)
    assert run.losses[-1] == pytest.approx(least, abs=1e-9 * total)
    assert (run.losses >= least - 1e-12 * total).all()


@pytest.mark.parametrize("name", MOMENTS)
def test_the_loss_never_rises_by_more_than_rounding(name):
    """With the default step."""
    landscape = problem(name)
    classes = list(landscape.critical_classes())
    run = leave(landscape, classes, rng=np.random.default_rng(1), steps=2000)
    assert (np.diff(run.losses, axis=0) <= 1e-9 * run.losses[0] + 1e-300).all()


def test_descent_ends_at_the_global_minimum_where_there_are_more_units_than_components():
    """Width 7, five components: loss zero."""
    landscape = SquaredLoss(Moments.from_data(random_data(30, 5)), width=7)
    run = leave(landscape, list(landscape.critical_classes()), rng=np.random.default_rng(0))
    assert run.reason == "converged"
    assert run.losses[-1].max() < 1e-15


def test_a_step_changes_the_balance_by_the_square_of_the_step_size():
    """Δ(AᵀA − BBᵀ) = η² (∇Aᵀ∇A − ∇B∇Bᵀ), whatever Sxx: the terms in η cancel."""
    landscape, eta = problem("targets"), 1e-3
    A, B = random_data(3, 2), random_data(2, 5)
    run = descend(landscape, A, B, step=eta, steps=1)
    (gA, gB), (C, D) = landscape.gradient(A, B), run.weights
    change = (C.T @ C - D @ D.T) - (A.T @ A - B @ B.T)
    assert change == pytest.approx(eta**2 * (gA.T @ gA - gB @ gB.T), abs=1e-12)


def test_momentum_adds_a_share_of_the_last_change():
    """Two steps by hand."""
    landscape, eta, share = problem("ties"), 0.01, 0.5
    start = (random_data(3, 2), random_data(2, 3))
    first = [w - eta * g for w, g in zip(start, landscape.gradient(*start), strict=True)]
    slope = landscape.gradient(*first)
    second = [w - eta * g + share * (w - v) for w, g, v in zip(first, slope, start, strict=True)]
    run = descend(landscape, *start, step=eta, momentum=share, steps=2)
    for found, expected in zip(run.weights, second, strict=True):
        assert found == pytest.approx(expected)


def test_momentum_gets_there_sooner():
    """On iris, whose flattest direction is a hundred times flatter than its steepest."""
    landscape = iris_landscape().whitened
    start = (random_data(4, 2), random_data(2, 4))
    plain, heavy = (descend(landscape, *start, momentum=share) for share in (0.0, 0.9))
    assert heavy.steps < plain.steps / 2
    assert heavy.losses[-1] == pytest.approx(plain.losses[-1])


def test_a_batch_is_its_runs_side_by_side():
    """Same losses as alone, as long as the run alone goes on."""
    landscape = problem("targets")
    A, B = random_data(3 * 4, 2).reshape(4, 3, 2), random_data(2 * 4, 5).reshape(4, 2, 5)
    batch = descend(landscape, A, B, step=1e-3, steps=300)
    for k in range(4):
        alone = descend(landscape, A[k], B[k], step=1e-3, steps=300)
        assert batch.losses[:, k] == pytest.approx(alone.losses[:, 0])
        assert batch.weights[0][k] == pytest.approx(alone.weights[0])


def test_the_default_step_copes_with_an_unbalanced_start():
    """Curvature at the start is 10⁸ times that of the flattest minimum."""
    landscape = problem("ties")
    A, B = next(landscape.critical_classes()).weights(gauge=np.diag([1e4, 1.0]))
    run = descend(landscape, A + 1e-3, B, steps=100)
    assert np.isfinite(run.losses).all()
    assert run.losses[-1] <= run.losses[0]


def test_too_long_a_given_step_diverges_without_a_warning():
    """It is kept as given; the reason says what became of it."""
    run = descend(problem("ties"), random_data(3, 2), random_data(2, 3), step=10.0)
    assert run.reason == "diverged"
    assert not run.converged.any()


def test_a_critical_point_does_not_move():
    """Exact weights of an exact landscape, in double precision: no step is taken."""
    landscape = problem("exact")
    saddle = list(landscape.critical_classes())[3]
    run = descend(landscape, *saddle.weights())
    assert run.steps == 0
    assert run.losses[-1] == float(saddle.loss)


def test_the_step_is_halved_where_it_is_too_long():
    """Tied weights are twice as sharp as the squared loss at its flattest minimum."""
    landscape = TiedWeights(Moments.auto(np.diag([3.0, 2.0, 1.0])), 2)
    run = descend(landscape, 0.1 * random_data(3, 2))
    assert run.losses[-1] == pytest.approx(1.0)
    assert (np.diff(run.losses[:, 0]) <= 1e-9).all()
    assert run.step < 1 / 12  # 1 / (4 λ₁)
    assert run.weights[0].shape == (3, 2)


def test_the_step_budget_is_kept_and_told():
    """Steps are counted without the start."""
    run = descend(iris_landscape(), random_data(4, 2), random_data(2, 4), steps=7)
    assert (run.steps, run.reason) == (7, "step budget")
    assert run.losses.shape == run.gradients.shape == (8, 1)


def drawn(losses, gradients):
    """A descent of one start with a given history."""
    columns = (np.array(history, dtype=float)[:, None] for history in (losses, gradients))
    still = np.zeros((len(losses), 1))
    return Descent((), *columns, still, np.array([True]), "converged", np.ones(1))


@pytest.mark.parametrize(
    ("losses", "gradients", "pauses"),
    [
        ([9, 5, 5, 1], [1, 0.01, 2, 0], [1]),  # one dip, at 5
        ([9, 5, 5, 1], [1, 0.5, 2, 0], []),  # not deep enough
        ([9, 6, 6, 1], [1, 0.01, 2, 0], []),  # not at a critical value
        ([9, 9, 9, 1], [1, 0.01, 2, 0], []),  # where it started
        ([9, 5, 5, 5, 1], [1, 0.01, 2, 0.01, 3], [1]),  # twice at the same value
        ([9, 5, 5, 3, 3, 1], [1, 0.01, 2, 0.01, 3, 0], [1, 2]),  # two, in order
    ],
)
def test_a_pause_is_a_deep_dip_of_the_gradient_at_another_critical_value(losses, gradients, pauses):
    """Critical values 9, 5, 3, 1."""
    assert drawn(losses, gradients).pauses([9, 5, 3, 1], within=0.1) == [pauses]


def test_on_iris_descent_pauses_where_the_worst_component_was_swapped_for_the_best():
    """From PCs 3 4 at PCs 1 3, from 3 at 1 3, from 4 at 1 4, from the origin at 1; whatever the
    random step was."""
    landscape = iris_landscape()
    classes = list(landscape.critical_classes())
    place = {float(c.loss): c.index_set for c in classes}
    expected = {(2, 3): [(0, 2)], (2,): [(0, 2)], (3,): [(0, 3)], (): [(0,)]}
    for seed in range(3):
        found = departures(landscape, classes, seed=seed)
        for c, outcome in zip(classes, found.outcomes, strict=True):
            assert [place[x] for x in outcome.pauses] == expected.get(c.index_set, [])
            assert outcome.place == "global minimum"


def test_classes_of_equal_loss_are_one_critical_value():
    """λ = 12, 6, 3, 2, 1: PCs 1 4 5 and PCs 1 3 leave out 9, to rounding; descent from PCs 4 5
    pauses there."""
    landscape = SquaredLoss(Moments.auto(np.diag([12.0, 6.0, 3.0, 2.0, 1.0])), width=3)
    classes = list(landscape.critical_classes())
    losses = {c.index_set: float(c.loss) for c in classes}
    assert losses[0, 3, 4] == pytest.approx(losses[0, 2]) == 9
    outcomes = dict(zip(losses, departures(landscape, classes).outcomes, strict=True))
    assert outcomes[3, 4].pauses[:1] == pytest.approx((9,))


def test_a_pause_far_from_every_critical_value_is_not_reported():
    """A tenth of the way to the next value is near; from 5, 4 is far from 1, 4.7 is near."""
    critical = np.array([1.0, 5.0, 9.0])
    for loss, pauses in ((4.0, ()), (4.7, (5.0,))):
        (outcome,) = _outcomes(drawn([9, loss, loss, 1], [1, 0.01, 2, 0]), critical, 9.0, ends=True)
        assert outcome == (1.0, pauses, "global minimum")


@pytest.mark.parametrize(("gap", "place"), [(4e-3, "step budget"), (1e-6, "elsewhere")])
def test_what_does_not_arrive_is_told(gap, place):
    """Two eigenvalues that nearly tie: descent is too slow, or hardly moves at all."""
    landscape = SquaredLoss(Moments.auto(np.diag([1.0, 1.0 - gap])), width=1)
    found = departures(landscape, list(landscape.critical_classes()))
    assert [outcome.place for outcome in found.outcomes][:2] == ["global minimum", place]
