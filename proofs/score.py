"""The best denoiser climbs the log-density: r(x̃) = x̃ + ν ∇log p_ν(x̃), where p_ν is that of x̃.

Here x̃ = x + e with Gaussian noise e of variance ν, independent of x, and p_ν is smooth whatever x
is. Among all maps r the loss E‖x − r(x̃)‖² is least at E[x | x̃], which is this map, and there

    E‖x − r(x̃)‖²  =  ν n − ν² E‖∇log p_ν(x̃)‖²;    any other map costs E‖r' − r‖² more.

For Gaussian x of second moment S the score is −(S + ν)⁻¹ x̃: the best map is S (S + ν)⁻¹, that of
`denoising` at full rank, of loss ν tr S (S + ν)⁻¹.

Hypotheses: the noise is Gaussian, white, and independent of x; x has a second moment.

Equality: exact for Gaussian data; floating for mixtures of Gaussians on the line, by quadrature.

References: Miyasawa 1961; Vincent 2011, Neural Computation 23; Alain and Bengio 2014, JMLR 15
(wordings not confirmed).

Post: F3 (what noise has to do with gradients: the best denoiser is a gradient step).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse
from linae.landscapes.squared import SquaredLoss
from linae.supervision import denoise
from proofs import denoising
from proofs._auto import Auto, frames, spectra
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = [denoising]


@dataclass(frozen=True, eq=False, repr=False)
class Bell(Case):
    """Gaussian data of second moment U diag(λ) Uᵀ, the variance of their noise, any linear map."""

    at: Auto
    variance: Fraction
    W: Array


@dataclass(frozen=True, repr=False)
class Mixture(Case):
    """A mixture of Gaussians on the line, of given standard deviations, and the variance of noise.

    Attributes
    ----------
    uniform : bool
        Whether the noise is uniform, and not Gaussian.
    """

    shares: tuple[float, ...]
    centers: tuple[float, ...]
    widths: tuple[float, ...]
    variance: float
    uniform: bool = False

    def prior(self, x: Array, slope: bool = False) -> Array:
        """The density of x, or its derivative."""
        total = 0 * x
        for share, c, w in zip(self.shares, self.centers, self.widths, strict=True):
            total += share * gaussian(x - c, w * w) * ((c - x) / w**2 if slope else 1)
        return total

    def noise(self, e: Array) -> Array:
        """The density of e."""
        edge = np.sqrt(3 * self.variance)
        return (abs(e) <= edge) / (2 * edge) if self.uniform else gaussian(e, self.variance)

    def density(self, slope: bool = False) -> Array:
        """p_ν on `GRID`, or its derivative: that of x, smoothed by noise."""
        return self.prior(GRID[:, None] - GRID, slope) @ self.noise(GRID) * STEP

    def denoiser(self) -> Array:
        """z + ν ∇log p_ν(z), as is claimed."""
        return GRID + self.variance * self.density(slope=True) / self.density()

    @cached_property
    def joint(self) -> Array:
        """The density of (x̃, x)."""
        return self.noise(GRID[:, None] - GRID) * self.prior(GRID)

    def loss(self, r: Array) -> float:
        """E(x − r(x̃))², the definition."""
        return float(((GRID - r[:, None]) ** 2 * self.joint).sum() * STEP**2)


GRID, STEP = np.linspace(-12, 12, 401, retstep=True)
"""For quadrature by the trapezoidal rule, which is exact to rounding for such Gaussians."""


def gaussian(x: Array, variance: float) -> Array:
    return np.exp(-x * x / (2 * variance)) / np.sqrt(2 * np.pi * variance)


@st.composite
def hypotheses(draw: st.DrawFn) -> Bell | Mixture:
    """Gaussian data, exactly; or a mixture of two or three on the line."""
    if draw(st.booleans()):
        n = draw(st.integers(1, 3))
        nu = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)]))
        return Bell(Auto(draw(frames(n)), draw(spectra(n)), n), nu, draw(matrices(n, n)))
    count = draw(st.integers(2, 3))
    centers = draw(st.lists(st.integers(-2, 2), min_size=count, max_size=count))
    widths = draw(st.lists(st.sampled_from([0.4, 0.7, 1.0]), min_size=count, max_size=count))
    shares = (0.5, 0.5) if count == 2 else (0.5, 0.3, 0.2)
    variance = draw(st.sampled_from([0.25, 0.5, 1.0]))
    return Mixture(shares, (*map(float, centers),), (*widths,), variance)


def conclusion(case: Bell | Mixture) -> None:
    """Exactly, against the loss of denoising; or by Bayes' rule and quadrature."""
    if isinstance(case, Bell):
        _gaussian_data(case)
        return
    r, p, seen = case.denoiser(), case.density(), case.density() > 1e-9
    bayes = case.joint @ GRID / case.joint.sum(axis=1)
    np.testing.assert_allclose(r[seen], bayes[seen], rtol=0, atol=1e-6)
    nu, score = case.variance, (r - GRID) / case.variance
    least = nu - nu**2 * float(score**2 @ p * STEP)
    assert abs(case.loss(r) - least) < 1e-9, f"{case.loss(r)}, not {least}"
    shift = np.cos(GRID)
    more = float(shift**2 @ p * STEP)
    assert abs(case.loss(r + shift) - least - more) < 1e-9


def _gaussian_data(case: Bell) -> None:
    """By the score of a Gaussian; E s sᵀ = (S + ν)⁻¹ is its second moment."""
    S, nu, one = case.at.S, case.variance, eye(len(case.at.S), case.at.S)
    landscape = SquaredLoss(denoise(case.at.moments, nu), len(S))
    precision = inverse(S + nu * one)
    r = one - nu * precision
    assert np.array_equal(r, S @ precision)
    least = nu * len(S) - nu**2 * precision.trace()
    assert landscape.loss(r, one) == least == nu * (S @ precision).trace()
    assert next(landscape.critical_classes()).loss == least
    change = case.W - r
    assert landscape.loss(case.W, one) - least == (change @ (S + nu * one) * change).sum()


counterexamples = {
    "the noise is Gaussian": Mixture((0.5, 0.5), (-1.0, 1.0), (0.4, 0.7), 0.5, uniform=True),
}
