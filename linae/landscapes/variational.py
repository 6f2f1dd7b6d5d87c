"""The linear variational autoencoder, E‖x − A z‖² + 2βσ² KL(z ‖ N(0, 1)) with z = B x + noise.

The decoder is x ~ N(A z, σ²), the encoder z ~ N(B x, diag d). The loss is −2σ² times the β-ELBO up
to a constant, and depends on σ² and β by θ = βσ² only. Lucas, Tucker, Grosse and Norouzi 2019; for
its minima Tipping and Bishop 1999. Theorem: proofs/variational.py
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, floating, is_exact, square_root, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only, dense, left_out, out_of_order, unit_vectors
from linae.landscapes.base import Landscape, Place
from linae.landscapes.blocks import Block, sign
from linae.landscapes.equalised import frame, parts
from linae.landscapes.escapes import Escape
from linae.landscapes.latents import Latents
from linae.landscapes.parameters import Parameter, hundredth, number, positive
from linae.landscapes.rescaled import Rescaling, in_units_of, rescaling
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments


class Variational(Landscape):
    """L(A, B, d) = E‖x − A B x‖² + Σ d_h ‖a_h‖² + θ Σ (d_h + b_h S b_hᵀ − 1 − log d_h), θ = βσ².

    The first two terms are E‖x − A z‖², the others 2θ times the divergence of the code from its
    prior: L = −2σ² ELBO − n σ² log 2πσ². Real auto-association. A class gives each latent a
    component with λ > θ, or switches it off; or else, after a −3, some latents share components:
    (2, −3, 0, 1, −1) is one with the third, two that share the first two, and one that is off.

    Parameters
    ----------
    noise : number
        σ² > 0, the variance of the decoder.
    beta : number
        β > 0, the weight of the divergence.

    >>> moments = Moments.auto([[4, 0], [0, 2]])
    >>> landscape = Variational(moments, width=1, noise=1, beta=1)
    >>> [(c.index_set, round(c.loss, 3), c.index) for c in landscape.critical_classes()]
    [((0,), 4.386, 0), ((1,), 5.693, 1), ((-1,), 6.0, 2)]
    """

    degree = None
    places_doubles = True
    parameters: ClassVar = {
        "noise": Parameter("variance σ² > 0 of the decoder", number, hundredth),
        "beta": Parameter("weight β > 0 of the divergence", number, lambda *_: Fraction(1)),
    }
    known = (
        "All critical points are in these classes, each a global minimum or a strict saddle, for "
        "every S (proofs/variational.py). A latent of its own needs λ > βσ²; those after a | share "
        "components, · is one latent more."
    )

    def __init__(self, moments: Moments, width: int, noise: Any, beta: Any = 1) -> None:
        super().__init__(auto_only(moments, "a variational autoencoder"), width)
        self.noise = positive("noise", noise, moments)
        self.beta = positive("beta", beta, moments)
        self.water = self.noise * self.beta
        self.plain = SquaredLoss(moments, width)

    @cached_property
    def latents(self) -> Latents:
        values, rank = self.spectrum.eigenvalues, self.spectrum.rank
        return Latents(self.spectrum, self.water / values[0] if rank else self.water)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Of A, B and d."""
        return *self.plain.shapes, (1, self.width)

    def loss(self, *weights: Array) -> Any:
        """In double precision, for its logarithms; infinite unless all variances are positive."""
        A, B, d = (floating(np.asarray(w)) for w in weights)
        S, inside = floating(self.moments.Sxx), (d > 0).all(axis=(-2, -1))
        logarithms = np.log(np.where(d > 0, d, 1))
        spread = (d * (A * A).sum(axis=-2, keepdims=True)).sum(axis=(-2, -1))
        price = (d - 1 - logarithms).sum(axis=(-2, -1)) + ((B @ S) * B).sum(axis=(-2, -1))
        value = self.floating.plain.loss(A, B) + spread + float(self.water) * price
        return np.where(inside, value, math.inf)[()]

    def elbo(self, *weights: Array) -> Any:
        """The β-ELBO, a lower bound of E log p(x) if β >= 1."""
        noise = float(self.noise)
        constant = self.moments.n * math.log(2 * math.pi * noise)
        return -(self.loss(*weights) / noise + constant) / 2

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """Of the squared loss, plus (2 a_h d_h, 2θ b_h S, ‖a_h‖² + θ (1 − 1/d_h))."""
        A, B, d = weights
        slope_A, slope_B = self.plain.gradient(A, B)
        squares = (A * A).sum(axis=-2, keepdims=True)
        return (
            slope_A + 2 * A * d,
            slope_B + 2 * self.water * (B @ self.moments.Sxx),
            squares + self.water * (1 - 1 / d),
        )

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of the squared loss, plus 2 (Ȧ D + A Ḋ, θ Ḃ S), and diag(AᵀȦ) + θ ḋ/2d² twice."""
        A, B, d = weights
        plain = self.plain.hessian_map(A, B)

        def curved(dA: Array, dB: Array, dd: Array) -> tuple[Array, ...]:
            turn_A, turn_B = plain(dA, dB)
            return (
                turn_A + 2 * (dA * d + A * dd),
                turn_B + 2 * self.water * (dB @ self.moments.Sxx),
                2 * (A * dA).sum(axis=-2, keepdims=True) + self.water * dd / (d * d),
            )

        return curved

    def hessian(self, *weights: Array) -> Array:
        return dense(self, weights)

    @cached_property
    def alive(self) -> int:
        """Number of components with λ > θ."""
        return sum(sign(x, self.water) > 0 for x in self.spectrum.eigenvalues)

    def index_sets(self) -> Iterator[IndexSet]:
        """The best one at once; the others when they are asked for, all together."""
        r = min(self.width, self.alive)
        best = (*range(r), *[-1] * (self.width - r))
        yield best
        others = [J for J in self._classes() if best != J]
        yield from sorted(others, key=lambda J: (self.class_loss(J), -self.class_gain(J), J))

    def _classes(self) -> Iterator[IndexSet]:
        """In no order."""
        sets = self.latents.block_sets(self.width)
        return (self.latents.index_set(blocks, self.width) for blocks in sets)

    @property
    def number_of_classes(self) -> int:
        """By listing them."""
        return sum(1 for _ in self._classes())

    def class_gain(self, J: IndexSet) -> Any:
        """Of each block Σ (λ − θ m/δ) − b θ log(δ/θ); off latents only, the loss is tr S."""
        return sum((self.latents.gain(b) for b in self.latents.blocks_of(J)), Fraction(0))

    def class_loss(self, J: IndexSet) -> Any:
        return self.moments.total - self.class_gain(J)

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet, orthogonal: Sequence[int] | None = None) -> Inertia:
        """Inertia where the columns of each block fall into so many orthogonal parts; those of
        `class_weights` if not given.

        Index: pairs of components out of order, unselected or in a block of higher level and larger
        than one in a block; pairs of a latent that is off and an unselected λ > θ; pairs of a spare
        latent and an unselected σ above its level or a component of a higher block; and of each
        block, latents minus parts. Nullity: ties; frames of the same shape; encoders of ker S.
        """
        latents, spectrum, blocks = self.latents, self.spectrum, self.latents.blocks_of(J)
        counts = [parts(latents, b) for b in blocks] if orthogonal is None else orthogonal
        rest, off = left_out(spectrum, J), self.width - sum(b.units for b in blocks)
        negative, zero = out_of_order(spectrum, tuple(j for j in J if j >= 0))
        signs = [sign(spectrum.eigenvalues[k], self.water) for k in rest]
        negative += off * signs.count(1)
        zero += off * signs.count(0) + self.width * (self.moments.n - spectrum.rank)
        for b, count in zip(blocks, counts, strict=True):
            signs = [latents.above(k, b) for k in rest] if b.spare else []
            negative += b.spare * signs.count(1) + b.units - count
            zero += b.spare * signs.count(0)
            zero += b.rank * b.units - b.rank * (b.rank + 1) // 2 - b.units + count
        for low, high in combinations(latents.by_level(blocks), 2):
            steps = [spectrum.group[i] - spectrum.group[j] for i in low[0] for j in high[0]]
            negative += sum(step > 0 for step in steps) + low.spare * high.rank
            zero += steps.count(0)
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = U F, B = Fᵀ diag(1/m) Uᵀ and d = θ/δ, exact if the roots are rational; in each block
        the columns f of F have the length √(δ − θ), and Σ f fᵀ = m − θ.

        Parameters
        ----------
        gauge : (p, p), optional
            A permutation of the latents with signs.
        """
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        shared, latents = self.latents.blocks_of(J), self.latents
        frames = [self._columns(b) for b in shared]
        U = unit_vectors(self.spectrum, range(self.moments.n))
        if not all(F.dtype == object for F in frames):
            U = floating(U)
        (A, B, d), start = (zeros(shape, U) for shape in self.shapes), 0
        d += 1
        for b, F in zip(shared, frames, strict=True):
            chosen, units = list(b.components), slice(start, start + b.units)
            sizes = np.array(latents.sizes(b), dtype=U.dtype)
            A[:, units], B[units] = U[:, chosen] @ F, (U[:, chosen] / sizes @ F).T
            d[:, units] = self.water / latents.spread(b)
            start += b.units
        return (A, B, d) if gauge is None else _permuted(A, B, d, np.asarray(gauge))

    def _columns(self, block: Block) -> Array:
        """F: exact if its entries are rational."""
        F, square = frame(self.latents, block), self.latents.spread(block) - self.water
        exact = F.dtype == object and isinstance(square, Fraction)
        length = square_root(square) if exact else None
        return floating(F) * math.sqrt(square) if length is None else F * length

    def class_spectrum(self, J: IndexSet) -> None:
        """No closed form is kept."""

    def place(self, *weights: Array) -> Place | None:
        """Blocks and components from the columns of A; open where doubles do not tell an unselected
        λ from θ, or from the squared level of a spare latent."""
        latents, found = self.latents, self.latents.found(weights[0])
        if found is None:
            return None
        J = latents.index_set(list(found), self.width)
        rest, blocks = left_out(self.spectrum, J), latents.blocks_of(J)
        if latents.is_at_water(exact=is_exact(weights[0])) or latents.is_open(blocks, rest):
            return None
        inertia = self.class_inertia(J, [found[b] for b in blocks])
        variances = floating(np.asarray(weights[2]))
        return Place(CriticalClass(self, J), inertia, self.class_kind(J), variances)

    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        """Along the eigenvector of the least eigenvalue in the units of `move`."""
        return self.floating.move(place).escape(tuple(map(floating, weights)))

    def move(self, place: Place) -> Rescaling:
        """To units of the data, and of each variance."""
        return rescaling(self, place.normal)

    @cached_property
    def in_units_of_data(self) -> tuple[float, Variational]:
        """A power of four c near λ₁, and the landscape of S/c and θ/c."""
        top = self.spectrum.eigenvalues[0] if self.spectrum.rank else self.water
        scale = 4.0 ** round(math.log(top, 4))
        moments = in_units_of(self.moments, scale)
        return scale, Variational(moments, self.width, self.water / scale)

    def terms(self, *weights: Array) -> tuple[float, float]:
        return self.terms_in(np.ones(self.width), *weights)

    def terms_in(self, spread: Array, *weights: Array) -> tuple[float, float]:
        """Where variances are in these units."""
        slope, curvature = self.plain.terms(*weights[:2])
        a, b, d = *(float(np.linalg.norm(w)) for w in weights[:2]), weights[2]
        most, widest = float(np.max(d)), float(np.max(spread))
        water, energy = float(self.water), float(np.linalg.norm(self.moments.Sxx, 2))
        slope += a * a * widest + 2 * a * most + 2 * water * energy * b
        slope += water * float(np.max(spread * (1 + 1 / d)))
        curvature += 2 * (a * widest + most + water * energy)
        return slope, curvature + water * float(np.max(spread / d)) ** 2

    def proved_inertia(self, place: Place) -> None:
        """No enclosure of irrational points."""

    @cached_property
    def floating(self) -> Variational:
        return Variational(self.moments.floating(), self.width, self.noise, self.beta)

    @property
    def ground(self) -> Variational:
        return self.floating


def _permuted(A: Array, B: Array, d: Array, M: Array) -> tuple[Array, Array, Array]:
    """(A Mᵀ, M B, d of the latent that goes there) for a permutation M with signs."""
    p = A.shape[1]
    ones = (np.abs(M) == 1).sum(axis=0), (np.abs(M) == 1).sum(axis=1), (M != 0).sum(axis=0)
    if M.shape != (p, p) or not all((count == 1).all() for count in ones):
        raise ValueError(f"Need a gauge of order {p}: a signed permutation. Got another matrix.")
    return A @ M.T, M @ B, d @ np.abs(M).T
