"""Normal form of a critical point of the squared loss: which class it is, and where in its fibre.

Any critical point is A = [U_J, N_A X₀] M⁻¹, B = M [rows_J; Y₀ N_B] + (what inputs that never occur
see). Here J, U_J, M, X₀, Y₀ are recovered from A and B, exactly for exact weights.
Theorem: proofs/critical_points.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from linae.critical import IndexSet
from linae.exact import Array, kernel, orthogonal, product, row_echelon, solve
from linae.exact import rank as exact_rank
from linae.inertia import resolution
from linae.spectrum import Spectrum

if TYPE_CHECKING:
    from linae.landscapes.squared import SquaredLoss


@dataclass(frozen=True, eq=False)
class NormalForm:
    """Where a critical point lies.

    Attributes
    ----------
    index_set : tuple of int
        J; with ties, how many directions of each eigenspace, as its first components.
    basis : (n, r)
        U_J: orthogonal eigenvectors of Σ that span the range of the end-to-end map.
    rest : (n, ρ − r)
        U_K: orthogonal eigenvectors that complete it to the range of Σ.
    stratum : (int, int) or None
        (rank X₀, rank Y₀); None if rounding leaves it open.
    gauge : (p, p)
        M.
    free_decoder, free_encoder : (n − ρ, p − r) and (p − r, d − ρ)
        X₀, Y₀.
    """

    index_set: IndexSet
    basis: Array
    rest: Array
    stratum: tuple[int, int] | None
    gauge: Array
    free_decoder: Array
    free_encoder: Array


@dataclass(frozen=True, eq=False)
class Balance:
    """A linear map of weights, and of directions, to a whitened landscape.

    (A, B) ↦ (A right, left B root) with right left = 1 is a congruence of Hessians: no condition
    number of gauge or data is left on the other side.
    """

    landscape: SquaredLoss
    right: Array
    left: Array
    root: Array

    def __call__(self, *weights: Array) -> tuple[Array, Array]:
        A, B = weights
        return A @ self.right, self.left @ B @ self.root

    def noise(self, *weights: Array) -> float:
        """Bound on the rounding error of the image of (A, B)."""
        A, B = weights
        right, left, root, a, b = (
            float(np.linalg.norm(M)) for M in (self.right, self.left, self.root, A, B)
        )
        eps = float(np.finfo(float).eps) * max(*A.shape, *B.shape)
        return eps * (a * right + left * b * root)

    def rounding(self, *weights: Array) -> float:
        """Bound on the error of the Hessian at the image of (A, B), in spectral norm."""
        noise = self.noise(*weights)
        size = sum(float(np.linalg.norm(M)) for M in self(*weights))
        return 4 * noise * (size + noise) + 2 * noise * (size + noise)


def normal_form(landscape: SquaredLoss, A: Array, B: Array) -> NormalForm | None:
    """The normal form of a critical point, or None if rounding leaves the class open.

    Exact if the weights and the eigenvectors of Σ are. That (A, B) is critical is the caller's
    to check: at other points the answer is None or means nothing.
    """
    spectrum, S = landscape.spectrum, landscape.moments
    code = product(B, S.Syx.conj().T)
    split = _split(spectrum, A, code)
    if split is None:
        return None
    J, U, rest = split
    squares = (U.conj() * U).sum(axis=0)
    first = product(code, U) / spectrum.eigenvalues[list(J)]
    spare = kernel_basis(product((U / squares).conj().T, A), len(J))
    M = np.concatenate([first, spare], axis=1)
    if M.shape[0] != M.shape[1]:
        return None
    N = spectrum.vectors[:, spectrum.rank :]
    X0 = product((N / (N.conj() * N).sum(axis=0)).conj().T, product(A, spare))
    seen = product(spectrum.free_rows, S.Sxx)
    tail = product(_solution(M, B)[len(J) :], S.Sxx)
    Y0 = _solution(seen.T, tail.T).T
    x, y = _rank(X0, A), _rank(Y0, B, seen)
    q = spare.shape[1]
    stratum = None if x is None or y is None or x + y > q else (x, y)  # X₀ Y₀ = 0
    return NormalForm(J, U, rest, stratum, M, X0, Y0)


def _split(spectrum: Spectrum, A: Array, code: Array) -> tuple[IndexSet, Array, Array] | None:
    """J, U_J and U_K from the factors A and B Sxy of a moment, eigenspace by eigenspace."""
    J: list[int] = []
    left, right = product(spectrum.vectors.conj().T, A), product(code, spectrum.vectors)
    if spectrum.rank == len(spectrum.multiplicities) and A.dtype != object:
        return _simple(spectrum, (left * right.T).sum(axis=1))
    inside, outside, start = [], [], 0
    for size in spectrum.multiplicities:
        places = slice(start, start + size)
        Z = left[places] @ right[:, places] / spectrum.eigenvalues[start]
        part = _eigenspace_part(spectrum.vectors[:, places], Z)
        if part is None:
            return None
        J += range(start, start + part[0].shape[1])
        inside.append(part[0])
        outside.append(part[1])
        start += size
    none = spectrum.vectors[:, :0]
    chosen = np.concatenate([none, *inside], axis=1)
    return tuple(J), chosen, np.concatenate([none, *outside], axis=1)


def _simple(spectrum: Spectrum, shares: Array) -> tuple[IndexSet, Array, Array] | None:
    """The same in doubles where nothing ties: of each component, λ times what the map uses."""
    U, rho = spectrum.vectors, spectrum.rank
    used = np.abs(shares[:rho] / spectrum.eigenvalues[:rho].astype(float))
    if not _are_counts(used):
        return None
    J = np.flatnonzero(used > 0.5)
    return tuple(J.tolist()), U[:, J], U[:, np.flatnonzero(used <= 0.5)]


def _are_counts(values: Array) -> bool:
    """Whether singular values of a projection are near 0 or 1, all of them: eigenvectors may be
    turned by two degrees, which where eigenvalues nearly tie no gradient shows."""
    return bool(np.abs(values - (values > 0.5)).max(initial=0) <= 1e-3)


def _eigenspace_part(U: Array, Z: Array) -> tuple[Array, Array] | None:
    """Orthogonal bases of the part of an eigenspace that the map uses, and of the rest of it.

    At a critical point A B Sxy = P_A Σ, so that Z = Uᴴ A B Sxy U / λ is a projection and its
    singular values are 0 or 1; None if one is neither.
    """
    if U.dtype == object:
        squares = (U.conj() * U).sum(axis=0)
        used = Z[:, list(row_echelon(Z)[1])] / squares[:, None]
        return orthogonal(U @ used), orthogonal(U @ kernel(Z.conj().T))
    left, values, _ = np.linalg.svd(Z)
    if not _are_counts(values):
        return None
    r = int((values > 0.5).sum())
    return U @ left[:, :r], U @ left[:, r:]


def kernel_basis(C: Array, rank: int) -> Array:
    """A basis of ker C, as columns, for C of known rank; orthonormal if floating."""
    if C.dtype == object:
        return kernel(C)
    return np.linalg.svd(C)[2][rank:].conj().T


def _solution(M: Array, C: Array) -> Array:
    """Z with M Z = C, least squares if floating."""
    return solve(M, C) if M.dtype == object else np.linalg.lstsq(M, C)[0]


def _rank(X: Array, *factors: Array) -> int | None:
    """Rank of a block, exact or as far as the matrices that it is a product of have digits; None
    if a singular value is neither rounding nor clearly above it."""
    if X.dtype == object:
        return exact_rank(X)
    size = math.prod(float(np.linalg.norm(M, 2)) if M.size else 0.0 for M in factors)
    noise = resolution(size, max(max(M.shape) for M in factors))
    values = np.linalg.svd(X, compute_uv=False) if X.size else np.zeros(0)
    clear = values > 1e3 * noise
    return None if (values[~clear] > noise).any() else int(clear.sum())
