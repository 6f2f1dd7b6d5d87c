"""Tables that do not fit into memory: NPY and Parquet, by chunks of rows.

    table = long_table("big.npy", columns=["3", "1"])     None if the file is short
    for chunk in table: ...                               arrays (k, 2)

A chunk of an NPY file is mapped when it is asked for, and let go with its last user, so that the
file never counts as memory; one of a Parquet file is decoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from linae.columns import Source, chosen, listed
from linae.exact import Array
from linae.scatter import STRIPS, strip
from linae.streams import fits

CHUNK = 2**25
"""Bytes of a chunk, about."""


@dataclass(frozen=True, eq=False)
class LongTable:
    """Names of columns, how many rows there are, and these in chunks.

    Attributes
    ----------
    file : str
    names : (m,)
    count : int
    places : (m,)
        Of the columns in the file, from 0.
    chunks : function
        From places to an iterator of arrays (k, m).
    bytes : int
        Of a number, as a double or a pair of them.
    """

    file: str
    names: tuple[str, ...]
    count: int
    places: tuple[int, ...]
    chunks: Callable[[Sequence[int]], Iterator[Array]]
    bytes: int = 8

    def __iter__(self) -> Iterator[Array]:
        return self.chunks(self.places)

    @property
    def is_long(self) -> bool:
        """Whether its rows are not to be taken into memory, as doubles."""
        return not fits(self.bytes * self.count * len(self.names))

    def part(self, kept: Sequence[int]) -> LongTable:
        """Some of its columns."""
        names = tuple(self.names[j] for j in kept)
        return replace(self, names=names, places=tuple(self.places[j] for j in kept))


def long_table(
    path: str | PathLike[str], *, columns: Sequence[str] | None = None
) -> LongTable | None:
    """The table in a file of numbers whose columns do not fit into memory together.

    None if the file is short, or of another kind, or wrong: `read_table` then reads it or says
    what is wrong.

    Parameters
    ----------
    columns
        Names or numbers (from 1) of the columns to read, in this order; all if None.

    Raises
    ------
    ValueError
        If a chosen column is not there.
    """
    readers = {".npy": _npy, ".parquet": _parquet}
    reader = readers.get(Path(path).suffix.lower())
    table = None if reader is None else reader(Path(path))
    if table is None or not table.is_long:
        return None
    if columns is not None:
        table = table.part(chosen(Source(table.file, table.names, (), str), columns))
    return table


def _npy(path: Path) -> LongTable | None:
    def mapped() -> Array:
        array: Array = np.lib.format.open_memmap(path, mode="r")
        return array[:, None] if array.ndim == 1 else array

    try:
        whole = mapped()
    except (ValueError, OSError):
        return None
    if whole.ndim != 2 or not whole.shape[1] or whole.dtype.kind not in "biufc":
        return None
    count, width = whole.shape

    def chunks(places: Sequence[int]) -> Iterator[Array]:
        step = _step(len(places))
        for i in range(0, count, step):
            rows = mapped()[i : i + step]
            yield rows if [*places] == [*range(width)] else rows[:, [*places]]

    names = tuple(f"column {j + 1}" for j in range(width))
    size = 16 if whole.dtype.kind == "c" else 8
    return LongTable(path.name, names, count, tuple(range(width)), chunks, size)


def _parquet(path: Path) -> LongTable | None:
    try:
        from pyarrow import ArrowException, parquet, types
    except ImportError:
        return None
    try:
        with parquet.ParquetFile(path) as file:
            schema, count = file.schema_arrow, file.metadata.num_rows
    except (ArrowException, OSError):
        return None
    names = tuple(schema.names)
    if len(set(names)) < len(names):
        return None
    numbers = (types.is_integer, types.is_floating, types.is_boolean)
    numeric = [field.name for field in schema if any(of(field.type) for of in numbers)]

    def chunks(places: Sequence[int]) -> Iterator[Array]:
        wanted = [names[j] for j in places]
        if text := next((name for name in wanted if name not in numeric), None):
            got = f"Got {schema.field(text).type} in column {text!r}"
            hint = f"with --columns among {listed(numeric)}" if numeric else "(none is numeric)"
            raise ValueError(f"Need numbers. {got}: choose numeric columns {hint}.")
        try:
            with parquet.ParquetFile(path, pre_buffer=False, buffer_size=CHUNK // 32) as file:
                for batch in file.iter_batches(_step(len(places)), columns=[*{*wanted}]):
                    yield np.column_stack([_cells(batch.column(name)) for name in wanted])
        except (ArrowException, OSError):
            need = f"Need a whole Parquet file. Got one with a broken part, {path.name}"
            raise ValueError(f"{need}.") from None

    return LongTable(path.name, names, count, tuple(range(len(names))), chunks)


def _cells(column: Any) -> Array:
    """Numbers of a column of Arrow; NaN where there is none."""
    if str(column.type) == "bool":  # of which Arrow makes objects, if some are missing
        column = column.cast("uint8")
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _step(width: int) -> int:
    """Rows of a chunk: some whole blocks."""
    block = STRIPS * strip(width)
    return block * max(1, CHUNK // (8 * block * width))
