"""The decay μ ‖A B‖² of the product is white noise of the inputs: a squared loss, gauge and all.

For all weights, with white noise e of second moment μ, independent of x,

    E‖x − A B x‖² + μ ‖A B‖²  =  E‖x − A B (x + e)‖²,

the squared loss of the moments Sxx = S + μ, Syx = Syy = S. So Σ is S (S + μ)⁻¹ S, with the
eigenvectors of S and eigenvalues λ²/(λ + μ), and A B = U_J diag(λ/(λ + μ)) U_Jᴴ at a critical
point: components shrink, none is switched off. (A M⁻¹, M B) is as good for every gauge M: the
columns of A need not be principal components (compare `weight_decay`).

Hypotheses: auto-association, Y = X; the noise is white; μ > 0.

Equality: at all weights, and of spectrum and critical maps.

References: Kunin, Bloom, Goeva and Seed 2019, arXiv:1901.08168, "product loss" (wording not
confirmed).

Post: none by itself; why penalties of the map alone find a subspace and no components.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import critical_points
from proofs._auto import Auto, frames, ranks, sizes, spectra, squares, total
from proofs._calc import I, Proof, Rule, calc, letter
from proofs._calc import inverse as inverse_of
from proofs._cases import GAUSSIANS, RATIONALS, gauges, matrices
from proofs._instances import Case
from proofs._words import block, word

uses: list[ModuleType] = [critical_points]


@dataclass(frozen=True, eq=False, repr=False)
class Penalised(Case):
    """Any weights, an index set and a gauge; `noise` in place of μ in what is claimed."""

    at: Auto
    decay: Fraction
    A: Array
    B: Array
    J: tuple[int, ...]
    M: Array
    noise: Array | None = None

    def loss(self, A: Array, B: Array) -> Any:
        """The definition."""
        W = A @ B
        return self.at.error(W) + self.decay * squares(W)


@st.composite
def hypotheses(draw: st.DrawFn) -> Penalised:
    """Any weights; one in four over the Gaussian rationals."""
    numbers, most = draw(st.sampled_from([(RATIONALS, 6)] * 3 + [(GAUSSIANS, 4)]))
    n, p = draw(sizes(most))
    at = Auto(draw(frames(n, numbers)), draw(spectra(n)), p)
    mu = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)]))
    r = draw(ranks(min(p, at.rank)))
    J = tuple(sorted(draw(st.permutations(range(at.rank)))[:r]))
    A, B = draw(matrices(n, p, numbers)), draw(matrices(p, n, numbers))
    return Penalised(at, mu, A, B, J, draw(gauges(p, numbers)))


def conclusion(case: Penalised) -> None:
    """Values at any weights; eigenvectors and critical maps by what defines them."""
    at, mu, one = case.at, case.decay, eye(len(case.at.U), case.at.U)
    noise = mu * one if case.noise is None else case.noise
    landscape = SquaredLoss(Moments(at.S + noise, at.S, at.S), at.width)
    W = case.A @ case.B
    noisy = at.error(W) + total((W @ noise) * W.conj())
    assert case.loss(case.A, case.B) == noisy == landscape.loss(case.A, case.B)
    claimed = [x * x / (x + mu) for x in at.values]
    assert landscape.spectrum.eigenvalues.tolist() == claimed
    weights = landscape.class_weights(case.J, case.M)
    assert not np.any(calculus.gradient(case.loss, weights, 4))
    chosen = [x for i, x in enumerate(claimed) if i in case.J]
    assert case.loss(*weights) == sum(at.values) - sum(chosen)
    U, shrunk = at.U[:, list(case.J)], [x / (x + mu) for x in (at.values[j] for j in case.J)]
    if all(at.values.count(at.values[j]) == 1 for j in case.J):
        claimed_map = U * np.array(shrunk, dtype=object) @ U.conj().T
        assert np.array_equal(weights[0] @ weights[1], claimed_map)


def proof() -> Proof:
    """For all sizes, over ℝ and ℂ.

    Noise of second moment N adds (2 W N Bᴴ, 2 Aᴴ W N) to the gradient that ships, the gradient of
    tr(W N Wᴴ), which is μ ‖W‖² for N = μ; at W = 0 it adds nothing to the loss.

    Let S U = U D, D = diag(λ). The chains, for μ = 1, to which scaling leads, say that Σ U is
    U D (D + 1)⁻¹ D. By `critical_points` A B Sxx = U_J U_Jᴴ Syx, so that A B is
    U_J U_Jᴴ S (S + μ)⁻¹ = U_J diag(λ/(λ + μ)) U_Jᴴ.
    """
    A, B, S, N = (letter(x, *s) for x, s in zip("ABSN", ("np", "pn", "nn", "nn"), strict=True))
    weights, plain = (block(A), block(B)), Moments(block(S), block(S), block(S))
    noisy = Moments(block(S + N), block(S), block(S))
    slopes = [SquaredLoss(moments, 1).gradient(*weights) for moments in (noisy, plain)]
    more_A, more_B = (word(one) - word(other) for one, other in zip(*slopes, strict=True))
    assert more_A == 2 * A @ B @ N @ B.H
    assert more_B == 2 * A.H @ A @ B @ N

    U, D = letter("U", "n", "k"), letter("D", "k", "k")
    R, Q = inverse_of(S + I("n")), inverse_of(D + I("k"))
    left = Rule("S + 1 is regular", R @ (S + I("n")), I("n"))
    right = Rule("D + 1 is regular", (D + I("k")) @ Q, I("k"))
    eigen = Rule("S U = U D", S @ U, U @ D)
    shrunk = (
        calc(R @ U, left, right, eigen)
        .step(right.name, R @ U @ (D + I("k")) @ Q)
        .step(eigen.name, R @ (S @ U + U) @ Q)
        .step(left.name, U @ Q)
    )
    resolvent = shrunk.lemma("(S + 1)⁻¹ U = U (D + 1)⁻¹")
    spectrum = (
        calc(S @ R @ S @ U, eigen, resolvent)
        .step(eigen.name, S @ R @ U @ D)
        .step(resolvent.name, S @ U @ Q @ D)
        .step(eigen.name, U @ D @ Q @ D)
    )
    return Proof([shrunk, spectrum])


def _point(targets: Array | None = None, noise: Any = None) -> Penalised:
    """S = diag(2, 1), p = 1."""
    one = rationals(np.eye(2, dtype=int))
    at = Auto(one, (Fraction(2), Fraction(1)), 1, targets)
    A, B = rationals([[1], [0]]), rationals([[1, 1]])
    return Penalised(at, Fraction(1), A, B, (0,), one[:1, :1], noise)


counterexamples = {
    "Y = X": _point(targets=-rationals(np.eye(2, dtype=int))),
    "the noise is white": _point(noise=rationals([[1, 0], [0, 2]])),
}
