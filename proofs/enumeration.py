"""The critical classes are listed once each, loss non-decreasing, under their first names.

The first name of a class takes from every eigenspace its first components. Different classes may
have the same loss without any tie (3 = 2 + 1), so that a loss never names a class; among them those
of more components come first, then lexicographic order decides.

Hypotheses: none.

Equality: of the list with all classes sorted by brute force.

References: none; that every subset but the best has one parent is folklore of k-best enumeration.

Post: none; the report lists the best classes first.
"""

from __future__ import annotations

from itertools import combinations
from types import ModuleType
from typing import NamedTuple

from hypothesis import strategies as st

from linae.critical import best_first
from proofs import counting

uses: list[ModuleType] = [counting]


class Listing(NamedTuple):
    """Nonzero eigenvalues, non-increasing, and a width."""

    values: tuple[int, ...]
    width: int


def hypotheses() -> st.SearchStrategy[Listing]:
    """Up to eight eigenvalues, with ties and with sums that coincide."""
    values = st.lists(st.integers(1, 9), max_size=8).map(lambda v: tuple(sorted(v, reverse=True)))
    return st.builds(Listing, values, st.integers(1, 9))


def conclusion(case: Listing) -> None:
    """Every class is there once, with the first of its names, in the order that is claimed."""
    values, width = case
    distinct = sorted(set(values), reverse=True)
    listed = list(best_first(values, [values.count(value) for value in distinct], width))
    first: dict[tuple[int, ...], tuple[int, ...]] = {}
    for r in range(min(width, len(values)) + 1):
        for J in combinations(range(len(values)), r):
            first.setdefault(tuple(values[j] for j in J), J)
    assert listed == sorted(first.values(), key=lambda J: (-sum(values[j] for j in J), -len(J), J))


counterexamples: dict[str, Listing] = {}
