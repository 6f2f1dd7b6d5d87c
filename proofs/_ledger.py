"""The ledger of the post: every claim with its verdict, the theorem that decides it, the answer.

    claims()              in the post's order
    examined(claim)       why its smallest instance does not stand; "" if it does
    markdown(claims())    a table that the post can include

A claim is a function of `_claims*.py` whose name is a letter and a number, and whose docstring has
the words of the post, a verdict, `by: theorem`, and the answer.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import NamedTuple

from proofs import _claims, _claims_pathologies, _claims_variants

VERDICTS = ("holds", "holds when", "false", "answered")


class Claim(NamedTuple):
    """One claim or question of the post.

    `verdict` is one of the words above; `condition` what follows "holds when".
    """

    number: str
    words: str
    verdict: str
    condition: str
    theorem: str
    answer: str
    check: Callable[[], None]


def claims(*rooms: ModuleType) -> list[Claim]:
    """All claims of these modules (default: of the whole post), in their order."""
    found = []
    for room in rooms or (_claims, _claims_variants, _claims_pathologies):
        for name, member in vars(room).items():
            if re.fullmatch(r"[ef]\d+", name):
                found.append(_read(name.upper(), member))
    return found


def _read(number: str, check: Callable[[], None]) -> Claim:
    words, _, body = (inspect.getdoc(check) or "").partition("\n\n")
    first, second, *rest = body.splitlines()
    verdict, _, condition = first.partition(":")
    theorem, answer = second.removeprefix("by: "), " ".join(rest)
    return Claim(
        number, " ".join(words.split()), verdict, condition.strip(), theorem, answer, check
    )


def examined(claim: Claim) -> str:
    """Why the instance of the answer does not stand; nothing if it does."""
    try:
        claim.check()
    except Exception as failure:  # a claim that raises does not stand
        return f"{type(failure).__name__}: {failure}"
    return ""


def decision(claim: Claim) -> str:
    """The verdict with its condition."""
    return f"{claim.verdict} {claim.condition}".strip()


def markdown(entries: Iterable[Claim]) -> str:
    """A table in Markdown, with a row for each claim."""
    rows = ["| | The post | Verdict | Why | Theorem |", "|--|--|--|--|--|"]
    for claim in entries:
        cells = (claim.number, claim.words, decision(claim), claim.answer, f"`{claim.theorem}`")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"
