"""A homogeneous penalty of one factor alone costs nothing in the infimum, and leaves no minimum.

Let L(A, B) = f(A B) + Ω(B) with Ω ⪰ 0 and Ω(t B) = tᵏ Ω(B) for t > 0. The map of (c A, B/c) is
A B, and its loss f(A B) + c⁻ᵏ Ω(B). So

1. inf L is the infimum of f over maps of rank at most p;
2. Ω(B) = 0 wherever this curve is level, as it is at critical points and at local minima of L, be Ω
   smooth or not. If Ω vanishes at 0 alone, L has a minimum only if 0 is the best map for f;
3. with a penalty of degree a of A, and one of degree b of B, a Ω_A(A) = b Ω_B(B) there.

Hypotheses: A and B are free (not tied, no bound on a norm); Ω ⪰ 0; Ω is homogeneous; k > 0.

Equality: of the loss on the curve, and of both sides in 3. A penalty of the code, E ω(B x) with ω
homogeneous, is of this kind.

References: elementary.

Post: F2 (contractive, k = 2: see `contractive`), F10 (sparse, k = 1: ‖E(x)‖₁ alone can be made as
small as one likes by a large decoder; bound the norm of its columns, or penalise both factors).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from proofs._auto import frames, ranks, sizes, squares
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Penalty(Case):
    """weight · ‖M‖₁ for k = 1, weight · ‖M‖ᵏ for even k; of codes M = B Z, if Z is given.

    Attributes
    ----------
    shift : number
        Subtracted from each entry, which makes it inhomogeneous.
    """

    degree: int
    weight: Fraction
    inputs: Array | None = None
    shift: int = 0

    def __call__(self, M: Array) -> Any:
        M = (M if self.inputs is None else M @ self.inputs) - self.shift
        size = abs(M).sum() if self.degree == 1 else squares(M) ** (self.degree // 2)
        return self.weight * size


@dataclass(frozen=True, eq=False, repr=False)
class Penalised(Case):
    """Weights with a penalty of each factor, perhaps of weight 0, and the columns of X as data."""

    X: Array
    A: Array
    B: Array
    of_decoder: Penalty
    of_encoder: Penalty
    critical: bool = False

    def error(self, A: Array, B: Array) -> Any:
        """f: ‖X − A B X‖²."""
        return squares(self.X - A @ (B @ self.X))

    def loss(self, A: Array, B: Array) -> Any:
        """The definition."""
        return self.error(A, B) + self.of_decoder(A) + self.of_encoder(B)


DEGREES = st.sampled_from([1, 2, 4])
WEIGHTS = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)])
NONE = Penalty(2, Fraction(0))


def hypotheses() -> st.SearchStrategy[Penalised]:
    """Weights anywhere, critical points with one penalty, and with two."""
    return st.one_of(anywhere(), unpenalised(), balanced())


@st.composite
def anywhere(draw: st.DrawFn) -> Penalised:
    """The penalty of B is one of weights, or of the codes of X."""
    n, p = draw(sizes(6))
    X = draw(matrices(n, draw(st.integers(1, 3))))
    inputs = X if draw(st.booleans()) else None
    of_encoder = Penalty(draw(DEGREES), draw(WEIGHTS), inputs)
    of_decoder = draw(st.just(NONE) | st.builds(Penalty, DEGREES, WEIGHTS))
    return Penalised(X, draw(matrices(n, p)), draw(matrices(p, n)), of_decoder, of_encoder)


@st.composite
def unpenalised(draw: st.DrawFn) -> Penalised:
    """Principal components with a penalty of the codes of the other ones alone."""
    n, p = draw(sizes(6))
    U, Q, r = draw(frames(n)), draw(frames(p)), draw(ranks(min(n, p)))
    A = rationals(U[:, :r] @ Q[:r]) + 0 * U[:, :1]
    penalty = Penalty(draw(st.sampled_from([2, 4])), draw(WEIGHTS), U[:, r:])
    X = rationals(U * np.arange(n, 0, -1))
    return Penalised(X, A, A.T, NONE, penalty, critical=True)


@st.composite
def balanced(draw: st.DrawFn) -> Penalised:
    """The critical points that decay 1 of both factors has, σ² (1 − c²) = 1, in other gauges and
    with weights of any penalties that have the same slope there."""
    n, p = draw(sizes(4))
    U, Q, r = draw(frames(n)), draw(frames(p)), draw(ranks(min(n, p)))
    t = [draw(st.sampled_from([Fraction(2), Fraction(3), Fraction(3, 2)])) for _ in range(n)]
    X = rationals(U * np.array([(x + 1 / x) / 2 for x in t], dtype=object))
    scale = np.array([(x * x - 1) / (x * x + 1) for x in t[:r]], dtype=object)
    tied = rationals(U[:, :r] * scale @ Q[:r]) + 0 * U[:, :1]
    c = draw(st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 3)]))
    weights = c * tied, tied.T / c
    penalties = (
        _equivalent(draw(st.sampled_from([2, 4])), decay, w)
        for decay, w in zip((1 / c**2, c**2), weights, strict=True)
    )
    return Penalised(X, *weights, *penalties, critical=True)


def _equivalent(degree: int, decay: Fraction, w: Array) -> Penalty:
    """Of the slope that decay · ‖w‖² has: the slope of ‖w‖⁴ is 4 ‖w‖² w."""
    return Penalty(degree, decay / (2 * squares(w)) if degree == 4 and w.any() else decay)


def conclusion(case: Penalised) -> None:
    """By values of the loss, on the curve and around critical points."""
    A, B = case.A, case.B
    a, b = case.of_decoder.degree, case.of_encoder.degree
    error, of_A, of_B = case.error(A, B), case.of_decoder(A), case.of_encoder(B)
    assert case.loss(A, B) >= error, "below the loss without penalty"
    for c in (Fraction(2), Fraction(1, 3), Fraction(1000)):
        assert case.loss(c * A, B / c) == error + c**a * of_A + of_B / c**b
    slope = _slope(case)
    assert slope == a * of_A - b * of_B, f"the slope on the curve is {slope}"
    if case.critical:
        assert not np.any(calculus.gradient(case.loss, (A, B), 4)), "not critical"
        assert a * of_A == b * of_B, "a critical point that is not balanced"
        assert of_A or not of_B, "a critical point with one penalty that is not 0"


def _slope(case: Penalised) -> Any:
    """Of c ↦ L(c A, B/c) at 1, from values: c⁴ L is a polynomial of degree 8."""
    nodes, first, _ = calculus.line_rule(8)
    scales = [1 + Fraction(node, 16) for node in nodes]
    values = [c**4 * case.loss(c * case.A, case.B / c) for c in scales]
    return 16 * sum(w * x for w, x in zip(first, values, strict=True)) - 4 * values[len(nodes) // 2]


def proof() -> None:
    """For all sizes and degrees: the slope of the loss on the curve, in symbols.

    As c → ∞ the loss tends to f(A B), for all A and B, and L >= f(A B): this is 1. The slope at
    c = 1 is 0 where L is differentiable with gradient 0, and at local minima, since the loss on the
    curve is smooth in c: this is 3, and 2 with Ω_A = 0. A minimum of L has the value inf f by 1,
    and Ω(B) = 0 by 2: if B = 0 the map is 0.
    """
    c, a, b = sp.symbols("c a b", positive=True)
    f, of_A, of_B = sp.symbols("f Ω_A Ω_B", real=True)
    loss = f + c**a * of_A + c**-b * of_B
    assert sp.simplify(sp.diff(loss, c).subs(c, 1) - (a * of_A - b * of_B)) == 0
    assert sp.limit(loss.subs(of_A, 0), c, sp.oo) == f


_one = rationals([[1]])


def _scalar(penalty: Penalty, *, critical: bool = False) -> Penalised:
    """One input, A = B = 1."""
    return Penalised(_one, _one, _one, NONE, penalty, critical)


counterexamples = {
    "Ω ⪰ 0": _scalar(Penalty(2, Fraction(-1))),
    "Ω is homogeneous": _scalar(Penalty(2, Fraction(1), shift=1)),
    "k > 0": _scalar(Penalty(0, Fraction(1)), critical=True),
}
