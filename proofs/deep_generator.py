"""Deep weights split into a map of their rank and spare blocks; critical ones split the data too.

Let W = W_N ⋯ W_1, of rank r, act on whitened inputs. In bases of the layers, the first r vectors
from the row space of W, the others what the layers above map off its range, each factor is 1 ⊕ Z_i
with Z_N ⋯ Z_1 = 0. The weights are critical iff, in the same bases, G = 1 ⊕ S and

    (Z_N ⋯ Z_{i+1})ᵀ S (Z_{i−1} ⋯ Z_1)ᵀ = 0      for i = 1 … N.

So the critical maps are W = U_J U_Jᵀ Syx Sxx⁺ on inputs that occur, U_J eigenvectors of Σ with
λ ≠ 0, and the critical values tr Syy − Σ_J λ: those of two layers of the least width. Where only
spare blocks move, the loss is that of a network of their own, tr Syy − Σ_J λ − ‖S‖² +
‖S − Z_N ⋯ Z_1‖².

Hypotheses: real data. Any widths, any Sxx, ties and deficient ranks are allowed.

Equality: of the two sets, critical points and points of this form.

References: Achour, Malgouyres and Gerchinovitz 2024, JMLR 25(242), arXiv:2107.13289, parametrise
the critical points so, with full ranks and distinct λ (wording not confirmed).

Post: E21 (what there is beyond two layers).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, kernel, row_echelon, solve
from proofs import gradient
from proofs._auto import Start, arrival, starts
from proofs._deep import DeepPoint, deep_points, is_critical, joined

uses: list[ModuleType] = [gradient]


class Chain(NamedTuple):
    """Bases T_N, …, T_0 with T_i⁻¹ W_i T_{i−1} = 1 ⊕ Z_i, the Z_i, and G in these bases.

    Of the columns of T_N, and of T_0, the first r are orthogonal to the others.
    """

    bases: tuple[Array, ...]
    spare: tuple[Array, ...]
    G: Array

    @property
    def rank(self) -> int:
        return len(self.G) - len(self.spare[0])

    @property
    def target(self) -> Array:
        """S, with the lengths of the bases: ⟨target, Z⟩ is the product of matrices S and Z."""
        left, right = self._lengths
        return left @ self.G[self.rank :, self.rank :] @ right

    def size(self, Z: Array) -> Any:
        """‖Z‖², for a block between the spare inputs and outputs."""
        left, right = self._lengths
        return ((left @ Z) * (Z @ right)).sum()

    @property
    def _lengths(self) -> tuple[Array, Array]:
        left, right = (self.bases[k][:, self.rank :] for k in (0, -1))
        return left.T @ left, inverse(right.T @ right)


def chain(case: DeepPoint) -> Chain:
    """From the weights alone."""
    factors = [*case.weights[:-1], case.weights[-1] @ case.inputs]
    W = reduce(np.matmul, factors)
    row_space = W[list(row_echelon(W.T)[1])].T
    below, above = [row_space], [(W @ row_space).T]
    for factor in factors[::-1]:
        below.insert(0, factor @ below[0])
    for factor in factors:
        above.append(above[-1] @ factor)
    pairs = zip(below, above, strict=True)
    bases = tuple(np.concatenate([X, kernel(Y)], axis=1) for X, Y in pairs)
    spare = []
    for factor, (T, T_below) in zip(factors, pairwise(bases), strict=True):
        block, r = inverse(T) @ factor @ T_below, row_space.shape[1]
        spare.append(block[r:, r:])
        assert np.array_equal(block, joined(eye(r, W), spare[-1])), "a factor does not split"
    return Chain(bases, tuple(spare), inverse(bases[0]) @ case.G @ bases[-1])


def moved(case: DeepPoint, at: Chain, changes: Sequence[Array]) -> tuple[Array, ...]:
    """The weights after changes of spare blocks."""
    R, nothing = case.inputs, np.zeros((at.rank, at.rank), dtype=int)
    steps = [
        T @ joined(nothing * case.G[0, 0], change) @ inverse(T_below)
        for change, (T, T_below) in zip(changes, pairwise(at.bases), strict=True)
    ]
    steps[-1] = steps[-1] @ solve(R.T @ R, R.T)
    return tuple(W + step for W, step in zip(case.weights, steps, strict=True))


@st.composite
def hypotheses(draw: st.DrawFn) -> DeepPoint | Start:
    """Points whose spare blocks may or may not be critical, for S and as such. One in eight is the
    start of a root search."""
    case = draw(deep_points(spare=draw(st.sampled_from(["critical", "any"]))))
    if draw(st.integers(0, 7)) == 7:
        return draw(starts(case.landscape.floating))
    return case


def conclusion(case: DeepPoint | Start) -> None:
    """By values of the loss: critical iff G and the chain are as claimed; then W and the loss.

    Why: let X_i be the image of the row space of W under W_i ⋯ W_1, and Y_i what W_N ⋯ W_{i+1} maps
    off the range of W. Their dimensions are r and d_i − r, and X_i ∩ Y_i = 0, as what is above maps
    X_i onto the range. Factors map X_{i−1} onto X_i and Y_{i−1} into Y_i, also on Y_0 = ker W. So
    they are 1 ⊕ Z_i, and the product of the Z_i is W on Y_0. If the gradients of W_N and W_1 are 0,
    (G − W) Wᵀ = 0 and Wᵀ (G − W) = 0: G = 1 ⊕ S; so G Gᵀ W Wᵀ = (W Wᵀ)² = W Wᵀ G Gᵀ, which says
    W = U_J U_Jᵀ G. For such G the gradients are those blocks.
    """
    if isinstance(case, Start):
        _only_listed_values(case)
        return
    at = chain(case)
    r, S = at.rank, at.G[at.rank :, at.rank :]
    splits = np.array_equal(at.G, joined(eye(r, S), S))
    critical = not case.slope.any()
    assert critical == (splits and is_critical(at.spare, at.target)), f"critical: {critical}"
    if critical:
        W, G, start = (
            reduce(np.matmul, [*case.weights, case.inputs]),
            case.G,
            case.loss(*case.weights),
        )
        assert np.array_equal(G @ G.T @ W @ W.T, W @ W.T @ W @ W.T)
        assert start == (G * G).sum() - (W * W).sum()
        changes = [np.ones(z.shape, dtype=int) for z in at.spare]
        product = reduce(np.matmul, [z + c for z, c in zip(at.spare, changes, strict=True)])
        found = case.loss(*moved(case, at, changes))
        assert found == start - at.size(S) + at.size(S - product)


def _only_listed_values(start: Start) -> None:
    """Floating: where a root search ends, the loss is a critical value of the list."""
    landscape, found = start.landscape, arrival(start)
    if found is not None:
        values = [c.loss for c in landscape.critical_classes()]
        loss = landscape.loss(*found)
        assert min(abs(loss - value) for value in values) < 1e-6, f"loss {loss} at {found}"
