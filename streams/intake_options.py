"""The options of commands that read 837 files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, ParamSpec, TypeVar

import click

from models.reading import instant_text
from streams.intake import Intake, claim_numbers
from streams.intake.numbers import NPI_CLM01
from streams.option_values import instant
from streams.settings import env_name, option_name

P = ParamSpec("P")
R = TypeVar("R")


class OfEnvironment(NamedTuple):
    """A setting that is no worker's: an option of single commands that the environment can hold.

    Attributes:
        variable, option: where it is read.
        meaning, example: as the page of settings has them.
        default: what it is where nothing says; None where the meaning says that.
    """

    variable: str
    option: str
    meaning: str
    example: str
    default: str | None = None

    @property
    def help(self) -> str:
        """What the option's help says."""
        return f"{self.meaning}  [env: {self.variable}]"


CLAIM_ID: Final = OfEnvironment(
    env_name("claim_id"),
    option_name("claim_id"),
    "What claims of 837 files are known by: npi-clm01, ref-d9, or map:FILE, a CSV of the payer's numbers.",
    "map:numbers.csv",
    NPI_CLM01,
)
RECEIVED_AT: Final = OfEnvironment(
    env_name("received_at"),
    option_name("received_at"),
    "When the claims of 837 files were received, RFC 3339. Left out: each interchange's date and time, taken "
    "as UTC.",
    "2026-02-28T17:30:00Z",
)


def intake_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--claim-id` and `--received-at`, for `intake_of`."""
    command = click.option(
        RECEIVED_AT.option, callback=instant, envvar=RECEIVED_AT.variable, metavar="T", help=RECEIVED_AT.help
    )(command)
    return click.option(
        CLAIM_ID.option,
        default=CLAIM_ID.default,
        show_default=True,
        envvar=CLAIM_ID.variable,
        metavar="HOW",
        help=CLAIM_ID.help,
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
