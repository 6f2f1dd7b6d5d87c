"""The least loss of dense linear autoencoders, in closed form from the moments of the data.

    optima.denoising(moments, width, variance=0.1).loss

A function has the name and the options of its loss. Tied weights, A = Bᵀ, are an option of all;
None is said where nothing is known. `bounds` has the other kinds of networks.
Theorems: proofs/projection.py, proofs/denoising.py, proofs/contractive.py, proofs/homogeneity.py,
proofs/tied_contractive.py, proofs/weight_decay.py, proofs/nested.py, proofs/gaussian_codes.py
"""

from __future__ import annotations

from math import inf, isfinite, log, pi, sqrt
from typing import NamedTuple

import numpy as np

from linae.exact import Array, eye
from linae.landscapes.base import Landscape
from linae.landscapes.nested import NestedLoss
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.tied_contractive import TiedContractive
from linae.landscapes.weight_decay import WeightDecay
from linae.moments import Moments


class Optimum(NamedTuple):
    """The least loss, and what to know of it; or what it is not below, and whose that is."""

    loss: float
    words: str = "minimum"
    is_bound: bool = False


def vanilla(moments: Moments, width: int, *, tied: bool = False) -> Optimum:
    """Σ_{i>p} λᵢ: the projection on principal components, which needs no more than tied weights."""
    return Optimum(_least(SquaredLoss(moments, width)))


def denoising(
    moments: Moments, width: int, *, tied: bool = False, variance: float = 0.1
) -> Optimum:
    """tr S − Σ_{i≤p} λᵢ²/(λᵢ + σ²): inputs with moment S + σ², whose best map is symmetric."""
    S = moments.Sxx
    return Optimum(_least(SquaredLoss(Moments(S + variance * eye(len(S), S), S, S), width)))


def contractive(
    moments: Moments, width: int, *, tied: bool = False, strength: float = 0.1
) -> Optimum:
    """Untied, B may shrink while A grows, and the penalty is free in the limit."""
    if tied:
        return Optimum(_least(TiedContractive(moments, width, strength)))
    return Optimum(_least(SquaredLoss(moments, width)), "infimum, which no weights have")


def variational(
    moments: Moments, width: int, *, tied: bool = False, variance: float = 0.1, beta: float = 1
) -> Optimum | None:
    """Codes whose component has λ ≤ θ = βσ² collapse; the r others leave θ each.

    (rθ + Σ_{i>r} λᵢ)/2σ² + (n/2) log 2πσ² + (β/2) Σ_{i≤r} log(λᵢ/θ)
    """
    if tied:
        return None
    values, theta = eigenvalues(moments), beta * variance
    alive = values[:width][values[:width] > theta]
    left = len(alive) * theta + float(values[len(alive) :].sum())
    rate = beta / 2 * float(np.log(alive / theta).sum())
    return Optimum(left / (2 * variance) + moments.n / 2 * log(2 * pi * variance) + rate)


def whitening(
    moments: Moments, width: int, *, tied: bool = False, strength: float = 1
) -> Optimum | None:
    """Σ_{i>p} λᵢ: codes of any covariance reconstruct, so white ones cost nothing."""
    if tied:
        return None
    if width > SquaredLoss(moments, width).spectrum.rank:
        return Optimum(inf, "no codes of that width are white")
    return vanilla(moments, width)


def adversarial(
    moments: Moments, width: int, *, tied: bool = False, strength: float = 1
) -> Optimum | None:
    """Σ_{i>p} λᵢ + γ log 2: a critic of white codes can but toss a coin."""
    found = whitening(moments, width, tied=tied)
    words = "equilibrium, if the codes are Gaussian"
    if found is None or not isfinite(found.loss):
        return None
    return Optimum(found.loss + strength * log(2), words)


def sparse(moments: Moments, width: int, *, tied: bool = False, alpha: float = 0.1) -> Optimum:
    """tr S − Σ_{i≤p} (√λᵢ − α/√2π)²₊, for E|bᵀx| = √(2/π) √(bᵀSb)."""
    kept = np.sqrt(eigenvalues(moments)[:width]) - alpha / sqrt(2 * pi)
    loss = float(moments.total) - float((np.maximum(kept, 0) ** 2).sum())
    return Optimum(loss, "minimum, if the data are Gaussian")


def weight_decay(
    moments: Moments, width: int, *, tied: bool = False, decay: float = 0.1
) -> Optimum:
    """tr S − Σ_{i≤p} (λᵢ − μ)²₊/λᵢ; tied weights decay once, as if by μ/2."""
    kind = TiedContractive if tied else WeightDecay
    return Optimum(_least(kind(moments, width, decay)))


def nested(moments: Moments, width: int, *, tied: bool = False) -> Optimum:
    """Σ_{k≤p} Σ_{i>k} λᵢ: the components in their order."""
    return Optimum(_least(NestedLoss(moments, width)))


def eigenvalues(moments: Moments) -> Array:
    """λ₁ ≥ λ₂ ≥ …, in double precision, all n of them."""
    return np.linalg.eigvalsh(moments.floating().Sxx)[::-1].clip(0)


def _least(landscape: Landscape) -> float:
    return float(next(landscape.critical_classes()).loss)
