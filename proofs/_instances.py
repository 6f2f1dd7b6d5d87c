"""Instances in exact numbers, built from their singular values, so that exactness costs no roots.

    Instance         moments that have a given spectrum, and a width
    Point            weights in its landscape
    CriticalPoint    weights by the normal form: index set, gauge, kernel blocks

Nothing here asks `linae` for a spectrum or for a loss: these are what its claims are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from linae.exact import Array, Gaussian, inverse, is_complex, rank, rationals, solve, zeros
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments


class Case:
    """Values with names, printed in a form that can be read."""

    def __repr__(self) -> str:
        named = [(f.name, getattr(self, f.name)) for f in fields(self)]  # type: ignore[arg-type]
        given = ", ".join(f"{name}={_text(value)}" for name, value in named if value is not None)
        return f"{type(self).__name__}({given})"


@dataclass(frozen=True, eq=False, repr=False)
class Instance(Case):
    """Moments with G = U diag(s) Vᴴ, Sxx = R Rᴴ, Syx = G Rᴴ, Syy = G Gᴴ + F Fᴴ.

    Attributes
    ----------
    U : (n, n), V : (d, d)
        Unitary.
    s : integers s₁ >= s₂ >= … >= 0, min(n, d) of them
    R : (m, d)
        Of full column rank.
    F : (n, k)
        What of the targets no input explains.
    width : int
    emphasis : (n, m), optional
        Factors of the squared errors, one for each entry: a loss that no theorem here allows.
    """

    U: Array
    s: tuple[int, ...]
    V: Array
    R: Array
    F: Array
    width: int
    emphasis: Array | None = None

    @property
    def unit(self) -> Any:
        """One, as a number of the field."""
        return Gaussian(Fraction(1)) if is_complex(self.U) else Fraction(1)

    @property
    def rank(self) -> int:
        """ρ."""
        return sum(x > 0 for x in self.s)

    @property
    def eigenvalues(self) -> list[int]:
        """λ₁ >= … >= λₙ of Σ."""
        return [x * x for x in self.s] + [0] * (len(self.U) - len(self.s))

    @cached_property
    def samples(self) -> tuple[Array, Array]:
        """Samples, as columns, that have these moments as sums."""
        k = len(self.s)
        G = self.U[:, :k] * np.array(self.s, dtype=object) @ self.V[:, :k].conj().T
        unseen = np.zeros((len(self.R), self.F.shape[1]), dtype=int)
        X = np.concatenate([self.R, unseen], axis=1)
        Y = np.concatenate([G, self.F], axis=1)
        return rationals(X) * self.unit, rationals(Y) * self.unit

    @cached_property
    def moments(self) -> Moments:
        (X, Y), one = self.samples, self.unit
        S = X @ X.conj().T, Y @ X.conj().T, Y @ Y.conj().T
        return Moments(*(rationals(M) * one for M in S))

    @cached_property
    def landscape(self) -> SquaredLoss:
        return SquaredLoss(self.moments, self.width)

    @cached_property
    def least(self) -> Any:
        """The least loss: what the best approximation of rank p leaves (Eckart and Young)."""
        noise = (self.F * self.F.conj()).sum() * self.unit
        return noise.real + sum(self.eigenvalues[self.width :])

    def loss(self, *weights: Array) -> Any:
        """‖Y − A B X‖², from the samples; the definition."""
        (X, Y), (A, B) = self.samples, weights
        E = Y - A @ (B @ X)
        squares = E * E.conj()
        return (squares if self.emphasis is None else self.emphasis * squares).sum().real


@dataclass(frozen=True, eq=False, repr=False)
class Point(Case):
    """A decoder and an encoder in the landscape of an instance."""

    instance: Instance
    A: Array
    B: Array

    @property
    def weights(self) -> tuple[Array, Array]:
        return self.A, self.B


@dataclass(frozen=True, eq=False, repr=False)
class CriticalPoint(Case):
    """A = [U_J, N_A X₀] M⁻¹, B = M [S_J V_Jᴴ; Y₀ N_Bᴴ] R⁺ + B₀ (I − R R⁺), with X₀ Y₀ = 0."""

    instance: Instance
    J: tuple[int, ...]
    M: Array
    X0: Array
    Y0: Array
    B0: Array

    @property
    def stratum(self) -> tuple[int, int]:
        """Ranks of X₀ and Y₀."""
        return rank(self.X0), rank(self.Y0)

    @cached_property
    def weights(self) -> tuple[Array, Array]:
        at, J = self.instance, list(self.J)
        NA, NB = at.U[:, at.rank :], at.V[:, at.rank :]
        code = np.array([at.s[j] for j in J], dtype=object)[:, None] * at.V[:, J].conj().T
        A = np.concatenate([at.U[:, J], NA @ self.X0], axis=1) @ inverse(self.M)
        C = self.M @ np.concatenate([code, self.Y0 @ NB.conj().T])
        plus = solve(at.R.conj().T @ at.R, at.R.conj().T)
        B = C @ plus + self.B0 - self.B0 @ at.R @ plus
        return rationals(A) * at.unit, rationals(B) * at.unit


def diagonal(s: tuple[int, ...], width: int) -> Instance:
    """Auto-association with Sxx = diag(s²)."""
    one = rationals(np.eye(len(s), dtype=int))
    rank = sum(x > 0 for x in s)
    R = rationals(np.diag(np.array(s, dtype=object))[:, :rank])
    return Instance(one, s[:rank], one[:rank, :rank], R, one[:, :0], width)


def whitened(s: tuple[int, ...], width: int, emphasis: Array | None = None) -> Instance:
    """Sxx = 1, G = diag(s)."""
    one = rationals(np.eye(len(s), dtype=int))
    return Instance(one, s, one, one, one[:, :0], width, emphasis)


def auto_landscape(eigenvalues: Sequence[int], width: int) -> SquaredLoss:
    """Auto-association with S = diag(eigenvalues)."""
    return SquaredLoss(Moments.auto(rationals(np.diag(np.array(eigenvalues, object)))), width)


def spurious_minimum() -> CriticalPoint:
    """G = diag(2, 1) with the off-diagonal errors counted three times: the class of σ = 1 has the
    Hessian eigenvalues 0, 2, 4, 10 and the loss 4; a = (2, 0), b = (1, 0) has the loss 1."""
    at = whitened((2, 1), width=1, emphasis=rationals([[1, 3], [3, 1]]))
    empty = at.U[:0, :0]
    return CriticalPoint(at, (1,), at.U[:1, :1], empty, empty, zeros((1, 2), at.U))


def _text(value: Any) -> str:
    """Matrices row by row."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return f"[{'; '.join(' '.join(map(_text, row)) for row in value)}]"
    if isinstance(value, Gaussian):
        return f"{value.real}{'' if value.imag < 0 else '+'}{value.imag}i"
    return str(value) if isinstance(value, Fraction) else repr(value)
