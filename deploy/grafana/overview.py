"""Overview: do claims get their verdicts in time, and is what makes them well?"""

from __future__ import annotations

from typing import Final

from deploy.grafana.board import Row, dashboard, workers
from deploy.grafana.graphs import series, stat, states
from deploy.grafana.panels import BLUE, GREEN, ORANGE, RED, YELLOW, Ask, Json
from deploy.grafana.promql import EACH_PARTITION, EACH_WORKER, PARTITION, by, of, quantile, rate, recorded, up
from streams.metrics import declared as the

WITHIN: Final = "5.0"
"""Seconds in which a complete claim gets its verdict, as a bucket's bound is written."""
TARGET: Final = 0.999
"""The share of complete claims that must."""
OLD: Final = 60
"""Seconds behind which what the brokers said is old: they are asked every 5, and scraped every 30 at most."""
SETTLED: Final = {"complete": GREEN, "quiet": BLUE, "withdrawn": ORANGE}
OUTCOMES: Final = {"accepted": GREEN, "rejected": RED, "forwarded": BLUE}


def in_time(over: str) -> str:
    """The share of complete claims with a verdict in time."""
    good = rate(the.KAFKA_TO_VERDICT, suffix="_bucket", over=over, settled="complete", le=WITHIN)
    return f"{good} / {rate(the.KAFKA_TO_VERDICT, suffix='_count', over=over, settled='complete')}"


def not_ready() -> str:
    """How many workers that Prometheus knows are not ready."""
    return f"count({up()}) - (sum({of(the.READY)}) or vector(0))"


def orphans() -> str:
    """How many partitions of the input have no worker.

    What workers heard within a day counts: where none is left, or the brokers do not answer, there are no
    fewer. The assigned ones are counted by their numbers: in a rebalance two workers may show one.
    """
    there = f"sum({by(['namespace'], 'max')}(max_over_time({of(the.INPUT_PARTITIONS)}[1d])))"
    return f"{there} - (count({by(PARTITION, 'count')}({of(the.RECOVERY_LEFT)})) or vector(0))"


def waiting() -> str:
    """How many records are not committed; nothing where the brokers do not tell a worker, for that is old."""
    return f"sum({of(the.LAG)}) unless max(time() - {of(the.OFFSETS_TIME)}) > {OLD}"


def budget_left(lost: str) -> str:
    """What is left of a budget, by the recorded share that was lost in its time; of several groups the least.

    The job is one, so groups are name spaces.
    """
    return f"1 - max({recorded(lost)}) / {1 - TARGET:.3g}"


def rejects_ratio() -> str:
    """The share of records that are rejected."""
    return f"{rate(the.EVENTS, outcome='rejected')} / {rate(the.EVENTS)}"


def overview() -> Json:
    """The dashboard."""
    return dashboard(
        "overview",
        "Overview",
        "Whether claims get their verdicts in time, what flows, and how far behind the workers are.",
        [
            Row("Do claims get their verdicts in time?", 3, _answers()),
            Row("Verdicts and workers", 7, [(12, _latency()), (12, _share()), (12, _events()), (12, _who())]),
            Row(
                "How far behind", 7, [(12, _lag()), (12, _event_time()), (12, _rejects()), (12, _verdicts())]
            ),
        ],
        variables=workers(),
        since="15m",
    )


def _answers() -> list[tuple[int, Json]]:
    return [(6, each) for each in (*_objectives(), *_now())]


def _objectives() -> list[Json]:
    in_budget = ((None, RED), (0.0, ORANGE), (0.25, GREEN))
    in_objective = ((None, RED), (0.99, ORANGE), (TARGET, GREEN))
    return [
        stat(
            "In time, last hour",
            "Share of complete claims that got their verdict within 5 s of the Kafka timestamp of the line "
            "that completed them. The objective is 99.9 %. A claim without a verdict is not in it yet: it "
            "counts as soon as it has one.",
            in_time("1h"),
            "percentunit",
            in_objective,
            decimals=2,
            spark=False,
        ),
        stat(
            "Latency budget left, 30 days",
            "Of the 0.1 % of complete claims that may get their verdict late in 30 days, the share that is "
            "left; of several groups of workers the least. Below 0 the objective is missed.",
            budget_left("job:dripline_late_verdicts:ratio30d"),
            "percentunit",
            in_budget,
            spark=False,
        ),
        stat(
            "Partition time served, last hour",
            "Share of partition time in which the partition had a ready worker; of several groups of "
            "workers the least. The objective is 99.9 %. Time of which nothing is known counts as served.",
            f"1 - max({recorded('job:dripline_partitions_unserved:ratio1h')})",
            "percentunit",
            in_objective,
            decimals=2,
            spark=False,
        ),
        stat(
            "Availability budget left, 30 days",
            "Of the 0.1 % of partition time that may pass without a ready worker in 30 days, the share that "
            "is left; of several groups of workers the least. Below 0 the objective is missed.",
            budget_left("job:dripline_partitions_unserved:ratio30d"),
            "percentunit",
            in_budget,
            spark=False,
        ),
    ]


def _now() -> list[Json]:
    return [
        stat(
            "Verdict latency, p99",
            "From the Kafka timestamp of the line that completes a claim until its verdict is acknowledged: "
            "99 of 100 claims got it within this time. Unknown where no complete claim gets a verdict now.",
            quantile(0.99, the.KAFKA_TO_VERDICT, settled="complete"),
            "s",
            ((None, GREEN), (1.0, YELLOW), (5.0, RED)),
            decimals=1,
            spark=False,
        ),
        stat(
            "Workers not ready",
            "Workers that do not answer, or that say they are not ready. One is a restart or a recovery "
            "when it passes; all of them mean that no claim gets a verdict. Unknown where Prometheus looks "
            "for none.",
            not_ready(),
            "none",
            ((None, GREEN), (1, RED)),
            spark=False,
        ),
        stat(
            "Partitions without a worker",
            "Partitions of the input, as the brokers tell, that no worker has now. Their claims get no "
            "verdict until one takes them. Choose all workers for it.",
            orphans(),
            "none",
            ((None, GREEN), (1, RED)),
            spark=False,
        ),
        stat(
            "Records waiting",
            "Records of the input that are not committed yet, by what the brokers say, over all partitions "
            "that have a worker. It grows while workers are slower than what comes in. Unknown where no "
            "worker answers, or the brokers have not answered one for a minute.",
            waiting(),
            "short",
            ((None, GREEN), (10_000, YELLOW), (100_000, RED)),
            spark=False,
        ),
    ]


def _latency() -> Json:
    asks = [
        Ask(quantile(share, metric, **wanted), f"{settled} p{share * 100:.0f}")
        for settled, metric, wanted in (
            ("complete", the.KAFKA_TO_VERDICT, {"settled": "complete"}),
            ("withdrawn", the.KAFKA_TO_VERDICT, {"settled": "withdrawn"}),
            ("quiet", the.SETTLE_LATENESS, {}),
        )
        for share in (0.5, 0.99)
    ]
    return series(
        "Verdict latency by how settled; of quiet claims, lateness",
        "Complete and withdrawn: from the Kafka timestamp to the verdict; the red line is the objective of "
        "complete claims. Quiet: how late, from the end of the settle window to the verdict; an idle "
        "partition is looked at 10 s late on purpose.",
        asks,
        "s",
        ((None, "transparent"), (5.0, RED)),
        log=True,
        colors={
            f"{settled} p{share}": f"{'light-' if share == 50 else 'dark-'}{color}"  # noqa: PLR2004 - the median
            for settled, color in SETTLED.items()
            for share in (50, 99)
        },
    )


def _share() -> Json:
    return series(
        "Complete claims in time",
        "Share of verdicts of complete claims within 5 s: at this moment, and over 5 minutes and an hour as "
        "the alerts look at it. The red line is the objective.",
        [
            Ask(in_time(over), text)
            for over, text in (("$__rate_interval", "now"), ("5m", "5 m"), ("1h", "1 h"))
        ],
        "percentunit",
        ((None, RED), (TARGET, "transparent")),
        highest=1,
        colors={"now": BLUE, "5 m": ORANGE, "1 h": GREEN},
    )


def _events() -> Json:
    return series(
        "Records in, by outcome",
        "Records of the input a second by what became of them. Forwarded ones had a wrong key and come "
        "again.",
        [Ask(rate(the.EVENTS, "outcome"), "{{outcome}}")],
        "suffix: /s",
        stacked=True,
        colors=OUTCOMES,
    )


def _who() -> Json:
    return states(
        "Workers",
        "What each worker's /readyz says, and down where Prometheus does not reach it.",
        Ask(f"{of(the.READY)} or ({up()} == 0) - 1", EACH_WORKER),
        {1: ("ready", GREEN), 0: ("not ready", ORANGE), -1: ("down", RED)},
    )


def _lag() -> Json:
    return series(
        "Records waiting, by partition",
        "Records that are not committed yet, by partition and in all, as the brokers say. One partition that "
        "grows alone is a worker or a member with much to do. A gap: the partition has no worker, or its "
        "worker does not answer.",
        [
            Ask(f"sum({of(the.LAG)})", "total"),
            Ask(f"{by(PARTITION)}({of(the.LAG)})", EACH_PARTITION),
        ],
        "short",
        colors={"total": "text"},
    )


def _event_time() -> Json:
    return series(
        "Event time behind the clock",
        "How old the newest receipt time of each partition is. With records waiting, it shows how late "
        "decisions are; without, that nothing comes.",
        [Ask(f"{by(PARTITION, 'max')}({of(the.EVENT_TIME_LAG)})", EACH_PARTITION)],
        "s",
    )


def _rejects() -> Json:
    return series(
        "Records rejected",
        "Share of the records that cannot be read as claim lines. A jump is a sender's mistake more often "
        "than ours; Decisions tells the reasons.",
        [Ask(rejects_ratio(), "rejected")],
        "percentunit",
        ((None, "transparent"), (0.05, RED)),
        colors={"rejected": RED},
    )


def _verdicts() -> Json:
    return verdicts_by_settled("None while records come in: claims are not complete, or not screened.")


def verdicts_by_settled(meaning: str) -> Json:
    """Verdicts by why their claims were settled, and what a reader of this dashboard should make of it."""
    return series(
        "Verdicts, by how settled",
        f"Verdicts a second by why the claim was settled. {meaning}",
        [Ask(rate(the.VERDICTS_PUBLISHED, "settled"), "{{settled}}")],
        "suffix: /s",
        stacked=True,
        colors=SETTLED,
    )
