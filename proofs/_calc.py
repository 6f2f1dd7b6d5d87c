"""Calculations with matrices of all sizes: each line follows from the one above by one named rule.

    U, S = letter("U", "n", "p"), letter("S", "p", "p")
    calc(U @ S @ U.H @ U, rule("UᴴU = I", U.H @ U, I("p"))).step("UᴴU = I", U @ S)

A Sum is a combination of words, a word a product of letters, a letter a matrix whose sizes are
names; products that do not conform are refused where they are written. A step uses the rule
left = right once, that is

    line − next = c · X (left − right) Y        for a number c and words X, Y,

with the rule or its adjoint: nothing else is to be trusted. `Chain.check` trusts nothing: it puts
exact matrices for the letters and compares the values of all lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple

from linae import exact
from linae.exact import Array

CYCLIC, REAL = "trace is cyclic", "Re tr Xᴴ = Re tr X"  # rules of every chain


@dataclass(frozen=True)
class Letter:
    """A matrix, or its adjoint, of shape rows × columns; perhaps the inverse of a square Sum."""

    name: str
    rows: str
    columns: str
    adjoint: bool = False
    inverse_of: Sum | None = None

    def __str__(self) -> str:
        return self.name + "ᴴ" * self.adjoint

    @property
    def H(self) -> Letter:
        return replace(self, rows=self.columns, columns=self.rows, adjoint=not self.adjoint)


class Word(NamedTuple):
    """A product of letters; without letters, an identity."""

    letters: tuple[Letter, ...]
    rows: str
    columns: str

    def __str__(self) -> str:
        return " ".join(map(str, self.letters)) or f"I({self.rows})"

    @property
    def H(self) -> Word:
        return Word(tuple(x.H for x in reversed(self.letters)), self.columns, self.rows)

    def cut(self, i: int) -> tuple[Word, Word]:
        """The first i letters and the others."""
        size = self.letters[i].rows if i < len(self.letters) else self.columns
        return Word(self.letters[:i], self.rows, size), Word(self.letters[i:], size, self.columns)

    def around(self, part: Word) -> Iterator[tuple[Word, Word]]:
        """Every (X, Y) with X · part · Y = self."""
        for i in range(len(self.letters) - len(part.letters) + 1):
            X, rest = self.cut(i)
            middle, Y = rest.cut(len(part.letters))
            if middle == part:
                yield X, Y


@dataclass(frozen=True)
class Sum:
    """A combination of words of one shape, or of traces of words, with rational coefficients."""

    rows: str
    columns: str
    terms: Mapping[Word, Fraction] = field(hash=False)
    functional: str = ""  # or "tr", "Re tr"

    @property
    def kind(self) -> str:
        return self.functional or f"{self.rows} × {self.columns}"

    def __str__(self) -> str:
        text = ""
        for word, c in self.terms.items():
            sign = ("− " if c < 0 else "") if not text else " − " if c < 0 else " + "
            size = "" if abs(c) == 1 else f"{abs(c)} "
            text += sign + size + (f"{self.functional}({word})" if self.functional else str(word))
        return text or "0"

    def __add__(self, other: Sum) -> Sum:
        _need_one_kind(self, other)
        return _sum(self, [*self.terms.items(), *other.terms.items()])

    def __sub__(self, other: Sum) -> Sum:
        return self + -other

    def __neg__(self) -> Sum:
        return -1 * self

    def __rmul__(self, c: int | Fraction) -> Sum:
        return _sum(self, [(word, c * a) for word, a in self.terms.items()])

    def __matmul__(self, other: Sum) -> Sum:
        if self.functional or other.functional or self.columns != other.rows:
            pair = f"({self} : {self.kind}) ({other} : {other.kind})"
            raise ValueError(f"Need inner sizes that agree. Got {pair}.")
        products = [
            (Word(v.letters + w.letters, v.rows, w.columns), a * b)
            for v, a in self.terms.items()
            for w, b in other.terms.items()
        ]
        return _sum(zero(self.rows, other.columns), products)

    __mul__ = __matmul__  # arrays of Sums are block matrices

    @property
    def H(self) -> Sum:
        flipped = replace(self, rows=self.columns, columns=self.rows)
        return _sum(flipped, [(word.H, c) for word, c in self.terms.items()])


def _sum(like: Sum, pairs: Iterable[tuple[Word, Any]]) -> Sum:
    terms: dict[Word, Fraction] = {}
    for word, c in pairs:
        terms[word] = terms.get(word, Fraction(0)) + c
    return replace(like, terms=MappingProxyType({w: c for w, c in terms.items() if c}))


def _of(word: Word) -> Sum:
    return _sum(zero(word.rows, word.columns), [(word, 1)])


def _need_one_kind(a: Sum, b: Sum) -> None:
    if (a.rows, a.columns, a.functional) != (b.rows, b.columns, b.functional):
        raise ValueError(f"Need two sides of one shape. Got {a} : {a.kind} and {b} : {b.kind}.")


def letter(name: str, rows: str, columns: str) -> Sum:
    return _of(Word((Letter(name, rows, columns),), rows, columns))


def I(size: str) -> Sum:  # noqa: E743  # the identity keeps its letter
    return _of(Word((), size, size))


def zero(rows: str, columns: str) -> Sum:
    return Sum(rows, columns, MappingProxyType({}))


def inverse(S: Sum) -> Sum:
    """The letter S⁻¹; that it is an inverse is for rules to say."""
    _need_square(S)
    name = f"({S})⁻¹" if " " in str(S) else f"{S}⁻¹"
    return _of(Word((Letter(name, S.rows, S.rows, inverse_of=S),), S.rows, S.rows))


def tr(S: Sum, functional: str = "tr") -> Sum:
    """The trace of S, or with "Re tr" its real part."""
    _need_square(S)
    return Sum("1", "1", S.terms, functional)


def _need_square(S: Sum) -> None:
    if S.functional or S.rows != S.columns:
        raise ValueError(f"Need a square matrix. Got {S} : {S.kind}.")


@dataclass(frozen=True)
class Rule:
    """An equation with a name: a hypothesis, or a lemma with the chain that proves it."""

    name: str
    left: Sum
    right: Sum
    proof: Chain | None = None

    def __post_init__(self) -> None:
        _need_one_kind(self.left, self.right)

    def __str__(self) -> str:
        return f"{self.left} = {self.right}"


def rule(name: str, left: Sum, right: Sum) -> Rule:
    return Rule(name, left, right)


def _is_multiple(difference: Sum, equation: Sum) -> bool:
    """Whether difference = c · X (equation) Y for a number c and words X, Y."""
    part = max(equation.terms, key=lambda word: len(word.letters))
    for word, a in difference.terms.items():
        for X, Y in word.around(part):
            scaled = a / equation.terms[part] * (_of(X) @ equation @ _of(Y))
            if scaled.terms == difference.terms:
                return True
    return False
