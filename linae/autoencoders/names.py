"""Losses and networks by name: whatever is in `losses` and `kinds`, and what can be set of each.

named("loss", "weight-decay", known_losses())       "weight_decay"
settings_of(losses.denoising)                       {"variance": 0.1}
takers("tied", known_networks())                    {"convolutional": False, "dense": False}
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Any

from linae.autoencoders import kinds, losses
from linae.autoencoders.gradients import Loss
from linae.autoencoders.networks import Parameters

Known = Mapping[str, Callable[..., Any]]


def known_losses() -> dict[str, Loss]:
    """Every function of `losses`."""
    return _functions(losses)


def known_networks() -> dict[str, Callable[..., Parameters]]:
    """Every function of `kinds`."""
    return _functions(kinds)


def _functions(module: ModuleType) -> dict[str, Any]:
    found = inspect.getmembers(module, inspect.isfunction)
    own = {name: function for name, function in found if function.__module__ == module.__name__}
    return {name: function for name, function in own.items() if not name.startswith("_")}


def settings_of(function: Callable[..., Any]) -> dict[str, Any]:
    """What can be set, with its default.

    >>> settings_of(losses.variational)
    {'variance': 0.1, 'beta': 1}
    """
    options = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in options if p.kind is p.KEYWORD_ONLY}


def every_setting(known: Known) -> list[str]:
    """What can be set of any of them."""
    return list(dict.fromkeys(name for each in known.values() for name in settings_of(each)))


def takers(setting: str, known: Known) -> dict[str, Any]:
    """Those that have a setting, with its default.

    >>> takers("variance", known_losses())
    {'denoising': 0.1, 'variational': 0.1}
    """
    found = {name: settings_of(function) for name, function in known.items()}
    return {name: settings[setting] for name, settings in found.items() if setting in settings}


def named(what: str, word: str, known: Known) -> str:
    """The name that was meant, with - for _.

    >>> named("loss", "weight-decay", known_losses())
    'weight_decay'
    """
    name = word.replace("-", "_")
    if name in known:
        return name
    close = get_close_matches(name, known, 1)
    ask = f"; did you mean {close[0]}?" if close else "."
    raise ValueError(f"Need a {what} that --help names. Got {word!r}{ask}")


def described() -> str:
    """Names and formulas of all, for --help."""
    return f"{_lines('losses', known_losses())}\n\n{_lines('networks', known_networks())}"


def _lines(title: str, known: Known) -> str:
    widest = max(map(len, known))
    first = {name: (function.__doc__ or "").partition("\n")[0] for name, function in known.items()}
    return "\n".join([f"{title}:", *(f"  {name:{widest}}  {text}" for name, text in first.items())])
