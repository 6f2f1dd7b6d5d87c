"""Cases: strategies named as the objects that they draw, all in exact numbers.

    instances()          moments of known spectrum, with a width
    critical_points()    a point of every critical class: gauge, kernel blocks, unseen inputs
    stationary_points()  solutions of the gradient equations that know nothing of the normal form

Every instance is built from its singular values: rational U and V by Cayley's map, integer σ with
ties and zeros, a root R of Sxx that may have few columns. Nothing here asks `linae` for a spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, Gaussian, eye, is_complex, kernel, rank, rationals, solve, zeros
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments

Numbers = st.SearchStrategy[Any]

RATIONALS: Numbers = st.integers(-2, 2).map(Fraction)
GAUSSIANS: Numbers = st.builds(Gaussian, RATIONALS, RATIONALS)


class Case:
    """Values with names, printed in a form that can be read."""

    def __repr__(self) -> str:
        named = ((f.name, getattr(self, f.name)) for f in fields(self))  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(f'{k}={_text(v)}' for k, v in named)})"


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
    """

    U: Array
    s: tuple[int, ...]
    V: Array
    R: Array
    F: Array
    width: int

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
        return (E * E.conj()).sum().real


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


def inverse(M: Array) -> Array:
    """M⁻¹, exactly."""
    return solve(M, eye(len(M), M))


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int, numbers: Numbers = RATIONALS) -> Array:
    entries = draw(st.lists(numbers, min_size=rows * columns, max_size=rows * columns))
    return rationals(np.array(entries, dtype=object).reshape(rows, columns))


@st.composite
def unitaries(draw: st.DrawFn, size: int, numbers: Numbers = RATIONALS) -> Array:
    """(I − Q)(I + Q)⁻¹ with Q skew-Hermitian: rational, and unitary (Cayley)."""
    T = rationals(np.tril(draw(matrices(size, size, numbers))))
    Q, one = T - T.conj().T, eye(size, T)
    return solve(one + Q, one - Q)


@st.composite
def gauges(draw: st.DrawFn, size: int, numbers: Numbers = RATIONALS) -> Array:
    """Invertible matrices with integer entries: a permutation times lower times upper."""
    lower, upper = (draw(matrices(size, size, numbers)) for _ in range(2))
    diagonal = draw(st.lists(st.sampled_from([1, -1, 2]), min_size=size, max_size=size))
    L = np.tril(lower, -1) + np.eye(size, dtype=int)
    R = np.triu(upper, 1) + np.diag(np.array(diagonal, dtype=int))
    return rationals((L @ R)[list(draw(st.permutations(range(size))))])


@st.composite
def blocks(
    draw: st.DrawFn, a: int, q: int, b: int, numbers: Numbers = RATIONALS
) -> tuple[Array, Array]:
    """X₀ (a, q) and Y₀ (q, b) with X₀ Y₀ = 0, of every pair of ranks that this allows."""
    x = draw(st.integers(0, min(a, q)))
    y = min(b, q - x) - draw(st.integers(0, min(b, q - x)))
    P, C, Q = (draw(gauges(size, numbers)) for size in (a, q, b))
    return rationals(P[:, :x] @ inverse(C)[:x]), rationals(C[:, x : x + y] @ Q[:y])


@st.composite
def instances(draw: st.DrawFn, numbers: Numbers = RATIONALS, size: int = 16) -> Instance:
    """Moments of every kind, with p (n + m) <= size; one in four auto-associative."""
    bound = [s for s in product(range(1, 5), repeat=3) if s[1] * (s[0] + s[2]) <= size]
    n, p, m = draw(st.sampled_from(bound))
    if draw(st.integers(0, 3)) == 3:
        return draw(auto_instances(min(n, m), p, numbers))
    d = m - draw(st.sampled_from([k for k in (0, 0, 0, 1, 1, 2, 3) if k <= m]))
    R = draw(gauges(m, numbers))[:, :d]
    F = draw(matrices(n, draw(st.integers(0, 1)), numbers))
    s = draw(singular_values(min(n, d)))
    return Instance(draw(unitaries(n, numbers)), s, draw(unitaries(d, numbers)), R, F, p)


@st.composite
def auto_instances(
    draw: st.DrawFn, n: int, width: int, numbers: Numbers = RATIONALS
) -> Instance:
    """Y = X with second moment U diag(s²) Uᴴ: the root R is U diag(s), and so is G."""
    U, s = draw(unitaries(n, numbers)), draw(singular_values(n))
    rank = sum(x > 0 for x in s)
    R, V = U[:, :rank] * np.array(s[:rank], dtype=object), eye(rank, U)
    return Instance(U, s[:rank], V, rationals(R), U[:, :0], width)


def singular_values(count: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Non-increasing, with ties and zeros."""
    values = st.lists(st.sampled_from([1, 2, 3, 2, 1, 0]), min_size=count, max_size=count)
    return values.map(lambda s: tuple(sorted(s, reverse=True)))


@st.composite
def index_sets(draw: st.DrawFn, instance: Instance) -> tuple[int, ...]:
    """At most p of the nonzero components."""
    most = min(instance.width, instance.rank)
    r = most - draw(st.integers(0, most))
    return tuple(sorted(draw(st.permutations(range(instance.rank)))[:r]))


@st.composite
def points_of(
    draw: st.DrawFn, instance: Instance, J: tuple[int, ...] | None = None
) -> CriticalPoint:
    """Points of the class J, or of any class, anywhere in its fibre."""
    numbers = GAUSSIANS if is_complex(instance.U) else RATIONALS
    J = draw(index_sets(instance)) if J is None else J
    p, (m, d) = instance.width, instance.R.shape
    M, B0 = draw(gauges(p, numbers)), draw(matrices(p, m, numbers))
    a, b = len(instance.U) - instance.rank, d - instance.rank
    return CriticalPoint(instance, J, M, *draw(blocks(a, p - len(J), b, numbers)), B0)


@st.composite
def critical_points(draw: st.DrawFn) -> CriticalPoint:
    """Points of every class of every instance; one in four over the Gaussian rationals."""
    imaginary = draw(st.integers(0, 3)) == 3
    instance = draw(instances(GAUSSIANS, size=8) if imaginary else instances())
    return draw(points_of(instance))


@st.composite
def stationary_points(draw: st.DrawFn) -> Point:
    """A decoder with Σ-invariant range, and any encoder that solves what are then linear equations:
    AᴴA B Sxx = AᴴSyx and B (P Syx − Syx)ᴴ = 0, with P the projection on the range."""
    at = draw(instances(size=12))
    S, n, p, m = at.moments, len(at.U), at.width, len(at.R)
    k = draw(st.integers(0, min(n, p)))
    U = at.U[:, draw(st.permutations(range(n)))[:k]]
    A = rationals(U @ draw(gauges(p))[:k])
    residual = rationals(U @ U.T) @ S.Syx - S.Syx
    equations = np.concatenate([np.kron(A.T @ A, S.Sxx.T), np.kron(eye(p, A), residual)])
    values = np.concatenate([(A.T @ S.Syx).reshape(-1, 1), zeros((p * n, 1), A)])
    free = kernel(equations)
    b = solve(equations, values) + free @ draw(matrices(free.shape[1], 1))
    return Point(at, A, rationals(b).reshape(p, m))


def _text(value: Any) -> str:
    """Matrices row by row."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        return f"[{'; '.join(' '.join(map(_text, row)) for row in value)}]"
    if isinstance(value, Gaussian):
        return f"{value.real}{'' if value.imag < 0 else '+'}{value.imag}i"
    return str(value) if isinstance(value, Fraction) else repr(value)
