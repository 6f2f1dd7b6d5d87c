"""Data that do not fit into memory: the same moments, in one pass, by blocks of rows."""

import os
import subprocess
import sys
import threading
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from linae import Moments, streams
from linae.exact import rationals
from linae.problem import given_data
from linae.scatter import LARGEST, Scatter
from linae.streams import chunks_of, streamed

RNG = np.random.default_rng(0)
N = 1000
Z = RNG.standard_normal((N, 3)) @ [[1, 0.5, 0], [0, 2, -1], [0, 0, 0.01]]
TIME = np.linspace(0, 1, N)[:, None]

DATA = {
    "centred": Z,
    "mean of 1e8": Z + 1e8,
    "other means": Z + np.array([0, -1e8, 3e4]),
    "drift": Z + 1e8 + 1e3 * TIME,
    "far drift": Z + 1e10 * np.sin(7 * TIME),
    "late jump": Z + 1e8 + 1e6 * (TIME > 0.95),
    "early jump": Z + 1e8 + 1e6 * (TIME > 0.05),
    "one early outlier": Z + 1e8 + 1e9 * (TIME == 0),
    "one late outlier": Z + 1e8 + 1e9 * (TIME == 1),
    "complex": Z + 1e8 + 1j * (Z[:, ::-1] - 1e8),
}


@pytest.fixture
def nothing_fits(monkeypatch):
    """Into memory."""
    monkeypatch.setattr(streams, "LARGE", 0)


def pieces(X, size):
    """An iterator of chunks."""
    return (X[i : i + size] for i in range(0, len(X), size))


def summed(*tables, **options):
    """With small blocks."""
    return streamed(chunks_of(*tables), **{"rows": 8, "threads": 1} | options)[0]


def same(a, b):
    """Whether summaries agree to the last bit."""
    return a.count == b.count and all(
        np.array_equal(getattr(a, name), getattr(b, name)) for name in ("mean", "rest", "square")
    )


def definition(X, center):
    """Mean of x xᴴ in rational arithmetic, of the same doubles."""
    rows = rationals(X)
    rows = rows - rows.sum(axis=0) / Fraction(N) if center else rows
    return (rows.T @ rows.conj()) / Fraction(N)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("name", DATA)
def test_sums_are_right_whatever_the_mean_and_wherever_it_drifts(name, center):
    """|S − exact| <= 1e-14 √(Sᵢᵢ Sⱼⱼ), entry by entry, of the rationals that the doubles are."""
    exact = definition(DATA[name], center)
    found = summed(DATA[name]).moment(center=center)
    size = np.sqrt(np.diagonal(exact).astype(complex).real)
    error = (rationals(found) - exact).astype(complex) / np.outer(size, size)
    assert np.abs(error).max() < 1e-14


@pytest.mark.parametrize("name", DATA)
def test_the_bits_do_not_depend_on_chunks_or_threads(name):
    """One row at a time, blocks, everything; an iterator, a list; one thread or three."""
    X = DATA[name]
    whole = summed(X)
    assert all(same(whole, summed(pieces(X, size))) for size in (1, 7, 64, 200, N))
    assert same(whole, summed([*pieces(X, 130)], threads=3))
    assert same(whole, summed(X, threads=3))


@pytest.mark.parametrize(
    "table",
    [
        Z.astype(np.float32),
        np.asfortranarray(Z),
        Z[::-2, ::-1],
        (100 * Z).astype(np.int16),
        (100 * abs(Z)).astype(np.uint64),
        Z > 0,
        (Z + 1j).astype(np.complex64),
    ],
    ids=["float32", "Fortran", "strided", "int16", "uint64", "bool", "complex64"],
)
def test_all_numbers_are_summed_in_doubles(table):
    """The same bits as of the array in doubles, in C order."""
    doubles = np.ascontiguousarray(table, dtype=np.result_type(table, float))
    assert same(summed(table), summed(doubles))


@pytest.mark.parametrize("size", [1, 9, N])
def test_a_column_that_does_not_vary_has_no_variance(size):
    """Exactly, though 0.1 is no double; and its mean is exact."""
    X = np.column_stack([Z[:, 0], np.full(N, 0.1)])
    total = summed(pieces(X, size))
    assert not total.square[1].any()
    assert (total.mean[1], total.rest[1]) == (0.1, 0)


def test_summaries_of_any_parts_add_to_that_of_the_whole():
    """Unequal parts, in any order."""
    parts = [Scatter.of([Z[i:j]]) for i, j in [(600, N), (0, 1), (1, 600)]]
    total, whole = parts[0] + parts[1] + parts[2], Scatter.of([Z])
    np.testing.assert_allclose(total.square, whole.square, rtol=0, atol=1e-15 * N)
    np.testing.assert_allclose(total.mean, Z.mean(axis=0), atol=1e-15)
    assert total.count == N


@pytest.mark.usefixtures("nothing_fits")
@pytest.mark.parametrize("center", [True, False])
def test_large_data_have_the_moments_of_small_ones(center, monkeypatch, tmp_path):
    """Arrays, mapped or not, pairs of chunks, chunks cut in different places."""
    X, Y = Z + 5, Z[:, :2] ** 2
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    large = [
        Moments.from_data(X, Y, center=center),
        Moments.from_data(mapped, Y, center=center),
        Moments.from_data(zip(pieces(X, 30), pieces(Y, 30), strict=True), center=center),
        Moments.from_data([*zip(pieces(X, 30), pieces(Y, 30), strict=True)], center=center),
        Moments.from_data(pieces(X, 30), pieces(Y, 70), center=center),
        Moments.from_data(X, pieces(Y, 70), center=center),
    ]
    monkeypatch.undo()
    small = Moments.from_data(X, Y, center=center)
    for moments in large:
        assert moments.samples is None
        assert moments.is_rounded
        for name in ("Sxx", "Syx", "Syy"):
            np.testing.assert_allclose(getattr(moments, name), getattr(small, name), rtol=1e-12)


def test_chunks_that_fit_into_memory_are_as_one_array():
    """With samples, to the last bit."""
    chunks, whole = Moments.from_data(pieces(Z, 30)), Moments.from_data(Z)
    assert np.array_equal(chunks.samples, whole.samples)
    assert np.array_equal(chunks.Sxx, whole.Sxx)


@pytest.mark.usefixtures("nothing_fits")
def test_a_chunk_may_be_overwritten_once_the_next_is_asked_for():
    """As by a reader with one buffer."""

    def reused():
        buffer = np.empty((100, 3))
        for chunk in pieces(Z, 100):
            buffer[:] = chunk
            yield buffer

    assert np.array_equal(Moments.from_data(reused()).Sxx, Moments.from_data(Z).Sxx)


@pytest.mark.usefixtures("nothing_fits")
def test_whatever_has_a_shape_and_slices_is_read_in_slices():
    """A data set of HDF5 or Zarr, say: never all of it."""
    X = np.tile(Z, (400, 1))

    class Rows:
        shape, dtype, nbytes = X.shape, X.dtype, X.nbytes

        def __getitem__(self, rows):
            assert len(X[rows]) < len(X)
            return X[rows]

    assert np.array_equal(Moments.from_data(Rows()).Sxx, Moments.from_data(X).Sxx)


BAD = np.where(np.arange(3 * N).reshape(N, 3) == 2222, np.nan, Z)
WRONG = {
    "nan": (lambda: (BAD,), "Need finite numbers in X. Got nan at (740, 2)."),
    "inf": (lambda: (np.where(np.isnan(BAD), np.inf, Z),), "Need finite numbers in X. Got inf at"),
    "target": (lambda: (Z, BAD), "Need finite numbers in Y. Got nan at (740, 2)."),
    "large": (lambda: (Z * 1e61,), "Need numbers up to 1e+60 in X, in another unit. Got "),
    "overflow": (lambda: (Z * 1e200,), "Need numbers up to 1e+60 in X, in another unit. Got "),
    "rows": (lambda: (Z, Z[1:]), "Need as many rows in Y as in X. Got 999 in Y, 1000 in X."),
    "rows of chunks": (
        lambda: (pieces(Z, 9), pieces(Z[1:], 9)),
        "Need as many rows in Y as in X. Got 999 in Y, 1000 in X.",
    ),
    "more rows": (
        lambda: (pieces(Z[:100], 9), pieces(Z, 9)),
        "Need as many rows in Y as in X. Got 1000 in Y, 100 in X.",
    ),
    "rows of a pair": (
        lambda: (iter([(Z, Z[1:])]),),
        "Need as many rows in Y as in X. Got 999 in Y",
    ),
    "columns": (
        lambda: (iter([Z, Z[:, 1:]]),),
        "Need 3 columns in each chunk, as in the first. Got 2 from row 1000 on.",
    ),
    "lost targets": (
        lambda: (iter([(Z, Z), Z]),),
        "Need 3 and 3 columns in each chunk, as in the first. Got 3 from row 1000 on.",
    ),
    "targets twice": (
        lambda: (iter([(Z, Z)]), Z),
        "Need targets in pairs of chunks, or as Y. Got both.",
    ),
    "vector": (
        lambda: (iter([Z[0]]),),
        "Need chunks of X of shape (samples, features). Got shape (3,).",
    ),
    "words": (lambda: (iter([np.array([["a"]])]),), "Need numbers in X. Got dtype <U1."),
    "none": (
        lambda: (iter([]),),
        "Need at least 1 sample in X. Got no rows, or an iterator at its end.",
    ),
    "no rows": (lambda: (iter([Z[:0]]),), "Need at least 1 sample in X. Got no rows, or"),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", WRONG)
def test_unusable_data_are_refused_in_one_sentence(name, threads):
    """With the place, counted over all chunks."""
    tables, sentence = WRONG[name]
    with pytest.raises(ValueError, match="Need") as refusal:
        summed(*tables(), threads=threads)
    assert str(refusal.value).startswith(sentence)


def test_numbers_up_to_the_largest_are_taken():
    """A large sum of them is no reason to refuse."""
    X = np.where(Z > 0, LARGEST, -LARGEST)
    assert summed(X).moment(center=False)[0, 0] == pytest.approx(LARGEST**2)


@pytest.mark.usefixtures("nothing_fits")
def test_progress_is_told_in_rows():
    """In order, up to all of them."""
    told = []
    summed(pieces(Z, 30), threads=2, progress=told.append)
    assert told == [*range(64, N, 64), N]
    Moments.from_data(Z, progress=told.append)
    assert told[-1] == N


def test_an_interruption_stops_the_threads():
    """None is left, and BLAS has its threads back."""
    before = threading.active_count(), [library["num_threads"] for library in threadpool_info()]

    def interrupt(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        summed(Z, threads=3, progress=interrupt)
    after = threading.active_count(), [library["num_threads"] for library in threadpool_info()]
    assert before == after


def test_memory_is_bounded():
    """Of 64 MB in chunks of 1 MB, less than 8 MB are held at any time."""
    tracemalloc.start()
    try:
        chunks = (np.full((2**14, 8), float(i)) for i in range(64))
        assert summed(chunks, rows=256, threads=2, copy=True).count == 2**20
        assert tracemalloc.get_traced_memory()[1] < 8e6
    finally:
        tracemalloc.stop()


def saved(name):
    """One table as a file of this name, with columns `column 1`, …"""
    X = Z + 5
    if name.endswith("npy"):
        np.save(name, np.asarray(X, order=name[0]))
        return
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet is optional")
    from pyarrow import parquet

    table = pyarrow.table({f"column {j + 1}": X[:, j] for j in range(3)})
    parquet.write_table(table, name, row_group_size=99)


OPTIONS = [
    {},
    {"scale": True},
    {"center": False, "scale": True},
    {"columns": "3,1"},
    {"columns": "2,column 1,2"},
    {"target": "2"},
    {"columns": "1", "target": "3,2", "scale": True},
    {"target": "other.npy"},
    {"target": "short.csv"},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", ["C.npy", "F.npy", "groups.parquet"])
def test_a_long_file_has_the_moments_of_a_short_one(tmp_path, monkeypatch, name, options):
    """All options on data, by chunks as in memory; the mean of inputs, too."""
    monkeypatch.chdir(tmp_path)
    saved(name)
    np.save("other.npy", Z**3)
    np.savetxt("short.csv", Z[:, :1] ** 2)
    small = given_data(name, **options)
    monkeypatch.setattr(streams, "LARGE", 0)
    long = given_data(name, **options)
    assert long.samples is None
    assert long.data == small.data
    np.testing.assert_allclose(long.mean, small.mean, rtol=1e-12)
    for S in ("Sxx", "Syx", "Syy"):
        found, expected = getattr(long.moments, S), getattr(small.moments, S)
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)


def test_few_columns_of_a_long_file_are_taken_into_memory(tmp_path, monkeypatch):
    """If they fit: with samples, and the same bits."""
    np.save(tmp_path / "c.npy", Z)
    small = given_data(str(tmp_path / "c.npy"), columns="2")
    monkeypatch.setattr(streams, "LARGE", 8 * N)
    long = given_data(str(tmp_path / "c.npy"), columns="2")
    assert np.array_equal(long.moments.samples, small.moments.samples)


def test_a_vector_is_one_long_column(tmp_path, monkeypatch):
    """As in memory."""
    np.save(tmp_path / "c.npy", Z[:, 0])
    monkeypatch.setattr(streams, "LARGE", 0)
    moments = given_data(str(tmp_path / "c.npy")).moments
    assert moments.Sxx == pytest.approx(Z[:, 0].var())


@pytest.mark.parametrize(
    ("X", "options", "sentence"),
    [
        (BAD, {}, "Need finite numbers. Got nan in column 'column 3', row 741."),
        (BAD, {"columns": "3,1"}, "Need finite numbers. Got nan in column 'column 3', row 741."),
        (BAD, {"target": "3"}, "Need finite numbers. Got nan in column 'column 3', row 741."),
        (Z * [1, 0, 1], {"scale": True}, "Need columns that vary for --scale. Got constant 'col"),
        (Z * 1e-80, {}, "Need numbers between 1e-60 and 1e+60, in another unit. Got "),
        (Z * 1e80, {}, "Need numbers up to 1e+60 in X, in another unit. Got "),
        (Z, {"columns": "4"}, "Need a column among 'column 1', 'column 2', 'column 3' of c.npy. G"),
        (Z, {"target": "1,2,3"}, "Need inputs besides the target '1,2,3'. Got none."),
        (np.full((9, 1), None), {}, "Need a NumPy array of numbers. Got Python objects in c.npy."),
        (np.full((9, 1), "a"), {}, "Need a NumPy array of numbers. Got dtype <U1 in c.npy."),
    ],
)
def test_what_is_wrong_with_a_long_file_is_said_in_one_sentence(
    tmp_path, monkeypatch, X, options, sentence
):
    """Rows are counted from 1, as those of a short file."""
    np.save(tmp_path / "c.npy", X)
    monkeypatch.setattr(streams, "LARGE", 0)
    with pytest.raises(ValueError, match="Need") as refusal:
        given_data(str(tmp_path / "c.npy"), **options)
    assert str(refusal.value).startswith(sentence)


@pytest.mark.usefixtures("nothing_fits")
def test_text_in_a_long_file_is_refused_with_the_columns_of_numbers(tmp_path):
    """Only if it was chosen."""
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet is optional")
    from pyarrow import parquet

    path = str(tmp_path / "words.parquet")
    parquet.write_table(pyarrow.table({"kind": ["a", "b"], "x": [1.0, 2.0]}), path)
    assert given_data(path, columns="x").moments.Sxx.item() == 0.25
    sentence = "Need numbers. Got string in column 'kind': choose numeric columns with --columns "
    with pytest.raises(ValueError, match="^" + sentence + r"among 'x'\.$"):
        given_data(path)


INTERRUPTED = """
import os, signal, sys, time
from linae import scatter, streams
from linae.cli import main

def slow(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.2)
    return of(*_, **__)

of, scatter.Scatter.of, streams.LARGE = scatter.Scatter.of, slow, 0
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_control_c_stops_the_command_while_it_reads(tmp_path):
    """Exit code 130, one line, no traceback."""
    np.save(tmp_path / "c.npy", np.zeros((10**6, 4)))
    run = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, "--input", tmp_path / "c.npy"],
        capture_output=True,
        timeout=60,
        env=os.environ,
    )
    assert (run.returncode, run.stdout, run.stderr) == (130, b"", b"linae: Interrupted.\n")
