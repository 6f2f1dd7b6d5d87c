"""A deep belief net has the energy of its bottom RBM if its top is that RBM again, else it may not.

The net draws h from the upper machine, with hidden units g, and v from h by the lower one:

    P(v) = Σ_h P(v | h) P(h),    P(h) ∝ Σ_g exp(c·h + d·g + gᵀ C h),

where the lower machine alone has the prior P₀(h) ∝ Σ_v exp(b·h + a·v + vᵀ Bᵀ h). The visible
distributions are apart, in total variation, by ½ Σ_v |Σ_h P(v | h) (P(h) − P₀(h))|.

Hypotheses: the top is the transposed bottom, C = Bᵀ, d = a, c = b, in any order of its units and
with idle ones (C_k = 0) besides.

Equality: of the distributions on v. It is sufficient, not necessary: with B = 0 any top will do.
If no two laws of h give the same v (the matrix P(v | h) has full column rank), equality of the two
priors is necessary.

References: Hinton, Osindero and Teh 2006, Neural Computation 18 (wording not confirmed).

Post: F13 ("Sigmoid = same energy function as deep belief nets?": no. With one unit in each of three
layers, e^B = 2 and the other parameters 0, P(v = 1) is 7/12 for the net and 3/5 for the RBM).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rank, rationals
from proofs import energy
from proofs._instances import Case

uses: list[ModuleType] = [energy]


@dataclass(frozen=True, eq=False, repr=False)
class BeliefNet(Case):
    """Two layers, given by the exponentials of their parameters, so that weights are rational.

    Attributes
    ----------
    B : (p, n), b : (p,), a : (n,)
        Lower machine: weights, biases of h, biases of v.
    C : (q, p), d : (q,), c : (p,)
        Upper machine: weights, biases of g, biases of h.
    """

    B: Array
    b: Array
    a: Array
    C: Array
    d: Array
    c: Array


def bits(n: int) -> list[tuple[int, ...]]:
    return list(product((0, 1), repeat=n))


def power(base: Array, on: Array) -> Any:
    """The product of the entries of `base` where `on` is 1."""
    return prod((x for x, k in zip(base.flat, on.flat, strict=True) if k), start=Fraction(1))


def joint(W: Array, hidden: Array, visible: Array) -> Array:
    """Of a machine: the probabilities of its states, hidden by visible."""
    weights = np.array(
        [
            [
                power(W, np.outer(h, v)) * power(hidden, np.array(h)) * power(visible, np.array(v))
                for v in bits(len(visible))
            ]
            for h in bits(len(hidden))
        ],
        dtype=object,
    )
    return rationals(weights / weights.sum())


def machine(net: BeliefNet) -> Array:
    """The visible distribution of the lower machine alone."""
    return joint(net.B, net.b, net.a).sum(axis=0)


def prior(net: BeliefNet) -> Array:
    """P(h), of the upper machine."""
    return joint(net.C, net.d, net.c).sum(axis=0)


def likelihood(net: BeliefNet) -> Array:
    """P(v | h), v by h: the sigmoid units of the way down."""
    columns = []
    for h in bits(len(net.b)):
        odds = [a * power(w, np.array(h)) for a, w in zip(net.a, net.B.T, strict=True)]
        on = [u / (1 + u) for u in odds]
        columns.append(
            [prod(q if k else 1 - q for q, k in zip(on, v, strict=True)) for v in bits(len(on))]
        )
    return rationals(columns).T


def total_variation(P: Array, Q: Array) -> Any:
    return sum(map(abs, P - Q)) / 2


@st.composite
def hypotheses(draw: st.DrawFn) -> BeliefNet:
    """Up to three visible and two hidden units, and an idle one."""
    n, p = draw(st.sampled_from([(1, 1), (2, 1), (1, 2), (2, 2), (3, 2)]))
    B, b, a = (_odds(draw, *shape) for shape in ((p, n), (p,), (n,)))
    idle = draw(st.integers(0, 1))
    C = np.concatenate([B.T, rationals(np.ones((idle, p), dtype=int))])
    d = np.concatenate([a, _odds(draw, idle)])
    order = list(draw(st.permutations(range(n + idle))))
    return BeliefNet(B, b, a, C[order], d[order], b)


def _odds(draw: st.DrawFn, *shape: int) -> Array:
    size = prod(shape)
    values = draw(st.lists(energy.ODDS, min_size=size, max_size=size))
    return rationals(np.array(values, dtype=object).reshape(shape))


def conclusion(case: BeliefNet) -> None:
    """By all states of both machines."""
    P = likelihood(case)
    alone = joint(case.B, case.b, case.a).sum(axis=1)
    assert np.array_equal(P @ alone, machine(case))
    net = P @ prior(case)
    apart = total_variation(net, machine(case))
    assert not apart, f"the distributions on v are {apart} apart"
    assert rank(P) < P.shape[1] or np.array_equal(prior(case), alone)
    _other_tops(case, P, alone)


def _other_tops(case: BeliefNet, P: Array, alone: Array) -> None:
    """Another bias of h: seen in v exactly if it is in P(h), for full column rank."""
    other = BeliefNet(case.B, case.b, case.a, case.C, case.d, 2 * case.c)
    apart = total_variation(P @ prior(other), machine(other))
    assert not np.array_equal(prior(other), alone)
    assert rank(P) < P.shape[1] or apart > 0


def figure(ax: Any) -> None:
    """What an RBM draws alone, and below a top that tosses a fair coin for each hidden unit."""
    net = _net()
    rows = (
        (machine(net), "RBM alone", "#0072B2"),
        (likelihood(net) @ prior(net), "below a fair top", "#D55E00"),
    )
    for k, (law, name, color) in enumerate(rows):
        places = np.arange(4) + 0.38 * (k - 0.5)
        ax.bar(places, law.astype(float), width=0.36, color=color, label=name)
    ax.set_xticks(range(4), ["".join(map(str, v)) for v in bits(2)])
    ax.set(xlabel="visible units", ylabel="probability")
    ax.legend(frameon=False)


def _net(**changes: Any) -> BeliefNet:
    """e^B = [4 1; 1 9], other parameters 0, and a top that is idle."""
    one, two = rationals([1, 1]), rationals([[1, 1], [1, 1]])
    given = {"B": rationals([[4, 1], [1, 9]]), "b": one, "a": one, "C": two, "d": one, "c": one}
    return BeliefNet(**given | changes)


counterexamples = {
    "C = Bᵀ": _net(),
    "d = a": _net(C=rationals([[4, 1], [1, 9]]), a=rationals([2, 1])),
    "c = b": _net(C=rationals([[4, 1], [1, 9]]), b=rationals([2, 1])),
}
