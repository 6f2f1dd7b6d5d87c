"""What is found at a point by computing there, without trust in the closed forms of its class.

    stationary(…)     is the gradient zero
    placed(…)         the class of the point
    found_inertia(…)  the inertia of the Hessian
    descends(…)       the fall and the second derivative along an escape

Each in rational arithmetic for exact points, and with an account of rounding for floating ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from linae import calculus
from linae.exact import Array, floating, is_exact
from linae.inertia import Inertia, inertia, inertia_of_blocks
from linae.landscapes.base import EXACT_SIZE, Landscape, Place
from linae.landscapes.escapes import Escape
from linae.landscapes.frames import InBlocks
from linae.verdict import Verdict

SMALL_SIZE = 400
"""Largest Hessian that is diagonalised whole even if it falls into blocks."""
DENSE_SIZE = 8000
"""Largest Hessian that is decomposed whole; above, and without blocks, Lanczos finds its ends."""
BLOCK_SIZE = 1000
"""Largest block of a sparse Hessian that is diagonalised."""
EPS = float(np.finfo(float).eps)


def stationary(landscape: Landscape, weights: Sequence[Array]) -> tuple[Verdict, float]:
    """Whether the gradient is zero, and how large it is: its largest entry if exact, else its norm
    relative to the terms that cancel in it."""
    gradient = landscape.gradient(*weights)
    if all(is_exact(g) for g in gradient):
        zero = not any(x for g in gradient for x in g.flat)
        return Verdict.of(zero), max(abs(complex(x)) for g in gradient for x in g.flat)
    terms, _ = landscape.terms(*weights)
    norm = math.sqrt(_product(gradient, gradient))
    relative = norm / terms if terms else norm
    if relative <= 100 * landscape.size * EPS:
        return Verdict.CERTIFIED, relative
    refuted = relative > 1e-7 and math.isfinite(relative)
    return (Verdict.REFUTED if refuted else Verdict.UNDECIDED), relative


def stationary_when_moved(landscape: Landscape, weights: Sequence[Array], place: Place) -> Verdict:
    """Whether the gradient is zero where the Hessian is judged: a gauge that hides a gradient
    among large numbers does not hide it there. Undecided if rounding of the move does."""
    if all(is_exact(w) for w in weights):
        return Verdict.CERTIFIED
    move = landscape.move(place)
    point = move(*weights)
    gradient = move.landscape.gradient(*point)
    terms, top = move.landscape.terms(*point)
    scale = max(terms, top * math.sqrt(_product(point, point)))
    allowed = 100 * landscape.size * EPS * scale + 10 * top * move.noise(*weights)
    norm = math.sqrt(_product(gradient, gradient))
    return Verdict.CERTIFIED if norm <= allowed <= 1e-3 * scale else Verdict.UNDECIDED


def placed(given: Landscape, judged: Landscape, weights: Sequence[Array]) -> Place | None:
    """Where a point lies that is judged in doubles: what these leave open of the spectrum, exact
    data decide; None if the question is one of the weights."""
    place = judged.place(*weights)
    exact = given.places_doubles and given.spectrum.eigenvalues.dtype == object
    return given.place(*weights) if place is None and exact else place


def found_inertia(
    landscape: Landscape, weights: Sequence[Array], place: Place
) -> tuple[Inertia, str]:
    """Inertia of the Hessian, and how it was found: "exact" in rational arithmetic; "float64", if
    large in blocks; "Lanczos" if it is too large for that."""
    exact = all(is_exact(w) for w in weights)
    if landscape.size > (EXACT_SIZE if exact else SMALL_SIZE):
        found = inertia_in_blocks(landscape, weights, place)
        if found is not None and _is_enough(found, place):
            return found, "exact" if exact else "float64"
    if exact:
        return inertia(landscape.hessian(*weights)), "exact"
    move = landscape.move(place)
    point, size = move(*weights), move.landscape.size
    unseen = Inertia(0, landscape.size - size, 0)
    if size > DENSE_SIZE:
        expected = 6 if place.inertia is None else place.inertia.negative
        return _lanczos(move.landscape, point, expected) + unseen, "Lanczos"
    H = move.landscape.hessian(*point)
    entry = 8 * EPS * max(float(H.max()), -float(H.min())) + move.rounding(*weights) / size
    return inertia(H, radius=entry) + unseen, "float64"


def inertia_in_blocks(
    landscape: Landscape, weights: Sequence[Array], place: Place
) -> Inertia | None:
    """Inertia of the Hessian in coordinates where it falls into blocks, none of them large; None
    if such coordinates are not known."""
    known = landscape.sparse_hessian(place, *weights) if isinstance(landscape, InBlocks) else None
    if known is None:
        return None
    entries, error = known
    if math.isinf(error) or np.bincount(entries.labels).max() > BLOCK_SIZE:
        return None
    unseen = Inertia(0, landscape.size - entries.size, 0)
    return inertia_of_blocks(entries, error) + unseen


def _is_enough(found: Inertia, place: Place) -> bool:
    """Whether no eigenvalue is left open but those that are said to be zero."""
    return place.inertia is not None and found.undecided <= place.inertia.zero


def _lanczos(landscape: Landscape, weights: Sequence[Array], expected: int) -> Inertia:
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
    landscape: Landscape, weights: Sequence[Array], place: Place, witness: Escape | None
) -> Verdict:
    """Whether the loss falls along the escape, and its second derivative is the predicted one: by
    values of the loss in exact arithmetic, by the Hessian where it is judged in floats."""
    if witness is None:
        return Verdict.CERTIFIED
    falls = 0 < witness.drop < math.inf
    return _curves(landscape, weights, place, witness) & (
        Verdict.CERTIFIED if falls else Verdict.UNDECIDED
    )


def _curves(
    landscape: Landscape, weights: Sequence[Array], place: Place, witness: Escape
) -> Verdict:
    """Whether the second derivative along the escape is the predicted one, and negative."""
    v = witness.direction
    if landscape.degree is not None and all(is_exact(w) for w in (*weights, *v)):
        _, second = calculus.along_line(landscape.loss, weights, v, landscape.degree)
        return Verdict.of(second == witness.curvature)
    weights, v = (tuple(floating(w) for w in ws) for ws in (weights, v))
    move = landscape.floating.move(place)
    point, direction = move(*weights), move(*v)
    second = _product(direction, move.landscape.hessian_vector(point, direction))
    length, blur = math.sqrt(_product(direction, direction)), move.noise(*v)
    _, top = move.landscape.terms(*point)
    noise = (landscape.size * EPS * top + move.rounding(*weights)) * length**2
    noise += 2 * top * blur * (length + blur)
    wrong = abs(second - witness.curvature) - 1e-6 * abs(witness.curvature) - noise
    if wrong > 0:  # unless by what the prediction lost among terms that cancel
        lost = landscape.size * EPS * landscape.floating.terms(*weights)[1] * _product(v, v)
        return Verdict.REFUTED if wrong > lost else Verdict.UNDECIDED
    return Verdict.CERTIFIED if second < -noise else Verdict.UNDECIDED


def _product(v: Sequence[Array], w: Sequence[Array]) -> float:
    return float(sum(np.sum((x.conj() * y).real) for x, y in zip(v, w, strict=True)))
