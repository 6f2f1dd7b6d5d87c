"""What regularisers do to the spectrum: each component is kept, shrunk, or switched off.

    print(catalogue())                                                  all of them, as a table
    regulariser("weight decay").factors([4, 2, 1], width=3, weight=1)   # 3/4, 1/2, 0

For each of them the best map is W = Σ w u uᵀ, over leading principal components u of variance λ.
They differ in w, in which components survive, and in the gauge (A M⁻¹, M B) that they leave.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

from linae.exact import square_root

Rule = Callable[[Sequence[Any], Any, int], list[Any]]
"""Factors w of the leading components, from their variances, the weight and the width p."""


def keep(values: Sequence[Any], weight: Any, width: int) -> list[Any]:
    return [x / x for x in values]


def shrink(values: Sequence[Any], weight: Any, width: int) -> list[Any]:
    return [x / (x + weight) for x in values]


def soft(values: Sequence[Any], weight: Any, width: int) -> list[Any]:
    """Cut off at 0, as all that follow."""
    return [max(1 - weight / x, 0 * x) for x in values]


def soft_half(values: Sequence[Any], weight: Any, width: int) -> list[Any]:
    return soft(values, weight / 2, width)


def soft_each(values: Sequence[Any], weight: Any, width: int) -> list[Any]:
    """The unit with the least γ has the largest λ, and so on."""
    return [max(1 - g / x, 0 * x) for x, g in zip(values, sorted(weight), strict=False)]


def soft_shared(values: Sequence[Any], weight: Any, width: int) -> list[Any]:
    """With p τ = κ Σ (√λ − τ) over those that survive."""
    roots = _roots(values)
    levels = [weight * sum(roots[:r]) / (width + r * weight) for r in range(1, len(roots) + 1)]
    level = next(t for s, t in zip(roots[::-1], levels[::-1], strict=True) if s > t)
    return soft(roots, level, width)


def soft_roots(values: Sequence[Any], weight: Any, width: int) -> list[Any]:
    return soft([math.sqrt(x) for x in values], weight / math.sqrt(2 * math.pi), width)


def _roots(values: Sequence[Any]) -> list[Any]:
    """Exact if all of them are rational."""
    exact = [square_root(x) if isinstance(x, Fraction) else None for x in values]
    return [math.sqrt(x) for x in values] if None in exact else exact


RULES: dict[str, Rule] = {
    "1": keep,
    "→ 1": keep,
    "λ/(λ + γ)": shrink,
    "1 − γ/λ": soft,
    "1 − γ/2λ": soft_half,
    "1 − γⱼ/λ": soft_each,
    "1 − τ/√λ": soft_shared,
    "1 − γ/√(2πλ)": soft_roots,
}


@dataclass(frozen=True)
class Regulariser:
    """What is added to E‖x − A B x‖², or done to x or to codes, and what is left of a component.

    Attributes
    ----------
    name, penalty : str
    factor, survives : str
        w where it is not 0, and where that is.
    gauge : str
        The M for which (A M⁻¹, M B) is as good as (A, B), if p components survive; "balanced":
        with ‖aⱼ‖ (bⱼ S bⱼᵀ)^½ the same for all units.
    theorem : str
        The module of the book that proves it.
    """

    name: str
    penalty: str
    factor: str
    survives: str
    gauge: str
    theorem: str

    @property
    def attained(self) -> bool:
        """Whether there is a minimum; if not, w is that of minimising sequences."""
        return self.gauge != "no minimum"

    def factors(self, eigenvalues: Iterable[Any], width: int, weight: Any = 1) -> list[Any]:
        """w of every component, exact of rational numbers whose roots, if needed, are rational.

        Parameters
        ----------
        eigenvalues : λ₁ >= λ₂ >= … > 0
        width : p; components beyond it have w = 0
        weight : γ or κ > 0; γ = (γ₁γ₂)^½ of "weight decay", and p numbers of "nonuniform decay"

        >>> regulariser("noisy inputs").factors([3, 1], width=1, weight=1)
        [Fraction(3, 4), Fraction(0, 1)]
        """
        values, rule = list(eigenvalues), RULES[self.factor]
        weights = list(weight) if isinstance(weight, Iterable) else [weight]
        falling = all(a >= b for a, b in zip([math.inf, *values], [*values, 0], strict=True))
        if not falling or {0, math.inf} & {*values}:
            raise ValueError(f"Need eigenvalues λ₁ >= λ₂ >= … > 0. Got {_listed(values)}.")
        if width < 1:
            raise ValueError(f"Need 1 <= width. Got width = {width}.")
        count = width if rule is soft_each else 1
        if len(weights) != count or not all(0 < x < math.inf for x in weights):
            needed = f"{count} weights" if count > 1 else "one weight"
            raise ValueError(f"Need {needed} > 0 for {self.name}. Got {_listed(weights)}.")
        exact = all(isinstance(x, Rational) for x in (*values, *weights))
        number = Fraction if exact else float
        leading, scaled = [number(x) for x in values[:width]], [number(x) for x in weights]
        shrunk = rule(leading, scaled if rule is soft_each else scaled[0], width)
        return [*shrunk, *[number(0)] * (len(values) - len(shrunk))]

    def __str__(self) -> str:
        return catalogue([self]).splitlines()[1]


TABLE = """
name              penalty               w             survives   gauge left     theorem

none              0                     1             always     GL(p)          critical_points
noisy inputs      x + e, E eeᵀ = γ      λ/(λ + γ)     always     GL(p)          product_decay
product decay     γ ‖A B‖²              λ/(λ + γ)     always     GL(p)          product_decay
orthonormal A     γ ‖B‖², AᵀA = 1       λ/(λ + γ)     always     O(p)           orthonormal_decoder
contractive       γ ‖B‖²                → 1           always     no minimum     contractive
tied contractive  γ ‖B‖², A = Bᵀ        1 − γ/2λ      λ > γ/2    O(p)           tied_contractive
weight decay      γ₁ ‖A‖² + γ₂ ‖B‖²     1 − γ/λ       λ > γ      O(p)           weight_decay
nuclear norm      2γ Σ σⱼ(A B)          1 − γ/λ       λ > γ      GL(p)          regularisers
nonuniform decay  Σ γⱼ (‖aⱼ‖² + ‖bⱼ‖²)  1 − γⱼ/λ      λ > γⱼ     signs          nonuniform
dropout           units on: 1/(1 + κ)   1 − τ/√λ      √λ > τ     balanced O(p)  dropout
noisy codes       noise κP, power <= P  1 − τ/√λ      √λ > τ     O(p)           regularisers
nested dropout    Σ E‖x − Aⱼ Bⱼ x‖²     1             always     scales         nested
whitened codes    γ ‖B S Bᵀ − 1‖²       1             always     O(p)           whitening
variational       β KL, γ = βσ²         1 − γ/λ       λ > γ      ±permutations  variational
sparse            γ E‖B x‖₁, ‖aⱼ‖ = 1   1 − γ/√(2πλ)  λ > γ²/2π  rescaled O(p)  gaussian_codes
"""

REGULARISERS = tuple(Regulariser(*re.split(" {2,}", row)) for row in TABLE.splitlines()[3:])


def regulariser(name: str) -> Regulariser:
    """The one of this name."""
    named = {law.name: law for law in REGULARISERS}
    if name not in named:
        raise ValueError(f"Need one of {_listed([*named])}. Got {name}.")
    return named[name]


def catalogue(laws: Sequence[Regulariser] = REGULARISERS) -> str:
    """Lines of a table, below their head, without the theorems."""
    rows = [re.split(" {2,}", TABLE.splitlines()[1]), *map(astuple, laws)]
    widths = [max(len(row[k]) for row in rows) for k in range(5)]
    return "\n".join(
        "  ".join(f"{cell:{size}}" for cell, size in zip(row, widths, strict=False)).rstrip()
        for row in rows
    )


def _listed(items: Sequence[Any]) -> str:
    return ", ".join(map(str, items)) or "none"
