"""Data that are broken, strange, or lost on the way: refused in one sentence, or read for what they
are."""

import threading
import tracemalloc

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from linae import Moments, streams
from linae.cli import main
from linae.long_table import long_table
from linae.problem import given_data
from linae.reduction import reduction
from linae.scatter import Scatter
from linae.streams import chunks_of, streamed

RNG = np.random.default_rng(0)
N = 200
Z = RNG.standard_normal((N, 3)) + 5
HOLES = np.ma.masked_where(np.arange(3 * N).reshape(N, 3) == 301, Z)
LONG = np.where(np.arange(3 * N).reshape(N, 3) == 301, np.longdouble("1e400"), Z)


@pytest.fixture(params=["sums", "memory"])
def either_way(request, monkeypatch):
    """As sums of data that do not fit into memory, and in memory."""
    if request.param == "sums":
        monkeypatch.setattr(streams, "LARGE", 0)


@pytest.fixture
def nothing_fits(monkeypatch):
    """Into memory."""
    monkeypatch.setattr(streams, "LARGE", 0)


def pieces(X, size):
    """An iterator of chunks."""
    return (X[i : i + size] for i in range(0, len(X), size))


ONE = pieces(Z, 30)
ODD = {
    "masked": (lambda: (HOLES,), "Need finite numbers in X. Got nan at (100, 1)."),
    "masked chunks": (lambda: (pieces(HOLES, 9),), "Need finite numbers in X. Got nan at (100, 1)"),
    "masked targets": (lambda: (Z, HOLES), "Need finite numbers in Y. Got nan at (100, 1)."),
    "masked integers": (
        lambda: (np.ma.masked_equal([[1, 2], [3, 4]], 3),),
        "Need finite numbers in X. Got nan at (1, 0).",
    ),
    "long doubles": (lambda: (LONG,), "Need "),
    "ragged": (lambda: ([[1.0, 2.0], [3.0]],), "Need rows of one length in X. Got others."),
    "tuple of chunks": (lambda: ((Z, Z[1:]),), "Need rows of one length in X. Got others."),
    "ragged chunk": (lambda: (iter([[[1.0], []]]),), "Need rows of one length in X. Got others."),
    "one iterator": (
        lambda: (ONE, ONE),
        "Need X and Y that are read apart, or pairs. Got one iter",
    ),
}


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("name", ODD)
def test_odd_data_are_refused_in_one_sentence(name):
    """No warning, no number from under a mask, no chunk to X that was meant for Y."""
    tables, sentence = ODD[name]
    with pytest.raises(ValueError, match="Need") as refusal:
        Moments.from_data(*tables())
    assert str(refusal.value).startswith(sentence)


@pytest.mark.usefixtures("either_way")
def test_a_masked_array_without_holes_is_an_array():
    """The mask says nothing."""
    found = Moments.from_data(np.ma.masked_greater(Z, 1e9))
    assert np.array_equal(found.Sxx, Moments.from_data(Z).Sxx)


@pytest.mark.usefixtures("nothing_fits")
def test_columns_that_depend_on_each_other_are_data_too():
    """Integers of rank below the number of columns: rounding makes no negative eigenvalue of them
    that is more than rounding."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        width, mean = int(rng.integers(2, 8)), rng.choice([0, 1000, 10**8])
        factor = rng.integers(-3, 4, (width - 1, width))
        X = rng.integers(-9, 10, (100, width - 1)) @ factor + mean
        assert Moments.from_data(X.astype(float)).is_rounded


@pytest.mark.usefixtures("nothing_fits")
def test_a_rank_is_never_certain_because_of_rounding():
    """Integers of rank below the number of columns, far from zero: the last eigenvalue of the sums
    is rounding, and no class is certified or refuted for it."""
    rng = np.random.default_rng(2)
    for _ in range(100):
        width = int(rng.integers(2, 5))
        Z = rng.integers(-9, 10, (1000, width - 1)) @ rng.integers(1, 4, (width - 1, width))
        decision = reduction(Moments.from_data(Z + 1e8)).decision
        assert decision.answer < width or not decision.certain


def test_a_rank_in_memory_is_never_certain_because_of_rounding():
    """Integers again, of which the rows are kept: the factorisation rounds by more than its last
    step, the singular values, does."""
    rng = np.random.default_rng(2)
    for _ in range(200):
        width = int(rng.integers(2, 4))
        Z = rng.integers(-9, 10, (1000, width - 1)) @ rng.integers(1, 4, (width - 1, width))
        decision = reduction(Moments.from_data(Z)).decision
        assert decision.answer < width or not decision.certain


def test_moments_that_no_data_have_are_refused_even_if_rounded():
    """Rounding excuses 1e-14 of the largest, and no more."""
    S = [[1.0, 1 + 1e-12], [1 + 1e-12, 1.0]]
    with pytest.raises(ValueError, match=r"^Need jointly positive semidefinite moments"):
        Moments(S, S, S, is_rounded=True)


@pytest.mark.parametrize("threads", [1, 2])
def test_blocks_are_summed_by_a_blas_of_one_thread(monkeypatch, threads):
    """So that its threads do not show in the bits; afterwards it has them back."""
    seen, of = set(), Scatter.of

    def recorded(*tables, **options):
        seen.update(blas_threads())
        return of(*tables, **options)

    def blas_threads():
        return {x["num_threads"] for x in threadpool_info() if x["user_api"] == "blas"}

    monkeypatch.setattr(Scatter, "of", recorded)
    with threadpool_limits(2, user_api="blas"):
        streamed(chunks_of(Z), threads=threads)
        assert seen == {1}
        assert blas_threads() == {2}


def test_an_iterator_that_fails_says_so_itself():
    """Its own exception, and no thread is left."""

    def failing():
        yield from pieces(Z, 10)
        raise RuntimeError("disk on fire")

    before = threading.active_count()
    with pytest.raises(RuntimeError, match=r"^disk on fire$"):
        streamed(chunks_of(failing()), rows=2, threads=2)
    assert threading.active_count() == before


def test_rows_one_by_one_take_little_more_memory_than_their_numbers():
    """30,000 chunks of one number: 240 kB, while an array for each of them takes 5 MB."""
    tracemalloc.start()
    try:
        assert Moments.from_data(np.full((1, 1), float(i)) for i in range(30_000)).m == 1
        assert tracemalloc.get_traced_memory()[1] < 2.5e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", [np.int8, np.float32, np.complex64])
def test_data_are_large_if_their_doubles_are(monkeypatch, kind):
    """Whether they come as one array or in chunks."""
    X = (10 * Z).astype(kind)
    monkeypatch.setattr(streams, "LARGE", X.size * 8 * (2 if kind is np.complex64 else 1) - 1)
    assert Moments.from_data(X).samples is None
    assert Moments.from_data(pieces(X, 30)).samples is None
    monkeypatch.setattr(streams, "LARGE", streams.LARGE + 1)
    assert Moments.from_data(X).samples is not None
    assert Moments.from_data(pieces(X, 30)).samples is not None


@pytest.mark.usefixtures("nothing_fits")
def test_a_long_file_of_complex_numbers_counts_two_doubles_for_each(tmp_path, monkeypatch):
    """As its array does."""
    np.save(tmp_path / "c.npy", Z + 1j)
    monkeypatch.setattr(streams, "LARGE", 16 * Z.size - 1)
    assert long_table(tmp_path / "c.npy") is not None
    monkeypatch.setattr(streams, "LARGE", 16 * Z.size)
    assert long_table(tmp_path / "c.npy") is None


def npz(path):
    with path.open("wb") as file:
        np.savez(file, Z)


FILES = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("five, three, one"),
    "archive": npz,
    "objects": lambda path: np.save(path, np.full((9, 1), None)),
    "volume": lambda path: np.save(path, Z[None]),
    "scalar": lambda path: np.save(path, 3.0),
    "no rows": lambda path: np.save(path, Z[:0]),
    "no columns": lambda path: np.save(path, Z[:, :0]),
    "holes": lambda path: np.save(path, HOLES.filled(np.nan)),
    "long doubles": lambda path: np.save(path, LONG),
    "tiny": lambda path: np.save(path, Z * 1e-200),
    "records": lambda path: np.save(path, np.zeros((9, 1), dtype=[("a", float)])),
}


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("name", FILES)
def test_an_npy_file_that_is_no_table_of_numbers_is_refused_in_one_line(name, tmp_path, capsys):
    """With exit code 2."""
    path = tmp_path / "c.npy"
    FILES[name](path)
    assert main(["--input", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("linae: Need ")
    assert said.err.count("\n") == 1


@pytest.mark.usefixtures("nothing_fits")
def test_a_cut_npy_file_is_refused_in_one_line(tmp_path, capsys):
    """Of which the header promises more."""
    path = tmp_path / "c.npy"
    np.save(path, Z)
    path.write_bytes(path.read_bytes()[:-8])
    assert main(["--input", str(path)]) == 2
    assert capsys.readouterr().err.startswith("linae: Need a NumPy array of numbers. Got ")


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("options", [{"target": "3"}, {"columns": "3", "target": "1"}], ids=str)
def test_targets_whose_squares_are_no_doubles_are_refused(tmp_path, options):
    """Though the inputs are of usual size; and the other way round."""
    np.save(tmp_path / "c.npy", Z * [1, 1, 1e-200])
    with pytest.raises(ValueError, match=r"^Need numbers between 1e-60 and 1e\+60, in another un"):
        given_data(str(tmp_path / "c.npy"), **options)


@pytest.mark.usefixtures("either_way")
def test_deviations_whose_squares_are_no_doubles_scale_nothing(tmp_path):
    """Such a column is as good as constant."""
    np.save(tmp_path / "c.npy", Z * [1, 1, 1e-200])
    with pytest.raises(
        ValueError, match=r"^Need columns that vary for --scale\. Got constant 'col"
    ):
        given_data(str(tmp_path / "c.npy"), scale=True)


def test_few_columns_of_a_long_file_are_scaled_as_doubles(tmp_path, monkeypatch):
    """Whatever the file is made of: to the bit as those of a short file."""
    path = str(tmp_path / "c.npy")
    np.save(path, Z.astype(np.float32))
    small = given_data(path, columns="2", scale=True).moments
    monkeypatch.setattr(streams, "LARGE", 8 * N)
    assert np.array_equal(given_data(path, columns="2", scale=True).moments.Sxx, small.Sxx)


def test_few_columns_of_a_long_file_say_where_a_number_is_missing(tmp_path, monkeypatch):
    """By the name of the column and the row as people count it."""
    np.save(tmp_path / "c.npy", HOLES.filled(np.nan))
    monkeypatch.setattr(streams, "LARGE", 8 * N)
    sentence = r"^Need finite numbers\. Got nan in column 'column 2', row 101\.$"
    with pytest.raises(ValueError, match=sentence):
        given_data(str(tmp_path / "c.npy"), columns="2")
    assert given_data(str(tmp_path / "c.npy"), columns="3").moments.samples is not None


@pytest.fixture
def parquet(tmp_path):
    """A function that writes columns, by name, and returns the path."""
    pyarrow = pytest.importorskip("pyarrow", reason="Parquet is optional")
    from pyarrow import parquet

    def written(*columns):
        names, values = zip(*columns, strict=True)
        table = pyarrow.Table.from_arrays([pyarrow.array(x) for x in values], names=names)
        parquet.write_table(table, tmp_path / "c.parquet", compression="none")
        return tmp_path / "c.parquet"

    return written


@pytest.mark.usefixtures("either_way")
def test_columns_of_one_name_are_chosen_by_number(parquet):
    """In a Parquet file, which allows them."""
    path = str(parquet(("a", Z[:, 0]), ("a", Z[:, 1])))
    moments = given_data(path, columns="2").moments
    assert moments.Sxx == pytest.approx(Z[:, 1].var())
    with pytest.raises(ValueError, match=r"^Need the name of one column\. Got 'a', which names"):
        given_data(path, columns="a")


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("missing", [[True, False, None], [1, 2, None], [1.5, 2.5, None]])
def test_a_missing_number_in_a_parquet_file_is_found(parquet, missing):
    """Also a missing truth value: the column is one of numbers all the same."""
    path = str(parquet(("a", missing)))
    with pytest.raises(
        ValueError, match=r"^Need finite numbers\. Got .?nan.? in column 'a', row 3"
    ):
        given_data(path)


@pytest.mark.usefixtures("either_way")
def test_a_parquet_file_with_a_broken_page_is_refused_in_one_line(parquet, capsys):
    """Not as an output that cannot be written."""
    path = parquet(("a", Z[:, 0]))
    data = bytearray(path.read_bytes())
    data[4:6] = b"\xff\xff"
    path.write_bytes(data)
    assert main(["--input", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("linae: Need a ")
    assert "Parquet file" in said


@pytest.mark.usefixtures("nothing_fits")
def test_a_long_file_without_a_column_of_numbers_says_so(parquet):
    """There is nothing to choose among."""
    path = str(parquet(("a", ["x", "y"])))
    with pytest.raises(ValueError, match=r"choose numeric columns \(none is numeric\)\.$"):
        given_data(path)
