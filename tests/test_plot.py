"""Pictures: what is drawn is what is written, and people can read it."""

import csv
import itertools
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.contour import ContourSet
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from mpl_toolkits.mplot3d.art3d import Line3D, Poly3DCollection

from linae import Moments, SquaredLoss
from linae.data import iris
from linae.minima import barrier
from linae.options import built, known_landscapes
from linae.plot import FIGURES, NotDrawnError, blank, house_style, on_axes, picture, title_of
from linae.plot.pen import identifier
from linae.plot.saddles import gaussian_binomial
from linae.table import read_table
from proofs import _book


def table(name):
    """Rows of numbers."""
    rng = np.random.default_rng(1)
    if name == "iris":
        return read_table(iris()).values
    if name == "cancer":
        return pytest.importorskip("sklearn.datasets").load_breast_cancer().data
    return rng.standard_normal((30, 3)) * [3, 2, 1j]


LANDSCAPES = {
    "iris": lambda: SquaredLoss(Moments.from_data(table("iris")), 2),
    "many columns": lambda: SquaredLoss(Moments.from_data(table("cancer")), 3),
    "two columns, wide": lambda: SquaredLoss(Moments.from_data(table("iris")[:, :2]), 3),
    "ties": lambda: SquaredLoss(Moments.auto(np.diag([3.0, 2, 2, 1])), 2),
    "a target": lambda: SquaredLoss(Moments.from_data(*np.hsplit(table("iris"), 2)), 1),
    "complex": lambda: SquaredLoss(Moments.from_data(table("complex")), 1),
}
OTHERS = {
    name: lambda kind=kind: built(kind, Moments.from_data(table("iris")), 2, {})
    for name, kind in known_landscapes().items()
    if name != "squared"
}
"""Losses of which only the ladder is drawn."""
CASES = [
    (name, data)
    for name, data in itertools.product(FIGURES, LANDSCAPES)
    if (data == "iris" or name != "scalar")
    and (name, data) not in {("saddles", "ties"), ("saddles", "two columns, wide")}
]
CASES += [("ladder", name) for name in OTHERS]
THEOREMS = {_book.name(t): t for t in _book.theorems() if hasattr(t, "figure")}
EVERY = [*CASES, *((name, "proofs") for name in THEOREMS)]


@cache
def rendered(name, data):
    """A figure, what it says of itself, and the boxes of its texts."""
    boxes, draw_text = [], Text.draw

    def remember(self, renderer):
        draw_text(self, renderer)
        if self.get_visible() and self.get_text().strip():
            boxes.append((self.get_text(), self.get_window_extent(renderer)))

    theorem = THEOREMS.get(name) if data == "proofs" else None
    draw = on_axes(theorem.figure, _book.statement(theorem)) if theorem else FIGURES[name]
    with house_style():
        figure = blank()
        drawn = draw((LANDSCAPES | OTHERS)["iris" if theorem else data](), figure)
        FigureCanvasAgg(figure)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Text, "draw", remember)
            figure.canvas.draw()
    return figure, drawn, boxes


def artists(figure):
    """All that shows numbers, by the name of its series."""
    found = {}
    for ax in figure.axes:
        for artist in [*ax.lines, *ax.collections, *ax.patches]:
            if artist.get_gid() is not None:
                found.setdefault(artist.get_gid().partition(".")[0], []).append(artist)
            elif ax.get_label() != "<colorbar>":
                assert isinstance(artist, Line2D), f"{artist} is not in the table"
                assert not len(artist.get_xdata()), f"{artist} is not in the table"
    return found


def shown(parts):
    """Coordinates that artists show, as columns."""
    first = parts[0]
    if isinstance(first, Line3D):
        return np.column_stack(first.get_data_3d())
    if isinstance(first, Line2D):
        return first.get_xydata()
    if isinstance(first, Rectangle):
        return np.array([(bar.get_center()[0], bar.get_height()) for bar in parts])
    assert isinstance(first, PathCollection)
    return np.concatenate([path.vertices[[0, -1]] for path in first.get_paths()])


@pytest.mark.parametrize(("name", "data"), CASES)
def test_the_table_holds_what_is_drawn(name, data):
    """Every artist shows the numbers of its series, and every series has an artist."""
    figure, drawn, _ = rendered(name, data)
    series = np.array(drawn.table["series"])
    found = artists(figure)
    assert set(found) == {identifier(s) for s in series}
    columns = list(drawn.table.values())[1:]
    for s in dict.fromkeys(series):
        rows = np.flatnonzero(series == s)
        numbers = [np.array([column[i] for i in rows]) for column in columns[:3]]
        parts = found[identifier(s)]
        if isinstance(parts[0], ContourSet):
            assert (parts[0].zmin, parts[0].zmax) == (numbers[2].min(), numbers[2].max())
        elif isinstance(parts[0], Poly3DCollection):
            assert len(parts[0].get_facecolors()) == 60 * 36 == len(numbers[2]) - 61 - 36
        else:
            seen = shown(parts)
            np.testing.assert_array_equal(seen, np.column_stack(numbers[: seen.shape[1]]))


@pytest.mark.parametrize(("name", "data"), EVERY)
def test_no_text_hides_another(name, data):
    """Boxes around texts are apart."""
    for (text, box), (other, covered) in itertools.combinations(rendered(name, data)[2], 2):
        assert not box.padded(-0.5).overlaps(covered), f"{text!r} covers {other!r}"


@pytest.mark.parametrize(("name", "data"), EVERY)
def test_no_text_is_cut_off(name, data):
    """Boxes around texts are inside of the figure."""
    figure, _, boxes = rendered(name, data)
    for text, box in boxes:
        page = figure.bbox.padded(1)
        assert page.x0 <= box.x0 < box.x1 <= page.x1, f"{text!r} leaves the figure"
        assert page.y0 <= box.y0 < box.y1 <= page.y1, f"{text!r} leaves the figure"


@pytest.mark.parametrize(("name", "data"), EVERY)
def test_a_figure_speaks(name, data):
    """Numbers in its table, and a caption of whole sentences."""
    _, drawn, boxes = rendered(name, data)
    assert boxes
    assert drawn.table["series"]
    assert drawn.caption.endswith(".")
    assert "nan" not in drawn.caption
    assert "  " not in drawn.caption


def column(drawn, name, *series):
    """Numbers of some series."""
    rows = zip(drawn.table["series"], drawn.table[name], strict=True)
    return np.array([value for s, value in rows if s in series])


@pytest.mark.parametrize("data", LANDSCAPES)
def test_the_paths_of_the_mirror_climb_as_the_theorem_says(data):
    """The best one by the barrier, the straight one by λ_p, that of complex weights not at all."""
    _, drawn, _ = rendered("mirror", data)
    landscape = LANDSCAPES[data]().floating
    spectrum, p = landscape.spectrum, landscape.width
    last = min(p, spectrum.rank) - 1
    climbs = {"straight line": spectrum.eigenvalues[last], "best path": barrier(spectrum, p)}
    if not landscape.moments.is_complex:
        climbs["best path of complex weights"] = 0
    scale = float(landscape.moments.total)
    for series, climb in climbs.items():
        loss = column(drawn, "loss", series)
        assert np.ptp(loss) == pytest.approx(float(climb), abs=1e-12 * scale, rel=1e-9)


@pytest.mark.parametrize("data", LANDSCAPES)
def test_descent_and_flow_end_near_the_least_loss(data):
    """From the loss of the rank-0 class, without ever rising."""
    _, drawn, _ = rendered("descent", data)
    classes = list(LANDSCAPES[data]().critical_classes())
    least, top = float(classes[0].loss), float(classes[-1].loss)
    for series in ("gradient descent", "gradient flow"):
        loss = column(drawn, "loss", series)
        assert loss[0] == pytest.approx(top, rel=1e-4)
        assert loss[-1] == pytest.approx(least, abs=0.02 * (top - least))
        assert (np.diff(loss) <= 1e-9 * top).all()


def test_moves_of_the_ladder_are_those_that_the_index_counts():
    """Iris, width 2: 18 swaps and 16 additions, all of them down."""
    _, drawn, _ = rendered("ladder", "iris")
    for kind, count, changed in (("swap", 18, 2), ("addition", 16, 1)):
        loss = column(drawn, "loss", kind).reshape(-1, 2)
        assert len(loss) == count
        assert (loss[:, 1] < loss[:, 0]).all()
        names = column(drawn, "components", kind).reshape(-1, 2)
        sets = [[set(name.split()) - {"none"} for name in pair] for pair in names]
        assert {len(start ^ end) for start, end in sets} == {changed}
    assert "34 moves" in drawn.caption
    assert "as its index" in drawn.caption


def test_curvatures_are_the_extreme_eigenvalues():
    """Of the Hessian at each class: least and greatest, also by differences of the drawn loss."""
    _, drawn, _ = rendered("directions", "iris")
    classes = {c.index_set: c for c in LANDSCAPES["iris"]().critical_classes()}
    for series, J in (("PCs 1 2", (0, 1)), ("PCs 2 4", (1, 3)), ("no PC", ())):
        for which, place in (("least", 0), ("greatest", -1)):
            name = f"{series}, {which} curvature"
            curvature = column(drawn, "curvature", name)[0]
            expected = classes[J].hessian_spectrum()[place]
            assert curvature == pytest.approx(expected, abs=1e-12)
            t, change = column(drawn, "distance", name), column(drawn, "change of loss", name)
            quartic = np.polynomial.Polynomial.fit(t, change, 4)
            assert quartic.deriv(2)(0) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("rho", "p"), [(1, 1), (4, 2), (5, 3), (6, 1)])
def test_the_gaussian_binomial_counts_partitions(rho, p):
    """Subsets j₁ < … < j_p of ρ things, by Σ (j_i − i): brute force."""
    sums = [sum(J) - p * (p - 1) // 2 for J in itertools.combinations(range(rho), p)]
    assert gaussian_binomial(rho, p) == np.bincount(sums).tolist()


def test_what_cannot_be_drawn_says_why():
    """Σ = 0 has one class; p ≥ ρ no saddle of rank p; ties merge saddles."""
    for name, draw in FIGURES.items():
        if name != "scalar":
            with pytest.raises(NotDrawnError, match=r"^Need .*\. Got .*\.$"):
                draw(SquaredLoss(Moments.auto(np.zeros((2, 2))), 1), blank())
    with pytest.raises(NotDrawnError, match=r"Need the squared loss. Got weight decay."):
        FIGURES["mirror"](OTHERS["weight_decay"](), blank())
    for data in ("ties", "two columns, wide"):
        with pytest.raises(NotDrawnError, match=r"^Need .*\. Got .*\.$"):
            FIGURES["saddles"](LANDSCAPES[data](), blank())


def test_the_files_of_a_figure_are_the_same_each_time():
    """SVG with title, caption and no date; PNG; CSV that reads back as the table."""
    landscape = LANDSCAPES["iris"]()
    once, again = (picture(FIGURES["mirror"], landscape, dpi=50) for _ in range(2))
    assert once.files == again.files
    svg = once.files[".svg"].decode()
    assert "date" not in svg
    assert {title_of(FIGURES["mirror"]), once.caption} <= {
        element.text for element in ElementTree.fromstring(svg).iter()
    }
    ids = [element.get("id") for element in ElementTree.fromstring(svg).iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert once.files[".png"].startswith(b"\x89PNG")
    header, *rows = csv.reader(once.files[".csv"].decode().splitlines())
    drawn = rendered("mirror", "iris")[1]
    assert header == list(drawn.table)
    assert [float(row[2]) for row in rows] == drawn.table["loss"]
