"""Encoder and decoder: functions of a dictionary of arrays, on any array namespace.

    P = initial(rng, inputs=4, width=2)         A (n, p), B (p, n): linear
    P = initial(rng, 4, 2, hidden=8)            D(z) = A tanh(C z + c) + a
                                                E(x) = B tanh(H x + h) + b
    P = initial(rng, 4, 2, tied=True)           no A: the decoder uses Bᵀ
    X = decoder(np, P, encoder(np, P, X))       rows are samples

`xp` is NumPy, `autograd.numpy`, `jax.numpy` or `torch`. An array that is absent is not used.
A sigmoid is (1 + tanh(x/2))/2, so that the last layers make tanh stand for both.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Parameters = dict[str, Any]
"""Arrays by name: A, B last layers and C, H hidden ones of decoder and encoder, small letters their
biases; `log_variance` of noise on codes; what begins with "critic" belongs to another player."""


def initial(
    rng: np.random.Generator,
    inputs: int,
    width: int,
    *,
    hidden: int = 0,
    biases: bool = False,
    tied: bool = False,
) -> Parameters:
    """Random weights of variance 1/columns, biases zero; layers that are hidden have biases.

    A loss that does not use some of them leaves them as they are.
    """
    if min(inputs, width) < 1 or hidden < 0:
        got = f"inputs = {inputs}, width = {width}, hidden = {hidden}"
        raise ValueError(f"Need inputs, width >= 1 and hidden >= 0. Got {got}.")
    if tied and hidden:
        raise ValueError(f"Need tied weights without hidden units. Got hidden = {hidden}.")
    shapes = {"A": (inputs, hidden or width), "B": (width, hidden or inputs)}
    if hidden:
        shapes |= {"C": (hidden, width), "H": (hidden, inputs)}
    if tied:
        del shapes["A"]
    P = {name: rng.standard_normal(shape) / shape[1] ** 0.5 for name, shape in shapes.items()}
    if biases or hidden:
        sizes = {"a": inputs, "b": width, "c": hidden, "h": hidden}
        P |= {name: np.zeros(size) for name, size in sizes.items() if size}
    critic = {"critic_quadratic": (width, width), "critic_linear": (width,), "critic_constant": ()}
    return (
        P
        | {name: np.zeros(shape) for name, shape in critic.items()}
        | {"log_variance": np.zeros(width)}
    )


def encoder(xp: Any, P: Parameters, X: Any) -> Any:
    """Codes of samples: E(x) = B x, or B tanh(H x + h) + b."""
    return _layer(P, "B", "b", _hidden(xp, P, "H", "h", X))


def decoder(xp: Any, P: Parameters, Z: Any) -> Any:
    """Samples of codes: D(z) = A z, or A tanh(C z + c) + a."""
    tied = {"A": P["B"].T} if "A" not in P else {}
    return _layer({**P, **tied}, "A", "a", _hidden(xp, P, "C", "c", Z))


def jacobian(xp: Any, P: Parameters, X: Any) -> Any:
    """∂E/∂x, (p, n) if it is the same for all samples, else (N, p, n)."""
    if "H" not in P:
        return P["B"]
    slope = 1 - _hidden(xp, P, "H", "h", X) ** 2
    return (P["B"] * slope[..., None, :]) @ P["H"]


def critic(xp: Any, P: Parameters, Z: Any) -> Any:
    """Log-odds that a code is from the prior; between two Gaussians the best ones are quadratic."""
    quadratic = ((Z @ P["critic_quadratic"]) * Z).sum(-1)
    return quadratic + Z @ P["critic_linear"] + P["critic_constant"]


def column_lengths(xp: Any, P: Parameters) -> Any:
    """Lengths (p,) of the decoder columns that the codes are multiplied with."""
    name = "C" if "C" in P else "A"
    columns = P[name] if name in P else P["B"].T
    return xp.sqrt((columns**2).sum(0))


def error(X: Any, Y: Any) -> Any:
    """‖x − y‖², mean over samples."""
    return ((X - Y) ** 2).sum(-1).mean()


def _layer(P: Parameters, weight: str, bias: str, X: Any) -> Any:
    Y = X @ P[weight].T
    return Y + P[bias] if bias in P else Y


def _hidden(xp: Any, P: Parameters, weight: str, bias: str, X: Any) -> Any:
    return xp.tanh(_layer(P, weight, bias, X)) if weight in P else X
