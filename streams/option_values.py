"""Values of options that several commands have, times and durations, and which options were given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import click
from click.core import ParameterSource

from models.duration import parse_duration
from models.reading import microseconds, read_instant

_DAY: Final = len("2026-01-31")


def instant(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A time on the command line, in microseconds since 1970."""
    try:
        return None if value is None else microseconds(read_instant(value))
    except ValueError:
        raise click.BadParameter("a time is written as in 2026-02-28T17:30:00Z, with its offset") from None


def instant_or_day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A time on the command line, or a date for its beginning in UTC, in microseconds since 1970."""
    try:
        if value is not None and len(value) == _DAY:
            return microseconds(datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC))
        return None if value is None else microseconds(read_instant(value))
    except ValueError:
        raise click.BadParameter("a time is 2026-01-31 or 2026-01-31T17:30:00Z, with its offset") from None


def duration(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A duration on the command line, in microseconds."""
    try:
        return None if value is None else parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def given_options() -> list[str]:
    """The options of the running command that stand on its command line, by name, as it declares them."""
    context = click.get_current_context()
    return [
        each.opts[0]
        for each in context.command.params
        if isinstance(each, click.Option)
        and context.get_parameter_source(str(each.name)) is ParameterSource.COMMANDLINE
    ]
