"""A linear Wasserstein generator is a rank-p autoencoder; Jensen–Shannon tells it nothing.

For data N(0, S) and a generator A z, z ~ N(0, 1) in p dimensions, S regular,

    F(A) = W₂² = tr S + ‖A‖² − 2 ‖S^½ A‖_*,

the nuclear norm, is the least E‖x − A B x‖² over encoders with white codes, B S Bᵀ = 1. Its
critical points of rank p are A = U_J Λ_J^½ Oᵀ, p components J, O orthogonal; the loss is Σ_K λ, K
the unselected components, and

    negative   the number of pairs (k, j) with λ_k > λ_j, k unselected and j in J
    zero       the number of pairs with λ_k = λ_j; + p (p − 1)/2

and the others are positive. If p < n, JSD = log 2 for every A: data and generator are mutually
singular, and there is no slope.

Hypotheses: real Gaussian data, S regular; rank A = p <= n. Ties are allowed.

Equality: of the value, of both counts, and of the least value with that of principal component
analysis. The index is that of the autoencoder at the same components.

References: Feizi, Farnia, Ginart and Tse 2017, arXiv:1710.10793; "Wasserstein GAN can perform PCA",
arXiv:1902.09073, for the minima (wordings not confirmed). The saddles were not found there.

Post: F8 ("GANs relation to JSD?": for generators of lower dimension than the data none is of use;
the distance has to be another).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, kernel, rationals, solve
from linae.inertia import Inertia, inertia
from linae.landscapes.squared import SquaredLoss
from proofs._auto import Auto, frames, squares
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Generator(Case):
    """A = U_J Λ_J^½ Oᵀ, where λ are squares of `roots`; and an orthonormal frame (n, p)."""

    U: Array
    roots: tuple[Fraction, ...]
    taken: tuple[int, ...]
    turn: Array
    frame: Array

    @property
    def at(self) -> Auto:
        return Auto(self.U, tuple(x * x for x in self.roots), len(self.taken))

    @property
    def A(self) -> Array:
        chosen = self.U[:, list(self.taken)] * self._scale
        return rationals(chosen @ self.turn.T)

    @property
    def _scale(self) -> Array:
        return np.array([self.roots[j] for j in self.taken], dtype=object)

    @property
    def root(self) -> Array:
        """S^½."""
        return rationals(self.U * np.array(self.roots, dtype=object) @ self.U.T)

    @property
    def polar(self) -> Array:
        """The factor H of S^½ A = Q H, H² = Aᵀ S A."""
        return rationals(self.turn * self._scale**2 @ self.turn.T)


@st.composite
def hypotheses(draw: st.DrawFn) -> Generator:
    """Critical points, and any other coupling."""
    n, p = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (2, 2), (3, 2), (4, 1)]))
    sizes = st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2), Fraction(3)])
    roots = sorted((draw(sizes) for _ in range(n)), reverse=True)
    J = tuple(sorted(draw(st.permutations(range(n)))[:p]))
    U, turn, frame = draw(frames(n)), draw(frames(p)), draw(frames(n))[:, :p]
    return Generator(U, tuple(roots), J, turn, frame)


def conclusion(case: Generator) -> None:
    """F by its definition, the least tr over couplings; derivatives of H by those of H² = AᵀSA."""
    A, R, H, at = case.A, case.root, case.polar, case.at
    silent = kernel(A.T)
    unseen = inertia(silent.T @ at.S @ silent)
    assert unseen == (0, 0, len(A) - len(H)), "data and generator are not mutually singular"
    assert np.array_equal(H @ H, A.T @ at.S @ A)
    Q = R @ A @ inverse(H)
    root = Q @ H @ Q.T  # of S^½ A Aᵀ S^½, as in the definition of W₂
    assert np.array_equal(root @ root, R @ A @ A.T @ R)
    value = at.S.trace() + squares(A) - 2 * root.trace()
    assert value == at.S.trace() + squares(A) - 2 * H.trace()
    for frame, least in ((Q, True), (case.frame, False)):
        B = frame.T @ inverse(R)
        assert np.array_equal(B @ at.S @ B.T, eye(len(B), B))
        error = at.error(A @ B)
        assert error == value if least else error >= value
    assert value == sum(at.values) - sum(at.values[j] for j in case.taken)
    slope, hessian = _derivatives(case)
    assert not slope.any(), "not critical"
    assert inertia(hessian) == claimed_inertia(at, case.taken)
    plain = SquaredLoss(at.moments, at.width).class_inertia(case.taken)
    assert inertia(hessian).negative == plain.negative


def claimed_inertia(at: Auto, J: tuple[int, ...]) -> Inertia:
    """The counts of the statement."""
    pairs = [(at.values[k], at.values[j]) for k in range(len(at.values)) for j in J if k not in J]
    negative, tied = sum(x > y for x, y in pairs), sum(x == y for x, y in pairs)
    zero = tied + len(J) * (len(J) - 1) // 2
    return Inertia(negative, zero, len(at.values) * len(J) - negative - zero)


def _derivatives(case: Generator) -> tuple[Array, Array]:
    """From H Ḣ + Ḣ H = (AᵀSA)˙ and H Ḧ + Ḧ H = (AᵀSA)¨ − 2 Ḣ²; H X + X H = Y has the trace
    tr X = ½ tr H⁻¹ Y."""
    A, S, H = case.A, case.at.S, case.polar
    (n, p), plus, one = A.shape, inverse(H), eye(len(H), H)
    sylvester = np.kron(H, one) + np.kron(one, H)
    moves, turns = [], []
    for entry in range(n * p):
        V = rationals(np.eye(1, n * p, entry, dtype=int).reshape(n, p))
        change = V.T @ S @ A
        X = solve(sylvester, (change + change.T).reshape(-1, 1)).reshape(p, p)
        moves.append(V)
        turns.append(X)
    slope = np.array([2 * (V * A).sum() - 2 * X.trace() for V, X in zip(moves, turns, strict=True)])
    pairs = list(zip(moves, turns, strict=True))
    return slope, np.array(
        [
            [2 * (V * W).sum() - 2 * (plus @ (V.T @ S @ W - X @ Y)).trace() for W, Y in pairs]
            for V, X in pairs
        ]
    )


counterexamples = {
    "S regular": Generator(
        rationals(np.eye(2, dtype=int)),
        (Fraction(1), Fraction(0)),
        (0,),
        rationals([[1]]),
        rationals([[0], [1]]),
    ),
}
