"""What is found at a point by computing there, without the closed forms of its class.

    stationary(…)     is the gradient zero
    found_inertia(…)  the inertia of the Hessian
    descends(…)       the second derivative along an escape

Each in rational arithmetic for exact points, and with an account of rounding for floating ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from linae import calculus
from linae.exact import Array, floating
from linae.inertia import Inertia, inertia
from linae.landscapes.normal_form import NormalForm, normal_form
from linae.landscapes.squared import SquaredLoss
from linae.paths import Escape
from linae.verdict import Verdict

EXACT_SIZE = 60
"""Largest Hessian that is decomposed in rational arithmetic."""
DENSE_SIZE = 1500
"""Largest Hessian that is decomposed whole; above, Lanczos finds its ends only."""


def stationary(
    landscape: SquaredLoss, weights: Sequence[Array], exact: bool
) -> tuple[Verdict, float]:
    """Whether the gradient is zero, and how large it is: its largest entry if exact, else its norm
    relative to the terms that cancel in it."""
    gradient = landscape.gradient(*weights)
    if exact:
        zero = not any(x for g in gradient for x in g.flat)
        return Verdict.of(zero), max(abs(complex(x)) for g in gradient for x in g.flat)
    S = landscape.moments
    A, B = (float(np.linalg.norm(w)) for w in weights)
    terms = (A * B * np.linalg.norm(S.Sxx) + np.linalg.norm(S.Syx)) * max(A, B)
    norm = math.sqrt(_product(gradient, gradient))
    relative = norm / float(terms) if terms else norm
    size = sum(w.size for w in weights)
    if relative <= 100 * size * np.finfo(float).eps:
        return Verdict.CERTIFIED, relative
    return (Verdict.UNDECIDED if relative <= 1e-7 else Verdict.REFUTED), relative


def found_inertia(
    landscape: SquaredLoss, weights: Sequence[Array], normal: NormalForm, exact: bool
) -> tuple[Inertia, str]:
    """Inertia of the Hessian, and how it was found."""
    size = landscape.size
    if exact and size <= EXACT_SIZE:
        return inertia(landscape.hessian(*weights)), "exact"
    if exact:
        landscape, weights = landscape.floating, tuple(floating(w) for w in weights)
        again = normal_form(landscape, *weights)
        normal = normal if again is None else again
    move = landscape.balance(normal)
    reduced, point = move.landscape, move(*weights)
    unseen = Inertia(0, size - reduced.size, 0)
    if size <= DENSE_SIZE:
        H = reduced.hessian(*point)
        entry = 8 * np.finfo(float).eps * float(np.abs(H).max()) + move.rounding(*weights) / len(H)
        return inertia(H, radius=entry) + unseen, "float64"
    expected = landscape.class_inertia(normal.index_set).negative
    return _lanczos(reduced, point, expected) + unseen, "Lanczos"


def _lanczos(landscape: SquaredLoss, weights: Sequence[Array], expected: int) -> Inertia:
    """Counts of negative eigenvalues among the lowest, of positive ones among the highest: lower
    bounds (Cauchy interlacing), the rest undecided."""
    from scipy.sparse.linalg import ArpackNoConvergence, eigsh

    operator = landscape.hessian_operator(*weights)
    size = operator.shape[0]
    start = np.random.default_rng(0).standard_normal(size)
    ends = []
    for which, count in (("SA", min(expected + 2, size // 4)), ("LA", 1)):
        options = {"ncv": min(size, 60), "maxiter": 100, "tol": 1e-5, "v0": start}
        try:
            ends += list(eigsh(operator, count, which=which, return_eigenvectors=False, **options))
        except ArpackNoConvergence as stopped:
            ends += list(stopped.eigenvalues)
    values = np.array(ends)
    tolerance = 1e-8 * np.abs(values).max(initial=0)
    negative, positive = int((values < -tolerance).sum()), int((values > tolerance).sum())
    rest = size - negative - positive
    return Inertia(negative, rest, positive, undecided=rest)


def descends(
    landscape: SquaredLoss,
    weights: Sequence[Array],
    normal: NormalForm,
    witness: Escape | None,
    exact: bool,
) -> Verdict:
    """Whether the second derivative along the escape is the predicted one: by values of the loss
    in exact arithmetic, by the Hessian operator at the balanced point in floats."""
    if witness is None:
        return Verdict.CERTIFIED
    if exact:
        _, second = calculus.along_line(
            landscape.loss, weights, witness.direction, landscape.degree
        )
        return Verdict.of(second == witness.curvature)
    move = landscape.balance(normal)
    reduced, point, v = move.landscape, move(*weights), move(*witness.direction)
    second = _product(v, reduced.hessian_vector(point, v))
    length, blur = math.sqrt(_product(v, v)), move.noise(*witness.direction)
    top = _bound(reduced, point)
    eps = landscape.size * np.finfo(float).eps
    noise = (eps * top + move.rounding(*weights)) * length**2 + 2 * top * blur * (length + blur)
    if abs(second - witness.curvature) > 1e-6 * abs(witness.curvature) + noise:
        return Verdict.REFUTED
    return Verdict.CERTIFIED if second < -noise else Verdict.UNDECIDED


def _product(v: Sequence[Array], w: Sequence[Array]) -> float:
    return float(sum(np.sum((x.conj() * y).real) for x, y in zip(v, w, strict=True)))


def _bound(landscape: SquaredLoss, weights: Sequence[Array]) -> float:
    """A bound on the spectral norm of the Hessian: the sizes of its terms."""
    S = landscape.moments
    a, b = (float(np.linalg.norm(w)) for w in weights)
    inputs, target = float(np.linalg.norm(S.Sxx, 2)), float(np.linalg.norm(S.Syx, 2))
    return 2 * (a + b) ** 2 * inputs + 2 * (a * b * inputs + target)
