"""Problems: what a user asks about, as moments and a description.

given_data("flowers.csv", target="price", scale=True)
given_spectrum(["5", "3", "1"])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from linae.data import iris
from linae.exact import Array, floating
from linae.long_table import LongTable, long_table
from linae.moments import Moments
from linae.samples import numbers
from linae.scatter import LARGEST, NotFiniteError, refuse
from linae.streams import Sums, chunks_of, streamed
from linae.table import Table, read_table

MANY = 40
"""Eigenvalues that are kept as rational numbers."""

SUFFIXES = (".csv", ".tsv", ".txt", ".npy", ".parquet")


class Problem(NamedTuple):
    """Moments, where they are from (see `Report.data`), and the rows and the mean of inputs.

    There are no rows if a spectrum was given, or if they do not fit into memory.
    """

    data: dict[str, Any]
    moments: Moments
    samples: Array | None = None
    mean: Array | None = None


def given_spectrum(words: Sequence[str]) -> Problem:
    """Auto-association with Sxx = diag(λ), rational numbers, largest first.

    More than `MANY` are taken as doubles: still compared exactly, but rational matrices of that
    order are slow.

    >>> given_spectrum(["1", "1/2", "3"]).moments.total
    Fraction(9, 2)
    """
    values = [_eigenvalue(word) for word in ",".join(words).split(",")]
    values.sort(reverse=True)
    _check_size(np.array(values))
    S = np.array(values, dtype=object)
    if len(values) > MANY:
        S = S.astype(float)
        if len(set(S)) < len(set(values)):
            need = f"Need eigenvalues that differ in double precision, where there are over {MANY}"
            raise ValueError(f"{need}. Got two that do not.")
    moments = Moments.auto(np.diag(S))
    name = "spectrum " + " ".join(map(str, values[:8])) + " …" * (len(values) > 8)
    return Problem(_description(name, None, moments), moments)


def _eigenvalue(word: str) -> Fraction:
    try:
        value = Fraction(word)
        if value and not float(value):
            value = Fraction(-1)
    except (ValueError, ZeroDivisionError, OverflowError):
        value = Fraction(-1)
    if value < 0:
        raise ValueError(f"Need rational numbers >= 0 for --spectrum. Got {word!r}.")
    return value


def given_data(
    path: str | None = None,
    *,
    columns: str | None = None,
    target: str | None = None,
    center: bool = True,
    scale: bool = False,
    exact: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> Problem:
    """Moments of a table: iris by default, standard input if `path` is "-".

    Parameters
    ----------
    columns : names or numbers from 1, separated by commas
    target : a file, or columns of the same table, which then are no inputs
    center, scale : subtract means, divide by standard deviations
    exact : read decimals as rationals
    progress : is called with the numbers of rows that are done, and of all, if these are many

    Raises
    ------
    ValueError
        If the table is not one of numbers, or a column does not vary and is to be scaled.
    """
    source = iris() if path is None else path
    X, Y = _tables(source, None if columns is None else columns.split(","), target, exact)
    flags = {"targets": Y is not None, "centered": center, "scaled": scale}
    name = {None: "iris", "-": "standard input"}.get(path, Path(source).name)
    if isinstance(X, LongTable) or isinstance(Y, LongTable):
        scatter, m = _summed(X, Y, scale, progress)
        moments = Moments.from_scatter(scatter, m, center=center)
        data = _description(name, scatter.count, moments) | flags
        return Problem(data, moments, None, scatter.mean[:m])
    for table in filter(None, (X, Y)):
        _check_size(table.values)
    if scale:
        X, Y = _scaled(X), None if Y is None else _scaled(Y)
    moments = Moments.from_data(X.values, None if Y is None else Y.values, center=center)
    data = _description(name, len(X.values), moments) | flags
    return Problem(data, moments, X.values, X.values.sum(axis=0) / len(X.values))


def _summed(
    X: Table | LongTable,
    Y: Table | LongTable | None,
    scale: bool,
    progress: Callable[[int, int], object] | None,
) -> Sums:
    """Sums over rows that do not fit into memory."""
    tables = {"X": X} if Y is None else {"X": X, "Y": Y}
    count = max(table.count for table in tables.values() if isinstance(table, LongTable))
    rows = [t if isinstance(t, LongTable) else t.values for t in tables.values()]
    told = None if progress is None else partial(_told, progress, count)
    try:
        scatter, m = streamed(chunks_of(*rows), progress=told)
    except NotFiniteError as error:
        raise _named(error, tables) from None
    spread = np.sqrt(np.diagonal(scatter.moment()).real)
    sizes = np.maximum(spread, np.abs(scatter.mean))
    _check_size(sizes[:m])
    _check_size(sizes[m:])
    if scale:
        names = [name for table in tables.values() for name in table.names]
        _check_variation(names, spread)
        scatter = scatter.over(spread)
    return Sums(scatter, m)


def _named(error: NotFiniteError, tables: Mapping[str, Table | LongTable]) -> ValueError:
    """With the name of the column, and its row as people count it."""
    number, table, (i, j) = error.args
    place = f"{tables[table].names[j]!r}, row {i + 1}"
    return ValueError(f"Need finite numbers. Got {number} in column {place}.")


def _told(progress: Callable[[int, int], object], count: int, done: int) -> None:
    progress(done, count)


def _check_size(values: Array) -> None:
    largest = float(np.abs(floating(values)).max(initial=0.0))
    if largest and not 1 / LARGEST <= largest <= LARGEST:
        need = f"Need numbers between {1 / LARGEST:.0e} and {LARGEST:.0e}, in another unit"
        raise ValueError(f"{need}. Got {largest:.2g} as the largest.")


def _description(name: str, samples: int | None, moments: Moments) -> dict[str, Any]:
    described = {"name": name, "samples": samples, "inputs": moments.m, "outputs": moments.n}
    flags = {"targets": False, "centered": False, "scaled": False, "exact": moments.is_exact}
    described |= {"task": None}
    return described | flags


def _tables(
    source: str | Path, columns: Sequence[str] | None, target: str | None, exact: bool
) -> tuple[Table | LongTable, Table | LongTable | None]:
    """Inputs, and targets if there are any."""
    if target is None or Path(target).suffix.lower() in SUFFIXES:
        X = _short(_read(source, columns, exact))
        return X, None if target is None else _short(_read(target, None, exact))
    chosen = target.split(",")
    if columns:
        both = _read(source, [*columns, *chosen], exact)
        cut = range(len(both.names))
        return _part(both, cut[: len(columns)]), _part(both, cut[len(columns) :])
    if source == "-":
        raise ValueError("Need --columns with a --target in standard input. Got none.")
    Y, both = _read(source, chosen, exact), _read(source, None, exact)
    kept = [j for j, name in enumerate(both.names) if name not in Y.names]
    if not kept:
        raise ValueError(f"Need inputs besides the target {target!r}. Got none.")
    return _part(both, kept), _short(Y)


def _read(path: str | Path, columns: Sequence[str] | None, exact: bool) -> Table | LongTable:
    """In chunks, if it is long and its numbers may be rounded."""
    if not exact and path != "-" and (table := long_table(path, columns=columns)) is not None:
        return table
    return read_table(path, columns=columns, exact=exact)


def _part(table: Table | LongTable, kept: Sequence[int]) -> Table | LongTable:
    if isinstance(table, LongTable):
        return _short(table.part(kept))
    return Table(tuple(table.names[j] for j in kept), table.values[:, kept])


def _short(table: Table | LongTable) -> Table | LongTable:
    """In memory, if the chosen columns of a long table fit there."""
    if not isinstance(table, LongTable) or table.is_long:
        return table
    values = np.concatenate([numbers(chunk, table.file) for chunk in table])
    try:
        refuse([values])
    except NotFiniteError as error:
        raise _named(error, {"X": table}) from None
    return Table(table.names, values)


def _scaled(table: Table) -> Table:
    """Columns over their standard deviations, so that centred moments are correlations."""
    X = table.values
    spread = X.std(axis=0) * (X - X[0]).any(axis=0)
    _check_variation(table.names, spread)
    return replace(table, values=X / spread)


def _check_variation(names: Sequence[str], spread: Array) -> None:
    """Deviations whose squares leave the doubles are none."""
    constant = [name for name, s in zip(names, spread, strict=True) if s < 1 / LARGEST]
    if constant:
        raise ValueError(f"Need columns that vary for --scale. Got constant {constant[0]!r}.")
