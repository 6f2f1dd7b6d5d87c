"""Eigenvalues of an exact symmetric matrix: multiplicities decided, values enclosed.

    roots = eigenvalue_roots(S)    # S rational: descending, each Root(lower, upper, multiplicity)

Multiplicities come from the squarefree factorisation of the characteristic polynomial; a rational
eigenvalue is found exactly (lower == upper); any other is enclosed by a change of sign of its
squarefree factor, an intermediate value proof that needs no trust in the arithmetic of the guess.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from linae.exact import Array, is_complex, realified


class Root(NamedTuple):
    """A real root in [lower, upper]; exact if both agree."""

    lower: Fraction
    upper: Fraction
    multiplicity: int

    @property
    def is_rational(self) -> bool:
        return self.lower == self.upper

    @property
    def value(self) -> Fraction | float:
        """The root itself if rational, else the double nearest the middle of its enclosure."""
        return self.lower if self.is_rational else float((self.lower + self.upper) / 2)


def eigenvalue_roots(S: Array) -> list[Root]:
    """Distinct eigenvalues of an exact symmetric or Hermitian matrix S (n, n), largest first.

    >>> from linae.exact import rationals
    >>> [root.multiplicity for root in eigenvalue_roots(rationals([[1, 1], [1, 1]]))]
    [1, 1]
    """
    M, copies = realified(S), 2 if is_complex(S) else 1
    if not (M - np.diag(np.diagonal(M))).any():
        counts = Counter(Fraction(x) for x in np.diagonal(M))
        return [Root(x, x, counts[x] // copies) for x in sorted(counts, reverse=True)]
    scale = math.lcm(*(Fraction(x).denominator for x in M.flat))
    found = _integer_roots(tuple(int(x * scale) for x in M.flat))
    return [Root(low / scale, high / scale, count // copies) for low, high, count in found]


@lru_cache(maxsize=8)
def _integer_roots(entries: tuple[int, ...]) -> list[tuple[Fraction, Fraction, int]]:
    """Of a symmetric matrix of integers, row by row; every class of a landscape asks for the same
    ones."""
    order = math.isqrt(len(entries))
    M = np.array(entries, dtype=object).reshape(order, order)
    found = [
        (low, high, multiplicity, coefficients)
        for coefficients, multiplicity in _squarefree(M)
        for low, high in _enclosures(coefficients)
    ]
    found = _apart(sorted(found, key=lambda root: root[0], reverse=True))
    return [(low, high, count) for low, high, count, _ in found]


def _half(coefficients: list[int], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """The half of an enclosure in which the sign changes."""
    middle = (low + high) / 2
    if _sign(coefficients, middle) == _sign(coefficients, low):
        return middle, high
    return low, middle


def _apart(
    roots: list[tuple[Fraction, Fraction, int, list[int]]],
) -> list[tuple[Fraction, Fraction, int, list[int]]]:
    """The roots in their order, largest first: enclosures that overlap are halved until none does.

    Roots of different squarefree factors differ, so that this ends.
    """
    while True:
        close = {
            k
            for i, (a, b) in enumerate(pairwise(roots))
            if a[0] <= b[1] and not (a[0] == a[1] > b[1])
            for k in (i, i + 1)
        }
        if not close:
            return roots
        for k in close:
            low, high, count, coefficients = roots[k]
            if low < high:
                roots[k] = (*_half(coefficients, low, high), count, coefficients)
        roots = sorted(roots, key=lambda root: root[0], reverse=True)


def _squarefree(M: Array) -> list[tuple[list[int], int]]:
    """Squarefree factors (integer coefficients, leading one first) of the characteristic polynomial
    of an integer matrix, with multiplicities."""
    try:
        return flint_factors(M)
    except ImportError:
        return sympy_factors(M)


def flint_factors(M: Array) -> list[tuple[list[int], int]]:
    """By python-flint."""
    from flint import fmpz_mat  # an optional dependency

    matrix = fmpz_mat(len(M), len(M), [int(x) for x in M.flat])
    _, factors = matrix.charpoly().factor_squarefree()
    return [([int(c) for c in reversed(f.coeffs())], int(k)) for f, k in factors]


def sympy_factors(M: Array) -> list[tuple[list[int], int]]:
    """By SymPy."""
    from sympy import ZZ, Poly, Symbol
    from sympy.polys.matrices import DomainMatrix

    integers = [[ZZ(int(x)) for x in row] for row in M]
    polynomial = DomainMatrix(integers, M.shape, ZZ).charpoly()
    _, factors = Poly(polynomial, Symbol("x"), domain=ZZ).sqf_list()
    return [([int(c) for c in f.all_coeffs()], k) for f, k in factors]


def _enclosures(coefficients: list[int]) -> list[tuple[Fraction, Fraction]]:
    """Disjoint enclosures of all roots of a monic squarefree integer polynomial, all real.

    As many disjoint intervals with a change of sign as the degree: one root in each.
    """
    bits = 96
    while True:
        guesses = _guesses(coefficients, bits)
        size = max(abs(math.floor(guess)) for guess in guesses)
        unit = Fraction(2) ** (size.bit_length() - bits * 3 // 4)
        places = [round(guess / unit) for guess in guesses]
        pairs = [((k - 1) * unit, (k + 1) * unit) for k in places]
        apart = all(a[1] < b[0] for a, b in pairwise(pairs))
        if apart and all(_sign(coefficients, a) * _sign(coefficients, b) <= 0 for a, b in pairs):
            return [_enclosure(coefficients, *pair) for pair in pairs]
        bits *= 2


def _guesses(coefficients: list[int], bits: int) -> list[Fraction]:
    """Approximate roots, ascending: from the left the method of Laguerre climbs to the least one
    if all are real, which is then divided out."""
    import mpmath

    if not coefficients[-1]:
        return sorted([Fraction(0), *_guesses(coefficients[:-1], bits)])
    with mpmath.workprec(bits + 10 * len(coefficients)):
        left, roots = [mpmath.mpf(c) for c in coefficients], list[Fraction]()
        sizes = (abs(c).bit_length() / k for k, c in enumerate(coefficients[1:], 1))
        x = -(mpmath.mpf(2) ** (1 + max(sizes, default=0)))
        while len(left) > 1:
            x = _laguerre(left, x, mpmath.mpf(2) ** -bits)
            roots.append(_fraction(x))
            left = _divided(left, x)
        return sorted(roots)


def _divided(coefficients: list[Any], x: Any) -> list[Any]:
    """The quotient by the factor of a root."""
    return list(itertools.accumulate(coefficients[:-1], lambda value, c: value * x + c))


def _laguerre(coefficients: list[Any], x: Any, precision: Any) -> Any:
    """The least root, from x on the left of it: every step but one of rounding goes right."""
    from mpmath import sqrt

    n = len(coefficients) - 1
    while True:
        value = slope = bend = 0 * x
        for c in coefficients:
            bend, slope, value = bend * x + slope, slope * x + value, value * x + c
        spread = sqrt(max((n - 1) * ((n - 1) * slope**2 - 2 * n * value * bend), 0))
        divisor = slope + spread if slope > 0 else slope - spread
        step = n * value / divisor if divisor else 0 * x
        x -= step
        if step >= -abs(x) * precision:
            return x


def _fraction(x: object) -> Fraction:
    """The rational number that an mpmath float is."""
    sign, mantissa, exponent, _ = x._mpf_  # type: ignore[attr-defined]
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** exponent


def _enclosure(coefficients: list[int], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """Of the one root between: a point if it is an integer (a rational root of a monic integer
    polynomial is one), else [k, k + 1]/2ᵉ with the least e >= 0 for which k has 64 bits."""
    sign = _sign(coefficients, low)

    def above(x: Fraction) -> bool:
        return x <= low or (x < high and _sign(coefficients, x) == sign)

    while high - low >= 1:
        low, high = _half(coefficients, low, high)
    for integer in map(Fraction, range(math.ceil(low), math.floor(high) + 1)):
        if not _sign(coefficients, integer):
            return integer, integer
    k, unit = math.floor(low), 1
    k += above(Fraction(k + 1))
    while min(abs(k), abs(k + 1)) < 2**63:
        k, unit = 2 * k, 2 * unit
        k += above(Fraction(k + 1, unit))
    return Fraction(k, unit), Fraction(k + 1, unit)


def _sign(coefficients: list[int], x: Fraction) -> int:
    """Sign of the polynomial at x, in integers."""
    value, power = 0, 1
    for c in coefficients:
        value = value * x.numerator + c * power
        power *= x.denominator
    return (value > 0) - (value < 0)
