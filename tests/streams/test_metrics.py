"""Laws of the metrics: how they are declared, and that they count what was published."""

from __future__ import annotations

import re
from collections import Counter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from models.record import Record
from models.rejection import ReasonCode
from policy import PolicyEngine
from policy.outputs import Outputs
from streams.chain import Step
from streams.metrics import declared as the
from streams.metrics.build import build_labels
from streams.metrics.declared import METRICS, Metric
from streams.metrics.sheet import BatchHistogram, Sheet
from streams.metrics.steps import StepCounter
from tests.support import Event, built_in_policy, claim_line
from tests.support import record as file_record

UNITS = {
    "seconds": "seconds",
    "seconds since 1970": "timestamp_seconds",
    "bytes": "bytes",
    "US dollars": "usd",
}
MOST_SERIES = 2_000
"""Of a worker with 16 partitions."""
PERSONAL = re.compile("member_id|claim_id|npi|patient|key|offset|event_id")

Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def values(sheet: Sheet) -> Values:
    """All samples by name and labels."""
    text = generate_latest(sheet.registry).decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(sheet: Sheet, name: str, **labels: str) -> float:
    """One sample."""
    return values(sheet)[f"dripline_{name}", frozenset(labels.items())]


def step(outputs: Outputs, *, records: int = 1, again: bool = False, sent: float = 0.0) -> Step:
    """A step whose records all came at one time, seconds since 1970."""
    return Step(0, outputs, records, lambda _: ([], int(sent * 1000)), again, 0.2, 0.1)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_rules(metric: Metric) -> None:
    """Lower case, base units at the end, `_total` on counters alone; a meaning that is a sentence."""
    assert re.fullmatch("[a-z][a-z0-9_]*", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert not re.search("_(ms|millis|minutes|kb|mb|cents|percent)(_|$)", metric.name)
    if metric.unit in UNITS:
        assert metric.name.removesuffix("_total").endswith(UNITS[metric.unit])
    assert metric.meaning.endswith(".")
    assert bool(metric.buckets) == (metric.kind == "histogram")
    assert list(metric.buckets) == sorted(set(metric.buckets))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_labels_are_bounded(metric: Metric) -> None:
    """A label takes values known beforehand, or a partition's number; none names a person or a claim."""
    for label in metric.labels:
        assert not PERSONAL.search(label.name)
        assert label.values is None or len(set(label.values)) == len(label.values) > 0
        assert label.values is not None or label.name == "partition" or metric is the.BUILD
    if metric.kind == "counter":
        assert all(label.values is not None for label in metric.labels)


def test_names_are_unique() -> None:
    """One declaration each."""
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def test_what_is_known_beforehand_begins_at_zero() -> None:
    """Every rule, disposition, status and reason has its series from the start, so that rates work."""
    seen = values(Sheet())
    for reason in get_args(ReasonCode):
        assert seen["dripline_rejects_total", frozenset({("reason", reason)})] == 0
    for metric in METRICS:
        if metric.kind == "counter":
            sizes = [len(label.values or ()) for label in metric.labels]
            expected = 1
            for size in sizes:
                expected *= size
            assert sum(name == metric.full_name for name, _ in seen) == expected


def series_at_most(partitions: int) -> int:
    """How many series a worker can have, by its declarations and what the process is told by."""
    found = sum(1 for name, _ in values(Sheet()) if not name.startswith("dripline_"))
    for metric in METRICS:
        unknown = 1 if metric is the.BUILD else partitions
        sets = 1
        for label in metric.labels:
            sets *= len(label.values) if label.values is not None else 1
        if any(label.values is None for label in metric.labels):
            sets *= unknown
        found += sets * (len(metric.buckets) + len(("+Inf", "count", "sum")) if metric.buckets else 1)
    return found


@pytest.mark.parametrize("partitions", [0, 1, 16])
def test_the_number_of_series_is_bounded(partitions: int) -> None:
    """A worker that shows all of its partitions has as many as its labels can have; 16 make few."""
    sheet = Sheet()
    sheet.show(the.BUILD, 1, *build_labels(built_in_policy()))
    for metric in METRICS:
        if [label.name for label in metric.labels] == ["partition"]:
            for partition in range(partitions):
                sheet.show(metric, 1, str(partition))
    assert len(values(sheet)) == series_at_most(partitions)
    assert series_at_most(16) < MOST_SERIES


def test_no_series_tells_when_it_was_made() -> None:
    """The client's own `_created` would double the series and says nothing that we need."""
    assert not [name for name, _ in values(Sheet()) if name.endswith("_created")]


@given(st.lists(st.lists(st.sampled_from([0.0, 0.001, 0.005, 0.3, 0.5, 7.0, 1e9]) | st.floats(0, 1e4))))
def test_a_batch_histogram_shows_what_the_clients_own_does(batches: list[list[float]]) -> None:
    """The same buckets, count and sum for any values, however they are batched."""
    metric = the.KAFKA_TO_VERDICT
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    histogram = BatchHistogram(metric)
    ours.register(histogram)
    reference = Histogram(
        metric.full_name, metric.meaning, ["settled"], buckets=metric.buckets, registry=theirs
    )
    for batch in batches:
        histogram.observe(("quiet",), batch)
        for each in batch:
            reference.labels("quiet").observe(each)
    shown = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in ours.collect()
        for sample in family.samples
    }
    for family in theirs.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                key = (sample.name, *sorted(sample.labels.items()))
                assert shown[key] == pytest.approx(sample.value)


def test_a_step_counts_what_it_published() -> None:
    """Edits by rule, dollars, verdicts, rejects by reason, forwards, and the fields that were dropped."""
    sheet = Sheet()
    engine = PolicyEngine(built_in_policy())
    kit = claim_line("C1", 2, "A4223", "2024-03-01", line_count=2) | {"ndc": "no ndc"}
    lines: list[Event | bytes] = [claim_line("C1", 1, "S9500", "2024-03-01", line_count=2), kit, b"no json"]
    out = engine.receive_many([file_record(each, offset) for offset, each in enumerate(lines)])
    forward = Record(file_record(lines[0]).value, 9, "claim-lines", 0, 0, b"other", keyed=True)
    out_forward = engine.receive(forward)
    counter = StepCounter(sheet, built_in_policy(), lambda: 5.0)
    counter.stepped(step(out, records=3))
    counter.stepped(step(out_forward))
    assert value(sheet, "events_total", outcome="accepted") == 2
    assert value(sheet, "events_total", outcome="rejected") == 1
    assert value(sheet, "rejects_total", reason="not_json") == 1
    assert value(sheet, "events_total", outcome="forwarded") == value(sheet, "forwarded_total") == 1
    assert value(sheet, "repaired_fields_total", field="ndc") == 1
    due = engine.next_due
    assert due is not None
    out = engine.advance(due)
    counter.stepped(step(out, records=0))
    edits = Counter((edit.rule, edit.disposition, edit.status) for edit in out.edits)
    assert edits
    for (rule, disposition, status), count in edits.items():
        labels = {"rule": rule, "disposition": disposition}
        amounts = [float(e.amount_affected) for e in out.edits if e.rule == rule]
        assert value(sheet, "edits_total", **labels, status=status) == count
        assert value(sheet, "edit_amount_usd_total", **labels) == pytest.approx(sum(amounts))
    (verdict,) = out.verdicts
    assert value(sheet, "verdicts_total", status=verdict.status, settled="quiet") == 1
    published = {"edits": len(out.edits), "verdicts": 1, "rejected": 1, "forwarded": 1}
    assert counter.done == {"records": 4, **published}


def test_the_time_to_a_verdict() -> None:
    """From Kafka's timestamp and from `received_at`: of a quiet claim from its last line, and how late."""
    policy = built_in_policy()
    engine = PolicyEngine(policy)
    event = claim_line("C1", 1, "99213", "2024-03-01", line_count=1)
    out = engine.receive(file_record(event))
    waits = engine.receive(file_record(claim_line("C2", 1, "99213", "2024-03-01", line_count=2)))
    assert not waits.verdicts
    start = engine.event_time
    assert start is not None
    due = engine.next_due
    assert due is not None
    quiet = engine.advance(due)
    sheet = Sheet()
    counter = StepCounter(sheet, policy, lambda: start / 1e6 + 1000.0)
    counter.stepped(step(out, sent=start / 1e6 + 999.5))
    counter.stepped(step(quiet, records=0))
    assert value(sheet, "kafka_to_verdict_seconds_sum", settled="complete") == pytest.approx(0.5, abs=0.01)
    assert value(sheet, "received_to_verdict_seconds_sum", settled="complete") == pytest.approx(1000)
    assert value(sheet, "kafka_to_verdict_seconds_count", settled="quiet") == 0
    assert value(sheet, "received_to_verdict_seconds_sum", settled="quiet") == pytest.approx(1000)
    late = 1000 - policy.settle_after / 1e6
    assert value(sheet, "settle_lateness_seconds_sum") == pytest.approx(late)
    assert value(sheet, "settle_lateness_seconds_count") == len(quiet.verdicts) == 1


def test_members_judged_again_are_no_latency() -> None:
    """Verdicts of a changed policy count as verdicts, not as late ones."""
    out = PolicyEngine(built_in_policy()).receive(
        file_record(claim_line("C1", 1, "99213", "2024-03-01", line_count=1))
    )
    out.causes = [None] * len(out.causes)
    sheet = Sheet()
    StepCounter(sheet, built_in_policy()).stepped(step(out, records=0, again=True))
    assert value(sheet, "verdicts_total", status="clean", settled="complete") == 1
    assert value(sheet, "received_to_verdict_seconds_count", settled="complete") == 0
    assert value(sheet, "settle_lateness_seconds_count") == 0


def test_refused_sends_and_commits() -> None:
    """A refused send counts under its topic, the changelog's as `changelog`."""
    sheet = Sheet()
    counter = StepCounter(sheet, built_in_policy(), lambda: 77.0)
    counter.refused("claim-edits")
    counter.refused("some-app-lines-changelog")
    counter.committed(done=True)
    counter.committed(done=False)
    assert value(sheet, "publish_errors_total", topic="claim-edits") == 1
    assert value(sheet, "publish_errors_total", topic="changelog") == 1
    assert value(sheet, "last_commit_timestamp_seconds") == 77
    assert value(sheet, "commit_failures_total") == 1


def test_the_build_says_what_runs() -> None:
    """Its labels are those of its declaration."""
    sheet = Sheet()
    sheet.show(the.BUILD, 1, *build_labels(built_in_policy()))
    (labels,) = [dict(labels) for name, labels in values(sheet) if name == "dripline_build_info"]
    assert labels["policy_id"] == "CPCP019"
    assert built_in_policy().fingerprint.startswith(labels["policy_fingerprint"])


def test_a_gauge_of_a_partition_goes_with_it() -> None:
    """Dropped, it is not shown any more."""
    sheet = Sheet()
    sheet.show(the.LAG, 3, "7")
    assert value(sheet, "consumer_lag_records", partition="7") == 3
    sheet.drop(the.LAG, "7")
    assert "dripline_consumer_lag_records" not in {name for name, _ in values(sheet)}


def test_the_process_is_shown_too() -> None:
    """Beside our own stand CPU and memory of the process, the collector of garbage, and Python's version."""
    names = {name for name, _ in values(Sheet())}
    assert {
        "process_cpu_seconds_total",
        "process_resident_memory_bytes",
        "python_gc_collections_total",
        "python_info",
    } <= names
