"""The squared loss of a two-layer linear network, E‖y − A B x‖².

Baldi and Hornik 1989 for full rank; the closed forms here need no hypothesis: ties, zero
eigenvalues, singular Sxx, hetero-associative targets, any width, complex data.
Theorems: proofs/gradient.py, proofs/critical_points.py, proofs/inertia.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from linae.bilinear import dense_curvature
from linae.components import Entries, spectral_norm
from linae.critical import CriticalClass, IndexSet
from linae.enclosure import enclosed_inertia
from linae.exact import Array, floating, inverse, is_complex, is_exact, product, real, zeros
from linae.inertia import Inertia
from linae.landscapes.additive import Additive, Gains
from linae.landscapes.auto import out_of_order
from linae.landscapes.base import Place
from linae.landscapes.escapes import Escape, squared_escape
from linae.landscapes.frames import Frame, InBlocks, framed_hessian, whitened_frame
from linae.landscapes.normal_form import Balance, normal_form
from linae.landscapes.spectra import auto_spectrum, whitened_spectrum
from linae.moments import Moments
from linae.reduction import Reduction, reduction


class SquaredLoss(Additive, InBlocks):
    """L(A, B) = E‖y − A B x‖² = tr Syy − 2 Re tr(A B Sxy) + tr(A B Sxx Bᴴ Aᴴ); no factor ½.

    Weights: decoder A (n, p), encoder B (p, m).

    >>> landscape = SquaredLoss(Moments.auto([[4, 0], [0, 1]]), width=1)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()]
    [((0,), 1.0, 0), ((1,), 4.0, 1), ((), 5.0, 2)]
    """

    degree = 4
    exact_size = 2000  # it falls into small blocks
    known = (
        "There are no other critical points, and no other kinds, whatever the data "
        "(proofs/critical_points.py, proofs/inertia.py)."
    )

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return (self.moments.n, self.width), (self.width, self.moments.m)

    def residual(self, A: Array, B: Array) -> Array:
        """R = A B Sxx − Syx (n, m), the residual moment."""
        return product(A, product(B, self.moments.Sxx)) - self.moments.Syx

    def loss(self, *weights: Array) -> Any:
        """By residuals of samples where there are any, which lose no digits, else by moments."""
        A, B = weights
        S = self.moments
        if S.samples is not None and A.dtype != object and B.dtype != object:
            Fx, Fy = S.samples
            return np.sum(np.abs(Fy - A @ (B @ Fx)) ** 2, axis=(-2, -1))
        inner = (self.residual(A, B) - S.Syx) * product(A, B).conj()
        value = S.total + inner.sum(axis=(-2, -1))
        return _real(value) if is_complex(inner) else value

    def gradient(self, *weights: Array) -> tuple[Array, Array]:
        """(2 R Bᴴ, 2 Aᴴ R)."""
        A, B = weights
        R = self.residual(A, B)
        return 2 * product(R, B.conj().mT), 2 * product(A.conj().mT, R)

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, Array]]:
        """(Ȧ, Ḃ) ↦ (2 (E Bᴴ + R Ḃᴴ), 2 (Ȧᴴ R + Aᴴ E)) with E = (Ȧ B + A Ḃ) Sxx.

        R, B Sxx, B Sxx Bᴴ and AᴴA are computed once; then a direction costs p m² + 2 p n m
        multiplications, and O(p² (n + m)) more. Leading axes of directions are a batch.
        """
        A, B = weights
        S, Ah = self.moments.Sxx, A.conj().mT
        R, C = self.residual(A, B), B @ S
        decoded, encoded, Ch = Ah @ A, C @ B.conj().mT, S @ B.conj().mT

        def curved(dA: Array, dB: Array) -> tuple[Array, Array]:
            dAh, dBh = dA.conj().mT, dB.conj().mT
            first = dA @ encoded + A @ (dB @ Ch) + R @ dBh
            return 2 * first, 2 * (dAh @ R + (Ah @ dA) @ C + decoded @ (dB @ S))

        return curved

    def hessian(self, *weights: Array) -> Array:
        """Blocks 2 (B Sxx Bᴴ)ᵀ ⊗ I, 2 Sxxᵀ ⊗ AᴴA, 2 ((Sxx Bᴴ)ᵀ ⊗ A + (I ⊗ R) K), vec by columns.

        Linear plus antilinear part, P v + Q v̄; complex data give the real matrix of both.
        """
        A, B = weights
        return dense_curvature(A, B, self.moments.Sxx, self.residual(A, B))

    def sparse_hessian(self, place: Place, *weights: Array) -> tuple[Entries, float] | None:
        """Blocks of order two but for kernel blocks; without p (m − d) zeros of unseen inputs."""
        return framed_hessian(self, place, weights)

    @cached_property
    def frame(self) -> Frame:
        """In double precision, of whitened inputs."""
        return whitened_frame(self)

    @property
    def gains(self) -> Gains:
        """The eigenvalues of Σ."""
        return Gains(list(self.spectrum.eigenvalues), self.spectrum.multiplicities)

    def class_gain(self, J: IndexSet) -> float | Fraction:
        """Σ_J λ."""
        return sum(self.spectrum.eigenvalues[list(J)], Fraction(0))

    def class_loss(self, J: IndexSet) -> float | Fraction:
        """tr Syy − Σ_J λ, summed as what is left out, which loses no digits."""
        chosen = set(J)
        left = [x for i, x in enumerate(self.spectrum.eigenvalues) if i not in chosen]
        return self.spectrum.unexplained + sum(left)

    def class_kind(self, J: IndexSet) -> str:
        """Global minimum or strict saddle: there is nothing else, without any hypothesis."""
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet, stratum: tuple[int, int] = (0, 0)) -> Inertia:
        """Inertia at a point of class J whose kernel blocks have ranks `stratum` = (x, y).

        With K the unselected nonzero components, g and e the numbers of pairs (k, j) in K × J with
        λ_k > λ_j and λ_k = λ_j: index g + (p − r)(ρ − r), no hypothesis. Complex data: twice that.
        """
        spectrum, p, r = self.spectrum, self.width, len(J)
        rho, d = spectrum.rank, spectrum.input_rank
        n, m = self.moments.n, self.moments.m
        above, tied = out_of_order(spectrum, J)
        q, a, b = p - r, n - rho, d - rho
        x, y = stratum
        xi = a * y + b * x - x * y
        negative = above + q * (rho - r)
        zero = tied + r * (2 * p - r) + q * (a + b) - xi + p * (m - d)
        inertia = Inertia(negative, zero, p * (n + m) - negative - zero)
        return 2 * inertia if self.moments.is_complex else inertia

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, Array]:
        """A = [U_J, N_A X₀] M⁻¹, B = M [rows_J; Y₀ N_B] + B₀ (I − Sxx Sxx⁺).

        Parameters
        ----------
        J : index set, any subset of the components that names a critical point.
        gauge : (p, p), optional
            M, invertible. Default: the identity in auto-association and for exact moments;
            otherwise M = diag(σ_J^(−1/2)), the balanced point of whitened inputs.
        free_decoder, free_encoder : (n − ρ, p − r) and (p − r, d − ρ), optional
            X₀ and Y₀, with X₀ Y₀ = 0.
        null_encoder : (p, m), optional
            B₀, what the encoder does to inputs that never occur.
        """
        unknown = blocks.keys() - {"free_decoder", "free_encoder", "null_encoder"}
        if unknown:
            raise TypeError(f"Need free_decoder, free_encoder or null_encoder. Got {unknown}.")
        s, _r, q = self.spectrum, len(J), self.width - len(J)
        N = s.vectors[:, s.rank :]
        X0 = blocks.get("free_decoder", zeros((N.shape[1], q), N))
        Y0 = blocks.get("free_encoder", zeros((q, s.free_rows.shape[0]), s.free_rows))
        _check_blocks(X0, Y0, (N.shape[1], q), (q, s.free_rows.shape[0]))
        chosen = list(J)
        A = np.concatenate([s.vectors[:, chosen], N @ X0], axis=1)
        B = np.concatenate([s.rows[chosen], Y0 @ s.free_rows], axis=0)
        if gauge is not None:
            M = np.asarray(gauge)
            A, B = A @ inverse(M), M @ B
        elif not self.moments.is_auto and A.dtype != object:
            scale = np.ones(self.width)
            scale[: len(J)] = s.eigenvalues[chosen] ** -0.25
            A, B = A / scale, scale[:, None] * B
        if "null_encoder" in blocks:
            B = B + blocks["null_encoder"] @ s.null_projector
        return A, B

    def class_spectra(self, sets: Array) -> Array | None:
        """For auto-association and for Sxx = I."""
        values, squares = self._doubles
        rho = self.spectrum.rank
        if self.moments.is_auto:
            found = auto_spectrum(values, sets, self.width, squares)
        elif np.array_equal(self.moments.Sxx, np.eye(self.moments.m)):
            scale = squares if self.spectrum.vectors.dtype == object else np.sqrt(values)
            shape = self.moments.n, self.moments.m
            found = whitened_spectrum(values[:rho], sets, self.width, shape, scale[:rho])
        else:
            return None
        return np.repeat(found, 2, axis=1) if self.moments.is_complex else found

    @cached_property
    def _doubles(self) -> tuple[Array, Array]:
        """Eigenvalues, and squared norms of eigenvectors, in double precision."""
        vectors = self.spectrum.vectors
        squares = floating((vectors * vectors.conj()).sum(axis=0)).real
        return self.spectrum.eigenvalues.astype(float), squares

    @cached_property
    def _norms(self) -> tuple[float, float]:
        """Spectral norms of Sxx and Syx."""
        S = self.moments
        inputs = spectral_norm(S.Sxx)
        return inputs, inputs if S.is_auto else spectral_norm(S.Syx)

    @cached_property
    def _reduced(self) -> Reduction:
        return reduction(self.moments.floating())

    @cached_property
    def whitened_root(self) -> Array:
        """R (m, d) with Sxx = R Rᴴ; one column of zeros if no input ever occurs."""
        R = self._reduced.root
        return R if R.shape[1] else np.zeros((self.moments.m, 1))

    @cached_property
    def whitened(self) -> SquaredLoss:
        """The landscape of ‖G − A B̃‖², B̃ = B R, in double precision: inputs with Sxx = I_d.

        Its loss is less by tr(Syy − Σ), its Hessian congruent to this one, less p (m − d) zeros.
        """
        G = self._reduced.target
        one = np.eye(G.shape[1], dtype=G.dtype)
        if not G.shape[1]:
            G, one = np.zeros((self.moments.n, 1)), np.zeros((1, 1))
        return SquaredLoss(Moments(one, G, G @ G.conj().T, (one, G)), self.width)

    @cached_property
    def floating(self) -> SquaredLoss:
        """The same landscape in double precision."""
        moments = self.moments.floating()
        return self if moments is self.moments else SquaredLoss(moments, self.width)

    @property
    def ground(self) -> SquaredLoss:
        """On whitened inputs the condition number of the data matters least."""
        return self.whitened

    def place(self, *weights: Array) -> Place | None:
        """By the normal form: the class, and the ranks of the kernel blocks."""
        normal = normal_form(self, *weights)
        if normal is None or normal.stratum is None:
            return None
        J = normal.index_set
        inertia = self.class_inertia(J, normal.stratum)
        return Place(CriticalClass(self, J), inertia, self.class_kind(J), normal)

    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        A, B = weights
        return squared_escape(self, place.normal, A, B)

    def move(self, place: Place) -> Balance:
        """To the whitened landscape and the gauge of a normal form, scaled so that AᴴA = B Bᴴ but
        for kernel blocks."""
        chosen = list(place.critical.index_set)
        top = float(self.spectrum.eigenvalues[0]) if self.spectrum.rank else 1.0
        scale = np.full(self.width, top**0.25)
        scale[: len(chosen)] = self.spectrum.eigenvalues[chosen].astype(float) ** 0.25
        right = floating(place.normal.gauge) * scale
        return Balance(self.whitened, right, np.linalg.inv(right), self.whitened_root)

    def terms(self, *weights: Array) -> tuple[float, float]:
        a, b = (float(np.linalg.norm(w)) for w in weights)
        inputs, target = self._norms
        residual = a * b * inputs + target
        least = (target / inputs) ** 0.5 if inputs else 1.0  # of weights that matter
        return residual * max(a, b, least), 2 * (a + b) ** 2 * inputs + 2 * residual

    def proved_inertia(self, place: Place) -> Inertia | None:
        if place.normal.stratum != (0, 0):
            return None
        return enclosed_inertia(self, place.critical.index_set)


def _real(value: Any) -> Any:
    """Real part of a number, or of the numbers of a batch."""
    return real(value) if isinstance(value, np.ndarray) else value.real


def _check_blocks(X0: Array, Y0: Array, x: tuple[int, int], y: tuple[int, int]) -> None:
    if X0.shape != x or Y0.shape != y:
        raise ValueError(
            f"Need free_decoder of shape {x} and free_encoder of shape {y}. "
            f"Got {X0.shape} and {Y0.shape}."
        )
    product = X0 @ Y0
    exact = is_exact(X0) and is_exact(Y0)
    size = 0.0 if exact else 1e-12 * float(np.linalg.norm(X0) * np.linalg.norm(Y0))
    if any(abs(complex(entry)) > size for entry in product.flat):
        raise ValueError("Need free_decoder @ free_encoder = 0. Got a product that is not zero.")
