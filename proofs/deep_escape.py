"""Out of a class that is not leading the outer factors of a deep network lead at a known rate.

If λ_k > λ_j for an unselected k and a selected j, turn u_j into u_k in W_N by an angle θ, and v_j
into v_k in W_1, and leave the factors between as they are. At any depth and for all θ

    L(θ) = L(0) − (λ_k − λ_j) sin²θ.

Hypotheses: real data; the point is critical; J is not leading.

Equality: of the loss on all of the path; its second derivative at the start is −2 (λ_k − λ_j), and
the drop at θ = π/2 is λ_k − λ_j.

References: none; for two factors see `escape`.

Post: E11, at any depth (the perturbation that finishes the argument, where a swap does).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from linae.landscapes.escapes import Escape
from proofs import deep_generator, escape
from proofs._calc import Proof
from proofs._deep import DeepPoint, deep_points

uses: list[ModuleType] = [deep_generator, escape]


def hypotheses() -> st.SearchStrategy[DeepPoint]:
    """Critical points of three or four factors, whose index set is not leading."""
    return deep_points(("other",), least=3)


def conclusion(case: DeepPoint) -> None:
    """Values of the loss, from the samples, at rational points of the path that ships: nine decide
    a polynomial of degree 4 in (cos θ, sin θ)."""
    assert not case.slope.any(), "not critical"
    path, start = _path(case), case.loss(*case.weights)
    assert path.leaves is not None, "nothing to turn"
    assert path.enters is not None
    values = case.landscape.spectrum.eigenvalues
    assert path.drop == values[path.enters] - values[path.leaves] > 0
    moving = [bool(v.any()) for v in path.direction]
    assert moving == [True, *[False] * (len(moving) - 2), True]
    first, second = calculus.along_line(case.loss, case.weights, path.direction, 4)
    assert (first, second) == (0, path.curvature)
    for k in range(-4, 5):
        weights, cosine = _at(path, Fraction(k, 3))
        assert case.loss(*weights) == start - (1 - cosine**2) * path.drop, f"at cos θ = {cosine}"


def _path(case: DeepPoint) -> Escape:
    place = case.landscape.place(*case.weights)
    assert place is not None
    return case.landscape.escape(place, case.weights)


def _at(path: Escape, t: Fraction) -> tuple[tuple[Array, ...], Any]:
    """The point of the path at tan θ/2 = t √N, N the square of the length of its direction in
    units of a rotation, and cos θ."""
    assert path.still is not None, "no swap"
    N = path.curvature / (-2 * path.drop)
    cosine, x = (1 - N * t * t) / (1 + N * t * t), 2 * t / (1 + N * t * t)
    parts = zip(path.start, path.still, path.direction, strict=True)
    return tuple(w + (cosine - 1) * still + x * v for w, still, v in parts), cosine


def turned(case: DeepPoint, t: Fraction) -> tuple[Array, ...]:
    """The point at t of the path out of a critical point that has a swap."""
    return _at(_path(case), t)[0]


def proof() -> Proof:
    """For all depths and sizes: that of `escape`, for the swap.

    There W is any matrix with uᴴW = a f and W fᴴ = u a, and the path is T W V with T and V as
    given; here W = W_N ⋯ W_1 behind whitened inputs, W = U_J U_Jᵀ G by `deep_generator`, and the
    path (T W_N) W_{N−1} ⋯ W_2 (W_1 V) is T W V again. The loss sees nothing else.
    """
    return escape.proof()


_one = rationals([[1, 0], [0, 1]])

counterexamples = {
    "the point is critical": DeepPoint(_one, (_one, _one, 2 * _one)),
    "J is not leading": DeepPoint(_one, (_one, 0 * _one, 0 * _one)),
}
