"""Every example in a docstring gives what it says."""

import doctest
import importlib
import pkgutil

import pytest

import linae

MODULES = ["linae", *(info.name for info in pkgutil.walk_packages(linae.__path__, "linae."))]


@pytest.mark.parametrize("name", [name for name in MODULES if name != "linae.__main__"])
def test_the_examples_of_a_module_are_true(name):
    """By running them."""
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert not failed
