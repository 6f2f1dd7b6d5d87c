"""Where floating or exact arithmetic once gave a wrong answer with confidence."""

from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_iris

from linae import (
    Moments,
    NonuniformDecay,
    Spectrum,
    SquaredLoss,
    Variational,
    Verdict,
    Whitening,
    certify,
    escape,
)
from linae.exact import rationals
from linae.roots import eigenvalue_roots

GOLDEN = rationals([[2, 1], [1, 1]])


def direct_sum(*blocks):
    size = sum(map(len, blocks))
    whole, place = rationals(np.zeros((size, size), dtype=int)), 0
    for block in blocks:
        whole[place : place + len(block), place : place + len(block)] = block
        place += len(block)
    return whole


def test_ill_conditioned_inputs_do_not_certify_a_wrong_order():
    """Without samples the order of near eigenvalues is lost with the square of the condition: what
    exact arithmetic orders otherwise is not certified."""
    wrong = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        Q = np.linalg.qr(rng.standard_normal((3, 3)))[0]
        s = np.array([1.0, 1.0, 10.0 ** -rng.integers(6, 12)]) ** 0.5
        R = Q * s
        G = np.diag([1.0, 0.5, 1 + 10.0 ** -rng.integers(6, 11)])
        moments = Moments(R @ R.T, G @ R.T, G @ G.T + 0.1 * np.eye(3))
        landscape = SquaredLoss(moments, 1)
        best = next(landscape.critical_classes())
        certificate = certify(landscape, *best.weights())
        if certificate.verdict is Verdict.CERTIFIED:
            A = best.weights()[0][:, 0]
            try:
                Sigma = Spectrum.of(moments.exact())
            except ValueError:
                continue
            u = Sigma.vectors[:, 0].astype(float)
            wrong += abs(u @ A) / np.linalg.norm(u) / np.linalg.norm(A) < 0.9
    assert not wrong


def test_roots_of_different_factors_are_ordered():
    """3 − 10⁻²⁶ is above the golden section's 2.618, though a far root blurs it; values too."""
    far = rationals([[10**26, 1], [1, 3]])
    roots = eigenvalue_roots(direct_sum(GOLDEN, GOLDEN, far))
    assert [float(root.value) for root in roots] == pytest.approx([1e26, 3, 2.618034, 0.381966])
    assert [root.multiplicity for root in roots] == [1, 1, 2, 2]
    assert Spectrum.of(Moments.auto(far)).eigenvalues[1] == pytest.approx(3)


def test_tiny_exact_data_have_their_rank():
    """Eigenvalues below all doubles are positive."""
    assert Spectrum.of(Moments.auto(GOLDEN * Fraction(1, 10**400))).rank == 2


def test_rational_weights_near_an_irrational_point_are_not_critical():
    """Exact weights are judged exactly."""
    landscape = SquaredLoss(Moments.auto(GOLDEN), 1)
    near = [rationals(w) for w in next(landscape.critical_classes()).weights()]
    assert certify(landscape, *near).verdict is Verdict.REFUTED


def test_a_large_gauge_does_not_hide_a_gradient():
    """A = diag(10¹⁴, 1), B = diag(10⁻¹⁴, 0.95): far from critical, and not certified."""
    landscape = SquaredLoss(Moments.auto(np.diag([1.0, 0.5])), 2)
    weights = np.diag([1e14, 1.0]), np.diag([1e-14, 0.95])
    assert certify(landscape, *weights).verdict is not Verdict.CERTIFIED


def test_what_no_input_sees_does_not_refute():
    """With a regular Sxx the null encoder has nothing to act on, and the origin stays certified."""
    landscape = SquaredLoss(Moments.auto(np.array([[5.0, 3.0], [3.0, 2.0]])), 1)
    mean = list(landscape.critical_classes())[-1]
    weights = mean.weights(null_encoder=np.ones((1, 2)))
    assert certify(landscape, *weights).verdict is Verdict.CERTIFIED


def test_weights_of_another_kind_are_refused():
    """Complex weights for real data, and weights that are not finite."""
    landscape = SquaredLoss(Moments.auto(np.diag([2.0, 1.0])), 1)
    with pytest.raises(ValueError, match="Need real weights"):
        certify(landscape, np.array([[1j], [0]]), np.array([[-1j, 0]]))
    with pytest.raises(ValueError, match="Need finite weights"):
        certify(landscape, np.array([[np.nan], [0]]), np.array([[1.0, 0]]))


def test_the_first_class_is_the_global_minimum():
    """However small the last eigenvalue is beside the first."""
    X = np.array([[1, 0], [-1, 0], [0, 3e-9], [0, -3e-9]])
    first, *_ = SquaredLoss(Moments.from_data(X), 2).critical_classes()
    assert first.is_global_minimum


def test_escape_from_irrational_points_of_exact_data():
    """In double precision, where the point has no rational coordinates."""
    landscape = SquaredLoss(Moments.auto(GOLDEN), 1)
    saddle = list(landscape.critical_classes())[1]
    path = escape(saddle)
    start, end = (landscape.floating.loss(*path(t)) for t in (0, 1))
    assert start - end == pytest.approx(path.drop) == pytest.approx(5**0.5)


@pytest.mark.parametrize("unit", [1e-3, 1.0, 1e3])
def test_escapes_of_a_loss_that_is_no_polynomial_never_rise(unit):
    """Whatever the unit of the data: variances stay positive, and the loss falls by the drop."""
    moments = Moments.from_data(unit * load_iris().data)
    landscape = Variational(moments, 2, moments.total / 100)
    saddles = list(landscape.critical_classes())[1:]
    for path in (certify(landscape, *saddle.weights()).witness for saddle in saddles):
        losses = [landscape.loss(*path(t)) for t in np.linspace(0, 1, 9)]
        assert 0 < path.drop < moments.total
        assert losses[0] - losses[-1] == pytest.approx(path.drop)
        assert (np.diff(losses) < 0).all()


@pytest.mark.parametrize(
    ("landscape", "scale", "price"),
    [(NonuniformDecay, 1e6, [1, 2]), (Whitening, 1e15, 1), (Whitening, 1e15, 7e13)],
    ids=["nonuniform", "whitening", "whitening hard"],
)
def test_escapes_fall_as_rational_arithmetic_sees_it(landscape, scale, price):
    """A price that is small or large beside the data: the loss at the end of the path is lower
    indeed, or no fall is claimed and nothing certified."""
    S = np.diag([4.0, 2.0, 1.0]) * scale
    width = 2 if isinstance(price, list) else 1
    at, exact = (landscape(Moments.auto(M), width, price) for M in (S, rationals(S)))
    resolved = []
    for saddle in list(at.critical_classes())[1:]:
        certificate = certify(at, *saddle.weights())
        path = certificate.witness
        start, end = (exact.loss(*map(rationals, path(t))) for t in (0, 1))
        resolved.append(bool(path.drop))
        if path.drop:
            assert end < start
            assert float(start - end) == pytest.approx(path.drop, rel=0.1)
        else:
            assert certificate.verdict is Verdict.UNDECIDED
            assert "escape not resolved" in certificate.reasons
    assert any(resolved)
    assert price == 7e13 or not all(resolved)
