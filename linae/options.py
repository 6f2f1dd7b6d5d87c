"""Options that the commands share: which data, what for, and which landscape over them.

    parser = Parser(prog="linae", …)
    add_data(parser)
    add_landscape(parser)
    check_landscape(options)
    problem = chosen_problem(options)
    landscape = chosen_landscape(options, problem)

A landscape is found by the name of its file, a task by that of its function, and their parameters
become options: nothing is listed here.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NoReturn

from linae import landscapes
from linae.landscapes.base import Landscape
from linae.landscapes.parameters import Parameter
from linae.moments import Moments
from linae.problem import SUFFIXES
from linae.sentences import PLAIN
from linae.supervision import TASKS, parameters

if TYPE_CHECKING:
    from linae.problem import Problem


class Parser(argparse.ArgumentParser):
    """Raises ValueError, so that one place reports what was wrong."""

    def error(self, message: str) -> NoReturn:
        kind, _, words = message.partition(": ")
        if kind == "unrecognized arguments" and words.lower().endswith(SUFFIXES):
            raise ValueError(f"Need --input before the name of a file. Got {words} alone.")
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
    add("--task", metavar="NAME", help=f"what the data are for: {', '.join(TASKS)}")
    add("--width", metavar="P", help="number of hidden units (default: 2)")
    for name, uses in _uses().items():
        meanings: dict[str, list[str]] = {}
        for parameter, user in uses:
            told = f"{parameter.meaning}, default {parameter.default.rstrip('.')}"
            meanings.setdefault(told, []).append(user.partition(" ")[2])
        words = [f"{told} ({', '.join(users)})" for told, users in meanings.items()]
        add(f"--{name}", metavar=name[0].upper(), help="; ".join(words).replace("%", "%%"))
    return add


def _uses() -> dict[str, list[tuple[Parameter, str]]]:
    """Every parameter with the options that need it, as "--landscape tied"."""
    found: dict[str, list[tuple[Parameter, str]]] = {}
    for kind, landscape in known_landscapes().items():
        for name, parameter in landscape.parameters.items():
            found.setdefault(name, []).append((parameter, f"--landscape {kind}"))
    for task in TASKS:
        for name, parameter in parameters(task).items():
            found.setdefault(name, []).append((parameter, f"--task {task}"))
    return found


def chosen_problem(
    options: argparse.Namespace, progress: Callable[[int, int], object] | None = None
) -> Problem:
    """What the options of data describe, made into a task."""
    problem = _given(options, progress)
    task = getattr(options, "task", None)
    return problem if task is None else _made_task(task.replace("-", "_"), options, problem)


def _made_task(task: str, options: argparse.Namespace, problem: Problem) -> Problem:
    """The moments of the task; of inputs that are spoiled the means stay in, though centred."""
    wanted, moments = parameters(task), problem.moments
    values: dict[str, Any] = {name: p.usual(moments, 2) for name, p in wanted.items()}
    words = {name: getattr(options, name) for name in wanted}
    values |= {name: wanted[name].read(word) for name, word in words.items() if word}
    told = [
        task.replace("_", " "),
        *(f"{name} {words[name] or _short(x)}" for name, x in values.items()),
    ]
    keeps = "mean" in inspect.signature(TASKS[task]).parameters
    if keeps and problem.data["centered"] and problem.mean is not None:
        values["mean"] = problem.mean
    made = TASKS[task](moments, **values)
    size = {"inputs": made.m, "outputs": made.n, "targets": not made.is_auto}
    return problem._replace(data=problem.data | size | {"task": ", ".join(told)}, moments=made)


def _short(value: Any) -> str:
    """A usual value, for a heading."""
    if isinstance(value, tuple):
        return ",".join(str(i + 1) for i in value)
    return f"{float(value):.4g}"


def _given(options: argparse.Namespace, progress: Callable[[int, int], object] | None) -> Problem:
    """The data alone."""
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
        progress=progress,
    )


def chosen_landscape(options: argparse.Namespace, problem: Problem) -> Landscape:
    """The landscape over the moments of a problem, with the spectrum decided."""
    kind = known_landscapes()[_name(options)]
    words = {name: getattr(options, name) for name in kind.parameters}
    given = {name: kind.parameters[name].read(word) for name, word in words.items() if word}
    if options.width and "width" not in inspect.signature(kind).parameters:
        if not kind.parameters:
            raise ValueError(f"Need --landscape {_name(options)} without --width. Got both.")
        if given:
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
    task = None if options.task is None else options.task.replace("-", "_")
    if task is not None and task not in TASKS:
        raise ValueError(f"Need one of {', '.join(TASKS)} as --task. Got {options.task!r}.")
    if options.width is not None:
        whole("--width", options.width, 1)
    for given, uses in _uses().items():
        if (word := getattr(options, given)) is None:
            continue
        users = {user: parameter for parameter, user in uses}
        chosen = {f"--landscape {name}", f"--task {task}"} & users.keys()
        if not chosen:
            got = f"--landscape {name}" + (f" --task {task}" if task else "")
            raise ValueError(f"Need {' or '.join(users)} with --{given}. Got {got}.")
        try:
            users[chosen.pop()].read(word)
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
