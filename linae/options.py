"""Options that the commands share: which data, and which landscape over them.

    parser = Parser(prog="linae", …)
    add_data(parser)
    add_landscape(parser)
    problem = chosen_problem(options)
    landscape = chosen_landscape(options, problem)

A landscape is found by the name of its file, and its parameters become options: nothing is listed
here.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn

from linae import landscapes
from linae.landscapes.base import Landscape
from linae.landscapes.parameters import Parameter
from linae.moments import Moments
from linae.sentences import PLAIN

if TYPE_CHECKING:
    from linae.problem import Problem


class Parser(argparse.ArgumentParser):
    """Raises ValueError, so that one place reports what was wrong."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"Need options as --help lists them. Got {message}.")


def known_landscapes() -> dict[str, type[Landscape]]:
    """Every landscape by the name of its file, the plain one first."""
    names = [module.name for module in pkgutil.iter_modules(landscapes.__path__)]
    names.sort(key=lambda name: (name != PLAIN, name))
    modules = [importlib.import_module(f"{landscapes.__name__}.{name}") for name in names]
    return {
        module.__name__.rpartition(".")[2]: member
        for module in modules
        for member in vars(module).values()
        if inspect.isclass(member) and issubclass(member, Landscape)
        if member.__module__ == module.__name__ and not inspect.isabstract(member)
    }


def described_landscapes() -> str:
    """Their names and first sentences, for --help."""
    known = known_landscapes()
    widest = max(map(len, known))
    lines = [f"  {name:{widest}}  {_sentence(kind)}" for name, kind in known.items()]
    return "\n".join(["landscapes:", *lines])


def _sentence(kind: type[Landscape]) -> str:
    """The first line of the file, up to a colon."""
    text = inspect.getdoc(inspect.getmodule(kind)) or ""
    return text.partition("\n")[0].partition(":")[0].rstrip(".")


def add_data(parser: argparse.ArgumentParser) -> Any:
    """The options of `chosen_problem`; returns the adder of their group."""
    add = parser.add_argument_group("data").add_argument
    add("--input", metavar="FILE", help="CSV, TSV, NPY or Parquet, or - (default: iris)")
    add("--columns", metavar="NAMES", help="names, or numbers from 1, with commas (default: all)")
    add("--target", metavar="T", help="a file, or columns of the input (default: the input)")
    add("--no-center", action="store_true", help="leave the means in: no biases")
    add("--scale", action="store_true", help="divide columns by their standard deviations")
    add("--spectrum", nargs="+", metavar="L", help="no data: Sxx = Syx = diag(5, 3, 1), exactly")
    return add


def add_landscape(parser: argparse.ArgumentParser) -> Any:
    """The options of `chosen_landscape`; returns the adder of their group."""
    add = parser.add_argument_group("landscape").add_argument
    add("--landscape", metavar="NAME", default=PLAIN, help=f"see below (default: {PLAIN})")
    add("--width", metavar="P", help="number of hidden units (default: 2)")
    for name, (parameter, kinds) in _parameters().items():
        used = ", ".join(kinds)
        add(f"--{name}", metavar=name[0].upper(), help=f"{parameter.meaning} ({used})")
    return add


def _parameters() -> dict[str, tuple[Parameter, list[str]]]:
    """Every parameter, with the landscapes that have it."""
    found: dict[str, tuple[Parameter, list[str]]] = {}
    for kind, landscape in known_landscapes().items():
        for name, parameter in landscape.parameters.items():
            found.setdefault(name, (parameter, []))[1].append(kind)
    return found


def chosen_problem(options: argparse.Namespace) -> Problem:
    """What the options of data describe."""
    from linae.problem import given_data, given_spectrum

    exact = getattr(options, "exact", False)
    if exact and options.scale:
        raise ValueError("Need --scale without --exact: it takes square roots. Got both.")
    if options.spectrum:
        of_data = ("input", "columns", "target", "no_center", "scale")
        for name in filter(lambda name: getattr(options, name), of_data):
            option = "--" + name.replace("_", "-")
            raise ValueError(f"Need --spectrum without options on data. Got {option} too.")
        return given_spectrum(options.spectrum)
    return given_data(
        options.input,
        columns=options.columns,
        target=options.target,
        center=not options.no_center,
        scale=options.scale,
        exact=exact,
    )


def chosen_landscape(options: argparse.Namespace, problem: Problem) -> Landscape:
    """The landscape over the moments of a problem, with the spectrum decided."""
    kind = known_landscapes()[_name(options)]
    words = {name: getattr(options, name) for name in kind.parameters}
    given = {name: kind.parameters[name].read(word) for name, word in words.items() if word}
    if given and options.width and "width" not in inspect.signature(kind).parameters:
        raise ValueError(f"Need --{next(iter(given))} without --width. Got both.")
    landscape = built(kind, problem.moments, int(options.width or 2), given)
    landscape.spectrum  # noqa: B018  # it stays cached
    return landscape


def built(kind: type[Landscape], moments: Moments, width: int, given: dict[str, Any]) -> Landscape:
    """A landscape; parameters that are not given are as usual.

    >>> built(known_landscapes()["weight_decay"], Moments.auto([[100]]), 1, {}).decay
    1.0
    """
    values = {name: p.usual(moments, width) for name, p in kind.parameters.items()} | given
    arguments: dict[str, Any] = {"moments": moments, "width": width} | values
    wanted = inspect.signature(kind).parameters
    return kind(**{name: value for name, value in arguments.items() if name in wanted})


def _name(options: argparse.Namespace) -> str:
    return str(options.landscape).replace("-", "_")


def check_landscape(options: argparse.Namespace) -> None:
    """What can be said of the landscape before there are data.

    Raises
    ------
    ValueError
        If there is no such landscape, it lacks a parameter that is given, or one is no number.
    """
    name, known = _name(options), known_landscapes()
    if name not in known:
        close = get_close_matches(name, known, 1)
        ask = f"; did you mean {close[0]}?" if close else "."
        raise ValueError(f"Need a landscape that --help names. Got {options.landscape!r}{ask}")
    if options.width is not None:
        whole("--width", options.width, 1)
    for given, (parameter, kinds) in _parameters().items():
        if (word := getattr(options, given)) is None:
            continue
        if name not in kinds:
            raise ValueError(f"Need --landscape {' or '.join(kinds)} with --{given}. Got {name}.")
        try:
            parameter.read(word)
        except ValueError as error:
            raise ValueError(str(error).replace(". Got", f" for --{given}. Got", 1)) from None


def whole(option: str, text: str, least: int) -> int:
    """An integer that is not less than that."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise ValueError(f"Need an integer {option} >= {least}. Got {text or repr(text)}.")
    return number
