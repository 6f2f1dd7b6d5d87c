"""Rigorous inertia at a critical point with irrational coordinates, for exact data.

The point A = U_J, B = U_Jᴴ Syx Sxx⁺ is known through enclosures of eigenvalues only. A rational
point θ′ nearby has a rational Hessian H′; with ‖H − H′‖ ≤ τ, proved, the negative eigenvalues of
H′ + τI and the positive ones of H′ − τI are there at the critical point too (Weyl).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from linae.bilinear import real_curvature
from linae.critical import IndexSet
from linae.exact import Array, floating, product, rationals, zeros
from linae.inertia import Inertia, inertia
from linae.roots import eigenvalue_roots
from linae.sylvester import proved_signs

if TYPE_CHECKING:
    from linae.landscapes.squared import SquaredLoss

EPS = float(np.finfo(float).eps)
SMALL_SIZE = 60
"""Largest Hessian that is decomposed in rational arithmetic; larger ones are factored in doubles,
and the rounding of that is bounded."""


def enclosed_inertia(landscape: SquaredLoss, J: IndexSet) -> Inertia | None:
    """Inertia of the Hessian on class J of exact moments; what is not proved is `undecided`.

    None if the enclosure is too wide, or an eigenvalue of J is repeated: then its eigenvectors
    are not determined.

    The bound is τ = 2 ‖Sxx‖ (√(δ_A² + δ_B²) (‖θ‖ + ‖θ′‖) + ‖A B − A′ B′‖), spectral norms, with δ
    the distances of the factors; δ_A by Davis and Kahan, residual over gap.
    """
    spectrum, S = landscape.spectrum, landscape.moments
    if any(spectrum.multiplicities[spectrum.group[j]] > 1 for j in J):
        return None
    E = spectrum.regression
    U = rationals(spectrum.vectors[:, list(J)])
    far = _distance(product(E, S.Syx.conj().T), U, J)
    if far is None:
        return None
    spare = landscape.width - len(J)
    A = np.concatenate([U, zeros((len(U), spare), U)], axis=1)
    B = np.concatenate([product(U.conj().T, E), zeros((spare, E.shape[1]), U)], axis=0)
    e = _norm(E)
    a = Fraction(1) + far  # ‖A‖ = 1, ‖A′‖ ≤ 1 + δ_A; ‖B‖ ≤ e, ‖B′‖ ≤ e (1 + δ_A)
    spread = far * (1 + e) * 2 * a * (1 + e) + far * e + a * far * e
    tau = 2 * _norm(S.Sxx) * spread
    if landscape.size > SMALL_SIZE and not S.is_complex:
        return _proved_in_doubles(landscape, A, B, tau)
    entries = np.full((landscape.size, landscape.size), tau / landscape.size)
    return inertia(landscape.hessian(A, B), radius=entries)


def _proved_in_doubles(landscape: SquaredLoss, A: Array, B: Array, tau: Fraction) -> Inertia:
    """Inertia of all matrices within τ of the Hessian at a rational point.

    The factors of its blocks are computed exactly and rounded once; an entry is then wrong by at
    most four roundings of the absolute values that are added in it.
    """
    S, n, p = landscape.moments.Sxx, *A.shape
    C = product(B, S)
    exact = (A, S, landscape.residual(A, B), C, product(C, B.T), product(A.T, A))
    rounded = [floating(M) for M in exact]
    a, s, r, c, encoded, decoded = (float(np.linalg.norm(M)) for M in rounded)
    sides = math.sqrt(2) * (c * a + math.sqrt(p) * r)
    error = 4 * EPS * (math.sqrt(n) * encoded + sides + s * decoded)
    H = real_curvature(*rounded)
    negative, positive = proved_signs(H, 1.01 * (float(tau) + error))
    rest = landscape.size - negative - positive
    return Inertia(negative, rest, positive, undecided=rest)


def _distance(Sigma: Array, U: Array, J: IndexSet) -> Fraction | None:
    """A bound on ‖U − U_J‖ for some orthonormal eigenvectors U_J, or None without a gap."""
    roots = eigenvalue_roots(Sigma)
    places = [i for i, root in enumerate(roots) for _ in range(root.multiplicity)]
    total = Fraction(0)
    for column, j in zip(U.T, J, strict=True):
        own = roots[places[j]]
        others = [root for i, root in enumerate(roots) if i != places[j]]
        value = (own.lower + own.upper) / 2
        gap = min(
            (max(root.lower - value, value - root.upper) for root in others), default=Fraction(1)
        )
        length = (column.conj() * column).sum().real
        if gap <= 0 or not length:
            return None
        residual = Sigma @ column - value * column
        square = (residual.conj() * residual).sum().real / length
        total += 2 * (_root(2 * square) / gap) ** 2 + 2 * abs(1 - length) ** 2
    return _root(total)


def _root(x: Fraction) -> Fraction:
    """A rational number just above √x."""
    scale = 10**60
    return Fraction(math.isqrt(math.ceil(x * scale * scale)) + 1, scale)


def _norm(M: Array) -> Fraction:
    """A bound on the spectral norm: Frobenius."""
    return _root(Fraction((M.conj() * M).sum().real)) if M.size else Fraction(0)
