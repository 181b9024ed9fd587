"""Screening files: one engine over all inputs in their order, results in three files.

The results depend on the inputs and the policy alone, but for lines received in the future of `now`.
Source: screening specification, section 5.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from policy.document import Policy
from policy.engine import PolicyEngine
from policy.outputs import Outputs
from streams.collector import Collector
from streams.files import MOST_RECORDS, check_inputs, read_batches
from streams.results import Results, check_outputs
from streams.summary import Summary


class Watcher(Protocol):
    """Who is told how far a run is."""

    def moved(self, records: int, consumed: int) -> None:
        """So many records were screened, so many bytes of the inputs read."""


def screen(
    policy: Policy,
    inputs: Sequence[str],
    folder: Path,
    *,
    now: int,
    final: bool = False,
    most: int = MOST_RECORDS,
    watcher: Watcher | None = None,
) -> Summary:
    """Screen files into `folder`: edits.jsonl, verdicts.jsonl and rejects.jsonl.

    Args:
        policy: what decides.
        inputs: paths of JSON Lines, plain or gzip; `-` for standard input.
        folder: made where it is missing; earlier results there are replaced at the end.
        now: the time of every record (microseconds since 1970), for `received_in_future`.
        final: one record per open edit and per claim instead of every revision.
        most: records handed to the engine at once; the results do not depend on it.
        watcher: is told about progress.

    Raises:
        InputError: an input cannot be read; no results are left.
        OutputError: results cannot be written; none are left.
    """
    started = time.perf_counter()
    check_inputs(inputs)
    check_outputs(folder, inputs)
    engine = PolicyEngine(policy, final=final)
    summary = Summary(files=len(inputs))
    batches = read_batches(inputs, now=now, most=most, spool=folder)
    with closing(batches), Results(folder) as results, Collector() as collector:
        for batch in batches:
            out = engine.receive_many(batch.records)
            results.reject(out.rejections, batch)
            summary.records += len(batch.records)
            _take(out, results, summary)
            collector.rest()
            if watcher is not None:
                watcher.moved(summary.records, batch.consumed)
        _take(engine.finish(), results, summary)
        results.keep()
    summary.seconds = time.perf_counter() - started
    return summary


def _take(out: Outputs, results: Results, summary: Summary) -> None:
    """Write and count what the engine gave."""
    results.publish(out.publications)
    summary.add(out)
