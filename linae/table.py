"""From a file to a table of numbers: CSV and its relatives, NPY, Parquet.

    read_table("flowers.csv")                               every column, as doubles
    read_table("flowers.csv", columns=["petal width", "1"])  by name or number, in this order
    read_table("flowers.csv", exact=True)                   5.1 is 51/10

Delimiter and header of a text file are found by looking; nothing that looks wrong is dropped.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from linae.exact import Array, Gaussian, floating

_DECIMAL = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?"
_REAL = rf"([+-]?(?:\d+/0*[1-9]\d*|{_DECIMAL}))"
_NUMBER = re.compile(  # "1/3", "1+2j", "(1+2j)", "2j": groups real, imag, real, imag
    rf"\s*(?:\(?{_REAL}([+-]{_DECIMAL})[ij]\)?|{_REAL}|([+-]?{_DECIMAL})[ij])\s*", re.ASCII
)
_MISSING = {"", "-", "?", ".", "na", "n/a", "nan", "null", "none", "inf", "infinity"}


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
    values = np.column_stack([_numbers(source, j, exact) for j in chosen])
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
    rows, lines = _rows(_decoded(file.read(), name), name)
    header = [cell.strip() for cell in rows[0]]
    numeric = [_is_value(cell) for cell in header]
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


def _decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte, line = data[error.start], data.count(b"\n", 0, error.start) + 1
        got = f"Got byte 0x{byte:02x} in line {line} of {name}"
        raise ValueError(f"Need UTF-8 text. {got}.") from None
    if not re.search(r'[^\s",;]', text):
        raise ValueError(f"Need a table. Got an empty file, {name}.")
    return text


def _rows(text: str, name: str) -> tuple[list[list[str]], list[int]]:
    """Rows of cells, all of one length, and the line of each; blank lines are skipped."""
    source = io.StringIO(text, newline=None).readlines()
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        split = _split(source, _delimiter(source))
        for row in split:
            if len(row) > 1 or (row and row[0].strip()):
                rows.append(row)
                lines.append(split.line_num)
    except csv.Error as error:
        raise ValueError(f"Need delimited text. Got an error in {name}: {error}.") from None
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(rows[0]):
            need = f"Need {len(rows[0])} cells in each row, as in line {lines[0]}"
            raise ValueError(f"{need}. Got {len(row)} in line {line} of {name}.")
    return rows, lines


def _split(lines: Iterable[str], delimiter: str) -> Any:
    if delimiter == " ":
        lines = (" ".join(line.split()) for line in lines)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


def _delimiter(lines: list[str]) -> str:
    """The one that cuts the first lines into rows as long as the first, mostly of numbers."""
    sample = list(islice((line for line in lines if line.strip()), 20))

    def fit(delimiter: str) -> tuple[bool, float, bool]:
        rows = list(_split(sample, delimiter))
        width = len(rows[0])
        cells = [cell.replace(",", ".") for row in rows if len(row) == width for cell in row]
        numbers = sum(_NUMBER.fullmatch(cell) is not None for cell in cells)
        return width > 1 and numbers > 0, numbers / sum(map(len, rows)), width > 1

    return max("\t;, ", key=fit)


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
    return _Source(
        name, tuple(names), list(map(cells, columns)), lambda i: f"row {i + 1} of {name}"
    )


def _chosen(source: _Source, columns: Sequence[str]) -> list[int]:
    if not columns:
        raise ValueError(f"Need at least one column of {source.file}. Got none.")
    choices = [str(choice).strip() for choice in columns]
    places = [_position(source, choice) for choice in choices]
    names = [source.names[j] for j in places]
    if source.is_mixed and names != choices and all(map(_NUMBER.fullmatch, names)):
        raise ValueError(
            f"Need names or numbers in the first row of {source.file}. Got both: put names above "
            f"it, or choose columns by the names in it, such as {names[0]!r}."
        )
    return places


def _position(source: _Source, choice: str) -> int:
    found = [j for j, name in enumerate(source.names) if name == choice]
    if len(found) > 1:
        numbers = ", ".join(str(j + 1) for j in found)
        raise ValueError(
            f"Need the name of one column. Got {choice!r}, which names columns {numbers} "
            f"of {source.file}: choose by number."
        )
    if found:
        return found[0]
    if choice.isdecimal() and 1 <= int(choice) <= len(source.names):
        return int(choice) - 1
    close = get_close_matches(choice, source.names, 1)
    ask = f"; did you mean {close[0]!r}?" if close else "."
    there = f"{_listed(source.names)} of {source.file}"
    raise ValueError(f"Need a column among {there}. Got {choice!r}{ask}")


def _numbers(source: _Source, j: int, exact: bool) -> Array:
    """Column j in doubles, or exactly."""
    column = source.columns[j]
    if not exact and (doubles := _doubles(column)) is not None:
        return doubles
    cells = column.tolist() if isinstance(column, np.ndarray) else column
    number = {cell: _number(cell) for cell in set(cells)}
    faults = [i for i, cell in enumerate(cells) if number[cell] is None]
    if faults:
        raise _refusal(source, j, cells, faults)
    values = np.empty(len(cells), dtype=object)
    values[:] = [number[cell] for cell in cells]
    return values if exact else floating(values)


def _doubles(column: Any) -> Array | None:
    """Quickly, what is plainly a column of finite numbers; None if it needs a closer look."""
    if isinstance(column, np.ndarray):
        values = column.astype(complex if column.dtype.kind == "c" else float)
    else:
        text = "".join(column)
        if "_" in text or not text.isascii():  # Python reads 1_0 as ten
            return None
        try:
            values = np.fromiter(map(float, column), float, len(column))
        except ValueError:
            return None
    return values if np.isfinite(values).all() else None


def _number(cell: Any) -> Fraction | Gaussian | None:
    """The number that a cell spells or is, exactly; None if it is none, or beyond all doubles."""
    real, imag = (cell.real, cell.imag) if isinstance(cell, complex) else (cell, None)
    if isinstance(cell, str):
        match = _NUMBER.fullmatch(cell)
        if match is None:
            return None
        real, imag = match[1] or match[3] or 0, match[2] or match[4]
    try:
        number = Fraction(real) if imag is None else Gaussian(Fraction(real), Fraction(imag))
        complex(number)
    except (ValueError, OverflowError):
        return None
    return number


def _is_value(cell: Any) -> bool:
    """Whether a cell is a number or says that there is none."""
    if not isinstance(cell, str) or _NUMBER.fullmatch(cell):
        return True
    return cell.strip().lstrip("+-").casefold() in _MISSING


def _refusal(source: _Source, j: int, cells: Sequence[Any], faults: list[int]) -> ValueError:
    """What is wrong with a column, at its first cell of text or else its first missing one."""
    texts = [i for i in faults if not _is_value(cells[i])]
    i = (texts or faults)[0]
    cell, name = cells[i], source.names[j]
    column = name if name == f"column {j + 1}" else f"column {name!r}"
    shown = repr(cell) if len(str(cell)) <= 40 else repr(str(cell)[:40]) + "…"
    got = f"Got {shown if cell != '' else 'an empty cell'} in {column}, {source.place(i)}"
    if not texts:
        return ValueError(f"Need finite numbers. {got}.")
    if _NUMBER.fullmatch(cell.strip().replace(",", ".")):
        return ValueError(f"Need numbers with a decimal point. {got}.")
    numeric = [n for n, column in zip(source.names, source.columns, strict=True) if _fits(column)]
    hint = f"with --columns among {_listed(numeric)}" if numeric else "but none is numeric"
    return ValueError(f"Need numbers. {got}: choose numeric columns {hint}.")


def _fits(column: Any) -> bool:
    return _doubles(column) is not None or all(_number(cell) is not None for cell in column)


def _listed(names: Sequence[str]) -> str:
    """Names in quotes, the first eight of them."""
    rest = f", … ({len(names)} in all)" if len(names) > 8 else ""
    return ", ".join(map(repr, names[:8])) + rest
