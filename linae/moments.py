"""Moments: all that a squared loss sees of the data.

    Moments.from_data(X)           auto-association, centred
    Moments.from_data(X, Y)        hetero-association: targets Y
    Moments(Sxx, Syx, Syy)         given second moments (means over samples)
    Moments.auto(S)                Y = X with second moment S

The numbers are doubles, complex doubles, exact rationals, or SymPy symbols.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from linae.exact import Array, Gaussian, floating, is_complex, is_exact, rationals
from linae.inertia import inertia

LARGEST = 1e60
"""Largest entry of floating data: losses are of fourth degree, and must be doubles too."""


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

    def __post_init__(self) -> None:
        given = {name: np.asarray(getattr(self, name)) for name in ("Sxx", "Syx", "Syy")}
        exact = any(M.dtype == object for M in given.values())
        numbers = {n: rationals(M) if exact else _numbers(M, n) for n, M in given.items()}
        if any(is_complex(M) for M in numbers.values()):
            one = Gaussian(Fraction(1)) if exact else 1 + 0j
            numbers = {name: M * one for name, M in numbers.items()}
        for name, number in numbers.items():
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
    def from_data(cls, X: ArrayLike, Y: ArrayLike | None = None, *, center: bool = True) -> Moments:
        """Moments of data whose rows are samples; `center` subtracts the means (= biases).

        Parameters
        ----------
        X : (N, m)
            Object arrays of rationals give exact moments.
        Y : (N, n), optional
            Targets; X itself if absent.

        Raises
        ------
        ValueError
            If there is no row, rows do not match, or an entry is not a finite number.

        >>> Moments.from_data([[0.0, 1.0], [2.0, 1.0]]).Sxx.round(9).tolist()
        [[1.0, 0.0], [0.0, 0.0]]
        """
        inputs = _table(X, "X")
        targets = inputs if Y is None else _table(Y, "Y")
        if len(inputs) != len(targets):
            raise ValueError(
                f"Need as many rows in Y as in X. Got {len(targets)} in Y, {len(inputs)} in X."
            )
        m = inputs.shape[1]
        x, y = slice(0, m), slice(0, m) if Y is None else slice(m, None)
        both = inputs if Y is None else np.concatenate([inputs, targets], axis=1)
        if both.dtype == object:
            both = rationals(both)
            S = _exact_moment(both, center)
            F = _columns(floating(both), center)
        else:
            F = _columns(both, center)
            S = F @ F.conj().T
            S = (S + S.conj().T) / 2
        return cls(S[x, x], S[y, x], S[y, y], (F[x], F[y]))

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


def _numbers(M: Array, name: str) -> Array:
    """`M` as float64 or complex128."""
    if M.dtype.kind not in "biufc":
        raise ValueError(f"Need numbers in {name}. Got dtype {M.dtype}.")
    return np.array(M, dtype=complex if M.dtype.kind == "c" else float)


def _table(X: ArrayLike, name: str) -> Array:
    """Data as an (N, m) array of numbers, N >= 1, m >= 1, all finite."""
    table = np.asarray(X)
    if table.ndim != 2:
        raise ValueError(f"Need {name} of shape (samples, features). Got shape {table.shape}.")
    if table.shape[0] < 1 or table.shape[1] < 1:
        raise ValueError(
            f"Need at least 1 sample and 1 feature in {name}. Got shape {table.shape}."
        )
    if table.dtype == object:
        table = rationals(table)
        wrong = [place for place, x in np.ndenumerate(table) if not is_exact(np.array([x]))]
        if wrong:
            place = wrong[0]
            raise ValueError(f"Need numbers in {name}. Got {table[place]!r} at {place}.")
        return table
    table = _numbers(table, name)
    wrong = ~np.isfinite(table)
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"Need finite numbers in {name}. Got {table[place]} at {place}.")
    largest = float(np.abs(table).max())
    if largest > LARGEST:
        need = f"Need numbers up to {LARGEST:.0e} in {name}, in another unit"
        raise ValueError(f"{need}. Got {largest:.2g}.")
    return table


def _columns(X: Array, center: bool) -> Array:
    """Few columns F with F Fᴴ = the (centred) second moment of the rows of X (N, m).

    Few rows are centred by an orthonormal basis of contrasts, so that the rank bound N − 1 shows
    in the shape; many rows are compressed by QR. Constant columns become exactly zero.
    """
    N, m = X.shape
    if center:
        X = X - X[0]
        X = X - X.mean(axis=0)
    if center and m >= N:
        from scipy.linalg import helmert

        X = helmert(N) @ X
    elif m < N:
        X = np.asarray(np.linalg.qr(X, mode="r"))
    return X.T / math.sqrt(N)


def _exact_moment(X: Array, center: bool) -> Array:
    """Second moment XᵀX̄/N of exact rows, over one common denominator."""
    parts = [part for x in X.flat for part in (x.real, x.imag)]
    scale = math.lcm(*(Fraction(part).denominator for part in parts))
    if not is_complex(X):
        integers = np.vectorize(lambda x: int(x * scale), otypes=[object])(X)
    else:
        integers = X * scale
    N = len(X)
    S = N * (integers.T @ integers.conj())
    if center:
        s = integers.sum(axis=0)
        S = S - np.outer(s, s.conj())
    return rationals(S) / Fraction(N * N * scale * scale)


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
    negative = inertia(joint).negative
    if negative:
        raise ValueError(
            "Need jointly positive semidefinite moments, or the loss is unbounded below. "
            f"Got {negative} negative eigenvalue{'s' if negative > 1 else ''} of "
            f"{'Sxx' if moments.is_auto else '[[Sxx, Sxy], [Syx, Syy]]'}."
        )
