"""Every local minimum of a deep linear network is global.

Near each critical point above the least loss there are points of less loss: along the level and
then down. If the rank r is below min(p, ρ), take the spare blocks Z_i and the residual S of
`deep_generator`. For small changes E_i and a least set I of factors with

    P = product of the E_i, i in I, and the Z_i, the others, in order,      P ≠ 0,

the product of the blocks Z_i + t_i E_i, i in I, is (Π t_i) P; outputs and inputs can be turned a
little, by g and h, until ⟨S, g P h⟩ ≠ 0. Then

    L = L(0) − 2 ⟨S, g P h⟩ Π t_i + ‖g P h‖² (Π t_i)²:

with one t_i = 0 the others are free, and then this one falls to either side.

Hypotheses: real data; the point is critical, and above the least loss. Any widths, any Sxx, ties,
deficient ranks; the saddle may be strict or not.

Equality: of the loss along these paths. If r = min(p, ρ), the swap of `deep_escape` falls.

References: Kawaguchi 2016, NeurIPS, Theorem 2.3 (ii), (iii), and Lu and Kawaguchi 2017,
arXiv:1702.08580, for full ranks; Laurent and von Brecht 2018, ICML, for convex losses without a
bottleneck (wordings not confirmed).

Post: E21 (what is left of "all critical points are minima or saddles").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import reduce
from itertools import combinations, product
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals, zeros
from proofs import deep_escape, deep_generator
from proofs._deep import DeepPoint, deep_points
from proofs.deep_escape import turned
from proofs.deep_generator import Chain, chain, moved

uses: list[ModuleType] = [deep_generator, deep_escape]

NEAR = Fraction(1, 1000)


def hypotheses() -> st.SearchStrategy[DeepPoint]:
    """Critical points that are no global minima, most of them of rank below min(p, ρ)."""
    return deep_points(("leading", "leading", "other"))


def conclusion(case: DeepPoint) -> None:
    """A point of less loss within 1/1000, found from the weights alone."""
    assert not case.slope.any(), "not critical"
    start, spectrum = case.loss(*case.weights), case.landscape.spectrum
    at = chain(case)
    if at.rank == min(case.width, spectrum.rank):
        near = turned(case, Fraction(1, 10**5))
    else:
        level, near = _paths(case, at)
        assert case.loss(*level) == start, "not along the level"
    far = max(abs(a - b).max() for a, b in zip(near, case.weights, strict=True))
    assert far < NEAR
    assert case.loss(*near) < start, "nothing lower nearby"


def _paths(case: DeepPoint, at: Chain) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """A point on the level, and one below; all changes are of one entry, and of two turns."""
    units = [zeros(z.shape, z) for z in at.spare]
    for unit in units:
        unit[0, 0] = Fraction(1)
    moving, P = next(pair for pair in _products(at.spare, units) if pair[1].any())
    g, h, c = _turns(at.target, P)
    t = NEAR**2
    while at.size(g @ P @ h) * t ** len(moving) >= abs(c):
        t = t / 10
    steps = {i: t for i in moving}

    def point(last: Any) -> tuple[Array, ...]:
        blocks = [
            z + (steps | {moving[0]: last}).get(i, 0) * units[i] for i, z in enumerate(at.spare)
        ]
        blocks[0], blocks[-1] = g @ blocks[0], blocks[-1] @ h
        return moved(case, at, [new - z for new, z in zip(blocks, at.spare, strict=True)])

    return point(0), point(t if c > 0 else -t)


def _products(
    Z: Sequence[Array], units: Sequence[Array]
) -> Iterator[tuple[tuple[int, ...], Array]]:
    """For each set of factors, smallest first, the product with units in their place."""
    for size in range(1, len(Z) + 1):
        for some in combinations(range(len(Z)), size):
            yield some, reduce(np.matmul, [units[i] if i in some else z for i, z in enumerate(Z)])


def _turns(target: Array, P: Array) -> tuple[Array, Array, Any]:
    """g and h, near 1, with ⟨S, g P h⟩ ≠ 0: of what moves an entry of P to one of S, nothing, one
    or both will do."""
    (row, column), (a, b) = (np.argwhere(M != 0)[0] for M in (target, P))
    G, H = (zeros((size, size), P) for size in P.shape)
    G[row, a] = H[b, column] = NEAR**2
    for on, off in product((0, 1), repeat=2):
        g, h = eye(len(G), P) + on * G, eye(len(H), P) + off * H
        if c := (target * (g @ P @ h)).sum():
            return g, h, c
    raise AssertionError("no residual on spare units")


_one = rationals([[1]])

counterexamples = {
    "above the least loss": DeepPoint(_one, (_one, _one, _one)),
    "the point is critical": DeepPoint(_one, (_one, _one, 0 * _one)),
}
