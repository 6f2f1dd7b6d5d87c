"""Cases: Hypothesis strategies named as the objects that they draw, all in exact numbers.

    instances()            moments of every kind, with a width
    gapped_instances()     those with Sxx ≻ 0, p <= ρ and a gap at p
    points()               any weights
    critical_points()      a point of every critical class: gauge, kernel blocks, unseen inputs
    stationary_points()    solutions of the gradient equations that know nothing of the normal form

Rational U and V by Cayley's map, integer σ with ties and zeros, a root of Sxx with few columns.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, Gaussian, eye, inverse, is_complex, kernel, rationals, solve, zeros
from proofs._instances import CriticalPoint, Instance, Point

Numbers = st.SearchStrategy[Any]

RATIONALS: Numbers = st.integers(-2, 2).map(Fraction)
GAUSSIANS: Numbers = st.builds(Gaussian, RATIONALS, RATIONALS)


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
    s = draw(singular_values(min(n, d)))
    return draw(instances_with(s, n, p, m, d, numbers))


@st.composite
def instances_with(
    draw: st.DrawFn, s: tuple[int, ...], n: int, p: int, m: int, d: int, numbers: Numbers
) -> Instance:
    """Moments with given singular values and sizes."""
    U, V = draw(unitaries(n, numbers)), draw(unitaries(d, numbers))
    F = draw(matrices(n, draw(st.integers(0, 1)), numbers))
    return Instance(U, s, V, draw(gauges(m, numbers))[:, :d], F, p)


@st.composite
def auto_instances(draw: st.DrawFn, n: int, width: int, numbers: Numbers = RATIONALS) -> Instance:
    """Y = X with second moment U diag(s²) Uᴴ: the root R is U diag(s), and so is G."""
    U, s = draw(unitaries(n, numbers)), draw(singular_values(n))
    rank = sum(x > 0 for x in s)
    R, V = U[:, :rank] * np.array(s[:rank], dtype=object), eye(rank, U)
    return Instance(U, s[:rank], V, rationals(R), U[:, :0], width)


@st.composite
def gapped_instances(draw: st.DrawFn) -> Instance:
    """Sxx ≻ 0, p <= ρ and λ_p > λ_{p+1}; ties on either side of the gap."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    p = draw(st.integers(1, min(n, m)))
    below = draw(singular_values(min(n, m) - p))
    step = max(below, default=0) + 1
    above = tuple(x + step for x in draw(singular_values(p)))
    return draw(instances_with(above + below, n, p, m, m, RATIONALS))


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
def points(draw: st.DrawFn, size: int = 16) -> Point:
    """Any weights in any instance; one in four over the Gaussian rationals."""
    imaginary = draw(st.integers(0, 3)) == 3
    numbers, size = (GAUSSIANS, size // 2) if imaginary else (RATIONALS, size)
    at = draw(instances(numbers, size))
    (n, m), p = (len(at.U), len(at.R)), at.width
    return Point(at, draw(matrices(n, p, numbers)), draw(matrices(p, m, numbers)))


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
