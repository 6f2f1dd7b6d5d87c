"""The Hessian of the squared loss in coordinates in which it falls into small blocks.

With eigenvectors of Σ for the outputs and encoders of its components for the inputs,

    A = U A′,  B = B′ V,  D = UᴴU,  N = V Sxx Vᴴ,  S′ = Uᴴ Syx Vᴴ,  R′ = D A′ B′ N − S′,

the second derivative along U Ȧ′ and Ḃ′ V is 2 tr(D E N Eᴴ) + 4 Re tr(R′ᴴ Ȧ′ Ḃ′) with
E = Ȧ′ B′ + A′ Ḃ′, whatever U and V are. That D, N and S′ are nearly diagonal, and A′ and B′ nearly
empty, is seen by computing them; what is left out as rounding is measured and enters a bound.
Theorem: proofs/inertia.py
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from linae.bilinear import curvature
from linae.components import Entries
from linae.exact import Array, floating, inverse, product, solve
from linae.inertia import inertia_of_blocks
from linae.landscapes.base import Landscape, Place

if TYPE_CHECKING:
    from linae.landscapes.normal_form import NormalForm
    from linae.landscapes.squared import SquaredLoss
    from linae.spectrum import Spectrum

EPS = float(np.finfo(float).eps)


class Cut(NamedTuple):
    """An array without the entries that are not told from zero; bounds on its spectral norm, and
    on that of what was left out or rounded (without meaning if exact)."""

    array: Array
    size: float
    error: float


class InBlocks(Landscape):
    """A landscape with coordinates at its critical points in which the Hessian falls into small
    blocks."""

    @abstractmethod
    def sparse_hessian(self, place: Place, *weights: Array) -> tuple[Entries, float] | None:
        """A matrix congruent to the Hessian at a critical point that falls into small blocks, and
        a bound in spectral norm on what it is wrong by; None if such coordinates are not known."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Bases of outputs U (n, n) and of encoders V (d, m), with Sxx Vᴴ, D, N and S′."""

    outputs: Array
    inputs: Array
    inner: Array
    gram: Cut
    energy: Cut
    target: Cut

    @classmethod
    def of(cls, U: Array, V: Array, Sxx: Array, Syx: Array) -> Frame:
        """Any bases; how well they suit the moments shows in how much of D, N and S′ is zero."""
        Uh, Vh = U.conj().T, V.conj().T
        white = np.array_equal(Sxx, np.eye(len(Sxx)))
        inner = Vh if white else product(Sxx, Vh)
        D, N, target = product(Uh, U), product(V, inner), product(Uh, product(Syx, Vh))
        return cls(U, V, inner, cut(D), cut(N), cut(target))

    @cached_property
    def is_regular(self) -> bool:
        """Whether U and V certainly have full rank: their Gram matrices dominate by the diagonal,
        or, if exact, can be inverted."""
        return _is_regular(self.gram) and _is_regular(self.energy)

    @cached_property
    def _grams(self) -> tuple[Entries, Entries]:
        return Entries.of(self.gram.array), Entries.of(self.energy.array)

    def turned(self, places: Array, turn: Array) -> Frame:
        """The frame with orthonormal components at some places turned among themselves, in
        doubles."""
        U, inner, S = self.outputs.copy(), self.inner.copy(), self.target.array.copy()
        V, back = self.inputs.copy(), turn.conj().T
        for columns in (U, inner, S):
            columns[:, places] = columns[:, places] @ turn
        for rows in (V, S):
            rows[places] = back @ rows[places]
        blur = 4 * (len(turn) * EPS + float(np.linalg.norm(back @ turn - np.eye(len(turn)))))
        D, N = (x._replace(error=x.error + blur * x.size) for x in (self.gram, self.energy))
        again = cut(S, noise=self.target.error)
        again = again._replace(error=again.error + self.target.error + blur * again.size)
        return replace(self, outputs=U, inputs=V, inner=inner, gram=D, energy=N, target=again)

    def hessian(self, A: Array, B: Array, noise: float = 0.0) -> tuple[Entries, float]:
        """Entries of the Hessian in the frame, and a bound in spectral norm on their error.

        Entries of A′ and B′ up to `noise` are left out; the bound is infinite if exact weights
        have no coordinates.
        """
        D, N, S = self.gram, self.energy, self.target
        Uh = self.outputs.conj().T
        a = cut(_divided(D.array, product(Uh, A)), noise=noise)
        b = cut(_divided(N.array.T, product(B, self.inner).T).T, noise=noise)
        lost = (
            product(Uh, A - product(self.outputs, a.array)),
            product(B - product(b.array, self.inputs), self.inner),
        )
        a, b = _missing(a, lost[0], D), _missing(b, lost[1], N)
        DA, BN = product(D.array, a.array), product(b.array, N.array)
        R = cut(product(DA, BN) - S.array, scale=S.size)
        entries = curvature((a.array, b.array), (DA, BN), self._grams, R.array)
        return entries, self._error(a, b, R)

    def _error(self, a: Cut, b: Cut, R: Cut) -> float:
        """By the triangle inequality, factor by factor; ‖E‖² ≤ (‖A′‖² + ‖B′‖²) (‖Ȧ′‖² + ‖Ḃ′‖²)."""
        D, N, S = self.gram, self.energy, self.target
        if R.array.dtype == object:
            return a.error + b.error
        far, near = math.hypot(a.error, b.error), math.hypot(a.size, b.size)
        d, n, x, y = (c.size + c.error for c in (D, N, a, b))
        square = (D.error * n + d * N.error) * (near + far) ** 2 + d * n * far * (2 * near + far)
        residual = R.error + S.error + D.error * x * y * n + d * x * y * N.error
        residual += d * n * (a.error * y + x * b.error)
        rounding = 16 * EPS * a.array.shape[1] * (d * n * (near + far) ** 2 + S.size)
        return 2 * (square + residual) + rounding


def framed_hessian(
    landscape: SquaredLoss, place: Place, weights: Sequence[Array]
) -> tuple[Entries, float] | None:
    """The Hessian at a critical point, in the frame of its normal form; None without one."""
    normal = place.normal
    if weights[0].dtype == object:
        frame, M = _exact_frame(landscape, normal), normal.gauge
        point, noise, blur = (product(weights[0], M), product(inverse(M), weights[1])), 0.0, 0.0
    else:
        move = landscape.move(place)
        frame = _adapted(landscape.frame, landscape.spectrum, normal)
        point, noise, blur = move(*weights), move.noise(*weights), move.rounding(*weights)
    if not frame.is_regular:
        return None
    entries, error = frame.hessian(*point, noise)
    return entries, error + 1.5 * blur  # ‖D‖ and ‖N‖ are near 1


def whitened_frame(landscape: SquaredLoss) -> Frame:
    """Eigenvectors of Σ, and what the target makes of them, orthonormal."""
    S, U = landscape.whitened.moments, floating(landscape.spectrum.vectors)
    U = U / np.linalg.norm(U, axis=0)
    V = np.linalg.qr(S.Syx.conj().T @ U, mode="complete")[0].conj().T
    return Frame.of(U, V, S.Sxx, S.Syx)


def _adapted(frame: Frame, spectrum: Spectrum, normal: NormalForm) -> Frame:
    """The frame turned within eigenspaces of more than one dimension to those of a point."""
    turn, tied, first = np.eye(spectrum.rank, dtype=frame.outputs.dtype), np.zeros(0, dtype=int), 0
    chosen, left = 0, 0
    for size in spectrum.multiplicities:
        places = np.arange(first, first + size)
        count = len(set(places.tolist()) & set(normal.index_set))
        if size > 1 and places[-1] < len(frame.inputs):  # not where whitening lost it
            own = normal.basis[:, chosen : chosen + count]
            other = normal.rest[:, left : left + size - count]
            block = frame.outputs[:, places].conj().T @ np.concatenate([own, other], axis=1)
            turn[np.ix_(places, places)] = block
            tied = np.concatenate([tied, places])
        first, chosen, left = first + size, chosen + count, left + size - count
    return frame.turned(tied, turn[np.ix_(tied, tied)]) if len(tied) else frame


def _exact_frame(landscape: SquaredLoss, normal: NormalForm) -> Frame:
    """Orthogonal eigenvectors of Σ, their encoders, and those of inputs without a target."""
    spectrum, S = landscape.spectrum, landscape.moments
    seen = np.concatenate([normal.basis, normal.rest], axis=1)
    U = np.concatenate([seen, spectrum.vectors[:, spectrum.rank :]], axis=1)
    rows = product((seen / (seen.conj() * seen).sum(axis=0)).conj().T, spectrum.regression)
    return Frame.of(U, np.concatenate([rows, spectrum.free_rows], axis=0), S.Sxx, S.Syx)


def cut(M: Array, scale: float = 0.0, noise: float = 0.0) -> Cut:
    """M without what is rounding beside its largest entry, or `scale`, or below `noise`."""
    if M.dtype == object:
        return Cut(M, 0.0, 0.0)
    sizes, length = np.abs(M), max(M.shape)
    level = max(length * EPS * max(float(sizes.max(initial=0)), scale), noise)
    kept = np.where(sizes > level, M, 0)
    sizes = np.abs(kept)
    size = math.sqrt(sizes.sum(axis=0).max(initial=0) * sizes.sum(axis=1).max(initial=0))
    return Cut(kept, size, float(np.linalg.norm(M - kept)) + 2 * length * EPS * size)


def _divided(gram: Array, X: Array) -> Array:
    """G⁻¹ X; in doubles by the diagonal alone."""
    return solve(gram, X) if X.dtype == object else X / np.diagonal(gram)[:, None].real


def _missing(x: Cut, lost: Array, gram: Cut) -> Cut:
    """x with the error that `lost`, its image under the Gram matrix, leaves in it."""
    if lost.dtype == object:
        return x._replace(error=math.inf if lost.any() else 0.0)
    least = float(np.diagonal(gram.array).real.min(initial=1))
    rounding = 4 * max(lost.shape) * EPS * x.size
    return x._replace(error=2 * float(np.linalg.norm(lost)) / least + rounding)


def _is_regular(gram: Cut) -> bool:
    M = gram.array
    if M.dtype == object:
        return inertia_of_blocks(Entries.of(M)).positive == len(M)
    d = np.diagonal(M).real
    off = np.abs(M).sum(axis=1) - np.abs(d)
    return bool((d > 2 * (off + gram.error)).all())
