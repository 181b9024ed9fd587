"""A replay from its job to its result; what is done already is not done again.

First every piece of work, then the few to which mis-keyed records of others belong, then the result.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from streams.replay.assemble import assemble
from streams.replay.forwards import pieces_of
from streams.replay.job import RESULT, Job, policies_of
from streams.replay.manifest import Unit
from streams.replay.part import KeptPart, kept_part, throw_away_unfinished
from streams.replay.pool import run_all
from streams.replay.progress import Progress
from streams.replay.show import Shown
from streams.replay.source_files import check_files
from streams.replay.work import AGAIN, Work
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Means:
    """With what a replay is done; nothing of it changes the result.

    Attributes:
        settings: how to reach the brokers; None for files.
        processes: how many work at once.
        throttle: records a second of all together, or None.
        frozen: the range was frozen just now: its files need no second look, which reads them whole.
    """

    settings: Settings | None
    processes: int = 1
    throttle: float | None = None
    frozen: bool = False


def progress_of(job: Job, means: Means) -> Progress:
    """How far a job is, before it goes on."""
    manifest = job.manifest
    sizes = sum(file.size for file in manifest.files)
    steps = (
        manifest.records * job.manifest.shards if manifest.kind == "topic" else sizes * len(manifest.units)
    )
    return Progress(job, manifest.records, steps, means.throttle)


def run(
    job: Job, means: Means, progress: Progress, show: Callable[[Progress], AbstractContextManager[Shown]]
) -> dict[str, Any]:
    """Do what is left of a replay; what `result.json` holds.

    Raises:
        BrokerError, InputError: the range cannot be read.
        OutputError: the result cannot be written.
        PolicyError: a kept policy cannot be used.
    """
    done = job.folder / RESULT
    if done.exists():
        result: dict[str, Any] = json.loads(done.read_text("utf-8"))
        return result
    if job.manifest.files and not means.frozen:
        check_files(job.manifest)
    policies_of(job)
    throw_away_unfinished(job)
    with show(progress) as tick:
        if job.against == "live":
            _lay_down(job, means, tick)
        units = job.manifest.units
        _run(job, [Work(unit) for unit in units], means, progress, tick)
        again = _again(job)
        _run(job, again, means, progress, tick)
        progress.state = "finishing"
        tick(now=True)
        result = assemble(job, _parts(job, units, {work.unit.name for work in again}))
        progress.state = "done"
    return result


def _lay_down(job: Job, means: Means, tick: Shown) -> None:
    from streams.backtest.live import lay_down  # noqa: PLC0415 - replays need none

    if means.settings is not None:
        lay_down(job, means.settings, tick)


def _run(job: Job, works: list[Work], means: Means, progress: Progress, tick: Shown) -> None:
    """Do the pieces of work that are not done."""
    todo = []
    for work in works:
        part = kept_part(job, work.name)
        if part is None:
            todo.append(work)
        elif work.name not in progress.units:
            steps = progress.steps_planned // max(len(job.manifest.units), 1)
            own = steps if job.manifest.kind != "topic" else work.unit.span.records
            progress.was_done(work.name, part.figures.counts, 0 if work.forwards else own)
    run_all(
        job.folder,
        todo,
        means.settings,
        progress,
        processes=means.processes,
        throttle=means.throttle,
        tick=tick,
    )


def _again(job: Job) -> list[Work]:
    """Pieces of work to whose members mis-keyed records of others belong."""
    units = job.manifest.units
    found: dict[str, list[str]] = defaultdict(list)
    for unit in units:
        part = kept_part(job, unit.name)
        for piece in () if part is None else pieces_of(part.folder):
            found[piece].append(unit.name)
    return [Work(unit, tuple(found[unit.name])) for unit in units if unit.name in found]


def _parts(job: Job, units: list[Unit], again: set[str]) -> list[KeptPart]:
    """The parts of the result: a whole partition done again stands in the place of the first."""
    parts = []
    for unit in units:
        names = [unit.name]
        if unit.name in again:
            names = [unit.name, unit.name + AGAIN] if job.mode == "final" else [unit.name + AGAIN]
        parts += [part for part in (kept_part(job, name) for name in names) if part is not None]
    return parts
