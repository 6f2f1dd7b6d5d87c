"""The set of global minima of the squared loss: in how many pieces, how far apart, how to walk it.

    barrier(spectrum, width)              λ_p − λ_{p+1}: the least climb between the two pieces
    number_of_components(spectrum, width) 2 if that is positive, else 1
    connect(landscape, weights, other)    a path from one global minimum to another

For real data with p ≤ ρ and λ_p > λ_{p+1} the minima are two mirror images, told apart by the sign
of det(U_pᴴ A); complex data, a tie at the cut or a spare hidden unit joins them.
Theorems: proofs/connectivity.py, proofs/barrier.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from linae.exact import Array, floating, is_complex, is_exact
from linae.landscapes.normal_form import kernel_basis, normal_form
from linae.landscapes.squared import SquaredLoss
from linae.spectrum import Spectrum

Weights = tuple[Array, Array]


def barrier(spectrum: Spectrum, width: int) -> float | Fraction:
    """The least height, above the global minimum, over which any two global minima can be joined.

    The eigengap λ_p − λ_{p+1} (λ_{p+1} = 0 if p = ρ) for real data; 0 if the data are complex, if
    the two eigenvalues are equal or if p > ρ. It is attained, by `connect`.
    Theorem: proofs/barrier.py

    >>> from linae import Moments
    >>> from linae.exact import rationals
    >>> spectrum = Spectrum.of(Moments.auto(rationals([[3, 0], [0, 1]])))
    >>> [int(barrier(spectrum, width)) for width in (1, 2, 3)]
    [2, 1, 0]
    """
    gap = spectrum.gap(width)
    return 0 * gap if is_complex(spectrum.vectors) or is_complex(spectrum.regression) else gap


def number_of_components(spectrum: Spectrum, width: int) -> int:
    """Number of connected components of the set of global minima, 1 or 2.

    Theorem: proofs/connectivity.py
    """
    return 2 if barrier(spectrum, width) > 0 else 1


def side(spectrum: Spectrum, decoder: Array) -> int:
    """Which component a global minimum lies in: the sign of det(U_pᴴ A), with the eigenvectors of
    this spectrum, or 0 if there is only one."""
    width = decoder.shape[1]
    if number_of_components(spectrum, width) == 1 or is_complex(decoder):
        return 0
    C = floating(spectrum.vectors)[:, :width].T @ floating(decoder)
    return int(np.linalg.slogdet(C)[0])


@dataclass(frozen=True, eq=False)
class Connection:
    """A path t ↦ weights, t in [0, 1], between two global minima.

    Attributes
    ----------
    start, end : tuple of arrays
        The weights at t = 0 and t = 1.
    climb : number
        Maximum minus minimum of the loss along the path: 0, or the eigengap.
    crosses : bool
        Whether the path leads from one component to the other, over the pass at t = ½.
    pieces : tuple of callables on [0, 1]
        Straight on to kernel blocks zero; through gauges and eigenvectors; straight on to the end.
    """

    start: Weights
    end: Weights
    climb: float | Fraction
    crosses: bool
    pieces: tuple[Callable[[float], Weights], ...]

    def __call__(self, t: float) -> Weights:
        """Weights at t: the given ones at both ends, between them in double precision."""
        if t in (0, 1):
            return self.end if t else self.start
        k = min(int(t * len(self.pieces)), len(self.pieces) - 1)
        return self.pieces[k](t * len(self.pieces) - k)

    def __str__(self) -> str:
        way = f"over a pass of height {float(self.climb):.4g}" if self.crosses else "on the level"
        return f"path between two global minima, {way}"


def connect(landscape: SquaredLoss, weights: Sequence[Array], other: Sequence[Array]) -> Connection:
    """A path between two global minima: level if any is, else it climbs by exactly the barrier.

    Complex weights are joined through complex weights, on the level even where the data are real.
    Theorems: proofs/connectivity.py, proofs/barrier.py

    Raises
    ------
    ValueError
        If one of the two is not a global minimum.

    >>> from linae import Moments
    >>> landscape = SquaredLoss(Moments.auto([[3, 0], [0, 1]]), 1)
    >>> A, B = next(landscape.critical_classes()).weights()
    >>> print(connect(landscape, (A, B), (-A, -B)))
    path between two global minima, over a pass of height 2
    >>> print(connect(landscape, (A, B), (2 * A, B / 2)))
    path between two global minima, on the level
    """
    given = _checked(landscape, weights), _checked(landscape, other)
    settled, ends = _in_one_arithmetic(landscape, given)
    used = [_used_directions(settled, *end) for end in ends]
    real = not any(is_complex(w) for end in ends for w in end)
    sides = [side(settled.spectrum, A) if real else 0 for A, _ in ends]
    crosses = sides[0] != sides[1]
    across = _across(settled, ends, used, crosses)
    pieces = _Line(_rounded(ends[0]), across(0)), across, _Line(across(1), _rounded(ends[1]))
    climb = int(crosses) * barrier(landscape.spectrum, landscape.width)
    return Connection(*given, climb, crosses, pieces)


def _checked(landscape: SquaredLoss, weights: Sequence[Array]) -> Weights:
    arrays = tuple(np.asarray(w) for w in weights)
    shapes = tuple(w.shape for w in arrays)
    if shapes != landscape.shapes:
        raise ValueError(f"Need weights of shapes {landscape.shapes}. Got {shapes}.")
    return arrays[0], arrays[1]


def _in_one_arithmetic(
    landscape: SquaredLoss, ends: tuple[Weights, Weights]
) -> tuple[SquaredLoss, tuple[Weights, Weights]]:
    """All in rational numbers if all of it is rational, else in double precision."""
    if is_exact(landscape.spectrum.vectors) and all(is_exact(w) for end in ends for w in end):
        return landscape, ends
    return landscape.floating, (_rounded(ends[0]), _rounded(ends[1]))


def _rounded(weights: Weights) -> Weights:
    return floating(weights[0]), floating(weights[1])


def _used_directions(landscape: SquaredLoss, A: Array, B: Array) -> Array:
    """Orthonormal eigenvectors that span the range of the map of a global minimum (n, r)."""
    s, S = landscape.spectrum, landscape.moments
    top = tuple(range(min(landscape.width, s.rank)))
    least, found = landscape.class_loss(top), landscape.loss(A, B)
    slack: Any = 0
    if not is_exact(A):
        size = float(np.linalg.norm(A) * np.linalg.norm(B))
        terms = float(np.linalg.norm(S.Syx)) + size * float(np.linalg.norm(S.Sxx))
        slack = 1e-12 * S.total + 100 * float(np.finfo(float).eps) * size * terms
    if not found <= least + slack:
        raise ValueError(f"Need weights of the least loss {least}. Got loss {found}.")
    normal = normal_form(landscape, A, B)
    if normal is None or normal.index_set != top:
        raise ValueError(
            "Need eigenvalues that are equal or apart beyond rounding at the cut. "
            f"Got λ{landscape.width} − λ{landscape.width + 1} = {s.gap(landscape.width)}."
        )
    return _normalised(normal.basis)


def _normalised(U: Array) -> Array:
    """Orthogonal columns scaled to length 1, in double precision."""
    columns = floating(U)
    return columns / np.linalg.norm(columns, axis=0)


@dataclass(frozen=True, eq=False)
class _Line:
    """Straight on: kernel blocks and the unseen part of the encoder scale by 1 − t."""

    start: Weights
    end: Weights

    def __call__(self, t: float) -> Weights:
        (A, B), (C, D) = self.start, self.end
        return (1 - t) * A + t * C, (1 - t) * B + t * D


@dataclass(frozen=True, eq=False)
class _Polar:
    """The invertible matrices Q e^{tΩ} ((1 − t) P + t P′) from C = Q P to C′ = Q e^Ω P′.

    Polar factors: a mean of positive definite matrices is positive definite, and no worse
    conditioned than the worse of the two. Real matrices need determinants of equal sign.
    """

    Q: Array
    Omega: Array
    P: tuple[Array, Array]

    @classmethod
    def between(cls, C: Array, D: Array) -> _Polar:
        from scipy.linalg import polar

        (Q, P), (V, R) = polar(C), polar(D)
        return cls(Q, _logarithm(Q.conj().T @ V), (P, R))

    def __call__(self, t: float) -> Array:
        from scipy.linalg import expm

        return self.Q @ expm(t * self.Omega) @ ((1 - t) * self.P[0] + t * self.P[1])


def _logarithm(Q: Array) -> Array:
    """Skew Ω with e^Ω = Q, for Q unitary, or orthogonal with determinant 1.

    By the real Schur form: the principal logarithm leaves the real numbers at an eigenvalue −1. Of
    these there is an even number, and each two of them are a half-turn.
    """
    from scipy.linalg import schur

    if is_complex(Q):
        T, Z = schur(Q, output="complex")
        return Z * (1j * np.angle(T.diagonal())) @ Z.conj().T
    T, Z = schur(Q, output="real")
    blocks = np.flatnonzero(T.diagonal(-1))
    alone = np.setdiff1d(np.arange(len(T)), [*blocks, *(blocks + 1)])
    turned = alone[T.diagonal()[alone] < 0].reshape(-1, 2)
    K = np.zeros_like(T)
    K[blocks + 1, blocks] = np.arctan2(T[blocks + 1, blocks], T[blocks, blocks])
    K[turned[:, 1], turned[:, 0]] = np.pi
    return Z @ (K - K.T) @ Z.T


@dataclass(frozen=True, eq=False)
class _Across:
    """A = U C₊, B = (C⁻¹)₊ Uᴴ Syx Sxx⁺: the encoder is the best one for the decoder, while the
    columns of U turn within a few eigenvectors and the gauge C goes where it must."""

    fixed: Array
    turning: Array
    frames: _Polar | None
    gauges: _Polar
    regression: Array
    rank: int

    def __call__(self, t: float) -> Weights:
        U, C = self.fixed, self.gauges(t)
        if self.frames is not None:
            k = self.rank - U.shape[1]
            U = np.concatenate([U, self.turning @ self.frames(t)[:, :k]], axis=1)
        return U @ C[: self.rank], np.linalg.inv(C)[:, : self.rank] @ (U.conj().T @ self.regression)


def _across(
    landscape: SquaredLoss, ends: Sequence[Weights], used: Sequence[Array], crosses: bool
) -> _Across:
    """The path between two global minima without kernel blocks."""
    s, r = landscape.spectrum, used[0].shape[1]
    none = np.zeros((len(s.vectors), 1))  # where p = ρ = n, u_p shrinks through 0 into its mirror
    W = np.concatenate([_normalised(s.vectors), none], axis=1)
    turning = _turning(s, r, crosses)
    fixed, W = W[:, : turning.start], W[:, turning]
    F = [np.eye(2, 1) if crosses else W.conj().T @ U[:, turning.start :] for U in used]
    C = [
        _coordinates(landscape, np.concatenate([fixed, W @ f], axis=1), *end)
        for f, end in zip(F, ends, strict=True)
    ]
    Q = [np.concatenate([f, kernel_basis(f.conj().T, f.shape[1])], axis=1) for f in F]
    if not any(map(is_complex, C)):
        _orient(C, Q, F[0].shape[1] if r == landscape.width else 0)
    frames = _Polar.between(*Q) if Q[0].size else None
    return _Across(fixed, W, frames, _Polar.between(*C), floating(s.regression), r)


def _orient(C: Sequence[Array], Q: Sequence[Array], turning: int) -> None:
    """Give both pairs determinants of equal sign; A = U C₊ stays, for a spare row of C, or the last
    column of U with it, changes its sign, and a column of Q that is of no use."""
    if np.linalg.slogdet(C[0])[0] != np.linalg.slogdet(C[1])[0]:
        C[1][-1] *= -1
        Q[1][:, turning - 1 : turning] *= -1
    if np.linalg.slogdet(Q[0])[0] != np.linalg.slogdet(Q[1])[0]:
        Q[1][:, -1] *= -1


def _turning(spectrum: Spectrum, r: int, crosses: bool) -> slice:
    """The components within which the range turns: at the pass, or tied at the cut; else none."""
    if crosses:
        return slice(r - 1, r + 1)
    group = spectrum.group
    if r == len(group) or group[r - 1] != group[r]:
        return slice(r, r)
    return slice(group.index(group[r]), len(group) - group[::-1].index(group[r]))


def _coordinates(landscape: SquaredLoss, U: Array, A: Array, B: Array) -> Array:
    """C (p, p) with C₊ = Uᴴ A; with spare units, C⁻¹ = [B Sxy U / λ, a basis of ker C₊]."""
    r, C = U.shape[1], U.conj().T @ floating(A)
    if r == landscape.width:
        return C
    code = floating(B @ landscape.moments.Syx.conj().T) @ U
    code = code / landscape.spectrum.eigenvalues[:r].astype(float)
    scale = np.linalg.norm(code, 2) if r else 1.0
    return np.linalg.inv(np.concatenate([code, scale * kernel_basis(C, r)], axis=1))
