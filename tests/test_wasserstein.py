"""Generators of lower dimension than the data: their classes, and a formula that loses digits."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from linae.exact import rationals
from proofs import wasserstein

ROOTS = np.array([2, 1.5, 1.25, 0.75])
"""Of the variances."""


@pytest.mark.parametrize("J", list(combinations(range(4), 2)), ids=str)
def test_all_pairs_of_four_components_are_critical(J):
    """Exactly: slope, inertia and value, by the derivatives of the polar factor; not in a basis of
    eigenvectors, and with turned units."""
    H = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
    U, turn = rationals(H) / Fraction(2), rationals([["3/5", "-4/5"], ["4/5", "3/5"]])
    roots = tuple(Fraction(x) for x in ROOTS)
    case = wasserstein.Generator(U, roots, J, turn, rationals(np.eye(4, 2, dtype=int)))
    wasserstein.conclusion(case)
    negative = sum(k < j for j in J for k in range(4) if k not in J)
    assert wasserstein.claimed_inertia(case.at, J) == (negative, 1, 7 - negative)


def by_singular_values(x):
    """tr S + ‖A‖² − 2 ‖S^½ A‖_*."""
    sizes = np.linalg.svd(ROOTS[:, None] * x.reshape(4, 2), compute_uv=False)
    return (ROOTS**2).sum() + x @ x - 2 * sizes.sum()


def by_a_matrix_root(x):
    """The same with tr (S^½ A Aᵀ S^½)^½, a root of a singular matrix."""
    V = ROOTS[:, None] * x.reshape(4, 2)
    return (ROOTS**2).sum() + x @ x - 2 * np.sqrt(np.maximum(np.linalg.eigvalsh(V @ V.T), 0)).sum()


def test_a_root_of_a_singular_matrix_stops_a_search():
    """Its eigenvalues of 10⁻¹⁶ count as 10⁻⁸, which differences of values cannot bear: BFGS stops
    above the least value, to which it comes with the nuclear norm."""
    rng, least = np.random.default_rng(8), (ROOTS[2:] ** 2).sum()
    for _ in range(4):
        x = rng.standard_normal(8)
        lost = by_singular_values(x) - by_a_matrix_root(x)
        assert 1e-10 < lost < 1e-6
        ends = [minimize(f, x).fun for f in (by_singular_values, by_a_matrix_root)]
        assert ends[0] == pytest.approx(least, abs=1e-8)
        assert ends[1] > least + 0.1
