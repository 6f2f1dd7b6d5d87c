"""What every landscape has: a loss with two derivatives, and its critical classes in closed form.

A landscape is one file with this silhouette. Its derivatives are claims; `linae.calculus` computes
the same from values of the loss alone, and a test compares them with `==`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, Self, final

import numpy as np

from linae.critical import CriticalClass, IndexSet
from linae.exact import Array, imag, is_complex, real
from linae.inertia import Inertia
from linae.landscapes.parameters import Parameter
from linae.moments import Moments
from linae.spectrum import Spectrum

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

    from linae.landscapes.escapes import Escape


EXACT_SIZE = 60
"""Largest dense Hessian that is decomposed in rational arithmetic."""


class Place(NamedTuple):
    """Where a critical point lies: its class, the inertia predicted at that very point (None
    without a closed form), its kind, and the normal form that led there (None without one)."""

    critical: CriticalClass
    inertia: Inertia | None
    kind: str
    normal: Any = None


class Move(Protocol):
    """A linear map of weights and directions that is a congruence of Hessians, to a point of
    `landscape` where double precision sees more."""

    @property
    def landscape(self) -> Landscape: ...

    def __call__(self, *weights: Array) -> tuple[Array, ...]: ...

    def noise(self, *weights: Array) -> float:
        """Bound on the rounding error of the image of the weights."""

    def rounding(self, *weights: Array) -> float:
        """Bound on the error of the Hessian at the image, in spectral norm, from rounding."""


@dataclass(frozen=True)
class Stay:
    """The move that leaves everything where it is."""

    landscape: Landscape

    def __call__(self, *weights: Array) -> tuple[Array, ...]:
        return weights

    def noise(self, *weights: Array) -> float:
        return 0.0

    def rounding(self, *weights: Array) -> float:
        return 0.0


class Landscape(ABC):
    """A loss of weight matrices that depends on the data through their moments.

    Parameters
    ----------
    moments : Moments
    width : int
        Number of hidden units p >= 1; it may exceed the number of inputs.

    Raises
    ------
    ValueError
        If the width is not a positive integer.
    """

    degree: int | None
    """Degree of the loss as a polynomial in the weights; None if it is none. Then its derivatives
    are rational functions, and it is infinite outside of its domain."""
    parameters: ClassVar[Mapping[str, Parameter]] = MappingProxyType({})
    """Further arguments of the constructor, which are attributes too."""
    units_differ: ClassVar[bool] = False
    """Whether an index set says which unit has which component."""
    exact_size: ClassVar[int] = EXACT_SIZE
    """Largest Hessian that is decomposed in rational arithmetic."""
    places_doubles: ClassVar[bool] = False
    """Whether `place` of exact data takes weights in doubles too: eigenvalues are then compared
    exactly, and of the weights only numbers that are far from a decision are read."""

    def __init__(self, moments: Moments, width: int) -> None:
        if not isinstance(moments, Moments):
            raise ValueError(
                f"Need Moments, as of Moments.from_data. Got {type(moments).__name__}."
            )
        if isinstance(width, bool) or not isinstance(width, (int, np.integer)) or width < 1:
            raise ValueError(f"Need an integer 1 <= width. Got width = {width!r}.")
        self.moments = moments
        self.width = int(width)

    @cached_property
    def spectrum(self) -> Spectrum:
        """Spectrum of Σ."""
        return Spectrum.of(self.moments)

    @cached_property
    def exact_spectrum(self) -> Spectrum | None:
        """The spectrum in rational arithmetic: for exact moments, and for given matrices of
        doubles, which are rationals, if they are small or diagonal. None for floating data, whose
        moments are rounded, and for doubles that are not moments exactly."""
        if self.spectrum.is_exact:
            return self.spectrum
        S = self.moments
        if S.samples is not None or S.is_rounded or max(S.m, S.n) > 12:
            return None
        try:
            return Spectrum.of(self.moments.exact())
        except ValueError:
            return None

    @property
    @abstractmethod
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Shapes of the weights, in order of application from the output."""

    @final
    @property
    def size(self) -> int:
        """Number of real parameters."""
        return (1 + self.moments.is_complex) * sum(a * b for a, b in self.shapes)

    @abstractmethod
    def loss(self, *weights: Array) -> Any:
        """The loss; leading axes of the weights are a batch."""

    @abstractmethod
    def gradient(self, *weights: Array) -> tuple[Array, ...]:
        """One array per weight; complex data: d loss = Re⟨gradient, d weights⟩."""

    @abstractmethod
    def hessian(self, *weights: Array) -> Array:
        """Dense, in the order of `flatten`; complex data: real, of twice the size."""

    @abstractmethod
    def hessian_map(self, *weights: Array) -> Callable[..., tuple[Array, ...]]:
        """The Hessian at these weights as a function of a direction, one array per weight; what
        does not depend on the direction is computed once."""

    @abstractmethod
    def index_sets(self) -> Iterator[IndexSet]:
        """Index sets of all critical classes, best loss first, lazily."""

    @property
    @abstractmethod
    def known(self) -> str:
        """What is proved of the list of classes, and what is not: sentences for a report."""

    @property
    @abstractmethod
    def number_of_classes(self) -> int:
        """Of all of them, counted without listing."""

    @abstractmethod
    def class_loss(self, J: IndexSet) -> float | Fraction: ...

    @abstractmethod
    def class_gain(self, J: IndexSet) -> Any:
        """What the class takes off the loss of zero weights."""

    @abstractmethod
    def class_kind(self, J: IndexSet) -> str: ...

    @abstractmethod
    def class_inertia(self, J: IndexSet) -> Inertia | None: ...

    @abstractmethod
    def class_weights(
        self, J: IndexSet, gauge: Array | None = None, **blocks: Array
    ) -> tuple[Array, ...]: ...

    @abstractmethod
    def class_spectrum(self, J: IndexSet) -> Array | None: ...

    @abstractmethod
    def place(self, *weights: Array) -> Place | None:
        """Which class a critical point belongs to; None if rounding leaves it open."""

    @abstractmethod
    def escape(self, place: Place, weights: Sequence[Array]) -> Escape:
        """A path from a saddle along which the loss falls."""

    @abstractmethod
    def move(self, place: Place) -> Move:
        """To where the Hessian is best judged in double precision."""

    @abstractmethod
    def terms(self, *weights: Array) -> tuple[float, float]:
        """Sizes of the terms that cancel in the gradient, and in the Hessian."""

    @abstractmethod
    def proved_inertia(self, place: Place) -> Inertia | None:
        """Rigorous inertia on the class, for exact data and irrational points; None without."""

    @property
    @abstractmethod
    def floating(self) -> Self:
        """The same landscape in double precision."""

    @property
    @abstractmethod
    def ground(self) -> Landscape:
        """Where descent is run: the same loss but for a constant, in double precision and in
        coordinates that suit it. Index sets are those of the components that it has."""

    @final
    @property
    def name(self) -> str:
        """That of its file."""
        return type(self).__module__.rpartition(".")[2]

    @final
    def critical_classes(self, best: int | None = None) -> Iterator[CriticalClass]:
        """Critical classes, loss non-decreasing, lazily; all, or the `best` first ones.

        Raises
        ------
        ValueError
            If `best` is not a positive integer.
        """
        if best is not None and best < 1:
            raise ValueError(f"Need 1 <= best. Got best = {best}.")
        return (CriticalClass(self, J) for J in islice(self.index_sets(), best))

    @final
    def hessian_vector(self, weights: Sequence[Array], direction: Sequence[Array]) -> Any:
        """The Hessian applied to a direction, one array per weight."""
        return self.hessian_map(*weights)(*direction)

    @final
    def hessian_operator(self, *weights: Array) -> LinearOperator:
        """The Hessian as a SciPy operator; no matrix is formed. A product costs as much as
        `hessian_map` says."""
        from scipy.sparse.linalg import LinearOperator

        size, curved = self.flatten(weights).size, self.hessian_map(*weights)

        def product(vector: Array) -> Array:
            return self.flatten(curved(*self.unflatten(vector.ravel())))

        def products(vectors: Array) -> Array:
            return self.flatten(curved(*self.unflatten(vectors.T))).T

        return LinearOperator(
            (size, size),
            matvec=product,
            rmatvec=product,
            matmat=products,
            rmatmat=products,
            dtype=float,
        )

    @final
    def flatten(self, weights: Sequence[Array]) -> Array:
        """Weights as one real vector, column by column, array by array; imaginary parts last.
        Leading axes are a batch."""
        vector = np.concatenate([w.mT.reshape(*w.shape[:-2], -1) for w in weights], axis=-1)
        if not (self.moments.is_complex or is_complex(vector)):
            return vector
        return np.concatenate([real(vector), imag(vector)], axis=-1)

    @final
    def unflatten(self, vector: Array) -> tuple[Array, ...]:
        """The inverse of `flatten`, for floating vectors."""
        sizes = [rows * columns for rows, columns in self.shapes]
        batch, size = vector.shape[:-1], sum(sizes)
        if vector.shape[-1] == 2 * size:
            vector = vector[..., :size] + 1j * vector[..., size:]
        parts = np.split(vector, np.cumsum(sizes)[:-1], axis=-1)
        return tuple(
            part.reshape(*batch, columns, rows).mT
            for part, (rows, columns) in zip(parts, self.shapes, strict=True)
        )

    def __repr__(self) -> str:
        m = self.moments
        return f"{type(self).__name__}(inputs={m.m}, outputs={m.n}, width={self.width})"
