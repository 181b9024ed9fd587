"""What `dripline health` says of a worker beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from prometheus_client import CollectorRegistry

from streams.cli import dripline
from streams.health import Health, serve
from tests.kafka.live import free_port


def asked(port: int, *options: str) -> Result:
    """Run the command as in a worker's container, by its settings."""
    env = {"DRIPLINE_HTTP_PORT": str(port), "DRIPLINE_HTTP_HOST": "0.0.0.0"}  # noqa: S104 - of the worker
    return CliRunner().invoke(dripline, ["health", *options], env=env)


@contextmanager
def serving(reason: str | None, stuck: str | None = None) -> Iterator[int]:
    """A worker's probes; on which port."""
    server = serve(Health(lambda: reason, lambda: stuck, CollectorRegistry()), "127.0.0.1", 0)
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def test_a_worker_that_is_well() -> None:
    """0, and what both probes answer."""
    with serving(None) as port:
        result = asked(port)
    assert result.exit_code == 0
    assert result.output.splitlines() == ["/readyz  200  ready", "/livez   200  live"]


@pytest.mark.parametrize(("reason", "stuck"), [("state is being recovered", None), (None, "no progress")])
def test_a_worker_that_is_not_well(reason: str | None, stuck: str | None) -> None:
    """1, with the reason that comes with a 503."""
    with serving(reason, stuck) as port:
        result = asked(port)
    assert result.exit_code == 1
    assert f"503  {reason or stuck}" in result.output


def test_nobody_answers() -> None:
    """1, and why, whatever proxy the machine is told to use."""
    result = asked(free_port(), "--http-host", "127.0.0.1")
    assert result.exit_code == 1
    assert "/livez   -    no answer (Connection refused)" in result.output
