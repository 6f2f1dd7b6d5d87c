"""The KL term of a VAE and L1 on codes switch components off as decays do: W = Σ w u uᵀ again.

Over the first p components u, of variance λ, and in the words of `regularisers`:

    name         penalty              w             survives   gauge left
    variational  β KL, γ = βσ²        1 − γ/λ       λ > γ      ±permutations
    sparse       γ E‖B x‖₁, ‖aⱼ‖ = 1  1 − γ/√(2πλ)  λ > γ²/2π  rescaled O(p)

and w = 0 for other components. Variational is the maximum of the mean of E log p(x|z) − β KL over
linear A and B and a diagonal D, with prior z ~ N(0, 1), decoder x|z ~ N(A z, σ²) and encoder
z|x ~ N(B x, D). Sparse is the minimum of E‖x − A B x‖² + γ E‖B x‖₁ over ‖aⱼ‖ = 1; there aⱼ is any
column of U diag(√λ − γ/√2π)^½ Q, normalised, with Q orthogonal: sparse codes of Gaussian data need
not be principal components.

Hypotheses: real centred data, S regular; σ² is fixed; for L1 the data are Gaussian, and the columns
of A have norm 1; for the gauge of A, p components survive and do not tie.

Equality: of the map, and of the least loss in the sparse case.

Variational: with d and B at their best, 2σ² times the loss is γ tr S C⁻¹ + γ Σ log(1 + ‖aⱼ‖²/γ) up
to constants, with C = A Aᵀ + γ. By Hadamard's inequality that is at least γ tr S C⁻¹ + γ log det C,
again up to constants, as for probabilistic PCA, and equal where the columns are orthogonal. Sparse:
E|bᵀx| = (2/π)^½ ‖S^½ b‖, and Σ ‖aⱼ‖ ‖vⱼ‖ is at least the sum of the singular values of V = W S^½,
with equality if vⱼ = cⱼ aⱼ, cⱼ >= 0. Below that it is `regularisers`.

References: Tipping and Bishop 1999, JRSS B 61; Lucas, Tucker, Grosse and Norouzi 2019,
arXiv:1911.02469, for the linear VAE (wordings not confirmed).

Post: F11 ("what other types of regularisation could/should be used": for Gaussian data L1 on linear
codes finds no components; the VAE finds them, and gives back those that it cannot afford).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize, minimize_scalar

from linae.exact import Array, floating
from linae.regularisers import regulariser
from proofs._auto import frames
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Variational(Case):
    """S = U diag(λ) Uᵀ, and where a search begins."""

    U: Array
    values: Array
    beta: float
    variance: float
    A: Array
    B: Array

    def loss(self, A: Array, B: Array, d: Array) -> float:
        """Minus the mean of E log p(x|z) − β KL, in nats."""
        S, R = self.U * self.values @ self.U.T, self.U - A @ B @ self.U
        kl = (d.sum() + np.trace(B @ S @ B.T) - len(d) - np.log(d).sum()) / 2
        error = (R * R * self.values).sum() + (A * A * d).sum()
        constant = len(S) * np.log(2 * np.pi * self.variance) / 2
        return float(self.beta * kl + error / (2 * self.variance) + constant)


@dataclass(frozen=True, eq=False, repr=False)
class Sparse(Case):
    """S = U diag(λ) Uᵀ, an orthogonal matrix, a competitor.

    Attributes
    ----------
    scale : the norm of the columns of A
    mean_size : of |z|, for standardised data z; that of Gaussian ones if None
    """

    U: Array
    values: Array
    weight: float
    Q: Array
    A: Array
    B: Array
    scale: float = 1.0
    mean_size: float | None = None

    def loss(self, A: Array, B: Array) -> float:
        """bᵀx is Gaussian, of variance bᵀS b."""
        R, V = self.U - A @ B @ self.U, B @ self.U * self.values**0.5
        size = mean_size() if self.mean_size is None else self.mean_size
        return float(
            (R * R * self.values).sum() + self.weight * size * np.sqrt((V * V).sum(1)).sum()
        )


@cache
def mean_size() -> float:
    """E|z| of a standard Gaussian z, by quadrature."""
    return 2 * quad(lambda z: z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi), 0, np.inf)[0]


def hypotheses() -> st.SearchStrategy[Variational | Sparse]:
    """One in three variational."""
    return st.one_of(_variational(), _sparse(), _sparse())


@st.composite
def _variational(draw: st.DrawFn) -> Variational:
    """Up to two units; no λ near γ, and none near another."""
    n, p = draw(st.sampled_from([(1, 1), (2, 1), (2, 2), (2, 2)]))
    values = np.array(sorted(draw(st.permutations([4.0, 2.0, 1.0, 0.4]))[:n], reverse=True))
    beta, variance = draw(st.sampled_from([(1.0, 0.6), (2.0, 0.7), (0.5, 0.2), (1.0, 3.0)]))
    U, A, B = (floating(draw(x)) for x in (frames(n), matrices(n, p), matrices(p, n)))
    return Variational(U, values, beta, variance, A / 3 + 0.1 * np.eye(n, p), B / 3)


@st.composite
def _sparse(draw: st.DrawFn) -> Sparse:
    n, p = draw(st.sampled_from([(1, 1), (2, 1), (2, 2), (3, 2), (2, 3)]))
    values = np.array(sorted(draw(st.permutations([4.0, 2.0, 2.0, 1.0]))[:n], reverse=True))
    weight = draw(st.sampled_from([0.5, 2.0, 3.0, 6.0]))
    U, Q = (floating(draw(frames(size))) for size in (n, p))
    A, B = floating(draw(matrices(n, p))) + np.eye(n, p) / 2, floating(draw(matrices(p, n)))
    return Sparse(U, values, weight, Q, A, B / 2)


def conclusion(case: Variational | Sparse) -> None:
    """Floating: by a search for the minimum, or by quadrature and values of the loss."""
    if isinstance(case, Variational):
        _is_found(case)
    else:
        _is_least(case)


def _is_found(case: Variational) -> None:
    """Where BFGS ends, which is given values of the loss only; 10⁻³ is what they can tell."""
    (n, p), gamma = case.A.shape, case.beta * case.variance

    def unpacked(x: Array) -> tuple[Array, Array, Array]:
        return x[: n * p].reshape(n, p), x[n * p : 2 * n * p].reshape(p, n), np.exp(x[2 * n * p :])

    start = np.concatenate([case.A.ravel(), case.B.ravel(), np.zeros(p)])
    A, B, _ = unpacked(minimize(lambda x: case.loss(*unpacked(x)), start, method="BFGS").x)
    factors = regulariser("variational").factors(case.values, p, gamma)
    np.testing.assert_allclose(case.U.T @ A @ B @ case.U, np.diag(factors), rtol=0, atol=1e-3)
    gram = A.T @ A
    np.testing.assert_allclose(gram, np.diag(np.diag(gram)), rtol=0, atol=1e-3 * (1 + gram.max()))


def _is_least(case: Sparse) -> None:
    """Component by component, and for all units at once; 10⁻⁹ is rounding."""
    p, law = len(case.B), regulariser("sparse")
    factors = np.array(law.factors(case.values, p, case.weight))
    for x, w in zip(case.values[:p], factors, strict=False):
        found = _best_factor(replace(case, U=np.eye(1), values=np.array([x])))
        assert abs(found - w) < 1e-6, f"the best factor is {found}, not {w}"
    A, B = _turned(case, factors)
    np.testing.assert_allclose(case.U.T @ A @ B @ case.U, np.diag(factors), rtol=0, atol=1e-9)
    value = case.loss(A, B)
    assert abs(value - (case.values * (1 - factors**2)).sum()) < 1e-9
    for step in (0.01, 1.0, 100.0):
        rival = case.loss(case.scale * _unit(A + step * case.A), B + step * case.B)
        assert value < rival + 1e-9, f"{value} is above {rival}"


def _best_factor(one: Sparse) -> float:
    """Of a single component; convex, and b = 0 at the kink is found by bracketing."""
    precise: Any = {"bounds": (-0.5, 1.5), "method": "bounded", "options": {"xatol": 1e-9}}
    a = np.full((1, 1), one.scale)
    return one.scale * minimize_scalar(lambda b: one.loss(a, np.array([[b]])), **precise).x


def _turned(case: Sparse, factors: Array) -> tuple[Array, Array]:
    """aⱼ vⱼᵀ = mⱼ mⱼᵀ, with the columns mⱼ of U diag(w √λ)^½ Q."""
    n, roots = len(case.U), case.values**0.5
    Q = np.eye(n, len(case.Q)) @ case.Q
    M = case.U * (factors * roots) ** 0.5 @ Q
    V = (M * np.linalg.norm(M, axis=0)).T
    return case.scale * _unit(M), V @ case.U / roots @ case.U.T / case.scale


def _unit(A: Array) -> Array:
    """Columns divided by their norms; the first unit vector for 0."""
    norms = np.linalg.norm(A, axis=0)
    A = np.where(norms > 1e-12, A, np.eye(len(A))[:, :1])
    return A / np.linalg.norm(A, axis=0)


_one, _two = np.eye(1), np.array([4.0])
_sparse_case = Sparse(_one, _two, 2.0, _one, _one, _one)

counterexamples = {
    "the columns of A have norm 1": replace(_sparse_case, scale=2.0),
    "the data are Gaussian": replace(_sparse_case, mean_size=1.0),
}
