"""Over ℂ the landscape is that over ℝ with every inertia doubled, and without any barrier.

A critical point with the index set J and kernel blocks of ranks x and y has, as a function of
2 p (n + m) real parameters, twice the inertia of a real critical point with the same singular
values, J, x and y. Any two global minima are joined by global minima.

Hypotheses: the weights are complex (the data may be real); the Hessian is the whole one, by real
and imaginary parts.

Equality: of all three counts. The block ∂∂̄ alone is ⪰ 0 at every point, be it a saddle: the loss is
the squared norm of a holomorphic map. It certifies nothing; the descent is all in the block ∂∂.

References: Baldi and Lu 2012, Neural Networks 33, arXiv:1108.4135 (wording not confirmed).

Post: E18 (over ℂ every global minimum can be moved into every other on the level), and the link
"Complex valued autoencoders".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, Gaussian, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.minima import barrier, number_of_components
from linae.moments import Moments
from proofs import connectivity, critical_points, gradient, hessian, reduction
from proofs._calc import I, Proof, Rule, calc, letter, zero
from proofs._cases import GAUSSIANS, instances, points_of
from proofs._instances import Case, CriticalPoint, Instance, whitened
from proofs._words import block, word

uses: list[ModuleType] = [gradient, hessian, reduction, critical_points, connectivity]


@dataclass(frozen=True, eq=False, repr=False)
class Look(Case):
    """A critical point, and what of its Hessian is looked at."""

    point: CriticalPoint
    seen: Callable[[Array], Array]


def whole(H: Array) -> Array:
    return H


def mixed(H: Array) -> Array:
    """The part ∂∂̄ of a Hessian by real and imaginary parts: its mean with that turned by i."""
    half = len(H) // 2
    turned = np.block([[H[half:, half:], -H[half:, :half]], [-H[:half, half:], H[:half, :half]]])
    return (H + turned) / 2


def hypotheses() -> st.SearchStrategy[Look]:
    """Gaussian rational data and weights, any class."""
    points = instances(GAUSSIANS, size=8).flatmap(points_of)
    return points.map(lambda point: Look(point, whole))


def conclusion(case: Look) -> None:
    """Exact inertias of the Hessians of `hessian` at the point and at a real twin."""
    point, landscape = case.point, case.point.instance.landscape
    H, real = (c.instance.landscape.hessian(*c.weights) for c in (point, _real_twin(point)))
    found, twin = inertia(case.seen(H)), inertia(real)
    assert found == 2 * twin, f"found {found}, twice the real one is {2 * twin}"
    assert found == landscape.class_inertia(point.J, point.stratum)
    assert not inertia(mixed(H)).negative
    assert barrier(landscape.spectrum, landscape.width) == 0
    assert number_of_components(landscape.spectrum, landscape.width) == 1


def _real_twin(point: CriticalPoint) -> CriticalPoint:
    """The same singular values, J and strata, over ℝ, in the simplest coordinates."""
    at, (x, y) = point.instance, point.stratum
    (m, d), n, q = at.R.shape, len(at.U), at.width - len(point.J)
    one = rationals(np.eye(max(n, m, at.width), dtype=int))
    twin = Instance(one[:n, :n], at.s, one[:d, :d], one[:m, :d], one[:n, :0], at.width)
    X0, Y0 = zeros((n - at.rank, q), one), zeros((q, d - at.rank), one)
    X0[range(x), range(x)] = Fraction(1)
    Y0[range(x, x + y), range(y)] = Fraction(1)
    gauge = one[: at.width, : at.width]
    return CriticalPoint(twin, point.J, gauge, X0, Y0, zeros((at.width, m), one))


def proof() -> Proof:
    """Inertias, for Sxx = 1, to which inputs reduce, on the map that ships. With E = Ȧ B + A Ḃ,

    1. the Hessian form is 2 ‖E‖² + 4 Re⟨R, Ȧ Ḃ⟩; its part ∂∂̄, the mean with the form at i(Ȧ, Ḃ),
       is 2 ‖E‖² >= 0, for (iȦ)(iḂ) = −Ȧ Ḃ.

    Let Π project on the rows of R: R Π = R, and B Π = 0 as R Bᴴ = 0 at a critical point. For
    D = 1 − 2 Π the unitary map (Ȧ, Ḃ) ↦ i (Ȧ, Ḃ D) keeps the form, because

    2. B D = B;   3. R D = −R, which undoes the sign of i²;   4. D Dᴴ = 1, so that ‖E D‖ = ‖E‖.

    So at a real point the form on i(Ȧ, Ḃ), Ȧ and Ḃ real, has the inertia of that on (Ȧ, Ḃ), and as
    the form is the same for conjugate directions there are no terms between the two: inertias
    double. Unitary factors, gauges and the normal form make every critical point real.

    That the minima are connected is proved in `connectivity`.
    """
    A, B, dA, dB = (letter(x, *s) for x, s in zip("ABȦḂ", ("np", "pm", "np", "pm"), strict=True))
    Syx, Syy, R = letter("Syx", "n", "m"), letter("Syy", "n", "n"), A @ B - letter("Syx", "n", "m")
    landscape = SquaredLoss(Moments(block(I("m")), block(Syx), block(Syy)), 1)
    image = landscape.hessian_vector((block(A), block(B)), (block(dA), block(dB)))
    hA, hB = (word(h) for h in image)
    E = dA @ B + A @ dB
    claimed = gradient.real_trace(2 * E @ E.H, 4 * R @ (dA @ dB).H)
    assert gradient.real_trace(dA @ hA.H, dB @ hB.H) == claimed

    P, R = letter("Π", "m", "m"), letter("R", "n", "m")
    D, hermitian, square = I("m") - 2 * P, Rule("Π = Πᴴ", P, P.H), Rule("Π Π = Π", P @ P, P)
    away, rows = Rule("B Π = 0", B @ P, zero("p", "m")), Rule("R Π = R", R @ P, R)
    return Proof(
        [
            calc(B @ D, away).step(away.name, B),
            calc(R @ D, rows).step(rows.name, -1 * R),
            calc(D @ D.H, hermitian, square)
            .step(hermitian.name, I("m") - 4 * P + 4 * P @ P.H)
            .step(hermitian.name, I("m") - 4 * P + 4 * P @ P)
            .step(square.name, I("m")),
        ]
    )


def _class(J: tuple[int, ...], unit: Any) -> CriticalPoint:
    """A class for G = diag(2, 1), p = 1, over the field of `unit`."""
    at = whitened((2, 1), width=1)
    at = replace(at, U=at.U * unit, V=at.V * unit)
    empty = zeros((0, 1 - len(J)), at.U)
    return CriticalPoint(at, J, rationals([[unit]]), empty, empty.T, zeros((1, 2), at.U))


counterexamples = {
    "the weights are complex": Look(_class((0,), Fraction(1)), whole),
    "the whole Hessian": Look(_class((1,), Gaussian(Fraction(1))), mixed),
}
