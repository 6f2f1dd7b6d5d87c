"""Convolutional autoencoders: values and Hessians in the time domain, and optimisers, judge."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize

from linae import Moments, Verdict, calculus, certify, inertia
from linae.exact import floating, rationals
from linae.filter_banks import (
    FilterBank,
    alias_choice,
    alias_classes,
    alias_loss,
    spectral_matrices,
)
from linae.landscapes.convolutional import Convolutional
from linae.shifts import circulant, convolution, fourier_modes, power_spectrum, shift_average
from proofs.convolutional import integers


def shifts(n, step=1):
    """All powers of the shift matrix by so many places."""
    return [np.roll(np.eye(n), k, axis=0) for k in range(0, n, step)]


def stationary(power):
    """The moment with this power spectrum, by its definition as a sum of waves."""
    n = len(power)
    waves = [np.exp(2j * np.pi * f * np.arange(n) / n) / np.sqrt(n) for f in range(n)]
    return sum(x * np.outer(w, w.conj()) for x, w in zip(power, waves, strict=True)).real


def drawn(n, seed=7):
    R = np.random.default_rng(seed).standard_normal((n, n))
    return R @ R.T


def least_of_filters(S, step, codes, starts=6):
    """By BFGS over the taps, with gradients of the definition in the time domain."""
    n, rng = len(S), np.random.default_rng(3)
    moves, size = shifts(n, step), n * codes

    def value(taps):
        a, b = taps[:size].reshape(n, codes), taps[size:].reshape(codes, n)
        A = np.concatenate([P @ a for P in moves], axis=1)
        B = np.concatenate([b @ P.T for P in moves], axis=0)
        E = np.eye(n) - A @ B
        G_A, G_B = -2 * E @ S @ B.T, -2 * A.T @ E @ S
        g_a = sum(P.T @ G for P, G in zip(moves, np.split(G_A, len(moves), axis=1), strict=True))
        g_b = sum(G @ P for P, G in zip(moves, np.split(G_B, len(moves)), strict=True))
        return np.trace(E @ S @ E.T), np.concatenate([g_a.ravel(), g_b.ravel()])

    runs = (rng.standard_normal(2 * size) for _ in range(starts))
    exact = {"gtol": 1e-9, "maxiter": 3000}
    return min(minimize(value, x, jac=True, method="BFGS", options=exact).fun for x in runs)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6, 8])
def test_circulant_maps_see_the_shift_average(n):
    """E‖x − W x‖² is that of the mean over shifts, and of the power spectrum by NumPy's FFT."""
    rng, S = np.random.default_rng(5), drawn(n)
    mean = sum(P @ S @ P.T for P in shifts(n)) / n
    np.testing.assert_allclose(shift_average(S), mean, rtol=0, atol=1e-14)
    a, b = rng.standard_normal((2, n))
    W = sum(x * P for x, P in zip(a, shifts(n), strict=True))
    np.testing.assert_allclose(circulant(a), W, rtol=1e-15)
    np.testing.assert_allclose(convolution(a, b), W @ b, rtol=0, atol=1e-14)
    E, F = np.eye(n) - W, np.fft.fft(np.eye(n))
    power = np.diag(F @ S @ F.conj().T).real / n
    np.testing.assert_allclose(power_spectrum(S), power, rtol=0, atol=1e-12)
    losses = [np.trace(E @ M @ E.T) for M in (S, mean)]
    losses.append((power * np.abs(1 - np.fft.fft(a)) ** 2).sum())
    np.testing.assert_allclose(losses, losses[0], rtol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
def test_modes_of_these_lengths_are_rational(n):
    """Orthogonal eigenvectors of the shift-averaged moment, exactly, with S(f)."""
    S = rationals(np.random.default_rng(n).integers(-3, 4, (n, n)))
    S, modes = S @ S.T, fourier_modes(S @ S.T)
    U, powers = modes.vectors, np.repeat(modes.powers, modes.sizes)
    gram = U.T @ U
    assert np.array_equal(gram, np.diag(np.diag(gram)))
    assert np.array_equal(shift_average(S) @ U, U * powers)


@pytest.mark.parametrize("n", [5, 6])
def test_the_inertia_counts_frequencies(n):
    """Every set of frequencies, by the Hessian from values; in double precision for n = 5."""
    power = {5: [5, 3, 2, 2, 3], 6: [5, 3, 2, 4, 2, 3]}[n]
    S = stationary(power)
    landscape = Convolutional(Moments.auto(rationals(np.round(6 * S)) / 6 if n == 6 else S))
    classes = list(landscape.critical_classes())
    assert len(classes) == landscape.number_of_classes == {5: 8, 6: 16}[n]
    for critical in classes[:: n - 4]:
        weights, r = critical.weights(), critical.rank
        H = calculus.hessian(landscape.loss, weights, 4).astype(float)
        signs = np.linalg.eigvalsh(H)
        counts = ((signs < -1e-6).sum(), (abs(signs) <= 1e-6).sum(), (signs > 1e-6).sum())
        assert critical.inertia == counts == (n - r, r, n)
        np.testing.assert_allclose(critical.hessian_spectrum(), signs, rtol=0, atol=1e-8)


def test_equal_powers_do_not_mix():
    """White noise in six places: 16 classes of multiplicity 1, where PCA has seven with ties; a
    mixture of modes of two frequencies is no critical point."""
    landscape = Convolutional(Moments.auto(rationals(np.eye(6, dtype=int))))
    classes = list(landscape.critical_classes())
    assert len(classes) == 16
    assert all(c.multiplicity == 1 for c in classes)
    mixed = rationals([[1, 0, 0, 0, 0, 0]]) / Fraction(2)
    slope = calculus.gradient(landscape.loss, (2 * mixed, mixed), 4)
    assert slope.any()


@pytest.mark.parametrize("n", [4, 5, 7])
def test_points_of_a_class_are_certified(n):
    """With an invertible filter as gauge, and free parts where no power is; exact and floating."""
    rng = np.random.default_rng(n)
    x = rng.integers(-3, 4, (n, 1)) if n != 4 else np.array([[1], [2], [1], [-4]])
    x = rationals(x) - (rationals(x).sum() / n if n == 4 else 0)
    for numbers in (x, x.astype(float)):
        landscape = Convolutional(Moments.auto(numbers @ numbers.T))
        for critical in landscape.critical_classes():
            gauge = rationals([[3, 1, *[0] * (n - 2)]])
            free = rationals(rng.integers(-2, 3, (2, 1, n)))
            if landscape.moments.Sxx.dtype != object:
                gauge, free = gauge.astype(float), free.astype(float)
            weights = critical.weights(gauge, free=free)
            if n == 4:  # signals of mean 0
                sums = [float(w.sum()) for w in weights]
                assert sums == pytest.approx([float(w.sum()) for w in free])
            certificate = certify(landscape, *weights)
            assert certificate.critical.index_set == critical.index_set
            assert certificate.verdict is Verdict.CERTIFIED, certificate


def test_one_signal_has_all_frequencies():
    """An impulse: rank 1 as a sample, and white noise as a convolution sees it."""
    landscape = Convolutional(Moments.from_data(np.array([[2.0, 0, 0, 0]]), center=False))
    assert landscape.spectrum.rank == 4
    assert landscape.number_of_classes == 8
    assert float(next(landscape.critical_classes()).loss) == 0


def test_exact_spectral_matrices_are_those_of_doubles():
    """Four frequencies, in ℚ(i)."""
    S = rationals(drawn(8).round(3))
    pairs = zip(spectral_matrices(S, 2), spectral_matrices(S.astype(float), 2), strict=True)
    for exact, rounded in pairs:
        np.testing.assert_allclose(floating(exact), rounded, rtol=0, atol=1e-12)


def test_what_a_convolution_does_not_allow_is_refused():
    """Other targets, complex data, a filter with a zero as gauge, strides that do not divide."""
    one = rationals([[1, 0], [0, 1]])
    landscape = Convolutional(Moments.auto(one))
    wrong = {
        "auto-association": lambda: Convolutional(Moments(one, -one, one)),
        "real moments": lambda: Convolutional(Moments.auto(np.array([[2, 1j], [-1j, 2]]))),
        "gauge of shape": lambda: landscape.class_weights((0,), one),
        "a filter with a zero": lambda: landscape.class_weights((0,), rationals([[1, 1]])),
        "step that divides 2": lambda: shift_average(one, 3),
        "stride that divides 4": lambda: alias_classes(4, 3),
    }
    for message, construct in wrong.items():
        with pytest.raises(ValueError, match=message):
            construct()
    with pytest.raises(ValueError, match="a filter with a zero"):
        landscape.floating.class_weights((0,), np.array([[1.0, 1.0]]))


POWER = [1.3, 5.2, 0.7, 3.9, 4.4, 6.0, 2.8, 6.0, 4.4, 3.9, 0.7, 5.2]


@pytest.mark.parametrize(("stride", "channels"), [(3, 1), (2, 1), (4, 2), (3, 2)])
def test_an_optimiser_finds_the_strongest_of_each_alias_class(stride, channels):
    """N = 12, one stationary channel; PCA with as many numbers is strictly better."""
    S, n = stationary(POWER), 12
    claimed = alias_loss(POWER, stride, channels)
    assert FilterBank(S, stride, channels).loss == pytest.approx(claimed, abs=1e-12)
    assert least_of_filters(S, stride, channels) == pytest.approx(claimed, abs=1e-10)
    pca = sum(sorted(POWER)[: n - channels * n // stride])
    assert claimed > pca + 0.1


@pytest.mark.parametrize(
    ("stride", "loss", "pca"), [(3, 11.10981263, 10.909), (2, 7.39300667, 7.027)]
)
def test_of_a_random_spectrum_an_optimiser_finds_no_more_and_pca_does(stride, loss, pca):
    """N = 12, S(f) uniform between 0.2 and 3, made even."""
    power = np.random.default_rng(0).uniform(0.2, 3, 12)
    power = (power + np.roll(power[::-1], 1)) / 2
    found = least_of_filters(stationary(power), stride, 1, starts=3)
    assert found == pytest.approx(loss, abs=1e-8)
    assert alias_loss(power, stride, 1) == pytest.approx(loss, abs=1e-8)
    eigenvalues = np.linalg.eigvalsh(stationary(power))
    assert eigenvalues[: 12 - 12 // stride].sum() == pytest.approx(pca, abs=5e-4)


def test_a_falling_spectrum_gives_a_low_pass():
    """Then, and only then, nothing is lost against PCA: the pass band is |f| < N/(2 s)."""
    power = [9.0, 7.0, 5.0, 3.0, 2.0, 1.0, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0]
    assert alias_choice(power, 4, 1) == [0, 1, 11]
    assert alias_loss(power, 4, 1) == sum(sorted(power)[:9])
    found = least_of_filters(stationary(power), 4, 1)
    assert found == pytest.approx(alias_loss(power, 4, 1), abs=1e-10)


def test_a_signal_that_is_not_stationary_needs_spectral_matrices():
    """With stride 2 the two places of a block may differ: diag(4, 1, 4, 1) loses 2 and not the 5 of
    its power spectrum, which is white."""
    S = np.diag([4.0, 1.0, 4.0, 1.0])
    assert alias_loss(power_spectrum(S), 2, 1) == pytest.approx(5)
    assert FilterBank(S, 2, 1).loss == pytest.approx(2)
    assert least_of_filters(S, 2, 1) == pytest.approx(2)


@pytest.mark.parametrize(("step", "codes"), [(2, 1), (3, 1), (3, 2), (6, 2)])
def test_channels_and_strides_are_pca_of_spectral_matrices(step, codes):
    """Any moment of N = 12 numbers: against an optimiser, and the filters that are given. Slow
    changes are stronger, or PCA could be as restricted by chance."""
    blur = np.eye(12) + 0.9 * np.roll(np.eye(12), step, axis=0)
    S = blur @ drawn(12) @ blur.T
    bank = FilterBank(S, step, codes)
    A, B = bank.weights()
    E = np.eye(12) - A @ B
    assert np.trace(E @ S @ E.T) == pytest.approx(bank.loss, rel=4e-14)
    for P in shifts(12, step):
        np.testing.assert_allclose(P @ A @ B @ P.T, A @ B, rtol=0, atol=1e-12)
    assert least_of_filters(S, step, codes) == pytest.approx(bank.loss, rel=4e-14)
    mean = shift_average(S, step)
    assert bank.loss > np.linalg.eigvalsh(mean)[: 12 - codes * 12 // step].sum() + 0.01


def chosen(f):
    """The filter that passes ± f of six places, exactly."""
    waves = {0: [1] * 6, 1: [2, 1, -1, -2, -1, 1], 2: [2, -1, -1, 2, -1, -1], 3: [1, -1] * 3}
    return rationals(waves[f]) / Fraction(6)


def test_a_pair_of_alias_classes_counts_twice():
    """N = 6, stride 2, one channel: exact inertia at nine points, by values of the definition; the
    mirrored pair of alias classes adds 4 for 1 or 5 against 4 or 2, and DC and 3 add 2 at most."""
    power, n = [5, 3, 2, 4, 2, 3], 6
    S = rationals(np.round(6 * stationary(power))) / Fraction(6)
    moves = [P.astype(int) for P in shifts(n, 2)]

    def loss(a, b):
        (M, s), (a, d), (b, e) = map(integers, (S, a, b))
        A = np.concatenate([P @ a for P in moves], axis=1)
        E = d * e * np.eye(n, dtype=int) - A @ np.concatenate([b @ P.T for P in moves])
        return Fraction(((E @ M) * E).sum(), s * (d * e) ** 2)

    bank = FilterBank(stationary(power), 2, 1)
    places = [{None: (), 0: (0,), 3: (1,)}, {None: (), 1: (0,), 2: (1,)}]
    for mean, pair in product(*places):
        taps = sum((chosen(f) for f in (mean, pair) if f is not None), 0 * chosen(0))
        weights = (2 * taps[:, None], taps[None])
        assert not calculus.gradient(loss, weights, 4).any()
        found = inertia(calculus.hessian(loss, weights, 4))
        J = [places[0][mean], places[1][pair]]
        assert found == bank.class_inertia(J)
        assert float(loss(*weights)) == pytest.approx(bank.class_loss(J), abs=1e-12)
        expected = {None: 2, 0: 0, 3: 1}[mean] + 2 * {None: 2, 1: 0, 2: 1}[pair]
        assert found.negative == expected


def test_every_class_of_a_bank_is_found_at_other_sizes():
    """N = 8, two steps or four, one code or two: inertia of the Hessian in double precision."""
    for step, codes in ((2, 1), (4, 1)):
        S, n = drawn(8), 8
        bank, moves = FilterBank(S, step, codes), shifts(n, step)

        def loss(a, b, S=S, moves=moves):
            A = np.concatenate([P @ a for P in moves], axis=1)
            E = np.eye(8) - A @ np.concatenate([b @ P.T for P in moves])
            return ((E @ S) * E).sum()

        for J in list(bank.classes())[::5]:
            A, B = bank.weights(J)
            H = calculus.hessian(loss, (A[:, :codes], B[:codes]), 4)
            signs = np.linalg.eigvalsh(H.astype(float))
            negative, positive = (signs < -1e-7).sum(), (signs > 1e-7).sum()
            claimed = bank.class_inertia(J)
            assert (claimed.negative, claimed.positive) == (negative, positive)
