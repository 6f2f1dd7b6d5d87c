"""The set of global minima: its pieces, the barrier between them, and the paths that join two."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize

from linae import Moments, Spectrum, SquaredLoss, certify, descend
from linae.exact import rationals
from linae.minima import barrier, connect, number_of_components, side

RNG = np.random.default_rng(11)
KINDS = {
    "gap": {"values": (4, 2, 1), "width": 2},
    "all of the rank": {"values": (4, 2, 0), "width": 2},
    "square": {"values": (4, 2, 1), "width": 3},
    "tie at the cut": {"values": (4, 2, 2, 2, 1), "width": 2},
    "tie inside": {"values": (2, 2, 1), "width": 2},
    "spare units": {"values": (4, 2, 0, 0), "width": 4},
    "nothing to learn": {"values": (0, 0), "width": 2},
    "complex": {"values": (4, 2, 1), "width": 2, "unit": 1j},
    "complex, tied": {"values": (4, 2, 2, 1), "width": 2, "unit": 1j},
    "complex, spare": {"values": (4, 2, 0, 0), "width": 3, "unit": 1j},
}


@pytest.fixture(autouse=True)
def _start():
    """The numbers of a test do not depend on which others ran before."""
    RNG.bit_generator.state = np.random.default_rng(11).bit_generator.state


def normal(*shape, unit=0):
    return RNG.standard_normal(shape) + unit * RNG.standard_normal(shape)


def orthogonal(size, unit=0):
    return np.linalg.qr(normal(size, size, unit=unit))[0]


def landscape_of(values, width, unit=0):
    """Targets with Σ = U diag(values) Uᴴ, noise that nothing explains, and one unseen input."""
    n = len(values)
    U, V = orthogonal(n, unit), orthogonal(n + 1, unit)[:n]
    R = normal(n + 2, n + 1, unit=unit)
    Fx = np.concatenate([R, np.zeros((n + 2, 1))], axis=1)
    Fy = np.concatenate([U * np.sqrt(values) @ V, normal(n, 1, unit=unit)], axis=1)
    S = Fx @ Fx.conj().T, Fy @ Fx.conj().T, Fy @ Fy.conj().T
    return SquaredLoss(Moments(*S, (Fx, Fy)), width)


def minimum(landscape, unit=0, sign=0):
    """A random global minimum: eigenvectors of ties turned, any gauge, kernel blocks; with a given
    sign of det M, if that is not 0."""
    s, p = landscape.spectrum, landscape.width
    r, vectors, rows, start = min(p, s.rank), s.vectors.copy(), s.rows.copy(), 0
    for size in s.multiplicities:
        Q, tied = orthogonal(size, unit), slice(start, start + size)
        vectors[:, tied], rows[tied] = vectors[:, tied] @ Q, Q.conj().T @ rows[tied]
        start += size
    free = s.vectors[:, s.rank :], s.free_rows
    x = int(RNG.integers(0, min(p - r, free[0].shape[1]) + 1))
    X, Y = np.zeros((free[0].shape[1], p - r)), np.zeros((p - r, len(free[1])))
    X[:, :x], Y[x:] = RNG.standard_normal(X[:, :x].shape), RNG.standard_normal(Y[x:].shape)
    M = normal(p, p, unit=unit)
    if sign and np.linalg.slogdet(M)[0] != sign:
        M[0] = -M[0]
    A = np.concatenate([vectors[:, :r], free[0] @ X], axis=1) @ np.linalg.inv(M)
    B = M @ np.concatenate([rows[:r], Y @ free[1]])
    return A, B + normal(*B.shape, unit=unit) @ s.null_projector


def losses_along(landscape, path, count=61):
    return np.array([landscape.loss(*path(t)) for t in np.linspace(0, 1, count)])


@pytest.mark.parametrize(
    ("values", "width", "height"),
    [
        ((3, 1), 1, 2),
        ((3, 1), 2, 1),
        ((3, 1), 3, 0),
        ((3, 0), 1, 3),
        ((3, 0), 2, 0),
        ((3, 3), 1, 0),
        ((0,), 1, 0),
    ],
)
def test_the_barrier_is_the_gap_at_the_cut(values, width, height):
    """In fractions for fractions; 0 over ℂ; two components iff it is positive."""
    S = rationals(np.diag(values))
    exact = barrier(Spectrum.of(Moments.auto(S)), width)
    assert exact == height
    assert isinstance(exact, Fraction)
    rounded = Spectrum.of(Moments.auto(np.diag(values)))
    assert barrier(rounded, width) == pytest.approx(height, rel=1e-15)
    assert number_of_components(Spectrum.of(Moments.auto(S)), width) == 1 + (height > 0)
    for complex_S in (rationals(S + 0j), np.diag(values) + 0j):
        spectrum = Spectrum.of(Moments.auto(complex_S))
        assert barrier(spectrum, width) == 0
        assert number_of_components(spectrum, width) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_constant_between_minima_of_one_component(kind):
    """To 1e-12 of the loss without a map, on a path in the numbers of the data, without jumps."""
    unit = KINDS[kind].get("unit", 0)
    landscape = landscape_of(**KINDS[kind])
    for sign in (1, -1, 1, -1):
        two = not unit and number_of_components(landscape.spectrum, landscape.width) == 2
        ends = [minimum(landscape, unit, sign if two else 0) for _ in range(2)]
        path = connect(landscape, *ends)
        assert not path.crosses
        assert path.climb == 0
        losses = losses_along(landscape, path)
        assert np.ptp(losses) <= 1e-12 * float(landscape.moments.total)
        steps = [path(t) for t in np.linspace(0, 1, 2001)]
        assert all(np.iscomplexobj(A) == bool(unit) for A, _ in steps)
        sizes = [max(np.abs(w).max() for w in weights) for weights in steps]
        jumps = [
            max(np.abs(v - w).max() for v, w in zip(*pair, strict=True)) for pair in pairwise(steps)
        ]
        assert max(jumps) <= 0.1 * max(sizes)


@pytest.mark.parametrize("kind", ["gap", "all of the rank", "square", "tie inside"])
def test_a_crossing_climbs_by_exactly_the_gap(kind):
    """To 1e-9; the top of the path is a saddle of index 1."""
    landscape = landscape_of(**KINDS[kind])
    height = barrier(landscape.spectrum, landscape.width)
    assert height > 0.5
    for sign in (1, -1):
        ends = minimum(landscape, sign=sign), minimum(landscape, sign=-sign)
        assert [side(landscape.spectrum, A) for A, _ in ends] in ([1, -1], [-1, 1])
        path = connect(landscape, *ends)
        assert path.crosses
        assert path.climb == height
        assert np.ptp(losses_along(landscape, path)) == pytest.approx(height, abs=1e-9)
        pass_ = certify(landscape, *path(0.5))
        assert pass_.critical is not None
        assert pass_.critical.index == 1


@pytest.mark.parametrize("kind", ["gap", "all of the rank", "square"])
def test_no_singular_decoder_is_lower(kind):
    """Floating: minimising the loss where det(U_pᵀA) = 0 finds the barrier."""
    landscape = landscape_of(**KINDS[kind])
    s, p, n = landscape.spectrum, landscape.width, landscape.moments.n

    def least_loss(numbers):
        """For A = [U_⊥ z, A′]: up to a gauge every decoder with det(U_pᵀA) = 0."""
        z, rest = numbers[: n - p], numbers[n - p :].reshape(n, p - 1)
        A = np.concatenate([(s.vectors[:, p:] @ z)[:, None], rest], axis=1)
        return float(landscape.loss(A, np.linalg.pinv(A) @ s.regression))

    found = min(minimize(least_loss, normal(n - p + n * (p - 1))).fun for _ in range(5))
    least = landscape.class_loss(tuple(range(p)))
    assert found - least == pytest.approx(barrier(s, p), abs=1e-8)


@pytest.mark.parametrize("width", [1, 2])
def test_the_ends_are_the_given_weights(width):
    """Bit by bit, or fraction by fraction."""
    landscape = SquaredLoss(Moments.auto(rationals([[3, 0], [0, 1]])), width)
    A, B = next(landscape.critical_classes()).weights()
    exact = (A, B), (A * Fraction(-1, 3), B * -3)
    rounded = [tuple(w.astype(float) for w in end) for end in exact]
    for ends in (exact, rounded):
        path = connect(landscape, *ends)
        for end, t in zip(ends, (0, 1), strict=True):
            assert all(np.array_equal(v, w) for v, w in zip(path(t), end, strict=True))
        assert path.crosses == (width == 1)
        assert path.climb == (barrier(landscape.spectrum, width) if width == 1 else 0)
    assert isinstance(connect(landscape, *exact).climb, Fraction)


def test_half_turns_stay_real():
    """D = −1 in even dimensions, where the principal logarithm is not real."""
    landscape = SquaredLoss(Moments.auto(np.diag([4.0, 3.0, 2.0, 1.0, 0.5])), 4)
    A, B = next(landscape.critical_classes()).weights()
    path = connect(landscape, (A, B), (-A, -B))
    assert not path.crosses
    assert path(0.4)[0].dtype == float
    assert np.ptp(losses_along(landscape, path)) <= 1e-12 * float(landscape.moments.total)


def test_complex_weights_join_mirror_images_of_real_data():
    """The barrier is one of real weights."""
    landscape = SquaredLoss(Moments.auto(np.diag([3.0, 1.0])), 1)
    A, B = next(landscape.critical_classes()).weights()
    path = connect(landscape, (A + 0j, B + 0j), (-A, -B))
    assert not path.crosses
    assert np.ptp(losses_along(landscape, path)) <= 1e-12 * float(landscape.moments.total)
    assert connect(landscape, (A, B), (-A, -B)).crosses


def test_minima_found_by_descent_can_be_joined():
    """Weights that are least to rounding only."""
    X = RNG.standard_normal((50, 4)) * [2, 1.5, 0.5, 0.2]
    landscape = SquaredLoss(Moments.from_data(X), 2)
    run = descend(landscape, 0.3 * normal(6, 4, 2), 0.3 * normal(6, 2, 4))
    assert run.reason == "converged"
    first, *others = zip(*run.weights, strict=True)
    paths = [connect(landscape, first, other) for other in others]
    assert {path.crosses for path in paths} == {True, False}
    for path in paths:
        assert np.ptp(losses_along(landscape, path)) == pytest.approx(path.climb, abs=1e-9)


def test_only_global_minima_are_joined():
    """Requirement and received value."""
    landscape = SquaredLoss(Moments.auto(np.diag([3.0, 1.0])), 1)
    best, saddle, _ = (critical.weights() for critical in landscape.critical_classes())
    with pytest.raises(ValueError, match=r"Need weights of the least loss 1\.0\. Got loss 3\.0\."):
        connect(landscape, best, saddle)
    with pytest.raises(ValueError, match="Need weights of shapes"):
        connect(landscape, best, best[::-1])
    with pytest.raises(ValueError, match=r"Got loss nan\."):
        connect(landscape, best, (best[0] * np.nan, best[1]))
    with pytest.raises(ValueError, match=r"Need 1 <= width\. Got width = 0\."):
        barrier(landscape.spectrum, 0)


def test_a_gap_within_rounding_is_not_guessed():
    """λ₁ − λ₂ = 4e-16: the class of a diagonal decoder is open."""
    landscape = SquaredLoss(Moments.auto(np.diag([1 + 4e-16, 1.0])), 1)
    s = landscape.spectrum
    A = np.array([[1.0], [1.0]]) / np.sqrt(2)
    if number_of_components(s, 1) == 2:
        with pytest.raises(ValueError, match="Need eigenvalues that are equal or apart"):
            connect(landscape, (A, A.T), (A, A.T))
    else:
        assert not connect(landscape, (A, A.T), (-A, -A.T)).crosses


def test_connections_print_one_line():
    """Height of the pass, or none."""
    landscape = SquaredLoss(Moments.auto(np.diag([3.0, 1.0])), 1)
    A, B = next(landscape.critical_classes()).weights()
    assert str(connect(landscape, (A, B), (-A, -B))).endswith("over a pass of height 2")
    assert str(connect(landscape, (A, B), (A, B))).endswith("on the level")
