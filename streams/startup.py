"""What a worker does before it works: it answers its probes, waits for a broker, and looks at the topics."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from errno import EADDRNOTAVAIL
from http.server import ThreadingHTTPServer
from socket import gaierror
from typing import Any, Final, TypeVar

from policy.document import Policy
from streams.broker_wait import connected_admin
from streams.health import Health, serve
from streams.metrics.build import build_labels
from streams.metrics.declared import BUILD, READY
from streams.metrics.sheet import Sheet
from streams.settings import SettingsError, env_name
from streams.topic_check import Fault, find_faults

TURNS_EVERY: Final = 0.5
"""Seconds between two proofs that the event loop turns."""

T = TypeVar("T")


class Front:
    """What a worker has from its first second to its last: metrics, probes, and the word to stop.

    Made inside the event loop whose turns it watches.

    Args:
        policy: what decides.
        host: where the probes are served.
        port: of it.

    Attributes:
        sheet: the metrics.
        health: what the probes answer.
        stop: set by SIGTERM and SIGINT.

    Raises:
        SettingsError: the address cannot be bound.
    """

    def __init__(self, policy: Policy, host: str, port: int) -> None:
        self.sheet = Sheet()
        self.sheet.show(BUILD, 1, *build_labels(policy))
        self.health = Health(lambda: "waiting for a broker", lambda: None, self.sheet.registry)
        self.sheet.ask(READY, lambda: self.health.not_ready() is None)
        self._server = _served(self.health, host, port)
        self._turning = asyncio.ensure_future(self._turn())
        self.stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.stop.set)

    async def _turn(self) -> None:
        while True:
            self.health.turned()
            await asyncio.sleep(TURNS_EVERY)

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """What some work comes to, or None where the word to stop comes first: the work is cancelled then."""
        working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return await working if working.done() else None
        finally:
            working.cancel()
            stopping.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    def close(self) -> None:
        """Answer no more."""
        self._turning.cancel()
        self._server.shutdown()
        self._server.server_close()


def _served(health: Health, host: str, port: int) -> ThreadingHTTPServer:
    try:
        return serve(health, host, port)
    except OSError as error:
        elsewhere = isinstance(error, gaierror) or error.errno == EADDRNOTAVAIL
        setting = env_name("http_host" if elsewhere else "http_port")
        raise SettingsError(
            f"{setting}: metrics and probes cannot be served there: {error.strerror}"
        ) from error


async def look_at_topics(
    app_id: str, options: dict[str, Any], health: Health, tell: Callable[[str], None]
) -> list[Fault]:
    """Wait for a broker, and look what is wrong with the topics; `/readyz` says which of both goes on.

    It waits for as long as it takes: an end and another start, later and later, would cost more time.

    Args:
        app_id: the consumer group.
        options: arguments of aiokafka's clients.
        health: what the probes answer.
        tell: takes what the brokers answer while none can be used.

    Raises:
        BrokerError: a broker refuses, or one fails while it is asked.
    """

    def waits(text: str) -> None:
        tell(text)
        health.reason = lambda: "; ".join(text.splitlines())

    async with connected_admin(options, limit=None, tell=waits) as admin:
        health.reason = lambda: "the topics are being looked at"
        return await find_faults(admin, app_id)
