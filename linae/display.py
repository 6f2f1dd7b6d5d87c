"""What a person reads of a report: a heading, the table, footnotes, and a closing sentence.

Columns line up. Where they do not all fit, eigenvalues go first, the verdict never.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from linae.critical import names
from linae.report import Report, Row
from linae.sentences import amount, by_index, closing, descent, heading, numbers, runs
from linae.verdict import Verdict

NARROWEST = 40
"""Characters in a line that no terminal is taken to have less of."""

SHORT_KINDS = {
    "global minimum": "minimum",
    "local minimum": "local min.",
    "strict saddle": "saddle",
    "non-strict saddle": "flat saddle",
}
"""For a narrow place."""


@dataclass(frozen=True)
class Column:
    """A column of the table, and its cells for a narrower place."""

    title: str
    cells: list[str]
    justify: Literal["left", "right"] = "right"
    short: list[str] | None = None

    @property
    def width(self) -> int:
        return max(map(len, [self.title, *self.cells]))


def as_text(report: Report) -> str:
    """The report, laid out for the terminal; for a file, in lines of 80 characters."""
    console = Console(highlight=False, width=max(Console().width, NARROWEST))
    with console.capture() as captured:
        console.print(_layout(report, console.width))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _layout(report: Report, width: int) -> RenderableType:
    notes = footnotes(report.rows).values()
    above = [Text(line) for line in heading(report)]
    below = [Text(f"{mark} {reason}", style="dim") for mark, reason in notes]
    told = filter(None, [descent(report), report.landscape.known])
    below += [*(Text(f"\n{words}") for words in told), Text("\n" + closing(report), style="bold")]
    sentences = (Constrain(text, 80) for text in below)
    table = _table(fitting(columns(report), width))
    return Group(*above, "", table, *_by_index(report, width), *sentences)


def _by_index(report: Report, width: int) -> list[RenderableType]:
    """How many classes have which index, in two lines."""
    for most in (7, 5, 3, 1):
        pairs = by_index(report, most)
        if sum(max(map(len, pair)) + 2 for pair in pairs) + 7 <= width:
            break
    if not pairs:
        return []
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    for _ in pairs:
        table.add_column(justify="right", no_wrap=True)
    table.add_row("index", *(index for index, _ in pairs), style="bold")
    table.add_row("classes", *(count for _, count in pairs))
    return [Text(f"\nAll {amount(report.landscape.number_of_classes)} classes by index:"), table]


def as_markdown(report: Report) -> str:
    """The same in Markdown, with every column."""
    shown = columns(report)
    sides = {"left": ":--", "right": "--:"}
    rows = [[c.title for c in shown], [sides[c.justify] for c in shown]]
    rows += map(list, zip(*(c.cells for c in shown), strict=True))
    table = [f"| {' | '.join(cells)} |" for cells in rows]
    notes = [f"{mark} {reason}  " for mark, reason in footnotes(report.rows).values()]
    parts = [
        "  \n".join(heading(report)),
        "\n".join(table),
        "\n".join(notes),
        _by_index_in_markdown(report) if by_index(report) else "",
        descent(report),
        report.landscape.known,
        closing(report),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _by_index_in_markdown(report: Report) -> str:
    pairs = [("index", "classes"), *by_index(report)]
    lines = [f"| {' | '.join(cells)} |" for cells in zip(*pairs, strict=True)]
    return "\n".join([lines[0], "|:--" + "|--:" * (len(pairs) - 1) + "|", *lines[1:]])


def columns(report: Report) -> list[Column]:
    """All columns that have something to say."""
    rows, notes = report.rows, footnotes(report.rows)
    values, kinds = [row.eigenvalues for row in rows], [row.critical.kind for row in rows]
    return [
        Column("PCs", _named(rows), "left"),
        Column("eigenvalues", _aligned(values), "left", _aligned(values, most=3)),
        Column("loss", numbers([row.loss for row in rows], 3)),
        Column("explained", [_percent(row.explained) for row in rows]),
        Column("index", [_count(row.critical.index) for row in rows]),
        Column("nullity", [_count(row.critical.nullity) for row in rows]),
        Column("kind", kinds, "left", [SHORT_KINDS[kind] for kind in kinds]),
        Column("check", [_check(row, notes) for row in rows], "left"),
    ]


def fitting(all_columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that fit into so many characters; if need be, with the first one cut."""
    kept = list(all_columns)
    for title in ("eigenvalues", "eigenvalues", "explained", "nullity", "kind", "kind"):
        if _excess(kept, width) <= 0:
            return kept
        place = next((i for i, column in enumerate(kept) if column.title == title), None)
        if place is None:
            continue
        column = kept.pop(place)
        if column.short:
            kept.insert(place, replace(column, cells=column.short, short=None))
    room = max(3, kept[0].width - max(0, _excess(kept, width)))
    cut = [cell if len(cell) <= room else f"{cell[: room - 1]}…" for cell in kept[0].cells]
    return [replace(kept[0], cells=cut), *kept[1:]]


def _excess(shown: Sequence[Column], width: int) -> int:
    """How many characters too wide."""
    return sum(column.width + 2 for column in shown) - 2 - width


def _table(shown: Sequence[Column]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for column in shown:
        table.add_column(column.title, justify=column.justify, no_wrap=True)
    styles = {"=": "", "≠": "red", "u": "yellow", "r": "red"}
    for cells in zip(*(column.cells for column in shown), strict=True):
        table.add_row(*map(Text, cells[:-1]), Text(cells[-1], style=styles[cells[-1][0]]))
    return table


def footnotes(rows: Iterable[Row]) -> dict[str, tuple[str, str]]:
    """For each reason, numbers apart, its mark and its text; reasons that differ in numbers only
    are one, with the first one's numbers."""
    texts: dict[str, list[str]] = {}
    for reason in (reason for row in rows for reason in row.reasons):
        alike = texts.setdefault(_pattern(reason), [])
        if reason not in alike:
            alike.append(reason)
    return {
        pattern: (_superscript(k), alike[0] + f" (and {len(alike) - 1} alike)" * (len(alike) > 1))
        for k, (pattern, alike) in enumerate(texts.items(), start=1)
    }


def _pattern(reason: str) -> str:
    return re.sub(r"\d[\d.]*(e[+-]\d+)?", "#", reason)


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _named(rows: Sequence[Row]) -> list[str]:
    """Components, and how many index sets name the same class: ×2."""
    named = [runs(names(row.critical.index_set)) for row in rows]
    size = max(map(len, named))
    times = [row.critical.multiplicity for row in rows]
    return [f"{a.ljust(size)} ×{k}" if k > 1 else a for a, k in zip(named, times, strict=True)]


def _check(row: Row, notes: dict[str, tuple[str, str]]) -> str:
    certificate = row.certificate
    marks = " ".join(notes[_pattern(reason)][0] for reason in row.reasons)
    if row.verdict is Verdict.CERTIFIED:
        return f"= {certificate.evidence}"
    if row.verdict is Verdict.REFUTED and certificate.found is not None:
        return f"≠ {certificate.found} {marks}"
    return f"{row.verdict} {marks}"


def _aligned(rows: Sequence[Sequence[float]], most: int | None = None) -> list[str]:
    """Lists of numbers in columns; the middle left out if there are more than `most`."""
    words = iter(numbers([x for row in rows for x in row], 2))
    lists = [[next(words) for _ in row] for row in rows]
    if most is not None:
        lists = [row if len(row) <= most else [*row[: most - 1], "…", row[-1]] for row in lists]
    size = max((len(word) for row in lists for word in row), default=0)
    return ["  ".join(word if word == "…" else word.rjust(size) for word in row) for row in lists]


def _count(number: int | None) -> str:
    """A count, where there is a closed form."""
    return "–" if number is None else str(number)


def _percent(share: float | None) -> str:
    """Never rounded to all or nothing."""
    if share is None:
        return "–"
    if 0 < share < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= share < 1 - 1e-12:
        return "> 99.9 %"
    return f"{100 * share:.1f} %"
