"""The chain of the post for P_C, as drafted, run line by line in four settings.

    for line in post_chain():
        print(line)

Nothing about the lines is typed in but the lines: whether one conforms, is defined and gives P_C is
computed, by the chain engine on letters and by elimination on one exact case in each setting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from linae.exact import Array, rationals
from linae.schur import projector
from proofs._calc import Sum, inverse, letter, value
from proofs.projection import C, Factors, L, U, V, instance


class Drafted(NamedTuple):
    """A line of the post, and what fails in it in each setting: nothing, if it holds."""

    number: int
    text: str
    failures: dict[str, str]

    @property
    def holds(self) -> list[str]:
        return [setting for setting, failure in self.failures.items() if not failure]

    def __str__(self) -> str:
        rows = [f"      {name:20}{why or 'holds'}" for name, why in self.failures.items()]
        return "\n".join([f"({self.number})   {self.text}", *rows])


def _draft(C: Sum, U: Sum, L: Sum, V: Sum) -> list[tuple[str, Callable[[], Sum]]]:
    """The six lines as they stand in the post, and the one that it does not reach."""
    S = U @ L @ V.H
    return [
        ("P = C (CᵀC)⁻¹ Cᵀ", lambda: C @ inverse(C.H @ C) @ C.H),
        ("C = U Λ Vᵀ", lambda: S),
        ("P = (U Λ Vᵀ) ((U Λ Vᵀ)ᵀ (U Λ Vᵀ))⁻¹ (U Λ Vᵀ)ᵀ", lambda: S @ inverse(S.H @ S) @ S.H),
        (
            "P = U Λ Vᵀ (V Λ Uᵀ U Λ Vᵀ)⁻¹ V Λᵀ Uᵀ",
            lambda: U @ L @ V.H @ inverse(V @ L @ U.H @ U @ L @ V.H) @ V @ L.H @ U.H,
        ),
        (
            "P = U Λ Vᵀ V Λ⁻² Vᵀ V Λᵀ Uᵀ",
            lambda: U @ L @ V.H @ V @ inverse(L) @ inverse(L) @ V.H @ V @ L.H @ U.H,
        ),
        ("P = U Λ Λ⁻² Λᵀ Uᵀ", lambda: U @ L @ inverse(L) @ inverse(L) @ L.H @ U.H),
        ("P = U Uᵀ", lambda: U @ U.H),
    ]


def _settings() -> dict[str, tuple[str, str, Factors]]:
    """The names of the sizes of Λ, and a case, for each kind of SVD."""
    Q = rationals([["3/5", "-4/5"], ["4/5", "3/5"]])
    R = rationals([["2/3", "-2/3", "1/3"], ["1/3", "2/3", "2/3"], ["2/3", "1/3", "-2/3"]])
    return {
        "full SVD, n > p": ("n", "p", Factors(R, (3, 2), Q)),
        "thin SVD, n > p": ("p", "p", Factors(R[:, :2], (3, 2), Q)),
        "thin SVD, n < p": ("n", "n", Factors(Q, (3, 2), R[:, :2])),
        "thin SVD, rank < p": ("p", "p", Factors(R[:, :2], (3, 0), Q)),
    }


def post_chain() -> list[Drafted]:
    """The lines of the post over ℝ, and one more: do they conform, are they defined, do they give
    P_C, and does the line before? One case refutes; for what holds there is `proof`."""
    texts = [text for text, _ in _draft(C, U, L, V)]
    lines = [Drafted(i, text, {}) for i, text in enumerate(texts, start=1)]
    for setting, (k, l, case) in _settings().items():  # noqa: E741  # Λ is k × l
        letters = C, letter("U", "n", k), letter("Λ", k, l), letter("V", "p", l)
        fails_before = ""
        for line, (_, typed) in zip(lines, _draft(*letters), strict=True):
            goal = case.C if line.text.startswith("C") else projector(case.C)
            failure = _failure(typed, instance(case), goal)
            follows = failure or not fails_before or line.number == 2
            line.failures[setting] = failure if follows else "true, but the line before fails"
            fails_before = fails_before if line.number == 2 else failure
    return lines


def _failure(typed: Callable[[], Sum], values: dict[str, Any], goal: Array) -> str:
    """Why a line is not the matrix `goal`; nothing if it is."""
    try:
        found = value(typed(), values)
    except ValueError as refusal:
        return str(refusal)
    return "" if np.array_equal(found, goal) else f"{typed()} is another matrix"
