"""Principal components of N samples lose Σ λᵢλⱼ/(λᵢ − λⱼ) / N more on new data, i ≤ p < j.

Let Ŝ = S + εE + … with S = diag(λ), and P and P̂ project on the p leading components of S and Ŝ.
Then, whatever E and the terms of higher order,

    tr (1 − P̂) S − tr (1 − P) S  =  ε² Σ Eᵢⱼ²/(λᵢ − λⱼ) + O(ε³),    i ≤ p < j,
    tr (1 − P̂) Ŝ − tr (1 − P) Ŝ  =  the same, negative.

For the second moment Ŝ of N samples, E Ŝᵢⱼ² = λᵢλⱼ/N, and E tr (1 − P) Ŝ is the least loss: on new
data the components lose more than that, and on the samples less, by as much. If the mean x̄ is
estimated too, the first term is divided by N − 1 instead, and 1/N of the least loss is added.

Hypotheses: λ_p > λ_{p+1}; samples are independent, and so are the components of x, as of Gaussian
data, with mean 0 and known. Of independence only E xᵢ²xⱼ² = λᵢλⱼ, E xᵢxⱼ = 0 is used.

Why: with P̂ = P + εP₁ + ε²P₂ + …, P̂Ŝ = ŜP̂ gives Eᵢⱼ/(λᵢ − λⱼ) as entries of P₁, and P̂² = P̂ their
squares, summed, as diagonal entries of P₂: negative for i ≤ p, positive for j > p.

Equality: of the coefficients of ε², and of the mean of Ŝᵢⱼ². Floating: of losses at N = 50 … 800,
by simulation in the tests. `linae.generalisation.excess`.

References: perturbation theory of projections (Kato); Anderson 1963 for principal components.

Post: F16 ("Reconstructing unseen data": many samples).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rationals
from linae.generalisation import excess
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Perturbed(Case):
    """Ŝ = Q diag(λ + εd) Qᵀ with Q = (1 − εK)(1 + εK)⁻¹, and a law of x.

    Attributes
    ----------
    values : λ₁ ≥ … ≥ λₙ > 0
    d : (n,)
    K : (n, n)
        Skew.
    width : int
    law : (2, M)
        Outcomes of two components, all of one probability.
    samples : int
        N.
    """

    values: tuple[Fraction, ...]
    d: Array
    K: Array
    width: int
    law: Array
    samples: int

    def series(self, M: Array, N: Array) -> tuple[Array, Array, Array]:
        """Of Q (M + εN) Qᵀ, up to ε²: Q = 1 − 2εK + 2ε²K² − …, and the same of −K is Qᵀ."""
        K, second = 2 * self.K, 2 * self.K @ self.K
        first = N - K @ M + M @ K
        return M, first, second @ M + M @ second - K @ M @ K - K @ N + N @ K


@st.composite
def hypotheses(draw: st.DrawFn) -> Perturbed:
    """Ties on either side of the gap; symmetric laws of two or three values in each component."""
    n = draw(st.integers(2, 4))
    p = draw(st.integers(1, n - 1))
    falling = sorted(draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)), reverse=True)
    values = tuple(Fraction(x + 2 * (i < p)) for i, x in enumerate(falling))
    T = np.tril(draw(matrices(n, n)), -1)
    one, other = (draw(st.sampled_from([(1, 1), (2, 1), (3, 1)])) for _ in range(2))
    law = rationals([*product(component(*one), component(*other))]).T
    K, d, samples = rationals(T - T.T), draw(matrices(1, n))[0], draw(st.integers(1, 2))
    return Perturbed(values, d, K, p, law, samples)


def component(a: int, b: int) -> list[int]:
    """Outcomes a and −b of mean 0 and variance a b."""
    return [a] * b + [-b] * a


def conclusion(case: Perturbed) -> None:
    """Of a curve that is made from its projections; the formula is about its moments."""
    p, n = case.width, len(case.values)
    S = np.diag(rationals(case.values))
    P = np.diag(rationals([int(i < p) for i in range(n)]))
    _, E, _ = case.series(S, np.diag(case.d))
    _, P1, P2 = case.series(P, 0 * P)
    pairs = [(i, j) for i in range(p) for j in range(p, n)]
    gaps = {(i, j): case.values[i] - case.values[j] for i, j in pairs}
    claimed = sum(E[pair] ** 2 / gaps[pair] for pair in pairs)
    unseen, seen = -(P2 @ S).trace(), -(P2 @ S + P1 @ E).trace()
    assert not (P1 @ S).trace(), "a loss of first order"
    assert unseen == claimed, f"claimed {claimed}, found {unseen}"
    assert seen == -claimed, f"claimed {-claimed}, found {seen}"
    assert unseen >= 0, "better than the principal components"
    expected = sum(case.values[i] * case.values[j] / gaps[i, j] for i, j in pairs) / case.samples
    assert excess(case.values, p, case.samples) == expected
    _scatters(case)


def _scatters(case: Perturbed) -> None:
    """The mean of Ŝ₁₂² over all ways to draw the samples."""
    x, y = case.law
    draws = list(product(x * y, repeat=case.samples))
    found = sum((sum(draw) / case.samples) ** 2 for draw in draws) / len(draws)
    variances = [(z * z).sum() / len(z) for z in (x, y)]
    claimed = variances[0] * variances[1] / case.samples
    assert found == claimed, f"claimed {claimed}, found {found}"


def figure(ax: Any) -> None:
    """Two components of N samples, λ = 4, 2.5, 1.2, 0.5, 0.2: simulated, and lines by theory."""
    from linae.plot.style import BLUE, GREY, VERMILION

    values, p, rng = np.array([4, 2.5, 1.2, 0.5, 0.2]), 2, np.random.default_rng(1)
    counts = np.array([25, 50, 100, 200, 400, 800])
    means = []
    for N in counts:
        X = rng.standard_normal((400, N, 5)) * np.sqrt(values)
        found, V = np.linalg.eigh(X.mT @ X / N)
        new = values.sum() - (values[:, None] * V[:, :, -p:] ** 2).sum(axis=(1, 2))
        means.append([new.mean(), found[:, :-p].sum(axis=1).mean()])
    unseen, seen = np.array(means).T
    N, least = np.geomspace(20, 1000, 200), values[p:].sum()
    more = np.array([excess(values, p, x) for x in N])
    ax.axhline(least, color=GREY, ls="--", lw=1.2)
    for sign, dots, color in ((1, unseen, VERMILION), (-1, seen, BLUE)):
        ax.plot(N, least + sign * more, color=color)
        ax.plot(counts, dots, "o", color=color)
    ax.text(60, least + 0.16, "on new data", color=VERMILION)
    ax.text(60, least - 0.16, "on the samples", color=BLUE, va="top")
    ax.text(1040, least, "the least\nloss", va="center")
    ax.set(xscale="log", xlim=(20, 1000), xlabel="samples N", ylabel="loss")
    ax.set_xticks(counts, [str(x) for x in counts])
    ax.minorticks_off()


_K, _zero = rationals([[0, 1], [-1, 0]]), rationals([0, 0])
_law = rationals([*product((1, -1), repeat=2)]).T

counterexamples = {
    "λ_p > λ_{p+1}": Perturbed((Fraction(1), Fraction(2)), _zero, _K, 1, _law, 1),
    "independent, and so are the components": Perturbed(
        (Fraction(2), Fraction(1)), _zero, _K, 1, rationals([[1, 1, -2], [1, 1, -2]]), 1
    ),
}
