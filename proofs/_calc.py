"""Calculations with matrices of all sizes: each line follows from the one above by one named rule.

    U, S = letter("U", "n", "p"), letter("S", "p", "p")
    calc(U @ S @ U.H @ U, Rule("UᴴU = I", U.H @ U, I("p"))).step("UᴴU = I", U @ S)

A Sum is a combination of words, a word a product of letters, a letter a matrix whose sizes are
names; what does not conform is refused where it is written. One use of the rule left = right is

    line − next = c · X (left − right) Y        for a number c and words X, Y,

or the adjoint: nothing else is to be trusted. `Chain.check` trusts nothing; it puts exact matrices
for the letters and compares the lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from linae import exact
from linae.exact import Array

CYCLIC = "trace is cyclic"  # a rule of every chain


class Letter(NamedTuple):
    """A matrix, or its adjoint, of shape rows × columns; perhaps the inverse of a square Sum."""

    name: str
    rows: str
    columns: str
    adjoint: bool = False
    inverse_of: Sum | None = None

    def __str__(self) -> str:
        return self.name + "ᴴ" * self.adjoint


class Word(NamedTuple):
    """A product of letters; without letters, an identity."""

    letters: tuple[Letter, ...]
    rows: str
    columns: str

    def __str__(self) -> str:
        return " ".join(map(str, self.letters)) or f"I({self.rows})"

    @property
    def H(self) -> Word:
        turned = (Letter(x, n, m, not adjoint, S) for x, m, n, adjoint, S in self.letters[::-1])
        return Word(tuple(turned), self.columns, self.rows)

    def cut(self, i: int) -> tuple[Word, Word]:
        """The first i letters and the others."""
        size = self.letters[i].rows if i < len(self.letters) else self.columns
        return Word(self.letters[:i], self.rows, size), Word(self.letters[i:], size, self.columns)

    def around(self, part: Word) -> Iterator[tuple[Sum, Sum]]:
        """Every (X, Y) with X · part · Y = self."""
        for i in range(len(self.letters) - len(part.letters) + 1):
            X, rest = self.cut(i)
            middle, Y = rest.cut(len(part.letters))
            if middle == part:
                yield _of(X), _of(Y)


@dataclass(frozen=True)
class Sum:
    """A combination of words of one shape, or of traces of words, with rational coefficients."""

    rows: str
    columns: str
    terms: Mapping[Word, Fraction] = field(hash=False)
    traced: bool = False

    @property
    def kind(self) -> str:
        return "trace" if self.traced else f"{self.rows} × {self.columns}"

    def __str__(self) -> str:
        form = "tr({})" if self.traced else "{}"
        signed = ((f"{'+−'[c < 0]} ", abs(c), form.format(word)) for word, c in self.terms.items())
        parts = (sign + (f"{c} {text}" if c != 1 else text) for sign, c, text in signed)
        return " ".join(parts).removeprefix("+ ") or "0"

    def __add__(self, other: Sum) -> Sum:
        _need_one_kind(self, other)
        return _sum(self, [*self.terms.items(), *other.terms.items()])

    def __sub__(self, other: Sum) -> Sum:
        return self + -1 * other

    def __rmul__(self, c: int | Fraction) -> Sum:
        return _sum(self, [(word, c * a) for word, a in self.terms.items()])

    def __matmul__(self, other: Sum) -> Sum:
        if self.traced or other.traced or self.columns != other.rows:
            pair = f"({self} : {self.kind}) ({other} : {other.kind})"
            raise ValueError(f"Need inner sizes that agree. Got {pair}.")
        pairs = product(self.terms.items(), other.terms.items())
        products = [(Word(v[0] + w[0], v.rows, w.columns), a * b) for (v, a), (w, b) in pairs]
        return _sum(zero(self.rows, other.columns), products)

    __mul__ = __matmul__  # arrays of Sums are block matrices

    @property
    def H(self) -> Sum:
        turned = replace(self, rows=self.columns, columns=self.rows)
        return _sum(turned, [(word.H, c) for word, c in self.terms.items()])


def _sum(like: Sum, pairs: Iterable[tuple[Word, Any]]) -> Sum:
    terms: dict[Word, Fraction] = {}
    for word, c in pairs:
        terms[word] = terms.get(word, Fraction(0)) + c
    return replace(like, terms=MappingProxyType({w: c for w, c in terms.items() if c}))


def _of(word: Word) -> Sum:
    return _sum(zero(word.rows, word.columns), [(word, 1)])


def _need_one_kind(a: Sum, b: Sum) -> None:
    if (a.rows, a.columns, a.traced) != (b.rows, b.columns, b.traced):
        raise ValueError(f"Need two sides of one shape. Got {a} : {a.kind} and {b} : {b.kind}.")


def letter(name: str, rows: str, columns: str) -> Sum:
    return _of(Word((Letter(name, rows, columns),), rows, columns))


def I(size: str) -> Sum:  # noqa: E743  # the identity keeps its letter
    return _of(Word((), size, size))


def zero(rows: str, columns: str) -> Sum:
    return Sum(rows, columns, MappingProxyType({}))


def inverse(S: Sum) -> Sum:
    """The letter S⁻¹; that it is an inverse is for rules to say."""
    tr(S)  # must be square
    name = f"({S})⁻¹" if " " in str(S) else f"{S}⁻¹"
    return _of(Word((Letter(name, S.rows, S.rows, inverse_of=S),), S.rows, S.rows))


def tr(S: Sum) -> Sum:
    if S.traced or S.rows != S.columns:
        raise ValueError(f"Need a square matrix. Got {S} : {S.kind}.")
    return Sum("1", "1", S.terms, traced=True)


@dataclass(frozen=True)
class Rule:
    """An equation of matrices: a hypothesis, or a lemma with the chain that proves it."""

    name: str
    left: Sum
    right: Sum
    proof: Chain | None = None

    def __post_init__(self) -> None:
        _need_one_kind(self.left, self.right)


class Line(NamedTuple):
    value: Sum
    reason: str = ""
    rule: Rule | None = None


@dataclass(frozen=True)
class Chain:
    """A calculation: one line after another, equal by the rules that they name."""

    lines: tuple[Line, ...]
    rules: Mapping[str, Rule]

    def step(self, name: str, result: Sum) -> Chain:
        """The next line, by one use of one rule, in either direction; anything else is refused."""
        line = self.lines[-1].value
        if name not in {CYCLIC, *self.rules}:
            raise ValueError(f"Need one of the rules {[*self.rules]}. Got {name}.")
        difference = line - result
        for word, a in [*difference.terms.items()][:1]:
            for reason, vanishing in self._vanishing(name, word, line.traced):
                scaled = a / vanishing.terms.get(word, a) * vanishing
                if scaled.terms == difference.terms:
                    following = Line(result, reason, self.rules.get(name))
                    return replace(self, lines=(*self.lines, following))
        raise ValueError(f"Need one use of [{name}]. Got {line} = {result}.")

    def _vanishing(self, name: str, word: Word, traced: bool) -> Iterator[tuple[str, Sum]]:
        """All that is 0 by one use of the rule and has `word` in it, with the reason to print."""
        if name == CYCLIC:
            cuts = [map(_of, word.cut(i)) for i in range(1, len(word.letters))] if traced else []
            yield from ((name, tr(X @ Y) - tr(Y @ X)) for X, Y in cuts)
            return
        equation = self.rules[name].left - self.rules[name].right
        for reason, E in ((name, equation), (f"{name}, adjoint", equation.H)):
            yield from ((reason, X @ E @ Y) for part in E.terms for X, Y in word.around(part))

    def lemma(self, name: str) -> Rule:
        """What the chain proves, as a rule for other chains."""
        return Rule(name, self.lines[0].value, self.lines[-1].value, self)

    def check(self, values: Mapping[str, Any]) -> None:
        """Assert that the lines have one value, for an exact instance that obeys the rules used."""
        for r in (line.rule for line in self.lines if line.rule):
            if not np.all(value(r.left, values) == value(r.right, values)):
                raise ValueError(f"Need {r.left} = {r.right}. Got an instance without it.")
        first = value(self.lines[0].value, values)
        for line in self.lines:
            assert np.all(first == value(line.value, values)), f"the line {line.value} differs"

    def __str__(self) -> str:
        width = max(len(str(line.value)) for line in self.lines)
        rows = [f"{line.value!s:{width}}   [{line.reason}]" for line in self.lines[1:]]
        return "\n= ".join([f"  {self.lines[0].value}", *rows])


def calc(start: Sum, *rules: Rule) -> Chain:
    """A chain that begins with `start` and may use these rules."""
    names = [r.name for r in rules]
    if len({CYCLIC, *names}) <= len(names):
        raise ValueError(f"Need rules of different names. Got {names}.")
    return Chain((Line(start),), dict(zip(names, rules, strict=True)))


class Proof(tuple[Chain, ...]):
    """Chains, printed below the rules that they use and that none of them proves."""

    def __str__(self) -> str:
        used = [line.rule for chain in self for line in chain.lines if line.rule]
        given = [r for r in used if r.proof not in self]
        width = max((len(r.name) for r in given), default=0)
        rows = dict.fromkeys(f"  {r.name:{width}}   {r.left} = {r.right}" for r in given)
        return "\n\n".join(["\n".join(["Given", *rows]), *map(str, self)])


def value(S: Sum, values: Mapping[str, Any]) -> Any:
    """S with exact matrices for its letters and numbers for its sizes; nothing here rewrites."""
    shape = (1, 1) if S.traced else (values[S.rows], values[S.columns])
    total = exact.rationals(np.zeros(shape, dtype=int))
    for word, c in S.terms.items():
        M = exact.rationals(np.eye(values[word.rows], dtype=int))
        for x in word.letters:
            M = M @ _matrix(x, values)
        total = total + c * (np.trace(M) if S.traced else M)
    return total


def _matrix(x: Letter, values: Mapping[str, Any]) -> Array:
    M = values[x.name] if x.inverse_of is None else value(x.inverse_of, values)
    M = M.conj().T if x.adjoint else M
    if M.shape != (values[x.rows], values[x.columns]):
        raise ValueError(f"Need {x} of shape {x.rows} × {x.columns}. Got shape {M.shape}.")
    if x.inverse_of is not None and exact.rank(M) < len(M):
        raise ValueError(f"Need {x.inverse_of} invertible. Got rank {exact.rank(M)} of {len(M)}.")
    return M if x.inverse_of is None else exact.inverse(M)
