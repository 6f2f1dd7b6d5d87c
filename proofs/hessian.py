"""The Hessian of the squared loss maps (Ȧ, Ḃ) to (2 (E Bᴴ + R Ḃᴴ), 2 (Ȧᴴ R + Aᴴ E)).

Here E = (Ȧ B + A Ḃ) Sxx and R = A B Sxx − Syx.

Hypotheses: none. Any second moments, any weights, real or complex; over ℂ the Hessian is the real
one of twice the size: ∂∂̄ alone misses the block ∂∂.

Equality: with second derivatives of the loss along lines, entry by entry. The matrix that ships is
held against the same on every case.

References: Baldi and Hornik 1989, Neural Networks 2 (no Hessian is formed there).

Post: none by itself; every claim about saddles rests on it.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
from hypothesis.strategies import SearchStrategy

from linae import calculus
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient
from proofs._calc import letter
from proofs._cases import points
from proofs._instances import Point
from proofs._words import block, derivative, word

uses: list[ModuleType] = [gradient]


def hypotheses() -> SearchStrategy[Point]:
    """Any weights in any landscape of at most twelve parameters."""
    return points(12)


def conclusion(case: Point) -> None:
    """Matrix and map are those of second derivatives along lines, from the samples."""
    at, weights = case.instance, case.weights
    H = calculus.hessian(at.loss, weights, at.landscape.degree)
    assert np.array_equal(at.landscape.hessian(*weights), H)
    for k, e in enumerate(calculus.unit_directions(weights)):
        column = at.landscape.flatten(at.landscape.hessian_vector(weights, e))
        assert np.array_equal(column, H[:, k]), f"column {k}: {column}, by definition {H[:, k]}"


def proof() -> None:
    """The slope of the gradient that ships is the map that ships, for all sizes."""
    A, B, dA, dB = (letter(x, *s) for x, s in zip("ABȦḂ", ("np", "pm", "np", "pm"), strict=True))
    R, Syx, Syy = letter("R", "m", "d"), letter("Syx", "n", "m"), letter("Syy", "n", "n")
    landscape = SquaredLoss(Moments(block(R @ R.H), block(Syx), block(Syy)), 1)
    slopes = derivative(landscape.gradient, (A, B), (dA, dB))
    still = (block(A), block(B)), (block(dA), block(dB))
    assert slopes == tuple(word(h) for h in landscape.hessian_vector(*still))


counterexamples: dict[str, Point] = {}
