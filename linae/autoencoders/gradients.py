"""Gradients of losses by autograd, and parameters as one vector."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from autograd import numpy as anp
from autograd.core import make_vjp

from linae.autoencoders.networks import Parameters
from linae.exact import Array

Loss = Callable[[Any, Parameters, Any, Any], Any]
"""See `losses`."""


def slope(loss: Loss, P: Parameters, X: Array, noise: Any) -> tuple[Array, Array]:
    """The loss of each player, and the gradient that it follows in its own parameters.

    Numbers that are not finite are returned as they are.
    """

    def values(P: Parameters) -> Any:
        value = loss(anp, P, X, noise)
        return anp.array(value if isinstance(value, tuple) else (value,))

    with np.errstate(all="ignore"):
        try:
            back, found = make_vjp(values, P)
            slopes = [back(player) for player in np.eye(len(found))]
        except np.linalg.LinAlgError:
            return np.array([np.nan]), 0 * flat(P)
    own = {name: slopes[-1 if name.startswith("critic") else 0][name] for name in P}
    return found, flat(own)


def flat(P: Parameters) -> Array:
    """All arrays in one."""
    return np.concatenate([np.ravel(array) for array in P.values()])


def unflat(theta: Array, like: Parameters) -> Parameters:
    """The inverse of `flat`, into arrays of such shapes.

    >>> P = {"A": np.eye(2), "a": np.zeros(1)}
    >>> unflat(flat(P), P)["A"].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    parts = np.split(theta, np.cumsum([np.size(array) for array in like.values()])[:-1])
    pairs = zip(like.items(), parts, strict=True)
    return {name: part.reshape(np.shape(array)) for (name, array), part in pairs}
