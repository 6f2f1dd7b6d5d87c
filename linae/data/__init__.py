"""Fisher's iris measurements, the table that linae brings along.

`iris.csv` has 150 flowers, 50 of each of three species in turn, and 4 lengths in cm.
Measured by Anderson, "The irises of the Gaspé Peninsula", Bulletin of the American Iris Society
59:2–5 (1935); published by Fisher, "The use of multiple measurements in taxonomic problems",
Annals of Eugenics 7:179–188 (1936).

Two versions of the table circulate, which differ in flowers 35 and 38. This one has Fisher's own
values, (4.9, 3.1, 1.5, 0.2) and (4.9, 3.6, 1.4, 0.1), as have R and scikit-learn.
"""

from importlib.resources import files
from pathlib import Path


def iris() -> Path:
    """Path of the iris table.

    >>> iris().name
    'iris.csv'
    """
    return Path(str(files(__name__) / "iris.csv"))
