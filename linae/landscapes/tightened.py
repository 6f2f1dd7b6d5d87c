"""Ranks of products of factors, which decide what a critical point of a deep network is.

At a critical point (W_N, …, W_1) of rank r a pair of factors i > j is *tightened* if one of

    W_{i−1} ⋯ W_{j+1}      and      W_{j−1} ⋯ W_1 Sxy W_N ⋯ W_{i+1}

has rank r; no product has less. A pair that is not lets the loss fall to second order.
In doubles ranks have a third answer, and so have the questions here. Theorem: proofs/deep.py
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import numpy as np

from linae.exact import Array, eye
from linae.exact import rank as exact_rank
from linae.inertia import resolution
from linae.verdict import Verdict


class Excess(NamedTuple):
    """Bounds of rank − r, equal where the rank is decided."""

    least: int
    most: int

    @property
    def is_zero(self) -> Verdict:
        if self.least:
            return Verdict.REFUTED
        return Verdict.UNDECIDED if self.most else Verdict.CERTIFIED


def excess(factors: Sequence[Array], r: int, most: int) -> Excess:
    """By how much the rank of a product exceeds r, if it is known to be within r and `most`.

    In doubles singular values count as zero below 10³ times the resolution of the product of the
    norms, and as positive above the root of that relative noise: next to a degenerate saddle a
    gradient that is zero to rounding hides distances up to there.
    """
    M = reduce(np.matmul, factors)
    most = min(most, *(size for factor in factors for size in factor.shape)) - r
    if M.dtype == object:
        return Excess(*(exact_rank(M) - r,) * 2)
    if most <= 0:
        return Excess(0, 0)
    scale = float(np.prod([np.linalg.norm(factor, 2) for factor in factors]))
    noise = 1e3 * resolution(scale, max(max(factor.shape) for factor in factors))
    values = np.linalg.svd(M, compute_uv=False)
    clear, seen = (int((values > level).sum()) - r for level in ((noise * scale) ** 0.5, noise))
    return Excess(min(max(clear, 0), most), min(max(seen, 0), most))


def tightness(
    weights: Sequence[Array], Sxy: Array, r: int, most: int
) -> Mapping[tuple[int, int], Verdict]:
    """Whether the pair of factors i > j is tightened, for each (i, j), numbered from the input.

    Parameters
    ----------
    weights : W_N, …, W_1, a critical point of rank r
    most : int
        The rank of Sxy that can be told from 0.
    """
    N, found = len(weights), {}
    for a in range(N):
        for b in range(a + 1, N):
            between = [eye(len(weights[b]), Sxy) if b == a + 1 else weights[a + 1]]
            between += weights[a + 2 : b]
            inner = excess(between, r, len(weights[b]))
            outer = excess([*weights[b + 1 :], Sxy, *weights[:a]], r, most)
            found[N - a, N - b] = _either(inner.is_zero, outer.is_zero)
    return found


def _either(one: Verdict, other: Verdict) -> Verdict:
    """The verdict on "this or that"."""
    if Verdict.CERTIFIED in (one, other):
        return Verdict.CERTIFIED
    return Verdict.REFUTED if one is other is Verdict.REFUTED else Verdict.UNDECIDED


def spare_curvature(weights: Sequence[Array], Sxx: Array, r: int, d: int) -> int | None:
    """Number of positive Hessian eigenvalues from spare units at a tightened point; None if ranks
    are open.

    It is dim Σ_i R(L_i) ⊗ R(R_i), L_i and R_i the spare parts of W_N ⋯ W_{i+1} and of
    W_{i−1} ⋯ W_1: as the first grow with i and the second shrink, Σ_i l_i (ρ_i − ρ_{i+1}).
    """
    N, n = len(weights), len(weights[0])
    left = [Excess(n - r, n - r), *(excess(weights[:k], r, n) for k in range(1, N))]
    right = [*(excess([*weights[k + 1 :], Sxx], r, d) for k in range(N - 1)), Excess(d - r, d - r)]
    if any(e.least < e.most for e in (*left, *right)):
        return None
    ranks = [e.most for e in right]
    return sum(x.most * (y - z) for x, y, z in zip(left, ranks, [0, *ranks], strict=False))
