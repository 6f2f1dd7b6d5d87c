"""Gaussian rationals ℚ(i): numbers a + b·i with a and b rational, never rounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any


def _closed(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Take integers, fractions and doubles for the numbers of ℚ(i) that they are; leave arrays to
    NumPy."""

    def taking_numbers(self: Any, other: Any) -> Any:
        if isinstance(other, Gaussian):
            return operation(self, other)
        if isinstance(other, complex):
            return operation(self, Gaussian(Fraction(other.real), Fraction(other.imag)))
        if isinstance(other, (Rational, float)):
            return operation(self, Gaussian(Fraction(other)))
        return NotImplemented

    return taking_numbers


@dataclass(frozen=True)
class Gaussian:
    """A number a + b·i of ℚ(i)."""

    real: Fraction
    imag: Fraction = Fraction(0)

    @_closed
    def __add__(self, z: Gaussian) -> Gaussian:
        return Gaussian(self.real + z.real, self.imag + z.imag)

    @_closed
    def __sub__(self, z: Gaussian) -> Gaussian:
        return Gaussian(self.real - z.real, self.imag - z.imag)

    @_closed
    def __rsub__(self, z: Gaussian) -> Gaussian:
        return Gaussian(z.real - self.real, z.imag - self.imag)

    @_closed
    def __mul__(self, z: Gaussian) -> Gaussian:
        return Gaussian(
            self.real * z.real - self.imag * z.imag, self.real * z.imag + self.imag * z.real
        )

    __radd__, __rmul__ = __add__, __mul__

    @_closed
    def __truediv__(self, z: Gaussian) -> Gaussian:
        size = z.real * z.real + z.imag * z.imag
        return self * Gaussian(z.real / size, -z.imag / size)

    @_closed
    def __rtruediv__(self, z: Gaussian) -> Gaussian:
        return z / self

    def __neg__(self) -> Gaussian:
        return Gaussian(-self.real, -self.imag)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Gaussian, Rational, complex, float)):
            return NotImplemented
        return bool(self.real == other.real and self.imag == other.imag)

    def __hash__(self) -> int:
        return hash((self.real, self.imag)) if self.imag else hash(self.real)

    def __bool__(self) -> bool:
        return bool(self.real or self.imag)

    def __complex__(self) -> complex:
        return complex(float(self.real), float(self.imag))

    def conjugate(self) -> Gaussian:
        return Gaussian(self.real, -self.imag)
