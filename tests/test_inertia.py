"""Inertia: three independent ways to it (construction, LDLᴴ, characteristic polynomial) agree."""

import copy
import pickle
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linae.exact import floating, rationals, realified
from linae.inertia import Inertia, flint_inertia, inertia, ldl_inertia, spread
from linae.ldl import ldl


@st.composite
def congruent(draw, most=5):
    """Pᴴ diag(d) P with P unimodular over ℤ or ℤ[i], and the signs of d, its inertia."""
    d = draw(st.lists(st.integers(-2, 2), max_size=most))
    n = len(d)
    entries = draw(st.sampled_from([[0, 1, -1, 2, -2], [0, 1, -1, 1j, -1j, 1 + 2j]]))
    square = st.lists(st.sampled_from(entries), min_size=n * n, max_size=n * n)
    lower, upper = (rationals(draw(square)).reshape(n, n) for _ in range(2))
    one = rationals(np.eye(n, dtype=int))
    P = (np.tril(lower, -1) + one) @ (np.triu(upper, 1) + one)
    counts = sum(x < 0 for x in d), d.count(0), sum(x > 0 for x in d)
    return P.conj().T @ (rationals(d)[:, None] * P), Inertia(*counts)


@given(congruent())
def test_law_of_inertia(case):
    """Congruent matrices have the same inertia."""
    H, counts = case
    assert inertia(H) == ldl_inertia(H) == counts
    assert not inertia(H).undecided


@given(congruent())
def test_characteristic_polynomial_counts_the_same_signs(case):
    """Descartes' rule is an equality for Hermitian matrices."""
    pytest.importorskip("flint")
    H, counts = case
    assert flint_inertia(H) == counts
    assert flint_inertia(realified(H)) == counts * (len(realified(H)) // max(len(H), 1))


@given(congruent())
def test_factors_multiply_to_the_matrix(case):
    """H[order][:, order] = L D Lᴴ with L unit lower triangular."""
    H, _ = case
    f = ldl(H)
    assert (H[f.order][:, f.order] == f.L @ f.D @ f.L.conj().T).all()
    assert (np.triu(f.L) == np.eye(len(H), dtype=int)).all()


@pytest.mark.parametrize("counts", [inertia, ldl_inertia, flint_inertia])
def test_hollow_matrices_need_pivots_of_order_two(counts):
    """[[0, b], [b̄, 0]] has inertia (1, 0, 1); ones off the diagonal, (n − 1, 0, 1)."""
    if counts is flint_inertia:
        pytest.importorskip("flint")
    assert counts(rationals([[0, 1 + 2j], [1 - 2j, 0]])) == (1, 0, 1)
    assert counts(rationals(np.ones((4, 4), int) - np.eye(4, dtype=int))) == (3, 0, 1)
    assert counts(rationals(np.fliplr(np.eye(5, dtype=int)))) == (2, 0, 3)


def test_python_flint_is_optional(monkeypatch):
    """Without python-flint the inertia is that of LDLᴴ in fractions."""
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(ImportError):
        flint_inertia(rationals([[1]]))
    assert inertia(rationals(["0.1"])[:, None] - 1) == (1, 0, 0)


def test_order_one_hundred_is_feasible():
    """In(G diag(s) Gᵀ) for regular G counts the signs s, also at order 100 with fractions."""
    pytest.importorskip("flint")
    rng = np.random.default_rng(0)
    G = np.tril(rng.integers(-3, 4, (100, 100)), -1) + np.eye(100, dtype=int)
    H = rationals(G * np.repeat([-1, 0, 1], [20, 30, 50]) @ G.T) / Fraction(7)
    assert inertia(H) == (20, 30, 50)


@given(congruent())
def test_doubles_claim_only_what_is_so(case):
    """Certain counts of a matrix of doubles never exceed the exact ones; the rest is undecided."""
    H, counts = case
    found = inertia(floating(H))
    assert found.negative <= counts.negative
    assert found.positive <= counts.positive
    assert found.undecided in (0, found.zero)
    assert found.size == len(H)
    assert found == counts or found.undecided


def test_doubles_find_a_well_separated_inertia():
    """Eigenvalues far from zero are counted, a kernel is left undecided, a zero matrix is not."""
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((16, 16)))[0]
    found = inertia(Q * np.repeat([-2.0, 0.0, 3.0], [1, 4, 11]) @ Q.T)
    assert found == (1, 4, 11)
    assert found.undecided == 4
    assert inertia(np.array([[0, 1j], [-1j, 0]])) == (1, 0, 1)
    assert inertia(np.zeros((3, 3))).undecided == 0


def test_exact_twin_decides_what_doubles_do_not():
    """1e-20 beside 1 is positive in exact arithmetic and not separated from zero in doubles."""
    H = np.diag([1.0, 1e-20, -1e-20])
    assert str(inertia(H)) == "(0, ≤2, 1)"
    assert str(inertia(rationals(H))) == "(1, 0, 2)"


@pytest.mark.parametrize("numbers", [rationals, floating])
def test_radius_widens_the_middle(numbers):
    """With ‖Δ‖ <= ε only eigenvalues beyond ±ε keep their sign; ε is the largest row sum."""
    H = numbers(np.diag([-3, -1, 0, 1, 3]) * (1.0 if numbers is floating else 1))
    assert repr(inertia(H, radius=Fraction(1, 5))) == "Inertia(1, 3, 1, undecided=3)"
    assert inertia(H, radius=np.eye(5)) == (1, 3, 1)
    assert inertia(H, radius=0.19) == (2, 1, 2)
    assert spread([[0, 1], [1, 2]], 2) == 3


@given(congruent(most=4), st.fractions(0, 1, max_denominator=4), st.randoms(use_true_random=False))
def test_radius_covers_every_perturbation(case, radius, random):
    """Certain counts hold for every Hermitian matrix within the radius."""
    H, _ = case
    found = inertia(H, radius=radius)
    corners = np.array([[random.choice([-1, 0, 1]) for _ in H] for _ in H]).reshape(H.shape)
    near = inertia(H + radius * rationals(np.tril(corners) + np.tril(corners, -1).T))
    assert found.negative <= near.negative
    assert found.positive <= near.positive


def test_inertias_add():
    """In(A ⊕ C) = In(A) + In(C); undecided eigenvalues add too."""
    a, b, one = Inertia(1, 4, 11, undecided=4), Inertia(2, 0, 1), (0, 0, 1)
    assert a + b == b + a == (3, 4, 12)
    assert (a + b).undecided == (b + a).undecided == 4
    assert one + a == a + one == (1, 4, 12)
    assert sum([a, a], Inertia(0, 0, 0)) == 2 * a == a * 2 == (2, 8, 22)
    assert (2 * a).undecided == 8
    assert inertia(np.diag([-1, 0, 2, 3])) == inertia(np.diag([-1, 0])) + inertia(np.diag([2, 3]))


def test_inertia_is_a_triple():
    """An inertia unpacks, compares, hashes, copies and pickles as a triple."""
    a = Inertia(1, 4, 11, undecided=4)
    negative, zero, positive = a
    assert (negative, zero, positive) == a == Inertia(1, 4, 11)
    assert hash(a) == hash((1, 4, 11))
    assert (a.index, a.nullity, a.size) == (1, 4, 16)
    assert (str(a), str(Inertia(1, 4, 11))) == ("(1, ≤4, 11)", "(1, 4, 11)")
    for twin in (copy.copy(a), copy.deepcopy(a), pickle.loads(pickle.dumps(a)), eval(repr(a))):
        assert (twin, twin.undecided, type(twin)) == (a, 4, Inertia)


@pytest.mark.parametrize(
    ("H", "sentence"),
    [
        (np.ones((2, 3)), r"Need a square matrix\. Got shape \(2, 3\)\."),
        ([[0, 1], [2, 0]], r"Got 1 at \(0, 1\) and 2 at \(1, 0\)"),
        ([[1.0, 2.0], [2.0 + 1e-9, 1.0]], r"at \(0, 1\)"),
        ([[0, 1j], [1j, 0]], r"at \(0, 1\)"),
        (rationals([[0, 1j], [1j, 0]]), r"at \(0, 1\)"),
        (rationals([[1j]]), r"at \(0, 0\)"),
        ([[np.nan]], "finite"),
        ([[Fraction(1), Fraction(2)], [Fraction(2), np.inf]], "finite"),
    ],
)
def test_what_is_not_hermitian_is_refused(H, sentence):
    """A matrix without an inertia is refused in one sentence."""
    with pytest.raises(ValueError, match=sentence):
        inertia(H)


@pytest.mark.parametrize("radius", [-1, [1, 2], np.nan])
def test_what_is_no_radius_is_refused(radius):
    """A radius is one number >= 0, or one for every entry."""
    with pytest.raises(ValueError, match="Need"):
        inertia(np.eye(3), radius=radius)
