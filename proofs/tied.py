"""Tied weights have the untied landscape, but for spurious minima if S ≠ 0 is singular and p < n.

The critical points of E‖x − A Aᵀ x‖² are A = U_J Oᵀ + N Z [O⊥]ᵀ: U_J are orthonormal eigenvectors
of S with eigenvalues λ ≠ 0, N is an orthonormal basis of ker S (a columns), [O, O⊥] orthogonal and
Z (a, q) arbitrary, r = |J|, q = p − r. The loss is tr S − Σ_J λ. With K the unselected nonzero
components, g and e the numbers of pairs (k, j) in K × J with λ_k > λ_j and λ_k = λ_j:

    negative   g + |K| · (number of eigenvalues of ZᵀZ below 2)
    zero       e + |K| · (number of eigenvalues of ZᵀZ equal to 2) + r (r − 1)/2 + r q + a q

and the others are positive. If S ≻ 0 or Z = 0 the index is that of A, Aᵀ in the untied landscape.

Hypotheses: real auto-association, Y = X; A is critical. Ties, singular S, p > n are allowed.

Equality: of all three counts. Where no eigenvalue of ZᵀZ is 2 the critical set is Morse–Bott. So a
point above the least loss without a negative eigenvalue, which has J leading, r < min(p, ρ) and
ZᵀZ ⪰ 2, is a local minimum if ZᵀZ ≻ 2, and a saddle else. With r = min(p, ρ) − 1 and Z = 2 [1; 0]
there is one iff q <= a, that is p < n; if S = 0 or S ≻ 0 there is none.

References: the spurious minima were not found in the literature. For S ≻ 0 compare Baldi and Hornik
1989, Neural Networks 2 (wording not confirmed).

Post: E19 ("Weight sharing does worse?!!?": in landscape yes, if S ≠ 0 is singular and p < n, as
with fewer samples than inputs: S = diag(1, 0), A = (0, 2)ᵀ; else no. In value: `weight_sharing`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, kernel, rank, rationals, zeros
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.landscapes.tied import TiedWeights
from linae.moments import Moments
from proofs import critical_points
from proofs import inertia as untied
from proofs._auto import Auto, Start, frames, listed_root, ranks, sizes, spectra, starts
from proofs._calc import I, letter, zero
from proofs._cases import matrices
from proofs._instances import Case
from proofs._words import block, blocks, word

uses: list[ModuleType] = [critical_points, untied]


@dataclass(frozen=True, eq=False, repr=False)
class Tied(Case):
    """A = U_J Oᵀ + N Z [O⊥]ᵀ, of which O are the first r columns of Q."""

    at: Auto
    J: tuple[int, ...]
    Q: Array
    Z: Array

    @cached_property
    def A(self) -> Array:
        U = self.at.U
        left = np.concatenate([U[:, list(self.J)], U[:, self.at.rank :] @ self.Z], axis=1)
        return rationals(left @ self.Q.T)

    def loss(self, A: Array) -> Any:
        return self.at.error(A @ A.T)


def hypotheses() -> st.SearchStrategy[Tied | Start]:
    """Points of every class and stratum, those at the border, and starts of root searches."""
    landscapes = points().map(lambda case: TiedWeights(case.at.moments, case.at.width))
    return st.one_of(points(), points(), points(), borders(), landscapes.flatmap(starts))


@st.composite
def points(draw: st.DrawFn) -> Tied:
    n, p = draw(sizes(6))
    at = Auto(draw(frames(n)), draw(spectra(n)), p)
    r = draw(ranks(min(p, at.rank)))
    J = draw(st.permutations(range(at.rank)))[:r]
    return Tied(at, tuple(sorted(J)), draw(frames(p)), draw(matrices(n - at.rank, p - r)))


@st.composite
def borders(draw: st.DrawFn) -> Tied:
    """J leading, r = min(p, ρ) − 1, ZᵀZ = 4 but for one entry that may be 2."""
    n, p = draw(st.sampled_from([(2, 1), (3, 1), (3, 2), (4, 1)]))
    rho = draw(st.integers(1, n - 1))
    values = (*(x + 1 for x in draw(spectra(rho))), *[Fraction(0)] * (n - rho))
    r = min(p, rho) - 1
    q, a = p - r, n - rho
    Z = 2 * np.eye(a, q, dtype=int)
    if q < a and draw(st.booleans()):
        Z[[0, q], 0] = 1
    return Tied(Auto(draw(frames(n)), values, p), tuple(range(r)), draw(frames(p)), rationals(Z))


def conclusion(case: Tied | Start) -> None:
    """By values of the loss along lines, exact inertias, and the rank of tangents."""
    if isinstance(case, Start):
        listed_root(case)
        return
    at, A = case.at, case.A
    assert not np.any(calculus.gradient(case.loss, [A], 4)), "not critical"
    H = calculus.hessian(case.loss, [A], 4)
    sides, found = inertia(case.Z.T @ case.Z - 2 * eye(case.Z.shape[1], A)), inertia(H)
    landscape = TiedWeights(at.moments, at.width)
    claimed = landscape.class_inertia(case.J, sides.negative, sides.zero)
    assert found == claimed, f"claimed {claimed}, found {found}"
    assert case.loss(A) == landscape.class_loss(case.J)
    tangents = np.array(list(_tangents(case)), dtype=object).reshape(-1, A.size)
    assert not np.any(H @ tangents.T)
    assert sides.zero or rank(tangents) == found.zero, "not Morse–Bott"
    if at.rank == len(at.U) or not np.any(case.Z):
        assert inertia(SquaredLoss(at.moments, at.width).hessian(A, A.T)).negative == found.negative
    place = landscape.place(A)
    assert place is not None
    assert place.inertia == found
    assert place.kind == _kind(case, found.negative, sides.zero)


def _kind(case: Tied, negative: int, edge: int) -> str:
    """By the least loss (Eckart and Young), the Morse–Bott lemma, and a lower point nearby."""
    at = case.at
    if case.loss(case.A) == sum(at.values[at.width :]):
        return "global minimum"
    if negative:
        return "strict saddle"
    assert 0 < at.rank < len(at.U)
    assert at.width < len(at.U)
    if not edge:
        return "local minimum"
    near = _lower(case)
    assert case.loss(near) < case.loss(case.A)
    return "non-strict saddle"


def _lower(case: Tied) -> Array:
    """Z a little smaller, and a little of the best unselected component in a w with ZᵀZ w = 2 w."""
    at, small = case.at, Fraction(1, 100)
    w = kernel(case.Z.T @ case.Z - 2 * eye(case.Z.shape[1], case.Z))[:, :1]
    k = next(k for k in range(at.rank) if k not in case.J)
    free = case.Q[:, len(case.J) :]
    step = small * at.U[:, [k]] @ (free @ w / (w * w).sum()).T
    return case.A + step - small * at.U[:, at.rank :] @ case.Z @ free.T


def _tangents(case: Tied) -> Iterator[Array]:
    """Velocities of curves of critical points: rotations of units, of ties, and moves of Z."""
    at, A = case.at, case.A
    n, p = A.shape
    for i, j in combinations(range(p), 2):
        V = zeros(A.shape, A)
        V[:, i], V[:, j] = A[:, j], -A[:, i]
        yield V.ravel(order="F")
    for i, j in combinations(range(at.rank), 2):
        if at.values[i] == at.values[j]:
            u, v = at.U[:, i], at.U[:, j]
            yield (np.outer(u, v @ A) - np.outer(v, u @ A)).ravel(order="F")
    for i in range(at.rank, n):
        for w in case.Q[:, len(case.J) :].T:
            yield np.outer(at.U[:, i], w).ravel(order="F")


def proof() -> None:
    """For all sizes, on the gradient and the Hessian-vector product that ship.

    Only if: let P be half the gradient, N = AᵀA and T = AᵀSA. At P = 0 `_necessary` says
    (N − 1) T + T (N − 1) = 0. In an eigenbasis of N, T_ij (n_i + n_j − 2) = 0; as T ⪰ 0, a row i
    with T_ii = 0 is 0, and n_i = 1 in the others: N T = T. Let O be a basis of R(T). There N = 1:
    A O is isometric, and S A O = A T O by P = 0, so that R(A O) is S-invariant, S is regular on it,
    and A O = U_J up to a choice of O. On ker T, (A w)ᵀ S (A w) = 0, so that A maps it into ker S.

    If, and inertia: orthogonal changes of both bases, congruences, lead to S = D ⊕ E ⊕ 0 with
    D = diag(λ_J), E = diag(λ_K), and A = [1 0; 0 0; 0 Z]. There the gradient is 0, and `_blocks`
    says that the Hessian maps V = [α β; γ δ; ε ζ] to a direct sum:

    - α to 2 D τ + 2 τ D with τ = α + αᵀ: entries of τ times λ_i + λ_j; 0 on skew α, r (r − 1)/2;
    - (β, ε) to 2 (D F Z, Fᵀ D) with F = β Zᵀ + εᵀ: a semidefinite form in F, of rank r a; 0 on r q;
    - γ to 2 (γ D − E γ), the signs of λ_j − λ_k;   ζ to 0, a q;
    - δ to 2 E δ (ZᵀZ − 2), |K| times the signs of ZᵀZ − 2.

    At Z = 0 and at S ≻ 0 the index g + |K| q is that of `inertia`. Where 2 is no eigenvalue of ZᵀZ
    the 0s are the tangents of rotations of O, of ties, and of Z: r (r − 1)/2 + r q + e + a q.
    """
    _necessary()
    _blocks()


def _necessary() -> None:
    """AᴴP as an identity at all weights."""
    A, S = letter("A", "n", "p"), letter("S", "n", "n")
    (slope,) = TiedWeights(Moments.auto(block(S)), 1).gradient(block(A))
    P = Fraction(1, 2) * word(slope)
    N, T = A.H @ A, A.H @ S @ A
    assert (N - I("p")) @ T + T @ (N - I("p")) == A.H @ P
    assert P == S @ A @ N - 2 * S @ A + A @ T


def _blocks() -> None:
    """Rows by J, K and ker S; columns by O and O⊥."""
    D, E, Z = letter("D", "r", "r"), letter("E", "k", "k"), letter("Z", "a", "q")
    parts = D, E, zero("a", "a")
    S = blocks(*([x if x is y else zero(x.rows, y.columns) for y in parts] for x in parts))
    A = blocks([I("r"), zero("r", "q")], [zero("k", "r"), zero("k", "q")], [zero("a", "r"), Z])
    (alpha, beta), (gamma, delta), (epsilon, _) = rows = [
        [letter(x, row, "r"), letter(y, row, "q")]
        for row, (x, y) in zip("rka", ("αβ", "γδ", "εζ"), strict=True)
    ]
    landscape = TiedWeights(Moments.auto(S), 1)
    assert not any(slope.terms for slope in landscape.gradient(A)[0].flat)
    (image,) = landscape.hessian_vector([A], [blocks(*rows)])
    tau, F = alpha + alpha.H, beta @ Z.H + epsilon.H
    assert image.tolist() == [
        [2 * (D @ tau + tau @ D), 2 * D @ F @ Z],
        [2 * (gamma @ D - E @ gamma), 2 * E @ delta @ (Z.H @ Z - 2 * I("q"))],
        [2 * F.H @ D, zero("a", "q")],
    ]


def figure(ax: Any) -> None:
    """The loss for S = diag(1, 0), p = 1, and its spurious minima a = 0, |z| > √2."""
    landscape, root = TiedWeights(Moments.auto(np.diag([1.0, 0.0])), 1), 2**0.5
    a, z = np.meshgrid(np.linspace(-1.6, 1.6, 161), np.linspace(-3, 3, 241))
    loss = landscape.loss(np.stack([a, z], axis=-1)[..., None])
    levels = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8]
    filled = ax.contourf(a, z, loss, levels=levels, cmap="cividis", extend="max")
    ax.figure.colorbar(filled, ax=ax, label="loss")
    ax.plot([0, 0, 0, 0, 0], [-3, -root, np.nan, root, 3], color="#D55E00", lw=3)
    ax.plot([0, 0], [-root, root], color="white", lw=1.5, ls=":")
    ax.plot([-1, 1], [0, 0], "o", color="white", ms=7)
    ax.text(0.1, 2, "spurious\nminima,\nloss 1", color="white")
    ax.text(1, -0.9, "minimum,\nloss 0", color="white", ha="center")
    ax.set(xlabel="part of A in the data", ylabel="part of A in ker S")


def _point(values: tuple[int, ...], Q: Any, Z: Any, targets: Any = None) -> Tied:
    """U = 1 and J = {0}."""
    one = rationals(np.eye(len(values), dtype=int))
    at = Auto(one, tuple(map(Fraction, values)), len(Q), targets)
    return Tied(at, (0,), rationals(Q), rationals(Z))


_none = np.zeros((0, 0), dtype=int)
counterexamples = {
    "A is critical: OᵀO = 1": _point((2, 1), [[2]], _none),
    "A is critical: Z is on O⊥": _point((1, 0), [[1, 1], [0, 1]], [[1]]),
    "Y = X": _point((2, 1), [[1]], _none, rationals([[-1, 0], [0, -1]])),
}
