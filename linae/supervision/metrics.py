"""Tasks that weigh errors: E (y − A B x)ᴴ Γ (y − A B x) with Γ = CᴴC is the squared loss of C y.

A decoder of these moments is C A; whatever encodes x is the same. Theorem: proofs/supervision.py
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array, eye, floating, inverse, is_exact, rationals, real, square_root
from linae.inertia import numbers, resolution
from linae.ldl import ldl
from linae.moments import Moments
from linae.spectrum import Spectrum


def metric(moments: Moments, C: ArrayLike) -> Moments:
    """Targets C y: the errors are measured by Γ = CᴴC.

    Parameters
    ----------
    C : (k, n)
        Any factor of Γ; of full column rank if the metric is to see every target.

    >>> metric(Moments.auto([[4, 0], [0, 9]]), [[3, 0], [0, 1]]).Syy.tolist()
    [[36.0, 0.0], [0.0, 9.0]]
    """
    factor = numbers(C)
    factor = rationals(factor) if moments.Sxx.dtype == object else floating(factor)
    if factor.ndim != 2 or factor.shape[1] != moments.n or not len(factor):
        raise ValueError(f"Need a factor C of shape (k, {moments.n}). Got shape {factor.shape}.")
    samples = None
    if moments.samples is not None:
        samples = moments.samples[0], floating(factor) @ moments.samples[1]
    Syy = factor @ moments.Syy @ factor.conj().T
    Syy = Syy if Syy.dtype == object else Syy / 2 + Syy.conj().T / 2
    return Moments(moments.Sxx, factor @ moments.Syx, Syy, samples, moments.is_rounded)


def cca(moments: Moments) -> Moments:
    """Targets whitened, Γ = Syy⁻: the eigenvalues of Σ are squared canonical correlations.

    Exact if the pivots of Syy are squares; else in double precision. Syy may be singular.

    >>> from linae.spectrum import Spectrum
    >>> float(Spectrum.of(cca(Moments([[4]], [[3]], [[9]]))).eigenvalues[0])
    0.25
    """
    samples = None if moments.samples is None else moments.samples[1]
    return _measured(moments, whitening(moments.Syy, samples))


def lda(X: ArrayLike, labels: Sequence[Any]) -> Moments:
    """Inputs x, targets the indicators of their classes, Γ = diag(1/π), π the shares of classes.

    The encoders of components are Fisher's discriminant directions; an eigenvalue λ of Σ is
    μ/(1 + μ) for an eigenvalue μ of Sw⁻¹ Sb, scatter between classes over that within.

    Parameters
    ----------
    X : (N, m)
    labels : N of them, of two classes at least
    """
    table, given = np.asarray(X), np.asarray(labels)
    classes, counts = np.unique(given, return_counts=True)
    if given.shape != table.shape[:1]:
        raise ValueError(f"Need a label for each of {len(table)} rows. Got shape {given.shape}.")
    if len(classes) < 2:
        raise ValueError(f"Need at least 2 classes. Got {len(classes)}.")
    indicators = (given[:, None] == classes).astype(int)
    moments = Moments.from_data(table, indicators)
    return _measured(moments, _reciprocal_roots([Fraction(int(k), len(given)) for k in counts]))


def slow_features(moments: Moments) -> Moments:
    """Means of consecutive points, (x + x₊)/2, reconstructed in the metric that whitens points.

    An encoder row w of a component, scaled to E (w x)² = 1, has E (w x₊ − w x)² = 4 (1 − λ): the
    larger the eigenvalue, the slower the feature. The averages of x and x₊ are over both.

    Parameters
    ----------
    moments : Moments
        Of consecutive points: `predict(X)`.

    Raises
    ------
    ValueError
        If some combination of inputs only alternates, so that it is no part of the means.
    """
    Sxx, Syx, Syy = moments.Sxx, moments.Syx, moments.Syy
    if len(Sxx) != len(Syy):
        raise ValueError(f"Need consecutive points, m = n. Got m = {len(Sxx)}, n = {len(Syy)}.")
    M, points_moment = (Sxx + Syx + Syx.conj().T + Syy) / 4, (Sxx + Syy) / 2
    ranks = [Spectrum.of(Moments.auto(S)).rank for S in (M, points_moment)]
    if ranks[0] < ranks[1]:
        need = "Need means of consecutive points of the rank of the points"
        raise ValueError(f"{need}. Got {ranks[0]} of {ranks[1]}: something only alternates.")
    samples, points = None, None
    if moments.samples is not None:
        Fx, Fy = moments.samples
        samples, points = ((Fx + Fy) / 2,) * 2, np.concatenate([Fx, Fy], axis=1) / math.sqrt(2)
    averages = Moments(M, M, M, samples, moments.is_rounded)
    return _measured(averages, whitening(points_moment, points))


def pls(moments: Moments) -> Moments:
    """Inputs taken for white: ‖Syx − A B‖², the singular vectors of Syx (PLS-SVD)."""
    Syx = moments.Syx
    Syy = Syx @ Syx.conj().T
    Syy = Syy if Syy.dtype == object else Syy / 2 + Syy.conj().T / 2
    one = eye(moments.m, Syx)
    samples = None if moments.is_symbolic else (floating(one), floating(Syx))
    return Moments(one, Syx, Syy, samples, moments.is_rounded)


def whitening(S: Array, columns: Array | None = None) -> Array:
    """C of full row rank with C S Cᴴ = 1, so that CᴴC is a generalised inverse of S.

    Exact if S is and its pivots are squares of rational numbers, else in double precision.

    Parameters
    ----------
    columns : (n, k), optional
        Floating, with S = F Fᴴ: their singular values have twice the digits.
    """
    if S.dtype == object and is_exact(S):
        factors = ldl(S)
        pivots = real(np.diagonal(factors.D))
        kept = np.flatnonzero(pivots)
        scale = _reciprocal_roots(pivots[kept])
        if scale.dtype == object:
            C = np.empty((len(kept), len(S)), dtype=object)
            C[:, factors.order] = scale @ inverse(factors.L)[kept]
            return C
    if columns is None:
        values, U = np.linalg.eigh(floating(S))
        above = values > resolution(values, len(S))
        return (U[:, above] / np.sqrt(values[above])).conj().T
    U, s, _ = np.linalg.svd(columns, full_matrices=False)
    above = s > resolution(s, max(columns.shape))
    return (U[:, above] / s[above]).conj().T


def _reciprocal_roots(squares: Iterable[Fraction]) -> Array:
    """diag(squares)^(−½), exact if every root is rational."""
    squares = list(squares)
    roots = [square_root(x) for x in squares]
    exact = [root for root in roots if root is not None]
    if len(exact) < len(roots):
        return np.diag([1 / math.sqrt(x) for x in squares])
    return rationals(np.eye(len(exact), dtype=int)) / np.array(exact, dtype=object)


def _measured(moments: Moments, C: Array) -> Moments:
    """`metric`, with exact moments only if C is exact."""
    if not len(C):
        raise ValueError("Need targets that vary, to whiten them. Got none.")
    return metric(moments if C.dtype == object else moments.floating(), C)
