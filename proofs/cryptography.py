"""A secret linear code hides nothing but a rotation: p known plaintexts decipher everything else.

The cipher is z = C Uᵀ x, with an orthonormal U (n, p) that is public, a secret C in GL(p), and
K = E z zᵀ = C Λ Cᵀ, Λ = Uᵀ S U. Then

    known plaintexts     p pairs with independent Uᵀx: C = Z (UᵀX)⁻¹; fewer leave C undetermined
    ciphertexts only     K has exactly the keys C Λ^½ Q Λ^(−½), QᵀQ = 1: p (p − 1)/2 numbers left
    no key at all        zᵀ K⁻¹ z′ = xᵀ U Λ⁻¹ Uᵀ x′, and all linear relations between messages
    a Gaussian pad       of variance s on z leaks ½ log₂ det(1 + K/s) bits, for any s some

Hypotheses: C is linear, invertible, and the same for all messages; Λ ≻ 0.

Equality: of all four, exactly. Of Gaussian data ciphertexts show no more than K, whatever the
effort; of independent components that are not Gaussian, independent component analysis finds Q as
well, up to signs and order. Two autoencoders with the same reconstructions differ by such a C: a
code is a convention, and p shared examples are enough to agree on it.

References: Shannon 1949, Bell System Technical Journal 28 (perfect secrecy); Hill 1929, American
Mathematical Monthly 36 (linear ciphers; wording not confirmed).

Post: F18 ("communication through code space? cryptography??": communication yes, cryptography no).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, kernel, rank, rationals, solve
from linae.ldl import ldl
from proofs._auto import frames
from proofs._cases import gauges, matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Cipher(Case):
    """U, C, the roots of a diagonal Λ; p known messages, and others, as columns; a rotation.

    Attributes
    ----------
    pad : number
        Variance of the pad.
    later : (p, p), optional
        The key of the other messages, if it is not C.
    """

    U: Array
    C: Array
    roots: Array
    known: Array
    others: Array
    Q: Array
    pad: Fraction
    later: Array | None = None


@st.composite
def hypotheses(draw: st.DrawFn) -> Cipher:
    """Any key of up to three units, any messages that are independent in the code."""
    n, p = draw(st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 3)]))
    U = draw(frames(n))
    seen, unseen = draw(gauges(p)), draw(matrices(n - p, p))
    roots = rationals(draw(st.lists(st.sampled_from([1, 2, "1/3"]), min_size=p, max_size=p)))
    others = draw(matrices(n, 3))
    pad = draw(st.sampled_from([Fraction(1), Fraction(100), Fraction(1, 7)]))
    known = rationals(U @ np.concatenate([seen, unseen]))
    return Cipher(U[:, :p], draw(gauges(p)), roots, known, others, draw(frames(p)), pad)


def conclusion(case: Cipher) -> None:
    """Each attack, carried out by elimination."""
    C, U, X = case.C, case.U, case.known
    later = C if case.later is None else case.later
    sent, secret = C @ U.T @ X, later @ U.T @ case.others
    K = rationals(C * case.roots**2 @ C.T)
    key = deciphered(sent, U.T @ X)
    assert np.array_equal(key, C)
    read = U @ inverse(key) @ secret
    assert np.array_equal(read, U @ U.T @ case.others), "the attack reads something else"
    _one_pair_less(C, U.T @ X[:, :-1])
    _keys_of(case, K)
    _seen_without_key(case, K, secret)
    _leak(K, case.pad)


def deciphered(sent: Array, plain: Array) -> Array:
    """The key from pairs, as columns; any one if they do not determine it."""
    return solve(plain.T, sent.T).T


def _one_pair_less(C: Array, plain: Array) -> None:
    """Another key agrees on all pairs but one."""
    blind = kernel(plain.T)
    assert blind.shape[1] == 1
    another = C + C @ blind @ blind.T
    assert np.array_equal(another @ plain, C @ plain)
    assert rank(another) == len(C)
    assert not np.array_equal(another, C)


def _keys_of(case: Cipher, K: Array) -> None:
    """A key has this K exactly if it is C turned; the dimension of their tangent space at C."""
    C, roots, p = case.C, case.roots, len(case.C)
    turned = C * roots @ case.Q / roots
    for key in (turned, turned @ case.C, case.C.T):
        Q = inverse(C * roots) @ (key * roots)
        assert np.array_equal(key * roots**2 @ key.T, K) == np.array_equal(Q @ Q.T, eye(p, C))
    assert np.array_equal(turned * roots**2 @ turned.T, K)
    units = rationals(np.eye(p * p, dtype=int)).reshape(-1, p, p)
    moved = [E * roots**2 @ C.T + C * roots**2 @ E.T for E in units]
    assert p * p - rank(np.array([M.ravel() for M in moved])) == p * (p - 1) // 2


def _seen_without_key(case: Cipher, K: Array, secret: Array) -> None:
    """Lengths, angles and linear relations."""
    plain = case.U.T @ case.others
    scaled = plain / case.roots[:, None]
    assert np.array_equal(secret.T @ solve(K, secret), scaled.T @ scaled)
    assert np.array_equal(kernel(secret), kernel(plain))


def _leak(K: Array, s: Fraction) -> None:
    """4^bits by the determinants of z, of z + pad and of both together: more than 1."""
    p, padded = len(K), K + s * eye(len(K), K)
    both = np.block([[K, K], [K, padded]])
    leak = determinant(K) * determinant(padded) / determinant(both)
    assert leak == leakage(K, s)
    assert leak > 1, "perfect secrecy"
    assert leak <= (1 + K.trace() / (p * s)) ** p


def determinant(M: Array) -> Any:
    """Of a positive definite matrix: the product of its pivots."""
    return np.prod(ldl(M).D.diagonal())


def leakage(K: Array, s: Any) -> Any:
    """det(1 + K/s), 4 to the bits that z with a Gaussian pad of variance s tells of z."""
    return determinant(eye(len(K), K) + K / s)


def figure(ax: Any) -> None:
    """A Gaussian pad leaks at any variance s: the bits fall as 1/s, and are never 0."""
    s = np.geomspace(0.1, 1e4, 101)
    for p, color in ((3, "#0072B2"), (1, "#D55E00")):
        bits = np.log2(1 + np.divide.outer([4, 2, 1][:p], s)).sum(axis=0) / 2
        name = "3 units: 4, 2, 1" if p == 3 else "1 unit: 4"
        ax.plot(s, bits, color=color, label=name)
    ax.set(xscale="log", yscale="log", xlabel="variance of the pad", ylabel="leaked bits")
    ax.legend(frameon=False)


def _cipher(known: Any, **changes: Any) -> Cipher:
    one = rationals([[1, 0], [0, 1]])
    C, roots = rationals([[2, 1], [1, 1]]), rationals([2, 1])
    return Cipher(one, C, roots, rationals(known), one, one, Fraction(1), **changes)


counterexamples = {
    "independent Uᵀx": _cipher([[1, 2], [1, 2]]),
    "the same key for all messages": _cipher([[1, 0], [0, 1]], later=rationals([[1, 0], [0, 1]])),
}
