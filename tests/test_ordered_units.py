"""Units that are told apart, by decays or by prefixes: an optimiser finds components in order."""

import numpy as np
import pytest
from scipy.optimize import minimize

from linae import Moments
from linae.landscapes.nested import NestedLoss
from linae.landscapes.nonuniform import NonuniformDecay
from linae.regularisers import regulariser

VALUES = np.array([4, 2, 1, 0.3])
PRECISE = {"gtol": 1e-10, "maxiter": 3000}


def least(price, starts):
    """The lowest end of BFGS, and its value."""
    ends = [minimize(price, x, jac=True, options=PRECISE) for x in starts]
    return min(ends, key=lambda end: end.fun)


def unpacked(x, p):
    """A (4, p) and B (p, 4)."""
    return x[: 4 * p].reshape(4, p), x[4 * p :].reshape(p, 4)


def squared(A, B):
    """E‖x − A B x‖² of S = diag(λ), with its slopes."""
    E = np.eye(4) - A @ B
    seen = -2 * E * VALUES
    return (E**2 @ VALUES).sum(), seen @ B.T, A.T @ seen


@pytest.mark.parametrize("decays", [(0.2, 0.5), (0.1, 0.4, 0.9), (0.5, 1.5, 3.0)], ids=str)
def test_decays_that_differ_give_ordered_components(decays):
    """E‖x − A B x‖² + Σ γⱼ (‖aⱼ‖² + ‖bⱼ‖²): w = (1 − γⱼ/λⱼ)₊, A = Bᵀ = U diag(±√w), the best of
    random starts; the value to rounding."""
    p, rng, gammas = len(decays), np.random.default_rng(3), np.array(decays)

    def price(x):
        A, B = unpacked(x, p)
        value, of_A, of_B = squared(A, B)
        value += gammas @ ((A * A).sum(axis=0) + (B * B).sum(axis=1))
        slopes = of_A + 2 * gammas * A, of_B + 2 * gammas[:, None] * B
        return value, np.concatenate([g.ravel() for g in slopes])

    end = least(price, rng.standard_normal((3, 8 * p)))
    w = np.maximum(1 - gammas / VALUES[:p], 0)
    claimed = VALUES.sum() - (VALUES[:p] * w**2).sum()
    assert end.fun == pytest.approx(claimed, abs=2e-12)
    landscape = NonuniformDecay(Moments.auto(np.diag(VALUES)), p, decays)
    assert next(landscape.critical_classes()).loss == pytest.approx(claimed, abs=1e-14)
    assert regulariser("nonuniform decay").factors(VALUES, p, decays)[:p] == pytest.approx(w)
    A, B = unpacked(end.x, p)
    assert abs(A) == pytest.approx(np.eye(4, p) * np.sqrt(w), abs=5e-6)
    np.testing.assert_allclose(A, B.T, rtol=0, atol=5e-6)


@pytest.mark.parametrize("shares", [(1, 1), (0.5, 0.3, 0.2), (0.1, 0.1, 0.8)], ids=str)
def test_prefixes_give_ordered_components_whatever_their_shares(shares):
    """Σ πₖ E‖x − Aₖ Bₖ x‖², all πₖ > 0: aⱼ bⱼ = uⱼ uⱼᵀ, and the loss Σ πₖ Σ_{i>k} λᵢ, the best of
    random starts; the value to rounding."""
    p, rng = len(shares), np.random.default_rng(4)

    def price(x):
        A, B = unpacked(x, p)
        total, of_A, of_B = 0.0, np.zeros_like(A), np.zeros_like(B)
        for k, share in enumerate(shares, 1):
            value, a, b = squared(A[:, :k], B[:k])
            total += share * value
            of_A[:, :k] += share * a
            of_B[:k] += share * b
        return total, np.concatenate([of_A.ravel(), of_B.ravel()])

    end = least(price, rng.standard_normal((3, 8 * p)))
    claimed = sum(share * VALUES[k:].sum() for k, share in enumerate(shares, 1))
    assert end.fun == pytest.approx(claimed, abs=2e-12)
    A, B = unpacked(end.x, p)
    for j, e in enumerate(np.eye(4)[:p]):
        assert np.outer(A[:, j], B[j]) == pytest.approx(np.outer(e, e), abs=5e-6)
    if len(set(shares)) == 1:
        landscape = NestedLoss(Moments.auto(np.diag(VALUES)), p)
        assert next(landscape.critical_classes()).loss == pytest.approx(claimed, abs=1e-14)
