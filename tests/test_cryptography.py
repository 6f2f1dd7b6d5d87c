"""Attacks on a linear cipher, in floating point and by simulation."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.decomposition import FastICA

from linae.exact import rationals
from proofs.cryptography import deciphered, leakage


def test_three_messages_give_the_key_away():
    """p = 3 of n = 5, in double precision; n messages do without the public subspace."""
    rng = np.random.default_rng(1)
    U = np.linalg.qr(rng.standard_normal((5, 3)))[0]
    C, X, later = (rng.standard_normal(shape) for shape in ((3, 3), (5, 5), (5, 4)))
    sent = C @ U.T @ X
    key = np.linalg.solve((U.T @ X[:, :3]).T, sent[:, :3].T).T
    np.testing.assert_allclose(key, C, rtol=0, atol=1e-14)
    encoder = np.linalg.solve(X.T, sent.T).T
    np.testing.assert_allclose(encoder, C @ U.T, rtol=0, atol=1e-14)
    read = np.linalg.solve(key, C @ U.T @ later)
    np.testing.assert_allclose(read, U.T @ later, rtol=0, atol=1e-14)


def test_two_autoencoders_agree_on_their_codes_by_examples():
    """z′ = T z for all messages, T from p shared ones: the same attack."""
    ours, theirs = rationals([[2, 1], [1, 1]]), rationals([[0, 3], [1, 1]])
    shared, message = rationals([[1, 2], [3, 4]]), rationals([[5], [7]])
    T = deciphered(theirs @ shared, ours @ shared)
    assert (T @ ours @ message == theirs @ message).all()


def test_independent_components_take_the_rotation_away():
    """FastICA on ciphertexts of Laplace messages finds C up to signs and order; of Gaussian ones it
    finds some other key as well."""
    rng = np.random.default_rng(2)
    C = np.array([[2.0, 1.0], [0.5, -1.0]])
    for draw, found in ((rng.laplace, True), (rng.normal, False)):
        messages = draw(size=(100000, 2))
        attack = FastICA(whiten="unit-variance", random_state=0, tol=1e-6, max_iter=500)
        attack.fit(messages @ C.T)
        mixing = np.abs(attack.components_ @ C)
        mixing = np.sort(mixing / np.linalg.norm(mixing, axis=1, keepdims=True), axis=1)
        assert (mixing[:, 0] < 0.004).all() == found


@pytest.mark.parametrize(("s", "leak"), [(1, 4.81), (10, 1.47), (100, 0.23), (1000, 0.025)])
def test_a_gaussian_pad_leaks(s, leak):
    """The information that z + pad has on z: mean log ratio of densities, five standard errors; of
    three units with these variances in a turned basis 4.81, 1.47, 0.23 and 0.025 bits."""
    rng, R = np.random.default_rng(3), np.array([[0.6, -0.8, 0], [0.8, 0.6, 0], [0, 0, 1]])
    K = R * [24.5, 7.8, 2.5] @ R.T
    z = rng.multivariate_normal(np.zeros(3), K, size=40000)
    pad = rng.standard_normal(z.shape) * s**0.5
    given = multivariate_normal(np.zeros(3), s * np.eye(3)).logpdf(pad)
    alone = multivariate_normal(np.zeros(3), K + s * np.eye(3)).logpdf(z + pad)
    bits = (given - alone) / np.log(2)
    claimed = np.log2(float(leakage(rationals(K), s))) / 2
    assert claimed == pytest.approx(leak, abs=0.005 if s < 1000 else 0.0005)
    assert abs(bits.mean() - claimed) < 5 * bits.std() / 200
