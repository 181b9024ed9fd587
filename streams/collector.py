"""The cycle collector at rest: what a screening keeps is looked through once, not again and again.

State only grows while lines come, and nothing in it refers back to what holds it. Python's collector
would walk through all of it time after time and find nothing, for a fifth of the time of a screening.
A worker would stand still meanwhile, the longer the more it holds.
"""

from __future__ import annotations

import asyncio
import gc
from types import TracebackType
from typing import Final, NoReturn, Self

YOUNG: Final = 10_000
"""New objects after which the youngest are looked through: a few milliseconds."""
MIDDLE: Final = 10
"""So many of these looks go by between two at those that outlived the first."""
NEVER: Final = 1_000_000_000
WHOLE_EVERY: Final = 3600.0
"""Seconds between two looks at everything: cycles that grew old are few, and this bounds them."""


async def collect_seldom() -> NoReturn:
    """Look through young objects as they come, and through all of them once an hour; until cancelled."""
    was = gc.get_threshold()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    try:
        while True:
            await asyncio.sleep(WHOLE_EVERY)
            gc.collect()
    finally:
        gc.set_threshold(*was)


class Collector:
    """Collects cycles of young objects alone, and takes what is left for kept.

    A context: inside it nothing is collected but by `rest`; after it Python collects as before.
    """

    def __enter__(self) -> Self:
        self._was_enabled = gc.isenabled()
        gc.disable()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def rest(self) -> None:
        """Collect the cycles made since the last rest; what is still there is not looked at again."""
        gc.collect(0)
        gc.freeze()
