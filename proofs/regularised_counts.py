"""With generic decay and one sample there are Σ_r C(p, r) C(n, r) 4ʳ complex critical points.

The loss is ‖y − A B x‖² + Σ Λ_ij B_ij² + Σ M_ij A_ij², with a decay of its own for every weight.
The term of r counts the points with r active hidden units; C(n, p) 4ᵖ of the points have no zero
weight; the bound by mixed volumes (BKK) is (Σ_r C(m, r) C(n, r) 4ʳ)ᵖ.

Hypotheses: generic decay; one sample.

Equality: with all 26 rows of the published table. Independently, by Gröbner bases over ℚ for
random data, in the 15 rows of at most 13 solutions. That the closed forms hold beyond the table is
not proved.

References: Bharadwaj 2022, Critical Points of Deep Linear Networks in Cᴺ, Master's thesis, San
Francisco State University, Table 3.1, page 48, for the numbers. The closed forms are not in it.

Post: none by itself (without decay no critical point but the origin is isolated: `scaling_curves`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import comb, prod
from types import ModuleType
from typing import NamedTuple

from hypothesis import strategies as st

from linae.exact import Array, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient
from proofs._instances import Case
from proofs._solutions import Solutions
from proofs._symbols import symbols

uses: list[ModuleType] = [gradient]


class Row(NamedTuple):
    """Width, numbers of inputs and outputs; the BKK bound, the number of complex critical points,
    of those without a zero weight, and the most real ones seen in 100 draws."""

    p: int
    m: int
    n: int
    bkk: int
    complex: int
    nonzero: int
    most_real: int


TABLE = [
    Row(*map(int, line.split()))
    for line in """\
        1 1 1      5   5  4  3
        1 2 1      9   5  4  3
        1 3 1     13   5  4  3
        1 1 2      9   9  8  3
        1 2 2     33   9  8  3
        1 3 2     73   9  8  3
        1 1 3     13  13 12  3
        1 2 3     73  13 12  3
        1 3 3    245  13 12  3
        2 1 1     25   9  0  4
        2 2 1     81   9  0  5
        2 3 1    169   9  0  5
        2 1 2     81  33 16  9
        2 2 2   1089  33 16  9
        2 3 2   5329  33 16  9
        2 1 3    169  73 48  9
        2 2 3   5329  73 48  9
        2 3 3  60025  73 48  9
        3 1 1    125  13  0  7
        3 2 1    729  13  0  7
        3 3 1   2197  13  0  7
        3 1 2    729  73  0 19
        3 2 2  35937  73  0 19
        3 3 2 389017  73  0 19
        3 1 3   2197 245 64 27
        3 2 3 389017 245 64 27
    """.splitlines()
    if line.strip()
]
"""Bharadwaj 2022, Table 3.1, page 48; `sign_flips` refutes the 4."""


@dataclass(frozen=True, eq=False, repr=False)
class Network(Case):
    """A row of the table, samples as columns of X and Y, decays of A and of B, and the weight to
    which they draw."""

    row: Row
    X: Array
    Y: Array
    decoder_decay: Array
    encoder_decay: Array
    center: int = 0

    @cached_property
    def solutions(self) -> Solutions:
        """Of "gradient = 0", with the gradient that ships."""
        X, Y = self.X, self.Y
        moments = Moments(*(rationals(P @ Q.T) for P, Q in ((X, X), (Y, X), (Y, Y))))
        A, B = symbols("a", *self.decoder_decay.shape), symbols("b", *self.encoder_decay.shape)
        slopes = SquaredLoss(moments, self.row.p).gradient(A, B)
        by_A = slopes[0] / 2 + self.decoder_decay * (A - self.center)
        by_B = slopes[1] / 2 + self.encoder_decay * (B - self.center)
        return Solutions([*by_A.flat, *by_B.flat], [*A.flat, *B.flat])


PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61]


def hypotheses() -> st.SearchStrategy[Network]:
    """Any row of the table."""
    return networks(TABLE)


@st.composite
def networks(draw: st.DrawFn, rows: list[Row]) -> Network:
    """One of these rows, small entries, different primes as decays."""
    row = draw(st.sampled_from(rows))
    entries = st.sampled_from([1, 2, 3, -1, -2])
    X, Y = ([[draw(entries)] for _ in range(size)] for size in (row.m, row.n))
    decays = rationals(draw(st.permutations(PRIMES))[: row.p * (row.n + row.m)])
    cut = row.n * row.p
    A, B = decays[:cut].reshape(row.n, row.p), decays[cut:].reshape(row.p, row.m)
    return Network(row, rationals(X), rationals(Y), A, B)


def conclusion(case: Network) -> None:
    """Closed forms against the table, and the table against quotient rings."""
    row, (p, m, n) = case.row, case.row[:3]
    assert row.complex == _stars(p, n)
    assert row.nonzero == comb(n, p) * 4**p
    assert row.bkk == _stars(m, n) ** p
    if row.complex > 13:
        return
    assert case.solutions.are_finite, "infinitely many critical points"
    found = case.solutions.degree
    assert found == row.complex, f"found {found}, printed {row.complex}"
    found = case.solutions.distinct(prod(case.solutions.variables))
    assert found == row.nonzero, f"found {found} without zeros, printed {row.nonzero}"


def _stars(a: int, b: int) -> int:
    """Σ_r C(a, r) C(b, r) 4ʳ."""
    return sum(comb(a, r) * comb(b, r) * 4**r for r in range(min(a, b) + 1))


def _network(row: int, X: list[list[int]], Y: list[list[int]], decays: list[int]) -> Network:
    p, m, n = TABLE[row - 1][:3]
    A, B = rationals(decays[: n * p]), rationals(decays[n * p :])
    return Network(TABLE[row - 1], rationals(X), rationals(Y), A.reshape(n, p), B.reshape(p, m))


counterexamples = {
    "generic decay, not equal": _network(10, [[1]], [[3]], [1, 1, 1, 1]),
    "generic decay, not none": _network(1, [[1]], [[3]], [0, 0]),
    "one sample": _network(5, [[1, 0], [0, 1]], [[1, 2], [3, 5]], [2, 3, 5, 7]),
}
