"""Side by side with what one would use instead: time, memory, and whether the answer was right.

    python -m benchmarks                      every comparison; writes results.md and results.json
    python -m benchmarks classification       one of them
    python -m benchmarks --list

A comparison is a module with `races()`, an iterator of `Race`: a question, how to judge an answer,
and the contenders. They run by turns, so that a busy machine slows all of them alike; what is told
is medians and ratios. A contender whose package is not installed is named and left out.

Modules with a leading underscore are tools.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before anything loads a BLAS
