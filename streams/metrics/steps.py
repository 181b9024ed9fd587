"""Counts what the chains tell of: once a step, from what was published."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

from models.edit_event import EditEvent
from policy.document import Policy
from streams.chain import Step
from streams.metrics import declared as the
from streams.metrics.sheet import Sheet
from streams.ticks import MICROSECONDS


class StepCounter:
    """A watcher of chains.

    Args:
        sheet: where it counts.
        policy: whose settle time lies between a quiet claim's last line and its due time.
        now: the clock, seconds since 1970.

    Attributes:
        done: what was done since the start, for the log: records, edits, verdicts, rejected, forwarded.
    """

    def __init__(self, sheet: Sheet, policy: Policy, now: Callable[[], float] = time.time) -> None:
        self._sheet = sheet
        self._settle_after = policy.settle_after
        self._now = now
        self.done: Counter[str] = Counter()

    def stepped(self, step: Step) -> None:
        """A step is published and remembered."""
        sheet, outputs = self._sheet, step.outputs
        sheet.observe(the.STEP_SECONDS, (step.seconds,))
        sheet.observe(the.PUBLISH_SECONDS, (step.publish_seconds,))
        sheet.observe(the.STEP_RECORDS, (step.records,))
        self.done["records"] += step.records
        self._count_flow(step)
        if outputs.publications:
            self._count_publications(step)

    def refused(self, topic: str) -> None:
        """A send failed for good."""
        known = the.PUBLISH_ERRORS.labels[0].values or ()
        self._sheet.count(the.PUBLISH_ERRORS, 1, topic if topic in known else the.CHANGELOG)

    def committed(self, *, done: bool) -> None:
        """Offsets were committed, or could not be."""
        if done:
            self._sheet.show(the.LAST_COMMIT, self._now())
        else:
            self._sheet.count(the.COMMIT_FAILURES)

    def _count_flow(self, step: Step) -> None:
        sheet, outputs = self._sheet, step.outputs
        for what, count in outputs.counts.items():
            match what:
                case ("accepted",):
                    sheet.count(the.EVENTS, count, "accepted")
                case ("rejected", reason):
                    sheet.count(the.REJECTS, count, reason)
                case ("forwarded",):
                    sheet.count(the.EVENTS, count, "forwarded")
                    sheet.count(the.FORWARDED, count)
                case ("ndc_dropped",):
                    sheet.count(the.REPAIRED, count, "ndc")
                case ("exempted", rule):
                    sheet.count(the.EXEMPTED, count, rule)
                case ("forgotten",):
                    sheet.count(the.FORGOTTEN, count)
                case _:
                    pass
        if outputs.rejections:
            sheet.count(the.EVENTS, len(outputs.rejections), "rejected")
            self.done["rejected"] += len(outputs.rejections)
        self.done["forwarded"] += len(outputs.forwards)

    def _count_publications(self, step: Step) -> None:
        edits: dict[tuple[str, ...], int] = {}
        cents: dict[tuple[str, ...], int] = {}
        verdicts: dict[tuple[str, ...], int] = {}
        from_kafka: dict[str, list[float]] = {}
        from_received: dict[str, list[float]] = {}
        late: list[float] = []
        now, outputs = self._now(), step.outputs
        received = iter(outputs.received)
        for event, cause in zip(outputs.publications, outputs.causes, strict=True):
            if isinstance(event, EditEvent):
                _add(edits, (event.rule, event.disposition, event.status))
                if event.revision == 1:
                    _add(cents, (event.rule, event.disposition), _cents(event.amount_affected))
                continue
            _add(verdicts, (event.status, event.settled))
            since = next(received)
            if cause is not None:
                sent = step.origin(cause)[1] / 1000
                from_kafka.setdefault(event.settled, []).append(max(now - sent, 0.0))
            elif step.again:
                continue
            else:
                late.append(max(now - since / MICROSECONDS, 0.0))
                since -= self._settle_after
            waited = max(now - since / MICROSECONDS, 0.0)
            from_received.setdefault(event.settled, []).append(waited)
        self._count_all(the.EDITS_PUBLISHED, edits)
        self._count_all(the.VERDICTS_PUBLISHED, verdicts)
        for labels, amount in cents.items():
            self._sheet.count(the.EDIT_AMOUNT, amount / 100, *labels)
        self.done["edits"] += sum(edits.values())
        self.done["verdicts"] += sum(verdicts.values())
        self._sheet.observe(the.SETTLE_LATENESS, late)
        self._observe_all(the.KAFKA_TO_VERDICT, from_kafka)
        self._observe_all(the.RECEIVED_TO_VERDICT, from_received)

    def _count_all(self, metric: the.Metric, counts: Mapping[tuple[str, ...], int]) -> None:
        for labels, count in counts.items():
            self._sheet.count(metric, count, *labels)

    def _observe_all(self, metric: the.Metric, values: Mapping[str, list[float]]) -> None:
        for settled, seconds in values.items():
            self._sheet.observe(metric, seconds, settled)


def _add(counts: dict[tuple[str, ...], int], labels: tuple[str, ...], count: int = 1) -> None:
    """Most steps publish little: for a handful, a plain dict costs a tenth of a Counter."""
    counts[labels] = counts.get(labels, 0) + count


def _cents(amount: str) -> int:
    """US dollars with two decimals, as cents."""
    return int(amount.replace(".", ""))
