"""The squared loss is a constant plus ‖G − A B̃‖²: linear autoencoders factorise a matrix.

With Sxx = R Rᴴ, R (m, d) of full column rank, G = Syx R⁺ᴴ, Σ = Syx Sxx⁺ Sxy and B̃ = B R:

    L(A, B) = tr(Syy − Σ) + ‖G − A B̃‖²    and    G Gᴴ = Σ.

(A, B) is critical for L iff (A, B̃) is for F = ‖G − A B̃‖², and the Hessian of L has the inertia of
that of F and p (m − d) zeros more, everywhere: what the encoder does to inputs that never occur.
With biases the same holds for centred data: proofs/biases.py.

Hypotheses: the joint moment [[Sxx, Sxy], [Syx, Syy]] is positive semidefinite, as that of data is.
Without it the loss may be unbounded below: Sxx = 0, Syx = Syy = 1 gives L(1, t) = 1 − 2t.

Equality: of the values at all weights, real or complex. `linae.reduction` has R and G in doubles.

References: Baldi and Hornik 1989, Neural Networks 2, for Sxx ≻ 0 (wording not confirmed).

Post: E2 (Σ = yᵀx is wrong: Σ = Syx Sxx⁺ Sxy), E8 (coordinates: diagonalise Σ, not Sxx), E22 (keep
targets and inputs apart).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis.strategies import SearchStrategy

from linae import calculus
from linae.exact import Array, floating, is_complex, rationals, solve
from linae.inertia import Inertia, inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.reduction import reduction
from linae.schur import generalised_inverse
from proofs._calc import I, Proof, Rule, calc, letter, tr
from proofs._cases import GAUSSIANS, instances, points, points_of
from proofs._instances import Case, CriticalPoint, Point

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Quadratic(Case):
    """Weights, and tr Syy − 2 Re tr(A B Sxy) + tr(A B Sxx Bᴴ Aᴴ), with Sxx = R Rᴴ."""

    R: Array
    Syx: Array
    Syy: Array
    A: Array
    B: Array

    @staticmethod
    def of(case: Point | CriticalPoint) -> Quadratic:
        at = case.instance
        return Quadratic(at.R * at.unit, at.moments.Syx, at.moments.Syy, *case.weights)

    @property
    def Sxx(self) -> Array:
        return rationals(self.R @ self.R.conj().T)

    def loss(self, A: Array, B: Array) -> Any:
        W = A @ B
        cross = W @ self.Syx.conj().T
        inner = self.Syy - cross - cross.conj().T + W @ self.Sxx @ W.conj().T
        return inner.trace().real


def hypotheses() -> SearchStrategy[Quadratic]:
    """Any weights, and critical ones, with the moments of any data."""
    critical = (instances(size=10) | instances(GAUSSIANS, size=4)).flatmap(points_of)
    return (points(10) | critical).map(Quadratic.of)


def conclusion(case: Quadratic) -> None:
    """Values by definition; slopes and inertias of both losses; last the doubles that ship."""
    R, A, B = case.R, case.A, case.B
    G = case.Syx @ _left_inverse(R).conj().T
    Sigma = case.Syx @ generalised_inverse(case.Sxx) @ case.Syx.conj().T
    assert np.array_equal(G @ G.conj().T, Sigma)

    def F(A: Array, C: Array) -> Any:
        E = G - A @ C
        return (E * E.conj()).sum().real

    C, rest = rationals(B @ R), (case.Syy - Sigma).trace()
    assert case.loss(A, B) == rest + F(A, C), f"{case.loss(A, B)}, not {rest} + {F(A, C)}"
    landscape = SquaredLoss(Moments(case.Sxx, case.Syx, case.Syy), B.shape[0])
    assert rest == landscape.spectrum.unexplained
    slopes = calculus.gradient(case.loss, (A, B), 4), calculus.gradient(F, (A, C), 4)
    assert np.any(slopes[0]) == np.any(slopes[1])
    unseen = Inertia(0, B.size - C.size, 0) * (1 + is_complex(B))
    found = inertia(landscape.hessian(A, B))
    assert found == inertia(calculus.hessian(F, (A, C), 4)) + unseen
    _in_doubles(landscape, A, B)


def _left_inverse(R: Array) -> Array:
    """R⁺ = (RᴴR)⁻¹Rᴴ."""
    return solve(R.conj().T @ R, R.conj().T)


def _in_doubles(landscape: SquaredLoss, A: Array, B: Array) -> None:
    """Floating: tr(Syy − Σ), R and F as they ship."""
    rest = reduction(landscape.moments.floating()).unexplained
    fit = landscape.whitened.loss(floating(A), floating(B) @ landscape.whitened_root)
    loss = float(landscape.loss(A, B))
    assert abs(loss - rest - fit) <= 1e-9 * (1 + loss), f"{loss}, not {rest} + {fit}"


def proof() -> Proof:
    """For all sizes; X is any {1}-inverse of Sxx = R Rᴴ.

    Positive semidefiniteness gives Syx = Z Rᴴ for some Z: at v with Rᴴv = 0 the joint form of
    (t v, w) is 2t Re wᴴSyx v + wᴴSyy w, and negative for some t unless Syx v = 0. Then

    1. Z = Syx R⁺ᴴ, which is G, and G Gᴴ = Syx X Sxy, which is Σ;
    2. in L − ‖G − A B R‖² nothing is left of A and B;
    3. (A, B) ↦ (A, B R) is linear and onto, with a kernel of dimension p (m − d): critical points
       of L are those of F, and the Hessian is that of F and so many zeros (Sylvester).
    """
    A, B, C = letter("A", "n", "p"), letter("B", "p", "m"), letter("C", "p", "d")
    R, R_plus, X = letter("R", "m", "d"), letter("R⁺", "d", "m"), letter("X", "m", "m")
    G, Syy = letter("G", "n", "d"), letter("Syy", "n", "n")
    Sxx, Syx, W, E = R @ R.H, G @ R.H, A @ B, G - A @ B @ R
    loss = Syy - W @ Syx.H - Syx @ W.H + W @ Sxx @ W.H
    assert tr(loss) - tr(E @ E.H) == tr(Syy) - tr(G @ G.H)

    left = Rule("R⁺ R = I", R_plus @ R, I("d"))
    inner = Rule("X is a {1}-inverse of Sxx", Sxx @ X @ Sxx, Sxx)
    target = calc(Syx @ R_plus.H, left).step("R⁺ R = I", G)
    explained = (
        calc(Syx @ X @ Syx.H, left, inner)
        .step("R⁺ R = I", G @ R_plus @ Sxx @ X @ R @ G.H)
        .step("R⁺ R = I", G @ R_plus @ Sxx @ X @ Sxx @ R_plus.H @ G.H)
        .step("X is a {1}-inverse of Sxx", G @ R_plus @ Sxx @ R_plus.H @ G.H)
        .step("R⁺ R = I", G @ R.H @ R_plus.H @ G.H)
        .step("R⁺ R = I", G @ G.H)
    )
    onto = calc(C @ R_plus @ R, left).step("R⁺ R = I", C)
    return Proof((target, explained, onto))


_one = rationals([[1]])

counterexamples = {
    "the joint moment is positive semidefinite": Quadratic(_one[:, :0], _one, _one, _one, _one),
}
