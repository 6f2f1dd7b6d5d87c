"""The negative curvature of a saddle without spare units tends to 0 along its orbit.

Let j be a selected component and k an unselected one; in the second line the best of them.

    λ_min <= −2 (λ_k − λⱼ) / (‖Aᴴ uⱼ‖² + (λ_k/λⱼ) ‖B vⱼ‖²)    for all pairs with λ_k > λⱼ,
    λ_min >= −2 λ_k min(tr (AᴴA)⁻¹, tr (B Bᴴ)⁻¹),
    λ_min  = s − √(s² − 4λⱼ + 4λ_k) with s = ‖A‖² + ‖B‖²        for p = 1 and λ_k > λⱼ.

So with the gauge t, at (A/t, t B), it tends to 0 for t → 0 and for t → ∞: that all saddles are
strict gives no bound for how strict they are.

Hypotheses: Sxx = 1; the point is critical, of rank r = p. With spare units there is a bound that no
gauge can break if rank A + rank B < p: a unit free on both sides has the curvature −2σ_k.

Bound: both of the first two, by exact inertia. Equality: the third, enclosed in rational numbers.

References: we know of none for this form.

Post: E17 (what a reparameterisation breaks: how steep the way down is, not that there is one).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals
from linae.inertia import Inertia, inertia
from linae.schur import generalised_inverse
from proofs import curvature
from proofs._calc import Chain, I, Proof, Rule, calc, letter
from proofs._cases import points_of
from proofs._instances import CriticalPoint, Instance, diagonal, whitened
from proofs._symbols import is_zero
from proofs.curvature import aligned

uses: list[ModuleType] = [curvature]


@st.composite
def hypotheses(draw: st.DrawFn) -> CriticalPoint:
    """Points of every class without spare units, white inputs."""
    at = draw(aligned("white").filter(lambda at: at.rank > 1))
    p = draw(st.integers(1, min(2, at.rank)))
    J = draw(st.sampled_from([*combinations(range(at.rank), p)][::-1]))
    return draw(points_of(replace(at, width=p), J))


def conclusion(case: CriticalPoint) -> None:
    """Exact inertia of the Hessian minus a bound says on which side of it λ_min is."""
    at, (A, B) = case.instance, case.weights
    H = at.landscape.hessian(A, B)
    K = [k for k in range(at.rank) if k not in case.J]
    for j, k in product(case.J, K):
        if at.s[k] > at.s[j]:
            upper = -2 * (at.s[k] ** 2 - at.s[j] ** 2) / _length(case, j, k)
            assert _shifted(H, upper).positive < len(H), f"λ_min is above {upper}"
    if not K:
        return
    grams = A.conj().T @ A, B @ at.R @ (B @ at.R).conj().T
    lower = -2 * at.s[K[0]] ** 2 * min(generalised_inverse(M).trace().real for M in grams)
    assert _shifted(H, lower).negative == 0, f"λ_min is below {lower}"
    if at.width == 1 and at.s[K[0]] > at.s[case.J[0]]:
        _equality(H, sum(M.item().real for M in grams), at.s[K[0]] ** 2 - at.s[case.J[0]] ** 2)


def _length(case: CriticalPoint, j: int, k: int) -> Any:
    """‖Aᴴ uⱼ‖² + (λ_k/λⱼ) ‖B vⱼ‖²."""
    at, (A, B) = case.instance, case.weights
    u, v = at.U[:, j].conj() @ A, B @ at.R[:, j]
    ratio = Fraction(at.s[k], at.s[j]) ** 2
    return ((u * u.conj()).sum() + ratio * (v * v.conj()).sum()).real


def _shifted(H: Array, bound: Any) -> Inertia:
    """How many eigenvalues are below, at and above the bound."""
    return inertia(H - bound * eye(len(H), H))


def _equality(H: Array, s: Any, gap: int) -> None:
    """λ_min is the smaller root of z² − 2 s z − 4 gap, which has one below 0."""
    root = float(s) - float(s * s + 4 * gap) ** 0.5
    around = [Fraction(root) + e * Fraction(1, 10**9) for e in (-1, 1)]
    assert [z * z - 2 * s * z > 4 * gap for z in around] == [True, False]
    assert [_shifted(H, z).negative > 0 for z in around] == [False, True], f"λ_min is not {root}"


def proof() -> Proof:
    """For all sizes, from the blocks [[B Bᴴ, −σ_k], [−σ_k, AᴴA]] of half the Hessian.

    As A B = U_J S_J V_Jᴴ, A B v = u s and Bᴴ Aᴴ u = v sᴴ for u = uⱼ, v = vⱼ, s = σⱼ. The chains say
    that the block of k at (Aᴴ u, (σ_k/σⱼ) B v) is λⱼ + λ_k − 2 λ_k: the upper bound, divided by the
    length. The other blocks are ⪰ 0. Where B Bᴴ >= ν, a block is at least −σ_k²/ν, as

        ν x² − 2σ x y + (σ²/ν) (x² + y²) = (ν x − σ y)²/ν + (σ²/ν) x²;

    likewise for AᴴA; and 1/ν <= tr (B Bᴴ)⁻¹. For p = 1 the block is of order 2 and ‖A‖² ‖B‖² = λⱼ.
    """
    x, y, z, sigma, nu, b, low = sp.symbols("x y z σ ν b λ", positive=True)
    rest = sigma**2 / nu
    form = nu * x**2 - 2 * sigma * x * y + rest * (x**2 + y**2)
    characteristic = (2 * b - z) * (2 * low / b - z) - 4 * sigma**2
    claimed = z**2 - 2 * (low / b + b) * z + 4 * low - 4 * sigma**2
    assert is_zero(
        np.array([form - (nu * x - sigma * y) ** 2 / nu - rest * x**2, characteristic - claimed])
    )
    return Proof(_chains())


def _chains() -> tuple[Chain, ...]:
    """‖Bᴴ Aᴴ u‖², ‖A B v‖² and uᴴ A B v."""
    A, B, u, v = (
        letter("A", "n", "p"),
        letter("B", "p", "d"),
        letter("u", "n", "1"),
        letter("v", "d", "1"),
    )
    s = letter("s", "1", "1")
    rules = (
        Rule("A B v = u s", A @ B @ v, u @ s),
        Rule("Bᴴ Aᴴ u = v sᴴ", B.H @ A.H @ u, v @ s.H),
        Rule("uᴴu = 1", u.H @ u, I("1")),
        Rule("vᴴv = 1", v.H @ v, I("1")),
    )
    encoder = (
        calc(u.H @ A @ B @ B.H @ A.H @ u, *rules)
        .step("Bᴴ Aᴴ u = v sᴴ", u.H @ A @ B @ v @ s.H)
        .step("A B v = u s", u.H @ u @ s @ s.H)
        .step("uᴴu = 1", s @ s.H)
    )
    decoder = (
        calc(v.H @ B.H @ A.H @ A @ B @ v, *rules)
        .step("A B v = u s", v.H @ B.H @ A.H @ u @ s)
        .step("Bᴴ Aᴴ u = v sᴴ", v.H @ v @ s.H @ s)
        .step("vᴴv = 1", s.H @ s)
    )
    mixed = calc(u.H @ A @ B @ v, *rules).step("A B v = u s", u.H @ u @ s).step("uᴴu = 1", s)
    return encoder, decoder, mixed


def _point(at: Instance, J: tuple[int, ...], M: Any) -> CriticalPoint:
    p, (m, d) = at.width, at.R.shape
    q = p - len(J)
    shapes = (len(at.U) - at.rank, q), (q, d - at.rank), (p, m)
    blocks = (rationals(np.zeros(shape, dtype=int)) for shape in shapes)
    return CriticalPoint(at, J, rationals(M), *blocks)


counterexamples = {
    "r = p": _point(whitened((2, 1), 2), (1,), [[4, 0], [0, 1]]),
    "Sxx = 1": _point(diagonal((2, 1), 1), (1,), [[1]]),
}
