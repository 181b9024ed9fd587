"""How far a screening run is: a bar on standard error when that is a terminal, nothing otherwise.

The share done is measured in bytes of the inputs as they lie on disk; where an input has no size, only
the lines and their rate are shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from streams.files import total_size
from streams.screen import Watcher

_PAUSE: Final = 0.1
"""Seconds between two updates."""


class _Lines(ProgressColumn):
    """Lines screened and lines a second since the start."""

    def render(self, task: Task) -> Text:
        lines = int(task.fields["lines"])
        elapsed = task.finished_time if task.finished else task.elapsed
        rate = f" {lines / elapsed:,.0f}/s" if elapsed else ""
        return Text(f"{lines:,} lines{rate}", style="cyan")


class ProgressBar:
    """Moves a bar; asked at every batch, it draws ten times a second."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._next = 0.0

    def moved(self, records: int, consumed: int) -> None:
        """So many records were screened, so many bytes of the inputs read."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PAUSE
            self._progress.update(self._task, completed=consumed, lines=records)


@contextmanager
def progress_bar(
    inputs: Sequence[str], console: Console, doing: str = "Screening"
) -> Iterator[Watcher | None]:
    """A bar on `console` while the inputs are screened or read, or None where it is no terminal."""
    if not (console.is_interactive and console.file.isatty()):  # FORCE_COLOR alone makes no terminal
        yield None
        return
    total = total_size(inputs)
    measured = (BarColumn(), TaskProgressColumn()) if total else ()
    remaining = (TimeRemainingColumn(compact=True), TextColumn("left")) if total else ()
    columns = (SpinnerColumn(), TextColumn(doing), *measured, _Lines(), *remaining)
    with Progress(*columns, console=console, transient=True) as progress:
        yield ProgressBar(progress, progress.add_task(doing, total=total, lines=0))
