"""Weight decay on both factors: every class of four components, and every zero of the gradient."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from linae import Moments, calculus, inertia
from linae.exact import rationals
from linae.landscapes.weight_decay import WeightDecay
from proofs._auto import Start, arrival

COSINES = [Fraction(4, 5), Fraction(3, 5), Fraction(1, 2), Fraction(1, 3)]
SETS = [J for r in range(3) for J in combinations(range(4), r)]


def counts(H):
    """Negative, zero and positive eigenvalues."""
    x = np.linalg.eigvalsh(H)
    still = 1e-9 * np.abs(x).max()
    return int((x < -still).sum()), int((abs(x) <= still).sum()), int((x > still).sum())


def claimed(values, J, gamma, width):
    """inv(J) + (p − r) ext(J, γ), r (p − r) + r (r − 1)/2, and the rest."""
    left = [x for i, x in enumerate(values) if i not in J]
    spare = width - len(J)
    negative = sum(x > values[j] for x in left for j in J) + spare * sum(x > gamma for x in left)
    zero = len(J) * spare + len(J) * (len(J) - 1) // 2
    return negative, zero, 2 * len(values) * width - negative - zero


@pytest.mark.parametrize(("gamma", "alive"), [(Fraction(1), 4), (Fraction(1, 2), 3)], ids=str)
def test_every_set_of_four_components_exactly(gamma, alive):
    """n = 4, p = 2: slope, inertia and loss at all sets by values of the loss, in integers: 60 A,
    60 B, 288 λ and 288 γ. All λ are γ/(1 − c²), or one is below γ."""
    values = [*(gamma / (1 - c * c) for c in COSINES[:alive]), *[gamma / 2] * (4 - alive)]
    S = np.array([int(288 * x) for x in values])
    assert [Fraction(int(x), 288) for x in S] == values
    one, decay = 3600 * np.eye(4, dtype=int), int(288 * gamma) * 3600

    def loss(A, B):
        E = one - A @ B
        return int(((E * E) @ S).sum() + decay * ((A * A).sum() + (B * B).sum()))

    landscape = WeightDecay(Moments.auto(np.diag(rationals(values))), 2, gamma)
    for J in (J for J in SETS if all(j < alive for j in J)):
        A = np.zeros((4, 2), dtype=int)
        A[list(J), range(len(J))] = [int(60 * COSINES[j]) for j in J]
        assert not calculus.gradient(loss, (A, A.T), 4).any()
        found = inertia(calculus.hessian(loss, (A, A.T), 4))
        assert found == claimed(values, J, gamma, 2) == landscape.class_inertia(J)
        gained = sum((values[j] - gamma) ** 2 / values[j] for j in J)
        value = Fraction(loss(A, A.T), 288 * 3600**2)
        assert value == landscape.class_loss(J) == sum(values) - gained
    assert landscape.number_of_classes == {4: 11, 3: 7}[alive]


def test_unequal_weights_have_the_classes_of_their_geometric_mean():
    """.3 ‖A‖² + .9 ‖B‖², n = 4, p = 2, in double precision: (c A, B/c), c⁴ = .9/.3, is critical for
    every set, with the inertia and the loss of γ = (.3 · .9)^½; and .3 AᵀA = .9 B Bᵀ."""
    values, gamma, c = np.array([4, 2, 1, 0.3]), (0.3 * 0.9) ** 0.5, 3**0.25
    landscape = WeightDecay(Moments.auto(np.diag(values)), 2, gamma)
    for J in (J for J in SETS if 3 not in J):
        tied = np.zeros((4, 2))
        tied[list(J), range(len(J))] = np.sqrt(1 - gamma / values[list(J)])
        A, B = c * tied, tied.T / c

        def loss(A, B):
            error = np.eye(4) - A @ B
            return (error**2 @ values).sum() + 0.3 * (A * A).sum() + 0.9 * (B * B).sum()

        assert np.abs(calculus.gradient(loss, (A, B), 4).astype(float)).max() < 1e-13
        found = counts(calculus.hessian(loss, (A, B), 4).astype(float))
        assert found == landscape.class_inertia(J) == claimed(values, J, gamma, 2)
        assert loss(A, B) == pytest.approx(float(landscape.class_loss(J)), abs=1e-13)
        np.testing.assert_allclose(0.3 * A.T @ A, 0.9 * B @ B.T, rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_hundred_root_searches_end_at_tied_weights(n):
    """p = 2, from random starts: A = Bᵀ to the last digit, at the loss of a class; saddles are also
    found."""
    landscape = WeightDecay(Moments.auto(np.diag([4, 2, 1, 0.3][:n])), 2, 0.4)
    losses, rng = [c.loss for c in landscape.critical_classes()], np.random.default_rng(5)
    starts = (tuple(rng.standard_normal(s) for s in landscape.shapes) for _ in range(100))
    found = [arrival(Start(landscape, start)) for start in starts]
    reached = [landscape.loss(*weights) for weights in found if weights is not None]
    assert len(reached) >= 95
    assert len({round(x, 6) for x in reached}) >= 3
    assert max(np.abs(A - B.T).max() for A, B in filter(None, found)) < 2 * np.finfo(float).eps
    assert max(min(abs(x - y) for y in losses) for x in reached) < 1e-13
