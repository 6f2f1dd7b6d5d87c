"""Noise penalises the Jacobian, and a curvature term of the same order that is usually dropped.

For a reconstruction r, white noise e of variance ν and d = x − r(x), J the Jacobian of r at x and
Δr the Laplacian of each output, with Hessian Hₖ,

    E‖x − r(x + e)‖²  =  ‖d‖² + ν (‖J‖² − ⟨d, Δr⟩) + O(ν²).

For Gaussian noise and quadratic r the rest is (ν²/4) Σ [(tr Hₖ)² + 2 ‖Hₖ‖²], exactly.

So "+ ν ‖J‖²" is right to order ν, in the mean over x, iff E⟨d, Δr⟩ vanishes with ν: where r is
linear (then with no error at all, see `denoising`), or fits well, d = O(ν). It is the Jacobian of
the whole r, not that of the encoder, which a contractive loss has. For the best denoiser, which has
d = −ν ∇log p_ν (`score`), dropping it costs O(ν⁴) only (floating, one mixture).

Hypotheses: r has four continuous derivatives, that grow as polynomials; the entries of e are
independent, of mean 0, variance ν and third moment 0, and √ν times what does not depend on ν; for
the rest, Gaussian up to the fourth.

Equality: of the coefficient of ν, here for polynomials r of degree 3; of all terms for quadratic r.

References: Bishop 1995, Neural Computation 7; Alain and Bengio 2014, JMLR 15 (wordings not
confirmed).

Post: F3 ("the connection between gaussian noise and regularisation of gradients": exact for linear
maps, else short of −ν ⟨d, Δr⟩, and of the Jacobian of the whole reconstruction).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rationals
from proofs import denoising, noise
from proofs._cases import matrices
from proofs._instances import Case
from proofs.noise import FIVE_POINTS, SIGNS, Law, independent

uses: list[ModuleType] = [denoising, noise]


@dataclass(frozen=True, eq=False, repr=False)
class Reconstructed(Case):
    """r(z) = c + M z + (½ zᵀHₖz)ₖ + (T z)³, entry by entry, at x, with noise s ξ."""

    c: Array
    M: Array
    H: Array
    T: Array
    x: Array
    s: Fraction
    law: Law
    is_gaussian: bool = True

    def map(self, z: Array) -> Array:
        return self.c + self.M @ z + (self.H @ z) @ z / 2 + (self.T @ z) ** 3

    def mean_error(self, s: Any) -> Any:
        """E‖x − r(x + s ξ)‖², the definition."""
        errors = ((w, self.x - self.map(self.x + s * rationals(xi))) for w, xi in self.law)
        return sum(w * (e @ e) for w, e in errors)


@st.composite
def hypotheses(draw: st.DrawFn) -> Reconstructed:
    """One or two inputs; half of the maps are quadratic; signs, or five moments of a Gaussian."""
    n = draw(st.integers(1, 2))
    halves = [draw(matrices(n, n)) for _ in range(n)]
    H = rationals([half + half.T for half in halves])
    T = draw(matrices(n, n)) * draw(st.integers(0, 1))
    c, x = draw(matrices(n, 1))[:, 0], draw(matrices(n, 1))[:, 0]
    s = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2)]))
    gaussian = draw(st.booleans())
    law = independent(FIVE_POINTS if gaussian else SIGNS, n)
    return Reconstructed(c, draw(matrices(n, n)), H, T, x, s, law, gaussian)


def conclusion(case: Reconstructed) -> None:
    """Derivatives of r and of the mean error from values; then the mean error itself."""
    d, J, hessians = case.x - case.map(case.x), *_derivatives(case)
    laplacian = np.trace(hessians, axis1=1, axis2=2)
    first = (J * J).sum() - d @ laplacian
    unit, zero = rationals([1]), rationals([0])
    slope, curvature = calculus.along_line(lambda s: case.mean_error(s[0]), [zero], [unit], 6)
    assert slope == 0
    assert curvature / 2 == first, f"the coefficient of ν is {curvature / 2}, not {first}"
    if case.is_gaussian and not case.T.any():
        rest = (laplacian * laplacian).sum() + 2 * (hessians * hessians).sum()
        nu = case.s**2
        expected = d @ d + nu * first + nu**2 / 4 * rest
        found = case.mean_error(case.s)
        assert found == expected, f"{found}, not {expected}"


def _derivatives(case: Reconstructed) -> tuple[Array, Array]:
    """Jacobian and Hessians of r at x, from its values."""
    at = [case.x[:, None]]
    parts = [lambda z, k=k: case.map(z[:, 0])[k] for k in range(len(case.x))]
    J = rationals([calculus.gradient(part, at, 3) for part in parts])
    return J, rationals([calculus.hessian(part, at, 3) for part in parts])


@dataclass(frozen=True)
class Network:
    """r(z) = A tanh(B z), with its derivatives."""

    A: Array
    B: Array

    def map(self, z: Array) -> Array:
        return self.A @ np.tanh(self.B @ z)

    def terms(self, x: Array) -> tuple[float, float, float]:
        """‖d‖², ‖J‖² and ⟨d, Δr⟩."""
        t = np.tanh(self.B @ x)
        slope, d = 1 - t * t, x - self.map(x)
        J = self.A * slope @ self.B
        laplacian = self.A @ (-2 * t * slope * (self.B**2).sum(axis=1))
        return float(d @ d), float((J * J).sum()), float(d @ laplacian)

    def mean_error(self, x: Array, sigma: float) -> float:
        """E‖x − r(x + e)‖² by Gauss–Hermite quadrature in the plane."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        grid = np.array(np.meshgrid(nodes, nodes)).reshape(2, -1)
        errors = x[:, None] - self.map(x[:, None] + sigma * grid)
        return float((errors**2).sum(axis=0) @ np.outer(weights, weights).ravel() / (2 * np.pi))


NETWORK = Network(np.array([[1.5, -0.5], [0.4, 1.2]]), np.array([[0.9, 0.3], [-0.4, 1.1]]))
POINT = np.array([1.0, -0.5])


def remainders(sigma: float) -> tuple[float, float]:
    """What the formulas without and with the curvature term miss, for one network at one point."""
    level, jacobian, curvature = NETWORK.terms(POINT)
    missing = NETWORK.mean_error(POINT, sigma) - level - sigma**2 * jacobian
    return missing, missing + sigma**2 * curvature


def figure(ax: Any) -> None:
    """What ν ‖J‖² misses of a small tanh network is of order ν; with −ν ⟨d, Δr⟩, of order ν²."""
    from linae.plot.style import BLUE, GREY, VERMILION

    sigma = np.geomspace(0.01, 0.3, 25)
    dropped, full = np.abs([remainders(s) for s in sigma]).T
    ax.loglog(sigma, dropped, color=VERMILION, label="ν ‖J‖² alone")
    ax.loglog(sigma, full, color=BLUE, label="with −ν ⟨d, Δr⟩")
    for errors, order in ((dropped, 2), (full, 4)):
        ax.loglog(sigma, errors[0] * (sigma / sigma[0]) ** order, color=GREY, ls=":", lw=1)
        ax.annotate(
            f"slope {order}", (sigma[4], errors[4]), xytext=(6, -16), textcoords="offset points"
        )
    ax.tick_params(which="minor", labelbottom=False)
    ax.set(xlabel="σ = √ν", ylabel="error of the formula")
    ax.legend()


_SKEW = {Fraction(2): Fraction(1, 5), Fraction(-1, 2): Fraction(4, 5)}


def _bent(law: Law, T: int = 0, gaussian: bool = True) -> Reconstructed:
    """r(z) = z²/2 + T z³ at x = 1."""
    one = rationals([[1]])
    return Reconstructed(
        0 * one[0], 0 * one, one[None], T * one, one[0], Fraction(1), law, gaussian
    )


counterexamples = {
    "mean 0": _bent(independent({1: Fraction(1)}, 1)),
    "variance ν": _bent(independent(dict.fromkeys((-2, 2), Fraction(1, 2)), 1)),
    "Gaussian up to the fourth": _bent(independent(SIGNS, 1)),
    "third moment 0": _bent(independent(_SKEW, 1)),
}
