"""How many solutions a system of polynomial equations has, complex and real, exactly.

    Solutions([x**2 - y, y**2 - 1], [x, y]).real            # 2, of 4 complex ones

By a Gröbner basis over ℚ and Hermite's trace form: on the quotient ring, which has one dimension
for every solution, the form (f, g) ↦ trace of the multiplication by f g h has as its rank the
number of distinct solutions with h ≠ 0, and for h = 1 as its signature that of the real ones. No
root is computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations_with_replacement, count
from typing import Any

import numpy as np
from sympy import QQ
from sympy.polys.groebnertools import groebner
from sympy.polys.orderings import grevlex
from sympy.polys.rings import PolyRing

from linae.exact import Array
from linae.inertia import Inertia, inertia

Powers = tuple[int, ...]


class Solutions:
    """The common zeros of polynomials with rational coefficients; counted if they are finite."""

    def __init__(self, equations: Sequence[Any], variables: Sequence[Any]) -> None:
        self.variables = list(variables)
        self.ring = PolyRing(self.variables, QQ, grevlex)
        self.basis = groebner([self.ring.from_expr(e) for e in equations], self.ring)
        self.leading = [g.leading_expv() for g in self.basis]

    @property
    def are_finite(self) -> bool:
        """Whether a power of every variable is a leading monomial."""
        size = self.ring.ngens
        return all(any(sum(m) == m[i] for m in self.leading) for i in range(size))

    @cached_property
    def monomials(self) -> list[Powers]:
        """A basis of the quotient ring: what no leading monomial divides."""
        if not self.are_finite:
            raise ValueError("Need finitely many solutions. Got infinitely many.")
        return list(_outside(self.leading, self.ring.ngens))

    @property
    def degree(self) -> int:
        """Number of complex solutions, with multiplicities: the dimension of the quotient ring."""
        return len(self.monomials)

    @property
    def real(self) -> int:
        """Number of distinct real solutions."""
        counts = self.form(1)
        return counts.positive - counts.negative

    def distinct(self, factor: Any = 1) -> int:
        """Number of distinct complex solutions at which a polynomial does not vanish."""
        counts = self.form(factor)
        return counts.positive + counts.negative

    def form(self, factor: Any) -> Inertia:
        """Inertia of Hermite's form with the weight h = `factor`."""
        terms = self.ring.from_expr(factor).terms()
        weight = sum(c * self._matrix(powers) for powers, c in terms)
        factors = [self._matrix(powers) for powers in self.monomials]
        traces = [[(M * N.T).sum() for M in factors] for N in (weight @ M for M in factors)]
        return inertia([[Fraction(str(x)) for x in row] for row in traces])

    def _matrix(self, powers: Powers) -> Array:
        """Multiplication by a monomial, in the basis of monomials."""
        if powers not in self._known:
            i = next(i for i, power in enumerate(powers) if power)
            less = (*powers[:i], powers[i] - 1, *powers[i + 1 :])
            self._known[powers] = self._generators[i] @ self._matrix(less)
        return self._known[powers]

    @cached_property
    def _known(self) -> dict[Powers, Array]:
        return {(0,) * self.ring.ngens: self._rational(np.eye(self.degree, dtype=int))}

    @cached_property
    def _generators(self) -> list[Array]:
        """Multiplication by each variable: remainders modulo the basis, column by column."""
        place = {powers: i for i, powers in enumerate(self.monomials)}
        matrices = []
        for x in self.ring.gens:
            M = self._rational(np.zeros((self.degree, self.degree), dtype=int))
            for powers, j in place.items():
                product = x * self.ring({powers: QQ(1)})
                for found, c in product.rem(self.basis).terms():
                    M[place[found], j] = c
            matrices.append(M)
        return matrices

    @staticmethod
    def _rational(M: Array) -> Array:
        return np.array([[QQ(int(x)) for x in row] for row in M], dtype=object)


def _outside(leading: Sequence[Powers], size: int) -> Iterator[Powers]:
    """The monomials that none of these divides, by degree."""
    for degree in count():
        kept = []
        for chosen in combinations_with_replacement(range(size), degree):
            powers = tuple(chosen.count(i) for i in range(size))
            if not any(all(a <= b for a, b in zip(m, powers, strict=True)) for m in leading):
                kept.append(powers)
        if not kept:
            return
        yield from kept
