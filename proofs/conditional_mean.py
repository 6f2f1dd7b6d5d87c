"""The best decoder of a fixed encoder is the conditional mean, which may be the mean of all.

For any encoder E, any decoder D and m(z) = E[x | z], the mean of all x with the code z,

    E‖x − D(E(x))‖²  =  E tr Cov(x | E(x))  +  E‖D(E(x)) − m(E(x))‖².

So D = m is best, and the output of the best decoder is the mean for all x iff m(z) is the same for
all z: the code may then tell much of x, and nothing of its mean. So it is for E(x) = |x|, entry by
entry, if the law is symmetric in each sign, though |x| is all of x but n bits. For absolute errors
E‖x − D(E(x))‖₁ the best are the conditional medians, entry by entry.

Hypotheses: squared errors, or absolute ones and then the medians. Any encoder, linear or not, and
any law: finite ones here, as those of all data sets are.

Equality: of the losses; D is best iff it is m at all codes of positive probability.

References: elementary; the conditional expectation is a projection.

Post: F14 ("Mean output": an encoder whose code tells nothing of the mean of x).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rationals
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Coded(Case):
    """A finite law, the code of each outcome, and the outputs of a decoder.

    Attributes
    ----------
    X : (n, N)
        Outcomes as columns.
    chances : (N,)
    codes : N integers
    decoder : (n, number of codes)
    others : (n, number of codes)
        Of a decoder that is said to be best.
    absolute : bool
        Whether errors count as they are, or by their squares.
    """

    X: Array
    chances: Array
    codes: tuple[int, ...]
    decoder: Array
    others: Array
    absolute: bool

    def loss(self, decoder: Array) -> Any:
        """E‖x − D(E(x))‖², or E‖x − D(E(x))‖₁: the definition."""
        E = self.X - decoder[:, list(self.codes)]
        return ((abs(E) if self.absolute else E * E) @ self.chances).sum()

    @cached_property
    def mean(self) -> Array:
        return self.X @ self.chances


def means(X: Array, chances: Array, codes: tuple[int, ...], count: int) -> Array:
    """E[x | z] of every code, 0 for one of no chance."""
    found = rationals(np.zeros((len(X), count), dtype=int))
    for z in range(count):
        here = chances * (np.array(codes) == z)
        found[:, z] = X @ here / (here.sum() or 1)
    return found


def medians(X: Array, chances: Array, codes: tuple[int, ...], count: int) -> Array:
    """A median given every code, entry by entry: the least value with half of the chance below."""
    found = rationals(np.zeros((len(X), count), dtype=int))
    for i, z in product(range(len(X)), range(count)):
        here = sorted((x, p) for x, p, c in zip(X[i], chances, codes, strict=True) if c == z and p)
        below = Fraction(0)
        for x, p in here:
            below += p
            if 2 * below >= sum(q for _, q in here):
                found[i, z] = x
                break
    return found


@st.composite
def hypotheses(draw: st.DrawFn) -> Coded:
    """Any law and code, or a law with random signs and E = |x|."""
    n, count, absolute = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.booleans())
    X = draw(matrices(n, draw(st.integers(1, 7))))
    codes = [draw(st.integers(0, count - 1)) for _ in X.T]
    chances = [Fraction(draw(st.integers(1, 3))) for _ in codes]
    if draw(st.booleans()):
        X, chances, codes = symmetric(X, chances)
        count = max(codes) + 1
    weights = rationals(chances) / sum(chances)
    best = (medians if absolute else means)(X, weights, tuple(codes), count)
    return Coded(X, weights, tuple(codes), draw(matrices(n, count)), best, absolute)


def symmetric(X: Array, chances: Any) -> tuple[Array, Any, Any]:
    """Every column with every sign of its entries, and |x| as the code."""
    signs = [rationals(s)[:, None] for s in product((1, -1), repeat=len(X))]
    turned = np.concatenate([X * s for s in signs], axis=1)
    sizes = [tuple(x) for x in abs(turned).T]
    numbers = {size: z for z, size in enumerate(dict.fromkeys(sizes))}
    return turned, list(chances) * len(signs), [numbers[size] for size in sizes]


def conclusion(case: Coded) -> None:
    """By values of the loss at any decoder, at that which is best, and at all others nearby."""
    best, least = case.others, case.loss(case.others)
    assert case.loss(case.decoder) >= least, "a better decoder"
    reached = sorted({z for z, p in zip(case.codes, case.chances, strict=True) if p})
    if case.absolute:
        assert all(case.loss(other) >= least for other in _elsewhere(case)), "a better output"
        return
    gap = (case.decoder - best)[:, list(case.codes)]
    assert case.loss(case.decoder) == least + (gap * gap @ case.chances).sum()
    inside = [_scatter(case, z) for z in reached]
    assert least == sum(inside), f"{least}, but the conditional variances are {sum(inside)}"
    total = _scatter(case, *reached)
    same = bool((case.mean == best[:, reached].T).all())
    assert (least == total) == same, "as good as the mean output, and not the mean output"
    if _tells_sizes(case):
        assert same, "an output of |x| that is not the mean"


def _elsewhere(case: Coded) -> Iterator[Array]:
    """The best decoder with one of its outputs at any outcome that has the code."""
    for z, i in product(set(case.codes), range(len(case.X))):
        for x in {*case.X[i, np.equal(case.codes, z)]}:
            moved = case.others.copy()
            moved[i, z] = x
            yield moved


def _scatter(case: Coded, *codes: int) -> Any:
    """P(z) tr Cov(x | z), over pairs of outcomes, without any mean."""
    here = np.flatnonzero(np.isin(case.codes, codes))
    X, p = case.X[:, here], case.chances[here]
    apart = X[:, :, None] - X[:, None, :]
    return ((apart * apart).sum(axis=0) @ p @ p) / (2 * p.sum())


def _tells_sizes(case: Coded) -> bool:
    """Whether the code is |x| and the law symmetric in every sign."""
    law: dict[tuple[Any, ...], Any] = {}
    sizes: dict[int, set[tuple[Any, ...]]] = {}
    for x, p, z in zip(case.X.T, case.chances, case.codes, strict=True):
        law[tuple(x)] = law.get(tuple(x), 0) + p
        sizes.setdefault(z, set()).add(tuple(abs(x)))
    flips = (
        law.get((*x[:i], -x[i], *x[i + 1 :])) == p for x, p in law.items() for i in range(len(x))
    )
    return all(len(size) == 1 for size in sizes.values()) and all(flips)


def figure(ax: Any) -> None:
    """The best decoders of three codes of a normal x; for |x| all that is left is the mean."""
    from scipy.stats import norm

    from linae.plot.style import BLUE, GREEN, GREY, VERMILION

    x = np.linspace(-3, 3, 601)
    ax.fill_between(x, norm.pdf(x) * 2 - 3, -3, color=GREY, alpha=0.25, lw=0, label="density of x")
    half = norm.pdf(0) / norm.cdf(0)
    outputs = [
        (np.where(x > 0, x, -half), BLUE, "code max(x, 0)", (0.6, 2.2)),
        (half * np.sign(x), GREEN, "code sign x", (1.7, 0.97)),
        (0 * x, VERMILION, "code |x|", (1.7, 0.17)),
    ]
    for y, color, name, place in outputs:
        ax.plot(x, y, color=color, label=name)
        ax.text(*place, name, color=color)
    ax.set(xlim=(-3, 3), ylim=(-3, 3), xlabel="input x", ylabel="output of the best decoder")


_X, _even = rationals([[0, 0, 3]]), rationals(["1/3", "1/3", "1/3"])
_zero, _one = rationals([[0]]), rationals([[1]])

counterexamples = {
    "squared errors": Coded(_X, _even, (0, 0, 0), _zero, _one, True),
    "absolute ones and then the medians": Coded(_X, _even, (0, 0, 0), _one, _zero, False),
}
