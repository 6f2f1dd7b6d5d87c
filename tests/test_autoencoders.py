"""Trainable autoencoders: losses, gradients, and the closed forms that training reaches."""

import inspect
import itertools
from functools import partial
from math import log, pi, sqrt

import numpy as np
import pytest

from linae import Moments, SquaredLoss
from linae.autoencoders import (
    decoder,
    encoder,
    jacobian,
    kinds,
    losses,
    normal,
    optima,
    points,
    train,
)
from linae.autoencoders.gradients import flat, slope, unflat
from linae.autoencoders.names import known_losses, settings_of
from linae.autoencoders.networks import error
from linae.autoencoders.study import study

LOSSES = known_losses()
NETWORKS = {
    "linear": kinds.dense,
    "tied": partial(kinds.dense, tied=True),
    "biases": partial(kinds.dense, biases=True),
    "tanh": partial(kinds.dense, hidden=3),
    "sigmoid": kinds.sigmoid,
    "convolutional": kinds.convolutional,
    "tied filters": partial(kinds.convolutional, stride=4, tied=True),
    "recurrent": kinds.recurrent,
}
PAIRS = list(itertools.product(LOSSES, NETWORKS))
EIGENVALUES = np.array([3, 1.5, 0.5, 0.1])


def data(seed=0):
    """Rows whose second moment has these eigenvalues, in a random basis."""
    basis = np.linalg.qr(np.random.default_rng(seed).standard_normal((4, 4)))[0]
    rows = np.sqrt(4 * EIGENVALUES)[:, None] * basis
    return np.concatenate([rows, -rows])


def gaussian_like():
    """Rows in a plane with E|bᵀx| = √(2/π) √(bᵀSb) for all b, to 10⁻⁴: two radii with the mean and
    mean square of a Gaussian's, 200 angles."""
    angles = 2 * np.pi * np.arange(200) / 200
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    radii = sqrt(pi / 2) + sqrt(2 - pi / 2) * np.array([-1, 1])
    return np.concatenate([r * circle for r in radii]) @ [[1.5, 0.6], [0, 0.7]]


def case(network, samples=5):
    """Random parameters, of which none is zero; data; noise."""
    rng = np.random.default_rng(3)
    params = NETWORKS[network](rng, 4, 2)
    params = {
        name: array + 0.3 * rng.standard_normal(array.shape) for name, array in params.items()
    }
    return params, rng.standard_normal((samples, 4)), normal(rng, samples, 4, 2)


def trained(loss, start, X=None, **options):
    """A linear network, trained until it stands."""
    rng, X = np.random.default_rng(start), data() if X is None else X
    width = options.pop("width", 2)
    params = kinds.dense(rng, X.shape[1], width, tied=options.pop("tied", False))
    usual = {"steps": 60, "step_size": 0.05, "noise": points, "polish": 500}
    return train(loss, params, X, rng, **usual | options)


@pytest.mark.parametrize(("name", "network"), PAIRS)
def test_gradients_are_slopes(name, network):
    """Central differences of the loss of each player in its own parameters, on NumPy; and the value
    is the same on NumPy and autograd."""
    params, X, noise = case(network)
    loss = LOSSES[name]
    values, gradient = slope(loss, params, X, noise)
    np.testing.assert_allclose(values, np.ravel(loss(np, params, X, noise)), rtol=1e-15)
    theta, step = flat(params), 1e-5
    owners = np.repeat([n.startswith("critic") for n in params], [a.size for a in params.values()])
    for i, owner in enumerate(owners):
        ends = [unflat(theta + move, params) for move in step * np.eye(len(theta))[i] * [[1], [-1]]]
        up, down = (np.ravel(loss(np, end, X, noise))[-1 if owner else 0] for end in ends)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=3e-8, abs=1e-9)


class Analytic:
    """NumPy, but with |z| a sign times z, which has a derivative at complex numbers."""

    abs = staticmethod(lambda z: np.sign(np.real(z)) * z)

    def __getattr__(self, name):
        return getattr(np, name)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", ["vanilla", "denoising", "variational", "sparse"])
def test_gradients_are_slopes_to_rounding(name, network):
    """Im f(x + i h)/h has no cancellation, so that h = 10⁻⁵⁰ will do; and central differences have
    the same squared length to 3·10⁻⁸."""
    params, X, noise = case(network)
    loss, theta = LOSSES[name], flat(params)
    _, gradient = slope(loss, params, X, noise)

    def along(direction):
        return loss(Analytic(), unflat(theta + direction, params), X, noise)

    units = np.eye(len(theta))
    found = np.array([along(1e-50j * e).imag / 1e-50 for e in units])
    assert np.linalg.norm(found - gradient) < 1e-15 * np.linalg.norm(gradient)
    differences = np.array([along(1e-5 * e) - along(-1e-5 * e) for e in units]) / 2e-5
    square = gradient @ gradient
    assert abs(found @ found - square) < 1e-15 * square
    assert abs(differences @ differences - square) < 3e-8 * square


def on_jax(loss, params, X, noise):
    """The value, and the gradient by name."""
    pytest.importorskip("jax").config.update("jax_enable_x64", True)
    jax, jnp = pytest.importorskip("jax"), pytest.importorskip("jax.numpy")
    P, E = ({name: jnp.asarray(M) for name, M in part.items()} for part in (params, noise))
    return jax.value_and_grad(lambda P: loss(jnp, P, jnp.asarray(X), E))(P)


def on_torch(loss, params, X, noise):
    """The value, and the gradient by name."""
    torch = pytest.importorskip("torch")
    P = {name: torch.tensor(M, requires_grad=True) for name, M in params.items()}
    value = loss(torch, P, torch.tensor(X), {name: torch.tensor(M) for name, M in noise.items()})
    value.backward()
    return value.detach(), {name: M.grad for name, M in P.items() if M.grad is not None}


@pytest.mark.parametrize("backend", [on_jax, on_torch])
def test_a_loss_is_one_number_on_all_backends(backend):
    """In double precision, where the backend is installed; and the squared length of its gradient
    is one number too, for each player in its own parameters."""
    for name, network in PAIRS:
        params, X, noise = case(network)
        values, gradient = slope(LOSSES[name], params, X, noise)
        claimed = unflat(gradient, params)
        for k, value in enumerate(values):

            def player(*given, k=k, name=name):
                found = LOSSES[name](*given)
                return found[k] if isinstance(found, tuple) else found

            found, slopes = backend(player, params, X, noise)
            own = [n for n in slopes if len(values) == 1 or n.startswith("critic") == bool(k)]
            assert float(found) == pytest.approx(value, rel=1e-15, abs=0)
            squares = [sum(float((g[n] ** 2).sum()) for n in own) for g in (slopes, claimed)]
            assert squares[0] == pytest.approx(squares[1], rel=2e-15, abs=0)


@pytest.mark.parametrize("network", NETWORKS)
def test_the_jacobian_is_the_slope_of_the_encoder(network):
    """Central differences of order four, sample by sample."""
    params, X, _ = case(network)
    found = np.broadcast_to(jacobian(np, params, X), (5, 2, 4))
    for j, step in enumerate(1e-3 * np.eye(4)):
        near, far = (
            encoder(np, params, X + k * step) - encoder(np, params, X - k * step) for k in (1, 2)
        )
        assert found[:, :, j] == pytest.approx((8 * near - far) / 12e-3, abs=4e-11)


@pytest.mark.parametrize("name", LOSSES)
def test_a_closed_form_has_the_options_of_its_loss(name):
    """With the same defaults."""
    closed = getattr(optima, name)
    assert settings_of(closed) == {"tied": False} | settings_of(LOSSES[name])


def test_points_have_the_moments_of_noise():
    """Mean 0, covariance I; each sample meets them all."""
    for name, E in points(np.random.default_rng(0), 7, 3, 2).items():
        E = E[:, 0]
        assert E.sum(axis=0) == pytest.approx(0)
        assert E.T @ E / len(E) == pytest.approx(np.eye({"input": 3, "code": 2}[name]))


def test_denoising_is_the_squared_loss_of_noisy_moments():
    """At random weights, not only at the minimum."""
    rng, X = np.random.default_rng(1), data()
    params, S = kinds.dense(rng, 4, 2), X.T @ X / len(X)
    noisy = SquaredLoss(Moments(S + 0.3 * np.eye(4), S, S), 2)
    found = losses.denoising(np, params, X, points(rng, len(X), 4, 2), variance=0.3)
    assert found == pytest.approx(noisy.loss(params["A"], params["B"]))


def test_the_variational_loss_is_the_negative_elbo():
    """At random parameters: moments of Gaussians, and the log-density and divergence of SciPy."""
    params, X, _ = case("linear")
    A, B, d = params["A"], params["B"], np.exp(params["log_variance"])
    S, R = X.T @ X / len(X), np.eye(4) - A @ B
    found = losses.variational(np, params, X, points(None, 5, 4, 2), variance=0.3, beta=2)
    squares = np.trace(R @ S @ R.T) + np.trace(A @ np.diag(d) @ A.T)
    divergence = (d.sum() + np.trace(B @ S @ B.T) - 2 - np.log(d).sum()) / 2
    assert found == pytest.approx(squares / 0.6 + 2 * log(2 * pi * 0.3) + 2 * divergence)


def test_penalties_see_every_layer_and_no_scale_of_codes():
    """Decay is of all weights and of no bias; L1 is the same if a code grows and the decoder
    shrinks."""
    for network in NETWORKS:
        P, X, _ = case(network)
        squares = {name: float((array**2).sum()) for name, array in P.items()}
        penalty = losses.weight_decay(np, P, X, None, decay=3) - losses.vanilla(np, P, X, None)
        assert penalty == pytest.approx(3 * sum(squares.get(name, 0) for name in "ABCHR"))
        if network in {"linear", "biases", "tanh"}:
            scale, last = np.array([2, 0.5]), "C" if "C" in P else "A"
            moved = {"B": P["B"] * scale[:, None], last: P[last] / scale}
            moved |= {"b": P["b"] * scale} if "b" in P else {}
            before, after = (losses.sparse(np, Q, X, None, alpha=2) for Q in (P, P | moved))
            assert before == pytest.approx(after)


SETTINGS = {
    "vanilla": [{}],
    "denoising": [{"variance": 0.3}],
    "contractive": [{"strength": 0.4}, {"strength": 4}],
    "variational": [{"variance": 0.3, "beta": 2}, {"variance": 1, "beta": 1.6}],
    "whitening": [{"strength": 0.7}],
    "weight_decay": [{"decay": 0.4}, {"decay": 2}],
    "nested": [{}],
}
"""Some of them switch a component off."""
REACHED = [
    pytest.param(name, tied, settings, id=f"{name}-{'tied' if tied else 'untied'}-{k}")
    for name, several in SETTINGS.items()
    for tied in (False, True)
    for k, settings in enumerate(several)
    if (name, tied) not in {("contractive", False), ("variational", True), ("whitening", True)}
]


@pytest.mark.parametrize(("name", "tied", "settings"), REACHED)
def test_training_reaches_the_closed_form(name, tied, settings):
    """From three random starts: there are no spurious minima, and the closed form is right."""
    least = getattr(optima, name)(Moments.from_data(data()), 2, tied=tied, **settings).loss
    for start in range(3):
        run = trained(partial(LOSSES[name], **settings), start, tied=tied)
        assert run.losses[-1, 0] == pytest.approx(least, abs=1e-14 if name == "vanilla" else 1e-12)
        assert run.reason == "converged"


@pytest.mark.parametrize("alpha", [0.4, 2.5])
def test_sparse_training_reaches_the_closed_form_of_gaussian_data(alpha):
    """On data with the absolute moments of a Gaussian to 10⁻⁴; the second α leaves one code."""
    X = gaussian_like()
    least = optima.sparse(Moments.from_data(X), 2, alpha=alpha).loss
    for start in range(3):
        run = trained(partial(losses.sparse, alpha=alpha), start, X, tied=start == 2)
        assert run.losses[-1, 0] == pytest.approx(least, rel=1e-4)


def test_biases_are_centring():
    """On data with means: the closed form of centred moments, which without biases is missed."""
    X, rng = data() + np.array([1, 2, 0, -1]), np.random.default_rng(0)
    least = optima.vanilla(Moments.from_data(X), 2).loss
    ends = [
        train(losses.vanilla, kinds.dense(rng, 4, 2, biases=biases), X, rng, steps=60, polish=500)
        for biases in (True, False)
    ]
    assert ends[0].losses[-1, 0] == pytest.approx(least, rel=1e-6)
    assert ends[1].losses[-1, 0] > 1.1 * least


def test_a_denoiser_shrinks_and_the_posterior_collapses():
    """Weights λ/(λ + σ²); variances θ/λ and 1 of codes in use and not, for λ₂ < θ < λ₁."""
    run = trained(partial(losses.denoising, variance=0.5), 0).params
    S, W = np.cov(data().T, bias=True), run["A"] @ run["B"]
    top = np.linalg.eigh(S)[1][:, :1:-1]
    assert np.diag(top.T @ W @ top) == pytest.approx([3 / 3.5, 1.5 / 2], rel=1e-5)
    run = trained(partial(losses.variational, variance=2), 0).params
    assert sorted(np.exp(run["log_variance"])) == pytest.approx([2 / 3, 1], rel=1e-4)
    alone = int(np.argmax(run["log_variance"]))
    assert run["A"][:, alone] == pytest.approx(0, abs=1e-4)


def test_nested_codes_are_components_in_order():
    """The i-th decoder column is the i-th eigenvector, up to a factor."""
    A = trained(losses.nested, 0).params["A"]
    top = np.linalg.eigh(np.cov(data().T))[1][:, :1:-1]
    assert np.abs((A / np.linalg.norm(A, axis=0)).T @ top) == pytest.approx(np.eye(2), abs=1e-4)


def test_white_codes_cost_nothing():
    """Codes of covariance I, and the reconstruction of principal components."""
    run = trained(losses.whitening, 0)
    Z = encoder(np, run.params, data())
    assert Z.T @ Z / len(Z) == pytest.approx(np.eye(2), abs=1e-4)
    assert error(data(), decoder(np, run.params, Z)) == pytest.approx(0.6, rel=1e-4)


def test_a_critic_whitens_gaussian_codes():
    """Two players: the codes end near covariance I, and the critic at a coin toss, to the few
    percent that a hundred samples of the prior leave."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 3)) * [2, 1, 0.3]
    X = (X - X.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(X.T, bias=True))).T
    X *= [2, 1, 0.3]
    run = train(losses.adversarial, kinds.dense(rng, 3, 2), X, rng, steps=400, step_size=0.03)
    Z = encoder(np, run.params, X)
    assert Z.T @ Z / len(Z) == pytest.approx(np.eye(2), abs=0.2)
    equilibrium = optima.adversarial(Moments.from_data(X), 2).loss
    assert run.losses[-1] == pytest.approx([equilibrium, 2 * log(2)], rel=0.05)
    start = train(losses.adversarial, kinds.dense(rng, 3, 2), X, rng, steps=1).losses[0]
    assert abs(start[0] - equilibrium) > 0.2 * equilibrium


def unbounded(xp, P, X, noise):
    """L1 on codes, with nothing to keep the decoder from making up for small codes."""
    Z = encoder(xp, P, X)
    return error(X, decoder(xp, P, Z)) + 0.4 * xp.abs(Z).sum(-1).mean()


@pytest.mark.parametrize("loss", [partial(losses.contractive, strength=0.4), unbounded])
def test_a_penalty_on_the_encoder_alone_runs_off(loss):
    """The loss falls towards that without the penalty, and is above it; the decoder grows, and the
    penalty vanishes."""
    infimum = optima.contractive(Moments.from_data(data()), 2).loss
    runs = [trained(loss, 0, polish=polish) for polish in (10, 50, 250)]
    excess = [float(run.losses[-1, 0]) - infimum for run in runs]
    sizes = [np.linalg.norm(run.params["A"]) for run in runs]
    plain = [losses.vanilla(np, run.params, data(), None) for run in runs]
    assert excess[0] > excess[1] > excess[2] > 0
    assert excess[2] < 0.1 * excess[0]
    assert sizes[0] < sizes[1] < sizes[2]
    assert excess[2] > runs[2].losses[-1, 0] - plain[2] > 0, "what is left of the penalty"


def test_training_is_what_it_is_told():
    """The same with the same generator; each step is reported; idle parameters stay; and a batch of
    all samples in random order has fewer of them."""
    seen, runs = [], []
    for batch in (None, None, 3):
        rng = np.random.default_rng(5)
        params = kinds.dense(rng, 4, 2)
        runs.append(
            train(
                losses.denoising, params, data(), rng, steps=20, batch=batch, progress=seen.append
            )
        )
    assert seen == [*range(1, 21)] * 3
    assert np.array_equal(runs[0].losses, runs[1].losses)
    assert runs[0].losses.shape == (21, 1)
    assert not np.array_equal(runs[0].losses, runs[2].losses)
    assert not runs[0].params["log_variance"].any()
    assert runs[0].reason == "step budget"
    values = losses.denoising(np, runs[0].params, data(), normal(np.random.default_rng(0), 8, 4, 2))
    assert values < runs[0].losses[0, 0]


def test_a_loss_that_is_not_finite_ends_the_training():
    """Where it was met; nothing is raised by the trainer, and a study refuses."""
    rng = np.random.default_rng(0)
    run = train(losses.vanilla, kinds.dense(rng, 4, 2), data(), rng, steps=9, step_size=1e200)
    assert run.reason == "not finite"
    assert not np.isfinite(run.losses[-1]).all()
    assert len(run.losses) < 9
    with pytest.raises(ValueError, match="Need a smaller step_size than 1e"):
        study(
            *("vanilla", Moments.from_data(data()), data(), rng),
            width=2,
            settings={},
            step_size=1e200,
        )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"inputs": 0, "width": 1}, "Need inputs, width >= 1"),
        ({"inputs": 1, "width": 0}, "Need inputs, width >= 1"),
        ({"inputs": 1, "width": 1, "hidden": -1}, "Need inputs, width >= 1 and hidden >= 0"),
        ({"inputs": 1, "width": 1, "hidden": 2, "tied": True}, "Need tied weights without hidden"),
    ],
)
def test_networks_refuse(options, problem):
    """With the requirement."""
    with pytest.raises(ValueError, match=problem):
        kinds.dense(np.random.default_rng(0), **options)


def test_a_study_knows_what_noise_a_loss_meets(monkeypatch):
    """Linear: the exact loss and its minimum, or fresh noise if the data are large. Hidden units:
    fresh noise, or L-BFGS if there is none. A game: Adam only. White codes are no more than data
    have directions."""
    moments = Moments.from_data(data())

    def made(name, **options):
        settings = settings_of(LOSSES[name])
        arguments = {"width": 2, "steps": 30, "settings": settings} | options
        return study(name, moments, data(), np.random.default_rng(0), **arguments)

    linear = made("denoising")
    assert linear.training.losses[-1, 0] == pytest.approx(linear.optimum.loss, rel=1e-6)
    assert made("adversarial").training.losses.shape == (31, 2)
    with pytest.raises(ValueError, match="no codes of that width are white"):
        made("whitening", width=5)
    monkeypatch.setattr("linae.autoencoders.study.POLISH", 5)
    assert len(made("denoising", options={"hidden": 3}).training.losses) == 31
    assert len(made("denoising", network="sigmoid").training.losses) == 31
    assert len(made("vanilla", options={"hidden": 3}).training.losses) == 36
    monkeypatch.setattr("linae.autoencoders.study.LARGE", 10)
    assert len(made("denoising").training.losses) == 31
    assert len(made("vanilla").training.losses) == 36


def test_every_loss_says_what_it_is():
    """In one line, with nothing but a formula and words."""
    for name, loss in LOSSES.items():
        first = inspect.getdoc(loss).partition("\n")[0]
        assert "E" in first, name
        assert len(first) <= 100
