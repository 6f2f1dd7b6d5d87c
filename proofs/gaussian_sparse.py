"""For Gaussian data an orthonormal decoder of free sparse codes is best at principal components.

With the best code for each x, the loss L(A) = E min_h ‖x − A h‖² + α ‖h‖₁ is

    L(A) = tr S − Σ g(aⱼᵀS aⱼ),    g(v) = 2 (v + τ²) Q(τ/√v) − 2 τ √v φ(τ/√v),    τ = α/2,

with φ and Q the standard Gaussian density and upper tail. Its slope g′(v) = 2 Q(τ/√v) is positive
and increasing, so that g is convex, and

    L(A) >= tr S − Σ_{i ≤ p} g(λᵢ),

with equality iff A = (±u₁, …, ±u_p) in some order, for a choice of the eigenvectors u: sparsity
finds what PCA finds. No component of positive variance is switched off, only many of its codes:
other than linear codes (`gaussian_codes`), free ones have no threshold on λ.

Hypotheses: AᵀA = 1; x is Gaussian and centred, of any second moment S; α > 0; h is free.

Equality: of L(A), of the minimum, and of its place.

References: Olshausen and Field 1996, Nature 381, for sparse coding (wording not confirmed).

Post: F10 (sparse: what differs from PCA comes from data that are not Gaussian, or from a decoder
that is not orthonormal: independent Laplace sources, of equal variance, are found by sparse codes,
and PCA is blind to them; two columns close to the leading component code Gaussian data better).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae.exact import Array, floating
from linae.sparse import gain, laplace_gain
from proofs import soft_threshold
from proofs._auto import frames
from proofs._instances import Case

uses: list[ModuleType] = [soft_threshold]


@dataclass(frozen=True, eq=False, repr=False)
class Coded(Case):
    """Standard data z in the plane, as points with weights, x = U diag(√λ) z, and a decoder."""

    U: Array
    values: tuple[float, ...]
    A: Array
    alpha: float
    standard: tuple[Array, Array]

    def loss(self, A: Array) -> float:
        """The definition: for each x the least over all signs of h, where the slope is 0."""
        points, weights = self.standard
        x = self.U * np.sqrt(self.values) @ points
        least = (x * x).sum(0)
        for signs in product((-1.0, 0.0, 1.0), repeat=A.shape[1]):
            on = np.flatnonzero(signs)
            pull = self.alpha / 2 * np.array(signs)[on, None]
            h = np.linalg.solve(A[:, on].T @ A[:, on], A[:, on].T @ x - pull)
            error = x - A[:, on] @ h
            least = np.minimum(least, (error * error).sum(0) + self.alpha * abs(h).sum(0))
        return float(weights @ least)


@cache
def gaussian() -> tuple[Array, Array]:
    """In polar coordinates: equal angles, and radii by Gauss and Legendre up to 9."""
    nodes, w = np.polynomial.legendre.leggauss(60)
    r, angle = 4.5 * (nodes + 1), (np.arange(96) + 0.5) * np.pi / 48
    points = np.stack([np.outer(r, np.cos(angle)), np.outer(r, np.sin(angle))]).reshape(2, -1)
    return points, np.repeat(4.5 * w * r * np.exp(-r * r / 2) / 96, 96)


@cache
def laplace() -> tuple[Array, Array]:
    """Two independent variables of variance 1, by the rule of Gauss and Laguerre for each."""
    nodes, w = np.polynomial.laguerre.laggauss(40)
    line, mass = np.concatenate([-nodes, nodes]) / np.sqrt(2), np.tile(w / 2, 2)
    points = np.stack(np.meshgrid(line, line)).reshape(2, -1)
    return points, np.outer(mass, mass).ravel()


@st.composite
def hypotheses(draw: st.DrawFn) -> Coded:
    """One column or two; λ may tie or be 0, and A may be of principal components."""
    values = draw(st.sampled_from([(4.0, 1.0), (2.0, 2.0), (3.0, 0.0), (1.0, 0.5)]))
    U, turned = (floating(draw(frames(2))) for _ in range(2))
    p, alpha = draw(st.sampled_from([1, 2, 2])), draw(st.sampled_from([0.5, 1.0, 3.0]))
    return Coded(U, values, turned[:, :p], alpha, gaussian())


def conclusion(case: Coded) -> None:
    """Floating: by quadrature in the plane, which is good to 10⁻⁵ of tr S, at the kinks of h."""
    total, (p, alpha) = sum(case.values), (case.A.shape[1], case.alpha)
    variances = np.array(case.values) @ (case.U.T @ case.A) ** 2
    loss, claimed = case.loss(case.A), total - sum(gain(v, alpha) for v in variances)
    accuracy = 1e-5 * total
    assert abs(loss - claimed) < accuracy, f"the loss is {loss}, not {claimed}"
    least = total - sum(gain(v, alpha) for v in case.values[:p])
    assert abs(case.loss(case.U[:, :p]) - least) < accuracy
    apart = abs(np.sort(variances)[::-1] - case.values[:p]).max()
    excess = loss - least
    assert excess > accuracy if apart > 0.05 else excess > -accuracy, f"the excess is {excess}"


def proof() -> None:
    """For all sizes. By `soft_threshold` a column explains E(|z| − τ)²₊, of z = aᵀx Gaussian.

    In τ its second derivative is 2 P(|z| > τ), and it and its slope vanish at infinity: that is g.
    The variance vⱼ = aⱼᵀS aⱼ = Σᵢ cᵢⱼ λᵢ, cᵢⱼ = (uᵢᵀaⱼ)², is a mean of the λ, as Σᵢ cᵢⱼ = 1. Since
    g is convex, Σⱼ g(vⱼ) <= Σᵢ cᵢ g(λᵢ) with cᵢ = Σⱼ cᵢⱼ <= 1 and Σ cᵢ = p, and that is at most the
    sum of the p largest. As g is strictly convex and increasing, equality needs that each aⱼ is an
    eigenvector, and that the eigenvalues are the p largest.
    """
    v, tau = sp.symbols("v τ", positive=True)
    t = tau / sp.sqrt(v)
    tail, density = sp.erfc(t / sp.sqrt(2)) / 2, sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi)
    g = 2 * ((v + tau**2) * tail - tau * sp.sqrt(v) * density)
    assert sp.simplify(sp.diff(g, tau, 2) - 4 * tail) == 0
    assert sp.limit(g, tau, sp.oo) == sp.limit(sp.diff(g, tau), tau, sp.oo) == 0
    assert sp.simplify(sp.diff(g, v) - 2 * tail) == 0
    assert sp.diff(2 * tail, v).is_positive


def figure(ax: Any) -> None:
    """Sparse codes find two Laplace sources of equal variance, to which PCA is blind (α = 0)."""
    from linae.plot.style import BLUE, VERMILION

    angles = np.linspace(0, np.pi, 181)
    ax.plot(angles, [laplace_gain(a, 1) for a in angles], color=BLUE)
    ax.axhline(2 * gain(1, 1), color=VERMILION, ls="--")
    ax.text(np.pi / 4, 0.905, "Laplace sources", color=BLUE, ha="center")
    ax.text(np.pi / 4, 2 * gain(1, 1) + 0.005, "Gaussian data", color=VERMILION, ha="center")
    ax.set_xticks(np.pi / 4 * np.arange(5), ["0°", "45°", "90°", "135°", "180°"])
    ax.set(
        xlabel="angle between decoder and sources",
        ylabel="explained, of 2, at α = 1",
        ylim=(0.82, 1),
    )


_one, _close = np.eye(2), np.array([[20, 20], [3, -3]]) / np.sqrt(409)

counterexamples = {
    "x is Gaussian": Coded(_one, (1.0, 1.0), _one, 1.0, laplace()),
    "AᵀA = 1": Coded(_one, (4.0, 0.25), _close, 2.0, gaussian()),
}
