"""Reports: certified classes as rows, and rows as JSON, CSV and Markdown.

    report = Report.of("iris", moments, landscape, rows)
    write(path, as_json(report))

Components are numbered from 1 here, as people count them. The table for a terminal is `display`.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from linae.certify import Certificate
from linae.critical import CriticalClass, number_of_classes
from linae.descent import leave
from linae.exact import Array
from linae.inertia import Inertia
from linae.landscapes.squared import SquaredLoss
from linae.verdict import Verdict


class Outcome(NamedTuple):
    """Where gradient descent from a small step off a class ended, and where it paused."""

    end: float
    pauses: tuple[float, ...]
    place: str  # "global minimum", "step budget" or "elsewhere"


class Descents(NamedTuple):
    """Gradient descents from all classes of a report."""

    outcomes: tuple[Outcome, ...]
    steps: int
    seed: int


@dataclass(frozen=True, eq=False)
class Row:
    """A critical class with its certificate: one line of a report."""

    critical: CriticalClass
    certificate: Certificate

    @property
    def components(self) -> list[int]:
        """Numbers of the selected components, from 1."""
        return [j + 1 for j in self.critical.index_set]

    @property
    def eigenvalues(self) -> list[float]:
        values = self.critical.landscape.spectrum.eigenvalues
        return [float(values[j]) for j in self.critical.index_set]

    @property
    def loss(self) -> float:
        return float(self.critical.loss)

    @property
    def explained(self) -> float | None:
        """The share of E‖y‖² that the class explains; None if there is nothing to explain."""
        total = float(self.critical.landscape.moments.total)
        return sum(self.eigenvalues) / total if total else None

    @property
    def verdict(self) -> Verdict:
        """That of the certificate, if it is about this class."""
        found = self.certificate.critical
        other = found is not None and found.index_set != self.critical.index_set
        return Verdict.REFUTED if other else self.certificate.verdict

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the verdict is not CERTIFIED."""
        if self.verdict is not self.certificate.verdict:
            return (f"the weights are those of {self.certificate.claim}",)
        return self.certificate.reasons


@dataclass(frozen=True, eq=False)
class Report:
    """What is known of a landscape: its spectrum, and a row for each listed class.

    Attributes
    ----------
    data : dict
        What the user gave: "name", "samples", "inputs", "outputs", "centered", "scaled", "exact".
    rows : sequence of Row
        Best loss first.
    descents : Descents or None
        One outcome for each row.
    """

    data: dict[str, Any]
    landscape: SquaredLoss
    rows: Sequence[Row]
    descents: Descents | None = None

    @property
    def number_of_classes(self) -> int:
        """Of all classes, listed or not."""
        return number_of_classes(self.landscape.spectrum.multiplicities, self.landscape.width)

    @property
    def verdicts(self) -> Counter[Verdict]:
        return Counter(row.verdict for row in self.rows)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(row.critical.kind for row in self.rows)

    def pairs(self) -> Iterator[tuple[Row, Outcome | None]]:
        """Rows with the outcomes of their descents."""
        outcomes: Sequence[Outcome | None] = [None] * len(self.rows)
        if self.descents is not None:
            outcomes = self.descents.outcomes
        return zip(self.rows, outcomes, strict=True)


def descents(
    landscape: SquaredLoss,
    classes: Sequence[CriticalClass],
    *,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Descents:
    """Gradient descent from a small random step off each class, in batches.

    `classes` are best first. A pause counts within a tenth of the way to the next critical value;
    an end counts as the least loss within a hundredth of that way, and a millionth of E‖y‖².
    """
    rng = np.random.default_rng(seed)
    budget = min(10_000, max(1_000, 4_000_000 // len(classes)))
    values = np.unique([float(c.loss) for c in classes])
    gaps = np.minimum(np.diff(values, append=np.inf), np.diff(values, prepend=-np.inf))
    total = float(landscape.moments.total)
    near = max(min(1e-6 * total, 0.01 * gaps[0]), 1e-12 * total)
    found, steps = list[Outcome](), 0
    for first in range(0, len(classes), 64):
        batch = classes[first : first + 64]
        run = leave(landscape, batch, rng=rng, steps=budget)
        pauses = run.pauses(values, within=0.1 * gaps)
        steps = max(steps, run.steps)
        for end, still, places in zip(run.losses[-1], run.converged, pauses, strict=True):
            place = "elsewhere" if still else "step budget"
            place = "global minimum" if end <= values[0] + near else place
            found.append(Outcome(float(end), tuple(values[places].tolist()), place))
        if progress is not None:
            progress(len(found))
    return Descents(tuple(found), steps, seed)


def as_dict(report: Report) -> dict[str, Any]:
    """The report as numbers, strings, lists and dicts."""
    from linae import __version__

    landscape, run = report.landscape, report.descents
    spectrum = landscape.spectrum
    return {
        "version": __version__,
        "data": report.data,
        "width": landscape.width,
        "total": float(landscape.moments.total),
        "spectrum": [float(x) for x in spectrum.eigenvalues],
        "rank": spectrum.rank,
        "decisions": [decision._asdict() for decision in spectrum.decisions],
        "number_of_classes": report.number_of_classes,
        "descent": None if run is None else {"steps": run.steps, "seed": run.seed},
        "classes": [_class_dict(row, outcome) for row, outcome in report.pairs()],
    }


def _class_dict(row: Row, outcome: Outcome | None) -> dict[str, Any]:
    critical, certificate, witness = row.critical, row.certificate, row.certificate.witness
    found, hessian = certificate.found, critical.hessian_spectrum()
    escape = None
    if witness is not None:
        escape = {
            "leaves": None if witness.leaves is None else witness.leaves + 1,
            "enters": witness.enters + 1,
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
        "inertia": _inertia_dict(critical.inertia),
        "kind": critical.kind,
        "found": None if found is None else _inertia_dict(found),
        "evidence": certificate.evidence,
        "verdict": str(row.verdict),
        "reasons": list(row.reasons),
        "hessian_eigenvalues": None if hessian is None else _floats(hessian),
        "escape": escape,
        "descent": None if outcome is None else outcome._asdict(),
    }


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
    found = line["found"] or dict.fromkeys(line["inertia"])
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


def _words(numbers: Sequence[float]) -> str:
    return " ".join(map(str, numbers))


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
