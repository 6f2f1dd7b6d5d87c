"""All classes at once, the best of very many, and counts without a list.

Contenders are the plain ways: combinations one by one or as one array, a heap with a set of what
was seen, a dictionary of counts. A contender that does a part of the work is charged for all of it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain, combinations, islice
from math import comb

import numpy as np

from benchmarks._race import Contender, Race
from linae.census import Census
from linae.colex import IndexSets
from linae.counting import classes_by_index
from linae.enumeration import BestFirst
from linae.exact import Array
from linae.inertia import Inertia


def races() -> Iterator[Race]:
    yield everything(30, 8)
    yield everything(64, 6)
    yield best(5000, 50, 100_000)
    yield counts(1000, 10)
    yield Race(
        "number of classes of each index, all ranks, n = 5,000, p = 50",
        [Contender("linae", lambda: partial(classes_by_index, [1] * 5000, 50))],
        lambda found: _judged(sum(found.values()) == sum(comb(5000, r) for r in range(51))),
    )


def spectrum(n: int) -> list[float]:
    """Eigenvalues without ties or equal sums, largest first."""
    return np.sort(np.random.default_rng(n).random(n))[::-1].tolist()


def everything(n: int, p: int) -> Race:
    """Sums of losses and indices over all classes of full rank, known in closed form."""
    values, total = spectrum(n), comb(n, p)
    few = 200_000

    def judge(found: tuple[float, int, int]) -> str:
        losses, indices, count = found
        if count < total:
            others = zip(found, _array(values, p, few), strict=True)
            alike = all(abs(a - b) <= 1e-9 * abs(b) for a, b in others)
            return f"{_judged(alike)} of {count:,}"
        mean = sum(values) * (n - p) / n
        return _judged(
            indices * 2 == total * p * (n - p) and abs(losses / total - mean) < 1e-9 * mean
        )

    return Race(
        f"loss, index and nullity of all {total:,} classes of rank {p}, n = {n}",
        [
            Contender("linae, chunks", lambda: partial(_census, values, p)),
            Contender(
                "array of combinations", lambda: partial(_array, values, p, few), (), few / total
            ),
            Contender(
                "itertools, one by one", lambda: partial(_singly, values, p, few), (), few / total
            ),
        ],
        judge,
    )


def _census(values: list[float], p: int) -> tuple[float, int, int]:
    n, losses, indices, count = len(values), 0.0, 0, 0
    first = Inertia(0, p * p, p * (2 * n - p))
    for chunk in Census(values, IndexSets((1,) * n, p), sum(values[p:]), first).chunks():
        losses += float(chunk.losses.sum())
        indices += int(chunk.indices.sum(dtype=np.int64))
        count += len(chunk.losses)
    return losses, indices, count


def _array(values: list[float], p: int, few: int) -> tuple[float, int, int]:
    sets: Array = np.fromiter(
        chain.from_iterable(islice(combinations(range(len(values)), p), few)), int, few * p
    ).reshape(few, p)
    losses = sum(values) - np.array(values)[sets].sum(axis=1)
    indices = (sets - np.arange(p)).sum(axis=1)
    return float(losses.sum()), int(indices.sum()), few


def _singly(values: list[float], p: int, few: int) -> tuple[float, int, int]:
    total, losses, indices = sum(values), 0.0, 0
    for J in islice(combinations(range(len(values)), p), few):
        losses += total - sum(values[j] for j in J)
        indices += sum(j - i for i, j in enumerate(J))
    return losses, indices, few


def best(n: int, p: int, count: int) -> Race:
    """The first classes of all ranks."""
    values, some = spectrum(n), count // 20

    def judge(found: list[tuple[int, ...]]) -> str:
        sums = np.array(values)[np.array([J for J in found if len(J) == p])].sum(axis=1)
        return _judged(bool((np.diff(sums) < 1e-12).all()) and len(set(found)) == len(found))

    return Race(
        f"the best {count:,} of {float(sum(comb(n, r) for r in range(p + 1))):.0e} classes, "
        f"n = {n:,}, p = {p}",
        [
            Contender("linae", lambda: lambda: list(islice(BestFirst(values, [1] * n, p), count))),
            Contender("heap and set", lambda: partial(_seen, values, p, some), (), some / count),
        ],
        judge,
    )


def _seen(values: list[float], p: int, count: int) -> list[tuple[int, ...]]:
    """Of rank p only, in doubles."""
    root = tuple(range(p))
    heap, seen, found = [(-sum(values[:p]), root)], {root}, list[tuple[int, ...]]()
    while len(found) < count:
        lack, J = heapq.heappop(heap)
        found.append(J)
        for i, j in enumerate(J):
            moved = (*J[:i], j + 1, *J[i + 1 :])
            if j + 1 < (J[i + 1] if i + 1 < p else len(values)) and moved not in seen:
                seen.add(moved)
                heapq.heappush(heap, (lack + values[j] - values[j + 1], moved))
    return found


def counts(n: int, p: int) -> Race:
    """Of full rank, by index."""

    def judge(found: dict[int, int]) -> str:
        return _judged(sum(found.values()) == comb(n, p) and found[p * (n - p)] == 1)

    return Race(
        f"number of classes of each index, rank {p}, n = {n:,}",
        [
            Contender("linae", lambda: partial(classes_by_index, [1] * n, p, p)),
            Contender("dictionary of counts", lambda: partial(_counters, n, p)),
        ],
        judge,
    )


def _counters(n: int, p: int) -> dict[int, int]:
    """(k choose r)_q = (k − 1 choose r)_q + q^(k − r) (k − 1 choose r − 1)_q, term by term."""
    ways = [Counter({0: 1}), *(Counter[int]() for _ in range(p))]
    for k in range(1, n + 1):
        for r in range(min(k, p), 0, -1):
            for index, count in ways[r - 1].items():
                ways[r][index + k - r] += count
    return ways[p]


def _judged(right: bool) -> str:
    return "right" if right else "wrong"
