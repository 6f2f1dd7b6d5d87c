"""Train an autoencoder whose loss is an argument, beside its closed form.

python scripts/train_autoencoder.py --help
"""

import sys

from linae.training import main

if __name__ == "__main__":
    sys.exit(main())
