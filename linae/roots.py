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
from itertools import pairwise
from typing import NamedTuple

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
    found: list[tuple[Fraction, Fraction, int, list[int]]] = []
    for coefficients, multiplicity in _squarefree(M * scale):
        for low, high in _enclosures(coefficients):
            low, high = _narrow(coefficients, low, high)
            found.append((low, high, multiplicity // copies, coefficients))
    found = _apart(sorted(found, key=lambda root: root[0], reverse=True))
    return [Root(low / scale, high / scale, count) for low, high, count, _ in found]


def _half(coefficients: list[int], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """The half of an enclosure in which the sign changes."""
    middle = (low + high) / 2
    if _sign(coefficients, middle) == _sign(coefficients, low):
        return middle, high
    return low, middle


def _narrow(coefficients: list[int], low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """An enclosure as narrow as a double of the root itself; a point stays one."""
    while high - low > Fraction(1, 2**60) * max(abs(low), abs(high)):
        low, high = _half(coefficients, low, high)
    return low, high


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
    digits = 24
    while True:
        guesses = _guesses(coefficients, digits)
        size = max(map(abs, guesses))
        radius = (size or 1) / Fraction(10) ** (digits * 2 // 3)
        found = [_enclosure(coefficients, guess, radius) for guess in guesses]
        pairs = [pair for pair in found if pair]
        apart = all(a[1] < b[0] for a, b in itertools.pairwise(pairs))
        if len(pairs) == len(coefficients) - 1 and apart:
            return pairs
        digits *= 2


def _guesses(coefficients: list[int], digits: int) -> list[Fraction]:
    """Approximate real roots, ascending."""
    import mpmath

    if len(coefficients) == 2:
        return [Fraction(-coefficients[1], coefficients[0])]
    with mpmath.workdps(digits):
        extra = max(abs(c) for c in coefficients).bit_length() + 10 * len(coefficients)
        roots = mpmath.polyroots(coefficients, maxsteps=2000, extraprec=extra, error=False)
        return sorted(_fraction(mpmath.re(root)) for root in roots)


def _fraction(x: object) -> Fraction:
    """The rational number that an mpmath float is."""
    sign, mantissa, exponent, _ = x._mpf_  # type: ignore[attr-defined]
    return Fraction((-1) ** sign * int(mantissa)) * Fraction(2) ** exponent


def _enclosure(
    coefficients: list[int], guess: Fraction, radius: Fraction
) -> tuple[Fraction, Fraction] | None:
    """An interval about `guess` with a root: a point if an integer is one (a rational root of a
    monic integer polynomial is an integer), else one with a change of sign, else None."""
    low, high = guess - radius, guess + radius
    left, right = _sign(coefficients, low), _sign(coefficients, high)
    if left * right > 0:
        return None
    while high - low >= 1:
        middle = (low + high) / 2
        if _sign(coefficients, middle) == left:
            low = middle
        else:
            high = middle
    for integer in range(math.ceil(low), math.floor(high) + 1):
        if not _sign(coefficients, Fraction(integer)):
            return Fraction(integer), Fraction(integer)
    return low, high


def _sign(coefficients: list[int], x: Fraction) -> int:
    """Sign of the polynomial at x, in integers."""
    value, power = 0, 1
    for c in coefficients:
        value = value * x.numerator + c * power
        power *= x.denominator
    return (value > 0) - (value < 0)
