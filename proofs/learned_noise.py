"""A linear variational autoencoder that learns σ² has one best σ², or the ELBO is unbounded.

Let f(σ²) be the greatest β-ELBO over A, B and d. As a function of log σ² it is concave, with

    f′ = −½ (n − Σ_{i<=p} min(β, λ_i/σ²) − Σ_{i>p} λ_i/σ²),

so it has one maximum, or is flat or increasing as σ² → 0. With ρ = rank S the three cases are:

    p < ρ or n < βρ      one best σ² = R_r/(n − r β), where R_r = Σ_{i>r} λ_i and r latents are on:
                         the only r <= p with n > r β, λ_r > βσ², and r = p or βσ² >= λ_{r+1};
    p >= ρ and n = βρ    every σ² <= λ_ρ/β is best;
    p >= ρ and n > βρ    the ELBO grows without bound as σ² → 0.

At a best σ² the mean error E‖x − A z‖² is n σ². For β = 1 and λ_p > σ² it is the mean of the n − p
discarded λ.

Hypotheses: real auto-association, Y = X, of S ≠ 0; β > 0 fixed; the same σ² in all directions.

Equality: of all of these. That there is just one r need not be asked of the ELBO.

References: Tipping and Bishop 1999, JRSS B 61, for β = 1; Lucas, Tucker, Grosse and Norouzi 2019,
arXiv:1911.02469.

Post: none by itself; with β = 1 a learned σ² leaves latents on whose λ is above the mean of the
rest, and at p >= n there is nothing to learn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.landscapes.learned_noise import learned_noise
from linae.landscapes.variational import Variational
from linae.moments import Moments
from proofs import posterior_collapse
from proofs._instances import Case

uses: list[ModuleType] = [posterior_collapse]

BETAS = [Fraction(1), Fraction(1), Fraction(1, 2), Fraction(2), Fraction(3, 2), Fraction(4, 3)]


@dataclass(frozen=True, eq=False, repr=False)
class Learned(Case):
    """A spectrum, a width, β, and some values of σ² beside the best one."""

    values: tuple[Fraction, ...]
    width: int
    beta: Fraction
    others: tuple[Fraction, ...]
    given: Fraction | None = None

    @property
    def noise(self) -> Fraction:
        """σ², claimed to be best."""
        if self.given is not None:
            return self.given
        return Fraction(learned_noise(self.values, self.width, self.beta))

    @property
    def rank(self) -> int:
        return sum(x > 0 for x in self.values)

    def best(self, noise: Fraction) -> tuple[float, float]:
        """The greatest ELBO for this σ², and the slope of −2 times it in log σ², n − E‖x − A z‖²/σ²
        as A, B and d are at their best."""
        S = np.diag(np.array(self.values, dtype=float))
        landscape = Variational(Moments.auto(S), self.width, noise, self.beta)
        A, B, d = next(landscape.critical_classes()).weights()
        error = landscape.plain.loss(A, B) + (d * (A * A)).sum()
        return float(landscape.elbo(A, B, d)), len(S) - error / float(noise)


@st.composite
def hypotheses(draw: st.DrawFn) -> Learned:
    """Ties, zeros, any width."""
    n = draw(st.integers(1, 4))
    values = sorted(draw(st.lists(st.integers(0, 5), min_size=n, max_size=n)), reverse=True)
    values[0] = max(values[0], 1)
    others = draw(st.lists(st.integers(1, 40), min_size=3, max_size=3, unique=True))
    return Learned(
        tuple(map(Fraction, values)),
        draw(st.integers(1, 4)),
        draw(st.sampled_from(BETAS)),
        tuple(Fraction(x, 8) for x in sorted(others)),
    )


def conclusion(case: Learned) -> None:
    """By the ELBO at the weights that are best for each σ²."""
    n, slopes = len(case.values), [case.best(x)[1] for x in case.others]
    assert all(low <= high + 1e-9 for low, high in pairwise(slopes)), "not concave"
    for x, slope in zip(case.others, slopes, strict=True):
        assert math.isclose(slope, _claimed(case, x), abs_tol=1e-9)
    noise, full = case.noise, case.width >= case.rank
    assert (noise == 0) == (full and n > case.beta * case.rank), "bounded, or not"
    if noise == 0:
        assert all(slope > 0 for slope in slopes)
        return
    greatest, slope = case.best(noise)
    assert abs(slope) < 1e-9, "not stationary"
    _only_one(case)
    flat = full and n == case.beta * case.rank
    for other in (*case.others, noise * Fraction(9, 10), noise * Fraction(10, 9)):
        deficit = greatest - case.best(other)[0]
        assert deficit > -1e-10, "another σ² is better"
        assert (deficit < 1e-10) == (other == noise or (flat and other < noise)), "not just one"


def _claimed(case: Learned, noise: Fraction) -> float:
    shares = [x / noise for x in case.values]
    kept = sum(min(case.beta, x) for x in shares[: case.width])
    return float(len(shares) - kept - sum(shares[case.width :]))


def _only_one(case: Learned) -> None:
    """r is found by its conditions alone, unless σ² is flat."""
    values, n, beta, p = case.values, len(case.values), case.beta, case.width
    fits = []
    for r in range(min(p, n) + 1):
        if n > r * beta and sum(values[r:]):
            noise = sum(values[r:]) / (n - r * beta)
            outer, inner = r == 0 or values[r - 1] > beta * noise, [*values, Fraction(0)][r]
            if outer and (r == p or beta * noise >= inner):
                fits.append(noise)
    assert fits == [case.noise]


def figure(ax: Any) -> None:
    """The greatest ELBO for each σ², λ = 4, 2, 1, 0.4: a maximum (dots), flat or unbounded."""
    from linae.plot.style import BLUE, GREEN, ORANGE

    values = np.array([4, 2, 1, 0.4])
    grid = np.geomspace(0.05, 4, 120)
    cases = [(2, 1.0, BLUE), (4, 1.0, GREEN), (4, 0.7, ORANGE)]
    moments = Moments.auto(np.diag(values))
    for width, beta, color in cases:
        bounds = []
        for noise in (*grid, learned_noise(values, width, beta)):
            landscape = Variational(moments, width, noise or grid[0], beta)
            bounds.append(landscape.elbo(*next(landscape.critical_classes()).weights()))
        ax.plot(grid, bounds[:-1], color=color, label=f"p = {width}, β = {beta:g}")
        if width < len(values):
            ax.plot([learned_noise(values, width, beta)], [bounds[-1]], "o", color=color)
    ax.legend(loc="lower right")
    ax.set(xscale="log", xlabel="σ²", ylabel="ELBO, at the best A, B and d")


def _case(*values: int, width: int, given: Any, beta: int = 1) -> Learned:
    others = Fraction(1, 2), Fraction(1), Fraction(3)
    numbers = tuple(map(Fraction, values))
    return Learned(numbers, width, Fraction(beta), others, Fraction(given))


counterexamples = {
    "r latents are on": _case(6, 4, 2, 1, width=2, given="7/3"),
    "σ² is fixed elsewhere": _case(6, 4, 2, 1, width=2, given=1),
}
