"""Tasks of `linae.supervision`, each with the law that defines it: inputs, targets, a metric.

    posed().example()        any of them, at any weights

The moments are those that ship; the law enumerates what they are claimed to be of.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from linae import supervision
from linae.exact import Array, eye, inverse, rank, rationals
from linae.moments import Moments
from linae.supervision.metrics import whitening
from proofs._auto import frames
from proofs._cases import gauges, matrices
from proofs._instances import Case
from proofs._laws import Law, signs, spoiled

LABELS = [0, 1, 1, 1, 1, 2, 2, 2, 2]
"""Of nine rows: the shares of the classes are squares."""


@dataclass(frozen=True, eq=False, repr=False)
class Posed(Case):
    """A task at weights A, B.

    Attributes
    ----------
    law : Law
        Of inputs and targets.
    moments : Moments
        What the task is claimed to be.
    judge, factor : (k, n)
        C with Γ = CᵀC, from the data, and as it ships.
    penalty : number
        Of ‖A B‖².
    given : dict
        What else the task is about.
    """

    task: str
    law: Law
    moments: Moments
    A: Array
    B: Array
    judge: Array
    factor: Array
    penalty: Fraction = Fraction(0)
    given: dict[str, Any] = field(default_factory=dict)


def fair(X: Array, Y: Array | None = None) -> Law:
    """Columns that are equally likely."""
    weights = rationals([1] * X.shape[1]) / Fraction(X.shape[1])
    return Law(weights, X, X if Y is None else Y)


@st.composite
def regular(draw: st.DrawFn, n: int) -> Array:
    """Columns that span: their second moment is regular."""
    return np.concatenate([draw(gauges(n)), draw(matrices(n, 1))], axis=1)


@st.composite
def rooted(draw: st.DrawFn, n: int) -> tuple[Array, Array]:
    """Four columns with second moment L Lᵀ, and L, lower triangular."""
    below = np.tril(draw(matrices(n, n)), -1)
    diagonal = draw(st.lists(st.sampled_from([1, 2]), min_size=n, max_size=n))
    L = rationals(below + np.diag(np.array(diagonal, dtype=int)))
    return rationals(2 * L @ draw(frames(4))[:n]), L


def _auto(X: Array) -> Moments:
    return Moments.from_data(X.T, center=False)


@st.composite
def posed(draw: st.DrawFn) -> Posed:
    """Two or three inputs, rank one or two; those that take much to draw are tried more often."""
    task = draw(st.sampled_from([*TASKS, *["cca", "lda", "slow_features"] * 4]))
    return draw(TASKS[task](task))


@st.composite
def at_weights(draw: st.DrawFn, task: str, law: Law, moments: Moments, **more: Any) -> Posed:
    """Any weights, with the metric 1 if none is given; moments without their floating samples."""
    assert moments.is_exact
    n, m = len(law.targets), len(law.inputs)
    p = draw(st.integers(1, 2))
    one = eye(n, law.inputs)
    metric = {"judge": one, "factor": one} | more
    return Posed(task, law, moments.exact(), draw(matrices(n, p)), draw(matrices(p, m)), **metric)


@st.composite
def denoise(draw: st.DrawFn, task: str) -> Posed:
    X, F = draw(matrices(2, 3)), draw(matrices(2, 2))
    moments = supervision.denoise(_auto(X), F @ F.T)
    return draw(at_weights(task, spoiled(X, signs(F)), moments))


@st.composite
def ridge(draw: st.DrawFn, task: str) -> Posed:
    X, weight = draw(matrices(3, 3)), draw(st.sampled_from([Fraction(1, 2), Fraction(0)]))
    moments = supervision.ridge(_auto(X), weight)
    return draw(at_weights(task, fair(X), moments, penalty=weight))


@st.composite
def noise2noise(draw: st.DrawFn, task: str) -> Posed:
    X, E, F = draw(matrices(2, 2)), draw(matrices(2, 1)), draw(matrices(2, 2))
    moments = supervision.noise2noise(_auto(X), E @ E.T, F @ F.T)
    given = {"clean": spoiled(X, signs(E)), "F": F}
    return draw(at_weights(task, spoiled(X, signs(E), signs(F)), moments, given=given))


@st.composite
def inpaint(draw: st.DrawFn, task: str) -> Posed:
    X = draw(regular(3))
    seen = draw(st.permutations(range(3)))[: draw(st.integers(1, 2))]
    unseen = [i for i in range(3) if i not in seen]
    moments = supervision.inpaint(_auto(X), seen)
    given = {"S": fair_moment(X), "seen": seen, "unseen": unseen}
    return draw(at_weights(task, fair(X[seen], X[unseen]), moments, given=given))


@st.composite
def predict(draw: st.DrawFn, task: str) -> Posed:
    """A series of an exact dynamics."""
    Phi, points = draw(matrices(2, 2)), [draw(matrices(2, 1))]
    for _ in range(3):
        points.append(Phi @ points[-1])
    series = rationals(np.concatenate(points, axis=1))
    law = fair(series[:, :-1], series[:, 1:])
    moments = supervision.predict(series.T, center=False)
    return draw(at_weights(task, law, moments, given={"Phi": Phi}))


@st.composite
def metric(draw: st.DrawFn, task: str) -> Posed:
    X, C = draw(matrices(3, 3)), draw(matrices(2, 3))
    moments = supervision.metric(_auto(X), C)
    return draw(at_weights(task, fair(X), moments, judge=C, factor=C))


@st.composite
def cca(draw: st.DrawFn, task: str) -> Posed:
    X, (Y, L) = draw(matrices(2, 4)), draw(rooted(2))
    moments = Moments.from_data(X.T, Y.T, center=False)
    metric = {"judge": inverse(L), "factor": whitening(moments.Syy)}
    return draw(at_weights(task, fair(X, Y), supervision.cca(moments), **metric))


@st.composite
def lda(draw: st.DrawFn, task: str) -> Posed:
    """Centred by definition: the network has biases."""
    X = draw(matrices(2, len(LABELS)))
    Y = rationals([[int(label == k) for label in LABELS] for k in range(3)])
    law = fair(*(M - M.sum(axis=1)[:, None] / Fraction(len(LABELS)) for M in (X, Y)))
    C = rationals(np.diag(rationals([3, "3/2", "3/2"])) + 0)
    moments = supervision.lda(X.T, LABELS)
    return draw(at_weights(task, law, moments, judge=C, factor=C, given={"X": X}))


@st.composite
def slow_features(draw: st.DrawFn, task: str) -> Posed:
    """Two pairs of consecutive points, whose means span what they do."""
    points, L = draw(rooted(2))
    before, after = points[:, :2], points[:, 2:]
    assume(rank(before + after) == rank(points))
    moments = supervision.slow_features(Moments.from_data(before.T, after.T, center=False))
    metric = {"judge": inverse(L), "factor": whitening(rationals(L @ L.T))}
    given = {"S": rationals(L @ L.T), "change": after - before}
    return draw(at_weights(task, fair((before + after) / 2), moments, given=given, **metric))


@st.composite
def pls(draw: st.DrawFn, task: str) -> Posed:
    """As if the coordinate vectors were the inputs, each with weight 1."""
    X, Y = draw(matrices(2, 3)), draw(matrices(3, 3))
    one, Syx = eye(2, X), rationals(Y @ X.T) / Fraction(3)
    moments = supervision.pls(Moments.from_data(X.T, Y.T, center=False))
    return draw(at_weights(task, Law(rationals([1, 1]), one, Syx), moments))


@st.composite
def blind_spot(draw: st.DrawFn, task: str) -> Posed:
    """Here the moments are those of the data."""
    X = draw(regular(3))
    return draw(at_weights(task, fair(X), _auto(X)))


def fair_moment(X: Array) -> Array:
    return rationals(X @ X.T) / Fraction(X.shape[1])


TASKS = {
    f.__name__: f
    for f in (denoise, ridge, noise2noise, inpaint, predict, metric, cca, lda, slow_features, pls)
} | {"blind_spot": blind_spot}
