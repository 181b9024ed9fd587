"""Where an error was raised, without a word of what it says."""

from __future__ import annotations

import traceback
from collections.abc import Container
from typing import Final

OWN: Final = frozenset({"models", "policy", "streams"})
"""The rooms of the product's own code."""


def place_of(error: BaseException, rooms: Container[str] | None = None) -> str:
    """Module and line of the innermost frame; with rooms, of the innermost frame in one of them."""
    place = "unknown"
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__"))
        if rooms is None or module.partition(".")[0] in rooms:
            place = f"{module}:{line}"
    return place
