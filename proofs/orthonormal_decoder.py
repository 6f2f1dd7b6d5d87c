"""With an orthonormal decoder the contractive autoencoder is the denoising one, of variance γ.

If AᴴA = 1, for all B, with white noise e of second moment γ, independent of x,

    E‖x − A B x‖² + γ ‖B‖²  =  E‖x − A B x‖² + γ ‖A B‖²  =  E‖x − A B (x + e)‖².

The best encoder is B = Aᴴ S (S + γ)⁻¹, of loss tr S − tr Aᴴ Φ A with Φ = S (S + γ)⁻¹ S. Under the
constraint (A, B) is critical iff the columns of A span an invariant subspace of S and B is best;
then it is critical for the denoising loss without the constraint, too. The least loss, under the
constraint and of denoising with any A and B, is

    tr S − Σ_{i ≤ p} λ_i²/(λ_i + γ),   at A = U_p Q, A B = U_p diag(λ/(λ + γ)) U_pᴴ, Q unitary:

components shrink, and none is switched off.

Hypotheses: auto-association, Y = X; γ > 0; AᴴA = 1, so that p <= n. Any S, real or complex.

Equality: of the losses at all B, of the minima, and of the critical points with AᴴA = 1.

References: for the penalty of the encoder Rifai et al. 2011, ICML (wording not confirmed); for that
of the product `product_decay`.

Post: F3 (Gaussian noise and regularised gradients: noise penalises the Jacobian of the whole
reconstruction, the contractive loss that of the encoder; for linear maps they agree if the decoder
is an isometry, and not in general).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, Gaussian, eye, inverse, is_complex, rank, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import partial_optima, product_decay
from proofs._auto import Auto, frames, sizes, spectra, squares, total
from proofs._calc import CYCLIC, I, Proof, Rule, calc, letter, tr
from proofs._calc import inverse as inverse_of
from proofs._cases import GAUSSIANS, RATIONALS, matrices
from proofs._instances import Case
from proofs._words import block, word

uses: list[ModuleType] = [partial_optima, product_decay]


@dataclass(frozen=True, eq=False, repr=False)
class Isometric(Case):
    """An orthonormal decoder, any encoder, and a rotation of the units."""

    at: Auto
    strength: Fraction
    A: Array
    B: Array
    Q: Array

    def loss(self, A: Array, B: Array) -> Any:
        """The contractive loss, by definition."""
        return self.at.error(A @ B) + self.strength * squares(B)

    def noisy(self, A: Array, B: Array) -> Any:
        """The denoising loss: noise of second moment γ adds γ ‖A B‖² to the error."""
        return self.at.error(A @ B) + self.strength * squares(A @ B)

    @cached_property
    def filter(self) -> Array:
        """S (S + γ)⁻¹."""
        return self.at.S @ inverse(self.at.S + self.strength * eye(len(self.at.S), self.at.S))

    @property
    def gains(self) -> list[Any]:
        """λ²/(λ + γ) of each component."""
        return [x * x / (x + self.strength) for x in self.at.values]


@st.composite
def hypotheses(draw: st.DrawFn) -> Isometric:
    """Decoders of every kind, half of them of components; one case in four over the Gaussian
    rationals."""
    numbers, most = draw(st.sampled_from([(RATIONALS, 6)] * 3 + [(GAUSSIANS, 4)]))
    n, p = draw(sizes(most).filter(lambda size: size[1] <= size[0]))
    at = Auto(draw(frames(n, numbers)), draw(spectra(n)), p)
    gamma = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)]))
    Q, J = draw(frames(p, numbers)), draw(st.permutations(range(n)))[:p]
    A = at.U[:, J] @ Q if draw(st.booleans()) else draw(frames(n, numbers))[:, :p]
    return Isometric(at, gamma, rationals(A), draw(matrices(p, n, numbers)), Q)


def conclusion(case: Isometric) -> None:
    """By values of both losses, anywhere and at the points that are claimed."""
    at, A, p = case.at, case.A, case.at.width
    assert case.loss(A, case.B) == case.noisy(A, case.B), "the two losses differ"
    best = A.conj().T @ case.filter
    assert not np.any(calculus.gradient(lambda B: case.loss(A, B), [best], 2)), "B is not best"
    shares = [total(row * row.conj()) for row in at.U.conj().T @ A]
    value = sum(at.values) - sum(x * y for x, y in zip(case.gains, shares, strict=True))
    assert case.loss(A, best) == value
    least = sum(at.values) - sum(case.gains[:p])
    assert case.loss(A, case.B) >= value >= least, "below the least loss"
    spans = rank(np.concatenate([A, at.S @ A], axis=1)) == p
    assert _is_critical(case, A, best) == spans
    leading = rationals(at.U[:, :p] @ case.Q)
    weights = leading, leading.conj().T @ case.filter
    assert case.loss(*weights) == case.noisy(*weights) == least


def _is_critical(case: Isometric, A: Array, B: Array) -> bool:
    """With B best: the loss is constant to first order along A + t K A, K skew-Hermitian; without
    the constraint, denoising is too."""
    slope = calculus.gradient(lambda A: case.loss(A, B), [A], 2)  # quadratic in each weight
    if is_complex(A):
        re, im = np.split(slope, 2)
        slope = re + Gaussian(Fraction(0), Fraction(1)) * im
    moved = slope.reshape(A.shape, order="F") @ A.conj().T
    still = np.array_equal(moved, moved.conj().T)
    free = not np.any(calculus.gradient(case.noisy, (A, B), 2))
    assert still == free, "critical for one loss only"
    return still


def proof() -> Proof:
    """For all sizes, over ℝ and ℂ, and γ = 1: scale S.

    The first chain says ‖A B‖² = ‖B‖², and `product_decay` that γ ‖A B‖² is the noise. Of the
    moments S + γ and S the best encoder, unique as S + γ ≻ 0, and the loss are those of
    `partial_optima` at AᴴA = 1, P_A = A Aᴴ, Σ = Φ.

    With B best, A is critical iff the loss tr S − tr AᴴΦA of isometries is so: its derivative
    −2 Re tr(AᴴΦ K A) is 0 for all skew-Hermitian K iff Φ A Aᴴ is Hermitian. Then Φ A = A AᴴΦ A by
    the second chain: R(A) is invariant under Φ, and under S, since λ ↦ λ²/(λ + γ) is injective on
    λ >= 0; and conversely. The last chains end in 0: the gradient of denoising.

    In an eigenbasis tr AᴴΦA = Σ φ_i π_i, π the diagonal of A Aᴴ, with 0 <= π_i <= 1 and Σ π_i = p:
    at most the sum of the p largest, attained at U_p Q. A map of rank at most p <= n is A B with
    AᴴA = 1: so denoising has no lower loss.
    """
    A, B, S = letter("A", "n", "p"), letter("B", "p", "n"), letter("S", "n", "n")
    R = inverse_of(S + I("n"))
    isometry = Rule("AᴴA = 1", A.H @ A, I("p"))
    penalty = calc(tr(A @ B @ B.H @ A.H), isometry)
    penalty = penalty.step(CYCLIC, tr(A.H @ A @ B @ B.H)).step(isometry.name, tr(B @ B.H))

    Phi, P = S @ R @ S, A @ A.H
    symmetric = Rule("Φ A Aᴴ is Hermitian", Phi @ P, P @ Phi)
    spans = calc(Phi @ A, isometry, symmetric).step(isometry.name, Phi @ P @ A)
    spans = spans.step(symmetric.name, P @ Phi @ A)

    encoder = A.H @ S @ R
    noisy = SquaredLoss(Moments(block(S + I("n")), block(S), block(S)), 1)
    left, right = (Fraction(1, 2) * word(g) for g in noisy.gradient(block(A), block(encoder)))
    regular = Rule("(S + 1)⁻¹ (S + 1) = 1", R @ (S + I("n")), I("n"))
    hermitian = Rule("S and (S + 1)⁻¹ are Hermitian", R.H @ S.H, R @ S)
    invariant = spans.lemma("Φ A = A AᴴΦ A")
    slope_B = calc(right, isometry, regular).step(regular.name, A.H @ A @ A.H @ S - A.H @ S)
    slope_B = slope_B.step(isometry.name, 0 * right)
    slope_A = calc(left, regular, hermitian, invariant)
    slope_A = slope_A.step(regular.name, P @ S @ R.H @ S.H @ A - S @ R.H @ S.H @ A)
    slope_A = slope_A.step(hermitian.name, P @ Phi @ A - S @ R.H @ S.H @ A)
    slope_A = slope_A.step(hermitian.name, P @ Phi @ A - Phi @ A)
    slope_A = slope_A.step(invariant.name, 0 * left)
    return Proof([penalty, spans, slope_B, slope_A])


def figure(ax: Any) -> None:
    """What is left of λ at γ = 1: an orthonormal decoder shrinks it, tied weights cut it off."""
    x = np.linspace(0, 6, 601)
    ax.plot(x, x / (x + 1), color="#0072B2", lw=2)
    ax.plot(x, np.maximum(0, 1 - 1 / (2 * np.maximum(x, 1e-9))), color="#D55E00", lw=2)
    ax.text(3.1, 0.66, "orthonormal decoder\n= denoising: λ/(λ + γ)", color="#0072B2", va="top")
    ax.text(1.35, 0.93, "tied: 1 − γ/2λ", color="#D55E00", ha="center", va="top")
    ax.set(xlabel="eigenvalue λ / γ", ylabel="factor in A B", xlim=(0, 6), ylim=(0, 1))


_one = rationals([[1]])


def _scalar(gamma: int, A: int, targets: Array | None = None) -> Isometric:
    """S = 1."""
    at = Auto(_one, (Fraction(1),), 1, targets)
    return Isometric(at, Fraction(gamma), A * _one, _one, _one)


counterexamples = {
    "AᴴA = 1": _scalar(1, 2),
    "γ > 0": _scalar(-2, 1),
    "Y = X": _scalar(1, 1, -_one),
}
