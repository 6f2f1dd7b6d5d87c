"""The untied contractive autoencoder has no minimum, and its critical points are all saddles.

For L(A, B) = E‖x − A B x‖² + γ ‖B‖² a critical point has B = 0 and the columns of A in ker S. It is
a strict saddle of inertia (p ρ, p (n − ρ), p n); at the origin the eigenvalues of the Hessian are
γ ± √(γ² + 4 λ²), each p times. Along (c A, B/c) the penalty is γ ‖B‖²/c²: the infimum is that of
the loss without penalty, and is not attained. Along gradient flow, Ȧ = −∇_A L and Ḃ = −∇_B L,

    d/dt (AᵀA − BBᵀ) = 4 γ BBᵀ:

‖A‖² − ‖B‖² grows as long as B ≠ 0.

Hypotheses: real auto-association, Y = X, with S ≠ 0; γ > 0.

Equality: of all counts and eigenvalues, of the loss along the scaling, and of the balance. From
the balance a⁴ ~ 8 γ t and excess loss ~ √(γ/8t) for one unit and one input, as t → ∞: a heuristic,
which an integrator confirms.

References: Rifai et al. 2011, ICML, contractive autoencoders (there with tied weights; wording not
confirmed).

Post: F2 (the contractive loss ‖x − D(E(x))‖² + ‖∂E/∂x‖²: for linear E and D ill-posed, with any
weight of the penalty; tied weights mend it, `tied_contractive`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, kernel, rationals, zeros
from linae.inertia import ldl_inertia
from linae.landscapes.contractive import Contractive
from linae.moments import Moments
from proofs import gradient, hessian
from proofs._auto import Auto, frames, sizes, spectra, squares
from proofs._calc import letter, zero
from proofs._cases import matrices
from proofs._instances import Case
from proofs._words import block, word

uses: list[ModuleType] = [gradient, hessian]


@dataclass(frozen=True, eq=False, repr=False)
class Contracted(Case):
    """Weights anywhere, and a decoder whose columns are in ker S."""

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
    """Any weights, any S ≠ 0."""
    n, p = draw(sizes(4))
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
    _runs_away(case)
    point = case.silent, 0 * B
    assert not calculus.gradient(case.loss, point, 4).any(), "not critical"
    H = calculus.hessian(case.loss, point, 4)
    landscape = Contractive(at.moments, at.width, case.strength)
    found = ldl_inertia(H)
    assert found == landscape.class_inertia(())
    assert found.negative > 0, "not a strict saddle"
    seen = at.S @ A
    slope, _ = calculus.along_line(case.loss, (A, 0 * B), (0 * A, seen.T), 4)
    assert slope == -2 * squares(seen), "critical at B = 0 with S A ≠ 0"
    if not case.silent.any():
        _has_eigenvalues(case, H)


def _has_eigenvalues(case: Contracted, H: Array) -> None:
    """H² − 2 γ H is 4 S² for each unit, of A and of B: its eigenvalues x² − 2 γ x are 4 λ²."""
    squared, one, half = 4 * case.at.S @ case.at.S, eye(case.at.width, H), case.A.size
    product = H @ H - 2 * case.strength * H
    assert np.array_equal(product[:half, :half], np.kron(one, squared))
    assert np.array_equal(product[half:, half:], np.kron(squared, one))
    assert not product[:half, half:].any()


def _runs_away(case: Contracted) -> None:
    """The gradient by its definition: it moves the balance, unless B = 0."""
    A, B = case.A, case.B
    slope = calculus.gradient(case.loss, (A, B), 4)
    first, second = np.split(slope, [A.size])
    P, Q = first.reshape(A.shape, order="F"), second.reshape(B.shape, order="F")
    half = A.T @ P - Q @ B.T
    growth = 4 * case.strength * B @ B.T
    assert np.array_equal(-(half + half.T), growth), f"the balance moves by {-(half + half.T)}"
    assert bool(slope.any()) or not B.any(), "a critical point with B ≠ 0"


def proof() -> None:
    """For all sizes, on the derivatives that ship, and γ = 1: scale S.

    Let P and Q be half the gradient. Aᵀ P − Q Bᵀ = −B Bᵀ: so B = 0 at a critical point, where
    P = 0 and Q = −Aᵀ S. The flow (−2 P, −2 Q) moves AᵀA − BBᵀ by 4 B Bᵀ.

    At (A, 0) half the Hessian maps (V, Y) to (−S Yᵀ, Y + AᵀA Y S − Vᵀ S). In an eigenbasis of S it
    is a direct sum of the matrices [0, −λ; −λ, 1 + λ AᵀA] of 2 p rows: if λ ≠ 0 of inertia
    (p, 0, p), whatever A is, since a congruence clears the last block; (0, p, p) if λ = 0. At A = 0
    their eigenvalues x obey x² − x = λ².

    The map of (c A, B/c) is A B: inf L is the infimum of E‖x − W x‖² over maps of rank at most p.
    A point with this loss has B = 0; but W = u₁ u₁ᵀ is better than 0 by λ₁ > 0.
    """
    A, B, S = letter("A", "n", "p"), letter("B", "p", "n"), letter("S", "n", "n")
    V, Y = letter("V", "n", "p"), letter("Y", "p", "n")
    S = S @ S.H
    landscape = Contractive(Moments.auto(block(S)), 1, 1)
    P, Q = (Fraction(1, 2) * word(g) for g in landscape.gradient(block(A), block(B)))
    half = A.H @ P - Q @ B.H
    assert half == -1 * B @ B.H
    assert -2 * (half + half.H) == 4 * B @ B.H

    point = block(A), block(zero("p", "n"))
    left, right = (word(g) for g in landscape.gradient(*point))
    assert left == zero("n", "p")
    assert right == -2 * A.H @ S
    turns = landscape.hessian_vector(point, (block(V), block(Y)))
    left, right = (Fraction(1, 2) * word(h) for h in turns)
    assert left == -1 * S @ Y.H
    assert right == Y + A.H @ A @ Y @ S - V.H @ S


def _scalar(value: int, strength: int, targets: Array | None = None) -> Contracted:
    """One input, A = B = 1, and the saddle at the origin."""
    at = Auto(_one, (Fraction(value),), 1, targets)
    return Contracted(at, Fraction(strength), _one, _one, 0 * _one)


_one = rationals([[1]])
counterexamples = {
    "γ > 0": _scalar(1, 0),
    "S ≠ 0": _scalar(0, 1),
    "Y = X": _scalar(1, 1, 0 * _one),
}
