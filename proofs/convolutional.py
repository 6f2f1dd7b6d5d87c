"""A convolutional autoencoder sees only a power spectrum, and passes or stops each frequency.

On a circle of n places let S(f) be the power spectrum of x: the eigenvalues of the mean S̄ of P S Pᵀ
over all shifts P. Then

    E‖x − a ∗ b ∗ x‖² = Σ_f S(f) |1 − â(f) b̂(f)|²,

which is also the loss on data that are augmented by all shifts. Its critical points have
â b̂ = 1 at a set of frequencies, with f also −f, and â = b̂ = 0 at the others with S(f) ≠ 0; where
S(f) = 0 they are free. With r frequencies passed and ρ that occur, of −n/2 < f <= n/2,

    negative   ρ − r
    zero       r + 2 (n − ρ)
    positive   ρ

Hypotheses: real auto-association, Y = X; one channel, stride 1, real filters of n taps, convolution
on the circle. Any S: stationary or not, S(f) = 0, equal powers of different frequencies.

Equality: of all three counts. The least loss is 0, as there is no bottleneck; every other critical
point is a strict saddle, of loss Σ S(f) over what is stopped. Frequencies of equal power do not
mix, as principal components would.

References: that circulant matrices commute with shifts is textbook; for this landscape none is
known.

Post: F12 (convolution is PCA restricted to sets of frequencies).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, inverse, rank, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.convolutional import Convolutional
from linae.moments import Moments
from proofs._auto import Start, listed_root, starts
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []

MODES: dict[int, list[list[list[int]]]] = {
    1: [[[1]]],
    2: [[[1, 1]], [[1, -1]]],
    3: [[[1, 1, 1]], [[2, -1, -1], [0, 1, -1]]],
    4: [[[1, 1, 1, 1]], [[1, 0, -1, 0], [0, 1, 0, -1]], [[1, -1, 1, -1]]],
    6: [
        [[1, 1, 1, 1, 1, 1]],
        [[2, 1, -1, -2, -1, 1], [0, 1, 1, 0, -1, -1]],
        [[2, -1, -1, 2, -1, -1], [0, 1, -1, 0, 1, -1]],
        [[1, -1, 1, -1, 1, -1]],
    ],
}
"""Multiples of the cosine and the sine of each frequency 0 <= f <= n/2, where they are rational."""


@dataclass(frozen=True, eq=False, repr=False)
class Filtered(Case):
    """Filters, and signals as columns, equally likely but for a factor.

    Attributes
    ----------
    X : (n, k)
        S = X Xᵀ.
    passed : tuple of frequencies 0 <= f <= n/2
    a, b : (1, n)
    sign : int
        Targets are sign · x.
    circular : bool
        Whether what leaves at one end enters at the other.
    """

    X: Array
    passed: tuple[int, ...]
    a: Array
    b: Array
    sign: int = 1
    circular: bool = True

    def filtered(self, a: Array, X: Array) -> Array:
        """a ∗ x, each x a column: entry j is the sum of a_i x_{j−i}."""
        steps = np.arange(len(X))
        places = steps[None] - steps[:, None]
        inside = (places >= 0) | self.circular
        return (a[:, None, None] * X[places] * inside[..., None]).sum(axis=0)

    @cached_property
    def _whole(self) -> tuple[Array, int]:
        return integers(self.X)

    def loss(self, a: Array, b: Array) -> Any:
        """The definition, over a common denominator."""
        (X, x), (a, d), (b, e) = self._whole, integers(a), integers(b)
        E = self.sign * d * e * X - self.filtered(a[0], self.filtered(b[0], X))
        return Fraction((E * E).sum(), (d * e * x) ** 2)

    @cached_property
    def augmented(self) -> Filtered:
        """The same filters on all shifts of the signals."""
        n = len(self.X)
        every = np.concatenate([np.roll(self.X, k, axis=0) for k in range(n)], axis=1)
        return Filtered(every, self.passed, self.a, self.b, self.sign, self.circular)

    def power(self, f: int) -> Any:
        """S(f)."""
        U = rationals(MODES[len(self.X)][f]).T
        inside = (U.T @ self.X).T / (U * U).sum(axis=0) @ U.T
        return (inside * inside).sum() / U.shape[1]


def integers(M: Array) -> tuple[Array, int]:
    """d M and the least d that makes it integer: some times faster than fractions."""
    d = lcm(*(x.denominator for x in M.flat))
    scaled = [x.numerator * (d // x.denominator) for x in M.flat]
    return np.array(scaled, dtype=object).reshape(M.shape), d


def projection(n: int, frequencies: Any) -> Array:
    """On the modes of these frequencies."""
    P = zeros((n, n), rationals([0]))
    for f in frequencies:
        U = rationals(MODES[n][f]).T
        P = P + U / (U * U).sum(axis=0) @ U.T
    return P


def filters_that_pass(n: int, passed: Any, h: Array) -> tuple[Array, Array]:
    """h at these frequencies, and its inverse there; δ in place of an h with a zero there."""
    P, one = projection(n, passed), eye(n, h)
    C = np.stack([np.roll(P @ h, k) for k in range(n)], axis=1) + one - P
    if rank(C) < n:
        return filters_that_pass(n, passed, one[0])
    return P @ h, P @ inverse(C)[:, 0]


@st.composite
def hypotheses(draw: st.DrawFn) -> Filtered | Start:
    """One or two signals, of some frequencies only, that pass a filter, of some of these only. One
    in eight is the start of a root search."""
    n = draw(st.sampled_from([1, *[2, 3, 3, 4] * 6, 6]))
    every = range(n // 2 + 1)
    silent = draw(st.sets(st.sampled_from(every), max_size=1)) if n > 1 else set()
    X = draw(matrices(n, draw(st.integers(1, 2))))
    X = X - projection(n, silent) @ X
    at = Filtered(X, (), zeros((1, n), X), zeros((1, n), X))
    occurring = [f for f in every if at.power(f)]
    if draw(st.integers(0, 7)) == 7:
        return draw(starts(Convolutional(Moments.auto(X @ X.T))))
    passed = [f for f in occurring if draw(st.booleans())]
    a, b = filters_that_pass(n, passed, draw(matrices(1, n))[0])
    N = projection(n, [f for f in every if f not in occurring])
    free = draw(matrices(2, n)) @ N
    return Filtered(X, tuple(passed), (a + free[0])[None], (b + free[1])[None])


def conclusion(case: Filtered | Start) -> None:
    """By values of the loss on the signals, and exact inertia of its second differences."""
    if isinstance(case, Start):
        listed_root(case)
        return
    n, weights = len(case.X), (case.a, case.b)
    landscape = Convolutional(Moments.auto(case.X @ case.X.T))
    for a, b in (weights, (case.a + 1, case.b - case.X.T[:1])):
        value = case.loss(a, b)
        assert n * value == case.augmented.loss(a, b), "shifts matter"
        assert value == landscape.loss(a, b)
    assert not np.any(calculus.gradient(case.loss, weights, 4)), "not critical"
    found, place = inertia(calculus.hessian(case.loss, weights, 4)), landscape.place(*weights)
    assert place is not None
    assert found == place.inertia, f"claimed {place.inertia}, found {found}"
    J, sizes = place.critical.index_set, [len(modes) for modes in MODES[n]]
    powers = [[case.power(f)] * sizes[f] for f in range(len(sizes))]
    chosen = sorted(x for f in case.passed for x in powers[f])
    assert sorted(landscape.spectrum.eigenvalues[list(J)]) == chosen
    assert case.loss(*weights) == landscape.class_loss(J) == sum(_flat(powers)) - sum(chosen)
    assert (case.loss(*weights) == 0) == (found.negative == 0)


def _flat(parts: list[list[Any]]) -> Iterator[Any]:
    return (x for part in parts for x in part)


def proof(n: int = 4) -> None:
    """The identity of the loss in symbols for n = 4, where e^(2πi/n) is i; then, frequency by
    frequency, s |1 − a b|² with complex a and b, or real ones where f = −f.

    Only if: b̄ (1 − a b) and ā (1 − a b) vanish only where a b = 1, or a = b = 0. If: the form of
    second order is s |b ȧ + a ḃ|² where a b = 1, of rank 1, and −2 s Re ȧ ḃ where a = b = 0, of
    one negative and one positive square; both twice if complex.
    """
    import sympy

    assert n in (1, 2, 4), "Need a root of unity in ℚ(i)."
    i = sympy.I
    a, b, x = (sympy.symbols(f"{letter}:{n}", real=True) for letter in "abx")
    root = {1: sympy.Integer(1), 2: sympy.Integer(-1), 4: i}[n]

    def transform(v: Any, f: int) -> Any:
        return sum(v[j] * root ** (-f * j) for j in range(n))

    def convolved(u: Any, v: Any) -> list[Any]:
        return [sum(u[k] * v[(j - k) % n] for k in range(n)) for j in range(n)]

    e = [y - z for y, z in zip(x, convolved(a, convolved(b, x)), strict=True)]
    shipped = Convolutional(Moments.auto(np.outer(x, x)))
    weights = (np.array([v], dtype=object) for v in (a, b))
    assert sympy.expand(sum(y**2 for y in e) - shipped.loss(*weights)) == 0
    claimed = 0
    for f in range(n):
        power, gain = transform(x, f), 1 - transform(a, f) * transform(b, f)
        claimed += power * gain * sympy.conjugate(power * gain) / n
    assert sympy.expand(sum(y**2 for y in e) - claimed) == 0
    _one_frequency()


def _one_frequency() -> None:
    """By second derivatives in real coordinates, at a point of each kind."""
    import sympy

    p, q = sympy.symbols("p q", real=True)
    c, d, g, h = sympy.symbols("c d g h", real=True)
    s = sympy.symbols("s", positive=True)
    real = s * (1 - p * q) ** 2
    assert sympy.factor(real.diff(p)) == sympy.factor(-2 * s * q * (1 - p * q))
    assert sympy.factor(real.diff(q)) == sympy.factor(-2 * s * p * (1 - p * q))
    H = sympy.hessian(real, (p, q))
    assert H.subs({p: 0, q: 0}) == -2 * s * sympy.Matrix([[0, 1], [1, 0]])
    gain = sympy.Matrix([[1 / p, p]])
    assert sympy.simplify(H.subs(q, 1 / p) - 2 * s * gain.T * gain) == sympy.zeros(2)
    z, w = c + sympy.I * d, g + sympy.I * h
    gap = 1 - z * w
    loss = sympy.expand(s * gap * sympy.conjugate(gap))
    for derivative, other in (((c, d), w), ((g, h), z)):
        wirtinger = loss.diff(derivative[0]) + sympy.I * loss.diff(derivative[1])
        assert sympy.expand(wirtinger + 2 * s * sympy.conjugate(other) * gap) == 0
    origin, passing = dict.fromkeys((c, d, g, h), 0), {g: c / (c**2 + d**2), h: -d / (c**2 + d**2)}
    H = sympy.hessian(loss, (c, d, g, h))
    assert (H.subs(origin) ** 2) == 4 * s**2 * sympy.eye(4)
    assert H.subs(origin).trace() == 0
    onward = H.subs(passing).applyfunc(sympy.simplify)
    B = sympy.Matrix([[g, -h, c, -d], [h, g, d, c]]).subs(passing)
    assert (onward - 2 * s * B.T * B).applyfunc(sympy.simplify) == sympy.zeros(4)


def _point(**changed: Any) -> Filtered:
    """Two places, of powers 3 and 1; the mean passes."""
    given: dict[str, Any] = {
        "X": rationals([["1", "1"], ["2", "0"]]),
        "passed": (0,),
        "a": rationals([["1/2", "1/2"]]),
        "b": rationals([["1/2", "1/2"]]),
    }
    return Filtered(**(given | changed))


counterexamples = {
    "Y = X": _point(sign=-1),
    "convolution on the circle": _point(circular=False),
    "f also −f": Filtered(
        rationals([["1"], ["1"], ["0"]]),
        (1,),
        rationals([["1/3", "-1/6", "-1/6"]]),
        rationals([["2", "-1", "-1"]]),
    ),
}
