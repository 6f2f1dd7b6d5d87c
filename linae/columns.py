"""Columns of a file before they are numbers, and which of them are meant.

chosen(source, ["petal width", "1"])    their places, from 0: by name, or by number from 1
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from linae.delimited import NUMBER


class Source(NamedTuple):
    """The columns of a file before they are numbers."""

    file: str
    names: tuple[str, ...]
    columns: Sequence[Any]  # each a tuple of text cells, or an array
    place: Callable[[int], str]  # row 5 ↦ "line 7 of data.csv"
    is_mixed: bool = False  # numbers among the names: perhaps they are not names


def chosen(source: Source, columns: Sequence[str]) -> list[int]:
    """Places of columns, in this order.

    Raises
    ------
    ValueError
        If there is no such column, or more than one.
    """
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


def _position(source: Source, choice: str) -> int:
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
    there = f"{listed(source.names)} of {source.file}"
    raise ValueError(f"Need a column among {there}. Got {choice!r}{ask}")


def listed(names: Sequence[str]) -> str:
    """Names in quotes, the first eight of them."""
    rest = f", … ({len(names)} in all)" if len(names) > 8 else ""
    return ", ".join(map(repr, names[:8])) + rest
