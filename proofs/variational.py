"""A linear variational autoencoder finds principal components one by one, without spurious minima.

For z ~ N(B x, D) with D = diag d, and x ~ N(A z, σ²), let θ = βσ². Then −2σ² times the β-ELBO is,
up to the constant n σ² log 2πσ²,

    L(A, B, d) = E‖x − A B x‖² + Σ d_h ‖a_h‖² + θ Σ (d_h + b_h S b_hᵀ − 1 − log d_h).

At its critical points some latents are off, a_h = 0, b_h S = 0 and d_h = 1; the others make up
disjoint blocks. A block has r components J and p_b >= r latents; with σ = √λ and s = Σ_J σ

    √δ = (s + √(s² + 4 p_b (p_b − r) θ))/2p_b,    m = √δ σ,    t = θ/√δ,

and its level t is below each of its σ. Its latents have d_h = θ/δ, |a_h|² = δ − θ, columns a_h with
Σ a_h a_hᵀ = U_J (m − θ) U_Jᵀ, and b_h u_j = a_hᵀ u_j/m. Such columns exist; blocks have different
levels. A block of one latent has δ = m = λ > θ: these are the principal components of probabilistic
PCA, and the blocks in which latents share components are not critical there. The loss is
Σ_b (p_b θ log(δ/θ) + θ Σ_J m/δ) + Σ_K λ, K the unselected components with λ ≠ 0. With q latents off
and ρ = rank S,

    negative   the number of (k, j) with σ_k > σ_j, j in a block and k in K or in a block of higher
               level; + q · (number of K with λ > θ); + Σ_b (p_b − r) · (number of K with σ > t, and
               of components of blocks of higher level); + Σ_b (p_b − o)
    zero       the same with = for >, without the last two numbers; + p (n − ρ)
               + Σ_b (r p_b − r (r + 1)/2 − p_b + o)

with o the number of mutually orthogonal parts that the a_h of the block fall into, and the others
are positive.

Hypotheses: real auto-association, Y = X; σ² > 0 and β > 0 are fixed; the code has one diagonal
covariance for all x. S may be singular or have ties; any width.

Equality: of all three counts. Index 0 is the least loss: the components with λ > θ, the largest
first, each in a latent of its own, as many as p allows. Every other critical point is a strict
saddle. Without ties and λ = θ the latents are determined up to order and signs.

References: Lucas, Tucker, Grosse and Norouzi 2019, arXiv:1911.02469, for minima (no spurious ones);
Tipping and Bishop 1999, JRSS B 61. The blocks that share components and the inertia were not found
there (wording not confirmed).

Post: F5 (the variational loss −KL + E log p is the ELBO itself, to be maximised: its sign is the
opposite of that of the other losses).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, islice
from math import prod
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.variational import Variational
from linae.moments import Moments
from proofs._auto import Auto, Start, arrival, frames, listed_root, sizes, spectra
from proofs._cases import matrices
from proofs._encoded import Encoded

uses: list[ModuleType] = []


def _frame(*columns: Sequence[int]) -> Array:
    """Columns of the same length whose rows are orthogonal."""
    return rationals(np.array(columns, dtype=int).T)


FRAMES = [
    _frame([1]),
    _frame([1], [1]),
    _frame([1], [-1], [1]),
    _frame([2, 1], [2, -1]),
    _frame([1, 3], [-1, 3]),
    _frame([1, 0], [0, 1], [1, 0]),
    _frame([3, 4], [3, -4], [5, 0]),
    _frame([3, 4, 0], [3, -4, 0], [0, 0, 5]),
]


def _extent(choice: Sequence[Array]) -> tuple[int, int]:
    """Numbers of components and of latents."""
    return sum(len(F) for F in choice), sum(F.shape[1] for F in choice)


SMALL = [
    choice
    for count in range(4)
    for choice in combinations_with_replacement(FRAMES, count)
    if prod(_extent(choice)) <= 4
]
LARGE = [FRAMES[5:6], FRAMES[6:7], [FRAMES[0], FRAMES[3]], [FRAMES[0]] * 3, FRAMES[7:]]
"""Of 15 weights and more: costly."""
SCALES = [Fraction(1), Fraction(1, 2), Fraction(3, 2)]


@st.composite
def hypotheses(draw: st.DrawFn) -> Encoded | Start:
    """Blocks by their columns: these give δ and m, and λ = m²/δ. Other components tie with a λ, θ
    or a level, or do not. One in eight is the start of a root search."""
    noise = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(2)]))
    beta = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)]))
    if draw(st.integers(0, 7)) == 7:
        return draw(_starts(noise + Fraction(1, 7), beta))
    chosen = draw(st.sampled_from([*SMALL * 8, *LARGE]))
    scaled = [F * draw(st.sampled_from(SCALES)) for F in chosen]
    water, (r, s) = noise * beta, _extent(chosen)
    deltas = [water + (F[:, 0] ** 2).sum() for F in scaled]
    shared = [
        ((water + (row**2).sum()) ** 2 / delta, b, i)
        for b, (F, delta) in enumerate(zip(scaled, deltas, strict=True))
        for i, row in enumerate(F)
    ]
    room = [(k, z) for k in range(3) for z in range(3) if 1 <= (r + k) * (s + z) <= 6]
    more, idle = draw(st.sampled_from(room or [(0, 0)]))
    other = [Fraction(0), Fraction(1, 3), Fraction(9), water]
    other += [x for x, _, _ in shared] + [water**2 / delta for delta in deltas]
    rest = [(draw(st.sampled_from(other)), -1, k) for k in range(more)]
    order = sorted(shared + rest, reverse=True)
    at = Auto(draw(frames(r + more)), tuple(x for x, _, _ in order), s + idle)
    places = {(b, i): j for j, (_, b, i) in enumerate(order)}
    sets = [[places[b, i] for i in range(len(F))] for b, F in enumerate(scaled)]
    return draw(_points(at, noise, beta, list(zip(sets, scaled, deltas, strict=True))))


@st.composite
def _points(
    draw: st.DrawFn,
    at: Auto,
    noise: Fraction,
    beta: Fraction,
    blocks: list[tuple[list[int], Array, Fraction]],
) -> Encoded:
    """In any order of latents, with encoders of ker S; blocks of one δ are one."""
    N, water = at.U[:, at.rank :], noise * beta
    A, d = zeros((len(at.U), at.width), N), zeros((1, at.width), N) + 1
    B = rationals(draw(matrices(at.width, N.shape[1])) @ N.T)
    latents, named = iter(draw(st.permutations(range(at.width)))), {}
    for J, F, delta in blocks:
        U, mine = at.U[:, J], list(islice(latents, F.shape[1]))
        A[:, mine], d[0, mine] = U @ F, water / delta
        B[mine] += (U / (water + (F**2).sum(axis=1)) @ F).T
        values, units = named.get(delta, ((), 0))
        named[delta] = (*values, *(at.values[j] for j in J)), units + len(mine)
    return Encoded(at, noise, beta, tuple(named.values()), A, B, d)


@st.composite
def _starts(draw: st.DrawFn, noise: Fraction, beta: Fraction) -> Start:
    """Anywhere, with variances of one."""
    n, p = draw(sizes(4))
    at = Auto(draw(frames(n)), draw(spectra(n)), p)
    A, B = draw(matrices(n, p)) / Fraction(2), draw(matrices(p, n)) / Fraction(2)
    landscape = Variational(at.moments, p, noise, beta)
    return Start(landscape, (A, B, rationals(np.ones((1, p), dtype=int))))


def conclusion(case: Encoded | Start) -> None:
    """By values of the loss along lines, and exact inertia of its second differences."""
    if isinstance(case, Start):
        _listed(case)
        return
    slope, H = case.derivatives
    assert not slope.any(), "not critical"
    landscape = case.landscape
    place, found = landscape.place(*case.weights), inertia(H)
    assert place is not None
    assert found == place.inertia, f"claimed {place.inertia}, found {found}"
    J, values = place.critical.index_set, case.at.values
    blocks = landscape.latents.blocks_of(J)
    named = sorted((sorted(values[j] for j in b.components), b.units) for b in blocks)
    assert named == sorted((sorted(x), units) for x, units in case.blocks)
    shared = any(len(set(x)) > 1 or len(x) < units for x, units in case.blocks)
    C = case.A @ case.A.T + case.water * eye(len(case.A), case.A)
    pca = np.array_equal(case.at.S @ inverse(C) @ case.A, case.A)
    assert pca == (not shared), "critical for probabilistic PCA, or not"
    value, best = case.loss(*case.weights), next(landscape.critical_classes())
    scale = 1e-12 * float(case.at.S.trace() + case.water)
    assert abs(value - float(landscape.class_loss(J))) <= scale
    assert abs(value - landscape.loss(*case.weights)) <= scale
    assert value >= float(best.loss) - scale
    assert (value <= float(best.loss) + scale) == (found.negative == 0)


def _listed(start: Start) -> None:
    """Floating: a zero of the gradient is listed, unless the search fled to infinity, where the
    gradient vanishes too."""
    found = arrival(start)
    if found is not None and np.abs(found[0]).max() < 50:
        listed_root(Start(start.landscape, found))


def figure(ax: Any) -> None:
    """Two latents for λ = 4, θ = 1: one has it (circles), both do (crosses) or none (triangle)."""
    landscape = Variational(Moments.auto(np.array([[4.0]])), 2, 1)
    x, y = np.meshgrid(np.linspace(-2.6, 2.6, 161), np.linspace(-2.6, 2.6, 161))
    A, size = np.stack([x, y], axis=-1)[..., None, :], 1 + x**2 + y**2
    B, d = A.swapaxes(-1, -2) / size[..., None, None], 1 / (1 + A * A)
    loss = landscape.loss(A, B, d)
    levels = [2.38, 2.4, 2.45, 2.5, 2.55, 2.6, 2.7, 2.8, 3, 3.3, 3.6, 4]
    filled = ax.contourf(x, y, loss, levels=levels, cmap="cividis", extend="max")
    ax.figure.colorbar(filled, ax=ax, label="loss")
    for sort, marker in ((0, "o"), (1, "X"), (2, "^")):
        points = [c for c in landscape.critical_classes() if c.index == sort]
        a = points[0].weights()[0][0]
        ways = {(s * u, t * v) for s in (1, -1) for t in (1, -1) for u, v in (a, a[::-1])}
        ax.plot(*np.array(sorted(ways)).T, marker, color="white", ms=8)
    ax.set(
        xlabel="decoder of the first latent",
        ylabel="of the second",
        aspect="equal",
    )


_one = rationals(np.eye(2, dtype=int))


def _point(A: Any, B: Any, d: Any, blocks: Any = (), targets: Any = None) -> Encoded:
    """S = diag(5, 2) and θ = 1."""
    at = Auto(_one, (Fraction(5), Fraction(2)), len(B), targets)
    one = Fraction(1)
    return Encoded(at, one, one, blocks, rationals(A), rationals(B), rationals([d]))


_first = [[2], [0]], [["2/5", 0]]
_both = [[2, 0], [0, 1]], [["2/5", 0], [0, "1/2"]]
_turn = rationals([["3/5", "4/5"], ["-4/5", "3/5"]])

counterexamples = {
    "Y = X": _point(*_first, ["1/5"], targets=-_one),
    "d_h = θ/δ": _point(*_first, [1]),
    "the code has one diagonal covariance": _point(
        rationals(_both[0]) @ _turn.T, _turn @ rationals(_both[1]), ["61/125", "26/125"]
    ),
}
