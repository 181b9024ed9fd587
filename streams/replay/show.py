"""Shows how far a replay is: a bar in a terminal, a file, JSON lines in a pipe, metrics for Prometheus."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

import click
from prometheus_client import start_http_server
from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
)
from rich.progress import (
    Progress as Bar,
)

from models.finding import DISPOSITIONS
from models.wire import to_json
from streams.console import unheard
from streams.files import InputError
from streams.metrics import replay as the
from streams.metrics.declared import Metric
from streams.metrics.sheet import Sheet
from streams.replay.job import STATUS, write_whole
from streams.replay.progress import Progress

StatusForm = Literal["bar", "json", "none"]
"""How standard error and output tell how far it is."""

_EVERY: Final = 1.0
"""Seconds between two statuses."""
_CHANGES: Final = {
    "edit_added": "added",
    "edit_removed": "removed",
    "edit_changed": "changed",
    "verdict_flipped": "flips",
}


class MetricsOf:
    """The metrics of a running replay.

    Args:
        progress: how far it is.
    """

    def __init__(self, progress: Progress) -> None:
        self.sheet = Sheet(the.REPLAY_METRICS)
        self._progress = progress
        self._run = str(os.getpid())
        self._counted: dict[tuple[Metric, str], float] = {}
        self._timed = False
        tried, *others = progress.job.policies
        against = others[0].fingerprint[:12] if others else progress.job.against or ""
        labels = progress.job.mode, tried.policy_version, tried.fingerprint[:12], against
        self.sheet.show(the.REPLAY, 1, self._run, *labels)
        self.sheet.show(the.STARTED, progress.started, self._run)
        if progress.throttle is not None:
            self.sheet.show(the.THROTTLE, progress.throttle, self._run)

    def update(self) -> None:
        """Show what is known now."""
        progress, counts, run = self._progress, self._progress.counts, self._run
        self.sheet.show(the.PLANNED, progress.planned, run)
        warm_up = counts["warm_up"]
        self._count(the.READ, warm_up, "warm_up")
        self._count(the.READ, counts["records"] - warm_up, "reported")
        self._count(the.REPLAY_REJECTS, counts["rejects"])
        for each in DISPOSITIONS:
            self._count(the.REPLAY_EDITS, counts[f"policy.{each}"], each)
        for state, number in progress.unit_counts().items():
            self.sheet.show(the.REPLAY_PARTITIONS, number, run, state)
        if progress.job.against is not None:
            for kind, name in _CHANGES.items():
                self._count(the.CHANGES, counts[name], kind)
            change = counts["policy.cents"] - counts["against.cents"]
            self.sheet.show(the.AMOUNT_CHANGE, change / 100, run)
        times = progress.event_times.values()
        if times:
            self.sheet.show(the.REPLAY_WATERMARK, min(times) / 1e6, run)
        elif self._timed:
            self.sheet.drop(the.REPLAY_WATERMARK, run)
        self._timed = bool(times)

    def _count(self, metric: Metric, value: float, *labels: str) -> None:
        """Bring a counter to a value; it never goes back, also where members are judged again."""
        key = metric, "".join(labels)
        self.sheet.count(metric, max(value - self._counted.get(key, 0), 0), self._run, *labels)
        self._counted[key] = max(value, self._counted.get(key, 0))


@dataclass(slots=True)
class Shown:
    """Shows how far a replay is, whenever it is called and the time has come."""

    progress: Progress
    form: StatusForm
    bar: tuple[Bar, TaskID] | None = None
    metrics: MetricsOf | None = None
    _next: float = field(default=0.0)

    def __call__(self, *, now: bool = False) -> None:
        """Show it, where a second has gone by or it must be."""
        if not now and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        progress = self.progress
        told = progress.told()
        write_whole(progress.job.folder / STATUS, told)
        if self.form == "json":
            with unheard(sys.stdout):
                click.echo(to_json(told))
        if self.metrics is not None:
            self.metrics.update()
        if self.bar is not None:
            bar, task = self.bar
            left = progress.seconds_left
            text = f"{progress.counts['records']:,} records {progress.rate:,.0f}/s"
            text += "" if left is None or progress.share >= 1 else f", {_time(left)} left"
            bar.update(task, completed=progress.share, text=text, title=_TITLES[progress.state])


_TITLES: Final = {
    "reading": "Replaying",
    "finishing": "Writing the result",
    "done": "Done",
    "failed": "Failed",
}


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


@contextmanager
def shown(
    progress: Progress, console: Console, form: StatusForm, address: tuple[str, int] | None
) -> Iterator[Shown]:
    """Show how far a replay is, until the end.

    Args:
        progress: is looked at.
        console: of standard error.
        form: how it is told.
        address: host and port of metrics, or None for none.

    Raises:
        InputError: the address cannot be bound.
    """
    with ExitStack() as stack:
        view = Shown(progress, form)
        if form == "bar" and console.is_interactive and console.file.isatty():
            columns = (SpinnerColumn(), TextColumn("{task.fields[title]}"), BarColumn(), TaskProgressColumn())
            bar = Bar(*columns, TextColumn("{task.fields[text]}"), console=console, transient=True)
            stack.enter_context(bar)
            view.bar = bar, bar.add_task("", total=1.0, text="", title="Replaying")
        if address is not None:
            view.metrics = MetricsOf(progress)
            host, port = address
            try:
                server, _ = start_http_server(port, host, view.metrics.sheet.registry)
            except OSError as error:
                raise InputError(f"metrics cannot be served on port {port}: {error.strerror}") from error
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
        view(now=True)
        try:
            yield view
        except BaseException:
            progress.state = "failed"
            raise
        finally:
            view(now=True)
