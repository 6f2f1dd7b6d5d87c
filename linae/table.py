"""From a file to a table of numbers: CSV and its relatives, NPY, Parquet.

    read_table("flowers.csv")                               every column, as doubles
    read_table("flowers.csv", columns=["petal width", "1"])  by name or number, in this order
    read_table("flowers.csv", exact=True)                   5.1 is 51/10

Delimiter and header of a text file are found by looking; nothing that looks wrong is dropped.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np

from linae.columns import Source, chosen, listed
from linae.delimited import NUMBER, decoded, is_value, number_in, rows_of
from linae.exact import Array, floating


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers with names: rows are samples.

    Attributes
    ----------
    names : (m,)
        Of the columns; "column 1", … where the file has none.
    values : (N, m)
        float, complex, or object (`Fraction`, `Gaussian`) if exact; read-only.
    """

    names: tuple[str, ...]
    values: Array


def read_table(
    path: str | PathLike[str], *, columns: Sequence[str] | None = None, exact: bool = False
) -> Table:
    """The table in a file, or the text on standard input if `path` is "-".

    Parameters
    ----------
    columns
        Names or numbers (from 1) of the columns to read, in this order; all if None.
        A column whose name is a number is called by its name.
    exact
        Decimals as the rationals that they spell, doubles as the dyadic rationals that they are.

    Raises
    ------
    ValueError
        If a chosen column is not there or is not made of finite numbers, or there is no table.
    """
    try:
        if path == "-":
            source = _text(sys.stdin.buffer, "standard input")
        else:
            with open(path, "rb") as file:
                source = _reader(Path(path))(file, Path(path).name)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ValueError(f"Need a readable file. Got {path}: {reason}.") from None
    places = range(len(source.names)) if columns is None else chosen(source, columns)
    parts = []
    for j in places:
        part, faults = _numbers(source.columns[j], exact)
        if faults:
            raise _refusal(source, j, faults)
        parts.append(part)
    values = np.column_stack(parts)
    values.flags.writeable = False
    return Table(tuple(source.names[j] for j in places), values)


def _reader(path: Path) -> Callable[[IO[bytes], str], Source]:
    readers = dict.fromkeys((".csv", ".tsv", ".txt"), _text) | {".npy": _npy, ".parquet": _parquet}
    if path.suffix.lower() not in readers:
        *most, last = readers
        raise ValueError(f"Need a file in {', '.join(most)} or {last}. Got {path.name}.")
    return readers[path.suffix.lower()]


def _text(file: IO[bytes], name: str) -> Source:
    """Cells of delimited text; the first row is a header if a cell of it is not a number."""
    rows, lines = rows_of(decoded(file.read(), name), name)
    header = [cell.strip() for cell in rows[0]]
    numeric = [is_value(cell) for cell in header]
    if all(numeric):
        header = [""] * len(header)
    else:
        del rows[0], lines[0]
    if not rows:
        raise ValueError(f"Need a row of numbers below the header of {name}. Got none.")
    return Source(
        name,
        tuple(cell or f"column {j + 1}" for j, cell in enumerate(header)),
        list(zip(*rows, strict=True)),
        lambda i: f"line {lines[i]} of {name}",
        any(numeric) and not all(numeric),
    )


def _npy(file: IO[bytes], name: str) -> Source:
    try:
        array = np.lib.format.read_array(file, allow_pickle=False)
    except ValueError as error:
        found = "Python objects" if "Object arrays" in str(error) else "something else"
        raise ValueError(f"Need a NumPy array of numbers. Got {found} in {name}.") from None
    if array.ndim not in (1, 2):
        raise ValueError(f"Need an array (samples, features). Got shape {array.shape} in {name}.")
    if array.dtype.kind not in "biufc":
        raise ValueError(f"Need a NumPy array of numbers. Got dtype {array.dtype} in {name}.")
    columns = list(array.T) if array.ndim == 2 else [array]
    return _of_arrays(name, [f"column {j + 1}" for j in range(len(columns))], columns)


def _parquet(file: IO[bytes], name: str) -> Source:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        need = f"Need pyarrow to read {name}: pip install 'linae[parquet]'"
        raise ValueError(f"{need}. Got an installation without it.") from None
    try:
        table = parquet.ParquetFile(file).read()
    except (pyarrow.ArrowException, OSError):
        raise ValueError(f"Need a Parquet file. Got something else in {name}.") from None
    truths = [str(kind) == "bool" for kind in table.schema.types]
    columns = [
        (column.cast("uint8") if is_truth else column).to_numpy()
        for column, is_truth in zip(table.columns, truths, strict=True)
    ]
    return _of_arrays(name, table.column_names, columns)


def _of_arrays(name: str, names: Sequence[str], columns: Sequence[Array]) -> Source:
    """What is not a number, such as text, dates and decimals, is taken for its spelling."""

    def cells(column: Array) -> Any:
        if column.dtype.kind in "fc":
            with np.errstate(over="ignore"):  # of long doubles
                return column.astype(complex if column.dtype.kind == "c" else float)
        if column.dtype.kind in "biu":
            return column
        return [str(x) for x in (column if column.dtype == object else column.astype(str))]

    if not columns or not len(columns[0]):
        raise ValueError(f"Need at least one row and one column. Got none in {name}.")
    cut = [cells(column) for column in columns]
    return Source(name, tuple(names), cut, lambda i: f"row {i + 1} of {name}")


def _numbers(column: Any, exact: bool) -> tuple[Array, list[int]]:
    """A column in doubles, or exactly; and the rows where it has no number."""
    if not exact and (doubles := _doubles(column)) is not None:
        return doubles, []
    cells = column.tolist() if isinstance(column, np.ndarray) else column
    number = {cell: number_in(cell) for cell in set(cells)}
    values = np.empty(len(cells), dtype=object)
    values[:] = [number[cell] for cell in cells]
    faults = [i for i, value in enumerate(values) if value is None]
    return values if exact or faults else floating(values), faults


def _doubles(column: Any) -> Array | None:
    """Quickly, what is plainly a column of finite numbers; None if it needs a closer look."""
    if isinstance(column, np.ndarray):
        values = column.astype(complex if column.dtype.kind == "c" else float)
        return values if np.isfinite(values).all() else None
    text = "".join(column)
    if "_" in text or not text.isascii():  # Python reads 1_0 as ten
        return None
    try:
        values = np.fromiter(map(float, column), float, len(column))
    except ValueError:
        return None
    return values if np.isfinite(values).all() else None


def _refusal(source: Source, j: int, faults: list[int]) -> ValueError:
    """What is wrong with column j, at its first cell of text or else its first missing one."""
    cells, name = source.columns[j], source.names[j]
    texts = [i for i in faults if not is_value(cells[i])]
    i = (texts or faults)[0]
    cell = str(cells[i])
    shown = "an empty cell" if not cell.strip() else repr(cell[:40]) + "…" * (len(cell) > 40)
    column = name if name == f"column {j + 1}" else f"column {name!r}"
    got = f"Got {shown} in {column}, {source.place(i)}"
    if not texts:
        return ValueError(f"Need finite numbers. {got}.")
    if NUMBER.fullmatch(cell.replace(",", ".")):
        return ValueError(f"Need numbers with a decimal point. {got}.")
    parts = zip(source.names, source.columns, strict=True)
    numeric = [name for name, column in parts if not _numbers(column, exact=False)[1]]
    hint = f"with --columns among {listed(numeric)}" if numeric else "(none is numeric)"
    return ValueError(f"Need numbers. {got}: choose numeric columns {hint}.")
