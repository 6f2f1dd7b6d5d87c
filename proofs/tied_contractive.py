"""With tied weights the contractive autoencoder is well-posed, and has no spurious minima.

The critical points of E‖x − A Aᵀ x‖² + γ ‖A‖² are A = U_J (1 − γ/2 Λ_J⁻¹)^½ Oᵀ, with OᵀO = 1,
λ_j > γ/2 on J and r = |J| <= p, of loss tr S − Σ_J (2λ − γ)²/4λ: nothing of A is in ker S. With K
the unselected components, q = p − r, and g and e the numbers of pairs in K × J with λ_k > λ_j and
λ_k = λ_j:

    negative   g + q · (number of K with λ > γ/2)
    zero       e + q · (number of K with λ = γ/2) + r (r − 1)/2 + r q

and the others are positive.

Hypotheses: real auto-association, Y = X; γ > 0. Any S: singular, tied, λ = γ/2; any width.

Equality: of all three counts. Index 0 is the least loss, also at λ = γ/2: J is leading, r <= p, all
with λ > γ/2 if p allows. So A = 0 is the minimum iff γ >= 2 λ₁. Every other critical point is a
strict saddle. The critical set is Morse–Bott unless q > 0 and some λ = γ/2. On tied weights the
loss is that of `weight_decay` with μ = γ/2, and (A, Aᵀ) are all of its critical points, of the same
index and nullity: untied directions only rise.

References: Rifai et al. 2011, ICML, for the penalty and tied weights (wording not confirmed).

Post: F2 (the contractive loss: well-posed if weights are tied; the weight γ sets what is switched
off), F15 (here weight sharing does better: without it there is no minimum, `contractive`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, rank, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.tied_contractive import TiedContractive
from linae.landscapes.weight_decay import WeightDecay
from linae.moments import Moments
from proofs import gradient, hessian, weight_decay
from proofs._auto import Auto, Start, frames, listed_root, ranks, sizes, squares, starts
from proofs._calc import I, letter, zero
from proofs._instances import Case
from proofs._words import block, blocks, word

uses: list[ModuleType] = [gradient, hessian, weight_decay]

ROOTS = [Fraction(1, 2), Fraction(3, 5), Fraction(1, 3), Fraction(3, 4)]


@dataclass(frozen=True, eq=False, repr=False)
class Shrunk(Case):
    """Tied weights that have the components J."""

    at: Auto
    strength: Fraction
    J: tuple[int, ...]
    A: Array

    def loss(self, A: Array) -> Any:
        """The definition."""
        return self.at.error(A @ A.T) + self.strength * squares(A)


@st.composite
def hypotheses(draw: st.DrawFn) -> Shrunk | Start:
    """Points of every class, with λ = γ/2 / (1 − c²), c rational, or λ <= γ/2. One in eight is the
    start of a root search."""
    n, p = draw(sizes(6))
    gamma = draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(3)]))
    roots = sorted((draw(st.sampled_from(ROOTS)) for _ in range(draw(ranks(n)))), reverse=True)
    dead = st.sampled_from([gamma / 2, gamma / 4, Fraction(0)])
    off = sorted((draw(dead) for _ in range(n - len(roots))), reverse=True)
    at = Auto(draw(frames(n)), (*(gamma / 2 / (1 - c * c) for c in roots), *off), p)
    if draw(st.integers(0, 7)) == 7:
        return draw(starts(TiedContractive(at.moments, p, gamma)))
    r = draw(ranks(min(p, len(roots))))
    J = tuple(sorted(draw(st.permutations(range(len(roots))))[:r]))
    scale = np.array([roots[j] for j in J], dtype=object)
    A = rationals(at.U[:, list(J)] * scale @ draw(frames(p))[:r]) + 0 * at.U[:, :1]
    return Shrunk(at, gamma, J, A)


def conclusion(case: Shrunk | Start) -> None:
    """By values of the loss along lines, exact inertias, and the rank of tangents."""
    if isinstance(case, Start):
        _ends_listed(case)
        return
    at, A = case.at, case.A
    assert not np.any(calculus.gradient(case.loss, [A], 4)), "not critical"
    assert not np.any(at.U[:, at.rank :].T @ A), "a part in ker S"
    H = calculus.hessian(case.loss, [A], 4)
    landscape = TiedContractive(at.moments, at.width, case.strength)
    found, claimed = inertia(H), landscape.class_inertia(case.J)
    assert found == claimed, f"claimed {claimed}, found {found}"
    value = case.loss(A)
    assert value == landscape.class_loss(case.J)
    assert (value == next(landscape.critical_classes()).loss) == (found.negative == 0)
    place = landscape.place(A)
    assert place is not None
    assert [at.values[j] for j in place.critical.index_set] == [at.values[j] for j in case.J]
    values = np.linalg.eigvalsh(H.astype(float))  # floating
    np.testing.assert_allclose(landscape.class_spectrum(case.J), values, rtol=0, atol=1e-9)
    tangents = np.array(list(_tangents(case)), dtype=object).reshape(-1, A.size)
    edge = len(case.J) < at.width and case.strength / 2 in at.values
    assert (rank(tangents) == found.zero) == (not edge)
    untied = WeightDecay(at.moments, at.width, case.strength / 2)
    assert value == untied.loss(A, A.T)
    assert untied.class_inertia(case.J)[:2] == found[:2]


def _ends_listed(start: Start) -> None:
    """Floating: what a root search finds is listed, and S W (1 − W) = γ/2 W."""
    (found,) = listed_root(start) or (np.zeros((start.landscape.moments.n, 1)),)
    W, S = found @ found.T, start.landscape.floating.moments.Sxx
    off = S @ W - S @ W @ W - start.landscape.floating.strength / 2 * W
    assert np.abs(off).max() < 1e-6, f"A = {found}"


def _tangents(case: Shrunk) -> Iterator[Array]:
    """Velocities of curves of critical points: rotations of units and of ties."""
    at, A = case.at, case.A
    for i, j in combinations(range(at.width), 2):
        V = zeros(A.shape, A)
        V[:, i], V[:, j] = A[:, j], -A[:, i]
        yield V.ravel(order="F")
    for i, j in combinations(range(len(at.U)), 2):
        if at.values[i] == at.values[j]:
            u, v = at.U[:, i], at.U[:, j]
            yield (np.outer(u, v @ A) - np.outer(v, u @ A)).ravel(order="F")


def proof() -> None:
    """For all sizes, and γ = 2: scale S.

    `_everywhere` says that, with W = A Aᵀ, G = S W + W S − 2 S + 2 and τ = V Aᵀ + A Vᵀ, half the
    gradient is G A, and half the Hessian maps V to G V + (S τ + τ S) A.

    Only if: let W u = w u with |u| = 1 and w > 0. As u is in R(A), G u = 0, that is
    (2 − w − W) S u = 2 u. Times uᵀ, (1 − w) uᵀ S u = 1, so that w < 1. All eigenvalues of W are
    below 1, 2 − w − W is regular, and maps u to 2 (1 − w) u: S u = u/(1 − w). So W = U_J diag(w)
    U_Jᵀ with w = 1 − 1/λ > 0, and A = U_J diag(w)^½ Oᵀ.

    If, and inertia: orthogonal changes of both bases, congruences, lead to S = D ⊕ E, A = C ⊕ 0, C
    diagonal with (1 − C²) D = 1. By `_blocks` the gradient is 0, and half the Hessian maps
    V = [α β; γ δ] to a direct sum:

    - α to (D τ + τ D) C with τ = α C + C αᵀ: the form tr τ D τ, 0 where α C is skew, r (r − 1)/2;
    - β to 0, r q;   δ to 2 (1 − E) δ, the signs of 1 − λ;
    - γ to γ C D C + 2 γ − E γ (2 − C²), entries times (λ_j − λ_k)(1 + 1/λ_j).

    On ker S both δ and γ are multiplied by positive numbers. The loss of J is
    tr S − Σ_J (2 c² λ − c⁴ λ − 2 c²) = tr S − Σ_J (λ − 1)²/λ. The loss tends to ∞ with ‖A‖: there
    is a minimum, of index 0. Index 0 is g = 0 and q = 0 or no λ_k > 1: all these J have the same
    eigenvalues, so that all are minima. The counts are those of `weight_decay`, with n p more
    positive ones. The critical points of one spectrum and J are an orbit of rotations of units and
    ties, a manifold of dimension e + r (r − 1)/2 + r q: the nullity, but for q times the ties with
    the threshold.
    """
    _everywhere()
    _blocks()


def _landscape(S: Array) -> TiedContractive:
    return TiedContractive(Moments.auto(S), 1, 2)


def _everywhere() -> None:
    """The derivatives that ship, from those of the squared loss at (A, Aᵀ), and their form."""
    A, V, S = letter("A", "n", "p"), letter("V", "n", "p"), letter("S", "n", "n")
    S = S @ S.H
    squared, landscape = SquaredLoss(Moments.auto(block(S)), 1), _landscape(block(S))
    W, tau, point = A @ A.H, V @ A.H + A @ V.H, (block(A), block(A.H))
    G = S @ W + W @ S - 2 * S + 2 * I("n")
    (slope,) = landscape.gradient(block(A))
    left, right = squared.gradient(*point)
    assert word(slope) == word(left) + word(right).H + 4 * A == 2 * G @ A
    (turn,) = landscape.hessian_vector([block(A)], [block(V)])
    left, right = squared.hessian_vector(point, (block(V), block(V.H)))
    curved = G @ V + (S @ tau + tau @ S) @ A
    assert word(turn) == word(left) + word(right).H + 4 * V == 2 * curved


def _blocks() -> None:
    """Rows of A by J and the rest, columns by used and spare units; F is 0 at a critical point."""
    C, D, E = letter("C", "r", "r"), letter("D", "r", "r"), letter("E", "k", "k")
    (alpha, beta), (gamma, delta) = rows = [
        [letter(x, row, size) for x, size in zip(names, "rq", strict=True)]
        for row, names in (("r", "αβ"), ("k", "γδ"))
    ]
    landscape = _landscape(blocks([D, zero("r", "k")], [zero("k", "r"), E]))
    A = blocks([C, zero("r", "q")], [zero("k", "r"), zero("k", "q")])
    F = D @ C @ C.H + C @ C.H @ D - 2 * D + 2 * I("r")
    (slope,) = landscape.gradient(A)
    assert slope[0, 0] == 2 * F @ C
    assert not any(g.terms for g in (slope[0, 1], *slope[1]))
    (turn,) = landscape.hessian_vector([A], [blocks(*rows)])
    tau = alpha @ C.H + C @ alpha.H
    assert (Fraction(1, 2) * turn).tolist() == [
        [(D @ tau + tau @ D) @ C + F @ alpha, F @ beta],
        [
            gamma @ C.H @ D @ C + 2 * gamma - E @ gamma @ (2 * I("r") - C.H @ C),
            2 * delta - 2 * E @ delta,
        ],
    ]


_one = rationals(np.eye(2, dtype=int))


def _point(gamma: int, J: tuple[int, ...], A: Any, targets: Array | None = None) -> Shrunk:
    """S = diag(2, 0), p = 1."""
    at = Auto(_one, (Fraction(2), Fraction(0)), 1, targets)
    return Shrunk(at, Fraction(gamma), J, rationals(A))


counterexamples = {
    "γ > 0": _point(0, (), [[0], [2]]),
    "Y = X": _point(3, (0,), [["1/2"], [0]], -_one),
}
