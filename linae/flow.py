"""Gradient flow in closed form: where it is at time t, where it ends, and how fast it gets there.

    flow = gradient_flow(landscape.whitened, A, B)     # balanced start, AᴴA = B Bᴴ
    A, B = flow.at(3.0)
    flow.limit().index_set
    plateau_times(landscape.whitened, A, B)            # when each component is half learned

For whitened inputs the flow θ̇ = −∇L of L = ‖G − A B‖² + const is, with Z = [A; Bᴴ] and
F = [[0, G], [Gᴴ, 0]], the Riccati equation d(ZZᴴ)/dt = 2 (F ZZᴴ + ZZᴴ F) − 2 (ZZᴴ)².
Fukumizu 1998; Braun et al. 2022.
Theorems: proofs/flow.py, proofs/schubert_limit.py, proofs/global_convergence.py, proofs/modes.py,
proofs/plateau.py, proofs/rates.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from linae.critical import CriticalClass
from linae.exact import Array
from linae.inertia import resolution
from linae.landscapes.base import Landscape
from linae.landscapes.squared import SquaredLoss


@dataclass(frozen=True, eq=False)
class Flow:
    """Gradient flow from a balanced start.

    Attributes
    ----------
    landscape : SquaredLoss
        With Sxx = I.
    basis : (n + d, n + d)
        Eigenvectors of F, those of larger eigenvalues first.
    rates : (n + d,)
        Eigenvalues w of F: σ₁ ≥ σ₂ ≥ … ≥ 0 ≥ … ≥ −σ₁.
    pivots : tuple of int
        Rows of the start, in that basis, at which the rank of the leading rows increases.
    shape : (n + d, k)
        V, zero above the pivot of each column and one at it.
    size : (k,)
        D > 0, so that the start is Z₀ = basis · V · diag(D) · turn.
    turn : (k, p)
        Orthonormal rows.
    """

    landscape: SquaredLoss
    basis: Array
    rates: Array
    pivots: tuple[int, ...]
    shape: Array
    size: Array
    turn: Array

    def at(self, t: float) -> tuple[Array, Array]:
        """Weights at time t ≥ 0, up to a rotation of the hidden units; A B is exact.

        Z Zᴴ = X (D⁻² + Vᴴ Φ V)⁻¹ Xᴴ with X = e^{2wt} V and Φ = 2 ∫₀ᵗ e^{4ws} ds. Column by column
        both are divided by what the pivot grows by: e^{2wt} if w > 0, √(2t) if w = 0. Then every
        exponential decays, and the zeros of V, an invariant subspace, stay zero for all t.
        """
        if not t >= 0:
            raise ValueError(f"Need a time t >= 0. Got t = {t}.")
        w, V = self.rates[:, None], self.shape
        pivot = w[list(self.pivots), 0]
        grown = 2 * t * np.maximum(pivot, 0) + (pivot == 0) * math.log(max(1.0, 2 * t)) / 2
        X = V * np.exp(np.minimum(2 * t * w - grown, 0))
        still = np.where(w == 0, 1, 2 * np.abs(w))
        phi = np.where(w == 0, 2 * t, -np.expm1(-2 * t * still) / still)
        root = V * np.exp(np.minimum(2 * t * np.maximum(w, 0) - grown, 0)) * np.sqrt(phi)
        R = np.linalg.qr(np.concatenate([root, np.diag(np.exp(-grown) / self.size)]), mode="r")
        R = R * np.sign(np.diagonal(R).real)[:, None]
        Z = self.basis @ np.linalg.solve(R.conj().T, X.conj().T).conj().T @ self.turn
        n = self.landscape.moments.n
        return Z[:n], Z[n:].conj().T

    def limit(self) -> CriticalClass:
        """The class that the flow converges to: the pivots of positive rate.

        Rank decisions are those of double precision; a start inside the stable set of a saddle is
        recognised if it is there to rounding.
        """
        spectrum = self.landscape.spectrum
        reached = [spectrum.group[i] for i in self.pivots if i < spectrum.rank]
        J: list[int] = []
        first = 0
        for g, size in enumerate(spectrum.multiplicities):
            J += range(first, first + reached.count(g))
            first += size
        return CriticalClass(self.landscape, tuple(J))


def gradient_flow(landscape: SquaredLoss, A: Array, B: Array) -> Flow:
    """The gradient flow of a whitened landscape from a balanced start.

    Parameters
    ----------
    landscape : SquaredLoss
        With Sxx = I, such as `landscape.whitened`.
    A, B : (n, p), (p, d)
        With AᴴA = B Bᴴ.

    Raises
    ------
    ValueError
        If the inputs are not white, shapes differ, or the start is not balanced.
    """
    size = float(np.linalg.norm(A)) ** 2 + float(np.linalg.norm(B)) ** 2
    flow = _flow(landscape, A, B)
    gap = float(np.linalg.norm(A.conj().T @ A - B @ B.conj().T))
    if gap > 1e-10 * size:
        raise ValueError(f"Need a balanced start, AᴴA = BBᴴ. Got a difference of norm {gap:.3g}.")
    return flow


def plateau_times(landscape: SquaredLoss, A: Array, B: Array) -> Array:
    """When descent from (A, B) has learned half of each component, uᵢᴴ A B vᵢ = σᵢ/2.

    ln(σᵢ/sᵢ − 1) / 4σᵢ, with sᵢ = ‖uᵢᴴA + vᵢᴴBᴴ‖²/4 less what faster components use of the hidden
    units. In units of the flow θ̇ = −∇L, where gradient descent of step η takes η per step. Equal
    if the start is aligned, A = U diag(a) Q and B = Aᴴ in these coordinates; else to leading order
    for small starts. Between the times the loss rests at the critical values.

    Returns
    -------
    (ρ,) inf for a component that is never learned; negative if half is there at the start
    """
    flow = _flow(landscape, A, B)
    times = np.full(landscape.spectrum.rank, math.inf)
    for pivot, size in zip(flow.pivots, flow.size, strict=True):
        if pivot < len(times):
            sigma = float(flow.rates[pivot])
            ahead = 2 * sigma / float(size) ** 2 - 1
            times[pivot] = math.log(ahead) / (4 * sigma) if ahead > 0 else -math.inf
    return times


def escape_rate(critical: CriticalClass) -> float:
    """The largest rate e^{rate · t} at which flow leaves the balanced points of a class, whitened.

    2 σ_k with k the best unselected component if a unit is spare, else 2 (σ_k − σ_j) with j the
    worst selected one; 0 at a global minimum.
    """
    sigma, J = _singular_values(critical.landscape), critical.index_set
    rest = [k for k in range(len(sigma)) if k not in J]
    if critical.is_global_minimum:
        return 0.0
    kept = sigma[max(J)] if len(J) == critical.landscape.width else 0.0
    return 2 * (sigma[rest[0]] - kept)


def convergence_rate(landscape: Landscape) -> float:
    """The rate e^{−rate · t} at which flow approaches a global minimum, whitened, balanced.

    2 (σ_p − σ_{p+1}) if p < ρ and nothing ties, 2 σ_p if p = ρ and G has a kernel on either side,
    4 σ_ρ if p ≥ ρ = n = d. It is 0 if p > ρ and G has kernels on both sides: there the loss falls
    like t⁻².
    """
    spectrum, sigma = landscape.spectrum, _singular_values(landscape)
    rho, r = spectrum.rank, min(landscape.width, spectrum.rank)
    decoders, encoders = landscape.moments.n - rho, spectrum.input_rank - rho
    if not rho or (landscape.width > rho and decoders and encoders):
        return 0.0
    group = spectrum.group
    gaps = [sigma[j] - sigma[k] for j in range(r) for k in range(r, rho) if group[j] != group[k]]
    kernel = [sigma[r - 1]] if decoders + encoders else []
    return 2 * min([2 * sigma[r - 1], *kernel, *gaps])


def mode(sigma: float, a: float, b: float, t: Array) -> Array:
    """The product a b of one scalar mode at times t, from any start: θ̇ = −∇(σ − ab)², σ ≥ 0.

    It is (h − g)/4 with h = (a + b)² and g = (a − b)². Of these h g = δ² is conserved, and each
    obeys an equation of its own: ḣ = 4σh − h² + δ², ġ = −4σg − g² + δ².

    >>> float(mode(1.0, 1.0, 1.0, 5.0))
    1.0
    """
    t = np.asarray(t, dtype=float)
    delta = (a + b) * (a - b)
    k = math.hypot(2 * sigma, delta)
    if not k:
        return a * b / (1 + 4 * abs(a * b) * t)
    high, low = k + 2 * sigma, delta * delta / (k + 2 * sigma)  # low = k − 2σ, no cancellation
    growing = _square((a + b) ** 2, delta, high, low, 2 * k * t)
    return (growing - _square((a - b) ** 2, delta, low, high, 2 * k * t)) / 4


def _square(h: float, delta: float, up: float, down: float, kt: Array) -> Array:
    """h at times kt/2k, if ḣ = 4σh − h² + δ² and up, down = k ± 2σ with k² = 4σ² + δ²."""
    if not h:
        return np.zeros_like(kt)
    decay, grown = np.exp(-kt), -np.expm1(-kt)
    return (h * (up + down * decay) + delta * delta * grown) / (h * grown + down + up * decay)


def _flow(landscape: SquaredLoss, A: Array, B: Array) -> Flow:
    """The start in the basis of F, column echelon; balanced or not."""
    d = landscape.moments.m
    if not np.array_equal(landscape.moments.Sxx, np.eye(d)):
        raise ValueError("Need whitened inputs, Sxx = I. Got others; take landscape.whitened.")
    if (A.shape, B.shape) != landscape.shapes:
        raise ValueError(f"Need weights of shapes {landscape.shapes}. Got {A.shape}, {B.shape}.")
    basis, rates = _modes(landscape.moments.Syx, landscape.spectrum.rank)
    start = basis.conj().T @ np.concatenate([A, B.conj().T])
    pivots = _pivots(start)
    turn = np.linalg.qr(start[list(pivots)].conj().T)[0]
    V = start @ turn
    for column, pivot in enumerate(pivots):
        V[:pivot, column] = 0
        V[pivot, column + 1 :] = 0
    scale = np.diagonal(V[list(pivots)])
    size = np.abs(scale)
    phase = (scale / size)[:, None]
    return Flow(landscape, basis, rates, pivots, V / scale, size, phase * turn.conj().T)


def _pivots(start: Array) -> tuple[int, ...]:
    """Rows at which the rank of the leading rows increases, as far as doubles tell."""
    values = np.linalg.svd(start, compute_uv=False)
    noise = 1e2 * resolution(values, len(start))
    found: list[int] = []
    for row in range(len(start)):
        if len(found) == int((values > noise).sum()):
            break
        leading = np.linalg.svd(start[[*found, row]], compute_uv=False)
        if leading[-1] > noise:
            found.append(row)
    return tuple(found)


def _modes(G: Array, rank: int) -> tuple[Array, Array]:
    """Eigenvectors and eigenvalues of [[0, G], [Gᴴ, 0]], descending, from the SVD of G."""
    U, s, Vh = np.linalg.svd(G, full_matrices=True)
    (n, d), V, s = G.shape, Vh.conj().T, s[:rank]
    pair = np.concatenate([U[:, :rank], V[:, :rank]]) / math.sqrt(2)
    mirror = np.concatenate([U[:, :rank], -V[:, :rank]]) / math.sqrt(2)
    left = np.concatenate([U[:, rank:], np.zeros((d, n - rank))])
    right = np.concatenate([np.zeros((n, d - rank)), V[:, rank:]])
    rates = np.concatenate([s, np.zeros(n + d - 2 * rank), -s[::-1]])
    return np.concatenate([pair, left, right, mirror[:, ::-1]], axis=1), rates


def _singular_values(landscape: Landscape) -> list[float]:
    """σ₁ ≥ … > 0."""
    values = landscape.spectrum.eigenvalues[: landscape.spectrum.rank]
    return [math.sqrt(x) for x in values]
