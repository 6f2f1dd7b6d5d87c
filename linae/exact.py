"""Exact numbers: rationals ℚ and Gaussian rationals ℚ(i) in object arrays, and elimination on them.

    rationals([0.5, "0.1", 3])     array of Fraction(1, 2), Fraction(1, 10), Fraction(3)
    Gaussian(1, 2) * Gaussian(1, -2) == 5
    kernel(M)                      a basis of {x : M x = 0}, exactly

A double is a dyadic rational and a decimal string is a decimal rational; nothing is rounded here.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from linae import bareiss
from linae.bareiss import Array
from linae.gaussian import Gaussian as Gaussian


def _rational(x: Any) -> Any:
    """`x` as a Fraction, a Gaussian, or (a symbol) as it is."""
    if isinstance(x, (Fraction, Gaussian)):
        return x
    if isinstance(x, (complex, np.complexfloating)):
        return Gaussian(Fraction(float(x.real)), Fraction(float(x.imag)))
    if isinstance(x, (str, Decimal, Rational, float, np.floating, np.integer, np.bool_)):
        return Fraction(x.item() if isinstance(x, np.generic) else x)
    return x


def rationals(array: ArrayLike) -> Array:
    """`array` with every number as an exact one: Fraction, or Gaussian if it is complex.

    Doubles become the dyadic rationals that they are, strings the decimals that they spell;
    SymPy symbols stay.

    >>> rationals(["0.1", 0.5, 2]).tolist()
    [Fraction(1, 10), Fraction(1, 2), Fraction(2, 1)]
    """
    source = np.asarray(array, dtype=object)
    if _kinds(source) <= {Fraction, Gaussian}:
        return source.copy()
    result = np.empty(source.shape, dtype=object)
    for place, x in np.ndenumerate(source):
        result[place] = _rational(x)
    return result


def is_exact(array: Array) -> bool:
    """Whether every entry is a rational or Gaussian rational number (no float, no symbol)."""
    numbers = (Rational, Gaussian)
    return array.dtype == object and all(issubclass(kind, numbers) for kind in _kinds(array))


def is_complex(array: Array) -> bool:
    """Whether the entries are complex numbers, floating or exact."""
    if array.dtype == object:
        return Gaussian in _kinds(array)
    return bool(np.iscomplexobj(array))


def _kinds(array: Array) -> set[type]:
    """The types of the entries."""
    return set(map(type, array.flat))


def real(array: Array) -> Array:
    """Real parts, entry by entry, of floating or exact numbers."""
    return _part(array, "real")


def imag(array: Array) -> Array:
    """Imaginary parts, entry by entry, of floating or exact numbers."""
    return _part(array, "imag")


def _part(array: Array, name: str) -> Array:
    if array.dtype != object:
        return np.array(getattr(array, name))
    result = np.empty(array.shape, dtype=object)
    for place, x in np.ndenumerate(array):
        result[place] = getattr(x, name)
    return result


def realified(M: Array) -> Array:
    """The real matrix [[Re M, −Im M], [Im M, Re M]]: M as a real-linear map; real M stay."""
    if not is_complex(M):
        return M
    return np.block([[real(M), -imag(M)], [imag(M), real(M)]])


def floating(array: Array) -> Array:
    """The nearest doubles (complex doubles for Gaussian entries)."""
    if array.dtype != object:
        return array
    return array.astype(complex if is_complex(array) else float)


def eye(n: int, like: Array) -> Array:
    """The identity of size n in the numbers of `like`."""
    return rationals(np.eye(n, dtype=int)) if like.dtype == object else np.eye(n, dtype=like.dtype)


def zeros(shape: tuple[int, ...], like: Array) -> Array:
    """Zeros in the numbers of `like`."""
    return (
        rationals(np.zeros(shape, dtype=int))
        if like.dtype == object
        else np.zeros(shape, dtype=like.dtype)
    )


def product(X: Array, Y: Array) -> Array:
    """X Y; of rational matrices in integers over common denominators, many times faster."""
    if not all(is_exact(M) and not is_complex(M) for M in (X, Y)):
        return np.matmul(X, Y)  # a subclass stays one
    (a, P), (b, Q) = _integers(X), _integers(Y)
    return _fractions(P @ Q, a * b)


def _integers(M: Array) -> tuple[int, Array]:
    """A common denominator, and M times it in integers."""
    common = math.lcm(*(x.denominator for x in M.flat))
    whole = np.frompyfunc(lambda x: x.numerator * (common // x.denominator), 1, 1)
    return common, whole(M) if M.size else M


def _fractions(M: Array, denominator: int) -> Array:
    """Integers over a common denominator."""
    return np.frompyfunc(lambda x: Fraction(x, denominator), 1, 1)(M)


def row_echelon(M: Array) -> tuple[Array, tuple[int, ...]]:
    """Reduced row echelon form of an exact matrix, and its pivot columns."""
    if not is_exact(M):
        return _symbolic_echelon(M)
    if not is_complex(M):
        E, pivots, denominator = bareiss.echelon(_whole_rows(M))
        return _fractions(E, denominator), pivots
    E, pivots, denominator = bareiss.echelon(_whole_rows(_interleaved(M)))
    parts = (_fractions(part, denominator) for part in (E[::2, ::2], E[1::2, ::2]))
    return np.frompyfunc(Gaussian, 2, 1)(*parts), tuple(column // 2 for column in pivots[::2])


def rank(M: Array) -> int:
    """Exact rank."""
    if not is_exact(M):
        return len(_symbolic_echelon(M)[1])
    if not is_complex(M):
        return bareiss.rank(_whole_rows(M))
    return bareiss.rank(_whole_rows(_interleaved(M))) // 2


def _whole_rows(M: Array) -> Array:
    """Each row times its least common denominator."""
    whole = np.empty(M.shape, dtype=object)
    for i, row in enumerate(M):
        whole[i] = _integers(row)[1]
    return whole


def _interleaved(M: Array) -> Array:
    """Complex entries a + bi as blocks [[a, −b], [b, a]]: a field, so that its reduced row echelon
    form is that of M in blocks."""
    blocks = np.empty((M.shape[0], 2, M.shape[1], 2), dtype=object)
    blocks[:, 0, :, 0] = blocks[:, 1, :, 1] = real(M)
    blocks[:, 1, :, 0] = imag(M)
    blocks[:, 0, :, 1] = -blocks[:, 1, :, 0]
    return blocks.reshape(2 * M.shape[0], 2 * M.shape[1])


def _symbolic_echelon(M: Array) -> tuple[Array, tuple[int, ...]]:
    """The same where entries are only known to be in a field."""
    E = np.array(M, dtype=object)
    pivots: list[int] = []
    for column in range(E.shape[1]):
        row = len(pivots)
        found = next((i for i in range(row, E.shape[0]) if E[i, column]), None)
        if found is None:
            continue
        E[[row, found]] = E[[found, row]]
        E[row] = E[row] / E[row, column]
        for i in range(E.shape[0]):
            if i != row and E[i, column]:
                E[i] = E[i] - E[i, column] * E[row]
        pivots.append(column)
    return E, tuple(pivots)


def kernel(M: Array) -> Array:
    """A basis of {x : M x = 0}, as columns (k, dim), exactly."""
    E, pivots = row_echelon(M)
    free = [j for j in range(M.shape[1]) if j not in pivots]
    basis = zeros((M.shape[1], len(free)), E)
    for c, j in enumerate(free):
        basis[j, c] = Fraction(1)
        for i, pivot in enumerate(pivots):
            basis[pivot, c] = -E[i, j]
    return basis


def solve(M: Array, C: Array) -> Array:
    """One exact solution Z of M Z = C; M may be singular, C must lie in its range.

    Raises
    ------
    ValueError
        If a column of C is not in the range of M.
    """
    E, pivots = row_echelon(np.concatenate([M, C], axis=1))
    k = M.shape[1]
    if any(pivot >= k for pivot in pivots):
        raise ValueError("Need a right-hand side in the range of the matrix. Got one outside it.")
    Z = zeros((k, C.shape[1]), E)
    for i, pivot in enumerate(pivots):
        Z[pivot] = E[i, k:]
    return Z


def square_root(x: Fraction) -> Fraction | None:
    """√x if it is rational.

    >>> square_root(Fraction(9, 4)), square_root(Fraction(2))
    (Fraction(3, 2), None)
    """
    root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
    return root if root * root == x else None


def inverse(M: Array) -> Array:
    """M⁻¹, exact or floating."""
    return solve(M, eye(len(M), M)) if M.dtype == object else np.linalg.inv(M)


def orthogonal(columns: Array) -> Array:
    """Independent exact columns made orthogonal by Gram and Schmidt, without normalising."""
    basis, squares = np.array(columns, dtype=object), zeros((columns.shape[1], 1), columns)
    for j in range(basis.shape[1]):
        U, v = basis[:, :j], basis[:, j : j + 1]
        basis[:, j : j + 1] = v - product(U, product(U.conj().T, v) / squares[:j])
        squares[j] = (v.conj() * v).sum()
    return basis
