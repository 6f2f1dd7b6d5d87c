"""A critical point of a deep linear network is a global minimum, or a saddle, strict or tightened.

Its end-to-end map is U_J U_Jᵀ Syx Sxx⁺, of rank r = |J|, and its loss tr Syy − Σ_J λ. With p the
least width: it is a global minimum iff Σ_J λ is the sum of the min(p, ρ) largest; else the Hessian
has a negative eigenvalue, unless J is leading (no unselected λ exceeds a selected one) and the
point is tightened: for each pair of factors W_i, W_j, i > j, one of the complementary blocks

    W_{i−1} ⋯ W_{j+1}      and      W_{j−1} ⋯ W_1 Sxy W_N ⋯ W_{i+1}

has rank r; none has less. Global minima are tightened; of two factors no other point is.
With l_i and ρ_i by how much the ranks of W_N ⋯ W_{i+1} and W_{i−1} ⋯ W_1 Sxx exceed r, ρ_{N+1} = 0,
and g and e the numbers of pairs in K × J with λ_k > λ_j and λ_k = λ_j, a tightened point has

    negative   g
    positive   r (n + d) − r² − e − g + Σ_i l_i (ρ_i − ρ_{i+1})

and the others are zero; a point that is not has more than g negative ones.

Hypotheses: real data; the point is critical. Ties, deficient ranks and any widths are allowed.

Equality: of the three counts at tightened points.

References: Achour, Malgouyres and Gerchinovitz 2024, JMLR 25(242), arXiv:2107.13289, for the kinds,
with Sxx and Syx of full rank and distinct λ (wording not confirmed). None for the counts.

Post: E21 (what is left of "every saddle has a negative eigenvalue" beyond two layers).
"""

from __future__ import annotations

from types import ModuleType

from hypothesis import strategies as st

from linae.exact import rationals
from proofs import deep_generator
from proofs._deep import DeepPoint, deep_points

uses: list[ModuleType] = [deep_generator]


def hypotheses() -> st.SearchStrategy[DeepPoint]:
    """Critical points of every kind, most of them of rank below p with J leading."""
    return deep_points()


def conclusion(case: DeepPoint) -> None:
    """The kind and the counts by ranks agree with values and the exact inertia of differences.

    Why: by `deep_generator` the factors are 1 ⊕ Z_i, with the loss ‖S − Z_N ⋯ Z_1‖² of the spare
    blocks. Let L_i, M and R_j be the products of the Z above i, between i and j, below j, and let
    a direction have the blocks γ_i, β_i off the diagonal and δ_i at Z_i. With c = Σ L_i γ_i,
    b = Σ β_j R_j and Λ = Λ_J half its curvature is

        ‖…‖² + ‖c √Λ‖² + ‖b‖² − 2 ⟨S, c b⟩ + ‖Σ L_i δ_i R_i‖² − 2 Σ_{i>j} ⟨L_iᵀ S R_jᵀ, δ_i M δ_j⟩:

    of ⟨S, c b⟩ the terms with i <= j vanish, as L_jᵀ S R_jᵀ = 0 at a critical point. The first
    square has r² entries of its own; the part of b and c, in pairs of entries λ_j, 1 and σ_k, has
    g negative and e zero eigenvalues more. The rest is the Hessian of the spare blocks.

    *Tightened* says that M or L_iᵀ S R_jᵀ is 0 for each pair: only a square is left, of the rank of
    Σ R(L_i) ⊗ R(R_iᵀ). If both are not 0, then rank(M Z_j R_j) < rank M or rank(L_i Z_i M) <
    rank M, as L_i Z_i M Z_j R_j = 0. So there are δ_i = y wᵀ and δ_j = x zᵀ with wᵀM Z_j R_j = 0
    or L_i Z_i M x = 0, wᵀM x ≠ 0 and yᵀL_iᵀ S R_jᵀ z ≠ 0; the square is of one of the two, which
    may be small, and the other term has either sign.
    """
    assert not case.slope.any(), "not critical"
    place = case.landscape.place(*case.weights)
    assert place is not None
    found, value = case.found, case.loss(*case.weights)
    assert value == place.critical.loss
    least = value == next(case.landscape.critical_classes()).loss
    assert least == (place.kind == "global minimum")
    assert (found.negative > 0) == (place.kind == "strict saddle"), f"{place.kind}, found {found}"
    assert place.inertia is not None or place.kind == "strict saddle", "a minimum, and loose"
    if place.inertia is None:
        values, J = case.landscape.spectrum.eigenvalues, place.critical.index_set
        rest = [x for i, x in enumerate(values) if i not in J]
        assert found.negative > sum(x > values[j] for x in rest for j in J)
    else:
        assert found == place.inertia, f"claimed {place.inertia}, found {found}"


_one, _zero = rationals([[1]]), rationals([[0]])

counterexamples = {"the point is critical": DeepPoint(_one, (_one, _one, _zero))}
