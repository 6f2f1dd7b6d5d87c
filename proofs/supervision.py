"""Every quadratic task factorises one matrix: noise edits Sxx, the target Syx, the loss Γ.

With Sxx = R Rᵀ, Γ = CᵀC and Ω = C Syx R⁺ᵀ, at all weights

    E (y − A B x)ᵀ Γ (y − A B x)  =  tr Γ Syy − ‖Ω‖² + ‖Ω − C A B R‖²,

the squared loss of x and C y at (C A, B): critical classes are those of the singular values of Ω,
whose squares are the eigenvalues λ of Ω Ωᵀ. Let Q = S⁻¹, S = E x xᵀ; e and f independent noises, of
covariance N and F; x₊ what follows x. Of the first kind are

    task           input → target        edits     what is learnt
    denoise        x + e → x             Sxx       `denoising`; ridge: white noise
    noise2noise    x + e → x + f         Sxx Syy   the same map, of loss tr F more
    mask           x, part 0 → x         Sxx Syx   `masking`
    inpaint        seen s → unseen u     Syx       −Q_uu⁻¹ Q_us, of loss tr Q_uu⁻¹
    predict        x → x₊                Syx       Φ, if x₊ = Φ x
    PLS            ‖Syx − A B‖²          Sxx Syx   singular vectors of Syx
    metric         x → x, Γ              Γ         components of C x
    CCA            x → y, Γ = Syy⁻       Syx Γ     λ = ρ², ρ correlations
    LDA            x → class, Γ = Syy⁻   Syx Γ     λ = μ/(1 + μ), μ of Sw⁻¹ Sb
    slow features  (x + x₊)/2, Γ = P⁻    Γ         E (w x₊ − w x)² = 4 (1 − λ)

maps at full rank; for slow features P = E (x xᵀ + x₊ x₊ᵀ)/2 and E (w x)² + E (w x₊)² = 2. Not of
this kind is the blind spot, each entry from the others, W with diagonal 0. There W = 1 − diag(Q)⁻¹Q
of loss Σ 1/Qᵢᵢ is the graph of partial correlations, and any other V costs E‖(V − W) x‖² more.

Hypotheses: real data; noises have mean 0 and are independent of each other and of x, y; matrices of
which an inverse is written are regular; ⁻ is any generalised inverse; for slow features the means
(x + x₊)/2 have the rank of the points: nothing only alternates.

Equality: at all weights; of spectra by traces of powers. An encoder sees x only through Syx Sxx⁻:
no supervision teaches what is uncorrelated with the target.

References: none for the table; its rows are textbook. Lehtinen et al. 2018, arXiv:1803.04189, for
noise2noise; Wiskott and Sejnowski 2002 for slow features (wordings not confirmed).

Post: F20 ("how can we intelligently pick supervision schemes/loss functions": choose Sxx, Syx and Γ
such that the top singular vectors of Ω are what you want).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import supervision
from linae.exact import Array, eye, inverse, rank, rationals, solve
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.schur import generalised_inverse
from proofs import denoising, masking, reduction
from proofs._auto import squares
from proofs._laws import Law, signs, spoiled
from proofs._tasks import LABELS, Posed, posed

uses: list[ModuleType] = [denoising, masking, reduction]


def hypotheses() -> st.SearchStrategy[Posed]:
    """Each task alike, at any weights."""
    return posed()


def conclusion(case: Posed) -> None:
    """By sums over all outcomes; then what the task is said to learn."""
    if case.task != "blind_spot":
        _one_matrix(case)
    learnt = LEARNT.get(case.task)
    if learnt is not None:
        learnt(case)


def _one_matrix(case: Posed) -> None:
    """The loss by definition, as that of moments, and as a distance from Ω."""
    A, B, law, S = case.A, case.B, case.law, case.moments
    W, C = A @ B, case.factor
    value = law.loss(W, case.judge) + case.penalty * squares(W)
    landscape = SquaredLoss(S, len(B))
    assert landscape.loss(C @ A, B) == value, f"{landscape.loss(C @ A, B)}, not {value}"
    regression = S.Syx @ generalised_inverse(S.Sxx)
    E = regression - C @ W
    distance = ((E @ S.Sxx) * E).sum()
    assert value == S.Syy.trace() - (regression @ S.Syx.T).trace() + distance
    seen = Law(law.weights, law.inputs, regression @ law.inputs)
    assert case.penalty or distance == seen.loss(C @ W), "not a distance from Ω"


def _target(case: Posed) -> Array:
    """Ω Ωᵀ."""
    S = case.moments
    return S.Syx @ generalised_inverse(S.Sxx) @ S.Syx.T


def powers(M: Array, count: int = 4) -> list[Any]:
    """Traces of powers, which tell the eigenvalues other than 0."""
    found, power = [], M
    for _ in range(count):
        found.append(power.trace())
        power = power @ M
    return found


def _noise2noise(case: Posed) -> None:
    more = squares(case.given["F"])
    W = case.A @ case.B
    assert case.law.loss(W) == case.given["clean"].loss(W) + more, "not tr F more"


def _inpaint(case: Posed) -> None:
    Q, u, s = inverse(case.given["S"]), case.given["unseen"], case.given["seen"]
    rest = inverse(Q[np.ix_(u, u)])
    best = -rest @ Q[np.ix_(u, s)]
    assert case.law.loss(best) == rest.trace()
    _is_best(case.law, best, case.A @ case.B)


def _predict(case: Posed) -> None:
    Phi = case.given["Phi"]
    assert case.law.loss(Phi) == 0
    if rank(case.moments.Sxx) == len(Phi):
        assert np.array_equal(case.moments.Syx @ inverse(case.moments.Sxx), Phi)


def _is_best(law: Law, best: Array, W: Array) -> None:
    """Any other map costs what it differs by."""
    differing = Law(law.weights, law.inputs, best @ law.inputs)
    assert law.loss(W) - law.loss(best) == differing.loss(W), "not the best map"


def _metric(case: Posed) -> None:
    X, C = case.law.inputs, case.judge
    assert np.array_equal(_target(case), C @ (X * case.law.weights @ X.T) @ C.T)


def _cca(case: Posed) -> None:
    law = case.law
    X, Y = (M * law.weights for M in (law.inputs, law.targets))
    Sxx, Syx, Syy = X @ law.inputs.T, Y @ law.inputs.T, Y @ law.targets.T
    correlations = inverse(Syy) @ Syx @ generalised_inverse(Sxx) @ Syx.T
    assert powers(_target(case)) == powers(correlations)


def _lda(case: Posed) -> None:
    """Scatter within and between classes, from their means."""
    X, labels = case.given["X"], np.array(LABELS)
    center = X.sum(axis=1) / rationals(len(labels))
    within = between = 0 * X @ X.T
    for k in set(LABELS):
        part = X[:, labels == k]
        mean = part.sum(axis=1) / rationals(part.shape[1])
        within = within + (part - mean[:, None]) @ (part - mean[:, None]).T
        between = between + part.shape[1] * np.outer(mean - center, mean - center)
    if rank(within) == len(within):
        ratios = inverse(within) @ between
        shares = ratios @ inverse(eye(len(ratios), ratios) + ratios)
        assert powers(_target(case)) == powers(shares)


def _slow(case: Posed) -> None:
    """The second moment of what changes, in the metric of all points."""
    change, one = case.given["change"], eye(len(case.judge), case.judge)
    moved = inverse(case.given["S"]) @ (change @ change.T) / rationals(change.shape[1])
    assert powers(moved) == powers(4 * (one - _target(case)))


def _pls(case: Posed) -> None:
    Syx = case.law.targets
    assert np.array_equal(_target(case), Syx @ Syx.T)


def _blind(case: Posed) -> None:
    """Row by row a regression; then against other maps with a blind spot."""
    found, S, law = supervision.blind_spot(case.moments), case.moments.Sxx, case.law
    assert found.loss == law.loss(found.map)
    for i in range(len(S)):
        others = [j for j in range(len(S)) if j != i]
        row = solve(S[np.ix_(others, others)], S[others, i : i + 1])[:, 0]
        assert found.map[i, i] == 0
        assert np.array_equal(found.map[i, others], row)
    V = case.A @ case.B
    _is_best(law, found.map, V - V * eye(len(V), V))


LEARNT: dict[str, Callable[[Posed], None]] = {
    "noise2noise": _noise2noise,
    "inpaint": _inpaint,
    "predict": _predict,
    "metric": _metric,
    "cca": _cca,
    "lda": _lda,
    "slow_features": _slow,
    "pls": _pls,
    "blind_spot": _blind,
}


EDITS = """
plain           -         principal components
ridge           Sxx       the same, shrunk
denoise         Sxx       S (S + N)⁻¹ S
noise2noise     Sxx       the map of denoise
mask            Sxx Syx   S (S + κ diag S)⁻¹ S
inpaint         Syx       the unseen from the seen
predict         Syx       the dynamics
CCA             Syx Γ     canonical correlations
LDA             Syx Γ     Fisher's directions
metric          Γ         components of C x
slow features   Γ         what changes least
PLS             Sxx Syx   singular vectors of Syx
"""


def figure(ax: Any) -> None:
    """Which of the three each task edits, against plain auto-association, and what it learns."""
    from linae.plot.style import BLUE, GREEN, VERMILION

    rows = [re.split(" {2,}", row) for row in EDITS.split("\n")[1:-1]]
    parts = {"Sxx": BLUE, "Syx": VERMILION, "Γ": GREEN}
    for x, (part, color) in enumerate(parts.items()):
        y = [i for i, row in enumerate(rows) if part in row[1].split()]
        ax.plot([x] * len(y), y, "o", ms=10, color=color, label=part)
    for i, row in enumerate(rows):
        ax.text(2.6, i, row[2], va="center")
    ax.set_yticks(range(len(rows)), [row[0] for row in rows])
    ax.set_xticks(range(3), ["Sxx\nby noise", "Syx\nby targets", "Γ\nby the loss"])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlim=(-0.6, 5), ylim=(len(rows) - 0.5, -0.5))
    for y in range(1, len(rows)):
        ax.axhline(y - 0.5, lw=0.3, color="0.6", label=f"_{y}")


def _same_noise() -> Posed:
    """Input and target have one noise in common: the identity has the loss 0."""
    one = rationals([[1]])
    noisy = spoiled(one, signs(one))
    moments = supervision.noise2noise(Moments.auto(one), one)
    common = Law(noisy.weights, noisy.inputs, noisy.inputs)
    given = {"clean": noisy, "F": one}
    return Posed("noise2noise", common, moments, one, one, one, one, given=given)


counterexamples = {"independent of each other": _same_noise()}
