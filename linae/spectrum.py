"""Spectrum of Σ = Syx Sxx⁺ Sxy: eigenvalues, eigenvectors, rank, ties.

The whole landscape is read off Σ. Every decision that numbers alone must make (rank, tie) is kept
in `decisions` with the gap that justifies it; with rational moments all of them are exact.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from linae.exact import Array, eye, kernel, orthogonal, row_echelon, solve, zeros
from linae.exact import rank as exact_rank
from linae.moments import Moments
from linae.reduction import Decision, Reduction, reduction
from linae.roots import Root, eigenvalue_roots
from linae.schur import projector


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of Σ in descending order, with what is needed to write critical points down.

    Attributes
    ----------
    eigenvalues : (n,)
        λ₁ ≥ … ≥ λₙ ≥ 0: `Fraction` if all are rational, else float. Those past `rank` are 0.
    vectors : (n, n)
        Eigenvectors as columns: orthonormal if floating; orthogonal, not normalised, if exact.
    multiplicities : tuple of int
        Of the distinct nonzero eigenvalues, largest first; they sum to `rank`.
    input_rank : int
        d = rank Sxx.
    regression : (n, m)
        Syx Sxx⁺.
    rows : (rank, m)
        Row i is the encoder of component i, uᵢᴴ Syx Sxx⁺ / ‖uᵢ‖².
    free_rows : (d − rank, m)
        Encoders y that see the input but not the target: Syx yᴴ = 0.
    null_projector : (m, m)
        I − Sxx Sxx⁺: inputs that never occur.
    unexplained : float or Fraction
        tr(Syy − Σ).
    decisions : tuple of Decision
    is_exact : bool
        Whether rank, ties and order were decided in rational arithmetic.
    """

    eigenvalues: Array
    vectors: Array
    multiplicities: tuple[int, ...]
    input_rank: int
    regression: Array
    rows: Array
    free_rows: Array
    null_projector: Array
    unexplained: float | Fraction
    decisions: tuple[Decision, ...]
    is_exact: bool

    @staticmethod
    def of(moments: Moments) -> Spectrum:
        """The spectrum of given moments, in their arithmetic.

        Raises
        ------
        ValueError
            If the moments are symbolic: symbols have no order.
        """
        if moments.is_symbolic:
            raise ValueError("Need numbers for a spectrum. Got symbolic moments.")
        if moments.is_exact:
            return _exact(moments)
        return _diagonal(moments) or _floating(moments, reduction(moments))

    @cached_property
    def rank(self) -> int:
        """ρ = rank Σ."""
        return sum(self.multiplicities)

    @cached_property
    def group(self) -> tuple[int, ...]:
        """Number of the distinct eigenvalue, 0 the largest, of each component i < rank."""
        return tuple(g for g, size in enumerate(self.multiplicities) for _ in range(size))

    @property
    def is_certain(self) -> bool:
        """Whether no decision hangs on rounding."""
        return all(decision.certain for decision in self.decisions)

    def gap(self, width: int) -> float | Fraction:
        """λ_p − λ_{p+1} for p = `width`, with λ_i = 0 beyond n: 0 for a tie at the cut.

        >>> from linae.exact import rationals
        >>> Spectrum.of(Moments.auto(rationals([[3, 0], [0, 1]]))).gap(1)
        Fraction(2, 1)
        """
        if width < 1:
            raise ValueError(f"Need 1 <= width. Got width = {width}.")
        if width > self.rank:
            return self.eigenvalues[0] * 0
        if width == self.rank:
            return self.eigenvalues[width - 1]
        if self.group[width - 1] == self.group[width]:
            return self.eigenvalues[0] * 0
        return self.eigenvalues[width - 1] - self.eigenvalues[width]


def _diagonal(moments: Moments) -> Spectrum | None:
    """Of auto-association with a given diagonal moment: its entries, which nothing rounds."""
    S = moments.Sxx
    if moments.samples is not None or moments.is_rounded or not moments.is_auto:
        return None
    entries = np.diagonal(S).real
    if np.count_nonzero(S) > np.count_nonzero(entries):
        return None
    order = np.argsort(-entries, kind="stable")
    values, vectors = entries[order], np.eye(len(S), dtype=S.dtype)[:, order]
    rho = int(np.count_nonzero(values))
    gaps = values[: max(rho - 1, 0)] - values[1 : max(rho, 1)]
    last = float(values[rho - 1]) if rho else 0.0
    return Spectrum(
        values,
        vectors,
        _multiplicities(rho, [not gap for gap in gaps]),
        rho,
        np.diag(1 - (entries == 0)).astype(S.dtype),
        vectors[:, :rho].conj().T,
        np.zeros((0, len(S)), S.dtype),
        np.diag(entries == 0).astype(S.dtype),
        0.0,
        (
            Decision("rank of Sxx", rho, last, 0.0, True),
            Decision("rank of Σ", rho, last, 0.0, True),
            *(
                Decision(f"λ{i} > λ{i + 1}", int(gap > 0), float(gap), 0.0, True)
                for i, gap in enumerate(gaps, start=1)
            ),
        ),
        True,
    )


def _floating(moments: Moments, reduced: Reduction) -> Spectrum:
    """By the singular value decomposition of G, with the resolution of the arithmetic."""
    U, s, Vh = np.linalg.svd(reduced.target, full_matrices=True)
    values = np.zeros(moments.n)
    values[: len(s)] = s**2
    noise = reduced.resolution
    top = float(values[0]) if len(values) else 0.0
    doubt = (2 * np.sqrt(values) + noise) * noise
    if reduced.squared:
        doubt = np.full(moments.n, noise * (np.sqrt(top) + noise))
    seen = moments.samples[1] if moments.samples is not None else moments.Syy
    bound = min(reduced.decision.answer, int(np.any(seen != 0, axis=1).sum()))
    rho = min(int((values > doubt).sum()), bound)
    values[rho:] = 0
    ranked = Decision(
        "rank of Σ",
        rho,
        float(values[rho - 1]) if rho else 0.0,
        float(doubt[rho - 1] if rho else noise**2),
        rho == bound and (reduced.decision.certain or rho < reduced.decision.answer),
    )
    steps = [
        Decision(
            f"λ{i + 1} > λ{i + 2}",
            int(values[i] - values[i + 1] > doubt[i] + doubt[i + 1]),
            float(values[i] - values[i + 1]),
            float(doubt[i] + doubt[i + 1]),
            bool(values[i] - values[i + 1] > doubt[i] + doubt[i + 1]),
        )
        for i in range(rho - 1)
    ]
    rows = s[:rho, None] * Vh[:rho] @ reduced.inverse
    return Spectrum(
        values,
        U,
        _multiplicities(rho, [not step.answer for step in steps]),
        reduced.decision.answer,
        reduced.target @ reduced.inverse,
        rows,
        Vh[rho:] @ reduced.inverse,
        _unseen(reduced),
        reduced.unexplained,
        (reduced.decision, ranked, *steps),
        False,
    )


def _unseen(reduced: Reduction) -> Array:
    """I − Sxx Sxx⁺, exactly 0 if every input occurs."""
    m, d = reduced.root.shape
    inside = reduced.root @ reduced.inverse
    return np.eye(m) - inside if d < m else 0 * inside


def _multiplicities(rho: int, tied: Sequence[bool]) -> tuple[int, ...]:
    """Sizes of runs: component i + 1 belongs to the run of i if tied[i]."""
    starts = [0, *(i + 1 for i in range(rho - 1) if not tied[i]), rho]
    return tuple(b - a for a, b in itertools.pairwise(starts)) if rho else ()


def _exact(moments: Moments) -> Spectrum:
    """By exact roots of the characteristic polynomial; eigenvectors exact if all are rational."""
    Sxx, Syx = moments.Sxx, moments.Syx
    inside = projector(Sxx)
    regression = inside if moments.is_auto else solve(Sxx, Syx.conj().T).conj().T @ inside
    Sigma = Sxx if moments.is_auto else regression @ Syx.conj().T
    roots = eigenvalue_roots(Sigma)
    positive = [root for root in roots if root.upper > 0]
    multiplicities = tuple(root.multiplicity for root in positive)
    rho, d = sum(multiplicities), exact_rank(Sxx)
    decisions = (
        Decision("rank of Sxx", d, 0.0, 0.0, True),
        Decision("rank of Σ", rho, float(positive[-1].value) if positive else 0.0, 0.0, True),
        *_steps(positive),
    )
    unexplained = (moments.Syy - Sigma).trace().real
    if not all(root.is_rational for root in positive):
        rounded = _floating(moments.floating(), reduction(moments.floating()))
        values = np.zeros(moments.n)
        values[:rho] = [root.value for root in positive for _ in range(root.multiplicity)]
        return Spectrum(
            values,
            rounded.vectors,
            multiplicities,
            d,
            regression,
            (rounded.vectors[:, :rho].conj().T @ regression.astype(rounded.vectors.dtype)),
            rounded.free_rows[: d - rho],
            rounded.null_projector,
            unexplained,
            decisions,
            True,
        )
    values = zeros((moments.n,), Sxx)
    values[:rho] = [root.lower for root in positive for _ in range(root.multiplicity)]
    vectors = _eigenvectors(Sigma, [*positive, *(root for root in roots if not root.upper)])
    squares = (vectors.conj() * vectors).sum(axis=0)[:rho]
    rows = (vectors[:, :rho] / squares).conj().T @ regression
    return Spectrum(
        values,
        vectors,
        multiplicities,
        d,
        regression,
        rows,
        _free_rows(Sxx, Syx),
        eye(moments.m, Sxx) - inside,
        unexplained,
        decisions,
        True,
    )


def _steps(roots: Sequence[Root]) -> list[Decision]:
    """Decisions on neighbouring nonzero eigenvalues, by multiplicities and disjoint enclosures."""
    steps, i = [], 0
    for k, root in enumerate(roots):
        for repeat in range(root.multiplicity):
            i += 1
            last = repeat == root.multiplicity - 1
            if last and k + 1 == len(roots):
                break
            gap = float(root.value - roots[k + 1].value) if last else 0.0
            steps.append(Decision(f"λ{i} > λ{i + 1}", int(last), gap, 0.0, True))
    return steps


def _eigenvectors(Sigma: Array, roots: Sequence[Root]) -> Array:
    """Orthogonal rational eigenvectors, as columns, by exact kernels and Gram-Schmidt."""
    one = eye(Sigma.shape[0], Sigma)
    if not (Sigma - np.diag(np.diagonal(Sigma))).any():
        places = [i for root in roots for i, x in enumerate(np.diagonal(Sigma)) if x == root.lower]
        return one[:, places]
    bases = [orthogonal(kernel(Sigma - root.lower * one)) for root in roots]
    return np.concatenate(bases, axis=1)


def _free_rows(Sxx: Array, Syx: Array) -> Array:
    """Rows y with Syx yᴴ = 0, a basis modulo those with Sxx yᴴ = 0."""
    null, blind = kernel(Sxx), kernel(Syx)
    k = null.shape[1]
    _, pivots = row_echelon(np.concatenate([null, blind], axis=1))
    return blind[:, [j - k for j in pivots if j >= k]].conj().T
