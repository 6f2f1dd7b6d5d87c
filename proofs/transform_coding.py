"""Compression breaks the gauge: only signed permutations of the principal components are free.

A code z = G Uᵀ x is quantised with one step Δ, each entry coded on its own. For Δ → 0 it costs more
than the principal components Uᵀ x do at the same error, per entry by

    ½ log₂ GM((G Λ Gᵀ)_ii)/GM(λ_i) + ½ log₂ ‖G⁻¹‖²/n  >=  0    bits,

GM being geometric means. It is 0 iff G Λ Gᵀ is diagonal and GᵀG is a multiple of 1; that is, iff G
is a multiple of a signed permutation.

Hypotheses: Gaussian x; distinct λ > 0; G invertible; one step for all entries. With ties the two
conditions on G Λ Gᵀ and GᵀG remain, and allow rotations among tied components.

Bound: by Hadamard, det(G Λ Gᵀ) <= Π (G Λ Gᵀ)_ii, and AM–GM, det(GᵀG)^(−1/n) <= ‖G⁻¹‖²/n.
What the principal components save over the entries of x themselves is the case G = U. They still
need ½ log₂ (2πe/12) = 0.2546 bits per entry more than R(D), as scalar quantisers do.

References: Gersho and Gray, Vector Quantization and Signal Compression, transform coding (wording
not confirmed).

Post: F17 ("as compressors": the freedom GL(p) of the code is gone once its entries are rounded).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.compression import gauge_cost, gauge_factor
from linae.exact import Array, inverse, rationals
from proofs._auto import frames
from proofs._cases import gauges
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Basis(Case):
    """Variances of the principal components, G, and the steps of the quantiser."""

    values: tuple[Fraction, ...]
    G: Array
    steps: tuple[Fraction, ...]


@st.composite
def hypotheses(draw: st.DrawFn) -> Basis:
    """Any G, rotations, and multiples of signed permutations."""
    n = draw(st.integers(1, 3))
    values = draw(st.permutations([Fraction(k) for k in (4, 2, 1, Fraction(1, 3))]))[:n]
    scale = draw(st.sampled_from([Fraction(1), Fraction(-3, 2)]))
    order = draw(st.permutations(range(n)))
    signs = np.diag(draw(st.lists(st.sampled_from([1, -1]), min_size=n, max_size=n)))
    G = draw(st.one_of(gauges(n), frames(n), st.just(rationals(signs[list(order)]))))
    return Basis(tuple(values), scale * G, (draw(st.sampled_from([Fraction(1), Fraction(2)])),) * n)


def conclusion(case: Basis) -> None:
    """4^(n · bits) by products of variances and steps: rational, no logarithm."""
    n, G, values = len(case.G), case.G, np.array(case.values, dtype=object)
    covariance, steps = G * values @ G.T, np.array(case.steps, dtype=object)
    errors = inverse(G) * steps  # its columns: where an error of one entry goes
    mean = (errors * errors).sum() / n
    factor = prod(covariance.diagonal() / steps**2) / prod(values / mean)
    assert factor >= 1
    gram = G.T @ G
    is_diagonal = np.array_equal(covariance, np.diag(covariance.diagonal()))
    is_conformal = np.array_equal(gram, gram[0, 0] * np.eye(n, dtype=int))
    assert (factor == 1) == (is_diagonal and is_conformal)
    assert (factor == 1) == is_permutation(G), f"G = {G} costs the factor {factor}"
    assert factor == gauge_factor(G, values)


def is_permutation(G: Array) -> bool:
    """Whether G is a multiple of a signed permutation."""
    one_each = all((np.count_nonzero(G, axis=axis) == 1).all() for axis in (0, 1))
    return one_each and len({abs(x) for x in G.flat if x}) == 1


def figure(ax: Any) -> None:
    """Two components that are rotated and then rounded cost more, but at multiples of 90°."""
    turn = np.linspace(0, np.pi, 181)
    for ratio, color in ((100, "#0072B2"), (10, "#D55E00"), (2, "#009E73")):
        frames = [np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]) for t in turn]
        cost = [gauge_cost(G, (ratio, 1)) for G in frames]
        ax.plot(np.degrees(turn), cost, color=color, label=f"λ₁/λ₂ = {ratio}")
    ax.set(xlabel="rotation of the code, degrees", ylabel="bits per entry more", ylim=(0, None))
    ax.set_xticks([0, 45, 90, 135, 180])
    ax.legend(frameon=False, loc="upper center")


def _basis(values: tuple[int, int], G: Any, steps: tuple[int, int] = (1, 1)) -> Basis:
    return Basis(tuple(map(Fraction, values)), rationals(G), tuple(map(Fraction, steps)))


counterexamples = {
    "distinct λ": _basis((1, 1), [["3/5", "-4/5"], ["4/5", "3/5"]]),
    "one step for all entries": _basis((2, 1), [[2, 0], [0, 1]], (2, 1)),
}
