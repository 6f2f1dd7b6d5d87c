"""Every landscape, found by walking the package: closed forms are held against definitions."""

import importlib
import inspect
import pkgutil
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

from linae import CriticalClass, Moments, Verdict, calculus, certify, inertia, landscapes
from linae.data import iris
from linae.exact import Gaussian, floating, rationals
from linae.landscapes.base import Landscape
from linae.landscapes.nested import NestedLoss
from linae.landscapes.nonuniform import NonuniformDecay
from linae.landscapes.tied import TiedWeights
from linae.landscapes.weight_decay import WeightDecay
from linae.options import built, known_landscapes
from proofs._auto import Start, arrival
from proofs.weight_sharing import anisotropic, best_shared, best_symmetric

MODULES = [
    importlib.import_module(f"{landscapes.__name__}.{module.name}")
    for module in pkgutil.iter_modules(landscapes.__path__)
]
LANDSCAPES = [
    member
    for module in MODULES
    for member in vars(module).values()
    if inspect.isclass(member) and issubclass(member, Landscape)
    if member.__module__ == module.__name__ and not inspect.isabstract(member)
]
SPECTRA = [(4, 1), (3, 3, 1), (2, 1, 0), (2, 0), (1,), (0, 0)]

every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES, ids=lambda x: x.__name__)


def example(landscape, moments, width=2):
    """An instance; arguments have the values of this list, other numbers are ½."""
    values = {
        "moments": moments,
        "width": width,
        "widths": [width, width],
        "decays": [Fraction(2 * h + 1, 4) for h in range(width)],
    }
    names = inspect.signature(landscape).parameters
    return landscape(*(values.get(name, Fraction(1, 2)) for name in names))


def auto(values):
    """Auto-association with Sxx = diag(λ), exactly."""
    return Moments.auto(np.diag(rationals(values)))


def anywhere(landscape, rng, unit=0):
    """Weights of few digits, as exact numbers; where a loss is no polynomial, positive ones of full
    rank."""
    draws = [rng.integers(-3, 4, (2, *shape)) for shape in landscape.shapes]
    if landscape.degree is None:
        draws = [1 + abs(draw) + 4 * np.eye(*draw.shape[1:], dtype=int) for draw in draws]
    return tuple(rationals(re) / Fraction(2) + unit * rationals(im) for re, im in draws)


def check_derivatives(landscape, weights):
    """Gradient, Hessian and Hessian-vector products, by values of the loss on lines."""
    if landscape.degree is None:
        H = check_differences(landscape, weights)
    else:
        H = calculus.hessian(landscape.loss, weights, landscape.degree)
        slope = calculus.gradient(landscape.loss, weights, landscape.degree)
        assert np.array_equal(landscape.flatten(landscape.gradient(*weights)), slope)
    assert np.array_equal(landscape.hessian(*weights), H)
    for column, direction in zip(H.T, calculus.unit_directions(weights), strict=True):
        image = landscape.flatten(landscape.hessian_vector(weights, direction))
        assert np.array_equal(image, column)


def check_differences(landscape, weights, step=1e-3):
    """Of a loss that is no polynomial, the Hessian; it and the gradient against differences of
    sixth order, whose error is below 1e-12 and some rounding."""
    H, slope = landscape.hessian(*weights), landscape.flatten(landscape.gradient(*weights))
    point = landscape.flatten([floating(w) for w in weights])

    def along(function, e):
        ahead = [function(*landscape.unflatten(point + k * step * e)) for k in (1, 2, 3)]
        back = [function(*landscape.unflatten(point - k * step * e)) for k in (1, 2, 3)]
        near, far, farther = (x - y for x, y in zip(ahead, back, strict=True))
        return (45 * near - 9 * far + farther) / (60 * step)

    def flat_gradient(*point):
        return landscape.flatten(landscape.floating.gradient(*point))

    for e, first, column in zip(np.eye(len(point)), slope, floating(H).T, strict=True):
        assert along(landscape.loss, e) == pytest.approx(float(first), abs=1e-9)
        np.testing.assert_allclose(along(flat_gradient, e), column, rtol=0, atol=1e-9)
    return H


@every_landscape
@pytest.mark.parametrize(
    "S", [[[2, 1], [1, 3]], [[1, 1, 0], [1, 1, 0], [0, 0, 1]]], ids=["regular", "singular"]
)
def test_derivatives_are_those_of_the_loss(landscape, S):
    """At exact weights that are nowhere in particular, with `==`."""
    at = example(landscape, Moments.auto(rationals(S)))
    rng = np.random.default_rng(5)
    for _ in range(3):
        check_derivatives(at, anywhere(at, rng))


@every_landscape
def test_complex_data_are_refused_or_have_their_derivatives(landscape):
    """By real and imaginary parts."""
    i = Gaussian(Fraction(0), Fraction(1))
    moments = Moments.auto(rationals([[2, i], [-i, 3]]))
    try:
        at = example(landscape, moments, width=1)
    except ValueError:
        with pytest.raises(ValueError, match="complex"):
            example(landscape, moments, width=1)
    else:
        check_derivatives(at, anywhere(at, np.random.default_rng(5), i))


@every_landscape
def test_a_batch_of_weights_gives_a_batch_of_losses(landscape):
    """And of gradients and Hessian-vector products: leading axes are carried through."""
    at = example(landscape, auto((4, 1))).floating
    batch = [np.random.default_rng(5).standard_normal((3, *shape)) for shape in at.shapes]
    if at.degree is None:
        batch = [1 + abs(w) for w in batch]
    points = [tuple(w[k] for w in batch) for k in range(3)]
    np.testing.assert_allclose(at.loss(*batch), [at.loss(*point) for point in points])
    slopes = at.gradient(*batch), [at.gradient(*point) for point in points]
    turns = at.hessian_vector(batch, batch), [at.hessian_vector(w, w) for w in points]
    for together, singles in (slopes, turns):
        for part, alone in zip(together, zip(*singles, strict=True), strict=True):
            np.testing.assert_allclose(part, np.stack(alone))


def test_rounded_weights_are_placed_among_exact_tied_data():
    """Parts in ker S with a Gram matrix that rounding leaves unsymmetric are no exact ones."""
    at, rng = TiedWeights(auto((1, 0, 0)), 2), np.random.default_rng(0)
    for _ in range(20):
        A = np.concatenate([np.zeros((1, 2)), rng.standard_normal((2, 2))])
        assert at.place(A) is None or at.place(A).critical.index_set == ()


def test_tied_weights_say_whether_these_data_have_spurious_minima():
    """They do exactly if S ≠ 0 is singular and p < n."""
    for values, width, spurious in (((2, 0), 1, True), ((2, 1), 1, False), ((2, 0), 2, False)):
        known = TiedWeights(auto(values), width).known
        assert ("are spurious minima" in known) == spurious


@pytest.mark.parametrize(
    ("kind", "index_set", "count"),
    [
        ("nonuniform", (0, 1), 2),
        ("nested", (1, -1), 2),
        ("squared", (0, 1), 1),
        ("weight_decay", (0, 2), 2),
        ("dropout", (0, -3, 1), 2),
        ("dropout", (0, 1), 1),
    ],
)
def test_the_multiplicity_counts_the_index_sets_of_a_class(kind, index_set, count):
    """λ = 4, 4, 1 with two units: which units, or which blocks, have the tied components."""
    at = built(known_landscapes()[kind], auto((4, 4, 1)), 2, {})
    assert CriticalClass(at, index_set).multiplicity == count


@every_landscape
def test_what_is_known_names_its_theorem(landscape):
    """In sentences; its own theorem has the name of its file."""
    module = landscape.__module__.rpartition(".")[2]
    theorem = {"squared": "critical_points"}.get(module, module)
    known = example(landscape, auto((4, 1))).known
    assert f"(proofs/{theorem}.py" in known
    assert known.endswith(".")


@every_landscape
@pytest.mark.parametrize("values", SPECTRA, ids=str)
@pytest.mark.parametrize("width", [1, 2])
def test_classes_are_listed_best_first_and_certified(landscape, values, width):
    """Each once; the loss at the weights is that of the class; minima, if any, are the first."""
    at = example(landscape, auto(values), width)
    classes = list(at.critical_classes())
    losses = [float(c.loss) for c in classes]
    assert len({c.index_set for c in classes}) == len(classes)
    assert losses == sorted(losses)
    least = [critical.is_global_minimum for critical in classes]
    assert not any(least) or least == [loss == losses[0] for loss in losses]
    for critical in classes:
        weights = critical.weights()
        assert float(at.loss(*weights)) == pytest.approx(float(critical.loss), abs=1e-12)
        certificate = certify(at, *weights)
        assert certificate.critical.index_set == critical.index_set
        assert certificate.verdict is Verdict.CERTIFIED, certificate


@every_landscape
def test_classes_of_data_are_certified(landscape):
    """In double precision: iris, the best ones and the twentieth; where no inertia is predicted,
    rounding may leave it open."""
    data = np.genfromtxt(iris(), delimiter=",", skip_header=1)
    at = example(landscape, Moments.from_data(data))
    classes = list(at.critical_classes(best=20))
    for critical in (*classes[:4], classes[-1]):
        certificate = certify(at, *critical.weights())
        undecided = critical.inertia is None and certificate.verdict is Verdict.UNDECIDED
        assert undecided or certificate.verdict is Verdict.CERTIFIED, certificate
        if certificate.witness is not None:
            start, end = (at.floating.loss(*certificate.witness(t)) for t in (0, 1))
            assert start > end
            assert start - end == pytest.approx(float(certificate.witness.drop))


@every_landscape
@pytest.mark.parametrize("values", SPECTRA, ids=str)
@pytest.mark.parametrize("width", [1, 2, 3])
def test_spectra_in_closed_form_are_those_of_the_hessian(landscape, values, width):
    """Of each class, where there is one."""
    at = example(landscape, auto(values), width)
    for critical in at.critical_classes():
        if (claimed := critical.hessian_spectrum()) is not None:
            weights = (floating(w) for w in critical.weights())
            found = np.linalg.eigvalsh(at.floating.hessian(*weights))
            np.testing.assert_allclose(claimed, found, rtol=0, atol=1e-9)


@every_landscape
@pytest.mark.parametrize("values", [(4, 1), (2, 1, 0)], ids=str)
def test_a_root_search_only_finds_critical_values_that_are_listed(landscape, values):
    """Floating: zeros of the gradient, from random starts and from starts near each class.

    Where completeness is not proved, as for the nested loss, this is all that is known of it.
    """
    at, rng = example(landscape, auto(values)), np.random.default_rng(5)
    listed = list(at.critical_classes())
    starts = [anywhere(at, rng) for _ in range(10)]
    starts += [tuple(w + 0.01 * rng.standard_normal(w.shape) for w in c.weights()) for c in listed]
    found = [weights for start in starts if (weights := arrival(Start(at, start))) is not None]
    assert found
    for weights in found:
        loss = at.floating.loss(*weights)
        assert min(abs(loss - float(c.loss)) for c in listed) < 1e-6, f"loss {loss} at {weights}"


@pytest.mark.parametrize("values", [(5, 3, 1), (4, 4, 2), (5, 3, 3), (3, 0)], ids=str)
@pytest.mark.parametrize("width", [1, 2, 3])
def test_units_that_can_be_told_apart_get_components_in_every_way(values, width):
    """Against brute force, ties counted once: what each unit has, −1 for nothing."""
    decays = [Fraction(1), Fraction(7, 2), Fraction(2)][:width]
    thresholds = {NonuniformDecay(auto(values), width, decays): decays}
    thresholds[NestedLoss(auto(values), width)] = [Fraction(0)] * width
    for at, least in thresholds.items():
        ways = {
            tuple(0 if j < 0 else values[j] for j in taken)
            for taken in product(range(-1, len(values)), repeat=width)
            if len({*taken} - {-1}) == sum(j >= 0 for j in taken)
            if all(j < 0 or values[j] > x for j, x in zip(taken, least, strict=True))
        }
        listed = [
            tuple(0 if j < 0 else values[j] for j in c.index_set) for c in at.critical_classes()
        ]
        assert sorted(listed) == sorted(ways)


def test_the_enumeration_of_injections_is_lazy():
    """The best three of more than 10¹⁹ classes come at once: swaps of neighbours are the next."""
    at = NestedLoss(Moments.auto(np.diag(np.arange(100.0, 0, -1))), 10)
    best = [c.index_set for c in at.critical_classes(best=3)]
    assert best[0] == tuple(range(10))
    assert all(sum(i != j for i, j in enumerate(J)) in (1, 2) for J in best[1:])


def test_losses_that_are_almost_nothing_are_not_negative():
    """As many units as components and hardly a penalty: 2 t per component, to all digits."""
    data = np.genfromtxt(iris(), delimiter=",", skip_header=1)
    for kind in ("weight_decay", "tied_contractive", "nonuniform"):
        (name,) = known_landscapes()[kind].parameters
        given = [1e-17, 2e-17, 3e-17, 4e-17] if kind == "nonuniform" else 1e-17
        at = built(known_landscapes()[kind], Moments.from_data(data), 4, {name: given})
        expected = {"weight_decay": 8e-17, "tied_contractive": 4e-17, "nonuniform": 2e-16}[kind]
        assert next(at.critical_classes()).loss == pytest.approx(expected, rel=1e-9)


def test_which_idle_units_are_moved_does_not_depend_on_units():
    """λ and encoders of 1e-13: two unselected components, one unit with an encoder and no more."""
    at = NestedLoss(Moments.auto(1e-13 * np.diag([5.0, 3.0, 1.0])), 2)
    e = np.eye(3)[0]
    certificate = certify(at, np.stack([e, 0 * e], axis=1), np.stack([e, e]))
    assert certificate.verdict is Verdict.CERTIFIED
    assert certificate.predicted == (2, 2, 8)


def test_what_a_landscape_does_not_allow_is_refused():
    """Requirement and received value."""
    moments, hetero = auto((4, 1)), Moments(*(rationals(M) for M in ([[1]], [[1]], [[2]])))
    wrong = {
        "0 < decay < inf": lambda: WeightDecay(moments, 1, 0),
        "2 distinct decays. Got 1": lambda: NonuniformDecay(moments, 2, [1]),
        "distinct decays. Got 1, 1": lambda: NonuniformDecay(moments, 2, [1, 1]),
        "auto-association, Y = X, for tied": lambda: TiedWeights(hetero, 1),
        "a nested loss": lambda: NestedLoss(hetero, 1),
    }
    for message, construct in wrong.items():
        with pytest.raises(ValueError, match=message):
            construct()


@pytest.mark.parametrize(
    ("landscape", "gauge"),
    [
        (TiedWeights, [[0, 1], [-1, 0]]),
        (WeightDecay, [[0, 1], [-1, 0]]),
        (NonuniformDecay, [[1, 0], [0, -1]]),
        (NestedLoss, [[3, 0], [0, -1]]),
    ],
)
def test_the_gauge_is_one_that_the_loss_does_not_see(landscape, gauge):
    """Orthogonal, signs, scales; an invertible matrix that is none of these is refused."""
    critical = next(example(landscape, auto((4, 1))).critical_classes())
    weights = critical.weights(rationals(gauge))
    assert float(critical.landscape.loss(*weights)) == pytest.approx(float(critical.loss))
    for other in ([[1, 1], [0, 1]], [[1]]):
        with pytest.raises(ValueError, match="gauge"):
            critical.weights(rationals(other))


def test_sharing_weights_is_worse_under_noise_in_one_input():
    """3/5 against 16/25, exactly, for p = 2; floating for p = 1."""
    two, one = anisotropic(2), anisotropic(1)
    assert two.loss(two.best) == Fraction(3, 5)
    shared = best_symmetric(two)
    assert not inertia(shared).negative
    assert two.loss(shared) == Fraction(16, 25)
    rng = np.random.default_rng(0)
    assert float(one.loss(one.best)) == pytest.approx(1.25597, abs=1e-5)
    assert best_shared(one, rng, 5) == pytest.approx(1.35531, abs=1e-5)
