"""Encoder and decoder: functions of a dictionary of arrays, on any array namespace.

    X = decoder(np, P, encoder(np, P, X))       rows are samples

    A (n, p), B (p, n)                          D(z) = A z + a          E(x) = B x + b
    C, H, c, h too                              D(z) = A tanh(C z + c) + a
                                                E(x) = B tanh(H x + h) + b
    s                                           E(x) = sig(B x + s)
    A (K, t, c), B (K, c, t)                    taps of circular filters, stride t, c channels
    B (p, 1), R (p, p)                          E(x) = yₙ + b, yₖ = B xₖ + R yₖ₋₁

`xp` is NumPy, `autograd.numpy`, `jax.numpy` or `torch`. An array that is absent is not used, and
without A the decoder uses the transpose of the encoder's matrix. `kinds` has where to start.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

Parameters = dict[str, Any]
"""Arrays by name: A, B last layers and C, H hidden ones of decoder and encoder, R of states from
one step to the next, small letters biases; `log_variance` of noise on codes; what begins with
"critic" belongs to another player."""


def encoder(xp: Any, P: Parameters, X: Any) -> Any:
    """Codes of samples."""
    Z = _affine(encoder_matrix(xp, P), P.get("b"), _hidden(xp, P, "H", "h", X))
    return (1 + xp.tanh((Z + P["s"]) / 2)) / 2 if "s" in P else Z


def decoder(xp: Any, P: Parameters, Z: Any) -> Any:
    """Samples of codes."""
    return _affine(decoder_matrix(xp, P), P.get("a"), _hidden(xp, P, "C", "c", Z))


def encoder_matrix(xp: Any, P: Parameters) -> Any:
    """Its last layer: B, its filters as a matrix, or [Rⁿ⁻¹B … R B, B] for the inputs of n steps."""
    if "R" not in P:
        return _matrix(P["B"])
    columns = [P["B"][:, 0]]
    for _ in range(len(P["A"]) - 1):
        columns.append(P["R"] @ columns[-1])
    return xp.stack(columns[::-1], -1)


def decoder_matrix(xp: Any, P: Parameters) -> Any:
    """Its last layer, A or its filters as a matrix; the transpose of the encoder's if tied."""
    return _matrix(P["A"]) if "A" in P else encoder_matrix(xp, P).T


def number_of_codes(P: Parameters) -> int:
    """p, whatever B is made of."""
    return prod(np.shape(P["B"])[:-1])


def jacobian(xp: Any, P: Parameters, X: Any) -> Any:
    """∂E/∂x, (p, n) if it is the same for all samples, else (N, p, n)."""
    B = encoder_matrix(xp, P)
    if "s" in P:
        Z = encoder(xp, P, X)
        return (Z * (1 - Z))[..., None] * B
    if "H" not in P:
        return B
    slope = 1 - _hidden(xp, P, "H", "h", X) ** 2
    return (B * slope[..., None, :]) @ P["H"]


def critic(xp: Any, P: Parameters, Z: Any) -> Any:
    """Log-odds that a code is from the prior; between two Gaussians the best ones are quadratic."""
    quadratic = ((Z @ P["critic_quadratic"]) * Z).sum(-1)
    return quadratic + Z @ P["critic_linear"] + P["critic_constant"]


def column_lengths(xp: Any, P: Parameters) -> Any:
    """Lengths (p,) of the decoder columns that the codes are multiplied with."""
    columns = P["C"] if "C" in P else decoder_matrix(xp, P)
    return xp.sqrt((columns**2).sum(0))


def error(X: Any, Y: Any) -> Any:
    """‖x − y‖², mean over samples."""
    return ((X - Y) ** 2).sum(-1).mean()


def _matrix(W: Any) -> Any:
    """Taps (K, r, c) as a matrix (K r, K c), tap l from block b − l to block b; else as it is."""
    if len(W.shape) == 2:
        return W
    count, rows, columns = W.shape
    steps = np.arange(count)
    blocks = W[(steps[:, None] - steps) % count]
    return blocks.swapaxes(1, 2).reshape(count * rows, count * columns)


def _affine(W: Any, bias: Any, X: Any) -> Any:
    Y = X @ W.T
    return Y if bias is None else Y + bias


def _hidden(xp: Any, P: Parameters, weight: str, bias: str, X: Any) -> Any:
    return xp.tanh(_affine(P[weight], P.get(bias), X)) if weight in P else X
