"""With a decay of its own each hidden unit learns a component of its own, or is switched off.

The critical points of E‖x − A B x‖² + Σ μ_h (‖a_h‖² + ‖b_h‖²), a_h the columns of A and b_h the
rows of B, are a_h = b_hᵀ = ± (1 − μ_h/λ)^½ u, or 0: a unit that is on has an eigenvector u of S
with λ > μ_h, orthogonal to those of the others. The loss is tr S − Σ (λ − μ_h)²/λ over these. The
negative eigenvalues of the Hessian are as many as there are

1. pairs of units that are on, of which the one with the smaller decay has the smaller eigenvalue;
2. components that are left, each with a smaller one that some unit has;
3. components that are left, each with an idle unit of decay μ_h < λ;
4. idle units, each with one that is on and has a larger decay;

the zeros as there are ties in 1, 2 and 3. The others are positive.

Hypotheses: real auto-association, Y = X; the decays are positive, distinct, and the same for a_h as
for b_h. S may be singular or have ties.

Equality: of all three counts. For distinct λ the critical points are isolated, 2 to the number of
units that are on of each kind. Index 0 is the least loss: sorted, the largest λ with the least μ,
as far as λ > μ. Every other critical point is a strict saddle.

References: Bao, Lucas, Sachdeva and Grosse 2020, arXiv:2007.06731 (wording not confirmed).

Post: none by itself; the principal components are found one by one, which the squared loss does
not do (`plaut`).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, permutations, product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae import calculus
from linae.exact import rationals
from linae.inertia import Inertia, inertia
from linae.landscapes.nonuniform import NonuniformDecay
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient, hessian
from proofs._auto import Auto, Decayed, Start, frames, listed_root, ranks, sizes, spectra, starts
from proofs._calc import letter
from proofs._words import block, word

uses: list[ModuleType] = [gradient, hessian]

ROOTS = [Fraction(1, 2), Fraction(3, 5), Fraction(1, 3), Fraction(3, 4)]
IDLE = [(Fraction(x, 2), Fraction(0)) for x in range(1, 8)]


@st.composite
def hypotheses(draw: st.DrawFn) -> Decayed | Start:
    """Every way to give components to units; 1 − μ_h/λ is the square of a rational where a unit is
    on. One in eight is no critical point but the start of a root search."""
    n, p = draw(sizes(4) | sizes(4) | sizes(6))
    values = draw(spectra(n))
    at, rho = Auto(draw(frames(n)), values, p), sum(x > 0 for x in values)
    on = draw(ranks(min(p, rho)))
    taken = draw(st.permutations([*draw(st.permutations(range(rho)))[:on], *[-1] * (p - on)]))
    decays: list[Fraction] = []
    scale = []
    for j in taken:
        offered = [(values[j] * (1 - c * c), c) for c in ROOTS] if j >= 0 else IDLE
        mu, c = draw(st.sampled_from([x for x in offered if x[0] not in decays]))
        decays.append(mu)
        scale.append(c * draw(st.sampled_from([1, -1])))
    if draw(st.integers(0, 7)) == 7:
        return draw(starts(NonuniformDecay(at.moments, p, decays)))
    A = rationals(at.U[:, list(taken)] * np.array(scale, dtype=object))
    return Decayed(at, tuple(decays), tuple(decays), tuple(taken), A, A.T)


def conclusion(case: Decayed | Start) -> None:
    """By values of the loss along lines, and exact inertia of its second differences."""
    if isinstance(case, Start):
        _ends_tied(case)
        return
    at, weights = case.at, (case.A, case.B)
    assert not np.any(calculus.gradient(case.loss, weights, 4)), "not critical"
    assert np.array_equal(case.B, case.A.T), "not tied"
    gram = case.A.T @ case.A
    assert np.array_equal(gram, np.diag(np.diag(gram))), "units share a component"
    landscape = NonuniformDecay(at.moments, at.width, case.of_columns)
    H, place = calculus.hessian(case.loss, weights, 4), landscape.place(*weights)
    found = inertia(H)
    assert place is not None
    J = place.critical.index_set
    assert [j >= 0 and at.values[j] for j in J] == [j >= 0 and at.values[j] for j in case.taken]
    assert found == place.inertia, f"claimed {place.inertia}, found {found}"
    value, least = case.loss(*weights), next(landscape.critical_classes())
    assert value == landscape.class_loss(J)
    assert (value == least.loss) == (found.negative == 0)
    values = np.linalg.eigvalsh(H.astype(float))  # floating
    np.testing.assert_allclose(landscape.class_spectrum(J), values, rtol=0, atol=1e-9)


def _ends_tied(start: Start) -> None:
    """Floating: what a root search finds is tied, and listed."""
    A, B = listed_root(start) or (np.zeros((1, 1)),) * 2
    assert np.abs(A - B.T).max() < 1e-6, f"A = {A}, B = {B}"


def proof(n: int = 2, p: int = 2) -> None:
    """Only if, for all sizes: let D = diag(μ), C = (1 − A B) S, T = B S Bᵀ ⪰ 0, and P and Q be half
    the gradient. At P = Q = 0 the identities of `_necessary` say

    1. AᵀA D = D B Bᵀ; with the transpose, AᵀA D² = D² AᵀA: AᵀA = B Bᵀ is diagonal;
    2. A B S = A (D + T) Aᵀ, so that C is symmetric, and A has its range in R(S), as B has;
    3. B A D = B C Bᵀ and D B A = Aᵀ C A are symmetric, so that B A commutes with D²: it is
       diagonal, say with entries κ.

    As in `weight_decay`, (1 − κ_h) T_hh = μ_h κ_h, so that 0 <= κ_h < 1 and C ⪰ 0; C a_h = μ_h b_hᵀ
    and C b_hᵀ = μ_h a_h give (C + μ_h)(C − μ_h) a_h = 0, C a_h = μ_h a_h and b_hᵀ = a_h. So κ_h is
    N_h = |a_h|². Times Aᵀ, C A = A D is (1 − N) AᵀS A = N D; put into S A = A D + A AᵀS A this is
    S A = A D (1 − N)⁻¹: the a_h are eigenvectors, of λ = μ_h/(1 − |a_h|²).

    If, and inertia: by `_blocks`, half the Hessian is a direct sum, of a unit with its component,
    [λ λ−2μ; λ−2μ λ]; a unit with a component z that none has, [λ −z; −z z c² + μ], or [μ −z; −z μ];
    an idle unit with the component of another one, [μ_h −μ_g; −μ_g μ_h]; and two units with the
    components of each other, of order 4. All have a positive trace, so that those of order 2 are
    decided by their determinants; so are those of order 4, for one of two principal minors of order
    3 is positive, and with it definite (`_signs`), as λ_h + λ_g > μ_h + μ_g.
    """
    _necessary()
    for on in range(min(n, p) + 1):
        _blocks(n, p, on)
    _signs()
    _counts(n, p)


def _necessary() -> None:
    """What follows from P = 0 and Q = 0, as identities at all weights; S = R Rᵀ."""
    A, B, R = letter("A", "n", "p"), letter("B", "p", "n"), letter("R", "n", "d")
    D, S = letter("D", "p", "p"), R @ R.H
    plain = SquaredLoss(Moments.auto(block(S)), 1).gradient(block(A), block(B))
    P, Q = (Fraction(1, 2) * word(g) + x for g, x in zip(plain, (A @ D, D @ B), strict=True))
    C, T = S - A @ B @ S, B @ S @ B.H
    assert A.H @ P - Q @ B.H == A.H @ A @ D - D @ B @ B.H
    assert A @ (D.H + T) @ A.H - A @ B @ S == A @ P.H
    assert B @ P == B @ A @ D - B @ C @ B.H
    assert Q @ A == D @ B @ A - A.H @ C @ A


def _blocks(n: int, p: int, on: int) -> None:
    """Half the Hessian in symbols, where the unit h < on has the component h: μ_h = λ_h (1 − c_h²).

    A_ih has λ_h (μ_h if h is idle), B_hi has λ_i c_h² + μ_h; both have −λ_i (−μ_i if the unit i has
    the component) in common, and A_ih and B_gj for i = g, j = h have λ_h c_g c_h.
    """
    values, decays = sp.symbols(f"l:{n}", positive=True), sp.symbols(f"m:{p}", positive=True)
    c = (*sp.symbols(f"c:{on}", positive=True), *[0] * (p - on))
    tied = {decays[h]: values[h] * (1 - c[h] ** 2) for h in range(on)}
    landscape = NonuniformDecay(Moments.auto(np.diag(np.array(values, dtype=object))), p, decays)
    A = np.zeros((n, p), dtype=object)
    A[range(on), range(on)] = c[:on]
    H = np.zeros((2 * n * p, 2 * n * p), dtype=object)
    for h, i in product(range(p), range(n)):
        a, b = h * n + i, n * p + i * p + h  # the places of A_ih and B_hi
        H[a, a] = values[h] if h < on else decays[h]
        H[b, b] = values[i] * c[h] ** 2 + decays[h]
        H[a, b] -= decays[i] if i < on else values[i]
        if h < on and i < on:
            H[a, n * p + h * p + i] += values[h] * c[i] * c[h]
    H = 2 * (H + np.triu(H, 1).T)
    wrong = [*(landscape.hessian(A, A.T) - H).flat]
    wrong += [x for slope in landscape.gradient(A, A.T) for x in slope.flat]
    assert not any(sp.expand(sp.sympify(x).subs(tied)) for x in wrong)


def _signs() -> None:
    """Of blocks of one unit by determinants; two units that are on, by principal minors, too."""
    x, y, z, m, k = sp.symbols("x y z m k", positive=True)
    unselected = sp.Matrix([[x, -z], [-z, z * (1 - m / x) + m]])
    assert sp.expand(unselected.det() - (x - z) * (z + m)) == 0
    product_of_roots = (1 - m / x) * (1 - k / y)
    c = sp.Symbol("c")
    pair = sp.Matrix(
        [
            [x, -k, 0, x * c],
            [-k, y * (1 - m / x) + m, y * c, 0],
            [0, y * c, y, -m],
            [x * c, 0, -m, x * (1 - k / y) + k],
        ]
    )
    minors = {(): (m + k) ** 2 * (x - y) * (k - m), (1,): x * (m + k) * (y - m)}
    minors[3,] = y * (m + k) * (x - k)
    for without, claimed in minors.items():
        kept = [i for i in range(4) if i not in without]
        minor = sp.expand(pair.extract(kept, kept).det()).subs(c**2, product_of_roots)
        assert sp.simplify(minor.subs(c**4, product_of_roots**2) - claimed) == 0


def _counts(n: int, p: int) -> None:
    """The tally of blocks by sign is the count that ships, for every order of λ and μ."""
    for values in combinations_with_replacement(range(n + p, 0, -1), n):
        for decays in permutations(range(1, n + p + 1), p):
            at = Moments.auto(np.diag(rationals(values)))
            landscape = NonuniformDecay(at, p, decays)
            for J in landscape.index_sets():
                assert landscape.class_inertia(J) == _tally(values, decays, J)


def _tally(values: Sequence[int], decays: Sequence[int], J: Sequence[int]) -> Inertia:
    units, rest = range(len(J)), [z for i, z in enumerate(values) if i not in J]
    blocks = []
    for h in units:
        x = values[J[h]] if J[h] >= 0 else decays[h]
        blocks += [(x - z, 2) for z in rest]
        if J[h] < 0:
            blocks += [(decays[h] - decays[g], 2) for g in units if J[g] >= 0]
        else:
            blocks += [(1, 2)]
            earlier = [g for g in range(h) if J[g] >= 0]
            blocks += [((x - values[J[g]]) * (decays[g] - decays[h]), 4) for g in earlier]
    signs = [np.array([det < 0, det == 0, size - (det <= 0)]) for det, size in blocks]
    return Inertia(*sum(signs))


def _point(
    A: Any, mu: tuple[int, ...], B: Any = None, nu: Any = None, targets: Any = None
) -> Decayed:
    """S = diag(4, 1)."""
    one = rationals(np.eye(2, dtype=int))
    at = Auto(one, (Fraction(4), Fraction(1)), len(mu), targets)
    B = rationals(np.transpose(A) if B is None else B)
    columns, rows = (tuple(map(Fraction, x)) for x in (mu, nu or mu))
    return Decayed(at, columns, rows, (), rationals(A), B)


counterexamples = {
    "the decays are distinct": _point([["1/2", "1/2"], [0, 0]], (2, 2)),
    "the decays are positive": _point([[2], [0]], (0,), [["1/2", 0]]),
    "the same for a_h as for b_h": _point([["1/2"], [0]], (4,), [[1, 0]], (1,)),
    "Y = X": _point([["1/2"], [0]], (3,), [["-1/2", 0]], targets=rationals([[-1, 0], [0, -1]])),
}
