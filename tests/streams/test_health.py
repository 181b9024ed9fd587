"""What the probes answer."""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, Gauge

from streams import health
from streams.health import Health, serve
from streams.startup import Front
from tests.kafka.live import free_port
from tests.support import built_in_policy

DOWN = HTTPStatus.SERVICE_UNAVAILABLE


def made(reason: str | None = None, stuck: str | None = None) -> Health:
    """Health with fixed answers."""
    registry = CollectorRegistry()
    Gauge("one", "A gauge.", registry=registry).set(1)
    return Health(lambda: reason, lambda: stuck, registry)


def test_the_probes() -> None:
    """Ready and live are told apart, each with its reason."""
    assert made().answer("/readyz") == (HTTPStatus.OK, b"ready\n")
    assert made("recovering").answer("/readyz") == (DOWN, b"recovering\n")
    assert made("recovering").answer("/livez") == (HTTPStatus.OK, b"live\n")
    assert made(stuck="no progress").answer("/livez") == (DOWN, b"no progress\n")
    assert made().answer("/metrics")[1].endswith(b"one 1.0\n")
    assert made().answer("/table")[0] == HTTPStatus.NOT_FOUND


def test_a_loop_that_hangs_is_not_live(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a turn within the limit; a turn makes it live again."""
    hangs = made()
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + health.LOOP_LIMIT + 5)
    assert hangs.answer("/livez") == (DOWN, b"the event loop hangs\n")
    hangs.turned()
    assert hangs.answer("/livez")[0] == HTTPStatus.OK


def test_a_loop_that_hangs_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the worker says of itself holds while its loop turns."""
    hangs = made()
    start = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: start + health.READY_LIMIT + 1)
    assert hangs.answer("/readyz") == (DOWN, b"the event loop hangs\n")
    assert hangs.answer("/livez")[0] == HTTPStatus.OK
    hangs.turned()
    assert hangs.answer("/readyz")[0] == HTTPStatus.OK


async def test_the_gauge_says_what_the_probe_says() -> None:
    """Also where the event loop hangs, that would set any other gauge."""
    front = Front(built_in_policy(), "127.0.0.1", free_port())
    try:
        assert b"\ndripline_ready 0.0\n" in front.health.answer("/metrics")[1]
        front.health.reason = lambda: None
        assert b"\ndripline_ready 1.0\n" in front.health.answer("/metrics")[1]
        with pytest.MonkeyPatch.context() as later:
            now = time.monotonic()
            later.setattr(time, "monotonic", lambda: now + health.READY_LIMIT + 1)
            assert b"\ndripline_ready 0.0\n" in front.health.answer("/metrics")[1]
    finally:
        front.close()


def test_it_is_served() -> None:
    """Over HTTP, with the status and the type that Prometheus expects."""
    server = serve(made("recovering"), "127.0.0.1", 0)
    try:
        port = server.server_address[1]
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
        with pytest.raises(HTTPError) as refused, urlopen(f"http://127.0.0.1:{port}/readyz"):
            pass
        assert refused.value.code == DOWN
        refused.value.close()
    finally:
        server.shutdown()
        server.server_close()
