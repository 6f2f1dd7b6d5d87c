"""The command that draws: pictures of a landscape, written as SVG, PNG and CSV with an index.

    gallery(["ladder", "--input", "flowers.csv", "--width", "3"])

Exit codes: 0 drawn, 2 bad input or nothing of what was asked for, 130 interrupted. What the data
do not allow is skipped, with the reason on stderr.
"""

from __future__ import annotations

import argparse
import html
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from linae.options import (
    Parser,
    add_data,
    add_landscape,
    check_landscape,
    chosen_landscape,
    chosen_problem,
    described_landscapes,
)
from linae.progress import Progress
from linae.sentences import described

if TYPE_CHECKING:
    from linae.landscapes.base import Landscape
    from linae.plot import Draw

EXAMPLES = """\
examples:
  python scripts/plot_loss_surfaces.py                       every figure, of iris, width 2
  python scripts/plot_loss_surfaces.py ladder mirror --width 3
  python scripts/plot_loss_surfaces.py --input flowers.csv --output images
  python scripts/plot_loss_surfaces.py --spectrum 5 3 1      no data: Sxx = diag(5, 3, 1)
"""


def _parser() -> argparse.ArgumentParser:
    p = Parser(
        prog="plot_loss_surfaces.py",
        description="Draw the landscape of a linear autoencoder: SVG, PNG and CSV, and an index.",
        epilog=f"{EXAMPLES}\n{described_landscapes()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    p.add_argument("figures", nargs="*", metavar="NAME", help="what to draw (default: all)")
    p.add_argument("--list", action="store_true", help="list the names and draw nothing")
    add_data(p)
    add_landscape(p)
    add = p.add_argument_group("output").add_argument
    add("--output", metavar="DIR", default="figures", help="where to (default: figures)")
    add("--url", metavar="PREFIX", default="", help="put before file names in figures.md")
    return p


def gallery(
    argv: Sequence[str] | None = None, more: Callable[[], Mapping[str, Draw]] = dict
) -> int:
    """Run the command with the figures of the package and some more; returns its exit code."""
    try:
        return _run(argv, more)
    except OSError as error:
        return _refuse(f"Need a place that can be written. Got {error.filename}: {error.strerror}.")
    except MemoryError as error:
        return _refuse(f"Need a problem that fits into memory. Got one that does not: {error}.")
    except KeyboardInterrupt:
        sys.stderr.write("plot_loss_surfaces: Interrupted.\n")
        return 130


def _refuse(line: str) -> int:
    """Bad input: one line on stderr."""
    sys.stderr.write(f"plot_loss_surfaces: {' '.join(line.split())}\n")
    return 2


def _run(argv: Sequence[str] | None, more: Callable[[], Mapping[str, Draw]]) -> int:
    from linae.plot import FIGURES

    figures = {**FIGURES, **more()}
    try:
        options = _parser().parse_args(argv)
        if options.list:
            return _list(figures)
        names = _chosen(options.figures, list(figures))
        check_landscape(options)
        with Progress("reading data and deciding their spectrum"):
            problem = chosen_problem(options)
            landscape = chosen_landscape(options, problem)
    except ValueError as error:
        return _refuse(str(error))
    folder = Path(options.output)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with Progress("drawing", len(names)) as done:
        for count, name in enumerate(names, start=1):
            if _write_picture(folder, name, figures[name], landscape):
                drawn.append(name)
            done(count)
    shown = [name for name in figures if name in drawn or name not in names]
    write(folder / "figures.md", index(folder, shown, options.url).encode())
    words = f"{len(drawn)} figure{'s' if len(drawn) != 1 else ''}"
    task = f", task {problem.data['task']}" if problem.data["task"] else ""
    said = f"{problem.data['name']}{task}, {described(landscape)}"
    sys.stdout.write(f"{said}: {words} in {folder}\n")
    return 0 if drawn or not options.figures else 2


def _list(figures: Mapping[str, Draw]) -> int:
    """Names and titles, to stdout."""
    from linae.plot import title_of

    widest = max(map(len, figures))
    for name, draw in figures.items():
        sys.stdout.write(f"{name:{widest}}  {title_of(draw)}\n")
    return 0


def _chosen(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """The figures to draw, each once, in their order."""
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, 1)
            ask = f"; did you mean {close[0]}?" if close else "."
            raise ValueError(f"Need a figure that --list names. Got {name!r}{ask}")
    return [name for name in known if name in names] if names else list(known)


def _write_picture(folder: Path, name: str, draw: Draw, landscape: Landscape) -> bool:
    """Write the files of a figure; whether the data allowed it."""
    from linae.plot import NotDrawnError, picture

    try:
        made = picture(draw, landscape)
    except NotDrawnError as reason:
        sys.stderr.write(f"{name} skipped: {reason}\n")
        return False
    for suffix, content in made.files.items():
        path = folder / f"{name}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, content)
    return True


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def index(folder: Path, names: Sequence[str], url: str = "") -> str:
    """The figures of a folder for a Markdown page, with the captions that are in their SVGs."""
    return "\n".join(_entries(folder, names, url))


def _entries(folder: Path, names: Sequence[str], url: str) -> Iterator[str]:
    for name in names:
        path = folder / f"{name}.svg"
        if path.is_file():
            title, caption = map(html.escape, captions(path))
            file = html.escape(url + name)
            yield f'<figure id="{html.escape(name)}">'
            yield f'  <img src="{file}.svg" alt="{title}">'
            yield f'  <figcaption>{caption} (<a href="{file}.csv">data</a>)</figcaption>'
            yield "</figure>\n"


def captions(path: Path) -> tuple[str, str]:
    """Title and description of an SVG."""
    work = "{http://creativecommons.org/ns#}Work"
    words = ElementTree.parse(path).find(f".//{work}")
    found = [
        None if words is None else words.findtext(f"{{http://purl.org/dc/elements/1.1/}}{name}")
        for name in ("title", "description")
    ]
    return found[0] or "", found[1] or ""
