"""The claims of the post on other autoencoders: stable, generative, sparse, and what follows.

In the form of `_claims`.
"""

from __future__ import annotations

from fractions import Fraction
from math import log, pi

import numpy as np

from linae import Contractive, Moments, SquaredLoss, TiedContractive, Variational, inertia
from linae.divergences import Normal, best_logit, jensen_shannon
from linae.exact import rank, rationals
from linae.filter_banks import alias_loss
from linae.landscapes.adversarial import Adversarial
from linae.landscapes.convolutional import Convolutional
from linae.recurrent import Memory, Recurrence, hankel
from linae.regularisers import regulariser
from linae.sparse import duality_gap, objective, soft_threshold
from linae.supervision import denoise
from proofs._games import Rivals, likelihood, opposite
from proofs.noise_and_curvature import stationary


def f1():
    """ℒ = ‖x − D(E(x + ε))‖² (denoising)

    holds when: it is read as a mean over ε (and x)
    by: denoising
    As written it is the loss of one sample of noise. The mean over any independent noise of mean 0
    and covariance N is E‖x − W x‖² + tr W N Wᵀ for linear maps. With x = ±1, ε = ±1, W = 1/2 the
    samples have the losses 0 and 1, and the mean is 1/2 = 1/4 + 1/4.
    """
    half = rationals([["1/2"]])
    noisy = SquaredLoss(denoise(Moments.auto(rationals([[1]])), 1), 1)
    samples = [(1 - Fraction(1 + e, 2)) ** 2 for e in (1, -1)]
    assert samples == [0, 1]
    assert noisy.loss(half, rationals([[1]])) == Fraction(sum(samples), 2)


def f2():
    """ℒ = ‖x − D(E(x))‖² + ‖∂E(x)/∂x‖_F² (contractive)

    holds when: the weights are tied, or the decoder is bounded; and the penalty has a weight γ
    by: contractive
    Untied linear weights can shrink the encoder and let the decoder grow: the infimum is the loss
    without penalty, no weights have it, and the only critical points are saddles with B = 0. For
    S = 1, γ = 1 the weights (c, 1/c) have the loss 1/c². Tied, A = (1 − γ/2)^½ is a minimum.
    """
    one = rationals([[1]])
    untied, tied = Contractive(Moments.auto(one), 1, 1), TiedContractive(Moments.auto(one), 1, 1)
    assert [untied.loss(c * one, one / c) for c in (2, 10)] == [Fraction(1, 4), Fraction(1, 100)]
    assert [c.kind for c in untied.critical_classes()] == ["strict saddle"]
    assert next(tied.critical_classes()).loss == Fraction(3, 4)


def f3():
    """the connection between gaussian noise and regularisation of gradients is quite important!!

    holds when: r is linear; else short of the term −σ² ⟨x − r(x), Δr⟩ of the same order
    by: jacobian_penalty
    And what is regularised is the Jacobian of the whole reconstruction, not of the encoder as in
    the contractive loss. r(z) = z²/2 at x = 1 with ε of variance ν: the mean error is
    1/4 + ν/2 + 3ν²/4, where ‖e‖² + ν ‖J‖² = 1/4 + ν.
    """
    gauss = {0: Fraction(1, 2), 1: Fraction(1, 6), 2: Fraction(1, 12)}  # five moments of a Gaussian
    for s in (Fraction(1), Fraction(1, 2)):
        outcomes = [
            (w, sign * s * z) for z, w in gauss.items() for sign in ((1, -1) if z else (1,))
        ]
        error = sum(w * (1 - (1 + e) ** 2 / 2) ** 2 for w, e in outcomes)
        assert error == Fraction(1, 4) + s**2 / 2 + 3 * s**4 / 4


def f4():
    """this hints at how SGD can be used to get second order information

    holds when: the noise is a probe, or its covariance is known
    by: noise_and_curvature
    E vᵀHv = tr H for random signs v, and Stein's identity gives all of H. The scatter of SGD gives
    one equation for H and the noise together: with step 1, H = 1 and G = 1 scatter as H = 1/2 and
    G = 3/4.
    """
    one = rationals([[1]])
    assert stationary(one, one, Fraction(1)) == stationary(one / 2, 3 * one / 4, Fraction(1)) == 1


def f5():
    """ℒ = −D_KL(q(z | x) ‖ p(z)) + E log p(x | z) (variational)

    holds when: it is maximised: this is the ELBO, and the other losses of the post are minimised
    by: variational
    The loss is −ELBO, times 2σ² and up to a constant E‖x − A z‖² + 2σ² KL; its minima are principal
    components, and all else strict saddles. S = 4, σ² = 1: at the best weights a² = 3, b = a/4,
    d = 1/4 it is 1 + log 4, and with all off 4; the ELBO is the greater there.
    """
    landscape = Variational(Moments.auto(rationals([[4]])), 1, 1)
    best, off = landscape.critical_classes()
    assert abs(best.loss - 1 - log(4)) < 1e-12
    assert off.loss == 4
    values = [landscape.elbo(*c.weights()) for c in (best, off)]
    assert values[0] > values[1]
    assert abs(values[1] + (log(2 * pi) + 4) / 2) < 1e-12


def f6():
    """ℒ_D = −log(1 − C(D(z))) − log C(x) (decoder), ℒ_C = −log C(D(z)) (discriminator)

    false
    by: swapped_labels
    The labels are swapped; each is right for the other player. As written the critic is rewarded
    for believing fakes: ℒ_C falls towards 0 as C → 1, and ℒ_D rises without end. With real and fake
    samples alike, C = ½ is best for the discriminator; raising its odds from 1 to 10 improves ℒ_C
    and spoils ℒ_D.
    """
    half, sure = Rivals((1,), (1,), (Fraction(1),)), Rivals((1,), (1,), (Fraction(10),))
    believed = [likelihood(x.critic, x.fake) for x in (half, sure)]
    told = [
        likelihood(x.critic, x.real) * likelihood(opposite(x.critic), x.fake) for x in (half, sure)
    ]
    assert believed == [Fraction(1, 2), Fraction(10, 11)]
    assert told == [Fraction(1, 4), Fraction(10, 121)]


def f7():
    """Adversarial autoencoders

    holds when: the critic is put on codes, the encoder is the generator, and data are Gaussian
    by: adversarial
    The formulas of the post have the critic on data and the decoder as generator. On codes, and
    with no more of them than the rank of the data, it costs a linear autoencoder nothing at any γ:
    S = diag(4, 1), p = 1 has the least loss 1, that of the first component, at γ = 1 and 100; the
    codes have the variance 1.
    """
    moments = Moments.auto(rationals([[4, 0], [0, 1]]))
    for strength in (1, 100):
        best, other = Adversarial(moments, 1, strength).critical_classes()
        A, B = best.weights()
        assert (best.loss, other.loss) == (1, 4)
        assert (B @ moments.Sxx @ B.T).item() == 1
        assert (rationals([[1, 0], [0, 0]]) == A @ B).all()


def f8():
    """GANs relation to JSD?

    answered
    by: jensen_shannon
    The game with the best critic has the value −log 4 + 2 JSD. The slope of the generator is that
    of 2 JSD if it saturates, else of KL − 2 JSD. Real (1, 0) and fake (0, 1) samples: the critic is
    right always, the value is 0 and JSD = log 2. A linear generator of lower dimension than the
    data has JSD = log 2 always: nothing to learn from; W₂ leads to principal components
    (`wasserstein`).
    """
    apart, alike = Rivals((1, 0), (0, 1), ()), Rivals((1, 1), (1, 1), ())
    games = [
        likelihood(x.best, x.real) * likelihood(opposite(x.best), x.fake) for x in (apart, alike)
    ]
    assert games == [1, Fraction(1, 4) ** 2]  # exp of N times 0, and −log 4
    p, q = Normal([0], [[1]]), Normal([1], [[1]])
    x = np.linspace(-9, 10, 4001)
    real, fake = (np.exp(-((x - m) ** 2) / 2) / (2 * pi) ** 0.5 for m in (0, 1))
    critic = real / (real + fake)
    value = ((real * np.log(critic) + fake * np.log1p(-critic)) * (x[1] - x[0])).sum()
    assert abs(value + log(4) - 2 * jensen_shannon(p, q)) < 1e-9


def f9():
    """Adversarial autoencoders = learning a distance metric / loss function

    holds when: it says quadratic form, which the best critic between Gaussians is
    by: learned_metric
    Its logit has the difference of precisions: a metric only if one of them dominates, else
    indefinite. If the adversary may choose any metric of trace 1, the game has the value λ_{p+1}:
    principal components attain it, and others too. S = diag(2, 1), p = 1: W = diag(1, 0) and
    diag(1/2, 0) have the greatest loss 1.
    """
    for C, signs in (([2, 1], (1, 1, 0)), ([2, 0.5], (1, 0, 1))):
        logit = best_logit(Normal([0, 0], np.eye(2)), Normal([0, 0], np.diag(C)))
        assert inertia(rationals(logit.quadratic)) == signs
    S, one = rationals([[2, 0], [0, 1]]), rationals([[1, 0], [0, 1]])
    for kept in (1, Fraction(1, 2)):
        E = one - np.diag(rationals([kept, 0]))
        errors = E @ S @ E.T
        assert inertia(one - errors).negative == 0
        assert errors[1, 1] == 1


def f10():
    """Sparse: L = ‖x − D(E(x))‖² + λ ‖E(x)‖₁

    holds when: the columns of the decoder have norm 1
    by: homogeneity
    Otherwise codes shrink while the decoder grows, and the penalty is free in the limit: x = 1,
    coded as 1/c and decoded by c, costs λ/c. With orthonormal columns the best code is soft
    thresholded at λ/2, not at λ.
    """
    x = rationals([1])
    costs = [objective(rationals([[c]]), x, rationals([1]) / c, Fraction(2)) for c in (1, 10, 1000)]
    assert costs == [2, Fraction(1, 5), Fraction(1, 500)]
    one = rationals([[1]])
    for weight, best in ((Fraction(1), Fraction(1, 2)), (Fraction(2), 0), (Fraction(3), 0)):
        code = soft_threshold(x, weight / 2)
        assert code == best
        assert not duality_gap(one, x, code, weight)
    assert np.all(duality_gap(one, x, soft_threshold(x, Fraction(1)), Fraction(1)) > 0)


def f11():
    """(what other types of regularisation could/should be used?)

    answered
    by: regularisers
    Should: one that bounds both factors. Weight decay, dropout and the KL term shrink a component
    to 1 − γ/λ or the like, and switch it off below a threshold; noise shrinks and switches nothing
    off; nested dropout and uneven decay give each unit one component. λ = 4, 1 with γ = 2: weight
    decay leaves 1/2 and 0, noise leaves 2/3 and 1/3.
    """
    values = [Fraction(4), Fraction(1)]
    decayed, noisy = (
        regulariser(name).factors(values, 2, 2) for name in ("weight decay", "noisy inputs")
    )
    assert list(decayed) == [Fraction(1, 2), 0]
    assert list(noisy) == [Fraction(2, 3), Fraction(1, 3)]


def f12():
    """Convolutional and recurrent = ?

    holds when: the map is linear: PCA of each frequency, and a kernel of finite Hankel rank
    by: filter_banks
    A convolution sees only the power spectrum, and passes the strongest of the frequencies that
    alias: of powers 4, 0, 3, 0 stride 2 loses 3 and PCA nothing. A recurrence with p states is a
    causal convolution whose Hankel matrix has rank at most p; in general it remembers pasts as PCA
    does only if nothing is truncated: of x = 2, 3 one state must lose 1, and PCA's state loses
    129/125.
    """
    averaged = Convolutional(Moments.auto(rationals([[3, 1], [1, 1]])))
    assert averaged.moments.Sxx.tolist() == [[2, 1], [1, 2]]
    power = [4, 0, 3, 0]
    assert (alias_loss(power, 2, 1), sum(sorted(power)[:2])) == (3, 0)
    one = rationals([[1]])
    assert rank(hankel(Recurrence(one, one / 2, one).kernel(3), 2, 2)) == 1
    U = rationals([[2], [1]])
    truncated = Memory(Recurrence(2 * one / 5, 2 * one / 5, U), U)
    best = Memory(Recurrence(2 * one / 5, one / 2, U), U)
    X = rationals([[2], [3]])
    assert (truncated.error(X), best.error(X)) == (Fraction(129, 125), 1)


def f13():
    """Sigmoid = same energy function as deep belief nets?

    false
    by: belief_nets
    Of one layer it is: −∇F(x) = r(x) − x with F the free energy of a Gaussian–Bernoulli RBM, if
    weights are tied and the output is linear. A deep belief net has another F. One unit in each of
    three layers, e^B = 2, other parameters 0: P(v = 1) is 7/12, and 3/5 for the RBM.
    """
    from proofs import belief_nets, energy

    one, idle = rationals([1]), rationals([[1]])
    net = belief_nets.BeliefNet(2 * idle, one, one, idle, one, one)
    law = belief_nets.likelihood(net) @ belief_nets.prior(net)
    assert (law[1], belief_nets.machine(net)[1]) == (Fraction(7, 12), Fraction(3, 5))
    zero = rationals([0])
    layer = energy.Layer(idle, idle, zero, zero, rationals([2]), (1,))
    assert energy.mean_slope(layer) == layer.output == Fraction(2, 3)
