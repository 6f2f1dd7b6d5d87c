"""Real invertible matrices are joined by invertible ones iff their determinants have one sign.

Complex ones always are. The path is a polygon, from corner to corner in a straight line: by
elimination M⁻¹M′ is a product of transvections 1 + x e_i e_jᵀ, i ≠ j, and a diagonal matrix.

Hypotheses: det M and det M′ have the same sign, if real.

Equality: iff, for on a path of invertible real matrices the determinant keeps its sign. In place of
a logarithm of M⁻¹M′, which may fail to be real at negative eigenvalues.

References: textbook.

Post: E18 (the gauge, along which the minima can be moved, has two pieces over ℝ and one over ℂ).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from types import ModuleType
from typing import NamedTuple

import numpy as np
import sympy as sp
from hypothesis import strategies as st
from sympy.polys.matrices import DomainMatrix

from linae.exact import Array, Gaussian, eye, is_complex, rationals, realified, solve
from proofs._calc import I, Proof, Rule, calc, letter, zero
from proofs._cases import GAUSSIANS, RATIONALS, gauges

uses: list[ModuleType] = []


class Pair(NamedTuple):
    """Two invertible matrices."""

    M: Array
    end: Array


@st.composite
def hypotheses(draw: st.DrawFn) -> Pair:
    """Real ones of equal sign, by a change of sign of a column; or complex ones."""
    p = draw(st.integers(1, 3))
    if draw(st.booleans()):
        unit = Gaussian(Fraction(1))
        return Pair(*(draw(gauges(p, GAUSSIANS)) * unit for _ in range(2)))
    M, end = draw(gauges(p, RATIONALS)), draw(gauges(p, RATIONALS))
    return Pair(M, end if sign(M) == sign(end) else end * np.array([-1] + [1] * (p - 1)))


def conclusion(case: Pair) -> None:
    """On each segment M⁻¹M′ has no eigenvalue on (−∞, 0], by Sturm's count of real roots."""
    corners = polygon(*case)
    assert np.array_equal(corners[0], case.M)
    assert np.array_equal(corners[-1], case.end)
    for start, end in pairwise(corners):
        ratio = DomainMatrix.from_Matrix(sp.Matrix(realified(solve(start, end)))).to_field()
        values = sp.Poly(ratio.charpoly(), sp.Symbol("x"))
        assert not values.count_roots(None, 0), f"a singular matrix between {start} and {end}"
    assert is_complex(case.M) or len({sign(corner) for corner in corners}) == 1


def sign(M: Array) -> int:
    """Of the determinant of an exact real matrix."""
    return int(sp.sign(sp.Matrix(M).det()))


def polygon(M: Array, end: Array) -> list[Array]:
    """Corners of a path from M to M′; all of it invertible, if the signs are equal or M complex."""
    corners, rest, one = [M], solve(M, end), eye(len(M), M)
    for c in range(len(M)):
        for i in [c] * (not rest[c, c]) + [i for i in range(len(M)) if i != c]:
            T = one.copy()
            if i == c:
                T[c, next(k for k in range(c, len(M)) if rest[k, c])] += 1
            else:
                T[i, c] -= rest[i, c] / rest[c, c]
            rest = T @ rest
            corners.append(corners[-1] @ solve(T, one))
    return [*corners, *(corners[-1] @ D for D in _diagonals(rest.diagonal())), end]


def _diagonals(entries: Array) -> Iterator[Array]:
    """Corners from 1 to where a segment leads on to diag(entries): i for a negative number; over ℝ
    −1 for two of them, by quarter-turns."""
    D = eye(len(entries), entries)
    if is_complex(entries):
        negative = [j for j, x in enumerate(entries) if x == x.real and x.real < 0]
        D[negative, negative] = Gaussian(Fraction(0), Fraction(1))
        yield D
        return
    negative = [j for j, x in enumerate(entries) if x < 0]
    for j, k in zip(negative[::2], negative[1::2], strict=False):
        quarter = D.copy()
        quarter[np.ix_([j, k], [j, k])] = rationals([[0, -1], [1, 0]])
        D[[j, k], [j, k]] = Fraction(-1)
        yield from (quarter, D.copy())


def proof() -> Proof:
    """For all sizes.

    1. A transvection 1 + e x fᴴ with fᴴe = 0 is invertible for every number x, also on the segment
       from 1 to it; M⁻¹M′ is a product of transvections and a diagonal D (Gauss).
    2. A quarter-turn of two coordinates, (1 − t) + t [0 −1; 1 0], has the determinant
       (1 − t)² + t² > 0; so two entries −1 of D are joined with two entries 1.
    3. A number d is joined with 1 by a segment without 0 unless d < 0; over ℂ then by way of i.

    With equal signs the negative entries of D are even in number.
    """
    e, x, f = letter("e", "p", "1"), letter("x", "1", "1"), letter("f", "p", "1")
    apart = Rule("fᴴe = 0", f.H @ e, zero("1", "1"))
    inverted = calc((I("p") + e @ x @ f.H) @ (I("p") - e @ x @ f.H), apart)
    t = sp.Symbol("t", real=True)
    quarter = sp.Matrix([[1 - t, -t], [t, 1 - t]]).det()
    assert sp.expand(quarter - (1 - t) ** 2 - t**2) == 0
    return Proof([inverted.step("fᴴe = 0", I("p"))])


counterexamples = {
    "det M and det M′ have the same sign": Pair(rationals([[1]]), rationals([[-1]])),
}
