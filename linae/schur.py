"""Schur complements of Hermitian block matrices [[A, B], [Bᴴ, C]] whose block A may be singular.

    is_psd(M)                 is M ⪰ 0? a verdict with its witness
    schur_complement(M, k)    C − BᴴA⁻B and the range condition R(B) ⊆ R(A)
    albert(M, k)              the three conditions that together mean M ⪰ 0

A⁻ is any {1}-inverse, A A⁻ A = A. It jumps where the rank does: M ⪰ 0 and the range condition are
closed conditions, and with a radius around a singular matrix they can never be certified.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import (
    Array,
    Gaussian,
    eye,
    is_complex,
    product,
    rationals,
    row_echelon,
    solve,
    zeros,
)
from linae.inertia import Inertia, hermitian, inertia, numbers, resolution, spread
from linae.ldl import LDL, ldl, negative_direction
from linae.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Semidefiniteness:
    """The answer to "is M ⪰ 0?" for every Hermitian matrix within epsilon of M: a verdict, proved.

    It compares equal to its verdict, and like a verdict it is neither true nor false.
    """

    M: Array
    epsilon: Fraction
    verdict: Verdict

    @cached_property
    def witness(self) -> LDL | Array | None:
        """What proves the verdict, in exact numbers.

        CERTIFIED: factors L D Lᴴ of M − epsilon·I, with D diagonal and nowhere negative.
        REFUTED: a vector v with vᴴMv + epsilon·vᴴv < 0. UNDECIDED: None.
        """
        ball = self.epsilon * eye(len(self.M), self.M)
        if self.verdict is Verdict.CERTIFIED:
            return ldl(self.M - ball)
        return negative_direction(self.M + ball) if self.verdict is Verdict.REFUTED else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Verdict, Semidefiniteness)):
            return NotImplemented
        return self.verdict is getattr(other, "verdict", other)

    def __hash__(self) -> int:
        return hash(self.verdict)

    def __bool__(self) -> bool:
        return bool(self.verdict)

    def __str__(self) -> str:
        return str(self.verdict)


def is_psd(M: ArrayLike, *, radius: ArrayLike = 0) -> Semidefiniteness:
    """Whether M is positive semidefinite, decided in exact arithmetic.

    Doubles are dyadic rationals: with radius 0 the answer is never undecided. With a radius it is
    undecided iff the ball of spectral norm ε = max row sum holds matrices of both kinds, that is
    iff −ε <= λ_min(M) < ε.

    Parameters
    ----------
    M : (d, d)
        Symmetric or Hermitian; of doubles that are so to rounding, the Hermitian part.
    radius : scalar or (d, d)
        Entrywise bound of what M may be wrong by.

    >>> print(is_psd([[1.0, 1.0], [1.0, 1.0]]))
    certified
    >>> is_psd([[1.0, 1.0], [1.0, 1.0]], radius=1e-9).verdict
    <Verdict.UNDECIDED: 'undecided'>
    """
    exact = hermitian(rationals(hermitian(M)))
    epsilon = spread(radius, len(exact))
    ball = epsilon * eye(len(exact), exact)
    if not inertia(exact - ball).negative:
        return Semidefiniteness(exact, epsilon, Verdict.CERTIFIED)
    refuted = not epsilon or inertia(exact + ball).negative > 0
    return Semidefiniteness(exact, epsilon, Verdict.REFUTED if refuted else Verdict.UNDECIDED)


@dataclass(frozen=True, eq=False)
class SchurComplement:
    """The complement C − BᴴA⁻B of a block A, and whether R(B) ⊆ R(A).

    Only under the range condition is it the same for every A⁻. `rounding` bounds its error in
    spectral norm, to first order; 0 if exact.
    """

    block: Array
    complement: Array
    range_condition: Verdict
    rounding: float

    def inertia(self) -> Inertia:
        """In(A) + In(C − BᴴA⁻B), the inertia of the whole matrix (Haynsworth 1968).

        Raises
        ------
        ValueError
            If the range condition is not certified: then inertias need not add.
        """
        if self.range_condition is not Verdict.CERTIFIED:
            raise ValueError(f"Need R(B) ⊆ R(A) certified. Got {self.range_condition}.")
        return inertia(self.block) + inertia(self.complement, radius=self.rounding)


def schur_complement(M: ArrayLike, k: int) -> SchurComplement:
    """Generalised Schur complement of the leading k × k block of a Hermitian matrix.

    Exact for exact M. For doubles the range condition is certified if A is regular to rounding (or
    B is 0), else undecided, never refuted: near a singular A there are regular ones. Exact numbers,
    `schur_complement(rationals(M), k)`, decide it.

    >>> s = schur_complement([[4, 2], [2, 3]], 1)
    >>> print(s.complement.item(), s.inertia())
    2 (0, 0, 2)
    >>> print(schur_complement([[0, 1], [1, 1]], 1).range_condition)
    refuted
    """
    M = hermitian(M)
    if not 0 <= k <= len(M):
        raise ValueError(f"Need 0 <= k <= {len(M)}. Got k = {k}.")
    A, B, C = M[:k, :k], M[:k, k:], M[k:, k:]
    K = generalised_inverse(A) @ B
    complement = C - B.conj().T @ K
    complement = (complement + complement.conj().T) / 2  # that of a Hermitian A⁻
    if M.dtype == object:
        return SchurComplement(A, complement, Verdict.of(bool((A @ K == B).all())), 0.0)
    s = _svd(A)[1]
    certified = len(s) == k or not B.any()
    condition = s[0] / s[-1] if len(s) else 0.0
    size = np.linalg.norm(C) + condition * np.linalg.norm(B) * np.linalg.norm(K)
    rounding = resolution(size, len(M))
    verdict = Verdict.CERTIFIED if certified else Verdict.UNDECIDED
    return SchurComplement(A, complement, verdict, rounding)


@dataclass(frozen=True)
class Albert:
    """The three conditions of Albert's theorem, each with its verdict.

    Without the range condition the last one depends on the choice of A⁻ and means nothing.
    """

    block: Verdict
    range_condition: Verdict
    complement: Verdict

    @property
    def verdict(self) -> Verdict:
        return self.block & self.range_condition & self.complement


def albert(M: ArrayLike, k: int) -> Albert:
    """Albert's conditions: M ⪰ 0 iff A ⪰ 0, R(B) ⊆ R(A) and C − BᴴA⁻B ⪰ 0 (Albert 1969).

    In exact arithmetic, doubles taken as dyadic rationals: never undecided.

    >>> albert([[0, 1], [1, 1]], 1).range_condition  # [[0, 1], [1, 1]] has a negative eigenvalue
    <Verdict.REFUTED: 'refuted'>
    """
    schur = schur_complement(hermitian(rationals(hermitian(M))), k)
    parts = (is_psd(schur.block).verdict, schur.range_condition, is_psd(schur.complement).verdict)
    return Albert(*parts)


def generalised_inverse(A: ArrayLike, free: ArrayLike | None = None) -> Array:
    """A {1}-inverse A⁻ of A, that is A A⁻ A = A; every other is A⁻ + Z − A⁻A Z A A⁻.

    Exact for exact A. For doubles the pseudo-inverse, without the singular values within
    `resolution` of zero.

    Parameters
    ----------
    A : (n, m)
    free : (m, n), optional
        The Z that selects another one.

    >>> generalised_inverse([[2, 0], [0, 0]], free=[[9, 9], [9, 7]]).tolist()[1]
    [Fraction(9, 1), Fraction(7, 1)]
    """
    A = numbers(A)
    n, m = A.shape
    if A.dtype == object:
        E, pivots = row_echelon(np.concatenate([A, eye(n, A)], axis=1))
        inverse = zeros((m, n), E)
        for i, pivot in enumerate(p for p in pivots if p < m):
            inverse[pivot] = E[i, m:]
    else:
        U, s, Vh = _svd(A)
        inverse = (U / s @ Vh).conj().T
    if free is None:
        return inverse
    Z = numbers(free)
    if Z.shape != (m, n):
        raise ValueError(f"Need free of shape {(m, n)}. Got shape {Z.shape}.")
    return inverse + Z - inverse @ A @ Z @ A @ inverse


def projector(A: ArrayLike) -> Array:
    """The orthogonal projector A A⁺ onto the range of A; exact, without roots, for exact A.

    >>> projector([[1, 2], [1, 2]]).tolist()[0]
    [Fraction(1, 2), Fraction(1, 2)]
    """
    A = numbers(A)
    if A.dtype != object:
        U = _svd(A)[0]
        return U @ U.conj().T
    C = A[:, list(row_echelon(A)[1])]
    if C.shape[0] == C.shape[1]:
        return eye(len(C), C) * (Gaussian(Fraction(1)) if is_complex(C) else 1)
    return rationals(product(C, solve(product(C.conj().T, C), C.conj().T)))


def _svd(A: Array) -> tuple[Array, Array, Array]:
    """The singular triplets of doubles A above `resolution`: the rank decision."""
    U, s, Vh = np.linalg.svd(A, full_matrices=False)
    kept = s > resolution(s, max(A.shape))
    return U[:, kept], s[kept], Vh[kept]
