"""The options of commands that write claim lines to a file, or send them to the topic."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from streams.option_values import given_options
from streams.settings import Settings, option_name

P = ParamSpec("P")
R = TypeVar("R")

_OPTIONS = (
    click.option("--to-topic", is_flag=True, help="Send the lines to the topic of claim lines instead."),
    click.option(
        "--rate",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="With --to-topic: at most N lines a second. Left out: as fast as the broker takes them.",
    ),
)


def feed_options(command: Callable[P, R]) -> Callable[P, R]:
    """Give a command `--to-topic` and `--rate`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_target(*others: str, to_topic: bool) -> None:
    """Refuse options of the running command that do not go with its target.

    Args:
        others: options that go with the topic alone, beside `--rate` and the settings.
        to_topic: whether lines go there.

    Raises:
        click.UsageError: naming them.
    """
    given = given_options()
    of_topic = {"--rate", *others, *map(option_name, Settings.model_fields)}
    wrong = [name for name in given if (name == "--out" if to_topic else name in of_topic)]
    if wrong:
        raise click.UsageError(f"{', '.join(wrong)}: only with{'out' if to_topic else ''} --to-topic")
