"""Results as Markdown: a line for each question, and a table for each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from benchmarks._race import Result


def summary(results: Sequence[Result]) -> str:
    """A line for each question: our time, and how many times as long the others took."""
    lines = ["| | linae | instead |", "|:--|--:|:--|"]
    for question, rows in groupby(results, lambda result: result.question):
        ours, *others = rows
        told = [
            f"{other.contender} {_ratio(other.ratio)}{_flag(other.answer)}"
            for other in others
            if other.ratio is not None and not other.contender.startswith("linae")
        ]
        if told and ours.seconds is not None:
            lines.append(f"| {question} | {_time(ours.seconds)} | {'; '.join(told)} |")
    return "\n".join(lines) + "\n"


def as_markdown(results: Sequence[Result]) -> str:
    """A table for each question."""
    tables = []
    for question, rows in groupby(results, lambda result: result.question):
        lines = [f"**{question}**", "", "| | time | ratio | memory | answer |"]
        lines += ["|:--|--:|--:|--:|:--|", *map(_line, rows)]
        tables.append("\n".join(lines))
    return "\n\n".join(tables) + "\n"


def _flag(answer: str) -> str:
    return "" if answer.startswith(("right", "not asked")) else " (wrong)"


def _line(result: Result) -> str:
    cells: list[Any] = [result.contender, "–", "–", "–", result.answer]
    if result.seconds is not None and result.ratio is not None:
        cells[1:4] = [_time(result.seconds), _ratio(result.ratio), f"{result.megabytes:.0f} MB"]
    return f"| {' | '.join(cells)} |"


def _time(seconds: float) -> str:
    """Three digits in a unit that suits.

    >>> _time(0.0123), _time(75)
    ('12.3 ms', '75 s')
    """
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _ratio(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2g} ×"
