"""The critical classes are counted as on a contractible space: M(q) = 1 + (1 + q) Q(q), Q >= 0.

M adds q^index times the mod-2 Poincaré polynomial of the class over all classes. A class of rank r
is, up to what can be contracted, a Stiefel manifold of r-frames in ℝᵖ, so that

    M(q) = Σ_r q^((p − r)(ρ − r)) (ρ choose r)_q Π_{p − r <= i < p} (1 + qⁱ),

and over ℂ, with q² for q in the first two factors, Π_{p − r < i <= p} (1 + q^(2i − 1)).

Hypotheses: no ties among the nonzero eigenvalues.

Equality: of all coefficients, for all ρ and p: Q has integer coefficients >= 0. M(0) is the number
of components of the global minima. So the numbers of saddles obey all Morse-Bott inequalities of a
contractible space; that they must, although sublevels are not compact, is not proved here.

References: Kunin, Bloom, Goeva and Seed 2019, arXiv:1901.08168, Appendix B, for the factor on the
Grassmannian (wording not confirmed); for M none known.

Post: E11 and E18 (how many saddles of which index there must be between the minima).
"""

from __future__ import annotations

from collections import Counter
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

import sympy as sp
from hypothesis import strategies as st

from linae.exact import Gaussian, rationals
from linae.landscapes.squared import SquaredLoss
from linae.minima import number_of_components
from linae.moments import Moments
from proofs import inertia, schubert_cells
from proofs._instances import auto_landscape
from proofs.schubert_cells import gaussian_binomial

if TYPE_CHECKING:
    from matplotlib.axes import Axes

uses: list[ModuleType] = [inertia, schubert_cells]

q = sp.Symbol("q")


class Spread(NamedTuple):
    """Auto-association with S = diag(values), and the field."""

    values: tuple[int, ...]
    width: int
    is_complex: bool

    @property
    def landscape(self) -> SquaredLoss:
        landscape = auto_landscape(self.values, self.width)
        if not self.is_complex:
            return landscape
        S = landscape.moments.Sxx * Gaussian(rationals(1).item())
        return SquaredLoss(Moments.auto(S), self.width)


@st.composite
def hypotheses(draw: st.DrawFn) -> Spread:
    """Up to six distinct eigenvalues, any width up to eight, perhaps a zero behind them."""
    values = sorted(draw(st.sets(st.integers(1, 9), max_size=6)), reverse=True)
    zeros = [0] * draw(st.integers(0 if values else 1, 1))
    return Spread((*values, *zeros), draw(st.integers(1, 8)), draw(st.booleans()))


def conclusion(case: Spread) -> None:
    """The sum over the listed classes, against the closed form, and divided by 1 + q."""
    landscape, rho = case.landscape, sum(value > 0 for value in case.values)
    total = sp.Poly(0, q)
    for critical in landscape.critical_classes():
        frames = _stiefel(case.width, critical.rank, case.is_complex)
        total += sp.Poly(q**critical.index, q) * frames
    closed = morse_polynomial(rho, case.width, case.is_complex)
    assert total == closed, f"classes {total}, closed form {closed}"
    quotient, rest = sp.div(total - 1, sp.Poly(1 + q, q))
    assert rest == 0, f"M − 1 leaves {rest} modulo 1 + q"
    assert all(c >= 0 for c in quotient.all_coeffs())
    assert total.eval(0) == number_of_components(landscape.spectrum, case.width)


def morse_polynomial(rho: int, p: int, is_complex: bool) -> sp.Poly:
    """M by its closed form."""
    copies, total = 1 + is_complex, sp.Poly(0, q)
    for r in range(min(rho, p) + 1):
        cells = gaussian_binomial(rho, r)
        shift = (p - r) * (rho - r)
        indices = sum(c * q ** (copies * (k + shift)) for k, c in enumerate(cells))
        total += sp.Poly(indices, q) * _stiefel(p, r, is_complex)
    return total


def _stiefel(p: int, r: int, is_complex: bool) -> sp.Poly:
    """Poincaré polynomial of the r-frames in ℝᵖ or ℂᵖ: spheres of p − r … p − 1 dimensions, or of
    2 (p − r) + 1 … 2 p − 1."""
    spheres = range(2 * (p - r) + 1, 2 * p, 2) if is_complex else range(p - r, p)
    return sp.prod((sp.Poly(1 + q**i, q) for i in spheres), start=sp.Poly(1, q))


def proof() -> None:
    """M(ρ, p) = qᵖ M(ρ − 1, p) + (1 + q^(p − 1)) M(ρ − 1, p − 1), and M(0, p) = M(ρ, 0) = 1.

    For (ρ choose r) = qʳ (ρ − 1 choose r) + (ρ − 1 choose r − 1) splits every term in two: in the
    first the exponent of q is that of (ρ − 1, p, r) and p more; in the second it is that of
    (ρ − 1, p − 1, r − 1), and the frames have one factor more, 1 + q^(p − 1). So M = 1 + (1 + q) Q,

        Q(ρ, p) = qᵖ Q(ρ − 1, p) + (1 + q^(p − 1)) Q(ρ − 1, p − 1) + q^(p − 1),    Q >= 0.

    Over ℂ the same with q^(2p), q^(2p − 1) for qᵖ, q^(p − 1).
    """
    rho, p, r = sp.symbols("rho p r", positive=True)

    def exponent(rho: sp.Expr, p: sp.Expr, r: sp.Expr) -> sp.Expr:
        return (p - r) * (rho - r)

    assert sp.expand(exponent(rho, p, r) + r - exponent(rho - 1, p, r) - p) == 0
    assert sp.expand(exponent(rho, p, r) - exponent(rho - 1, p - 1, r - 1)) == 0

    x, y = sp.symbols("x y", positive=True)  # q^ρ and q^r
    same, one_less = (1 - x / y) / (1 - x), (1 - y) / (1 - x)  # (ρ − 1 choose r), (… r − 1)
    assert sp.simplify(y * same + one_less - 1) == 0

    for high, low in ((q**p, q ** (p - 1)), (q ** (2 * p), q ** (2 * p - 1))):
        one, other = sp.symbols("Q Q'")  # Q(ρ − 1, p) and Q(ρ − 1, p − 1)
        M = high * (1 + (1 + q) * one) + (1 + low) * (1 + (1 + q) * other)
        Q = high * one + (1 + low) * other + low
        assert sp.simplify(M - 1 - (1 + q) * Q) == 0


def figure(ax: Axes) -> None:
    """Critical classes of six distinct eigenvalues at width 3, by index and rank."""
    landscape = auto_landscape((6, 5, 4, 3, 2, 1), 3)
    counts = Counter((c.rank, c.index) for c in landscape.critical_classes())
    indices, bottom = range(19), [0] * 19
    colors = ("#D55E00", "#E69F00", "#56B4E9", "#0072B2")
    for rank, color in enumerate(colors):
        heights = [counts[rank, k] for k in indices]
        ax.bar(indices, heights, bottom=bottom, color=color, label=f"rank {rank}")
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
    ax.set(xlabel="index: independent directions of descent", ylabel="number of critical classes")
    ax.set_xticks(range(0, 19, 3))
    ax.legend(frameon=False)


counterexamples = {"no ties": Spread((1, 1), 1, False)}
