"""The best linear denoiser has the energy of the Gaussian with covariance U_p Λ_p U_pᵀ + s 1.

With W the best map of rank p from x + ε to x, and s the variance of ε,

    (1 − W)/s = (U_p Λ_p U_pᵀ + s 1)⁻¹,

so that the slope of ½ xᵀ (U_p Λ_p U_pᵀ + s 1)⁻¹ x is (x − W x)/s. It is probabilistic PCA with
A Aᵀ = U_p Λ_p U_pᵀ: a denoiser models data plus noise. A variational autoencoder with noise s at
its output has A Aᵀ = U_p (Λ_p − s) U_pᵀ instead, where λ_p >= s, and models the data.

Hypotheses: white noise, s > 0; λ_p > λ_{p+1}, or p >= n (else U_p is any of several).

Equality: of matrices, singular S and ties elsewhere included.

References: Vincent 2011, Neural Computation 23; Tipping and Bishop 1999, Journal of the Royal
Statistical Society B 61 (wording not confirmed).

Post: F13 (what energy a linear denoising autoencoder has: a Gaussian one).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.energy import denoiser_precision
from linae.exact import eye, inverse, rationals
from linae.spectrum import Spectrum
from proofs import strict_saddle
from proofs._auto import Auto, frames, sizes, spectra
from proofs.weight_sharing import Noisy

uses: list[ModuleType] = [strict_saddle]


@st.composite
def hypotheses(draw: st.DrawFn) -> Noisy:
    """Any spectrum with a gap at p, and widths above n."""
    n, p = draw(sizes(8))
    below = draw(spectra(max(n - p, 0)))
    step = max(below, default=Fraction(0)) + 1
    above = tuple(x + step * (p < n) for x in draw(spectra(min(n, p))))
    at = Auto(draw(frames(n)), above + below, p)
    return Noisy(
        at, draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(5)])) * eye(n, at.U)
    )


def conclusion(case: Noisy) -> None:
    """On the minimiser of the loss; what ships is compared with it."""
    at, s = case.at, case.N[0, 0]
    one = eye(len(at.U), at.U)
    U, kept = at.U[:, : at.width], np.array(at.values[: at.width], dtype=object)
    precision = (one - case.best) / s
    modelled = rationals(U * kept @ U.T) + s * one
    assert np.array_equal(precision @ modelled, one), f"(1 − W)/s = {precision}"
    shipped = denoiser_precision(Spectrum.of(at.moments), at.width, s)
    assert np.array_equal(shipped, inverse(modelled))


_turned = rationals([["3/5", "-4/5"], ["4/5", "3/5"]])
_noise = rationals([[1, 0], [0, 1]])
counterexamples = {
    "white noise": Noisy(Auto(_turned, (Fraction(3), Fraction(1)), 2), rationals([[1, 0], [0, 0]])),
    "λ_p > λ_{p+1}": Noisy(Auto(_turned, (Fraction(1), Fraction(1)), 1), _noise),
}
