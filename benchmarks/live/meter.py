"""What a contender says of itself: time and processor from its first record to its last commit.

The start of the interpreter, the imports, the group's first assignment are over when the first record
comes, so they are in none of the figures. Processor time is that of the whole process, its threads
included (`getrusage`).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PAGE = resource.getpagesize()


@dataclass(frozen=True)
class Job:
    """What a contender is to do.

    Attributes:
        servers: the broker.
        app_id: its consumer group, and the beginning of its changelog's name.
        topic: the claim lines.
        records: how many there are; it ends behind the last.
        folder: for what it keeps on disk.
        port: for probes, where it has them.
        store: the worker's setting.
        warm: records behind which the memory is looked at first.
        profile: whether to say where its time went.
        metrics: whether a worker tells what it does.
    """

    servers: str
    app_id: str
    topic: str
    records: int
    folder: str
    port: int = 0
    store: str = "memory://"
    warm: int = 0
    profile: bool = False
    metrics: bool = True


@dataclass(frozen=True)
class Figures:
    """What was measured, in seconds and bytes."""

    records: int
    wall: float
    cpu: float
    resident: int
    grown: int
    profile: str = ""

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.wall

    @property
    def cost(self) -> float:
        """Processor time, microseconds a record."""
        return self.cpu * 1e6 / self.records


def own_job() -> Job:
    """The job of this process."""
    return Job(**json.loads(sys.argv[1]))


def resident() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Meter:
    """Measures a contender's way through its records."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._began: tuple[float, float] | None = None
        self._warm = 0
        self.done = 0

    def begin(self) -> None:
        """A record came; the first one starts the clock."""
        if self._began is None:
            self._began = time.perf_counter(), _cpu()

    def add(self, records: int) -> bool:
        """So many records more are published and remembered; whether that is all."""
        self.done += records
        if not self._warm and self._job.warm and self.done >= self._job.warm:
            self._warm = resident()
        return self.done >= self._job.records

    def end(self, profile: str = "") -> None:
        """All is acknowledged and committed: say so to the benchmark."""
        assert self._began is not None  # noqa: S101 - records came
        wall, cpu = time.perf_counter() - self._began[0], _cpu() - self._began[1]
        now = resident()
        grown = now - self._warm if self._warm else 0
        figures: dict[str, Any] = asdict(Figures(self.done, wall, cpu, now, grown, profile))
        print("FIGURES " + json.dumps(figures), file=sys.__stdout__, flush=True)
