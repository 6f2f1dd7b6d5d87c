"""A recurrence with p states is a causal convolution whose Hankel matrix has rank at most p.

The states y_t = A x_t + B y_{t−1} with y_0 = 0 have the outputs C y_t = Σ_j k_j x_{t−j}, with the
kernel k_j = C Bʲ A. The block matrix H = [k_{i+j}] is the product of the blocks C Bⁱ and Bʲ A, and
so of rank at most p. With at least p rows and p columns of blocks its rank r is the least number of
states that any recurrence with this kernel has, and Ho and Kalman's recurrence has just so many:
for H = F G with F (·, r) and G (r, ·), and H' = [k_{i+j+1}],

    C = first rows of F,   B = F⁺ H' G⁺,   A = first columns of G.

Hypotheses: linear, time-invariant, y_0 = 0; as many rows and as many columns of blocks as states.

Equality: the kernel is recovered for all times, from rows + columns of its terms.

References: Kronecker 1881; Ho and Kalman 1966, Regelungstechnik 14 (wording not confirmed).

Post: F12 (recurrent = convolution with a kernel of finite Hankel rank).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import strategies as st

from linae.exact import Array, rank, rationals
from linae.recurrent import Recurrence, causal_convolution, hankel, ho_kalman
from proofs._cases import matrices
from proofs._instances import Case

uses: list[ModuleType] = []


@dataclass(frozen=True, eq=False, repr=False)
class Machine(Case):
    """A recurrence, a size of its Hankel matrix, and inputs as rows.

    Attributes
    ----------
    blocks : (rows, columns)
    start : (p,), optional
        y_0, which no theorem here allows.
    """

    A: Array
    B: Array
    C: Array
    blocks: tuple[int, int]
    X: Array
    start: Array | None = None

    def outputs(self) -> Array:
        """The definition."""
        y, found = 0 * self.A[:, 0] if self.start is None else self.start, []
        for x in self.X:
            y = self.A @ x + self.B @ y
            found.append(self.C @ y)
        return np.array(found, dtype=object)


@st.composite
def hypotheses(draw: st.DrawFn) -> Machine:
    """Up to three states, some of which are never reached or never seen; one or two inputs and
    outputs."""
    p, m, n = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    A, B, C = draw(matrices(p, m)), draw(matrices(p, p)), draw(matrices(n, p))
    hidden = draw(st.integers(0, p))
    if draw(st.booleans()):
        A[hidden:], B[hidden:, :hidden] = A[hidden:] * 0, B[hidden:, :hidden] * 0
    blocks = p + draw(st.integers(0, 1)), p + draw(st.integers(0, 1))
    return Machine(A, B, C, blocks, draw(matrices(draw(st.integers(1, 4)), m)))


def conclusion(case: Machine) -> None:
    """By running the recurrence, exact ranks, and twice the terms that Ho and Kalman are given."""
    rows, columns = case.blocks
    model, count = Recurrence(case.A, case.B, case.C), 2 * (rows + columns) + 2
    powers = [np.linalg.matrix_power(case.B, j) for j in range(count)]
    kernel = [case.C @ power @ case.A for power in powers]
    assert np.array_equal(model.kernel(count), kernel)
    assert np.array_equal(case.outputs(), causal_convolution(kernel, case.X)), "not a convolution"
    r = rank(hankel(kernel, rows, columns))
    assert r <= len(case.B)
    assert r == rank(hankel(kernel, rows + 1, columns + 1))
    least = ho_kalman(kernel[: rows + columns], rows, columns)
    assert least.B.shape == (r, r)
    assert np.array_equal(least.kernel(count), kernel), "not its kernel"


def figure(ax: Any) -> None:
    """Two states leave two singular values of a Hankel matrix; the kernel 1/(j + 1) has no end."""
    from linae.plot.style import BLUE, VERMILION

    model = Recurrence(
        np.array([[1.0], [1.0]]), np.array([[0.9, 0.2], [-0.2, 0.6]]), np.array([[1.0, 0.5]])
    )
    kernels = {
        "two states": (model.kernel(15), BLUE, "o"),
        "kernel 1/(j + 1)": ([np.array([[1 / (j + 1)]]) for j in range(15)], VERMILION, "s"),
    }
    for label, (kernel, color, marker) in kernels.items():
        values = np.linalg.svd(hankel(kernel, 8, 8), compute_uv=False)
        ax.semilogy(range(1, 9), values / values[0], marker, color=color, label=label)
    ax.legend(loc="upper right")
    ax.set(xlabel="number", ylabel="singular value, as a share of the first")


def _machine(**changed: Any) -> Machine:
    """Three states that pass their input on: k = 0, 0, 1."""
    given: dict[str, Any] = {
        "A": rationals([[1], [0], [0]]),
        "B": rationals([[0, 0, 0], [1, 0, 0], [0, 1, 0]]),
        "C": rationals([[0, 0, 1]]),
        "blocks": (3, 3),
        "X": rationals([[1], [2]]),
    }
    return Machine(**(given | changed))


counterexamples = {
    "as many rows and columns as states": _machine(blocks=(2, 2)),
    "y_0 = 0": _machine(start=rationals([1, 1, 1])),
}
