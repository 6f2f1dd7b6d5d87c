"""Recurrences: exact recall, what truncation costs, Hankel matrices, and Ho and Kalman."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.linalg import hankel as scalar_hankel
from scipy.optimize import minimize
from scipy.signal import lfilter

from linae import calculus
from linae.exact import rationals
from linae.recurrent import (
    Memory,
    Recurrence,
    causal_convolution,
    hankel,
    histories,
    ho_kalman,
    memory_bound,
    one_step_loss,
    perfect_memory,
    truncated_memory,
)


def test_whole_numbers_are_not_rounded():
    """States ½ and ¾ of ones, of doubles and of fractions; pasts of integers are recalled."""
    ones = np.array([[1], [1]])
    for half, unit in (
        (np.array([[0.5]]), np.array([[1.0]])),
        (rationals([["1/2"]]), rationals([[1]])),
    ):
        model = Recurrence(half, half, unit)
        assert model.states(ones).ravel().tolist() == [0.5, 0.75]
        assert causal_convolution([half], ones).ravel().tolist() == [0.5, 0.5]
    X = np.array([[2], [3]])
    assert perfect_memory(X).error(X) < 1e-25


def inputs(T, m, seed=2):
    return np.random.default_rng(seed).standard_normal((T, m))


def test_the_whole_past_is_recalled():
    """In double precision: 6 inputs of 2 numbers, from the last state alone; one step decodes. What
    is left is rounding."""
    X = inputs(6, 2)
    memory = perfect_memory(X)
    U, states = memory.basis, memory.model.states(X)
    np.testing.assert_allclose(U.T @ U, np.eye(U.shape[1]), rtol=0, atol=1e-13)
    np.testing.assert_allclose(memory.model.C[:2], memory.model.A.T, rtol=0, atol=1e-13)
    np.testing.assert_allclose(memory.model.C[2:], memory.model.B.T, rtol=0, atol=1e-13)
    both = np.concatenate([X[1:], states[:-1]], axis=1)
    np.testing.assert_allclose(states[1:] @ memory.model.C.T, both, rtol=0, atol=7e-15)
    np.testing.assert_allclose(memory.unrolled(states[-1], 6), X[::-1], rtol=0, atol=2e-14)


def optimised(X, p):
    """The least error of recalled pasts, from the truncated recurrence, over A, B and D."""
    T, m = X.shape
    start = truncated_memory(X, p)
    shapes = [(p, m), (p, p), (T * m, p)]
    cuts = np.cumsum([a * b for a, b in shapes])[:-1]

    def error(vector):
        A, B, D = (v.reshape(s) for v, s in zip(np.split(vector, cuts), shapes, strict=True))
        return Memory(Recurrence(A, B, D), D).error(X)

    first = np.concatenate([start.model.A.ravel(), start.model.B.ravel(), start.basis.ravel()])
    return error(first), minimize(error, first, method="BFGS", options={"maxiter": 60}).fun


@pytest.mark.parametrize("p", [1, 2, 3])
def test_truncation_is_above_the_bound_and_not_the_best(p):
    """Bound < optimised < truncated, by a search that only sees values."""
    X = inputs(5, 1)
    truncated, best = optimised(X, p)
    assert memory_bound(X, p) <= best * (1 + 1e-9)
    assert best < truncated * (1 - 1e-4)
    assert truncated == pytest.approx(truncated_memory(X, p).error(X))


def recurrence_search(X, model, targets):
    """Over A and B, with the best decoder of targets(previous states), by slopes that run back
    through time: the first value, the last one, and the last states."""
    (T, m), p = X.shape, len(model.B)

    def parts(vector):
        A, B = vector[: p * m].reshape(p, m), vector[p * m :].reshape(p, p)
        Y = Recurrence(A, B, A).states(X)
        before = np.concatenate([np.zeros((1, p)), Y[:-1]])
        aims = targets(before)
        decoder = np.linalg.lstsq(Y, aims, rcond=None)[0]
        return Y, B, before, decoder, Y @ decoder - aims

    def price(vector):
        _, B, before, decoder, error = parts(vector)
        slopes = 2 * error @ decoder.T
        if error.shape[1] == m + p:  # the states before are targets, too
            slopes[:-1] -= 2 * error[1:, m:]
        for t in range(T - 2, -1, -1):
            slopes[t] += slopes[t + 1] @ B
        return (error**2).sum(), np.concatenate(
            [(slopes.T @ X).ravel(), (slopes.T @ before).ravel()]
        )

    start = np.concatenate([model.A.ravel(), model.B.ravel()])
    end = minimize(price, start, jac=True, options={"gtol": 1e-9, "maxiter": 500})
    return price(start)[0], end.fun, parts(end.x)[0]


@pytest.mark.parametrize("p", [3, 7, 11])
def test_a_search_of_twelve_pasts_is_between_bound_and_truncation(p):
    """12 inputs of 2 numbers: the best recurrence is some percent better than leading singular
    vectors, even with their best decoder. One state less than pasts reaches the bound, fewer do
    not."""
    X = inputs(12, 2)
    bound, truncated = memory_bound(X, p), truncated_memory(X, p)
    first, best, _ = recurrence_search(X, truncated.model, lambda before: histories(X))
    if p == 11:
        assert best == pytest.approx(bound, rel=1e-12)
        assert first > 1.0005 * best
    else:
        assert 1.02 * bound < best < 0.95 * first
    assert truncated.error(X) > first


def test_a_better_loss_of_one_step_is_a_worse_memory():
    """From the seven leading singular vectors of 12 pasts the loss of one step falls from 1.7, with
    the best decoder, to nothing; what the states know of the past falls with it."""
    X, Xi = inputs(12, 2), histories(inputs(12, 2))
    model = truncated_memory(X, 7).model

    def forgotten(states):
        return np.linalg.lstsq(states, Xi, rcond=None)[1].sum()

    first, last, states = recurrence_search(X, model, lambda before: np.hstack([X, before]))
    assert one_step_loss(model, X) > first > 1
    assert last < 1e-6
    assert forgotten(states) > 1.3 * forgotten(model.states(X))


def test_the_smallest_truncation_that_loses_more_than_it_must():
    """x = 2, 3 and one state: 129/125 with the leading singular vector, 1 with B = 1/2; exactly.
    Nor is the former critical: the error changes with B at once."""
    X = rationals([[2], [3]])
    U = rationals([[2], [1]])  # times 1/√5; scaled so that D = U
    R = rationals([[0, 0], [1, 0]])
    cut = Memory(Recurrence(U[:1].T / 5, U.T @ R @ U / 5, U), U)
    better = Memory(Recurrence(cut.model.A, rationals([["1/2"]]), U), U)
    assert cut.error(X) == Fraction(129, 125)
    assert better.error(X) == 1

    def error(B):
        return Memory(Recurrence(cut.model.A, B, U), U).error(X)

    assert calculus.gradient(error, (cut.model.B,), 2).any()
    assert not calculus.gradient(error, (better.model.B,), 2).any()
    assert memory_bound(X, 1) == pytest.approx(1)
    assert truncated_memory(X, 1).error(X.astype(float)) == pytest.approx(129 / 125)


def test_truncation_may_lose_no_more_than_it_must():
    """An impulse of three steps: its pasts are orthogonal, and states e₁, e₂ hand on what they
    know."""
    X = rationals([[1], [0], [0]])
    U = rationals([[1, 0], [0, 1], [0, 0]])
    R = np.eye(3, k=-1).astype(int)
    memory = Memory(Recurrence(U.T[:, :1], U.T @ R @ U, U), U)
    assert memory.error(X) == 1
    assert memory_bound(X, 2) == pytest.approx(1)


def test_the_loss_of_one_step_is_degenerate():
    """A = c, B = 0: the loss is c² times a constant, and all but the last input is forgotten; the
    perfect memory has the loss 0, and a lower loss than it had is no better memory."""
    X = inputs(8, 2)
    losses = []
    for c in (1.0, 0.1, 0.01):
        A = np.concatenate([c * np.eye(2), np.zeros((1, 2))])
        C = np.zeros((5, 3))
        C[:2, :2] = np.eye(2) / c
        model = Recurrence(A, np.zeros((3, 3)), C)
        losses.append(one_step_loss(model, X))
        assert Memory(model, np.zeros((16, 3))).error(X) == pytest.approx((histories(X) ** 2).sum())
    np.testing.assert_allclose(losses, losses[0] * np.array([1, 1e-2, 1e-4]), rtol=1e-12)
    assert losses[0] == pytest.approx((X[:-1] ** 2).sum())
    assert one_step_loss(perfect_memory(X).model, X) == pytest.approx(0, abs=1e-20)


def test_a_recurrence_is_a_causal_convolution():
    """Against SciPy's recursive filter: two states, y_t = x_t + 0.9 y_{t−1} − 0.2 y_{t−2}."""
    x = inputs(30, 1)
    B = np.array([[0.9, -0.2], [1.0, 0.0]])
    model = Recurrence(np.array([[1.0], [0.0]]), B, np.array([[1.0, 0.0]]))
    filtered = lfilter([1.0], [1.0, -0.9, 0.2], x[:, 0])
    np.testing.assert_allclose(model.outputs(x)[:, 0], filtered, rtol=0, atol=2e-15)
    np.testing.assert_allclose(
        causal_convolution(model.kernel(30), x)[:, 0], filtered, rtol=0, atol=2e-15
    )
    impulse = lfilter([1.0], [1.0, -0.9, 0.2], np.eye(30)[0])
    H = hankel(model.kernel(12), 5, 5)
    np.testing.assert_allclose(H, scalar_hankel(impulse[:5], impulse[4:9]), rtol=0, atol=1e-15)
    assert np.linalg.svd(H, compute_uv=False)[2] < 1e-15
    found = ho_kalman(model.kernel(12), 5, 5)
    assert found.B.shape == (2, 2)
    np.testing.assert_allclose(np.ravel(found.kernel(30)), impulse, rtol=0, atol=2e-15)
    poles = np.sort(np.linalg.eigvals(found.B).real)
    np.testing.assert_allclose(poles, [0.4, 0.5], rtol=0, atol=1e-14)


def test_three_states_leave_three_singular_values():
    """Of a 4 × 4 Hankel matrix of size 0.1: the third is below 0.001, the fourth is rounding. To
    16 places Ho and Kalman find the kernel again, and its convolution is the recurrence."""
    rng = np.random.default_rng(11)
    A, B, C = (rng.standard_normal(shape) / 3 for shape in ((3, 1), (3, 3), (1, 3)))
    model, X = Recurrence(A, B, C), rng.standard_normal((10, 1))
    kernel = [C @ np.linalg.matrix_power(B, j) @ A for j in range(12)]
    values = np.linalg.svd(scalar_hankel(np.ravel(kernel[:4]), np.ravel(kernel[3:7])))[1]
    assert values[0] > 0.1 > 0.001 > values[2] > 1e-4 > 1e-17 > values[3]
    found = ho_kalman(kernel, 4, 4)
    assert found.B.shape == (3, 3)
    np.testing.assert_allclose(found.kernel(12), kernel, rtol=0, atol=1e-16)
    np.testing.assert_allclose(model.outputs(X), causal_convolution(kernel, X), rtol=0, atol=1e-16)


def test_a_finite_section_of_low_rank_is_not_enough():
    """0, 0, 1: the 2 × 2 Hankel matrix has rank 1, but no single state has this kernel."""
    kernel = [rationals([[k]]) for k in (0, 0, 1, 0, 0, 0)]
    short, whole = ho_kalman(kernel, 2, 2), ho_kalman(kernel, 3, 3)
    assert (len(short.B), len(whole.B)) == (1, 3)
    assert not np.array_equal(short.kernel(6), kernel)
    assert np.array_equal(whole.kernel(6), kernel)
    with pytest.raises(ValueError, match="Need 7 terms"):
        hankel(kernel, 4, 4)
