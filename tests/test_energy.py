"""Energies of sigmoid layers and of linear denoisers, by enumeration, loops and quadrature."""

from itertools import product

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm
from sklearn.decomposition import PCA

from linae import Moments, Spectrum
from linae.energy import SigmoidLayer, denoiser_precision, sigmoid
from linae.exact import floating, rationals
from proofs import belief_nets
from proofs.belief_nets import BeliefNet


def layer(rng, n=3, p=4):
    return SigmoidLayer(*(rng.standard_normal(shape) for shape in ((p, n), (p,), (n,))))


def log_sum(energies):
    """−log Σ e^(−E)."""
    return -np.logaddexp.reduce(-np.array(energies))


def test_free_energies_sum_the_hidden_units_out():
    """All 2⁴ states of four units, with one sample and with many."""
    rng = np.random.default_rng(1)
    given = layer(rng)
    x = rng.standard_normal((5, 3))
    states = np.array(list(product((0, 1), repeat=4)))
    for s in (1, 0.3):
        inputs = [-(given.b + given.B @ row) for row in x]
        gaussian = [
            log_sum([((row - given.a) ** 2).sum() / (2 * s) + h @ i for h in states])
            for row, i in zip(x, inputs, strict=True)
        ]
        np.testing.assert_allclose(given.gaussian_free_energy(x, s), gaussian, rtol=1e-14)
        assert given.gaussian_free_energy(x[0], s).shape == ()
    binary = [
        log_sum([-given.a @ row + h @ i for h in states]) for row, i in zip(x, inputs, strict=True)
    ]
    np.testing.assert_allclose(given.binary_free_energy(x), binary, rtol=1e-14)


def slopes(f, x, step=1e-3):
    """∇f by differences of fourth order, to about 10⁻¹²."""
    return [
        (8 * (f(x + e) - f(x - e)) - f(x + 2 * e) + f(x - 2 * e)) / (12 * step)
        for e in step * np.eye(len(x))
    ]


def test_reconstructions_are_slopes_of_free_energies():
    """r(v) of the binary machine, r(x) − x of the Gaussian one."""
    rng = np.random.default_rng(6)
    given = layer(rng)
    for x in rng.standard_normal((5, 3)):
        r = given.reconstruction(x)
        np.testing.assert_allclose(slopes(given.binary_free_energy, x), -r, rtol=0, atol=1e-11)
        np.testing.assert_allclose(slopes(given.gaussian_free_energy, x), x - r, rtol=0, atol=1e-11)


def test_large_inputs_do_not_overflow():
    """Units that are surely on or off."""
    given = SigmoidLayer(np.array([[1e4], [-1e4]]), np.zeros(2), np.zeros(1))
    assert given.reconstruction(np.ones(1)) == 1e4
    assert given.binary_free_energy(np.ones(1)) == -1e4


def circulation(field, count=200):
    """∮ field · dx around the unit circle in a plane of ℝ³."""
    t = 2 * np.pi * np.arange(count) / count
    circle = np.stack([np.cos(t), np.sin(t), 0 * t + 0.2], axis=1)
    tangent = np.stack([-np.sin(t), np.cos(t), 0 * t], axis=1)
    return (field(circle) * tangent).sum() * 2 * np.pi / count


def test_only_the_tied_layer_with_linear_output_has_an_energy():
    """Work around a closed loop: none for Bᵀ diag(t), some with other decoders or outputs."""
    rng = np.random.default_rng(2)
    given = layer(rng)
    copies, other = rng.standard_normal(4), rng.standard_normal((4, 3))
    assert abs(circulation(given.reconstruction)) < 1e-12
    assert abs(circulation(lambda x: copies * sigmoid(given.code(x)) @ given.B)) < 1e-12
    assert abs(circulation(lambda x: sigmoid(given.code(x)) @ other)) > 0.1
    assert abs(circulation(lambda x: expit(given.reconstruction(x)))) > 1e-3


def test_the_logit_of_a_sigmoid_output_is_the_slope_of_the_binary_machine():
    """Though the output itself is no slope."""
    given = layer(np.random.default_rng(3))
    x = np.array([0.3, -0.7, 0.2])
    output = expit(given.reconstruction(x))
    logit = np.log(output / (1 - output))
    np.testing.assert_allclose(slopes(given.binary_free_energy, x), -logit, rtol=0, atol=1e-11)


def test_noise_of_variance_one_quarter_has_four_copies_of_each_unit():
    """The energies of denoiser and machine differ by a constant, here 0; with one copy they do not;
    the score by differences."""
    rng = np.random.default_rng(4)
    given, x = layer(rng), rng.standard_normal((6, 3))
    copied = SigmoidLayer(np.repeat(given.B, 4, axis=0), np.repeat(given.b, 4), given.a)
    energy = given.denoising_energy(x, 0.25)
    rounding = 1e-15 * abs(energy).max()
    np.testing.assert_allclose(energy, copied.gaussian_free_energy(x, 0.25), atol=rounding, rtol=0)
    assert np.ptp(energy - given.gaussian_free_energy(x, 0.25)) > 1
    for y, score in zip(x, (given.reconstruction(x) - x) / 0.25, strict=True):
        slope = slopes(lambda z: given.denoising_energy(z, 0.25), y)
        np.testing.assert_allclose(slope, -score, rtol=0, atol=1e-10)


def test_other_variances_have_no_machine():
    """Around z = iπ the power 1/s of 1 + e^z comes back as itself iff 1/s is an integer; a sum of
    exponentials always does."""
    circle = 1j * np.pi + 0.5 * np.exp(2j * np.pi * np.linspace(0, 1, 401))
    turned = np.unwrap(np.angle(1 + np.exp(circle)))[[0, -1]]
    for s, has_one in ((1, True), (0.25, True), (1 / 3, True), (2, False), (0.4, False)):
        before, after = np.exp(1j * turned / s)
        assert (abs(after - before) < 1e-9) == has_one


def test_three_score_matching_objectives_differ_by_constants():
    """Sigmoid units on the line, data at −1.3, 0 and 1.7, s = 1/4, three settings of the weights:
    denoising − explicit is 1.149157927121, implicit − explicit is that less n/2s = 2. The trapezium
    rule has the error of rounding."""
    data, s = np.array([[-1.3], [0], [1.7]]), 0.25
    y, step = np.linspace(-8, 9, 2001, retstep=True)
    bells = step * norm(data, s**0.5).pdf(y) / 3  # of each datum, at each y
    target = (data - y) / s
    score = (bells * target).sum(axis=0) / bells.sum(axis=0)

    def mean(values):
        return (bells * values).sum()

    constants = []
    for seed in range(3):
        given = layer(np.random.default_rng(seed), n=1, p=3)
        psi = (given.reconstruction(y[:, None])[:, 0] - y) / s
        q = sigmoid(given.code(y[:, None]))
        divergence = (q * (1 - q) @ given.B[:, 0] ** 2 - 1) / s
        denoising, explicit = (mean((psi - other) ** 2) / 2 for other in (target, score))
        output = given.reconstruction(y[:, None])[:, 0]
        assert denoising == pytest.approx(mean((output - data) ** 2) / (2 * s**2), abs=1e-13)
        constants.append([denoising - explicit, mean(psi**2 / 2 + divergence) - explicit])
    assert np.ptp(constants, axis=0).max() < 1e-14
    np.testing.assert_allclose(constants[0], [1.149157927121, -0.850842072879], rtol=0, atol=1e-12)


def test_a_denoiser_models_data_plus_noise():
    """Its covariance is that of probabilistic PCA, fitted by scikit-learn, and the noise once more
    on the components that are kept."""
    X = np.random.default_rng(5).standard_normal((200, 4)) @ np.diag([3, 2, 1, 0.5])
    fitted = PCA(2).fit(X)
    s = fitted.noise_variance_
    S = np.cov(X.T)
    precision = denoiser_precision(Spectrum.of(Moments.auto(S)), 2, s)
    kept = fitted.components_.T @ fitted.components_
    expected = fitted.get_covariance() + s * kept
    np.testing.assert_allclose(np.linalg.inv(precision), expected, rtol=0, atol=1e-13)


def test_a_net_of_one_unit_a_layer():
    """e^B = 2, the rest 0: P(v = 1) is 7/12 for the net and 3/5 for the RBM."""
    one, idle = rationals([1]), rationals([[1]])
    net = BeliefNet(2 * idle, one, one, idle, one, one)
    law = belief_nets.likelihood(net) @ belief_nets.prior(net)
    alone = belief_nets.machine(net)
    assert (str(law[1]), str(alone[1])) == ("7/12", "3/5")
    assert str(belief_nets.total_variation(law, alone)) == "1/60"


def test_the_bottom_machine_is_that_of_the_package():
    """Its law is e^(−free energy), normalised."""
    net = belief_nets.counterexamples["d = a"]
    B, b, a = (np.log(floating(M)) for M in (net.B, net.b, net.a))
    v = np.array(list(product((0, 1), repeat=2)))
    law = np.exp(-SigmoidLayer(B, b, a).binary_free_energy(v))
    np.testing.assert_allclose(law / law.sum(), floating(belief_nets.machine(net)), rtol=1e-13)


def test_the_transposed_top_is_not_necessary():
    """With B = 0 the visible units do not see h, and any top will do."""
    one, ones, top = rationals([1, 1]), rationals([[1, 1], [1, 1]]), rationals([[5, 2], [1, 3]])
    net = BeliefNet(ones, one, 3 * one, top, one, one)
    law = belief_nets.likelihood(net) @ belief_nets.prior(net)
    assert (law == belief_nets.machine(net)).all()
    assert (belief_nets.prior(net) != belief_nets.joint(net.B, net.b, net.a).sum(axis=1)).any()


def test_what_does_not_fit_is_refused():
    """With the requirement and what was given."""
    with pytest.raises(ValueError, match=r"^Need shapes .*\. Got \(\(2, 3\), \(3,\), \(2,\)\)\.$"):
        SigmoidLayer(np.ones((2, 3)), np.ones(3), np.ones(2))
    spectrum = Spectrum.of(Moments.auto(np.eye(2)))
    for width, variance in ((0, 1.0), (1, 0.0)):
        with pytest.raises(ValueError, match=r"^Need 1 <= width and variance > 0\. Got "):
            denoiser_precision(spectrum, width, variance)
