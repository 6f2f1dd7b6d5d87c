"""The index of large Hessians: in blocks, by factors, by all eigenvalues, and exactly.

The point is balanced, of the third best class of auto-association with n eigenvalues that differ:
two of its Hessian eigenvalues are negative, by the order of three numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from benchmarks._race import Contender, Race
from linae import Moments, SquaredLoss, certify
from linae.exact import Array, floating, rationals
from linae.inertia import flint_inertia
from linae.landscapes.base import Place
from linae.measure import inertia_in_blocks
from linae.sylvester import proved_signs, signs

INDEX = 2


def races() -> Iterator[Race]:
    for n, p in ((50, 8), (100, 16)):
        yield Race(
            f"index of a Hessian of order {2 * n * p:,}, n = {n}, p = {p}",
            [
                Contender("linae, in blocks", partial(_blocks, n, p)),
                Contender("linae, LDLᵀ", partial(_factors, n, p, signs)),
                Contender("linae, LDLᵀ with a proved bound", partial(_factors, n, p, proved_signs)),
                Contender("NumPy Kronecker + eigvalsh", partial(_eigenvalues, n, p)),
            ],
            judged,
        )
    yield Race(
        "index of a Hessian of order 6,400, n = 160, p = 20",
        [
            Contender("linae, in blocks", partial(_blocks, 160, 20)),
            Contender("linae, LDLᵀ", partial(_factors, 160, 20, signs)),
        ],
        judged,
    )
    yield Race(
        "certificate of one more class, order 20,000, n = 1,000, p = 10",
        [Contender("linae", partial(_certificate, 1000, 10, floating))],
        judged,
    )
    yield Race(
        "exact inertia of a Hessian of order 400, n = 50, p = 4",
        [
            Contender("linae, certificate", partial(_certificate, 50, 4, rationals), ("flint",)),
            Contender(
                "python-flint, characteristic polynomial", partial(_flint, 50, 4), ("flint",)
            ),
        ],
        judged,
    )


def judged(found: Any) -> str:
    """By the index."""
    return "right" if found == INDEX else f"says {found}"


def saddle(
    n: int, width: int, numbers: Callable[[Array], Array]
) -> tuple[SquaredLoss, Place, tuple[Array, ...]]:
    values = numbers(np.diag(np.arange(2 * n, n, -1, dtype=object)))
    landscape = SquaredLoss(Moments.auto(values), width)
    *_, third = landscape.critical_classes(best=3)
    weights = third.weights()
    place = landscape.place(*weights)
    assert place is not None
    return landscape, place, weights


def dense(n: int, width: int) -> tuple[SquaredLoss, tuple[Array, ...]]:
    """The whitened landscape and the balanced point there."""
    landscape, place, weights = saddle(n, width, floating)
    move = landscape.move(place)
    return move.landscape, move(*weights)


def _blocks(n: int, width: int) -> Callable[[], Any]:
    """With the frame, which a landscape computes once."""
    landscape, place, weights = saddle(n, width, floating)

    def answer() -> Any:
        found = inertia_in_blocks(landscape, weights, place)
        return found and found.negative

    return answer


def _factors(n: int, width: int, counted: Callable[[Array], Any]) -> Callable[[], Any]:
    landscape, point = dense(n, width)
    return lambda: counted(landscape.hessian(*point))[0]


def _eigenvalues(n: int, width: int) -> Callable[[], Any]:
    landscape, point = dense(n, width)

    def answer() -> int:
        values = np.linalg.eigvalsh(landscape.hessian(*point))
        return int((values < -1e-9 * values[-1]).sum())

    return answer


def _certificate(n: int, width: int, numbers: Callable[[Array], Array]) -> Callable[[], Any]:
    """Of a landscape that has had one."""
    landscape, _, weights = saddle(n, width, numbers)

    def answer() -> Any:
        found = certify(landscape, *weights)
        return found.found.negative if found.found and str(found.verdict) == "certified" else None

    answer()
    return answer


def _flint(n: int, width: int) -> Callable[[], Any]:
    landscape, _, weights = saddle(n, width, rationals)
    return lambda: flint_inertia(landscape.hessian(*weights)).negative
