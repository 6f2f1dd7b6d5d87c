"""Pictures of a landscape: one function for each, in a file of its own.

    figure = blank()
    with house_style():
        drawn = ladder(landscape, figure)
        figure.savefig("ladder.svg")
    drawn.caption, drawn.table          # a sentence with the numbers of these data; what was drawn

    picture(ladder, landscape).files    # the same as SVG, PNG and CSV

Each takes a landscape and an empty figure (or subfigure), and raises NotDrawnError where the data
have nothing to show. `pen` keeps the numbers, `labels` and `scales` keep text readable, `style`
holds the colours.
"""

from linae.plot.descent import descent
from linae.plot.directions import directions
from linae.plot.ladder import ladder
from linae.plot.mirror import mirror
from linae.plot.pen import Drawn, NotDrawnError
from linae.plot.picture import Draw, Picture, on_axes, picture, title_of
from linae.plot.saddles import saddles
from linae.plot.scalar import scalar
from linae.plot.sharpness import sharpness
from linae.plot.spectra import spectra
from linae.plot.style import blank, house_style

FIGURES: dict[str, Draw] = {
    draw.__name__: draw
    for draw in (scalar, directions, ladder, descent, mirror, spectra, saddles, sharpness)
}
"""The figures, in the order in which a reader meets them."""

__all__ = [
    "FIGURES",
    "Draw",
    "Drawn",
    "NotDrawnError",
    "Picture",
    "blank",
    "descent",
    "directions",
    "house_style",
    "ladder",
    "mirror",
    "on_axes",
    "picture",
    "saddles",
    "scalar",
    "sharpness",
    "spectra",
    "title_of",
]
