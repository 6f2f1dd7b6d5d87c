"""Where its strata do not cross, a critical set is Morse–Bott: all null directions are tangents.

The strata of a class are the pairs of ranks (x, y) of its kernel blocks, X₀ (a, q) and Y₀ (q, b)
with X₀ Y₀ = 0. The set is smooth at a point with x = a, y = b or x + y = q, and there the kernel of
the Hessian is its tangent space. This is so everywhere if n = ρ or d = ρ, hence for all of
auto-association, and where r = p. Ties do not break it.

Hypotheses: the point is critical, with x = a, y = b or x + y = q.

Equality: of nullity and dimension; the tangents are in the kernel. At every other critical point
the nullity is greater than the dimension of the set around it, at global minima too (p, n, d > ρ):
there L − L* = ‖X₀ Y₀‖² is of fourth order, and no Polyak–Łojasiewicz inequality holds.

References: Bott 1954, Annals of Mathematics 60, for the notion (wording not confirmed).

Post: none; the paths between minima (E18) stay where it holds or pass through such a crossing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae.exact import (
    Array,
    Gaussian,
    eye,
    is_complex,
    kernel,
    rank,
    rationals,
    row_echelon,
    solve,
)
from linae.inertia import inertia as inertia_of
from proofs import _cases, critical_points, inertia
from proofs._instances import CriticalPoint, inverse, whitened
from proofs._symbols import is_zero

uses: list[ModuleType] = [critical_points, inertia]


def hypotheses() -> st.SearchStrategy[CriticalPoint]:
    """Critical points of every class where no strata cross."""
    return _cases.critical_points().filter(is_smooth)


def is_smooth(case: CriticalPoint) -> bool:
    (a, q), b, (x, y) = case.X0.shape, case.Y0.shape[1], case.stratum
    return x == a or y == b or x + y == q


def conclusion(case: CriticalPoint) -> None:
    """Nullity by exact inertia; dimension by the rank of the velocities of curves."""
    landscape = case.instance.landscape
    nullity = inertia_of(landscape.hessian(*case.weights)).zero
    for v in velocities(case):
        assert not any(np.any(h) for h in landscape.hessian_vector(case.weights, v))
    around = (rationals([landscape.flatten(v) for v in velocities(near)]) for near in nearby(case))
    dimension = max(rank(vectors) for vectors in around)
    assert nullity == dimension, f"nullity {nullity}, dimension {dimension}"


def velocities(case: CriticalPoint) -> Iterator[tuple[Array, Array]]:
    """Of curves in the stratum of a point: gauges, ties, kernel blocks, unseen inputs."""
    at, (A, B) = case.instance, case.weights
    p, r = at.width, len(case.J)
    plus = solve(at.R.conj().T @ at.R, at.R.conj().T)
    NA, NB = at.U[:, at.rank :], at.V[:, at.rank :].conj().T @ plus
    A0, B0 = A * 0, B * 0
    one, units = eye(p, A), [at.unit]
    units += [Gaussian(0, 1)] if is_complex(A) else []
    for z in units:
        for i, j in product(range(p), range(p)):
            yield -z * np.outer(A[:, i], one[j]), z * np.outer(one[i], B[j])
        for j, k in product(case.J, range(at.rank)):
            if k not in case.J and at.s[j] == at.s[k]:
                u, v = at.U[:, j].conj() @ A, B @ at.R @ at.V[:, j]
                turned = at.V[:, k].conj() @ plus
                yield z * np.outer(at.U[:, k], u), np.conj(z) * np.outer(v, turned)
        for u, x in product(NA.T, case.X0 @ inverse(case.M)[r:]):
            yield z * np.outer(u, x), B0
        for y, v in product((case.M[:, r:] @ case.Y0).T, NB):
            yield A0, z * np.outer(y, v)
        for row, column in product(range(p), kernel(at.R.conj().T).T):
            yield A0, z * np.outer(one[row], column.conj())


def nearby(case: CriticalPoint) -> Iterator[CriticalPoint]:
    """A point of every stratum that comes near: ranks x + i and y + j."""
    X0, Y0 = case.X0, case.Y0
    a, b = len(X0), Y0.shape[1]
    spare = _complement(Y0, kernel(X0))  # seen by neither block
    z = spare.shape[1]
    zero_one = np.concatenate([np.zeros((b, z), dtype=int), np.eye(z, dtype=int)])
    dual = solve(np.concatenate([Y0, spare], axis=1).T, rationals(zero_one))
    new_X, new_Y = _complement(X0, eye(a, X0)), _complement(Y0.T, eye(b, Y0))
    for i, j in product(range(new_X.shape[1] + 1), range(new_Y.shape[1] + 1)):
        if i + j <= z:
            X = X0 + new_X[:, :i] @ dual[:, :i].T
            Y = Y0 + spare[:, i : i + j] @ new_Y[:, :j].T
            yield replace(case, X0=rationals(X), Y0=rationals(Y))


def _complement(M: Array, candidates: Array) -> Array:
    """The candidates, as columns, that extend the range of M."""
    pivots = row_echelon(np.concatenate([M, candidates], axis=1))[1]
    k = M.shape[1]
    return candidates[:, [j - k for j in pivots if j >= k]]


def proof() -> None:
    """For all sizes, by counting; the tangent space is always within the kernel.

    With α = a − x, β = b − y, z = q − x − y, the strata (x + i, y + j) with i <= α, j <= β and
    i + j <= z come near a point of (x, y). In {X₀ Y₀ = 0} that of (x, y) has the dimension
    x (a + q − x) + y (b + q − x − y), rank X₀ first; gauge r (2p − r), ties e, unseen inputs
    p (m − d) are the same in dimension and nullity. The latter is greater by

        (z − i − j) (α − i + β − j) + j (α − i) + i β  >=  0.

    That is 0 for some i, j iff α, β or z is 0. If z = 0, the stratum is open, an orbit of GL(a) ×
    GL(q) × GL(b); if α or β is 0, (Ẋ, Ẏ) ↦ Ẋ Y₀ + X₀ Ẏ is onto: the set is smooth either way.
    """
    a, b, x, y, z, i, j = sp.symbols("a b x y z i j", integer=True)
    q = x + y + z

    def dimension(x: Any, y: Any) -> Any:
        return x * (a + q - x) + y * (b + q - x - y)

    nullity = q * (a + b) - (a * y + b * x - x * y)
    alpha, beta = a - x, b - y
    claimed = (z - i - j) * (alpha - i + beta - j) + j * (alpha - i) + i * beta
    assert is_zero(np.array([nullity - dimension(x + i, y + j) - claimed]))


def _at_zero_blocks(J: tuple[int, ...], width: int) -> CriticalPoint:
    """G = diag(1, 0), M = 1, X₀ = 0 and Y₀ = 0."""
    at, q = whitened((1, 0), width), width - len(J)
    shapes = (1, q), (q, 1), (width, 2)
    blocks = (rationals(np.zeros(shape, dtype=int)) for shape in shapes)
    return CriticalPoint(at, J, rationals(np.eye(width, dtype=int)), *blocks)


counterexamples = {
    "x = a, y = b or x + y = q: a saddle on a cross": _at_zero_blocks((), 1),
    "x = a, y = b or x + y = q: a global minimum": _at_zero_blocks((0,), 2),
}
