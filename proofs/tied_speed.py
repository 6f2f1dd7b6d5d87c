"""Tied weights learn twice as fast in time, and bear half the step: in steps nothing is gained.

At (A, Aᵀ) with A = U diag(a) Q, where the columns of U are eigenvectors of S, of values λ, and Q is
orthogonal, let G be the slope of E‖x − A B x‖² in A. In B it is Gᵀ, and of E‖x − A Aᵀx‖² in A it is
2 G. So from such a start tied descent with step η takes the same way as untied descent with step
2η, and stays with such weights; so does the flow, twice as fast:

    w = a²,    ẇ = 8λ w (1 − w) if tied,    4λ w (1 − w) if not,

so that half of a component is there at ln((1 − w₀)/w₀) / 8λ, or at twice that time. At the global
minimum, a = 1 on the p leading components, the largest curvature is 8λ₁ if tied, and 4λ₁ if not:
descent is stable with steps below 1/4λ₁, or below 1/2λ₁.

Hypotheses: real auto-association, Y = X; weights (A, Aᵀ), and aligned with S. Any a, large or not.

Equality: of slopes, of steps, of times and of curvatures.

References: elementary; the curve is that of Saxe, McClelland and Ganguli 2014, arXiv:1312.6120.

Post: F14 ("Mean output": the first plateau lasts ln(1/w₀)/4λ₁), F15 (weight sharing is no faster).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, rationals
from linae.inertia import ldl_inertia
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.tied import TiedWeights
from proofs import gradient, modes, tied
from proofs._auto import Auto, frames, sizes, spectra
from proofs._cases import matrices, unitaries
from proofs._instances import Case

uses: list[ModuleType] = [gradient, modes, tied]


@dataclass(frozen=True, eq=False, repr=False)
class Aligned(Case):
    """A = U diag(a) Q with the first columns of U, turned if it is not to be aligned."""

    at: Auto
    a: Array
    Q: Array
    step: Fraction
    turn: Array

    @cached_property
    def A(self) -> Array:
        U = self.turn @ self.at.U[:, : len(self.a)]
        return rationals(U * self.a @ self.Q[: len(self.a)])

    def untied(self, A: Array, B: Array) -> Any:
        return self.at.error(A @ B)

    def tied(self, A: Array) -> Any:
        return self.at.error(A @ A.T)


@st.composite
def hypotheses(draw: st.DrawFn) -> Aligned:
    """Any spectrum, gauge and a; a = 1 in one case of two."""
    n, p = draw(sizes(6))
    at, k = Auto(draw(frames(n)), draw(spectra(n)), p), min(n, p)
    parts = st.sampled_from([Fraction(x, 4) for x in (0, 1, 2, 4, -3, 5)])
    a = draw(matrices(1, k, parts))[0]
    a = draw(st.sampled_from([a, rationals([1] * k)]))
    step = draw(st.sampled_from([Fraction(1, 8), Fraction(1, 20)]))
    return Aligned(at, a, draw(unitaries(p)), step, eye(n, at.U))


def conclusion(case: Aligned) -> None:
    """Slopes by the definition, two steps of descent, and curvatures by exact LDLᵀ."""
    at, A = case.at, case.A
    both = calculus.gradient(case.untied, (A, A.T), 4)
    slope = both[: A.size].reshape(A.shape, order="F")
    assert np.array_equal(both[A.size :].reshape(A.T.shape, order="F"), slope.T), "not symmetric"
    one = calculus.gradient(case.tied, (A,), 4).reshape(A.shape, order="F")
    assert np.array_equal(one, 2 * slope), "not twice the slope"
    _descends_alike(case)
    k = len(case.a)
    axes, values = at.U[:, :k], rationals(at.values[:k])
    moves = axes.T @ (-one @ A.T - A @ one.T) @ axes
    w = case.a * case.a
    assert np.array_equal(moves, np.diag(8 * values * w * (1 - w))), "another curve"
    if (w == 1).all() and at.values[0]:
        _has_the_curvature(case)


def _descends_alike(case: Aligned) -> None:
    free, shared = (loss(case.at.moments, case.at.width) for loss in (SquaredLoss, TiedWeights))
    A, B, C = case.A, case.A.T, case.A
    for _ in range(2):
        of_A, of_B = free.gradient(A, B)
        A, B = A - 2 * case.step * of_A, B - 2 * case.step * of_B
        C = C - case.step * shared.gradient(C)[0]
        assert np.array_equal(A, C), "another way"
        assert np.array_equal(B, C.T), "no longer tied"


def _has_the_curvature(case: Aligned) -> None:
    """4λ₁ or 8λ₁ is an eigenvalue of the Hessian, and none is larger."""
    top, at = case.at.values[0], case.at
    free = SquaredLoss(at.moments, at.width).hessian(case.A, case.A.T)
    shared = TiedWeights(at.moments, at.width).hessian(case.A)
    for H, claimed in ((free, 4 * top), (shared, 8 * top)):
        found = ldl_inertia(claimed * eye(len(H), H) - H)
        assert not found.negative, f"a curvature above {claimed}"
        assert found.zero, f"no curvature {claimed}"


_one, _half = rationals(np.eye(2, dtype=int)), rationals(["1/2"])
_at = Auto(_one, (Fraction(2), Fraction(1)), 1)

counterexamples = {
    "Y = X": Aligned(replace(_at, targets=-_one), _half, _one[:1, :1], Fraction(1, 8), _one),
    "aligned with S": Aligned(
        _at, _half, _one[:1, :1], Fraction(1, 8), rationals([["3/5", "-4/5"], ["4/5", "3/5"]])
    ),
}
