"""What libraries may say in the log: an unexpected exception by its type and place, never by its text.

Faust logs the text and the traceback of whatever crashes one of its services; either may hold the values of
a claim line. `DRIPLINE_DEBUG=1` lets them through.
"""

from __future__ import annotations

import logging
import os
from typing import Final

from aiokafka.errors import KafkaError

from streams.place import place_of

HARMLESS: Final = (KafkaError, OSError)
"""Their texts are the client's and the system's: brokers, topics, causes."""


class WithoutValues(logging.Filter):
    """Takes texts of exceptions and tracebacks out of a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, with what it may say."""
        if os.environ.get("DRIPLINE_DEBUG") == "1":
            return True
        if record.name == "asyncio":  # its messages are contexts, with the exceptions in them
            record.msg, record.args = "asyncio has something to say that may hold values", ()
        elif isinstance(record.args, tuple):
            record.args = tuple(map(_named, record.args))
        elif record.args is not None:
            record.args = {name: _named(value) for name, value in record.args.items()}
        error = record.exc_info[1] if record.exc_info else None
        record.exc_info = record.exc_text = record.stack_info = None
        if error is not None:
            record.msg, record.args = f"{record.getMessage()}: {_named(error)}", ()
        return True


def _named(value: object) -> object:
    """An exception as its type and place; anything else as it is."""
    if not isinstance(value, BaseException) or isinstance(value, HARMLESS):
        return value
    return f"{type(value).__name__} at {place_of(value)}"
