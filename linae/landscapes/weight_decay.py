"""Weight decay on both factors, E‖x − A B x‖² + μ (‖A‖² + ‖B‖²).

Kunin, Bloom, Goeva and Seed 2019: every critical point has A = Bᴴ, for every semidefinite S, and
the components with λ ≤ μ are switched off. Theorem: proofs/weight_decay.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, eye, is_complex, real
from linae.inertia import Inertia
from linae.landscapes.additive import Additive, Gains
from linae.landscapes.auto import auto_only, out_of_order, turned
from linae.landscapes.base import Place
from linae.landscapes.in_place import InPlace
from linae.landscapes.parameters import Parameter, hundredth, number, positive
from linae.landscapes.shrinkage import Shrinkage
from linae.landscapes.spectra import complements
from linae.landscapes.squared import SquaredLoss
from linae.moments import Moments


class WeightDecay(Additive, InPlace):
    """L(A, B) = E‖x − A B x‖² + μ (‖A‖² + ‖B‖²) for auto-association, real or complex.

    Parameters
    ----------
    decay : number
        μ > 0.

    >>> landscape = WeightDecay(Moments.auto([[2, 0], [0, 1]]), width=1, decay=1.5)
    >>> [(c.index_set, round(float(c.loss), 3), c.index) for c in landscape.critical_classes()]
    [((0,), 2.875, 0), ((), 3.0, 1)]
    """

    degree = 4
    places_doubles = True
    parameters: ClassVar = {"decay": Parameter("weight decay μ > 0", number, hundredth)}
    known = (
        "All critical points are in these classes, each a global minimum or a strict saddle, for "
        "every S (proofs/weight_decay.py). Components with λ <= μ are switched off."
    )

    def __init__(self, moments: Moments, width: int, decay: Any) -> None:
        super().__init__(auto_only(moments, "weight decay", real=False), width)
        self.decay = positive("decay", decay, moments)
        self.plain = SquaredLoss(moments, width)

    @cached_property
    def shrinkage(self) -> Shrinkage:
        return Shrinkage(self.spectrum, self.decay)

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return self.plain.shapes

    def loss(self, *weights: Array) -> Any:
        return self.plain.loss(*weights) + self.decay * sum(map(squared_norm, weights))

    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """Of the squared loss, plus 2 μ times the weights."""
        slopes = zip(self.plain.gradient(*weights), weights, strict=True)
        return tuple(g + 2 * self.decay * w for g, w in slopes)

    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """That of the squared loss, plus 2 μ times the direction."""
        plain = self.plain.hessian_map(*weights)

        def curved(*direction: Array) -> tuple[Array, ...]:
            turns = zip(plain(*direction), direction, strict=True)
            return tuple(h + 2 * self.decay * v for h, v in turns)

        return curved

    def hessian(self, *weights: Array) -> Array:
        H = self.plain.hessian(*weights)
        return H + 2 * self.decay * eye(len(H), H)

    @property
    def gains(self) -> Gains:
        """(λ − μ)²/λ of the components above μ."""
        return Gains(*self.shrinkage.gains)

    def class_gain(self, J: IndexSet) -> Any:
        """Σ_J (λ − μ)²/λ."""
        return sum((self.shrinkage.gain(j) for j in J), Fraction(0))

    def class_loss(self, J: IndexSet) -> Any:
        return self.shrinkage.loss(J)

    def class_kind(self, J: IndexSet) -> str:
        return "strict saddle" if self.class_inertia(J).negative else "global minimum"

    def class_inertia(self, J: IndexSet) -> Inertia:
        """As for the squared loss, K the unselected above μ, and gauges unitary."""
        r, q, twice = len(J), self.width - len(J), 1 + self.moments.is_complex
        above, tied = out_of_order(self.spectrum, J)
        alive, edge = self.shrinkage.counts(J)
        negative = twice * (above + q * alive)
        turns = r * r if self.moments.is_complex else r * (r - 1) // 2
        zero = turns + twice * (tied + r * q + q * edge)
        return Inertia(negative, zero, self.size - negative - zero)

    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]:
        """A = Bᴴ = [U_J diag(1 − μ/λ)^½, 0] Mᴴ with M unitary (the gauge); exact if the roots are
        rational."""
        if blocks:
            raise TypeError(f"Need no blocks: there are none. Got {', '.join(blocks)}.")
        A = turned(self.shrinkage.decoder(J, self.width), gauge)
        return A, A.conj().T

    def class_spectra(self, sets: Array) -> Array | None:
        """For real data."""
        if self.moments.is_complex:
            return None
        values = self.spectrum.eigenvalues.astype(float)
        return uniformly_decayed_spectra(values, sets, self.width, float(self.decay))

    def place(self, *weights: Array) -> Place | None:
        """The class of A = Bᴴ by traces; open where an eigenvalue and μ agree to rounding."""
        J = self.shrinkage.index_set(weights[0])
        if J is None:
            return None
        return Place(CriticalClass(self, J), self.class_inertia(J), self.class_kind(J))

    def terms(self, *weights: Array) -> tuple[float, float]:
        slope, curvature = self.plain.terms(*weights)
        size = sum(float(np.linalg.norm(w)) for w in weights)
        return slope + float(self.decay) * size, curvature + 2 * float(self.decay)

    @cached_property
    def floating(self) -> WeightDecay:
        return WeightDecay(self.moments.floating(), self.width, self.decay)


def squared_norm(w: Array) -> Any:
    """‖w‖², in the numbers of w; leading axes are a batch."""
    squares = w * w.conj()
    return (real(squares) if is_complex(squares) else squares).sum(axis=(-2, -1))


def decayed_spectrum(eigenvalues: Array, taken: Sequence[int], decays: Array) -> Array:
    """Hessian eigenvalues where each unit h has the column c u and the row c uᵀ, c² = 1 − μ_h/λ.

    Twice those of a direct sum of blocks: of one unit and a component that no unit or that unit
    has, of one unit that is off and a component that another has, and of two units that are on.

    Parameters
    ----------
    eigenvalues : (n,) all of them
    taken : the component of each unit, −1 for a unit that is off
    decays : (p,) the μ_h

    Returns
    -------
    (2 n p,) ascending
    """
    values, mus = eigenvalues.astype(float), decays.astype(float)
    on = [h for h, j in enumerate(taken) if j >= 0]
    rest = [x for i, x in enumerate(values) if i not in taken]
    blocks = []
    for h, mu in enumerate(mus):
        x = values[taken[h]] if h in on else mu
        blocks += [[[x, -z], [-z, mu + z * (1 - mu / x)]] for z in rest]
        if h in on:
            blocks += [[[2 * (x - mu)]], [[2 * mu]]]
            blocks += [_two_units(x, values[taken[g]], mu, mus[g]) for g in on if g < h]
        else:
            blocks += [[[mu, -mus[g]], [-mus[g], mu]] for g in on]
    return np.sort(2 * np.concatenate([np.linalg.eigvalsh(block) for block in blocks]))


def uniformly_decayed_spectra(values: Array, sets: Array, width: int, mu: float) -> Array:
    """The same for one μ and many index sets (count, r): (count, 2 n p), ascending in rows."""
    (count, r), q = sets.shape, width - sets.shape[1]
    chosen, rest = values[sets], values[complements(sets, len(values))]
    x, z = chosen[:, :, None], rest[:, None]
    decoder, encoder = x, mu + z * (1 - mu / x)  # the diagonal of a block; −z beside it
    larger = decoder + encoder + np.sqrt((decoder - encoder) ** 2 + 4 * z**2)
    first, second = np.tril_indices(r, -1)
    pairs = np.array(_two_units(chosen[:, first], chosen[:, second], mu, mu))
    parts = [
        larger.reshape(count, -1),
        (4 * (x - z) * (z + mu) / larger).reshape(count, -1),
        np.repeat(2 * (mu + rest), q, axis=1),
        np.repeat(2 * (mu - rest), q, axis=1),
        4 * (chosen - mu),
        np.full((count, r * (q + 1)), 4 * mu),
        np.zeros((count, r * q)),
        2 * np.linalg.eigvalsh(pairs.transpose(2, 3, 0, 1)).reshape(count, -1),
    ]
    return np.sort(np.concatenate(parts, axis=1), axis=1)


def _two_units(x: Any, y: Any, mu: float, nu: float) -> list[list[Any]]:
    """Half the Hessian in what the first unit has of y and the second of x, a and b of each."""
    first, second, none = 1 - mu / x, 1 - nu / y, 0 * x
    both = (first * second) ** 0.5
    return [
        [x, none - nu, none, x * both],
        [none - nu, y * first + mu, y * both, none],
        [none, y * both, y, none - mu],
        [x * both, none, none - mu, x * second + nu],
    ]
