"""The balanced flow converges, and the pivots of its start are the components that it learns.

Order the eigenvectors (u_i, ±v_i)/√2, (u, 0), (0, v) of F = [[0, G], [Gᴴ, 0]] by decreasing
eigenvalue ±σ_i, 0 and write Z₀ = [A₀; B₀ᴴ] in them. Pivots are the rows at which the rank of the
leading rows increases. Then A B converges to the map of the critical class

    J = pivots with an eigenvalue σ_i > 0,

which names with ties how many directions are learned from each eigenspace. The stable set of a
saddle is thus a Schubert condition on the range of Z₀.

Hypotheses: Sxx = 1; a balanced start, A₀ᴴA₀ = B₀B₀ᴴ. Any G, with ties and kernels, real or
complex.

Equality: of the class. `Flow.limit` decides the ranks in doubles.

References: Fukumizu 1998 and Yan, Helmke and Moore 1994 for the Riccati flow (wordings not
confirmed).

Post: E11 (saddles are left, except from starts that lack the components of the way down).
"""

from __future__ import annotations

from itertools import combinations, product
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from hypothesis.strategies import SearchStrategy

from linae.exact import Array, floating, rank, rationals
from linae.flow import gradient_flow
from proofs import flow
from proofs._calc import Chain, I, Proof, Rule, calc, letter
from proofs._cases import GAUSSIANS
from proofs._flows import balanced_starts, check_flow, excess, products, white_instances
from proofs._instances import Point, diagonal, whitened
from proofs._symbols import is_zero, symbols, symmetric

uses: list[ModuleType] = [flow]


def hypotheses() -> SearchStrategy[Point]:
    """Balanced starts, often within an invariant subspace; the targets of some are complex."""
    real = white_instances() | white_instances(least=2)
    return balanced_starts(real | white_instances(GAUSSIANS, 8))


def conclusion(case: Point) -> None:
    """The map at a late time, in rational arithmetic, against ranks; then the flow that ships."""
    at, learned = case.instance, pivots(case)
    check_flow(case)
    W = products(case, 400)
    for s in {x for x in at.s if x}:
        group = [i for i, x in enumerate(at.s) if x == s]
        share = complex(sum(W[i, i] for i in group) / s)
        assert abs(share - len(learned & {*group})) < 0.02, f"learned {learned}, {share} of {s}"
    left = sum(x * x for i, x in enumerate(at.s) if i not in learned)
    assert abs(float(excess(case, 400)) - left) < 0.01
    shipped = gradient_flow(at.landscape.floating, *map(floating, case.weights))
    limit = shipped.limit()
    assert [at.s[j] for j in limit.index_set] == [at.s[j] for j in sorted(learned)]
    assert abs(at.landscape.floating.loss(*shipped.at(100.0)) - float(limit.loss)) < 0.01


def pivots(case: Point) -> set[int]:
    """Rows uᵢᴴA₀ + vᵢᴴB₀ᴴ, σᵢ > 0, that are not combinations of those before."""
    at, (A, B) = case.instance, case.weights
    rho = at.rank
    rows = at.U[:, :rho].conj().T @ A + at.V[:, :rho].conj().T @ B.conj().T
    return {i for i in range(rho) if rank(rows[: i + 1]) > rank(rows[:i])}


def proof(n: int = 3, p: int = 2, m: int = 2) -> Proof:
    """All ranks of G and of the start, all pivots, all ties, in symbols.

    Column operations bring the start to V C with V zero above the pivot of each column and one at
    it, C of full row rank. By the chain Z Zᴴ = X (S + VᴴΦV)⁻¹ Xᴴ, X = e^{2wt} V and S = (CCᴴ)⁻¹.
    Divide the column of a pivot w by T = e^{2wt} if w > 0, by √(2t) if w = 0. In the limit

    - X T⁻¹ is Y: V within the tie of the pivot if w > 0, else 0;
    - T⁻¹ (S + VᴴΦV) T⁻¹ is block diagonal, Yᴴ (2w)⁻¹ Y for w > 0, and invertible for w <= 0.

    So Z Zᴴ tends to Σ 2σ Y (YᴴY)⁻¹ Yᴴ over the distinct σ: twice σ times a projection on as many
    eigenvectors (u, v)/√2 as there are pivots. Its upper right block is U_J S_J V_Jᴴ.
    """
    for rho in range(min(n, m) + 1):
        for tied in product([False, True], repeat=max(rho - 1, 0)):
            w = eigenvalues(n + m, tied, rho)
            for k in range(p + 1):
                for chosen in combinations(range(n + m), k):
                    _limit(w, rho, chosen)
    return Proof([_inversion()])


def eigenvalues(size: int, tied: tuple[bool, ...], rho: int) -> list[Any]:
    """Of F, in symbols for the gaps σ_i − σ_{i+1} that are not 0."""
    gaps = [0 if t else g for t, g in zip((*tied, False), GAPS, strict=False)]
    levels = [sum(gaps[i:rho]) for i in range(rho)]
    return [*levels, *[0] * (size - 2 * rho), *(-x for x in levels[::-1])]


GAPS = sp.symbols("g:9", positive=True)
GROWTH = sp.symbols("x:9", positive=True)  # e^{2gt}, to infinity
HALVES = sp.symbols("h:18", positive=True)  # 1 / 2|w|, row by row
TIME = sp.Symbol("τ", positive=True)  # √(2t), to infinity but slower than these


def _limit(w: list[Any], rho: int, chosen: tuple[int, ...]) -> None:
    """X T⁻¹ and T⁻¹ (S + VᵀΦV) T⁻¹ and what they tend to, for a V with these pivots."""
    size, k, sign = len(w), len(chosen), signs(len(w), rho)
    V, S = symbols("v", size, k), symmetric("s", k)
    for column, pivot in enumerate(chosen):
        V[:pivot, column], V[pivot, column] = 0, 1
    columns = sign[list(chosen)]
    falling = np.array(np.logical_and.outer(columns < 0, columns < 0), dtype=int)
    near = [[x == w[j] or not up for j in chosen] for x, up in zip(w, sign > 0, strict=True)]
    Y = V * (np.array(near, dtype=int).reshape(size, k) * np.equal.outer(sign, columns))
    middle = Y.T @ (halves(sign)[:, None] * Y) + S * falling
    shape, inner = scaled(w, rho, chosen, V, S)
    assert is_zero(_limits(shape) - Y * np.array(columns > 0, dtype=int))
    assert is_zero(_limits(inner) - middle)


def signs(size: int, rho: int) -> Array:
    """Of the eigenvalues of F."""
    return np.array([int(i < rho) - int(i >= size - rho) for i in range(size)])


def halves(sign: Array) -> Array:
    """1/2|w| row by row, and 1 where w = 0."""
    return np.array([h if s else sp.S.One for h, s in zip(HALVES, sign, strict=False)])


def scaled(
    w: list[Any], rho: int, chosen: tuple[int, ...], V: Array, S: Array
) -> tuple[Array, Array]:
    """X T⁻¹ and T⁻¹ (S + VᵀΦV) T⁻¹, in powers of e^{2 gap t} and √(2t)."""
    sign = signs(len(w), rho)
    grown = np.array([_exponential(x) for x in w])
    T = np.array([{1: grown[i], 0: TIME, -1: sp.S.One}[sign[i]] for i in chosen], dtype=object)
    rows = zip(grown, sign, halves(sign), strict=True)
    phi = np.array([int(s) * (e**2 - 1) * h if s else TIME**2 for e, s, h in rows])
    inner = S + V.T @ (phi[:, None] * V)
    return grown[:, None] * V / T, inner / np.outer(T, T)


def _exponential(w: Any) -> Any:
    """e^{2wt} for a combination of gaps."""
    return sp.prod(x ** sp.diff(w, g) for g, x in zip(GAPS, GROWTH, strict=True))


def _limits(M: Array) -> Array:
    """Term by term: 0 if it decays; else it must be constant."""
    found = np.zeros_like(M)
    for place, entry in np.ndenumerate(M):
        for term in sp.Add.make_args(sp.expand(entry)):
            powers = term.as_powers_dict()
            fast, slow = [powers[x] for x in GROWTH], powers[TIME]
            decays = any(fast) or slow < 0
            assert max(fast) <= 0, f"{term} grows"
            assert decays or not slow, f"{term} grows"
            found[place] += 0 if decays else term
    return found


def _inversion() -> Chain:
    """C (1 + CᴴMC)⁻¹ Cᴴ is inverse to S + M, for S = (CCᴴ)⁻¹."""
    C, S, M, K = (
        letter(x, *sizes) for x, sizes in zip("CSMK", ("kp", "kk", "kk", "pp"), strict=True)
    )
    rules = (
        Rule("S C Cᴴ = I", S @ C @ C.H, I("k")),
        Rule("(1 + CᴴMC) K = I", (I("p") + C.H @ M @ C) @ K, I("p")),
    )
    chain = calc((S + M) @ C @ K @ C.H, *rules)
    chain = chain.step("S C Cᴴ = I", S @ C @ (I("p") + C.H @ M @ C) @ K @ C.H)
    chain = chain.step("(1 + CᴴMC) K = I", S @ C @ C.H)
    return chain.step("S C Cᴴ = I", I("k"))


counterexamples = {
    "A₀ᴴA₀ = B₀B₀ᴴ": Point(whitened((2, 1), width=1), rationals([[1], [0]]), rationals([[-1, 1]])),
    "Sxx = 1": Point(diagonal((2, 1), width=1), rationals([[1], [1]]), rationals([[-1, 1]])),
}
