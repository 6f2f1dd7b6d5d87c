"""The command: what it prints, what it writes, and how it refuses."""

import csv
import io
import json
import math
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from linae import Moments, SquaredLoss
from linae.cli import main
from linae.data import iris
from linae.departures import is_long
from linae.exact import rationals
from linae.options import built, known_landscapes
from linae.report import COUNTED
from linae.supervision import TASKS
from linae.verdict import Verdict

PUBLISHED = """
none  4.572957  8  0   8
1     0.344715  3  3  10
2     4.330286  4  3   9
3     4.494748  5  3   8
4     4.549122  6  3   7
1,2   0.102045  0  4  12
1,3   0.266506  1  4  11
1,4   0.320880  2  4  10
2,3   4.252077  2  4  10
2,4   4.306451  3  4   9
3,4   4.470912  4  4   8
"""
"""Iris, width 2: components, loss with divisor 149, index, nullity, positive eigenvalues."""

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "enumerate_critical_points.py"


def report(capsys, *options):
    """The report of a run, as JSON from stdout."""
    assert main([*options, "--json", "-"]) == 0
    return json.loads(capsys.readouterr().out)


def written(path, values, header=""):
    np.savetxt(path, values, fmt="%.17g", delimiter=",", header=header, comments="")
    return str(path)


def predicted_index(components, rank, width):
    """By the order of distinct eigenvalues: passed-over components, and (p − r)(ρ − r)."""
    rest = set(range(1, rank + 1)) - set(components)
    passed_over = sum(k < j for j, k in product(components, rest))
    return passed_over + (width - len(components)) * (rank - len(components))


@pytest.mark.parametrize("options", [(), ("--exact",), ("--no-descent",)])
def test_iris_is_as_published(capsys, options):
    """All 11 classes; the published covariance has divisor 149, a mean over samples 150."""
    found = report(capsys, *options)
    rows = {
        (
            ",".join(map(str, line["components"])) or "none",
            f"{line['loss'] * 150 / 149:.6f}",
            str(line["index"]),
            str(line["nullity"]),
            str(line["inertia"]["positive"]),
        )
        for line in found["classes"]
    }
    assert rows == {tuple(line.split()) for line in PUBLISHED.strip().splitlines()}
    assert {line["verdict"] for line in found["classes"]} == {"certified"}
    exact = "--exact" in options
    assert {line["evidence"] for line in found["classes"]} == {"exact" if exact else "float64"}


def test_the_table_reads_well(capsys):
    """Printed without options: heading, eleven lines, what descent did, and a closing sentence."""
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "iris: 150 × 4, centered, width 2"
    best = "1 2 4.200 0.241 0.101 97.8 % 0 4 global minimum = float64"
    assert " ".join(lines[4].split()) == best
    assert sum("strict saddle" in line for line in lines[:15]) == 10
    assert lines[-1] == "11 classes: 1 global minimum, 10 strict saddles; all certified."


def test_a_given_spectrum_needs_no_data(capsys):
    """5, 3, 1 in any order, exactly."""
    found = report(capsys, "--spectrum", "1", "5", "3")
    rows = [(tuple(x["components"]), x["loss"], x["index"]) for x in found["classes"]]
    ranked = [((1, 2), 1, 0), ((1, 3), 3, 1), ((1,), 4, 2), ((2, 3), 5, 2), ((2,), 6, 3)]
    assert rows == [*ranked, ((3,), 8, 4), ((), 9, 6)]
    assert {line["evidence"] for line in found["classes"]} == {"exact"}


def test_ties_are_counted_once(capsys):
    """3, 3, 1: five classes of seven index sets."""
    classes = report(capsys, "--spectrum", "3,3,1")["classes"]
    assert [line["multiplicity"] for line in classes] == [1, 2, 2, 1, 1]
    assert {line["verdict"] for line in classes} == {"certified"}


def test_more_units_than_inputs(capsys):
    """Width 9 on four columns: 16 classes, loss zero at the best."""
    classes = report(capsys, "--width", "9")["classes"]
    assert len(classes) == 16
    assert classes[0]["loss"] == 0
    assert classes[-1]["index"] == 36


@pytest.mark.parametrize("exact", [[], ["--exact"]])
def test_targets_are_columns_or_a_file(capsys, tmp_path, exact):
    """Both ways give the same report; the target is no input."""
    header = "sepal length,sepal width,petal length,petal width"
    values = np.array([[1, 2, 3, 4], [2, 1, 4, 3], [5, 5, 1, 2], [0, 1, 1, 0], [3, 0, 2, 2]])
    both = written(tmp_path / "both.csv", values, header)
    inputs = written(tmp_path / "x.csv", values[:, :3], header.rpartition(",")[0])
    target = written(tmp_path / "y.csv", values[:, 3:], "petal width")
    runs = [
        report(capsys, "--input", both, "--target", "petal width", *exact),
        report(capsys, "--input", both, "--columns", "1,2,3", "--target", "4", *exact),
        report(capsys, "--input", inputs, "--target", target, *exact),
    ]
    for found in runs:
        assert (found["data"]["inputs"], found["data"]["outputs"]) == (3, 1)
        assert found["spectrum"] == pytest.approx(runs[0]["spectrum"])
        assert len(found["classes"]) == 2
        assert found["total"] == pytest.approx(values[:, 3].var())


def test_scaling_gives_correlations_and_centring_can_be_left_out(capsys):
    """The trace is the number of columns; or the mean square."""
    assert sum(report(capsys, "--scale")["spectrum"]) == pytest.approx(4)
    raw = report(capsys, "--no-center", "--columns", "1", "--width", "1")
    assert raw["total"] == pytest.approx(34.8256666667)


@pytest.mark.parametrize("name", known_landscapes())
def test_every_landscape_works_on_the_shipped_data(capsys, name):
    """Nothing is refuted; the heading names it, and it says what is known of it."""
    found = report(capsys, "--landscape", name)
    assert found["landscape"] == name
    assert {c["verdict"] for c in found["classes"]} == {"certified"}
    assert found["number_of_classes"] == len(found["classes"])
    stays = {c["descent"]["place"] for c in found["classes"] if c["kind"] == "global minimum"}
    assert stays == ({"global minimum"} if found["classes"][0]["index"] == 0 else set())
    ends = {c["descent"]["place"] for c in found["classes"]}
    assert "global minimum" not in ends or stays, "descent ends at a minimum where there is none"
    assert main(["--landscape", name.replace("_", "-"), "--no-descent"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert name == "squared" or name.replace("_", " ") in first
    assert " ".join(found["known"].split()) in " ".join(" ".join(lines).split())


@pytest.mark.parametrize("name", known_landscapes())
def test_classes_are_counted_as_they_are_listed(name):
    """Ties, zeros, few and many units."""
    for values, width in (((4, 4, 1, 0), 1), ((9, 9, 9, 4, 1), 2), ((4, 1), 3), ((0, 0), 2)):
        moments = Moments.auto(np.diag(rationals(values)))
        landscape = built(known_landscapes()[name], moments, width, {})
        assert landscape.number_of_classes == len(list(landscape.critical_classes()))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_works_on_the_shipped_data(capsys, task):
    """The heading names it, and nothing is refuted; those with other targets are given some."""
    other = ["--target", "3,4"] if task in {"cca", "pls"} else []
    found = report(capsys, "--task", task, "--no-descent", *other)
    assert found["data"]["task"].startswith(task.replace("_", " "))
    assert {c["verdict"] for c in found["classes"]} == {"certified"}


def test_a_task_is_the_squared_loss_of_its_moments(capsys):
    """λ = 2, 1 with noise ½: λ²/(λ + ½), exactly; and a tenth of the variance as usual."""
    noisy = ["--task", "denoise", "--noise", "1/2", "--width", "1"]
    found = report(capsys, *noisy, "--spectrum", "2", "1")
    assert found["classes"][0]["exact_loss"] == str(3 - Fraction(8, 5))
    assert found["data"]["task"] == "denoise, noise 1/2"
    usual = report(capsys, "--task", "denoise", "--spectrum", "2", "1")
    assert usual["data"]["task"] == "denoise, noise 0.15"


def test_the_mean_does_not_drop_out(capsys):
    """Masked inputs with biases: E|xᵢ|² of the raw columns is what is spoiled. Two columns, by
    enumeration of the four masks."""
    X, keep = np.loadtxt(iris(), delimiter=",", skiprows=1)[:, :2], 0.7
    masks = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    weights = keep ** masks.sum(axis=1) * (1 - keep) ** (2 - masks.sum(axis=1))
    spoiled = np.concatenate([X * m for m in masks])
    w = np.repeat(weights, len(X)) / len(X)
    inputs, targets = spoiled - w @ spoiled, np.tile(X, (4, 1)) - X.mean(axis=0)
    Sxx, Syx = (inputs.T * w) @ inputs, (targets.T * w) @ inputs
    best = np.trace((targets.T * w) @ targets) - np.trace(Syx @ np.linalg.inv(Sxx) @ Syx.T)
    found = report(capsys, "--columns", "1,2", "--task", "mask", "--keep", "0.7", "--no-descent")
    assert found["classes"][0]["loss"] == pytest.approx(best)


def test_descent_without_a_minimum_has_nowhere_to_end(capsys):
    """The sentence says so, and how far it came: below the saddle, above the infimum."""
    assert main(["--landscape", "contractive", "--spectrum", "2", "1", "--width", "1"]) == 0
    (said,) = re.findall(
        r"saddle is at loss ([\d.]+) after .* steps; there is no minimum to end at",
        " ".join(capsys.readouterr().out.split()),
    )
    assert 1 <= float(said) < 3


def test_parameters_are_read_as_rationals(capsys):
    """The decay of exact data is exact: λ = 4, 1 and μ = 1/10."""
    options = ["--landscape", "weight_decay", "--decay", "0.1", "--width", "1"]
    found = report(capsys, *options, "--spectrum", "4", "1")
    assert found["parameters"] == {"decay": 0.1}
    assert found["classes"][0]["exact_loss"] == str(5 - Fraction(39, 10) ** 2 / 4)


def test_complex_data_are_for_the_losses_that_have_them(capsys, tmp_path):
    """Squared loss and weight decay; the others refuse in one line."""
    rng = np.random.default_rng(3)
    path = str(tmp_path / "complex.npy")
    np.save(path, rng.standard_normal((40, 3)) + 1j * rng.standard_normal((40, 3)))
    for name in known_landscapes():
        code = main(["--input", path, "--landscape", name, "--no-descent"])
        out, line = capsys.readouterr()
        if name in {"squared", "weight_decay"}:
            assert code == 0
            assert "all certified" in out
        else:
            assert code == 2
            assert line.startswith("linae: Need real moments")


def test_the_best_classes_come_first(capsys):
    """Asking for more than there are gives all."""
    every, best = report(capsys), report(capsys, "--best", "4")
    assert best["classes"][0] == every["classes"][0]
    assert [c["loss"] for c in best["classes"]] == [c["loss"] for c in every["classes"]][:4]
    assert best["number_of_classes"] == 11
    assert len(report(capsys, "--best", "999")["classes"]) == 11


@pytest.mark.parametrize(
    ("loader", "rank"), [("load_digits", 61), ("load_breast_cancer", 30)], ids=str
)
@pytest.mark.parametrize("width", [1, 3])
def test_hard_data_give_the_right_index_or_none(capsys, tmp_path, loader, rank, width):
    """Digits have three constant columns; eigenvalues of breast cancer spread over 6e11. Their
    eigenvalues are distinct, so that positions alone give the index."""
    from sklearn import datasets

    path = written(tmp_path / "data.csv", getattr(datasets, loader)().data)
    found = report(capsys, "--input", path, "--best", "20", "--width", str(width))
    assert found["rank"] == rank
    assert len(found["classes"]) == 20
    for line in found["classes"]:
        assert line["index"] == predicted_index(line["components"], rank, width)
        assert line["verdict"] in ("certified", "undecided")
        assert line["found"]["negative"] <= line["index"]
    assert sum(line["verdict"] == "certified" for line in found["classes"]) >= 15


def test_dependent_columns_leave_the_rank_open(capsys, tmp_path):
    """A sum of two columns, in doubles: undecided, said so, and not an error."""
    X = np.random.default_rng(0).standard_normal((30, 3))
    path = written(tmp_path / "data.csv", np.column_stack([X, X[:, 0] + X[:, 1]]))
    assert main(["--input", path]) == 0
    text = capsys.readouterr().out
    assert "rank 3 of 4 to rounding" in text
    assert "\n¹ rank of Sxx is 3 to rounding only" in text
    assert " ".join(text.split()).endswith(
        "all undecided (predicted, not confirmed). Exact data decide ranks and ties: --exact."
    )


def test_reports_go_to_files_and_the_table_to_stdout(capsys, tmp_path):
    """Three files, all complete."""
    paths = {kind: tmp_path / f"report.{kind}" for kind in ("json", "csv", "markdown")}
    options = [word for kind, path in paths.items() for word in (f"--{kind}", str(path))]
    assert main(options) == 0
    assert capsys.readouterr().out.endswith("all certified.\n")
    assert len(json.loads(paths["json"].read_text())["classes"]) == 11
    assert len(list(csv.DictReader(io.StringIO(paths["csv"].read_text())))) == 11
    assert paths["markdown"].read_text().count("\n|") == 13
    assert sorted(tmp_path.iterdir()) == sorted(paths.values())


def test_the_same_seed_gives_the_same_report(capsys):
    """And another seed another one."""
    runs = [report(capsys, "--seed", seed)["classes"] for seed in ("5", "5", "6")]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_a_table_can_come_from_a_pipe(capsys, monkeypatch):
    """`--input -`."""
    table = io.TextIOWrapper(io.BytesIO(b"a,b\n1,2\n3,5\n4,4\n"))
    monkeypatch.setattr(sys, "stdin", table)
    assert report(capsys, "--input", "-")["data"]["name"] == "standard input"


WRONG = {
    "--width two": "Need an integer --width >= 1. Got two.",
    "--width 0": "Need an integer --width >= 1. Got 0.",
    "--width": "Got argument --width: expected one argument.",
    "--best 0": "Need an integer --best >= 1. Got 0.",
    "--seed -1": "Need an integer --seed >= 0. Got -1.",
    "--colums 1": "Got unrecognized arguments: --colums 1.",
    "iris.csv": "Need --input before the name of a file. Got iris.csv alone.",
    "--input absent.csv": "Got absent.csv: no such file or directory.",
    "--input words.csv": "Got 'x' in column 'b', line 3",
    "--input gaps.csv": "Got an empty cell in column 'b', line 3",
    "--input good.csv --columns c": "Got 'c'",
    "--input good.csv --target c": "Got 'c'",
    "--input good.csv --target a,b": "Need inputs besides the target 'a,b'. Got none.",
    "--input good.csv --target absent.csv": "Got absent.csv",
    "--target good.csv": "Need as many rows in Y as in X. Got 3 in Y, 150 in X.",
    "--input - --target 1": "Need --columns with a --target in standard input. Got none.",
    "--input constant.csv --scale": "Need columns that vary for --scale. Got constant 'b'.",
    "--input huge.csv": "Need numbers between 1e-60 and 1e+60, in another unit. Got 3e+200",
    "--scale --exact": "Need --scale without --exact: it takes square roots. Got both.",
    "--spectrum 5 -3": "Need rational numbers >= 0 for --spectrum. Got '-3'.",
    "--spectrum 1/0": "Need rational numbers >= 0 for --spectrum. Got '1/0'.",
    "--spectrum 5,x": "Need rational numbers >= 0 for --spectrum. Got 'x'.",
    "--spectrum 5 --input good.csv": "Need --spectrum without options on data. Got --input too.",
    "--json absent/report.json": "Need a file in a directory that exists, itself no directory,",
    "--csv .": "Need a file in a directory that exists, itself no directory, for --csv. Got",
    "--json - --csv -": "Need one report for each output. Got - more than once.",
    "--width 200000": "Need a problem that fits into memory.",
    "--width 99999999999999999999": "Need --width <= 1,000,000. Got 99999999999999999999.",
    "--landscape tide": "Need a landscape that --help names. Got 'tide'; did you mean tied?",
    "--decay 1": "Need --landscape weight_decay with --decay. Got --landscape squared.",
    "--landscape weight_decay --decay 1e400": "Need 1e-60 <= decay <= 1e+60. Got 1.00e+400.",
    "--landscape weight_decay --decay 1e-400": "Need 1e-60 <= decay <= 1e+60. Got 1e-400.",
    "--landscape nonuniform --decays 1,1.0000000000000000000001": "Need 2 distinct decays. Got 1,",
    "--landscape weight_decay --decay -1": "Need 0 < decay < inf. Got -1.",
    "--landscape weight_decay --decay x": "Need a number for --decay. Got 'x'.",
    "--landscape nonuniform --decays 1,1": "Need 2 distinct decays. Got 1, 1.",
    "--landscape tied --target 1": "Need auto-association, Y = X, for tied weights. Got other",
    "--landscape deep --widths 2,0": "Need an integer 1 <= width. Got width = 0.",
    "--landscape deep --widths 2,x": "Need integers with commas for --widths. Got '2,x'.",
    "--task guess": "Need one of denoise, ridge, mask, salt_and_pepper, noise2noise, inpaint,",
    "--task denoise --noise -1": "Need 0 <= noise < inf. Got -1.0.",
    "--task mask --keep 2": "Need 0 < keep <= 1. Got 2.0.",
    "--keep 1": "Need --task mask or --task salt_and_pepper with --keep. Got --landscape squared.",
    "--task denoise --landscape tied": "Need auto-association, Y = X, for tied weights. Got other",
    "--landscape adversarial --width 5": "Need a loss with critical points. Got none: adversarial",
    "--landscape convolutional --width 2": "Need --landscape convolutional without --width. Got",
    "--landscape deep --widths 2 --width 2": "Need --widths without --width. Got both.",
}


@pytest.mark.parametrize("words", WRONG)
def test_bad_input_is_refused_in_one_line(capsys, tmp_path, monkeypatch, words):
    """Exit code 2; the line names what is needed and what was given; no file is written."""
    tables = {
        "good.csv": "a,b\n1,2\n3,5\n4,4\n",
        "words.csv": "a,b\n1,2\n3,x\n",
        "gaps.csv": "a,b\n1,2\n3,\n",
        "constant.csv": "a,b\n1,2\n3,2\n",
        "huge.csv": "a,b\n1e200,2e200\n3e200,2e200\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    options = words.split()
    if "--json" not in options:
        options = ["--json", "report.json", *options]
    assert main(options) == 2
    out, line = capsys.readouterr()
    assert out == ""
    assert line.startswith("linae: Need ")
    assert WRONG[words] in line
    assert line.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == tables.keys()


def test_too_many_classes_are_refused_with_their_number(capsys):
    """It says what to ask instead, and that works."""
    spectrum = ["--spectrum", *map(str, range(1, 25)), "--width", "12"]
    assert main(spectrum) == 2
    line = capsys.readouterr().err
    assert line == (
        "linae: Need --best K, K <= 1,000,000, to list more than 10,000 classes. "
        "Got 9,740,686 classes in all.\n"
    )
    assert len(report(capsys, *spectrum, "--best", "2", "--no-descent")["classes"]) == 2


def test_a_thousand_components_are_certified_and_counted(capsys):
    """The best twenty; all others by index, as many as there are subsets; descent is left out."""
    spectrum = ["--spectrum", *map(str, range(1, 1001)), "--width", "10"]
    assert main(spectrum) == 2
    assert "Got 2.66e+23 classes in all." in capsys.readouterr().err
    found = report(capsys, *spectrum, "--best", "20")
    assert found["number_of_classes"] == sum(math.comb(1000, r) for r in range(11))
    counts = dict(found["classes_by_index"])
    assert sum(counts.values()) == found["number_of_classes"]
    assert [counts[index] for index in range(6)] == [1, 1, 2, 3, 5, 7]  # partitions
    assert counts[10_000] == 1
    assert found["descent"] is None
    lost = [sum(range(991, 1001)) - sum(c["eigenvalues"]) for c in found["classes"]]
    assert lost == [0, 1, 2, 2, 3, 3, 3, *[4] * 5, *[5] * 7, 6]
    for c in found["classes"]:
        assert c["index"] == predicted_index(c["components"], 1000, 10)
        assert (c["verdict"], c["loss"]) == ("certified", 500500 - sum(c["eigenvalues"]))


def test_units_to_spare_cost_nothing(capsys):
    """A thousand units for three components of rational numbers."""
    spectrum = ["--spectrum", "5", "3", "1", "--width", "1000", "--best", "1", "--no-descent"]
    assert main(["--spectrum", "1e-400", "1"]) == 2
    assert "Need rational numbers >= 0 for --spectrum. Got '1e-400'." in capsys.readouterr().err
    (best,) = report(capsys, *spectrum)["classes"]
    assert (best["components"], best["loss"], best["index"]) == ([1, 2, 3], 0, 0)
    assert best["hessian_eigenvalues"] is None


def test_a_file_without_its_option_is_named(capsys):
    """With the option that it needs; other words are only refused."""
    assert main(["flowers.csv", "--width", "1"]) == 2
    line = "linae: Need --input before the name of a file. Got flowers.csv alone.\n"
    assert capsys.readouterr().err == line
    assert main(["flowers"]) == 2
    assert capsys.readouterr().err.startswith("linae: Need options as --help lists them. Got ")


def test_many_eigenvalues_must_differ_as_doubles(capsys):
    """More than forty are doubles; forty are rational numbers."""
    close = ["--width", "1", "--no-descent", "--best", "2"]
    close += ["--spectrum", "99", "99.00000000000000000001", *map(str, range(1, 39))]
    assert [c["components"] for c in report(capsys, *close)["classes"]] == [[1], [2]]
    assert main([*close, "50.5"]) == 2
    line = capsys.readouterr().err
    assert line.startswith("linae: Need eigenvalues that differ in double precision, where there")


def test_the_counts_by_index_are_shown_where_not_all_classes_are(capsys, monkeypatch):
    """In two lines that fit; and they are the numbers of all classes with that index."""
    spectrum = ["--spectrum", *["9", "7", "5", "5", "3", "2", "1"], "--width", "3"]
    everything = report(capsys, *spectrum, "--no-descent")
    counts = Counter(c["index"] for c in everything["classes"])
    assert dict(everything["classes_by_index"]) == counts
    for columns, most in ((80, 7), (40, 5)):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main([*spectrum, "--no-descent", "--best", "2"]) == 0
        lines = capsys.readouterr().out.splitlines()
        shown = [line.split()[1:] for line in lines if line.startswith(("index ", "classes "))]
        told = {int(i): int(c) for i, c in zip(*shown, strict=True) if i != "…"}
        assert told.items() <= counts.items()
        assert {*sorted(counts)[:most], max(counts)} <= told.keys()
        assert max(map(len, lines)) <= max(columns, 40)
    assert main([*spectrum, "--no-descent"]) == 0
    assert "by index" not in capsys.readouterr().out


def test_descent_that_takes_minutes_waits_to_be_asked_for(capsys, monkeypatch):
    """Asked for or not, the report says what became of it."""
    monkeypatch.setattr("linae.departures.LONG", 10)
    assert main([]) == 0
    left_out = "Gradient descent is left out: from 11 classes of 16 weights each it takes"
    assert left_out in capsys.readouterr().out
    assert report(capsys, "--descent")["descent"]
    assert main(["--no-descent"]) == 0
    assert "descent" not in capsys.readouterr().out


def test_few_classes_of_many_weights_wait_too():
    """A step of two classes of 20,000 weights takes a twentieth of a second, and 10,000 steps many
    minutes; a thousand steps are all that 10,000 small classes have."""
    spectrum = np.diag(np.arange(1000.0, 0, -1))
    assert is_long(SquaredLoss(Moments.auto(spectrum), 10), 2)
    assert not is_long(SquaredLoss(Moments.auto(spectrum[:100, :100]), 10), 10)
    assert not is_long(SquaredLoss(Moments.auto(spectrum[:20, :20]), 4), 10_000)


def test_counts_by_index_that_take_long_are_left_out(capsys, monkeypatch):
    """As of width 500 of 1000 components, not of width 10: then there is no table, and null."""
    spectrum = np.diag(np.arange(1000.0, 0, -1))
    works = [SquaredLoss(Moments.auto(spectrum), width).counting_work for width in (10, 500)]
    assert works[0] < COUNTED < works[1]
    monkeypatch.setattr("linae.report.COUNTED", 0)
    few = ["--spectrum", "5", "3", "1", "--best", "2", "--no-descent"]
    assert report(capsys, *few)["classes_by_index"] is None
    assert main(few) == 0
    assert "by index" not in capsys.readouterr().out


def test_a_refutation_is_exit_code_1(capsys, monkeypatch):
    """As if the Hessian were not as predicted."""
    module = sys.modules["linae.certify"]
    certify = module.certify

    def refuting(landscape, *weights):
        return replace(certify(landscape, *weights), verdict=Verdict.REFUTED, reasons=("no",))

    monkeypatch.setattr(module, "certify", refuting)
    assert main(["--no-descent"]) == 1
    assert capsys.readouterr().out.endswith("all refuted.\n")


def test_an_interruption_is_one_line_and_no_file(capsys, monkeypatch, tmp_path):
    """Exit code 130, as shells have it."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["linae.certify"], "certify", interrupted)
    assert main(["--json", str(tmp_path / "report.json")]) == 130
    assert capsys.readouterr() == ("", "linae: Interrupted.\n")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written_is_bad_input(capsys, monkeypatch, tmp_path):
    """A disk that fills up, for one."""

    def full(self, *_, **__):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_text", full)
    assert main(["--no-descent", "--json", str(tmp_path / "report.json")]) == 2
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["-m", "linae"], [str(SCRIPT)]])
def test_the_module_and_the_script_are_the_command(command, monkeypatch):
    """Both print the table, and a help with an example."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    table, shown = (
        subprocess.run([sys.executable, *command, *options], capture_output=True, text=True)
        for options in ([], ["--help"])
    )
    assert table.stdout.endswith("all certified.\n")
    assert "--spectrum 5 3 1" in shown.stdout
    assert (table.returncode, table.stderr) == (shown.returncode, shown.stderr) == (0, "")


def test_asking_for_the_version_loads_nothing_heavy():
    """Neither rich nor SymPy."""
    program = (
        "import sys, linae.cli\n"
        "try: linae.cli.main(['--version'])\n"
        "except SystemExit: print(*sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.startswith("linae 0.")
    assert not {"rich", "sympy", "matplotlib"} & set(run.stdout.split())


def test_a_closed_pipe_is_not_an_error():
    """`linae | head -1`."""
    run = subprocess.Popen(
        [sys.executable, "-m", "linae"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    run.stdout.close()
    assert run.stderr.read() == b""
    run.stderr.close()
    assert run.wait() == 0


INTERRUPTED = """
import os, signal, sys, threading, time
from linae.cli import main

def interrupt():
    while "linae.report" not in sys.modules:  # as soon as certification begins
        time.sleep(0.01)
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGINT)

threading.Thread(target=interrupt, daemon=True).start()
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_control_c_stops_a_long_run(tmp_path):
    """While it certifies; no file is left, and one line on stderr."""
    options = ["--spectrum", *map(str, range(40, 24, -1)), "--width", "4"]
    path = tmp_path / "report.json"
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *options, "--json", path], capture_output=True
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, b"", b"linae: Interrupted.\n")
    assert not list(tmp_path.iterdir())
