"""From a balanced start the gradient flow of ‖G − A B‖² has a closed form.

With Z = [A; Bᴴ], F = [[0, G], [Gᴴ, 0]] and Z₀ᴴ diag(1, −1) Z₀ = 0, the flow θ̇ = −∇L has

    Z Zᴴ = e^{2Ft} Z₀ (1 + Z₀ᴴ Φ Z₀)⁻¹ Z₀ᴴ e^{2Ft},    Φ = 2 ∫₀ᵗ e^{4Fs} ds,

and A B is its upper right block.

Hypotheses: whitened inputs, Sxx = 1; a balanced start, A₀ᴴA₀ = B₀B₀ᴴ. Any n, m and p, any G, real
or complex; no rank of A₀ is required.

Equality: of all of Z Zᴴ for all t >= 0. `linae.gradient_flow` evaluates it without overflow.

References: Fukumizu 1998; Braun, Dominé, Fitzgerald and Saxe 2022 (wordings not confirmed).

Post: none by itself; where training ends and how long it rests at saddles are read off it.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from types import ModuleType

import numpy as np
from hypothesis.strategies import SearchStrategy

from linae.exact import Array, eye, floating, rationals, zeros
from linae.flow import gradient_flow
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import conservation, gradient
from proofs._calc import Chain, I, Proof, Rule, calc, letter, zero
from proofs._cases import GAUSSIANS
from proofs._flows import balanced_starts, integrated, products, white_instances
from proofs._instances import Instance, Point, diagonal, whitened
from proofs._words import block, word

uses: list[ModuleType] = [conservation, gradient]

ORDER = 3


def hypotheses() -> SearchStrategy[Point]:
    """Balanced starts, often within an invariant subspace; the targets of some are complex."""
    return balanced_starts(white_instances() | white_instances(GAUSSIANS, 8))


def conclusion(case: Point) -> None:
    """The Taylor coefficients at t = 0 are those of the differential equation; then, floating, the
    flow that ships has the values of the formula and of an integrator of order 8."""
    A, B = _series(case)
    Z = [np.concatenate([a, b.conj().T]) for a, b in zip(A, B, strict=True)]
    found = _convolved(Z, [z.conj().T for z in Z])
    for k, (one, other) in enumerate(zip(found, _claimed(case), strict=True)):
        assert np.array_equal(one, other), f"coefficient {k}: found {one}, claimed {other}"
    flow = gradient_flow(case.instance.landscape.floating, *map(floating, case.weights))
    turn = floating(case.instance.U), floating(case.instance.V).conj().T
    for power in (1, 40):
        A, B = flow.at(power * np.log(2) / 2)
        claimed = turn[0] @ floating(products(case, power)) @ turn[1]
        assert np.allclose(A @ B, claimed, rtol=0, atol=1e-8), f"{A @ B}, not {claimed}"
    end = integrated(case.instance.landscape, case.weights, 0.3)
    assert np.allclose(np.matmul(*flow.at(0.3)), end, rtol=0, atol=1e-8)


def _series(case: Point) -> tuple[list[Array], list[Array]]:
    """Taylor coefficients of A and B along θ̇ = −∇L, one from those before."""
    S, A, B = case.instance.moments, [case.A], [case.B]
    for k in range(1, ORDER + 1):
        R = [W @ S.Sxx for W in _convolved(A, B)]
        R[0] = R[0] - S.Syx
        slopes = _convolved(R, [b.conj().T for b in B]), _convolved([a.conj().T for a in A], R)
        A.append(slopes[0][-1] * Fraction(-2, k))
        B.append(slopes[1][-1] * Fraction(-2, k))
    return A, B


def _claimed(case: Point) -> list[Array]:
    """Those of e^{2Ft} Z₀ N⁻¹ Z₀ᴴ e^{2Ft}, with N = 1 + Z₀ᴴ Φ Z₀."""
    G, Z = case.instance.moments.Syx, np.concatenate([case.A, case.B.conj().T])
    n, m = G.shape
    F = np.block([[zeros((n, n), G), G], [G.conj().T, zeros((m, m), G)]])
    X, N, power = [Z], [eye(Z.shape[1], Z)], Z
    for k in range(1, ORDER + 1):
        N.append(Z.conj().T @ power * (Fraction(2) * 4 ** (k - 1) / factorial(k)))
        power = F @ power
        X.append(power * Fraction(2**k, factorial(k)))
    M = N[:1]
    for k in range(1, ORDER + 1):
        M.append(-sum(N[j] @ M[k - j] for j in range(1, k + 1)))
    return _convolved(_convolved(X, M), [x.conj().T for x in X])


def _convolved(P: list[Array], Q: list[Array]) -> list[Array]:
    """Coefficients of a product of two power series."""
    return [sum(P[i] @ Q[k - i] for i in range(k + 1)) for k in range(len(P))]


def proof() -> Proof:
    """All sizes: Z Zᴴ and the formula solve one differential equation from one start.

    1. On the flow AᴴA = B Bᴴ for all t (conservation); then the blocks of d(Z Zᴴ)/dt are those of
       2 (F Q + Q F) − 2 Q² at Q = Z Zᴴ.
    2. With E = e^{2Ft}, Ė = 2 F E, and N = 1 + Z₀ᴴ Φ Z₀, Ṅ = 2 Z₀ᴴ E E Z₀, the formula
       E Z₀ N⁻¹ Z₀ᴴ E obeys the same equation. N is invertible, for Φ is positive semidefinite.
    3. At t = 0 both are Z₀ Z₀ᴴ, for E = 1 and N = 1.

    The equation is polynomial, so that its solution is unique (Picard and Lindelöf).
    """
    return Proof([*_of_the_flow(), *_of_the_formula()])


def _of_the_flow() -> list[Chain]:
    """Blocks of the derivative of Z Zᴴ, by the gradient that ships."""
    A, B, G = letter("A", "n", "p"), letter("B", "p", "d"), letter("G", "n", "d")
    surface = SquaredLoss(Moments(block(I("d")), block(G), block(G @ G.H)), 1)
    dA, dB = (-1 * word(g) for g in surface.gradient(block(A), block(B)))
    F = np.array([[zero("n", "n"), G], [G.H, zero("d", "d")]])
    Q = np.array([[A @ A.H, A @ B], [B.H @ A.H, B.H @ B]])
    riccati = 2 * (F @ Q + Q @ F) - 2 * (Q @ Q)
    assert dA @ B + A @ dB == riccati[0, 1]
    balanced = Rule("AᴴA = BBᴴ", A.H @ A, B @ B.H)
    corners = dA @ A.H + A @ dA.H, dB.H @ B + B.H @ dB
    return [calc(corners[i], balanced).step("AᴴA = BBᴴ", riccati[i, i]) for i in range(2)]


def _of_the_formula() -> list[Chain]:
    """The derivative of M = N⁻¹, then that of E Z₀ M Z₀ᴴ E."""
    E, F, Z = letter("E", "s", "s"), letter("F", "s", "s"), letter("Z₀", "s", "p")
    dE, (N, M, dN, dM) = letter("Ė", "s", "s"), (letter(x, "p", "p") for x in ("N", "M", "Ṅ", "Ṁ"))
    inverse = Rule("N M = I", N @ M, I("p"))
    constant = Rule("(M N)˙ = 0", dM @ N, -1 * M @ dN)
    of_M = calc(dM, inverse, constant).step("N M = I", dM @ N @ M)
    of_M = of_M.step("(M N)˙ = 0", -1 * M @ dN @ M)
    rules = (
        Rule("Ė = 2 F E", dE, 2 * F @ E),
        Rule("E F = F E", E @ F, F @ E),
        Rule("Ṅ = 2 Z₀ᴴ E E Z₀", dN, 2 * Z.H @ E @ E @ Z),
        of_M.lemma("Ṁ = −M Ṅ M"),
    )
    Q, X = E @ Z @ M @ Z.H @ E, E @ Z
    chain = calc(dE @ Z @ M @ Z.H @ E + X @ dM @ Z.H @ E + X @ M @ Z.H @ dE, *rules)
    chain = chain.step("Ė = 2 F E", 2 * F @ Q + X @ dM @ Z.H @ E + X @ M @ Z.H @ dE)
    chain = chain.step("Ė = 2 F E", 2 * F @ Q + X @ dM @ Z.H @ E + 2 * X @ M @ Z.H @ F @ E)
    chain = chain.step("E F = F E", 2 * F @ Q + X @ dM @ Z.H @ E + 2 * Q @ F)
    chain = chain.step("Ṁ = −M Ṅ M", 2 * F @ Q + 2 * Q @ F - X @ M @ dN @ M @ Z.H @ E)
    return [of_M, chain.step("Ṅ = 2 Z₀ᴴ E E Z₀", 2 * F @ Q + 2 * Q @ F - 2 * Q @ Q)]


def _point(at: Instance, a: int, b: int) -> Point:
    """Weights of one unit with one input and one output."""
    return Point(at, rationals([[a]]), rationals([[b]]))


counterexamples = {
    "A₀ᴴA₀ = B₀B₀ᴴ": _point(whitened((1,), width=1), 2, 1),
    "Sxx = 1": _point(diagonal((2,), width=1), 1, 1),
}
