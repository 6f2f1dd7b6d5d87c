"""What a landscape needs beside moments and a width: a decay, a rate, more widths.

A class of landscapes names them in `parameters`, which is all that the command has to know.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from linae.moments import LARGEST, Moments


class Parameter(NamedTuple):
    """One argument of the constructor of a landscape, kept as an attribute of the same name.

    Attributes
    ----------
    meaning : str
        Of the number, for people: "weight decay μ > 0".
    read : callable
        From a word that a person typed; raises ValueError if it is none.
    usual : callable
        The value without one, from the moments and the width.
    """

    meaning: str
    read: Callable[[str], Any]
    usual: Callable[[Moments, int], Any]

    @property
    def default(self) -> str:
        """What is usual, in words: the first line of its docstring, or a constant."""
        text = (self.usual.__doc__ or "").partition("\n")[0].partition(":")[0]
        return text or str(self.usual(Moments.auto([[1]]), 1))


def number(word: str) -> Fraction:
    """A rational number: 0.1 is 1/10.

    >>> number("1/4")
    Fraction(1, 4)
    """
    try:
        return Fraction(word)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"Need a number. Got {word!r}.") from None


def numbers(word: str) -> list[Fraction]:
    """Several, with commas."""
    return [number(part) for part in word.split(",")]


def hundredth(moments: Moments, width: int) -> Any:
    """E‖y‖²/100: a small penalty in the units of the data."""
    return moments.total / 100 if moments.total else Fraction(1)


def positive(name: str, value: Any, moments: Moments) -> Any:
    """The value in the numbers of the moments, if it is positive and its powers are doubles."""
    if not 0 < value < math.inf:
        raise ValueError(f"Need 0 < {name} < inf. Got {value}.")
    if moments.is_symbolic:
        return value
    if not 1 / Fraction(LARGEST) <= value <= LARGEST:
        written = Decimal(Fraction(value).numerator) / Decimal(Fraction(value).denominator)
        need = f"Need {1 / LARGEST:.0e} <= {name} <= {LARGEST:.0e}"
        raise ValueError(f"{need}. Got {written:.3g}.")
    return Fraction(value) if moments.is_exact else float(value)
