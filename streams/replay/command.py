"""What `dripline replay` and `dripline backtest` do alike: freeze the range, run, tell what came of it."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from typing import Any, Final, cast

import click

from streams.console import console, unheard
from streams.kafka_command import given_settings
from streams.policy_view import print_facts
from streams.replay.job import Against, Job, Mode, PolicyChoice, Side, prepare, read_job
from streams.replay.manifest import MOST_OF_UNIT, Manifest
from streams.replay.options import Asked
from streams.replay.topic_range import Wanted, freeze_topic
from streams.settings import Settings
from streams.topics import EDITS, VERDICTS

FEW: Final = 50_000
"""Records below which starting other processes takes longer than they save."""


def execute(
    asked: Asked,
    connection: Mapping[str, str | None],
    mode: Mode,
    policies: Mapping[Side, PolicyChoice],
    *,
    against: Against | None = None,
    sample: int = 0,
    seed: int = 0,
) -> tuple[Job, dict[str, Any]]:
    """Begin a replay or go on with one; the job, and what `result.json` holds.

    Raises:
        UsageError: the packages of the extra `replay` are not installed.
        BrokerError, InputError, OutputError, PolicyError, SettingsError: it cannot be done.
    """
    _check_packages()
    from streams.replay.run import Means, progress_of, run  # noqa: PLC0415 - needs those packages
    from streams.replay.show import StatusForm, shown  # noqa: PLC0415 - the same

    processes = asked.processes or len(os.sched_getaffinity(0))
    if asked.resume is not None:
        job = read_job(asked.resume)
        if (job.against is None) != (against is None):
            name = "replay" if job.against is None else "backtest"
            raise click.UsageError(f"--resume: the folder holds a {name}; go on with dripline {name}")
        settings = given_settings(connection) if _on_topics(job.manifest, job.against) else None
    else:
        settings = given_settings(connection) if asked.topic or against == "live" else None
        manifest = _frozen(asked, settings)
        if asked.processes is None and manifest.records < FEW:
            processes = 1
        manifest = replace(manifest, shards=_shards(manifest, mode, processes))
        live = _live(settings) if against == "live" and settings is not None else ()
        assert asked.out is not None  # noqa: S101 - checked with the options
        job = prepare(
            asked.out, manifest, mode, policies, against=against, live=live, sample=sample, seed=seed
        )
    _print(job, to_error=asked.form == "json")
    means = Means(settings, processes, asked.throttle, frozen=asked.resume is None)
    progress = progress_of(job, means)
    show = partial(
        shown,
        console=console(stderr=True),
        form=cast("StatusForm", asked.form),
        address=asked.metrics,
    )
    return job, run(job, means, progress, show)


def _check_packages() -> None:
    missing = [name for name in ("duckdb", "jinja2", "pyarrow", "vl_convert") if find_spec(name) is None]
    if missing:
        raise click.UsageError(f"{' and '.join(missing)}: not installed; pip install 'dripline[replay]'")


def _on_topics(manifest: Manifest, against: Against | None) -> bool:
    return manifest.kind == "topic" or against == "live"


def _frozen(asked: Asked, settings: Settings | None) -> Manifest:
    if settings is not None and asked.topic:
        return asyncio.run(freeze_topic(settings, asked.wanted))
    from streams.replay.source_files import freeze_files  # noqa: PLC0415 - for files alone

    return freeze_files(asked.inputs, now=asked.now)


def _live(settings: Settings) -> tuple[Manifest, ...]:
    """The offsets of what is published, as they are now."""

    async def both() -> tuple[Manifest, ...]:
        whole = Wanted()
        return tuple([await freeze_topic(settings, whole, topic) for topic in (EDITS, VERDICTS)])

    return asyncio.run(both())


def _shards(manifest: Manifest, mode: Mode, processes: int) -> int:
    """Into how many shares each partition's members are divided.

    So many that every process has work, and that a share fits into memory.
    """
    if mode == "as_published" or not manifest.spans:
        return 1
    largest = max(span.records for span in manifest.spans)
    return max(math.ceil(processes / len(manifest.spans)), math.ceil(largest / MOST_OF_UNIT), 1)


def _print(job: Job, *, to_error: bool) -> None:
    out = console(stderr=to_error)
    with unheard(out.file):
        frozen_in = job.folder / "manifest.json"
        out.print(f"{job.manifest.records:,} records, frozen in {frozen_in}", soft_wrap=True)
        print_facts(out, job.manifest.told())
