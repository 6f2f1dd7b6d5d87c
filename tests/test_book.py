"""The table of contents of the book: evidence, its ladder, and the command."""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import strategies as st

from linae.exact import rationals
from proofs import _book, schubert_cells
from proofs.__main__ import main
from proofs._book import Evidence


def theorem(name, **members):
    """A module with a statement and these members."""
    module = ModuleType(f"proofs.{name}", "Nothing is claimed.")
    for member, value in {"uses": [], **members}.items():
        setattr(module, member, value)
    return module


def holds(case):
    pass


def stand(*shelf):
    """The evidence of each."""
    return [standing.evidence for standing in _book.standings(shelf, lambda _: 3)]


def test_evidence_is_what_a_module_has():
    """No member, floating cases, exact cases, a proof with sizes, a proof without."""
    exact, rounded = st.just(rationals([1])), st.just({"x": (1, np.ones(2))})
    shelf = [
        theorem("a"),
        theorem("b", hypotheses=lambda: rounded, conclusion=holds),
        theorem("c", hypotheses=lambda: exact, conclusion=holds),
        theorem("d", hypotheses=lambda: exact, conclusion=holds, proof=lambda n=2: None),
        theorem("e", proof=lambda: None),
    ]
    assert stand(*shelf) == list(Evidence)
    assert str(Evidence.SYMBOLIC_AT_SIZES) == "symbolic at sizes"


def test_what_rests_on_a_citation_does_not_look_proved():
    """However long the way down to it, and it is named."""
    cited = theorem("cited")
    proved = theorem("proved", uses=[cited], proof=lambda: None)
    above = theorem("above", uses=[proved], proof=lambda: None)
    assert stand(cited, proved, above) == [Evidence.CITED] * 3
    assert [s.through for s in _book.standings([cited, proved, above], lambda _: 1)] == [
        "",
        "cited",
        "cited",
    ]


def test_a_theorem_falls_by_a_case_a_proof_or_an_idle_hypothesis():
    """Each failure says why."""

    def refuted(*_):
        raise AssertionError("1 is not 2")

    by_case = theorem("a", hypotheses=lambda: st.integers(), conclusion=refuted)
    by_proof = theorem("b", proof=lambda: refuted())
    idle = theorem("c", conclusion=holds, hypotheses=st.integers, counterexamples={"p < n": 1})
    for fallen, why in ((by_case, "case=0"), (by_proof, "1 is not 2"), (idle, "p < n")):
        assert why in _book.examine(fallen, 3).failure


def test_theorems_come_after_those_that_they_use():
    """Whatever their names."""
    shelf = _book.theorems()
    assert all(shelf.index(used) < shelf.index(t) for t in shelf for used in t.uses)
    assert not any(_book.name(t).startswith("_") for t in shelf)


def test_the_command_prints_a_theorem_in_full(capsys):
    """Statement, proof, counterexample, evidence and its limit, in 80 columns."""
    assert main(["schubert_cells", "--cases", "4"]) == 0
    text = capsys.readouterr().out
    for part in (_book.statement(schubert_cells)[:60], "Proof, all sizes", "“no ties”", "4 cases"):
        assert part in text
    assert "symbolic at sizes / all sizes / but for inertia" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_command_lists_all_theorems(capsys):
    """One row each; exit code 0."""
    assert main(["--cases", "1"]) == 0
    text = capsys.readouterr().out
    assert all(f" {_book.name(t)} " in text for t in _book.theorems())


@pytest.mark.parametrize(
    "wrong", [["nothing"], ["--cases", "0"], ["--cases", "few"], ["--markdown", "-"]]
)
def test_bad_input_is_named_in_one_line(wrong, capsys):
    """Exit code 2, the requirement and what was received."""
    assert main(wrong) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("Need ")
    assert err.count("\n") == 1
