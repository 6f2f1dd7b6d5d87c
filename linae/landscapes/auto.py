"""What landscapes of real auto-association share: Y = X, second moment S = U Λ Uᵀ."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from linae.critical import IndexSet
from linae.exact import Array, floating, square_root
from linae.landscapes.base import Landscape
from linae.moments import Moments
from linae.spectrum import Spectrum


def real_auto(moments: Moments, name: str) -> Moments:
    """The moments, if they are real and of auto-association."""
    if moments.is_complex or not moments.is_auto:
        what = "complex moments" if moments.is_complex else "targets that are not the inputs"
        raise ValueError(f"Need real auto-association, Y = X, for {name}. Got {what}.")
    return moments


def unit_vectors(spectrum: Spectrum, chosen: Sequence[int]) -> Array:
    """Orthonormal eigenvectors of the chosen components (n, r): exact where their norms are
    rational, else in double precision."""
    U = spectrum.vectors[:, list(chosen)]
    if U.dtype != object:
        return U
    norms = [square_root(square) for square in (U * U).sum(axis=0)]
    if all(norm is not None for norm in norms):
        return U / np.array(norms, dtype=object)
    U = floating(U)
    return U / np.linalg.norm(U, axis=0)


def components(spectrum: Spectrum, used: Array) -> IndexSet | None:
    """The index set of a projection P onto an invariant subspace of R(S), eigenspace by eigenspace.

    Parameters
    ----------
    used : (n, k)
        Any matrix C with C Cᵀ = P on R(S).

    None if a trace is not an integer, to rounding or exactly.
    """
    J: list[int] = []
    start = 0
    for size in spectrum.multiplicities:
        U = spectrum.vectors[:, start : start + size]
        inside = U.T @ used
        count = ((inside * inside).sum(axis=1) / (U * U).sum(axis=0)).sum()
        whole = round(float(count))
        if abs(count - whole) > (0 if used.dtype == object else 1e-3):
            return None
        J += range(start, start + whole)
        start += size
    return tuple(J)


def left_out(spectrum: Spectrum, J: IndexSet) -> list[int]:
    """K: the components of nonzero eigenvalue that are not selected."""
    return [k for k in range(spectrum.rank) if k not in J]


def out_of_order(spectrum: Spectrum, J: IndexSet) -> tuple[int, int]:
    """How many pairs of an unselected k and a selected j have λ_k > λ_j, and λ_k = λ_j."""
    group, K = spectrum.group, left_out(spectrum, J)
    above = sum(group[k] < group[j] for j in J for k in K)
    return above, sum(group[k] == group[j] for j in J for k in K)


def value_left(spectrum: Spectrum, J: IndexSet) -> float | Fraction:
    """tr S − Σ_J λ, summed as what is left out."""
    chosen = set(J)
    return sum((x for i, x in enumerate(spectrum.eigenvalues) if i not in chosen), Fraction(0))


def dense(landscape: Landscape, weights: Sequence[Array]) -> Array:
    """The Hessian matrix, column by column from Hessian-vector products."""
    from linae.calculus import unit_directions

    columns: list[Any] = [
        landscape.flatten(landscape.hessian_vector(weights, e)) for e in unit_directions(weights)
    ]
    return np.array(columns).T
