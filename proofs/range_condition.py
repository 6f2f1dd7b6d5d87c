"""Where the encoder or the decoder is rank-deficient, the Hessian is ⪰ 0 only if the residual is 0.

R = A B Sxx − Syx is the residual moment; R = 0 means the least loss of all maps, tr(Syy − Σ).

Hypotheses: rank(B Sxx) < p or rank A < p. The point need not be critical.

Equality: the Hessian is then ⪰ 0 if and only if R = 0: a semidefinite Hessian at a deficient point
makes it a global minimum. With H_AA (or H_BB) as leading block it is the range condition of
Albert's theorem that decides, not the complement.

References: Kawaguchi 2016, NeurIPS, the lemma on semidefinite Hessians, at critical points of deep
networks (wording not confirmed).

Post: E21 (what Kawaguchi needs the Schur complement with generalised inverses for).
"""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, is_complex, rank, rationals, zeros
from linae.inertia import ldl_inertia
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from linae.schur import schur_complement
from linae.verdict import Verdict
from proofs import gradient, hessian, schur
from proofs._calc import Proof, Rule, Sum, calc, letter, zero
from proofs._cases import instances, points, points_of
from proofs._instances import CriticalPoint, Point, diagonal
from proofs._words import block, word

uses: list[ModuleType] = [gradient, hessian, schur]

Case = Point | CriticalPoint


@st.composite
def hypotheses(draw: st.DrawFn) -> Case:
    """Points with a deficient factor: exact fits with a spare unit, other critical ones, others."""
    if draw(st.booleans()):
        return draw(_deficient(draw(points(12))))
    at = draw(instances(size=12))
    kept = at.width - 1
    at = replace(at, s=tuple(x if i < kept else 0 for i, x in enumerate(at.s)))
    return draw(points_of(at, tuple(range(at.rank))) | points_of(at))


@st.composite
def _deficient(draw: st.DrawFn, point: Point) -> Point:
    """The same with a hidden unit that is not read, or not written."""
    A, B = (w.copy() for w in point.weights)
    unit = draw(st.integers(0, A.shape[1] - 1))
    if draw(st.booleans()):
        A[:, unit] = zeros((len(A),), A)
    else:
        B[unit] = zeros(B[unit].shape, B)
    return Point(point.instance, A, B)


def conclusion(case: Case) -> None:
    """Hessian by second differences, exact LDLᴴ; residual from the samples."""
    at, (A, B) = case.instance, case.weights
    X, Y = at.samples
    fits = not np.any((A @ (B @ X) - Y) @ X.conj().T)
    H = calculus.hessian(at.loss, (A, B), at.landscape.degree)
    found = ldl_inertia(H)
    assert (not found.negative) == fits, f"In(H) = {found}, R = 0 is {fits}"
    if fits:
        assert at.loss(A, B) == at.moments.total - sum(at.eigenvalues)
    if not is_complex(H) and len(H) == A.size + B.size:
        _range_decides(case, H, fits)


def _range_decides(case: Case, H: Array, fits: bool) -> None:
    """With the block of the deficient factor's partner first, R(H_AB) ⊆ R(H_AA) iff R = 0."""
    (A, B), X = case.weights, case.instance.samples[0]
    encoder_last = np.arange(len(H))
    decoder_last = np.roll(encoder_last, B.size)
    for factor, order, k in ((B @ X, encoder_last, A.size), (A, decoder_last, B.size)):
        if rank(factor) < A.shape[1]:
            found = schur_complement(H[np.ix_(order, order)], k).range_condition
            assert found is Verdict.of(fits)


def proof() -> Proof:
    """On the Hessian-vector product that ships, for all sizes.

    1, 2. If Ȧ B Sxx = 0, the Hessian maps (Ȧ, 0) to (0, 2 ȦᴴR): the form at (t Ȧ, Ḃ) has no t², and
    the coefficient 4 Re⟨ȦᴴR, Ḃ⟩ of t must vanish for all Ḃ if the Hessian is ⪰ 0 (range condition).
    For Ȧ = u hᴴ with hᴴB Sxx = 0, h ≠ 0, and any u: h uᴴR = 0, hence R = 0.
    3, 4. If A Ḃ = 0, it maps (0, Ḃ) to (2 R Ḃᴴ, 0); for Ḃ = h uᴴ with A h = 0: R u hᴴ = 0, R = 0.
    5. If R = 0, the form is 2 ‖(Ȧ B + A Ḃ) Q‖² with Sxx = Q Qᴴ, which is >= 0.
    """
    A, B, dA, dB = (letter(x, *s) for x, s in zip("ABȦḂ", ("np", "pm", "np", "pm"), strict=True))
    Q, Syx = letter("Q", "m", "d"), letter("Syx", "n", "m")
    S, none = Q @ Q.H, (zero("n", "p"), zero("p", "m"))
    R = A @ B @ S - Syx
    blind = Rule("Ȧ B Sxx = 0", dA @ B @ S, zero("n", "m"))
    idle = Rule("A Ḃ = 0", A @ dB, zero("n", "m"))
    by_A, by_B = _image(S, Syx, A, B, dA, none[1]), _image(S, Syx, A, B, none[0], dB)
    chains = [
        calc(by_A[0], blind).step(blind.name, none[0]),
        calc(by_A[1], blind).step(blind.name, 2 * dA.H @ R),
        calc(by_B[0], idle).step(idle.name, 2 * R @ dB.H),
        calc(by_B[1], idle).step(idle.name, none[1]),
    ]
    fit = _image(S, A @ B @ S, A, B, dA, dB)
    E = (dA @ B + A @ dB) @ Q
    form = gradient.real_trace(dA @ fit[0].H, dB @ fit[1].H)
    assert form == gradient.real_trace(2 * E @ E.H)
    return Proof(chains)


def _image(S: Sum, Syx: Sum, A: Sum, B: Sum, dA: Sum, dB: Sum) -> tuple[Sum, Sum]:
    """The Hessian that ships, at (A, B), applied to (Ȧ, Ḃ)."""
    Syy = letter("Syy", "n", "n")
    landscape = SquaredLoss(Moments(block(S), block(Syx), block(Syy)), 1)
    left, right = landscape.hessian_vector((block(A), block(B)), (block(dA), block(dB)))
    return word(left), word(right)


counterexamples = {
    "rank(B Sxx) < p or rank A < p": Point(
        diagonal((2, 1), width=1), rationals([[1], [0]]), rationals([[1, 0]])
    ),
}
