"""The balanced flow ends at a global minimum if and only if U_rᴴA₀ + V_rᴴB₀ᴴ has full rank.

Here r = min(p, ρ), and U_r, V_r are the leading singular vectors of G. So it does for almost every
balanced start, but for one obstruction: if n = m = ρ ≤ p and the numbers are real, the sign of
det A B is conserved, and every start with det A₀B₀ and det G of opposite signs (half of all) ends
at a saddle.

Hypotheses: Sxx = 1; a balanced start, A₀ᴴA₀ = B₀B₀ᴴ; p ≥ ρ or σ_p > σ_{p+1}.

Equality: of the two conditions. The smallest case of the obstruction is (1 − ab)² from b = −a. Off
the balanced starts the bad ones have measure zero: Bah, Rauhut, Terstiege and Westdickenberg 2022
(cited, not proved here).

References: as for the limit of the flow; Panageas and Piliouras 2017 for descent (wordings not
confirmed).

Post: E11, E18 (to the other side of det A B = 0 no balanced flow leads).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis.strategies import SearchStrategy

from linae.exact import is_complex, rank, rationals
from proofs import schubert_limit
from proofs._cases import GAUSSIANS
from proofs._flows import balanced_starts, check_flow, excess, white_instances
from proofs._instances import Instance, Point, whitened
from proofs._symbols import is_zero, symbols

uses: list[ModuleType] = [schubert_limit]


def hypotheses() -> SearchStrategy[Point]:
    """Balanced starts in landscapes with a gap at p; the targets of some are complex."""
    any_real = white_instances() | white_instances(least=2)
    return balanced_starts((any_real | white_instances(GAUSSIANS, 8)).filter(_gapped))


def _gapped(at: Instance) -> bool:
    return at.width >= at.rank or at.s[at.width - 1] > at.s[at.width]


def conclusion(case: Point) -> None:
    """The loss at a late time, in rational arithmetic, against a rank and the sign of det A₀B₀."""
    at, (A, B) = case.instance, case.weights
    check_flow(case)
    r = min(at.width, at.rank)
    matrix = at.U[:, :r].conj().T @ A + at.V[:, :r].conj().T @ B.conj().T
    above = float(excess(case, 400) - at.least)
    assert (rank(matrix) == r) == (abs(above) < 0.01), f"{above} above the least loss"
    if not is_complex(at.U) and len(at.U) == len(at.V) == at.rank <= at.width:
        signs = (sp.Matrix(M.tolist()).det() for M in (A @ B, at.moments.Syx))
        if sp.prod(signs) < 0:
            assert above > 0.99, "no obstruction"


def proof(n: int = 3) -> None:
    """The rank is that of the leading r rows of Z₀: it is r iff the pivots begin with 1, …, r. That
    is the one class of global minima, with a gap at p and for p ≥ ρ.

    If n = m = ρ = rank Z₀, then A₀ = U P K and B₀ = Kᵀ Qᵀ Vᵀ with orthogonal P and Q (A₀ᵀA₀ = KᵀK =
    B₀B₀ᵀ), and the matrix is (P + Q) K. M = PᵀQ has det M = −1 iff det A₀B₀ and det G have opposite
    signs. By the identity for det (1 + M) below it is singular then. Changing the sign of a column
    of P exchanges the two kinds of starts: half of them are bad. The sign is conserved, as the
    closed form keeps the rank of Z, by balance that of A and of B. Of the other balanced starts the
    bad ones are the zeros of minors that are analytic, and not 0, on connected pieces.
    """
    M = symbols("M", n, n)
    one = np.eye(n, dtype=int)
    left, right, det = (sp.Matrix(X) for X in (one + M.T, M @ M.T + M, M))
    # for M Mᵀ = 1: det M · det (1 + M) = det (1 + M), so that det M = −1 makes det (1 + M) = 0
    assert is_zero(np.array([det.det() * left.det() - right.det()]))


def figure(ax: Any) -> None:
    """The loss (1 − ab)²: where the flow of each start ends; a² − b² is conserved along it."""
    x = np.linspace(-2, 2, 161)
    a, b = np.meshgrid(x, x)
    slope = [2 * (1 - a * b) * w for w in (b, a)]
    ax.streamplot(x, x, *slope, color="0.65", linewidth=0.8, density=0.9, arrowsize=0.8)
    ax.plot(x, x, color="#0072B2", ls="--", lw=1.5, label="balanced, to a minimum")
    ax.plot(x, -x, color="#D55E00", ls="--", lw=1.5, label="balanced, to the saddle")
    ax.plot(x[x >= 0.5], 1 / x[x >= 0.5], color="#009E73", lw=2.5, label="global minima")
    ax.plot(x[x <= -0.5], 1 / x[x <= -0.5], color="#009E73", lw=2.5)
    ax.plot(0, 0, "o", ms=7, color="#D55E00", label="saddle")
    ax.set(xlim=(-2, 2), ylim=(-2, 2), xlabel="decoder a", ylabel="encoder b", aspect="equal")
    ax.set(xticks=range(-2, 3), yticks=range(-2, 3))
    ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)


counterexamples = {
    **schubert_limit.counterexamples,
    "σ_p > σ_{p+1}": Point(whitened((1, 1), width=1), rationals([[0], [1]]), rationals([[0, 1]])),
}
