"""Reports: what the table says, how it is laid out, and that its other forms say the same."""

import csv
import io
import json
import os
import re
from dataclasses import replace

import numpy as np
import pytest

from linae import CriticalClass, DeepLinear, Moments, SquaredLoss, certify
from linae.departures import departures
from linae.display import Column, as_markdown, as_text, columns, fitting, footnotes
from linae.problem import given_data, given_spectrum
from linae.report import Report, Row, as_csv, as_json, write
from linae.sentences import amount, closing, descent, heading, numbers, runs
from linae.verdict import Verdict


def report_of(problem, width, best=None, descent=True):
    landscape = SquaredLoss(problem.moments, width)
    classes = list(landscape.critical_classes(best))
    rows = [Row(c, certify(landscape, *c.weights())) for c in classes]
    return Report(
        problem.data, landscape, rows, departures(landscape, classes) if descent else None
    )


@pytest.fixture(scope="module")
def iris_report():
    return report_of(given_data(), 2)


def judged(report, **changes):
    """The report with its second certificate changed."""
    first, second, *rest = report.rows
    changed = replace(second, certificate=replace(second.certificate, **changes))
    return replace(report, rows=[first, changed, *rest])


def test_the_table_counts_components_from_one(iris_report):
    """The classes of iris in order of their loss."""
    names = ["1 2", "1 3", "1 4", "1", "2 3", "2 4", "2", "3 4", "3", "4", "none"]
    assert columns(iris_report)[0].cells == names


def test_the_heading_names_the_data_and_the_gap_that_decides_the_rank(iris_report):
    """λ₄ against the resolution of the arithmetic."""
    first, second = heading(iris_report)
    assert first == "iris: 150 × 4, centered, width 2"
    assert second.startswith("rank 4 of 4 (λ4 = 0.024, resolution ")
    assert second.endswith("; 11 classes")


def test_the_closing_sentence_counts_kinds_and_verdicts(iris_report):
    """All certified; then one of them undecided; then one refuted."""
    counts = "11 classes: 1 global minimum, 10 strict saddles; "
    assert closing(iris_report) == counts + "all certified."
    undecided = judged(iris_report, verdict=Verdict.UNDECIDED, reasons=("too close to call",))
    assert closing(undecided) == counts + "10 certified, 1 undecided (predicted, not confirmed)."
    refuted = judged(iris_report, verdict=Verdict.REFUTED, reasons=("no",))
    assert closing(refuted) == counts + "10 certified, 1 refuted."
    assert refuted.is_refuted
    assert not undecided.is_refuted


def test_a_class_with_ties_is_one_line_with_its_multiplicity():
    """λ = 3, 3, 1: either of the first two, twice."""
    report = report_of(given_spectrum(["3", "3", "1"]), 2)
    assert columns(report)[0].cells == ["1 2", "1 3  ×2", "1    ×2", "3", "none"]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_longer_than_the_terminal_is_wide(iris_report, width, monkeypatch):
    """And every class still has its line, which ends with the verdict."""
    monkeypatch.setenv("COLUMNS", str(width))
    lines = as_text(iris_report).splitlines()
    assert max(map(len, lines)) <= width
    assert sum(line.endswith("= float64") for line in lines) == 11


def test_columns_give_way_in_order():
    """A long list of eigenvalues is cut, then left out; then other columns; verdicts stay."""
    shown = [
        Column("PCs", ["1 2"]),
        Column("eigenvalues", ["1" * 40], short=["1" * 20]),
        Column("explained", ["97.8 %"]),
        Column("nullity", ["4"]),
        Column("check", ["= exact"]),
    ]

    def titles(width):
        return [column.title for column in fitting(shown, width)]

    assert fitting(shown, 80) == shown
    assert fitting(shown, 60)[1].cells == ["1" * 20]
    assert titles(40) == ["PCs", "explained", "nullity", "check"]
    assert titles(25) == ["PCs", "nullity", "check"]
    assert titles(10) == ["PCs", "check"]


def test_wide_reports_stay_readable(monkeypatch):
    """Thirty of 61 components, on 80 columns: ranges of components, no broken lines."""
    monkeypatch.setenv("COLUMNS", "80")
    problem = given_spectrum([str(k) for k in range(61, 0, -1)])
    text = as_text(report_of(problem._replace(moments=problem.moments.floating()), 30, 3, False))
    assert max(map(len, text.splitlines())) <= 80
    assert "\n1–29 31 " in text


def test_descent_that_is_still_on_its_way_is_told_so(iris_report):
    """From some saddles, and from all of them."""
    best, *others = iris_report.departures.outcomes
    late = [outcome._replace(end=0.2, pauses=(), place="step budget") for outcome in others]
    above = "still above it, at loss 0.200"
    for outcomes, told in (
        ([best, *late], f"; from all 10 saddles it is after 850 steps {above}"),
        ([best, others[0], *late[1:]], f"; from the others it is then {above}"),
    ):
        run = iris_report.departures._replace(outcomes=tuple(outcomes))
        assert told in descent(replace(iris_report, departures=run))


def test_a_narrow_report_still_tells_minima_from_flat_saddles(monkeypatch):
    """Of a deep network both have index 0."""
    monkeypatch.setenv("COLUMNS", "40")
    landscape = DeepLinear(given_spectrum(["3", "1"]).moments, [2, 2])
    rows = [Row(c, certify(landscape, *c.weights())) for c in landscape.critical_classes()]
    text = as_text(Report(given_spectrum(["3", "1"]).data, landscape, rows))
    assert max(map(len, text.splitlines())) <= 40
    shown = [re.search(r"(minimum|flat saddle|saddle) +=", line) for line in text.splitlines()]
    kinds = [match[1] for match in shown if match]
    assert kinds == ["minimum", "flat saddle", "saddle", "flat saddle"]


def test_only_the_list_of_components_is_ever_cut(monkeypatch):
    """Every other one of 30, on 40 columns."""
    monkeypatch.setenv("COLUMNS", "40")
    moments = Moments.auto(np.diag(np.arange(30.0, 0, -1)))
    landscape = SquaredLoss(moments, 15)
    critical = CriticalClass(landscape, tuple(range(0, 30, 2)))
    rows = [Row(critical, certify(landscape, *critical.weights()))]
    lines = as_text(Report(given_spectrum(["1"]).data, landscape, rows)).splitlines()
    (line,) = (line for line in lines if line.startswith("1 3 5"))
    assert "…" in line
    assert line.endswith("= float64")
    assert len(line) <= 40


def test_a_reason_is_given_once_below_the_table(iris_report):
    """Reasons that differ in numbers only share a footnote."""
    rows = [
        replace(row, certificate=replace(row.certificate, verdict=Verdict.UNDECIDED, reasons=why))
        for row, why in zip(
            iris_report.rows, [("gap 1e-3",), ("gap 2e-4", "a tie"), ("a tie",)], strict=False
        )
    ]
    notes = footnotes(rows)
    assert list(notes.values()) == [("¹", "gap 1e-3 (and 1 alike)"), ("²", "a tie")]
    cells = columns(replace(iris_report, rows=rows))[-1].cells
    assert cells == ["undecided ¹", "undecided ¹ ²", "undecided ²"]


def test_a_refuted_class_shows_what_was_found_instead(iris_report):
    """≠ and the inertia."""
    certificate = iris_report.rows[4].certificate
    wrong = judged(iris_report, verdict=Verdict.REFUTED, reasons=("no",), found=certificate.found)
    assert columns(wrong)[-1].cells[1] == f"≠ {certificate.found} ¹"


def test_a_certificate_of_another_class_refutes(iris_report):
    """A row whose weights turn out to lie in another class is wrong, however certain."""
    stranger = iris_report.rows[2].certificate
    row = replace(iris_report.rows[1], certificate=stranger)
    assert row.verdict is Verdict.REFUTED
    assert "PCs 1 4" in row.reasons[0]


def test_json_is_complete_and_valid(iris_report):
    """Every promised key, numbers that are numbers, components from one."""
    text = as_json(iris_report)
    found = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert {"data", "width", "spectrum", "classes", "decisions", "version"} <= found.keys()
    assert found["spectrum"] == pytest.approx([4.20005343, 0.24105294, 0.0776881, 0.02367619])
    first, last = found["classes"][0], found["classes"][-1]
    assert first["components"] == [1, 2]
    assert first["inertia"] == {"negative": 0, "zero": 4, "positive": 12, "undecided": 0}
    assert first["escape"] is None
    assert last["components"] == []
    assert last["escape"]["enters"] == 1
    assert last["escape"]["curvature"] < 0
    assert last["descent"]["place"] == "global minimum"
    for line in found["classes"]:
        signs = np.sign(np.round(line["hessian_eigenvalues"], 9))
        assert (signs < 0).sum() == line["index"] == line["found"]["negative"]
        assert (signs == 0).sum() == line["nullity"]
        assert line["loss"] == pytest.approx(4.54247067 * (1 - line["explained"]))


def test_json_has_rational_losses_where_they_are():
    """And null where there is nothing to explain or no closed form."""
    exact = json.loads(as_json(report_of(given_spectrum(["1/3", "1/7"]), 1, descent=False)))
    assert [line["exact_loss"] for line in exact["classes"]] == ["1/7", "1/3", "10/21"]
    assert exact["descent"] is None
    empty = json.loads(as_json(report_of(given_spectrum(["0"]), 1)))
    assert empty["classes"][0]["explained"] is None
    Sxx = np.diag([1.0, 2.0])
    moments = Moments(Sxx, Sxx[:1], Sxx[:1, :1])
    problem = given_spectrum(["1"])._replace(moments=moments)
    assert json.loads(as_json(report_of(problem, 1)))["classes"][0]["hessian_eigenvalues"] is None


def test_csv_and_json_say_the_same(iris_report):
    """Cell by cell."""
    rows = list(csv.DictReader(io.StringIO(as_csv(iris_report))))
    for line, row in zip(json.loads(as_json(iris_report))["classes"], rows, strict=True):
        assert [int(word) for word in row["components"].split()] == line["components"]
        assert [float(word) for word in row["eigenvalues"].split()] == line["eigenvalues"]
        assert float(row["loss"]) == line["loss"]
        assert int(row["index"]) == line["index"] == int(row["found_negative"])
        assert row["verdict"] == line["verdict"]
        assert [float(x) for x in row["descent_pauses"].split()] == line["descent"]["pauses"]


def test_markdown_and_text_say_the_same(iris_report):
    """Its table has the cells of the columns."""
    lines = as_markdown(iris_report).splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]
    shown = columns(iris_report)
    assert cells[0] == [column.title for column in shown]
    assert set("".join(cells[1])) == {":", "-"}
    assert cells[2:] == [
        [cell.strip() for cell in row]
        for row in zip(*(column.cells for column in shown), strict=True)
    ]
    assert lines[-1] == closing(iris_report)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    """An interruption leaves the old file as it was, and nothing beside it."""
    path = tmp_path / "report.json"
    write(path, "old")

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(path), "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    write(path, "new")
    assert path.read_text() == "new"


def test_a_link_and_a_device_keep_being_what_they_are(tmp_path):
    """Through a link its file is written; a device is written to, not replaced."""
    path, link = tmp_path / "report.json", tmp_path / "link"
    path.write_text("old")
    link.symlink_to(path)
    write(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    write(os.devnull, "new")
    assert not os.path.isfile(os.devnull)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.101, 4.5425], ["0.101", "4.543"]),
        ([1.0, 2.0, 30.0], ["1", "2", "30"]),
        ([0.5, 0.0], ["0.500", "0.000"]),
        ([1e-20, 1.5], ["0.00", "1.50"]),
        ([4.4e5, 7e-7], ["4.40e+05", "7.00e-07"]),
        ([0.0, 0.0], ["0", "0"]),
        ([], []),
    ],
)
def test_numbers_line_up(values, words):
    """By the smallest that is not rounding; in scientific notation where that gets long."""
    assert numbers(values, 3) == words


def test_components_in_a_row_are_a_range():
    """Three or more; a unit that is off is a dash."""
    assert runs(["1", "2"]) == "1 2"
    assert runs(["1", "2", "3", "5", "7", "8", "9", "10"]) == "1–3 5 7–10"
    assert runs(["–", "2", "3", "4", "·", "|", "5"]) == "– 2–4 · | 5"
    assert runs([]) == "none"


def test_huge_counts_are_rounded():
    """Below a million million they are not."""
    assert amount(53_009_102) == "53,009,102"
    assert amount(10**400) == "1.00e+400"
