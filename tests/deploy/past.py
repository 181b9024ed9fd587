"""What happened before, as OpenMetrics with times: for queries that no short run can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product

from streams.metrics import declared as the
from streams.metrics import replay as the_replays
from streams.metrics.declared import Metric

DAY = 86_400
NINE_DAYS = 9 * DAY
_WORKER = {"job": "dripline", "instance": "worker-1"}


def _sample(name: str, labels: dict[str, str], value: float, at: float) -> str:
    text = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{text}}} {value!r} {at:.3f}"


def _series(
    metric: Metric, labels: dict[str, str], times: list[float], value: Callable[[float], float]
) -> Iterator[str]:
    """The samples of one series."""
    yield from (_sample(metric.full_name, labels, value(at), at) for at in times)


def _family(metric: Metric) -> str:
    return f"# TYPE {metric.full_name.removesuffix('_total')} {metric.kind}"


Rules = Mapping[str, tuple[float, float]]
"""Edits an hour of each rule until a day ago, and since then."""
MOVED: Rules = {
    "units_exceed_days": (2, 2),
    "duplicate_per_diem": (1, 2),
    "visit_without_professional": (1, 0),
}


def last_weeks(now: float, rules: Rules = MOVED, *, until: float = 0.0, lines: float = 100) -> str:
    """Nine days of a worker, a sample each ten minutes; the last day is not like the others.

    Args:
        now: their end.
        rules: edits an hour.
        until: leave out so many seconds at the end.
        lines: accepted lines an hour.
    """
    times = [now - NINE_DAYS + each * 600 for each in range(int(NINE_DAYS - until) // 600 + 1)]

    def grown(before: float, since: float) -> Callable[[float], float]:
        turn = now - DAY

        def value(at: float) -> float:
            return (min(at, turn) - times[0]) / 3600 * before + max(at - turn, 0) / 3600 * since

        return value

    found = [_family(the.EDITS_PUBLISHED)]
    for rule, (before, since) in rules.items():
        labels = _WORKER | {"rule": rule, "disposition": "deny", "status": "open"}
        found += _series(the.EDITS_PUBLISHED, labels, times, grown(before, since))
    found.append(_family(the.EVENTS))
    found += _series(the.EVENTS, _WORKER | {"outcome": "accepted"}, times, grown(lines, lines))
    build = _WORKER | {label.name: "1" for label in the.BUILD.labels}
    found.append(_family(the.BUILD))
    found += _series(the.BUILD, build, times[-12:], lambda _: 1)
    return "\n".join([*found, "# EOF\n"])


def replays_running(now: float) -> str:
    """Ten minutes of two replays that show all that is declared for them: a final one, and a backtest."""
    times = [now - 600 + each * 5 for each in range(121)]
    runs = {"1": ("final", "3.0", "a41c09d2", ""), "2": ("final", "3.1-draft", "0be2717f", "a41c09d2")}
    lines = []
    for metric in the_replays.REPLAY_METRICS:
        lines.append(_family(metric))
        names = [label.name for label in metric.labels if label.name != "run"]
        for run, told in runs.items():
            known = [label.values for label in metric.labels if label.values is not None]
            for values in [told] if metric is the_replays.REPLAY else product(*known):
                labels = {"job": "dripline-replay", "run": run, **dict(zip(names, values, strict=True))}
                lines += _series(metric, labels, times, _course(metric, int(run), values, times[0]))
    return "\n".join([*lines, "# EOF\n"])


def _course(metric: Metric, run: int, values: Sequence[str], start: float) -> Callable[[float], float]:
    """How a metric of a replay goes; the second run is half as fast."""
    pace = {
        the_replays.READ: {"warm_up": 150.0, "reported": 1200.0},
        the_replays.REPLAY_REJECTS: {"": 3.0},
        the_replays.REPLAY_EDITS: {"deny": 25.0, "return": 9.0, "review": 14.0, "inform": 5.0},
        the_replays.CHANGES: {
            "edit_added": 4.0,
            "edit_removed": 1.0,
            "edit_changed": 2.0,
            "verdict_flipped": 0.7,
        },
        the_replays.AMOUNT_CHANGE: {"": 310.0},
        the_replays.REPLAY_WATERMARK: {"": 26_000.0},
    }
    first = {the_replays.REPLAY_WATERMARK: start - 365 * DAY}
    level = {
        the_replays.REPLAY: {"": 1.0},
        the_replays.STARTED: {"": start},
        the_replays.PLANNED: {"": 1_500_000.0},
        the_replays.THROTTLE: {"": 2000.0},
        the_replays.REPLAY_PARTITIONS: {"waiting": 4.0, "running": 2.0, "done": 2.0},
    }
    key = "" if metric is the_replays.REPLAY or not values else values[0]
    if metric in level:
        return lambda _: level[metric][key]
    return lambda at: first.get(metric, 0.0) + (at - start) * pace[metric][key] / run
