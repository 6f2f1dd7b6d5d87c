"""One thread, and two Hypothesis profiles: "default" holds still, "deep" searches.

HYPOTHESIS_PROFILE=deep python -m pytest tests/test_proofs.py
"""

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # read when NumPy is imported

import pytest  # noqa: E402  # after the threads
from hypothesis import settings  # noqa: E402

pytest.register_assert_rewrite("proofs")

settings.register_profile(
    "default", max_examples=50, derandomize=True, database=None, deadline=None
)
settings.register_profile("deep", max_examples=500, print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
