"""All Hermitian matrices within ε of M are ⪰ 0 if and only if λ_min(M) >= ε; none if λ_min(M) < −ε.

Hypotheses: the entries are known exactly (doubles are dyadic rationals) and decided upon exactly;
ε >= 0 bounds the spectral norm of the error; "undecided" is an answer.

Equality: the verdict is "certified" iff λ_min >= ε, "refuted" iff λ_min < −ε, and else undecided:
M − ε is then not ⪰ 0 and M + ε is, and both lie within ε of M. In particular a singular M ⪰ 0 is
certified for ε = 0 only: R(B) ⊆ R(A) is a closed condition without interior points.

References: Weyl's inequality; the three-valued verdict is that of `linae.is_psd`.

Post: E16 ("Why all the fuss"). Doubles decide wrongly, or by the tolerance instead of the matrix:
M = [[1, 0, 0], [0, 1e-20, b], [0, b, 1]] is ⪰ 0 for b = 5e-11 and is not for b = 1e-10: there
the doubles are numbers with 1e-20 − b² = −1.3e-36.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals
from linae.schur import is_psd
from linae.verdict import Verdict
from proofs._calc import Proof, Rule, calc, letter
from proofs._cases import GAUSSIANS, RATIONALS, unitaries
from proofs._instances import Case

uses: list[ModuleType] = []

Decision = Callable[[Array, Fraction], Verdict]


@dataclass(frozen=True, eq=False, repr=False)
class Ball(Case):
    """The Hermitian matrices within ε of M, one of them, M + ε E, and who decides upon all."""

    M: Array
    E: Array
    epsilon: Fraction
    decide: Decision


def exactly(M: Array, epsilon: Fraction) -> Verdict:
    """By the function that ships."""
    return is_psd(M, radius=epsilon * eye(len(M), rationals(M))).verdict


def by_eigenvalues(M: Array, epsilon: Fraction) -> Verdict:
    """By the least eigenvalue in doubles, with the usual tolerance for rounding."""
    values = np.linalg.eigvalsh(M.astype(float))
    return Verdict.of(bool(values[0] >= -1e-12 * values[-1]))


def by_pseudo_inverse(M: Array, epsilon: Fraction) -> Verdict:
    """By Albert's conditions in doubles: cut-off 1e-15 for the rank, 1e-9 for R(B) ⊆ R(A)."""
    M = M.astype(float)
    A, B = M[:-1, :-1], M[:-1, -1:]
    plus = np.linalg.pinv(A, rcond=1e-15)
    inside = np.abs(A @ plus @ B - B).max() <= 1e-9
    complement = M[-1:, -1:] - B.T @ plus @ B
    return Verdict.of(bool(np.linalg.eigvalsh(A)[0] >= 0 and inside and complement.item() >= 0))


def trap(delta: float, b: float) -> Array:
    """Doubles with a pivot δ that any cut-off drops: ⪰ 0 iff b² <= δ, whatever the rounding."""
    return rationals(np.array([[1, 0, 0], [0, delta, b], [0, b, 1]]))


@st.composite
def hypotheses(draw: st.DrawFn) -> Ball:
    """M = U diag(λ) Uᴴ with ε at or near ±λ_min, and doubles within an ulp or so of the trap."""
    numbers = draw(st.sampled_from([RATIONALS, GAUSSIANS]))
    if draw(st.booleans()):
        power = draw(st.integers(0, 60))
        b = 10.0**-power * draw(st.sampled_from([0.5, 1, 1 - 2**-53, 1 + 2**-52, 2]))
        return Ball(trap(10.0 ** (-2 * power), b), eye(3, _FLAT), Fraction(0), exactly)
    values = draw(st.lists(st.integers(-2, 3), min_size=1, max_size=4))
    size = len(values)
    signs = draw(st.lists(st.sampled_from([1, -1, 0]), min_size=size, max_size=size))
    M, E = (_hermitian(draw(unitaries(size, numbers)), d) for d in (values, signs))
    edge = draw(st.sampled_from([0, 0, 1])) * min(values)
    near = draw(st.sampled_from([0, 1, -1])) * draw(st.sampled_from([Fraction(1, 3), _TINY]))
    return Ball(M, E, abs(edge + near), exactly)


def _hermitian(U: Array, values: list[int]) -> Array:
    return rationals(U * np.array(values, dtype=object) @ U.conj().T)


def conclusion(case: Ball) -> None:
    """Against members of the ball, judged by their principal minors."""
    M, epsilon = rationals(case.M), case.epsilon
    one = eye(len(M), M)
    least, most, other = (
        _has_minors_of_psd(M + epsilon * E) for E in (-one, one, rationals(case.E))
    )
    answer = case.decide(case.M, epsilon)
    assert (answer is Verdict.CERTIFIED) == least, f"{answer}; M − ε ⪰ 0 is {least}"
    assert (answer is Verdict.REFUTED) == (not most), f"{answer}; M + ε ⪰ 0 is {most}"
    assert least <= other <= most
    assert least == most or answer is Verdict.UNDECIDED


def _has_minors_of_psd(M: Array) -> bool:
    """Sylvester's criterion: every principal minor is >= 0."""
    n = len(M)
    sets = (list(J) for r in range(1, n + 1) for J in combinations(range(n), r))
    return all(_determinant(M[np.ix_(J, J)]) >= 0 for J in sets)


def _determinant(M: Array) -> Fraction:
    """Of an exact Hermitian matrix, by Leibniz' formula."""
    total: Any = Fraction(0)
    for order in permutations(range(len(M))):
        sign = (-1) ** sum(a > b for a, b in combinations(order, 2))
        total = total + sign * prod(M[i, j] for i, j in enumerate(order))
    return total.real


def proof() -> Proof:
    """Sums of Gram matrices are Gram matrices, and these are the matrices ⪰ 0. For ‖E‖ <= ε both
    ε − E and ε + E are ⪰ 0, so: if M − ε ⪰ 0, then M + E ⪰ 0; if M + E ⪰ 0, then M + ε ⪰ 0.

    As M − ε and M + ε lie in the ball themselves, all its members are ⪰ 0 iff M − ε is, that is
    λ_min >= ε, and some are iff M + ε is, that is λ_min >= −ε.
    """
    M, E, epsilon = (letter(name, "n", "n") for name in ("M", "E", "ε"))
    F, G = letter("F", "f", "n"), letter("G", "g", "n")
    chains = []
    for low, step in ((M - epsilon, epsilon + E), (M + E, epsilon - E)):
        rules = Rule("start ⪰ 0", low, G.H @ G), Rule("step ⪰ 0", step, F.H @ F)
        chain = calc(G.H @ G + F.H @ F, *rules)
        chains.append(chain.step("start ⪰ 0", low + F.H @ F).step("step ⪰ 0", low + step))
    return Proof(chains)


_TINY = Fraction(1, 10**40)
_FLAT = rationals(np.ones((3, 3)))
counterexamples = {
    "decided exactly, by eigenvalues": Ball(trap(1e-20, 1e-10), _FLAT, Fraction(0), by_eigenvalues),
    "decided exactly, by pseudo-inverses": Ball(
        trap(1e-20, 2e-10), _FLAT, Fraction(0), by_pseudo_inverse
    ),
    "undecided is an answer": Ball(
        _FLAT[:2, :2], _FLAT[:2, :2] / 2, Fraction(1, 10**9), by_eigenvalues
    ),
}
