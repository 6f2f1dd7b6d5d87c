"""The road points one way: a module imports only from those before it."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import linae

ROAD = (
    *("bareiss", "gaussian", "exact"),  # numbers
    *("ldl", "verdict", "components", "sylvester", "inertia", "schur"),  # and their matrices
    *("scatter", "streams", "clusters", "samples"),  # sums over rows
    *("moments", "roots", "reduction", "spectrum", "shifts"),  # data
    *("enumeration", "counting", "ranking", "colex", "census"),  # sets of components
    *("calculus", "critical", "bilinear", "enclosure", "landscapes"),  # theory
    *("supervision", "regularisers"),  # and variants
    *("energy", "compression", "divergences", "sparse", "generalisation"),  # other losses
    *("filter_banks", "recurrent"),  # signals
    *("measure", "paths", "certify", "minima", "descent", "flow", "rests"),  # evidence
    "__init__",
    *("delimited", "columns", "table", "long_table", "data", "problem"),  # what a user brings
    *("departures", "autoencoders"),  # and what is trained on it
    *("report", "sentences", "display", "plot"),  # and reads
    *("options", "progress", "gallery", "training", "cli", "__main__"),  # what a user runs
)
"""The order of the modules of linae; a package stands for its files."""

SOURCE = Path(linae.__file__).parent
FILES = [
    pytest.param(
        path,
        path.relative_to(SOURCE).with_suffix("").parts[0],
        id=path.relative_to(SOURCE).as_posix(),
    )
    for path in sorted(SOURCE.rglob("*.py"))
]


def imports(tree: ast.AST, *, lazy: bool) -> Iterator[str]:
    """Names that are imported; those inside functions if `lazy`, never those for types only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif lazy or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from imports(node, lazy=lazy)


def origin(name: str) -> str:
    """The module of linae that an imported name is from; "" if from elsewhere."""
    package, _, rest = name.partition(".")
    module = rest.partition(".")[0]
    found = (SOURCE / module).is_dir() or (SOURCE / f"{module}.py").is_file()
    return "" if package != "linae" else module if module and found else "__init__"


def test_the_road_names_every_module():
    """And nothing else."""
    rooms = [path.stem for path in SOURCE.iterdir() if path.suffix == ".py"]
    rooms += [path.parent.name for path in SOURCE.glob("*/*.py")]
    assert set(rooms) ^ set(ROAD) == set()
    assert len(ROAD) == len(set(ROAD))


@pytest.mark.parametrize(("path", "room"), FILES)
def test_a_module_imports_only_from_those_before_it(path, room):
    """Also inside functions; not what only type checkers read."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {origin(name) for name in imports(tree, lazy=True)} - {"", room}
    assert used <= set(ROAD[: ROAD.index(room)])


@pytest.mark.parametrize(("path", "room"), FILES)
def test_a_module_keeps_its_company(path, room):
    """No proofs, no Hypothesis; pictures only in `plot`; SymPy when it is needed, not before."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {name.partition(".")[0] for name in imports(tree, lazy=True)}
    at_once = {name.partition(".")[0] for name in imports(tree, lazy=False)}
    assert not used & {"proofs", "hypothesis", "pytest"}
    assert room == "plot" or "matplotlib" not in used
    assert not at_once & {"sympy", "flint", "sklearn"}


def test_importing_the_package_loads_what_it_needs():
    """NumPy and SciPy, in a fresh interpreter."""
    program = "import sys, linae; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "numpy" in loaded
    heavy = {"sympy", "matplotlib", "rich", "hypothesis", "autograd", "mpmath", "flint", "sklearn"}
    assert not heavy & set(loaded)
