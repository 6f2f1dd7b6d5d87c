"""What landscapes of auto-association share: Y = X, second moment S = U Λ Uᴴ."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from linae.critical import IndexSet
from linae.exact import Array, eye, floating, square_root
from linae.landscapes.base import Landscape
from linae.moments import Moments
from linae.spectrum import Spectrum


def auto_only(moments: Moments, name: str, *, real: bool = True) -> Moments:
    """The moments, if they are of auto-association, and real unless complex ones are allowed."""
    if not moments.is_auto:
        raise ValueError(f"Need auto-association, Y = X, for {name}. Got other targets.")
    if real and moments.is_complex:
        raise ValueError(f"Need real moments for {name}. Got complex ones.")
    return moments


def unit_vectors(spectrum: Spectrum, chosen: Sequence[int]) -> Array:
    """Orthonormal eigenvectors of the chosen components (n, r): exact where their norms are
    rational, else in double precision."""
    U = spectrum.vectors[:, list(chosen)]
    if U.dtype != object:
        return U
    norms = [square_root(Fraction(x.real)) for x in (U.conj() * U).sum(axis=0)]
    if all(norm is not None for norm in norms):
        return U / np.array(norms, dtype=object)
    U = floating(U)
    return U / np.linalg.norm(U, axis=0)


def components(spectrum: Spectrum, used: Array, shrinkage: Sequence[Any]) -> IndexSet | None:
    """The index set of the eigenvectors in C = U_J diag(shrinkage_J)^½ Oᵀ, O with orthonormal
    columns, whatever C has outside R(S); eigenspace by eigenspace.

    Parameters
    ----------
    used : (n, k)
        C.
    shrinkage : of each component; not positive if none of it can be used.

    None if a trace is not an integer, to rounding or exactly.
    """
    J: list[int] = []
    start = 0
    for size in spectrum.multiplicities:
        U = spectrum.vectors[:, start : start + size]
        inside = U.conj().T @ used
        squares = (U.conj() * U).sum(axis=0)
        count = ((inside.conj() * inside).sum(axis=1) / squares).sum().real
        count = count / shrinkage[start] if shrinkage[start] > 0 else count
        whole = round(float(count))
        exact = used.dtype == object
        if abs(count - whole) > (0 if exact else 1e-3) or (whole and shrinkage[start] <= 0):
            return None
        J += range(start, start + whole)
        start += size
    return tuple(J)


def left_out(spectrum: Spectrum, J: IndexSet) -> list[int]:
    """K: the components of nonzero eigenvalue that are not selected."""
    return [k for k in range(spectrum.rank) if k not in J]


def out_of_order(spectrum: Spectrum, J: IndexSet) -> tuple[int, int]:
    """How many pairs of an unselected k and a selected j have λ_k > λ_j, and λ_k = λ_j."""
    group = spectrum.group
    chosen = [group[j] for j in J]
    above = sum(bisect_left(group, g) - sum(c < g for c in chosen) for g in chosen)
    no_less = sum(bisect_right(group, g) - sum(c <= g for c in chosen) for g in chosen)
    return above, no_less - above


def value_left(spectrum: Spectrum, J: IndexSet) -> float | Fraction:
    """tr S − Σ_J λ, summed as what is left out."""
    chosen = set(J)
    return sum((x for i, x in enumerate(spectrum.eigenvalues) if i not in chosen), Fraction(0))


def turned(A: Array, gauge: Array | None, *, diagonal: bool = False) -> Array:
    """A Mᴴ for a gauge M that is unitary, or a diagonal of signs; A itself without one."""
    if gauge is None:
        return A
    M, p = np.asarray(gauge), A.shape[1]
    kind = "diagonal unitary" if diagonal else "unitary"
    if M.shape != (p, p):
        raise ValueError(f"Need a gauge of shape {(p, p)}. Got {M.shape}.")
    wrong = [M @ M.conj().T - eye(p, M)] + [M - np.diag(np.diag(M))] * diagonal
    if any(abs(complex(x)) > (0 if M.dtype == object else 1e-9) for W in wrong for x in W.flat):
        raise ValueError(f"Need a {kind} gauge. Got another matrix.")
    return A @ M.conj().T


def rescaled(A: Array, B: Array, M: Array) -> tuple[Array, Array]:
    """(A M⁻¹, M B) for a diagonal matrix M."""
    p, scale = A.shape[1], np.diag(M)
    if M.shape != (p, p) or (np.diag(scale) != M).any() or not all(scale):
        raise ValueError(f"Need a diagonal, invertible gauge of order {p}. Got another matrix.")
    return A / scale, scale[:, None] * B


def dense(landscape: Landscape, weights: Sequence[Array]) -> Array:
    """The Hessian matrix, column by column from Hessian-vector products."""
    from linae.calculus import unit_directions

    curved = landscape.hessian_map(*weights)
    columns: list[Any] = [landscape.flatten(curved(*e)) for e in unit_directions(weights)]
    return np.array(columns).T
