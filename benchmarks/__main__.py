"""The command `python -m benchmarks`."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import warnings
from collections.abc import Sequence
from datetime import date
from importlib import metadata
from pathlib import Path

import benchmarks
from benchmarks._race import Result, run
from benchmarks._tables import as_markdown, summary
from linae.report import write

HERE = Path(__file__).parent


def names() -> list[str]:
    """Comparisons: the modules without a leading underscore."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return [name for name in found if not name.startswith("_")]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the comparisons; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=benchmarks.__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", help="comparisons (default: all)")
    parser.add_argument("--list", action="store_true", help="name them")
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=Path,
        help="for results.md and results.json (default: here, if all comparisons are run)",
    )
    options = parser.parse_args(argv)
    warnings.simplefilter("ignore")  # of the peers, about their own future
    if options.list:
        print("\n".join(names()))
        return 0
    unknown = [name for name in options.names if name not in names()]
    if unknown:
        return _refuse(f"comparisons among {', '.join(names())}", ", ".join(unknown))
    if options.output and not options.output.is_dir():
        return _refuse("a directory for --output", str(options.output))
    results = list[Result]()
    try:
        for name in options.names or names():
            for race in importlib.import_module(f"benchmarks.{name}").races():
                results += (found := run(race))
                print(as_markdown(found), flush=True)
    except KeyboardInterrupt:
        sys.stderr.write("benchmarks: Interrupted.\n")
        return 130
    if not options.names or options.output:
        _write(options.output or HERE, results)
    return 0


def _refuse(need: str, got: str) -> int:
    sys.stderr.write(f"benchmarks: Need {need}. Got {got}.\n")
    return 2


def _write(directory: Path, results: Sequence[Result]) -> None:
    about = machine()
    told = {"machine": about, "results": [result.as_dict() for result in results]}
    write(directory / "results.json", json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    heading = "# Side by side\n\n" + ", ".join(about.values()) + "\n\n"
    write(directory / "results.md", f"{heading}{summary(results)}\n{as_markdown(results)}")


def machine() -> dict[str, str]:
    """Where and with what it was measured."""
    packages = ("numpy", "scipy", "jax", "torch", "scikit-learn", "dask", "python-flint", "sympy")
    versions = {}
    for package in packages:
        try:
            versions[package] = f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            continue
    return {
        "date": date.today().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} processors",
        "python": f"Python {platform.python_version()}",
        **versions,
    }


if __name__ == "__main__":
    sys.exit(main())
