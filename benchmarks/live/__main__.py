"""Run the live benchmarks and print one table."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from benchmarks.live import history, latency, memory, overhead, recovery
from benchmarks.live.kafka import Broker
from benchmarks.live.race import Course, Race, race
from benchmarks.live.report import Report
from streams.embedded import EmbeddedKafka

PARTS = ("race", "latency", "history", "recovery", "overhead", "memory")
PARTITIONS = 16
FEW_PARTITIONS = 1
"""For memory: the members that stay decoded are counted by partition, and are to be exceeded."""
SHARE_OF_MOST = 0.3


@dataclass(frozen=True)
class Size:
    """How long the parts are."""

    rounds: int
    records: int
    short: int
    seconds: float
    entries: int
    retained: int
    pairs: int
    profile: bool


@contextmanager
def broker(partitions: int) -> Iterator[tuple[Broker, Path]]:
    """A broker of our own, and a folder for what contenders leave."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        EmbeddedKafka(Path(name) / "kafka", heap="768m") as kafka,
    ):
        yield Broker(kafka.bootstrap_servers, partitions), Path(name)


def live_parts(size: Size, parts: frozenset[str], report: Report) -> None:
    """All that runs on topics of 16 partitions."""
    with broker(PARTITIONS) as (kafka, folder):
        course = Course(kafka, folder)
        result: Race | None = None
        if parts & {"race", "latency"}:
            result = race(course, size.records, size.short, size.rounds, report.tell, profile=size.profile)
            report.race(result)
        if "history" in parts:
            report.history(*history.measure(course, size.records, min(size.rounds, 3), report.tell))
        if "recovery" in parts:
            report.tell(f"recovery of {size.entries:,} entries")
            report.recovery(recovery.measure(kafka, folder, size.entries))
        if "overhead" in parts:
            lines, seconds = size.records, size.seconds
            for found in overhead.measure(kafka, folder, lines, seconds, size.pairs, report.tell):
                report.overhead(found)
        if "latency" in parts and result is not None:  # the last: its verdicts get the broker's time
            report.tell("latency")
            rate = result.worker.rate * SHARE_OF_MOST
            report.latency(asyncio.run(latency.measure(kafka, folder, rate, size.seconds)))


def memory_part(size: Size, report: Report) -> None:
    """Memory, on a broker of its own with few partitions."""
    with broker(FEW_PARTITIONS) as (kafka, folder):
        asyncio.run(memory.fill(kafka, size.retained))
        for store in ("memory://", "rocksdb://"):
            report.tell(f"memory, {store}")
            report.memory(store, memory.measure(kafka, folder, size.retained, store), size.retained)


@click.command()
@click.option("--rounds", default=5, show_default=True, envvar="BENCH_ROUNDS", help="Of which the median is.")
@click.option("--records", default=60_000, show_default=True, help="Claim lines of a round.")
@click.option("--short", default=20_000, show_default=True, help="The same for idiomatic Faust.")
@click.option("--seconds", default=20.0, show_default=True, help="For latency, and for a pair.")
@click.option("--entries", default=1_000_000, show_default=True, help="State entries to recover.")
@click.option("--retained", default=200_000, show_default=True, help="Claim lines to keep in memory.")
@click.option("--pairs", default=10, show_default=True, help="Of a worker with metrics and one without.")
@click.option("--profile", is_flag=True, help="Print where the worker's time goes.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only these; by default all.")
def main(parts: tuple[str, ...], **options: int) -> None:
    """Measure the live worker on a Kafka that is started here."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # new topics have no leaders for a moment
    size = Size(**options)  # type: ignore[arg-type] # as click was told
    report = Report(Console())
    chosen = frozenset(parts or PARTS)
    with report:
        if chosen - {"memory"}:
            live_parts(size, chosen, report)
        if "memory" in chosen:
            memory_part(size, report)
    report.show()


if __name__ == "__main__":
    main()
