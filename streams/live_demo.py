"""`python -m streams.live_demo`: the live worker on a real Kafka, with nothing but Python.

Starts a broker of its own (or takes that of `DRIPLINE_BOOTSTRAP_SERVERS`), makes the topics, starts a
worker, feeds it a generated plan, shows edits as they are published, and cleans up.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic_core import from_json
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, Progress
from rich.table import Table
from rich.text import Text

from streams.broker_errors import BrokerError
from streams.console import console
from streams.embedded import EmbeddedKafka, EmbeddedKafkaError
from streams.embedded.ports import free_ports
from streams.feed import feed
from streams.generate import GenerateSettings, generate_records
from streams.kafka_options import client_options
from streams.settings import Settings, SettingsError, read_settings
from streams.summary import cents
from streams.summary_view import DISPOSITION_STYLES, dollars
from streams.topics import EDITS, VERDICTS
from streams.topics_command import make_topics

PLAN: Final = GenerateSettings(members=250, seed=23, other_share=0.4)
RATE: Final = 300.0
"""Claim lines a second: slow enough to read along."""
SHOWN: Final = 8
QUIET: Final = 3.0
"""Seconds without a verdict, after the last line was sent, that end the demo."""
LONGEST: Final = 90.0
READY_WITHIN: Final = 60.0


class Seen:
    """What was published so far."""

    def __init__(self) -> None:
        self.edits: dict[str, Mapping[str, Any]] = {}
        self.verdicts: dict[str, str] = {}
        self.latest: deque[Mapping[str, Any]] = deque(maxlen=SHOWN)
        self.last = time.monotonic()

    def take(self, topic: str, value: bytes) -> None:
        """An edit event or a verdict."""
        event = from_json(value)
        self.last = time.monotonic()
        if topic == VERDICTS:
            self.verdicts[event["claim_id"]] = event["status"]
        else:
            self.edits[event["edit_id"]] = event
            self.latest.append(event)

    def view(self) -> Group:
        """Counts, and the latest edits."""
        table = Table("disposition", "rule", "what", "affected", expand=True)
        for edit in self.latest:
            style = DISPOSITION_STYLES[edit["disposition"]] if edit["status"] == "open" else "dim"
            word = edit["disposition"] if edit["status"] == "open" else "cleared"
            amount = dollars(cents(edit["amount_affected"]))
            table.add_row(Text(word, style=style), edit["rule"], edit["message"], amount)
        counts = f"{len(self.verdicts):,} claims with a verdict, {len(self.edits):,} edits"
        return Group(table, Text(counts, style="bold"))

    def summary(self) -> Table:
        """Open edits by rule, with their dollars."""
        opened = [edit for edit in self.edits.values() if edit["status"] == "open"]
        number = Counter((edit["rule"], edit["disposition"]) for edit in opened)
        amount: Counter[tuple[str, str]] = Counter()
        for edit in opened:
            amount[edit["rule"], edit["disposition"]] += cents(edit["amount_affected"])
        found = sorted(Counter(self.verdicts.values()).items())
        statuses = ", ".join(f"{count:,} {status}" for status, count in found)
        table = Table("rule", "disposition", "edits", "affected", title=f"Claims: {statuses}")
        for (rule, disposition), count in number.most_common():
            table.add_row(rule, disposition, f"{count:,}", dollars(amount[rule, disposition]))
        return table


@contextmanager
def broker(out: Console, folder: Path) -> Iterator[str]:
    """Addresses of the broker that the environment names, else of one started here."""
    named = os.environ.get("DRIPLINE_BOOTSTRAP_SERVERS")
    if named:
        yield named
        return
    with Progress("{task.description}", BarColumn(), DownloadColumn(), console=out, transient=True) as bar:
        task = bar.add_task("fetching Kafka (once)", total=None)
        kafka = EmbeddedKafka(
            folder, progress=lambda done, total: bar.update(task, completed=done, total=total)
        )
        kafka.open()
    try:
        yield kafka.bootstrap_servers
    finally:
        kafka.close()


@contextmanager
def worker(servers: str, log: Path) -> Iterator[None]:
    """A worker process, ready when the block is entered, stopped in order at its end."""
    (port,) = free_ports(1)
    env = os.environ | {"DRIPLINE_BOOTSTRAP_SERVERS": servers, "DRIPLINE_HTTP_PORT": str(port)}
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "streams.cli", "worker"], env=env, stdout=file, stderr=file
        )
    try:
        _wait_ready(process, port, log)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < end:
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SettingsError(f"the worker did not become ready; its log: {log}")


async def watch(settings: Settings, parts: list[TopicPartition], seen: Seen, out: Console) -> None:
    """Feed the plan, and show what is published to some partitions until nothing more comes."""
    async with AIOKafkaConsumer(**client_options(settings)) as consumer:
        consumer.assign(parts)
        await consumer.seek_to_end(*parts)
        for part in parts:
            await consumer.position(part)
        feeding = asyncio.ensure_future(feed(generate_records(PLAN, 0.001), settings, RATE))
        end = time.monotonic() + LONGEST
        with Live(seen.view(), console=out, refresh_per_second=4, transient=True) as live:
            while time.monotonic() < end and not (feeding.done() and time.monotonic() - seen.last > QUIET):
                for part, records in (await consumer.getmany(timeout_ms=250)).items():
                    for record in records:
                        seen.take(part.topic, record.value)
                live.update(seen.view())
        feeding.cancel()


def run(out: Console) -> int:
    """Show it; the exit code."""
    seen = Seen()
    log = Path("build") / "demo" / "worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        broker(out, Path(folder)) as servers,
    ):
        settings = read_settings({"bootstrap_servers": servers})
        made = asyncio.run(make_topics(settings))
        if made.faults:
            raise SettingsError("\n".join(map(str, made.faults)))
        parts = [
            TopicPartition(topic, number)
            for topic in (EDITS, VERDICTS)
            for number in range(made.found[topic].partitions)
        ]
        with worker(servers, log):
            out.print(f"A worker screens claim-lines on {servers}. Ctrl-C ends it.")
            asyncio.run(watch(settings, parts, seen, out))
    out.print(seen.summary())
    out.print("The worker stopped in order; everything it left is in build/demo/worker.log.")
    return 0 if seen.verdicts else 1


def main() -> None:
    """Run the demo and end the process with its exit code."""
    try:
        sys.exit(run(console()))
    except (BrokerError, EmbeddedKafkaError, SettingsError) as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
