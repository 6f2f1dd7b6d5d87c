"""All classes at once, against each class alone and against subsets one by one."""

import tracemalloc
from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest

from linae import (
    Adversarial,
    Moments,
    SquaredLoss,
    TiedContractive,
    TiedWeights,
    WeightDecay,
    Whitening,
    census,
)
from linae.census import Census
from linae.colex import IndexSets
from linae.exact import Gaussian, rationals
from linae.inertia import Inertia

SPECTRA = [(9, 7, 5, 3, 2), (5, 5, 5, 2, 2, 1), (4, 4, 2, 0), (3, 3, 3, 3), (2, 1, 0, 0), (0, 0)]


def decay(moments, width):
    """Of 3/2, which switches some components off."""
    return WeightDecay(moments, width, Fraction(3, 2))


def shrunk(moments, width):
    """Tied, with the same threshold."""
    return TiedContractive(moments, width, Fraction(3))


def whitened(moments, width):
    """A unit without a component costs 5/4."""
    return Whitening(moments, width, Fraction(5, 4))


LANDSCAPES = [SquaredLoss, TiedWeights, decay, shrunk, whitened]


def auto(values):
    """Auto-association with Sxx = diag(values), exactly."""
    return Moments.auto(np.diag(rationals(values)))


def first_names(values, size):
    """The first subset of each choice of values, by brute force, largest component first."""
    named = {}
    for J in combinations(range(len(values)), size):
        named.setdefault(tuple(values[j] for j in J), J)
    return sorted(named.values(), key=lambda J: J[::-1])


def whole(counted, size):
    """Losses, indices and nullities of all chunks, as lists."""
    chunks = list(counted.chunks(size))
    assert [chunk.start for chunk in chunks] == list(range(0, counted.count, size))
    columns = zip(*((c.losses, c.indices, c.nullities) for c in chunks), strict=True)
    return [np.concatenate(column).tolist() for column in columns]


@pytest.mark.parametrize("sizes", [(), (1,) * 6, (2, 1, 3), (3, 3), (1, 2, 1, 2), (6,)])
def test_positions_are_colexicographic_and_names_are_first(sizes):
    """Both ways, against subsets by brute force."""
    values = [-g for g, size in enumerate(sizes) for _ in range(size)]
    for r in range(len(values) + 2):
        sets, expected = IndexSets(sizes, r), first_names(values, r)
        assert sets.count == len(expected)
        found = sets.at_each(np.arange(sets.count))
        assert [tuple(J) for J in found.tolist()] == expected
        assert [sets.position(J) for J in expected] == list(range(sets.count))


def test_positions_may_be_integers_of_any_size():
    """Among 10¹²⁰ sets, and back; arrays of them have 64 bits."""
    sets = IndexSets((1,) * 5000, 50)
    assert sets.count == comb(5000, 50)
    for position in (0, 10**9, 2**63 - 1, 10**100, sets.count - 1):
        assert sets.position(sets.at(position)) == position
    assert sets.at(sets.count - 1) == tuple(range(4950, 5000))
    (row,) = sets.at_each(np.array([10**18]))
    assert tuple(row) == sets.at(10**18)


@pytest.mark.parametrize("landscape", LANDSCAPES)
@pytest.mark.parametrize("values", SPECTRA)
def test_a_census_says_of_all_classes_what_each_says_of_itself(landscape, values):
    """Every rank, widths below and above the rank of S; all numbers here are exact doubles, but
    for gains of components that shrink."""
    for width in (1, 3, 5):
        at = landscape(auto(values), width)
        classes = list(at.critical_classes())
        for r in range(min(width, sum(at.gains.multiplicities)) + 1):
            counted = at.census(r)
            losses, indices, nullities = whole(counted, 4)
            found = counted.index_sets(np.arange(counted.count)).tolist()
            expected = {c.index_set: c for c in classes if c.rank == r}
            assert {*map(tuple, found)} == set(expected)
            assert len(found) == len(expected)
            alone = [expected[tuple(J)] for J in found]
            assert losses == pytest.approx([float(c.loss) for c in alone], rel=1e-15 * (r + 2))
            assert indices == [c.index for c in alone]
            assert nullities == [c.nullity for c in alone]


@pytest.mark.parametrize("landscape", LANDSCAPES)
@pytest.mark.parametrize("values", SPECTRA)
def test_counts_and_quantiles_are_those_of_a_list_of_losses_and_hessians(landscape, values):
    """Choices of components one by one, each at a point of its class: the loss there, and the
    signs of the eigenvalues of its dense Hessian."""
    at = landscape(auto(values), 2)
    alive = values[: sum(at.gains.multiplicities)]
    points = [at.class_weights(J) for r in range(3) for J in first_names(alive, r)]
    losses = [float(at.loss(*weights)) for weights in points]
    spectra = [np.linalg.eigvalsh(at.hessian(*weights).astype(float)) for weights in points]
    assert at.number_of_classes == len(points)
    assert at.classes_by_index() == Counter(int((x < -1e-9).sum()) for x in spectra)
    listed = list(at.critical_classes())
    assert [float(c.loss) for c in listed] == pytest.approx(sorted(losses), rel=1e-13)
    for critical in listed:
        better = sum(loss < float(critical.loss) - 1e-9 for loss in losses)
        assert at.quantile(critical) == (Fraction(better, len(points)),) * 2


@pytest.mark.parametrize(
    "values", [(9, 7, 5, 3, 2), (64, 8, 4, 1), (5, 5, 2, 2, 0), (3, 1), (0, 0)]
)
def test_all_classes_of_one_rank_are_listed_where_no_other_is_finite(values):
    """Whitened codes by an adversary: all choices of three components, best first, also where
    fewer would leave less out."""
    at = Adversarial(auto(values), 3, Fraction(1))
    listed = [c.index_set for c in at.critical_classes()]
    expected = first_names([x for x in values if x], 3)
    assert sorted(listed) == sorted(expected)
    losses = [at.class_loss(J) for J in listed]
    assert losses == sorted(losses)
    assert at.number_of_classes == len(listed)


def test_complex_data_count_twice():
    """S = [[2, i], [−i, 2]] has the eigenvalues 3 and 1, and here a third one, 3."""
    S = rationals(np.array([[2, 1j, 0], [-1j, 2, 0], [0, 0, 3]]))
    for landscape in (SquaredLoss, decay):
        at = landscape(Moments.auto(S), 2)
        for r in range(3):
            counted = at.census(r)
            _, indices, nullities = whole(counted, 2)
            sets = map(tuple, counted.index_sets(np.arange(counted.count)).tolist())
            inertias = [at.class_inertia(J) for J in sets]
            assert indices == [found.negative for found in inertias]
            assert nullities == [found.zero for found in inertias]
    S = np.diag(rationals([3, 1])) * Gaussian(rationals(1).item())
    assert SquaredLoss(Moments.auto(S), 1).classes_by_index() == {0: 1, 2: 1, 4: 1}


@pytest.mark.parametrize("entries", [1, 2, 5, 40, 10**6])
@pytest.mark.parametrize("sizes", [(1,) * 9, (2, 1, 3, 1, 2)])
def test_tables_and_chunks_of_any_size_give_the_same(monkeypatch, entries, sizes):
    """From any position on; against sums over pairs by brute force."""
    monkeypatch.setattr(census, "ENTRIES", entries)
    values = [2.0 ** (len(sizes) - g) for g, size in enumerate(sizes) for _ in range(size)]
    expected, K = first_names(values, 4), range(len(values))
    first = Inertia(7, 50, 500)
    counted = Census(values, IndexSets(sizes, 4), 1.0 + sum(values[4:]), first)
    pairs = [[(values[k], values[j]) for j in J for k in K if k not in J] for J in expected]
    tied = [sum(x == y for x, y in pair) for pair in pairs]
    judge = [
        [1.0 + sum(values) - sum(values[j] for j in J) for J in expected],
        [7 + sum(x > y for x, y in pair) for pair in pairs],
        [50 + count - tied[0] for count in tied],
    ]
    for size in (1, 3, 10**5):
        assert whole(counted, size) == judge
    (chunk,) = counted.chunks(100, start=17, stop=29)
    assert chunk.losses.tolist() == judge[0][17:29]
    assert chunk.indices.tolist() == judge[1][17:29]


def test_losses_keep_their_digits_beside_large_gains():
    """Relative errors, with eigenvalues from 10¹² to 10⁻¹², against fractions."""
    values = [10.0**k for k in range(12, -13, -3)]
    at = SquaredLoss(Moments.auto(np.diag(values)), 6)
    counted = at.census(6)
    (chunk,) = counted.chunks()
    exact = [Fraction(x) for x in at.spectrum.eigenvalues]
    for J, found in zip(counted.index_sets(np.arange(84)), chunk.losses, strict=True):
        true = sum(exact) - sum(exact[j] for j in J)
        assert abs(Fraction(float(found)) - true) <= Fraction(8.01) * true / 2**53


def test_memory_is_that_of_a_chunk():
    """Of 4·10⁹ classes two chunks, far apart; their ends are the positions themselves."""
    values = np.sort(np.random.default_rng(0).random(64))[::-1].tolist()
    counted = Census(values, IndexSets((1,) * 64, 8), sum(values[8:]), Inertia(0, 0, 1024))
    tracemalloc.start()
    for start in (123_456_789, counted.count - 10_000):
        chunk = next(counted.chunks(10_000, start=start))
        sets = counted.index_sets(start + np.arange(10_000))
        left = sum(values) - np.array(values)[sets].sum(axis=1)
        np.testing.assert_allclose(chunk.losses, left, rtol=1e-13)
        assert chunk.indices.tolist() == (sets - np.arange(8)).sum(axis=1).tolist()
        assert chunk.nullities.strides == (0,)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 2**20  # tables of 2¹⁸ entries, 8 of them, and their parts


@pytest.mark.parametrize("landscape", LANDSCAPES)
@pytest.mark.parametrize("values", SPECTRA[1:4])
def test_spectra_of_all_classes_are_those_of_the_hessians(landscape, values):
    """Against the eigenvalues of every dense Hessian; exact data, doubles, and width 4."""
    for moments in (auto(values), auto(values).floating()):
        at = landscape(moments, 4)
        for r in range(min(4, sum(at.gains.multiplicities)) + 1):
            counted = at.census(r)
            sets = counted.index_sets(np.unique([0, counted.count // 2, counted.count - 1]))
            spectra = at.class_spectra(sets)
            assert spectra.shape == (len(sets), at.size)
            for J, row in zip(map(tuple, sets.tolist()), spectra, strict=True):
                H = at.hessian(*at.class_weights(J)).astype(float)
                np.testing.assert_allclose(row, np.linalg.eigvalsh(H), atol=1e-12 * max(values))
                assert (at.class_spectrum(J) == row).all()


def test_what_is_no_census_is_refused():
    """Requirement and received value."""
    at = SquaredLoss(auto((3, 2, 0)), 5)
    with pytest.raises(ValueError, match=r"Need 0 <= rank <= 2, .* Got rank = 3\."):
        at.census(3)
    with pytest.raises(ValueError, match=r"Need 0 <= rank <= 2, .* Got rank = -1\."):
        at.classes_by_index(-1)
    with pytest.raises(ValueError, match=r"Need a chunk of 1 <= size\. Got size = 0\."):
        next(at.census(1).chunks(0))
    with pytest.raises(ValueError, match=r"Need 0 <= start\. Got start = -1\."):
        next(at.census(1).chunks(start=-1))
    for position in (-1, 2):
        with pytest.raises(ValueError, match=rf"Need 0 <= position < 2\. Got {position}\."):
            at.census(1).index_sets([0, position])
        with pytest.raises(ValueError, match=rf"Need 0 <= position < 2\. Got {position}\."):
            IndexSets((1, 1), 1).at(position)


def test_a_census_is_its_chunks_and_ranks_are_integers():
    """Without asking for chunks; half a rank has no classes."""
    landscape = SquaredLoss(Moments.auto(np.diag([3.0, 2.0, 1.0])), 2)
    (chunk,) = landscape.census(2)
    assert chunk.losses.tolist() == [1, 2, 3]
    with pytest.raises(ValueError, match=r"Need 0 <= rank <= 2, .* Got rank = 1\.5"):
        landscape.census(1.5)
    for best in (0, -1):
        with pytest.raises(ValueError, match=rf"Need 1 <= best\. Got best = {best}\."):
            landscape.critical_classes(best)
