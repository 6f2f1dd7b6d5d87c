"""Trainable autoencoders: one trainer, and the loss is an argument.

    params = kinds.dense(rng, inputs=4, width=2, hidden=8)
    run = train(losses.denoising, params, X, rng)
    run.params, run.losses, run.reason

    def contractive(xp, P, X, noise):                 a loss of one's own
        return losses.vanilla(xp, P, X, noise) + (jacobian(xp, P, X) ** 2).sum(-1).sum(-1).mean()

    train(partial(losses.sparse, alpha=0.5), params, X, rng)

`kinds` has the parameters of a network to start from, dense, sigmoid, convolutional or recurrent,
`networks` the encoder and decoder that they make, `losses` one function for each autoencoder,
`noise` what they are given, `train` the trainer, and `optima` and `bounds` what theory says of the
end.
"""

from linae.autoencoders import bounds, kinds, losses, optima
from linae.autoencoders.networks import Parameters, decoder, encoder, jacobian
from linae.autoencoders.noise import normal, points
from linae.autoencoders.optima import Optimum
from linae.autoencoders.train import Training, train

__all__ = [
    "Optimum",
    "Parameters",
    "Training",
    "bounds",
    "decoder",
    "encoder",
    "jacobian",
    "kinds",
    "losses",
    "normal",
    "optima",
    "points",
    "train",
]
