"""Supervision: what each task learns is what scikit-learn and SciPy find in their own ways."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from scipy.linalg import eigh, subspace_angles
from scipy.optimize import minimize
from sklearn.cross_decomposition import CCA, PLSSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression

from linae import Inertia, Moments, Spectrum, SquaredLoss
from linae.calculus import hessian
from linae.data import iris
from linae.exact import is_exact, rationals
from linae.supervision import (
    TASKS,
    blind_spot,
    bottleneck,
    cca,
    denoise,
    inpaint,
    lda,
    mask,
    metric,
    noise2noise,
    parameters,
    pls,
    predict,
    ridge,
    salt_and_pepper,
    slow_features,
)
from linae.supervision.metrics import whitening
from linae.table import read_table
from proofs import supervision
from proofs._tasks import TASKS as POSED

RNG = np.random.default_rng
ONE = rationals([[2, 1], [1, 3]])


def flowers():
    """Iris, and three species of fifty."""
    return read_table(iris()).values, np.repeat([0, 1, 2], 50)


def pairs(seed=0, samples=200):
    """x of four and y of three columns that depend on each other."""
    rng = RNG(seed)
    X = rng.standard_normal((samples, 4)) @ rng.standard_normal((4, 4))
    return X, X[:, :3] @ rng.standard_normal((3, 3)) + rng.standard_normal((samples, 3))


def series(seed=1, times=400):
    """Three mixed channels, slow, fast, and alternating."""
    rng, points = RNG(seed), [np.zeros(3)]
    for _ in range(times):
        points.append(np.array([0.9, 0.3, -0.8]) * points[-1] + rng.standard_normal(3))
    return np.array(points) @ rng.standard_normal((3, 3))


def rows(moments, count):
    """Encoders of the leading components."""
    return Spectrum.of(moments).rows[:count]


@pytest.mark.parametrize("task", sorted(POSED))
def test_every_task_is_what_it_is_said_to_be(task):
    """By the laws of the theorem, each task as often as the theorem draws any."""

    @given(POSED[task](task))
    def holds(case):
        supervision.conclusion(case)

    holds()


def test_cca_learns_what_scikit_learn_finds():
    """The eigenvalues are squared correlations of the scores, the encoders span the same."""
    X, Y = pairs()
    moments = cca(Moments.from_data(X, Y))
    model = CCA(n_components=2, scale=False, tol=1e-12, max_iter=5000).fit(X, Y)
    scores = zip(*(scores.T for scores in model.transform(X, Y)), strict=True)
    correlations = [np.corrcoef(x, y)[0, 1] for x, y in scores]
    found = Spectrum.of(moments).eigenvalues[:2]
    np.testing.assert_allclose(found, np.square(correlations), rtol=1e-6)
    assert subspace_angles(rows(moments, 2).T, model.x_rotations_).max() < 1e-4  # by iteration


def test_canonical_correlations_are_cosines():
    """Of the angles between the spans of the columns of both tables."""
    X, Y = pairs()
    found = Spectrum.of(cca(Moments.from_data(X, Y))).eigenvalues[:3]
    angles = subspace_angles(X - X.mean(axis=0), Y - Y.mean(axis=0))
    np.testing.assert_allclose(found, np.cos(angles)[::-1] ** 2, rtol=0, atol=5e-15)


@pytest.mark.parametrize(("data", "count", "rounding"), [("iris", 2, 3e-13), ("seven", 3, 5e-15)])
def test_lda_learns_what_scikit_learn_finds(data, count, rounding):
    """Fisher's directions of iris and of seven classes, and the ratios of scatter; the directions
    of iris lose two digits, as its columns are almost dependent."""
    X, labels = flowers() if data == "iris" else one_hot(3)[:2]
    moments = lda(X, labels)
    model = LinearDiscriminantAnalysis(solver="eigen").fit(X, labels)
    for mine, theirs in zip(rows(moments, count), model.scalings_.T[:count], strict=True):
        assert subspace_angles(mine[:, None], theirs[:, None]).max() < rounding
    found = Spectrum.of(moments).eigenvalues[:count]
    ratios = found / (1 - found)
    shares = model.explained_variance_ratio_
    np.testing.assert_allclose(ratios / ratios.sum(), shares, rtol=0, atol=1e-14)


def test_pls_learns_what_scikit_learn_finds():
    """Singular vectors of Syx, one by one."""
    X, Y = pairs()
    moments = pls(Moments.from_data(X, Y))
    model = PLSSVD(n_components=2, scale=False).fit(X, Y)
    for mine, theirs in zip(rows(moments, 2), model.x_weights_.T, strict=True):
        assert subspace_angles(mine[:, None], theirs[:, None]).max() < 1e-14


def test_slow_features_are_those_of_a_generalised_eigenproblem():
    """And the encoders have unit variance, and the slowness 4 (1 − λ), over both ends of pairs."""
    X = series()
    pair = predict(X)
    moments = slow_features(pair)
    change, points = np.diff(X, axis=0), (pair.Sxx + pair.Syy) / 2
    change = change - change.mean(axis=0)
    slowness, features = eigh(change.T @ change / len(change), points)
    spectrum = Spectrum.of(moments)
    np.testing.assert_allclose(4 * (1 - spectrum.eigenvalues), slowness, rtol=1e-13)
    for mine, theirs in zip(spectrum.rows, features.T, strict=True):
        assert subspace_angles(mine[:, None], theirs[:, None]).max() < 1e-12
        assert mine @ points @ mine == pytest.approx(1, rel=1e-13)


def test_what_only_alternates_has_no_slow_features():
    """A second channel that is 1, −1, 1, …: the means of pairs do not have it."""
    t = np.arange(400)
    alternating = (-1.0) ** t
    X = np.column_stack([np.cos(2 * np.pi * t / 100) + alternating, alternating])
    with pytest.raises(ValueError, match=r"means of consecutive points of the rank .* Got 1 of 2"):
        slow_features(predict(X, center=False))
    assert predict(X, lag=np.int64(1)).m == 2


def test_slow_features_are_not_canonical_correlations_of_the_lag():
    """Rates .9, .5, −.95: the alternating channel is the best predicted, and the least slow."""
    Phi, one = np.diag(rationals(["0.9", "0.5", "-0.95"])), rationals(np.eye(3, dtype=int))
    pair = Moments(one, Phi, one)
    for task, order in ((cca, [2, 0, 1]), (slow_features, [0, 1, 2])):
        found = Spectrum.of(task(pair))
        assert found.is_exact
        assert [np.flatnonzero(u).tolist() for u in found.vectors.T] == [[k] for k in order]
    assert Spectrum.of(slow_features(pair)).eigenvalues[2] == (1 - Fraction("0.95")) / 2


def test_prediction_is_least_squares():
    """Of x_{t+2} from x_t, with biases."""
    X = series()
    model = LinearRegression().fit(X[:-2], X[2:])
    found = Spectrum.of(predict(X, lag=2)).regression
    np.testing.assert_allclose(found, model.coef_, atol=8e-15, rtol=0)


def test_a_blind_spot_is_a_regression_on_all_others():
    """Column by column of iris."""
    X, _ = flowers()
    W, loss = blind_spot(Moments.from_data(X))
    total = 0
    for i in range(4):
        others = np.delete(X, i, axis=1)
        model = LinearRegression().fit(others, X[:, i])
        total += np.mean((X[:, i] - model.predict(others)) ** 2)
        np.testing.assert_allclose(np.delete(W[i], i), model.coef_, atol=1e-13, rtol=0)
    assert loss == pytest.approx(total, rel=1e-13)
    assert not np.diagonal(W).any()


def test_inpainting_is_the_conditional_mean():
    """Of two columns of iris from the two others."""
    X, _ = flowers()
    moments = inpaint(Moments.from_data(X), [3, 0])
    model = LinearRegression().fit(X[:, [3, 0]], X[:, [1, 2]])
    np.testing.assert_allclose(Spectrum.of(moments).regression, model.coef_, atol=1e-14, rtol=0)


def information(A, S, K):
    """I(x; z) − β I(z; y), but for the β: both terms, of z = A x + ξ."""
    one = np.eye(len(A))
    known = np.linalg.slogdet(one + A @ S @ A.T)[1] / 2
    return known, known - np.linalg.slogdet(one + A @ K @ A.T)[1] / 2


@pytest.mark.parametrize("beta", [1.2, 3.0, 20.0])
def test_the_bottleneck_is_best(beta):
    """By a numerical search from two starts, to ten digits; nothing is used below the first
    threshold."""
    moments = Moments.from_data(*pairs())
    S, Syx = moments.Sxx, moments.Syx
    K = S - Syx.T @ np.linalg.solve(moments.Syy, Syx)

    def value(A):
        known, kept = information(A, S, K)
        return known - beta * kept

    def slope(A):
        one = np.eye(3)
        kept = np.linalg.solve(one + A @ K @ A.T, A @ K)
        return (1 - beta) * np.linalg.solve(one + A @ S @ A.T, A @ S) + beta * kept

    def at(vector):
        A = vector.reshape(3, 4)
        return value(A), slope(A).ravel()

    found = bottleneck(moments, beta)
    assert value(found.encoder) == pytest.approx(found.value, rel=1e-13)
    ends = [minimize(at, RNG(s).standard_normal(12), jac=True, tol=1e-9) for s in (0, 1)]
    assert min(end.fun for end in ends) == pytest.approx(found.value, rel=1e-10)
    squares = Spectrum.of(cca(moments)).eigenvalues
    assert len(found.encoder) == sum(beta * x > 1 for x in squares)


def one_hot(seed):
    """Three inputs, seven classes, and their indicators."""
    rng = RNG(seed)
    labels = rng.integers(0, 7, 300)
    X = rng.standard_normal((300, 3)) + rng.standard_normal((7, 3))[labels]
    return X, labels, (labels[:, None] == range(7)).astype(float)


def test_one_hot_targets_need_a_decision_on_rank():
    """In some of thirty tables the default of `numpy.linalg.pinv` takes rounding for a direction;
    a larger `rcond` never does, nor the reciprocal shares of the classes, which are an inverse as
    good as any, nor a whitening, of samples or of moments."""
    wrong, right = [], []
    for seed in range(30):
        X, labels, Y = one_hot(seed)
        x, y = X - X.mean(axis=0), Y - Y.mean(axis=0)
        moments, bare = (
            Moments.from_data(X, Y),
            Moments(*(M / 300 for M in (x.T @ x, y.T @ x, y.T @ y))),
        )
        truth = Spectrum.of(lda(X, labels)).eigenvalues[:3]
        for task in (cca(moments), cca(bare)):
            np.testing.assert_allclose(Spectrum.of(task).eigenvalues[:3], truth, rtol=1e-13)
        explained = bare.Syx @ np.linalg.solve(bare.Sxx, bare.Syx.T)
        for inverse, errors in (
            (np.linalg.pinv(bare.Syy), wrong),
            (np.linalg.pinv(bare.Syy, rcond=1e-10), right),
            (np.diag(1 / Y.mean(axis=0)), right),
        ):
            found = np.sort(np.linalg.eigvals(inverse @ explained).real)[:-4:-1]
            errors.append(abs(found - truth).max())
    assert max(wrong) > 1e-4
    assert max(right) < 1e-14


def test_an_encoder_does_not_see_what_is_uncorrelated_with_the_target():
    """Whatever the metric: its rows are in the row space of Syx Sxx⁻¹."""
    X, Y = pairs()
    moments = Moments.from_data(X, Y[:, :1])
    taught = rows(metric(moments, [[3.0], [1.0]]), 1)
    regression = LinearRegression().fit(X, Y[:, :1]).coef_
    assert subspace_angles(taught.T, regression.T).max() < 1e-9


def test_every_class_of_a_weighted_loss_has_the_inertia_of_the_squared_loss():
    """Five inputs, four targets, a metric, width 2: all eleven classes, by second differences; and
    descents from three starts end at the least value, to rounding."""
    rng = RNG(4)
    X, Y = rng.integers(-3, 4, (9, 5)), rng.integers(-3, 4, (9, 4))
    C = rationals(np.tril(rng.integers(-2, 3, (4, 4)), -1) + np.diag([1, 2, 1, 1]))
    moments = metric(Moments.from_data(X.astype(object), Y.astype(object)), C)
    landscape = SquaredLoss(moments, 2)
    X, Y, factor = X - X.mean(axis=0), Y - Y.mean(axis=0), C.T.astype(float)

    def loss(A, B):
        E = (Y - X @ B.T @ A.T) @ factor
        return np.sum(E * E) / 9

    back = np.linalg.inv(C.astype(float))
    classes = list(landscape.critical_classes())
    assert len(classes) == 11
    for critical in classes:
        A, B = (np.array(w, dtype=float) for w in critical.weights())
        assert loss(back @ A, B) == pytest.approx(float(critical.loss), rel=1e-13, abs=0)
        H = hessian(loss, [back @ A, B], 4)
        values = np.linalg.eigvalsh(H)
        zero = abs(values) < 1e-7 * values.max()
        found = Inertia((values[~zero] < 0).sum(), zero.sum(), (values[~zero] > 0).sum())
        assert found == critical.inertia

    def fitted(vector):
        A, B = vector[:8].reshape(4, 2), vector[8:].reshape(2, 5)
        E = -2 * (Y @ factor - X @ B.T @ A.T).T / 9
        return loss(back @ A, B), np.concatenate([(E @ X @ B.T).ravel(), (A.T @ E @ X).ravel()])

    ends = [minimize(fitted, rng.standard_normal(18), jac=True, tol=1e-9).fun for _ in range(3)]
    assert ends == pytest.approx([float(classes[0].loss)] * 3, rel=1e-13, abs=0)


def test_noise2noise_has_the_map_of_denoising():
    """And a loss that is larger by the noise of the targets."""
    moments, (A, B) = Moments.auto(ONE), (rationals([[1], [2]]), rationals([[3, 1]]))
    both = SquaredLoss(noise2noise(moments, 2, target_noise=[[1, 0], [0, 3]]), 1)
    one = SquaredLoss(denoise(moments, 2), 1)
    assert both.loss(A, B) == one.loss(A, B) + 4
    assert np.array_equal(both.spectrum.regression, one.spectrum.regression)


def complex_signs(rng):
    """A covariance and the columns of a complex law with it."""
    F = rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3))
    return F @ F.conj().T, F @ np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1)


def test_complex_noise_is_hermitian():
    """Over all signs of complex columns, added to complex data."""
    rng = RNG(5)
    X = rng.standard_normal((4, 3)) + 1j * rng.standard_normal((4, 3))
    N, noises = complex_signs(rng)
    A, B = (rng.standard_normal(s) + 1j * rng.standard_normal(s) for s in ((3, 2), (2, 3)))
    errors = [x - A @ (B @ (x + e)) for x in X for e in noises.T]
    landscape = SquaredLoss(denoise(Moments.from_data(X, center=False), N), 2)
    assert landscape.loss(A, B) == pytest.approx(np.mean([np.vdot(e, e).real for e in errors]))


MADE = {
    "denoise": lambda S: denoise(S, [[2, 1], [1, 1]]),
    "ridge": lambda S: ridge(S, 1),
    "mask": lambda S: mask(S, Fraction(1, 2)),
    "mask, mean": lambda S: mask(S, Fraction(1, 2), mean=[1, 2]),
    "salt and pepper": lambda S: salt_and_pepper(S, Fraction(3, 4), 2),
    "noise2noise": lambda S: noise2noise(S, 1, [[1, 1], [1, 1]]),
    "inpaint": lambda S: inpaint(S, [1]),
    "metric": lambda S: metric(S, [[1, 2]]),
    "pls": pls,
    "cca": cca,
    "slow features": slow_features,
}


@pytest.mark.parametrize("name", MADE)
def test_samples_have_the_moments_that_they_come_with(name):
    """So that singular values keep their digits through a task."""
    X = RNG(6).standard_normal((20, 2))
    made = MADE[name](Moments.from_data(X))
    Fx, Fy = made.samples
    for found, claimed in ((Fx @ Fx.T, made.Sxx), (Fy @ Fx.T, made.Syx), (Fy @ Fy.T, made.Syy)):
        np.testing.assert_allclose(found, claimed, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", MADE)
def test_rational_moments_stay_rational(name):
    """And have the value of the floating ones; squares as pivots, for those that whiten."""
    S = rationals([[4, 2], [2, 10]])
    made, rounded = (MADE[name](Moments.auto(M)) for M in (S, S.astype(float)))
    assert made.is_exact
    assert not rounded.is_exact
    exact, doubles = (Spectrum.of(M).eigenvalues.astype(float) for M in (made, rounded))
    np.testing.assert_allclose(doubles, exact, rtol=0, atol=1e-12)


def test_a_whitening_is_exact_where_roots_are():
    """Singular or not; else in doubles, and then so are the moments."""
    S = rationals([[0, 0, 0], [0, 4, 2], [0, 2, 1]])
    C = whitening(S)
    assert C.shape == (1, 3)
    assert (S @ C.T @ C @ S == S).all()
    assert not cca(Moments.auto(ONE)).is_exact
    exact = lda(rationals([[0], [1], [3], [4]]), list("abab"))
    assert not exact.is_exact
    assert is_exact(lda(rationals([[0], [1], [3], [4]]), [0, 1, 2, 3]).Syy)


@pytest.mark.parametrize("name", TASKS)
def test_usual_parameters_make_a_task(name):
    """Of exact and of floating moments; and what a person types is read."""
    for S in (ONE, ONE.astype(float)):
        moments = Moments.auto(S)
        values = {key: p.usual(moments, 1) for key, p in parameters(name).items()}
        made = TASKS[name](moments, **values)
        assert made.is_exact == (moments.is_exact and name != "cca")  # which takes roots
    assert parameters("inpaint")["observed"].read("1,3") == (0, 2)
    assert parameters("denoise")["noise"].read("0.1") == Fraction(1, 10)


MOMENTS = Moments.auto(ONE.astype(float))
BAD = {
    "Need 0 <= noise < inf. Got -1": lambda: denoise(MOMENTS, -1),
    "Need 0 <= noise < inf. Got nan": lambda: denoise(MOMENTS, float("nan")),
    "Need 0 <= weight < inf. Got -2": lambda: ridge(MOMENTS, -2),
    "Need one number as weight. Got shape (2,)": lambda: ridge(MOMENTS, [1, 2]),
    "Need a positive semidefinite noise. Got 1 negative": lambda: denoise(
        MOMENTS, [[1, 2], [2, 1]]
    ),
    "Need a variance or a matrix (2, 2) as noise. Got": lambda: denoise(MOMENTS, np.eye(3)),
    "equal to its (conjugate) transpose": lambda: denoise(MOMENTS, [[1, 2], [0, 9]]),
    "Need 0 < keep <= 1. Got 0": lambda: mask(MOMENTS, 0),
    "Need 0 < keep <= 1. Got 1.5": lambda: mask(MOMENTS, 1.5),
    "Need a mean of shape (2,). Got shape (3,)": lambda: mask(MOMENTS, 0.5, mean=[1, 2, 3]),
    "Need 0 <= size < inf. Got -1": lambda: salt_and_pepper(MOMENTS, 0.5, -1),
    "Need some, not all, of the components 1 to 2. Got 1, 2.": lambda: inpaint(MOMENTS, [0, 1]),
    "of the components 1 to 2. Got 1, 1.": lambda: inpaint(MOMENTS, [0, 0]),
    "of the components 1 to 2. Got 3.": lambda: inpaint(MOMENTS, [2]),
    "Need auto-association": lambda: inpaint(Moments.from_data(*pairs()), [0]),
    "Need a regular Sxx for a blind spot. Got rank 1": lambda: blind_spot(
        Moments.auto(np.ones((2, 2)))
    ),
    "Need 1 <= lag < 4": lambda: predict(np.eye(4), lag=4),
    "Need a factor C of shape (k, 2). Got shape (2, 3)": lambda: metric(MOMENTS, np.ones((2, 3))),
    "Need targets that vary": lambda: cca(Moments(np.eye(1), np.zeros((1, 1)), np.zeros((1, 1)))),
    "Need at least 2 classes. Got 1": lambda: lda(np.eye(2), [0, 0]),
    "Need a label for each of 2 rows": lambda: lda(np.eye(2), [0, 1, 2]),
    "Need consecutive points, m = n": lambda: slow_features(Moments.from_data(*pairs())),
    "Need 0 <= beta < inf. Got -1": lambda: bottleneck(MOMENTS, -1),
    "Need canonical correlations below 1": lambda: bottleneck(MOMENTS, 2),
    "Need numbers of components, from 1": lambda: parameters("inpaint")["observed"].read("0"),
}


@pytest.mark.parametrize("message", BAD)
def test_what_is_no_task_is_refused(message):
    """With what is needed, and what was given."""
    with pytest.raises(ValueError, match="Need") as caught:
        BAD[message]()
    assert message in str(caught.value)
