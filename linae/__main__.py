"""`python -m linae` is the command `linae`."""

import sys

from linae.cli import main

if __name__ == "__main__":
    sys.exit(main())
