"""A convolutional autoencoder, E‖x − a ∗ b ∗ x‖²: one channel, circular, full-length filters.

It sees only the power spectrum S(f) of the data, their shift-averaged moment: convolution is data
augmentation by all shifts. There is no bottleneck; critical points pass a set of frequencies f,
each with −f, and stop the others. Theorem: proofs/convolutional.py
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, eye, inverse, solve, zeros
from linae.inertia import Inertia
from linae.landscapes.auto import auto_only, dense, left_out, value_left
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.moments import Moments
from linae.shifts import circulant, convolution, fourier_modes, shift_average
from linae.spectrum import Spectrum


class Convolutional(InPlace):
    """L(a, b) = E‖x − a ∗ b ∗ x‖² for real signals x on a circle of n places.

    Weights: (a, b), each (1, n). The code b ∗ x is as long as the signal, so that the width is n.
    `moments` are those of the shift-averaged data, and components their Fourier modes: one for
    f = −f, two that are chosen together for f and −f.

    >>> landscape = Convolutional(Moments.auto([[2, 1], [1, 2]]))
    >>> [(c.index_set, round(float(c.loss), 9), c.index) for c in landscape.critical_classes()]
    [((0, 1), 0.0, 0), ((0,), 1.0, 1), ((1,), 3.0, 1), ((), 4.0, 2)]
    """

    degree = 4
    known = (
        "All critical points are in these classes, each a global minimum or a strict saddle, for "
        "every S (proofs/convolutional.py). The components are Fourier modes of the shift-averaged "
        "data; a frequency has one or two, and they are chosen together."
    )

    def __init__(self, moments: Moments) -> None:
        self.given = auto_only(moments, "a convolution")
        S = shift_average(moments.Sxx)
        samples = _shifted(moments)
        super().__init__(Moments(S, S, S, samples, moments.is_rounded), len(S))

    @cached_property
    def spectrum(self) -> Spectrum:
        """Of the shift-averaged moment, its multiplicities those of frequencies: different ones of
        equal power do not mix."""
        plain, modes = Spectrum.of(self.moments), fourier_modes(self.given.Sxx)
        starts = accumulate(modes.sizes[:-1], initial=0)
        alive = sum(start < plain.rank for start in starts)
        sizes, n = modes.sizes[:alive], self.moments.n
        rank, U = sum(sizes), modes.vectors
        values = zeros((n,), U)
        values[:rank] = np.repeat(modes.powers[:alive], sizes)
        seen = U[:, :rank]
        return Spectrum(
            eigenvalues=values,
            vectors=U,
            multiplicities=sizes,
            input_rank=rank,
            regression=seen / (seen * seen).sum(axis=0) @ seen.T,
            rows=(seen / (seen * seen).sum(axis=0)).T,
            free_rows=zeros((0, n), U),
            null_projector=eye(n, U) - seen / (seen * seen).sum(axis=0) @ seen.T,
            unexplained=values[0] * 0,
            decisions=plain.decisions[:2],
            is_exact=plain.is_exact,
        )

    @cached_property
    def exact_spectrum(self) -> Spectrum | None:
        """As of any landscape, of the moments that were given."""
        if self.moments.is_exact:
            return self.spectrum
        S = self.given
        if S.samples is not None or S.is_rounded or S.n > 12:
            return None
        try:
            return Convolutional(self.given.exact()).spectrum
        except ValueError:
            return None

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return ((1, self.moments.n), (1, self.moments.n))

    @cached_property
    def _impulse(self) -> Array:
        """The filter that changes nothing."""
        return eye(self.moments.n, self.moments.Sxx)[0]

    def residual(self, *weights: Array) -> Array:
        """e = δ − a ∗ b, the filter that makes the error."""
        a, b = (w[..., 0, :] for w in weights)
        return self._impulse - convolution(a, b)

    def loss(self, *weights: Array) -> Any:
        """n eᵀ S̄ e, S̄ the shift-averaged moment."""
        e = self.residual(*weights)
        return self.moments.n * ((e @ self.moments.Sxx) * e).sum(axis=-1)

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """(C(b)ᵀ g, C(a)ᵀ g) with g = −2 n S̄ e, the derivative by a ∗ b, and circulants C."""
        g = self._slope(self.residual(*weights))
        return tuple(_correlation(w, g) for w in reversed(weights))

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """By the product rule: the residual moves, and so does the other filter."""
        (a, b), g = weights, self._slope(self.residual(*weights))

        def curved(da: Array, db: Array) -> tuple[Array, ...]:
            moves = (
                convolution(da[..., 0, :], b[..., 0, :]),
                convolution(a[..., 0, :], db[..., 0, :]),
            )
            dg = self._slope(-(moves[0] + moves[1]))
            return tuple(_correlation(w, dg) + _correlation(v, g) for w, v in ((b, db), (a, da)))

        return curved

    def _slope(self, e: Array) -> Array:
        return -2 * self.moments.n * (e @ self.moments.Sxx)

    def hessian(self, *weights: Array) -> Array:
        H = dense(self, weights)
        return H if H.dtype == object else (H + H.T) / 2

    @cached_property
    def _starts(self) -> list[int]:
        """The first component of each frequency that occurs."""
        return list(accumulate(self.spectrum.multiplicities, initial=0))[:-1]

    def index_sets(self) -> Iterator[IndexSet]:
        """Sets of frequencies, least power left out first, lazily."""
        sizes, starts = self.spectrum.multiplicities, self._starts
        powers = [
            Fraction(self.spectrum.eigenvalues[i]) * size
            for i, size in zip(starts, sizes, strict=True)
        ]
        for stopped in _least_sums(powers):
            passed = (range(i, i + k) for i, k in zip(starts, sizes, strict=True))
            yield tuple(j for g, pair in enumerate(passed) if g not in stopped for j in pair)

    @property
    def number_of_classes(self) -> int:
        """Two to the number of frequencies 0 <= f <= n/2 that occur."""
        return int(2 ** len(self.spectrum.multiplicities))

    def class_gain(self, J: IndexSet) -> Any:
        return sum(self.spectrum.eigenvalues[list(J)], Fraction(0))

    def class_loss(self, J: IndexSet) -> Any:
        """Σ S(f) over the frequencies that are stopped, f and −f."""
        return value_left(self.spectrum, J)

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """(0, 1, 1) of each mode that is passed, (1, 0, 1) of each that is stopped, and (0, 2, 0)
        of each that does not occur."""
        stopped, unseen = len(left_out(self.spectrum, J)), self.moments.n - self.spectrum.rank
        return Inertia(stopped, len(J) + 2 * unseen, self.spectrum.rank)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """a = b = the filter that passes J, up to an invertible filter m: a ∗ m⁻¹ and m ∗ b.

        Parameters
        ----------
        gauge : (1, n), optional
            m, of which no frequency is 0.
        free : pair of (1, n), optional
            Filters of which a and b take the frequencies that do not occur.
        """
        unknown = blocks.keys() - {"free"}
        if unknown:
            raise TypeError(f"Need free. Got {', '.join(unknown)}.")
        U, n = self.spectrum.vectors, self.moments.n
        chosen, unseen = list(J), list(range(self.spectrum.rank, n))
        passed = _projector(U, chosen)[0][None]
        added = [f @ _projector(U, unseen) for f in blocks.get("free", zeros((2, 1, n), U))]
        M = eye(n, U) if gauge is None else circulant(_invertible(gauge, n))
        a, b = (inverse(M) @ passed.T).T, (M @ passed.T).T
        return a + added[0], b + added[1]

    def class_spectrum(self, J: IndexSet) -> Array:
        """Hessian eigenvalues at the default weights: 4 n S(f), 0 if passed; ± 2 n S(f) if not."""
        scaled = self.moments.n * self.spectrum.eigenvalues.astype(float)
        passed, stopped = scaled[list(J)], np.delete(scaled, list(J))
        parts = [4 * passed, 0 * passed, 2 * stopped, -2 * stopped]
        return np.sort(np.concatenate(parts)) + 0.0

    def place(self, *weights: Array) -> Place | None:
        """The frequencies at which the transform of a ∗ b is 1, by traces."""
        w = self._impulse - self.residual(*weights)
        J: list[int] = []
        doubt = 0 if all(weight.dtype == object for weight in weights) else 1e-3
        for start, size in zip(self._starts, self.spectrum.multiplicities, strict=True):
            modes = list(range(start, start + size))
            value = self.moments.n * (_projector(self.spectrum.vectors, modes)[0] @ w) / size
            if abs(value - round(float(value))) > doubt:
                return None
            J += modes if round(float(value)) else []
        taken = tuple(J)
        return Place(CriticalClass(self, taken), self.class_inertia(taken), self.class_kind(taken))

    def terms(self, *weights: Array) -> tuple[float, float]:
        """By sums of absolute values, which bound norms of circulants."""
        a, b = (float(np.abs(w).sum()) for w in weights)
        unit = 2 * self.moments.n * float(np.linalg.norm(self.moments.Sxx, 2))
        return unit * (1 + a * b) * max(a, b, 1), unit * ((a + b) ** 2 + 1 + a * b)

    @cached_property
    def floating(self) -> Convolutional:
        return self if self.moments.Sxx.dtype != object else Convolutional(self.given.floating())


def _shifted(moments: Moments) -> tuple[Array, Array] | None:
    """Columns with the shift-averaged moment."""
    if moments.samples is None:
        return None
    F = moments.samples[0]
    columns = np.concatenate([np.roll(F, k, axis=0) for k in range(len(F))], axis=1)
    columns = columns / np.sqrt(len(F))
    return columns, columns


def _correlation(w: Array, g: Array) -> Array:
    """C(w)ᵀ g."""
    return (circulant(w[..., 0, :]).mT @ g[..., None]).mT


def _projector(U: Array, chosen: list[int]) -> Array:
    """On the chosen modes; its first row is the filter that passes them."""
    V = U[:, chosen]
    return V / (V * V).sum(axis=0) @ V.T


def _invertible(gauge: Array, n: int) -> Array:
    m = np.asarray(gauge)
    if m.shape != (1, n):
        raise ValueError(f"Need a gauge of shape {(1, n)}. Got {m.shape}.")
    C = circulant(m[0])
    if m.dtype == object:
        try:
            solve(C, eye(n, C))
        except ValueError:
            raise ValueError("Need an invertible gauge. Got a filter with a zero.") from None
    elif np.abs(np.fft.fft(m[0])).min() <= 1e-12 * np.abs(m).sum():
        raise ValueError("Need an invertible gauge. Got a filter with a zero.")
    return m[0]


def _least_sums(values: Sequence[Fraction]) -> Iterator[frozenset[int]]:
    """All sets of places, sum of the positive values non-decreasing, lazily.

    >>> [sorted(places) for places in _least_sums([Fraction(3), Fraction(1)])]
    [[], [1], [0], [0, 1]]
    """
    order = sorted(range(len(values)), key=lambda i: values[i])
    yield frozenset()
    heap: list[tuple[Fraction, tuple[int, ...]]] = [(values[order[0]], (0,))] if order else []
    while heap:
        total, places = heapq.heappop(heap)
        yield frozenset(order[i] for i in places)
        last = places[-1] + 1
        if last < len(order):
            more, old = values[order[last]], values[order[last - 1]]
            heapq.heappush(heap, (total + more, (*places, last)))
            heapq.heappush(heap, (total + more - old, (*places[:-1], last)))
