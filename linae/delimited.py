"""Delimited text: its rows, and the number that a cell spells.

rows, lines = rows_of(decoded(data, "flowers.csv"), "flowers.csv")
number_in("1/3")     Fraction(1, 3);  number_in("setosa") is None
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import islice
from typing import Any

from linae.exact import Gaussian

_DECIMAL = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?"
_REAL = rf"([+-]?(?:\d+/0*[1-9]\d*|{_DECIMAL}))"
NUMBER = re.compile(  # "1/3", "1+2j", "(1+2j)", "2j": groups real, imag, real, imag
    rf"\s*(?:\(?{_REAL}([+-]{_DECIMAL})[ij]\)?|{_REAL}|([+-]?{_DECIMAL})[ij])\s*", re.ASCII
)
_MISSING = {"", "-", "?", ".", "na", "n/a", "nan", "null", "none", "inf", "infinity"}


def number_in(cell: Any) -> Fraction | Gaussian | None:
    """The number that a cell spells or is, exactly; None if it is none, or beyond all doubles."""
    real: Any = cell.real if isinstance(cell, complex) else cell
    imag: Any = cell.imag if isinstance(cell, complex) else None
    if isinstance(cell, str):
        match = NUMBER.fullmatch(cell)
        if match is None:
            return None
        real, imag = match[1] or match[3] or 0, match[2] or match[4]
    try:
        number = Fraction(real) if imag is None else Gaussian(Fraction(real), Fraction(imag))
        complex(number)
    except (ValueError, OverflowError):
        return None
    return number


def is_value(cell: Any) -> bool:
    """Whether a cell is a number or says that there is none."""
    if not isinstance(cell, str) or NUMBER.fullmatch(cell):
        return True
    return cell.strip().lstrip("+-").casefold() in _MISSING


def decoded(data: bytes, name: str) -> str:
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        byte, line = data[error.start], data.count(b"\n", 0, error.start) + 1
        got = f"Got byte 0x{byte:02x} in line {line} of {name}"
        raise ValueError(f"Need UTF-8 text. {got}.") from None
    if not re.search(r'[^\s",;]', text):
        raise ValueError(f"Need a table. Got an empty file, {name}.")
    return text


def rows_of(text: str, name: str) -> tuple[list[list[str]], list[int]]:
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
        numbers = sum(NUMBER.fullmatch(cell) is not None for cell in cells)
        return width > 1 and numbers > 0, numbers / sum(map(len, rows)), width > 1

    return max("\t;, ", key=fit)
