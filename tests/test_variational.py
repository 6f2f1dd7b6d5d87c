"""The linear variational autoencoder, by quadrature, enumeration and root searches."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from scipy.optimize import root
from scipy.stats import multivariate_normal, norm

from linae import Moments, Verdict, certify
from linae.data import iris
from linae.exact import rationals
from linae.landscapes.rescaled import rescaling
from linae.landscapes.variational import Variational


def landscape(values, width, noise=0.5, beta=1):
    """S = diag(λ)."""
    return Variational(Moments.auto(np.diag(np.array(values, dtype=float))), width, noise, beta)


def anywhere(at, rng):
    """Weights with variances around 1."""
    *maps, d = (rng.standard_normal(shape) for shape in at.shapes)
    return *maps, np.exp(d / 2)


def at_best(at, A):
    """The encoder and the variances that are best for a decoder, by the normal equations."""
    M = A.T @ A + at.water * np.eye(at.width)
    return A, np.linalg.solve(M, A.T), at.water / np.diag(M)[None]


def likelihood(at, A):
    """E log p(x) of probabilistic PCA, β = 1."""
    n = len(A)
    C = A @ A.T + float(at.noise) * np.eye(n)
    values = np.sqrt(np.diag(at.moments.Sxx) * n)  # as samples ± √(nλ) u, whose mean square is S
    samples = np.concatenate([np.diag(values), -np.diag(values)])
    return multivariate_normal(np.zeros(n), C).logpdf(samples).mean()


def test_the_loss_is_the_negative_elbo():
    """By Gauss and Hermite, of the densities themselves: E over samples and codes of log p(x | z),
    minus β times that of log q(z | x) − log p(z)."""
    rng = np.random.default_rng(1)
    X, nodes = rng.standard_normal((5, 3)), np.polynomial.hermite_e.hermegauss(12)
    at = Variational(Moments.auto(X.T @ X / len(X)), 2, 0.7, 1.8)
    A, B, d = anywhere(at, rng)
    total = 0.0
    for x in X:
        for (e, v), (f, w) in product(zip(*nodes, strict=True), repeat=2):
            z = B @ x + np.sqrt(d[0]) * [e, f]
            bits = norm(B @ x, np.sqrt(d[0])).logpdf(z) - norm(0, 1).logpdf(z)
            fit = multivariate_normal(A @ z, 0.7 * np.eye(3)).logpdf(x)
            total += v * w / (2 * math.pi) * (fit - 1.8 * bits.sum())
    assert at.elbo(A, B, d) == pytest.approx(total / len(X), abs=1e-10)
    constant = 3 * 0.7 * math.log(2 * math.pi * 0.7)
    assert at.loss(A, B, d) == pytest.approx(-2 * 0.7 * total / len(X) - constant, abs=1e-10)


def test_beta_is_a_larger_noise():
    """ELBO_β(σ²) = β ELBO₁(βσ²), up to a constant, at random weights: both are of the order 100,
    and differ by some of their last digits."""
    rng, values = np.random.default_rng(2), (4, 2, 1, 0.5)
    first, second = landscape(values, 3, 0.6, 2.5), landscape(values, 3, 1.5)
    shifts = []
    for _ in range(5):
        weights = anywhere(first, rng)
        shifts.append(first.elbo(*weights) - 2.5 * second.elbo(*weights))
    n, two_pi = 4, 2 * math.pi
    claimed = 2.5 * n / 2 * math.log(two_pi * 1.5) - n / 2 * math.log(two_pi * 0.6)
    np.testing.assert_allclose(shifts, claimed, rtol=0, atol=6e-14)


def test_the_gap_to_the_likelihood_is_that_of_hadamard():
    """At the best encoder it is ½ (Σ log M_hh − log det M); 0 if and only if AᵀA is diagonal."""
    rng = np.random.default_rng(3)
    at = landscape((4, 2, 1), 2)
    for A in (rng.standard_normal((3, 2)), np.array([[1.0, 0], [0, 2], [0, 0]])):
        M = A.T @ A + 0.5 * np.eye(2)
        gap = (np.log(np.diag(M)).sum() - np.linalg.slogdet(M)[1]) / 2
        assert likelihood(at, A) - at.elbo(*at_best(at, A)) == pytest.approx(gap, abs=2e-14)
    assert gap == 0


def test_the_best_encoder_leaves_an_elbo_of_the_decoder():
    """−½ (n log 2π + (n − p) log σ² + Σ log M_hh + tr C⁻¹S), to rounding; and other encoders
    and variances have less."""
    rng, at = np.random.default_rng(8), landscape((4, 2, 1), 2)
    for _ in range(5):
        A, B, d = at_best(at, rng.standard_normal((3, 2)))
        M, C = A.T @ A + 0.5 * np.eye(2), A @ A.T + 0.5 * np.eye(3)
        fit = np.trace(np.linalg.solve(C, at.moments.Sxx)) + np.log(np.diag(M)).sum()
        claimed = -(3 * math.log(2 * math.pi) + math.log(0.5) + fit) / 2
        assert at.elbo(A, B, d) == pytest.approx(claimed, rel=1e-15, abs=0)
        _, C, e = anywhere(at, rng)
        assert at.elbo(A, B + C / 10, d) < claimed > at.elbo(A, B, d * e)


def test_full_blocks_pay_for_the_spread_of_their_components():
    """Against latents of their own: b/2 log of the squared mean of √λ over the geometric mean of λ;
    two latents that share one component have m = (λ + √(λ² + 8 λ θ))/4."""
    at = landscape((5, 3, 2), 3)
    for J in ((0, 1), (0, 2), (0, 1, 2)):
        b, x = len(J), np.array((5.0, 3, 2))[list(J)]
        off = [-1] * (3 - b)
        deficit = (at.class_loss((-3, *J, *off)) - at.class_loss((*J, *off))) / (2 * 0.5)
        geometric = np.prod(x) ** (1 / b)
        assert deficit == pytest.approx(b / 2 * math.log(np.sqrt(x).mean() ** 2 / geometric))
    A, _, _ = at.class_weights((-3, 0, -2, -1))
    assert (A * A).sum() + 0.5 == pytest.approx((5 + math.sqrt(25 + 8 * 5 * 0.5)) / 4)


def brute_force(values, width, theta):
    """Sets of disjoint blocks (components, latents) with m > θ, generic spectra."""
    found = set()

    def stands(J, b):
        s = sum(math.sqrt(values[j]) for j in J)
        root = (s + math.sqrt(s * s + 4 * b * (b - len(J)) * theta)) / (2 * b)
        return all(root * math.sqrt(values[j]) > theta for j in J)

    every = [
        (frozenset(J), b)
        for b in range(1, width + 1)
        for r in range(1, b + 1)
        for J in combinations(range(len(values)), r)
        if stands(J, b)
    ]
    for count in range(width + 1):
        for blocks in combinations(every, count):
            used = [j for J, _ in blocks for j in J]
            if len(used) == len(set(used)) and sum(b for _, b in blocks) <= width:
                found.add(frozenset(blocks))
    return found


@pytest.mark.parametrize(
    ("values", "width", "noise", "beta", "singles", "every"),
    [
        ((5, 3, 2), 2, 0.5, 1, 7, 13),
        ((5, 3, 2, 1), 3, 0.5, 1, 15, 63),
        ((5.1, 4, 3, 2, 1.2), 3, 0.5, 1, 26, 116),
        ((5.1, 4, 3, 2, 1.2), 3, 0.4, 2.5, 26, 116),
        ((5.1, 4, 3, 2, 1.2), 3, 1.4, 1, 15, None),
    ],
    ids=str,
)
def test_every_predicted_point_is_critical(values, width, noise, beta, singles, every):
    """As many as there are by brute force, with the predicted inertia by eigenvalues, and one
    minimum; those of probabilistic PCA are the ones in which nothing is shared."""
    at = landscape(values, width, noise, beta)
    classes = list(at.critical_classes())
    listed = {
        frozenset((frozenset(b[0]), b[1]) for b in at.latents.blocks_of(c.index_set))
        for c in classes
    }
    assert listed == brute_force(values, width, noise * beta)
    assert len(classes) == len(listed) == (every or len(listed))
    assert sum(-3 not in c.index_set for c in classes) == singles
    assert [c.index for c in classes].count(0) == 1
    for critical in classes:
        weights = critical.weights()
        assert max(np.abs(g).max() for g in at.gradient(*weights)) < 1e-15 * sum(values) / noise
        found, tiny = np.linalg.eigvalsh(at.hessian(*weights)), 1e-9
        assert ((found < -tiny).sum(), (abs(found) <= tiny).sum()) == critical.inertia[:2]
        if -3 not in critical.index_set:
            on = [j for j in critical.index_set if j >= 0]
            alive = [k for k, x in enumerate(values) if x > noise * beta and k not in on]
            swaps = sum(k < j for k in alive for j in on)
            assert critical.index == swaps + (width - len(on)) * len(alive)
            assert critical.nullity == 0


def test_what_shares_components_is_not_critical_for_probabilistic_pca():
    """The gradient of E log p(x), by differences, is A (diag(M)⁻¹ − M⁻¹)."""
    at = landscape((5, 3, 2), 2)
    for critical in at.critical_classes():
        A, h = critical.weights()[0], 1e-5
        steps = (h * e.reshape(A.shape) for e in np.eye(A.size))
        slope = [(likelihood(at, A + e) - likelihood(at, A - e)) / (2 * h) for e in steps]
        M = A.T @ A + 0.5 * np.eye(2)
        claimed = A @ (np.diag(1 / np.diag(M)) - np.linalg.inv(M))
        np.testing.assert_allclose(slope, claimed.ravel(), rtol=0, atol=1e-8)
        assert (np.abs(slope).max() < 1e-8) == (-3 not in critical.index_set)
        assert (np.abs(slope).max() > 0.01) == (-3 in critical.index_set)


def test_blind_root_searches_find_nothing_else():
    """n = 3, p = 2: all zeros of the gradient that are not at infinity are listed, and many values
    are found. The component 0.4 < θ is not out of the race: it may be shared."""
    at, rng = landscape((6, 2, 0.4), 2), np.random.default_rng(4)
    listed = np.array([float(c.loss) for c in at.critical_classes()])

    def slope(vector):
        return at.flatten(at.gradient(*at.unflatten(vector)))

    found = []
    for _ in range(60):
        A, B, d = anywhere(at, rng)
        end = root(slope, at.flatten((2 * A, B, d)), tol=1e-13, options={"maxfev": 600})
        if np.abs(end.fun).max() < 1e-9 and np.abs(end.x).max() < 50:
            found.append(at.loss(*at.unflatten(end.x)))
    gaps = np.abs(np.subtract.outer(found, listed))
    assert gaps.min(axis=1).max() < 1e-9
    assert len(set(gaps.argmin(axis=1))) >= 6


def profile(A, S, theta):
    """The gradient in A of the ELBO at the best encoder and variances, and its derivatives in all
    entries, for a batch of decoders."""
    (n, p), At = A.shape[1:], A.swapaxes(1, 2)
    K = np.linalg.inv(A @ At + theta * np.eye(n))
    H, delta = K @ S @ K, (A * A).sum(axis=1, keepdims=True) + theta
    P, Q, V = H @ A, K @ A, A / delta
    both = np.einsum("kic,kja->kiajc", P, Q)
    bend = np.einsum("kij,kac->kiajc", H, np.eye(p) - At @ Q) - both - both.transpose(0, 3, 4, 1, 2)
    bend -= np.einsum("kij,kac->kiajc", K, At @ P)
    own = 2 * np.einsum("kia,kja->kiaj", V, V) - np.eye(n)[:, None] / delta[..., None]
    bend += own[..., None] * np.eye(p)[:, None]
    return P - V, bend.reshape(-1, n * p, n * p)


def roots_from(A, S, theta, steps=20):
    """Newton's method, steps of at most 0.7: what converged, and did not flee."""
    found = []
    for _ in range(steps):
        slope, curvature = profile(A, S, theta)
        still = np.abs(slope).max(axis=(1, 2)) < 1e-11
        found.append(A[still])
        rest = ~still & (np.abs(A).max(axis=(1, 2)) < 50)
        A, slope, curvature = A[rest], slope[rest].reshape(-1, A[0].size, 1), curvature[rest]
        step = np.linalg.solve(curvature, slope)
        step *= np.minimum(1, 0.7 / np.linalg.norm(step, axis=1, keepdims=True))
        A = A - step.reshape(A.shape)
    return np.concatenate(found)


@pytest.mark.parametrize(
    ("values", "width", "starts", "least"),
    [((5, 3, 2), 2, 3000, 12), ((5, 3, 2, 1), 3, 14_000, 52)],
)
def test_thousands_of_root_searches_find_nothing_else(values, width, starts, least):
    """In the decoder alone, the encoder and the variances at their best: most of the 13 and of the
    63 predicted values, and no others; the predicted points are zeros to rounding."""
    at, rng = landscape(values, width), np.random.default_rng(4)
    S, A = at.moments.Sxx, rng.standard_normal((1, len(values), width))
    for e, claimed in zip(1e-5 * np.eye(A.size), profile(A, S, 0.5)[0].flat, strict=True):
        ahead, back = (at.elbo(*at_best(at, A[0] + s * e.reshape(A[0].shape))) for s in (1, -1))
        assert (ahead - back) / 2e-5 == pytest.approx(claimed, abs=1e-8)
    listed = list(at.critical_classes())
    known = np.array([critical.weights()[0] for critical in listed], dtype=float)
    assert np.abs(profile(known, S, 0.5)[0]).max() < 2e-15
    found = roots_from(0.6 * rng.standard_normal((starts, len(values), width)), S, 0.5)
    M = found.swapaxes(1, 2) @ found + 0.5 * np.eye(width)
    d = 0.5 / np.diagonal(M, axis1=1, axis2=2)[:, None]
    losses = at.loss(found, np.linalg.solve(M, found.swapaxes(1, 2)), d)
    gaps = np.abs(np.subtract.outer(losses, [float(c.loss) for c in listed]))
    assert gaps.min(axis=1).max() < 1e-12
    assert len(set(gaps.argmin(axis=1))) >= least


def test_the_gradient_vanishes_at_infinity_too():
    """Like 1/‖A‖ at the best encoder: a root search may flee there, to a loss that is infinite."""
    at = landscape((4, 1), 1)
    slopes, losses = [], []
    for scale in (1e2, 1e4):
        weights = at_best(at, np.array([[scale], [0.0]]))
        slopes.append(max(np.abs(g).max() for g in at.gradient(*weights)))
        losses.append(at.loss(*weights))
    assert slopes[0] == pytest.approx(1 / 100, rel=0.01)
    assert slopes[0] / slopes[1] == pytest.approx(100, rel=0.01)
    assert losses[1] - losses[0] == pytest.approx(0.5 * 2 * math.log(100), rel=0.01)


@pytest.mark.parametrize("values", [(5, 5, 2, 1), (3, 3, 3), (4, 4, 1, 1), (2, 1, 0)], ids=str)
def test_ties_and_zeros_are_flat_directions(values):
    """Counted by eigenvalues: also of components of two different blocks that tie."""
    at = landscape(values, 3)
    for critical in at.critical_classes():
        found = np.linalg.eigvalsh(at.hessian(*critical.weights()))
        counts = (found < -1e-9).sum(), (abs(found) <= 1e-9).sum()
        assert counts == critical.inertia[:2], str(critical)


def test_latents_of_one_component_each_are_exact():
    """λ = θ + c² with c rational, whatever the other roots are."""
    at = Variational(Moments.auto(np.diag(rationals([5, 3, 2]))), 2, 1)
    certificate = certify(at, *at.class_weights((0, 2)))
    assert (certificate.evidence, certificate.verdict) == ("exact", Verdict.CERTIFIED)
    assert at.class_weights((0, 1))[0].dtype == float


def test_a_component_at_the_level_of_a_spare_latent_is_a_flat_direction():
    """Exactly: θ = 1, two latents share λ = 9/2, so that δ = 2, and 1/2 = θ²/δ is below θ."""
    for value, counts in (("1/2", (1, 1, 8)), ("1/3", (1, 0, 9)), ("2/3", (2, 0, 8))):
        at = Variational(Moments.auto(np.diag(rationals(["9/2", value]))), 2, 1)
        certificate = certify(at, *at.class_weights((-3, 0, -2)))
        assert (certificate.evidence, certificate.verdict) == ("exact", Verdict.CERTIFIED)
        assert certificate.found == counts


def test_index_sets_of_blocks_can_be_read_back():
    """Ties included: single latents of tied components are one block."""
    for values in ((5, 3, 2, 1), (3, 3, 2), (2, 2, 2)):
        at = landscape(values, 3)
        for critical in at.critical_classes():
            blocks = at.latents.blocks_of(critical.index_set)
            assert at.latents.index_set(blocks, 3) == critical.index_set
    assert landscape((3, 3, 2), 3).latents.blocks_of((0, 1, -1))[0] == ((0, 1), 2)


@pytest.mark.parametrize("gap", [1e-3, 1e-7, 1e-11, 1e-12, 1e-13, 1e-16, 1e-20])
def test_components_that_almost_tie_are_two(gap):
    """As many classes, of the same inertia, as where they are far apart, one a minimum; no
    certificate says otherwise."""
    apart = Variational(Moments.auto(np.diag(rationals([5, 4, 1]))), 2, Fraction(1, 10))
    close = Moments.auto(np.diag(rationals([5, 5 - Fraction(gap), 1])))
    at, counts = Variational(close, 2, Fraction(1, 10)), {}
    for critical in at.critical_classes():
        counts[critical.index_set] = critical.inertia
        certificate = certify(at, *critical.weights())
        assert certificate.verdict is not Verdict.REFUTED, certificate
        if certificate.verdict is Verdict.CERTIFIED:
            assert certificate.critical.index_set == critical.index_set
            assert certificate.predicted == critical.inertia
    assert counts == {c.index_set: c.inertia for c in apart.critical_classes()}
    assert at.number_of_classes == len(counts) == 13
    assert [inertia.negative for inertia in counts.values()].count(0) == 1


@pytest.mark.parametrize("gap", [1e-5, 1e-8, 1e-10, 1e-12, 1e-15, 1e-18])
def test_an_eigenvalue_just_above_the_noise_is_worth_little(gap):
    """λ − θ − θ log(λ/θ), to 80 digits by decimals; the worse classes are listed later, and none is
    refuted."""
    values = rationals([5, 3])
    at = Variational(Moments.auto(np.diag(values)), 2, 3 - Fraction(gap))
    with localcontext(prec=80):
        x, theta = Decimal(3), Decimal(at.water.numerator) / Decimal(at.water.denominator)
        worth = float(x - theta - theta * (x / theta).ln())
    assert at.class_gain((1, -1)) == pytest.approx(worth, rel=1e-9, abs=0)
    listed = [c.index_set for c in at.critical_classes()]
    assert listed[0] == (0, 1)
    assert listed.index((1, -1)) < listed.index((-3, 1, -2)) < listed.index((-1, -1))
    for critical in at.critical_classes():
        certificate = certify(at, *critical.weights())
        assert certificate.verdict is not Verdict.REFUTED, certificate
    assert certify(at, *at.class_weights((-1, -1))).verdict is Verdict.CERTIFIED


@pytest.mark.parametrize("unit", [1e-10, 1e3, 1e10])
def test_the_unit_of_the_data_does_not_matter(unit):
    """For iris: all classes are certified, saddles by an escape along which the loss falls."""
    moments = Moments.from_data(unit * np.genfromtxt(iris(), delimiter=",", skip_header=1))
    at = Variational(moments, 2, moments.total / 100)
    for critical in at.critical_classes():
        certificate = certify(at, *critical.weights())
        assert certificate.verdict is Verdict.CERTIFIED, certificate
        assert certificate.critical.index_set == critical.index_set
        if certificate.witness is not None:
            fall = at.loss(*certificate.witness(0)) - at.loss(*certificate.witness(1))
            assert fall == pytest.approx(certificate.witness.drop)
            assert fall > 0


@pytest.mark.parametrize(("values", "theta"), [((1e5, 2, 1), 1.5), ((5, 3, 2), 1e-6)], ids=str)
def test_variances_of_different_sizes_are_told(values, theta):
    """d < 10⁻⁴ of one latent, 1 of another that is off: θ/d² spreads over nine digits and more."""
    at = landscape(values, 2, theta)
    for J in ((0, 1), (0, -1), (1, -1), (-1, -1)):
        certificate = certify(at, *at.class_weights(J))
        assert certificate.verdict is Verdict.CERTIFIED, certificate


def test_other_units_of_weights_are_a_congruence():
    """With powers of two, exactly: the same loss, slopes and curvatures along moved directions."""
    at, rng = landscape((700, 30, 2), 2, 5), np.random.default_rng(6)
    weights, v, w = (anywhere(at, rng) for _ in range(3))
    move = rescaling(at, weights[2])
    point, moved, other = (move(*x) for x in (weights, v, w))
    there = move.landscape
    assert (there.scale, there.unit.water) == (1024, 5 / 1024)
    assert all(np.array_equal(x, y) for x, y in zip(move.back(*moved), v, strict=True))
    assert there.loss(*point) == pytest.approx(at.loss(*weights), rel=1e-13)
    pairs = (
        (at.gradient(*weights), there.gradient(*point)),
        (at.hessian_vector(weights, w), there.hessian_vector(point, other)),
    )
    for here, image in pairs:
        slopes = at.flatten(here) @ at.flatten(v), at.flatten(image) @ at.flatten(moved)
        assert slopes[0] == pytest.approx(slopes[1], rel=1e-12)
    image = at.flatten(there.hessian_vector(point, other))
    np.testing.assert_allclose(there.hessian(*point) @ at.flatten(other), image, rtol=1e-11)


def test_what_is_outside_is_infinitely_bad_or_refused():
    """Variances are positive; gauges are permutations with signs; so are σ² and β."""
    at = landscape((4, 1), 2)
    A, B, d = next(at.critical_classes()).weights()
    assert at.loss(A, B, -d) == math.inf
    moved = next(at.critical_classes()).weights(np.array([[0, -1], [1, 0]]))
    assert at.loss(*moved) == pytest.approx(at.loss(A, B, d))
    assert not np.allclose(moved[2], d)
    with pytest.raises(ValueError, match="signed permutation"):
        at.class_weights((0, 1), np.array([[0.6, 0.8], [-0.8, 0.6]]))
    for noise, beta in ((0, 1), (1, Fraction(-1))):
        with pytest.raises(ValueError, match="Need 0 <"):
            landscape((4, 1), 1, noise, beta)
