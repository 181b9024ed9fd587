"""Health over HTTP, in a thread of its own: it answers while state is recovered and when the loop hangs.

`/livez` 200 while the event loop turns; `/readyz` 200 once the group was joined and the state of all
assigned partitions is there, else 503 with the reason; `/metrics` for Prometheus.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

LOOP_LIMIT: Final = 30.0
"""Seconds without a turn of the event loop after which the worker is not live."""


class Health:
    """What is known of the worker's health.

    Args:
        reason: why the worker is not ready, or None where it is; asked from the server's thread.
    """

    def __init__(self, reason: Callable[[], str | None]) -> None:
        self._reason = reason
        self._turned = time.monotonic()

    def turned(self) -> None:
        """The event loop has turned."""
        self._turned = time.monotonic()

    def answer(self, path: str) -> tuple[HTTPStatus, bytes]:
        """Status and text of a path."""
        if path == "/metrics":
            return HTTPStatus.OK, generate_latest()
        if path == "/livez":
            silent = time.monotonic() - self._turned
            if silent > LOOP_LIMIT:
                return HTTPStatus.SERVICE_UNAVAILABLE, b"the event loop hangs\n"
            return HTTPStatus.OK, b"live\n"
        if path == "/readyz":
            reason = self._reason()
            if reason is None:
                return HTTPStatus.OK, b"ready\n"
            return HTTPStatus.SERVICE_UNAVAILABLE, f"{reason}\n".encode()
        return HTTPStatus.NOT_FOUND, b"not found\n"


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
