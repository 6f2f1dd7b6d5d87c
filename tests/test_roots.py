"""Exact eigenvalues of matrices whose eigenvalues are known in radicals, with and without
python-flint."""

import sys
from collections import Counter
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from linae import roots
from linae.exact import Gaussian, eye, product, rationals, zeros
from linae.roots import eigenvalue_roots, flint_factors, sympy_factors


@pytest.fixture(params=["python-flint", "SymPy"])
def factors(request, monkeypatch):
    """Which of the two factors characteristic polynomials; nothing is remembered."""
    if request.param == "SymPy":
        monkeypatch.setitem(sys.modules, "flint", None)
    else:
        pytest.importorskip("flint")
    roots._integer_roots.cache_clear()
    yield request.param
    roots._integer_roots.cache_clear()


def reflected(M, rng):
    """Q M Q for a rational reflection Q = 1 − 2 v vᵀ/vᵀv."""
    v = rationals(rng.integers(1, 4, (len(M), 1)))
    Q = eye(len(M), M) - v @ v.T * (2 / (v * v).sum())
    return product(product(Q, M), Q)


def pairs_on_diagonal(triples):
    """The direct sum of [[a, b], [b, c]]."""
    M = zeros((2 * len(triples), 2 * len(triples)), rationals([]))
    for k, (a, b, c) in enumerate(triples):
        M[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] = rationals([[a, b], [b, c]])
    return M


def is_above(x, root):
    """Whether x > (t ± √D)/2, without a square root."""
    t, sign, D = root
    y = 2 * x - t
    return y > 0 and y * y > D if sign > 0 else y > 0 or y * y < D


def known_roots(triples):
    """(t, ±1, D) for each eigenvalue (t ± √D)/2, largest first, with its multiplicity."""
    found = Counter(
        (Fraction(a) + c, sign, (Fraction(a) - c) ** 2 + 4 * Fraction(b) ** 2)
        for a, b, c in triples
        for sign in (1, -1)
    )

    def value(item):
        t, sign, D = item[0]
        return mpmath.mpmathify(t) + sign * mpmath.sqrt(mpmath.mpmathify(D))

    with mpmath.workdps(100):
        return sorted(found.items(), key=value, reverse=True)


CASES = [
    [(2, 1, 1), (2, 1, 1), (5, 3, -4)],
    [(0, 1, 0), (3, 0, 5), (1, 1, 3)],
    [(10**20, 1, 1), (1, 1, 1), (Fraction(1, 10**20), Fraction(1, 10**21), 0)],
    [(0, 1, 1), (0, Fraction(10**9 + 1, 10**9), 1), (0, 1, 1)],
    [(10**9, Fraction(1, 10**9), 10**9 + Fraction(1, 10**18)), (2, 1, 3)],
]


@pytest.mark.parametrize("triples", CASES)
def test_enclosures_hold_the_eigenvalues_of_pairs(factors, triples):
    """(t ± √D)/2, compared by squares: rational ones exactly, others to 62 bits; in order, with
    multiplicities, far apart, close together, and over 40 orders of magnitude."""
    M = reflected(pairs_on_diagonal(triples), np.random.default_rng(len(triples)))
    found, expected = eigenvalue_roots(M), known_roots(triples)
    assert [root.multiplicity for root in found] == [count for _, count in expected]
    for root, ((t, sign, D), _) in zip(found, expected, strict=True):
        if root.is_rational:
            y = 2 * root.lower - t
            assert y * sign >= 0
            assert y * y == D
        else:
            assert not is_above(root.lower, (t, sign, D))
            assert is_above(root.upper, (t, sign, D))
            assert root.upper - root.lower <= Fraction(1, 2**62) * abs(root.lower)
    assert all(a.lower > b.upper for a, b in pairwise(found))


def test_hermitian_eigenvalues_count_once(factors):
    """[[1, 2i], [−2i, 1]] twice and once more: 3 and −1, not of twice the multiplicity."""
    i = Gaussian(Fraction(0), Fraction(1))
    block = rationals([[1, 2 * i], [-2 * i, 1]])
    M = zeros((4, 4), block)
    M[:2, :2] = M[2:, 2:] = block
    assert [(r.lower, r.multiplicity) for r in eigenvalue_roots(M)] == [(3, 2), (-1, 2)]


def test_forty_rows_of_decimals(factors):
    """As many eigenvalues; their sum and the sum of their squares are traces."""
    X = np.random.default_rng(2).integers(-99, 100, (60, 40)).astype(object)
    M = rationals(X.T @ X) / 6000
    found = eigenvalue_roots(M)
    assert sum(root.multiplicity for root in found) == 40
    for power, total in ((1, M.trace()), (2, (M * M).sum())):
        lower = sum(root.multiplicity * root.lower**power for root in found)
        upper = sum(root.multiplicity * root.upper**power for root in found)
        assert lower <= total <= upper
        assert upper - lower < Fraction(1, 2**60) * total


def test_both_factorisations_are_the_same():
    """To the coefficient, with zeros and ties."""
    pytest.importorskip("flint")
    rng = np.random.default_rng(7)
    for n in range(1, 9):
        A = rng.integers(-3, 4, (n, max(n // 2, 1))).astype(object)
        for M in (A @ A.T, A @ A.T * 10**30, np.kron(np.eye(2, dtype=int), A @ A.T - 1)):
            assert flint_factors(M) == sympy_factors(M)


def test_enclosures_do_not_depend_on_guesses(monkeypatch):
    """The same intervals from more digits, and after a first guess of too few."""
    rng = np.random.default_rng(4)
    A = rng.integers(-9, 10, (6, 6)).astype(object)
    coefficients = sympy_factors(A + A.T)[0][0]
    found, guesses = roots._enclosures(coefficients), roots._guesses
    for extra in (40, 300):
        monkeypatch.setattr(roots, "_guesses", lambda c, bits, e=extra: guesses(c, bits + e))
        assert roots._enclosures(coefficients) == found
    monkeypatch.setattr(roots, "_guesses", lambda c, bits: guesses(c, bits if bits > 99 else 9))
    assert roots._enclosures(coefficients) == found


@pytest.mark.parametrize("bracket", [("1.9", "2.8"), ("-1", "7"), ("2.2", "2.3"), ("1.9", "2.24")])
def test_an_enclosure_is_the_same_from_any_bracket(bracket):
    """Of √5, also where an integer lies between it and the end of the bracket."""
    lower, upper = roots._enclosure([1, 0, -5], *rationals(bracket))
    assert lower**2 < 5 < upper**2
    assert (lower * 2**62).denominator == (upper * 2**62).denominator == 1
    assert upper - lower == Fraction(1, 2**62)
