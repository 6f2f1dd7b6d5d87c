"""With even decay the real critical points are odd in number, if they are finitely many.

Flip the sign of a hidden unit, its column of A and its row of B: A B stays, and so does any decay
that is even in the weights. The flips permute the critical points in orbits of even size, except
that the origin is alone.

Hypotheses: finitely many critical points; even decay.

Equality: for n = m = 1 and decays μᵢ > 0 of aᵢ and λᵢ > 0 of bᵢ, with different λᵢμᵢ, the number is
exactly 1 + 2 count(|xy| > √(λᵢμᵢ)).

References: Bharadwaj 2022, Master's thesis, San Francisco State University, Table 3.1, page 48,
prints 4 as the largest number seen for p = 2, n = m = 1 (row 10); possible are 1, 3 and 5 only.

Post: none by itself; it shows how a table of samples errs where a theorem does not.
"""

from __future__ import annotations

from types import ModuleType

import sympy as sp
from hypothesis import strategies as st

from linae.exact import rationals
from proofs import gradient
from proofs._calc import I, Proof, Rule, calc, letter
from proofs.regularised_counts import TABLE, Network, networks

uses: list[ModuleType] = [gradient]

SMALL = [row for row in TABLE if row.complex <= 9]


def hypotheses() -> st.SearchStrategy[Network]:
    """Networks with at most nine complex critical points."""
    return networks(SMALL)


def conclusion(case: Network) -> None:
    """Hermite's signature of the system "gradient = 0" counts the real solutions."""
    assert case.solutions.are_finite, "infinitely many critical points"
    real = case.solutions.real
    assert real % 2, f"{real} real critical points"
    if case.row[1:3] == (1, 1):
        x, y = case.X.item(), case.Y.item()
        products = (case.decoder_decay[0] * case.encoder_decay[:, 0]).tolist()
        expected = 1 + 2 * sum(decay < (x * y) ** 2 for decay in products)
        assert real == expected, f"{real} real critical points, expected {expected}"


def proof() -> Proof:
    """Parity, for all sizes; then the exact number for n = m = 1.

    Flips D = diag(±1) keep the map A B. They keep even decay too, entry by entry, hence the set of
    critical points. A unit is active if its column of A or its row of B is not 0: a point with
    k > 0 active units has an orbit of 2ᵏ points, and the only one without is A = B = 0.

    n = m = 1, e = A B x² − xy: unit i obeys e a + λ b = 0 = e b + μ a, so (e² − λμ) a = 0 and, as
    the λμ differ, at most one unit is active, with e = ±√(λμ). Then a = −e b/μ and a b x² = e + xy,
    that is b² = −e (e + xy)/(λ x²), which indeed solves both; it has two real roots ±b iff
    e (e + xy) < 0, that is iff e has the sign of −xy and |e| < |xy|.
    """
    e, x, xy, decay, mu = sp.symbols("e x xy lambda mu", nonzero=True)
    a, b = sp.symbols("a b")
    first, second = e * a + decay * b, e * b + mu * a
    assert sp.expand(e * first - decay * second - (e**2 - decay * mu) * a) == 0
    solution = {a: -e * b / mu}
    assert sp.expand(second.subs(solution)) == 0
    assert sp.simplify(first.subs(solution).subs(mu, e**2 / decay)) == 0
    square = -e * (e + xy) / (decay * x**2)
    error = (a * b * x**2 - xy - e).subs(solution).subs(b**2, square)
    assert sp.simplify(error.subs(mu, e**2 / decay)) == 0

    A, B, D = letter("A", "n", "p"), letter("B", "p", "m"), letter("D", "p", "p")
    flip = Rule("D D = I", D @ D, I("p"))
    return Proof([calc(A @ D @ D @ B, flip).step(flip.name, A @ B)])


_one = rationals([[1]])
counterexamples = {
    "finitely many critical points": Network(
        SMALL[6], _one, 3 * _one, rationals([[1, 1]]), rationals([[1], [1]])
    ),
    "even decay, as (a + 2)² is not": Network(SMALL[0], _one, 4 * _one, _one, _one, center=-2),
}
