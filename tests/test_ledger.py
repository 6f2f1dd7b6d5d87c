"""The ledger of the post: every claim is decided, by a theorem, and its instance stands."""

import re

import pytest

from proofs import _book, _ledger
from proofs.__main__ import main

CLAIMS = _ledger.claims()
THEOREMS = {_book.name(theorem): theorem for theorem in _book.theorems()}


def test_no_claim_is_missing_or_twice():
    """E1 to E22 and F1 to F22, each once."""
    assert len(CLAIMS) == 44
    assert {claim.number for claim in CLAIMS} == {f"{x}{k}" for x in "EF" for k in range(1, 23)}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.number)
def test_a_claim_is_decided(claim):
    """One of four verdicts, with a condition exactly if one is promised, and an answer."""
    assert claim.verdict in _ledger.VERDICTS
    assert bool(claim.condition) == (claim.verdict == "holds when")
    assert claim.answer.endswith(".")


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.number)
def test_a_claim_is_decided_by_a_theorem_that_names_it(claim):
    """`by:` leads to a module whose paragraph on the post has the number."""
    _, _, post = THEOREMS[claim.theorem].__doc__.rpartition("\nPost")
    assert re.search(rf"\b{claim.number}\b", post)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.number)
def test_the_instance_of_a_claim_stands(claim):
    """Its smallest counterexample, or the fixed formula, exactly."""
    claim.check()


def test_a_theorem_names_only_claims_that_there_are():
    """No number outside the ledger."""
    numbers = {claim.number for claim in CLAIMS}
    for theorem in THEOREMS.values():
        assert set(re.findall(r"\b[EF]\d+\b", theorem.__doc__)) <= numbers


def test_a_wrong_answer_is_seen():
    """A claim whose instance fails says why."""

    def check():
        raise AssertionError("1 is not 2")

    assert "1 is not 2" in _ledger.examined(CLAIMS[0]._replace(check=check))
    assert not _ledger.examined(CLAIMS[0])


def test_the_ledger_is_printed_in_the_order_of_the_post(capsys):
    """Screen and Markdown have a place for each claim; exit code 0."""
    assert main(["--post"]) == 0
    screen = capsys.readouterr().out
    assert [line.split()[0] for line in screen.splitlines() if re.match(r"[EF]\d+ ", line)] == [
        claim.number for claim in CLAIMS
    ]
    assert max(map(len, screen.splitlines())) <= 80
    assert main(["--post", "--markdown", "-"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0] for row in rows[2:]] == [f"| {c.number}" for c in CLAIMS]


def test_the_markdown_is_written_whole(tmp_path, capsys):
    """To a file; a directory that is not there is bad input."""
    assert main(["--post", "--markdown", str(tmp_path / "ledger.md")]) == 0
    assert (tmp_path / "ledger.md").read_text(encoding="utf-8") == _ledger.markdown(CLAIMS)
    assert main(["--post", "--markdown", str(tmp_path / "no" / "ledger.md")]) == 2
    assert "Need a file to write" in capsys.readouterr().err
