"""A tied sigmoid autoencoder is the slope of the free energy of an RBM: −∇F(x) = r(x) − x.

The autoencoder is r(x) = Bᵀ sig(B x + b) + a. Summing the hidden units h ∈ {0, 1}ᵖ out of the
energy ½‖x − a‖² − h·(B x + b), of a Gaussian–Bernoulli machine, leaves

    F(x) = ½‖x − a‖² − Σ softplus(b_j + B_j x),

and without the square, for the −a·v of binary v, −∇F(v) = r(v). With noise of variance s, the score
(r(x) − x)/s of a denoising autoencoder is the slope of a machine of visible variance s that has 1/s
copies of every hidden unit.

Hypotheses: linear output; the decoder is Bᵀ diag(t), t_j copies of unit j; t = 1 is tied weights.
Variance 1, or 1/s an integer.

Equality: of the slope with the mean slope over all states h, and then of F up to a constant. No
energy, of whatever form, has the slope A sig(B x + b) for any other decoder A, if the rows of B are
independent: its Jacobian A diag(sig′) B is not symmetric. For other s there is no machine, unless
units repeat: summed over h, e^(−F) is entire in x, and the power 1/s of 1 + e^z is not.

References: Vincent 2011, Neural Computation 23; Kamyshanska and Memisevic 2015, IEEE PAMI 37
(wording not confirmed).

Post: F13 ("Sigmoid = same energy function as deep belief nets?": of one layer yes; see
`belief_nets`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.energy import SigmoidLayer
from linae.exact import Array, floating, rank, rationals
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Layer(Case):
    """A sigmoid layer at a point x where e^z is rational, z = B x + b; so b need not be.

    Attributes
    ----------
    B : (p, n),  A : (n, p)
        Encoder and decoder.
    odds : (p,)
        e^z > 0.
    copies : (p,)
        How often each hidden unit is in the machine.
    precision : int
        1/s, of the visible units.
    squashed : (n,), optional
        e^y, if the output is sig(y) of what a linear output would be, y.
    """

    B: Array
    A: Array
    a: Array
    x: Array
    odds: Array
    copies: tuple[int, ...]
    precision: int = 1
    squashed: Array | None = None

    @property
    def output(self) -> Array:
        """r(x)."""
        if self.squashed is not None:
            return self.squashed / (1 + self.squashed)
        return self.A @ (self.odds / (1 + self.odds)) + self.a

    @property
    def jacobian(self) -> Array:
        """Of r, at x."""
        J = self.A * (self.odds / (1 + self.odds) ** 2) @ self.B
        w = self.squashed
        return J if w is None else (w / (1 + w) ** 2)[:, None] * J


@st.composite
def hypotheses(draw: st.DrawFn) -> Layer:
    """Up to three units, three visible ones and six hidden ones with their copies."""
    n, p = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    B, a, x = draw(matrices(p, n)), draw(matrices(n, 1))[:, 0], draw(matrices(n, 1))[:, 0]
    odds = rationals(draw(st.lists(ODDS, min_size=p, max_size=p)))
    precision = draw(st.integers(1, 6 // p))
    times = st.lists(st.integers(0, 6 // p // precision), min_size=p, max_size=p)
    t = draw(st.one_of(st.just([1] * p), times))
    A = rationals(B.T * np.array(t, dtype=object))
    return Layer(B, A, a, x, odds, tuple(precision * k for k in t), precision)


ODDS = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 3), Fraction(5, 2), Fraction(9)])


def conclusion(case: Layer) -> None:
    """By all states of the hidden units; then by differences of the free energy that ships."""
    J = case.jacobian
    assert np.array_equal(J, J.T), f"no energy: the Jacobian is {J}"
    slope, field = mean_slope(case), case.precision * (case.output - case.x)
    assert np.array_equal(slope, field), f"−∇F = {slope}, and the autoencoder has {field}"
    if len(set(case.copies)) == 1 and case.copies[0] == case.precision:
        _ships(case)
    _no_other(case)


def states(case: Layer) -> Iterator[tuple[Any, Array]]:
    """e^(h·z) for all states h of all copies, and Bᵀh."""
    rows = np.repeat(case.B, case.copies, axis=0)
    odds = np.repeat(case.odds, case.copies)
    for h in product((0, 1), repeat=len(odds)):
        yield prod((u for u, on in zip(odds, h, strict=True) if on), start=Fraction(1)), h @ rows


def mean_slope(case: Layer) -> Array:
    """−∇F: over the states h, given x, the mean of −∇ of the energy
    precision/2 ‖x − a‖² − h·(B x + b)."""
    weights, inputs = zip(*states(case), strict=True)
    total = sum(w * v for w, v in zip(weights, inputs, strict=True))
    return rationals(total / sum(weights) + case.precision * (case.a - case.x))


def _ships(case: Layer) -> None:
    """Floating: the layer of the package, its energies by enumeration and by central differences,
    whose error is of the order 10⁻¹⁰ here."""
    B, a, x, odds = (floating(M) for M in (case.B, case.a, case.x, case.odds))
    layer, k = SigmoidLayer(B, np.log(odds) - B @ x, a), case.precision
    weight = float(sum(w for w, _ in states(case)))
    energy = k / 2 * ((x - a) ** 2).sum() - np.log(weight)
    near, scale = 1e-4 * np.eye(len(x)), 1e-7 * (1 + np.abs(B).sum() + np.abs(x - a).sum()) * k
    gaussian = layer.denoising_energy(x, 1 / k)
    assert abs(gaussian - energy) < 1e-12 * (10 + abs(energy))
    downhill = layer.denoising_energy(x - near, 1 / k) - layer.denoising_energy(x + near, 1 / k)
    np.testing.assert_allclose(
        downhill / 2e-4, k * (layer.reconstruction(x) - x), rtol=0, atol=scale
    )
    np.testing.assert_allclose(layer.reconstruction(x), floating(case.output), rtol=0, atol=scale)
    downhill = layer.binary_free_energy(x - near) - layer.binary_free_energy(x + near)
    np.testing.assert_allclose(downhill / 2e-4, layer.reconstruction(x), rtol=0, atol=scale)


def _no_other(case: Layer) -> None:
    """For a decoder with another first row the Jacobian is symmetric everywhere only if each column
    is parallel to its unit; all odds occur somewhere if the rows of B are independent."""
    p = len(case.B)
    if rank(case.B) < p:
        return
    A = case.A.copy()
    A[0] += 1
    everywhere = product((Fraction(1), Fraction(2)), repeat=p)
    jacobians = [replace(case, A=A, odds=rationals(odds)).jacobian for odds in everywhere]
    parallel = all(rank(np.stack([A[:, j], case.B[j]])) < 2 for j in range(p))
    assert all(np.array_equal(J, J.T) for J in jacobians) == parallel


def figure(ax: Any) -> None:
    """The energy of an RBM of three hidden units; arrows: its autoencoder's r(x) − x, downhill."""
    turns = 2 * np.pi * np.arange(3) / 3 + np.pi / 2
    B = 3 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    layer = SigmoidLayer(B, np.full(3, -4.3), np.zeros(2))
    grid, coarse = np.linspace(-4, 4, 121), np.linspace(-3.6, 3.6, 17)
    points = np.stack(np.meshgrid(grid, grid), axis=-1)
    energy = layer.gaussian_free_energy(points)
    levels = np.quantile(energy, np.linspace(0, 1, 14) ** 1.3)
    filled = ax.contourf(grid, grid, energy, levels=levels, cmap="cividis")
    ax.figure.colorbar(filled, ax=ax, label="free energy F", format="%.1f")
    x = np.stack(np.meshgrid(coarse, coarse), axis=-1).reshape(-1, 2)
    arrows = layer.reconstruction(x) - x
    lengths = np.linalg.norm(arrows, axis=1, keepdims=True)
    arrows = arrows / np.sqrt(lengths)
    ax.quiver(*x.T, *arrows.T, color="white", angles="xy", scale=32, width=0.0045)
    ax.set(xlabel="x₁", ylabel="x₂", aspect="equal")


def _layer(A: Any, copies: tuple[int, ...] = (1,), **changes: Any) -> Layer:
    """B = (1, 2), a = x = 0, z = 0."""
    B, zero = rationals([[1, 2]]), rationals([0, 0])
    return Layer(B, rationals(A), zero, zero, rationals([1]), copies, **changes)


_squashed = _layer([[1], [2]], squashed=rationals([1, 3]))
counterexamples = {
    "linear output": _squashed,
    "the decoder is Bᵀ diag(t)": _layer([[2], [1]]),
    "t_j copies of unit j": _layer([[2], [4]]),
    "1/s copies": _layer([[1], [2]], precision=4),
}
