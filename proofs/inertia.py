"""A critical point of rank r has index g + (p − r)(ρ − r), whatever the data and the width.

With J its index set, K the unselected nonzero components, q = p − r, a = n − ρ, b = d − ρ, kernel
blocks of ranks x and y; g and e the numbers of pairs (k, j) in K × J with λ_k > λ_j, λ_k = λ_j:

    negative   g + q (ρ − r)
    zero       e + r (2p − r) + q (a + b) − (a y + b x − x y) + p (m − d)

and the others are positive. The index is the same on the whole class.

Hypotheses: none. Ties, zero eigenvalues, singular Sxx, n ≠ m, p > ρ, every gauge and kernel block.
Over ℂ every number doubles.

Equality: of all three counts.

References: strict saddles under mild assumptions: Zhu, Soudry, Eldar and Wakin 2018,
arXiv:1805.04938 (wording not confirmed).

Post: E11 (perturbation analysis of A alone covers full rank; deficient rank adds (p − r)(ρ − r)),
E20 (the mean output is the class r = 0: a saddle of index p ρ).
"""

from __future__ import annotations

from functools import cache
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis.strategies import SearchStrategy
from scipy.sparse.csgraph import connected_components

from linae import calculus
from linae.exact import Array
from linae.inertia import Inertia, ldl_inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import _cases, critical_points
from proofs._instances import CriticalPoint, spurious_minimum
from proofs._symbols import is_zero, symbols, symmetric

uses: list[ModuleType] = [critical_points]


def hypotheses() -> SearchStrategy[CriticalPoint]:
    """Points of every class, anywhere in its fibre."""
    return _cases.critical_points()


def conclusion(case: CriticalPoint) -> None:
    """Exact LDLᴴ of the Hessian by second differences of the loss counts as the formula does."""
    at = case.instance
    found = ldl_inertia(calculus.hessian(at.loss, case.weights, at.landscape.degree))
    claimed = at.landscape.class_inertia(case.J, case.stratum)
    assert found == claimed, f"claimed {claimed}, found {found}"


def proof(n: int = 2, p: int = 2, m: int = 3) -> None:
    """All ranks of Sxx and Σ, orders of λ, index sets and strata.

    By `_invariances` an invertible change of weights, a congruence of Hessians, turns the gauge to
    1, Sxx to 1 ⊕ 0 and G to its singular values; likewise X₀ = [1 0; 0 0] and Y₀ = [0 0; 1 0], for
    a full-rank factorisation moves what is left of them into gauge and unitary factors. There the
    Hessian, in symbols σ, is a direct sum of blocks of order 1 and 2. Their signs are those of
    products of σ_i, σ_i + σ_j and σ_i − σ_j: one representative of each weak order decides.
    """
    _invariances(n, p, m)
    for d, r in product(range(m + 1), range(p + 1)):
        for rho in range(r, min(n, d) + 1):
            s = sp.symbols(f"s:{rho}", positive=True)
            for x in range(min(n - rho, p - r) + 1):
                for y in range(min(d - rho, p - r - x) + 1):
                    _stratum(n, p, m, s, d, r, x, y)


def _invariances(n: int, p: int, m: int) -> None:
    """L depends on M through A M, on a root of Sxx through B T, and on Q through QᵀQ only."""
    A, B, M = symbols("A", n, p), symbols("B", p, m), symbols("M", p, p)
    T, Q = symbols("T", m, m), symbols("Q", n, n)
    S = Moments(symmetric("X", m), symbols("Z", n, m), symmetric("Y", n))
    loss = SquaredLoss(S, p).loss
    assert is_zero(loss(A, M @ B) - loss(A @ M, B))
    moved = SquaredLoss(Moments(T @ S.Sxx @ T.T, S.Syx @ T.T, S.Syy), p).loss
    assert is_zero(moved(A, B) - loss(A, B @ T))
    W = A @ B
    E = S.Syy - W @ S.Syx.T - S.Syx @ W.T + W @ S.Sxx @ W.T
    turned = SquaredLoss(Moments(S.Sxx, Q @ S.Syx, Q @ S.Syy @ Q.T), p).loss
    assert is_zero(loss(A, B) - E.trace(), turned(Q @ A, B) - (Q.T @ Q @ E).trace())


@cache
def _landscape(n: int, p: int, m: int, s: tuple[Any, ...], d: int) -> SquaredLoss:
    """Sxx = 1 ⊕ 0 of rank d, Syx = diag(s)."""
    Sxx, Syx = np.diag([1] * d + [0] * (m - d)), np.zeros((n, m), dtype=object)
    np.fill_diagonal(Syx[: len(s), : len(s)], s)
    return SquaredLoss(Moments(Sxx, Syx, Syx @ Syx.T), p)


@cache
def _hessian(n: int, p: int, m: int, s: tuple[Any, ...], d: int) -> tuple[Any, Array, Array]:
    """The Hessian of the loss that ships, in symbols σ, A and B."""
    A, B = symbols("A", n, p), symbols("B", p, m)
    loss = sp.expand(_landscape(n, p, m, s, d).loss(A, B))
    return sp.hessian(loss, [*A.ravel(), *B.ravel()]), A, B


def _stratum(n: int, p: int, m: int, s: tuple[Any, ...], d: int, r: int, x: int, y: int) -> None:
    """The first r components are selected; every weak order of the σ is decided."""
    rho = len(s)
    H, A, B = _hessian(n, p, m, s, d)
    point = dict.fromkeys([*A.flat, *B.flat], sp.S.Zero)
    point |= {A[j, j]: sp.S.One for j in range(r)} | {B[j, j]: s[j] for j in range(r)}
    point |= {A[rho + i, r + i]: sp.S.One for i in range(x)}
    point |= {B[r + x + i, rho + i]: sp.S.One for i in range(y)}
    blocks = _blocks(np.array(H.xreplace(point)), s)
    for values in product(range(1, rho + 1), repeat=rho):
        order = sorted(range(rho), key=lambda i: -values[i])
        J = tuple(sorted(order.index(j) for j in range(r)))
        numbers = tuple(values[i] for i in order)
        claimed = _landscape(n, p, m, numbers, d).class_inertia(J, (x, y))
        found = sum(
            (
                _inertia(size, positive, det.subs(zip(s, values, strict=True)))
                for size, positive, det in blocks
            ),
            Inertia(0, 0, 0),
        )
        assert found == claimed, f"σ = {values}, J = {J}: claimed {claimed}, found {found}"


def _blocks(H: Array, s: tuple[Any, ...]) -> list[tuple[int, bool, Any]]:
    """Order, whether the trace is positive, and determinant, of each direct summand of H.

    Each is of order 1 or 2 with a trace >= 0 and a determinant whose sign the order of σ decides.
    """
    H = np.vectorize(sp.expand, otypes=[object])(H)
    count, label = connected_components(H != 0)
    decided = {*s, *(a + b for a in s for b in s), *(a - b for a in s for b in s)}
    summary = []
    for k in range(count):
        block = sp.Matrix(H[np.ix_(label == k, label == k)])
        trace, determinant = sp.Poly(block.trace(), sp.Dummy(), *s), sp.expand(block.det())
        assert block.rows <= 2
        assert all(c >= 0 for c in trace.coeffs())
        assert all(f in decided for f, _ in sp.factor_list(determinant)[1])
        summary.append((block.rows, not trace.is_zero, determinant))
    return summary


def _inertia(order: int, positive: bool, determinant: Any) -> Inertia:
    """Of a matrix of order 1 or 2 with trace >= 0, by the sign of its determinant."""
    if determinant < 0:
        return Inertia(1, 0, 1)
    return Inertia(0, 0, order) if determinant > 0 else Inertia(0, order - positive, positive)


counterexamples = {"every entry of the error counts alike": spurious_minimum()}
