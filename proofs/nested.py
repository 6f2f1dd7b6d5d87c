"""The nested loss is least where the units have the leading components in order, each up to scale.

Critical for Σ_i E‖x − A_i B_i x‖², A_i the first i columns a_h of A and B_i the first i rows b_h of
B, is every point at which the units that are on have orthonormal eigenvectors u of S with λ ≠ 0,
a_h = c u and b_h = uᵀ/c; the idle ones have a_h = 0 and for b_h a combination of the u of units
before them, or b_h = 0 and for a_h such a combination and a part in ker S; all b_h may have a part
in ker S. With a = dim ker S, the negative eigenvalues of the Hessian are as many as there are

1. pairs of units that are on, of which the first has the smaller eigenvalue;
2. components left with λ ≠ 0, each with a smaller one that some unit has;
3. components left with λ ≠ 0, each with an idle unit;
4. idle units, each with a unit after it that is on;

the zeros as there are ties in 1 and 2, 1 + a for each unit that is on, and for each idle unit with
k units before it that are on 2 k + 2 a if a_h = 0 and b_h S = 0, k + 2 a if a_h ≠ 0, and k + a if
b_h S ≠ 0. The others are positive.

Hypotheses: real auto-association, Y = X; the point is of this form. S may be singular or have ties.

Equality: of all three counts. Index 0 is the least loss, a_h b_h S = λ_h u_h u_hᵀ with the leading
λ in order. That every critical point is of this form is not claimed; a root search found no other.

References: Oftadeh, Shen, Wang and Shell 2020, ICML (wording not confirmed).

Post: none by itself; the principal components are found in order, which the squared loss does not
do (`plaut`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.nested import NestedLoss
from linae.moments import Moments
from proofs._auto import Auto, frames, ranks, sizes, spectra
from proofs._cases import matrices
from proofs._instances import Case
from proofs._symbols import is_zero, symbols

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Nested(Case):
    """The component of each unit, −1 for none, and the weights."""

    at: Auto
    taken: tuple[int, ...]
    A: Array
    B: Array

    def loss(self, A: Array, B: Array) -> Any:
        """The definition."""
        return sum(self.at.error(A[:, :i] @ B[:i]) for i in range(1, self.at.width + 1))


@st.composite
def hypotheses(draw: st.DrawFn) -> Nested:
    """Every way to give components to units, any scales, and idle units that are moved."""
    n, p = draw(sizes(4) | sizes(4) | sizes(6))
    at = Auto(draw(frames(n)), draw(spectra(n)), p)
    on = draw(ranks(min(p, at.rank)))
    chosen = draw(st.permutations(range(at.rank)))[:on]
    taken = tuple(draw(st.permutations([*chosen, *[-1] * (p - on)])))
    A, B = zeros((n, p), at.U), zeros((p, n), at.U)
    for h, j in enumerate(taken):
        seen = at.U[:, [i for i in taken[:h] if i >= 0]]
        kernel = at.U[:, at.rank :]
        if j >= 0:
            scale = draw(st.sampled_from([Fraction(1), Fraction(-1, 2), Fraction(3)]))
            A[:, h], B[h] = at.U[:, j] * scale, at.U[:, j] / scale
        elif draw(st.booleans()):
            B[h] = seen @ draw(matrices(seen.shape[1], 1))[:, 0]
        else:
            both = np.concatenate([seen, kernel], axis=1)
            A[:, h] = both @ draw(matrices(both.shape[1], 1))[:, 0]
        B[h] += kernel @ draw(matrices(kernel.shape[1], 1))[:, 0]
    return Nested(at, taken, rationals(A), rationals(B))


def conclusion(case: Nested) -> None:
    """By values of the loss along lines, and exact inertia of its second differences."""
    at, weights = case.at, (case.A, case.B)
    assert not np.any(calculus.gradient(case.loss, weights, 4)), "not critical"
    landscape = NestedLoss(at.moments, at.width)
    found, place = inertia(calculus.hessian(case.loss, weights, 4)), landscape.place(*weights)
    assert place is not None
    J = place.critical.index_set
    assert [j >= 0 and at.values[j] for j in J] == [j >= 0 and at.values[j] for j in case.taken]
    assert found == place.inertia, f"claimed {place.inertia}, found {found}"
    value = case.loss(*weights)
    assert value == landscape.class_loss(J)
    least = sum(sum(at.values[i:]) for i in range(1, at.width + 1))  # Eckart and Young
    assert (value == least) == (found.negative == 0)
    for h, x in enumerate(at.values[: at.width] if value == least else ()):
        W = np.outer(case.A[:, h], case.B[h]) @ at.S
        assert np.array_equal(at.S @ W, x * W)
        assert W.trace() == x


def proof(n: int = 2, p: int = 3) -> None:
    """By `_form`, at these sizes, half the second derivative along (Ȧ, Ḃ) in an eigenbasis of S is

        Σ_i Σ_kj λ_j (Σ_{h ≤ i} (Ȧ_kh B_hj + A_kh Ḃ_hj))² − 2 Σ_hk w_hk Ȧ_kh Ḃ_hk,

    w_hk being λ_k times the number of i >= h of which no unit up to i has k. Let c = 1: scales are
    congruences. Let h be idle and w_hk ≠ 0: k is left, or a unit after h has it. One of Ȧ_kh and
    Ḃ_hk has no other term: the two are a hyperbolic plane and the other terms of the other one can
    be dropped. That is 3 and 4. Of what is left, for a unit g that is on, with λ = λ_g, and
    the number t_g of losses that it is in, and a component k:

    - left, λ_k ≠ 0: [t λ, −t λ_k; −t λ_k, t λ_k], of determinant t² λ_k (λ − λ_k). That is 2;
    - its own: t_g λ (Ȧ + Ḃ)² and the scale, a zero;   in ker S: Ȧ_kg² t_g λ, and Ḃ_gk is a zero;
    - that of a unit h after it: with s = t_g − t_h, w = Ḃ_gk and z = Ȧ_kg, the form
      s (λ_k w² + λ z² − 2 λ_k w z), of determinant λ_k (λ − λ_k) s², which is 1, and a sum of
      squares of Ȧ_.h + w and Ḃ_h. + z.

    Idle units add to the squares of a pair (k, j), from the loss i = h on, h after the units of k
    and j, Ȧ_kh B_hj or A_kh Ḃ_hj. As i grows a unit at a time, all squares are 0 only if each of
    these is, so that they are definite in what they see: in the Ȧ_kh, k before h or in ker S, if
    b_h S ≠ 0; in the Ḃ_hj, j before h, if a_h ≠ 0. What no term sees are the zeros.
    """
    for rank in range(n + 1):
        for on in (units for r in range(rank + 1) for units in combinations(range(p), r)):
            for sides in product("AB", repeat=p - len(on)):
                _form(n, p, rank, on, sides)


def _form(n: int, p: int, rank: int, on: tuple[int, ...], sides: tuple[str, ...]) -> None:
    """The j-th unit that is on has the component j; an idle one is moved in A, or in B."""
    values = [*sp.symbols(f"l:{rank}", positive=True), *[0] * (n - rank)]
    landscape = NestedLoss(Moments.auto(np.diag(np.array(values, dtype=object))), p)
    A, B = np.zeros((n, p), dtype=object), np.zeros((p, n), dtype=object)
    B[:, rank:] = symbols("b", p, n - rank)
    for j, h in enumerate(on):
        A[j, h] = B[h, j] = 1
    for side, h in zip(sides, (h for h in range(p) if h not in on), strict=True):
        before = sum(g < h for g in on)
        seen = [*range(before), *(range(rank, n) if side == "A" else ())]
        (A.T if side == "A" else B)[h, seen] = symbols(f"x{h}_", 1, len(seen))[0]
    dA, dB = symbols("V", n, p), symbols("W", p, n)
    hA, hB = landscape.hessian_vector((A, B), (dA, dB))
    form = ((dA * hA).sum() + (dB * hB).sum()) / 2
    for i in range(1, p + 1):
        change = dA[:, :i] @ B[:i] + A[:, :i] @ dB[:i]
        left = [j for j in range(rank) if j >= len(on) or on[j] >= i]
        form -= ((change * change) @ values).sum()
        form += 2 * sum(values[k] * (dA[k, :i] * dB[:i, k]).sum() for k in left)
    assert is_zero(np.array([form]), *landscape.gradient(A, B))


def _point(A: Any, B: Any, targets: Any = None) -> Nested:
    """S = diag(2, 1)."""
    one = rationals(np.eye(2, dtype=int))
    at = Auto(one, (Fraction(2), Fraction(1)), len(B), targets)
    return Nested(at, (0,) * len(B), rationals(A), rationals(B))


counterexamples = {
    "idle units have components of units before them": _point([[0, 1], [0, 0]], [[1, 0], [1, 0]]),
    "a_h = c u and b_h = uᵀ/c": _point([[2], [0]], [[1, 0]]),
    "Y = X": _point([[1], [0]], [[1, 0]], -rationals(np.eye(2, dtype=int))),
}
