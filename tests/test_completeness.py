"""Floating: what a root finder knows of critical points, and the family in closed form."""

import numpy as np
import pytest

from proofs._instances import diagonal, whitened
from proofs.critical_points import attack

LANDSCAPES = {
    "distinct": whitened((3, 2, 1), width=2),
    "tied": whitened((2, 2, 1), width=2),
    "deficient": whitened((2, 1, 0), width=2),
    "wide": whitened((1, 1, 0), width=3),
    "singular inputs": diagonal((2, 1, 0), width=2),
}


@pytest.mark.parametrize("kind", LANDSCAPES)
def test_a_root_finder_only_finds_members_of_the_family(kind):
    """Zeros of the gradient from random starts have a normal form, which gives them back."""
    landscape = LANDSCAPES[kind].landscape.floating
    found = attack(landscape, np.random.default_rng(0), starts=40)
    assert len(found) >= 20
    assert max(distance for _, distance in found) < 1e-6
