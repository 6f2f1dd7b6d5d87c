"""Covariance of many rows with a mean of 10⁸ σ, beside matrix products and other estimators.

The judge knows the covariance by construction: the rows are integers, whose sums are exact. The
matrix products are no covariance but the measure of the machine: ours counts as many operations as
they do, 2 N n², though it uses the symmetry of its answer, so that it can be faster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks._race import Contender, Race
from linae.exact import Array
from linae.scatter import STRIPS, strip
from linae.streams import chunks_of, streamed

ROWS = {8: 2_000_000, 64: 400_000, 512: 65_536}
"""For each number of columns: at most 270 MB."""

PART = 16
"""Slow contenders do one of so many parts."""


def races() -> Iterator[Race]:
    for n, N in ROWS.items():
        X = integers(N, n)
        yield Race(
            f"covariance of {N:,} rows of {n} numbers with a mean of 10⁸ σ",
            [
                Contender("linae, array", lambda X=X: lambda: _ours(X)),
                Contender("linae, chunks of 10,000 rows", lambda X=X: lambda: _ours(_chunks(X))),
                Contender(
                    "matrix products Xᵢᵀ Yᵢ, all processors", partial(_products, X, X.copy())
                ),
                Contender("matrix products Xᵢᵀ Xᵢ, all processors", partial(_products, X, X)),
                Contender("numpy.cov", lambda X=X: lambda: np.cov(X.T, bias=True)),
                Contender("PCA(covariance_eigh)", partial(_pca, X), ("sklearn",)),
                Contender("IncrementalPCA", partial(_incremental, X), ("sklearn",), 1 / PART),
                Contender("Dask, threads", partial(_dask, X), ("dask",)),
            ],
            partial(judged, X=X),
        )


MEAN = 2.0**35


def integers(N: int, n: int) -> Array:
    """Rows of integers in doubles."""
    rng = np.random.default_rng(n)
    X = MEAN + rng.integers(-500, 501, (N, n))
    X[:, 1:] += X[:, :1] - MEAN
    return X


def covariance(X: Array) -> Array:
    """Of integers: the sums are exact, being below 2⁵³."""
    D = X - MEAN
    mean = D.sum(axis=0) / len(D)
    return D.T @ D / len(D) - np.outer(mean, mean)


def judged(found: Array | None, *, X: Array) -> str:
    """By the error of each entry, in standard deviations."""
    if found is None:
        return "not asked"
    found, rows = found if isinstance(found, tuple) else (found, len(X))
    S = covariance(X[:rows])
    size = np.sqrt(np.diagonal(S))
    error = float((np.abs(found - S) / np.outer(size, size)).max())
    return f"{'right to' if error < 1e-12 else 'wrong by'} {error:.0e}"


def _ours(data: Any) -> Array:
    return streamed(chunks_of(data), copy=not isinstance(data, np.ndarray)).scatter.moment()


def _chunks(X: Array) -> Iterator[Array]:
    return (X[i : i + 10_000] for i in range(0, len(X), 10_000))


def _products(X: Array, Y: Array) -> Callable[[], None]:
    """Blocks like ours, each by one thread."""
    step = STRIPS * strip(X.shape[1])
    blocks = [slice(i, i + step) for i in range(0, len(X), step)]

    def answer() -> None:
        with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(cpu_count()) as pool:
            for _ in pool.map(lambda rows: X[rows].T @ Y[rows], blocks):
                pass

    return answer


def _pca(X: Array) -> Callable[[], Array]:
    from sklearn.decomposition import PCA

    model = PCA(svd_solver="covariance_eigh")
    return lambda: model.fit(X).get_covariance() * (1 - 1 / len(X))


def _incremental(X: Array) -> Callable[[], tuple[Array, int]]:
    from sklearn.decomposition import IncrementalPCA

    some = X[: len(X) // PART]
    model = IncrementalPCA(batch_size=5 * X.shape[1])
    return lambda: (model.fit(some).get_covariance() * (1 - 1 / len(some)), len(some))


def _dask(X: Array) -> Callable[[], Array]:
    from dask import array

    x = array.from_array(X, chunks=(STRIPS * strip(X.shape[1]), X.shape[1]), name=False)
    centred = x - x.mean(axis=0)
    return (centred.T @ centred / len(X)).compute
