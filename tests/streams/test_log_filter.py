"""What a line of a library's log may hold."""

from __future__ import annotations

import logging
import sys

import pytest
from aiokafka.errors import NodeNotReadyError

from streams.log_filter import WithoutValues


def line(text: str, *args: object, error: BaseException | None = None, of: str = "mode") -> str:
    """A line as it is written."""
    exc_info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(of, logging.ERROR, __file__, 1, text, args, exc_info)
    assert WithoutValues().filter(record)
    return logging.Formatter("%(message)s").format(record)


def raised() -> BaseException:
    """An exception that holds a value, caused by another that does."""
    try:
        raise ValueError("CANARY") from KeyError("CANARY")  # noqa: TRY301 - it needs a traceback
    except ValueError:
        error = sys.exc_info()[1]
        assert error is not None
        return error


def test_exceptions_are_named_and_not_told() -> None:
    """As an argument and as what went wrong: type and place; other arguments stay."""
    told = line("Crashed %s reason=%r", "agent", raised(), error=raised())
    assert "CANARY" not in told
    assert "Crashed agent" in told
    assert f"ValueError at {__name__}:" in told
    assert "Traceback" not in told


def test_named_arguments_are_no_way_around() -> None:
    """Neither are they where a message takes its arguments by name."""
    told = line("Crashed %(what)s reason=%(reason)r", {"what": "agent", "reason": raised()})
    assert "CANARY" not in told
    assert "Crashed agent" in told


def test_what_asyncio_says_is_not_told() -> None:
    """Its messages hold the exceptions of tasks that nobody waited for."""
    assert "CANARY" not in line("Task exception was never retrieved\nfuture: CANARY", of="asyncio")


def test_the_clients_own_texts_stay() -> None:
    """What the brokers' client and the system say is of brokers and causes."""
    assert "node 7" in line("fetch: %s", NodeNotReadyError("node 7"))
    assert "refused" in line("connect: %s", ConnectionRefusedError("refused"))


def test_who_asks_for_it_is_told_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `DRIPLINE_DEBUG=1` texts and tracebacks are there."""
    monkeypatch.setenv("DRIPLINE_DEBUG", "1")
    assert "Traceback" in line("Crashed", error=raised())
