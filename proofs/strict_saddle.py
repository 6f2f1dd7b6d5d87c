"""Every critical point is a global minimiser or a strict saddle with a known way down.

The way down swaps a selected component j for an unselected k with λ_k > λ_j, by a rotation along
which the loss falls by exactly (λ_k − λ_j) sin²θ; or it adds an unselected component k ≠ 0 to a
spare unit, if r < min(p, ρ). In both cases the second derivative at the start is negative.

Hypotheses: none on data, width or point; that every entry of the error counts alike.

Equality: the point is a global minimiser iff its loss is tr Syy − Σ_{i ≤ min(p, ρ)} λ_i, the least
(Eckart and Young), iff its index is 0. A swap drops the loss by λ_k − λ_j, an added component by
at least 0.98 λ_k, and by λ_k where the kernel blocks leave a unit free on both sides.

References: Baldi and Hornik 1989, Neural Networks 2, Fact 4, for full rank and distinct
eigenvalues; Zhu, Soudry, Eldar and Wakin 2018, arXiv:1805.04938 (wordings not confirmed).

Post: E3 (the minimum takes the leading eigenvalues: true without hypotheses), E11 ("perturbation
analysis" must include the spare units). Masks and missing entries are not covered: the
counterexample is of that kind.
"""

from __future__ import annotations

from itertools import combinations, pairwise, product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae import calculus
from linae.critical import CriticalClass
from linae.exact import Array
from linae.landscapes.normal_form import normal_form
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.paths import Escape, escape
from proofs import _cases, critical_points, inertia
from proofs._instances import CriticalPoint, spurious_minimum
from proofs._symbols import is_zero, symbols

uses: list[ModuleType] = [critical_points, inertia]


@st.composite
def hypotheses(draw: st.DrawFn) -> CriticalPoint:
    """Points of every class, anywhere in its fibre; half of full rank, where the way is a swap."""
    if draw(st.booleans()):
        return draw(_cases.critical_points())
    at = draw(_cases.gapped_instances().filter(lambda at: at.width < at.rank))
    J = draw(st.sampled_from(list(combinations(range(at.rank), at.width))))
    return draw(_cases.points_of(at, J))


def conclusion(case: CriticalPoint) -> None:
    """At a point above the least loss, the shipped escape goes down, and as far as it says."""
    at, weights = case.instance, case.weights
    form = normal_form(at.landscape, *weights)
    assert form is not None
    critical = CriticalClass(at.landscape, form.index_set)
    start = at.loss(*weights)
    assert critical.is_global_minimum == (start == at.least)
    if start == at.least:
        return
    path = escape(critical, weights)
    first, second = calculus.along_line(at.loss, weights, path.direction, at.landscape.degree)
    assert first == 0
    assert second == path.curvature < 0, f"claimed {path.curvature}, found {second}"
    gained = at.eigenvalues[path.enters]
    if path.leaves is None:
        assert 100 * path.drop >= 98 * gained
    else:
        assert path.drop == gained - at.eigenvalues[path.leaves] > 0
    _falls(case, path, float(start))


def _falls(case: CriticalPoint, path: Escape, start: float) -> None:
    """In doubles, for rotations have no rational points: all along, and by the drop at the end."""
    losses = [start, *(float(case.instance.loss(*path(t))) for t in (0.25, 0.5, 0.75, 1.0))]
    assert all(b < a for a, b in pairwise(losses)), f"losses {losses}"
    assert abs(start - losses[-1] - float(path.drop)) <= 1e-9 * (1 + start)


def proof(n: int = 3, p: int = 2, m: int = 3) -> None:
    """For Sxx = 1 and G = diag(σ), at the gauge 1, with all kernel blocks in symbols.

    There is a way down iff the loss is not least. A swap changes the loss by −(λ_k − λ_j) sin²θ,
    and adding the component k to the unit i, A + a u_k e_iᵀ and B + b e_i v_kᵀ, by

        (σ_k − a b)² − λ_k + a² ‖row i of Y₀‖² + b² ‖column i of X₀‖².

    A gauge makes X₀ᵀX₀ and Y₀Y₀ᵀ diagonal at once, for X₀ Y₀ = 0; then one of these norms is 0,
    and with that factor large the second derivative −4 σ_k a b + … is negative.
    """
    for rho, r in product(range(min(n, m) + 1), range(p + 1)):
        if r > rho:
            continue
        _way_down_iff_not_least(rho, p, r)
        s = sp.symbols(f"s:{rho}", positive=True)
        landscape, A, B = _family(n, p, m, s, r)
        for j, k in product(range(r), range(r, rho)):
            assert is_zero(_swap(landscape, A, B, s, j, k))
        for i, k in product(range(r, p), range(r, rho)):
            assert is_zero(_add(landscape, A, B, s, i, k))


def _way_down_iff_not_least(rho: int, p: int, r: int) -> None:
    """For every index set of size r, and every set of gaps λ_t − λ_{t+1} that are not 0.

    λ_i is the sum of the gaps t >= i, so that the loss exceeds the least one by the sum over t of
    (min(p, t) − number of J up to t) · gap t; the gap at ρ is λ_ρ > 0.
    """
    for J in combinations(range(rho), r):
        excess = [min(p, t + 1) - sum(j <= t for j in J) for t in range(rho)]
        assert all(c >= 0 for c in excess)
        for positive in product([False, True], repeat=max(rho - 1, 0)):
            gaps = (*positive, True)
            swap = any(any(gaps[k:j]) for j in J for k in range(j) if k not in J)
            down = swap or r < min(p, rho)
            assert down == any(c > 0 and gap for c, gap in zip(excess, gaps, strict=False))


def _family(n: int, p: int, m: int, s: tuple[Any, ...], r: int) -> tuple[SquaredLoss, Array, Array]:
    """The landscape of G = diag(σ), and [U_J, N_A X₀], [S_J V_Jᵀ; Y₀ N_Bᵀ] for J the first r."""
    rho, A, B = len(s), np.zeros((n, p), dtype=object), np.zeros((p, m), dtype=object)
    A[rho:, r:], B[r:, rho:] = symbols("x", n - rho, p - r), symbols("y", p - r, m - rho)
    G = np.zeros((n, m), dtype=object)
    np.fill_diagonal(G[:rho, :rho], s)
    np.fill_diagonal(A[:r, :r], 1)
    np.fill_diagonal(B[:r, :r], s[:r])
    return SquaredLoss(Moments(np.eye(m, dtype=int), G, G @ G.T), p), A, B


def _swap(landscape: SquaredLoss, A: Array, B: Array, s: Any, j: int, k: int) -> Array:
    """Loss on the rotation, minus what is claimed of it."""
    cos, sin = sp.symbols("c s", real=True)
    turned, code = A.copy(), B.copy()
    turned[[j, k], j] = cos, sin
    code[j, [j, k]] = cos * s[j], sin * s[k]
    change = landscape.loss(turned, code) - landscape.loss(A, B)
    claimed = -(sin**2) * (s[k] ** 2 - s[j] ** 2)
    return np.array([sp.rem(sp.expand(change - claimed), cos**2 + sin**2 - 1, cos)])


def _add(landscape: SquaredLoss, A: Array, B: Array, s: Any, i: int, k: int) -> Array:
    """Loss with the component k added to the unit i, minus what is claimed of it."""
    a, b = sp.symbols("a b", real=True)
    more, code, rho = A.copy(), B.copy(), len(s)
    more[k, i], code[i, k] = a, b
    change = landscape.loss(more, code) - landscape.loss(A, B)
    rest = a**2 * (B[i, rho:] ** 2).sum() + b**2 * (A[rho:, i] ** 2).sum()
    return np.array([change - (s[k] - a * b) ** 2 + s[k] ** 2 - rest])


counterexamples = {"every entry of the error counts alike": spurious_minimum()}
