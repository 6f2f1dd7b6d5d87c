"""Clusters: the scatter of a Dask array, on the scheduler of its user.

    with dask.distributed.Client(address):
        linae.Moments.from_data(dask_array)

Each chunk of rows becomes a summary where it is, and summaries are added in a tree of tasks. A task
has no state, so that those of a worker that was lost are done again elsewhere.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from linae.exact import Array
from linae.scatter import Scatter
from linae.streams import Sums, chunks_of, summed


def is_dask(X: Any) -> bool:
    """Whether X is an array of Dask, of which numbers are not computed yet."""
    return hasattr(X, "__dask_graph__") and hasattr(X, "to_delayed")


def distributed(X: Any, Y: Any = None) -> Sums:
    """The sums over rows of arrays, of which at least one is of Dask.

    Raises
    ------
    ValueError
        If there is no row, rows do not match, an entry is not finite or too large, or chunks are
        not of the shape that Dask takes them for; of rows whose number Dask does not know, the
        place is that in their chunk.
    """
    import dask

    tables = [_by_rows(X, "X")] if Y is None else _aligned(_by_rows(X, "X"), _by_rows(Y, "Y"))
    widths, sizes = [table.shape[1] for table in tables], tables[0].chunks[0]
    starts = [0 if np.isnan(start) else start for start in accumulate(sizes[:-1], initial=0)]
    parts: list[Any] = [
        dask.delayed(_part)(start, widths, *chunk)
        for start, *chunk in zip(starts, *(t.to_delayed()[:, 0] for t in tables), strict=True)
    ]
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [dask.delayed(_sum)(a, b) for a, b in pairs] + parts[len(parts) & ~1 :]
    with threadpool_limits(limits=1, user_api="blas"):  # where the scheduler is in this process
        (total,) = dask.compute(*parts)
    if total is None:
        raise ValueError("Need at least 1 sample in X. Got no rows.")
    told = tables[0].shape[0]
    if total.count != told and not np.isnan(told):
        raise ValueError(f"Need {told} rows in all chunks, as Dask was told. Got {total.count}.")
    return Sums(total, widths[0])


def _by_rows(X: Any, name: str) -> Any:
    from dask import array

    table = array.asarray(X)
    if table.ndim != 2:
        raise ValueError(f"Need {name} of shape (samples, features). Got shape {table.shape}.")
    return table.rechunk({1: -1})


def _aligned(X: Any, Y: Any) -> list[Any]:
    """Targets in chunks of the rows of inputs, where Dask knows how many these are."""
    if np.isnan(X.shape[0] + Y.shape[0]):
        if X.numblocks[0] != Y.numblocks[0]:
            got = f"Got {Y.numblocks[0]} in Y, {X.numblocks[0]} in X"
            raise ValueError(f"Need as many chunks in Y as in X. {got}.")
        return [X, Y]
    if len(X) != len(Y):
        raise ValueError(f"Need as many rows in Y as in X. Got {len(Y)} in Y, {len(X)} in X.")
    return [X, Y.rechunk({0: X.chunks[0]})]


def _part(start: int, widths: list[int], *chunk: Array) -> Scatter | None:
    """Of one chunk, by the one thread that Dask has for it; None if it has no rows."""
    found = [table.shape[1] for table in chunk]
    if found != widths:
        columns = " and ".join(map(str, widths))
        need = f"Need {columns} columns in each chunk, as Dask was told"
        raise ValueError(f"{need}. Got {' and '.join(map(str, found))}.")
    if not any(table.shape[0] for table in chunk):
        return None
    return summed(chunks_of(*chunk), start).scatter


def _sum(a: Scatter | None, b: Scatter | None) -> Scatter | None:
    return a + b if a is not None and b is not None else a or b
