"""What a worker says: one fact, one line of JSON on standard error, also where a library speaks.

What libraries may say is what `streams.log_filter` lets through.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any, Final

from models.wire import to_json
from streams.log_filter import WithoutValues

LOGGER: Final = "dripline"

log = logging.getLogger(LOGGER)


def tell(event: str, *, level: int = logging.INFO, **facts: object) -> None:
    """One fact, one line of JSON; facts are counts and coordinates, never values of a claim line."""
    log.log(level, "%s", to_json(_line(time.time(), level, event) | facts))


def _line(when: float, level: int, event: str) -> dict[str, Any]:
    return {"time": round(when, 3), "level": logging.getLevelName(level).lower(), "event": event}


class JsonLines(logging.Formatter):
    """Makes a line of JSON of what a library says; ours are lines already."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        if record.name == LOGGER:
            return record.getMessage()
        line = _line(record.created, record.levelno, record.getMessage()) | {"logger": record.name}
        if record.exc_info:  # under DRIPLINE_DEBUG alone
            line["traceback"] = self.formatException(record.exc_info)
        return to_json(line)


def set_up_logging(level: str) -> None:
    """Lines of JSON on standard error; libraries speak from WARNING on."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    for handler in logging.getLogger().handlers:
        handler.addFilter(WithoutValues())
        handler.setFormatter(JsonLines())
    log.setLevel(level)
