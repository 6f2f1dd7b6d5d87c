"""Noise on the weights sees the Hessian exactly: E L(θ + s ξ) = L + s²/2 tr ∇²L + s⁴ n p tr Sxx.

Here tr ∇²L = 2 n tr(B Sxx Bᵀ) + 2 tr Sxx ‖A‖², and the gradient, correlated with the noise, gives
the whole Hessian at all points around (Stein's identity):

    E[∇L(θ + s ξ) ξᵀ] / s = E ∇²L(θ + s ξ) = ∇²L + 2 s² (tr Sxx 1 ⊕ n Sxx ⊗ 1)

Hypotheses: the entries of ξ are independent, of mean 0, variance 1 and third moment 0. Standard
Gaussian noise is of this kind, and so are fair signs: the loss is quadratic in each single weight,
and cannot tell them apart. Real data.

Equality: for every s, as the loss is a quartic; 8 n p tr Sxx is its iterated Laplacian.

References: Stein 1981, Annals of Statistics 9 (wording not confirmed).

Post: E13 (noise and gradients give second-order information without a Hessian).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae.exact import Array, eye, rationals
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient, hessian
from proofs._cases import RATIONALS, instances_with, matrices, singular_values
from proofs._instances import Case, Instance, whitened
from proofs._symbols import is_zero, symbols, symmetric

uses: list[ModuleType] = [gradient, hessian]

SIGNS = {-1: Fraction(1, 2), 1: Fraction(1, 2)}
FIVE_POINTS = {0: Fraction(1, 2), **dict.fromkeys((-1, 1), Fraction(1, 6))}
FIVE_POINTS |= dict.fromkeys((-2, 2), Fraction(1, 12))
"""The moments of a standard Gaussian variable up to the fifth, as far as any quartic can see."""

Law = list[tuple[Fraction, tuple[int, ...]]]


@dataclass(frozen=True, eq=False, repr=False)
class Shaken(Case):
    """Weights with noise s ξ, ξ of a finite law: probabilities and values."""

    instance: Instance
    A: Array
    B: Array
    s: Fraction
    law: Law


def independent(entry: dict[Any, Fraction], size: int) -> Law:
    """The law of `size` independent entries."""
    outcomes = product(entry.items(), repeat=size)
    return [(prod(w for _, w in pairs), tuple(x for x, _ in pairs)) for pairs in outcomes]


@st.composite
def hypotheses(draw: st.DrawFn) -> Shaken:
    """Any weights in a landscape of up to six; signs, or a law with five Gaussian moments."""
    entry, sizes = draw(st.sampled_from([(SIGNS, SIZES), (SIGNS, SIZES), (FIVE_POINTS, SIZES[:3])]))
    n, p, m = draw(st.sampled_from(sizes))
    d = m - draw(st.integers(0, 1))
    at = draw(instances_with(draw(singular_values(min(n, d))), n, p, m, d, RATIONALS))
    A, B = draw(matrices(n, p)), draw(matrices(p, m))
    s = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(-3)]))
    return Shaken(at, A, B, s, independent(entry, A.size + B.size))


SIZES = [(1, 1, 1), (2, 1, 1), (1, 1, 2), (2, 1, 2), (1, 2, 1), (2, 2, 1), (1, 2, 2)]


def conclusion(case: Shaken) -> None:
    """Means over all outcomes, of losses on the samples and of gradients."""
    at, weights, s = case.instance, (case.A, case.B), case.s
    landscape, (n, p) = at.landscape, case.A.shape
    level, slopes, mean = Fraction(0), *np.zeros((2, landscape.size, landscape.size), dtype=object)
    for weight, outcome in case.law:
        xi = rationals(outcome)
        moved = _moved(weights, s * xi)
        slope = landscape.flatten(landscape.gradient(*moved))
        level += weight * at.loss(*moved)
        slopes += weight / s * np.outer(slope, xi)
        mean += weight * landscape.hessian(*moved)
    H, S = landscape.hessian(*weights), at.moments.Sxx
    code, decoder = (case.B @ S @ case.B.T).trace(), (case.A * case.A).sum()
    laplacian = 2 * n * code + 2 * S.trace() * decoder
    assert laplacian == np.trace(H)
    expected = at.loss(*weights) + s**2 / 2 * laplacian + s**4 * n * p * S.trace()
    assert level == expected, f"E L = {level}, expected {expected}"
    curved = H + 2 * s**2 * _mean_curvature(S, n, p)
    assert np.array_equal(slopes, curved), f"E ∇L ξᵀ / s = {slopes}, expected {curved}"
    assert np.array_equal(mean, curved), f"E ∇²L = {mean}, expected {curved}"


def _moved(weights: tuple[Array, Array], change: Array) -> tuple[Array, Array]:
    """Weights plus a change, given in the order of `flatten`."""
    A, B = weights
    dA, dB = np.split(change, [A.size])
    return A + dA.reshape(A.shape, order="F"), B + dB.reshape(B.shape, order="F")


def _mean_curvature(S: Array, n: int, p: int) -> Array:
    """tr Sxx 1 ⊕ n Sxx ⊗ 1."""
    decoder, encoder = S.trace() * eye(n * p, S), n * np.kron(S, eye(p, S))
    none = np.zeros((n * p, len(encoder)), dtype=int)
    return np.block([[decoder, none], [none.T, encoder]])


def proof(n: int = 2, p: int = 2, m: int = 2) -> None:
    """Every power of an entry of ξ that occurs is at most the third: replace ξ², ξ³ by 1 and 0."""
    A, B, s = symbols("A", n, p), symbols("B", p, m), sp.Symbol("s", real=True)
    S = symmetric("S", m)
    landscape = SquaredLoss(Moments(S, symbols("T", n, m), symmetric("C", n)), p)
    xi = symbols("x", 1, n * p + p * m)[0]
    moved = _moved((A, B), s * xi)
    H, trace = landscape.hessian(A, B), S.trace()
    laplacian = 2 * n * (B @ S @ B.T).trace() + 2 * trace * (A * A).sum()
    level = landscape.loss(A, B) + s**2 / 2 * laplacian + s**4 * n * p * trace
    assert is_zero(H.trace() - laplacian, _means(landscape.loss(*moved), xi)[0] - level)
    curved = H + 2 * s**2 * _mean_curvature(S, n, p)
    slopes = landscape.flatten(landscape.gradient(*moved))
    units = np.eye(len(xi), dtype=int)
    assert is_zero(np.array([_means(slope, xi, units) for slope in slopes]) - s * curved)
    bent = landscape.hessian(*moved)
    assert is_zero(np.array([_means(h, xi)[0] for h in bent.flat]) - curved.ravel())


def _means(polynomial: Any, xi: Array, factors: Any = ((0,),)) -> list[Any]:
    """The expectations of a polynomial in ξ times monomials, given by their powers."""
    moments = {0: 1, 1: 0, 2: 1, 3: 0}
    terms = [(c, np.array(k)) for k, c in sp.Poly(sp.expand(polynomial), *xi).terms()]
    return [sum(c * prod(moments[i] for i in k + extra) for c, k in terms) for extra in factors]


_SKEW = {Fraction(2): Fraction(1, 5), Fraction(-1, 2): Fraction(4, 5)}


def _shaken(law: Law) -> Shaken:
    at = whitened((1,), width=1)
    return Shaken(at, at.U, at.U, Fraction(1), law)


counterexamples = {
    "independent entries": _shaken([(Fraction(1, 2), (1, 1)), (Fraction(1, 2), (-1, -1))]),
    "mean 0": _shaken(independent({1: Fraction(1)}, 2)),
    "variance 1": _shaken(independent({-2: Fraction(1, 2), 2: Fraction(1, 2)}, 2)),
    "third moment 0": _shaken(independent(_SKEW, 2)),
}
