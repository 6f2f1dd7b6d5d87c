"""At a global minimum in white inputs the sharpness is 2 (‖A‖² + ‖B‖²), anything from 4σ₁ up.

Sharpness is the largest Hessian eigenvalue; ‖·‖ here are spectral norms. It is the same function
A B everywhere on the orbit (A M⁻¹, M B) of gauges, and the sharpness is 4σ₁ where A and B are
balanced and tends to ∞ with the gauge.

Hypotheses: Sxx = 1; the point is critical and its class has the largest eigenvalue λ₁ = σ₁² in it,
as every global minimum has, and some saddles. Any gauge, any kernel blocks, real or complex.

Equality: of the largest eigenvalue with 2 (‖A‖² + ‖B‖²); bound: this is >= 4σ₁, with equality at
the balanced point that ships. Enclosed in rational numbers, exact where both norms are rational.

References: Dinh, Pascanu, Bengio and Bengio 2017, ICML, that sharpness is not a property of the
function (wording not confirmed).

Post: E17 ("Reparameterisation breaks ???": it breaks sharpness).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae.data import iris
from linae.exact import Array, eye, rationals
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.roots import Root, eigenvalue_roots
from proofs import curvature
from proofs._cases import index_sets, points_of
from proofs._instances import CriticalPoint, Instance, diagonal, whitened
from proofs._symbols import is_zero
from proofs.curvature import aligned

uses: list[ModuleType] = [curvature]


@st.composite
def hypotheses(draw: st.DrawFn) -> CriticalPoint:
    """Points of every class with a largest eigenvalue in it, white inputs."""
    at = draw(aligned("white"))
    J = draw(index_sets(at))
    top = draw(st.integers(0, at.s.count(at.s[0]) - 1)) if at.rank else 0
    lead = [top] * (at.rank > 0)
    return draw(points_of(at, tuple(sorted({*lead, *J[: at.width - 1]}))))


def conclusion(case: CriticalPoint) -> None:
    """No eigenvalue of the Hessian is above 2 (‖A‖² + ‖B‖²), one is there: by exact inertia."""
    at, (A, B) = case.instance, case.weights
    encoder, decoder = _top(B @ B.conj().T), _top(A.conj().T @ A)
    H = at.landscape.hessian(A, B)
    one = eye(len(H), H)
    lower = 2 * (encoder.lower + decoder.lower)
    upper = 2 * (encoder.upper + decoder.upper)
    assert inertia(upper * one - H).negative == 0, f"sharper than {float(upper)}"
    assert inertia(H - lower * one).negative < len(H), f"less sharp than {float(lower)}"
    least = 4 * max(at.s, default=0)
    assert upper >= least
    _balanced(at.landscape.floating, case.J, least)


def _top(gram: Array) -> Root:
    """The largest eigenvalue, enclosed."""
    return eigenvalue_roots(gram)[0]


def _balanced(landscape: SquaredLoss, J: tuple[int, ...], least: int) -> None:
    """Floating: at the point that ships, both by its closed form and by its Hessian."""
    H = landscape.hessian(*landscape.class_weights(J))
    claimed = landscape.class_spectrum(J)[-1]
    np.testing.assert_allclose([claimed, np.linalg.eigvalsh(H)[-1]], least, rtol=0, atol=1e-9)


def proof() -> None:
    """For all sizes, from the blocks of half the Hessian at w = 1 and τ = σ; α = ‖A‖², β = ‖B‖².

    U_Kᴴ A = 0 and B V_K = 0, so that ‖C‖² = α and ‖E‖² = β: the Kronecker sum has the top α + β.
    No block has more: B Bᴴ <= β and AᴴA <= α leave of α + β minus the block of k at least

        α |x|² + 2σ_k Re x̄ y + β |y|²  >=  0    if    α β >= σ_k²,

    and α β >= ‖A B‖² = λ₁, as the singular values of A B = U_J S_J V_Jᴴ are σ_J. Last α + β >=
    2 √(α β) >= 2σ₁, and a gauge t > 0 makes it α/t² + β t², which tends to ∞.
    """
    a, b, x, y, s = sp.symbols("a b x y s", real=True)
    form = a**2 * x**2 + 2 * s * x * y + b**2 * y**2
    squares = (a**2 * x + s * y) ** 2 + (a**2 * b**2 - s**2) * y**2
    assert is_zero(np.array([a**2 * form - squares, a**2 + b**2 - (a - b) ** 2 - 2 * a * b]))


def figure(ax: Any) -> None:
    """Iris data made white, p = 2: two classes along their orbits, A / t and t B."""
    data = np.genfromtxt(iris(), delimiter=",", skip_header=1)
    landscape = SquaredLoss(Moments.from_data(data), 2).whitened
    least, t = 4 * landscape.spectrum.eigenvalues[0] ** 0.5, np.geomspace(0.25, 4, 81)
    for J, color, name in (
        ((0, 1), "#0072B2", "global minimum"),
        ((1, 2), "#D55E00", "saddle 2 3"),
    ):
        A, B = landscape.class_weights(J)
        spectral = [np.linalg.norm(A / x, 2) ** 2 + np.linalg.norm(x * B, 2) ** 2 for x in t]
        sharp = [np.linalg.eigvalsh(landscape.hessian(A / x, x * B))[-1] for x in t]
        ax.plot(t, 2 * np.array(spectral), color=color, lw=1.5)
        ax.plot(t[::4], sharp[::4], "o", ms=5, mfc="none", color=color, label=name)
    ax.axhline(least, color="0.6", ls=":", lw=1.2)
    ax.text(t[0], 0.93 * least, "4σ₁", va="top", color="0.4")
    ax.set(xscale="log", yscale="log", xlabel="gauge t", ylabel="largest Hessian eigenvalue")
    ax.set_xticks([0.25, 0.5, 1, 2, 4], ["1/4", "1/2", "1", "2", "4"])
    ax.set_yticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
    ax.minorticks_off()
    ax.plot([], [], color="0.4", lw=1.5, label="2 (‖A‖² + ‖B‖²)")
    ax.legend(frameon=False)


def _point(at: Instance, J: tuple[int, ...]) -> CriticalPoint:
    """r = p = 1, M = 1."""
    none, one, two = (rationals(np.zeros(shape, dtype=int)) for shape in ((0, 0), (1, 1), (1, 2)))
    return CriticalPoint(at, J, one + 1, none, none, two)


counterexamples = {
    "the largest eigenvalue is selected": _point(whitened((2, 1), 1), (1,)),
    "Sxx = 1": _point(diagonal((2, 1), 1), (0,)),
}
