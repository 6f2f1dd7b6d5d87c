"""The tied autoencoder, E‖x − A Aᵀ x‖²: encoder and decoder share their weights.

If S is regular, the landscape is as benign as the untied one, index for index. If S is singular
and p < n, there are genuine spurious minima: decoders with a large part in ker S.
Theorem: proofs/tied.py
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from math import comb
from typing import Any

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, eye, floating, zeros
from linae.inertia import Inertia, inertia
from linae.landscapes.additive import Additive, Gains
from linae.landscapes.auto import (
    auto_only,
    components,
    dense,
    left_out,
    out_of_order,
    turned,
    unit_vectors,
    value_left,
)
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.spectra import complements
from linae.moments import Moments


class TiedWeights(Additive, InPlace):
    """L(A) = E‖x − A Aᵀ x‖² for real auto-association.

    Weights: (A,) with A (n, p).

    >>> landscape = TiedWeights(Moments.auto([[4, 0], [0, 1]]), width=1)
    >>> [(c.index_set, float(c.loss), c.index) for c in landscape.critical_classes()]
    [((0,), 1.0, 0), ((1,), 4.0, 1), ((), 5.0, 2)]
    """

    degree = 4

    def __init__(self, moments: Moments, width: int) -> None:
        super().__init__(auto_only(moments, "tied weights"), width)

    @property
    def known(self) -> str:
        """Of these data: whether there are spurious minima, which are no class of their own."""
        said = "All critical points are in these classes (proofs/tied.py)."
        if 0 < self.spectrum.rank < self.moments.n > self.width:
            return (
                f"{said} Here S is singular and p < n: some points of saddle classes, those with a "
                "large part in ker S, are spurious minima, of which the list has none."
            )
        return f"{said} With these data there are no spurious minima."

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return ((self.moments.n, self.width),)

    def loss(self, *weights: Array) -> Any:
        (A,) = weights
        W = A @ A.mT
        error = eye(self.moments.n, W) - W
        return ((error @ self.moments.Sxx) * error).sum(axis=(-2, -1))

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """−4 S A + 2 S A AᵀA + 2 A Aᵀ S A."""
        (A,) = weights
        SA, adjoint = self.moments.Sxx @ A, A.conj().mT  # of block matrices too
        return (-4 * SA + 2 * SA @ (adjoint @ A) + 2 * A @ (adjoint @ SA),)

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """V ↦ −4 S V + 2 S V AᵀA + 2 V Aᵀ S A + 2 S A (VᵀA + AᵀV) + 2 A (Vᵀ S A + Aᵀ S V).

        S A, AᵀA and Aᵀ S A are computed once; then a direction costs n² p + O(n p²)
        multiplications. Leading axes of directions are a batch.
        """
        (A,), S = weights, self.moments.Sxx
        SA, adjoint = S @ A, A.conj().mT  # of block matrices too
        gram, energy = adjoint @ A, adjoint @ SA

        def curved(V: Array) -> tuple[Array, ...]:
            SV, other = S @ V, V.conj().mT
            own = SV @ gram - 2 * SV + V @ energy
            mixed = SA @ (other @ A + adjoint @ V) + A @ (other @ SA + adjoint @ SV)
            return (2 * (own + mixed),)

        return curved

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    @property
    def gains(self) -> Gains:
        """The eigenvalues of S."""
        return Gains(list(self.spectrum.eigenvalues), self.spectrum.multiplicities)

    def class_gain(self, J: IndexSet) -> float | Fraction:
        return sum(self.spectrum.eigenvalues[list(J)], Fraction(0))

    def class_loss(self, J: IndexSet) -> float | Fraction:
        return value_left(self.spectrum, J)

    def class_kind(self, J: IndexSet) -> str:
        """At Z = 0 nothing but global minima and strict saddles."""
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet, below: int | None = None, equal: int = 0) -> Inertia:
        """Inertia where so many of the p − r eigenvalues of ZᵀZ are below 2, and equal to 2; all
        are below if not given: Z = 0."""
        spectrum, p, r = self.spectrum, self.width, len(J)
        q, a, K = p - r, self.moments.n - spectrum.rank, len(left_out(spectrum, J))
        above, tied = out_of_order(spectrum, J)
        negative = above + K * (q if below is None else below)
        zero = tied + comb(r, 2) + r * q + K * equal + a * q
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = [U_J, N_A Z] Mᵀ with N_A an orthonormal basis of ker S.

        Parameters
        ----------
        gauge : (p, p), optional
            M, orthogonal.
        free : (n − ρ, p − r), optional
            Z, the part of the decoder in ker S.
        """
        unknown = blocks.keys() - {"free"}
        if unknown:
            raise TypeError(f"Need free. Got {', '.join(unknown)}.")
        spectrum, q = self.spectrum, self.width - len(J)
        U = unit_vectors(spectrum, [*J, *range(spectrum.rank, self.moments.n)])
        N = U[:, len(J) :]
        Z = blocks.get("free", zeros((N.shape[1], q), N))
        if Z.shape != (N.shape[1], q):
            raise ValueError(f"Need free of shape {(N.shape[1], q)}. Got {Z.shape}.")
        A = np.concatenate([U[:, : len(J)], N @ Z], axis=1)
        return (turned(A, gauge),)

    def class_spectra(self, sets: Array) -> Array:
        """At A = [U_J, 0]."""
        values = self.spectrum.eigenvalues.astype(float)
        (count, r), q = sets.shape, self.width - sets.shape[1]
        chosen, rest = values[sets], values[complements(sets, len(values))]
        first, second = np.tril_indices(r, -1)
        parts = [
            4 * (chosen[:, first] + chosen[:, second]),
            8 * chosen,
            2 * (chosen[:, :, None] - rest[:, None]).reshape(count, -1),
            np.repeat(-4 * rest, q, axis=1),
            np.zeros((count, comb(r, 2) + r * q)),
        ]
        return np.sort(np.concatenate(parts, axis=1), axis=1) + 0.0

    def place(self, *weights: Array) -> Place | None:
        """A = U_J Oᵀ + N_A Z′: the class by traces, the stratum by the eigenvalues of Z′ᵀZ′."""
        (A,) = weights
        J = components(self.spectrum, A, [1] * self.spectrum.rank)
        if J is None:
            return None
        N = self.spectrum.vectors[:, self.spectrum.rank :]
        inside = N.T @ A
        gram = (inside.T / (N * N).sum(axis=0)) @ inside
        gram = gram if A.dtype == object else floating(gram)  # rounded weights, exact data
        sides = inertia(gram - 2 * eye(self.width, A), radius=_rounding(gram))
        if sides.undecided:
            return None
        counts = self.class_inertia(J, sides.negative - len(J), sides.zero)
        kind = self.class_kind(J)
        if not counts.negative and kind == "strict saddle":
            kind = "non-strict saddle" if sides.zero else "local minimum"
        return Place(CriticalClass(self, J), counts, kind)

    def terms(self, *weights: Array) -> tuple[float, float]:
        size = float(np.linalg.norm(weights[0]))
        S = float(np.linalg.norm(self.moments.Sxx, 2))
        return 4 * S * size * (1 + size**2), 4 * S * (1 + 3 * size**2)

    @cached_property
    def floating(self) -> TiedWeights:
        return TiedWeights(self.moments.floating(), self.width)


def _rounding(gram: Array) -> float:
    """Of its entries, and of 2."""
    if gram.dtype == object:
        return 0.0
    return 8 * float(np.finfo(float).eps) * (float(np.abs(gram).max(initial=0)) + 2)
