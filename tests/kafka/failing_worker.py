"""A worker with a bug: somewhere an exception is raised that holds the values of a record, as libraries' do.

`DRIPLINE_TEST_FAILS` names one of `PLACES`. Run as a module in place of the worker.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from policy import PolicyEngine
from streams import cli, transport
from streams.store import MemoryStore

PLACES = {
    "engine": (PolicyEngine, "receive_while"),
    "ticks": (PolicyEngine, "advance"),
    "state": (PolicyEngine, "take_writes"),
    "fetch": (transport.BatchConsumer, "_whole"),
    "recovery": (transport.BatchConsumer, "recover"),
    "store": (MemoryStore, "apply"),
}


def fails(*arguments: object) -> NoReturn:
    """Raise an error that holds what was given, caused by another that does."""
    told = " ".join(_texts(arguments))
    raise ValueError(told) from KeyError(told)


def _texts(arguments: Sequence[Any]) -> Iterator[str]:
    for argument in arguments:
        many = argument if isinstance(argument, (list, tuple)) else [argument]
        yield from (repr(getattr(each, "value", each)) for each in many)
    yield "MEMBERCANARY"


def break_at(place: str) -> None:
    """Have a method fail."""
    owner, method = PLACES[place]
    failing: Callable[..., Any] = fails
    if place == "state":
        real = PolicyEngine.take_writes
        failing = lambda self: fails(writes) if (writes := real(self)) else writes  # noqa: E731
    elif place == "recovery":  # the app sets it on the consumer
        failing = property(lambda _: fails, lambda *_: None)  # type: ignore[assignment]
    setattr(owner, method, failing)


if __name__ == "__main__":
    break_at(os.environ["DRIPLINE_TEST_FAILS"])
    cli.main()
