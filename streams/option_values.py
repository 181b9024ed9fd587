"""Values of options that several commands have: times and durations."""

from __future__ import annotations

import click

from models.duration import parse_duration
from models.reading import microseconds, read_instant


def instant(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A time on the command line, in microseconds since 1970."""
    try:
        return None if value is None else microseconds(read_instant(value))
    except ValueError:
        raise click.BadParameter("a time is written as in 2026-02-28T17:30:00Z, with its offset") from None


def duration(_context: click.Context, _parameter: click.Parameter, value: str | None) -> int | None:
    """A duration on the command line, in microseconds."""
    try:
        return None if value is None else parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
