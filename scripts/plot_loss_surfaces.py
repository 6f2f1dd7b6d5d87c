"""The pictures of the post: loss surfaces, saddles and paths of your data, and of the theorems.

python scripts/plot_loss_surfaces.py --help
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from linae.gallery import gallery

if TYPE_CHECKING:
    from linae.plot import Draw


def theorem_figures() -> dict[str, Draw]:
    """Every theorem that has a figure, by the name of its module."""
    from linae.plot import on_axes
    from proofs import _book

    return {
        f"proofs/{_book.name(theorem)}": on_axes(theorem.figure, _book.statement(theorem))
        for theorem in _book.theorems()
        if hasattr(theorem, "figure")
    }


if __name__ == "__main__":
    sys.exit(gallery(more=theorem_figures))
