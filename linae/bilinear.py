"""The second derivative of the squared loss of a product, as a matrix: dense, and by its entries.

Of 2 Re tr(D E N Eᴴ) + 4 Re tr(Rᴴ Ȧ Ḃ) with E = Ȧ B + A Ḃ, in the order of `Landscape.flatten`.
"""

from __future__ import annotations

import numpy as np

from linae.components import Entries, kronecker
from linae.exact import Array, eye, imag, is_complex, real, zeros

Pair = tuple[Array, Array]


def dense_curvature(A: Array, B: Array, S: Array, R: Array) -> Array:
    """The real symmetric matrix of the form with D = I and N = S."""
    if all(M.dtype.kind == "f" for M in (A, B, S, R)):
        C = B @ S
        return real_curvature(A, S, R, C, C @ B.T, A.T @ A)
    (n, p), m = A.shape, B.shape[1]
    Ah, one = A.conj().T, eye(p, A)
    P = np.block(
        [
            [np.kron((B @ S @ B.conj().T).T, eye(n, A)), np.kron((S @ B.conj().T).T, A)],
            [np.kron((B @ S).T, Ah), np.kron(S.T, Ah @ A)],
        ]
    )
    Q = np.block(
        [
            [zeros((n * p, n * p), P), np.kron(one, R)[:, _transposition(p, m)]],
            [np.kron(R.T, one)[:, _transposition(n, p)], zeros((p * m, p * m), P)],
        ]
    )
    if not is_complex(P + Q):
        return 2 * (P + Q)
    return 2 * np.block([[real(P + Q), -imag(P - Q)], [imag(P + Q), real(P - Q)]])


def _transposition(rows: int, columns: int) -> Array:
    """Places such that (M K) = M[:, places], for K vec(Z) = vec(Zᵀ), Z (rows, columns)."""
    return np.arange(rows * columns).reshape(rows, columns).ravel(order="F")


def real_curvature(A: Array, S: Array, R: Array, C: Array, encoded: Array, decoded: Array) -> Array:
    """The same in doubles from C = B S, C Bᵀ and AᵀA, block by block into one array: no other of
    its size. An entry has at most three roundings, of a product and a sum."""
    (n, p), m = A.shape, len(S)
    k = n * p
    H = np.zeros((p * (n + m), p * (n + m)))
    AA = H[:k, :k].reshape(p, n, p, n)  # of (unit, output, unit, output)
    AB = H[:k, k:].reshape(p, n, m, p)
    BB = H[k:, k:].reshape(m, p, m, p)
    np.einsum("jiki->jki", AA)[:] = (encoded + encoded.T)[:, :, None]
    np.einsum("jilj->jil", AB)[:] = 2 * R
    np.multiply.outer(S, decoded + decoded.T, out=BB.transpose(0, 2, 1, 3))
    for unit in range(p):
        AB[unit] += np.multiply.outer(2 * C[unit], A).transpose(1, 0, 2)
    H[k:, :k] = H[:k, k:].T
    return H


def curvature(weights: Pair, products: Pair, grams: tuple[Entries, Entries], R: Array) -> Entries:
    """The real symmetric matrix of the form.

    Parameters
    ----------
    weights : A (n, p) and B (p, d)
    products : D A and B N
    grams : D (n, n) and N (d, d)
    R : (n, d)

    The linear part is that of blocks 2 (B N Bᴴ)ᵀ ⊗ D, 2 Nᵀ ⊗ AᴴDA, 2 (N Bᴴ)ᵀ ⊗ D A.
    """
    (A, B), (DA, BN), (D, N) = weights, products, grams
    (n, p), d = A.shape, B.shape[1]
    size, k = p * (n + d), n * p
    linear = [
        kronecker((BN @ B.conj().T).T, D, (0, 0), size),
        kronecker(BN.conj(), DA, (0, k), size),
        kronecker(BN.T, DA.conj().T, (k, 0), size),
        kronecker(N.transposed, A.conj().T @ DA, (k, k), size),
    ]
    P, Q = Entries.total(linear), _antilinear(R, p)
    if not any(is_complex(M) for M in (A, B, D.values, N.values, R)):
        return _added([(P.rows, P.columns, P.values), (Q.rows, Q.columns, Q.values)], size)
    lists = []
    for M, sign in ((P, 1), (Q, -1)):  # [[Re(P + Q), −Im(P − Q)], [Im(P + Q), Re(P − Q)]]
        re, im = real(M.values), imag(M.values)
        lists += [
            (M.rows, M.columns, re),
            (M.rows, M.columns + size, -sign * im),
            (M.rows + size, M.columns, im),
            (M.rows + size, M.columns + size, sign * re),
        ]
    return _added(lists, 2 * size)


def _antilinear(R: Array, p: int) -> Entries:
    """(Ȧ, Ḃ) ↦ (R Ḃᴴ, Ȧᴴ R)."""
    n, d = R.shape
    i, j = np.nonzero(R)
    units = np.arange(p)[:, None]
    rows, columns = (units * n + i).ravel(), (n * p + j * p + units).ravel()
    values = np.tile(R[i, j], p)
    both = np.concatenate([rows, columns]), np.concatenate([columns, rows])
    return Entries(p * (n + d), *both, np.concatenate([values, values]))


def _added(lists: list[tuple[Array, Array, Array]], size: int) -> Entries:
    """Twice the sum."""
    rows, columns, values = (np.concatenate(x) for x in zip(*lists, strict=True))
    seen = values != 0
    return Entries(size, rows[seen], columns[seen], 2 * values[seen])
