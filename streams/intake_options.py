"""The options of commands that read 837 files."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from models.reading import instant_text
from streams.intake import Intake, claim_numbers
from streams.intake.numbers import NPI_CLM01
from streams.option_values import instant

P = ParamSpec("P")
R = TypeVar("R")


def intake_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--claim-id` and `--received-at`, for `intake_of`."""
    command = click.option(
        "--received-at",
        callback=instant,
        envvar="DRIPLINE_RECEIVED_AT",
        metavar="T",
        help="When the claims of 837 files were received, RFC 3339. Left out: each interchange's date and "
        "time, taken as UTC.",
    )(command)
    return click.option(
        "--claim-id",
        default=NPI_CLM01,
        show_default=True,
        envvar="DRIPLINE_CLAIM_ID",
        metavar="HOW",
        help="What claims of 837 files are known by: npi-clm01, ref-d9, or map:FILE, a CSV of the payer's "
        "numbers.",
    )(command)


def intake_of(claim_id: str, received_at: int | None) -> Intake:
    """What reads 837 files as the options say.

    Raises:
        click.UsageError: there is no such way to number claims.
        InputError: the map cannot be read.
    """
    try:
        numbers = claim_numbers(claim_id)
    except ValueError as error:
        raise click.UsageError(f"--claim-id {error}") from None
    return Intake(numbers, None if received_at is None else instant_text(received_at))
