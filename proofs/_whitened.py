"""Points with whitened codes in exact numbers: λ are squares of rationals, U and O are orthogonal.

Whitened            weights A = [U_J Λ_J^½, U_J X + N Z] Oᵀ, B = O [Λ_J^−½ U_Jᵀ; 0] + Y Nᵀ
whitened(False)     with any number of components; (True) with as many as there are units
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals, zeros
from proofs._auto import Auto, frames, ranks
from proofs._cases import matrices
from proofs._instances import Case

SIZES = [(1, 1), (2, 1), (2, 2), (3, 1), (1, 2)] * 4 + [(4, 1), (1, 3), (2, 3), (3, 2)]
"""Those of six weights and more cost the most."""


@dataclass(frozen=True, eq=False, repr=False)
class Whitened(Case):
    """Weights, the components that their codes have, and the weight γ of a penalty."""

    at: Auto
    strength: Fraction
    taken: tuple[int, ...]
    A: Array
    B: Array

    @property
    def weights(self) -> tuple[Array, Array]:
        return self.A, self.B

    @property
    def selected(self) -> list[Any]:
        """λ of the components."""
        return [self.at.values[j] for j in self.taken]

    def covariance(self, B: Array) -> Array:
        """K, of the codes."""
        return B @ self.at.S @ B.T

    def has_components(self) -> None:
        """The map by its definition: 1 on the components, 0 on all else that occurs."""
        U, W = self.at.U, self.A @ self.B
        for j, value in enumerate(self.at.values):
            expected = U[:, j] if j in self.taken else 0 * U[:, j]
            assert not value or np.array_equal(W @ U[:, j], expected)


@st.composite
def whitened(draw: st.DrawFn, full: bool) -> Whitened:
    """Ties and zeros in λ; encoders in ker S; decoders of units without a code anywhere in R(U_J)
    and ker S."""
    n, p = draw(st.sampled_from([s for s in SIZES if s[0] >= s[1] or not full]))
    least = p if full else 0
    choice = [st.sampled_from([1, 2, Fraction(1, 2)])] * least
    choice += [st.sampled_from([0, 0, 1, 2, Fraction(3, 2)])] * (n - least)
    roots = sorted((Fraction(draw(x)) for x in choice), reverse=True)
    at = Auto(draw(frames(n)), tuple(x * x for x in roots), p)
    r = p if full else draw(ranks(min(p, at.rank)))
    J = tuple(sorted(draw(st.permutations(range(at.rank)))[:r]))
    U, N, root = at.U[:, list(J)], at.U[:, at.rank :], np.array([roots[j] for j in J], dtype=object)
    A, B = zeros((n, p), U), zeros((p, n), U)
    A[:, :r], B[:r] = U * root, (U / root).T
    A[:, r:] += U @ draw(matrices(r, p - r)) + N @ draw(matrices(N.shape[1], p - r))
    B += draw(matrices(p, N.shape[1])) @ N.T
    turn, strength = (
        draw(frames(p)),
        draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(5)])),
    )
    return Whitened(at, strength, J, rationals(A @ turn.T), rationals(turn @ B))


def determinant(M: Array) -> Any:
    """By its definition, for at most three rows."""
    size = len(M)
    signs = {
        order: (-1) ** sum(order[i] > order[j] for j in range(size) for i in range(j))
        for order in permutations(range(size))
    }
    return sum(s * np.prod([M[i, o[i]] for i in range(size)]) for o, s in signs.items())


def excess(K: Array) -> Array:
    """K − 1."""
    return K - eye(len(K), K)
