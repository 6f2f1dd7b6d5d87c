"""A linear recurrence remembers all its inputs with as many states as pasts have dimensions.

Let Ξ have the rows ξ_t = [x_t, x_{t−1}, …, x_1, 0, …, 0], and R be the shift with
ξ_t = P x_t + R ξ_{t−1}, P = [1; 0; …]. For U with UᵀU = 1 whose columns span the rows of Ξ, the
states y_t = A x_t + B y_{t−1} with A = UᵀP and B = UᵀR U are y_t = Uᵀ ξ_t, and [Aᵀ; Bᵀ] y_t is
[x_t; y_{t−1}]: a decoder that, applied again and again, gives the whole past.

Hypotheses: y_0 = 0; the inputs are those of Ξ, or have their pasts in the same space; the number of
states is rank Ξ.

Bound: p states, however they come about, with any linear decoder D of the whole past have
Σ_t ‖ξ_t − D y_t‖² >= Σ_{k>p} σ_k(Ξ)². The p leading singular vectors in place of U reach it if
UᵀR (1 − U Uᵀ) ξ_t = 0 for t < T, and in general not: they are then neither the best recurrence nor
a critical point. The loss of one step, Σ_t ‖x̂_t − x_t‖² + ‖ŷ_{t−1} − y_{t−1}‖², has the infimum 0
for p >= m: with A = c [1; 0] and B = 0 it is c² Σ_{t<T} ‖x_t‖².

References: Sperduti 2006, IEEE Trans. Neural Networks 17; Pasa and Sperduti 2014, NeurIPS (wording
not confirmed).

Post: F12 (a recurrent autoencoder is PCA of pasts only if it need not truncate).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, inverse, rank, rationals, zeros
from linae.recurrent import (
    Memory,
    Recurrence,
    memory_bound,
    one_step_loss,
    perfect_memory,
    truncated_memory,
)
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Inputs(Case):
    """Inputs as rows, and some recurrence with a decoder of the whole past.

    Attributes
    ----------
    A, B, D : (p, m), (p, p), (T m, p)
    fed : (T, m), optional
        What the perfect memory gets in place of the inputs of Ξ.
    """

    X: Array
    A: Array
    B: Array
    D: Array
    fed: Array | None = None


def past(X: Array, t: int) -> Array:
    """ξ_t, entry by entry, t from 0."""
    T, m = X.shape
    xi = zeros((T * m,), X)
    for s in range(t + 1):
        for i in range(m):
            xi[(t - s) * m + i] = X[s, i]
    return xi


@st.composite
def hypotheses(draw: st.DrawFn) -> Inputs:
    """Up to four inputs of one or two dimensions, often with a rank that is not full."""
    T, m = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (4, 1), (2, 2), (3, 2)]))
    X = draw(matrices(T, m))
    if draw(st.booleans()):
        X[: draw(st.integers(0, T))] *= 0
    p = draw(st.integers(1, 2))
    return Inputs(X, draw(matrices(p, m)), draw(matrices(p, p)), draw(matrices(T * m, p)))


def conclusion(case: Inputs) -> None:
    """By running recurrences step by step; only the bound is in double precision."""
    X = case.X if case.fed is None else case.fed
    T = len(X)
    memory = perfect_memory(case.X)
    pasts = np.array([past(case.X, t) for t in range(T)], dtype=object)
    assert memory.model.B.shape == (rank(pasts),) * 2
    states = memory.model.states(X)
    for t, y in enumerate(states):
        recalled = np.concatenate(memory.unrolled(y, T))
        assert np.array_equal(recalled, past(X, t)), f"recalled {recalled} at {t}"
        before = states[t - 1] if t else 0 * y
        assert np.array_equal(memory.model.C @ y, np.concatenate([X[t], before]))
    assert memory.error(X) == 0
    gram = memory.basis.T @ memory.basis
    tied = [gram @ memory.model.A, gram @ memory.model.B @ inverse(gram)]
    assert np.array_equal(memory.model.C, np.concatenate([M.T for M in tied])), "not tied"
    _bounded(case)
    _degenerate(X)


def _bounded(case: Inputs) -> None:
    """Any recurrence, and the leading singular vectors."""
    X, p = case.X, len(case.B)
    least = memory_bound(X, p)
    size = float((X * X).sum()) * len(X)
    other = Memory(Recurrence(case.A, case.B, case.D), case.D)
    assert float(other.error(X)) >= least - 1e-12 * size
    leading = truncated_memory(X, p)
    U, error = leading.basis, leading.error(X.astype(float))
    pasts = np.array([past(X, t) for t in range(len(X) - 1)], dtype=float).reshape(-1, len(U))
    left = pasts - pasts @ U @ U.T
    R = np.eye(len(U), k=-X.shape[1])
    lost = float(np.abs(left @ R.T @ U).max(initial=0))
    assert error >= least - 1e-12 * size
    if lost <= 1e-9:
        assert error <= least + 1e-12 * (1 + size), "the condition is not enough"
    elif lost > 1e-3:
        assert error > least + 1e-8, "the condition is not needed"


def _degenerate(X: Array) -> None:
    """c = 1 and 1/10."""
    T, m = X.shape
    one = rationals(np.eye(m, dtype=int))
    for c in (Fraction(1), Fraction(1, 10)):
        decoder = np.concatenate([one / c, 0 * one], axis=0)
        loss = one_step_loss(Recurrence(c * one, 0 * one, decoder), X)
        assert loss == c * c * (X[: T - 1] * X[: T - 1]).sum()


def figure(ax: Any) -> None:
    """What states forget of 12 inputs: leading singular vectors of the pasts miss their bound."""
    from linae.plot.style import BLUE, GREY

    X = np.cos(np.arange(12.0) ** 2 / 5)[:, None]
    states = range(1, 12)
    lost = [truncated_memory(X, p).error(X) for p in states]
    ax.plot(states, lost, "o-", color=BLUE, label="leading singular vectors")
    ax.plot(states, [memory_bound(X, p) for p in states], "--", color=GREY, label="bound")
    ax.legend(loc="upper right")
    ax.set(xlabel="states", ylabel="error of the recalled pasts", ylim=(0, None))


def _inputs(X: Any, fed: Any) -> Inputs:
    one = rationals([[1]])
    return Inputs(rationals(X), one, one, rationals([[1], [0]]), rationals(fed))


counterexamples = {"the inputs are those of Ξ": _inputs([[0], [1]], [[1], [0]])}
