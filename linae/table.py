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
from difflib import get_close_matches
from os import PathLike
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

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


class _Source(NamedTuple):
    """The columns of a file before they are numbers."""

    file: str
    names: tuple[str, ...]
    columns: Sequence[Any]  # each a tuple of text cells, or an array
    place: Callable[[int], str]  # row 5 ↦ "line 7 of data.csv"
    is_mixed: bool = False  # numbers among the names: perhaps they are not names


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
    chosen = range(len(source.names)) if columns is None else _chosen(source, columns)
    parts = []
    for j in chosen:
        part, faults = _numbers(source.columns[j], exact)
        if faults:
            raise _refusal(source, j, faults)
        parts.append(part)
    values = np.column_stack(parts)
    values.flags.writeable = False
    return Table(tuple(source.names[j] for j in chosen), values)


def _reader(path: Path) -> Callable[[IO[bytes], str], _Source]:
    readers = dict.fromkeys((".csv", ".tsv", ".txt"), _text) | {".npy": _npy, ".parquet": _parquet}
    if path.suffix.lower() not in readers:
        *most, last = readers
        raise ValueError(f"Need a file in {', '.join(most)} or {last}. Got {path.name}.")
    return readers[path.suffix.lower()]


def _text(file: IO[bytes], name: str) -> _Source:
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
    return _Source(
        name,
        tuple(cell or f"column {j + 1}" for j, cell in enumerate(header)),
        list(zip(*rows, strict=True)),
        lambda i: f"line {lines[i]} of {name}",
        any(numeric) and not all(numeric),
    )


def _npy(file: IO[bytes], name: str) -> _Source:
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


def _parquet(file: IO[bytes], name: str) -> _Source:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        need = f"Need pyarrow to read {name}: pip install 'linae[parquet]'"
        raise ValueError(f"{need}. Got an installation without it.") from None
    try:
        table = parquet.read_table(file)
    except (pyarrow.ArrowException, OSError):
        raise ValueError(f"Need a Parquet file. Got something else in {name}.") from None
    return _of_arrays(name, table.column_names, [column.to_numpy() for column in table.columns])


def _of_arrays(name: str, names: Sequence[str], columns: Sequence[Array]) -> _Source:
    """What is not a number, such as text, dates and decimals, is taken for its spelling."""

    def cells(column: Array) -> Any:
        if column.dtype.kind in "fc":
            return column.astype(complex if column.dtype.kind == "c" else float)
        if column.dtype.kind in "biu":
            return column
        return [str(x) for x in (column if column.dtype == object else column.astype(str))]

    if not columns or not len(columns[0]):
        raise ValueError(f"Need at least one row and one column. Got none in {name}.")
    cut = [cells(column) for column in columns]
    return _Source(name, tuple(names), cut, lambda i: f"row {i + 1} of {name}")


def _chosen(source: _Source, columns: Sequence[str]) -> list[int]:
    if not columns:
        raise ValueError(f"Need at least one column of {source.file}. Got none.")
    choices = [str(choice).strip() for choice in columns]
    places = [_position(source, choice) for choice in choices]
    names = [source.names[j] for j in places]
    if source.is_mixed and not {*names} & {*choices} and all(map(NUMBER.fullmatch, names)):
        need = f"Need names or numbers in the first row of {source.file}"
        cure = f"put names above it, or choose by the names in it, such as {names[0]!r}"
        raise ValueError(f"{need}. Got both: {cure}.")
    return places


def _position(source: _Source, choice: str) -> int:
    found = [j for j, name in enumerate(source.names) if name == choice]
    if len(found) > 1:
        numbers = ", ".join(str(j + 1) for j in found)
        got = f"Got {choice!r}, which names columns {numbers} of {source.file}"
        raise ValueError(f"Need the name of one column. {got}: choose by number.")
    if found:
        return found[0]
    if choice.isdecimal() and 1 <= int(choice) <= len(source.names):
        return int(choice) - 1
    close = get_close_matches(choice, source.names, 1)
    ask = f"; did you mean {close[0]!r}?" if close else "."
    there = f"{_listed(source.names)} of {source.file}"
    raise ValueError(f"Need a column among {there}. Got {choice!r}{ask}")


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


def _refusal(source: _Source, j: int, faults: list[int]) -> ValueError:
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
    hint = f"with --columns among {_listed(numeric)}" if numeric else "(none is numeric)"
    return ValueError(f"Need numbers. {got}: choose numeric columns {hint}.")


def _listed(names: Sequence[str]) -> str:
    """Names in quotes, the first eight of them."""
    rest = f", … ({len(names)} in all)" if len(names) > 8 else ""
    return ", ".join(map(repr, names[:8])) + rest
