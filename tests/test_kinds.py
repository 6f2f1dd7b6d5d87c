"""Networks that are not dense: what they compute, and the closed forms and bounds of training."""

import inspect
import itertools
from functools import partial

import numpy as np
import pytest

from linae import Moments
from linae.autoencoders import (
    bounds,
    decoder,
    encoder,
    kinds,
    losses,
    normal,
    optima,
    points,
    train,
)
from linae.autoencoders.names import known_losses, known_networks, settings_of
from linae.data import iris
from linae.energy import SigmoidLayer
from linae.filter_banks import FilterBank
from linae.recurrent import Recurrence
from linae.table import read_table

LOSSES = known_losses()


def made(network):
    """Parameters of which none is zero, and data."""
    rng = np.random.default_rng(3)
    params = network(rng, 4, 2)
    params = {
        name: array + 0.3 * rng.standard_normal(array.shape) for name, array in params.items()
    }
    return params, rng.standard_normal((5, 4))


def data():
    """Without means, as a bound of units with biases is of centred data."""
    rows = np.random.default_rng(1).standard_normal((4, 4)) * [3, 2, 1, 0.5]
    return np.concatenate([rows, -rows])


def trained(loss, start, X, network, width, **options):
    """From a random start, until it stands."""
    rng = np.random.default_rng(start)
    usual = {"steps": 60, "step_size": 0.05, "noise": points, "polish": 500}
    return train(loss, network(rng, X.shape[1], width), X, rng, **usual | options)


def test_a_convolution_commutes_with_shifts_of_its_stride():
    """Of two channels at three steps of two inputs each; tap l takes block b − l to block b."""
    rng = np.random.default_rng(0)
    P, X = kinds.convolutional(rng, 6, 6, stride=2), rng.standard_normal((5, 6))
    Z, moved = encoder(np, P, X), np.roll(X, 2, axis=1)
    assert encoder(np, P, moved) == pytest.approx(np.roll(Z, 2, axis=1))
    back = np.roll(decoder(np, P, Z), 2, axis=1)
    assert decoder(np, P, np.roll(Z, 2, axis=1)) == pytest.approx(back)
    assert encoder(np, P, np.roll(X, 1, axis=1)) != pytest.approx(np.roll(Z, 2, axis=1))
    B = P["B"]
    first = X[:, :2] @ B[0].T + X[:, 4:] @ B[1].T + X[:, 2:4] @ B[2].T
    assert Z[:, :2] == pytest.approx(first)


def test_a_recurrence_is_read_step_by_step():
    """Its code is the last state of `linae.recurrent`, of which the decoder makes all inputs."""
    P, X = made(kinds.recurrent)
    model = Recurrence(P["B"], P["R"], P["A"])
    last = [model.states(x[:, None])[-1] for x in X]
    assert encoder(np, P, X) == pytest.approx(np.array(last))
    assert decoder(np, P, encoder(np, P, X)) == pytest.approx(np.array(last) @ P["A"].T)


def test_a_sigmoid_network_has_an_energy():
    """It reconstructs as the layer of `linae.energy` with these weights does."""
    P, X = made(kinds.sigmoid)
    layer = SigmoidLayer(P["B"], P["s"], P["a"])
    assert decoder(np, P, encoder(np, P, X)) == pytest.approx(layer.reconstruction(X))


@pytest.mark.parametrize("name", known_networks())
def test_a_bound_has_the_options_of_its_network(name):
    """With the same defaults, and the settings of the loss."""
    found, made = (settings_of(getattr(module, name)) for module in (bounds, kinds))
    assert found.pop("settings") is inspect.Parameter.empty
    assert found == made


def signals():
    """Rows of six numbers, of which no moment is stationary."""
    return np.random.default_rng(7).standard_normal((9, 6)) @ np.diag([3, 1, 2, 1, 1, 0.5])


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("vanilla", {}),
        ("denoising", {"variance": 0.8}),
        ("contractive", {"strength": 0.4}),
        ("weight_decay", {"decay": 0.5}),
    ],
)
@pytest.mark.parametrize(("stride", "width"), [(2, 3), (3, 4), (1, 6)])
def test_convolutions_reach_the_closed_form(name, settings, tied, stride, width):
    """From three random starts, for odd and even numbers of steps; without tied weights the penalty
    on the encoder has no minimum."""
    X, form = signals(), {"stride": stride, "tied": tied}
    moments = Moments.from_data(X, center=False)
    found = bounds.convolutional(name, moments, width, settings=settings, **form)
    bank = FilterBank(moments.Sxx, stride, width * stride // 6)
    assert not found.is_bound
    if name == "vanilla":
        assert found.loss == pytest.approx(float(bank.loss), abs=1e-12)
    loss, network = partial(LOSSES[name], **settings), partial(kinds.convolutional, **form)
    polish = 100 if name == "contractive" else 500
    for start in range(3):
        run = trained(loss, start, X, network=network, width=width, polish=polish)
        end = run.losses[-1, 0]
        if name == "contractive" and not tied:
            assert end > found.loss
            assert end < found.loss + 0.1 * np.trace(moments.Sxx)
        else:
            assert end == pytest.approx(found.loss, rel=1e-6, abs=1e-10)


def iris_data():
    """Centred."""
    X = read_table(iris()).values
    return X - X.mean(axis=0)


@pytest.mark.parametrize("start", range(3))
def test_networks_reach_closed_form_or_bound_on_iris(start):
    """Filters of any stride; and n − 1 states, whose characteristic polynomial can be any, so that
    they leave out any one direction. (From about one start in four, R grows without end instead.)
    """
    X = iris_data()
    S = np.linalg.eigvalsh(X.T @ X / len(X))
    for stride, width in ((2, 2), (4, 1), (1, 4)):
        network = partial(kinds.convolutional, stride=stride)
        least = FilterBank(X.T @ X / len(X), stride, width * stride // 4).loss
        run = trained(losses.vanilla, start, X, network=network, width=width)
        assert run.losses[-1, 0] == pytest.approx(least, rel=1e-4, abs=1e-8)
    slow = {"steps": 200, "step_size": 0.02}
    for width, least in ((3, S[0]), (4, 0)):
        run = trained(losses.vanilla, start, X, network=kinds.recurrent, width=width, **slow)
        assert run.losses[-1, 0] == pytest.approx(least, rel=1e-4, abs=1e-4 * S[0])
        bound = bounds.recurrent("vanilla", Moments.from_data(X), width, settings={})
        assert bound.loss == pytest.approx(least, abs=1e-12)


def test_one_state_is_a_fading_mean():
    """E(x) = Σ ϱⁿ⁻ᵏ xₖ: the best ϱ on a grid, with its best decoder, is what training finds, above
    the bound."""
    X = iris_data()
    S, rates = X.T @ X / len(X), np.linspace(-3, 3, 60001)
    B = rates[:, None] ** np.arange(3, -1, -1)
    grid = np.trace(S) - ((B @ S) ** 2).sum(axis=1) / ((B @ S) * B).sum(axis=1)
    ends = [
        trained(losses.vanilla, start, X, network=kinds.recurrent, width=1).losses[-1, 0]
        for start in range(3)
    ]
    assert min(ends) == pytest.approx(grid.min(), rel=1e-6)
    bound = bounds.recurrent("vanilla", Moments.from_data(X), 1, settings={})
    assert bound.is_bound
    assert min(ends) > 1.1 * bound.loss


BOUNDED = [
    (name, network)
    for name, network in itertools.product(LOSSES, ("sigmoid", "convolutional", "recurrent"))
    if name not in {"adversarial", "sparse"}
]


@pytest.mark.parametrize(("name", "network"), BOUNDED)
def test_no_training_is_below_a_bound(name, network):
    """On data without means; for sparse codes the bound is of Gaussian data."""
    X, settings = data(), settings_of(LOSSES[name])
    found = getattr(bounds, network)(name, Moments.from_data(X), 2, settings=settings)
    if found is None:
        assert (name, network) in {
            ("weight_decay", "recurrent"),
            ("variational", "sigmoid"),
            ("nested", "sigmoid"),
        }
        return
    options = {"noise": normal, "polish": 0} if network == "sigmoid" else {"polish": 100}
    run = trained(LOSSES[name], 0, X, known_networks()[network], 2, **options)
    assert run.losses[-1, 0] >= found.loss * (1 - 1e-9)


def test_a_weight_that_is_shared_decays_once():
    """A recurrence is below the least loss of dense networks, which is then no bound: on sequences
    of twenty equal numbers, with one state that fades by a tenth."""
    X, decay = np.ones((2, 20)) * [[1], [-1]], 0.01
    P = kinds.recurrent(np.random.default_rng(0), 20, 1)
    gain = (1 - 0.9**20) / 0.1
    size = (20 / gain**2) ** 0.25
    P |= {"B": np.array([[size]]), "R": np.array([[0.9]]), "A": np.ones((20, 1)) / (size * gain)}
    found = losses.weight_decay(np, P, X, None, decay=decay)
    assert found < 0.95 * optima.weight_decay(Moments.from_data(X), 1, decay=decay).loss
    assert (
        bounds.recurrent("weight_decay", Moments.from_data(X), 1, settings={"decay": decay}) is None
    )


@pytest.mark.parametrize(
    ("width", "stride", "problem"),
    [
        (2, 3, "Need a stride that divides 4 inputs. Got stride = 3."),
        (2, 0, "Need a stride that divides 4 inputs. Got stride = 0."),
        (3, 2, "Need as many codes at each of 2 steps. Got width = 3."),
    ],
)
def test_convolutions_refuse(width, stride, problem):
    """What does not go round."""
    with pytest.raises(ValueError, match=problem):
        kinds.convolutional(np.random.default_rng(0), 4, width, stride=stride)
