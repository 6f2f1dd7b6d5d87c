"""At the best linear variational autoencoder a latent collapses just where λ <= βσ².

With θ = βσ², r the number of λ > θ, but at most p, and R the sum of the other λ, the greatest
β-ELBO is at

    a_i = (λ_i − θ)^½ u_i,    b_i = (λ_i − θ)^½/λ_i u_iᵀ,    d_i = θ/λ_i        for i <= r,

and a = b = 0 and d = 1 for the other latents, in any order and with any signs. There

    A B u_i = (1 − θ/λ_i) u_i,    the weight of a component in the reconstruction;
    KL = ½ Σ log(λ_i/θ),    E‖x − A z‖² = r θ + R    over the codes z ~ N(B x, D);
    B S Bᵀ + D = 1,    the mean of the codes' distributions has the covariance of the prior,

so that all latents collapse, and the output is the mean, just where λ₁ <= θ. The level θ is that of
reverse water-filling: β > 1 only raises it, as

    ELBO_β(A, B, d; σ²) = β ELBO₁(A, B, d; θ) + ½ (β n log 2πθ − n log 2πσ²)    at all weights.

Hypotheses: real auto-association, Y = X, centred; σ² > 0 and β > 0 are fixed. Any S and width.

Equality: of all of these; with ties or λ_p = λ_{p+1} > θ the u_i are any orthonormal eigenvectors.

References: Tipping and Bishop 1999, JRSS B 61; Lucas, Tucker, Grosse and Norouzi 2019,
arXiv:1911.02469 (collapse where λ <= σ²; wording not confirmed).

Post: F14 (among the reasons why an autoencoder may put out the mean: collapsed latents, λ₁ <= βσ²).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals, zeros
from proofs import variational
from proofs._auto import Auto, frames, ranks, sizes
from proofs._cases import matrices
from proofs._encoded import Encoded
from proofs._instances import Case

uses: list[ModuleType] = [variational]

NUMBERS = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)])
PARTS = st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(0)])


@dataclass(frozen=True, eq=False, repr=False)
class Collapsed(Case):
    """A claimed minimum with r latents on, and a competitor (C, D, e)."""

    best: Encoded
    on: int
    C: Array
    D: Array
    e: Array

    def elbo(self, noise: Fraction, beta: Fraction) -> float:
        """That of the competitor, by the definition: E log p(x | z) − β KL."""
        at, s = replace(self.best, noise=noise, beta=beta), float(noise)
        n, divergence = len(at.A), _divergence(at, self.C, self.D, self.e)
        error = float(_error(at, self.C, self.D, self.e))
        return -error / (2 * s) - n / 2 * math.log(2 * math.pi * s) - float(beta) * divergence


def _error(case: Encoded, A: Array, B: Array, d: Array) -> Any:
    """E‖x − A z‖²."""
    return case.at.error(A @ B) + (d * (A * A)).sum()


def _divergence(case: Encoded, A: Array, B: Array, d: Array) -> float:
    """E KL(N(B x, D) ‖ N(0, 1))."""
    power = float(((B @ case.at.S) * B).sum() + (d - 1).sum())
    return (power - sum(math.log(x) for x in d.flat)) / 2


@st.composite
def hypotheses(draw: st.DrawFn) -> Collapsed:
    """λ = θ + c² above θ, and any λ <= θ; where all latents are on, tied or larger ones too."""
    n, p = draw(sizes(6))
    noise, beta, alive = draw(NUMBERS), draw(NUMBERS), draw(ranks(n))
    theta, r = noise * beta, min(p, alive)
    c = sorted((draw(NUMBERS) for _ in range(r)), reverse=True)
    more = [theta + c[-1] ** 2 * draw(PARTS) for _ in range(alive - r)]
    values = [theta + x * x for x in c] + sorted(
        (*more, *(theta * draw(PARTS) for _ in range(n - alive))), reverse=True
    )
    at = Auto(draw(frames(n)), tuple(values), p)
    A, B, d = zeros((n, p), at.U), zeros((p, n), at.U), zeros((1, p), at.U) + 1
    for i, h in enumerate(draw(st.permutations(range(p)))[:r]):
        column = at.U[:, i] * c[i] * draw(st.sampled_from([1, -1]))
        A[:, h], B[h], d[0, h] = column, column / values[i], theta / values[i]
    best = Encoded(at, noise, beta, (), A, B, d)
    e = [draw(NUMBERS) for _ in range(p)]
    return Collapsed(best, r, draw(matrices(n, p)), draw(matrices(p, n)), rationals([e]))


def conclusion(case: Collapsed) -> None:
    """Exactly but for logarithms; that it is best, along a line to the competitor."""
    best, r = case.best, case.on
    at, theta, A, B, d = best.at, best.water, best.A, best.B, best.d
    values = at.values
    for i, x in enumerate(values):
        weight = 1 - theta / x if i < r else Fraction(0)
        assert np.array_equal(A @ (B @ at.U[:, i]), weight * at.U[:, i])
    assert np.array_equal(B @ at.S @ B.T + np.diag(d[0]), eye(at.width, A)), "not the prior"
    assert _error(best, A, B, d) == r * theta + sum(values[r:])
    assert d.prod() == math.prod((theta / x for x in values[:r]), start=Fraction(1))
    claimed = sum(math.log(x / theta) for x in values[:r]) / 2
    assert math.isclose(_divergence(best, A, B, d), claimed, abs_tol=1e-12)
    _is_best(case)
    shifted = float(best.beta) * case.elbo(theta, Fraction(1))
    n, two_pi = len(A), 2 * math.pi
    shifted += float(best.beta) * n * math.log(two_pi * theta) / 2
    shifted -= n * math.log(two_pi * best.noise) / 2
    assert math.isclose(case.elbo(best.noise, best.beta), shifted, rel_tol=1e-11, abs_tol=1e-11)


def _is_best(case: Collapsed) -> None:
    """And what `linae` lists first."""
    best, landscape = case.best, case.best.landscape
    least, scale = best.loss(*best.weights), 1e-12 * float(case.best.at.S.trace() + 1)
    assert abs(float(next(landscape.critical_classes()).loss) - least) < scale
    for t in (Fraction(1, 64), Fraction(1, 4), Fraction(1)):
        ends = zip(best.weights, (case.C, case.D, case.e), strict=True)
        assert best.loss(*(w + t * (v - w) for w, v in ends)) > least - scale, "not the best"
    J = next(landscape.critical_classes()).index_set
    assert sum(j >= 0 for j in J) == case.on, "not as many latents on"


def figure(ax: Any) -> None:
    """As β grows, latents switch off one by one, each at βσ² = λ; λ = 4, 2.4, 1.2."""
    from linae.plot.style import BLUE, GREEN, ORANGE

    for x, color in zip((4, 2.4, 1.2), (BLUE, GREEN, ORANGE), strict=True):
        ax.plot([0, x], [1, 0], color=color)
        ax.plot([x], [0], "o", color=color, clip_on=False, zorder=3)
        ax.text(x + 0.07, 0.06, f"λ = {x:g}", color=color)
    ax.set(xlim=(0, 5), ylim=(0, 1), xlabel="βσ²", ylabel="weight of the component, 1 − βσ²/λ")


_one = rationals(np.eye(2, dtype=int))


def _case(values: Any, A: Any, B: Any, d: Any, on: int, targets: Any = None) -> Collapsed:
    """S diagonal, θ = 1, p = 1; the competitor is best for λ = 5."""
    at = Auto(_one, tuple(map(Fraction, values)), 1, targets)
    best = Encoded(at, Fraction(1), Fraction(1), (), *map(rationals, (A, B, d)))
    other = [[2], [0]], [["2/5", 0]], [["1/5"]]
    return Collapsed(best, on, *map(rationals, other))


counterexamples = {
    "Y = X": _case((5, 2), [[2], [0]], [["2/5", 0]], [["1/5"]], 1, -_one),
    "i <= r are the largest": _case((5, 2), [[0], [0]], [[0, 0]], [[1]], 0),
}
