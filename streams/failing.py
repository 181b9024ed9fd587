"""How a worker ends when it must not go on: a last line that names the cause, and an exit code.

Nothing is sent or committed after it. 1: our bug, or brokers that refuse; 2: a fault of configuration.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from typing import Any, Final, NoReturn, Protocol

from models.state import StateError
from streams.holes import LostRecordsError
from streams.log import tell
from streams.outbox import StepTooLargeError
from streams.place import place_of
from streams.store import StoreError, StoreRefusedError
from streams.topics import LINES
from streams.transport import FencedError

OUR_BUG: Final = 1
CONFIGURATION: Final = 2
LAST_LINE_WITHIN: Final = 5.0
"""Seconds that the last line may take to be written before the process ends without it."""


class StalledError(Exception):
    """The worker does not get on though there is work; the text says with what."""


TELLING: Final = (FencedError, LostRecordsError, StalledError, StateError, StepTooLargeError, StoreError)
"""Errors whose texts are ours and hold no values."""


class Fail(Protocol):
    """Who is told of an error after which nothing must go on."""

    def __call__(
        self, error: BaseException, *, partition: int | None = None, offset: int | None = None
    ) -> None:
        """End the worker.

        Args:
            error: why.
            partition: of the input, where it concerns one.
            offset: of the first of its records that is not done; None before the first was.
        """


def fail(error: BaseException, *, partition: int | None = None, offset: int | None = None) -> NoReturn:
    """Say why, and end the process at once: nothing more is sent or committed."""
    refused = isinstance(error, (StateError, StoreRefusedError))
    code = CONFIGURATION if refused else OUR_BUG
    _ends_anyway(code)
    facts: dict[str, object] = {"exception": type(error).__name__}
    if isinstance(error, TELLING):
        facts["why"] = str(error)
    if partition is not None:
        facts |= {"topic": LINES, "partition": partition, "from_offset": offset}
    if os.environ.get("DRIPLINE_DEBUG") == "1":
        logging.getLogger().error("traceback", exc_info=error)
    tell("worker stops", level=logging.CRITICAL, **facts, place=place_of(error))
    logging.shutdown()
    os._exit(code)


def _ends_anyway(code: int) -> None:
    """Who hangs may hang in writing to the log."""
    timer = threading.Timer(LAST_LINE_WITHIN, os._exit, (code,))
    timer.daemon = True
    timer.start()


def fail_with_task(task: asyncio.Future[None]) -> None:
    """End the worker where a task that never ends has ended by an error."""
    if not task.cancelled() and (error := task.exception()) is not None:
        fail(error)


def say_unheard(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of an exception that nobody waits for by its type and place; its text may hold a value."""
    error = context.get("exception")
    facts = {} if error is None else {"exception": type(error).__name__, "place": place_of(error)}
    tell("exception that nobody waits for", level=logging.ERROR, **facts)
