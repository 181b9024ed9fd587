"""What a running replay tells of itself: metrics, pace, time left."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from models.finding import DISPOSITIONS
from streams.metrics.replay import REPLAY_METRICS
from streams.replay.job import Job, KeptPolicy
from streams.replay.manifest import Manifest, Span
from streams.replay.part import Part
from streams.replay.pool import Teller
from streams.replay.progress import Moved, Progress
from streams.replay.show import MetricsOf

POLICY = KeptPolicy("policy", "CPCP019", "2.0", "a" * 64, None, None, None, None)
MANIFEST = Manifest("topic", (Span(0, 0, 10, 100), Span(1, 0, 10, 100)), topic="claim-lines", partitions=2)


def running(folder: Path, throttle: float | None = None) -> Progress:
    """A backtest against what is published, a quarter of it read."""
    job = Job(folder, MANIFEST, "final", (POLICY,), "live")
    progress = Progress(job, 200, 200, throttle)
    progress.units = {"a": "waiting", "b": "running"}
    counts = {"records": 50, "warm_up": 10, "rejects": 2, "policy.deny": 3, "policy.cents": 500, "added": 4}
    progress.moved(Moved("b", counts, 50, 0, 1_700_000_000_000_000))
    return progress


def test_everything_declared_is_shown(tmp_path: Path) -> None:
    """Every declared metric has series once there is something to show, none of them with ids."""
    metrics = MetricsOf(running(tmp_path, throttle=7.0))
    metrics.update()
    text = generate_latest(metrics.sheet.registry).decode()
    for metric in REPLAY_METRICS:
        assert f"\n{metric.full_name}{{" in text, metric.full_name

    def value(name: str, **labels: str) -> float | None:
        run = {"run": str(os.getpid())}
        return metrics.sheet.registry.get_sample_value(f"dripline_replay_{name}", run | labels)

    assert value("records_total", phase="warm_up") == 10
    assert value("records_total", phase="reported") == 40
    assert value("changes_total", kind="edit_added") == 4
    assert value("partitions", state="waiting") == 1
    assert value("throttle_records") == 7
    assert value("amount_change_usd") == 5
    assert value("info", mode="final", policy_version="2.0", policy="a" * 12, against="live") == 1
    assert [value("edits_total", disposition=each) for each in DISPOSITIONS] == [3, 0, 0, 0]


def test_counters_never_go_back(tmp_path: Path) -> None:
    """Where members are judged again, counts may shrink; what Prometheus sees does not."""
    progress = running(tmp_path)
    metrics = MetricsOf(progress)
    metrics.update()
    progress.moved(Moved("b", {"policy.deny": -2, "records": 10}, 10, 0, None))
    metrics.update()
    deny = {"run": str(os.getpid()), "disposition": "deny"}
    assert metrics.sheet.registry.get_sample_value("dripline_replay_edits_total", deny) == 3
    text = generate_latest(metrics.sheet.registry).decode()
    assert "dripline_replay_throttle_records{" not in text


def test_the_watermark_ends_with_the_last_piece(tmp_path: Path) -> None:
    """While nothing runs there is no event time to show."""
    progress = running(tmp_path)
    metrics = MetricsOf(progress)
    metrics.update()
    progress.ended("b")
    metrics.update()
    assert b"dripline_replay_watermark_timestamp_seconds{" not in generate_latest(metrics.sheet.registry)


def test_time_left_is_by_what_this_process_read(tmp_path: Path) -> None:
    """What was done before it began counts as done, and not for its pace."""
    progress = running(tmp_path)
    progress.started = time.time() - 10
    assert progress.share == pytest.approx(0.25)
    assert progress.seconds_left == pytest.approx(30, rel=0.1)
    assert progress.rate == pytest.approx(5, rel=0.1)
    progress.was_done("a", running(tmp_path).counts, 100)
    assert progress.share == pytest.approx(0.75)
    assert progress.seconds_left == pytest.approx(10, rel=0.1)
    assert progress.told()["records"] == 100


def test_a_throttle_keeps_the_pace(tmp_path: Path) -> None:
    """So many records take at least so long, and a pause before them is not made up for in a rush."""
    part = Part(Job(tmp_path, MANIFEST, "final", (POLICY,)), "p")
    teller = Teller(lambda _: None, rate=1000.0)
    assert teller.most == 50
    began = time.monotonic()
    for _ in range(8):
        teller.read(part, 50, 50)
    assert 0.33 <= time.monotonic() - began < 5


def test_what_is_told_adds_up(tmp_path: Path) -> None:
    """However often a piece of work tells, nothing is told twice or never."""
    part = Part(Job(tmp_path, MANIFEST, "final", (POLICY,)), "p")
    told: list[Moved] = []
    teller = Teller(told.append)
    assert teller.most is None
    for _ in range(3):
        part.figures.counts["records"] += 5
        teller.read(part, 5, 2)
    part.figures.counts["policy.deny"] += 1
    teller.judged(part, 9)
    teller.flush(part)
    assert sum(each.counts.get("records", 0) for each in told) == 15
    assert sum(each.counts.get("policy.deny", 0) for each in told) == 1
    assert sum(each.steps for each in told) == 6
    assert told[-1].judged == 9
