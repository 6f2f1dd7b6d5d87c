"""A sum of the errors of N samples is N times their mean, and its penalty is N times as weak.

For samples x₁ … x_N, whose second moment S is a mean, and for all weights,

    Σ_t ‖x_t − A B x_t‖² + γ (‖A‖² + ‖B‖²)  =  N [E‖x − A B x‖² + (γ/N) (‖A‖² + ‖B‖²)]:

gradients and Hessians are N times those of the mean with decay γ/N, and critical points are the
same. A component is switched off if N λ <= γ: at A = B = 0 the index is p times the number of N λ
above γ, and the nullity p times the number of those that equal it. Every threshold of a penalty
moves in this way, and with a fixed γ more data switch on more components.

Hypotheses: N counts all samples, which for t = 0 … T are T + 1; the weight of the mean is γ/N.

Equality: of both sides.

References: elementary.

Post: F21 (Σ_{t=0}^T has T + 1 terms and is no mean: λ, γ and β of the post mean something else if
it is one), F19 (losses that share a trainer share this convention: means, and no factor ½).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.weight_decay import WeightDecay
from linae.moments import Moments
from proofs import weight_decay
from proofs._auto import frames, sizes, squares
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = [weight_decay]


@dataclass(frozen=True, eq=False, repr=False)
class Sample(Case):
    """Rows x_t of X, weights, and the decay of their sum.

    Attributes
    ----------
    values : integers
        Eigenvalues of Σ_t x_t x_tᵀ.
    count : int
        What is taken for N.
    share : Fraction
        What is taken for the decay of the mean.
    """

    X: Array
    values: tuple[int, ...]
    decay: Fraction
    A: Array
    B: Array
    count: int
    share: Fraction

    def loss(self, A: Array, B: Array) -> Any:
        """The definition, by residuals of samples."""
        residuals = self.X.T - A @ (B @ self.X.T)
        return squares(residuals) + self.decay * (squares(A) + squares(B))


@st.composite
def hypotheses(draw: st.DrawFn) -> Sample:
    """Rows s u in a frame, of which some may be zero, and a decay that may equal an s²."""
    n, p = draw(sizes(3))
    U = draw(frames(n))
    s = [draw(st.integers(0, 3)) for _ in range(n)]
    X = np.concatenate([(rationals(U) * np.array(s)).T, zeros((draw(st.integers(0, 2)), n), U)])
    decay = Fraction(draw(st.sampled_from([1, 2, 4, 6, 9])))
    A, B, N = draw(matrices(n, p)), draw(matrices(p, n)), len(X)
    return Sample(X, tuple(x * x for x in s), decay, A, B, N, decay / N)


def conclusion(case: Sample) -> None:
    """Values and slopes of the sum against those of the mean, and the inertia of the sum at 0."""
    p, S = len(case.B), case.X.T @ case.X / Fraction(len(case.X))
    mean = WeightDecay(Moments.auto(S), p, case.share)
    weights = case.A, case.B
    assert case.loss(*weights) == case.count * mean.loss(*weights)
    slope = calculus.gradient(case.loss, weights, 4)
    assert (slope == case.count * mean.flatten(mean.gradient(*weights))).all()
    origin = tuple(0 * w for w in weights)
    found = inertia(calculus.hessian(case.loss, origin, 4))
    assert found.negative == p * sum(x > case.count * case.share for x in case.values)
    assert found.zero == p * sum(x == case.count * case.share for x in case.values)


_ONE = rationals([[1]])


def _three(count: int, share: Fraction) -> Sample:
    """x = 2, 0, 0, so that S = 4/3; decay 3."""
    return Sample(rationals([[2], [0], [0]]), (4,), Fraction(3), _ONE, 2 * _ONE, count, share)


counterexamples = {
    "N counts all samples": _three(2, Fraction(3, 2)),
    "the weight of the mean is γ/N": _three(3, Fraction(3)),
}
