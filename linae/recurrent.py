"""Linear recurrences y_t = A x_t + B y_{t−1}: their kernel, and codes of a whole past.

    model = Recurrence(A, B, C)      # outputs C y_t, a causal convolution with k_j = C Bʲ A
    hankel(kernel, 3, 3)             # the blocks k_{i+j}: of rank <= p for p states
    ho_kalman(kernel, 3, 3)          # the least recurrence with this kernel
    perfect_memory(X)                # states that remember all inputs, decoded step by step
    truncated_memory(X, p)           # p states: not optimal, and bounded by `memory_bound`

Exact for rationals, by elimination in place of singular values.
Theorems: proofs/recurrent.py, proofs/hankel.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from linae.exact import Array, orthogonal, row_echelon, solve, zeros


class Recurrence(NamedTuple):
    """States y_t = A x_t + B y_{t−1}, y_0 = 0, and outputs C y_t: A (p, m), B (p, p), C (n, p)."""

    A: Array
    B: Array
    C: Array

    def states(self, X: Array) -> Array:
        """y_1, …, y_T as rows, for inputs as rows of X (T, m)."""
        numbers = _common(X, self.A, self.B)
        y, found = zeros((len(self.B),), numbers), []
        for x in X:
            y = self.A @ x + self.B @ y
            found.append(y)
        return np.array(found, dtype=numbers.dtype).reshape(len(X), len(self.B))

    def outputs(self, X: Array) -> Array:
        """C y_t as rows."""
        return self.states(X) @ self.C.T

    def kernel(self, count: int) -> list[Array]:
        """C A, C B A, C B² A, …"""
        found, code = [], self.A
        for _ in range(count):
            found.append(self.C @ code)
            code = self.B @ code
        return found


def causal_convolution(kernel: Sequence[Array], X: Array) -> Array:
    """Rows Σ_j k_j x_{t−j}."""
    pairs = [[kernel[j] @ X[t - j] for j in range(min(t + 1, len(kernel)))] for t in range(len(X))]
    return np.array([sum(terms) for terms in pairs], dtype=_common(X, *kernel).dtype)


def _common(*arrays: Array) -> Array:
    """Nothing, of the numbers that products of these arrays have: exact, else floating."""
    exact = any(M.dtype == object for M in arrays)
    return np.zeros(0, dtype=object if exact else np.result_type(float, *arrays))


def hankel(kernel: Sequence[Array], rows: int, columns: int, start: int = 0) -> Array:
    """The matrix of blocks k_{start+i+j}.

    >>> hankel([np.array([[k]]) for k in (1, 2, 4)], 2, 2).tolist()
    [[1, 2], [2, 4]]
    """
    if len(kernel) < start + rows + columns - 1:
        need = start + rows + columns - 1
        raise ValueError(f"Need {need} terms of the kernel. Got {len(kernel)}.")
    lines = [[kernel[start + i + j] for j in range(columns)] for i in range(rows)]
    return np.concatenate([np.concatenate(line, axis=1) for line in lines], axis=0)


def ho_kalman(kernel: Sequence[Array], rows: int, columns: int) -> Recurrence:
    """The least recurrence with this kernel, from rows + columns of its terms.

    Its number of states is the rank r of the Hankel matrix H = F G, F (·, r) and G (r, ·). It has
    the whole kernel if that comes from at most `rows` and at most `columns` states.
    Ho and Kalman 1966; the factors are those of elimination, or balanced for doubles.
    """
    H, shifted = hankel(kernel, rows, columns), hankel(kernel, rows, columns, start=1)
    n, m = kernel[0].shape
    F, G = factors(H)
    B = _left_inverse(F) @ shifted @ _left_inverse(G.T).T
    return Recurrence(G[:, :m], B, F[:n])


def factors(H: Array) -> tuple[Array, Array]:
    """H = F G with as many columns in F, and rows in G, as its rank (of doubles: to rounding)."""
    if H.dtype == object:
        E, pivots = row_echelon(H)
        return H[:, list(pivots)], E[: len(pivots)]
    U, s, Vh = np.linalg.svd(H, full_matrices=False)
    r = int((s > s[0] * max(H.shape) * np.finfo(float).eps).sum()) if s.size else 0
    return U[:, :r] * np.sqrt(s[:r]), np.sqrt(s[:r])[:, None] * Vh[:r]


def _left_inverse(M: Array) -> Array:
    """(MᵀM)⁻¹Mᵀ."""
    return solve(M.T @ M, M.T) if M.dtype == object else np.linalg.pinv(M)


def histories(X: Array) -> Array:
    """Ξ (T, T m): row t is the past [x_t, x_{t−1}, …, x_1, 0, …, 0].

    >>> histories(np.array([[2], [3]])).tolist()
    [[2, 0], [3, 2]]
    """
    T, m = X.shape
    rows = zeros((T, T * m), X)
    for t in range(T):
        rows[t, : (t + 1) * m] = X[t::-1].ravel()
    return rows


def shift(steps: int, m: int, like: Array) -> Array:
    """R with ξ_t = P x_t + R ξ_{t−1}, P = [1; 0; …]: what was k steps ago is k + 1 steps ago."""
    R = zeros((steps * m, steps * m), like)
    for i in range((steps - 1) * m):
        R[m + i, i] = R[m + i, i] + 1
    return R


class Memory(NamedTuple):
    """A recurrence whose states are coordinates of the past, ξ_t ≈ basis · y_t.

    Attributes
    ----------
    model : Recurrence
        With outputs [x̂_t; ŷ_{t−1}]: the decoder of one step, to be applied again and again.
    basis : (T m, p)
    """

    model: Recurrence
    basis: Array

    def error(self, X: Array) -> float:
        """‖Ξ − Y basisᵀ‖², what is forgotten, summed over all times."""
        E = histories(X) - self.model.states(X) @ self.basis.T
        return (E * E).sum()

    def unrolled(self, y: Array, steps: int) -> list[Array]:
        """x̂_t, x̂_{t−1}, … from the state y_t alone."""
        m, found = self.model.A.shape[1], []
        for _ in range(steps):
            both = self.model.C @ y
            x, y = both[:m], both[m:]
            found.append(x)
        return found


def perfect_memory(X: Array) -> Memory:
    """rank Ξ states that remember all: A = UᵀP, B = UᵀR U, decoded by [Aᵀ; Bᵀ], UᵀU = 1.

    Sperduti 2006. Rational inputs have an orthogonal basis U of rationals, and (UᵀU)⁻¹Uᵀ for Uᵀ.
    """
    Xi = histories(X)
    if X.dtype == object:
        E, pivots = row_echelon(Xi)
        return _memory(X, orthogonal(E[: len(pivots)].T))
    _, s, Vh = np.linalg.svd(Xi)
    return _memory(X, Vh[: int((s > s[0] * len(Vh) * np.finfo(float).eps).sum())].T)


def truncated_memory(X: Array, p: int) -> Memory:
    """The same with the p leading singular vectors of Ξ, in double precision: in general neither
    the best recurrence with p states nor a critical point."""
    return _memory(X, np.linalg.svd(histories(X).astype(float))[2][:p].T)


def memory_bound(X: Array, p: int) -> float:
    """Σ_{k>p} σ_k(Ξ)²: p states, however they come about, forget at least this much."""
    s = np.linalg.svd(histories(X).astype(float), compute_uv=False)
    return float((s[p:] ** 2).sum())


def _memory(X: Array, U: Array) -> Memory:
    T, m = X.shape
    left, R = _left_inverse(U), shift(T, m, U)
    C = np.concatenate([U[:m], left @ R.T @ U], axis=0)
    return Memory(Recurrence(left[:, :m], left @ R @ U, C), U)


def one_step_loss(model: Recurrence, X: Array) -> float:
    """Σ_t ‖x̂_t − x_t‖² + ‖ŷ_{t−1} − y_{t−1}‖², [x̂_t; ŷ_{t−1}] = C y_t.

    Its infimum is 0 for every p >= m: small states are easy targets, and B = 0 forgets all.
    """
    Y = model.states(X)
    before = np.concatenate([zeros((1, Y.shape[1]), Y), Y[:-1]], axis=0)
    E = Y @ model.C.T - np.concatenate([X, before], axis=1)
    return (E * E).sum()
