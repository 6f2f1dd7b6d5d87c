"""Certificates: a claim about a point of a landscape, predicted, found, and a verdict.

    certify(landscape, *critical.weights())

Two arms meet here. The closed form predicts the inertia of the Hessian from the index set; the
Hessian itself, assembled from the moments, is decomposed without knowing of index sets. For a
saddle the witness is a direction along which the second derivative of the loss is as negative as
the theorem says. Exact weights are judged in rational arithmetic, floating ones at the balanced
point of the same fibre, where double precision sees most (the inertia is the same: Sylvester).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import numpy as np

from linae.critical import CriticalClass
from linae.exact import Array, floating, is_complex, is_exact
from linae.inertia import Inertia
from linae.landscapes.base import Landscape, Place
from linae.landscapes.escapes import Escape
from linae.measure import (
    descends,
    found_inertia,
    placed,
    stationary,
    stationary_when_moved,
)
from linae.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Certificate:
    """What was claimed of a point, what was predicted and found, and what follows.

    Attributes
    ----------
    claim : str
        A sentence.
    critical : CriticalClass or None
        The class of the point, if it is critical.
    predicted, found : Inertia or None
        By the closed form, and by decomposing the Hessian. `found.undecided` eigenvalues could not
        be told from zero.
    evidence : str
        "exact", "float64" or "Lanczos": how `found` was found. Exact is also what is proved in
        doubles whose rounding is bounded.
    reasons : tuple of str
        Why the verdict is not CERTIFIED; empty if it is.
    witness : Escape or None
        For a saddle, the path that leaves it.
    verdict : Verdict
    """

    claim: str
    critical: CriticalClass | None
    predicted: Inertia | None
    found: Inertia | None
    evidence: str
    reasons: tuple[str, ...]
    witness: Escape | None
    verdict: Verdict

    def __str__(self) -> str:
        why = f" ({'; '.join(self.reasons)})" if self.reasons else ""
        return f"{self.claim}: {self.verdict}, {self.evidence}{why}"


def certify(landscape: Landscape, *weights: Array) -> Certificate:
    """Certificate that the weights are a critical point of the predicted inertia.

    CERTIFIED: gradient zero, inertia found as predicted, rank and order of the eigenvalues of Σ
    beyond the resolution of the arithmetic, escape direction of the predicted curvature.
    REFUTED: the gradient is not zero, or a count that is certain contradicts the prediction.
    UNDECIDED: the arithmetic does not resolve one of these; the reasons say which.

    Raises
    ------
    ValueError
        If the weights do not have the shapes of the landscape.
    """
    given, weights = landscape, _checked(landscape, weights)
    if given.moments.is_exact and all(is_exact(w) for w in weights):
        still, residue = stationary(given, weights)
        if still is Verdict.REFUTED:
            return _unplaced(weights, still, residue)
    if not _is_exact(landscape, weights):
        landscape, weights = landscape.floating, tuple(floating(w) for w in weights)
    still, residue = stationary(landscape, weights)
    place = None if still is Verdict.REFUTED else placed(given, landscape, weights)
    if place is None:
        return _unplaced(weights, still, residue)
    found, evidence = found_inertia(landscape, weights, place)
    proved = given.proved_inertia(place) if _is_provable(given, landscape) else None
    if proved is not None and _agreement(proved, place) is Verdict.CERTIFIED:
        found, evidence = proved, "exact"
    witness = landscape.escape(place, weights) if place.kind == "strict saddle" else None
    moved = stationary_when_moved(landscape, weights, place)
    open_question = _open_question(given, landscape, place.critical)
    premises = [
        (f"relative gradient {residue:.1e}", still & moved),
        (open_question, Verdict.UNDECIDED if open_question else Verdict.CERTIFIED),
    ]
    claims = [
        (f"found {found}, predicted {place.inertia or place.kind}", _agreement(found, place)),
        ("escape not resolved", descends(landscape, weights, place, witness)),
    ]
    checks = premises + claims
    verdict = _all(check for _, check in checks)
    if _all(check for _, check in premises) is Verdict.UNDECIDED:
        verdict = Verdict.UNDECIDED  # what hangs on rounding cannot be refuted by it either
    reasons = tuple(why for why, check in checks if check is not Verdict.CERTIFIED)
    claim = str(place.critical)
    if place.kind != place.critical.kind:
        claim = f"{place.kind} in the class of {claim}"
    return Certificate(
        claim, place.critical, place.inertia, found, evidence, reasons, witness, verdict
    )


def _all(verdicts: Iterable[Verdict]) -> Verdict:
    return reduce(and_, verdicts, Verdict.CERTIFIED)


def _unplaced(weights: Sequence[Array], still: Verdict, residue: float) -> Certificate:
    """The certificate of a point that is not critical, or whose class rounding leaves open."""
    evidence = "exact" if is_exact(weights[0]) else "float64"
    reason, verdict = f"relative gradient {residue:.2g}", Verdict.REFUTED
    if still is not Verdict.REFUTED:
        reason, verdict = "rounding leaves the class open", Verdict.UNDECIDED
    return Certificate("critical point", None, None, None, evidence, (reason,), None, verdict)


def _checked(landscape: Landscape, weights: Sequence[Array]) -> tuple[Array, ...]:
    arrays = tuple(np.asarray(w) for w in weights)
    shapes = tuple(w.shape for w in arrays)
    if shapes != landscape.shapes:
        raise ValueError(f"Need weights of shapes {landscape.shapes}. Got {shapes}.")
    if any(is_complex(w) for w in arrays) and not landscape.moments.is_complex:
        raise ValueError("Need real weights for real data. Got complex ones.")
    if not all(np.isfinite(floating(w)).all() for w in arrays):
        raise ValueError("Need finite weights. Got an entry that is not.")
    return arrays


def _is_exact(landscape: Landscape, weights: Sequence[Array]) -> bool:
    """Whether data, eigenvectors and weights are all rational, and few."""
    numbers = landscape.moments.is_exact and all(is_exact(w) for w in weights)
    few = landscape.size <= landscape.exact_size
    return numbers and few and landscape.spectrum.vectors.dtype == object


def _is_provable(given: Landscape, judged: Landscape) -> bool:
    """Whether exact data were judged in floats and are few enough to enclose the point."""
    few = given.size <= given.exact_size
    return few and given.moments.is_exact and not judged.moments.is_exact


def _agreement(found: Inertia, place: Place) -> Verdict:
    """Both counts that are certain reach the predicted ones, or one exceeds or misses them; where
    only the kind is predicted, whether there is a certain negative eigenvalue."""
    if place.inertia is None:
        expected = place.kind == "strict saddle"
        decided = found.negative or not found.undecided or place.kind == "global minimum"
        return Verdict.of(bool(found.negative) == expected) if decided else Verdict.UNDECIDED
    predicted = place.inertia
    if found.negative > predicted.negative or found.positive > predicted.positive:
        return Verdict.REFUTED
    if (found.negative, found.positive) == (predicted.negative, predicted.positive):
        return Verdict.CERTIFIED
    return Verdict.UNDECIDED if found.undecided else Verdict.REFUTED


def _open_question(given: Landscape, landscape: Landscape, critical: CriticalClass) -> str:
    """The decision on rank or ties that the prediction hangs on and rounding leaves open, or ""."""
    spectrum, exact = landscape.spectrum, given.exact_spectrum
    if exact is not None:
        same = (exact.input_rank, exact.multiplicities) == (
            spectrum.input_rank,
            spectrum.multiplicities,
        )
        return "" if same else "double precision does not see the exact ranks and ties"
    for decision in spectrum.decisions[:2]:
        if not decision.certain:
            return f"{decision.question} is {decision.answer} to rounding only"
    for i, step in enumerate(spectrum.decisions[2:]):
        split = (i in critical.index_set) != (i + 1 in critical.index_set)
        if split and not step.certain:
            return f"λ{i + 1} and λ{i + 2} are equal to rounding only"
    return ""
