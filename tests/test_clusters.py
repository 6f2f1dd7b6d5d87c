"""Data of Dask: the same moments, on the scheduler of the user, even if workers die."""

import os
import signal

import numpy as np
import pytest

from linae import Moments, streams

array = pytest.importorskip("dask.array", reason="Dask is optional")
distributed = pytest.importorskip("distributed", reason="Dask is optional")

pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask, about ports and clean shutdown

RNG = np.random.default_rng(0)
X = 1e8 + RNG.standard_normal((500, 3))
Y = X[:, :2] ** 2


@pytest.fixture
def nothing_fits(monkeypatch):
    """Into memory."""
    monkeypatch.setattr(streams, "LARGE", 0)


@pytest.fixture(scope="module")
def client():
    """Of a cluster of two processes."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(processes=True, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def agree(found, expected):
    """To 1e-14 of the standard deviations."""
    for name in ("Sxx", "Syx", "Syy"):
        a, b = getattr(found, name), getattr(expected, name)
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-14 * np.abs(b).max())


@pytest.mark.usefixtures("nothing_fits")
@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("chunks", [(500, 3), (70, 2), (9, 1)])
def test_moments_do_not_depend_on_chunks(chunks, center):
    """Of rows, of columns, of other rows in Y; an array that is not of Dask beside one that is."""
    x, y = array.from_array(X, chunks=chunks), array.from_array(Y, chunks=(90, 1))
    agree(Moments.from_data(x, center=center), Moments.from_data(X, center=center))
    expected = Moments.from_data(X, Y, center=center)
    for given in [(x, y), (x, Y), (X, y)]:
        agree(Moments.from_data(*given, center=center), expected)


@pytest.mark.usefixtures("nothing_fits")
def test_numbers_of_rows_may_be_unknown():
    """As after a selection, which can leave chunks empty."""
    x = array.from_array(X, chunks=(50, 3))
    few = x[x[:, 0] > 1e8 + 2]
    agree(Moments.from_data(few), Moments.from_data(X[X[:, 0] > 1e8 + 2]))
    with pytest.raises(ValueError, match=r"^Need at least 1 sample in X\. Got no rows\.$"):
        Moments.from_data(x[x[:, 0] > 2e8])


def test_what_fits_into_memory_has_samples():
    """To the last bit those of the array."""
    found, expected = Moments.from_data(array.from_array(X)), Moments.from_data(X)
    assert np.array_equal(found.samples, expected.samples)


@pytest.mark.usefixtures("nothing_fits")
def test_a_cluster_gives_the_same_moments(client):
    """Processes of their own."""
    x = array.from_array(X, chunks=(60, 3))
    agree(Moments.from_data(x, Y), Moments.from_data(X, Y))


@pytest.mark.usefixtures("nothing_fits")
def test_a_worker_that_is_killed_changes_nothing(client, tmp_path):
    """The first to come to the fourth chunk dies there; another does its work again."""
    grave = tmp_path / "grave"

    def deadly(chunk, block_info=None):
        if block_info[0]["chunk-location"][0] == 3 and not grave.exists():
            grave.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return chunk

    x = array.from_array(X, chunks=(60, 3)).map_blocks(deadly, dtype=float, meta=np.empty((0, 0)))
    agree(Moments.from_data(x), Moments.from_data(X))
    assert grave.exists()


@pytest.mark.usefixtures("nothing_fits")
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            (np.where(np.arange(1500).reshape(X.shape) == 964, np.nan, X),),
            r"in X\. Got nan at \(321, 1\)\.",
        ),
        ((X[:, 0],), r"^Need X of shape \(samples, features\)\. Got shape \(500,\)\.$"),
        ((X, Y[1:]), r"^Need as many rows in Y as in X\. Got 499 in Y, 500 in X\.$"),
    ],
)
def test_unusable_data_are_refused_in_one_sentence(given, sentence):
    """With the place, counted over all chunks."""
    with pytest.raises(ValueError, match=sentence):
        Moments.from_data(*(array.from_array(table, chunks=100) for table in given))


@pytest.mark.usefixtures("nothing_fits")
@pytest.mark.parametrize(
    ("cut", "sentence"),
    [
        (np.s_[:, :2], r"^Need 3 columns in each chunk, as Dask was told\. Got 2\.$"),
        (np.s_[1:], r"^Need 500 rows in all chunks, as Dask was told\. Got 495\.$"),
    ],
)
def test_chunks_are_of_the_shape_that_dask_was_told(cut, sentence):
    """A column less would make a target of an input."""
    x = array.from_array(X, chunks=(100, 3))
    wrong = x.map_blocks(lambda chunk: chunk[cut], dtype=float, meta=np.empty((0, 0)))
    with pytest.raises(ValueError, match=sentence):
        Moments.from_data(wrong)


def test_an_unknown_number_of_rows_does_not_go_with_chunks():
    """Of an iterator, which is read in step."""
    x = array.from_array(X, chunks=(100, 3))
    with pytest.raises(ValueError, match=r"^Need X with a known number of rows, since the other"):
        Moments.from_data(x[x[:, 0] > 1e8], iter([Y]))


@pytest.mark.parametrize("large", [0, streams.LARGE])
def test_masked_entries_are_missing(monkeypatch, large):
    """In memory and out of it."""
    monkeypatch.setattr(streams, "LARGE", large)
    holes = array.ma.masked_where(np.arange(1500).reshape(X.shape) == 964, X)
    with pytest.raises(ValueError, match=r"in X\. Got nan at \(321, 1\)\.$"):
        Moments.from_data(holes.rechunk(100))
