"""Moments: all that a squared loss sees of the data.

    Moments.from_data(X)           auto-association, centred
    Moments.from_data(X, Y)        hetero-association: targets Y
    Moments.from_data(chunks)      of data that do not fit into memory
    Moments(Sxx, Syx, Syy)         given second moments (means over samples)
    Moments.auto(S)                Y = X with second moment S

The numbers are doubles, complex doubles, exact rationals, or SymPy symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from linae.clusters import distributed, is_dask
from linae.exact import Array, Gaussian, floating, is_complex, is_exact, rationals
from linae.inertia import inertia
from linae.samples import columns, exact_moment, numbers, table
from linae.scatter import LARGEST, Scatter, as_array
from linae.streams import Chunk, Sums, chunks_of, fits, gathered, is_chunked, size, streamed

__all__ = ["LARGEST", "Moments"]

ROUNDING = 1e-14
"""What entries of moments in sum may be wrong by, as a share of √(Sᵢᵢ Sⱼⱼ)."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Second moments of a pair (x, y), as means over samples.

    For column vectors x and y: Sxx = E x xᴴ, Syx = E y xᴴ, Syy = E y yᴴ. With rows as samples and
    real data this is Sxx = XᵀX/N, Syx = YᵀX/N, Syy = YᵀY/N.

    Parameters
    ----------
    Sxx : (m, m)
    Syx : (n, m)
    Syy : (n, n)
        Arrays of float, complex, `Fraction`, `Gaussian`, or SymPy symbols (whose signs are not
        checked). An object array in any place makes the floats of the others exact.
    samples : pair of (m, k) and (n, k) floating arrays, optional
        Columns with these moments to rounding, Sxx = Fx Fxᴴ and so on. `from_data` keeps them,
        because singular values of Fx carry twice the digits of eigenvalues of Sxx.
    is_rounded : bool
        Whether the numbers are moments of data to rounding, without samples: what holds of them
        exactly need not hold of the data.

    Raises
    ------
    ValueError
        If shapes disagree, an entry is not finite, or the joint moment [[Sxx, Sxy], [Syx, Syy]] is
        not positive semidefinite: the loss would be unbounded below.

    >>> Moments.auto([[2, 0], [0, 1]]).total
    3.0
    """

    Sxx: Array
    Syx: Array
    Syy: Array
    samples: tuple[Array, Array] | None = None
    is_rounded: bool = False

    def __post_init__(self) -> None:
        given = {name: np.asarray(getattr(self, name)) for name in ("Sxx", "Syx", "Syy")}
        exact = any(M.dtype == object for M in given.values())
        entries = {n: rationals(M) if exact else numbers(M, n) for n, M in given.items()}
        if any(is_complex(M) for M in entries.values()):
            one = Gaussian(Fraction(1)) if exact else 1 + 0j
            entries = {name: M * one for name, M in entries.items()}
        for name, number in entries.items():
            number.flags.writeable = False
            object.__setattr__(self, name, number)
        _check_shapes(self)
        if self.samples is None and not self.is_symbolic:
            _check_joint(self)

    @classmethod
    def auto(cls, S: ArrayLike) -> Moments:
        """Moments of auto-association, Y = X, with second moment S (m, m)."""
        M = np.asarray(S)
        return cls(M, M, M)

    @classmethod
    def from_data(
        cls,
        X: ArrayLike | Iterable[Any],
        Y: ArrayLike | Iterable[Any] | None = None,
        *,
        center: bool = True,
        progress: Callable[[int], object] | None = None,
    ) -> Moments:
        """Moments of data whose rows are samples; `center` subtracts the means (= biases).

        Of more than 128 MiB in doubles only sums are kept, in one pass over the rows and in
        bounded memory; they are right to 1e-14 of the standard deviations, whatever the means.
        Then `samples` is None, and eigenvalues below 1e-14 m of the largest, of m columns, are not
        told from zero.

        Parameters
        ----------
        X : (N, m)
            An array, also mapped from a file (`np.load(path, mmap_mode="r")`) or of Dask, which
            then schedules the work; or an iterable of such with as many columns, the chunks of
            the rows; or one of pairs of chunks, of inputs and targets. Object arrays of rationals
            give exact moments.
        Y : (N, n), optional
            Targets, like X; X itself if absent.
        progress
            Is called with the number of rows that are done, if only sums are kept; not by Dask.

        Raises
        ------
        ValueError
            If there is no row, rows do not match, or an entry is not a finite number.

        >>> Moments.from_data([[0.0, 1.0], [2.0, 1.0]]).Sxx.round(9).tolist()
        [[1.0, 0.0], [0.0, 0.0]]
        """
        given = _given(X, Y, progress)
        if isinstance(given, Sums):
            return cls.from_scatter(*given, center=center)
        inputs = table(given[0], "X")
        targets = inputs if len(given) < 2 else table(given[1], "Y")
        if len(inputs) != len(targets):
            raise ValueError(
                f"Need as many rows in Y as in X. Got {len(targets)} in Y, {len(inputs)} in X."
            )
        m = inputs.shape[1]
        x, y = slice(0, m), slice(0, m) if len(given) < 2 else slice(m, None)
        both = inputs if len(given) < 2 else np.concatenate([inputs, targets], axis=1)
        if both.dtype == object:
            both = rationals(both)
            S = exact_moment(both, center)
            F = columns(floating(both), center)
        else:
            F = columns(both, center)
            S = F @ F.conj().T
            S = (S + S.conj().T) / 2
        return cls(S[x, x], S[y, x], S[y, y], (F[x], F[y]))

    @classmethod
    def from_scatter(cls, scatter: Scatter, inputs: int, *, center: bool = True) -> Moments:
        """Moments of rows in sum, of which the first columns are inputs; the others are targets.

        If all are inputs, the targets are the inputs.
        """
        S = scatter.moment(center=center)
        x = slice(0, inputs)
        y = x if inputs == len(S) else slice(inputs, None)
        return cls(S[x, x], S[y, x], S[y, y], is_rounded=True)

    @property
    def m(self) -> int:
        """Number of inputs."""
        return int(self.Sxx.shape[0])

    @property
    def n(self) -> int:
        """Number of outputs."""
        return int(self.Syy.shape[0])

    @cached_property
    def is_exact(self) -> bool:
        """Whether all entries are rational numbers."""
        return all(is_exact(M) for M in (self.Sxx, self.Syx, self.Syy))

    @cached_property
    def is_symbolic(self) -> bool:
        """Whether some entry is a symbol."""
        return self.Sxx.dtype == object and not self.is_exact

    @cached_property
    def is_complex(self) -> bool:
        """Whether some entry is complex."""
        return any(is_complex(M) for M in (self.Sxx, self.Syx, self.Syy))

    @cached_property
    def is_auto(self) -> bool:
        """Whether Y = X as far as second moments tell."""
        return np.array_equal(self.Sxx, self.Syy) and np.array_equal(self.Sxx, self.Syx)

    @property
    def total(self) -> float | Fraction:
        """tr Syy = E‖y‖², the loss of the zero map."""
        trace = self.Syy.trace()
        if self.is_symbolic:
            return trace
        return Fraction(trace.real) if self.is_exact else float(trace.real)

    def floating(self) -> Moments:
        """The same moments in double precision."""
        if self.Sxx.dtype != object:
            return self
        return Moments(floating(self.Sxx), floating(self.Syx), floating(self.Syy), self.samples)

    def exact(self) -> Moments:
        """The same moments as the rational numbers that the doubles are."""
        return Moments(rationals(self.Sxx), rationals(self.Syx), rationals(self.Syy))


def _given(X: Any, Y: Any, progress: Callable[[int], object] | None) -> Chunk | Sums:
    """All rows, in memory, if they are few; else their sums."""
    tables: tuple[Any, ...] = (X,) if Y is None else (X, Y)
    if any(map(is_chunked, tables)):
        few, chunks = gathered(chunks_of(X, Y))
        return streamed(chunks, progress=progress) if few is None else few
    given = zip(tables, "XY", strict=False)
    tables = tuple(as_array(T, name) if isinstance(T, (list, tuple)) else T for T, name in given)
    if fits(sum(map(size, tables))) or any(getattr(T, "dtype", None) == "O" for T in tables):
        return tuple(map(as_array, tables, "XY"))
    if any(map(is_dask, tables)):
        return distributed(*tables)
    return streamed(chunks_of(*tables), progress=progress)


def _check_shapes(moments: Moments) -> None:
    Sxx, Syx, Syy = moments.Sxx, moments.Syx, moments.Syy
    square = [M.ndim == 2 and M.shape[0] == M.shape[1] >= 1 for M in (Sxx, Syy)]
    if not all(square) or Syx.shape != (Syy.shape[0], Sxx.shape[0]):
        raise ValueError(
            "Need Sxx (m, m), Syx (n, m), Syy (n, n). "
            f"Got shapes {Sxx.shape}, {Syx.shape}, {Syy.shape}."
        )


def _check_joint(moments: Moments) -> None:
    """Refuse moments that no data can have: the loss would be unbounded below."""
    Sxx, Syx, Syy = moments.Sxx, moments.Syx, moments.Syy
    for name, M in (("Sxx", Sxx), ("Syx", Syx), ("Syy", Syy)):
        if M.dtype != object and not np.isfinite(M).all():
            raise ValueError(f"Need finite numbers in {name}. Got {M[~np.isfinite(M)][0]}.")
    joint = Sxx if moments.is_auto else np.block([[Sxx, Syx.conj().T], [Syx, Syy]])
    entries = np.diagonal(joint)
    if np.count_nonzero(joint) == np.count_nonzero(entries):
        negative = sum(x.real < 0 for x in entries)
    else:
        radius = ROUNDING * float(entries.real.max()) if moments.is_rounded else 0
        negative = inertia(joint, radius=radius).negative
    if negative:
        raise ValueError(
            "Need jointly positive semidefinite moments, or the loss is unbounded below. "
            f"Got {negative} negative eigenvalue{'s' if negative > 1 else ''} of "
            f"{'Sxx' if moments.is_auto else '[[Sxx, Sxy], [Syx, Syy]]'}."
        )
