"""The catalogue of regularisers: its formulas, its words, and a published setting."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linae.regularisers import REGULARISERS, catalogue, regulariser
from proofs import _book, gaussian_codes, regularisers
from proofs._penalties import Regularised
from proofs._regularised import regularised

EACH = pytest.mark.parametrize("law", REGULARISERS, ids=lambda law: law.name)

FACTORS = {
    "1": lambda x, g: 1,
    "→ 1": lambda x, g: 1,
    "λ/(λ + γ)": lambda x, g: x / (x + g),
    "1 − γ/λ": lambda x, g: 1 - g / x,
    "1 − γ/2λ": lambda x, g: 1 - g / (2 * x),
    "1 − γⱼ/λ": lambda x, g: 1 - g / x,
    "1 − τ/√λ": lambda x, t: 1 - t / math.sqrt(x),
    "1 − γ/√(2πλ)": lambda x, g: 1 - g / math.sqrt(2 * math.pi * x),
}
SURVIVES = {
    "always": lambda x, g: True,
    "λ > γ": lambda x, g: x > g,
    "λ > γ/2": lambda x, g: x > g / 2,
    "λ > γⱼ": lambda x, g: x > g,
    "√λ > τ": lambda x, t: math.sqrt(x) > t,
    "λ > γ²/2π": lambda x, g: x > g * g / (2 * math.pi),
}
"""The formulas of the table, typed again."""


def weights(law, weight, width):
    """That of all units, or one of each."""
    return [weight * h for h in range(1, width + 1)] if "γⱼ" in law.factor else weight


def spectra():
    values = st.lists(st.floats(0.01, 100), min_size=1, max_size=6)
    return values.map(lambda x: sorted(x, reverse=True))


@EACH
@given(x=st.floats(0.01, 100), weight=st.floats(0.01, 100))
def test_the_printed_formulas_are_the_functions(law, x, weight):
    """Of one component and one unit, for which κ has τ = √λ κ/(1 + κ)."""
    (found,) = law.factors([x], 1, weights(law, weight, 1))
    level = math.sqrt(x) * weight / (1 + weight) if "τ" in law.factor else weight
    survives = SURVIVES[law.survives](x, level)
    assert found == pytest.approx(FACTORS[law.factor](x, level) if survives else 0, abs=1e-12)


@EACH
@given(spectra(), st.integers(1, 4), st.floats(0.01, 10))
def test_components_shrink_in_order(law, values, width, weight):
    """1 >= w₁ >= w₂ >= … >= 0, and no more of them with more weight; rounding to 10⁻¹²."""
    little, much = (
        law.factors(values, width, weights(law, x, width)) for x in (weight, 2 * weight)
    )
    assert len(little) == len(values)
    assert not any(little[width:])
    for w in (little, much):
        assert all(a >= b - 1e-12 for a, b in zip([1, *w], [*w, 0], strict=True))
    assert all(a >= b - 1e-12 for a, b in zip(little, much, strict=True))


@given(spectra(), st.integers(1, 4), st.floats(0.01, 10))
def test_the_shared_level_balances(values, width, kappa):
    """p τ = κ Σ (√λ − τ)₊ over the leading p; to rounding."""
    w = np.array(regulariser("dropout").factors(values, width, kappa))
    roots = np.sqrt(values)
    level = kappa * (w * roots).sum() / width
    claimed = np.where(np.arange(len(values)) < width, np.maximum(1 - level / roots, 0), 0)
    np.testing.assert_allclose(w, claimed, rtol=0, atol=1e-9)


@pytest.mark.parametrize("law", regularisers.LAWS, ids=lambda law: law.name)
@given(data=st.data())
def test_every_regulariser_has_its_law(law, data):
    """The theorem, on as many cases of each of them."""
    regularisers.conclusion(data.draw(regularised(law)))


def test_the_theorems_have_the_whole_table():
    """Row by row, in their docstrings: two in the one, all others in the other."""
    others = [law for law in REGULARISERS if law not in regularisers.LAWS]
    assert [law.name for law in others] == ["variational", "sparse"]
    for laws, theorem in ((regularisers.LAWS, regularisers), (others, gaussian_codes)):
        rows = [f"    {row}" for row in catalogue(laws).splitlines()]
        assert "\n".join(rows) in theorem.__doc__


@EACH
def test_a_regulariser_has_a_theorem_and_a_line(law):
    """The theorem is in the book; the line is that of the catalogue."""
    assert law.theorem in map(_book.name, _book.theorems())
    assert str(law).split()[0] == law.name.split()[0]
    assert str(law).split() in [line.split() for line in catalogue().splitlines()]
    assert regulariser(law.name) is law


@pytest.mark.parametrize("root", range(1, 22, 2))
def test_the_published_spectra_of_sum_and_product_loss(root):
    """Singular values 1 … 20, bottleneck 10, weights 1², 3², …, 21²: Kunin et al. 2019."""
    singular = range(20, 0, -1)
    variances = [s * s for s in singular]
    total = regulariser("weight decay").factors(variances, 10, root**2)
    map_only = regulariser("product decay").factors(variances, 10, root**2)
    assert total[:10] == [max(0, 1 - Fraction(root**2, s * s)) for s in singular][:10]
    assert map_only[:10] == [1 / (1 + Fraction(root**2, s * s)) for s in singular][:10]
    assert not any(total[10:] + map_only[10:])
    assert [s for s, w in zip(singular, total, strict=True) if w] == [
        s for s in range(20, 10, -1) if s > root
    ]


def test_the_largest_published_weight_switches_all_components_off():
    """And 11² leaves 12 … 20."""
    variances, law = [s * s for s in range(20, 0, -1)], regulariser("weight decay")
    assert not any(law.factors(variances, 10, 21**2))
    assert sum(w > 0 for w in law.factors(variances, 10, 11**2)) == 9


def test_a_law_that_is_not_cut_off_is_worse_than_none():
    """S = 1, γ = 5/4: A B = 1 − γ/λ = −1/4 has the loss 35/16, and A = B = 0 the loss 1."""
    case = next(
        case for name, case in regularisers.counterexamples.items() if name.startswith("w = 0")
    )
    assert isinstance(case, Regularised)
    assert case.loss(0 * case.A, 0 * case.B) < case.loss(case.A, case.B)


@pytest.mark.parametrize("angle", [0.3, math.pi / 4])
def test_sparse_codes_of_gaussian_data_need_not_be_components(angle):
    """Columns of norm 1 that are not orthogonal are as good, so that signed permutations are not
    all of the gauge; S = diag(4, 1), γ = 1, to rounding."""
    c, s = math.cos(angle), math.sin(angle)
    U, values = np.eye(2), np.array([4.0, 1.0])
    case = gaussian_codes.Sparse(U, values, 1.0, np.array([[c, s], [-s, c]]), U, U)
    factors = np.array(regulariser("sparse").factors(values, 2, 1.0))
    best = case.loss(U, np.diag(factors))
    left = U * np.sqrt(factors * np.sqrt(values)) @ case.Q
    norms = np.linalg.norm(left, axis=0)
    A, B = left / norms, (left * norms).T / np.sqrt(values)
    assert abs(A[:, 0] @ A[:, 1]) > 0.1
    assert case.loss(A, B) == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "values", "width", "weight", "words"),
    [
        ("none", [1, 2], 1, 1, "λ₁ >= λ₂ >= … > 0. Got 1, 2."),
        ("none", [1, 0], 1, 1, "λ₁ >= λ₂ >= … > 0. Got 1, 0."),
        ("none", [math.nan], 1, 1, "λ₁ >= λ₂ >= … > 0. Got nan."),
        ("none", [math.inf], 1, 1, "λ₁ >= λ₂ >= … > 0. Got inf."),
        ("none", [1], 0, 1, "Need 1 <= width. Got width = 0."),
        ("weight decay", [1], 1, 0, "Need one weight > 0 for weight decay. Got 0."),
        ("weight decay", [1], 1, math.nan, "Need one weight > 0 for weight decay. Got nan."),
        ("weight decay", [1], 2, [1, 2], "Need one weight > 0 for weight decay. Got 1, 2."),
        ("nonuniform decay", [1], 2, 1, "Need 2 weights > 0 for nonuniform decay. Got 1."),
    ],
)
def test_bad_input_is_named(name, values, width, weight, words):
    """What is needed, and what was given."""
    with pytest.raises(ValueError, match="Need") as refusal:
        regulariser(name).factors(values, width, weight)
    assert words in str(refusal.value)


def test_an_unknown_name_is_refused_with_those_that_there_are():
    """All of them."""
    with pytest.raises(ValueError, match=r"Need one of none, noisy inputs, .*sparse\. Got ridge\."):
        regulariser("ridge")
