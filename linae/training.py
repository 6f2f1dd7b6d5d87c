"""The command that trains: an autoencoder with a loss by name, beside its closed form.

    main(["--loss", "denoising", "--variance", "0.2", "--width", "2"])

Exit codes: 0 trained, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
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
  python scripts/train_autoencoder.py --input flowers.csv --scale --loss sparse --alpha 0.3
"""


def _parser() -> argparse.ArgumentParser:
    p = Parser(
        prog="train_autoencoder.py",
        description="Train an autoencoder, and compare with the closed form of the linear one.",
        epilog=f"{EXAMPLES}\n{_described_losses()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_data(p)
    add = p.add_argument_group("autoencoder").add_argument
    add("--loss", metavar="NAME", default="vanilla", help="see below (default: vanilla)")
    add("--width", metavar="P", default="2", help="number of codes (default: 2)")
    add("--hidden", metavar="H", default="0", help="tanh units before and after (default: 0)")
    add("--tied", action="store_true", help="the decoder is the transpose of the encoder")
    for name, kinds in _settings().items():
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


def _described_losses() -> str:
    """Their names and formulas, for --help."""
    from linae.autoencoders.study import known_losses

    known = known_losses()
    widest = max(map(len, known))
    first = {name: (loss.__doc__ or "").partition("\n")[0] for name, loss in known.items()}
    return "\n".join(["losses:", *(f"  {name:{widest}}  {text}" for name, text in first.items())])


def _settings() -> dict[str, dict[str, float]]:
    """Every setting, with the losses that have it and their defaults."""
    from linae.autoencoders.study import known_losses, settings_of

    found: dict[str, dict[str, float]] = {}
    for kind, loss in known_losses().items():
        for name, value in settings_of(loss).items():
            found.setdefault(name, {})[kind] = value
    return found


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
    from linae.autoencoders.study import known_losses

    name, known = options.loss.replace("-", "_"), list(known_losses())
    if name not in known:
        close = get_close_matches(name, known, 1)
        ask = f"; did you mean {close[0]}?" if close else "."
        raise ValueError(f"Need a loss that --help names. Got {options.loss!r}{ask}")
    options.loss = name
    for option, least in {"width": 1, "hidden": 0, "steps": 1, "seed": 0, "batch": 1}.items():
        if (word := getattr(options, option)) is not None:
            setattr(options, option, whole(f"--{option}", word, least))
    options.step_size = positive("--step-size", options.step_size)
    if options.tied and options.hidden:
        raise ValueError(f"Need --tied without --hidden. Got --hidden {options.hidden}.")
    if options.output is not None and Path(options.output).is_file():
        raise ValueError(f"Need a directory for --output. Got the file {options.output!r}.")
    if options.target is not None:
        raise ValueError(f"Need no --target: that is the input. Got {options.target}.")
    return _chosen_settings(options)


def _chosen_settings(options: argparse.Namespace) -> dict[str, float]:
    """The settings of the loss, as given or by default."""
    chosen = {}
    for name, kinds in _settings().items():
        word = getattr(options, name)
        if options.loss in kinds:
            chosen[name] = kinds[options.loss] if word is None else positive(f"--{name}", word)
        elif word is not None:
            need = f"Need --loss {' or '.join(kinds)} with --{name}"
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
            **{
                name: getattr(options, name)
                for name in ("width", "hidden", "tied", "steps", "step_size", "batch")
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
    words += [f"{options.loss.replace('_', ' ')} autoencoder", f"width {options.width}"]
    words += [f"hidden {options.hidden}"] * bool(options.hidden) + ["tied"] * options.tied
    words += [f"{name} {value:.4g}" for name, value in settings.items()]
    yield f"{data['name']}: {', '.join(filter(None, words))}\n"
    found, polish = float(training.losses[-1, 0]), len(training.losses) - 1 - options.steps
    ways = f"{options.steps:,} steps of Adam" + f" and {polish:,} of L-BFGS" * bool(polish)
    yield f"  loss         {found:<12.6g}  {ways}"
    if made.optimum is None:
        yield "  closed form  none known"
        return
    least, kind = made.optimum
    yield f"  closed form  {least:<12.6g}  {kind}{' of linear ones' * bool(options.hidden)}"
    if least:
        yield f"  gap          {(found - least) / abs(least):<12.2g}  relative"
