"""With an orthonormal decoder the best sparse code is Aᵀx, soft thresholded at α/2.

For ‖x − A h‖² + α ‖h‖₁ the best code is h*, with entries z − α/2, 0, z + α/2 where the entry z of
Aᵀx is above α/2, within ±α/2, below −α/2. With c = 2 (Aᵀx − h*), |cⱼ| <= α, the loss of any code is

    F(h) = F(h*) + ‖h − h*‖² + Σ (α |hⱼ| − cⱼ hⱼ),    F(h*) = ‖x‖² − Σ (|zⱼ| − α/2)²₊

and no summand is negative: h* is the only best code. The threshold is half the weight, since the
squared error has no factor 1/2; with one it would be α.

Hypotheses: AᵀA = 1; α > 0; real x.

Equality: of the code, of its loss, and of the loss of any other code.

References: Daubechies, Defrise and De Mol 2004, CPAM 57, for thresholds of this kind (wording not
confirmed).

Post: F10 (the sparse loss has ‖x − D(E(x))‖² without 1/2, and so a code is switched off at λ/2).
"""

from __future__ import annotations

from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rationals
from linae.sparse import soft_threshold
from proofs._auto import frames, squares
from proofs._calc import I, Proof, Rule, calc, letter, tr
from proofs._cases import matrices
from proofs._coding import Coding, best_code

uses: list[ModuleType] = []

WEIGHTS = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 3), Fraction(4)])


@st.composite
def hypotheses(draw: st.DrawFn) -> Coding:
    """Up to three columns; entries of Aᵀx within, at and beyond the threshold."""
    n = draw(st.integers(1, 3))
    p = draw(st.integers(1, n))
    alpha, A = draw(WEIGHTS), rationals(draw(frames(n))[:, :p])
    unseen = draw(matrices(n, 1))[:, 0]
    z = draw(matrices(p, 1))[:, 0] * draw(st.sampled_from([Fraction(1), alpha / 2]))
    x = A @ z + unseen - A @ (A.T @ unseen)
    return Coding(A, x, alpha, draw(matrices(p, 1))[:, 0])


def conclusion(case: Coding) -> None:
    """By all supports and signs, and by values of the loss."""
    h, alpha, level = case.h, case.alpha, case.alpha / 2
    z = case.A.T @ case.x
    found = soft_threshold(z, level)
    assert np.array_equal(found, best_code(case)), f"the best code is not {found}"
    cut = [max(abs(entry) - level, 0) for entry in z]
    assert case.loss(found) == squares(case.x) - sum(c * c for c in cut)
    pull = 2 * (z - found)
    assert all(abs(c) <= alpha for c in pull), f"a pull beyond ±α: {pull}"
    excess = squares(h - found) + sum(alpha * abs(a) - c * a for a, c in zip(h, pull, strict=True))
    assert case.loss(h) - case.loss(found) == excess


def proof() -> Proof:
    """For all sizes, and α = 2, as h ↦ 2h/α scales it. Let t = h*, d = h − t, e = x − A t. Since
    Aᵀe is g = Aᵀx − t, the chain says

        ‖x − A h‖² = ‖x − A t‖² + ‖h − t‖² − 2 gᵀ(h − t).

    Add 2 ‖h‖₁. An entry of g is that of z = Aᵀx, cut off at ±1: where |z| > 1 it is sign z, which
    is sign t, and elsewhere t = 0. So |gⱼ| <= 1, gᵀt = ‖t‖₁, and with c = 2g this is the claim. At
    h = 0 it says ‖x‖² = F(t) + ‖t‖².
    """
    A, e = letter("A", "n", "p"), letter("e", "n", "1")
    d, g = letter("d", "p", "1"), letter("g", "p", "1")
    isometry = Rule("AᵀA = 1", A.H @ A, I("p"))
    pulled = Rule("Aᵀe = g", A.H @ e, g)
    chain = calc(tr((e - A @ d).H @ (e - A @ d)), isometry, pulled)
    known = tr(e.H @ e) + tr(d.H @ d)
    chain = chain.step(isometry.name, known - tr(e.H @ A @ d) - tr(d.H @ A.H @ e))
    chain = chain.step(pulled.name, known - tr(g.H @ d) - tr(d.H @ A.H @ e))
    return Proof([chain.step(pulled.name, known - tr(g.H @ d) - tr(d.H @ g))])


def figure(ax: Any) -> None:
    """Codes are off up to half the weight; a squared error with a factor 1/2 would double that."""
    from linae.plot.style import BLUE, GREY, VERMILION

    z = np.array([-3, -1, -0.5, 0.5, 1, 3])
    ax.plot(z, z, color=GREY, lw=1, ls="--")
    ax.plot(z, soft_threshold(z, 1), color=VERMILION)
    ax.plot(z, soft_threshold(z, 0.5), color=BLUE)
    ax.text(1.7, 2.0, "no penalty", color=GREY, ha="right")
    ax.text(-3.2, 0.25, "‖x − Ah‖² + α ‖h‖₁", color=BLUE)
    ax.text(0.9, -0.55, "½ ‖x − Ah‖² + α ‖h‖₁", color=VERMILION)
    ax.set_xticks([-2, -1, -0.5, 0, 0.5, 1, 2], ["−2α", "−α", "−α/2", "0", "α/2", "α", "2α"])
    ax.set_yticks([-2, 0, 2], ["−2α", "0", "2α"])
    ax.set(xlabel="aᵀx", ylabel="best code h", xlim=(-3.3, 3.3), ylim=(-2.6, 2.6))


_one = rationals([[1]])


def _scalar(A: Array, alpha: int) -> Coding:
    """x = 1, h = 1."""
    return Coding(A, _one[0], Fraction(alpha), _one[0])


counterexamples = {
    "AᵀA = 1": _scalar(2 * _one, 1),
    "α > 0": _scalar(_one, -1),
}
