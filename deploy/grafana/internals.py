"""Internals: state, recovery, the group, steps and the process, for who looks after a worker."""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Row, dashboard, workers
from deploy.grafana.graphs import series
from deploy.grafana.panels import BLUE, ORANGE, RED, Ask, Json
from deploy.grafana.promql import (
    EACH_PARTITION,
    EACH_WORKER,
    PARTITION,
    SHORT,
    WORKER,
    by,
    mean,
    of,
    process,
    quantile,
    rate,
)
from deploy.grafana.tables import Column, table
from streams.metrics import declared as the
from streams.metrics.declared import Metric

MOST: Final = by(WORKER, "max")
SUM: Final = by(WORKER)
"""The beginnings of queries by worker."""


def internals() -> Json:
    """The dashboard."""
    return dashboard(
        "internals",
        "Internals",
        "What the workers hold and do: state, recovery, rebalances, commits, steps, and their processes.",
        [
            Row("What runs", 4, [(24, _build())]),
            Row("State", 7, [(8, each) for each in _state()]),
            Row("Recovery and the group", 7, [(8, each) for each in _group()]),
            Row("Steps", 7, [(8, each) for each in _steps()]),
            Row("Process", 7, [(6, each) for each in _process()]),
        ],
        variables=workers(),
    )


def _build() -> Json:
    labels = [*WORKER, *(label.name for label in the.BUILD.labels)]
    titles = {
        "namespace": "Name space",
        "instance": "Worker",
        "version": "Dripline",
        "policy_id": "Policy",
        "policy_version": "Version",
        "policy_fingerprint": "Fingerprint",
        "faust": "Faust",
        "aiokafka": "aiokafka",
        "python": "Python",
    }
    return table(
        "Builds and policies",
        "What each worker runs. All workers of a group must have one fingerprint, or claims are judged "
        "differently by where they land.",
        [f"{by(labels, 'count')}({of(the.BUILD)})"],
        [*(Column(name, titles[name]) for name in labels), Column("Value", "Value", hidden=True)],
    )


def _sums(metric: Metric, name: str) -> Ask:
    return Ask(f"sum({of(metric)})", name)


def _state() -> list[Json]:
    return [
        series(
            "What is remembered",
            "Members, claims and claim lines in the state of all chosen workers. They grow until the "
            "retention of the policy is reached.",
            [_sums(the.STATE_LINES, "lines"), _sums(the.CLAIMS, "claims"), _sums(the.MEMBERS, "members")],
            "short",
        ),
        series(
            "Open claims",
            "Claims that were not screened yet, by worker. With a steady input they stay level.",
            [Ask(f"{SUM}({of(the.OPEN_CLAIMS)})", EACH_WORKER)],
            "short",
        ),
        series(
            "Oldest open claim",
            "How long, by event time, an open claim may have been waiting at most. Longer than the settle "
            "window and a day: claims do not settle.",
            [Ask(f"{MOST}({of(the.OLDEST_OPEN)})", EACH_WORKER)],
            "s",
        ),
        series(
            "Size of the state",
            "Keys and values in memory, or the databases on disk, by worker.",
            [Ask(f"{SUM}({of(the.STATE_BYTES)})", EACH_WORKER)],
            "bytes",
        ),
        series(
            "State by partition",
            "Claim lines by partition. One that is much greater than the others: a few members have most.",
            [Ask(f"{by(PARTITION)}({of(the.STATE_LINES)})", EACH_PARTITION)],
            "short",
        ),
        series(
            "Claims forgotten",
            "Claims a second whose retention is over.",
            [Ask(rate(the.FORGOTTEN, *WORKER), EACH_WORKER)],
            "suffix: /s",
        ),
    ]


def _group() -> list[Json]:
    ages = (
        (the.LAST_COMMIT, "last commit"),
        (the.OFFSETS_TIME, "brokers' offsets"),
    )
    failures = (
        (the.COMMIT_FAILURES, "commits"),
        (the.PUBLISH_ERRORS, "sends"),
        (the.OFFSETS_FAILED, "questions for offsets"),
    )
    return [
        series(
            "Recovery: records to read",
            "Records of the changelog until a worker's state is there. It falls to 0 steadily; one that "
            "stands still has no broker or no changelog.",
            [Ask(f"{SUM}({of(the.RECOVERY_LEFT)})", EACH_WORKER)],
            "short",
        ),
        series(
            "Recovery: how long",
            "How long the last rebalance with its recovery took; it climbs while one goes on.",
            [Ask(f"{MOST}({of(the.RECOVERY_SECONDS)})", EACH_WORKER)],
            "s",
            ((None, "transparent"), (300, RED)),
        ),
        series(
            "Partitions",
            "Partitions that are assigned, by worker and in all, and those of the input, by the brokers. "
            "A step is a rebalance. Fewer in all than the input has: the rest gets no verdicts.",
            [
                Ask(f"{SUM}({of(the.ASSIGNED)})", EACH_WORKER),
                Ask(f"sum({of(the.ASSIGNED)})", "in all"),
                Ask(f"sum({by(['namespace'], 'max')}({of(the.INPUT_PARTITIONS)}))", "of the input"),
            ],
            "none",
            colors={"in all": BLUE, "of the input": "text"},
        ),
        series(
            "Rebalances in 5 minutes",
            "Rebalances each worker took part in. More than a few without a rollout: workers are thrown out, "
            "or come and go.",
            [Ask(f"{SUM}(increase({of(the.REBALANCES)}[5m]))", EACH_WORKER)],
            "none",
        ),
        series(
            "Age of what the brokers said",
            "Since a worker committed last, and since the brokers told their offsets. The first grows "
            "without input too; the second may not.",
            [Ask(f"{MOST}(time() - ({of(each)} > 0))", f"{EACH_WORKER} {name}") for each, name in ages],
            "s",
        ),
        series(
            "Failures in 5 minutes",
            "Commits, sends and questions that failed. A send that fails for good ends the worker.",
            [Ask(f"sum(increase({of(each)}[5m]))", name) for each, name in failures],
            "none",
            colors={"commits": ORANGE, "sends": RED, "questions for offsets": BLUE},
        ),
    ]


def _quantiles(metric: Metric, name: str) -> list[Ask]:
    return [Ask(quantile(share, metric), f"{name} p{share * 100:.0f}") for share in (0.5, 0.99)]


def _steps() -> list[Json]:
    return [
        series(
            "Time of a step",
            "One step of a partition: decide, publish, write the changelog, remember; and the part of it "
            "until the brokers have acknowledged. What is between the two is ours.",
            [*_quantiles(the.STEP_SECONDS, "step"), *_quantiles(the.PUBLISH_SECONDS, "publish")],
            "s",
            log=True,
        ),
        series(
            "Records of a step",
            "How many records a step takes, on average. Few: workers are ahead of the input. Many: they "
            "catch up.",
            [Ask(mean(the.STEP_RECORDS, *WORKER), EACH_WORKER)],
            "none",
        ),
        series(
            "Steps",
            "Steps a second, those included that time caused.",
            [Ask(rate(the.STEP_SECONDS, *WORKER, suffix="_count"), EACH_WORKER)],
            "suffix: /s",
        ),
    ]


def _process() -> list[Json]:
    collections = f"{SUM}(rate({process('python_gc_collections_total')}[{SHORT}]))"
    return [
        series(
            "CPU",
            "Cores in use. A worker has one event loop: at 1 it is full, and more workers help.",
            [Ask(f"rate({process('process_cpu_seconds_total')}[{SHORT}])", EACH_WORKER)],
            "none",
            ((None, "transparent"), (1.0, RED)),
        ),
        series(
            "Memory",
            "Resident memory of each worker. State in memory takes about 320 bytes an entry.",
            [Ask(process("process_resident_memory_bytes"), EACH_WORKER)],
            "bytes",
        ),
        series(
            "Loop lag, p99",
            "How much later than asked for the event loop woke up. Over a second, heartbeats and probes "
            "suffer.",
            [Ask(quantile(0.99, the.LOOP_LAG, *WORKER), EACH_WORKER)],
            "s",
            ((None, "transparent"), (1.0, RED)),
            log=True,
        ),
        series(
            "Garbage collections",
            "Collections of Python's garbage collector a second, all generations.",
            [Ask(collections, EACH_WORKER)],
            "suffix: /s",
        ),
    ]
