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
from proofs._auto import Auto, arrival, frames, sizes, spectra, starts
from proofs._calc import I, Sum, letter, zero
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


@dataclass(frozen=True, eq=False, repr=False)
class Start(Case):
    """Where a root search begins."""

    at: Auto
    A: Array


@st.composite
def hypotheses(draw: st.DrawFn) -> Tied | Start:
    """Points of every class and stratum, the spurious minima, and starts of a root search."""
    n, p = draw(sizes(6))
    at = Auto(draw(frames(n)), draw(spectra(n)), p)
    if draw(st.integers(0, 7)) == 7:
        return Start(at, *draw(starts(TiedWeights(at.moments, p))))
    least = min(p, at.rank)
    r = draw(st.integers(0, least))
    order = draw(st.permutations(range(at.rank)) | st.just(range(at.rank)))
    a, q = n - at.rank, p - r
    Z = draw(matrices(a, q)) if draw(st.booleans()) else _large(a, q)
    return Tied(at, tuple(sorted(order[:r])), draw(frames(p)), Z)


def _large(a: int, q: int) -> Array:
    """2 [1; 0]."""
    return 2 * rationals(np.eye(a, q, dtype=int))


def conclusion(case: Tied | Start) -> None:
    """By values of the loss along lines, exact inertias, and the rank of tangents."""
    if isinstance(case, Start):
        return _is_listed(case)
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
    return None


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
    shrunk = at.U[:, at.rank :] @ (case.Z * (1 - small)) @ free.T
    return case.A - at.U[:, at.rank :] @ case.Z @ free.T + shrunk + step


def _tangents(case: Tied) -> Iterator[Array]:
    """Velocities of curves of critical points: rotations of units, of ties, and moves of Z."""
    at, A = case.at, case.A
    n, p = A.shape
    for j in range(p):
        for i in range(j):
            V = zeros(A.shape, A)
            V[:, i], V[:, j] = A[:, j], -A[:, i]
            yield V.ravel(order="F")
    for j in range(at.rank):
        for i in range(j):
            if at.values[i] == at.values[j]:
                u, v = at.U[:, i], at.U[:, j]
                yield (np.outer(u, v @ A) - np.outer(v, u @ A)).ravel(order="F")
    for i in range(at.rank, n):
        for w in case.Q[:, len(case.J) :].T:
            yield np.outer(at.U[:, i], w).ravel(order="F")


def _is_listed(case: Start) -> None:
    """Floating: what the root search finds is a member of the family."""
    landscape = TiedWeights(case.at.moments, case.at.width)
    found = arrival(landscape, [case.A])
    if found is None:
        return
    (A,), S = found, landscape.floating.moments.Sxx
    N = np.array(case.at.U[:, case.at.rank :], dtype=float)
    inside = A - N @ (N.T @ A)
    values = np.linalg.svd(inside, compute_uv=False)
    assert np.all(np.minimum(values, abs(values - 1)) < 1e-3), f"singular values {values}"
    P = inside @ inside.T
    assert np.abs(P @ S - S @ P).max() < 1e-2


def proof() -> None:
    """For all sizes, on the gradient and the Hessian-vector product that ship.

    Only if: let P be half the gradient, N = AᵀA and T = AᵀSA. At P = 0 `_necessary` says
    (N − 1) T + T (N − 1) = 0. In an eigenbasis of N, T_ij (n_i + n_j − 2) = 0; as T ⪰ 0, a row i
    with T_ii = 0 is 0, and n_i = 1 in the others: N T = T. Let O be a basis of R(T). There N = 1, so
    A O is isometric, and S A O = A T O by P = 0: R(A O) is S-invariant, S is regular on it, and
    A O = U_J up to a choice of O. On ker T, (A w)ᵀ S (A w) = 0, so that A maps it into ker S.

    If, and inertia: orthogonal changes of both bases, congruences, lead to S = D ⊕ E ⊕ 0 with
    D = diag(λ_J), E = diag(λ_K), and A = [1 0; 0 0; 0 Z]. There the gradient is 0, and `_blocks`
    says that the Hessian maps V = [α β; γ δ; ε ζ] to a direct sum:

    - α to 2 D τ + 2 τ D with τ = α + αᵀ: on entries of τ, times λ_i + λ_j; 0 on skew α, r (r − 1)/2;
    - (β, ε) to 2 (D F Z, Fᵀ D) with F = β Zᵀ + εᵀ: a semidefinite form in F, of rank r a; 0 on r q;
    - γ to 2 (γ D − E γ), the signs of λ_j − λ_k;   ζ to 0, a q;
    - δ to 2 E δ (ZᵀZ − 2), |K| times the signs of ZᵀZ − 2.

    At Z = 0 and at S ≻ 0 the index g + |K| q is that of `inertia`. Where 2 is no eigenvalue of ZᵀZ
    the 0s are the tangents of rotations of O, of ties, and of Z: r (r − 1)/2 + r q + e + a q.
    """
    _necessary()
    _blocks()


def _landscape(S: Array) -> TiedWeights:
    return TiedWeights(Moments.auto(S), 1)


def _necessary() -> None:
    """AᴴP as an identity at all weights."""
    A, S = letter("A", "n", "p"), letter("S", "n", "n")
    P = Fraction(1, 2) * word(_landscape(block(S)).gradient(block(A))[0])
    N, T = A.H @ A, A.H @ S @ A
    assert (N - I("p")) @ T + T @ (N - I("p")) == A.H @ P
    assert P == S @ A @ N - 2 * S @ A + A @ T


def _blocks() -> None:
    """Rows by J, K and ker S; columns by O and O⊥."""
    D, E, Z = letter("D", "r", "r"), letter("E", "k", "k"), letter("Z", "a", "q")
    S = _rows([D, None, None], [None, E, None], [None] * 3, sizes="rka")
    A = _rows([I("r"), None], [None, None], [None, Z], sizes="rka", columns="rq")
    (alpha, beta), (gamma, delta), (epsilon, zeta) = (
        (letter(x, row, "r"), letter(y, row, "q"))
        for row, (x, y) in zip("rka", ("αβ", "γδ", "εζ"), strict=True)
    )
    landscape = _landscape(S)
    assert not any(slope.terms for slope in landscape.gradient(A)[0].flat)
    V = blocks([alpha, beta], [gamma, delta], [epsilon, zeta])
    (image,) = landscape.hessian_vector([A], [V])
    tau, F = alpha + alpha.H, beta @ Z.H + epsilon.H
    expected = [
        [2 * (D @ tau + tau @ D), 2 * D @ F @ Z],
        [2 * (gamma @ D - E @ gamma), 2 * E @ delta @ (Z.H @ Z - 2 * I("q"))],
        [2 * F.H @ D, zero("a", "q")],
    ]
    assert image.tolist() == expected


def _rows(*rows: list[Sum | None], sizes: str, columns: str = "") -> Array:
    """A block matrix; None for a block of zeros."""
    shape = columns or sizes
    return blocks(
        *(
            [zero(n, m) if part is None else part for m, part in zip(shape, row, strict=True)]
            for n, row in zip(sizes, rows, strict=True)
        )
    )


def figure(ax: Any) -> None:
    """The loss for S = diag(1, 0), p = 1, and its spurious minima a = 0, |z| > √2."""
    import matplotlib.pyplot as plt

    landscape = TiedWeights(Moments.auto(np.diag([1.0, 0.0])), 1)
    a, z = np.meshgrid(np.linspace(-1.6, 1.6, 161), np.linspace(-3, 3, 241))
    loss = landscape.loss(np.stack([a, z], axis=-1)[..., None])
    levels = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8]
    filled = ax.contourf(a, z, loss, levels=levels, cmap="cividis", extend="max")
    ax.contour(a, z, loss, levels=[1], colors="white", linewidths=0.8)
    root = 2**0.5
    for low, high in ((-3, -root), (root, 3)):
        ax.plot([0, 0], [low, high], color="#D55E00", lw=3, solid_capstyle="butt")
    ax.plot([0, 0], [-root, root], color="white", lw=1.5, ls=":")
    ax.plot([-1, 1], [0, 0], "o", color="#56B4E9", ms=8)
    ax.annotate("spurious minima, loss 1", (0, 2.3), (0.35, 2.3), color="white", va="center")
    ax.annotate("global minima", (1, 0), (0.55, -0.45), color="white")
    ax.set(xlabel="part of A in the data, a", ylabel="part of A in ker S, z")
    ax.figure.colorbar(filled, ax=ax, label="loss")


def _point(
    values: tuple[int, ...], J: tuple[int, ...], Q: Any, Z: Any, targets: Any = None
) -> Tied:
    """U = 1."""
    one = rationals(np.eye(len(values), dtype=int))
    at = Auto(one, tuple(map(Fraction, values)), len(Q), targets)
    return Tied(at, J, rationals(Q), rationals(Z))


counterexamples = {
    "A is critical: OᵀO = 1": _point((2, 1), (0,), [[2]], np.zeros((0, 0), dtype=int)),
    "A is critical: Z is on O⊥": _point((1, 0), (0,), [[1, 1], [0, 1]], [[1]]),
    "Y = X": _point(
        (2, 1), (0,), [[1]], np.zeros((0, 0), dtype=int), -rationals(np.eye(2, dtype=int))
    ),
}
