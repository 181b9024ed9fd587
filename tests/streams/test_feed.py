"""Laws of sending claim lines, with brokers that are made up; those on a real one are in tests/kafka."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams import feed
from streams.cli import dripline
from streams.topics import LINES
from tests.streams.intake.sample import sample

BAD = "".join(sample()[0]).replace("HC:99601", "HC:9960", 1).encode()
"""27 lines in claims that are sound, but for one line."""


class Broker:
    """Acknowledges what it is sent; after so many lines this process gets a signal, if one is named."""

    def __init__(self, after: int, number: signal.Signals | None) -> None:
        self.lines: list[bytes] = []
        self._after = after
        self._number = number

    async def list_topics(self) -> list[str]:
        """The topic is there."""
        return [LINES]

    async def send(self, _topic: str, line: bytes, _key: bytes | None) -> asyncio.Future[None]:
        """Take a line; what is returned is done."""
        self.lines.append(line)
        if len(self.lines) == self._after and self._number is not None:
            os.kill(os.getpid(), self._number)
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Broker:
    """Brokers as the sender meets them; the parameter is the signal."""
    made = Broker(3, request.param)

    @asynccontextmanager
    async def connected(*_: object, **__: object) -> AsyncIterator[Broker]:
        yield made

    monkeypatch.setattr(feed, "connected_admin", connected)
    monkeypatch.setattr(feed, "AIOKafkaProducer", connected)
    return made


def run(*arguments: object) -> Result:
    """A command that sends, ten lines a beat."""
    given = ("--to-topic", "--bootstrap-servers", "localhost:9092", "--rate", "100")
    return CliRunner().invoke(dripline, [*map(str, arguments), *given])


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """An 837 with a fault."""
    path = tmp_path / "claims.837"
    path.write_bytes(BAD)
    return path


@pytest.mark.parametrize(
    ("broker", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], indirect=["broker"]
)
def test_an_intake_that_is_stopped_says_so(broker: Broker, claims: Path, code: int) -> None:
    """It ends as what a signal has stopped, says how far it came, and leaves no file of the faults so far."""
    before = signal.getsignal(signal.SIGTERM)
    result = run("intake", claims, "--strict", "--faults", claims.with_name("faults.jsonl"))
    assert result.exit_code == code
    assert f"stopped after {len(broker.lines)} lines; run it again" in result.stderr
    assert len(broker.lines) < 26
    assert [path.name for path in claims.parent.iterdir()] == [claims.name]
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("broker", [signal.SIGINT, signal.SIGTERM], indirect=True)
def test_a_generator_that_is_stopped_is_done(broker: Broker) -> None:
    """Generated lines have no end that anyone waits for: a signal ends them with 0."""
    result = run("generate", "--members", 2000, "--seed", 3)
    assert (result.exit_code, result.stderr) == (0, f"{len(broker.lines)} lines sent to claim-lines\n")


@pytest.mark.parametrize("broker", [None], indirect=True)
def test_an_intake_that_has_sent_all_is_done(broker: Broker, claims: Path) -> None:
    """Without a signal the end is that of the files: 3 where --strict makes a loss of a fault."""
    result = run("intake", claims, "--strict", "--faults", claims.with_name("faults.jsonl"))
    assert result.exit_code == 3
    assert f"{len(broker.lines)} lines sent to claim-lines" in result.stderr
    assert "stopped" not in result.stderr
    assert claims.with_name("faults.jsonl").read_text()
