"""`dripline generate`: synthetic claim lines, or 837 files, for demos, benchmarks and tests."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import click
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from streams.console import console, drop
from streams.feed import feed
from streams.feed_options import check_target, feed_options
from streams.generate import DEFAULT_ERROR_RATES, GenerateSettings, generate_lines, generate_records
from streams.generate.settings import DEFAULT_DAYS, DEFAULT_START, MOST_MEMBERS, MOST_OF_OTHERS
from streams.generate.x12 import interchanges
from streams.kafka_command import OF_THE_WORKER, given_settings, settings_options
from streams.whole_file import STDOUT, whole_file

_JSON_LINES: Final = "jsonl"
_AT_ONCE: Final = 1000
"""Lines written at once."""
_TODAY: Final = re.compile(r"today(-(?P<days>\d{1,6})d)?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
"""The ways to write a day."""


class _Day(click.ParamType):
    """A day: `YYYY-MM-DD`, `today` (UTC), or so many days before it."""

    name = "day"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day that was written."""
        found = value if isinstance(value, date) else _day_of(value)
        if found is None:
            self.fail(f"{value!r} is neither YYYY-MM-DD nor today nor today-60d", param, ctx)
        return found


def _day_of(text: str) -> date | None:
    """The day that a text means, or None where it means none."""
    try:
        if back := _TODAY.fullmatch(text):
            return datetime.now(UTC).date() - timedelta(days=int(back["days"] or 0))
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None


@click.command("generate")
@click.option(
    "--members",
    type=click.IntRange(1, MOST_MEMBERS),
    required=True,
    metavar="N",
    help="Members on home infusion.",
)
@click.option("--seed", type=int, required=True, metavar="S", help="The same seed gives the same bytes.")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=DEFAULT_DAYS,
    show_default=True,
    metavar="D",
    help="Days of service from --start on.",
)
@click.option(
    "--start",
    type=_Day(),
    default=DEFAULT_START.isoformat(),
    show_default=True,
    metavar="DATE",
    help="The first day of service; today (UTC) or today-60d counts from now.",
)
@click.option(
    "--lines",
    type=click.IntRange(min=0),
    metavar="N",
    help="Stop after N lines. Left out: all members' lines.",
)
@click.option(
    "--other-share",
    type=click.FloatRange(0, MOST_OF_OTHERS),
    default=0.0,
    show_default=True,
    metavar="F",
    help="Share of lines that are no home infusion.",
)
@click.option(
    "--error-rate",
    type=click.FloatRange(0, 100),
    default=1.0,
    show_default=True,
    metavar="F",
    help="Makes every kind of billing error F times as frequent; 0 makes none.",
)
@click.option(
    "--malformed-share",
    type=click.FloatRange(0, MOST_OF_OTHERS),
    default=0.0,
    show_default=True,
    metavar="F",
    help="Share of lines that are rubbish: broken JSON, missing fields, wrong types.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "837p", "837i"]),
    default="jsonl",
    show_default=True,
    help="Claim lines, or the claims as an 837P or 837I.",
)
@click.option(
    "--out",
    default=STDOUT,
    show_default=True,
    metavar="FILE",
    help="The file to write, gzip where its name ends with .gz; - is standard output.",
)
@feed_options
@click.option(
    "--received-now",
    is_flag=True,
    help="With --to-topic: received_at is when a line is sent. No day of service may lie after today.",
)
@partial(settings_options, hidden=OF_THE_WORKER | {"app_id"})
def generate(  # noqa: PLR0913 - one argument an option
    *,
    members: int,
    seed: int,
    days: int,
    start: date,
    lines: int | None,
    other_share: float,
    error_rate: float,
    malformed_share: float,
    form: str,
    out: str,
    to_topic: bool,
    rate: float | None,
    received_now: bool,
    **connection: str | None,
) -> None:
    """Generate synthetic claim lines, one JSON object a line, in the order of receipt.

    Members are on therapies with calendars; providers bill them weekly or monthly, with corrections,
    voids, split and late claims, and a share of each kind of billing error. No member, provider or claim
    is a real one. The same options give the same bytes; with --start today they do so for a day, with
    --received-now but for the time of receipt.

    With --format 837p or 837i they are written as an 837, each claim whole: no line comes later or again.
    `dripline intake --claim-id ref-d9` makes the same claim lines of it.

    With --to-topic each line is sent under its member's key, until all are sent or SIGTERM or SIGINT comes.
    The last options say how to reach the broker.

    Exit code 0: done, or the reader of the output has gone. 2: an option is wrong, FILE cannot be
    written, or no broker can be used.
    """
    check_target("--received-now", to_topic=to_topic)
    given = {"--to-topic": to_topic, "--malformed-share": malformed_share, "--received-now": received_now}
    _check_form(form, given)
    try:
        settings = GenerateSettings(
            members=members,
            seed=seed,
            start=start,
            days=days,
            other_share=other_share,
            error_rates={kind: min(rate * error_rate, 1.0) for kind, rate in DEFAULT_ERROR_RATES.items()},
            lines=lines,
        )
        if received_now:
            _check_past(settings)
        records = _records(settings, malformed_share, form, received=_now if received_now else None)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if to_topic:
        asyncio.run(feed(records, given_settings(connection), rate))
        return
    if out == STDOUT:
        _to_stdout(records)
    else:
        _to_file(records, Path(out), lines if form == _JSON_LINES else None)


def _check_past(settings: GenerateSettings) -> None:
    """Refuse days of service after today: what is received before its service is rejected.

    Raises:
        ValueError: the last day lies after today.
    """
    if settings.start + timedelta(days=settings.days - 1) > datetime.now(UTC).date():
        msg = "--received-now: the last day of service must not lie after today; choose --start and --days so"
        raise ValueError(msg)


def _now() -> str:
    """Now, as a clearing house in UTC writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _check_form(form: str, given: Mapping[str, object]) -> None:
    """Refuse options that do not go with an 837."""
    wrong = [name for name, value in given.items() if value]
    if form != _JSON_LINES and wrong:
        raise click.UsageError(f"{', '.join(wrong)}: only with --format {_JSON_LINES}")


def _records(
    settings: GenerateSettings, malformed_share: float, form: str, received: Callable[[], str] | None
) -> Iterator[bytes]:
    """The lines of a run; of an 837 its segments, those of an interchange together."""
    if form == _JSON_LINES:
        return generate_records(settings, malformed_share, received=received)
    lines = generate_lines(settings.whole_claims())
    return (text.removesuffix(b"\n") for text in interchanges(lines, "P" if form == "837p" else "I"))


def _to_stdout(records: Iterator[bytes]) -> None:
    """Write to standard output; a reader that goes away ends the run quietly."""
    stdout = sys.stdout.buffer
    try:
        _write(records, stdout)
        stdout.flush()
    except BrokenPipeError:
        drop(sys.stdout)


def _to_file(records: Iterator[bytes], path: Path, lines: int | None) -> None:
    with whole_file(path) as file, _progress(lines) as moved:
        _write(records, file, moved)


def _write(records: Iterator[bytes], out: BinaryIO, moved: Callable[[int], None] | None = None) -> None:
    while batch := list(islice(records, _AT_ONCE)):
        out.write(b"\n".join(batch) + b"\n")
        if moved is not None:
            moved(len(batch) + sum(text.count(b"\n") for text in batch))


@contextmanager
def _progress(lines: int | None) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error while lines are written, or None where that is no terminal."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield None
        return
    measured = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn()) if lines else ()
    columns = (SpinnerColumn(), TextColumn("Generating"), *measured, TextColumn("{task.fields[rate]}"))
    started = time.monotonic()
    with Progress(*columns, console=screen) as progress:
        task = progress.add_task("Generating", total=lines, rate="")
        written = 0

        def moved(more: int) -> None:
            nonlocal written
            written += more
            rate = written / max(time.monotonic() - started, 1e-9)
            progress.update(task, completed=written, rate=f"{written:,} lines, {rate:,.0f}/s")

        yield moved
