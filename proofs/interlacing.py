"""A missing bias costs at most one hidden unit, and the mean is then what this unit learns.

With L(p) the least loss of A (B x + b) + c and L₀(p) that without biases, in auto-association,

    L₀(p + 1) ≤ L(p) ≤ L₀(p).

L is the loss of components of the covariance S, L₀ that of S + x̄ x̄ᵀ, whose eigenvalues interlace:

    λ₁(S + x̄ x̄ᵀ) ≥ λ₁(S) ≥ λ₂(S + x̄ x̄ᵀ) ≥ λ₂(S) ≥ …

The first component v without biases leans to the mean: if ‖x̄‖² > λ₁(S), its angle to x̄ has

    tan ≤ ‖(1 − u uᵀ) S u‖ / (‖x̄‖² + uᵀS u − λ₁(S)),    u = x̄/‖x̄‖.

A bias b of the encoder without the c of the decoder is worth nothing: L is then L₀.

Hypotheses: real auto-association, Y = X. Any data; any mean, also 0.

Bound: of losses, eigenvalues and angle. There is equality on the left if S x̄ = 0 and
‖x̄‖² ≥ λ_{p+1}(S): the unit has nothing to do but the mean. On the right there is if x̄ = 0.

References: Weyl's inequalities for a change of rank one.

Post: F14 ("Mean output": without a bias one unit is spent on the mean, and no more than one).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, floating, rank, rationals, solve
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.schur import projector
from proofs import biases
from proofs._calc import I, Proof, Rule, calc, letter
from proofs._cases import matrices, unitaries
from proofs._instances import Case

uses: list[ModuleType] = [biases]


@dataclass(frozen=True, eq=False, repr=False)
class Shifted(Case):
    """Inputs of second moment U diag(k²) Uᵀ and mean U diag(k) g, ‖g‖ ≤ 1, and weights with biases.

    Attributes
    ----------
    U : (n, n)
    k : integers k₁ ≥ k₂ ≥ … ≥ 0
    g : (n, 1)
    A, B, b, c : weights of width p, biases (p, 1) and (n, 1)
    targets : (n, n), optional
        T, for targets T (x − x̄) + x̄.
    """

    U: Array
    k: tuple[int, ...]
    g: Array
    A: Array
    B: Array
    b: Array
    c: Array
    targets: Array | None = None

    @cached_property
    def uncentred(self) -> Array:
        """S + x̄ x̄ᵀ."""
        return rationals(self.U * np.array([x * x for x in self.k], dtype=object) @ self.U.T)

    @cached_property
    def mean(self) -> Array:
        return rationals(self.U @ (np.array(self.k, dtype=object)[:, None] * self.g))

    @cached_property
    def S(self) -> Array:
        return self.uncentred - self.mean @ self.mean.T

    def loss(self, W: Array, c: Array) -> Any:
        """E‖y − W x − c‖²: what is left of the covariance, and the square of the mean error."""
        one = eye(len(W), W)
        E = (one if self.targets is None else self.targets) - W
        e = self.mean - W @ self.mean - c
        return (E @ self.S * E).sum() + (e * e).sum()


@st.composite
def hypotheses(draw: st.DrawFn) -> Shifted:
    """Short and long means, singular moments, any weights and biases."""
    n = draw(st.sampled_from([2, 3, 1, 4]))
    p = draw(st.integers(1, n))
    k = sorted(draw(st.lists(st.integers(0, 4), min_size=n, max_size=n)), reverse=True)
    k[0] += draw(st.sampled_from([4, 0, 8]))
    share = draw(st.sampled_from([Fraction(1), Fraction(9, 10), Fraction(1, 2), Fraction(0)]))
    U, turn = draw(unitaries(n)), draw(unitaries(n))
    A, B = draw(matrices(n, p)), draw(matrices(p, n))
    b, c = draw(matrices(p, 1)), draw(matrices(n, 1))
    case = Shifted(U, tuple(k), rationals(turn[:, :1] * share), A, B, b, c)
    if rank(A) == p and draw(st.booleans()):  # the best for A, so that every bound is tight
        B = solve(A.T @ A, A.T)
        case = replace(case, B=B, c=rationals(case.mean - A @ (B @ case.mean + b)))
    return case


def conclusion(case: Shifted) -> None:
    """Against values of the loss at any weights, and eigenvalues counted by exact LDLᵀ."""
    A, W = case.A, case.A @ case.B
    none = 0 * case.mean
    with_biases = case.loss(W, A @ case.b + case.c)
    lean = projector(np.concatenate([A, case.mean], axis=1))
    assert case.loss(lean, none) <= with_biases, "one unit more does not make up for the bias"
    assert case.loss(projector(A), none) <= case.loss(W, A @ case.b), "a gain of the encoder's bias"
    one = eye(len(W), W)
    for i, x in enumerate(case.k):
        shifted = inertia(case.S - x * x * one)
        assert shifted.positive <= i, f"more than {i} eigenvalues of S above {x * x}"
        assert shifted.positive + shifted.zero >= i, f"fewer than {i} eigenvalues from {x * x} up"
    _losses_interlace(case)
    _leans_to_the_mean(case)


def _losses_interlace(case: Shifted) -> None:
    """Floating: the least losses that `linae` lists, from the moments."""
    n = len(case.k)
    centred, other = (Moments.auto(floating(S)) for S in (case.S, case.uncentred))
    least = [
        [float(next(SquaredLoss(m, p).critical_classes()).loss) for p in range(1, n + 1)]
        for m in (centred, other)
    ]
    scale = 1e-12 * (1 + float(case.uncentred.trace()))
    left = [float(sum(x * x for x in case.k[p:])) for p in range(1, n + 1)]
    assert np.allclose(least[1], left, rtol=0, atol=scale)
    assert all(a <= b + scale for a, b in zip(*least, strict=True))
    assert all(b <= a + scale for a, b in zip(least[0], least[1][1:], strict=False))


def _leans_to_the_mean(case: Shifted) -> None:
    """Floating: the eigenvector u₁ of S + x̄ x̄ᵀ that the case is built from."""
    S, mean, v = floating(case.S), floating(case.mean)[:, 0], floating(case.U)[:, 0]
    if mean @ mean > 1.001 * np.linalg.eigvalsh(S)[-1]:
        assert tangent(v, mean) <= greatest_tangent(S, mean) + 1e-9


def tangent(v: Array, mean: Array) -> float:
    """Of the angle between the two."""
    u = mean / np.linalg.norm(mean)
    return float(np.linalg.norm(v - u * (u @ v)) / abs(u @ v))


def greatest_tangent(S: Array, mean: Array) -> float:
    """That of the theorem."""
    length = mean @ mean
    u = mean / np.sqrt(length)
    aside = np.linalg.norm(S @ u - u * (u @ S @ u))
    return float(aside / (length + u @ S @ u - np.linalg.eigvalsh(S)[-1]))


def proof() -> Proof:
    """For all sizes. Samples as columns X, U = (1, …, 1) a row, E = X − A (B X + b U) − c U. By
    `biases` the best c is x̄ − A (B x̄ + b), in the span of A and x̄. Let P be the projection on it,
    Q = 1 − P: by the first chain Q X = Q E, and by the second EᵀE − (Q X)ᵀQ X is semidefinite, so
    that P, of rank p + 1 at most, has at most the loss of E. If c = 0, P on the range of A will do.

    Eigenvalues: S + x̄ x̄ᵀ ⪰ S, and where a vector is orthogonal to x̄ and to the first i − 1
    eigenvectors of S the two forms agree and are at most λᵢ(S) (Courant and Fischer). The angle: of
    the unit vectors v = u cos + w sin, w ⟂ u, with (S + x̄ x̄ᵀ) v = λ v, the product with w gives
    sin (λ − wᵀS w) = cos wᵀS u, where wᵀS w ≤ λ₁(S) and λ ≥ uᵀ(S + x̄ x̄ᵀ) u = ‖x̄‖² + uᵀS u.
    """
    A, C, X = letter("A", "n", "p"), letter("C", "p", "N"), letter("X", "n", "N")
    c, U, P = letter("c", "n", "1"), letter("U", "1", "N"), letter("P", "n", "n")
    E, Q = X - A @ C - c @ U, I("n") - P
    kept, mean = Rule("P A = A", P @ A, A), Rule("P c = c", P @ c, c)
    same = calc(Q @ E, kept, mean).step("P A = A", Q @ (X - c @ U)).step("P c = c", Q @ X)
    F, rules = letter("E", "n", "N"), (Rule("PᵀP = P", P.H @ P, P), Rule("Pᵀ = P", P.H, P))
    square = calc((P @ F).H @ (P @ F) + (Q @ F).H @ (Q @ F), *rules)
    square = square.step("PᵀP = P", F.H @ (I("n") + P - P.H) @ F)
    return Proof([same, square.step("Pᵀ = P", F.H @ F)])


def figure(ax: Any) -> None:
    """Without biases the loss rises with the mean, but not above that of one unit less."""
    from linae.plot.style import BLUE, GREEN, GREY, VERMILION

    values, direction = np.array([4, 2, 1, 0.5]), np.array([0.2, 0.4, 0.6, 0.8])
    lengths = np.geomspace(0.1, 100, 300)
    means = lengths[:, None] * direction / np.linalg.norm(direction)
    found = np.linalg.eigvalsh(np.diag(values) + means[:, :, None] * means[:, None, :])
    for p, color in zip((1, 2, 3), (VERMILION, BLUE, GREEN), strict=True):
        ax.axhline(values[p:].sum(), color=color, ls="--", lw=1.2)
        ax.plot(lengths, found[:, : 4 - p].sum(axis=1), color=color)
        ax.text(4, values[p:].sum() - 0.06, f"p = {p}, with biases", color=color, va="top")
        ax.text(105, found[-1, : 4 - p].sum(), f"p = {p}, without", color=color, va="center")
    ax.axhline(values.sum(), color=GREY, ls="--", lw=1.2)
    ax.text(0.105, values.sum() + 0.07, "mean output")
    ax.set(xscale="log", xlim=(0.1, 100), ylim=(0, 8.2), xlabel="length of the mean", ylabel="loss")


_turned = rationals(np.diag([-1, -1]))
_column = rationals([[1], [0]])

counterexamples = {
    "Y = X": Shifted(
        -_turned, (2, 1), 0 * _column, _column, -_column.T, rationals([[0]]), 0 * _column, _turned
    ),
}
