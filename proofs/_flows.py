"""Balanced starts in whitened coordinates, and the closed form of the flow in exact numbers.

    balanced_starts()        A₀ᴴA₀ = B₀B₀ᴴ, Sxx = 1; often inside an invariant subspace
    products(start, k)       Uᴴ A B V at the time at which e^{2t} = 2ᵏ: rational, for integer σ
    excess(start, k)         the loss ‖G − A B‖² at that time
    check_flow(start)        the closed form against SciPy, in doubles

The powers of 2 may be large: hundreds of digits show a limit.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from linae.exact import Array, eye, floating, inverse, is_complex, rationals
from linae.landscapes.squared import SquaredLoss
from proofs._cases import (
    GAUSSIANS,
    RATIONALS,
    Numbers,
    gauges,
    matrices,
    singular_values,
    unitaries,
)
from proofs._instances import Instance, Point


@st.composite
def white_instances(
    draw: st.DrawFn, numbers: Numbers = RATIONALS, size: int = 12, least: int = 1
) -> Instance:
    """Sxx = 1 and no noise, n, m >= least and p (n + m) <= size; ties and zeros among the σ."""
    sizes = product(range(least, 4), range(1, 4), range(least, 4))
    n, p, m = draw(st.sampled_from([s for s in sizes if s[1] * (s[0] + s[2]) <= size]))
    U, V = draw(unitaries(n, numbers)), draw(unitaries(m, numbers))
    return Instance(U, draw(singular_values(min(n, m))), V, eye(m, U), U[:, :0], p)


@st.composite
def balanced_starts(draw: st.DrawFn, instances: st.SearchStrategy[Instance] | None = None) -> Point:
    """A₀ = U P K and B₀ = Kᴴ Qᴴ Vᴴ with PᴴP = QᴴQ = 1: all starts with A₀ᴴA₀ = B₀B₀ᴴ are such.

    P and Q are often signed permutations: these starts have no component along some modes.
    """
    at = draw(white_instances() if instances is None else instances)
    n, m, p = len(at.U), len(at.V), at.width
    most = min(n, m, p)
    k = most - draw(st.integers(0, most))
    numbers = GAUSSIANS if is_complex(at.U) else RATIONALS
    P, Q = draw(_frames(n, numbers)), draw(_frames(m, numbers))
    K = draw(gauges(p, numbers))[:k] if draw(st.integers(0, 2)) else draw(matrices(k, p, numbers))
    A, B = at.U @ P[:, :k] @ K, K.conj().T @ (at.V @ Q[:, :k]).conj().T
    return Point(at, rationals(A), rationals(B))


@st.composite
def _frames(draw: st.DrawFn, size: int, numbers: Numbers) -> Array:
    """Unitary matrices: signed permutations, or any."""
    if draw(st.booleans()):
        return draw(unitaries(size, numbers))
    signs = draw(st.lists(st.sampled_from([1, -1]), min_size=size, max_size=size))
    return rationals(np.diag(signs)[list(draw(st.permutations(range(size))))])


def products(start: Point, power: int) -> Array:
    """Uᴴ A B V by the closed form when e^{2t} = 2ᵖᵒʷᵉʳ; exact but for ln 2 in what a kernel adds.

    F has the eigenvectors (u_i, ±v_i)/√2: the start has the rows (uᵢᴴA₀ ± vᵢᴴB₀ᴴ)/√2 there.
    """
    at, (A, B) = start.instance, start.weights
    rho, one = at.rank, eye(at.width, A)
    a, b = at.U.conj().T @ A, at.V.conj().T @ B.conj().T
    plus, minus = (a[:rho] + b[:rho]) / 2, (a[:rho] - b[:rho]) / 2
    time = Fraction(power) * Fraction(math.log(2))  # 2t
    rest = np.concatenate([a[rho:], b[rho:]])
    N = one + time * rest.conj().T @ rest
    for i, sigma in enumerate(at.s[:rho]):
        grown = Fraction(2) ** (power * sigma)
        p, q = plus[i : i + 1], minus[i : i + 1]
        N = N + (grown**2 - 1) / sigma * p.conj().T @ p
        N = N + (1 - grown**-2) / sigma * q.conj().T @ q
        plus[i], minus[i] = grown * plus[i], minus[i] / grown
    left, right = np.concatenate([plus + minus, a[rho:]]), np.concatenate([plus - minus, b[rho:]])
    return rationals(left @ inverse(N) @ right.conj().T)


def excess(start: Point, power: int) -> Fraction:
    """The loss ‖G − A B‖² at that time."""
    E = products(start, power)
    for i, sigma in enumerate(start.instance.s):
        E[i, i] = E[i, i] - sigma
    return (E * E.conj()).sum().real


def integrated(landscape: SquaredLoss, weights: tuple[Array, Array], t: float) -> Array:
    """Floating: A B at time t on θ̇ = −∇L, by a Runge-Kutta method of order 8."""
    surface = landscape.floating

    def slope(_: float, theta: Array) -> Array:
        return -surface.flatten(surface.gradient(*surface.unflatten(theta)))

    start = surface.flatten([floating(w) for w in weights])
    end = solve_ivp(slope, (0, t), start, method="DOP853", rtol=1e-9, atol=1e-11).y[:, -1]
    return np.matmul(*surface.unflatten(end))


def check_flow(start: Point) -> None:
    """Floating: assert that the closed form is where an integrator is when e^{2t} = 2."""
    U, V = floating(start.instance.U), floating(start.instance.V)
    claimed = U @ floating(products(start, 1)) @ V.conj().T
    found = integrated(start.instance.landscape, start.weights, math.log(2) / 2)
    assert np.allclose(found, claimed, rtol=0, atol=1e-7), f"{found}, not {claimed}"
