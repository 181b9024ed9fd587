"""Ends a worker that does not get on, so that another one, or itself started again, does the work.

What the event loop can see it looks at itself; that the loop turns is seen from a thread.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from streams.app import WorkerApp
from streams.failing import Fail, StalledError
from streams.health import Health
from streams.log import tell
from streams.metrics.sampler import Sampler
from streams.metrics.steps import StepCounter

LOOP_HANGS_AFTER: Final = 120
"""Looks, one a second, without a turn of the event loop after which the worker gives up."""
LOOKS_EVERY: Final = 0.5
REPORT_EVERY: Final = 10.0
"""Seconds between two lines of the log about what was screened, at least."""


async def watch(app: WorkerApp, counter: StepCounter, sampler: Sampler, fail: Fail) -> None:
    """Notice what Faust keeps to itself: a crash of its services, work that does not get on."""
    done = counter.done
    told, told_at = 0, 0.0
    while True:
        await asyncio.sleep(LOOKS_EVERY)
        now = time.monotonic()
        if app.crashed:
            fail(app.crash_reason or RuntimeError("a service of Faust crashed"))
        if (stalled := sampler.stalled()) is not None:
            fail(StalledError(stalled))
        if done["records"] > told and now - told_at >= REPORT_EVERY:
            tell("screened", level=logging.INFO, **done)
            told, told_at = done["records"], now


@contextmanager
def watched_loop(
    health: Health, fail: Fail, *, limit: int = LOOP_HANGS_AFTER, every: float = 1.0
) -> Iterator[None]:
    """Meanwhile, from a thread of its own, end the worker where its event loop hangs.

    Looks are counted, not seconds: a process that was stopped has not looked either.

    Args:
        health: knows how often the loop turned.
        fail: ends the worker.
        limit: looks in a row that see no turn.
        every: seconds between two looks.
    """
    over = threading.Event()

    def look() -> None:
        seen, missed = health.turns, 0
        while missed < limit:
            if over.wait(every):
                return
            turns = health.turns
            missed = missed + 1 if turns == seen else 0
            seen = turns
        fail(StalledError(f"the event loop has not turned for {limit * every:.0f} s"))

    threading.Thread(target=look, name="loop-watch", daemon=True).start()
    try:
        yield
    finally:
        over.set()
