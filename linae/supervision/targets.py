"""Tasks that choose other targets: what is not seen, what comes next, each entry from the others.

Theorem: proofs/supervision.py
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array, eye, inverse, rank
from linae.landscapes.auto import auto_only
from linae.moments import Moments
from linae.reduction import reduction


def inpaint(moments: Moments, observed: Sequence[int]) -> Moments:
    """Inputs are the entries of x that are observed, targets the others.

    At full rank the best map is −Q_uu⁻¹ Q_us, of loss tr Q_uu⁻¹, where Q = S⁻¹ and the unseen
    entries are u.

    Parameters
    ----------
    observed : sequence of int
        From 0; some, and not all of them.

    >>> inpaint(Moments.auto([[2, 1], [1, 3]]), observed=[0]).Syx.tolist()
    [[1.0]]
    """
    S, m = auto_only(moments, "inpainting", real=False).Sxx, moments.m
    seen = list(observed)
    if not 0 < len(set(seen)) == len(seen) < m or not set(seen) < set(range(m)):
        given = ", ".join(str(i + 1) for i in seen) or "none"
        raise ValueError(f"Need some, not all, of the components 1 to {m}. Got {given}.")
    unseen = [i for i in range(m) if i not in seen]
    samples = None
    if moments.samples is not None:
        samples = moments.samples[0][seen], moments.samples[0][unseen]
    return Moments(
        S[np.ix_(seen, seen)],
        S[np.ix_(unseen, seen)],
        S[np.ix_(unseen, unseen)],
        samples,
        moments.is_rounded,
    )


def predict(X: ArrayLike, lag: int = 1, *, center: bool = True) -> Moments:
    """Inputs x_t, targets x_{t + lag}: the moments of a series whose rows are times.

    Each of the two is centred by its own mean.

    >>> predict(np.array([[1], [2], [4]], dtype=object), center=False).Syx.item()
    Fraction(5, 1)
    """
    table = np.asarray(X)
    times = len(table) if table.ndim else 0
    if not isinstance(lag, (int, np.integer)) or not 1 <= lag < times:
        raise ValueError(f"Need 1 <= lag < {times}, the number of rows. Got lag = {lag}.")
    return Moments.from_data(table[:-lag], table[lag:], center=center)


class Regression(NamedTuple):
    """A map and its loss."""

    map: Array
    loss: Any


def blind_spot(moments: Moments) -> Regression:
    """The best map of each entry of x from the others: W with diagonal 0, of least E‖x − W x‖².

    It is 1 − diag(Q)⁻¹ Q, of loss Σ 1/Qᵢᵢ, with Q = S⁻¹: the graph of partial correlations, and no
    principal components. S must be regular; any rank is allowed, so that there is no landscape.

    >>> blind_spot(Moments.auto([[2, 1], [1, 2]])).map.tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    S = auto_only(moments, "a blind spot", real=False).Sxx
    d = rank(S) if S.dtype == object else reduction(moments).decision.answer
    if d < len(S):
        raise ValueError(f"Need a regular Sxx for a blind spot. Got rank {d} of {len(S)}.")
    Q = inverse(S)
    precisions = np.diagonal(Q)
    one = eye(len(S), S)
    W = one - Q / precisions[:, None]
    return Regression(W - W * one, (1 / precisions).sum().real)
