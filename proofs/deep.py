"""A critical point of a deep linear network is a global minimum, or a saddle, strict or tightened.

Its end-to-end map is U_J U_Jᵀ Syx Sxx⁺, of rank r = |J|, and its loss tr Syy − Σ_J λ. With p the
least width: it is a global minimum iff Σ_J λ is the sum of the min(p, ρ) largest; else the Hessian
has a negative eigenvalue, unless J is leading (no unselected λ exceeds a selected one) and the
point is tightened: for each pair of factors W_i, W_j, i > j, one of the complementary blocks

    W_{i−1} ⋯ W_{j+1}      and      W_{j−1} ⋯ W_1 Sxy W_N ⋯ W_{i+1}

has rank r exactly. Two factors are never tightened below the minimum.

Hypotheses: real data.

Equality: of kinds. Without full rank and distinct eigenvalues the rule is open as a theorem; here
it is checked on exact cases, ties and deficient ranks included. That a tightened saddle is no
local minimum is cited.

References: Achour, Malgouyres and Gerchinovitz 2024, JMLR 25(242), arXiv:2107.13289 (wording not
confirmed).

Post: E21 (what is left of "every saddle has a negative eigenvalue" beyond two layers).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from types import ModuleType

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from linae.inertia import Inertia, inertia
from linae.landscapes.deep import DeepLinear
from linae.moments import Moments
from proofs import critical_points
from proofs._cases import gauges, singular_values, unitaries
from proofs._instances import Case

uses: list[ModuleType] = [critical_points]


@dataclass(frozen=True, eq=False, repr=False)
class DeepPoint(Case):
    """Weights of a deep network on whitened inputs with targets G x."""

    G: Array
    weights: tuple[Array, ...]

    @property
    def landscape(self) -> DeepLinear:
        one = rationals(np.eye(self.G.shape[1], dtype=int))
        moments = Moments(one, self.G, self.G @ self.G.T)
        return DeepLinear(moments, [len(w) for w in self.weights[1:]])

    def loss(self, *weights: Array) -> object:
        """The definition."""
        E = self.G - reduce(np.matmul, weights)
        return (E * E).sum()

    @property
    def found(self) -> Inertia:
        """Exact inertia of the Hessian by second differences of the loss."""
        return inertia(calculus.hessian(self.loss, self.weights, 2 * len(self.weights)))


@st.composite
def hypotheses(draw: st.DrawFn) -> DeepPoint:
    """Critical points of two to four factors: spare blocks with many zeros, any gauge."""
    n, m = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    widths = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
    U, V = draw(unitaries(n)), draw(unitaries(m))
    k = min(n, m)
    G = U[:, :k] * np.array(draw(singular_values(k)), dtype=object) @ V[:, :k].T
    blank = DeepPoint(
        rationals(G), tuple(rationals(np.zeros((w, 1), dtype=int)) for w in [n, *widths])
    )
    landscape = blank.landscape
    J = draw(st.sampled_from(list(landscape.index_sets())))
    shapes = pairwise([n - len(J), *(w - len(J) for w in widths), m - len(J)])
    spare = [_sparse(draw, shape) for shape in shapes]
    try:
        weights = landscape.class_weights(J, [draw(gauges(w)) for w in widths], spare=spare)
    except ValueError:  # not critical
        assume(False)
    return DeepPoint(blank.G, weights)


def _sparse(draw: st.DrawFn, shape: tuple[int, int]) -> Array:
    entries = st.sampled_from([0, 0, 0, 1, -1])
    block = draw(st.lists(entries, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return rationals(np.array(block, dtype=object).reshape(shape))


def conclusion(case: DeepPoint) -> None:
    """The kind by ranks agrees with gradient, value and exact inertia by the definition."""
    landscape = case.landscape
    slope = calculus.gradient(case.loss, case.weights, landscape.degree)
    assert not slope.any(), "not critical"
    place = landscape.place(*case.weights)
    assert place is not None
    value, least = case.loss(*case.weights), next(landscape.critical_classes()).loss
    assert value == place.critical.loss
    assert (value == least) == (place.kind == "global minimum")
    assert (case.found.negative > 0) == (place.kind == "strict saddle"), (
        f"{place.kind}, {case.found}"
    )
