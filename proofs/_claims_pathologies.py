"""The claims of the post on pathologies, on uses of codes, and on the post itself.

In the form of `_claims`.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod

import numpy as np

from linae import Moments, SquaredLoss, TiedWeights, Variational, WeightDecay, inertia
from linae.calculus import hessian
from linae.compression import WaterFilling
from linae.exact import rationals
from linae.generalisation import excess, memorisation_loss
from linae.supervision import denoise, metric
from proofs._claims import ONE, auto, diagonal, slope
from proofs._games import Rivals, likelihood, opposite


def e20():
    """Mean output

    answered
    by: biases
    With biases it is the critical class of rank 0: a strict saddle of index p ρ, never a minimum
    unless the inputs say nothing of the targets.
    """
    mean = list(auto(3, 2, 1, width=2).critical_classes())[-1]
    assert (mean.rank, mean.index, mean.kind) == (0, 6, "strict saddle")


def f14():
    """Mean output

    answered
    by: collapse
    Five causes. (1) A saddle: the mean is the critical class of rank 0, where descent pauses, for a
    time of ln(1/w₀)/4λ₁ (biases, tied_speed). (2) A missing bias: one unit is spent on the mean,
    and no more (interlacing). (3) Too much of a regulariser, at the global minimum: tied
    contractive γ >= 2λ₁, weight decay γ >= λ₁, L1 γ >= √(2πλ₁), a variational latent where
    λ <= βσ²; never by noise or dropout. (4) An encoder whose code tells nothing of the mean of x:
    |x| for symmetric x (conditional_mean). (5) Targets anticorrelated with inputs, if weights are
    tied (commuting_targets). S = diag(4, 2): β = 1, 3, 4 leave 2, 1, 0 latents on for σ² = 1.
    """
    moments = Moments.auto(diagonal(4, 2))
    best = [next(Variational(moments, 2, 1, beta).critical_classes()) for beta in (1, 3, 4)]
    assert [c.rank for c in best] == [2, 1, 0]
    A, B, _ = best[1].weights()
    assert A[0] @ B[:, 0] == Fraction(1, 4)  # 1 − βσ²/λ
    decayed = [next(WeightDecay(moments, 2, x).critical_classes()).rank for x in (3, 4)]
    assert decayed == [1, 0]
    zero = rationals([[0], [0]])
    assert inertia(SquaredLoss(moments, 1).hessian(zero, zero.T)) == (2, 0, 2)  # a strict saddle
    shifted = SquaredLoss(Moments.auto(diagonal(4, 2) + diagonal(0, 9)), 2)
    assert next(shifted.critical_classes()).loss == 0
    one = SquaredLoss(Moments.auto(diagonal(4, 2) + diagonal(0, 9)), 1)
    assert next(one.critical_classes()).loss == 4  # with biases 2; the unit is spent on the mean
    samples = {-2: Fraction(1, 4), -1: Fraction(1, 4), 1: Fraction(1, 4), 2: Fraction(1, 4)}
    for code in (1, 2):  # what |x| says of x
        assert sum(w * x for x, w in samples.items() if abs(x) == code) == 0
    costs = [(1 + w * w) ** 2 for w in (Fraction(0), Fraction(1, 100))]  # targets −x, tied
    assert costs[0] < costs[1]


def e19():
    """Weight sharing does worse ?!!?

    answered
    by: tied
    In value: no for clean data, isotropic noise and weight decay; yes for other targets (y = −x).
    In landscape: no if S is regular or p ≥ n; yes otherwise: S = diag(1, 0), A = (0, 2)ᵀ is a local
    minimum of loss 1, where 0 is possible.
    """
    landscape, A = TiedWeights(Moments.auto(diagonal(1, 0)), 1), rationals([[0], [2]])
    assert not slope(landscape, A).any()
    assert inertia(hessian(landscape.loss, [A], 4)) == (0, 1, 1)
    assert (landscape.loss(A), landscape.place(A).kind) == (1, "local minimum")


def f15():
    """Weight sharing does worse ?!!?

    holds when: the best map is not symmetric and semidefinite
    by: weight_sharing
    For clean data, white noise, and weight decay that is the same for both factors it is, and
    sharing costs nothing. It costs where noise or metric do not commute with S, and for other
    targets: of correlations of both signs it learns the positive ones only. Other penalties have
    such a map, and may count it as dearer. Untied contractive and scaled L1 losses have no minimum,
    tied ones have. Tied flow is twice as fast, its largest step half. S = [2 1; 1 2],
    noise diag(1, 0), p = 2: 3/5 and 16/25. Targets y = −x, S = diag(2, 1): 0 and 3.
    """
    S, N = rationals([[2, 1], [1, 2]]), diagonal(1, 0)
    W = next(SquaredLoss(Moments(S + N, S, S), 2).critical_classes())
    assert W.loss == Fraction(3, 5)
    tied = rationals([["16/25", "2/25"], ["2/25", "24/25"]])
    normal = tied @ (S + N) + (S + N) @ tied - 2 * S  # of symmetric maps
    assert not normal.any()
    assert not inertia(tied).negative
    assert (((ONE - tied) @ S) * (ONE - tied)).sum() + ((tied @ N) * tied).sum() == Fraction(16, 25)
    S = diagonal(2, 1)
    assert next(SquaredLoss(Moments(S, -S, S), 2).critical_classes()).loss == 0
    errors = [((-ONE - W) @ S * (-ONE - W)).sum() for W in (0 * ONE, diagonal("1/100", 0))]
    assert errors[1] > errors[0] == 3


def f16():
    """Reconstructing unseen data

    answered
    by: unseen_data
    Many samples N: components lose Σ λᵢλⱼ/(λᵢ − λⱼ)/N more on new data, i <= p < j, and as much
    less on the samples (excess_loss). As many as inputs: they turn by a known angle, and components
    of variance below 1 + √(n/N) are not seen. As few as hidden units: what is learned is the
    projection on the samples, not the identity, though that is in reach; flat data lose n − N.
    λ = (2, 1), p = 1, N = 100: 1/50. One sample e₁ in two dimensions, from W = 0: W = e₁e₁ᵀ.
    """
    assert excess(rationals([2, 1]), 1, 100) == Fraction(1, 50)
    assert abs(memorisation_loss([1, 1], 1) - 1) < 1e-12
    S, W = diagonal(1, 0), 0 * ONE
    for _ in range(40):
        W = W - (W - ONE) @ S / 2
    assert (W @ diagonal(0, 1) == 0).all()
    assert abs(W[0, 0] - 1) < Fraction(1, 10**12)
    assert not (W - W[0, 0] * S).any()


def f17():
    """as compressors

    answered
    by: rate_distortion
    A linear β-VAE is the best code there is for Gaussian data: KL = R(D) at the water level βσ².
    PCA is not, and rounding a code breaks its gauge down to signed permutations
    (`transform_coding`). λ = (5, 2), βσ² = 1: error 2 for ½ ln 10 nats; no number of bits brings
    PCA of width 1 down to it.
    """
    values, A, d = (5, 2), (2, 1), (Fraction(1, 5), Fraction(1, 2))
    B = [a / Fraction(x) for a, x in zip(A, values, strict=True)]
    rows = list(zip(values, A, B, d, strict=True))
    error = sum((1 - a * b) ** 2 * x + a * a * v for x, a, b, v in rows)
    assert sum(b * b * x + v - 1 for x, _, b, v in rows) == 0  # so that KL = −½ Σ log d
    water = WaterFilling([Fraction(x) for x in values], 1)
    assert (error, 1 / prod(d)) == (water.distortion, water.volume) == (2, 10)


def f18():
    """communication through code space? cryptography??

    answered
    by: cryptography
    Communication: codes of two autoencoders differ by a gauge in GL(p), which p shared examples
    fix. Cryptography: none. The same p examples give a secret gauge away, ciphertexts alone all of
    it but a rotation. C = [[2, 1], [1, 1]]: two messages, and C is read off.
    """
    from proofs.cryptography import deciphered, leakage

    C, messages = rationals([[2, 1], [1, 1]]), rationals([[1, 2], [3, 4]])
    assert np.array_equal(deciphered(C @ messages, messages), C)
    assert leakage(C @ C.T, 1000) > 1


def f19():
    """See [here]() for an implementation of each autoencoder. (a nice simple gist where you can
    just change the loss fn)

    answered
    by: averages
    The link is empty. `linae.autoencoders` is one trainer whose argument is the loss, and a loss is
    a function of a few lines: of `losses`, or one's own. With A = 2 and B = 3, x = 1 has
    (1 − 6)² = 25, and γ = 1 of the contractive one adds B² = 9.
    """
    from linae.autoencoders import losses

    P, X = {"A": np.array([[2.0]]), "B": np.array([[3.0]])}, np.array([[1.0]])
    plain = losses.vanilla(np, P, X, None)
    contractive = losses.contractive(np, P, X, None, strength=1)
    assert (plain, contractive - plain) == (25, 9)


def f20():
    """how can we intelligently pick supervision schemes/loss functions that allow us to learn ???

    answered
    by: supervision
    Choose Sxx (by noise), Syx (by targets) and Γ (by the loss) such that the top singular vectors
    of Γ^½ Syx Sxx^(−½) are what you want; nothing else is seen. For S = diag(2, 1) noise of
    covariance diag(10, 0) turns the order over, and so do errors weighed by Γ = diag(1, 4).
    """
    plain = Moments.auto(diagonal(2, 1))
    for task in (denoise(plain, diagonal(10, 0)), metric(plain, diagonal(1, 2))):
        best = np.matmul(*next(SquaredLoss(task, 1).critical_classes()).weights())
        assert not best[0].any()
        assert best.any()


def f21():
    """\\sum_{t=0}^T ‖x_t − D(E(x_t))‖²

    holds when: it is not read as a mean: it has T + 1 terms, and penalties are that much weaker
    by: averages
    Σ + γ R = (T + 1) (mean + γ R/(T + 1)). With decay γ = 3 of a sum over x = 2, 0, 0 the component
    survives as with decay 1 of the mean, since 4 > 3; with decay 3 of the mean it does not.
    """
    mean = Moments.auto(rationals([[4]]) / 3)
    survivors = [next(WeightDecay(mean, 1, decay).critical_classes()).rank for decay in (1, 3)]
    assert survivors == [1, 0]


def f22():
    """regulaisation, Spare; 𝓛_{D,E} with D a decoder, 𝓛_D and 𝓛_C with D(z) a generator

    false
    by: swapped_labels
    Regularisation, sparse. In the language of GANs D is the discriminator, here the decoder: the
    labels of 𝓛_D and 𝓛_C are swapped (F6). The critic is best for 𝓛_D, which it should minimise,
    at p/(p + q), for the letters of real "aab" and fake "abb" at 2/3 and 1/3; 𝓛_C has no minimum.
    """
    game = Rivals((2, 1), (1, 2), ())
    best = likelihood(game.best, game.real) * likelihood(opposite(game.best), game.fake)
    for k in range(1, 12):
        for m in range(1, 12):
            C = [Fraction(k, 12), Fraction(m, 12)]
            told = likelihood(C, game.real) * likelihood(opposite(C), game.fake)
            assert told < best or game.best == C
            higher = [c + Fraction(1, 24) for c in C]
            assert likelihood(C, game.fake) < likelihood(higher, game.fake)
