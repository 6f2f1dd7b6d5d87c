"""The spectrum decides ranks and ties, exactly where it can, openly where it cannot."""

from fractions import Fraction

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from linae import Moments, Spectrum
from linae.exact import floating, rationals
from linae.inertia import inertia
from linae.roots import eigenvalue_roots


def test_iris_eigenvalues_are_the_published_ones():
    """Eigenvalues of the covariance with divisor 149, to the digits printed in the literature."""
    from linae.data import iris
    from linae.table import read_table

    values = Spectrum.of(Moments.from_data(read_table(str(iris())).values)).eigenvalues
    published = [4.22824171, 0.24267075, 0.07820950, 0.02383509]
    np.testing.assert_allclose(values * 150 / 149, published, rtol=0, atol=6e-9)


@pytest.mark.parametrize(
    ("load", "rank", "inputs"), [(load_digits, 61, 64), (load_breast_cancer, 30, 30)]
)
def test_hard_real_data_have_their_exact_rank(load, rank, inputs):
    """Rank from floats equals the rank over the rationals, and is certain by structure."""
    X = load().data
    spectrum = Spectrum.of(Moments.from_data(X))
    assert (spectrum.rank, len(spectrum.eigenvalues)) == (rank, inputs)
    assert spectrum.is_certain
    assert int((np.ptp(X, axis=0) > 0).sum()) == rank


def test_small_eigenvalues_keep_their_digits():
    """From samples, a component 10⁷ times smaller keeps 8 digits; from the Gram matrix it has
    1 or 2."""
    rng = np.random.default_rng(1)
    Q = np.linalg.qr(rng.standard_normal((50, 2)))[0]
    X = Q * [1, 1e-7] @ np.array([[0.6, 0.8], [-0.8, 0.6]])
    found = Spectrum.of(Moments.from_data(X, center=False)).eigenvalues[1] * 50
    assert found == pytest.approx(1e-14, rel=1e-7)


def test_ties_of_rational_data_are_exact():
    """Multiplicities, rank and order of a rational matrix with known spectrum."""
    U = rationals([[Fraction(3, 5), Fraction(4, 5)], [Fraction(-4, 5), Fraction(3, 5)]])
    V = np.kron(U, U)
    S = V @ np.diag(rationals([2, 5, 0, 2])) @ V.T
    spectrum = Spectrum.of(Moments.auto(S))
    assert spectrum.eigenvalues.tolist() == [5, 2, 2, 0]
    assert spectrum.multiplicities == (1, 2)
    assert spectrum.gap(1) == 3
    assert spectrum.gap(2) == 0
    assert spectrum.gap(3) == 2
    assert spectrum.gap(4) == 0
    assert (S @ spectrum.vectors == spectrum.vectors * spectrum.eigenvalues).all()


def test_irrational_eigenvalues_are_ordered_exactly():
    """[[1, 1], [1, 2]] ⊕ [[1, 1], [1, 2]]: two double eigenvalues (3 ± √5)/2, floats as values."""
    block = rationals([[1, 1], [1, 2]])
    spectrum = Spectrum.of(Moments.auto(np.kron(rationals(np.eye(2, dtype=int)), block)))
    assert spectrum.is_exact
    assert spectrum.multiplicities == (2, 2)
    np.testing.assert_allclose(spectrum.eigenvalues[::2], [(3 + 5**0.5) / 2, (3 - 5**0.5) / 2])


def test_floating_ties_are_decided_but_not_certain():
    """A tie blurred by rounding is listed as a tie, and says that it is one only to rounding."""
    rng = np.random.default_rng(2)
    Q = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    spectrum = Spectrum.of(Moments.auto(Q * [2, 2, 1] @ Q.T))
    assert spectrum.multiplicities == (2, 1)
    assert not spectrum.is_certain
    assert [d.question for d in spectrum.decisions if not d.certain] == ["λ1 > λ2"]


def test_singular_inputs_and_targets_outside_reach():
    """Σ = Syx Sxx⁺ Sxy for a singular Sxx, against the pseudo-inverse."""
    rng = np.random.default_rng(4)
    X = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 4))
    Y = X @ rng.standard_normal((4, 3)) + rng.standard_normal((30, 3))
    moments = Moments.from_data(X, Y)
    spectrum = Spectrum.of(moments)
    Sigma = moments.Syx @ np.linalg.pinv(moments.Sxx, rcond=1e-10) @ moments.Syx.T
    assert (spectrum.input_rank, spectrum.rank) == (2, 2)
    np.testing.assert_allclose(
        spectrum.vectors * spectrum.eigenvalues @ spectrum.vectors.T, Sigma, atol=1e-13
    )
    np.testing.assert_allclose(spectrum.unexplained, np.trace(moments.Syy - Sigma))


def test_exact_roots_agree_with_sturm_counts():
    """Between and around enclosures, LDLᵀ of S − tI counts as many eigenvalues as were listed."""
    rng = np.random.default_rng(5)
    one = rationals(np.eye(4, dtype=int))
    for _ in range(20):
        M = rationals(rng.integers(-2, 3, (4, 4)))
        S = M @ M.T
        roots = eigenvalue_roots(S)
        assert sum(root.multiplicity for root in roots) == 4
        for k, root in enumerate(roots):
            above = sum(r.multiplicity for r in roots[:k])
            low, high = (inertia(S - t * one) for t in (root.lower, root.upper))
            assert high.positive == above
            assert low.positive + low.zero == above + root.multiplicity


def test_close_eigenvalues_are_separated():
    """2 ± 10⁻³⁰ are two eigenvalues, not one."""
    tiny = Fraction(1, 10**30)
    roots = eigenvalue_roots(rationals([[2, tiny], [tiny, 2]]))
    assert [root.lower for root in roots] == [2 + tiny, 2 - tiny]


def test_symbols_have_no_spectrum():
    """One clear sentence."""
    from sympy import Symbol

    with pytest.raises(ValueError, match="Got symbolic moments"):
        Spectrum.of(Moments.auto(np.array([[Symbol("s", positive=True)]])))


@pytest.mark.parametrize("one", [1.0, 1j * -1j])
def test_a_diagonal_moment_is_its_own_spectrum(one):
    """Whatever its doubles are: nothing is rounded, so that neighbours differ, and equals tie."""
    step = np.nextafter(1, 2)
    entries = [0.0, 1.0, step, 1e-200, 1.0]
    moments = Moments.auto(np.diag(entries) * one)
    spectrum = Spectrum.of(moments)
    assert spectrum.eigenvalues.tolist() == [step, 1, 1, 1e-200, 0]
    assert spectrum.multiplicities == (1, 2, 1)
    assert (spectrum.rank, spectrum.input_rank) == (4, 4)
    assert spectrum.is_exact
    assert spectrum.is_certain
    exact = Spectrum.of(moments.exact())
    assert exact.multiplicities == spectrum.multiplicities
    for name in ("eigenvalues", "regression", "rows", "free_rows", "null_projector"):
        assert np.array_equal(getattr(spectrum, name), floating(getattr(exact, name))), name
    U, Sxx = spectrum.vectors, moments.Sxx
    assert np.array_equal(Sxx @ U, U * spectrum.eigenvalues)
    assert np.array_equal(U.conj().T @ U, np.eye(5))


def test_what_is_not_diagonal_is_not_taken_for_it():
    """A zero on the diagonal does not make up for an entry beside it; nor does a target."""
    S = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    assert Spectrum.of(Moments.auto(S)).multiplicities == (1, 1)
    assert not Spectrum.of(Moments.auto(S)).is_exact
    other = Moments(np.eye(2), np.diag([3.0, 4.0]), np.diag([9.0, 16.0]))
    assert Spectrum.of(other).eigenvalues == pytest.approx([16, 9], rel=1e-15)
