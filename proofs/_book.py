"""The table of contents: which modules are theorems, and with what evidence each stands.

    theorems()               the modules, each after those that it uses
    examine(theorem, 20)     runs its cases, its counterexamples and its proof
    standings(theorems(), …) examines all; no evidence is better than what it rests on

A theorem has no base class and is registered nowhere: every module of this package without a
leading underscore is one.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import IntEnum
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import given, settings

import proofs


class Evidence(IntEnum):
    """The ladder, lowest word first."""

    CITED = 0
    FLOATING = 1
    EXACT_CASES = 2
    SYMBOLIC_AT_SIZES = 3
    SYMBOLIC_IN_ALL_SIZES = 4

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True)
class Standing:
    """How a theorem stands.

    Attributes
    ----------
    evidence : Evidence
        Its own at first; `standings` lowers it to that of the weakest theorem below it.
    cases : int
        Number of cases on which the conclusion was run.
    failure : str
        Why it does not stand; empty if it does.
    through : str
        The theorem that lowers the evidence; empty if none does.
    """

    theorem: ModuleType
    evidence: Evidence
    cases: int
    failure: str = ""
    through: str = ""


def name(theorem: ModuleType) -> str:
    return theorem.__name__.rpartition(".")[2]


def statement(theorem: ModuleType) -> str:
    """The first line of the docstring."""
    return (theorem.__doc__ or "").partition("\n")[0]


def scope(theorem: ModuleType) -> str:
    """The sizes of the proof, "all sizes" without any, "" without a proof."""
    if not hasattr(theorem, "proof"):
        return ""
    sizes = inspect.signature(theorem.proof).parameters.values()
    return ", ".join(f"{size.name} = {size.default}" for size in sizes) or "all sizes"


def theorems() -> list[ModuleType]:
    """Every theorem, after those that it uses; otherwise by name."""
    names = sorted(info.name for info in pkgutil.iter_modules(proofs.__path__))
    modules = [importlib.import_module(f"proofs.{n}") for n in names if not n.startswith("_")]
    return in_order(modules)


def in_order(modules: Iterable[ModuleType]) -> list[ModuleType]:
    """These theorems and all that they use, each after those that it uses."""
    found: dict[str, ModuleType] = {}
    for theorem in modules:
        _visit(theorem, found)
    return list(found.values())


def _visit(theorem: ModuleType, found: dict[str, ModuleType]) -> None:
    if theorem.__name__ not in found:
        for used in getattr(theorem, "uses", []):
            _visit(used, found)
        found[theorem.__name__] = theorem


def numbers(case: Any) -> Iterator[Any]:
    """All that a case is made of, down to its numbers."""
    if isinstance(case, np.ndarray):
        yield from case.ravel()[:1] if case.dtype != object else case.flat
    elif is_dataclass(case):
        yield from (x for f in fields(case) for x in numbers(getattr(case, f.name)))
    elif isinstance(case, Mapping):
        yield from numbers(list(case.values()))
    elif isinstance(case, Iterable) and not isinstance(case, (str, bytes)):
        yield from (x for part in case for x in numbers(part))
    else:
        yield case


def is_floating(case: Any) -> bool:
    """Whether some number in a case was rounded."""
    return any(isinstance(x, (float, complex, np.inexact)) for x in numbers(case))


def run_cases(theorem: ModuleType, count: int) -> tuple[int, bool]:
    """Assert the conclusion on so many cases: how many were run, and whether all were exact."""
    seen: list[bool] = []

    @settings(max_examples=count, derandomize=True, database=None, deadline=None)
    @given(theorem.hypotheses())
    def hold(case: Any) -> None:
        theorem.conclusion(case)
        seen.append(is_floating(case))

    hold()
    return len(seen), not any(seen)


def countered(theorem: ModuleType) -> Iterator[tuple[str, bool]]:
    """Each hypothesis, and whether the conclusion fails at the case without it."""
    for hypothesis, case in getattr(theorem, "counterexamples", {}).items():
        try:
            theorem.conclusion(case)
        except AssertionError:
            yield hypothesis, True
        else:
            yield hypothesis, False


def examine(theorem: ModuleType, cases: int) -> Standing:
    """What the theorem has of its own: a proof, exact cases, floating cases, or a citation."""
    evidence, count = Evidence.CITED, 0
    try:
        if hasattr(theorem, "conclusion"):
            count, exact = run_cases(theorem, cases)
            evidence = Evidence.EXACT_CASES if exact else Evidence.FLOATING
        idle = [hypothesis for hypothesis, fails in countered(theorem) if not fails]
        assert not idle, f"the conclusion holds without {idle}"
        if hasattr(theorem, "proof"):
            theorem.proof()
            everywhere = not inspect.signature(theorem.proof).parameters
            evidence = Evidence(Evidence.SYMBOLIC_AT_SIZES + everywhere)
    except Exception as failure:  # a theorem that raises does not stand
        notes = "\n".join(getattr(failure, "__notes__", []))
        reason = f"{type(failure).__name__}: {failure}\n{notes}".strip()
        return Standing(theorem, Evidence.CITED, count, reason)
    return Standing(theorem, evidence, count)


def standings(
    shelf: Iterable[ModuleType], cases: Callable[[ModuleType], int]
) -> Iterator[Standing]:
    """Every theorem examined on so many cases; the shelf has each after those that it uses."""
    known: dict[str, Standing] = {}
    for theorem in shelf:
        own = examine(theorem, cases(theorem))
        below = [known[used.__name__] for used in getattr(theorem, "uses", [])]
        weakest = min(below, key=lambda standing: standing.evidence, default=own)
        if weakest.evidence < own.evidence:
            through = weakest.through or name(weakest.theorem)
            own = replace(own, evidence=weakest.evidence, through=through)
        known[theorem.__name__] = own
        yield own
