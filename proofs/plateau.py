"""Components are learned one by one: half of component i is there at tᵢ = ln (σᵢ/sᵢ − 1) / 4σᵢ.

From an aligned balanced start, A₀ = U diag(√s) Q and B₀ = Qᴴ diag(√s) Vᴴ with s > 0, component i
grows along a logistic curve, uᵢᴴ A B vᵢ = σᵢ / (1 + e^{−4σᵢ(t − tᵢ)}), so that the loss rests at
critical values, and at J = {i : tᵢ < t} in particular if |t − tᵢ| ≥ c / 4σᵢ for all i:

    |L(t) − L(J)| ≤ 2 e^{−c} Σ σᵢ².

As s falls to 0 the plateaus last for ever, |tᵢ − tⱼ| growing like |1/σᵢ − 1/σⱼ| ln(1/s)/4.

Hypotheses: Sxx = 1; no ties; an aligned and balanced start. For other small starts the times are
right to leading order: floating, see the figure.

Equality: of the times; bound: of the loss on a plateau. `linae.flow.plateau_times`.

References: Saxe, McClelland and Ganguli 2014, arXiv:1312.6120; Gidel, Bach and Lacoste-Julien 2019,
arXiv:1904.13262, for the sequence of components (wordings not confirmed).

Post: E11 (saddles are where training pauses).
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae.data import iris
from linae.descent import descend
from linae.exact import Array, floating, rationals, real
from linae.flow import gradient_flow, plateau_times
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import flow, modes
from proofs._cases import GAUSSIANS, RATIONALS, matrices, unitaries
from proofs._flows import check_flow, excess, products, white_instances
from proofs._instances import Instance, Point, diagonal, whitened

uses: list[ModuleType] = [flow, modes]


@st.composite
def hypotheses(draw: st.DrawFn) -> Point:
    """Aligned balanced starts with products 1/4 to 1/160000, or 0 for some components."""
    numbers, size = draw(st.sampled_from([(RATIONALS, 12), (RATIONALS, 12), (GAUSSIANS, 8)]))
    at = draw(white_instances(numbers, size).filter(_apart))
    k, Q = min(len(at.U), len(at.V), at.width), draw(unitaries(at.width, numbers))
    roots = st.sampled_from([Fraction(1, x) for x in (2, 5, 20, 400)] + [Fraction(0)])
    a = draw(matrices(1, k, roots))[0] * (np.array(at.s[:k]) > 0)
    return _aligned(at, a, Q)


def _apart(at: Instance) -> bool:
    return len({*at.s[: at.rank]}) == at.rank


def _aligned(at: Instance, a: Array, Q: Array) -> Point:
    k = len(a)
    A, B = at.U[:, :k] * a @ Q[:k], Q[:k].conj().T * a @ at.V[:, :k].conj().T
    return Point(at, rationals(A), rationals(B))


def conclusion(case: Point) -> None:
    """In rational arithmetic at e^{2t} = 2ᵏ, whatever k: the curve, its half, and the loss."""
    at = case.instance
    check_flow(case)
    sigma = np.array(at.s[: at.rank], dtype=object)
    start = real(np.diagonal(products(case, 0)))[: at.rank]
    times = plateau_times(at.landscape.floating, *map(floating, case.weights))
    _halves(case, times)
    for k in range(0, 12, 2):
        W = products(case, k)
        found, t = real(np.diagonal(W))[: at.rank], k * math.log(2) / 2
        for x, s, now in zip(sigma, start, found, strict=True):
            assert now == (x / (1 + (x / s - 1) / 4 ** (k * x)) if s else 0)
        assert np.count_nonzero(W) == np.count_nonzero(found), "a start that is not aligned"
        assert np.array_equal(found > sigma / 2, times < t), f"{times}, but {found} at {t}"
        c = min(4 * sigma * np.abs(t - times), default=math.inf)
        left = sum((sigma * sigma)[times >= t])
        bound = 2 * math.exp(-c) * sum(x * x for x in at.s)
        assert abs(float(excess(case, k) - left)) <= bound, f"not within {bound} of {left}"


def _halves(case: Point, times: Array) -> None:
    """Floating: at each time after the start the flow that ships has half of that component."""
    at = case.instance
    exact = gradient_flow(at.landscape.floating, *map(floating, case.weights))
    U, V = floating(at.U), floating(at.V)
    for i, t in enumerate(times):
        if 0 <= t < math.inf:
            share = U[:, i].conj() @ np.matmul(*exact.at(t)) @ V[:, i] / at.s[i]
            assert abs(share - 0.5) < 1e-9, f"component {i}: {share} at {t}"


def proof() -> None:
    """By `modes` with δ = 0 and k = 2σ a balanced mode is the logistic curve ℓ, a share of σ; for
    z = e^{−4σ(t − tᵢ)} its loss is σ² (1 − ℓ)² with ℓ = 1/(1 + z). If tᵢ < t that is at most σ² z,
    else it differs from σ² by at most 2σ²/z. The difference of two times is as stated.
    """
    sigma, s, t, z = sp.symbols("σ s t z", positive=True)
    decay = sp.exp(-4 * sigma * t)
    h = 4 * s * 4 * sigma / (4 * s * (1 - decay) + 4 * sigma * decay)
    odds = sigma / s - 1  # e^{4σ tᵢ}
    assert sp.simplify(h / 4 - sigma / (1 + odds * decay)) == 0
    share = 1 / (1 + z)
    assert sp.factor(z - (1 - share) ** 2) == z * (z**2 + z + 1) / (z + 1) ** 2
    assert sp.factor(2 / z - (1 - (1 - share) ** 2)) == (2 + 3 * z) / (z * (z + 1) ** 2)
    other = sp.Symbol("τ", positive=True)
    apart = sum(c * sp.log(x / s - 1) / (4 * x) for c, x in ((1, sigma), (-1, other)))
    growth = sp.limit(apart / sp.log(1 / s), s, 0, "+")
    assert sp.simplify(growth - (1 / sigma - 1 / other) / 4) == 0


def figure(ax: Any) -> None:
    """Iris data made white, p = 3: the loss from a small random balanced start, and the times."""
    data, rng = np.genfromtxt(iris(), delimiter=",", skip_header=1), np.random.default_rng(3)
    surface, eta = SquaredLoss(Moments.from_data(data), 3).whitened, 0.01
    P, Q, K = (np.linalg.qr(rng.standard_normal((size, 3)))[0] for size in (4, 4, 3))
    start = 1e-4 * P @ K, 1e-4 * K.T @ Q.T
    exact, times = gradient_flow(surface, *start), plateau_times(surface, *start)[:3]
    losses = descend(surface, *start, step=eta, steps=4000).losses[:, 0]
    t, steps = np.geomspace(0.5, 40, 400), np.geomspace(50, len(losses) - 1, 40).astype(int)
    ax.plot(t, [surface.loss(*exact.at(x)) for x in t], color="#0072B2", label="exact flow")
    style = {"marker": "o", "ls": "none", "ms": 4.5, "mfc": "none", "color": "#D55E00"}
    ax.plot(eta * steps, losses[steps], label="gradient descent", **style)
    for r in range(4):
        value = float(surface.class_loss(tuple(range(r))))
        name = f"PCs {' '.join(str(j + 1) for j in range(r))}" if r else "mean output"
        ax.axhline(value, color="0.6", ls=":", lw=1.2)
        ax.text(0.47, value * 1.03, name, va="bottom", color="0.4")
    for i, x in enumerate(times):
        ax.axvline(x, color="0.6", ls="--", lw=1.2)
        ax.text(x * 1.03, 4.1, f"half of\nPC {i + 1}", va="top", color="0.4")
    ax.set(xscale="log", yscale="log", xlabel="time", ylabel="loss")
    ax.set(xlim=(0.45, 42), ylim=(0.018, 6))
    ax.set_xticks([0.5, 1, 2, 5, 10, 20, 40], ["0.5", "1", "2", "5", "10", "20", "40"])
    ax.minorticks_off()
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(0, 0.42))


_line, _pair = whitened((2, 1), width=1), whitened((1, 1), width=2)
_turned = rationals([["3/5", "-4/5"], ["4/5", "3/5"]])

counterexamples = {
    "an aligned start": Point(_line, rationals([["1/9"], ["1/9"]]), rationals([["1/9", "1/9"]])),
    "a balanced start": Point(_line, rationals([["1/9"], [0]]), rationals([["1/8", 0]])),
    "Sxx = 1": Point(diagonal((2,), width=1), rationals([["1/9"]]), rationals([["1/9"]])),
    "no ties": _aligned(
        replace(_pair, U=_turned, V=_turned), rationals(["1/2", "1/400"]), rationals(np.eye(2))
    ),
}
