"""python -m proofs: every theorem with its evidence, one in full, every claim of the post.

Exit codes: 0 all that was asked for stands, 1 something does not, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import argparse
import inspect
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from proofs import _book, _ledger
from proofs._book import Standing

FEW, MANY = 10, 100
"""Cases of each theorem in the list, and of one in full."""

EXAMPLES = """\
examples:
  python -m proofs                          every theorem, on a few cases each
  python -m proofs inertia                  its statement, its proof, its counterexamples
  python -m proofs inertia --cases 2000     on as many cases as patience allows
  python -m proofs --post                   every claim of the post, with its verdict
  python -m proofs --post --markdown FILE   the same as a table that the post can include
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(f"Need arguments as --help lists them. Got {message}.")


def _parser() -> argparse.ArgumentParser:
    p = _Parser(
        prog="python -m proofs",
        description="Ask the theorems of the book to stand up.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    p.add_argument("name", nargs="?", help="a theorem (default: all)")
    p.add_argument("--cases", type=int, metavar="N", help=f"default: {FEW} each, {MANY} of one")
    p.add_argument("--post", action="store_true", help="the ledger of the post")
    p.add_argument("--markdown", metavar="FILE", help="write the ledger to FILE; - for the screen")
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    shelf = _book.theorems()
    named = {_book.name(theorem): theorem for theorem in shelf}
    try:
        given = _parser().parse_args(argv)
        if not __debug__:
            raise ValueError("Need assertions. Got Python with the option -O.")
        if given.cases is not None and given.cases < 1:
            raise ValueError(f"Need 1 <= cases. Got {given.cases}.")
        if given.name is not None and given.name not in named:
            close = get_close_matches(given.name, named, 1)
            ask = f"; did you mean {close[0]}?" if close else "."
            raise ValueError(f"Need a theorem that python -m proofs lists. Got {given.name}{ask}")
        if given.markdown is not None and not given.post:
            raise ValueError("Need --post with --markdown. Got --markdown alone.")
        if given.post:
            if given.name is not None:
                raise ValueError(f"Need no theorem with --post. Got {given.name}.")
            return _post(given.markdown)
        if given.name is None:
            return _all(shelf, given.cases or FEW)
        return _one(named[given.name], given.cases or MANY)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _all(shelf: list[ModuleType], cases: int) -> int:
    """Print the list."""
    found: list[Standing] = []
    with Console(stderr=True).status("the book") as status:
        for theorem, standing in zip(shelf, _book.standings(shelf, lambda _: cases), strict=True):
            status.update(_book.name(theorem))
            found.append(standing)
    table = Table(box=SIMPLE_HEAD, leading=1, pad_edge=False)
    table.add_column("theorem", ratio=1)
    table.add_column("evidence", max_width=23)
    table.add_column("cases", justify="right")
    for standing in found:
        table.add_row(*_row(standing))
    console = Console(highlight=False)
    console.print(table)
    fallen = [standing for standing in found if standing.failure]
    for standing in fallen:
        console.print(f"[bold]{_book.name(standing.theorem)}[/]: {escape(standing.failure)}\n")
    console.print(f"{len(found) - len(fallen)} of {len(found)} theorems stand.")
    return 1 if fallen else 0


def _post(file: str | None) -> int:
    """Print the ledger of the post, or write it as Markdown; each claim's instance is run."""
    entries = _ledger.claims()
    failures = [f"{c.number}: {why}" for c in entries if (why := _ledger.examined(c))]
    console = Console(highlight=False)
    if file == "-":
        sys.stdout.write(_ledger.markdown(entries))
    elif file is not None:
        _written(Path(file), _ledger.markdown(entries))
    else:
        for claim in entries:
            console.print(f"[bold]{claim.number}[/]  “{escape(claim.words)}”")
            lines = (f"[bold]{_ledger.decision(claim)}[/]", escape(claim.answer))
            console.print(Padding("\n".join(lines), (0, 0, 0, 5)))
            console.print(Padding(f"[dim]proofs/{claim.theorem}.py[/]", (0, 0, 1, 5)))
    for failure in failures:
        Console(stderr=True, highlight=False).print(escape(failure))
    summary = f"{len(entries) - len(failures)} of {len(entries)} claims stand as decided."
    Console(stderr=file is not None, highlight=False).print(summary)
    return 1 if failures else 0


def _written(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise ValueError(f"Need a file to write. Got {path}: {error.strerror}.") from None


def _row(standing: Standing) -> tuple[str, str, str]:
    theorem = standing.theorem
    uses = ", ".join(_book.name(used) for used in getattr(theorem, "uses", []))
    lines = [f"[bold]{_book.name(theorem)}[/]", escape(_book.statement(theorem))]
    lines += [f"[dim]uses {uses}[/]"] if uses else []
    return "\n".join(lines), _evidence(standing), str(standing.cases)


def _evidence(standing: Standing) -> str:
    """The word, the scope of the proof, and what lowers it."""
    if standing.failure:
        return "[bold red]does not stand[/]"
    scope, through = _book.scope(standing.theorem), standing.through
    lines = [str(standing.evidence), scope, f"but for {through}" if through else ""]
    return "\n".join(line for line in lines if line)


def _one(theorem: ModuleType, cases: int) -> int:
    """Print a theorem in full, and run it."""
    console = Console(highlight=False)
    console.print(f"[bold]{_book.name(theorem)}[/]\n\n{_paragraphs(theorem)}\n")
    below = _book.in_order([theorem])
    with Console(stderr=True).status(_book.name(theorem)):
        *_, standing = _book.standings(below, lambda t: cases if t is theorem else FEW)
    if hasattr(theorem, "proof"):
        console.print(f"[bold]Proof[/], {_book.scope(theorem)}\n")
        console.print(_paragraphs(theorem.proof))
        text = None if standing.failure else theorem.proof()
        if text is not None:
            console.print(f"\n{escape(str(text))}", soft_wrap=True)
        console.print()
    for hypothesis, fails in [] if standing.failure else _book.countered(theorem):
        word = "fails" if fails else "HOLDS"
        console.print(f"without “{escape(hypothesis)}”: the conclusion {word}")
    count = f"{standing.cases} case{'s' * (standing.cases != 1)}"
    console.print(f"{count}; {' / '.join(_evidence(standing).splitlines())}")
    console.print(escape(standing.failure))
    return 1 if standing.failure else 0


def _paragraphs(documented: object) -> str:
    """A docstring with its paragraphs on one line each, but for displayed formulas."""
    parts = (inspect.getdoc(documented) or "").split("\n\n")
    flat = (part if part.startswith(" ") else " ".join(part.splitlines()) for part in parts)
    return escape("\n\n".join(flat))


if __name__ == "__main__":
    sys.exit(main())
