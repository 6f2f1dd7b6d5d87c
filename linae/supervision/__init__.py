"""Supervision: what a task makes of the data, as the moments of another squared loss.

    task               input → target                     edits      learns, of rank p
    denoise            x + e → x                          Sxx        shrunk components
    ridge              x → x, with weight · ‖A B‖²        Sxx        the same, by white noise
    mask               x, some entries 0 → x              Sxx, Syx   as with noise κ diag(Sxx)
    salt_and_pepper    x, some entries ± size → x         Sxx, Syx   as with more noise
    noise2noise        x + e → x + f                      Sxx, Syy   the map of denoise
    inpaint            seen entries of x → the others     Syx        −Q_uu⁻¹ Q_us, at full rank
    predict            x_t → x_{t + lag}                  Syx        the dynamics
    pls                x → y, as if x were white          Sxx, Syx   singular vectors of Syx
    metric             x → x, in a metric Γ = CᴴC         Γ          components of C x
    cca                x → y, Γ = Syy⁻                    Syx, Γ     canonical correlations
    lda                x → its class, Γ = Syy⁻            Syx, Γ     Fisher's directions
    slow_features      means of pairs, Γ whitens points   Γ          what changes least

    SquaredLoss(denoise(moments, noise=1), width=2)       # and all that linae knows of landscapes
    SquaredLoss(cca(Moments.from_data(X, Y)), width=2)

Noise edits Sxx, the target edits Syx, the loss edits Γ; the critical classes are those of the
singular values of C Syx R⁺ᴴ, where Sxx = R Rᴴ. Not of this form are `blind_spot`, where the map is
constrained, and `bottleneck`, of information in place of squares; both are solved in closed form.
Rational numbers stay rational where no root is needed.
Theorems: proofs/supervision.py, proofs/denoising.py, proofs/masking.py
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from fractions import Fraction

from linae.landscapes.parameters import Parameter, number
from linae.moments import Moments
from linae.supervision.bottleneck import Bottleneck, bottleneck
from linae.supervision.inputs import denoise, mask, noise2noise, ridge, salt_and_pepper
from linae.supervision.metrics import cca, lda, metric, pls, slow_features
from linae.supervision.targets import Regression, blind_spot, inpaint, predict

__all__ = [
    "PARAMETERS",
    "TASKS",
    "Bottleneck",
    "Regression",
    "blind_spot",
    "bottleneck",
    "cca",
    "denoise",
    "inpaint",
    "lda",
    "mask",
    "metric",
    "noise2noise",
    "parameters",
    "pls",
    "predict",
    "ridge",
    "salt_and_pepper",
    "slow_features",
]

TASKS: dict[str, Callable[..., Moments]] = {
    "denoise": denoise,
    "ridge": ridge,
    "mask": mask,
    "salt_and_pepper": salt_and_pepper,
    "noise2noise": noise2noise,
    "inpaint": inpaint,
    "cca": cca,
    "pls": pls,
}
"""Those that need no more than moments and some numbers; the last two want other targets."""


def _tenth(moments: Moments, width: int) -> Fraction | float:
    """E‖x‖²/10n: a tenth of the mean variance of an input."""
    return moments.total / (10 * moments.n)


def _places(word: str) -> tuple[int, ...]:
    """Numbers from 1, with commas, as indices from 0."""
    found = [number(part) for part in word.split(",")]
    if not all(place.denominator == 1 and place >= 1 for place in found):
        raise ValueError(f"Need numbers of components, from 1, with commas. Got {word!r}.")
    return tuple(int(place) - 1 for place in found)


def _first_half(moments: Moments, width: int) -> tuple[int, ...]:
    """the first half"""
    return tuple(range((moments.m + 1) // 2))


PARAMETERS = {
    "noise": Parameter("variance of white noise of the inputs, >= 0", number, _tenth),
    "weight": Parameter("weight of ‖A B‖², >= 0", number, _tenth),
    "keep": Parameter(
        "probability 0 < k <= 1 that an input is left as it is", number, lambda *_: Fraction(4, 5)
    ),
    "size": Parameter(
        "size of the outliers ± s that replace inputs", number, lambda *_: Fraction(1)
    ),
    "observed": Parameter(
        "numbers of the inputs that are seen, with commas",
        _places,
        _first_half,
    ),
}
"""Of all tasks, by the name of the argument."""


def parameters(task: str) -> dict[str, Parameter]:
    """What a task of `TASKS` takes beside moments.

    >>> list(parameters("salt_and_pepper"))
    ['keep', 'size']
    """
    names = inspect.signature(TASKS[task]).parameters
    return {name: PARAMETERS[name] for name in names if name in PARAMETERS}
