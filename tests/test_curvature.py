"""What the theorems on curvature say of the points that their hypotheses exclude."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linae.exact import eye, rationals
from linae.inertia import inertia
from proofs import _cases, morse_bott
from proofs._instances import CriticalPoint, whitened

crossings = (
    st.tuples(st.sampled_from([(1, 0), (0, 0)]), st.integers(1, 3), st.integers(2, 3))
    .flatmap(lambda t: _cases.instances_with(t[0], 2, t[1], t[2], 2, _cases.RATIONALS))
    .flatmap(_cases.points_of)
    .filter(lambda case: not morse_bott.is_smooth(case))
)


@settings(max_examples=40)
@given(crossings)
def test_where_strata_cross_there_are_more_null_directions_than_tangents(case):
    """The converse of Morse–Bott: every point without its hypothesis is a counterexample."""
    with pytest.raises(AssertionError, match="nullity"):
        morse_bott.conclusion(case)


def test_at_a_degenerate_minimum_the_loss_grows_with_the_fourth_power():
    """G = diag(1, 0), p = 2: along (t X₀, t Y₀) the loss is L* + t⁴ ‖X₀ Y₀‖²."""
    at = whitened((1, 0), 2)
    for t in range(4):
        A, B = rationals([[1, 0], [0, 2 * t]]), rationals([[1, 0], [0, 3 * t]])
        assert at.loss(A, B) == at.least + 36 * t**4


@settings(max_examples=20)
@given(_cases.gauges(3))
def test_no_gauge_flattens_a_unit_that_is_free_on_both_sides(M):
    """p > 2r: G = diag(2, 1), p = 3, J = {σ = 1}: λ_min ≤ −2 · 2 in every gauge."""
    none = rationals([]).reshape
    point = CriticalPoint(whitened((2, 1), 3), (1,), M, none(0, 2), none(2, 0), 0 * M[:, :2])
    H = point.instance.landscape.hessian(*point.weights)
    assert inertia(H + 4 * eye(len(H), H)).positive < len(H)
