"""Classes listed best first, counted by index, and ranked, against lists by brute force."""

import copy
import itertools
import pickle
import random
import time
import tracemalloc
from collections import Counter
from fractions import Fraction
from math import comb

import numpy as np
import pytest

from linae import Moments, SquaredLoss, TiedWeights, WeightDecay, number_of_classes
from linae.counting import classes_by_index
from linae.enumeration import BestFirst
from linae.exact import Gaussian, rationals
from linae.ranking import _dominating, _listed, _on_a_grid, better_classes

RNG = random.Random(0)


def drawn(most=12):
    """Sizes of groups, a gain for every component, and a width."""
    sizes = [RNG.choice([1, 1, 1, 2, 3]) for _ in range(RNG.randint(0, 5))]
    levels = sorted(RNG.sample(range(1, most), len(sizes)), reverse=True)
    return sizes, [x for x, size in zip(levels, sizes, strict=True) for _ in range(size)]


def named(gains, width):
    """The first subset of each choice of gains: (−sum, −size, subset), sorted."""
    first = {}
    for r in range(min(width, len(gains)) + 1):
        for J in itertools.combinations(range(len(gains)), r):
            first.setdefault(tuple(gains[j] for j in J), J)
    return sorted((-sum(choice), -len(J), J) for choice, J in first.items())


def test_equal_sums_have_an_order_too():
    """Sum of gains, then size, then lexicographic order; gains with many equal sums."""
    for _ in range(300):
        (sizes, gains), width = drawn(), RNG.randint(1, 7)
        assert list(BestFirst(gains, sizes, width)) == [J for *_, J in named(gains, width)]


def test_sums_of_doubles_and_fractions_are_compared_exactly():
    """0.2 + x and 0.3, for doubles x about 0.1, that doubles cannot always tell apart."""
    blind, x = 0, 0.1
    for _ in range(6):
        more = Fraction(0.2) + Fraction(x) >= Fraction(0.3)
        blind += (0.2 + x >= 0.3) != more
        expected = [(1, 2), (0,)] if more else [(0,), (1, 2)]
        assert list(BestFirst([0.3, 0.2, x], [1, 1, 1], 2))[2:4] == expected
        x = float(np.nextafter(x, 0))
    assert blind
    exact = [Fraction(k, 10) for k in (3, 2, 1)]
    assert list(BestFirst(exact, [1, 1, 1], 2))[2:4] == [(1, 2), (0,)]


def test_rounded_ties_are_one_class():
    """Components of a group whose gains differ are taken in order, and their sums compared."""
    for _ in range(200):
        (sizes, values), width = drawn(), RNG.randint(1, 7)
        gains = [5 * x - j + values.index(x) for j, x in enumerate(values)]
        found = list(BestFirst(gains, sizes, width))
        keys = [(-sum(gains[j] for j in J), -len(J), J) for *_, J in named(values, width)]
        assert found == [J for *_, J in sorted(keys)]


def test_a_list_can_be_left_resumed_copied_and_pickled():
    """What follows is the same, from any point on, also in the middle of equal sums."""
    gains, sizes = [9, 8, 8, 5, 3, 2, 2, 1], [1, 2, 1, 1, 2, 1]
    every = list(BestFirst(gains, sizes, 5))
    for start in range(0, len(every), 7):
        listing = SquaredLoss(Moments.auto(np.diag(rationals(gains))), 5).index_sets()
        assert list(itertools.islice(listing, start)) == every[:start]
        twins = [copy.copy(listing), copy.deepcopy(listing), pickle.loads(pickle.dumps(listing))]
        for twin in (*twins, listing):
            assert list(twin) == every[start:]


def test_the_best_of_very_many_come_at_once():
    """Of 10¹²⁰ classes the best 5,000, in memory for about as many; the first ones by hand."""
    gains = np.sort(np.random.default_rng(1).random(5000))[::-1].tolist()
    start, listing = time.perf_counter(), BestFirst(gains, [1] * 5000, 50)
    found = list(itertools.islice(listing, 5000))
    assert time.perf_counter() - start < 5
    assert len(listing._waiting) < 5000
    top = tuple(range(49))
    assert found[:2] == [(*top, 49), (*top, 50)]
    exact = list(map(Fraction, gains[:2000]))
    sums = [sum(exact[j] for j in J) for J in found[::100]]
    assert sums == sorted(sums, reverse=True)
    assert len(set(found)) == 5000


def test_long_chains_are_pickled_and_copied():
    """Of 1,200 members that have left their places, more than a recursion bears."""
    p = 1200
    gains, sizes = [10**7] * p + [10**7 - 1] * p, [p, p]
    listing = BestFirst(gains, sizes, p)
    for _ in range(1100):
        next(listing)
    follows = list(itertools.islice(copy.copy(listing), 20))
    for twin in (copy.deepcopy(listing), pickle.loads(pickle.dumps(listing))):
        assert list(itertools.islice(twin, 20)) == follows


def test_integers_of_numpy_do_not_overflow():
    """Gains near 2⁶³, listed and ranked as integers of any size are."""
    gains = [2**62 + 4, 2**62 + 2, 2**62 + 1, 2**62]
    narrow = list(map(np.int64, gains))
    sets = list(BestFirst(gains, [1] * 4, 3))
    assert list(BestFirst(narrow, [1] * 4, 3)) == sets
    for k, J in enumerate(sets[:4]):
        assert better_classes(narrow, [1] * 4, 3, J, listed=0) == (k, k)


def out_of_order(gains, J):
    """Pairs of an unselected and a selected component."""
    return sum(gains[k] > gains[j] for j in J for k in range(len(gains)) if k not in J)


def test_classes_are_counted_by_index():
    """All ranks and each one, widths beyond the rank too; few and many ties."""
    cases = [drawn() for _ in range(60)] + [([1] * 7, list(range(7, 0, -1)))]
    cases.append(([1] * 5 + [2], [9, 8, 7, 6, 5, 4, 4]))
    for sizes, gains in cases:
        rho, width = len(gains), RNG.randint(1, 7)
        indices = [
            (len(J), out_of_order(gains, J) + (width - len(J)) * (rho - len(J)))
            for *_, J in named(gains, width)
        ]
        assert classes_by_index(sizes, width) == Counter(index for _, index in indices)
        for r in range(min(width, rho) + 1):
            expected = Counter(index for rank, index in indices if rank == r)
            assert classes_by_index(sizes, width, r) == expected
        assert number_of_classes(sizes, width) == len(indices)


def test_counts_by_index_of_a_thousand_components():
    """At once; they sum up to all classes, are symmetric for each rank, and few at the bottom."""
    start = time.perf_counter()
    found = classes_by_index([1] * 1000, 10, 10)
    assert time.perf_counter() - start < 2
    assert sum(found.values()) == comb(1000, 10)
    assert [found[k] for k in range(8)] == [1, 1, 2, 3, 5, 7, 11, 15]  # partitions
    assert all(found[k] == found[9900 - k] for k in range(0, 9901, 33))


@pytest.mark.parametrize("landscape", [SquaredLoss, TiedWeights, WeightDecay])
def test_landscapes_count_and_rank_their_classes(landscape):
    """Against the inertia and the loss of each class."""
    more = (rationals(Fraction(3, 2)).item(),) if landscape is WeightDecay else ()
    for values in ((7, 5, 4, 2, 1), (4, 4, 2, 2, 0), (0, 0)):
        at = landscape(Moments.auto(np.diag(rationals(values))), 3, *more)
        classes = list(at.critical_classes())
        assert at.number_of_classes == len(classes)
        assert at.classes_by_index() == Counter(c.index for c in classes)
        for critical in classes:
            below = sum(other.loss < critical.loss for other in classes)
            assert at.better_classes(critical) == (below, below)
            assert at.quantile(critical).lower == Fraction(below, len(classes))


def test_complex_indices_are_even():
    """Twice those of the real landscape."""
    S = np.diag(rationals([5, 3, 2]))
    twice = SquaredLoss(Moments.auto(S * Gaussian(rationals(1).item())), 2).classes_by_index()
    once = SquaredLoss(Moments.auto(S), 2).classes_by_index()
    assert twice == {2 * index: count for index, count in once.items()}


def test_bounds_on_the_number_of_better_classes_hold():
    """Each of the three ways, and all together; grids of all steps; rounded ties."""
    exact = 0
    for _ in range(60):
        (sizes, gains), width = drawn(300), RNG.randint(1, 6)
        if not gains:
            continue
        if RNG.random() < 0.5:
            gains = [1000 * x - i for i, x in enumerate(gains)]
        sets = list(BestFirst(gains, sizes, width))
        sums = [sum(gains[j] for j in J) for J in sets]
        for J in RNG.sample(sets, min(5, len(sets))):
            true = sum(x > sum(gains[j] for j in J) for x in sums)
            for work in (0, 10**4, 10**6):
                grid = _on_a_grid(gains, sizes, width, J, work)
                assert grid.lower <= true <= grid.upper
                exact += grid.is_exact
            for bounds in (
                _dominating(sizes, width, J),
                _listed(gains, sizes, width, J, 4),
                better_classes(gains, sizes, width, J, listed=4, work=0),
            ):
                assert bounds.lower <= true <= bounds.upper
    assert exact > 100


def test_a_count_on_a_grid_keeps_to_its_work():
    """Three groups of 200 gains: memory and time of what was asked for, not of the width."""
    gains = [x for x in (0.9, 0.5123, 0.1) for _ in range(200)]
    tracemalloc.start()
    for work in (0, 10**8):
        bounds = better_classes(gains, [200] * 3, 600, range(300), listed=4, work=work)
        assert bounds.lower < bounds.upper
    assert tracemalloc.get_traced_memory()[1] < 10**8
    tracemalloc.stop()


def test_units_beyond_the_rank_rank_nothing():
    """Width 10⁹ is width 3; where there is one class, it is the best."""
    for J in BestFirst([5, 3, 1], [1, 1, 1], 3):
        wide = better_classes([5, 3, 1], [1, 1, 1], 10**9, J, listed=0)
        assert wide == better_classes([5, 3, 1], [1, 1, 1], 3, J)
    assert number_of_classes([1, 1, 1], 10**20) == 8
    assert better_classes([], [], 2, (), listed=0, work=0) == (0, 0)


def test_one_component_is_ranked_by_its_place():
    """At width 1 classes form a chain, which the bounds by domination know."""
    for k, J in enumerate([(0,), (1,), (3,), ()]):
        assert _dominating([1, 2, 3], 1, J) == (k, k)


def test_few_integers_are_ranked_exactly():
    """λ = 60, 59, …, 1 and width 12: 10¹² classes, against a count by recursion."""
    gains, J = list(range(60, 0, -1)), tuple(range(0, 60, 5))
    ways = {(0, 0): 1}
    for x in gains:
        for (r, total), count in list(ways.items()):
            if r < 12:
                ways[r + 1, total + x] = ways.get((r + 1, total + x), 0) + count
        ways = dict(ways)
    own = sum(gains[j] for j in J)
    better = sum(count for (_, total), count in ways.items() if total > own)
    assert better_classes(gains, [1] * 60, 12, J) == (better, better)


def test_a_class_among_very_many_is_ranked_between_bounds():
    """Of 2·10¹⁰ classes, with gains that no grid has; against a sample, to five deviations."""
    rng = np.random.default_rng(0)
    gains = np.sort(rng.random(64))[::-1].tolist()
    J = tuple(range(2, 64, 8))
    bounds = better_classes(gains, [1] * 64, 8, J, work=10**8)
    total = number_of_classes([1] * 64, 8)
    assert 0 < bounds.upper - bounds.lower < total // 100
    ranks = rng.choice(9, 20_000, p=[comb(64, r) / total for r in range(9)])
    own = sum(gains[j] for j in J)
    draws = [sum(gains[j] for j in rng.permutation(64)[:r]) > own for r in ranks]
    share, error = np.mean(draws), 5 * 0.5 / 20_000**0.5
    assert bounds.lower / total - error < share < bounds.upper / total + error
