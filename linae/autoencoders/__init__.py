"""Trainable autoencoders: one trainer, and the loss is an argument.

    params = initial(rng, inputs=4, width=2, hidden=8)
    run = train(losses.denoising, params, X, rng)
    run.params, run.losses, run.reason

    def contractive(xp, P, X, noise):                 a loss of one's own
        return losses.vanilla(xp, P, X, noise) + (jacobian(xp, P, X) ** 2).sum(-1).sum(-1).mean()

    train(partial(losses.sparse, alpha=0.5), params, X, rng)

`networks` has encoders and decoders, `losses` one function for each autoencoder, `noise` what they
are given, `train` the trainer, and `optima` what the theory of linear ones says of the end.
"""

from linae.autoencoders import losses, optima
from linae.autoencoders.networks import Parameters, decoder, encoder, initial, jacobian
from linae.autoencoders.noise import normal, points
from linae.autoencoders.optima import Optimum
from linae.autoencoders.train import Training, train

__all__ = [
    "Optimum",
    "Parameters",
    "Training",
    "decoder",
    "encoder",
    "initial",
    "jacobian",
    "losses",
    "normal",
    "optima",
    "points",
    "train",
]
