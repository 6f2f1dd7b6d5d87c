"""The untied contractive autoencoder has no minimum, and its critical points are all saddles.

For L(A, B) = E‖x − A B x‖² + γ ‖B‖², γ > 0, a critical point has B = 0 and the columns of A in
ker S. If S ≠ 0 it is a strict saddle of inertia (p ρ, p (n − ρ), p n). Along (c A, B/c) the penalty
is γ ‖B‖²/c²: the infimum is that of the loss without penalty, and is not attained.

Hypotheses: γ > 0, real auto-association with S ≠ 0.

Equality: of all three counts, and of the loss along the scaling.

References: Rifai et al. 2011, ICML, contractive autoencoders (there with tied weights; wording not
confirmed).

Post: none of E1–E22; it is about the loss that the post calls contractive.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, kernel, rationals, zeros
from linae.inertia import ldl_inertia
from linae.landscapes.contractive import Contractive
from proofs import hessian
from proofs._auto import Auto, frames, sizes, spectra, squares
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = [hessian]


@dataclass(frozen=True, eq=False, repr=False)
class Contracted(Case):
    """Weights anywhere, and a decoder N C whose columns are in ker S."""

    at: Auto
    strength: Fraction
    A: Array
    B: Array
    silent: Array

    def loss(self, A: Array, B: Array) -> Any:
        """The definition."""
        return self.at.error(A @ B) + self.strength * squares(B)


@st.composite
def hypotheses(draw: st.DrawFn) -> Contracted:
    n, p = draw(sizes(6))
    values = draw(spectra(n).filter(lambda values: values[0] > 0))
    at = Auto(draw(frames(n)), values, p)
    N = kernel(at.S)
    silent = N @ draw(matrices(N.shape[1], p)) if N.shape[1] else zeros((n, p), at.S)
    strength = draw(st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(3)]))
    return Contracted(at, strength, draw(matrices(n, p)), draw(matrices(p, n)), silent)


def conclusion(case: Contracted) -> None:
    """By values of the loss: on the scaling, along lines, and exact LDLᵀ of second differences."""
    at, A, B = case.at, case.A, case.B
    for c in (Fraction(2), Fraction(10)):
        assert case.loss(c * A, B / c) == at.error(A @ B) + case.strength * squares(B) / c**2
    slope, _ = calculus.along_line(case.loss, (A, B), (A, -B), 4)
    assert slope == -2 * case.strength * squares(B)
    assert bool(slope) == bool(B.any()), "a critical point with B ≠ 0"
    point = case.silent, zeros(B.shape, B)
    assert not calculus.gradient(case.loss, point, 4).any(), "not critical"
    found = ldl_inertia(calculus.hessian(case.loss, point, 4))
    landscape = Contractive(at.moments, at.width, case.strength)
    assert found == landscape.class_inertia(())
    assert found.negative > 0
    visible = calculus.gradient(case.loss, (A, 0 * B), 4)
    assert bool(visible.any()) == bool((at.S @ A).any())


def _silent_inputs() -> Contracted:
    """S = 0: everything is a minimum."""
    one = rationals([[1]])
    return Contracted(Auto(one, (Fraction(0),), 1), Fraction(1), one, one, one)


def _unpenalised() -> Contracted:
    """γ = 0: A = B = 1 is a minimum, and B ≠ 0."""
    one = rationals([[1]])
    return Contracted(Auto(one, (Fraction(1),), 1), Fraction(0), one, one, 0 * one)


counterexamples = {"γ > 0": _unpenalised(), "S ≠ 0": _silent_inputs()}
