"""Every line of a worker's log is a line of JSON."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from streams.log import LOGGER, JsonLines, tell


def read(name: str, text: str, *args: object, exc_info: Any = None) -> dict[str, Any]:  # noqa: ANN401 - of logging
    """A line as it is written, read back."""
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, text, args, exc_info)
    line = JsonLines().format(record)
    assert "\n" not in line
    told: dict[str, Any] = json.loads(line)
    return told


def test_a_library_speaks_in_json_as_well() -> None:
    """With its level, its name and the time, also where its message has several lines."""
    told = read("aiokafka.conn", "Unable to connect to %s\nand again", "broker-1")
    assert told["event"] == "Unable to connect to broker-1\nand again"
    assert (told["level"], told["logger"]) == ("warning", "aiokafka.conn")
    assert told["time"] > 1e9


def test_a_traceback_is_a_field() -> None:
    """Where one is asked for."""
    try:
        raise ValueError  # noqa: TRY301 - it needs a traceback
    except ValueError:
        told = read("mode", "Crashed", exc_info=sys.exc_info())
    assert told["traceback"].startswith("Traceback")


def test_our_own_lines_are_told_as_they_are(caplog: Any) -> None:  # noqa: ANN401 - of pytest
    """A fact with its counts."""
    with caplog.at_level(logging.INFO, LOGGER):
        tell("screened", records=3)
    (record,) = caplog.records
    told = json.loads(JsonLines().format(record))
    assert (told["event"], told["records"], told["level"]) == ("screened", 3, "info")
