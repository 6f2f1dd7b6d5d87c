"""Streams: the scatter of data that do not fit into memory, from chunks of their rows.

    streamed(chunks_of(X))                     of an array, in memory or mapped from a file
    streamed(chunks_of(iterator), copy=True)   of chunks (k, m), or of pairs (k, m), (k, n)
    streamed(chunks_of(X, Y), progress=print)  of inputs and targets

Chunks are cut anew, into blocks whose size depends on the number of columns alone, and the sums of
blocks are added in one tree: the result is the same to the last bit, whatever the chunks and the
number of threads. A block is the work of one thread with a BLAS of one thread: two threads of a
BLAS wait for each other.
"""

from __future__ import annotations

import math
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial, reduce
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from linae.exact import Array
from linae.scatter import STRIPS, Scatter, as_array, strip

MANY = 1024
"""Pieces of a block that wait one by one: each takes a hundred bytes besides its numbers."""

LARGE = 2**27
"""Bytes of doubles that are taken into memory; of what is more, the sums only."""

Chunk = tuple[Array, ...]
"""Rows of the inputs, or of inputs and targets."""


class Sums(NamedTuple):
    """The scatter of inputs and targets side by side, and the number of inputs."""

    scatter: Scatter
    inputs: int


def fits(size: float) -> bool:
    """Whether data of so many bytes are taken into memory."""
    return size <= LARGE


def size(table: Any) -> float:
    """Bytes of a table as doubles, or pairs of them; NaN if it does not know how many rows it has.

    >>> size(np.zeros((10, 3), dtype=np.int8))
    240.0
    """
    is_complex = getattr(getattr(table, "dtype", None), "kind", "f") == "c"
    return (16.0 if is_complex else 8.0) * math.prod(getattr(table, "shape", ()))


def is_chunked(X: Any) -> bool:
    """Whether X is not an array but an iterable of them."""
    if isinstance(X, list) and X and (getattr(X[0], "ndim", 0) == 2 or _is_pair(X[0])):
        return True
    is_array = hasattr(X, "shape") or hasattr(X, "__array__") or isinstance(X, (list, tuple))
    return not is_array and isinstance(X, Iterable) and not isinstance(X, (str, bytes))


def chunks_of(X: Any, Y: Any = None) -> Iterator[Chunk]:
    """The rows of X, and of Y beside them, each an array or an iterable of arrays, in order.

    Raises
    ------
    ValueError
        If chunks have other columns than those before, X and Y are not of as many rows, or they
        are one iterator, which would give its chunks to both in turn.
    """
    if X is Y and isinstance(X, Iterator):
        raise ValueError("Need X and Y that are read apart, or pairs. Got one iterator for both.")
    tables = _slices(X, "X") if Y is None else _paired(_slices(X, "X"), _slices(Y, "Y"))
    widths: list[int] = []
    row = 0
    for tables_of_chunk in tables:
        chunk = tuple(map(_table, tables_of_chunk, "XY"))
        found = [table.shape[1] for table in chunk]
        widths = widths or found
        if found != widths:
            columns = " and ".join(map(str, widths))
            need = f"Need {columns} columns in each chunk, as in the first"
            raise ValueError(f"{need}. Got {' and '.join(map(str, found))} from row {row} on.")
        _check_rows(*map(len, chunk))
        row += len(chunk[0])
        yield chunk


def _slices(X: Any, name: str) -> Iterator[tuple[Any, ...]]:
    """One by one the chunks of an iterable, and slices of what has a shape, unless in memory."""
    if is_chunked(X):
        for chunk in X:
            yield tuple(chunk) if _is_pair(chunk) else (chunk,)
    elif isinstance(X, np.ndarray) or not hasattr(X, "shape"):
        yield (as_array(X, name),)
    else:
        if len(X.shape) != 2:
            raise ValueError(f"Need {name} of shape (samples, features). Got shape {X.shape}.")
        if math.isnan(X.shape[0]):
            need = f"Need {name} with a known number of rows, since the other comes in chunks"
            raise ValueError(f"{need}. Got one before its compute_chunk_sizes().")
        step = STRIPS * strip(max(1, X.shape[1]))
        yield from ((X[i : i + step],) for i in range(0, X.shape[0], step))


def _is_pair(chunk: Any) -> bool:
    return isinstance(chunk, (list, tuple)) and len(chunk) == 2 and np.ndim(chunk[0]) == 2


def _paired(xs: Iterator[Chunk], ys: Iterator[Chunk]) -> Iterator[Chunk]:
    """Rows side by side, cut where either was cut."""
    counts, held = [0, 0], [np.empty((0, 0)), np.empty((0, 0))]
    while True:
        for k, source in enumerate((xs, ys)):
            while not len(held[k]) and (chunk := next(source, None)) is not None:
                if len(chunk) > 1:
                    raise ValueError("Need targets in pairs of chunks, or as Y. Got both.")
                held[k] = _table(chunk[0], "XY"[k])
                counts[k] += len(held[k])
        rows = min(map(len, held))
        if not rows:
            counts[0] += sum(len(chunk[0]) for chunk in xs)
            counts[1] += sum(len(chunk[0]) for chunk in ys)
            _check_rows(*counts)
            return
        yield held[0][:rows], held[1][:rows]
        held = [table[rows:] for table in held]


def _check_rows(inputs: int, targets: int | None = None) -> None:
    if targets not in (None, inputs):
        raise ValueError(f"Need as many rows in Y as in X. Got {targets} in Y, {inputs} in X.")


def _table(chunk: Any, name: str) -> Array:
    table = as_array(chunk, name)
    if table.ndim != 2 or not table.shape[1]:
        need = f"Need chunks of {name} of shape (samples, features)"
        raise ValueError(f"{need}. Got shape {table.shape}.")
    if table.dtype.kind not in "biufc":
        raise ValueError(f"Need numbers in {name}. Got dtype {table.dtype}.")
    return table


def gathered(chunks: Iterator[Chunk]) -> tuple[Chunk | None, Iterator[Chunk]]:
    """All rows in memory if they are few; else None, and again all rows, in copies of chunks.

    Raises
    ------
    ValueError
        If there is no row.
    """
    widths, chunks = _opened(chunks)
    blocks = _blocks(chunks, STRIPS * strip(sum(widths)), copy=True)
    held: list[Chunk] = []
    total = 0.0
    for block in blocks:
        held.append(block)
        total += sum(map(size, block))
        if not fits(total):
            return None, chain(held, blocks)
    return _joined(held), iter(())


def streamed(
    chunks: Iterable[Chunk],
    *,
    rows: int | None = None,
    threads: int | None = None,
    copy: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Sums:
    """The sums over rows.

    Parameters
    ----------
    rows : in a strip, of which a block has eight; by the number of columns if None
    threads : as many as processors that this process may use, if None
    copy : whether chunks are to be copied before the next one is asked for
    progress : is called with the number of rows that are done

    Raises
    ------
    ValueError
        If there is no row, or an entry is not finite or too large.
    """
    widths, chunks = _opened(chunks)
    jobs = _jobs(chunks, rows or strip(sum(widths)), copy=copy)
    with closing(_in_order(jobs, threads or _processors())) as scatters:
        return Sums(_total(scatters, progress), widths[0])


def summed(chunks: Iterable[Chunk], first: int = 0) -> Sums:
    """The same in the thread of the caller, its BLAS as it is; rows are numbered from `first`."""
    widths, chunks = _opened(chunks)
    jobs = _jobs(chunks, strip(sum(widths)), first)
    return Sums(_total((job() for job in jobs), None), widths[0])


def _opened(chunks: Iterable[Chunk]) -> tuple[list[int], Iterator[Chunk]]:
    """Numbers of columns, and the chunks that have rows."""
    source = (chunk for chunk in chunks if len(chunk[0]))
    head = next(source, None)
    if head is None:
        raise ValueError("Need at least 1 sample in X. Got no rows, or an iterator at its end.")
    return [table.shape[1] for table in head], chain([head], source)


def _jobs(
    chunks: Iterable[Chunk], rows: int, first: int = 0, *, copy: bool = False
) -> Iterator[Callable[[], Scatter]]:
    """One for each block."""
    for k, block in enumerate(_blocks(chunks, STRIPS * rows, copy)):
        yield partial(Scatter.of, block, first=first + k * STRIPS * rows, rows=rows)


def _blocks(chunks: Iterable[Chunk], rows: int, copy: bool) -> Iterator[Chunk]:
    """The same rows, so many at a time."""
    held: list[Chunk] = []
    count = 0
    for chunk in chunks:
        i = 0
        while i < len(chunk[0]):
            part = tuple(table[i : i + rows - count] for table in chunk)
            held.append(tuple(map(np.array, part)) if copy else part)
            held = [_joined(held)] if len(held) == MANY else held
            i, count = i + len(part[0]), count + len(part[0])
            if count == rows:
                yield _joined(held)
                held, count = [], 0
    if held:
        yield _joined(held)


def _joined(chunks: list[Chunk]) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    return tuple(np.concatenate(tables) for tables in zip(*chunks, strict=True))


def _in_order(jobs: Iterator[Callable[[], Scatter]], threads: int) -> Generator[Scatter]:
    """Results in the order of jobs, of which few wait at any time."""
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Scatter]] = deque()
        for job in jobs:
            waiting.append(pool.submit(job))
            if len(waiting) > threads + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _total(scatters: Iterable[Scatter], progress: Callable[[int], object] | None) -> Scatter:
    """Their sum, by halves: those of 1, 2, 4, … blocks are kept, as digits of a binary number."""
    digits: list[tuple[int, Scatter]] = []
    done = 0
    for scatter in scatters:
        done += scatter.count
        level = 0
        while digits and digits[-1][0] == level:
            scatter, level = digits.pop()[1] + scatter, level + 1
        digits.append((level, scatter))
        if progress is not None:
            progress(done)
    return reduce(lambda late, early: early + late, (scatter for _, scatter in reversed(digits)))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
