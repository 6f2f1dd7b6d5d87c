"""Exact factors LDLᴴ of a Hermitian matrix: the proof of its inertia, and of a negative direction.

factors = ldl(H)            H[order][:, order] == L @ D @ L.conj().T
negative_direction(H)       v with vᴴHv < 0, if there is one
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from linae.exact import Array, eye, floating, rationals, real, realified, zeros


@dataclass(frozen=True, eq=False)
class LDL:
    """Exact factors of a Hermitian matrix H: H[order][:, order] == L @ D @ L.conj().T.

    L is unit lower triangular; D is block diagonal with blocks d (real) and [[0, b], [b̄, 0]]. The
    inertia of H is that of D (Sylvester's law): H ⪰ 0 iff D is diagonal without a negative entry.
    """

    L: Array
    D: Array
    order: list[int]

    @property
    def pairs(self) -> list[int]:
        """Where the blocks [[0, b], [b̄, 0]] begin."""
        return [int(k) for k in np.flatnonzero(np.diagonal(self.D, 1))]

    @property
    def signs(self) -> tuple[int, int, int]:
        """Inertia of D, and so of H: a block [[0, b], [b̄, 0]] has the eigenvalues ±|b|."""
        d, pairs = real(np.diagonal(self.D)), len(self.pairs)
        negative, positive = int((d < 0).sum()) + pairs, int((d > 0).sum()) + pairs
        return negative, len(d) - negative - positive, positive


def ldl(H: Array) -> LDL:
    """Exact LDLᴴ with symmetric pivoting: on a diagonal entry, else on a block [[0, b], [b̄, 0]].

    >>> ldl(rationals([[0, 2], [2, 0]])).pairs
    [0]
    """
    S, order, left = np.array(H, dtype=object), list[int](), list(range(len(H)))
    L, D = zeros(S.shape, S), zeros(S.shape, S)
    while left:
        pivots = _pivots(S, left)
        left = [i for i in left if i not in pivots]
        block = slice(len(order), len(order) + len(pivots))
        order += pivots
        L[pivots, block], D[block, block] = eye(len(pivots), S), S[np.ix_(pivots, pivots)]
        rest = [i for i in left if S[i, pivots].any()]
        rows = _quotients(D[block, block], S[np.ix_(pivots, rest)])
        L[rest, block] = rows.conj().T
        for k, i in enumerate(rest):  # only half of it: S stays Hermitian
            S[i, rest[k:]] -= S[i, pivots] @ rows[:, k:]
            S[rest[k:], i] = S[i, rest[k:]].conj()
    return LDL(L[order], D, order)


def _quotients(D: Array, rows: Array) -> Array:
    """D⁻¹ times the rows, for D = d or [[0, b], [b̄, 0]]."""
    return rows[::-1] / np.diagonal(D[::-1])[:, None]


def _pivots(S: Array, left: list[int]) -> list[int]:
    """A nonzero diagonal entry of the block `left`, else a nonzero pair, else all of it: zeros."""
    for i in left:
        if S[i, i]:
            return [i]
    return next(([i, j] for i in left for j in left if S[i, j]), left)


def negative_direction(H: Array) -> Array:
    """An exact vector v with vᴴHv < 0, for an exact Hermitian H that has a negative eigenvalue."""
    scale = max(abs(x) for x in realified(H).flat)
    v: Array = rationals(np.linalg.eigh(floating(H / scale))[1][:, 0])
    if (v.conj() @ H @ v).real < 0:
        return v  # short numbers; where doubles do not resolve the sign, the factors do
    factors = ldl(H)
    v = zeros((len(H),), H)
    negative = [k for k, d in enumerate(np.diagonal(factors.D)) if d.real < 0]
    if not negative and not factors.pairs:
        raise ValueError("Need a matrix with a negative eigenvalue. Got a semidefinite one.")
    k = negative[0] if negative else factors.pairs[0]
    v[k] = Fraction(1)
    if not negative:
        v[k + 1] = -factors.D[k + 1, k]  # (1, −b̄) gives −2|b|²
    for i in reversed(range(len(H))):  # v = L⁻ᴴ w
        v[i] = v[i] - (factors.L[i + 1 :, i].conj() * v[i + 1 :]).sum()
    return v[np.argsort(factors.order)]
