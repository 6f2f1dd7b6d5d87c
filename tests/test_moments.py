"""Moments are parsed at the boundary: what no data can have is refused, in one sentence."""

from fractions import Fraction

import numpy as np
import pytest

from linae import Moments
from linae.exact import rationals

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((12, 3)), RNG.standard_normal((12, 2))


@pytest.mark.parametrize("unit", [1, 1j])
def test_moments_are_means_over_centred_samples(unit):
    """Sxx, Syx, Syy equal the averages of outer products x xᴴ, y xᴴ, y yᴴ."""
    x, y = X + unit * X[:, ::-1] ** 2, Y * unit
    moments = Moments.from_data(x, y)
    dx, dy = x - x.mean(0), y - y.mean(0)
    for found, a, b in [(moments.Sxx, dx, dx), (moments.Syx, dy, dx), (moments.Syy, dy, dy)]:
        outer = sum(np.outer(u, v.conj()) for u, v in zip(a, b, strict=True)) / len(x)
        np.testing.assert_allclose(found, outer, rtol=0, atol=1e-14)


def test_without_centring_the_means_stay():
    """center=False gives raw second moments."""
    np.testing.assert_allclose(Moments.from_data(X, center=False).Sxx, X.T @ X / len(X))


@pytest.mark.parametrize("center", [True, False])
def test_decimal_data_give_exact_moments(center):
    """Fractions in, the defining sums in fractions out."""
    data = rationals([["0.1", "2"], ["0.3", "-1"], ["1/3", "5"]])
    shift = data.sum(axis=0) / Fraction(3) if center else 0
    expected = (data - shift).T @ (data - shift) / Fraction(3)
    assert (Moments.from_data(data, center=center).Sxx == expected).all()


def test_exact_complex_data_give_exact_hermitian_moments():
    """Gaussian rationals: Sxx = mean of x xᴴ, exactly."""
    data = rationals([[1 + 1j, 2], [0, 1 - 3j]])
    S = Moments.from_data(data, center=False).Sxx
    assert (data.T @ data.conj() / Fraction(2) == S).all()
    assert (S == S.conj().T).all()


def test_one_sample_and_constant_columns_have_no_variance():
    """Centring one sample, or a column that does not vary, leaves exactly zero."""
    assert not Moments.from_data([[3.0, 4.0]]).Sxx.any()
    table = np.column_stack([np.full(9, 0.1), RNG.standard_normal(9)])
    assert not Moments.from_data(table).Sxx[0].any()


def test_a_large_mean_costs_no_digits():
    """With mean / σ = 10⁸ the variance is right to the digits that the data have."""
    steps = np.arange(1000.0) % 7
    exact = Moments.from_data(rationals(steps.astype(int) + 10**8).reshape(-1, 1)).Sxx[0, 0]
    found = Moments.from_data((steps + 1e8).reshape(-1, 1)).Sxx[0, 0]
    assert found == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((np.zeros((0, 2)),), "Need at least 1 sample and 1 feature in X. Got shape (0, 2)."),
        ((np.zeros(3),), "Need X of shape (samples, features). Got shape (3,)."),
        (([[1e150]],), "Need numbers up to 1e+60 in X, in another unit. Got 1e+150."),
        (([[1.0, np.nan]],), "Need finite numbers in X. Got nan at (0, 1)."),
        (([["a", "b"]],), "Need numbers in X. Got dtype <U1."),
        (
            (np.array([[1, None]], dtype=object),),
            "Need numbers in X. Got None at (0, 1).",
        ),
        (([[1.0], [2.0]], [[1.0]]), "Need as many rows in Y as in X. Got 1 in Y, 2 in X."),
    ],
)
def test_unusable_data_are_refused_in_one_sentence(given, sentence):
    """The sentence names the requirement and what was received."""
    with pytest.raises(ValueError, match="Need") as refusal:
        Moments.from_data(*given)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("number", [float, Fraction])
@pytest.mark.parametrize(
    "moments",
    [([[1]], [[2]], [[1]]), ([[0]], [[1]], [[1]]), ([[-1]], [[0]], [[1]])],
    ids=["correlation above 1", "target moves with an input that does not", "negative variance"],
)
def test_moments_that_no_data_have_are_refused(moments, number):
    """Not jointly positive semidefinite: the loss would be unbounded below."""
    given = [
        np.vectorize(number, otypes=[float if number is float else object])(M) for M in moments
    ]
    with pytest.raises(ValueError, match=r"unbounded below\. Got 1 negative eigenvalue"):
        Moments(*given)


def test_mismatched_shapes_are_named():
    """All three shapes are in the sentence."""
    with pytest.raises(ValueError, match=r"Got shapes \(2, 2\), \(2, 3\), \(2, 2\)"):
        Moments(np.eye(2), np.ones((2, 3)), np.eye(2))


def test_moments_are_frozen():
    """Neither fields nor entries can be changed."""
    moments = Moments.auto(np.eye(2))
    with pytest.raises(ValueError, match="read-only"):
        moments.Sxx[0, 0] = 5
