"""Gradient flow in closed form: where it is at time t, and the class it converges to.

    flow = gradient_flow(landscape.whitened, A, B)     # balanced start, AᴴA = B Bᴴ
    A, B = flow.at(3.0)
    flow.limit().index_set

For whitened inputs the flow θ̇ = −∇L of L = ‖G − A B‖² + const is, with Z = [A; Bᴴ] and
F = [[0, G], [Gᴴ, 0]], the Riccati equation d(ZZᴴ)/dt = 2 (F ZZᴴ + ZZᴴ F) − 2 (ZZᴴ)².
Fukumizu 1998; Braun et al. 2022. Theorems: proofs/flow.py, proofs/schubert_limit.py
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from linae.critical import CriticalClass
from linae.exact import Array
from linae.inertia import resolution
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
        Eigenvalues of F: σ₁ ≥ σ₂ ≥ … ≥ 0 ≥ … ≥ −σ₁.
    pivots : tuple of int
        Rows of the start, in that basis, at which the rank of the leading rows increases.
    shape : (n + d, k)
        V, zero above the pivot of each column and one at it.
    size : (k, p)
        C, so that the start is Z₀ = basis · V · C.
    """

    landscape: SquaredLoss
    basis: Array
    rates: Array
    pivots: tuple[int, ...]
    shape: Array
    size: Array

    def at(self, t: float) -> tuple[Array, Array]:
        """Weights at time t ≥ 0, up to a rotation of the hidden units; A B is exact.

        Z = basis · V(t) · C(t): V by exponentials that only decay, C by steps of the semigroup,
        each as long as the fastest rate allows. What V has as zeros stays zero, so that no rounding
        ever leaves an invariant subspace, however long t is.
        """
        if not t >= 0:
            raise ValueError(f"Need a time t >= 0. Got t = {t}.")
        speed = 2 * float(np.abs(self.rates).max(initial=0))
        steps = max(1, math.ceil(t * speed))
        C = self.size
        for step in range(steps):
            C = self._step(C, self._shape(t * step / steps), t / steps)
        Z, n = self.basis @ self._shape(t) @ C, self.landscape.moments.n
        return Z[:n], Z[n:].conj().T

    def _shape(self, t: float) -> Array:
        """V at time t: below the pivots of faster rates everything decays."""
        fast = self.rates[list(self.pivots)]
        return self.shape * np.exp(2 * t * np.minimum(self.rates[:, None] - fast, 0))

    def _step(self, C: Array, V: Array, t: float) -> Array:
        """C ↦ e^{2wt} C (I + Cᴴ Vᴴ Φ V C)^{−½} with Φ = 2 ∫₀ᵗ e^{4Fs} ds, w the rates of pivots."""
        w = self.rates
        still = np.where(w == 0, 1, w)
        phi = np.where(w == 0, 2 * t, np.expm1(4 * still * t) / (2 * still))
        inner = C.conj().T @ ((V.conj().T * phi) @ V) @ C
        values, Q = np.linalg.eigh(np.eye(len(inner)) + inner)
        return (
            np.exp(2 * w[list(self.pivots)] * t)[:, None] * C @ (Q / np.sqrt(values)) @ Q.conj().T
        )

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
    d = landscape.moments.m
    if not np.array_equal(landscape.moments.Sxx, np.eye(d)):
        raise ValueError("Need whitened inputs, Sxx = I. Got others; take landscape.whitened.")
    if (A.shape, B.shape) != landscape.shapes:
        raise ValueError(f"Need weights of shapes {landscape.shapes}. Got {A.shape}, {B.shape}.")
    Z = np.concatenate([A, B.conj().T])
    gap = float(np.linalg.norm(A.conj().T @ A - B @ B.conj().T))
    if gap > 1e-10 * float(np.linalg.norm(Z)) ** 2:
        raise ValueError(f"Need a balanced start, AᴴA = BBᴴ. Got a difference of norm {gap:.3g}.")
    basis, rates = _modes(landscape.moments.Syx, landscape.spectrum.rank)
    start = basis.conj().T @ Z
    pivots = _pivots(start)
    if not pivots:
        return Flow(landscape, basis, rates, (), start[:, :0], start[:0])
    Q = np.linalg.qr(start[list(pivots)].conj().T)[0]
    V = start @ Q
    for column, pivot in enumerate(pivots):
        V[:pivot, column] = 0
        V[pivot, column + 1 :] = 0
    scale = np.diagonal(V[list(pivots)])
    return Flow(landscape, basis, rates, pivots, V / scale, scale[:, None] * Q.conj().T)


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


def mode(sigma: float, a: float, b: float, t: Array) -> Array:
    """The product a b of one scalar mode at times t, from any start: θ̇ = −∇(σ − ab)².

    >>> float(mode(1.0, 1.0, 1.0, 5.0))
    1.0
    """
    t = 2 * np.asarray(t, dtype=float)
    if abs(a) < abs(b):
        a, b = b, a
    delta, product = a * a - b * b, a * b
    if delta <= 1e-12 * a * a:
        if not product:
            return np.zeros_like(t)
        sign = math.copysign(1.0, product)
        decay = np.exp(-2 * sigma * sign * t)
        grown = (
            abs(product) * -np.expm1(-2 * sigma * sign * t) / (sigma * sign)
            if sigma
            else (2 * abs(product) * t)
        )
        return product / (decay + grown)
    k = math.sqrt(delta * delta + 4 * sigma * sigma)
    y = math.tanh(math.asinh(2 * product / delta) / 2)
    high, low = 2 * sigma / (k + delta), -(k + delta) / (2 * sigma) if sigma else -math.inf
    if not sigma:
        y_t = y * np.exp(-delta * t)
    else:
        ratio = (y - high) / (y - low) * np.exp(-k * t)
        y_t = (high - low * ratio) / (1 - ratio)
    return delta * y_t / (1 - y_t * y_t)
