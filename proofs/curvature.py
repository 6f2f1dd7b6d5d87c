"""The Hessian at a critical point splits into blocks of order 2p and one Kronecker sum.

Let vᵢ be orthonormal with Sxx vᵢ = wᵢ vᵢ and Syx vᵢ = τᵢ uᵢ: auto-association has w = τ = λ, white
inputs have w = 1 and τ = σ. At a critical point of class J let K be the unselected components, U_I
all uᵢ but those of K, V_I all vᵢ but those of K and those with wᵢ = 0; D = diag(w_I), C = U_Iᴴ A,
E = B V_I. Half the Hessian has the eigenvalues ≠ 0 of

    D EᴴE ⊗ 1 + D ⊗ C Cᴴ    and of    [[B Sxx Bᴴ, −τ_k], [−τ_k, w_k AᴴA]], k in K,

with their multiplicities; the others are 0. Where AᴴA and B Sxx Bᴴ are diagonal all this is of
order 2, and `hessian_spectrum()` gives the roots. At a balanced point of white inputs, X₀ = Y₀ = 0,
they are σᵢ + σⱼ for all i, j in J, σⱼ ± σ_k, ± σ_k (p − r times), and σⱼ once for each direction of
ker Gᴴ and of ker G.

Hypotheses: the point is critical; such vᵢ exist, that is Sxx commutes with Sxy Syx. Any gauge, any
kernel blocks, ties, zeros; over ℂ every multiplicity doubles. For other Sxx we know no closed form.

Equality: of characteristic polynomials. What ships is in doubles: to 1e-9 of the largest.

References: we know of none for all classes.

Post: none by itself; E17 (what a reparameterisation breaks) rests on it.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, product
from math import isqrt, lcm
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.linalg import block_diag
from sympy import ZZ
from sympy.polys.matrices import DomainMatrix

from linae.critical import CriticalClass
from linae.data import iris
from linae.exact import Array, eye, floating, rationals, real, realified
from linae.inertia import inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import critical_points, hessian
from proofs._calc import Sum, letter, zero
from proofs._cases import (
    GAUSSIANS,
    RATIONALS,
    auto_instances,
    matrices,
    points_of,
    singular_values,
    unitaries,
)
from proofs._instances import CriticalPoint, Instance, whitened
from proofs._words import blocks

uses: list[ModuleType] = [critical_points, hessian]


SIZES = ((2, 1, 3), (3, 2, 2), (2, 2, 3), (3, 1, 3), (1, 2, 3), (2, 3, 2))


@st.composite
def aligned(draw: st.DrawFn, *kinds: str) -> Instance:
    """Sxx = V diag(w) Vᴴ and G = U diag(σ): auto-association, white inputs, or other weights w."""
    (n, p, m), kind = draw(st.sampled_from([*product(SIZES, kinds)]))
    numbers = draw(st.sampled_from([RATIONALS] * 3 + [GAUSSIANS] * (p * (n + m) <= 8)))
    if kind == "auto":
        return draw(auto_instances(min(n + 1, 3), p, numbers))
    d = m if kind == "white" else draw(st.integers(0, m))
    t = [1 if kind == "white" else draw(st.sampled_from([1, 2, 3])) for _ in range(d)]
    U, V = draw(unitaries(n, numbers)), draw(unitaries(m, numbers))
    R = V[:, :d] * np.array(t, dtype=object)
    F = draw(matrices(n, draw(st.integers(0, 1)), numbers))
    return Instance(U, draw(singular_values(min(n, d))), eye(d, U), R, F, p)


def hypotheses() -> st.SearchStrategy[CriticalPoint]:
    """Points of every class of aligned inputs and targets, anywhere in the fibre."""
    return aligned("auto", "white", "other").flatmap(points_of)


def conclusion(case: CriticalPoint) -> None:
    """Characteristic polynomials are equal; what ships is within rounding, by exact counts of
    eigenvalues at one class, in doubles at every class."""
    landscape = case.instance.landscape
    claimed, found = block_diag(*summands(case)), landscape.hessian(*case.weights) / 2
    assert _nonzero(claimed) == _nonzero(found)
    critical = CriticalClass(landscape, case.J)
    spectrum = critical.hessian_spectrum()
    if spectrum is not None:
        _encloses(spectrum, landscape.hessian(*critical.weights()))
        for critical in chain(*(x.critical_classes() for x in (landscape, landscape.floating))):
            _in_doubles(critical)


def summands(case: CriticalPoint) -> list[Array]:
    """Matrices whose eigenvalues ≠ 0 are those of half the Hessian; over ℂ, its every other."""
    at, (A, B) = case.instance, case.weights
    K = [k for k in range(at.rank) if k not in case.J]
    rows = [i for i in range(len(at.U)) if i not in K]
    columns = [i for i in range(at.R.shape[1]) if i not in K]
    code, w = B @ at.R, real(np.diagonal(at.R.conj().T @ at.R))  # B V √w
    C, E = at.U[:, rows].conj().T @ A, code[:, columns]
    outer = np.kron(E.conj().T @ E, eye(len(rows), C))
    outer = outer + np.kron(np.diag(w[columns]), C @ C.conj().T)
    P, Q, one = code @ code.conj().T, A.conj().T @ A, eye(at.width, A)
    tau = {k: at.s[k] * isqrt(int(w[k])) for k in K}
    return [outer, *(np.block([[P, -tau[k] * one], [-tau[k] * one, w[k] * Q]]) for k in K)]


def _nonzero(M: Array) -> list[Any]:
    """Coefficients of the characteristic polynomial, without its factors z."""
    M = realified(M)
    scale = lcm(*(Fraction(x).denominator for x in M.flat))
    integers = [[ZZ(int(x * scale)) for x in row] for row in M]
    polynomial = DomainMatrix(integers, M.shape, ZZ).charpoly()
    found = [Fraction(int(c), scale**i) for i, c in enumerate(polynomial)]
    while not found[-1]:
        found.pop()
    return found


def _encloses(spectrum: Array, H: Array) -> None:
    """The i-th eigenvalue of H is within a radius of the i-th double, by exact inertia."""
    radius = Fraction(1, 10**9) * (1 + Fraction(abs(spectrum).max()))
    one = eye(len(H), H)
    for i, x in enumerate(spectrum):
        if i == 0 or x != spectrum[i - 1]:
            assert inertia(H - (Fraction(x) - radius) * one).negative <= i
        if i + 1 == len(spectrum) or x != spectrum[i + 1]:
            assert inertia((Fraction(x) + radius) * one - H).negative <= len(H) - i - 1


def _in_doubles(critical: CriticalClass) -> None:
    """Floating: the same at the balanced point, or at A = U_J = Bᵀ, for normalised uⱼ."""
    found = np.linalg.eigvalsh(floating(critical.landscape.hessian(*critical.weights())))
    np.testing.assert_allclose(
        critical.hessian_spectrum(), found, rtol=0, atol=1e-9 * (1 + found[-1])
    )


def proof() -> None:
    """For all sizes, over ℝ and ℂ: the Hessian that ships, as a map, in the bases uᵢ and vᵢ.

    There A = [C; 0] and B = [E, 0, Z] by rows u_I, u_K and columns v_I, v_K, ker Sxx, as A B Sxx
    = U_J U_Jᴴ Syx has the rows of Syx in u_I. On Ȧ = [P; α] and Ḃ = [Q, β, γ] half the Hessian is

    - on (P, Q): FᴴF with F(P, Q) = (P E + C Q) √D, and F Fᴴ is Z ↦ Z √D EᴴE √D + C Cᴴ Z D: the
      eigenvalues ≠ 0 are the same, and so are those of D EᴴE ⊗ 1 + D ⊗ C Cᴴ, similar to it;
    - on row k of α (its adjoint) and column k of β: the block of k, as τ and w are diagonal;
    - on γ: 0.
    """
    C, E, Z = letter("C", "i", "p"), letter("E", "p", "j"), letter("Z", "p", "o")
    D, w, tau = letter("D", "j", "j"), letter("w", "k", "k"), letter("τ", "k", "k")
    P, alpha = letter("P", "i", "p"), letter("α", "k", "p")
    Q, beta, gamma = letter("Q", "p", "j"), letter("β", "p", "k"), letter("γ", "p", "o")
    Sxx = _diagonal(D, w, zero("o", "o"))
    Syx = blocks([C @ E @ D, zero("i", "k"), zero("i", "o")], [zero("k", "j"), tau, zero("k", "o")])
    landscape = SquaredLoss(Moments(Sxx, Syx, _diagonal(zero("i", "i"), zero("k", "k"))), 1)
    weights = blocks([C], [zero("k", "p")]), blocks([E, zero("p", "k"), Z])
    hA, hB = landscape.hessian_vector(weights, (blocks([P], [alpha]), blocks([Q, beta, gamma])))
    F = P @ E + C @ Q
    assert hA[0, 0] == 2 * (F @ D @ E.H)
    assert hB[0, 0] == 2 * (C.H @ F @ D)
    assert hA[1, 0] == 2 * (alpha @ E @ D @ E.H - tau @ beta.H)
    assert hB[0, 1] == 2 * (C.H @ C @ beta @ w - alpha.H @ tau)
    assert hB[0, 2] == zero("p", "o")


def _diagonal(*parts: Sum) -> Array:
    return blocks(
        *(
            [x if i == j else zero(x.rows, y.columns) for j, y in enumerate(parts)]
            for i, x in enumerate(parts)
        )
    )


def figure(ax: Any) -> None:
    """Every eigenvalue at every critical class of the iris data, p = 2: predicted and computed."""
    data = np.genfromtxt(iris(), delimiter=",", skip_header=1)
    landscape = SquaredLoss(Moments.from_data(data), 2)
    classes = list(landscape.critical_classes())
    for place, critical in enumerate(classes):
        predicted = critical.hessian_spectrum()
        computed = np.linalg.eigvalsh(landscape.hessian(*critical.weights()))
        label = ("predicted", "computed") if place == 0 else (None, None)
        x = np.full(len(computed), place)
        ax.plot(x, predicted, "_", ms=16, mew=2, color="#D55E00", label=label[0])
        ax.plot(x, computed, "o", ms=6, mfc="none", color="#0072B2", label=label[1])
    names = [" ".join(str(j + 1) for j in c.index_set) or "none" for c in classes]
    ax.axhline(0, color="0.8", lw=0.8, zorder=0)
    ax.set_yscale("symlog", linthresh=0.03)
    ax.set(ylim=(-20, 60), yticks=[-10, -1, -0.1, 0, 0.1, 1, 10])
    ax.set_xticks(range(len(names)), names)
    ax.set(xlabel="principal components selected, best loss first", ylabel="Hessian eigenvalue")
    ax.legend(loc="lower left", frameon=False)


def _point(at: Instance, J: tuple[int, ...], X0: Any = 0, Y0: Any = 0) -> CriticalPoint:
    """M = 1 and B₀ = 0, p = 1."""
    q, (m, d) = 1 - len(J), at.R.shape
    X, Y = np.full((len(at.U) - at.rank, q), X0), np.full((q, d - at.rank), Y0)
    blocks = rationals([[1]]), rationals(X), rationals(Y), rationals(np.zeros((1, m), dtype=int))
    return CriticalPoint(at, J, *blocks)


_one = rationals([[1, 0], [0, 1]])
_slanted = Instance(_one[:1, :1], (1,), _one, rationals([[1, 0], [1, 1]]), _one[:1, :0], 1)

counterexamples = {
    "a critical point: X₀ Y₀ = 0": _point(whitened((0,), 1), (), X0=1, Y0=1),
    "Sxx commutes with Sxy Syx": _point(_slanted, (0,)),
}
