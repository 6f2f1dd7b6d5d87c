"""Gradient flow conserves AᴴA − BBᴴ, and a step η of descent adds η² (∇_Aᴴ∇_A − ∇_B∇_Bᴴ) to it.

Hypotheses: the loss depends on A B only; A and B move at one rate. Any moments, also singular or
not whitened, real or complex; any loss of A B, also with weights on the errors.

Equality: of all entries, after any number of steps. As ‖A B‖² = ‖BBᴴ‖² + tr (AᴴA − BBᴴ) BBᴴ, both
factors stay bounded along the flow as long as A B does. That a bounded trajectory then converges
is Łojasiewicz's theorem on analytic functions: cited, not proved here.

References: Fukumizu 1998; Arora, Cohen and Hazan 2018, arXiv:1802.06509, for the flow (wordings not
confirmed).

Post: E17 (reparameterisation breaks trajectories: the balance of the start is never forgotten).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, Gaussian, is_complex, rationals, zeros
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient
from proofs._calc import CYCLIC, Proof, Rule, calc, letter, tr
from proofs._cases import matrices, points
from proofs._instances import Case, Point, whitened
from proofs._words import block, word

uses: list[ModuleType] = [gradient]


@dataclass(frozen=True, eq=False, repr=False)
class Steps(Case):
    """Two steps of descent on L + decay · (‖A‖² + ‖B‖²), by η for A and by η · ratio for B."""

    start: Point
    eta: Fraction
    ratio: Fraction = Fraction(1)
    decay: Fraction = Fraction(0)

    def loss(self, A: Array, B: Array) -> Any:
        squares = sum((w * w.conj()).sum().real for w in (A, B)) if self.decay else 0
        return self.start.instance.loss(A, B) + self.decay * squares

    def slopes(self, A: Array, B: Array) -> tuple[Array, Array]:
        """The gradient, by definition."""
        vector = calculus.gradient(self.loss, (A, B), 4)
        if is_complex(A) or is_complex(B):
            half = len(vector) // 2
            vector = vector[:half] + Gaussian(Fraction(0), Fraction(1)) * vector[half:]
        parts = np.split(vector, [A.size])
        return parts[0].reshape(A.shape, order="F"), parts[1].reshape(B.shape, order="F")


@st.composite
def hypotheses(draw: st.DrawFn) -> Steps:
    """Any weights in any landscape; one in three with a factor for each squared error."""
    start = draw(points(10))
    if not draw(st.integers(0, 2)):
        errors = start.instance.samples[1].shape
        emphasis = draw(matrices(*errors, st.sampled_from([Fraction(1), Fraction(3)])))
        start = replace(start, instance=replace(start.instance, emphasis=emphasis))
    return Steps(start, draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 10)])))


def conclusion(case: Steps) -> None:
    """Slopes by definition: they leave the balance to first order; then what two steps add."""
    A, B = case.start.weights
    before, added = _balance(A, B), zeros((B.shape[0], B.shape[0]), B)
    for _ in range(2):
        P, Q = case.slopes(A, B)
        moved = A.conj().T @ P + P.conj().T @ A, Q @ B.conj().T + B @ Q.conj().T
        assert np.array_equal(*moved), f"the flow moves it by {moved[1] - moved[0]}"
        added = added + case.eta**2 * _balance(P, Q)
        A, B = A - case.eta * P, B - case.eta * case.ratio * Q
        found = _balance(A, B) - before
        assert np.array_equal(found, added), f"claimed {added}, found {found}"
    inner = B @ B.conj().T
    assert _norm(A @ B) == _norm(inner) + (_balance(A, B) @ inner).trace().real


def _balance(A: Array, B: Array) -> Array:
    return A.conj().T @ A - B @ B.conj().T


def _norm(M: Array) -> Any:
    """‖M‖²."""
    return (M * M.conj()).sum().real


def proof() -> Proof:
    """All sizes. A function of A B with the derivative E by A B has the slopes (E Bᴴ, Aᴴ E).

    With the step in them, P = η E Bᴴ and Q = η Aᴴ E, a step turns AᴴA − BBᴴ into the last line of
    the first chain, without a term of first order in η. The shipped gradient is of this form, with
    E = 2 (A B Sxx − Syx).
    """
    A, B, E = letter("A", "n", "p"), letter("B", "p", "m"), letter("E", "n", "m")
    S, T, C = letter("Sxx", "m", "m"), letter("Syx", "n", "m"), letter("C", "p", "p")
    surface = SquaredLoss(Moments(block(S), block(T), block(letter("Syy", "n", "n"))), 1)
    R = A @ B @ S - T
    shipped = surface.gradient(block(A), block(B))
    assert [word(g) for g in shipped] == [2 * R @ B.H, 2 * A.H @ R]

    P, Q = letter("P", "n", "p"), letter("Q", "p", "m")
    rules = Rule("P = E Bᴴ", P, E @ B.H), Rule("Q = Aᴴ E", Q, A.H @ E)
    kept, added = A.H @ A - B @ B.H, P.H @ P - Q @ Q.H
    step = calc((A - P).H @ (A - P) - (B - Q) @ (B - Q).H, *rules)
    first = kept + added - P.H @ A + Q @ B.H + B @ Q.H
    step = step.step("P = E Bᴴ", first - A.H @ E @ B.H)
    step = step.step("Q = Aᴴ E", kept + added - P.H @ A + B @ Q.H)
    step = step.step("P = E Bᴴ", kept + added - B @ E.H @ A + B @ Q.H)
    step = step.step("Q = Aᴴ E", kept + added)

    balance = Rule("AᴴA = BBᴴ + C", A.H @ A, B @ B.H + C)
    norm = calc(tr(A @ B @ B.H @ A.H), balance).step(CYCLIC, tr(A.H @ A @ B @ B.H))
    norm = norm.step("AᴴA = BBᴴ + C", tr(B @ B.H @ B @ B.H + C @ B @ B.H))
    return Proof([step, norm])


_start = Point(whitened((1,), width=1), rationals([[2]]), rationals([[1]]))

counterexamples = {
    "the loss depends on A B only": Steps(_start, Fraction(1, 2), decay=Fraction(1)),
    "A and B move at one rate": Steps(_start, Fraction(1, 2), ratio=Fraction(2)),
}
