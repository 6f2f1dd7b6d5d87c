"""The command that draws: files, index, refusals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linae import gallery
from linae.plot import FIGURES
from proofs import _book

SCRIPT = Path(__file__).parents[1] / "scripts" / "plot_loss_surfaces.py"


def draw(tmp_path, *words):
    return gallery.gallery([*words, "--output", str(tmp_path)])


def test_the_command_writes_figures_and_an_index(tmp_path, capsys):
    """By name, in their order; what cannot be drawn is skipped; the index has the captions."""
    assert draw(tmp_path, "saddles", "sharpness", "--spectrum", "3", "2", "--url", "/img/") == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        *("sharpness.svg", "sharpness.png", "sharpness.csv", "figures.md"),
    }
    page = (tmp_path / "figures.md").read_text(encoding="utf-8")
    assert page.count("<figure") == page.count("</figure>") == 1
    assert 'src="/img/sharpness.svg"' in page
    assert gallery.captions(tmp_path / "sharpness.svg")[1] in page
    said = capsys.readouterr()
    assert (
        said.err
        == "saddles skipped: Need width < rank for saddles of rank p. Got width 2, rank 2.\n"
    )
    assert said.out.startswith("spectrum 3 2, width 2: 1 figure in ")
    assert draw(tmp_path, "scalar") == 0
    page = (tmp_path / "figures.md").read_text(encoding="utf-8")
    assert page.index("scalar") < page.index("sharpness"), "what was there before stays"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["laddder"], "Need a figure that --list names. Got 'laddder'; did you mean ladder?"),
        (["ladder", "--width", "0"], "Need an integer --width >= 1. Got 0."),
        (["ladder", "--width", "two"], "Need an integer --width >= 1. Got two."),
        (["--input", "nowhere.csv"], "Need a readable file. Got nowhere.csv"),
        (["--colour"], "Need options as --help lists them. Got unrecognized"),
        (["--spectrum", "-1"], "Need "),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(tmp_path, capsys, words, problem):
    """Exit code 2; the requirement and the value received."""
    assert draw(tmp_path / "new", *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"plot_loss_surfaces: {problem}")
    assert said.err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_bad_input(tmp_path, capsys):
    """A file in the way of the folder."""
    (tmp_path / "file").write_text("")
    assert draw(tmp_path / "file", "sharpness") == 2
    assert "Need a place that can be written." in capsys.readouterr().err


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch, capsys):
    """Neither half a file nor its temporary neighbour; exit code 130."""

    def stop(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    assert draw(tmp_path, "sharpness") == 130
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == "plot_loss_surfaces: Interrupted.\n"


def test_the_script_lists_the_figures_of_theorems_too():
    """python scripts/plot_loss_surfaces.py --list."""
    run = [sys.executable, str(SCRIPT), "--list"]
    listed = subprocess.run(run, capture_output=True, text=True, check=True, env=os.environ)
    theorems = [f"proofs/{_book.name(t)}" for t in _book.theorems() if hasattr(t, "figure")]
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert names == [*FIGURES, *theorems]
