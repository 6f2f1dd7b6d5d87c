"""The critic of a linear adversarial autoencoder is free: principal components, at every weight γ.

Let K = B S Bᵀ be the covariance of the codes. For p <= ρ, the critical points of

    E‖x − A B x‖² + γ KL(N(0, K) ‖ N(0, 1))

are A = U_J Λ_J^½ Oᵀ and B = O Λ_J^−½ U_Jᵀ + Y Nᵀ, with any p components J of λ ≠ 0, O orthogonal, N
a basis of ker S and Y any matrix: the codes have the prior, K = 1, and A B is the projector on the
components in all x that occur. The loss is Σ_K λ, K the unselected components, and

    negative   the number of pairs (k, j) with λ_k > λ_j, k unselected and j in J
    zero       the number of pairs with λ_k = λ_j; + p (p − 1)/2 + p (n − ρ)

and the others are positive. For p > ρ the loss is infinite everywhere.

Hypotheses: real auto-association, Y = X; γ > 0; x is Gaussian, or else the divergence is that of
the Gaussian with the covariance of the codes; encoder and decoder are not tied. S may be singular
or have ties.

Equality: of all three counts. Index 0 is the least loss, that of principal component analysis:
there is no shrinkage and no trade-off, and all else is a strict saddle. The gauge is O(p), where
without the critic it is GL(p). Another divergence of K from 1 has the same critical points if its
slope G in K vanishes at K = 1 only: critical points have G K = 0. Such are W₂², with
G = 1 − K^−½, and Jensen and Shannon's, as every f-divergence with f″ > 0, which decreases strictly
on the way from K to 1 by adding noise. Without a critic, for whitened codes: `whitening`.

References: Makhzani, Shlens, Jaitly, Goodfellow and Frey 2015, arXiv:1511.05644, for adversarial
autoencoders (wording not confirmed). The classes were not found in the literature.

Post: F7 (cites adversarial autoencoders: there the critic is on codes, and the generator is the
encoder, as here; the formulas of the post have it on data).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from linae.inertia import inertia
from linae.landscapes.adversarial import Adversarial
from linae.plot.style import BLUE, GREEN, GREY
from proofs._auto import Auto, Start, arrival, frames, listed_root, spectra
from proofs._cases import matrices
from proofs._whitened import Whitened, determinant, whitened

uses: list[ModuleType] = []


@st.composite
def hypotheses(draw: st.DrawFn) -> Whitened | Start:
    """Points of every class; one in sixteen is the start of a root search."""
    if draw(st.integers(0, 15)) < 15:
        return draw(whitened(full=True))
    n, p = draw(st.sampled_from([(1, 1), (2, 1), (2, 2)]))
    at = Auto(draw(frames(n)), draw(spectra(n).filter(lambda x: x[p - 1] > 0)), p)
    inside = matrices(p, n).filter(lambda B: determinant(B @ at.S @ B.T) > 0)
    weights = draw(matrices(n, p)) / Fraction(2), draw(inside) / Fraction(2)
    return Start(Adversarial(at.moments, p, Fraction(1, 2)), weights)


def conclusion(case: Whitened | Start) -> None:
    """By values of polynomials along lines: all of the loss but log det K, and det K, whose
    logarithm has the slope D′/D and the curvature D″/D − (D′/D)²."""
    if isinstance(case, Start):
        _listed(case)
        return
    K = case.covariance(case.B)
    slope, H = _derivatives(case)
    assert not slope.any(), "not critical"
    assert np.array_equal(K, np.eye(len(K), dtype=int)), f"codes of covariance {K}"
    case.has_components()
    landscape = Adversarial(case.at.moments, case.at.width, case.strength)
    found, claimed = inertia(H), landscape.class_inertia(case.taken)
    assert found == claimed, f"claimed {claimed}, found {found}"
    value = case.at.error(case.A @ case.B)  # the divergence of N(0, 1) from itself is 0
    assert value == landscape.class_loss(case.taken) == sum(case.at.values) - sum(case.selected)
    assert (value == sum(case.at.values[case.at.width :])) == (found.negative == 0)
    assert next(landscape.critical_classes()).loss == sum(case.at.values[case.at.width :])
    place = landscape.place(*case.weights)
    assert place is not None
    assert [case.at.values[j] for j in place.critical.index_set] == case.selected


def _derivatives(case: Whitened) -> tuple[Array, Array]:
    """Gradient and Hessian."""
    half, p = case.strength / 2, case.at.width

    def rational(A: Array, B: Array) -> Any:
        return case.at.error(A @ B) + half * (case.covariance(B).trace() - p)

    def volume(B: Array) -> Any:
        return determinant(case.covariance(B))

    slope, H = (f(rational, case.weights, 4) for f in (calculus.gradient, calculus.hessian))
    D, encoder = volume(case.B), slice(case.A.size, None)
    first, second = (f(volume, (case.B,), 2 * p) / D for f in (calculus.gradient, calculus.hessian))
    slope[encoder] -= half * first
    H[encoder, encoder] -= half * (second - np.outer(first, first))
    return slope, H


def _listed(start: Start) -> None:
    """Floating: a zero of the gradient is listed, unless the search fled to infinity, or to codes
    of no width."""
    found = arrival(start)
    if found is not None and max(np.abs(w).max() for w in found) < 50:
        listed_root(Start(start.landscape, found))


def figure(ax: Any) -> None:
    """Weight of a component in A B: a critic takes nothing off; at γ = 1, decay and noise do."""
    values = np.linspace(0.02, 5, 250)
    shrunk = np.maximum(1 - 1 / values, 0)
    ax.plot(values, np.ones_like(values), color=GREEN)
    ax.plot(values, shrunk, color=BLUE)
    ax.axvline(1, color=GREY, lw=1, ls=":")
    ax.text(2.6, 1.03, "adversarial, every γ", color=GREEN)
    ax.text(2.6, 0.5, "variational, weight decay", color=BLUE)
    ax.text(1.15, -0.03, "λ = 1", color=GREY)
    ax.set(xlabel="variance λ of the component", ylabel="its weight in A B", ylim=(-0.05, 1.15))


_one = rationals(np.eye(2, dtype=int))


def _point(strength: int, A: Any, B: Any, targets: Array | None = None) -> Whitened:
    """S = diag(4, 1), p = 1."""
    at = Auto(_one, (Fraction(4), Fraction(1)), 1, targets)
    return Whitened(at, Fraction(strength), (0,), rationals(A), rationals(B))


counterexamples = {
    "γ > 0": _point(0, [[1], [0]], [[1, 0]]),
    "Y = X": _point(1, [[-2], [0]], [["1/2", 0]], -_one),
}
