"""The book: every theorem is asked to stand up, and every reference to one must lead there."""

import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings

import linae
from linae.options import known_landscapes
from proofs import _book

THEOREMS = _book.theorems()
CHECKED = [theorem for theorem in THEOREMS if hasattr(theorem, "conclusion")]
PROVED = [theorem for theorem in THEOREMS if hasattr(theorem, "proof")]
COUNTERED = [
    pytest.param(theorem, hypothesis, id=f"{_book.name(theorem)}: {hypothesis}")
    for theorem in THEOREMS
    for hypothesis in getattr(theorem, "counterexamples", {})
]
MORE = dict.fromkeys(["inertia", "supervision", "regularisers"], 4)
MORE |= dict.fromkeys(known_landscapes(), 6)
"""How many times as many cases: 200 exact ones at least for each landscape, beside the starts of
root searches, and thousands if deep."""
NAMED = sorted(
    (path.relative_to(source).as_posix(), name)
    for source in [Path(linae.__file__).parent]
    for path in source.rglob("*.py")
    for name in set(re.findall(r"proofs/(\w+)\.py", path.read_text(encoding="utf-8")))
)


@pytest.mark.parametrize("theorem", THEOREMS, ids=_book.name)
def test_a_theorem_begins_with_its_statement(theorem):
    """A sentence of one line; then hypotheses, references and the claim of the post, in order."""
    first, blank, *rest = theorem.__doc__.splitlines()
    assert first[0].isupper()
    assert first.endswith(".")
    assert blank == ""
    found = re.findall(r"^(Hypotheses|References|Post)\b", "\n".join(rest), re.MULTILINE)
    assert found == ["Hypotheses", "References", "Post"]


@pytest.mark.parametrize("theorem", THEOREMS, ids=_book.name)
def test_the_members_of_a_theorem_have_their_form(theorem):
    """`uses` modules, `conclusion` of one case, `proof` of sizes with defaults, a mapping."""
    assert all(isinstance(used, ModuleType) and used in THEOREMS for used in theorem.uses)
    assert isinstance(getattr(theorem, "counterexamples", {}), Mapping)
    assert hasattr(theorem, "hypotheses") == hasattr(theorem, "conclusion")
    if theorem in CHECKED:
        assert len(inspect.signature(theorem.conclusion).parameters) == 1
        assert not inspect.signature(theorem.hypotheses).parameters
    if theorem in PROVED:
        sizes = inspect.signature(theorem.proof).parameters.values()
        assert all(type(size.default) is int for size in sizes)
        assert theorem.proof.__doc__


@pytest.mark.parametrize("theorem", CHECKED, ids=_book.name)
def test_the_hypotheses_imply_the_conclusion(theorem):
    """On every case that is drawn."""
    count = settings().max_examples * MORE.get(_book.name(theorem), 1)

    @settings(max_examples=count)
    @given(theorem.hypotheses())
    def holds(case):
        theorem.conclusion(case)

    holds()


@pytest.mark.parametrize(("theorem", "hypothesis"), COUNTERED)
def test_the_conclusion_fails_without_the_hypothesis(theorem, hypothesis):
    """At the case that the theorem itself gives."""
    with pytest.raises(AssertionError):
        theorem.conclusion(theorem.counterexamples[hypothesis])


@pytest.mark.parametrize("theorem", PROVED, ids=_book.name)
def test_the_proof_runs(theorem):
    """In symbols, at the sizes of its signature."""
    theorem.proof()


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_theorem_named_in_the_package_exists(path, name):
    """`Theorem: proofs/<name>.py` in a docstring leads to a module of the book."""
    assert name in map(_book.name, THEOREMS), f"{path} names proofs/{name}.py"
