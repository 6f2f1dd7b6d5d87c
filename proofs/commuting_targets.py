"""Of targets that commute with the inputs, shared weights learn the positive correlations only.

For Sxx = U diag(λ) Uᵀ and Syx = U diag(c) Uᵀ the least losses over A B and over A Aᵀ of width p are

    tr Syy − Σ c²/λ,    tr Syy − Σ c₊²/λ,    c₊ = max(c, 0),

with the p largest terms in each sum. Shared weights do as well iff the first sum can do without any
c < 0. For y = −x, where c = −λ, they learn nothing: A = 0 is best, and the output is the mean.

Hypotheses: real data; Sxx and Syx have the same orthonormal eigenvectors U, λ > 0. Any c and width.

Equality: of the least losses. In general, over A Aᵀ is over maps W ⪰ 0 of rank p; that the targets
commute decides what the best is: at W = Σ (c₊/λ) u uᵀ over the p largest c₊²/λ.

References: elementary.

Post: F15 ("Weight sharing does worse?!!?": yes for targets that are anticorrelated with inputs).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import reduction
from proofs._auto import frames, sizes
from proofs._calc import CYCLIC, Proof, calc, letter, tr
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = [reduction]


@dataclass(frozen=True, eq=False, repr=False)
class Commuting(Case):
    """Sxx = U diag(k²) Uᵀ, Syx = U diag(h k²) V Uᵀ; a claimed map, and a competitor's decoder.

    Attributes
    ----------
    U, V : (n, n)
        V = 1 if the targets commute.
    k, h : n numbers
        So that λ = k², c = h k² and c²/λ = (h k)².
    width : int
    A : (n, p)
        Of any other map A Aᵀ.
    """

    U: Array
    V: Array
    k: tuple[int, ...]
    h: tuple[Fraction, ...]
    width: int
    A: Array

    @cached_property
    def T(self) -> Array:
        """The regression of the targets, y = T x."""
        c = np.array([h * k * k for h, k in zip(self.h, self.k, strict=True)], dtype=object)
        return rationals(self.U * c @ self.V * (1 / self.values) @ self.U.T)

    @property
    def values(self) -> Array:
        """λ."""
        return rationals([k * k for k in self.k])

    @cached_property
    def moments(self) -> Moments:
        S, T = rationals(self.U * self.values @ self.U.T), self.T
        return Moments(S, T @ S, T @ S @ T.T)

    def loss(self, W: Array) -> Any:
        """E‖T x − W x‖², one principal component of x after the other."""
        E = (self.T - W) @ self.U
        return (E * E @ self.values).sum()


@st.composite
def hypotheses(draw: st.DrawFn) -> Commuting:
    """Correlations of any sign, ties and zeros."""
    n, p = draw(sizes(9))
    k = tuple(draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)))
    parts = st.sampled_from([Fraction(x, 2) for x in (2, 1, 0, -1, -2, 3)])
    h = tuple(draw(st.lists(parts, min_size=n, max_size=n)))
    A = draw(matrices(n, p)) / Fraction(draw(st.sampled_from([1, 2, 4])))
    return Commuting(draw(frames(n)), rationals(np.eye(n, dtype=int)), k, h, p, A)


def conclusion(case: Commuting) -> None:
    """By values of the loss at the claimed maps and at others, which are not below them."""
    parts = [*zip(case.h, case.k, strict=True)]
    free = sorted(((h * k) ** 2 for h, k in parts), reverse=True)[: case.width]
    shared = sorted((max(h * k, Fraction(0)) ** 2 for h, k in parts), reverse=True)[: case.width]
    zero = case.moments.total
    listed = next(SquaredLoss(case.moments.floating(), case.width).critical_classes()).loss
    assert abs(listed - float(zero - sum(free))) <= 1e-12 * float(zero + 1)
    best = _best_shared(case)
    least = case.loss(best)
    assert least == zero - sum(shared), f"{least}, not {zero - sum(shared)}"
    for t in (Fraction(1, 8), Fraction(1, 2), Fraction(1)):
        assert case.loss(t * case.A @ case.A.T) >= least, "a better map that is shared"
        if case.width >= len(case.U):  # then the maps are all W ⪰ 0, and convex
            assert case.loss(best + t * (case.A @ case.A.T - best)) >= least


def _best_shared(case: Commuting) -> Array:
    """Σ (c₊/λ) u uᵀ over the p largest terms."""
    gains = [max(h * k, 0) for h, k in zip(case.h, case.k, strict=True)]
    taken = sorted(range(len(gains)), key=lambda i: -gains[i])[: case.width]
    factors = [max(h, 0) if i in taken else 0 for i, h in enumerate(case.h)]
    return rationals(case.U * rationals(factors) @ case.U.T)


def proof() -> Proof:
    """All sizes: let C₊ = Syx + D Dᵀ be U diag(c₊) Uᵀ. C₊ for Syx makes the loss of W = A Aᵀ lower
    by 2 tr W D Dᵀ, which the chain shows to be 2 ‖DᵀA‖². Of all maps of rank p it is then least at
    Σ (c₊/λ) u uᵀ over the p largest c₊²/λ, and tr Syy − Σ c₊²/λ, by `reduction` and Eckart and
    Young. That map is semidefinite, so A Aᵀ for some A, and there DᵀA = 0 as c₊ = 0 where D ≠ 0.
    The other sum is that of Syx itself, by the same theorems.
    """
    A, D = letter("A", "n", "p"), letter("D", "n", "n")
    chain = calc(tr(A @ A.H @ D @ D.H))
    return Proof([chain.step(CYCLIC, tr((D.H @ A) @ (D.H @ A).H))])


_one, _swap = rationals(np.eye(2, dtype=int)), rationals([[0, 1], [1, 0]])

counterexamples = {
    "Sxx and Syx have the same orthonormal eigenvectors U": Commuting(
        _one, _swap, (1, 2), (Fraction(1), Fraction(1)), 2, _one
    ),
}
