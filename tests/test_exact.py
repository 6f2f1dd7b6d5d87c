"""Exact numbers behave as the numbers that they are."""

from fractions import Fraction

import numpy as np
import pytest

from linae.exact import Gaussian, inverse, kernel, orthogonal, rank, rationals, realified, solve

Z, W = Gaussian(Fraction(1, 2), Fraction(-3)), Gaussian(Fraction(2), Fraction(1, 4))


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__mul__", "__truediv__"])
@pytest.mark.parametrize("other", [W, 2, Fraction(3, 4), 0.5, 1 - 2j])
def test_gaussian_rationals_compute_as_complex_numbers_do(operation, other):
    """Every operation on ℚ(i), with any partner, agrees with complex doubles."""
    exact = getattr(Z, operation)(other)
    assert complex(exact) == pytest.approx(getattr(complex(Z), operation)(complex(other)))


def test_gaussian_rationals_stand_on_either_side():
    """2 − z, 2 / z and z · array are defined."""
    assert complex(2 - Z) == 2 - complex(Z)
    assert 2 / Z * Z == 2
    assert (Z * rationals([1, 2])).tolist() == [Z, Z + Z]


def test_doubles_are_dyadic_and_strings_are_decimal():
    """0.1 is not 1/10, "0.1" is."""
    assert rationals(["0.1"])[0] == Fraction(1, 10) != rationals([0.1])[0]


@pytest.mark.parametrize("complex_entries", [False, True])
def test_elimination_solves_its_defining_equations(complex_entries):
    """M Z = M C is solved, M K = 0 on the kernel, and rank plus nullity is the width."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        parts = rng.integers(-2, 3, (2, 3, 4))
        M = rationals(parts[0] + 1j * parts[1] if complex_entries else parts[0])
        M[2] = M[0] + M[1]
        C = M @ rationals(rng.integers(-2, 3, (4, 2)))
        assert (M @ solve(M, C) == C).all()
        K = kernel(M)
        assert not (M @ K).any()
        assert rank(M) + K.shape[1] == 4
        gram = orthogonal(K).conj().T @ orthogonal(K)
        assert not (gram - np.diag(np.diag(gram))).any()


def test_an_impossible_equation_is_refused():
    """solve says so if the right-hand side is outside the range."""
    with pytest.raises(ValueError, match="in the range"):
        solve(rationals([[1, 0], [0, 0]]), rationals([[1], [1]]))


def test_realification_is_multiplicative():
    """Re/Im blocks of a product are the product of Re/Im blocks."""
    A, B = rationals([[1 + 2j, 0], [3, 1j]]), rationals([[1j, 2], [1 - 1j, 0]])
    assert (realified(A @ B) == realified(A) @ realified(B)).all()
    assert (A @ inverse(A) == rationals(np.eye(2, dtype=int))).all()
