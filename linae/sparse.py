"""Sparse codes, the least ‖x − A h‖² + α ‖h‖₁ over codes h, each with a bound on what it lacks.

    code = fista(A, x, 0.5, iterations=200)
    code.objective - code.gap                  # no code has less
    soft_threshold(A.T @ x, 0.25)              # the best code, at α/2, if AᵀA = 1
    k_sparse(A, x, 2)                          # the two largest |aⱼᵀx|
    gain(4.0, 0.5)                             # what one Gaussian code of variance 4 explains

x is one sample, or several as columns, each with its own objective and gap. Codes of rational
numbers are rational. Linear codes, h = B x, are the row "sparse" of `regularisers`.
Theorems: proofs/soft_threshold.py, proofs/sparse_coding.py, proofs/k_sparse.py,
proofs/gaussian_sparse.py
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import cos, erfc, exp, pi, sin, sqrt
from typing import Any

import numpy as np

from linae.exact import Array, zeros


def soft_threshold(z: Any, level: Any) -> Any:
    """Entries moved towards 0 by `level`; those that are not larger become 0.

    >>> soft_threshold(np.array([3, -1, -2]), 1)
    array([ 2,  0, -1])
    """
    return np.maximum(z - level, 0) + np.minimum(z + level, 0)


def objective(A: Array, x: Array, h: Array, alpha: Any) -> Any:
    """‖x − A h‖² + α ‖h‖₁."""
    error = x - A @ h
    return (error * error).sum(axis=0) + alpha * abs(h).sum(axis=0)


def duality_gap(A: Array, x: Array, h: Array, alpha: Any) -> Any:
    """Not less than the objective of h over the least one, and 0 if h is best.

    No code has less than ‖x‖² − ‖x − ν‖², if |aⱼᵀν| <= α/2 for all j: take ν along the residual.
    """
    error = x - A @ h
    most = 2 * abs(A.T @ error).max(axis=0)
    dual = error * (alpha / np.maximum(most, alpha))
    bound = (x * x).sum(axis=0) - ((x - dual) ** 2).sum(axis=0)
    return objective(A, x, h, alpha) - bound


def curvature(A: Array) -> Any:
    """2 ‖A‖² in the spectral norm, which is Lipschitz for the gradient; a row sum of 2 |AᵀA|, which
    is not less, for rational numbers."""
    if A.dtype == object:
        return 2 * abs(A.T @ A).sum(axis=0).max()
    return 2 * float(np.linalg.norm(A, 2)) ** 2


@dataclass(frozen=True, eq=False)
class SparseCode:
    """Where an iteration ended, and how far at most from the least objective.

    Attributes
    ----------
    codes : (p,) or (p, N)
    objectives : (iterations + 1, …)
        From the start on.
    gap : number or (N,)
        Of the codes: `duality_gap`.
    """

    codes: Array
    objectives: Array
    gap: Any

    @property
    def objective(self) -> Any:
        return self.objectives[-1]

    @property
    def iterations(self) -> int:
        return len(self.objectives) - 1

    def __str__(self) -> str:
        most, gap = (float(np.sum(x)) for x in (self.objective, self.gap))
        return f"objective {most:.6g}, at most {gap:.1g} too much, {self.iterations} iterations"


def ista(
    A: Array,
    x: Array,
    alpha: Any,
    *,
    iterations: int,
    start: Array | None = None,
    lipschitz: Any = None,
) -> SparseCode:
    """Gradient steps, each followed by a soft threshold; from 0, or from `start`.

    The excess after k of them is at most ℓ ‖h₀ − h*‖² / 2k, if ℓ >= 2 ‖A‖², by default `curvature`.

    >>> code = ista(np.eye(2), np.array([3.0, -0.25]), 1.0, iterations=1)
    >>> code.codes, float(code.objective), float(code.gap)
    (array([2.5, 0. ]), 2.8125, 0.0)
    """
    return _descent(A, x, alpha, iterations, start, lipschitz, accelerated=False)


def fista(
    A: Array,
    x: Array,
    alpha: Any,
    *,
    iterations: int,
    start: Array | None = None,
    lipschitz: Any = None,
) -> SparseCode:
    """The same with momentum (k − 1)/(k + 2): the excess is at most 2 ℓ ‖h₀ − h*‖² / (k + 1)²."""
    return _descent(A, x, alpha, iterations, start, lipschitz, accelerated=True)


def _descent(
    A: Array,
    x: Array,
    alpha: Any,
    iterations: int,
    start: Array | None,
    lipschitz: Any,
    *,
    accelerated: bool,
) -> SparseCode:
    number = Fraction if A.dtype == object else float
    alpha = number(alpha)
    if not alpha > 0:
        raise ValueError(f"Need alpha > 0. Got {alpha}.")
    step = 1 / number(lipschitz or curvature(A) or 1)
    h = zeros((A.shape[1], *x.shape[1:]), A) if start is None else start
    ahead, objectives = h, [objective(A, x, h, alpha)]
    for k in range(1, iterations + 1):
        last, slope = h, -2 * A.T @ (x - A @ ahead)
        h = soft_threshold(ahead - step * slope, step * alpha)
        ahead = h + (h - last) * (k - 1) / (k + 2) if accelerated else h
        objectives.append(objective(A, x, h, alpha))
    return SparseCode(h, np.array(objectives), duality_gap(A, x, h, alpha))


def k_sparse(A: Array, x: Array, k: int) -> Array:
    """The code Aᵀx of one sample with its k largest entries alone; of equal ones the first.

    >>> k_sparse(np.eye(3), np.array([1, -3, 2]), 2)
    array([ 0., -3.,  2.])
    """
    if not 0 <= k <= A.shape[1]:
        raise ValueError(f"Need 0 <= k <= {A.shape[1]}. Got k = {k}.")
    z = A.T @ x
    kept = sorted(range(len(z)), key=lambda j: -abs(z[j]))[:k]
    return np.where(np.isin(np.arange(len(z)), kept), z, 0 * z)


def gain(variance: float, alpha: float) -> float:
    """E(|z| − α/2)²₊ of a Gaussian z: by how much its best code lowers the loss.

    It is convex in the variance, of slope P(|z| > α/2).

    >>> gain(4.0, 0)
    4.0
    """
    if not variance:
        return 0.0
    level, root = alpha / 2, sqrt(variance)
    if level > 40 * root:  # then it is below the least double
        return 0.0
    tail = erfc(level / root / sqrt(2)) / 2
    density = exp(-((level / root) ** 2) / 2) / sqrt(2 * pi)
    return 2 * ((variance + level**2) * tail - level * root * density)


def laplace_gain(angle: float, alpha: float) -> float:
    """What both codes explain of two independent Laplace sources of variance 1, if the decoder is
    turned off them by an angle.

    For z the sum of two, of scales a and b, E(|z| − α/2)²₊ = 2 (φ(a²) − φ(b²)) / (a² − b²) with
    φ(u) = u² e^(−α/2√u). Without a penalty the angle is of no matter: 2 (a² + b²) = 1 each.
    """
    u, v = cos(angle) ** 2 / 2, sin(angle) ** 2 / 2
    if abs(u - v) > 1e-6:
        return 4 * (_share(u, alpha) - _share(v, alpha)) / (u - v)
    root = sqrt((u + v) / 2)
    return 4 * exp(-alpha / (2 * root)) * (2 * root**2 + alpha * root / 4)


def _share(u: float, alpha: float) -> float:
    """φ; 0 at 0."""
    return u**2 * exp(-alpha / (2 * sqrt(u))) if u else 0.0
