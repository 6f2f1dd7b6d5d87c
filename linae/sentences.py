"""What a report says in words: its heading, what gradient descent did, and its closing sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby, pairwise
from math import floor, log10

import numpy as np

from linae.critical import names
from linae.departures import Departures
from linae.landscapes.base import Landscape
from linae.report import Report
from linae.verdict import Verdict

PLAIN = "squared"
"""The landscape that needs no name."""


def heading(report: Report) -> Iterator[str]:
    """What the data are; and what was decided about them, with the gap that decides it."""
    data, landscape, spectrum = report.data, report.landscape, report.landscape.spectrum
    arrow = f" → {data['outputs']}" if data["targets"] else ""
    size = f"{data['samples']} × {data['inputs']}{arrow}"
    if not data["samples"]:
        size = f"{data['inputs']}{arrow}" if arrow else ""
    words = [size, *(word for word in ("centered", "scaled", "exact") if data[word])]
    words += [f"task {data['task']}"] if data["task"] else []
    yield f"{data['name']}: {', '.join([*filter(None, words), described(landscape)])}"
    decision = spectrum.decisions[1]
    sure = all(decision.certain for decision in spectrum.decisions[:2])
    rank = f"rank {spectrum.rank} of {landscape.moments.n}" + (" to rounding" if not sure else "")
    if spectrum.is_exact:
        rank += ", exactly"
    elif spectrum.rank:
        rank += f" (λ{spectrum.rank} = {decision.gap:.2g}, resolution {decision.resolution:.0e})"
    total, listed = landscape.number_of_classes, len(report.rows)
    best = "" if listed == total else f"best {amount(listed)} of "
    yield f"{rank}; {best}{_classes(total)}"


def described(landscape: Landscape) -> str:
    """The landscape with its width and parameters; its name only if it is not the plain one.

    >>> from linae import Moments, WeightDecay
    >>> described(WeightDecay(Moments.auto([[1]]), 2, 0.5))
    'weight decay, width 2, decay 0.5'
    """
    words = [landscape.name.replace("_", " ")] if landscape.name != PLAIN else []
    if "widths" not in landscape.parameters:
        words.append(f"width {landscape.width}")
    for parameter in landscape.parameters:
        values = np.ravel(getattr(landscape, parameter)).tolist()
        words.append(f"{parameter} {' '.join(f'{float(x):.4g}' for x in values)}")
    return ", ".join(words)


def descent(report: Report) -> str:
    """What gradient descent did, in two sentences; that it was left out, in one; or nothing."""
    run = report.departures
    if run is not None:
        return _told(report, run)
    if not report.left_out:
        return ""
    return (
        f"Gradient descent is left out: from {_classes(len(report.rows))} of "
        f"{amount(report.landscape.size)} weights each it takes minutes; --descent runs it."
    )


def _told(report: Report, run: Departures) -> str:
    losses = [row.loss for row in report.rows]
    if not any(row.critical.is_global_minimum for row in report.rows):
        return _endless(run)
    astray = [outcome.end for outcome in run.outcomes if outcome.place != "global minimum"]
    shown = [*losses, *astray]
    word = dict(zip(shown, numbers(shown, 3), strict=True))
    pairs = list(zip(report.rows, run.outcomes, strict=True))
    home = [o.place == "global minimum" for row, o in pairs if not row.critical.is_global_minimum]
    stays = all(o.place == "global minimum" for row, o in pairs if row.critical.is_global_minimum)
    said = f"{'stays at' if stays else 'does not stay at'} the global minimum"
    within = f"within {amount(_rounded_up(run.steps))} steps"
    saddles = f"all {amount(len(home))} saddles" if len(home) > 1 else "the saddle"
    others, when = saddles, f"after {within.removeprefix('within ')}"
    if any(home):
        some = f"{amount(sum(home))} of {amount(len(home))} saddles"
        said += f" and reaches it from {saddles if all(home) else some} {within}"
        others, when = "the others", "then"
    if astray:
        ends = list(dict.fromkeys([word[min(astray)], word[max(astray)]]))
        still = "still above it, " if min(astray) > min(losses) else ""
        said += f"; from {others} it is {when} {still}at loss {' to '.join(ends)}"
    said = f"Gradient descent from a small step off each class {said}."
    return " ".join([said, *_pauses(report, run, word)])


def _endless(run: Departures) -> str:
    """Where descent is if there is no minimum to end at."""
    (lowest,) = numbers([min(outcome.end for outcome in run.outcomes)], 3)
    return (
        f"Gradient descent from a small step off the saddle is at loss {lowest} after "
        f"{amount(run.steps)} steps; there is no minimum to end at."
    )


def _rounded_up(number: int) -> int:
    """To two digits."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return -(-number // unit) * unit


def _pauses(report: Report, run: Departures, word: dict[float, str]) -> Iterator[str]:
    """Where it paused, with the classes it came from; the longest lists are cut."""
    origins: dict[tuple[float, ...], list[str]] = {}
    for row, outcome in zip(report.rows, run.outcomes, strict=True):
        if outcome.pauses:
            name = runs(names(row.critical.index_set))
            origins.setdefault(outcome.pauses, []).append(name)
    told = []
    for values, starts in list(origins.items())[:4]:
        more = f"; {amount(len(starts) - 3)} more" if len(starts) > 3 else ""
        told.append(
            f"{' then '.join(word[x] for x in values)} (from {'; '.join(starts[:3])}{more})"
        )
    if len(origins) > 4:
        count = len(origins) - 4
        told.append(f"and on {amount(count)} other {_plural('way', count)}")
    if told:
        yield f"On the way it pauses at loss {', '.join(told)}."


def by_index(report: Report, most: int = 7) -> list[tuple[str, str]]:
    """Indices with the numbers of classes that have them: the lowest, the commonest, the highest.
    Nothing if all classes are listed, or where they are not counted."""
    counts = report.classes_by_index
    if counts is None or len(report.rows) == report.landscape.number_of_classes:
        return []
    indices = sorted(counts)
    shown = {*indices[:most], max(counts, key=lambda index: counts[index]), indices[-1]}
    told = []
    for before, index in pairwise([-1, *sorted(shown)]):
        if any(before < left_out < index for left_out in indices):
            told.append(("…", "…"))
        told.append((amount(index), amount(counts[index])))
    return told


def closing(report: Report) -> str:
    """How many classes of which kind, and what became of them."""
    total, listed = report.landscape.number_of_classes, len(report.rows)
    of = _classes(total) if listed == total else f"{amount(listed)} of {_classes(total)}"
    kinds = Counter(row.critical.kind for row in report.rows)
    what = ", ".join(f"{amount(count)} {_plural(kind, count)}" for kind, count in kinds.items())
    counts = {verdict: report.verdicts[verdict] for verdict in Verdict if report.verdicts[verdict]}
    became = ", ".join(f"{amount(count)} {verdict}" for verdict, count in counts.items())
    if len(counts) == 1:
        became = ("all " if listed > 1 else "") + str(*counts)
    if Verdict.UNDECIDED in counts:
        became += " (predicted, not confirmed)"
    told = any("to rounding" in reason for row in report.rows for reason in row.reasons)
    told = told and not report.data["exact"] and not report.landscape.moments.is_rounded
    hint = " Exact data decide ranks and ties: --exact." if told else ""
    return f"{of}: {what}; {became}.{hint}"


def _classes(count: int) -> str:
    return f"{amount(count)} {_plural('class', count)}"


def amount(count: int) -> str:
    """A number that may be huge.

    >>> amount(2517), amount(10**23)
    ('2,517', '1.00e+23')
    """
    return f"{count:,}" if count < 10**12 else f"{Decimal(count):.2e}"


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    if word.endswith("minimum"):
        return word.replace("minimum", "minima")
    return word + ("es" if word.endswith("s") else "s")


def runs(components: Sequence[str]) -> str:
    """Component numbers and signs; three numbers or more in a row as a range.

    >>> runs(["1", "2", "3", "4", "6", "8", "9"]), runs(["3", "–", "–"])
    ('1–4 6 8 9', '3 – –')
    """
    words: list[str] = []
    places = enumerate(components)
    for _, group in groupby(places, lambda p: int(p[1]) - p[0] if p[1].isdigit() else p):
        run = [word for _, word in group]
        words += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else run
    return " ".join(words) or "none"


def numbers(values: Sequence[float], digits: int) -> list[str]:
    """Numbers whose points line up, the smallest with so many digits; in scientific notation if
    that would take more than nine characters.

    >>> numbers([12.3456, 0.05], 2), numbers([3.0, 10.0], 2), numbers([1e9, 1.0], 2)
    (['12.346', '0.050'], ['3', '10'], ['1.0e+09', '1.0e+00'])
    """
    top = max(map(abs, values), default=0)
    sizes = [abs(x) for x in values if abs(x) > 1e-14 * top]
    if not sizes:
        return ["0"] * len(values)
    decimals = max(0, digits - 1 - floor(log10(min(sizes))))
    if all(float(x).is_integer() for x in values):
        decimals = 0
    plain = [f"{x:.{decimals}f}" for x in values]
    if max(map(len, plain)) <= 9:
        return plain
    return [f"{x:.{digits - 1}e}" if abs(x) > 1e-14 * top else "0" for x in values]
