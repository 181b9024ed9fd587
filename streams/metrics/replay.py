"""Every metric of a running replay or backtest, declared once; `--metrics-port` shows them.

A replay is a run with an end: `run` is its number on the machine that runs it, and one run shows some dozens
of series. Nothing in it tells of a member, a claim or a provider.
"""

from __future__ import annotations

from typing import Final

from models.finding import DISPOSITIONS
from streams.metrics.declared import Label, Metric

_GROUP: Final = "Replays"
_RUN: Final = Label("run", None, "one value for each replay that runs")

REPLAY: Final = Metric(
    _GROUP,
    "replay_info",
    "gauge",
    "1",
    "Always 1; the labels say what is replayed: mode (`final`, `as_published`), the policy's version and "
    "fingerprint, and what it is compared with (another fingerprint, `live`, or nothing).",
    (
        _RUN,
        *(Label(name, None, "one for each run") for name in ("mode", "policy_version", "policy", "against")),
    ),
)
STARTED: Final = Metric(
    _GROUP, "replay_start_timestamp_seconds", "gauge", "seconds since 1970", "When it started.", (_RUN,)
)
PLANNED: Final = Metric(
    _GROUP,
    "replay_planned_records",
    "gauge",
    "records",
    "Records of the manifest, the warm-up included.",
    (_RUN,),
)
READ: Final = Metric(
    _GROUP,
    "replay_records_total",
    "counter",
    "records",
    "Records that were screened, also those of a run that was resumed.",
    (_RUN, Label("phase", ("warm_up", "reported"))),
)
REPLAY_REJECTS: Final = Metric(
    _GROUP, "replay_rejects_total", "counter", "records", "Records that were rejected.", (_RUN,)
)
THROTTLE: Final = Metric(
    _GROUP,
    "replay_throttle_records",
    "gauge",
    "records",
    "The most records a second that it may read; missing without a limit.",
    (_RUN,),
)
REPLAY_PARTITIONS: Final = Metric(
    _GROUP,
    "replay_partitions",
    "gauge",
    "pieces of work",
    "Pieces of work by how far they are: a partition, or a share of its members.",
    (_RUN, Label("state", ("waiting", "running", "done"))),
)
REPLAY_WATERMARK: Final = Metric(
    _GROUP,
    "replay_watermark_timestamp_seconds",
    "gauge",
    "seconds since 1970",
    "Event time that the slowest running partition has reached; missing while none runs.",
    (_RUN,),
)
REPLAY_EDITS: Final = Metric(
    _GROUP,
    "replay_edits_total",
    "counter",
    "edits",
    "Edits so far, of the policy that is tried.",
    (_RUN, Label("disposition", DISPOSITIONS)),
)
CHANGES: Final = Metric(
    _GROUP,
    "replay_changes_total",
    "counter",
    "edits and verdicts",
    "Differences to what it is compared with, so far.",
    (_RUN, Label("kind", ("edit_added", "edit_removed", "edit_changed", "verdict_flipped"))),
)
AMOUNT_CHANGE: Final = Metric(
    _GROUP,
    "replay_amount_change_usd",
    "gauge",
    "US dollars",
    "Amount affected less that of what it is compared with, so far.",
    (_RUN,),
)

REPLAY_METRICS: Final = tuple(value for value in tuple(globals().values()) if isinstance(value, Metric))
"""All of them."""
