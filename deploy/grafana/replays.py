"""Replays: how far running replays and backtests are, and what they have found so far."""

from __future__ import annotations

from typing import Final

from deploy.grafana import promql
from deploy.grafana.board import Row, chosen, dashboard
from deploy.grafana.decisions import DISPOSITIONS
from deploy.grafana.graphs import bars, series, stat
from deploy.grafana.panels import BLUE, GREEN, ORANGE, PLAIN, RED, Ask, Json
from deploy.grafana.tables import Column, table
from streams.metrics import replay as the
from streams.metrics.declared import Metric

RUNS: Final = f'{promql.GROUP},run=~"$run"'
"""Selects the replays that are chosen."""
RUN: Final = ("namespace", "run")
SUM: Final = promql.by(RUN)
EACH: Final = "{{run}} {{namespace}}"
"""Runs have the same numbers in every name space."""


def of(metric: Metric) -> str:
    """The series of the chosen replays."""
    return promql.of(metric, where=RUNS)


def rate(metric: Metric, *labels: str) -> str:
    """How much a counter grows in a second, by run or another label."""
    return promql.rate(metric, *labels, where=RUNS)


def done() -> str:
    """The share of each run that is read."""
    return f"{SUM}({of(the.READ)}) / {SUM}({of(the.PLANNED)})"


def left() -> str:
    """Seconds that each run still takes at its pace of the last 5 minutes."""
    records = f"{SUM}({of(the.PLANNED)}) - {SUM}({of(the.READ)})"
    return f"({records}) / ({SUM}(rate({of(the.READ)}[5m])) > 0)"


def replays() -> Json:
    """The dashboard."""
    return dashboard(
        "replays",
        "Replays",
        "Replays and backtests that run: how far they are, how fast, and what differs so far.",
        [
            Row("How far", 5, [(12, _runs()), *((4, each) for each in _far())]),
            Row("Pace", 7, [(8, _progress()), (8, _pace()), (8, _event_time())]),
            Row("What differs so far", 7, [(8, _changes()), (8, _dollars()), (8, _edits())]),
            Row("The runs themselves", 7, [(8, _partitions()), (8, _rejects()), (8, _age())]),
        ],
        variables=[
            chosen("namespace", "Name space", the.REPLAY, many=True),
            chosen("job", "Job", the.REPLAY),
            chosen("run", "Run", the.REPLAY, many=True),
        ],
    )


def _runs() -> Json:
    labels = {
        "namespace": "Name space",
        "run": "Run",
        "mode": "Mode",
        "policy_version": "Policy",
        "policy": "Fingerprint",
        "against": "Against",
    }
    return table(
        "Runs",
        "What is replayed: by which policy, and against which other.",
        [f"{promql.by(list(labels), 'max')}({of(the.REPLAY)})"],
        [*(Column(name, title) for name, title in labels.items()), Column("Value", "Value", hidden=True)],
    )


def _far() -> list[Json]:
    return [
        stat(
            "Done",
            "Share of the records of all chosen runs that is read, the warm-up included.",
            f"sum({of(the.READ)}) / sum({of(the.PLANNED)})",
            "percentunit",
            PLAIN,
            decimals=1,
        ),
        stat(
            "Time left",
            "At the pace of the last 5 minutes, the run that ends last.",
            f"max({left()})",
            "s",
            PLAIN,
        ),
        stat(
            "Records a second",
            "Pace of all chosen runs together.",
            f"sum({rate(the.READ, *RUN)})",
            "suffix: /s",
            PLAIN,
        ),
    ]


def _progress() -> Json:
    return series(
        "Done, by run",
        "Share of each run's records that is read.",
        [Ask(done(), EACH)],
        "percentunit",
        highest=1,
    )


def _pace() -> Json:
    return series(
        "Records a second, by run",
        "Pace of each run, and its limit where it has one. At its limit it spares the brokers as it should.",
        [Ask(rate(the.READ, *RUN), EACH), Ask(of(the.THROTTLE), f"{EACH} limit")],
        "suffix: /s",
    )


def _event_time() -> Json:
    return series(
        "Event time reached",
        "How long ago, by event time, what the slowest partition of a run reads now was received.",
        [Ask(f"time() - {of(the.REPLAY_WATERMARK)}", EACH)],
        "s",
    )


def _changes() -> Json:
    return bars(
        "Differences, by kind",
        "Edits added, removed and changed, and verdicts that flip, against what the runs are compared with.",
        Ask(f"sort_desc(sum by (kind) ({of(the.CHANGES)}))", "{{kind}}"),
        "none",
        ORANGE,
    )


def _dollars() -> Json:
    return series(
        "Dollars more or less",
        "Amount affected less that of what a run is compared with, so far.",
        [Ask(of(the.AMOUNT_CHANGE), EACH)],
        "currencyUSD",
        signed=True,
    )


def _edits() -> Json:
    return series(
        "Edits a second, by disposition",
        "Edits of the policy that is tried.",
        [Ask(rate(the.REPLAY_EDITS, "disposition"), "{{disposition}}")],
        "suffix: /s",
        stacked=True,
        colors=DISPOSITIONS,
    )


def _partitions() -> Json:
    return series(
        "Partitions",
        "Partitions of all chosen runs by how far they are.",
        [Ask(f"sum by (state) ({of(the.REPLAY_PARTITIONS)})", "{{state}}")],
        "none",
        stacked=True,
        colors={"waiting": "text", "running": BLUE, "done": GREEN},
    )


def _rejects() -> Json:
    return series(
        "Records rejected",
        "Share of the records of a run that cannot be read as claim lines.",
        [Ask(f"{rate(the.REPLAY_REJECTS, *RUN)} / {rate(the.READ, *RUN)}", EACH)],
        "percentunit",
        ((None, "transparent"), (0.05, RED)),
    )


def _age() -> Json:
    return series(
        "Since the start",
        "How long each run has been going on.",
        [Ask(f"time() - {of(the.STARTED)}", EACH)],
        "s",
    )
