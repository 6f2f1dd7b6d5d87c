"""Penalties that a rescaling of units evades: the loss falls to that of principal components."""

from itertools import product

import numpy as np
import pytest

from linae import Moments
from linae.autoencoders import losses, optima

X = np.random.default_rng(0).standard_normal((40, 5)) * [2, 1.5, 1, 0.7, 0.5]
SCALES = 1, 10, 100


def components(width=2):
    """Of the data, as decoder and encoder, and the loss that they leave."""
    rows = np.linalg.svd(X, full_matrices=False)[2][:width]
    return rows.T, rows, optima.vanilla(Moments.from_data(X, center=False), width).loss


def evaded(loss):
    """What the loss at (c A, B/c) has above that of principal components."""
    A, B, least = components()
    assert losses.vanilla(np, {"A": A, "B": B}, X, None) == pytest.approx(least, rel=1e-14, abs=0)
    return [loss({"A": c * A, "B": B / c}) - least for c in SCALES]


def test_l1_of_codes_falls_like_one_over_the_scale():
    """α E‖B x‖₁, without a bound on the decoder."""
    _, B, _ = components()
    size = 0.6 * np.mean(np.abs(X @ B.T).sum(axis=1))
    found = evaded(lambda P: losses.vanilla(np, P, X, None) + 0.6 * np.abs(X @ P["B"].T).sum() / 40)
    assert found == pytest.approx([size / c for c in SCALES], abs=1e-14)


def test_a_contraction_falls_like_one_over_the_square():
    """γ ‖B‖²: for γ = 0.3 and two units 0.6 at first."""
    found = evaded(lambda P: losses.contractive(np, P, X, None, strength=0.3))
    assert found == pytest.approx([0.6 / c**2 for c in SCALES], abs=1e-13)


def test_noise_of_codes_is_drowned():
    """Signs of variance 1/2 on two codes, over all four outcomes, with a decoder A/c: 1 at first,
    then 1/100, 1/10,000."""

    def noisy(P):
        shifts = 0.5**0.5 * np.array(list(product((1, -1), repeat=2)))
        return np.mean([np.sum((X - (X @ P["A"] + e) @ P["B"]) ** 2) / 40 for e in shifts])

    assert evaded(noisy) == pytest.approx([1 / c**2 for c in SCALES], abs=1e-13)
