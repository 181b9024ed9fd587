"""What a real worker tells: its metrics against what the topics hold, its probes while things go wrong."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka.admin import NewPartitions

from streams.embedded import EmbeddedKafka
from streams.generate import GenerateSettings
from streams.metrics import broker_view
from streams.metrics.broker_view import BrokerView
from streams.topics import EDITS, LINES
from tests.kafka.live import PARTITIONS, Live, Samples, Worker, generated, keyed
from tests.kafka.test_worker import RUBBISH
from tests.oracle import random_events

pytestmark = pytest.mark.slow

MOST_SERIES = 2_000
"""Of a worker with 16 partitions."""


async def until(told: Callable[[], bool], seconds: float = 40) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not await asyncio.to_thread(told):
        assert time.monotonic() < end
        await asyncio.sleep(0.1)


def of(samples: Samples, name: str) -> dict[tuple[str, ...], float]:
    """The values of a metric that are not 0, by its labels' values in the order of their names."""
    return {
        tuple(label[1] for label in key[1:]): value
        for key, value in samples.items()
        if key[0] == f"dripline_{name}" and value
    }


def partitions_of(samples: Samples, name: str) -> set[str]:
    """The partitions of which a metric tells."""
    return {key[1][1] for key in samples if key[0] == f"dripline_{name}"}


def lag(samples: Samples) -> float:
    """The sum over all partitions; infinite where none is known yet."""
    known = partitions_of(samples, "consumer_lag_records")
    return sum(of(samples, "consumer_lag_records").values()) if known else math.inf


async def test_the_metrics_tell_what_the_topics_hold(live: Live) -> None:
    """Edits, dollars, verdicts, rejects and forwards are counted exactly; the brokers' lag goes to 0."""
    rng = random.Random(71)
    records = [record for _ in range(4) for record in keyed(random_events(rng, 60), rng)] + RUBBISH
    rng.shuffle(records)
    worker = live.add_worker()
    await live.feed(records)
    topics = await live.check()
    edits = [json.loads(record.value) for record in topics.edits]
    verdicts = [json.loads(record.value) for record in topics.verdicts]
    reasons = [json.loads(dict(record.headers)["dripline-reasons"]) for record in topics.rejected]
    await until(lambda: lag(worker.samples()) == 0 == len(of(worker.samples(), "open_claims")))
    seen = worker.samples()
    assert of(seen, "edits_total") == Counter((e["disposition"], e["rule"], e["status"]) for e in edits)
    raised = Counter[tuple[str, ...]]()
    for edit in edits:
        if edit["revision"] == 1:
            raised[edit["disposition"], edit["rule"]] += float(edit["amount_affected"])  # type: ignore[assignment]
    assert of(seen, "edit_amount_usd_total") == pytest.approx({k: v for k, v in raised.items() if v})
    assert of(seen, "verdicts_total") == Counter((v["settled"], v["status"]) for v in verdicts)
    codes = Counter((code,) for each in reasons for code in {reason["code"] for reason in each})
    assert of(seen, "rejects_total") == codes
    forwards = len(topics.lines) - len(records)
    assert of(seen, "forwarded_total") == {(): forwards}
    outcomes = {"rejected": len(topics.rejected), "forwarded": forwards}
    accepted = len(topics.lines) - sum(outcomes.values())
    assert of(seen, "events_total") == {(k,): v for k, v in (outcomes | {"accepted": accepted}).items()}
    ends = Counter(str(record.partition) for record in topics.lines)
    assert of(seen, "end_offset") == of(seen, "committed_offset") == {(p,): n for p, n in ends.items()}
    assert sum(of(seen, "received_to_verdict_seconds_count").values()) == len(verdicts)
    assert of(seen, "ready") == {(): 1}
    assert of(seen, "assigned_partitions") == of(seen, "input_partitions") == {(): PARTITIONS}
    assert worker.stop() == 0


async def test_a_worker_with_16_partitions_has_few_series(kafka: str, tmp_path: Path) -> None:
    """Under the limit, with every kind of edit and reject."""
    live = Live(kafka, tmp_path, "cardinality")
    await live.make_topics(partitions=16)
    worker = live.add_worker()
    try:
        settings = GenerateSettings(members=300, seed=3, other_share=0.5, lines=8_000)
        await live.feed([*generated(settings), *RUBBISH])
        await until(lambda: len(partitions_of(worker.samples(), "watermark_timestamp_seconds")) == 16)
        await until(lambda: lag(worker.samples()) == 0)
        assert len(partitions_of(worker.samples(), "consumer_lag_records")) == 16
        assert len(worker.samples()) < MOST_SERIES
        assert worker.stop() == 0
    finally:
        live.close()


async def test_a_rebalance_takes_gauges_and_leaves_counters(live: Live) -> None:
    """Partitions that went to another worker are shown there alone; counters stay where they were."""
    rng = random.Random(72)
    first = live.add_worker()
    await live.feed(keyed(random_events(rng, 60), rng))
    await live.check()
    before = first.samples()
    second = live.add_worker()
    names = ("consumer_lag_records", "state_bytes", "recovery_remaining_records")

    def shared() -> bool:
        shown = [[partitions_of(each.samples(), name) for each in live.workers] for name in names]
        return all(
            one and other and not one & other and len(one | other) == PARTITIONS for one, other in shown
        )

    await until(shared)
    after = first.samples()
    counters = [key for key in before if str(key[0]).endswith(("_total", "_count", "_sum", "_bucket"))]
    assert [key for key in counters if after[key] < before[key]] == []
    assert after[("dripline_rebalances_total",)] > before[("dripline_rebalances_total",)]
    assert [worker.stop() for worker in (first, second)] == [0, 0]


async def test_the_probes_while_state_is_recovered(live: Live) -> None:
    """From the first answer on it is live; ready only once its state is there, and says why not in turn."""
    worker = live.add_worker()
    await live.feed(generated(GenerateSettings(members=300, seed=4, lines=8_000)))
    await live.check()
    assert worker.stop() == 0
    worker.start()
    told, last = [""], (0, "")
    while last[0] != 200:
        await asyncio.sleep(0.02)
        last = worker.get("/readyz")
        if last[0]:
            told += [last[1].strip()] if last[1].strip() != told[-1] else []
            assert worker.get("/livez")[0] == 200
            assert worker.get("/metrics")[0] == 200
    assert told[-3:] == ["partitions are being assigned", "state is being recovered", "ready"]
    assert set(told[1:-3]) <= {"waiting for a broker", "the topics are being looked at"}
    await until(lambda: of(worker.samples(), "recovery_seconds")[()] > 0)
    assert of(worker.samples(), "recovery_remaining_records") == {}
    assert sum(of(worker.samples(), "state_lines").values()) > 5_000
    assert worker.stop() == 0


async def test_a_stop_is_told(live: Live) -> None:
    """Once it is told to stop a worker is not ready, and says so to its end."""
    worker = live.add_worker()
    await asyncio.to_thread(worker.wait_ready)
    stopping = asyncio.ensure_future(asyncio.to_thread(worker.stop))
    told = []
    while not stopping.done():
        told.append(await asyncio.to_thread(worker.get, "/readyz"))
    assert stopping.result() == 0
    assert [status for status, _ in told] == sorted((status for status, _ in told), key=[200, 503, 0].index)
    assert {text for status, text in told if status == 503} == {"the worker is being stopped\n"}


async def test_a_missing_topic_is_told(live: Live) -> None:
    """A topic deleted while a worker runs: not ready, with its name; live all the same."""
    worker = live.add_worker()
    await asyncio.to_thread(worker.wait_ready)
    await live.delete(EDITS)
    await until(lambda: worker.get("/readyz") == (503, f"topics are missing: {EDITS}\n"))
    assert worker.get("/livez")[0] == 200
    await live.make_topics()
    await until(worker.ready)


async def test_partitions_of_the_input_are_followed(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are the brokers', also where none is ours: more when the topic grows, none when it is gone."""
    monkeypatch.setattr(broker_view, "EVERY", 0.1)
    view = BrokerView({"bootstrap_servers": live.servers}, live.app_id, set, lambda: None)
    task = asyncio.ensure_future(view.run())
    try:
        await until(lambda: view.partitions == PARTITIONS)
        async with live.admin() as admin:
            await admin.create_partitions({LINES: NewPartitions(PARTITIONS + 2)})
        await until(lambda: view.partitions == PARTITIONS + 2)
        await live.delete(LINES)
        await until(lambda: view.partitions == 0 and view.missing == (LINES,))
    finally:
        task.cancel()


async def test_lost_brokers_are_told(one_broker: EmbeddedKafka, tmp_path: Path) -> None:
    """A broker that hangs: not ready within seconds, live, and ready again when it answers."""
    live = Live(one_broker.bootstrap_servers, tmp_path, "lost")
    await live.make_topics()
    worker: Worker = live.add_worker(SESSION_TIMEOUT="20s")
    try:
        await asyncio.to_thread(worker.wait_ready)
        one_broker.pause(1)
        await until(lambda: "have not answered a heartbeat" in worker.get("/readyz")[1], 15)
        assert worker.get("/livez")[0] == 200
        one_broker.resume(1)
        await until(worker.ready)
        assert worker.stop() == 0
    finally:
        live.close()
