"""Sparse codes of given dictionaries, against scikit-learn, their bounds and brute force."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from sklearn.decomposition import PCA, SparsePCA, sparse_encode
from sklearn.linear_model import Lasso

from linae.exact import rationals
from linae.sparse import (
    curvature,
    duality_gap,
    fista,
    ista,
    k_sparse,
    objective,
    soft_threshold,
)
from proofs.sparse_coding import example

ALPHA = 1.2


def dictionary(rng, n=6, p=9):
    """Columns of norm 1."""
    A = rng.normal(size=(n, p))
    return A / np.linalg.norm(A, axis=0)


def orthonormal(rng, n, p):
    return np.linalg.qr(rng.normal(size=(n, p)))[0]


@pytest.mark.parametrize("alpha", [0.05, 0.4, 1.5])
def test_codes_are_those_of_scikit_learn(alpha):
    """Lasso has ‖x − A h‖²/2n + (α/2n) ‖h‖₁, and so has sparse_encode without 1/n; to 10⁻⁶."""
    rng = np.random.default_rng(0)
    A, X = dictionary(rng, 8, 6), rng.normal(size=(8, 4))
    run = fista(A, X, alpha, iterations=3000)
    for x, h in zip(X.T, run.codes.T, strict=True):
        lasso = Lasso(alpha=alpha / 16, fit_intercept=False, tol=1e-12, max_iter=100_000)
        np.testing.assert_allclose(h, lasso.fit(A, x).coef_, rtol=0, atol=1e-6)
    coded = sparse_encode(X.T, A.T, algorithm="lasso_lars", alpha=alpha / 2)
    np.testing.assert_allclose(run.codes.T, coded, rtol=0, atol=1e-6)


def test_an_orthonormal_decoder_needs_one_step():
    """ISTA ends at the soft threshold; scikit-learn's coordinate descent is there, too."""
    rng = np.random.default_rng(1)
    A, X = orthonormal(rng, 7, 4), rng.normal(size=(7, 5))
    best = soft_threshold(A.T @ X, ALPHA / 2)
    run = ista(A, X, ALPHA, iterations=1)
    np.testing.assert_allclose(run.codes, best, rtol=0, atol=1e-14)
    assert np.all(run.gap < 1e-13)
    coded = sparse_encode(X.T, A.T, algorithm="lasso_cd", alpha=ALPHA / 2)
    np.testing.assert_allclose(coded.T, best, rtol=0, atol=1e-4)


def test_the_gap_is_a_bound_all_the_way():
    """Of each sample and each iteration; 10⁻¹² is rounding, of objectives of order 1."""
    rng = np.random.default_rng(2)
    A, X = dictionary(rng), rng.normal(size=(6, 8))
    best = fista(A, X, ALPHA, iterations=5000)
    assert np.all(best.gap < 1e-12)
    for k in (0, 1, 5, 30, 200):
        run = ista(A, X, ALPHA, iterations=k)
        excess = run.objective - best.objective
        assert np.all(excess <= run.gap + 1e-12)
        np.testing.assert_allclose(objective(A, X, run.codes, ALPHA), run.objective, rtol=1e-14)


@pytest.mark.parametrize(
    ("instance", "alpha", "slow_lacks", "fast_lacks"),
    [("close bumps", 0.1, 0.243, 0.0121), ("random columns", 0.3, 2.8e-4, 2.8e-7)],
)
def test_the_rates_are_kept_for_400_iterations(instance, alpha, slow_lacks, fast_lacks):
    """And at 100 iterations FISTA is ahead, by a factor of 20 or of 1000; the best code has no gap,
    but for rounding."""
    rng = np.random.default_rng(3)
    A, x = example() if instance == "close bumps" else (dictionary(rng), rng.normal(size=6))
    best = fista(A, x, alpha, iterations=20_000)
    assert best.gap < 2e-14
    k, reach = np.arange(1, 401), curvature(A) * (best.codes**2).sum()
    slow, fast = (
        run(A, x, alpha, iterations=400).objectives[1:] - best.objective for run in (ista, fista)
    )
    assert np.all(slow <= reach / (2 * k))
    assert np.all(fast <= 2 * reach / (k + 1) ** 2)
    assert slow[99] == pytest.approx(slow_lacks, rel=0.02)
    assert fast[99] == pytest.approx(fast_lacks, rel=0.02)


def test_a_code_says_how_good_it_is():
    """In one line."""
    run = fista(np.eye(2), np.array([3.0, -0.25]), 1, iterations=2)
    assert str(run) == "objective 2.8125, at most 0 too much, 2 iterations"
    with pytest.raises(AttributeError):
        run.gap = 0


def test_momentum_is_that_of_its_proof():
    """One column, h* = 256: steps of 1/8 leave 3/4 of the error, and its share by hand after three
    is 3/4 (9/16 + (9/16 − 3/4)/4) = 99/256, without momentum 27/64."""
    A, x = rationals([[1]]), rationals([257])
    for run, left in ((fista, 99), (ista, 108)):
        assert run(A, x, 2, iterations=3, lipschitz=8).codes == 256 - left


def test_rational_codes_are_rational():
    """One column, h* = 5/2 after one step, with no gap."""
    run = ista(rationals([[1], [1]]), rationals([2, 4]), 2, iterations=1)
    assert (run.codes.tolist(), run.objective, run.gap) == ([5 / 2], 15 / 2, 0)
    assert {type(x) for x in (*run.codes, run.objective, run.gap)} == {Fraction}


def least_error(A, x, k):
    """Over all sets of k columns, by least squares."""
    sets = (A[:, list(s)] for s in combinations(range(A.shape[1]), k))
    return min(((x - M @ np.linalg.lstsq(M, x, rcond=None)[0]) ** 2).sum() for M in sets)


def test_one_column_is_chosen_well_and_two_are_not():
    """Unit columns, 6 × 9: the largest is best in 300 of 300 draws, to rounding; of two, even with
    values fitted again, about five in six of them have a better pair."""
    rng, worse = np.random.default_rng(8), 0
    for draw in range(300):
        A, x = dictionary(rng), rng.normal(size=6)
        one = ((x - A @ k_sparse(A, x, 1)) ** 2).sum()
        assert one == pytest.approx(least_error(A, x, 1), rel=1e-12)
        if draw < 100:
            pair = A[:, k_sparse(A, x, 2) != 0]
            assert pair.shape == (6, 2)
            worse += least_error(pair, x, 2) > least_error(A, x, 2) + 1e-9
    assert 70 <= worse <= 95


def test_the_two_largest_are_the_wrong_pair_in_84_percent():
    """Of 10,000 random dictionaries of 6 × 9, by Cramer's rule for every pair; three standard
    errors are one percent."""
    rng, pairs = np.random.default_rng(1), np.array(list(combinations(range(9), 2))).T
    A = rng.normal(size=(10_000, 6, 9))
    A, x = A / np.linalg.norm(A, axis=1, keepdims=True), rng.normal(size=(10_000, 6))
    z = np.einsum("kij,ki->kj", A, x)
    a, b = z[:, pairs].transpose(1, 0, 2)
    cosines = (A[:, :, pairs[0]] * A[:, :, pairs[1]]).sum(axis=1)
    explained = (a * a + b * b - 2 * a * b * cosines) / (1 - cosines**2)
    largest = (np.minimum(abs(a), abs(b)) >= np.sort(abs(z))[:, [-2]]) @ np.arange(36)
    chosen = explained[np.arange(10_000), largest]
    assert (chosen < explained.max(axis=1) - 1e-9).mean() == pytest.approx(0.84, abs=0.011)
    for k in range(20):
        error = (x[k] ** 2).sum() - explained[k]
        assert least_error(A[k], x[k], 2) == pytest.approx(error.min())
        kept = np.flatnonzero(k_sparse(A[k], x[k], 2))
        assert np.array_equal(kept, pairs[:, largest[k]])


def test_the_largest_entries_are_kept():
    """Signs do not count; of equal ones the first."""
    x = np.array([1.0, -3.0, 3.0, 2.0])
    assert k_sparse(np.eye(4), x, 1).tolist() == [0, -3, 0, 0]
    assert k_sparse(np.eye(4), x, 3).tolist() == [0, -3, 3, 2]
    assert not k_sparse(np.eye(4), x, 0).any()


def test_sparse_pca_without_its_penalty_has_the_components():
    """scikit-learn's, of weight 10⁻⁹, has the span of PCA; with weight 2 its directions have
    zeros, which those of PCA have not."""
    rng = np.random.default_rng(9)
    X = rng.normal(size=(80, 4)) * np.array([3, 2, 0.3, 0.2]) @ orthonormal(rng, 4, 4)
    X = X - X.mean(0)
    components = PCA(2).fit(X).components_
    free, strict = (
        SparsePCA(2, alpha=alpha, ridge_alpha=1e-9, random_state=0, max_iter=200).fit(X)
        for alpha in (1e-9, 2)
    )
    outside = free.components_ - free.components_ @ components.T @ components
    assert abs(outside).max() < 1e-3
    assert not np.any(components == 0)
    assert np.any(strict.components_ == 0)


def test_sparse_pca_without_its_penalty_has_no_more_than_the_span():
    """Of AᵀA = 1 and ‖x − A B x‖² + ‖B‖²: S = diag(2, 1), turned, is as good, and has no
    component among the rows of B."""
    S, best = rationals(np.diag([2, 1])), rationals([["2/3", 0], [0, "1/2"]])
    one, turn = rationals(np.eye(2, dtype=int)), rationals([["3/5", "4/5"], ["-4/5", "3/5"]])
    losses = []
    for A in (one, turn):
        B = A.T @ best
        E = one - A @ B
        losses.append((E @ S @ E.T).trace() + (B * B).sum())
    assert losses[0] == losses[1]
    assert np.all(turn.T @ best != 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda A, x: ista(A, x, 0, iterations=1), "Need alpha > 0. Got 0.0."),
        (lambda A, x: fista(A, x, -1.5, iterations=1), "Need alpha > 0. Got -1.5."),
        (lambda A, x: k_sparse(A, x, 3), "Need 0 <= k <= 2. Got k = 3."),
        (lambda A, x: k_sparse(A, x, -1), "Need 0 <= k <= 2. Got k = -1."),
    ],
)
def test_bad_input_is_named(call, words):
    """What is needed, and what was given."""
    with pytest.raises(ValueError, match="Need") as refusal:
        call(np.eye(2), np.ones(2))
    assert str(refusal.value) == words


def test_no_columns_that_show_anything_have_the_code_0():
    """A = 0: no step, no gap."""
    run = fista(np.zeros((2, 1)), np.ones(2), 1, iterations=2)
    assert (run.codes.tolist(), run.gap, run.objective) == ([0], 0, 2)
    assert duality_gap(np.zeros((2, 1)), np.ones(2), np.ones(1), 1) == 1
