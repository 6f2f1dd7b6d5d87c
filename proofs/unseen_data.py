"""Descent learns few samples by heart, as the projection on their span, and not the identity.

Let X have the samples as columns, P = X X⁺, and Ŝ = X Xᵀ/N. One-layer descent on E‖x − W x‖² from
W₀ keeps W (1 − P), and after t steps η

    W − W∞ = (W₀ − W∞)(1 − 2ηŜ)ᵗ,    W∞ = W₀ (1 − P) + P:

it converges to W∞ if η < 1/λ₁(Ŝ), and from W₀ = 0 to P, the map of least norm that fits. Of two
layers, and of more, descent keeps B (1 − P), B the first of them. Where it fits, A B P = P, so that

    A B − P = A B₀ (1 − P),    ‖A B − P‖ ≤ ‖A‖₂ ‖B₀ (1 − P)‖,

as small as the start. So the identity, which would be right for all data, is not what is found.

New data of second moment S lose tr (1 − P) S to the map P: for S = 1 that is n − rank X exactly,
n − N for samples that are independent as vectors.

Hypotheses: auto-association, Y = X, without noise or weight decay. Any samples, N ≥ 1; any start.

Equality: after every step. Floating, in the tests: for other S the mean of tr (1 − P) S is about
`linae.generalisation.memorisation_loss`. With biases the same holds of centred samples: N − 1.

References: Radhakrishnan, Yang, Belkin and Uhler 2018, arXiv:1810.10333 (wording not confirmed).

Post: F16 ("Reconstructing unseen data": few samples).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, rank, rationals
from linae.generalisation import memorisation_loss
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.schur import projector
from proofs import gradient
from proofs._calc import I, Proof, Rule, calc, letter, zero
from proofs._cases import matrices
from proofs._instances import Case
from proofs._words import block, word

uses: list[ModuleType] = [gradient]


@dataclass(frozen=True, eq=False, repr=False)
class Trained(Case):
    """Samples as columns, starts of one layer and of two, and a step.

    Attributes
    ----------
    X : (n, N)
    W, A, B : (n, n), (n, p), (p, n)
    step : fraction of 1/λ₁(Ŝ), or less
    decay : weight decay of all weights
    """

    X: Array
    W: Array
    A: Array
    B: Array
    step: Fraction
    decay: Fraction = Fraction(0)

    @property
    def S(self) -> Array:
        return rationals(self.X @ self.X.T / Fraction(self.X.shape[1]))

    @property
    def rate(self) -> Fraction:
        """η, with the trace for the largest eigenvalue."""
        return self.step / (self.S.trace() or 1)

    def one(self, W: Array) -> Any:
        """The mean of ‖x − W x‖² over the samples."""
        E = self.X - W @ self.X
        return (E * E).sum() / Fraction(E.shape[1]) + self.decay * (W * W).sum()

    def two(self, A: Array, B: Array) -> Any:
        E = self.X - A @ (B @ self.X)
        squares = (E * E).sum() / Fraction(E.shape[1])
        return squares + self.decay * ((A * A).sum() + (B * B).sum())


@st.composite
def hypotheses(draw: st.DrawFn) -> Trained:
    """Fewer samples than inputs, or as many, or more; samples may be linearly dependent."""
    n, N, p = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 2))
    X, W = draw(matrices(n, N)), draw(matrices(n, n) | st.just(rationals(np.zeros((n, n), int))))
    step = draw(st.sampled_from([Fraction(1, 2), Fraction(1, 4)]))
    return Trained(X, W, draw(matrices(n, p)) / 2, draw(matrices(p, n)) / 2, step)


def conclusion(case: Trained) -> None:
    """Step by step, with slopes by the definition."""
    X, eta = case.X, case.rate
    n, one = len(X), eye(len(X), X)
    P = projector(X) if np.any(X) else 0 * one
    assert (one - P).trace() == n - rank(X)
    end = case.W @ (one - P) + P
    assert np.array_equal(end @ X, X), "does not fit"
    W, shrink = case.W, case.W - end
    for _ in range(3):
        W = W - eta * calculus.gradient(case.one, (W,), 2).reshape(n, n, order="F")
        shrink = shrink @ (one - 2 * eta * case.S)
        assert np.array_equal(W, end + shrink), "another way"
        assert np.array_equal(W @ (one - P), case.W @ (one - P)), "what was unseen has changed"
    assert np.array_equal(shrink @ (one - P), 0 * one)
    if np.any(case.W - end):
        squares = ((case.W - end) ** 2).sum()
        assert (shrink**2).sum() < squares, "not nearer"
    _two_layers(case, P)


def _two_layers(case: Trained, P: Array) -> None:
    """At all times A B − P = (A B P − P) + A B₀ (1 − P)."""
    A, B, unseen = case.A, case.B, case.B @ (eye(len(P), P) - P)
    for _ in range(2):
        slopes = calculus.gradient(case.two, (A, B), 4)
        A = A - case.rate * slopes[: A.size].reshape(A.shape, order="F")
        B = B - case.rate * slopes[A.size :].reshape(B.shape, order="F")
        assert np.array_equal(B - B @ P, unseen), "what was unseen has changed"
        assert np.array_equal(A @ B - P, A @ B @ P - P + A @ unseen)


def proof() -> Proof:
    """All sizes and layers; η is put into S. By the first chain a step takes D = W − W∞ to
    D (1 − 2S), which falls to 0 on the range of S if all 2ηλ are in (0, 2), and D (1 − P) = 0. Of
    maps that fit, W P = P, and ‖W‖² = ‖P‖² + ‖W (1 − P)‖². By the second the slope of B that ships
    has no part outside of the range of P; the slope of the first of more layers ends alike in S.
    Where A B P = P, A B = P + A B (1 − P); and tr (1 − P) = n − rank P.
    """
    W, W0, S, P = (letter(name, "n", "n") for name in ("W", "W₀", "S", "P"))
    one, rule = I("n"), Rule("P S = S", P @ S, S)
    Q, end = one - P, W0 @ (one - P) + P
    step = calc((W - end) @ (one - 2 * S), rule)
    step = step.step(rule.name, W - end - 2 * (W - P) @ S)
    step = step.step(rule.name, W - 2 * (W - one) @ S - end)
    A, B = letter("A", "n", "p"), letter("B", "p", "n")
    moments = Moments(*[block(S)] * 3)
    slope = word(SquaredLoss(moments, 1).gradient(block(A), block(B))[1])
    other = Rule("S P = S", S @ P, S)
    kept = calc(slope @ Q, other).step(other.name, -2 * A.H @ S @ Q)
    return Proof([step, kept.step(other.name, zero("p", "n"))])


def figure(ax: Any) -> None:
    """What N samples of 60 inputs, learned by heart, leave of new data: 60 draws, and κN."""
    from linae.plot.style import BLUE, GREY, VERMILION

    n, rng, counts = 60, np.random.default_rng(1), np.array([1, 5, 10, 15, 20, 30, 40, 50, 59])
    falling = 1 / np.arange(1, n + 1)
    for values, color, name, place in (
        (np.ones(n), BLUE, "all eigenvalues alike", (33, 0.53)),
        (falling / falling.mean(), VERMILION, "eigenvalues like 1/k", (8, 0.2)),
    ):
        line = [memorisation_loss(values, N) / n for N in range(1, n)]
        ax.plot(range(1, n), line, color=color, label=name)
        means = []
        for N in counts:
            U, _, _ = np.linalg.svd(rng.standard_normal((60, n, N)) * np.sqrt(values)[:, None])
            means.append((values[:, None] * U[:, :, N:] ** 2).sum(axis=(1, 2)).mean() / n)
        ax.plot(counts, means, "o", color=color, label=f"draws, {name}")
        ax.text(*place, name, color=color)
    ax.axhline(1, color=GREY, ls="--", lw=1.2)
    ax.text(59, 0.98, "mean output", ha="right", va="top")
    ax.set(
        xlim=(0, 60), ylim=(0, 1.05), xlabel="samples N", ylabel="share of new data that is lost"
    )


_X, _zero = rationals([[1], [0]]), rationals([[0], [0]])
_start = rationals([[0, 0], [0, 1]])

counterexamples = {
    "without noise or weight decay": Trained(
        _X, _start, _zero, _zero.T, Fraction(1, 2), Fraction(1)
    ),
}
