"""Weight decay makes the left singular vectors of the decoder the leading principal components.

At a global minimum of E‖x − A B x‖² + μ (‖A‖² + ‖B‖²) the decoder has p distinct singular values
c_j = (1 − μ/λ_j)^½, in the order of the λ_j, and its left singular vectors are u_1, …, u_p.

Hypotheses: μ > 0 and μ < λ_p; λ_1, …, λ_p are distinct, and λ_p > λ_{p+1}; real auto-association.

Equality: of vectors, up to signs, and of values. For μ = 0, as published, it is false: A = U_p M⁻¹
with any invertible M is a global minimum, and only the span of the columns is determined.

References: Plaut 2018, arXiv:1804.10253, without decay; that decay is necessary: erratum of Kunin,
Bloom, Goeva and Seed 2019, arXiv:1901.08168 (text confirmed).

Post: E1 (the columns of a decoder of least loss are combinations of principal components; weight
decay makes its singular vectors these components).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rationals
from proofs import weight_decay
from proofs._auto import Auto, Decayed, frames
from proofs._calc import I, Proof, Rule, calc, letter
from proofs.weight_decay import ROOTS

uses: list[ModuleType] = [weight_decay]


@st.composite
def hypotheses(draw: st.DrawFn) -> Decayed:
    """A = Bᵀ = U_p diag(c) O with c = (1 − μ/λ)^½ rational; the other λ are anything less."""
    n = draw(st.integers(1, 4))
    p = draw(st.integers(1, min(n, 3)))
    mu = draw(st.sampled_from([Fraction(1), Fraction(1, 2)]))
    roots = sorted(draw(st.permutations(ROOTS))[:p], reverse=True)
    values = [mu / (1 - c * c) for c in roots]
    fractions = st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(0), Fraction(9, 10)])
    rest = sorted((values[-1] * draw(fractions) for _ in range(n - p)), reverse=True)
    at = Auto(draw(frames(n)), (*values, *rest), p)
    A = rationals(at.U[:, :p] * np.array(roots, dtype=object) @ draw(frames(p)))
    return Decayed(at, (mu,) * p, (mu,) * p, tuple(range(p)), A, A.T)


def conclusion(case: Decayed) -> None:
    """The loss is least, and A Aᵀ has the claimed eigenvectors, with distinct eigenvalues."""
    at, mu, p = case.at, case.of_columns[0], case.at.width
    gains = [(x - mu) ** 2 / x for x in at.values[:p] if x > mu]
    assert case.loss(case.A, case.B) == sum(at.values) - sum(gains), "not a global minimum"
    squares = [1 - mu / x for x in at.values[:p]]
    for u, square in zip(at.U.T, squares, strict=False):
        assert np.array_equal(case.A @ (case.A.T @ u), square * u)
    assert all(x > y for x, y in zip(squares, [*squares[1:], 0], strict=True))


def proof() -> Proof:
    """For all sizes. By `weight_decay` a global minimum is A = U C Qᵀ with C = (1 − μ Λ⁻¹)^½, U the
    leading eigenvectors and Q square, as all p of the leading λ exceed μ. The chain says that U is
    an eigenbasis of A Aᵀ; the entries of C² increase with λ, and where they are distinct and not 0
    no other vectors than ± those of U are left singular vectors of A.
    """
    U, C, Q = letter("U", "n", "p"), letter("C", "p", "p"), letter("Q", "p", "p")
    turn, basis = Rule("QᵀQ = 1", Q.H @ Q, I("p")), Rule("UᵀU = 1", U.H @ U, I("p"))
    A = U @ C @ Q.H
    vectors = (
        calc(A @ A.H @ U, turn, basis)
        .step(turn.name, U @ C @ C.H @ U.H @ U)
        .step(basis.name, U @ C @ C.H)
    )
    return Proof([vectors])


def _point(values: tuple[int, ...], mu: int, A: Any, B: Any = None) -> Decayed:
    """U = 1; a global minimum by construction."""
    one = rationals(np.eye(len(values), dtype=int))
    decoder = rationals(A)
    at = Auto(one, tuple(map(Fraction, values)), decoder.shape[1])
    encoder = decoder.T if B is None else rationals(B)
    decays = (Fraction(mu),) * at.width
    return Decayed(at, decays, decays, (), decoder, encoder)


_tilted: Array = rationals([["3/5", "4/5"], ["-4/5", "3/5"]]) / Fraction(2)

counterexamples = {
    "μ > 0": _point((2, 1), 0, [[1, 1], [0, 1]], [[1, -1], [0, 1]]),
    "μ < λ_p": _point((4, 1), 3, [["1/2", 0], [0, 0]]),
    "λ_1, …, λ_p are distinct": _point((4, 4), 3, _tilted),
    "λ_p > λ_{p+1}": _point((4, 4), 3, [["3/10"], ["4/10"]]),
}
