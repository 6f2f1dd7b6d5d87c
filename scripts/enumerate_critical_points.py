"""Every critical class of the linear autoencoder loss, for a table of data: the command `linae`.

python scripts/enumerate_critical_points.py --help
"""

import sys

from linae.cli import main

if __name__ == "__main__":
    sys.exit(main())
