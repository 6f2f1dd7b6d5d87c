"""Gradient flow leaves balanced saddles, and arrives at minima, at twice the gaps between the σ.

Escape, from a balanced point of class J: 2σ_k for the best unselected component k if a unit is
spare, else 2 (σ_k − σ_j) for the worst selected j. Arrival, of A B from a balanced start that ends
at a global minimum: as e^{−rate · t} with twice the least positive number among

    2σ_r,    σ_r if G has a kernel on either side,    σ_j − σ_k  (j ≤ r < k ≤ ρ),    r = min(p, ρ);

2 (σ_p − σ_{p+1}) if p < ρ and nothing ties. If p > ρ and G has kernels on both sides there is no
rate: A B arrives like 1/t, the loss like 1/t².

Hypotheses: Sxx = 1; balance. Any G with ties and kernels, any p, real or complex.

Equality: the rates are −λ_min and the least positive eigenvalue of ∇²L at the balanced points of
the class and of the minimum. Bound: no balanced start arrives more slowly; almost all arrive so.

References: Saxe, McClelland and Ganguli 2014, arXiv:1312.6120, for the modes (wording not
confirmed).

Post: none by itself; how long training rests at a saddle is the logarithm of the start over a rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product
from math import isqrt
from types import ModuleType
from typing import Any

import sympy as sp
from hypothesis import strategies as st

from linae.critical import CriticalClass
from linae.exact import Array, eye, rationals, solve, zeros
from linae.flow import convergence_rate, escape_rate
from linae.inertia import Inertia, ldl_inertia
from proofs import curvature, hessian, schubert_limit
from proofs._cases import GAUSSIANS, index_sets
from proofs._flows import balanced_starts, check_flow, excess, products, white_instances
from proofs._instances import Case, Instance, Point, diagonal, whitened
from proofs._symbols import symbols, symmetric
from proofs.schubert_limit import GAPS, GROWTH, TIME, eigenvalues, scaled

uses: list[ModuleType] = [curvature, hessian, schubert_limit]


@dataclass(frozen=True, eq=False, repr=False)
class Balanced(Case):
    """A balanced start, and an index set; the σ are squares, so that √σ is rational."""

    start: Point
    J: tuple[int, ...]


@st.composite
def hypotheses(draw: st.DrawFn) -> Balanced:
    """Any index set; starts generic and not."""
    at = draw(white_instances() | white_instances(least=3) | white_instances(GAUSSIANS, 5))
    at = replace(at, s=tuple(x * x for x in at.s))
    return Balanced(draw(balanced_starts(st.just(at))), draw(index_sets(at)))


def conclusion(case: Balanced) -> None:
    """Eigenvalues at the balanced points by exact LDLᵀ; then late times, in rational arithmetic."""
    at = case.start.instance
    away = Fraction(escape_rate(CriticalClass(at.landscape, case.J)))
    least = _shifted(at, case.J, -away)
    assert least.negative == 0 < least.zero, f"−{away} is not the least eigenvalue"
    near, best = Fraction(convergence_rate(at.landscape)), tuple(range(min(at.width, at.rank)))
    above = _shifted(at, best, near)
    flat = at.landscape.class_inertia(best).zero
    assert not near or above.negative == flat, f"an eigenvalue between 0 and {near}"
    assert above.zero > 0, f"{near} is not an eigenvalue"
    check_flow(case.start)
    arrives, close = (_arrival, 1e-5) if near else (_algebraic_arrival, 0.2)
    if abs(excess(case.start, 400) - at.least) < Fraction(1, 100):
        assert arrives(case.start) > near - close, "a start arrives more slowly"
    assert abs(arrives(_generic(at)) - near) < close, "a generic start does not arrive so"


def _shifted(at: Instance, J: tuple[int, ...], c: Fraction) -> Inertia:
    """In(∇²L − c) at the balanced point A = [U_J √S_J, 0], B = [√S_J V_Jᴴ; 0]."""
    A, B = zeros((len(at.U), at.width), at.U), zeros((at.width, len(at.V)), at.V)
    for unit, j in enumerate(J):
        A[:, unit], B[unit] = isqrt(at.s[j]) * at.U[:, j], isqrt(at.s[j]) * at.V[:, j].conj()
    H = at.landscape.hessian(A, B)
    return ldl_inertia(H - c * eye(len(H), H))


def _arrival(start: Point) -> float:
    """The rate at which A B comes to rest, between e^{2t} = 2³⁰ and 2⁶⁰."""
    rest = products(start, 150)
    gaps = (products(start, k) - rest for k in (30, 60))
    one, two = ((gap * gap.conj()).sum().real for gap in gaps)
    return (_log2(one) - _log2(two)) / 30 if two else math.inf


def _algebraic_arrival(start: Point) -> float:
    """By how much the loss falls faster than t⁻², between e^{2t} = 2¹⁰⁰⁰ and 2²⁰⁰⁰."""
    one, two = (excess(start, k) - start.instance.least for k in (1000, 2000))
    return _log2(one) - _log2(two) - 2 if two else math.inf


def _log2(x: Fraction) -> float:
    """Of numbers that no double can hold."""
    return math.log2(x.numerator) - math.log2(x.denominator)


def _generic(at: Instance) -> Point:
    """A balanced start without any zero, with det A₀B₀ det G > 0 where that makes sense."""
    n, m, p = len(at.U), len(at.V), at.width
    k = min(n, m, p)
    P, Q = _rotation(n, 2), _rotation(m, 3)
    K = rationals(
        [[Fraction(i == j) + Fraction(1, 3 + i + 2 * j) for j in range(p)] for i in range(k)]
    )
    A, B = at.U @ P[:, :k] @ K, K.T @ (at.V @ Q[:, :k]).conj().T
    return Point(at, rationals(A), rationals(B))


def _rotation(size: int, c: int) -> Array:
    """(1 − T)(1 + T)⁻¹ with T skew and without a zero off the diagonal."""
    T = rationals([[Fraction(j - i, c + i + j) for j in range(size)] for i in range(size)])
    one = eye(size, T)
    return solve(one + T, one - T)


def proof(n: int = 3, p: int = 2, m: int = 2) -> None:
    """All ranks and ties. By `curvature` the Hessian at a balanced point has twice the eigenvalues
    σ_i + σ_j, σ_j ± σ_k, ±σ_k for each spare unit, σ_j for each direction of a kernel, and 0: the
    least one is that of the escape, the least positive one at a minimum that of the arrival.

    A start that ends at a global minimum has the pivots 1, …, r; with p > ρ and kernels on both
    sides perhaps others. By `schubert_limit`, Z Zᴴ is rational in X T⁻¹ and T⁻¹ (S + VᴴΦV) T⁻¹
    and regular at their limits. All that decays there is seen to decay at the rate or faster, a
    column of a kernel row like 1/√(2t): twice it enters A B. What decays at the rate has a factor
    v or s that is not 0 for almost all starts.
    """
    for rho in range(min(n, m) + 1):
        for tied in product([False, True], repeat=max(rho - 1, 0)):
            w, r = eigenvalues(n + m, tied, rho), min(p, rho)
            free = p - r if n > rho and m > rho else 0
            for more in range(free + 1):
                for others in combinations(range(rho, n + m), more):
                    _decays(w, rho, r, (*range(r), *others))


def _decays(w: list[Any], rho: int, r: int, chosen: tuple[int, ...]) -> None:
    """Every term is constant, or falls as fast as one of the rates, or like a power of t."""
    size, k = len(w), len(chosen)
    V, S = symbols("v", size, k), symmetric("s", k)
    for column, pivot in enumerate(chosen):
        V[:pivot, column] = V[pivot] = 0
        V[pivot, column] = 1
    gaps = [w[j] - w[k] for j, k in product(range(r), range(r, rho)) if w[j] != w[k]]
    least = [2 * w[r - 1], *([w[r - 1]] * (size > 2 * rho)), *gaps] if r else []
    rates = [[sp.diff(rate, g) for g in GAPS] for rate in least]
    for array in scaled(w, rho, chosen, V, S):
        for term in (t for x in array.flat for t in sp.Add.make_args(sp.expand(x))):
            powers = term.as_powers_dict()
            falls, slow = [-powers[x] for x in GROWTH], powers[TIME]
            ahead = [[f - c for f, c in zip(falls, rate, strict=True)] for rate in rates]
            fast = any(min(more) >= 0 and (slow <= 0 or any(more)) for more in ahead)
            if k > r:  # no rate is claimed, only a power of t
                assert (any(falls) and min(falls) >= 0) or slow <= 0, term
            else:
                assert fast or not (any(falls) or slow), term


def _case(at: Instance, A: list[list[int]], B: list[list[int]]) -> Balanced:
    return Balanced(Point(at, rationals(A), rationals(B)), ())


counterexamples = {
    "Sxx = 1": _case(diagonal((4,), width=1), [[1]], [[1]]),
    "balance": _case(whitened((1,), width=1), [[2]], [[1]]),
}
