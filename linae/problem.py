"""Problems: what a user asks about, as moments and a description.

given_data("flowers.csv", target="price", scale=True)
given_spectrum(["5", "3", "1"])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from linae.data import iris
from linae.exact import Array, floating
from linae.moments import Moments
from linae.table import Table, read_table

LARGEST = 1e60
"""Size of numbers whose fourth powers, and those of their inverses, are doubles with room left."""

SUFFIXES = (".csv", ".tsv", ".txt", ".npy", ".parquet")


class Problem(NamedTuple):
    """Moments, where they are from (see `Report.data`), and the rows of inputs if any."""

    data: dict[str, Any]
    moments: Moments
    samples: Array | None = None


def given_spectrum(words: Sequence[str]) -> Problem:
    """Auto-association with Sxx = diag(λ), rational numbers, largest first.

    >>> given_spectrum(["1", "1/2", "3"]).moments.total
    Fraction(9, 2)
    """
    values = [_eigenvalue(word) for word in ",".join(words).split(",")]
    values.sort(reverse=True)
    _check_size(np.array(values))
    moments = Moments.auto(np.diag(np.array(values, dtype=object)))
    name = "spectrum " + " ".join(map(str, values[:8])) + " …" * (len(values) > 8)
    return Problem(_description(name, None, moments), moments)


def _eigenvalue(word: str) -> Fraction:
    try:
        value = Fraction(word)
        float(value)
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
) -> Problem:
    """Moments of a table: iris by default, standard input if `path` is "-".

    Parameters
    ----------
    columns : names or numbers from 1, separated by commas
    target : a file, or columns of the same table, which then are no inputs
    center, scale : subtract means, divide by standard deviations
    exact : read decimals as rationals

    Raises
    ------
    ValueError
        If the table is not one of numbers, or a column does not vary and is to be scaled.
    """
    source = iris() if path is None else path
    X, Y = _tables(source, None if columns is None else columns.split(","), target, exact)
    for table in filter(None, (X, Y)):
        _check_size(table.values)
    if scale:
        X, Y = _scaled(X), None if Y is None else _scaled(Y)
    moments = Moments.from_data(X.values, None if Y is None else Y.values, center=center)
    name = {None: "iris", "-": "standard input"}.get(path, Path(source).name)
    data = _description(name, len(X.values), moments)
    data |= {"targets": Y is not None, "centered": center, "scaled": scale}
    return Problem(data, moments, X.values)


def _check_size(values: Array) -> None:
    largest = float(np.abs(floating(values)).max())
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
) -> tuple[Table, Table | None]:
    """Inputs, and targets if there are any."""
    if target is None or Path(target).suffix.lower() in SUFFIXES:
        X = read_table(source, columns=columns, exact=exact)
        return X, None if target is None else read_table(target, exact=exact)
    chosen = target.split(",")
    if columns:
        both = read_table(source, columns=[*columns, *chosen], exact=exact)
        cut = range(len(both.names))
        return _part(both, cut[: len(columns)]), _part(both, cut[len(columns) :])
    if source == "-":
        raise ValueError("Need --columns with a --target in standard input. Got none.")
    Y, both = read_table(source, columns=chosen, exact=exact), read_table(source, exact=exact)
    kept = [j for j, name in enumerate(both.names) if name not in Y.names]
    if not kept:
        raise ValueError(f"Need inputs besides the target {target!r}. Got none.")
    return _part(both, kept), Y


def _part(table: Table, kept: Sequence[int]) -> Table:
    return Table(tuple(table.names[j] for j in kept), table.values[:, kept])


def _scaled(table: Table) -> Table:
    """Columns over their standard deviations, so that centred moments are correlations."""
    X = table.values
    constant = [name for j, name in enumerate(table.names) if (X[:, j] == X[0, j]).all()]
    if constant:
        raise ValueError(f"Need columns that vary for --scale. Got constant {constant[0]!r}.")
    return replace(table, values=X / X.std(axis=0))
