"""From an aligned start every component moves by itself, by a Riccati equation with a closed form.

With Sxx = V diag(x) Vᴴ, Syx = U diag(σx) Vᴴ and A₀ = U diag(a) Q, B₀ = Qᴴ diag(b) Vᴴ, where U, V, Q
are unitary, the flow θ̇ = −∇L keeps A B = U diag(ab) Vᴴ, with real a and b that follow the flow of
Σ xᵢ (σᵢ − aᵢbᵢ)². There δ = a² − b² is conserved, and a b = (h − g)/4 with h = (a + b)² and
g = (a − b)², for which

    ḣ = x (4σh − h² + δ²),    ġ = x (−4σg − g² + δ²).

With k² = 4σ² + δ² > 0 and ε = e^{−2kxt} the solution is, for g with −σ in the place of σ,

    h = [h₀ (k + 2σ + (k − 2σ) ε) + δ² (1 − ε)] / [h₀ (1 − ε) + k − 2σ + (k + 2σ) ε].

Hypotheses: an aligned start, balanced or not, and inputs with the axes V. Whitened inputs have
x = 1; auto-association has σ = 1, x = λ in the coordinates of the data.

Equality: for all t >= 0. Balanced, a = b and s = ab: s = σ / (1 + (σ/s₀ − 1) e^{−4σxt}). Floating:
`linae.flow.mode` has the products of an integrator.

References: Saxe, McClelland and Ganguli 2014, arXiv:1312.6120 (wording not confirmed).

Post: none by itself; the plateaus of training are read off it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from types import ModuleType

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, eye, floating, rationals
from linae.flow import mode
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments
from proofs import gradient
from proofs._calc import Chain, I, Proof, Rule, calc, letter, zero
from proofs._cases import GAUSSIANS, RATIONALS, matrices, singular_values, unitaries
from proofs._flows import integrated
from proofs._instances import Case, Instance
from proofs._words import block, word

uses: list[ModuleType] = [gradient]


@dataclass(frozen=True, eq=False, repr=False)
class Aligned(Case):
    """A = U diag(a) Q, B = Qᴴ diag(b) Vᴴ where the columns of R are √x V, and σ = s/√x.

    Attributes
    ----------
    deviations : √x, one for each input
    Q : (p, p)
    a, b : k = min(n, p, m) numbers
    """

    instance: Instance
    deviations: tuple[Fraction, ...]
    Q: Array
    a: Array
    b: Array
    time: Fraction

    @cached_property
    def axes(self) -> tuple[Array, Array, Array]:
        """The k columns of U and of V, the k rows of Q that the start uses."""
        V = rationals(self.instance.R / np.array(self.deviations, dtype=object))
        k = len(self.a)
        return self.instance.U[:, :k], V[:, :k], self.Q[:k]

    def weights(self, a: Array, b: Array) -> tuple[Array, Array]:
        U, V, Q = self.axes
        return rationals(U * a @ Q), rationals(Q.conj().T * b @ V.conj().T)


@st.composite
def hypotheses(draw: st.DrawFn) -> Aligned:
    """Whitened inputs, auto-association, and any other variances; one in three complex."""
    numbers = draw(st.sampled_from([RATIONALS, RATIONALS, GAUSSIANS]))
    sizes = st.sampled_from([s for s in product(range(1, 4), repeat=3) if s[1] * (s[0] + s[2]) < 9])
    n, p, m = draw(sizes)
    s = draw(singular_values(min(n, m)))
    kinds = [st.just(Fraction(1)), st.sampled_from([Fraction(1), Fraction(2), Fraction(1, 2)])]
    draws = draw(st.sampled_from(kinds))
    given = tuple(draw(draws) for _ in range(m))
    if n == m and all(s) and draw(st.booleans()):
        given = tuple(map(Fraction, s))
    U, V, Q = (draw(unitaries(size, numbers)) for size in (n, m, p))
    at = Instance(U, s, eye(m, V), rationals(V * np.array(given, dtype=object)), U[:, :0], p)
    parts = st.sampled_from([Fraction(x, 4) for x in (0, 1, 2, 5, -1)])
    a, b = (draw(matrices(1, min(n, p, m), parts))[0] for _ in range(2))
    b = draw(st.sampled_from([a, -a, b]))
    fastest = 1 + max(s) * max(given)  # so that rounding leaves no saddle within the time
    return Aligned(
        at, given, Q, a, b, draw(st.sampled_from([Fraction(1, 2), Fraction(3)])) / fastest
    )


def conclusion(case: Aligned) -> None:
    """Slopes by definition are aligned; then, floating, the map at time t by an integrator."""
    at, a, b, k = case.instance, case.a, case.b, len(case.a)
    r = np.array(case.deviations[:k], dtype=object)
    sigma = np.array(at.s[:k], dtype=object) / r
    rate = 2 * r * r * (a * b - sigma)
    found = calculus.gradient(at.loss, case.weights(a, b), 4)
    claimed = at.landscape.flatten(case.weights(rate * b, rate * a))
    assert np.array_equal(found, claimed), f"claimed {claimed}, found {found}"
    t = float(case.time)
    parts = zip(sigma, a, b, r, strict=True)
    s = np.array([mode(*map(float, (sigma, a, b)), float(r * r) * t) for sigma, a, b, r in parts])
    U, V, _ = map(floating, case.axes)
    assert np.allclose(
        integrated(at.landscape, case.weights(a, b), t), U * s @ V.conj().T, rtol=0, atol=1e-7
    )


def proof() -> Proof:
    """All sizes: at an aligned point the slopes are aligned, by chains; then one mode in symbols.

    U and V are the columns that the start uses, S and T what else there is in Sxx and Syx; a, b and
    x are diagonal, so that the last lines are 2 U (ab − σ) x b Q and 2 Qᴴ a (ab − σ) x Vᴴ.
    """
    _one_mode()
    surface = SquaredLoss(Moments(*map(block, (SXX, SYX, letter("Syy", "n", "n")))), 1)
    of_A, of_B = (word(slope) for slope in surface.gradient(block(A), block(B)))
    return Proof([_decoder(calc(of_A, *RULES)), _encoder(calc(of_B, *RULES))])


U, V, Q = letter("U", "n", "k"), letter("V", "m", "k"), letter("Q", "k", "p")
S, T = letter("S", "m", "m"), letter("T", "n", "m")
a, b, x, c = (letter(name, "k", "k") for name in ("a", "b", "x", "σx"))
A, B = U @ a @ Q, (V @ b @ Q).H
SXX, SYX = V @ x @ V.H + S, U @ c @ V.H + T
RULES = (
    Rule("UᴴU = I", U.H @ U, I("k")),
    Rule("VᴴV = I", V.H @ V, I("k")),
    Rule("Q Qᴴ = I", Q @ Q.H, I("k")),
    Rule("S V = 0", S @ V, zero("m", "k")),
    Rule("Vᴴ S = 0", V.H @ S, zero("k", "m")),
    Rule("T V = 0", T @ V, zero("n", "k")),
    Rule("Uᴴ T = 0", U.H @ T, zero("k", "m")),
)


def _decoder(chain: Chain) -> Chain:
    W, q = A @ B, b @ Q
    chain = chain.step("T V = 0", 2 * (W @ SXX - U @ c @ V.H) @ V @ q)
    chain = chain.step("S V = 0", 2 * (W @ V @ x - U @ c) @ V.H @ V @ q)
    chain = chain.step("VᴴV = I", 2 * W @ V @ x @ V.H @ V @ q - 2 * U @ c @ q)
    chain = chain.step("VᴴV = I", 2 * (W @ V @ x - U @ c) @ q)
    chain = chain.step("Q Qᴴ = I", 2 * U @ (a @ b.H @ V.H @ V @ x - c) @ q)
    return chain.step("VᴴV = I", 2 * U @ (a @ b.H @ x - c) @ q)


def _encoder(chain: Chain) -> Chain:
    W, q = A @ B, Q.H @ a.H
    chain = chain.step("Uᴴ T = 0", 2 * A.H @ (W @ SXX - U @ c @ V.H))
    chain = chain.step("Vᴴ S = 0", 2 * A.H @ (W @ V @ x - U @ c) @ V.H)
    chain = chain.step("VᴴV = I", 2 * A.H @ U @ (a @ Q @ Q.H @ b.H @ x - c) @ V.H)
    chain = chain.step("Q Qᴴ = I", 2 * A.H @ U @ (a @ b.H @ x - c) @ V.H)
    chain = chain.step("UᴴU = I", 2 * q @ (a @ b.H @ x - U.H @ U @ c) @ V.H)
    return chain.step("UᴴU = I", 2 * q @ (a @ b.H @ x - c) @ V.H)


def _one_mode() -> None:
    """The shipped slopes of 1 × 1 weights give the equations of h and g; the solution solves."""
    a, b, s, t = sp.symbols("a b σ t", real=True)
    x, k, h0 = sp.symbols("x k h₀", positive=True)
    one = np.array([[sp.S.One]])
    surface = SquaredLoss(Moments(x * one, s * x * one, s**2 * x * one), 1)
    slopes = [-g.item() for g in surface.gradient(a * one, b * one)]
    h, g = (a + b) ** 2, (a - b) ** 2
    for square, sigma in ((h, s), (g, -s)):
        moves = sum(sp.diff(square, w) * slope for w, slope in zip((a, b), slopes, strict=True))
        assert sp.expand(moves - x * (4 * sigma * square - square**2 + h * g)) == 0
    assert sp.expand(h - g - 4 * a * b) == 0

    e, delta2 = sp.exp(-2 * k * x * t), k**2 - 4 * s**2
    top = h0 * (k + 2 * s + (k - 2 * s) * e) + delta2 * (1 - e)
    h = top / (h0 * (1 - e) + k - 2 * s + (k + 2 * s) * e)
    assert sp.simplify(sp.diff(h, t) - x * (4 * s * h - h**2 + delta2)) == 0
    assert sp.simplify(h.subs(t, 0) - h0) == 0


_two = rationals([[1, 0], [0, 1]])


def _case(at: Instance, deviations: tuple[int, ...], Q: Array) -> Aligned:
    given = tuple(map(Fraction, deviations))
    start = rationals([1, 2])
    return Aligned(at, given, Q, start, start, Fraction(1, 2))


counterexamples = {
    "an aligned start": _case(
        Instance(_two, (2, 1), _two, _two, _two[:, :0], 2), (1, 1), rationals([[1, 1], [0, 1]])
    ),
    "inputs with the axes V": _case(
        Instance(_two, (2, 1), _two, rationals([[1, 1], [0, 1]]), _two[:, :0], 2), (1, 1), _two
    ),
}
