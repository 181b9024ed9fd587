"""The options that replays and backtests share: what is read, how it is done and shown."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

import click

from streams.option_values import given_options, instant_or_day
from streams.replay.topic_range import DAY_US, Wanted
from streams.settings import Settings, option_name

P = ParamSpec("P")
R = TypeVar("R")

_OFFSETS: Final = re.compile(r"(\d+):(?:(\d+):)?(\d+)-(\d+)")
_PARTITIONS: Final = re.compile(r"(\d+)(?:-(\d+))?")
BUILT_IN_NAME: Final = "built-in"
"""Names the policy that comes with the product."""


def _offsets(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> dict[int, tuple[int, int, int]]:
    found = {}
    for value in values:
        match = _OFFSETS.fullmatch(value)
        if match is None:
            raise click.BadParameter("offsets are PARTITION:START-END or PARTITION:WARMUP:START-END")
        partition, warm_up, start, end = match.groups()
        first = int(start if warm_up is None else warm_up)
        if not first <= int(start) <= int(end):
            raise click.BadParameter("offsets rise: the warm-up, the start, the end, which is not read")
        found[int(partition)] = first, int(start), int(end)
    return found


def _partitions(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> frozenset[int] | None:
    if value is None:
        return None
    found: set[int] = set()
    for part in value.split(","):
        match = _PARTITIONS.fullmatch(part.strip())
        if match is None:
            raise click.BadParameter("partitions are numbers and ranges: 0,3,5-7")
        first, last = int(match[1]), int(match[2] or match[1])
        found.update(range(first, last + 1))
    return frozenset(found)


_RANGE: Final = (
    click.option("--topic", is_flag=True, help="Read the topic of claim lines instead of files."),
    click.option(
        "--since", callback=instant_or_day, metavar="T", help="From this time on, by the records' own times."
    ),
    click.option("--until", callback=instant_or_day, metavar="T", help="Up to this time, which is not read."),
    click.option("--last-days", type=click.IntRange(1, 10_000), metavar="N", help="The last N days."),
    click.option(
        "--warm-up",
        "warm_up_days",
        type=click.IntRange(0, 10_000),
        metavar="DAYS",
        help="Read so many days before as evidence; claims that lie there alone are not reported.",
    ),
    click.option(
        "--offsets",
        multiple=True,
        callback=_offsets,
        metavar="P:START-END",
        help="Offsets of a partition, END not read; P:WARMUP:START-END with a warm-up. May be repeated.",
    ),
    click.option("--partitions", callback=_partitions, metavar="LIST", help="Some partitions: 0,3,5-7."),
    click.option("--what-is-left", is_flag=True, help="Go on where the range's beginning is not retained."),
)
_OF_RANGE: Final = (
    *("since", "until", "last_days", "warm_up_days"),
    *("offsets", "partitions", "what_is_left"),
)

_RUN: Final = (
    click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Folder for the result: new."),
    click.option(
        "--resume",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Go on with the replay of this folder; its range and policies are there.",
    ),
    click.option(
        "--processes", type=click.IntRange(1, 512), metavar="N", help="At work at once. Left out: one a core."
    ),
    click.option(
        "--throttle",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="Take in at most N records a second.",
    ),
    click.option(
        "--status",
        "form",
        type=click.Choice(["bar", "json", "none"]),
        default="bar",
        show_default=True,
        help="How far it is: a bar in a terminal, a JSON object a second on standard output, or nothing.",
    ),
    click.option(
        "--metrics-port", type=click.IntRange(1, 65_535), metavar="PORT", help="Serve metrics meanwhile."
    ),
    click.option(
        "--metrics-host",
        default="127.0.0.1",
        show_default=True,
        metavar="HOST",
        help="Where they are served.",
    ),
    click.option(
        "--now",
        callback=instant_or_day,
        metavar="T",
        help="For files: the time of the run; lines received more than a day later are rejected.",
    ),
)


_OF_RESUMED: Final = frozenset(
    {
        *("--out", "--resume", "--processes", "--throttle", "--status", "--metrics-port", "--metrics-host"),
        *("--show-ids", "--strict"),
        *map(option_name, Settings.model_fields.keys() - {"policy", "exemptions", "settle_after"}),
    }
)
"""Options that a replay which is resumed takes: how it is done and shown, and how brokers are reached."""


def replay_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command the options of what is read and how."""
    for option in reversed((*_RANGE, *_RUN)):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `replay_options`, and the inputs.

    Attributes:
        inputs: files; none with `topic`.
        topic: read the topic.
        wanted: its range.
        out, resume: one of them is given.
        processes: None for as many as there are cores.
        throttle, form, metrics: as the options say; metrics as host and port.
        now: the time of records that have none, microseconds since 1970.
    """

    inputs: tuple[str, ...]
    topic: bool
    wanted: Wanted
    out: Path | None
    resume: Path | None
    processes: int | None
    throttle: float | None
    form: str
    metrics: tuple[str, int] | None
    now: int


def asked(inputs: tuple[str, ...], options: dict[str, Any]) -> Asked:
    """Take the options of `replay_options` out of a command's, and check them against each other.

    Raises:
        UsageError: they do not go together.
    """
    took = {
        name: options.pop(name) for name in (*_OF_RANGE, "topic", "out", "resume", "processes", "throttle")
    }
    form, port, host, now = (options.pop(each) for each in ("form", "metrics_port", "metrics_host", "now"))
    ranged = any(took[name] for name in _OF_RANGE)
    _check(took, inputs, ranged=ranged)
    now = time.time_ns() // 1000 if now is None else cast("int", now)
    since = now - took["last_days"] * DAY_US if took["last_days"] else took["since"]
    wanted = Wanted(
        since,
        took["until"],
        took["warm_up_days"] or 0,
        took["offsets"],
        took["partitions"],
        took["what_is_left"],
    )
    return Asked(
        inputs,
        took["topic"],
        wanted,
        took["out"],
        took["resume"],
        took["processes"],
        took["throttle"],
        form,
        None if port is None else (host, port),
        now,
    )


def _check(took: dict[str, Any], inputs: tuple[str, ...], *, ranged: bool) -> None:
    if (took["out"] is None) == (took["resume"] is None):
        raise click.UsageError("give --out a new folder, or --resume one of a replay that did not end")
    if took["resume"] is not None:
        _check_resumed(inputs)
        return
    if bool(inputs) == took["topic"]:
        raise click.UsageError("give files of claim lines, or --topic")
    if ranged and not took["topic"]:
        raise click.UsageError("a range is one of a topic: give --topic")
    timed = took["since"] or took["until"] or took["last_days"]
    if took["offsets"] and (timed or took["warm_up_days"] or took["partitions"]):
        raise click.UsageError("--offsets says all about the range: no other option of it goes with it")
    if took["last_days"] and (took["since"] or took["until"]):
        raise click.UsageError("--last-days ends now: neither --since nor --until goes with it")
    if took["warm_up_days"] and not (took["since"] or took["last_days"]):
        raise click.UsageError("--warm-up lies before --since or --last-days")


def _check_resumed(inputs: tuple[str, ...]) -> None:
    """Refuse what would change a replay that has begun; how it is done and shown may change."""
    fixed = [name for name in given_options() if name not in _OF_RESUMED]
    named = [*(["INPUT"] if inputs else []), *fixed]
    if named:
        raise click.UsageError(f"{', '.join(named)}: fixed when the replay began; --resume goes on as it was")
