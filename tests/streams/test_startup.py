"""What a worker answers before there is a broker for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams import startup, worker
from streams.broker_errors import BrokerError
from streams.settings import read_settings
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
    assert "waiting for a broker, " in text
    assert waiting.get("/livez") == (200, "live\n")
    samples = waiting.samples()
    assert samples["dripline_ready",] == 0
    assert [value for key, value in samples.items() if key[0] == "dripline_build_info"] == [1]
    assert waiting.stop() == 0
    last = json.loads(waiting.log.read_text().splitlines()[-1])
    assert last["event"] == "worker stopped"


async def test_the_wait_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """When its time is over the worker says what each broker answered, and answers no probe any more."""
    monkeypatch.setattr(startup, "WORKER_WAITS", 0.2)
    port = free_port()
    settings = read_settings({"bootstrap_servers": f"127.0.0.1:{free_port()}", "http_port": str(port)})
    with pytest.raises(BrokerError, match="no broker could be used") as caught:
        await worker.run(settings)
    assert "Connection refused\nno broker could be used in 0.2 s" in str(caught.value)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that cannot answer probes does not wait for a broker: it ends at once."""
    monkeypatch.setattr(startup, "WORKER_WAITS", 60)
    taken = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    settings = read_settings({"bootstrap_servers": f"127.0.0.1:{free_port()}", "http_port": str(port)})
    async with taken, asyncio.timeout(5):
        with pytest.raises(OSError, match="in use"):
            await worker.run(settings)
