"""Biases are centring: with them, the squared loss is that of centred data plus a square.

For y ≈ A (B x + b) + c, with means x̄ and ȳ and e = ȳ − A (B x̄ + b) − c,

    loss(A, B, b, c) = L(A, B) + ‖e‖²,    L the loss of centred data without biases.

So c = ȳ − A (B x̄ + b) is the best decoder bias; (A, B, b, c) is critical iff c is best and (A, B)
is critical for L; and the inertia there is that of L, and n positive (for c), and p zeros (for b).

The mean output: a critical point whose output is the same for every sample has the output ȳ, rank
0, and index p ρ, ρ the rank of the centred Syx: a strict saddle unless there is nothing to learn.

Hypotheses: none; that the decoder has a bias. Any data, real or complex (then counts double).

Equality: of the values at all weights and biases, and of all three counts at critical points.

References: Bourlard and Kamp 1988, Biological Cybernetics 59 (wording not confirmed).

Post: E20 ("Mean output" is the critical class of rank 0, a strict saddle, not a minimum).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, is_complex, rank, rationals
from linae.inertia import Inertia
from linae.inertia import inertia as inertia_of
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import inertia
from proofs._calc import I, Proof, Rule, calc, letter
from proofs._cases import GAUSSIANS, RATIONALS, instances, matrices, points_of
from proofs._instances import Case

uses: list[ModuleType] = [inertia]


@dataclass(frozen=True, eq=False, repr=False)
class Affine(Case):
    """Rows of data X (N, m) and Y (N, n), weights A and B, biases b (p, 1) and c (n, 1)."""

    X: Array
    Y: Array
    A: Array
    B: Array
    b: Array
    c: Array

    def output(self, A: Array, B: Array, b: Array, c: Array) -> Array:
        """A (B x + b) + c, one row for each sample."""
        return (self.X @ B.T + b.T) @ A.T + c.T

    def loss(self, *parameters: Array) -> Any:
        """The mean of ‖y − A (B x + b) − c‖² over samples; the definition."""
        E = self.Y - self.output(*parameters)
        return (E * E.conj()).sum().real / len(E)


@st.composite
def hypotheses(draw: st.DrawFn) -> Affine:
    """Critical weights for data with any means, and with biases of which c is best or is not."""
    numbers = draw(st.sampled_from([RATIONALS] * 4 + [GAUSSIANS]))
    at = draw(instances(numbers, size=3 if numbers is GAUSSIANS else 6))
    A, B = draw(points_of(at)).weights
    (n, p), m = A.shape, B.shape[1]
    if draw(st.integers(0, 3)) == 3:
        A, B = draw(matrices(n, p, numbers)) * at.unit, draw(matrices(p, m, numbers)) * at.unit
    x, y, b, c = (draw(matrices(size, 1, numbers)) * at.unit for size in (m, n, p, n))
    X, Y = (_rows(S, mean) for S, mean in zip(at.samples, (x, y), strict=True))
    best = rationals(y - A @ (B @ x + b))
    return Affine(X, Y, A, B, b, best + c * draw(st.sampled_from([0, 0, 0, 1])))


def _rows(S: Array, mean: Array) -> Array:
    """Samples with a given mean, and with second moments about it that are a multiple of S Sᴴ."""
    return rationals(np.concatenate([S + mean, mean - S, mean], axis=1)).T


def conclusion(case: Affine) -> None:
    """Against values of the loss with biases on the rows, and derivatives by definition."""
    A, B, b, c = parameters = case.A, case.B, case.b, case.c
    centred = SquaredLoss(Moments.from_data(case.X, case.Y), A.shape[1])
    e = _mean(case.Y) - A @ (B @ _mean(case.X) + b) - c
    square = (e * e.conj()).sum().real
    assert case.loss(*parameters) == centred.loss(A, B) + square
    slopes = calculus.gradient(case.loss, parameters, 4)
    best, still = not np.any(e), not any(np.any(g) for g in centred.gradient(A, B))
    assert (not np.any(slopes)) == (best and still)
    if best and still:
        _at_a_critical_point(case, centred)


def _mean(rows: Array) -> Array:
    return rows.sum(axis=0)[:, None] / Fraction(len(rows))


def _at_a_critical_point(case: Affine, centred: SquaredLoss) -> None:
    parameters = case.A, case.B, case.b, case.c
    found = inertia_of(calculus.hessian(case.loss, parameters, 4))
    copies = 1 + is_complex(case.A)
    without = inertia_of(centred.hessian(case.A, case.B))
    claimed = without + copies * Inertia(0, case.b.size, case.c.size)
    assert found == claimed, f"claimed {claimed}, found {found}"
    output = case.output(*parameters)
    if (output == output[0]).all():
        assert np.array_equal(output[:1].T, _mean(case.Y))
        assert found.negative == copies * centred.width * rank(centred.moments.Syx)


def proof() -> Proof:
    """The square splits off, for all sizes.

    Samples as columns X and Y, N of them; u = (1, …, 1)ᵀ/√N, so that centring is Q = I − u uᴴ, and
    g = √N (A b + c); E = Y − A B X. Then N times the loss is the trace of the first line of

    1. (E − g uᴴ)(E − g uᴴ)ᴴ = E Q (E Q)ᴴ + (E u − g)(E u − g)ᴴ,

    the trace of E Q (E Q)ᴴ is N times the loss of centred data, and E u − g = √N e. As (A, B, b, c)
    ↦ (A, B, b, e) is invertible, polynomial both ways, critical points and inertias are those of
    L(A, B) + ‖e‖²; and a point whose output is constant has A B = 0 on centred data: rank 0.
    """
    E, u, g = letter("E", "n", "N"), letter("u", "N", "1"), letter("g", "n", "1")
    Q, rest, split = I("N") - u @ u.H, E @ u - g, E - g @ u.H
    unit = Rule("uᴴu = 1", u.H @ u, I("1"))
    chain = calc(split @ split.H, unit)
    chain = chain.step(unit.name, split @ split.H - g @ u.H @ u @ g.H + g @ g.H)
    both = E @ Q @ (E @ Q).H + rest @ rest.H
    return Proof([chain.step(unit.name, both)])


counterexamples: dict[str, Affine] = {}
