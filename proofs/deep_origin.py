"""At zero weights the loss of N factors is flat to order N − 1, and falls with the N-th power.

On the line through weights V with Σ ‖V_i‖² = 1 the loss of whitened inputs is

    F(t) = ‖G‖² − 2 ⟨G, V_N ⋯ V_1⟩ tᴺ + ‖V_N ⋯ V_1‖² t²ᴺ,

where |⟨G, V_N ⋯ V_1⟩| <= σ₁ N^(−N/2): all derivatives of orders 1 to N − 1 vanish, and, if G ≠ 0,
the first descent is of order N exactly: of three factors or more the Hessian is 0.

Hypotheses: real data, Sxx = 1.

Bound: attained by V_N = u₁ eᵀ/√N, V_i = e eᵀ/√N, V_1 = e v₁ᵀ/√N with unit vectors e of each layer;
along it F(t) = ‖G‖² − 2 σ₁ N^(−N/2) tᴺ + N^(−N) t²ᴺ.

References: Kawaguchi 2016, NeurIPS, for the origin as a saddle without a negative eigenvalue at
depth three (wording not confirmed).

Post: E21 (the saddle that the summary leaves out).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rationals, solve
from proofs import gradient
from proofs._auto import frames
from proofs._cases import matrices, singular_values
from proofs._deep import DeepPoint
from proofs._instances import Case

uses: list[ModuleType] = [gradient]


@dataclass(frozen=True, eq=False, repr=False)
class Line(Case):
    """Through 0, with direction V; G = U diag(s) Vᵀ has the first columns u₁, v₁ and σ₁ = s₁."""

    G: Array
    u: Array
    v: Array
    sigma: int
    direction: tuple[Array, ...]
    R: Array | None = None


@st.composite
def hypotheses(draw: st.DrawFn) -> Line:
    """Two to four factors, one in four directions the best one, up to its length."""
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    s, U, V = draw(singular_values(min(n, m))), draw(frames(n)), draw(frames(m))
    G = rationals(U[:, : len(s)] * np.array(s, dtype=object) @ V[:, : len(s)].T)
    at = Line(G, U[:, 0], V[:, 0], s[0], ())
    if draw(st.integers(0, 3)) == 3:
        units = [U[:, 0], *(draw(frames(width))[0] for width in widths), V[:, 0]]
        return Line(G, at.u, at.v, s[0], tuple(np.outer(a, b) for a, b in pairwise(units)))
    shapes = pairwise([n, *widths, m])
    return Line(G, at.u, at.v, s[0], tuple(draw(matrices(*shape)) for shape in shapes))


def conclusion(case: Line) -> None:
    """By values of the loss at 2N + 1 points, which decide all coefficients; the bound to the power
    of two, free of roots, for directions of any length."""
    N, V = len(case.direction), case.direction
    network = DeepPoint(case.G, V, case.R)
    nodes = [Fraction(k) for k in range(-N, N + 1)]
    values = [network.loss(*(t * v for v in V)) for t in nodes]
    powers = rationals([[t**k for k in range(2 * N + 1)] for t in nodes])
    found = solve(powers, rationals(values)[:, None])[:, 0]
    assert not found[1:N].any()
    assert not found[N + 1 : -1].any()
    assert found[0] == (case.G * case.G).sum()
    length = sum((v * v).sum() for v in V) / N
    assert (found[N] / 2) ** 2 <= case.sigma**2 * length**N, "steeper than the bound"
    P = reduce(np.matmul, V)
    if np.array_equal(P, np.outer(case.u, case.v)):
        assert (found[N], found[-1]) == (-2 * case.sigma, 1)
        assert length**N >= 1


_one = rationals([[1]])

counterexamples = {"Sxx = 1": Line(_one, _one[0], _one[0], 1, (_one, _one), 2 * _one)}
