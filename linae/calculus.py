"""Derivatives of a polynomial from its values: the definition that judges every closed form.

A polynomial of degree D along a line is known from its values at D + 1 points; so are its first and
second derivatives, exactly, in whatever arithmetic the values are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from linae.exact import Array, Gaussian, is_complex, rationals, solve, zeros

Loss = Callable[..., Any]
Weights = Sequence[Array]


@cache
def line_rule(degree: int) -> tuple[tuple[int, ...], tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Nodes, and weights of f′(0) and f″(0), exact for polynomials f of the given degree.

    >>> line_rule(2)[1]
    (Fraction(-1, 2), Fraction(0, 1), Fraction(1, 2))
    """
    reach = (degree + 1) // 2
    nodes = tuple(range(-reach, reach + 1))
    powers = rationals([[node**k for node in nodes] for k in range(len(nodes))])
    targets = rationals([[int(k == 1), 2 * int(k == 2)] for k in range(len(nodes))])
    first, second = solve(powers, targets).T
    return nodes, tuple(first), tuple(second)


def along_line(loss: Loss, weights: Weights, direction: Weights, degree: int) -> tuple[Any, Any]:
    """First and second derivative of t ↦ loss(weights + t·direction) at t = 0."""
    nodes, first, second = line_rule(degree)
    values = [
        loss(*(w + node * v for w, v in zip(weights, direction, strict=True))) for node in nodes
    ]
    pairs = list(zip(values, first, second, strict=True))
    return sum(f * a for f, a, _ in pairs), sum(f * b for f, _, b in pairs)


def unit_directions(weights: Weights) -> Iterator[tuple[Array, ...]]:
    """The coordinate directions, column by column, array by array; the imaginary ones last."""
    units: list[Any] = [1]
    if any(is_complex(w) for w in weights):
        units.append(
            Gaussian(Fraction(0), Fraction(1)) if any(w.dtype == object for w in weights) else 1j
        )
    for unit in units:
        for k, w in enumerate(weights):
            for column in range(w.shape[1]):
                for row in range(w.shape[0]):
                    direction = [zeros(v.shape, v) for v in weights]
                    direction[k][row, column] = unit
                    yield tuple(direction)


def gradient(loss: Loss, weights: Weights, degree: int) -> Array:
    """Gradient of a polynomial loss, as one vector in the order of `unit_directions`."""
    return np.array([along_line(loss, weights, e, degree)[0] for e in unit_directions(weights)])


def hessian(loss: Loss, weights: Weights, degree: int) -> Array:
    """Hessian of a polynomial loss, by polarisation of second derivatives along lines."""
    units = list(unit_directions(weights))
    squares = [along_line(loss, weights, e, degree)[1] for e in units]
    H = np.empty((len(units), len(units)), dtype=np.asarray(squares).dtype)
    for i, e in enumerate(units):
        H[i, i] = squares[i]
        for j in range(i):
            both = tuple(a + b for a, b in zip(e, units[j], strict=True))
            square = along_line(loss, weights, both, degree)[1]
            H[i, j] = H[j, i] = (square - squares[i] - squares[j]) / 2
    return H
