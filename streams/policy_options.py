"""The options of commands that screen with a policy: which one, and its settings that an option overrides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from streams.option_values import duration
from streams.settings import env_name

P = ParamSpec("P")
R = TypeVar("R")


_OPTIONS = (
    click.option(
        "--policy",
        "policy_folder",
        type=click.Path(path_type=Path),
        envvar=env_name("policy"),
        metavar="PATH",
        help=f"The policy folder. Left out: the built-in CPCP019.  [env: {env_name('policy')}]",
    ),
    click.option(
        "--exemptions",
        type=click.Path(path_type=Path),
        envvar=env_name("exemptions"),
        metavar="FILE",
        help=f"Exemptions of plans and contracts: a JSON list or CSV.  [env: {env_name('exemptions')}]",
    ),
    click.option(
        "--settle-after",
        callback=duration,
        envvar=env_name("settle_after"),
        metavar="D",
        help="How long a claim must be quiet before it is screened, as in 15m.  "
        f"[env: {env_name('settle_after')}]",
    ),
    click.option("--history-days", type=int, metavar="N", help="Reject lines older than this when received."),
    click.option("--retention-days", type=int, metavar="N", help="Do not judge lines again after this."),
)


def policy_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--policy`, `--exemptions`, `--settle-after` and the days of history and retention."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
