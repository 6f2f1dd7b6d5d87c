"""Inertia: how many eigenvalues of a Hermitian matrix are negative, zero and positive.

inertia(H)                      exact for rational H, three-valued for doubles
inertia(H, radius=r)            of every Hermitian matrix within r of H, entry by entry
inertia_of_blocks(entries, r)   of sparse matrices, block by block
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from linae.components import Entries
from linae.exact import Array, eye, is_exact, rationals, realified
from linae.ldl import ldl
from linae.sylvester import signs

LARGE = 2000
"""Size from which on real matrices of doubles are factored and not diagonalised: there it is
faster, but small eigenvalues are lost in the growth of the factors."""


class Inertia(tuple[int, int, int]):
    """The numbers of negative, zero and positive eigenvalues, (i₋, i₀, i₊).

    A plain triple, except that `+` and `*` are those of the theory and not of tuples: inertias of
    direct sums add, In(A ⊕ C) = In(A) + In(C), and `2 * inertia` is that of A ⊕ A.

    Parameters
    ----------
    undecided : int
        Of the `zero` eigenvalues so many were not proved to be zero: they only could not be told
        from zero. Comparison ignores it.

    >>> print(Inertia(1, 0, 2) + Inertia(0, 4, 9, undecided=4))
    (1, ≤4, 11)
    """

    _undecided: int

    def __new__(cls, negative: int, zero: int, positive: int, *, undecided: int = 0) -> Inertia:
        self = super().__new__(cls, (int(negative), int(zero), int(positive)))
        self._undecided = int(undecided)
        return self

    def __getnewargs__(self) -> tuple[int, int, int]:
        return self.negative, self.zero, self.positive

    @property
    def negative(self) -> int:
        return self[0]

    @property
    def zero(self) -> int:
        return self[1]

    @property
    def positive(self) -> int:
        return self[2]

    @property
    def undecided(self) -> int:
        return self._undecided

    index, nullity = negative, zero  # type: ignore[assignment]  # not the method of tuple

    @property
    def size(self) -> int:
        return sum(self)

    def __add__(self, other: tuple[int, int, int]) -> Inertia:  # type: ignore[override]
        """The inertia of a direct sum; not concatenation."""
        sums = (a + b for a, b in zip(self, other, strict=True))
        return Inertia(*sums, undecided=self.undecided + getattr(other, "undecided", 0))

    def __mul__(self, times: SupportsIndex) -> Inertia:
        """The inertia of a direct sum of so many copies; not repetition."""
        n = times.__index__()
        return Inertia(*(n * count for count in self), undecided=n * self.undecided)

    __radd__, __rmul__ = __add__, __mul__

    def __str__(self) -> str:
        return f"({self.negative}, {'≤' if self.undecided else ''}{self.zero}, {self.positive})"

    def __repr__(self) -> str:
        undecided = f", undecided={self.undecided}" if self.undecided else ""
        return f"Inertia({self.negative}, {self.zero}, {self.positive}{undecided})"


def inertia(H: ArrayLike, *, radius: ArrayLike = 0) -> Inertia:
    """Inertia of a Hermitian matrix: exact for rationals, three-valued for doubles.

    The negative and the positive count are certain (for doubles: up to the rounding model of
    `resolution`). The middle count holds what was not separated from zero, and its `undecided` how
    many of these were not proved to be zero. With doubles a singular matrix never gets further
    than that: whoever can exhibit the kernel decides.

    Parameters
    ----------
    H : (d, d)
        Symmetric or Hermitian: integers, `Fraction`, `Gaussian`, float or complex.
    radius : scalar or (d, d)
        Entrywise bound of what H may be wrong by; the certain counts then hold for every Hermitian
        matrix within it.

    >>> inertia([[0, 2], [2, 0]])
    Inertia(1, 0, 1)
    >>> inertia([[3, 0], [0, 1]], radius="0.5")
    Inertia(0, 1, 1, undecided=1)
    >>> inertia([[1.0, 1.0], [1.0, 1.0]])
    Inertia(0, 1, 1, undecided=1)
    """
    H = hermitian(H)
    epsilon = spread(radius, len(H))
    if H.dtype != object:
        return _floating_inertia(H, float(epsilon))
    if not epsilon:
        return _exact_inertia(H)
    ball = epsilon * eye(len(H), H)
    negative, positive = _exact_inertia(H + ball).negative, _exact_inertia(H - ball).positive
    rest = len(H) - negative - positive
    return Inertia(negative, rest, positive, undecided=rest)


def inertia_of_blocks(entries: Entries, radius: float = 0.0) -> Inertia:
    """Inertia of a sparse Hermitian matrix as the sum over the blocks that it falls into.

    Exact for exact entries; for doubles those counts are certain that hold of every Hermitian
    matrix within `radius` in spectral norm.

    >>> inertia_of_blocks(Entries.of(rationals([[0, 0, 2], [0, 3, 0], [2, 0, 0]])))
    Inertia(1, 0, 2)
    """
    if entries.values.dtype == object:
        blocks = (block for stack in entries.blocks() for block in stack)
        return sum(map(_exact_block_inertia, blocks), Inertia(0, 0, 0))
    total = Inertia(0, 0, 0)
    scale = float(np.abs(entries.values).max(initial=0))
    for stack in entries.blocks():
        total = total + _floating_inertia(stack, radius, scale)
    return total


def resolution(values: ArrayLike, size: int) -> float:
    """What computed eigenvalues or singular values may be wrong by: size · eps · the largest."""
    return float(size * np.finfo(float).eps * np.abs(np.asarray(values)).max(initial=0.0))


def _floating_inertia(H: Array, epsilon: float, scale: float = 0.0) -> Inertia:
    """Of one matrix, or of the direct sum of a stack of them."""
    size = H.shape[-1]
    if H.ndim == 2 and size >= LARGE and H.dtype.kind == "f":
        negative, positive = signs(H, epsilon)
        rest = size - negative - positive
        return Inertia(negative, rest, positive, undecided=rest)
    values = np.linalg.eigvalsh(H)
    tolerance = epsilon + max(resolution(values, size), resolution(scale, size))
    negative, positive = int((values < -tolerance).sum()), int((values > tolerance).sum())
    rest = values.size - negative - positive
    return Inertia(negative, rest, positive, undecided=rest if tolerance else 0)


def _exact_inertia(H: Array) -> Inertia:
    """Block by block."""
    return inertia_of_blocks(Entries.of(H))


def _exact_block_inertia(H: Array) -> Inertia:
    if len(H) == 1 or (len(H) == 2 and H[0, 1]):
        return _pair_inertia(H)
    try:
        return flint_inertia(H)
    except ImportError:
        return ldl_inertia(H)


def _pair_inertia(H: Array) -> Inertia:
    """Of one number, or of two rows, by determinant and trace."""
    if len(H) == 1:
        d = H[0, 0].real
        return Inertia(d < 0, d == 0, d > 0)
    a, c = H[0, 0].real, H[1, 1].real
    determinant = (a * c - H[0, 1] * H[1, 0]).real
    if determinant < 0:
        return Inertia(1, 0, 1)
    zero = int(determinant == 0)
    same = 2 - zero
    return Inertia(same, zero, 0) if a + c < 0 else Inertia(0, zero, same)


def flint_inertia(H: Array) -> Inertia:
    """Exact inertia from the signs of the characteristic polynomial, by python-flint.

    All its roots are real, so the sign changes of its coefficients count the positive ones exactly
    (Descartes), and the power of λ that divides it counts the zeros.
    """
    from flint import fmpz_mat  # an optional dependency

    R = realified(H)  # of a complex H: every eigenvalue twice
    common = math.lcm(*(x.denominator for x in R.flat))
    integers = [x.numerator * (common // x.denominator) for x in R.flat]
    coefficients = fmpz_mat(len(R), len(R), integers).charpoly().coeffs()
    zero = next(k for k, c in enumerate(coefficients) if c != 0)
    positive = sum(a != b for a, b in pairwise(c > 0 for c in coefficients if c != 0))
    counts = (len(R) - zero - positive, zero, positive)
    return Inertia(*(count * len(H) // max(len(R), 1) for count in counts))


def numbers(array: ArrayLike) -> Array:
    """`array` as doubles if it is floating, else as exact numbers.

    Raises
    ------
    ValueError
        If an entry is not a finite number.
    """
    given = np.asarray(array)
    try:
        if given.dtype.kind in "fc":
            given = given.astype(complex if given.dtype.kind == "c" else float)
            finite = bool(np.isfinite(given).all())
        else:
            given = rationals(given)
            finite = is_exact(given)
    except (ValueError, OverflowError):
        finite = False
    if not finite:
        raise ValueError("Need finite numbers in every entry. Got one that is not.")
    return given


def hermitian(H: ArrayLike) -> Array:
    """H as an exact Hermitian array, or as the Hermitian part of one of doubles.

    Raises
    ------
    ValueError
        If H is not square, or differs from its adjoint: at all if exact, by more than
        size · eps · scale if not.
    """
    M = numbers(H)
    if M.ndim != 2 or M.shape[0] != M.shape[1]:
        raise ValueError(f"Need a square matrix. Got shape {M.shape}.")
    adjoint, exact = M.conj().T, M.dtype == object
    if np.array_equal(M, adjoint):
        return M
    wrong = np.not_equal(M, adjoint) if exact else abs(M - adjoint) > resolution(M, len(M))
    if wrong.any():
        i, j = map(int, np.argwhere(wrong)[0])
        found = f"{M[i, j]} at ({i}, {j}) and {M[j, i]} at ({j}, {i})"
        raise ValueError(f"Need a matrix equal to its (conjugate) transpose. Got {found}.")
    return M / 2 + adjoint / 2


def spread(radius: ArrayLike, size: int) -> Fraction:
    """The largest row sum of the radii: a bound on the spectral norm of a Hermitian error.

    >>> spread("0.1", 3)
    Fraction(3, 10)
    """
    R = rationals(numbers(radius))
    if R.shape not in ((), (size, size)):
        raise ValueError(f"Need one radius or shape {(size, size)}. Got shape {R.shape}.")
    if (R < 0).any():
        raise ValueError(f"Need radius >= 0. Got {R.min()}.")
    return size * R.item() if R.ndim == 0 else max(R.sum(axis=1), default=Fraction(0))


def ldl_inertia(H: Array) -> Inertia:
    """Exact inertia by LDLᴴ in plain fractions."""
    return Inertia(*ldl(H).signs)
