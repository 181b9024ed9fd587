"""The options of commands that screen with a policy: which one, and its settings that an option overrides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from streams.option_values import duration

P = ParamSpec("P")
R = TypeVar("R")


_OPTIONS = (
    click.option(
        "--policy",
        "policy_folder",
        type=click.Path(path_type=Path),
        envvar="DRIPLINE_POLICY",
        metavar="PATH",
        help="The policy folder. Left out: the built-in CPCP019.",
    ),
    click.option(
        "--exemptions",
        type=click.Path(path_type=Path),
        envvar="DRIPLINE_EXEMPTIONS",
        metavar="FILE",
        help="Exemptions of plans and contracts: a JSON list or CSV.",
    ),
    click.option(
        "--settle-after",
        callback=duration,
        envvar="DRIPLINE_SETTLE_AFTER",
        metavar="D",
        help="How long a claim must be quiet before it is screened, as in 15m.",
    ),
    click.option("--history-days", type=int, metavar="N", help="Reject lines older than this when received."),
    click.option("--retention-days", type=int, metavar="N", help="Do not judge lines again after this."),
)


def policy_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--policy`, `--exemptions`, `--settle-after` and the days of history and retention."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
