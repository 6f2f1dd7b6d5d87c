"""Regularisers keep, shrink or switch off components: the best map is W = Σ w u uᵀ, by a table.

The sum is over the first p components u, of variance λ; those that do not survive have w = 0.

    name              penalty               w          survives  gauge left
    none              0                     1          always    GL(p)
    noisy inputs      x + e, E eeᵀ = γ      λ/(λ + γ)  always    GL(p)
    product decay     γ ‖A B‖²              λ/(λ + γ)  always    GL(p)
    orthonormal A     γ ‖B‖², AᵀA = 1       λ/(λ + γ)  always    O(p)
    contractive       γ ‖B‖²                → 1        always    no minimum
    tied contractive  γ ‖B‖², A = Bᵀ        1 − γ/2λ   λ > γ/2   O(p)
    weight decay      γ₁ ‖A‖² + γ₂ ‖B‖²     1 − γ/λ    λ > γ     O(p)
    nuclear norm      2γ Σ σⱼ(A B)          1 − γ/λ    λ > γ     GL(p)
    nonuniform decay  Σ γⱼ (‖aⱼ‖² + ‖bⱼ‖²)  1 − γⱼ/λ   λ > γⱼ    signs
    dropout           units on: 1/(1 + κ)   1 − τ/√λ   √λ > τ    balanced O(p)
    noisy codes       noise κP, power <= P  1 − τ/√λ   √λ > τ    O(p)
    nested dropout    Σ E‖x − Aⱼ Bⱼ x‖²     1          always    scales
    whitened codes    γ ‖B S Bᵀ − 1‖²       1          always    O(p)

Here aⱼ are the columns of A, bⱼ the rows of B, Aⱼ and Bⱼ the first j of them, σⱼ singular values.
In weight decay γ is (γ₁ γ₂)^½; in nonuniform decay the γⱼ increase. In dropout units that are on
are scaled by 1 + κ; P is the power of codes, E‖B x‖², and κ P that of white noise on them; in both
p τ = κ Σ (√λ − τ), over those that survive: dropping units is worth noise on codes of the same κ.

If p components survive, (A M⁻¹, M B) is as good as (A, B) exactly for M in the gauge left. In
dropout that is M after which aⱼ = cⱼ S^½ bⱼᵀ, cⱼ > 0, and all ‖aⱼ‖ (bⱼ S bⱼᵀ)^½ are the same.

Hypotheses: real auto-association, Y = X, S regular; weights are positive, and the γⱼ distinct; all
factors that the penalty names have it; p <= n for an orthonormal A and for whitened codes; for the
gauge of nested dropout, survivors do not tie.

Equality: of the loss at W, in a suitable gauge, and the least loss; with the contractive penalty
alone the infimum, along (c A, B/c), and not attained. Whitened codes stand for any penalty of
B S Bᵀ that is 0 at 1 and only there, as an adversary's is that sees codes of Gaussian data.

Each loss has a squared loss below it, with moments X and Y for Sxx and Syx, of which Eckart and
Young give the least value; at W the two agree. Below γ₁ ‖A‖² + γ₂ ‖B‖² is 2 γ tr G A B, for any G
with ‖G‖ <= 1 as operator; for G = min(1, S/γ) it is Y = S − γ G = (S − γ)₊. With V = W S^½ and vⱼ
the rows of B S^½, dropout adds κ Σ ‖aⱼ‖² ‖vⱼ‖², noise ‖A‖² κ P/p with ‖B S^½‖² <= P: both at least
(κ/p) (Σ σⱼ(V))² >= 2 τ tr G V − p τ²/κ, and G = min(1, S^½/τ) gives Y = S^½ (S^½ − τ)₊. With decays
that differ the critical points are those of `nonuniform`.

References: weight decay and product Kunin, Bloom, Goeva and Seed 2019, arXiv:1901.08168; nonuniform
decay Bao, Lucas, Sachdeva and Grosse 2020, arXiv:2007.06731; dropout Cavazza, Morerio, Haeffele,
Lane, Murino and Vidal 2017, arXiv:1710.05092; nested dropout Rippel, Gelbart and Adams 2014, ICML
(wordings not confirmed).

Post: F11 ("what other types of regularisation could/should be used": these, and two more in
`gaussian_codes`); E19 and F15 (every W here is symmetric and semidefinite: tied weights can have
it, though a penalty may count them as dearer).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, rationals
from linae.regularisers import REGULARISERS, regulariser
from proofs import nonuniform
from proofs._auto import Auto, squares
from proofs._penalties import LOSSES, Regularised, root
from proofs._regularised import regularised

uses: list[ModuleType] = [nonuniform]

LAWS = [law for law in REGULARISERS if law.name in LOSSES]


def hypotheses() -> st.SearchStrategy[Regularised]:
    """Each of them alike."""
    return st.sampled_from(LAWS).flatmap(regularised)


def conclusion(case: Regularised) -> None:
    """By values of the definitions; of the map, by what it does to eigenvectors."""
    at, law, A, B = case.at, case.law, case.A, case.B
    factors = law.factors(at.values, at.width, case.weight)
    assert np.array_equal(A @ (B @ at.U), at.U * np.array(factors, dtype=object)), "another map"
    least = _least(case)
    if not law.attained:
        _approached(case, least)
        return
    assert case.loss(A, B) == least, f"the loss is {case.loss(A, B)}, not {least}"
    turned = A @ inverse(case.M), case.M @ B
    value = case.loss(*turned)
    assert min(value, case.loss(case.C, case.D)) >= least
    if at.width == sum(w > 0 for w in factors):
        assert (value == least) == _keeps(case, *turned), f"the gauge {case.M}"


def _least(case: Regularised) -> Any:
    """What no weights are below; the competitor is not."""
    match case.law.name:
        case "nonuniform decay":
            return _listed_by_nonuniform(case)
        case "nested dropout":
            return sum(case.floor(j) for j in range(1, case.at.width + 1))
    floor = case.floor(case.at.width)
    assert case.loss(case.C, case.D) >= case.below(case.C @ case.D) >= floor
    return floor


def _listed_by_nonuniform(case: Regularised) -> Any:
    """The least value of a critical point: every way to give components to units."""
    idle = [Fraction(0)] * case.at.width
    ways = permutations([*case.at.values, *idle], case.at.width)
    pairs = (zip(values, case.weight, strict=True) for values in ways)
    return sum(case.at.values) - max(
        sum((x - g) ** 2 / x for x, g in way if x > g) for way in pairs
    )


def _approached(case: Regularised, infimum: Any) -> None:
    """Along (c A, B/c), and nowhere attained."""
    for c in (1, 2, 16):
        excess = case.loss(c * case.A, case.B / c) - infimum
        assert 0 < excess == case.weight * squares(case.B) / c**2
    assert case.loss(case.C, case.D) > infimum


def _keeps(case: Regularised, A: Array, B: Array) -> bool:
    """Whether (A, B) is in the gauge left, which for groups is to say that M is."""
    M, one = case.M, eye(len(case.M), case.M)
    diagonal, orthogonal = np.array_equal(M, M * one), np.array_equal(M.T @ M, one)
    match case.law.gauge:
        case "GL(p)":
            return True
        case "O(p)":
            return orthogonal
        case "signs":
            return diagonal and orthogonal
        case "scales":
            return diagonal
    return _balanced(case.at, A, B)


def _balanced(at: Auto, A: Array, B: Array) -> bool:
    """aⱼ = cⱼ vⱼ with cⱼ > 0, and ‖aⱼ‖ ‖vⱼ‖ are equal."""
    V = B @ at.U * np.array([root(x) for x in at.values], dtype=object) @ at.U.T
    inner = [a @ v for a, v in zip(A.T, V, strict=True)]
    both = [(a @ a) * (v @ v) for a, v in zip(A.T, V, strict=True)]
    return (
        all(x > 0 and x * x == y for x, y in zip(inner, both, strict=True)) and len({*inner}) == 1
    )


def figure(ax: Any) -> None:
    """Five curves for all: below its threshold (dot) a component is off, above it is shrunk."""
    from linae.plot.style import BLUE, GREEN, GREY, PURPLE, VERMILION

    root = (2 * np.pi) ** 0.5  # of the weight of L1 of which the threshold is γ = 1
    curves = [
        ("none", 1, 0.1, GREY, (0.11, 1.015), "none, nested dropout, whitened codes:  1"),
        ("noisy inputs", 1, 0.1, BLUE, (0.11, 0.26), "product decay,\northonormal A:\nλ/(λ + γ)"),
        ("tied contractive", 1, 0.5, GREEN, (0.55, 0.7), "1 − γ/2λ"),
        ("weight decay", 1, 1, VERMILION, (10.6, 0.82), "nuclear norm,\nvariational:\n1 − γ/λ"),
        ("sparse", root, 1, PURPLE, (10.6, 0.59), "dropout,\nnoisy codes:\n1 − √(γ/λ)"),
    ]
    ax.axhline(0, color=GREY, lw=0.8, zorder=0)
    for name, weight, least, color, place, words in curves:
        ratios, law = np.geomspace(least, 10, 201), regulariser(name)
        w = [law.factors([ratio], 1, weight)[0] for ratio in ratios]
        ax.plot(ratios, w, color=color, label=name)
        ax.text(*place, words if name == "none" else f"{name},\n{words}", color=color, fontsize=10)
        if law.survives != "always":
            size = 9 if color == VERMILION else 6
            ax.plot([least], [0], "o", color=color, ms=size, label=f"threshold of {name}")
    ax.set_xscale("log")
    ax.set_xticks([0.1, 0.5, 1, 10], ["γ/10", "γ/2", "γ", "10 γ"])
    ax.set_xticks([], minor=True)
    ax.set(xlabel="variance λ of a component", ylabel="what is left of it, w")
    ax.set(xlim=(0.1, 10), ylim=(-0.04, 1.08))


def _case(
    name: str, weight: Any, A: Any, B: Any, values: Any = (4, 1), M: Any = None, targets: Any = None
) -> Regularised:
    """Two components; the competitor is 0, and s = P = 1."""
    A, B, one = rationals(A), rationals(B), Fraction(1)
    at = Auto(rationals(np.eye(2, dtype=int)), tuple(map(Fraction, values)), len(B), targets)
    M = eye(len(B), A) if M is None else rationals(M)
    weight = list(map(Fraction, weight)) if isinstance(weight, list) else Fraction(weight)
    level = weight if name == "weight decay" else Fraction(0)
    return Regularised(regulariser(name), at, weight, level, one, one, A, B, 0 * A, 0 * B, M)


_flipped, _turn = [[-1, 0], [0, -1]], [["3/5", "4/5"], ["-4/5", "3/5"]]
_half, _halves = ([["1/2"], [0]], [["1/2", 0]]), ([["1/2", 0], [0, "1/2"]],) * 2
_wide = [[2, 0, 0], [0, 1, 0]], [["1/2", 0], [0, 1], [0, 0]]
_decayed = _case("weight decay", 3, *_half)

counterexamples = {
    "Y = X": _case("weight decay", 3, *_half, targets=rationals(_flipped)),
    "all factors that the penalty names have it": replace(
        _decayed, law=replace(_decayed.law, name="contractive")
    ),
    "w = 0 where λ <= γ": _case("weight decay", "5/4", [["1/2"], [0]], [["-1/2", 0]], (1, 1)),
    "the γⱼ distinct": _case("nonuniform decay", [3, 3], *_halves, (4, 4), _turn),
    "survivors do not tie": _case("nested dropout", 1, *[[[1, 0], [0, 1]]] * 2, (4, 4), _turn),
    "p <= n for whitened codes": _case("whitened codes", 1, *_wide),
}
