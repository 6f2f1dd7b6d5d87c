"""The gradient of the squared loss is (2 R Bᴴ, 2 Aᴴ R) with R = A B Sxx − Syx.

Hypotheses: none. Any second moments, any weights, real or complex; over ℂ the gradient is that by
real and imaginary parts, d L = Re⟨gradient, d weights⟩, twice the conjugate Wirtinger derivative.

Equality: entry by entry, with the derivative of E‖y − A B x‖² along every coordinate.

References: Baldi and Hornik 1989, Neural Networks 2, for real data; Baldi and Lu 2012,
arXiv:1108.4135, for complex data (wording not confirmed).

Post: E4. Its equation Aᴴ(A B − Syx Sxx⁻¹) = 0 is the encoder's half of "gradient = 0" if Sxx ≻ 0;
the decoder's half R Bᴴ = 0 is needed as well.
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis.strategies import SearchStrategy

from linae import calculus
from linae.exact import Array
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs._calc import Sum, letter
from proofs._cases import points
from proofs._instances import Point
from proofs._words import Block, block, derivative, word

uses: list[ModuleType] = []


def hypotheses() -> SearchStrategy[Point]:
    """Any weights in any landscape."""
    return points()


def conclusion(case: Point) -> None:
    """Loss and gradient are those of the samples, by definition."""
    at = case.instance
    landscape, weights = at.landscape, case.weights
    assert landscape.loss(*weights) == at.loss(*weights)
    found = calculus.gradient(at.loss, weights, landscape.degree)
    claimed = landscape.flatten(landscape.gradient(*weights))
    assert np.array_equal(claimed, found), f"claimed {claimed}, found {found}"


def proof() -> None:
    """The slope of the loss that ships is Re tr(Ȧ ∇_Aᴴ) + Re tr(Ḃ ∇_Bᴴ), for all sizes."""
    A, B, dA, dB = (letter(x, *s) for x, s in zip("ABȦḂ", ("np", "pm", "np", "pm"), strict=True))
    R, Syx, Syy = letter("R", "m", "d"), letter("Syx", "n", "m"), letter("Syy", "n", "n")
    landscape = SquaredLoss(Moments(block(R @ R.H), block(Syx), block(Syy)), 1)

    def loss(*weights: Array) -> tuple[Array]:
        """The matrix whose Re tr is the loss."""
        return (block(landscape.loss(*(w.view(_Traced) for w in weights))),)

    (slope,) = derivative(loss, (A, B), (dA, dB))
    gA, gB = (word(g) for g in landscape.gradient(block(A), block(B)))
    assert real_trace(slope) == real_trace(dA @ gA.H, dB @ gB.H)


class _Traced(Block):
    """A matrix that stands for its trace: ⟨M, N⟩ = tr M Nᴴ is the sum of an entrywise product."""

    def sum(self, *_: Any, **__: Any) -> Any:
        return self.item()


def real_trace(*squares: Sum) -> dict[tuple[str, ...], Fraction]:
    """The sum of Re tr of matrices; words that turn or adjoin into one another have one."""
    total: dict[tuple[str, ...], Fraction] = {}
    for w, c in ((w, c) for S in squares for w, c in S.terms.items()):
        turns = [v.letters[i:] + v.letters[:i] for v in (w, w.H) for i in range(len(w.letters))]
        name = min(tuple(map(str, turn)) for turn in turns)
        total[name] = total.get(name, Fraction(0)) + c
    return {name: c for name, c in total.items() if c}


counterexamples: dict[str, Point] = {}
