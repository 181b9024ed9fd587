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
from streams.intake import Intake
from streams.intake.batches import ClaimFiles
from streams.results import Results, check_outputs
from streams.summary import Summary


class Watcher(Protocol):
    """Who is told how far a run is."""

    def moved(self, records: int, consumed: int) -> None:
        """So many records were screened, so many bytes of the inputs read."""


def screen(  # noqa: PLR0913 - one argument a choice
    policy: Policy,
    inputs: Sequence[str],
    folder: Path,
    *,
    now: int,
    final: bool = False,
    most: int = MOST_RECORDS,
    watcher: Watcher | None = None,
    intake: Intake | None = None,
) -> Summary:
    """Screen files into `folder`: edits.jsonl, verdicts.jsonl and rejects.jsonl, and faults.jsonl of 837
    files.

    Args:
        policy: what decides.
        inputs: paths of JSON Lines or 837 files, plain or gzip; `-` for standard input.
        folder: made where it is missing; earlier results there are replaced at the end.
        now: the time of every record (microseconds since 1970), for `received_in_future`.
        final: one record per open edit and per claim instead of every revision.
        most: records handed to the engine at once; the results do not depend on it.
        watcher: is told about progress.
        intake: reads the inputs that are 837 files; None reads them as `dripline intake` does without
        options.

    Raises:
        InputError: an input cannot be read; no results are left.
        OutputError: results cannot be written; none are left.
    """
    started = time.perf_counter()
    check_inputs(inputs)
    check_outputs(folder, inputs)
    engine = PolicyEngine(policy, final=final)
    summary = Summary(files=len(inputs))
    claims = ClaimFiles(intake or Intake())
    batches = read_batches(inputs, now=now, most=most, spool=folder, other=claims)
    with closing(batches), Results(folder) as results, Collector() as collector:
        for batch in batches:
            out = engine.receive_many(batch.records)
            results.reject(out.rejections, batch)
            results.tell(batch.faults)
            summary.records += len(batch.records)
            _take(out, results, summary)
            collector.rest()
            if watcher is not None:
                watcher.moved(summary.records, batch.consumed)
        _take(engine.finish(), results, summary)
        results.keep()
    summary.intake = claims.intake.tally if claims.intake.tally.files else None
    summary.seconds = time.perf_counter() - started
    return summary


def _take(out: Outputs, results: Results, summary: Summary) -> None:
    """Write and count what the engine gave."""
    results.publish(out.publications)
    summary.add(out)
