"""Kinds of networks: random parameters of each, for `networks` to read and `train` to move.

    P = kinds.dense(rng, inputs=4, width=2)     linear
    P = kinds.dense(rng, 4, 2, hidden=8)        with layers of tanh units
    P = kinds.dense(rng, 4, 2, tied=True)       the decoder is the transpose of the encoder
    P = kinds.sigmoid(rng, 4, 2)                the layer that has an energy, see linae/energy.py
    P = kinds.convolutional(rng, 4, 2, stride=2)
    P = kinds.recurrent(rng, 4, 2)              a sample is a sequence of numbers

Weights are normal, of variance one over the number of terms that they are summed with; biases are
zero. A loss that does not use some of the arrays leaves them as they are. Every function of this
file is a network, and what has a default is an option of the command.

A sigmoid is (1 + tanh(x/2))/2, so that last layers make hidden tanh units stand for both. A
recurrent network of one step to the next would have nothing to learn: it can forget all, see
proofs/recurrent.py. This one decodes the whole sequence from its last state.
From some starts its R grows without end.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np

from linae.autoencoders.networks import Parameters


def dense(
    rng: np.random.Generator,
    inputs: int,
    width: int,
    *,
    hidden: int = 0,
    biases: bool = False,
    tied: bool = False,
) -> Parameters:
    """E(x) = B x, D(z) = A z, or tanh units before and after"""
    _check(inputs, width, hidden)
    if tied and hidden:
        raise ValueError(f"Need tied weights without hidden units. Got hidden = {hidden}.")
    shapes = {"A": (inputs, hidden or width), "B": (width, hidden or inputs)}
    if hidden:
        shapes |= {"C": (hidden, width), "H": (hidden, inputs)}
    if tied:
        del shapes["A"]
    sizes = {"a": inputs, "b": width, "c": hidden, "h": hidden} if biases or hidden else {}
    return _start(rng, width, shapes, {name: size for name, size in sizes.items() if size})


def sigmoid(rng: np.random.Generator, inputs: int, width: int) -> Parameters:
    """E(x) = sig(B x + s), D(z) = Bᵀz + a"""
    _check(inputs, width)
    return _start(rng, width, {"B": (width, inputs)}, {"s": width, "a": inputs})


def convolutional(
    rng: np.random.Generator, inputs: int, width: int, *, stride: int = 2, tied: bool = False
) -> Parameters:
    """A and B commute with shifts by the stride on the circle of inputs"""
    _check(inputs, width)
    if stride < 1 or inputs % stride:
        raise ValueError(f"Need a stride that divides {inputs} inputs. Got stride = {stride}.")
    steps = inputs // stride
    if width % steps:
        raise ValueError(f"Need as many codes at each of {steps} steps. Got width = {width}.")
    channels = width // steps
    shapes = {"A": (steps, stride, channels), "B": (steps, channels, stride)}
    if tied:
        del shapes["A"]
    return _start(rng, width, shapes)


def recurrent(rng: np.random.Generator, inputs: int, width: int) -> Parameters:
    """E(x) = yₙ, yₖ = B xₖ + R yₖ₋₁, D(z) = A z"""
    _check(inputs, width)
    return _start(rng, width, {"A": (inputs, width), "B": (width, 1), "R": (width, width)})


def _check(inputs: int, width: int, hidden: int = 0) -> None:
    if min(inputs, width) < 1 or hidden < 0:
        got = f"inputs = {inputs}, width = {width}, hidden = {hidden}"
        raise ValueError(f"Need inputs, width >= 1 and hidden >= 0. Got {got}.")


def _start(
    rng: np.random.Generator,
    width: int,
    shapes: Mapping[str, tuple[int, ...]],
    biases: Mapping[str, int] | None = None,
) -> Parameters:
    """Random weights, biases zero, and what losses may use: a critic, and noise on codes."""
    P: Parameters = {}
    for name, shape in shapes.items():
        terms = prod(shape) / shape[-2]
        P[name] = rng.standard_normal(shape) / terms**0.5
    zero = {"critic_quadratic": (width, width), "critic_linear": (width,), "critic_constant": ()}
    P |= {name: np.zeros(size) for name, size in (biases or {}).items()}
    P |= {name: np.zeros(shape) for name, shape in zero.items()}
    return P | {"log_variance": np.zeros(width)}
