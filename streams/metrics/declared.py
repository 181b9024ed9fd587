"""Every metric of a worker, declared once: name, unit, labels, meaning.

Names have the prefix `dripline_`, base units and, where they count, `_total`. Labels take few values, all
of them known beforehand but for the number of a partition: never a member, a claim or a provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from models.claim_verdict import Settled, VerdictStatus
from models.finding import DISPOSITIONS
from models.rejection import ReasonCode
from policy.rules import RULES
from streams.topics import EDITS, LINES, REJECTED, VERDICTS

PREFIX: Final = "dripline"
"""In front of every name."""
CHANGELOG: Final = "changelog"
"""The changelog as a label, whose topic is named after the app."""


@dataclass(frozen=True, slots=True, eq=False)
class Label:
    """A label of a metric.

    Attributes:
        name: of the label.
        values: all that it can be, or None for what is known at run time alone.
        bound: how many values a worker has at most, in words.
    """

    name: str
    values: tuple[str, ...] | None
    bound: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """A metric.

    Attributes:
        group: the heading it stands under.
        name: without the prefix, with its unit and `_total`.
        kind: of Prometheus.
        unit: what a value of 1 is.
        meaning: one sentence or more.
        labels: in order.
        buckets: upper bounds of a histogram.
    """

    group: str
    name: str
    kind: Literal["counter", "gauge", "histogram"]
    unit: str
    meaning: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()

    @property
    def full_name(self) -> str:
        """As Prometheus shows it."""
        return f"{PREFIX}_{self.name}"


_PARTITION: Final = Label("partition", None, "the partitions that are assigned; gone when they are revoked")
_RULE: Final = Label("rule", tuple(RULES))
_DISPOSITION: Final = Label("disposition", DISPOSITIONS)
_SETTLED: Final = Label("settled", tuple(each for each in get_args(Settled) if each != "end_of_input"))
_ONE: Final = "one value for each worker"

_VERDICT_BUCKETS: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
    *(10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0, 14400.0, 86400.0),
)
_STEP_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LOOP_BUCKETS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0)
_RECORD_BUCKETS: Final = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)

_FLOW: Final = "Flow"
EVENTS: Final = Metric(
    _FLOW,
    "events_total",
    "counter",
    "records",
    "Records of the input by what became of them. A record that comes again after a crash counts again.",
    (Label("outcome", ("accepted", "rejected", "forwarded")),),
)
REJECTS: Final = Metric(
    _FLOW,
    "rejects_total",
    "counter",
    "records",
    "Rejected records by reason; one with several reasons counts under each.",
    (Label("reason", get_args(ReasonCode)),),
)
FORWARDED: Final = Metric(
    _FLOW,
    "forwarded_total",
    "counter",
    "records",
    "Mis-keyed records that were sent again under their member's key; they come again as events.",
)
REPAIRED: Final = Metric(
    _FLOW,
    "repaired_fields_total",
    "counter",
    "fields",
    "Fields that were dropped from an accepted record because they say nothing that can be read.",
    (Label("field", ("ndc",)),),
)

_DECISIONS: Final = "Decisions"
EDITS_PUBLISHED: Final = Metric(
    _DECISIONS,
    "edits_total",
    "counter",
    "edit events",
    "Edit events published, every revision of every edit; `cleared` carries the last disposition.",
    (_RULE, _DISPOSITION, Label("status", ("open", "cleared"))),
)
EDIT_AMOUNT: Final = Metric(
    _DECISIONS,
    "edit_amount_usd_total",
    "counter",
    "US dollars",
    "Amount affected of edits when they were raised first (revision 1); later revisions do not count again.",
    (_RULE, _DISPOSITION),
)
VERDICTS_PUBLISHED: Final = Metric(
    _DECISIONS,
    "verdicts_total",
    "counter",
    "verdicts",
    "Verdicts published, every revision, by status and by why the claim was settled.",
    (Label("status", get_args(VerdictStatus)), _SETTLED),
)
EXEMPTED: Final = Metric(
    _DECISIONS,
    "exempted_total",
    "counter",
    "findings",
    "Findings that an exemption kept from becoming edits, when their claim was settled.",
    (_RULE,),
)

_LATENCY: Final = "Latency"
KAFKA_TO_VERDICT: Final = Metric(
    _LATENCY,
    "kafka_to_verdict_seconds",
    "histogram",
    "seconds",
    "From the Kafka timestamp of the record that caused a verdict until the verdict was acknowledged and "
    "remembered. Verdicts that time caused have no such record and are not in it.",
    (_SETTLED,),
    _VERDICT_BUCKETS,
)
RECEIVED_TO_VERDICT: Final = Metric(
    _LATENCY,
    "received_to_verdict_seconds",
    "histogram",
    "seconds",
    "From `received_at` of the line that caused a verdict until the verdict was acknowledged and remembered. "
    "For a claim that fell quiet, from its last line: the settle window is inside. Claims judged again under "
    "another policy are not in it.",
    (_SETTLED,),
    _VERDICT_BUCKETS,
)
SETTLE_LATENESS: Final = Metric(
    _LATENCY,
    "settle_lateness_seconds",
    "histogram",
    "seconds",
    "From the end of the settle window of a claim that fell quiet until its verdict was acknowledged and "
    "remembered. An idle partition is looked at 10 seconds late on purpose.",
    buckets=_VERDICT_BUCKETS,
)
STEP_SECONDS: Final = Metric(
    _LATENCY,
    "step_seconds",
    "histogram",
    "seconds",
    "One step of a partition: decide, publish, write the changelog, remember.",
    buckets=_STEP_BUCKETS,
)
PUBLISH_SECONDS: Final = Metric(
    _LATENCY,
    "publish_seconds",
    "histogram",
    "seconds",
    "The part of a step until the brokers acknowledged its edits, verdicts, rejects and forwards.",
    buckets=_STEP_BUCKETS,
)
STEP_RECORDS: Final = Metric(
    _LATENCY,
    "step_records",
    "histogram",
    "records",
    "Records of one step; 0 where time caused it.",
    buckets=_RECORD_BUCKETS,
)

_LAG: Final = "Lag"
LAG: Final = Metric(
    _LAG,
    "consumer_lag_records",
    "gauge",
    "records",
    "The brokers' end offset less the brokers' committed offset, asked beside the consumer every 5 seconds. "
    "Old while the brokers do not answer: see `dripline_broker_offsets_timestamp_seconds`.",
    (_PARTITION,),
)
END_OFFSET: Final = Metric(
    _LAG, "end_offset", "gauge", "offset", "The end offset that the brokers tell.", (_PARTITION,)
)
COMMITTED_OFFSET: Final = Metric(
    _LAG,
    "committed_offset",
    "gauge",
    "offset",
    "The committed offset that the brokers tell; the start of the log where nothing was committed.",
    (_PARTITION,),
)
OFFSETS_TIME: Final = Metric(
    _LAG,
    "broker_offsets_timestamp_seconds",
    "gauge",
    "seconds since 1970",
    "When the brokers told these offsets last; 0 before the first answer.",
)
OFFSETS_FAILED: Final = Metric(
    _LAG,
    "broker_offsets_failures_total",
    "counter",
    "questions",
    "Questions for these offsets that failed; the worker itself goes on.",
)
WATERMARK: Final = Metric(
    _LAG,
    "watermark_timestamp_seconds",
    "gauge",
    "seconds since 1970",
    "Event time of a partition: the greatest `received_at` accepted. Missing before the first.",
    (_PARTITION,),
)
EVENT_TIME_LAG: Final = Metric(
    _LAG,
    "event_time_lag_seconds",
    "gauge",
    "seconds",
    "The clock less the watermark. It grows on a partition to which nothing comes as well.",
    (_PARTITION,),
)

_STATE: Final = "State"
MEMBERS: Final = Metric(
    _STATE, "state_members", "gauge", "members", "Members of whom anything is remembered.", (_PARTITION,)
)
CLAIMS: Final = Metric(_STATE, "state_claims", "gauge", "claims", "Claims in the state.", (_PARTITION,))
STATE_LINES: Final = Metric(
    _STATE,
    "state_lines",
    "gauge",
    "claim lines",
    "Claim lines in the state; RocksDB's estimate where the store is on disk.",
    (_PARTITION,),
)
STATE_BYTES: Final = Metric(
    _STATE,
    "state_bytes",
    "gauge",
    "bytes",
    "Keys and values in memory, or the size of the database on disk.",
    (_PARTITION,),
)
OPEN_CLAIMS: Final = Metric(
    _STATE, "open_claims", "gauge", "claims", "Claims that were not screened yet.", (_PARTITION,)
)
OLDEST_OPEN: Final = Metric(
    _STATE,
    "oldest_open_claim_seconds",
    "gauge",
    "seconds",
    "How long, by event time, an open claim may have been waiting at most; 0 where none is open.",
    (_PARTITION,),
)
FORGOTTEN: Final = Metric(
    _STATE,
    "forgotten_claims_total",
    "counter",
    "claims",
    "Claims that were forgotten, as their retention was over.",
)

_GROUP: Final = "Group and recovery"
READY: Final = Metric(_GROUP, "ready", "gauge", "1 or 0", "Whether `/readyz` says so.")
RECOVERY_LEFT: Final = Metric(
    _GROUP,
    "recovery_remaining_records",
    "gauge",
    "records",
    "Records of the changelog that are still to be read before a partition's state is there.",
    (_PARTITION,),
)
RECOVERY_SECONDS: Final = Metric(
    _GROUP,
    "recovery_seconds",
    "gauge",
    "seconds",
    "How long the last rebalance with its recovery took; counts up while one goes on.",
)
REBALANCES: Final = Metric(
    _GROUP, "rebalances_total", "counter", "rebalances", "Rebalances this worker took part in."
)
ASSIGNED: Final = Metric(
    _GROUP, "assigned_partitions", "gauge", "partitions", "Partitions of the input that are assigned."
)
INPUT_PARTITIONS: Final = Metric(
    _GROUP,
    "input_partitions",
    "gauge",
    "partitions",
    "Partitions of the input as the brokers tell, asked every 15 seconds: those that no worker of the group "
    "has assigned get no verdicts. 0 before the first answer, and where the topic is gone; old while the "
    "brokers do not answer.",
)
COMMIT_FAILURES: Final = Metric(
    _GROUP,
    "commit_failures_total",
    "counter",
    "commits",
    "Commits of offsets that failed; what was not committed is done again.",
)
LAST_COMMIT: Final = Metric(
    _GROUP,
    "last_commit_timestamp_seconds",
    "gauge",
    "seconds since 1970",
    "When offsets were committed last; 0 before the first commit.",
)
PUBLISH_ERRORS: Final = Metric(
    _GROUP,
    "publish_errors_total",
    "counter",
    "batches",
    "Sends that failed for good. The worker stops at once, so look at its restarts and last log line too.",
    (Label("topic", (LINES, EDITS, VERDICTS, REJECTED, CHANGELOG)),),
)

_RUNTIME: Final = "Runtime"
LOOP_LAG: Final = Metric(
    _RUNTIME,
    "loop_lag_seconds",
    "histogram",
    "seconds",
    "How much later than asked for the event loop woke up; looked at once a second.",
    buckets=_LOOP_BUCKETS,
)
BUILD: Final = Metric(
    _RUNTIME,
    "build_info",
    "gauge",
    "1",
    "Always 1; the labels say what runs. `policy_fingerprint` begins the SHA-256 of all policy data, so two "
    "workers of a group must have the same.",
    tuple(
        Label(name, None, _ONE)
        for name in (
            *("version", "policy_id", "policy_version", "policy_fingerprint"),
            *("faust", "aiokafka", "python"),
        )
    ),
)

METRICS: Final = tuple(value for value in tuple(globals().values()) if isinstance(value, Metric))
"""All of them, in the order of the page."""
