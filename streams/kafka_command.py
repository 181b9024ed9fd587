"""The settings as options of every command that talks to Kafka."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import click

from streams.settings import Settings, env_name, option_name, read_settings

P = ParamSpec("P")
R = TypeVar("R")

NO_OPTION: Final = frozenset({"sasl_password"})
"""Settings of the environment alone: an option stands in the list of processes, where anyone may read it."""

OF_THE_WORKER: Final = frozenset(
    {
        "instance_id",
        "policy",
        "exemptions",
        "store",
        "data_dir",
        "settle_after",
        "session_timeout",
        "http_host",
        "http_port",
        "log_level",
    }
)
"""Settings that a command about topics takes and checks, so that it can be called as the worker is."""


def with_settings(
    *, hidden: Collection[str] = ()
) -> Callable[[Callable[Concatenate[Settings, P], R]], Callable[..., R]]:
    """Give a command the settings as options, and itself the settings as its first argument.

    An option comes before the environment. Wrong settings end the command with exit code 2: their
    `SettingsError` is for the command group.

    Args:
        hidden: settings whose options the help leaves out.
    """

    def decorate(command: Callable[Concatenate[Settings, P], R]) -> Callable[..., R]:
        @functools.wraps(command)
        def with_options(*arguments: Any, **options: Any) -> R:  # noqa: ANN401 - what click hands over
            given = {name: options.pop(name) for name in Settings.model_fields if name in options}
            return command(given_settings(given), *arguments, **options)

        return settings_options(with_options, hidden=hidden)

    return decorate


def settings_options(
    command: Callable[P, R], *, hidden: Collection[str] = (), without: Collection[str] = ()
) -> Callable[P, R]:
    """Give a command the settings as options: for one that reads them by `given_settings` when it needs them.

    Args:
        command: takes each setting by its name, None where its option is not given.
        hidden: settings whose options the help leaves out.
        without: settings for which the command has options of its own, or none.
    """
    for name, setting in reversed(Settings.model_fields.items()):
        if name not in NO_OPTION and name not in without:
            command = click.option(
                option_name(name),
                name,
                metavar=name.rpartition("_")[2].upper(),
                hidden=name in hidden,
                help=f"{setting.description}  [env: {env_name(name)}]",
            )(command)
    return command


def given_settings(options: Mapping[str, str | None]) -> Settings:
    """The settings of a command by its options, and by the environment where an option is not given.

    Raises:
        SettingsError: with all that is wrong, a line each.
    """
    return read_settings({name: value for name, value in options.items() if value is not None})
