"""Exact numbers behave as the numbers that they are."""

import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy

from linae.bareiss import flint_echelon, plain_echelon
from linae.exact import (
    Gaussian,
    inverse,
    is_complex,
    kernel,
    orthogonal,
    rank,
    rationals,
    realified,
    row_echelon,
    solve,
)
from linae.ldl import ldl

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


def drawn(rng):
    """A matrix of any shape, rational or complex, often singular, now and then 0."""
    rows, columns = rng.integers(0, 7, 2)
    M = rng.integers(-3, 4, (rows, columns)) * (rng.random((rows, columns)) < 0.7)
    if rng.random() < 0.4:
        M = M + 1j * rng.integers(-2, 3, (rows, columns))
    if rows > 2:
        M[2] = M[0] - M[1]
    return rationals(M) / rationals(rng.integers(1, 9, (rows, 1)))


@pytest.mark.parametrize("flint", [True, False])
def test_the_reduced_row_echelon_form_is_what_defines_it(monkeypatch, flint):
    """Unit vectors in the pivot columns, nothing before a pivot or below the last one, and rows
    that span those of M: M = (its pivot columns) E."""
    if flint:
        pytest.importorskip("flint")
    else:
        monkeypatch.setitem(sys.modules, "flint", None)
    rng = np.random.default_rng(8)
    for _ in range(200):
        M = drawn(rng)
        E, pivots = row_echelon(M)
        r = len(pivots)
        assert (E[:, list(pivots)] == np.eye(len(M), r, dtype=int)).all()
        assert not any(E[i, :pivot].any() for i, pivot in enumerate(pivots))
        assert not E[r:].any()
        assert list(pivots) == sorted(pivots)
        assert (M[:, list(pivots)] @ E[:r] == M).all()
        assert rank(M) == r
        assert {type(x) for x in E.flat} <= {Gaussian if is_complex(M) else Fraction}


def test_integers_are_eliminated_alike_with_and_without_python_flint():
    """To a common factor of numerators and denominator; numbers of hundreds of digits too."""
    pytest.importorskip("flint")
    rng = np.random.default_rng(9)
    for size in (1, 10**40):
        for shape in ((0, 3), (3, 0), (1, 1), (4, 6), (7, 5), (12, 12)):
            M = rng.integers(-3, 4, shape).astype(object) * size + rng.integers(0, 2, shape)
            plain, fast = plain_echelon(M), flint_echelon(M)
            assert plain.pivots == fast.pivots
            left, right = fast.denominator * plain.numerators, plain.denominator * fast.numerators
            assert (left == right).all()


def test_symbols_are_eliminated_as_elements_of_a_field():
    """A matrix with a parameter, and its inverse."""
    t = sympy.Symbol("t")
    M = rationals([[t, 1], [0, t]])
    assert inverse(M).tolist() == [[1 / t, -1 / t**2], [0, 1 / t]]
    assert rank(M) == 2


def test_factors_of_hollow_matrices_multiply_to_them():
    """Pivots of order two, with rows below that differ; L is unit lower triangular."""
    rng = np.random.default_rng(12)
    for size in range(1, 7):
        Z = rng.integers(-3, 4, (size, size)) + 1j * rng.integers(-3, 4, (size, size))
        M = rationals(np.triu(Z, 1) + np.triu(Z, 1).conj().T)
        f = ldl(M)
        assert (M[f.order][:, f.order] == f.L @ f.D @ f.L.conj().T).all()
        assert (np.triu(f.L) == np.eye(size, dtype=int)).all()


def test_an_impossible_equation_is_refused():
    """solve says so if the right-hand side is outside the range."""
    with pytest.raises(ValueError, match="in the range"):
        solve(rationals([[1, 0], [0, 0]]), rationals([[1], [1]]))


def test_realification_is_multiplicative():
    """Re/Im blocks of a product are the product of Re/Im blocks."""
    A, B = rationals([[1 + 2j, 0], [3, 1j]]), rationals([[1j, 2], [1 - 1j, 0]])
    assert (realified(A @ B) == realified(A) @ realified(B)).all()
    assert (A @ inverse(A) == rationals(np.eye(2, dtype=int))).all()
