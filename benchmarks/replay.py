"""What does a replay cost beside reading? Ratios against the same range read and validated, in turns.

Baseline: one process that reads the same records, from files or by aiokafka's getmany, and validates each
into the event model; its clock starts with the first record. A replay is charged for everything, from the
start of its command to its end: processes, range, result on disk. `python -m benchmarks.replay --help`.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from benchmarks.lines import stream
from benchmarks.live import latency
from benchmarks.live.kafka import Broker
from policy.load import BUILT_IN
from streams.embedded import EmbeddedKafka
from streams.topics import LINES

PARTS: Final = ("files", "topic", "two", "memory", "scale", "live")
SHARES: Final = {0.95: 1.0, 0.0: 0.5}
"""Share of other lines, and the least speed beside the baseline."""
PARTITIONS: Final = 16
MIB: Final = 1 << 20
BILLION: Final = 1_000_000_000
LIVE_RATE: Final = 500.0
"""Lines a second that the live worker gets."""
LIVE_SECONDS: Final = 30.0
_LOOKS_EVERY: Final = 0.1


@dataclass(frozen=True)
class Course:
    """What is measured: how many lines, how often, by how many processes."""

    lines: int
    rounds: int
    processes: int
    folder: Path

    def file(self, share: float) -> Path:
        """The lines as a file, made once."""
        path = self.folder / f"{share}-{self.lines}.jsonl"
        if not path.exists():
            with path.open("wb") as file:
                file.writelines(line + b"\n" for line in stream(self.lines, share))
        return path


@dataclass(frozen=True)
class Run:
    """A run of a command: seconds, and the most memory of all its processes together, in bytes."""

    seconds: float
    memory: int


def dripline(course: Course, command: str, *arguments: str, watch: bool = False) -> Run:
    """Run the command into a folder that is thrown away."""
    out = course.folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    whole = [sys.executable, "-m", "streams.cli", command, *arguments, "--out", str(out), "--status", "none"]
    began = time.perf_counter()
    process = subprocess.Popen(whole, stdout=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        if watch:
            most = max(most, resident(process.pid))
        time.sleep(_LOOKS_EVERY if watch else 0.01)
    took = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    if json.loads((out / "result.json").read_text("utf-8"))["lines"] != course.lines:
        raise SystemExit("not every line was replayed")
    return Run(took, most)


def resident(pid: int) -> int:
    """Bytes in memory of a process and its children, shared pages counted once."""
    total = 0
    for each in (pid, *_children(pid)):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:  # it has just ended
            continue
        total += sum(int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def baseline(*arguments: str) -> float:
    """Seconds that reading and validating takes, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.replay_baseline", *arguments]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def speed(course: Course, base: Callable[[], float], replay: Callable[[], Run]) -> tuple[float, float, float]:
    """How fast a replay is beside its baseline, in turns: the median ratio, with the seconds of both."""
    rounds = sorted(
        (_ratio(base(), replay().seconds) for _ in range(course.rounds)), key=lambda each: each[0]
    )
    return rounds[len(rounds) // 2]


def _ratio(base: float, took: float) -> tuple[float, float, float]:
    return base / took, base, took


@contextmanager
def topic(course: Course, share: float, partitions: int = PARTITIONS) -> Iterator[str]:
    """A broker of our own whose topic holds the lines; its address."""
    folder = course.folder / "kafka"
    try:
        with EmbeddedKafka(folder, heap="768m") as kafka:
            broker = Broker(kafka.bootstrap_servers, partitions)
            lines = ((json.loads(line)["member_id"].encode(), line) for line in stream(course.lines, share))
            asyncio.run(broker.make_topics("bench"))
            asyncio.run(broker.fill(LINES, lines))
            yield kafka.bootstrap_servers
    finally:  # the next one begins with nothing
        shutil.rmtree(folder, ignore_errors=True)


def files_part(course: Course, table: Table) -> None:
    """From files."""
    for share, least in SHARES.items():
        file = str(course.file(share))
        processes = ("--processes", str(course.processes))
        found = speed(course, partial(baseline, file), partial(dripline, course, "replay", file, *processes))
        _row(table, f"files, {share:.0%} other lines", found, least, course)


def topic_part(course: Course, table: Table) -> None:
    """From topics."""
    for share, least in SHARES.items():
        with topic(course, share) as servers:
            options = ("--topic", "--bootstrap-servers", servers, "--processes", str(course.processes))
            found = speed(
                course,
                partial(baseline, "--topic", servers),
                partial(dripline, course, "replay", *options),
            )
        _row(table, f"topic of {PARTITIONS} partitions, {share:.0%} other lines", found, least, course)


def _row(table: Table, name: str, found: tuple[float, float, float], least: float, course: Course) -> None:
    ratio, base, took = found
    hours = BILLION / course.lines * took / 3600
    rates = f"{course.lines / base:,.0f}", f"{course.lines / took:,.0f}"
    table.add_row(name, *rates, f"{ratio:.2f} x", f">= {least:.1f} x", f"a billion lines: {hours:,.1f} h")


def two_part(course: Course, table: Table) -> None:
    """Two policies beside one."""
    changed = course.folder / "changed"
    shutil.copytree(BUILT_IN, changed, dirs_exist_ok=True)
    toml = changed / "policy.toml"
    toml.write_text(toml.read_text("utf-8").replace("window_days = 14", "window_days = 7"), "utf-8")
    for share in SHARES:
        file = str(course.file(share))
        processes = ("--processes", str(course.processes))
        ratios = []
        for _ in range(course.rounds):
            one = dripline(course, "replay", file, *processes).seconds
            sides = ("--policy", str(changed), "--against", "built-in")
            ratios.append(dripline(course, "backtest", file, *sides, *processes).seconds / one)
        name = f"two policies beside one, {share:.0%} other lines"
        table.add_row(name, "", "", f"{statistics.median(ratios):.2f} x", "<= 1.5 x", "")


def memory_part(course: Course, table: Table) -> None:
    """The most that is in memory at once."""
    for share in SHARES:
        run = dripline(
            course,
            *("replay", str(course.file(share)), "--processes", str(course.processes)),
            watch=True,
        )
        most = course.lines * 1024 + 200 * MIB
        name = f"memory, {share:.0%} other lines"
        a_line = f"{(run.memory - 200 * MIB) / course.lines:,.0f} B a line and 200 MiB"
        table.add_row(name, "", "", f"{run.memory / MIB:,.0f} MiB", f"<= {most / MIB:,.0f} MiB", a_line)


def scale_part(course: Course, table: Table) -> None:
    """How speed grows with processes, and with partitions."""
    share = 0.95
    cores = len(os.sched_getaffinity(0))
    alone = 0.0
    for processes in sorted({1, 2, cores}):
        took = dripline(course, "replay", str(course.file(share)), "--processes", str(processes)).seconds
        alone = alone or took
        rate = f"{course.lines / took:,.0f}"
        table.add_row(
            f"files, {processes} processes of {cores} cores", "", rate, f"{alone / took:.2f} x", "", ""
        )
    alone = 0.0
    for partitions in (1, 4, 16):
        with topic(course, share, partitions) as servers:
            options = ("--topic", "--bootstrap-servers", servers, "--processes", str(course.processes))
            took = dripline(course, "replay", *options).seconds
        alone = alone or took
        rate = f"{course.lines / took:,.0f}"
        table.add_row(f"topic of {partitions} partitions", "", rate, f"{alone / took:.2f} x", "", "")


def live_part(course: Course, table: Table) -> None:
    """How long verdicts wait beside a replay at a tenth of its pace, against those without one."""
    found: dict[str, list[float]] = {"alone": [], "beside": []}
    for _ in range(course.rounds):
        for name, waits in found.items():
            with topic(course, 0.95) as servers:
                options = ("--topic", "--bootstrap-servers", servers, "--processes", str(course.processes))
                most = course.lines / dripline(course, "replay", *options).seconds
                paced = (*options, "--throttle", f"{most / 10:.0f}") if name == "beside" else ()
                waits.append(_waited(course, servers, paced))
    alone, beside = (statistics.median(each) for each in found.values())
    told = f"{alone:.0f} to {beside:.0f} ms at {LIVE_RATE} lines/s"
    table.add_row("live p99 beside a throttled replay", "", "", f"{beside / alone:.2f} x", "<= 1.2 x", told)


def _waited(course: Course, servers: str, paced: Sequence[str]) -> float:
    """The p99 of a live worker in milliseconds, beside a replay where one is given."""
    out = course.folder / "beside"
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "streams.cli", "replay", *paced, "--out", str(out), "--status", "none"]
    replay = subprocess.Popen(command, stdout=subprocess.DEVNULL) if paced else None
    try:
        broker = Broker(servers, PARTITIONS)
        measured = asyncio.run(latency.measure(broker, course.folder / "live", LIVE_RATE, LIVE_SECONDS))
        if replay is not None and replay.poll() is not None:
            raise SystemExit("the replay ended before the measurement: take more --lines")
    finally:
        if replay is not None:
            replay.kill()
            replay.wait()
    return measured.p99


@click.command()
@click.option("--lines", default=1_000_000, show_default=True, help="Claim lines of each range.")
@click.option("--rounds", default=3, show_default=True, help="Turns of each figure; medians are told.")
@click.option("--processes", default=2, show_default=True, help="Of a replay.")
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, help="Left out: all.")
def main(*, lines: int, rounds: int, processes: int, parts: tuple[str, ...]) -> None:
    """Measure replays, and print one table."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    table = Table(
        *("figure", "baseline/s", "replay/s", "result", "target", ""),
        title=f"{lines:,} claim lines, {processes} processes",
    )
    steps = {
        "files": files_part,
        "topic": topic_part,
        "two": two_part,
        "memory": memory_part,
        "scale": scale_part,
        "live": live_part,
    }
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        course = Course(lines, rounds, processes, Path(name))
        for part in parts or PARTS:
            with console.status(part):
                steps[part](course, table)
    console.print(table)


if __name__ == "__main__":
    main()
