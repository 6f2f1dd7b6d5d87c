"""No critical point but A = B = 0 is isolated: with (A, B) all the points (A/c, c B) are critical.

Hypotheses: (A, B) ≠ (0, 0); no decay. Real or complex data; c ≠ 0, also for the equations
"gradient = 0" over ℂ with transposes, whose solutions a solver of polynomial systems lists.

Equality: the points on the curve are critical, with one map A B, and no two of them are the same.

For X = [[1, 2], [3, 4]], Y = [[1, 3], [2, 4]], p = 1, published as a system with "just 5 isolated
solutions", Σ has the eigenvalues 15 ± √221. The four solutions printed beside the origin have the
two real maps of these eigenvalues, and lie on their two curves: the critical set is two curves and
the origin.

References: Bharadwaj 2022, Critical Points of Deep Linear Networks in Cᴺ, Master's thesis, San
Francisco State University, system (1.13), pages 12 to 13, and Appendix A, pages 54 to 55.

Post: E1 ("some combination of principal components": only up to a gauge).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, Gaussian, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient
from proofs._calc import I, Proof, Rule, calc, inverse, letter
from proofs._cases import instances, points_of
from proofs._instances import Case, CriticalPoint
from proofs._words import block, word

uses: list[ModuleType] = [gradient]


@dataclass(frozen=True, eq=False, repr=False)
class Scaled(Case):
    """A critical point of the loss plus decay · (‖A‖² + ‖B‖²), and a scale."""

    landscape: SquaredLoss
    A: Array
    B: Array
    c: Fraction
    decay: Fraction = Fraction(0)


@dataclass(frozen=True, eq=False, repr=False)
class Printed(Case):
    """A solution of the system as printed, and the sign in the eigenvalue 15 ± √221."""

    decoder: Array
    encoder: Array
    sign: int


@st.composite
def hypotheses(draw: st.DrawFn) -> Scaled | Printed:
    """Critical points of all classes, and the four solutions in print."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(PRINTED))
    point = draw(instances(size=8).flatmap(points_of).filter(_is_not_zero))
    c = draw(st.sampled_from([Fraction(2), Fraction(-1), Fraction(1, 3)]))
    return Scaled(point.instance.landscape, *point.weights, c)


def _is_not_zero(point: CriticalPoint) -> bool:
    return any(map(np.any, point.weights))


def conclusion(case: Scaled | Printed) -> None:
    """Gradients on the curve; of what is printed, residuals and maps to the digits in print."""
    if isinstance(case, Printed):
        return _lies_on_a_curve(case)
    for c in (Fraction(1), case.c):
        A, B = rationals(case.A / c), rationals(c * case.B)
        slopes = case.landscape.gradient(A, B)
        still = [g + 2 * case.decay * w for g, w in zip(slopes, (A, B), strict=True)]
        assert not any(map(np.any, still)), f"the gradient at scale {c} is {still}"
    assert not (np.array_equal(A, case.A) and np.array_equal(B, case.B)), "the curve is a point"


def _lies_on_a_curve(case: Printed) -> None:
    """The equations W₂ᵀ(W₂W₁ Sxx − Syx) = 0 and (…) W₁ᵀ = 0, and W₂W₁ = u uᵀ Syx Sxx⁻¹."""
    W = case.decoder @ case.encoder
    R = W @ SXX - SYX
    size = 1 + max(abs(complex(x)) for M in (case.decoder, case.encoder) for x in M.flat)
    for slope in (case.decoder.T @ R, R @ case.encoder.T):
        assert max(abs(complex(x)) for x in slope.flat) <= 1e-9 * size
    root = Fraction(Decimal(221).sqrt())
    other = 15 - case.sign * root
    projection = (SIGMA - other * np.eye(2, dtype=int)) / (2 * case.sign * root)
    difference = W - projection @ SYX @ SXX_INVERSE
    assert max(abs(complex(x)) for x in difference.flat) <= 1e-6, f"the map is {W}"


def proof() -> Proof:
    """At (A M⁻¹, M B) the gradient that ships is (∇_A Mᴴ, M⁻ᴴ∇_B), for every gauge M; here M = c 1.

    If A ≠ 0 or B ≠ 0, different c give different points, as near as one likes.
    """
    A, B, M = letter("A", "n", "p"), letter("B", "p", "m"), letter("M", "p", "p")
    S, T, N = letter("Sxx", "m", "m"), letter("Syx", "n", "m"), inverse(M)
    landscape = SquaredLoss(Moments(*(block(X) for X in (S, T, letter("Syy", "n", "n")))), 1)
    left, right = (word(g) for g in landscape.gradient(block(A), block(B)))
    moved = (word(g) for g in landscape.gradient(block(A @ N), block(M @ B)))
    gauge = Rule("M⁻¹ M = I", N @ M, I("p"))
    claims = zip(moved, (left @ M.H, N.H @ right), strict=True)
    return Proof([calc(start, gauge).step(gauge.name, claim) for start, claim in claims])


SXX, SYX = rationals([[5, 11], [11, 25]]), rationals([[7, 15], [10, 22]])
SIGMA, SXX_INVERSE = rationals([[10, 14], [14, 20]]), rationals([[25, -11], [-11, 5]]) / 4


def _printed(sign: int, *lines: str) -> Printed:
    """Two entries of the encoder, two of the decoder, each with its real and imaginary part."""
    a, b, c, d = (Gaussian(*map(Fraction, line.split())) for line in lines)
    return Printed(rationals([[c], [d]]), rationals([[a, b]]), sign)


PRINTED = [
    _printed(
        -1,
        "-58.74246608059022     33.99335474985693",
        "26.93220890741545      -15.585251908406631",
        "-0.009292722892228591  -0.005377554722239227",
        "0.006548760207464838   0.0037896660415771078",
    ),
    _printed(
        +1,
        "0.0154333736179604     -0.023845351783789572",
        "-0.0014456112048643842 0.0022335432664228345",
        "33.88424645895807      52.352894237089174",
        "48.08191211462479      74.28901400250797",
    ),
    _printed(
        -1,
        "-0.001177087380266545  -0.00400842863095992",
        "0.0005396702818728927  0.001837781837952983",
        "-49.14436810399029     167.35519848480632",
        "34.63297958982107      -117.93842096230237",
    ),
    _printed(
        +1,
        "4.026936355450126      -207.1820248386482",
        "-0.37719454351443216   19.406298581712793",
        "0.00016611312689544    0.008546361537572086",
        "0.00023571534276691612 0.012127328988917559",
    ),
]
"""Bharadwaj 2022, Appendix A, pages 54 to 55; the fifth solution is the origin."""

_one, _two = rationals([[1]]), rationals([[2]])
_AUTO = SquaredLoss(Moments.auto(_one), 1)
_STEEP = SquaredLoss(Moments(_one, _two, 4 * _one), 1)
counterexamples = {
    "(A, B) ≠ (0, 0)": Scaled(_AUTO, 0 * _one, 0 * _one, Fraction(2)),
    "no decay": Scaled(_STEEP, _one, _one, Fraction(2), decay=Fraction(1)),
}
