"""Verdicts: the three answers to a question about numbers known only to rounding.

    CERTIFIED   proved true
    REFUTED     proved false
    UNDECIDED   neither was proved

Undecided is not an error, and it is not a "no": near the boundary of a closed condition (a rank,
a tie, a singular semidefinite matrix) every ball around the data holds matrices of both kinds, so
that no computation with a positive radius can answer there.
"""

from __future__ import annotations

import enum


class Verdict(enum.Enum):
    """What was proved of a claim: that it is true, that it is false, or nothing.

    >>> print(Verdict.CERTIFIED & Verdict.UNDECIDED)
    undecided
    """

    CERTIFIED = "certified"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    @classmethod
    def of(cls, truth: bool) -> Verdict:
        """The verdict on a claim that was decided."""
        return cls.CERTIFIED if truth else cls.REFUTED

    def __and__(self, other: Verdict) -> Verdict:
        """The verdict on "this and that": one refutation refutes both."""
        if Verdict.REFUTED in (self, other):
            return Verdict.REFUTED
        return other if self is Verdict.CERTIFIED else self

    def __bool__(self) -> bool:
        raise TypeError(
            "A verdict has three values and is neither true nor false: "
            "compare it, as in `verdict is Verdict.CERTIFIED`."
        )

    def __str__(self) -> str:
        return self.value
