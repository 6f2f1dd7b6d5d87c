"""The command `linae`: from a table to the certified list of critical classes.

Exit codes: 0 nothing was refuted, 1 something was, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import linae
from linae.options import (
    Parser,
    add_data,
    add_landscape,
    check_landscape,
    chosen_landscape,
    chosen_problem,
    described_landscapes,
    whole,
)
from linae.progress import Progress

if TYPE_CHECKING:
    from linae.landscapes.base import Landscape
    from linae.problem import Problem
    from linae.report import Report

LIMIT = 10_000
"""Most classes that are listed without being asked for by number."""

WIDEST = 1_000_000
"""Most hidden units: gauges have as many rows and columns."""

KINDS = ("json", "csv", "markdown")

EXAMPLES = """\
examples:
  linae                                        iris, width 2
  linae --input flowers.csv --width 3 --best 20
  linae --input flowers.csv --columns "petal length,petal width" --exact
  linae --input houses.csv --target price --scale --markdown report.md
  linae --spectrum 5 3 1 --json -              no data: Sxx = diag(5, 3, 1)
  linae --landscape weight_decay --decay 0.1   another loss
"""


def _parser() -> argparse.ArgumentParser:
    p = Parser(
        prog="linae",
        description="List and certify every critical class of the linear autoencoder loss.",
        epilog=f"{EXAMPLES}\n{described_landscapes()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = add_data(p)
    add("--exact", action="store_true", help="read decimals as rationals: 5.1 is 51/10")
    add = add_landscape(p)
    add("--best", metavar="K", help="list the K classes of least loss (default: all)")
    add(
        "--descent",
        action=argparse.BooleanOptionalAction,
        help="run gradient descent, or skip it (default: run it where it is short)",
    )
    add("--seed", metavar="S", default="0", help="of its small random steps (default: 0)")
    add = p.add_argument_group("output").add_argument
    for kind in KINDS:
        add(f"--{kind}", metavar="FILE", help="write to FILE; - is for stdout, without the table")
    add("--version", action="version", version=f"linae {linae.__version__}")
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    try:
        return _run(argv)
    except MemoryError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        sys.stderr.write("linae: Interrupted.\n")
        return 130


def _run(argv: Sequence[str] | None) -> int:
    from threadpoolctl import threadpool_limits

    try:
        options = _options(argv)
        with Progress("reading data and deciding their spectrum") as done:
            problem = chosen_problem(options, done)
            landscape = chosen_landscape(options, problem)
        count = _count(landscape, options.best)
    except (ValueError, OSError) as error:
        return _refuse(error)
    with threadpool_limits(1, user_api="blas"):  # two threads wait for each other on a busy machine
        report = _report(options, problem, landscape, count)
    try:
        _output(options, report)
    except OSError as error:
        return _refuse(error, "written")
    return int(report.is_refuted)


def _refuse(error: Exception, use: str = "read") -> int:
    """Bad input: one line on stderr."""
    line = " ".join(str(error).split())
    if isinstance(error, OSError):
        place = error.filename or "one"
        line = f"Need a file that can be {use}. Got {place}: {error.strerror or line}."
    if isinstance(error, MemoryError):
        line = f"Need a problem that fits into memory. Got one that does not: {line}."
    sys.stderr.write(f"linae: {line}\n")
    return 2


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options, checked as far as they can be without data."""
    options = _parser().parse_args(argv)
    check_landscape(options)
    if options.width is not None and int(options.width) > WIDEST:
        raise ValueError(f"Need --width <= {WIDEST:,}. Got {options.width}.")
    options.seed = whole("--seed", options.seed, 0)
    options.best = None if options.best is None else whole("--best", options.best, 1)
    paths = {kind: getattr(options, kind) for kind in KINDS if getattr(options, kind) is not None}
    twice = [path for path, count in Counter(paths.values()).items() if count > 1]
    if twice:
        raise ValueError(f"Need one report for each output. Got {twice[0]} more than once.")
    for kind, path in paths.items():
        if path != "-" and (Path(path).is_dir() or not Path(path).resolve().parent.is_dir()):
            need = "a file in a directory that exists, itself no directory,"
            raise ValueError(f"Need {need} for --{kind}. Got {path!r}.")
    return options


def _count(landscape: Landscape, best: int | None) -> int:
    """Number of classes to list."""
    from linae.sentences import amount, described

    total = landscape.number_of_classes
    if not total:
        what = f"{described(landscape)}, where the rank is {landscape.spectrum.rank}"
        raise ValueError(f"Need a loss with critical points. Got none: {what}.")
    count = total if best is None else min(best, total)
    limit = LIMIT if best is None else 100 * LIMIT
    if count > limit:
        raise ValueError(
            f"Need --best K, K <= {100 * LIMIT:,}, to list more than {LIMIT:,} classes. "
            f"Got {amount(total)} classes in all."
        )
    return count


def _report(
    options: argparse.Namespace, problem: Problem, landscape: Landscape, count: int
) -> Report:
    from linae.certify import certify
    from linae.departures import departures, is_long
    from linae.report import Report, Row

    classes = list(landscape.critical_classes(count))
    rows, run = list[Row](), None
    with Progress("certifying", count) as done:
        for critical in classes:
            rows.append(Row(critical, certify(landscape, *critical.weights())))
            done(len(rows))
    left_out = options.descent is None and is_long(landscape, count)
    if options.descent is not False and not left_out:
        with Progress("descending", count) as done:
            run = departures(landscape, classes, seed=options.seed, progress=done)
    return Report(problem.data, landscape, rows, run, left_out)


def _output(options: argparse.Namespace, report: Report) -> None:
    """Files first, so that a closed pipe does not keep them from being written."""
    from linae import display
    from linae.report import as_csv, as_json, write

    writers = dict(zip(KINDS, (as_json, as_csv, display.as_markdown), strict=True))
    said = None
    for kind, writer in writers.items():
        path = getattr(options, kind)
        if path == "-":
            said = writer(report)
        elif path is not None:
            write(path, writer(report))
    _say(display.as_text(report) if said is None else said)


def _say(text: str) -> None:
    """Text to stdout; whoever closed it has seen enough."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
