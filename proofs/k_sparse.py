"""To keep the k > 1 largest of Aᵀx is the best k-sparse code of all x iff AᵀA = 1.

Let h keep the k entries of Aᵀx of largest size. Then ‖x − A h‖² is least over all codes with k
nonzero entries at most

1. for k = 1, for every x and every dictionary A, orthonormal or not, overcomplete or not;
2. for k >= 2, for every x iff the columns are orthonormal. If they are not, some column x = aⱼ is
   coded with an error, while the code eⱼ has none.

Hypotheses: the columns of A have norm 1; k <= p. Ties may be broken in any way.

Equality: of the errors.

References: Makhzani and Frey 2013, arXiv:1312.5663, for k-sparse autoencoders (wording not
confirmed).

Post: F10 (sparse, with a count in place of ‖E(x)‖₁: no penalty for scaling to evade, but the k
largest codes are best only if the decoder is orthonormal).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals
from linae.sparse import k_sparse
from proofs._auto import frames, squares
from proofs._calc import I, Proof, Rule, calc, letter, tr
from proofs._cases import matrices
from proofs._coding import best_on_support
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Kept(Case):
    """A dictionary, a sample, and the number of entries to keep."""

    A: Array
    x: Array
    k: int

    def excess(self, x: Array) -> Fraction:
        """The error of the k largest over the least error."""
        error = squares(x - self.A @ k_sparse(self.A, x, self.k))
        return error - best_on_support(self.A, x, self.k)


@st.composite
def hypotheses(draw: st.DrawFn) -> Kept:
    """Columns of one orthogonal matrix, or of two of them in turn, so that they may repeat."""
    n, k = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (2, 2), (2, 2), (3, 2), (3, 2), (3, 3)]))
    A = draw(frames(n))
    if draw(st.integers(0, 2)):
        A = np.stack([A, draw(frames(n))], axis=2).reshape(n, 2 * n)
    p = draw(st.integers(k, min(A.shape[1], 4)))
    return Kept(rationals(A[:, :p]), draw(matrices(n, 1))[:, 0], k)


def conclusion(case: Kept) -> None:
    """By least squares on every set of columns, of the sample and of the columns themselves."""
    A, k = case.A, case.k
    orthonormal = np.array_equal(A.T @ A, eye(A.shape[1], A))
    if k == 1 or orthonormal:
        assert case.excess(case.x) == 0, "a better set of columns"
    of_columns = [case.excess(column) for column in A.T]
    assert any(of_columns) == (k > 1 and not orthonormal), f"columns have the excess {of_columns}"


def proof() -> Proof:
    """For all sizes. With one column a of norm 1 the chain says ‖x − a c‖² = ‖x‖² − (aᵀx)²
    + (c − aᵀx)²: this is 1, and it does not know the other columns. For AᵀA = 1 it is

        ‖x − A h‖² = ‖x‖² − ‖Aᵀx‖² + ‖h − Aᵀx‖²,

    least with the largest k entries of Aᵀx, which is one half of 2. If conversely h codes x = aⱼ
    without an error, aⱼᵀA h = 1, that is Σ (aᵢᵀaⱼ)² = 1 over those i that are kept; one of them is
    1, the largest there is, and so the other ones are 0. For k >= 2 one of these is the second
    largest of all: aⱼ is orthogonal to all other columns.
    """
    A, x, h = letter("A", "n", "p"), letter("x", "n", "1"), letter("h", "p", "1")
    isometry = Rule("AᵀA = 1", A.H @ A, I("p"))
    missed = h - A.H @ x
    chain = calc(tr((x - A @ h).H @ (x - A @ h)), isometry)
    shown = tr(x.H @ x) - tr(x.H @ A @ A.H @ x) + tr(missed.H @ missed)
    return Proof([chain.step(isometry.name, shown)])


_one = rationals([[1, 0], [0, 1]])

counterexamples = {
    "columns of A have norm 1": Kept(_one * rationals([2, 1]), rationals([1, 1]), 1),
}
