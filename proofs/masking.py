"""Masked inputs are noisy inputs: with κ = (1 − k)/k the noise is κ diag(S), and biases see it too.

Each entry of x is kept with probability k, else it becomes 0 (masks), or ± s with equal chances
(salt and pepper). With D = diag(S), the moments of what the network sees are

    Sxx = k² S + (1 − k) (k D + s²),    Syx = k S,    Syy = S.

So the loss at (A, B) is that of denoising at (A, k B), with noise κ D + (1 − k) s²/k². For masks
Σ = S (S + κ D)⁻¹ S, and the best map of full rank is S (k S + (1 − k) D)⁻¹.

With biases S is centred and D is not: D = diag(S + μ μᵀ), where μ = E x. The mean does not drop
out, for what is masked are raw inputs.

Hypotheses: entries are replaced independently of each other and of x, with equal chances for both
signs; real auto-association; k > 0. Any S: where an entry is always 0, Sxx of masks is singular.

Equality: at all weights. (A, B) ↦ (A, k B) is linear: classes, index and nullity are the same.

References: Vincent, Larochelle, Bengio and Manzagol 2008, ICML; Chen, Xu, Weinberger and Sha 2012,
arXiv:1206.4683 (wordings not confirmed).

Post: F20 (masking is a choice of Sxx; see `supervision`).
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
from linae.exact import Array, eye, inverse, rank, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.schur import generalised_inverse
from linae.supervision import denoise, mask, salt_and_pepper
from proofs import denoising
from proofs._cases import matrices
from proofs._instances import Case
from proofs._laws import Law, masks, peppered, second_moment, spoiled

uses: list[ModuleType] = [denoising]


@dataclass(frozen=True, eq=False, repr=False)
class Masked(Case):
    """Points X (n, N), what a network sees of them, and what is claimed: k, s, and a mean.

    Attributes
    ----------
    mean : (n,), optional
        Of the points, if there are biases and the moments are centred.
    """

    X: Array
    law: Law
    keep: Fraction
    size: Fraction
    A: Array
    B: Array
    biases: bool = False
    mean: Array | None = None

    @cached_property
    def clean(self) -> Moments:
        return Moments.from_data(self.X.T, center=self.biases)

    def loss(self, A: Array, B: Array) -> Any:
        """The definition; with biases, at the best ones."""
        return self.law.biased_loss(A @ B) if self.biases else self.law.loss(A @ B)


@st.composite
def hypotheses(draw: st.DrawFn) -> Masked:
    """Points with any mean, masks or salt and pepper, with and without biases."""
    n, p, N = draw(st.sampled_from([(1, 1, 2), (2, 1, 2), (2, 2, 3), (3, 1, 2), (3, 2, 2)]))
    X, A, B = draw(matrices(n, N)), draw(matrices(n, p)), draw(matrices(p, n))
    keep = draw(st.sampled_from([Fraction(1, 2), Fraction(3, 4), Fraction(1, 3), Fraction(1)]))
    size = draw(st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 2), Fraction(2)]))
    patterns = peppered(n, keep, size) if size else masks(n, keep)
    biases = draw(st.booleans())
    mean = rationals(X.sum(axis=1)) / Fraction(N) if biases else None
    return Masked(X, spoiled(X, patterns), keep, size, A, B, biases, mean)


def conclusion(case: Masked) -> None:
    """By enumeration of points and patterns."""
    k, A, B, S = case.keep, case.A, case.B, case.clean.Sxx
    seen = salt_and_pepper(case.clean, k, case.size, case.mean)
    landscape, value = SquaredLoss(seen, len(B)), case.loss(A, B)
    assert landscape.loss(A, B) == value, f"{landscape.loss(A, B)}, not {value}"
    raw, one = second_moment(case.X), eye(len(S), S)
    D = raw * one
    noise = (1 - k) / k * D + (1 - k) * case.size**2 / k**2 * one
    noisy = SquaredLoss(denoise(case.clean, noise), len(B))
    assert noisy.loss(A, k * B) == value, "not that of denoising at (A, k B)"
    assert np.array_equal(_target(seen), S @ generalised_inverse(S + noise) @ S)
    if not case.size:
        assert np.array_equal(seen.Sxx, mask(case.clean, k, case.mean).Sxx)
        _regression(case, k * S + (1 - k) * D)


def _target(moments: Moments) -> Array:
    """Σ."""
    return moments.Syx @ generalised_inverse(moments.Sxx) @ moments.Syx.T


def _regression(case: Masked, M: Array) -> None:
    """The best map of full rank, by its gradient."""
    if rank(M) == len(M):
        best, one = case.clean.Sxx @ inverse(M), eye(len(M), M)
        assert not np.any(calculus.gradient(lambda W: case.loss(W, one), [best], 2))


def _case(X: Any, law: Law | None = None, **more: Any) -> Masked:
    """k = 1/2, p = 1."""
    points, half = rationals(X), Fraction(1, 2)
    A, B = rationals([[1], [1]]), rationals([[1, 2]])
    given = spoiled(points, masks(2, half)) if law is None else law
    return Masked(points, given, half, Fraction(0), A, B, **more)


_points = rationals([[1, 3], [2, 0]])
_half, _both = Fraction(1, 2), rationals([1, 1])
_together = [(_half, _both, 0 * _both), (_half, 0 * _both, 0 * _both)]
_shift = [(_half, _both, 0 * _both), (_half, 0 * _both, _both)]

counterexamples = {
    "independently of each other": _case(_points, spoiled(_points, _together)),
    "equal chances for both signs": _case(_points, spoiled(_points, _shift)),
    "D = diag(S + μ μᵀ)": _case(_points, biases=True),
}
