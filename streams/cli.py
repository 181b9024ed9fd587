"""The command `dripline`: its commands, and what their failures look like from outside.

Exit codes: 0 done, 1 a fault of the program, 2 usage or configuration, 3 `--strict` and rejects, 130
interrupted, 141 nobody reads the output any more, 143 stopped by SIGTERM. Error texts name files and places,
never a value of a claim line; the text of an unexpected exception can hold one, so it is kept back.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import metadata
from pkgutil import resolve_name
from types import FrameType
from typing import Any, Final, cast

import click

from models.wire import to_json
from policy.errors import PolicyError
from streams.broker_errors import BrokerError
from streams.console import drop, was_unheard
from streams.exit_codes import FAULT, INTERRUPTED, NOBODY_READS, TERMINATED, WRONG_USE
from streams.files import InputError, shown
from streams.place import OWN, place_of
from streams.results import OutputError
from streams.settings import SettingsError


class Refused(click.ClickException):
    """Something the caller can put right: shown as it is, exit code 2."""

    exit_code = WRONG_USE


_COMMANDS: Final = {
    "screen": "streams.screen_command:screen_command",
    "policy": "streams.policy_commands:policy",
    "generate": "streams.generate_command:generate",
    "intake": "streams.intake_command:intake_command",
    "topics": "streams.topics_command:topics",
    "worker": "streams.worker_command:worker_command",
    "health": "streams.health_command:health_command",
    "explain": "streams.explain_command:explain_command",
    "replay": "streams.replay_command:replay_command",
    "backtest": "streams.backtest_command:backtest_command",
}
"""Where each command is. One is loaded when it is asked for: what it needs takes up to a second."""


class _Commands(click.Group):
    """A group that loads a command, and gives every failure of it its exit code and its words."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click declares it
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = _COMMANDS.get(cmd_name)
        return None if place is None else cast("click.Command", resolve_name(place))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)  # prints the help and the version
        except BrokenPipeError:
            ctx.exit(NOBODY_READS)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click declares it
        try:
            super().invoke(ctx)
            if was_unheard(ctx):
                ctx.exit(NOBODY_READS)
        except (click.exceptions.Exit, click.Abort, click.UsageError):
            raise
        except click.ClickException as error:
            raise Refused(error.format_message()) from error
        except (BrokerError, InputError, OutputError, PolicyError, SettingsError) as error:
            raise Refused(str(error)) from error
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            ctx.exit(NOBODY_READS)
        except OSError as error:
            raise Refused(_of_the_machine(error)) from error
        except Exception as error:
            if os.environ.get("DRIPLINE_DEBUG") == "1":
                raise
            click.echo(_fault(error), err=True)
            ctx.exit(FAULT)


def _of_the_machine(error: OSError) -> str:
    """What the system says about a file or a device."""
    cause = error.strerror or "input/output error"
    return f"{shown(str(error.filename))}: {cause}" if error.filename else cause


def _fault(error: Exception) -> str:
    """One line of JSON about an unexpected exception: its type and place, not its text."""
    return to_json(
        {
            "level": "error",
            "event": "unexpected exception",
            "exception": type(error).__name__,
            "place": place_of(error, OWN),
            "hint": "DRIPLINE_DEBUG=1 shows the traceback, which can hold claim data",
        }
    )


def _version() -> str:
    try:
        return metadata.version("dripline")
    except metadata.PackageNotFoundError:  # the sources, not installed
        return "(not installed)"


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="dripline")
def dripline() -> None:
    """Screen home infusion claim lines before payment."""


def _terminated(_signal: int, _frame: FrameType | None) -> None:
    """Leave in order, so that no temporary file stays behind."""
    sys.exit(TERMINATED)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        dripline(prog_name="dripline")
    finally:
        _flush()


def _flush() -> None:
    """Write out what is left; where nobody reads it any more, drop it without a word."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        drop(sys.stdout)
        sys.exit(NOBODY_READS)


if __name__ == "__main__":
    main()
