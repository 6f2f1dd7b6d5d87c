"""Published figures, typed in by hand, each with its source."""

import pytest

from linae import Moments, SquaredLoss
from linae.exact import rationals
from proofs.schubert_cells import gaussian_binomial

IRIS = [
    ["4.22824171", 0, 0, 0],
    [0, "0.24267075", 0, 0],
    [0, 0, "0.07820950", 0],
    [0, 0, 0, "0.02383509"],
]
"""Eigenvalues of the sample covariance of Fisher's iris, divisor 149; to four digits in the Maple
documentation of principal component analysis."""

CLASSES = """
none  4.572957  8 0 8
1     0.344715  3 3 10
2     4.330286  4 3 9
3     4.494748  5 3 8
4     4.549122  6 3 7
1,2   0.102045  0 4 12
1,3   0.266506  1 4 11
1,4   0.320880  2 4 10
2,3   4.252077  2 4 10
2,4   4.306451  3 4 9
3,4   4.470912  4 4 8
"""


def test_iris_has_eleven_classes_of_the_published_loss_and_inertia():
    """Width 2: subsets of at most two of the four components."""
    landscape = SquaredLoss(Moments.auto(rationals(IRIS)), width=2)
    found = {
        (
            ",".join(str(j + 1) for j in c.index_set) or "none",
            f"{float(c.loss):.6f}",
            *map(str, c.inertia),
        )
        for c in landscape.critical_classes()
    }
    assert found == {tuple(line.split()) for line in CLASSES.split("\n") if line}


@pytest.mark.parametrize(
    ("rho", "p", "coefficients"),
    [
        (3, 1, "1 1 1"),
        (4, 1, "1 1 1 1"),
        (4, 2, "1 1 2 1 1"),
        (5, 2, "1 1 2 2 2 1 1"),
        (6, 2, "1 1 2 2 3 2 2 1 1"),
        (6, 3, "1 1 2 3 3 3 3 2 1 1"),
        (7, 3, "1 1 2 3 4 4 5 4 4 3 2 1 1"),
    ],
)
def test_gaussian_binomials(rho, p, coefficients):
    """Mod-2 Betti numbers of real Grassmannians, textbook."""
    assert gaussian_binomial(rho, p) == [int(c) for c in coefficients.split()]
