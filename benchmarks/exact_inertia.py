"""Exact inertia of a rational matrix, by linae with and without python-flint, and by SymPy.

SymPy computes with python-flint too, where that is installed. The judge knows the inertia by
construction: the matrix is Cᵀ D C with C invertible (Sylvester).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks._race import Contender, Race
from linae import inertia
from linae.exact import Array, floating, rationals
from linae.ldl import ldl


def races() -> Iterator[Race]:
    for size in (20, 60):
        H, expected = congruent(size)
        yield Race(
            f"exact inertia of a singular rational matrix of order {size}",
            [
                Contender("linae, with python-flint", lambda H=H: lambda: inertia(H), ("flint",)),
                Contender("linae, LDLᵀ in fractions", lambda H=H: lambda: ldl(H).signs),
                Contender("SymPy, characteristic polynomial", partial(_sympy, H)),
                Contender("NumPy eigvalsh, threshold 1e-9", partial(_numpy, H)),
            ],
            lambda found, expected=expected: (
                "right" if tuple(found) == expected else f"says {tuple(found)}, it is {expected}"
            ),
        )


def congruent(size: int) -> tuple[Array, tuple[int, int, int]]:
    """A matrix of known inertia, with eigenvalues over many orders of magnitude."""
    rng = np.random.default_rng(size)
    C = np.triu(rng.integers(-3, 4, (size, size)), 1) + np.eye(size, dtype=int)
    signs = np.array([1, -1, 0, 1, -1] * size)[:size]
    scales = [Fraction(int(s), 10 ** (3 * i % 14)) for i, s in enumerate(signs)]
    C, D = C.astype(object), np.diag(np.array(scales, dtype=object))
    counts = tuple(int((signs == s).sum()) for s in (-1, 0, 1))
    return rationals(C.T @ D @ C), counts


def _sympy(H: Array) -> Callable[[], Any]:
    from sympy import QQ
    from sympy.polys.matrices import DomainMatrix

    M = DomainMatrix([[QQ(x.numerator, x.denominator) for x in row] for row in H], H.shape, QQ)

    def answer() -> Any:
        coefficients = M.charpoly()
        while coefficients and not coefficients[-1]:
            coefficients = coefficients[:-1]
        zero = len(H) + 1 - len(coefficients)
        positive = sum((a > 0) != (b > 0) for a, b in pairwise(filter(None, coefficients)))
        return len(H) - zero - positive, zero, positive

    return answer


def _numpy(H: Array) -> Callable[[], Any]:
    M = floating(H)

    def answer() -> Any:
        values = np.linalg.eigvalsh(M)
        small = 1e-9 * np.abs(values).max()
        negative, positive = int((values < -small).sum()), int((values > small).sum())
        return negative, len(M) - negative - positive, positive

    return answer
