"""Reports: certified classes as rows, and rows as JSON and CSV.

    rows = [Row(c, certify(landscape, *c.weights())) for c in landscape.critical_classes()]
    report = Report({"name": "iris"}, landscape, rows)
    write(path, as_json(report))

Components are numbered from 1 here, as people count them. For people to read: `display`.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from linae.certify import Certificate
from linae.critical import SYMBOLS, CriticalClass
from linae.departures import Departures, Outcome
from linae.exact import Array
from linae.inertia import Inertia
from linae.landscapes.additive import Additive
from linae.landscapes.base import Landscape
from linae.verdict import Verdict

SPECTRUM = 2_000
"""Hessian eigenvalues of a class that are written out."""

COUNTED = 4 * 10**9
"""Bytes that a count of classes by index may move: some seconds."""


@dataclass(frozen=True, eq=False)
class Row:
    """A critical class with its certificate: one line of a report."""

    critical: CriticalClass
    certificate: Certificate

    @property
    def components(self) -> list[int | str | None]:
        """Numbers of the selected components, from 1; None for a hidden unit that is off."""
        return [_number(j) for j in self.critical.index_set]

    @property
    def eigenvalues(self) -> list[float]:
        values = self.critical.landscape.spectrum.eigenvalues
        return [float(values[j]) for j in self.critical.index_set if j >= 0]

    @property
    def loss(self) -> float:
        return float(self.critical.loss)

    @property
    def explained(self) -> float | None:
        """The share that the class takes off the loss of zero weights, which for the squared loss
        is the explained share of E‖y‖²; None if that loss is 0."""
        gain = float(self.critical.landscape.class_gain(self.critical.index_set))
        return gain / (gain + self.loss) if gain + self.loss else None

    @property
    def _about_another(self) -> bool:
        """Whether what was certified is not this class with this inertia."""
        certificate = self.certificate
        if certificate.verdict is not Verdict.CERTIFIED or certificate.critical is None:
            return False
        seen = certificate.critical.index_set, certificate.predicted
        return seen != (self.critical.index_set, self.critical.inertia)

    @property
    def verdict(self) -> Verdict:
        """That of the certificate, if it is about this class."""
        return Verdict.REFUTED if self._about_another else self.certificate.verdict

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the verdict is not CERTIFIED."""
        if self._about_another:
            return (f"its weights are at {self.certificate.claim}",)
        return self.certificate.reasons


@dataclass(frozen=True, eq=False)
class Report:
    """What is known of a landscape: its spectrum, and a row for each listed class.

    Attributes
    ----------
    data : dict
        What the user gave: "name", "samples" (None without data), "inputs", "outputs", "targets"
        (whether there are any), "centered", "scaled", "exact", "task" (None if there is none).
    rows : sequence of Row
        Best loss first.
    departures : Departures or None
        One outcome for each row.
    left_out : bool
        Whether descent was not run because it takes long.
    """

    data: dict[str, Any]
    landscape: Landscape
    rows: Sequence[Row]
    departures: Departures | None = None
    left_out: bool = False

    @property
    def verdicts(self) -> Counter[Verdict]:
        return Counter(row.verdict for row in self.rows)

    @property
    def is_refuted(self) -> bool:
        """Whether something that the theory predicts was found to be false."""
        return self.verdicts[Verdict.REFUTED] > 0

    @cached_property
    def classes_by_index(self) -> dict[int, int] | None:
        """How many classes, listed or not, have which index; None where only a list would tell, or
        a count that takes long."""
        landscape = self.landscape
        if not isinstance(landscape, Additive) or landscape.counting_work > COUNTED:
            return None
        return landscape.classes_by_index()

    def pairs(self) -> Iterator[tuple[Row, Outcome | None]]:
        """Rows with the outcomes of their descents."""
        outcomes: Sequence[Outcome | None] = [None] * len(self.rows)
        if self.departures is not None:
            outcomes = self.departures.outcomes
        return zip(self.rows, outcomes, strict=True)


def as_dict(report: Report) -> dict[str, Any]:
    """The report as numbers, strings, lists and dicts."""
    from linae import __version__

    landscape, run = report.landscape, report.departures
    spectrum, by_index = landscape.spectrum, report.classes_by_index
    return {
        "version": __version__,
        "data": report.data,
        "landscape": landscape.name,
        "width": landscape.width,
        "parameters": {name: _plain(getattr(landscape, name)) for name in landscape.parameters},
        "known": landscape.known,
        "total": float(landscape.moments.total),
        "spectrum": [float(x) for x in spectrum.eigenvalues],
        "rank": spectrum.rank,
        "decisions": [decision._asdict() for decision in spectrum.decisions],
        "number_of_classes": landscape.number_of_classes,
        "classes_by_index": by_index and [[index, by_index[index]] for index in sorted(by_index)],
        "descent": None if run is None else {"steps": run.steps, "seed": run.seed},
        "classes": [_class_dict(row, outcome) for row, outcome in report.pairs()],
    }


def _class_dict(row: Row, outcome: Outcome | None) -> dict[str, Any]:
    critical, certificate, witness = row.critical, row.certificate, row.certificate.witness
    found, small = certificate.found, critical.landscape.size <= SPECTRUM
    hessian = critical.hessian_spectrum() if small else None
    escape = None
    if witness is not None:
        escape = {
            "leaves": _number(witness.leaves),
            "enters": _number(witness.enters),
            "curvature": float(witness.curvature),
            "drop": float(witness.drop),
        }
    return {
        "components": row.components,
        "eigenvalues": row.eigenvalues,
        "multiplicity": critical.multiplicity,
        "loss": row.loss,
        **({"exact_loss": str(critical.loss)} if isinstance(critical.loss, Fraction) else {}),
        "explained": row.explained,
        "index": critical.index,
        "nullity": critical.nullity,
        "inertia": None if critical.inertia is None else _inertia_dict(critical.inertia),
        "kind": critical.kind,
        "found": None if found is None else _inertia_dict(found),
        "evidence": certificate.evidence,
        "verdict": str(row.verdict),
        "reasons": list(row.reasons),
        "hessian_eigenvalues": None if hessian is None else _floats(hessian),
        "escape": escape,
        "descent": None if outcome is None else outcome._asdict(),
    }


def _number(j: int | None) -> int | str | None:
    """A component as people count it."""
    if j is None or j == -1:
        return None
    return SYMBOLS[j] if j < 0 else j + 1


def _plain(value: Any) -> Any:
    """A number, or a list of them."""
    if isinstance(value, Iterable):
        return [_plain(x) for x in value]
    return value if isinstance(value, int) else float(value)


def _inertia_dict(inertia: Inertia) -> dict[str, int]:
    counts = {name: getattr(inertia, name) for name in ("negative", "zero", "positive")}
    return {**counts, "undecided": inertia.undecided}


def _floats(array: Array) -> list[float]:
    return [float(x) for x in array]


def as_json(report: Report) -> str:
    return json.dumps(as_dict(report), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def as_csv(report: Report) -> str:
    """One line per class; lists are separated by blanks."""
    text = io.StringIO()
    lines = [_flat(line) for line in as_dict(report)["classes"]]
    writer = csv.DictWriter(text, list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    """A class as a line of cells: dicts become columns, lists become words."""
    found = line["found"] or dict.fromkeys(("negative", "zero", "positive", "undecided"))
    outcome = line["descent"] or {"end": None, "pauses": [], "place": None}
    plain = ("multiplicity", "loss", "explained", "index", "nullity", "kind", "evidence", "verdict")
    return {
        "components": _words(line["components"]),
        "eigenvalues": _words(line["eigenvalues"]),
        **{name: line[name] for name in plain},
        **{f"found_{name}": count for name, count in found.items()},
        "reasons": "; ".join(line["reasons"]),
        "descent_end": outcome["end"],
        "descent_pauses": _words(outcome["pauses"]),
        "descent_place": outcome["place"],
    }


def _words(numbers: Sequence[float | str | None]) -> str:
    return " ".join("–" if x is None else str(x) for x in numbers)


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write a file whole or not at all: a temporary neighbour takes its name when it is complete.

    What is no regular file, such as a pipe, is written to as it is.
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="utf-8")
        return
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
