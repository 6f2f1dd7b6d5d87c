"""Sparse codes are certified by a duality gap, and FISTA closes it as 1/k², ISTA as 1/k.

Let F(h) = ‖x − A h‖² + α ‖h‖₁, with any dictionary A, and c = 2 Aᵀ(x − A h*).

1. h* is best iff |cⱼ| <= α for all j, and cⱼ = α sign h*ⱼ where h*ⱼ ≠ 0. Then for all h

       F(h) − F(h*) = ‖A (h − h*)‖² + Σ (α |hⱼ| − cⱼ hⱼ).

2. With e = x − A h and ν = e min(1, α / 2 max |aⱼᵀe|) no code has less than ‖x‖² − ‖x − ν‖². So
   much less than F(h) it is at most, the gap, which is 0 iff h is best.

3. Let ℓ >= 2 ‖A‖² in the spectral norm. After k steps from h₀, for every best code h*,

       ISTA:   F(h_k) − F(h*) <= ℓ ‖h₀ − h*‖² / 2k,      and F falls in each step;
       FISTA:  F(h_k) − F(h*) <= 2 ℓ ‖h₀ − h*‖² / (k + 1)².

Hypotheses: α > 0; ℓ >= 2 ‖A‖²; real x and A, of any size and rank.

Equality: in 1, and of the gap at a best code.

Bound: upper ones in 2 and 3, here with momentum (k − 1)/(k + 2), for which the proof of Beck and
Teboulle stands as it is: t = (k + 1)/2 has t² − t <= t² of the step before.

References: Beck and Teboulle 2009, SIAM Journal on Imaging Sciences 2 (wording not confirmed).

Post: F10 (sparse: with a given decoder the best code is not an encoder in closed form, but any code
shows how far it is from the best one).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rationals
from linae.sparse import duality_gap, fista, ista
from proofs._auto import squares
from proofs._cases import matrices
from proofs._coding import Coding, best_code
from proofs.soft_threshold import WEIGHTS

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Started(Coding):
    """h is where iterations begin; a given ℓ, or the one that A has."""

    steps: int = 4
    lipschitz: Any = None


@st.composite
def hypotheses(draw: st.DrawFn) -> Started:
    """Dictionaries of any rank, some with equal columns or with none but 0."""
    n, p = draw(st.sampled_from([(1, 1), (2, 1), (1, 2), (2, 2), (2, 2), (3, 2), (2, 3)]))
    A, x = draw(matrices(n, p)), draw(matrices(n, 1))[:, 0]
    return Started(A, x * draw(st.integers(1, 3)), draw(WEIGHTS), draw(matrices(p, 1))[:, 0])


def conclusion(case: Started) -> None:
    """Against the best code of all supports and signs; iterations in rational numbers."""
    best = best_code(case)
    least = case.loss(best)
    for h in (case.h, best):
        excess = case.loss(h) - least
        assert is_stationary(case, h) == (excess == 0), f"{h} is {excess} off"
        gap = duality_gap(case.A, case.x, h, case.alpha)
        assert excess <= gap, f"the gap {gap} is less than {excess}"
        assert bool(gap) == bool(excess)
    c = 2 * case.A.T @ (case.x - case.A @ best)
    pulls = sum(case.alpha * abs(a) - b * a for a, b in zip(case.h, c, strict=True))
    assert case.loss(case.h) - least == squares(case.A @ (case.h - best)) + pulls
    _converges(case, best)


def is_stationary(case: Coding, h: Array) -> bool:
    """The condition in 1."""
    c = 2 * case.A.T @ (case.x - case.A @ h)
    return all(
        abs(b) <= case.alpha and b * a == case.alpha * abs(a) for a, b in zip(h, c, strict=True)
    )


def _converges(case: Started, best: Array) -> None:
    """Step by step; without a given ℓ it is the trace of 2 AᵀA, or what `curvature` takes."""
    least, away = case.loss(best), squares(case.h - best)
    for given in (case.lipschitz,) if case.lipschitz else (None, 2 * squares(case.A)):
        rows = abs(2 * case.A.T @ case.A).sum(axis=0).max()
        options = {"iterations": case.steps, "start": case.h, "lipschitz": given}
        slow = ista(case.A, case.x, case.alpha, **options)
        fast = fista(case.A, case.x, case.alpha, **options)
        for k in range(1, case.steps + 1):
            reach = (given or rows) * away
            assert slow.objectives[k] - least <= reach / (2 * k), f"ISTA is late, k = {k}"
            assert fast.objectives[k] - least <= 2 * reach / (k + 1) ** 2, f"FISTA is, k = {k}"
            assert slow.objectives[k] <= slow.objectives[k - 1], "ISTA climbs"
        for end in (slow, fast):
            assert case.loss(end.codes) == end.objective >= least


def figure(ax: Any) -> None:
    """ISTA and FISTA, and what is promised of them (dashed): 12 close columns in 8 dimensions."""
    from linae.plot.style import BLUE, VERMILION

    A, x = example()
    best = fista(A, x, 0.1, iterations=20000)
    k, reach = np.arange(1, 1001), 2 * np.linalg.norm(A, 2) ** 2 * squares(best.codes)
    for name, run, bound, color in (
        ("ISTA", ista, reach / (2 * k), VERMILION),
        ("FISTA", fista, 2 * reach / (k + 1) ** 2, BLUE),
    ):
        excess = run(A, x, 0.1, iterations=len(k)).objectives[1:] - best.objective
        seen = excess > 1e-12
        ax.loglog(k[seen], excess[seen], color=color, label=name)
        ax.loglog(k, bound, "--", color=color, lw=1.2, label=f"bound of {name}")
    ax.set(xlabel="iterations k", ylabel="F(h) − least", ylim=(1e-8, 1e3), xlim=(1, 1000))
    ax.legend(loc="lower left")


def example() -> tuple[Array, Array]:
    """Bumps, of norm 1, and a sample that is none of them."""
    place, centre = np.arange(8)[:, None], np.linspace(0, 7, 12)
    A = np.exp(-((place - centre) ** 2) / 4)
    return A / np.linalg.norm(A, axis=0), np.array([0.0, 1, 3, 2, 1, 2, 1, 0])


_one, _none = rationals([[1]]), rationals([0])

counterexamples = {
    "α > 0": Started(_one, _one[0], Fraction(-1), _none),
    "ℓ >= 2 ‖A‖²": Started(_one, _one[0], Fraction(1), _none + 3, lipschitz=Fraction(1, 2)),
}
