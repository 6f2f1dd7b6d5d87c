"""The comparisons: who runs, who is judged, and what is told of it. Nothing here is timed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch):
    """The package, which is not installed with the others."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    from benchmarks import _race, _tables

    return _race, _tables


def command(*options):
    run = [sys.executable, "-m", "benchmarks", *options]
    return subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_contenders_answer_by_turns_and_are_judged(benchmarks, monkeypatch):
    """A part of the work is charged for all of it; a missing package is named."""
    race, tables = benchmarks
    monkeypatch.setattr(race, "TURNS", 3)
    clock = iter([0, 1, 0, 2] * 4)
    monkeypatch.setattr(race.time, "perf_counter", lambda: next(clock))
    order = []

    def answering(name, found):
        return lambda: lambda: order.append(name) or found

    results = race.run(
        race.Race(
            "2 + 2",
            [
                race.Contender("linae", answering("linae", 4)),
                race.Contender("half", answering("half", 5), share=0.5),
                race.Contender("gone", answering("gone", 4), ("no_such_package",)),
            ],
            lambda found: "right" if found == 4 else f"says {found}",
        )
    )
    assert order == ["linae", "half"] * 4
    ours, half, gone = results
    assert (ours.seconds, ours.ratio, ours.answer) == (1, 1, "right")
    assert (half.seconds, half.ratio, half.answer) == (4, 4, "says 5")
    assert (gone.seconds, gone.answer) == (None, "not installed: no_such_package")
    assert "| 2 + 2 | 1 s | half 4 × (wrong) |" in tables.summary(results)
    assert "| half | 4 s | 4 × |" in tables.as_markdown(results)
    assert "| gone | – | – | – | not installed: no_such_package |" in tables.as_markdown(results)


def test_memory_that_is_held_for_a_while_is_seen(benchmarks):
    """Two hundred megabytes, and none of them left afterwards."""
    race, _ = benchmarks
    _, megabytes, found = race._measured(lambda: len(bytearray(b"x") * 200_000_000))
    assert found == 200_000_000
    assert 150 < megabytes < 300


def test_every_comparison_is_listed_and_others_are_refused():
    """By the names of their modules."""
    listed = command("--list").stdout.split()
    files = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert set(listed) == {name for name in files if not name.startswith("_")}
    wrong = command("classification", "nothing")
    assert wrong.returncode == 2
    assert wrong.stderr == f"benchmarks: Need comparisons among {', '.join(listed)}. Got nothing.\n"


def test_our_answers_are_right(benchmarks, monkeypatch):
    """Where exact counts are the judge: the smallest race of each kind."""
    race, _ = benchmarks
    from benchmarks import census, exact_inertia

    monkeypatch.setattr(race, "TURNS", 0)
    for question in (census.counts(20, 4), census.best(30, 4, 50), next(exact_inertia.races())):
        ours = [r for r in race.run(question) if r.contender.startswith("linae")]
        assert {r.answer for r in ours} == {"right"}
