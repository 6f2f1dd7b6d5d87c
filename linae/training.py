"""The command that trains: a network with a loss, both by name, beside its closed form.

    main(["--loss", "denoising", "--variance", "0.2", "--width", "2"])
    main(["--network", "convolutional", "--stride", "2"])

Exit codes: 0 trained, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from linae.exact import Array, floating, is_complex
from linae.gallery import write
from linae.options import Parser, add_data, chosen_problem, whole
from linae.progress import Progress

if TYPE_CHECKING:
    from linae.autoencoders.study import Study
    from linae.problem import Problem

EXAMPLES = """\
examples:
  python scripts/train_autoencoder.py                                iris, width 2
  python scripts/train_autoencoder.py --loss denoising --variance 0.2
  python scripts/train_autoencoder.py --loss variational --hidden 8 --output figures
  python scripts/train_autoencoder.py --network convolutional --stride 4 --width 1
  python scripts/train_autoencoder.py --input flowers.csv --scale --loss sparse --alpha 0.3
"""


def _parser() -> argparse.ArgumentParser:
    from linae.autoencoders.names import described, every_setting, known_losses, takers

    p = Parser(
        prog="train_autoencoder.py",
        description="Train an autoencoder, and compare with the closed form of the linear one.",
        epilog=f"{EXAMPLES}\n{described()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_data(p)
    add = p.add_argument_group("autoencoder").add_argument
    add("--loss", metavar="NAME", default="vanilla", help="see below (default: vanilla)")
    add("--network", metavar="NAME", default="dense", help="see below (default: dense)")
    add("--width", metavar="P", default="2", help="number of codes (default: 2)")
    add("--hidden", metavar="H", help="tanh units before and after (default: 0)")
    add("--stride", metavar="T", help="from one step of a convolution to the next (default: 2)")
    add("--tied", action="store_true", help="the decoder is the transpose of the encoder")
    for name in every_setting(known_losses()):
        kinds = takers(name, known_losses())
        used = ", ".join(f"{kind}: {value:g}" for kind, value in kinds.items())
        add(f"--{name}", metavar=name[0].upper(), help=f"a number > 0 ({used})")
    add = p.add_argument_group("training").add_argument
    add("--steps", metavar="K", default="1000", help="of Adam (default: 1000)")
    add("--step-size", metavar="E", default="0.02", help="of the first one (default: 0.02)")
    add("--batch", metavar="N", help="samples in a step (default: all)")
    add("--seed", metavar="S", default="0", help="of weights, batches and noise (default: 0)")
    add = p.add_argument_group("output").add_argument
    add("--output", metavar="DIR", help="draw the loss, codes and reconstructions there")
    return p


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    try:
        options = _parser().parse_args(argv)
        settings = _checked(options)
        with Progress("reading data"):
            problem = chosen_problem(options)
        X = _samples(problem)
        made = _trained(options, settings, problem, X)
        if options.output is not None:
            _draw(Path(options.output), made)
    except ValueError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"Need a place that can be written. Got {error.filename}: {error.strerror}.")
    except MemoryError as error:
        return _refuse(f"Need a problem that fits into memory. Got one that does not: {error}.")
    except KeyboardInterrupt:
        sys.stderr.write("train_autoencoder: Interrupted.\n")
        return 130
    sys.stdout.write("\n".join(_lines(options, settings, problem, made)) + "\n")
    return 0


def _refuse(line: str) -> int:
    """Bad input: one line on stderr."""
    sys.stderr.write(f"train_autoencoder: {' '.join(line.split())}\n")
    return 2


def _checked(options: argparse.Namespace) -> dict[str, float]:
    """What can be said before there are data; the settings of the loss."""
    from linae.autoencoders.names import known_losses, known_networks, named

    options.loss = named("loss", options.loss, known_losses())
    options.network = named("network", options.network, known_networks())
    least = {"width": 1, "hidden": 0, "stride": 1, "steps": 1, "seed": 0, "batch": 1}
    for option, smallest in least.items():
        if (word := getattr(options, option)) is not None:
            setattr(options, option, whole(f"--{option}", word, smallest))
    options.step_size = positive("--step-size", options.step_size)
    if options.tied and options.hidden:
        raise ValueError(f"Need --tied without --hidden. Got --hidden {options.hidden}.")
    if options.output is not None and Path(options.output).is_file():
        raise ValueError(f"Need a directory for --output. Got the file {options.output!r}.")
    if options.target is not None:
        raise ValueError(f"Need no --target: that is the input. Got {options.target}.")
    options.made = _made(options)
    return _chosen_settings(options)


def _made(options: argparse.Namespace) -> dict[str, Any]:
    """The options of the network that were given."""
    from linae.autoencoders.names import known_networks, takers

    given = {name: getattr(options, name) for name in ("hidden", "stride", "tied")}
    given = {name: value for name, value in given.items() if value}
    for name in given:
        if options.network not in (able := takers(name, known_networks())):
            need = f"Need --network {' or '.join(able)} with --{name}"
            raise ValueError(f"{need}. Got {options.network}.")
    return given


def _chosen_settings(options: argparse.Namespace) -> dict[str, float]:
    """The settings of the loss, as given or by default."""
    from linae.autoencoders.names import every_setting, known_losses, takers

    chosen = {}
    for name in every_setting(known_losses()):
        word, able = getattr(options, name), takers(name, known_losses())
        if options.loss in able:
            chosen[name] = able[options.loss] if word is None else positive(f"--{name}", word)
        elif word is not None:
            need = f"Need --loss {' or '.join(able)} with --{name}"
            raise ValueError(f"{need}. Got {options.loss}.")
    return chosen


def positive(option: str, word: str) -> float:
    """A number > 0.

    >>> positive("--alpha", "1/4")
    0.25
    """
    try:
        value = float(Fraction(word))
    except (ValueError, ZeroDivisionError, OverflowError):
        value = 0.0
    if value <= 0:
        raise ValueError(f"Need a number {option} > 0. Got {word or repr(word)}.")
    return value


def _samples(problem: Problem) -> Array:
    """Rows to train on; of a spectrum, the points ±√(n λ) e on the axes, which have its moments."""
    if problem.samples is None and problem.data["samples"] is not None:
        got = f"Got {problem.data['samples']} rows of {problem.data['inputs']}"
        raise ValueError(f"Need data that fit into memory to train on. {got}.")
    if problem.samples is None:
        S = floating(problem.moments.Sxx)
        X = np.sqrt(len(S) * S)
        return np.concatenate([X, -X])
    if is_complex(problem.samples):
        raise ValueError("Need real numbers to train on. Got complex ones.")
    X = floating(problem.samples)
    return X - X.mean(axis=0) if problem.data["centered"] else X


def _trained(
    options: argparse.Namespace, settings: dict[str, float], problem: Problem, X: Array
) -> Study:
    from linae.autoencoders.study import study

    with Progress("training", options.steps) as done:
        made = study(
            options.loss,
            problem.moments,
            X,
            np.random.default_rng(options.seed),
            settings=settings,
            progress=done,
            options=options.made,
            **{
                name: getattr(options, name)
                for name in ("width", "network", "steps", "step_size", "batch")
            },
        )
    return made


def _draw(folder: Path, made: Study) -> None:
    """Every picture first, then the files."""
    from linae.plot.pen import NotDrawnError
    from linae.plot.picture import picture
    from linae.plot.training import FIGURES

    files = dict[str, bytes]()
    shown: Any = made
    with Progress("drawing", len(FIGURES)) as done:
        for count, (name, draw) in enumerate(FIGURES.items(), start=1):
            try:
                pictured = picture(draw, shown)
            except NotDrawnError as reason:
                sys.stderr.write(f"{name} skipped: {reason}\n")
                continue
            files |= {f"{name}{suffix}": content for suffix, content in pictured.files.items()}
            done(count)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write(folder / name, content)


def _lines(
    options: argparse.Namespace, settings: dict[str, float], problem: Problem, made: Study
) -> Iterator[str]:
    """What was trained, its loss, and the closed form with the gap between them."""
    data, training = problem.data, made.training
    size = f"{data['samples']} × {data['inputs']}" if data["samples"] else ""
    words = [size, *(word for word in ("centered", "scaled") if data[word])]
    words += [f"{made.title} autoencoder", f"width {options.width}"]
    words += [name if value is True else f"{name} {value}" for name, value in options.made.items()]
    words += [f"{name} {value:.4g}" for name, value in settings.items()]
    yield f"{data['name']}: {', '.join(filter(None, words))}\n"
    found, polish = float(training.losses[-1, 0]), len(training.losses) - 1 - options.steps
    ways = f"{options.steps:,} steps of Adam" + f" and {polish:,} of L-BFGS" * bool(polish)
    yield f"  loss         {found:<12.6g}  {ways}"
    if made.optimum is None:
        yield "  closed form  none known"
        return
    least, kind, is_bound = made.optimum
    yield f"  {'bound' if is_bound else 'closed form':<11}  {least:<12.6g}  {kind}"
    if least:
        yield f"  gap          {(found - least) / abs(least):<12.2g}  relative"
