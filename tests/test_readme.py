"""The README says what happens."""

import io
import json
import re
import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from linae.cli import main
from linae.options import known_landscapes

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
SHOWN = [text for kind, text in BLOCKS if kind == "text"]


def test_the_table_is_the_output_of_the_command(capsys, monkeypatch):
    """To the letter, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main([]) == 0
    assert capsys.readouterr().out == SHOWN[0]


def test_the_example_runs_and_prints_what_is_shown():
    """The only block of Python."""
    (program,) = (text for kind, text in BLOCKS if kind == "python")
    assert len(program.splitlines()) <= 10
    with redirect_stdout(io.StringIO()) as printed:
        exec(program, {})
    assert printed.getvalue() == SHOWN[1]


@pytest.mark.parametrize("line", [line for line in COMMANDS if line.startswith("linae")])
def test_the_commands_run(line, capsys, monkeypatch):
    """From the root of the repository."""
    monkeypatch.chdir(ROOT)
    line = line.replace("$(seq 1000)", " ".join(map(str, range(1, 1001))))
    assert main(shlex.split(line)[1:]) == 0
    assert capsys.readouterr().out


def test_the_table_of_losses_has_every_landscape():
    """By the name that the command knows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(known_landscapes())


def test_the_ratios_are_those_that_were_measured(monkeypatch):
    """The table is the summary of benchmarks/results.json, as is benchmarks/results.md."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    from benchmarks._race import Result
    from benchmarks._tables import summary

    told = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    table = summary([Result(**result) for result in told["results"]])
    assert table.count("\n") > 10
    assert table in (ROOT / "README.md").read_text(encoding="utf-8")
    assert table in (ROOT / "benchmarks" / "results.md").read_text(encoding="utf-8")


def test_the_two_commands_for_a_fresh_machine_are_there():
    """As `.ci/run` reads them."""
    fresh = [line for line in COMMANDS if line.startswith("pip install")]
    assert fresh == [
        "pip install . && python scripts/enumerate_critical_points.py",
        "pip install '.[test]' && pytest",
    ]


def test_links_lead_somewhere():
    """Relative ones, to files."""
    links = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert all((ROOT / link).exists() for link in links)
