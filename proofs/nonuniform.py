"""With a decay of its own each hidden unit learns a component of its own, or is switched off.

The critical points of E‖x − A B x‖² + Σ μ_h (‖a_h‖² + ‖b_h‖²), a_h the columns of A and b_h the
rows of B, are a_h = b_hᵀ = ± (1 − μ_h/λ)^½ u, or 0: a unit that is on has an eigenvector u of S
with λ > μ_h, orthogonal to those of the others. The loss is tr S − Σ (λ − μ_h)²/λ over these. The
negative eigenvalues of the Hessian are as many as there are

1. pairs of units that are on, of which the one with the smaller decay has the smaller eigenvalue;
2. components that are left, each with a smaller one that some unit has;
3. components that are left, each with an idle unit of decay μ_h < λ;
4. idle units, each with one that is on and has a larger decay;

the zeros as there are ties in 1, 2 and 3. The others are positive.

Hypotheses: real auto-association, Y = X; the decays are positive, distinct, and the same for a_h as
for b_h. S may be singular or have ties.

Equality: of all three counts. For distinct λ the critical points are isolated, 2 to the number of
units that are on of each kind. Index 0 is the least loss: sorted, the largest λ with the least μ,
as far as λ > μ. Every other critical point is a strict saddle.

References: Bao, Lucas, Sachdeva and Grosse 2020, arXiv:2007.06731 (wording not confirmed).

Post: none by itself; the principal components are found one by one, which the squared loss does
not do (`plaut`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import permutations, product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals, zeros
from linae.inertia import Inertia, inertia
from linae.landscapes.nonuniform import NonuniformDecay
from linae.moments import Moments
from proofs import gradient, hessian
from proofs._auto import Auto, arrival, frames, sizes, spectra, starts
from proofs._calc import Sum, letter
from proofs._instances import Case

uses: list[ModuleType] = [gradient, hessian]

ROOTS = [Fraction(1, 2), Fraction(3, 5), Fraction(1, 3), Fraction(3, 4)]
IDLE = [(Fraction(x, 2), Fraction(0)) for x in range(1, 8)]


@dataclass(frozen=True, eq=False, repr=False)
class Decayed(Case):
    """Weights, the decays of columns and rows, and the component of each unit, −1 for none."""

    at: Auto
    decays: tuple[Fraction, ...]
    taken: tuple[int, ...] | None
    A: Array
    B: Array
    of_rows: tuple[Fraction, ...] | None = None

    def loss(self, A: Array, B: Array) -> Any:
        """The definition."""
        columns, rows = ((x * x).sum(axis=axis) for axis, x in ((0, A), (1, B)))
        mu, nu = (np.array(x, dtype=object) for x in (self.decays, self.of_rows or self.decays))
        return self.at.error(A @ B) + (mu * columns + nu * rows).sum()

    @cached_property
    def landscape(self) -> NonuniformDecay:
        return NonuniformDecay(self.at.moments, self.at.width, self.decays)


@st.composite
def hypotheses(draw: st.DrawFn) -> Decayed:
    """Every way to give components to units; 1 − μ_h/λ is the square of a rational where a unit is
    on. One in eight is no critical point but the start of a root search."""
    n, p = draw(sizes(6))
    values = draw(spectra(n))
    at, rho = Auto(draw(frames(n)), values, p), sum(x > 0 for x in values)
    on = draw(st.integers(0, min(p, rho)))
    taken = draw(st.permutations([*draw(st.permutations(range(rho)))[:on], *[-1] * (p - on)]))
    decays: list[Fraction] = []
    scale = []
    for j in taken:
        offered = [(values[j] * (1 - c * c), c) for c in ROOTS] if j >= 0 else IDLE
        mu, c = draw(st.sampled_from([x for x in offered if x[0] not in decays]))
        decays.append(mu)
        scale.append(c * draw(st.sampled_from([1, -1])))
    if draw(st.integers(0, 7)) == 7:
        landscape = NonuniformDecay(at.moments, p, decays)
        return Decayed(at, tuple(decays), None, *draw(starts(landscape)))
    A = rationals(at.U[:, list(taken)] * np.array(scale, dtype=object))
    return Decayed(at, tuple(decays), tuple(taken), A, A.T)


def conclusion(case: Decayed) -> None:
    """By values of the loss along lines, and exact inertia of its second differences."""
    if case.taken is None:
        return _ends_at_components(case)
    weights = case.A, case.B
    assert not np.any(calculus.gradient(case.loss, weights, 4)), "not critical"
    assert np.array_equal(case.B, case.A.T), "not tied"
    gram = case.A.T @ case.A
    assert np.array_equal(gram, np.diag(np.diag(gram))), "units share a component"
    H, landscape = calculus.hessian(case.loss, weights, 4), case.landscape
    found, place = inertia(H), landscape.place(*weights)
    assert place is not None
    J = place.critical.index_set
    assert [_value(case, j) for j in J] == [_value(case, j) for j in case.taken]
    assert found == place.inertia, f"claimed {place.inertia}, found {found}"
    value, least = case.loss(*weights), next(landscape.critical_classes())
    assert value == landscape.class_loss(J)
    assert (value == least.loss) == (found.negative == 0)
    values = np.linalg.eigvalsh(H.astype(float))  # floating
    np.testing.assert_allclose(landscape.class_spectrum(J), values, atol=1e-9)
    return None


def _value(case: Decayed, j: int) -> Any:
    return case.at.values[j] if j >= 0 else None


def _ends_at_components(case: Decayed) -> None:
    """Floating: what a root search finds is a member of the family."""
    found = arrival(case.landscape, (case.A, case.B))
    if found is None:
        return
    (A, B), S = found, case.landscape.floating.moments.Sxx
    assert np.abs(A - B.T).max() < 1e-6, f"A = {A}, B = {B}"
    gram = A.T @ A
    assert np.abs(gram - np.diag(np.diag(gram))).max() < 1e-6
    for a, mu in zip(A.T, case.decays, strict=True):
        size = np.linalg.norm(a)
        if size > 1e-3:
            value = a @ S @ a / size**2
            assert np.abs(S @ a - value * a).max() < 1e-6
            assert abs(1 - float(mu) / value - size**2) < 1e-6


def proof(n: int = 2, p: int = 2) -> None:
    """Only if, for all sizes: let D = diag(μ), C = (1 − A B) S, T = B S Bᵀ ⪰ 0, and P and Q half the
    gradient. At P = Q = 0 the identities of `_necessary` say

    1. AᵀA D = D B Bᵀ; with the transpose, AᵀA D² = D² AᵀA: AᵀA = B Bᵀ is diagonal;
    2. A B S = A (D + T) Aᵀ, so that C is symmetric, and A has its range in R(S), as B has;
    3. B A D = B C Bᵀ and D B A = Aᵀ C A are symmetric, so that B A commutes with D²: it is
       diagonal, say with entries κ.

    As in `weight_decay`, (1 − κ_h) T_hh = μ_h κ_h, so that 0 <= κ_h < 1 and C ⪰ 0; C a_h = μ_h b_hᵀ
    and C b_hᵀ = μ_h a_h give (C + μ_h)(C − μ_h) a_h = 0, C a_h = μ_h a_h and b_hᵀ = a_h. So κ_h is
    N_h = |a_h|². Times Aᵀ, C A = A D is (1 − N) AᵀS A = N D; put into S A = A D + A AᵀS A this is
    S A = A D (1 − N)⁻¹: the a_h are eigenvectors, of λ = μ_h/(1 − |a_h|²).

    Inertia: `_direct_sum` says what blocks half the Hessian has, at these sizes; more components
    and units bring more of the same, as every block is of at most two units. `_signs` decides them.
    """
    _necessary()
    for on in range(min(n, p) + 1):
        _direct_sum(n, p, on)
    _signs()
    _counts(n, p)


def _necessary() -> None:
    """What follows from P = 0 and Q = 0, as identities at all weights; S = R Rᵀ."""
    A, B, R = letter("A", "n", "p"), letter("B", "p", "n"), letter("R", "n", "d")
    D, S = letter("D", "p", "p"), R @ R.H
    plain = SquaredLoss(Moments.auto(block(S)), 1).gradient(block(A), block(B))
    P, Q = (Fraction(1, 2) * word(g) + x for g, x in zip(plain, (A @ D, D @ B), strict=True))
    C, T = S - A @ B @ S, B @ S @ B.H
    assert A.H @ P - Q @ B.H == A.H @ A @ D - D @ B @ B.H
    assert A @ (D.H + T) @ A.H - A @ B @ S == A @ P.H
    assert B @ P == B @ A @ D - B @ C @ B.H
    assert Q @ A == D @ B @ A - A.H @ C @ A


def _direct_sum(n: int, p: int, on: int) -> None:
    """Half the Hessian in symbols, where unit h has component h if h < on; λ_h = μ_h + e_h."""
    mu, e = sp.symbols(f"m:{p}", positive=True), sp.symbols(f"e:{n}", positive=True)
    values = [e[i] + mu[i] if i < on else e[i] for i in range(n)]
    landscape = NonuniformDecay(Moments.auto(np.diag(np.array(values, dtype=object))), p, mu)
    A = np.zeros((n, p), dtype=object)
    for h in range(on):
        A[h, h] = sp.sqrt(e[h] / values[h])
    found, claimed = landscape.hessian(A, A.T), sp.zeros(2 * n * p)
    assert not any(sp.simplify(x) for g in landscape.gradient(A, A.T) for x in g.flat)
    for h, i in product(range(p), range(n)):
        a, b = h * n + i, n * p + i * p + h  # places of A_ih and B_hi
        own = values[h] if h < on else mu[h]
        if i >= on or i == h or h >= on:
            claimed[[a, b], [a, b]] += _one_unit(own, mu[h], values[i], mu[i] if i < on else None)
