"""The command that trains: what it says, what it draws, and how it refuses."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from linae import Moments
from linae.autoencoders import losses
from linae.autoencoders.names import known_losses, known_networks, settings_of
from linae.autoencoders.study import study
from linae.data import iris
from linae.plot import blank, house_style
from linae.plot.training import FIGURES
from linae.table import read_table
from linae.training import main

SCRIPT = Path(__file__).parents[1] / "scripts" / "train_autoencoder.py"


def said(capsys, *words):
    """The lines of a run."""
    assert main([*words, "--steps", "20"]) == 0
    found = capsys.readouterr()
    assert found.err == ""
    return found.out.splitlines()


@pytest.mark.parametrize("name", sorted(known_losses()))
def test_every_loss_trains_on_iris(capsys, name):
    """In a few steps, beside its closed form; a loss without noise of its own gets there."""
    lines = said(capsys, "--loss", name.replace("_", "-"))
    assert lines[0].startswith(f"iris: 150 × 4, centered, {name.replace('_', ' ')} autoencoder, ")
    assert lines[2].split()[0] == "loss"
    assert lines[3].split()[:2] == ["closed", "form"]
    gap = float(lines[4].split()[1])
    if name not in {"adversarial", "sparse", "contractive"}:
        assert abs(gap) < 1e-6
    elif name == "contractive":
        assert 0 < gap < 0.1
        assert "infimum, which no weights have" in lines[3]
    else:
        assert "if" in lines[3]


def test_the_closed_form_is_that_of_the_data_and_the_settings(capsys, tmp_path):
    """tr S − Σ λ²/(λ + σ²), by NumPy."""
    X = np.random.default_rng(0).standard_normal((30, 3)) * [3, 2, 1] + 5
    path = tmp_path / "table.csv"
    np.savetxt(path, X, delimiter=",")
    lines = said(capsys, "--input", str(path), "--loss", "denoising", "--variance", "1/4")
    values = np.linalg.eigvalsh(np.cov(X.T, bias=True))[::-1]
    least = values.sum() - (values[:2] ** 2 / (values[:2] + 0.25)).sum()
    assert [float(line.split()[k]) for line, k in ((lines[2], 1), (lines[3], 2))] == pytest.approx(
        [least, least], rel=1e-5
    )
    assert lines[0] == "table.csv: 30 × 3, centered, denoising autoencoder, width 2, variance 0.25"


def test_raw_and_scaled_data_and_a_spectrum(capsys):
    """The trained loss is that of the moments that the options ask for."""
    for words, least in ((("--spectrum", "5", "3", "1"), 1), (("--scale",), None)):
        lines = said(capsys, *words)
        assert abs(float(lines[4].split()[1])) < 1e-6
        assert least is None or float(lines[2].split()[1]) == least
    X = read_table(iris()).values
    values = np.linalg.eigvalsh(X.T @ X / len(X))
    found = float(said(capsys, "--no-center", "--tied")[2].split()[1])
    assert found == pytest.approx(values[:2].sum(), rel=1e-5)


def test_hidden_units_and_seeds(capsys):
    """The closed form is then of linear ones; the run is that of its seed."""
    words = ("--loss", "denoising", "--hidden", "3", "--batch", "20")
    first, again = said(capsys, *words), said(capsys, *words)
    other = said(capsys, *words, "--seed", "1")
    assert first == again != other
    assert "of linear ones" in first[3]
    assert "hidden 3" in first[0]


@pytest.mark.parametrize(
    ("words", "title", "row"),
    [
        ("convolutional", "vanilla convolutional autoencoder, width 2", "closed form"),
        ("recurrent", "vanilla recurrent autoencoder, width 2", "bound"),
        ("recurrent --width 3", "vanilla recurrent autoencoder, width 3", "bound"),
        ("sigmoid", "vanilla sigmoid autoencoder, width 2", "bound"),
        (
            "sigmoid --loss denoising",
            "denoising sigmoid autoencoder, width 2, variance 0.1",
            "bound",
        ),
        ("convolutional --stride 4 --tied --width 1", "width 1, stride 4, tied", "closed form"),
    ],
)
def test_networks_train_on_iris(capsys, words, title, row):
    """A closed form is reached, and nothing is below a bound."""
    lines = said(capsys, "--network", *words.split())
    assert lines[0].startswith("iris: 150 × 4, centered, ")
    assert lines[0].endswith(title)
    assert lines[3].strip().startswith(row)
    gap = float(lines[4].split()[1])
    assert abs(gap) < 1e-6 if row == "closed form" or "3" in words else gap > 0.1


def test_sigmoid_units_are_bound_by_centred_data(capsys):
    """They have biases, whatever the data."""
    rows = [said(capsys, "--network", "sigmoid", *raw)[3] for raw in ((), ("--no-center",))]
    assert rows[0] == rows[1]
    found = said(capsys, "--network", "sigmoid", "--loss", "variational")
    assert found[3].split() == ["closed", "form", "none", "known"]


def test_help_lists_every_loss_with_its_formula(capsys):
    """And each setting with its defaults."""
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    for network in known_networks().values():
        assert network.__doc__.partition("\n")[0] in text
    for name, loss in known_losses().items():
        assert loss.__doc__.partition("\n")[0] in text
        for setting, value in settings_of(loss).items():
            assert f"--{setting} " in text
            assert f"{name}: {value:g}" in " ".join(text.split())


def test_a_function_of_the_module_is_a_loss(capsys, monkeypatch):
    """To add one is to write one."""

    def absolute(xp, P, X, noise, *, power=1):
        """E‖x − D(E(x))‖₁"""
        return power * xp.abs(losses.vanilla(xp, P, X, noise))

    absolute.__module__ = losses.__name__
    monkeypatch.setattr(losses, "absolute", absolute, raising=False)
    lines = said(capsys, "--loss", "absolute", "--power", "2", "--no-center")
    assert lines[0].endswith("absolute autoencoder, width 2, power 2")
    assert lines[3].split() == ["closed", "form", "none", "known"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (
            ["--loss", "vanila"],
            "Need a loss that --help names. Got 'vanila'; did you mean vanilla?",
        ),
        (["--width", "0"], "Need an integer --width >= 1. Got 0."),
        (["--hidden", "-1"], "Need an integer --hidden >= 0. Got -1."),
        (["--batch", "0"], "Need an integer --batch >= 1. Got 0."),
        (["--steps", "many"], "Need an integer --steps >= 1. Got many."),
        (["--step-size", "0"], "Need a number --step-size > 0. Got 0."),
        (["--step-size", "1e200"], "Need a smaller step_size than 1e+200. Got a loss that is"),
        (["--variance", "1"], "Need --loss denoising or variational with --variance. Got vanilla."),
        (["--loss", "sparse", "--alpha", "x"], "Need a number --alpha > 0. Got x."),
        (["--tied", "--hidden", "2"], "Need --tied without --hidden. Got --hidden 2."),
        (
            ["--network", "dence"],
            "Need a network that --help names. Got 'dence'; did you mean dense?",
        ),
        (
            ["--network", "recurrent", "--tied"],
            "Need --network convolutional or dense with --tied. Got recurrent.",
        ),
        (["--network", "sigmoid", "--hidden", "2"], "Need --network dense with --hidden."),
        (["--stride", "2"], "Need --network convolutional with --stride. Got dense."),
        (["--network", "convolutional", "--stride", "3"], "Need a stride that divides 4 inputs."),
        (["--network", "convolutional", "--width", "3"], "Need as many codes at each of 2 steps."),
        (["--target", "1"], "Need no --target: that is the input. Got 1."),
        (["--loss", "whitening", "--width", "5"], "Need a smaller width: no codes of that width"),
        (["--input", "nowhere.csv"], "Need a readable file. Got nowhere.csv"),
        (["--colour"], "Need options as --help lists them. Got unrecognized"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(tmp_path, capsys, words, problem):
    """Exit code 2; the requirement and the value received."""
    assert main(["--steps", "3", "--output", str(tmp_path / "new"), *words]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith(f"train_autoencoder: {problem}")
    assert found.err.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_complex_data_and_a_file_for_a_folder_are_refused(tmp_path, capsys):
    """In one line."""
    np.save(tmp_path / "z.npy", np.array([[1j, 2], [3, 4], [0, 1]]))
    assert main(["--input", str(tmp_path / "z.npy")]) == 2
    assert "Need real numbers to train on. Got complex ones." in capsys.readouterr().err
    assert main(["--output", str(tmp_path / "z.npy")]) == 2
    assert "Need a directory for --output." in capsys.readouterr().err


def test_the_pictures_are_written_whole_or_not_at_all(tmp_path, capsys, monkeypatch):
    """SVG, PNG and CSV of each; interrupted, nothing, and exit code 130."""

    def stop(self, target):
        raise KeyboardInterrupt

    words = ["--steps", "3", "--output", str(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", stop)
        assert main(words) == 130
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == "train_autoencoder: Interrupted.\n"
    assert main(words) == 0
    names = {f"{name}{kind}" for name in FIGURES for kind in (".svg", ".png", ".csv")}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_one_column_has_no_plane(tmp_path, capsys):
    """The other pictures are drawn."""
    words = ["--steps", "3", "--width", "1", "--columns", "1", "--output", str(tmp_path)]
    assert main(words) == 0
    skipped = "reconstructions skipped: Need two columns for a plane. Got one.\n"
    assert capsys.readouterr().err == skipped
    assert {path.stem for path in tmp_path.iterdir()} == {"loss", "codes"}


def made(name, width, network="dense"):
    """A short study of iris."""
    X, rng = read_table(iris()).values, np.random.default_rng(0)
    X = X - X.mean(axis=0)
    settings = settings_of(known_losses()[name])
    moments, options = Moments.from_data(X), {"width": width, "network": network, "steps": 20}
    return study(name, moments, X, rng, settings=settings, **options)


PICTURED = [(name, 2, kind) for name, kind in (("vanilla", "sigmoid"), ("nested", "recurrent"))]
PICTURED += [(n, p, "dense") for n in ("denoising", "adversarial", "variational") for p in (1, 2)]


@pytest.mark.parametrize(("name", "width", "network"), PICTURED)
def test_pictures_show_the_numbers_of_the_study(name, width, network):
    """In the table and in the caption; no text overlaps another or leaves the figure."""
    run = made(name, width, network)
    table = {}
    for figure_name, draw in FIGURES.items():
        with house_style():
            figure = blank()
            drawn = draw(run, figure)
            canvas = FigureCanvasAgg(figure)
            figure.draw_without_rendering()
            boxes = [
                text.get_window_extent(canvas.get_renderer())
                for ax in figure.axes
                for text in [*ax.texts, ax.xaxis.label, ax.yaxis.label]
            ]
            frame = figure.bbox.padded(1)
        assert all(frame.x0 <= b.x0 and b.x1 <= frame.x1 and frame.y0 <= b.y0 for b in boxes)
        assert not any(a.overlaps(b) for k, a in enumerate(boxes) for b in boxes[:k])
        table[figure_name] = list(csv.DictReader(io.StringIO(drawn.as_csv())))
        assert drawn.caption.startswith(f"{run.title.capitalize()} autoencoder: ")
    curve = [float(row["loss"]) for row in table["loss"] if row["series"] == "loss"]
    assert curve == run.training.losses[:, 0].tolist()
    kind = "closed form" if network == "dense" else "bound"
    level = [float(row["loss"]) for row in table["loss"] if row["series"] == kind]
    assert set(level) == {run.optimum.loss}
    column = "code 1" if width == 2 else "code"
    assert [float(row[column]) for row in table["codes"]] == run.codes[:, 0].tolist()
    points = [row for row in table["reconstructions"] if row["series"] == "reconstructions"]
    axis = np.linalg.svd(run.X)[2][0]
    first = np.abs([float(row["PC 1"]) for row in points])
    assert first == pytest.approx(np.abs(run.reconstructions @ axis))


def test_the_script_runs():
    """python scripts/train_autoencoder.py."""
    words = [sys.executable, str(SCRIPT), "--steps", "3"]
    run = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ)
    assert run.stdout.startswith("iris: 150 × 4, centered, vanilla autoencoder, width 2\n")
    assert run.stderr == ""
