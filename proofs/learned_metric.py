"""Against the worst metric principal components are among the best maps; a fixed one tilts them.

Let Γ ⪰ 0 weigh the errors, E (x − W x)ᵀ Γ (x − W x), over maps W of rank at most p.

    fixed Γ ≻ 0     least at W = Γ^−½ P Γ^½, P the projector on the p largest eigenvalues of
                    Γ^½ S Γ^½; the loss is the sum of the others
    worst Γ         min over W of max over tr Γ = 1 is λ_{p+1} of S, and principal component
                    analysis attains it

Hypotheses: auto-association; the adversary sees W, and may choose any metric of trace 1. S may be
singular or have ties.

Equality: of both values. The minimax map is not unique. The greatest loss over such Γ is the
largest eigenvalue of the covariance of errors: Eckart and Young's theorem in the operator norm.

References: Mirsky 1960, Quart. J. Math. 11, for all norms that see singular values only (wording
not confirmed).

Post: F9 ("learning a distance metric/loss function": between Gaussians the best critic is a
quadratic form, `jensen_shannon`, seldom a metric; against one that may be any of trace 1 principal
components are among the best maps).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, eye, inverse, rationals
from linae.inertia import inertia
from proofs._auto import frames, spectra
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Metric(Case):
    """An orthogonal U, eigenvalues λ, the root T ≻ 0 of a metric, and a rival map."""

    U: Array
    values: tuple[Fraction, ...]
    T: Array
    width: int
    rival: Array

    @property
    def best(self) -> Array:
        """The projector on the first p columns of U."""
        leading = self.U[:, : self.width]
        return leading @ leading.T

    @property
    def S(self) -> Array:
        return rationals(self.U * np.array(self.values, dtype=object) @ self.U.T)

    @property
    def left(self) -> list[Fraction]:
        """λ_{p+1}, λ_{p+2}, …"""
        return list(self.values[self.width :])


@st.composite
def hypotheses(draw: st.DrawFn) -> Metric:
    """Roots of metrics that commute with nothing; any rival of rank at most p."""
    n = draw(st.integers(1, 4))
    p = draw(st.integers(1, n))
    V, M = draw(frames(n)), draw(matrices(n, n))
    T = V @ rationals(M @ M.T + np.eye(n, dtype=int)) @ V.T
    rival = draw(matrices(n, p)) @ draw(matrices(p, n)) / Fraction(2)
    return Metric(draw(frames(n)), draw(spectra(n)), T, p, rationals(rival))


def conclusion(case: Metric) -> None:
    """Against any rival; the worst metric by exact inertia of errors."""
    _fixed(case)
    _worst(case)


def _fixed(case: Metric) -> None:
    """Data with the second moment T⁻¹ S T⁻¹ and the metric T²."""
    T, back, one = case.T, inverse(case.T), eye(len(case.T), case.T)
    S = back @ case.S @ back

    def loss(W: Array) -> Any:
        E = T @ (one - W)
        return (E @ S @ E.T).trace()

    assert loss(back @ case.best @ T) == sum(case.left)
    assert loss(case.rival) >= sum(case.left), "a better map"


def _worst(case: Metric) -> None:
    """tr Γ C <= x for all Γ of trace 1 if and only if C ⪯ x."""
    one = eye(len(case.U), case.U)
    level = case.left[0] if case.left else Fraction(0)

    def room(W: Array) -> Any:
        return inertia(level * one - (one - W) @ case.S @ (one - W).T)

    assert room(case.best).negative == 0
    assert room(case.best).zero > 0
    assert room(case.rival).positive < len(one), "a map that no metric refutes"
    errors = (one - case.best) @ case.S @ (one - case.best)
    learned = case.T @ case.T
    assert (learned @ errors).trace() <= level * learned.trace()


_one = rationals(np.eye(2, dtype=int))
counterexamples = {
    "rank at most p": Metric(_one, (Fraction(2), Fraction(1)), _one, 1, _one),
}
