"""The best filters of a strided convolution pass, of frequencies that alias, the strongest ones.

Let A and B be real and commute with shifts by t = stride · channels places of a circle of N = K t,
with c codes for each step; time goes before channels. Let R_l be the mean of E x_{b+l} x_bᵀ over
blocks b of t places, and S_k = Σ_l R_l e^(−2πikl/K). Then

    E‖x − A B x‖² = Σ_k tr (1 − A_k B_k) S_k (1 − A_k B_k)ᴴ,

with A_k (t, c) and B_k (c, t) any at 0 <= k <= K/2, real where k = −k, and conjugate at −k. So the
critical points are those of the squared loss at each frequency, a set J_k of at most c eigenvectors
of S_k, and inertia is the sum of theirs: real where k = −k, and of a complex landscape, which is
double, for each pair of k and −k. The least loss is Σ_k Σ_{i>c} λ_i(S_k).

Hypotheses: real auto-association, Y = X; convolution on the circle, filters of N taps. Any S, any
stride, channels and codes. If there is one channel and the signal is stationary, the eigenvalues of
S_k are the powers S(f) of the frequencies f = k, k + K, …; else they need not be.

Bound: the loss of PCA with c K components of the mean of S over these shifts is no larger; equality
if and only if no eigenvalue that some S_k leaves out is larger than one that another keeps, as for
spectra that fall with |f|: there the best filters are an ideal low-pass and decimation.

References: Brillinger 1975, Time Series, of stride 1; Tsatsanis and Giannakis 1995, IEEE Trans.
Signal Processing 43, of one stationary channel (wording not confirmed).

Post: F12 (strided convolution is PCA of each alias class, and so not PCA of the signal).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae import calculus
from linae.exact import Array, Gaussian, inverse, rationals, real
from linae.filter_banks import FilterBank, alias_choice, alias_loss
from linae.inertia import inertia
from proofs import inertia as counts
from proofs import strict_saddle
from proofs._cases import GAUSSIANS, RATIONALS, matrices, unitaries
from proofs._instances import Case
from proofs.convolutional import integers

uses: list[ModuleType] = [counts, strict_saddle]

UNIT = [Gaussian(Fraction(x), Fraction(y)) for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1))]


@dataclass(frozen=True, eq=False, repr=False)
class Bank(Case):
    """Filters, and signals as columns whose second moment is the sum.

    Attributes
    ----------
    X : (K t, k)
    powers : of each frequency 0 <= k <= K/2 the t eigenvalues of S_k, non-increasing
    taken : of each of these the components in J_k
    A : (K, t, c), B : (K, c, t)
        The taps; tap l takes block b − l to block b.
    sign : int
        Targets are sign · x.
    """

    X: Array
    powers: tuple[tuple[Any, ...], ...]
    taken: tuple[tuple[int, ...], ...]
    A: Array
    B: Array
    sign: int = 1

    @property
    def flat(self) -> tuple[Array, Array]:
        """The taps as two matrices."""
        return self.A.reshape(-1, self.A.shape[2]), self.B.reshape(-1, self.B.shape[2])

    @cached_property
    def _whole(self) -> tuple[Array, int]:
        return integers(self.X)

    def loss(self, A: Array, B: Array) -> Any:
        """The definition, over a common denominator: filter, then filter."""
        (X, x), (A, d), (B, e) = self._whole, integers(A), integers(B)
        (K, t, c), (n, k) = self.A.shape, X.shape
        code = _convolved(B.reshape(K, c, t), X.reshape(K, t, k))
        E = self.sign * d * e * X - _convolved(A.reshape(K, t, c), code).reshape(n, k)
        return Fraction((E * E).sum(), (d * e * x) ** 2)


def _convolved(taps: Array, blocks: Array) -> Array:
    """Block b is Σ_l taps_l · blocks_{b−l}."""
    steps = np.arange(len(taps))
    return (taps[None] @ blocks[(steps[:, None] - steps) % len(taps)]).sum(axis=1)


def signals_of(symbols: list[Array], K: int) -> Array:
    """Blocks Σ_k symbols_k i^(4kb/K), real: symbols at −k are conjugate to those at k."""
    every = [symbols[k] if k < len(symbols) else symbols[K - k].conj() for k in range(K)]
    return np.array(
        [
            rationals(real(sum(G * UNIT[4 // K * k * b % 4] for k, G in enumerate(every))))
            for b in range(K)
        ],
        dtype=object,
    )


SIZES = [(1, 2, 1), (1, 3, 1), (2, 2, 1), (2, 2, 1), (2, 1, 2), (4, 1, 1), (4, 1, 1), (1, 2, 2)]


@st.composite
def hypotheses(draw: st.DrawFn) -> Bank:
    """Critical filters for K = 1, 2, 4; at each frequency eigenvectors, powers with ties and zeros,
    a set J_k and a gauge. The signals are not stationary."""
    K, t, c = draw(st.sampled_from([*SIZES * 3, (4, 2, 1)]))
    powers, taken, roots, decoders, encoders = [], [], [], [], []
    for k in range(K // 2 + 1):
        numbers = RATIONALS if 2 * k % K == 0 else GAUSSIANS
        U = draw(unitaries(t, numbers))
        s = sorted(draw(st.lists(st.integers(0, 3), min_size=t, max_size=t)), reverse=True)
        alive = [j for j in range(t) if s[j]]
        J = tuple(sorted(draw(st.permutations(alive))[: draw(st.integers(0, min(c, len(alive))))]))
        M = draw(_gauge(c, numbers))
        chosen, rest = U[:, list(J)], np.zeros((t, c - len(J)), dtype=int)
        A = np.concatenate([chosen, rationals(rest) + 0 * U[:, :1]], axis=1)
        powers.append(tuple(Fraction(K * x * x) for x in s))
        taken.append(J)
        roots.append(U * np.array(s, dtype=object))
        decoders.append(A @ inverse(M) / Fraction(K))
        encoders.append(M @ A.conj().T / Fraction(K))
    X = signals_of(roots, K).reshape(K * t, t)
    return Bank(X, tuple(powers), tuple(taken), signals_of(decoders, K), signals_of(encoders, K))


@st.composite
def _gauge(draw: st.DrawFn, c: int, numbers: Any) -> Array:
    """Upper triangular, with numbers that are not 0 on the diagonal."""
    M = np.triu(draw(matrices(c, c, numbers)))
    for j in range(c):
        M[j, j] = M[j, j] or M[j, j] + 1
    return rationals(M)


def conclusion(case: Bank) -> None:
    """By values of the loss on the signals, and exact inertia of its second differences."""
    (K, t, c), weights = case.A.shape, case.flat
    bank = FilterBank(case.X @ case.X.T, t, c)
    for at, powers in zip(bank.landscapes, case.powers, strict=True):
        assert tuple(at.spectrum.eigenvalues) == powers
    assert not np.any(calculus.gradient(case.loss, weights, 4)), "not critical"
    H = calculus.hessian(case.loss, weights, 4)
    found, claimed = inertia(H), bank.class_inertia(case.taken)
    assert found == claimed, f"claimed {claimed}, found {found}"
    value = case.loss(*weights)
    assert value == bank.class_loss(case.taken)
    assert (value == bank.loss) == (found.negative == 0)
    _against_pca(bank, case, K * c)


def _against_pca(bank: FilterBank, case: Bank, components: int) -> None:
    """Where powers are kept in order, and only there, PCA is no better."""
    copies = [1 if 2 * k % bank.count == 0 else 2 for k in range(len(case.powers))]
    every = sorted(x for n, p in zip(copies, case.powers, strict=True) for x in p * n)
    pca = sum(every[: max(0, len(every) - components)])
    kept = [x for powers in case.powers for x in powers[: bank.codes]]
    left = [x for powers in case.powers for x in powers[bank.codes :]]
    assert bank.loss >= pca
    assert (bank.loss == pca) == (max(left, default=0) <= min(kept))
    A, B = bank.weights()
    E = case.X - A @ (B @ case.X)
    assert (E * E).sum() == bank.loss


def figure(ax: Any) -> None:
    """Of frequencies that alias, stride 3 passes the strongest; PCA passes the strongest of all."""
    from linae.plot.style import BLUE, GREY, VERMILION

    power = [9, 5, 3, 2, 7, 1.5, 6, 1.5, 7, 2, 3, 5]
    passed, places = alias_choice(power, 3, 1), range(len(power))
    strongest = sorted(places, key=lambda f: -power[f])[: len(passed)]
    loss, least = alias_loss(power, 3, 1), sum(power) - sum(power[f] for f in strongest)
    ax.bar(places, power, color=[BLUE if f in passed else GREY for f in places], width=0.7)
    ax.bar(0, 0, color=BLUE, label=f"stride 3, one channel: loss {loss:g}")
    tops = [power[f] + 0.45 for f in strongest]
    ax.plot(strongest, tops, "v", color=VERMILION, ms=8, label=f"PCA, as many: loss {least:g}")
    ax.legend(loc="upper right")
    ax.set_xticks(places, [f"{f}\n{'abcd'[f % 4]}" for f in places])
    ax.set(xlabel="frequency, and its alias class", ylabel="power", ylim=(0, 12.5))


def _point(sign: int, A: Any, B: Any) -> Bank:
    """K = 2, t = 1: powers 2 and 2 of two signals."""
    X = rationals([["1", "1"], ["1", "-1"]])
    taps = (rationals(M).reshape(2, 1, 1) for M in (A, B))
    return Bank(X[:, :1] + 0, ((Fraction(2),), (Fraction(0),)), ((0,), ()), *taps, sign)


counterexamples = {
    "Y = X": _point(-1, ["1/2", "1/2"], ["1/2", "1/2"]),
    "A_k B_k projects on eigenvectors": _point(1, ["1/2", "1/2"], ["1", "1"]),
}
