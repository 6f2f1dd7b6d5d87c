"""Races: contenders answer one question by turns; medians, ratios, memory, and who was right.

race = Race("the eigenvalues of S", [Contender("eigh", …), Contender("jax", …)], judge)
for result in run(race): …
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

BUDGET = 20.0
"""Seconds that one contender may take in all; the first run always ends."""
TURNS = 5


@dataclass(frozen=True)
class Contender:
    """A way to the answer.

    Attributes
    ----------
    name : str
    prepare : returns the function that is timed; what it does itself is not
    needs : names of the packages to import
    share : the part of the work that it does, so that a slow one need not do all of it
    """

    name: str
    prepare: Callable[[], Callable[[], Any]]
    needs: tuple[str, ...] = ()
    share: float = 1.0

    @property
    def missing(self) -> list[str]:
        return [package for package in self.needs if importlib.util.find_spec(package) is None]


@dataclass(frozen=True)
class Race:
    """A question with its contenders, the first of which is ours; `judge` says of an answer "right"
    or what is wrong with it."""

    question: str
    contenders: Sequence[Contender]
    judge: Callable[[Any], str]


@dataclass(frozen=True)
class Result:
    """How a contender did. `ratio` is its time over ours."""

    question: str
    contender: str
    seconds: float | None
    ratio: float | None
    megabytes: float | None
    answer: str

    as_dict = asdict


def run(race: Race) -> list[Result]:
    """All contenders that are installed, by turns."""
    running = {c.name: c.prepare() for c in race.contenders if not c.missing}
    times: dict[str, list[float]] = {name: [] for name in running}
    verdicts: dict[str, str] = {}
    memory = dict.fromkeys(running, 0.0)
    for turn in range(TURNS + 1):
        for name, answer in running.items():
            if turn and sum(times[name]) + times[name][-1] > BUDGET:
                continue
            seconds, megabytes, found = _measured(answer)
            times[name].append(seconds)
            if not turn:  # compiles, and fills caches
                memory[name], verdicts[name] = megabytes, race.judge(found)
    medians = {name: statistics.median(t[1:] or t) for name, t in times.items()}
    medians = {c.name: medians[c.name] / c.share for c in race.contenders if c.name in medians}
    ours = medians[race.contenders[0].name]
    return [
        Result(race.question, c.name, None, None, None, f"not installed: {', '.join(c.missing)}")
        if c.missing
        else Result(
            race.question,
            c.name,
            medians[c.name],
            medians[c.name] / ours,
            memory[c.name],
            verdicts[c.name],
        )
        for c in race.contenders
    ]


def _measured(answer: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds, the most megabytes that were held on top of what was there, and the answer."""
    gc.collect()
    before = _forgotten_peak()
    start = time.perf_counter()
    found = answer()
    seconds = time.perf_counter() - start
    return seconds, max(_peak() - before, 0.0), found


def _forgotten_peak() -> float:
    """Resident megabytes now; the peak starts anew, where the system lets it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS") or _peak()


def _peak() -> float:
    """The most resident megabytes since then."""
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _status(name: str) -> float | None:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith(name)), None)
