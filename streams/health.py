"""Health over HTTP, in a thread of its own: it answers from the first second on, also when the loop hangs.

`/livez` 200 while the event loop turns and every partition with records waiting moves, also while a broker is
waited for or state is recovered; `/readyz` 200 once the group was joined and the state of all assigned
partitions is there, else 503 with the reason (no broker yet, a rebalance, recovery, brokers that do not
answer, a topic that is gone, a stop, an event loop that hangs); `/metrics` for Prometheus.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

LOOP_LIMIT: Final = 30.0
"""Seconds without a turn of the event loop after which the worker is not live."""
READY_LIMIT: Final = 10.0
"""The same after which it is not ready."""
_HANGS: Final = "the event loop hangs"


class Health:
    """What is known of the worker's health.

    Args:
        reason: see below.
        stuck: see below.
        registry: what `/metrics` shows.

    Attributes:
        reason: why the worker is not ready, or None where it is; asked from the server's thread.
        stuck: why the worker is not live though the event loop turns, or None; asked from there too.
        turns: how often the event loop has turned.
    """

    def __init__(
        self,
        reason: Callable[[], str | None],
        stuck: Callable[[], str | None],
        registry: CollectorRegistry,
    ) -> None:
        self.reason = reason
        self.stuck = stuck
        self.turns = 0
        self._registry = registry
        self._turned = time.monotonic()

    def turned(self) -> None:
        """The event loop has turned."""
        self.turns += 1
        self._turned = time.monotonic()

    def not_ready(self) -> str | None:
        """Why the worker is not ready, or None; what it says of itself holds while its event loop turns."""
        return _HANGS if self._silent() > READY_LIMIT else self.reason()

    def _silent(self) -> float:
        return time.monotonic() - self._turned

    def answer(self, path: str) -> tuple[HTTPStatus, bytes]:
        """Status and text of a path."""
        if path == "/metrics":
            return HTTPStatus.OK, generate_latest(self._registry)
        if path == "/livez":
            return _told(_HANGS if self._silent() > LOOP_LIMIT else self.stuck(), "live")
        if path == "/readyz":
            return _told(self.not_ready(), "ready")
        return HTTPStatus.NOT_FOUND, b"not found\n"


def _told(reason: str | None, well: str) -> tuple[HTTPStatus, bytes]:
    if reason is None:
        return HTTPStatus.OK, f"{well}\n".encode()
    return HTTPStatus.SERVICE_UNAVAILABLE, f"{reason}\n".encode()


def serve(health: Health, host: str, port: int) -> ThreadingHTTPServer:
    """Serve until the process ends, or `shutdown` is called.

    Raises:
        OSError: the address cannot be bound.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = health.answer(self.path.partition("?")[0])
            self.send_response(status)
            is_metrics = self.path.startswith("/metrics")
            self.send_header("Content-Type", CONTENT_TYPE_LATEST if is_metrics else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's signature
            """Probes are not worth a line each."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
