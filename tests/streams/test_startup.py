"""What a worker answers before there is a broker for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams import worker
from streams.broker_errors import BrokerError
from streams.settings import SettingsError, read_settings
from tests.kafka.live import Worker, free_port


async def until(told: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(told):  # noqa: ASYNC110 - a process of its own
            await asyncio.sleep(0.05)


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Worker]:
    """A worker whose broker is not there."""
    made = Worker({"DRIPLINE_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}"}, tmp_path / "log")
    made.start()
    yield made
    assert made.process is not None
    if made.process.poll() is None:
        made.kill()


@pytest.mark.slow
async def test_a_worker_that_waits_answers(waiting: Worker) -> None:
    """It is live and not ready, says what the broker answers, and shows what it is; a stop ends it with 0."""
    await until(lambda: waiting.get("/livez")[0] != 0)
    while "Connection refused" not in (answer := waiting.get("/readyz"))[1]:
        assert answer in ((503, "waiting for a broker\n"), (0, ""))
        await asyncio.sleep(0.05)
    status, text = answer
    assert status == 503
    assert text.startswith("127.0.0.1:")
    assert text.endswith("waiting for a broker\n")
    assert waiting.get("/livez") == (200, "live\n")
    samples = waiting.samples()
    assert samples["dripline_ready",] == 0
    assert [value for key, value in samples.items() if key[0] == "dripline_build_info"] == [1]
    assert waiting.stop() == 0
    last = json.loads(waiting.log.read_text().splitlines()[-1])
    assert last["event"] == "worker stopped"


async def test_what_waiting_cannot_cure_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a broker refuses, the worker says so, and answers no probe any more."""

    async def refused(*_: object) -> None:
        raise BrokerError("authentication", "wrong user, password or mechanism")

    monkeypatch.setattr(worker, "look_at_topics", refused)
    port = free_port()
    settings = read_settings({"bootstrap_servers": f"127.0.0.1:{free_port()}", "http_port": str(port)})
    with pytest.raises(BrokerError, match="wrong user"):
        await worker.run(settings)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_is_taken() -> None:
    """A worker that cannot answer probes waits for no broker: it ends at once and names the setting."""
    taken = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    settings = read_settings({"bootstrap_servers": f"127.0.0.1:{free_port()}", "http_port": str(port)})
    async with taken, asyncio.timeout(5):
        with pytest.raises(SettingsError, match=r"^DRIPLINE_HTTP_PORT: .* cannot be served .*in use$"):
            await worker.run(settings)


async def test_an_address_of_another_machine() -> None:
    """An address that is none of this machine's is a fault of the host, not of the port."""
    settings = read_settings({"bootstrap_servers": f"127.0.0.1:{free_port()}", "http_host": "203.0.113.1"})
    with pytest.raises(SettingsError, match=r"^DRIPLINE_HTTP_HOST: .* cannot be served "):
        await worker.run(settings)
