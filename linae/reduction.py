"""Reduction of the squared loss to matrix factorisation, ‖G − A B̃‖².

With Sxx = R Rᴴ of full column rank d, B̃ = B R and G = Syx R⁺ᴴ:

    L(A, B) = tr(Syy − Σ) + ‖G − A B̃‖²,      G Gᴴ = Σ = Syx Sxx⁺ Sxy.

Theorem: proofs/reduction.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from linae.exact import Array
from linae.moments import ROUNDING, Moments

SLACK = 8
"""Of the bound on the rounding of singular values, for the factorisation of the rows that came
before; three was seen."""


class Decision(NamedTuple):
    """A numerical decision, and the numbers that justify it.

    `gap` is the distance that decides (the smallest eigenvalue taken as positive; the difference
    of two eigenvalues), `resolution` what the arithmetic can tell from zero (0: exact). It is
    `certain` if the gap exceeds the resolution, or the structure decides (constant columns, few
    samples, zero rows).
    """

    question: str
    answer: int
    gap: float
    resolution: float
    certain: bool


@dataclass(frozen=True, eq=False)
class Reduction:
    """Sxx = R Rᴴ in double precision, and what is left of the targets.

    Attributes
    ----------
    root : (m, d)
        R, of full column rank.
    inverse : (d, m)
        R⁺.
    target : (n, d)
        G = Syx R⁺ᴴ.
    unexplained : float
        tr(Syy − Σ) >= 0, the loss that no map reaches below.
    resolution : float
        Bound on the rounding error of G in spectral norm.
    squared : bool
        Whether the singular values of G were computed through eigenvalues of Sxx, so that half
        of the digits of small ones are lost.
    decision : Decision
        The rank of Sxx.
    """

    root: Array
    inverse: Array
    target: Array
    unexplained: float
    resolution: float
    squared: bool
    decision: Decision


def reduction(moments: Moments) -> Reduction:
    """The reduction of floating moments: by SVD of the samples if there are any, else of Sxx."""
    eps = ROUNDING if moments.is_rounded else float(np.finfo(float).eps)
    if moments.samples is not None:
        Fx, Fy = moments.samples
        V, s, Qh = np.linalg.svd(Fx, full_matrices=False)
        level = SLACK * max(Fx.shape) * eps * (float(s[0]) if s.size else 0.0)
        bound = min(Fx.shape[1], int(np.any(Fx != 0, axis=1).sum()))
        d = min(int((s > level).sum()), bound)
        squares, levels = s**2, level**2
        target = V[:, :d] * s[:d] if moments.is_auto else Fy @ Qh[:d].conj().T
        rest = 0.0 if moments.is_auto else float(np.sum(np.abs(Fy - target @ Qh[:d]) ** 2))
        size = float(np.linalg.norm(Fy, 2)) if Fy.size else 0.0
    else:
        Sxx = moments.Sxx
        e, V = _eigh(Sxx)
        squares, V = e[::-1], V[:, ::-1]
        levels = len(e) * eps * float(abs(e).max())
        bound = int(np.any(Sxx != 0, axis=1).sum())
        d = min(int((squares > levels).sum()), bound)
        s = np.sqrt(squares[:d])
        target = V[:, :d] * s if moments.is_auto else moments.Syx @ V[:, :d] / s
        explained = float(np.sum(np.abs(target) ** 2))
        rest = 0.0 if moments.is_auto else max(float(moments.total) - explained, 0.0)
        size = float(abs(e).max() if moments.is_auto else np.linalg.norm(moments.Syy, 2)) ** 0.5
    root = V[:, :d] * s[:d]
    inverse = (V[:, :d] / s[:d]).conj().T
    spread = 1.0 if moments.is_auto or not d else float(s[0] / s[d - 1])
    gap = float(squares[d - 1]) if d else 0.0
    decision = Decision("rank of Sxx", d, gap, levels, d == bound)
    if moments.samples is None and not moments.is_auto:
        spread = spread**2  # singular values through eigenvalues lose half of their digits
    noise = max(*moments.Syx.shape) * eps * size * spread
    return Reduction(root, inverse, target, rest, noise, moments.samples is None, decision)


def _eigh(S: Array) -> tuple[Array, Array]:
    """Eigenvalues, ascending, and eigenvectors; those of a diagonal matrix are at hand."""
    entries = np.diagonal(S).real
    if np.count_nonzero(S) > np.count_nonzero(entries):
        e, V = np.linalg.eigh(S)
        return e, V
    order = np.argsort(entries, kind="stable")
    return entries[order], np.eye(len(S), dtype=S.dtype)[:, order]
