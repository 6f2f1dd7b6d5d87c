"""New parameters keep the critical points, their losses and their inertias, and no other curvature.

For θ = φ(η) the Hessian becomes φ′ᵀ ∇²L φ′ + Σ ∂ᵢL ∇²φᵢ.

Hypotheses: φ′ is square and invertible; for the inertia, the point is critical.

Equality: of the gradient's zeros, of the Hessian's formula, and of all three counts. So paths,
barriers, connectivity and the words saddle and minimum survive. Eigenvalues do not, nor do trace,
sharpness, condition number, gradient trajectories, balancedness or weight decay: gauges alone,
(A M⁻¹, M B), move them to any size at one and the same function. Off critical points not even the
signs survive: L(x) = x is flat, convex in η if x = η + η², concave if x = η − η².

A singular φ creates critical points: the map W = A B has its zero gradient at A = B = 0 whatever
the loss, and that of every rank-deficient class, at which the loss of W has none.

References: Dinh, Pascanu, Bengio and Bengio 2017, for sharpness; Trager, Kohn and Bruna 2020,
arXiv:1910.01671, for W = A B (wordings not confirmed).

Post: E17 ("Reparameterisation breaks ???": sharpness, eigenvalues and trajectories; not critical
points, inertias or barriers).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs._cases import gauges, instances, matrices, points_of
from proofs._instances import Case
from proofs._symbols import is_zero, symbols, symmetric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Change(Case):
    """θ + T η + (ηᵀQᵢη)ᵢ / 2 for the parameters θ of a polynomial loss of degree at most 4.

    Attributes
    ----------
    theta : (N, 1)
    T : (N, k)
    Q : N symmetric matrices of order k
    critical : bool
        Whether inertias are claimed to agree.
    """

    loss: Callable[[Array], Any]
    theta: Array
    T: Array
    Q: list[Array]
    critical: bool

    def parameters(self, eta: Array) -> Array:
        bent = [(eta.T @ Q @ eta).item() / Fraction(2) for Q in self.Q]
        return self.theta + self.T @ eta + rationals(bent)[:, None]


@st.composite
def hypotheses(draw: st.DrawFn) -> Change:
    """Points of the squared loss, most of them critical, and quadratic maps with invertible φ′."""
    at = draw(instances(size=4))
    weights, critical = draw(points_of(at)).weights, draw(st.sampled_from([True, True, False]))
    theta = np.concatenate([w.reshape(-1, 1) for w in weights])
    size, cut, shapes = len(theta), weights[0].size, [w.shape for w in weights]
    if not critical:
        theta = theta + draw(matrices(size, 1))

    def loss(vector: Array) -> Any:
        A, B = vector[:cut].reshape(shapes[0]), vector[cut:].reshape(shapes[1])
        return at.loss(A, B)

    Q = [draw(matrices(size, size)) for _ in range(size)]
    return Change(loss, theta, draw(gauges(size)), [M + M.T for M in Q], critical)


def conclusion(case: Change) -> None:
    """Gradient and Hessian in η by values of the composite, a polynomial of degree at most 8."""
    origin = zeros((case.T.shape[1], 1), case.T)

    def composite(eta: Array) -> Any:
        return case.loss(case.parameters(eta))

    g, H = (d(case.loss, [case.theta], 4) for d in (calculus.gradient, calculus.hessian))
    slope, bent = (d(composite, [origin], 8) for d in (calculus.gradient, calculus.hessian))
    pulled = case.T.T @ H @ case.T + sum(gi * Qi for gi, Qi in zip(g, case.Q, strict=True))
    assert np.array_equal(bent, pulled), f"Hessian {bent}, not {pulled}"
    assert np.any(slope) == np.any(g), "one is critical, the other is not"
    if case.critical:
        found, expected = inertia(bent), inertia(H)
        assert found == expected, f"inertia {found}, in the old parameters {expected}"


def proof(n: int = 2) -> None:
    """Second derivatives of L∘φ see the 2-jets of L and φ only, and those are arbitrary here.

    The slope is φ′ᵀ∇L, zero iff ∇L is; then the Hessian is φ′ᵀ ∇²L φ′, congruent to ∇²L
    (Sylvester).
    """
    g, H, T = symbols("g", n, 1), symmetric("H", n), symbols("T", n, n)
    Q, eta = [symmetric(f"Q{letter}", n) for letter in "abcdefgh"[:n]], symbols("e", n, 1)
    x = T @ eta + np.array([[(eta.T @ M @ eta).item() / 2] for M in Q])
    level = sp.expand((g.T @ x + x.T @ H @ x / 2).item())
    origin = dict.fromkeys(eta.flat, 0)
    slope = np.array([sp.diff(level, e).subs(origin) for e in eta.flat])
    bent = np.array(sp.hessian(level, list(eta.flat)).subs(origin))
    assert is_zero(slope - (T.T @ g)[:, 0])
    assert is_zero(bent - T.T @ H @ T - sum(c * M for c, M in zip(g.flat, Q, strict=True)))


def figure(ax: Axes) -> None:
    """Hessian eigenvalues along the orbit (A/t, t B) of a saddle: sizes change, signs do not."""
    landscape = SquaredLoss(Moments.auto(np.diag([2.0, 1.0])), 1)
    scales = np.geomspace(0.1, 10, 201)
    values = [
        np.linalg.eigvalsh(landscape.hessian(*landscape.class_weights((1,), np.array([[t]]))))
        for t in scales
    ]
    names = ("negative", "zero", "positive", "positive, the largest")
    styles = zip(("#D55E00", "0.6", "#56B4E9", "#0072B2"), ("-", ":", "--", "-"), strict=True)
    for branch, name, (color, line) in zip(np.transpose(values), names, styles, strict=True):
        ax.plot(scales, branch, color=color, ls=line, lw=2, label=name)
    ax.set(xscale="log", xlabel="t", ylabel="Hessian eigenvalues at (A/t, t B)")
    ax.set_yscale("symlog", linthresh=0.01)
    ax.legend(frameon=False, ncols=2, loc="center", bbox_to_anchor=(0.5, 0.62))


def _line(loss: Callable[[Array], Any], T: int, Q: int, critical: bool = True) -> Change:
    """One parameter, at 0."""
    one = rationals([[1]])
    return Change(loss, 0 * one, T * one, [Q * one], critical)


def _factorised() -> Change:
    """W = A B for n = p = m = 1 at A = B = 0, with the loss (1 − W)²."""
    swap = rationals([[0, 1], [1, 0]])
    return Change(lambda W: (1 - W.item()) ** 2, swap[:1, :1], 0 * swap[:1], [swap], False)


counterexamples = {
    "the point is critical, η + η²": _line(lambda x: x.item(), 1, 2),
    "the point is critical, η − η²": _line(lambda x: x.item(), 1, -2),
    "φ′ is invertible": _line(lambda x: x.item() ** 2, 0, 2),
    "φ′ is square, W = A B": _factorised(),
}
