"""The page of the settings: name, meaning, default and an example of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic.fields import FieldInfo

from models.duration import format_duration
from streams.intake_options import CLAIM_ID, RECEIVED_AT
from streams.kafka_command import NO_OPTION
from streams.settings import Settings, env_name, option_name

_INTRO: Final = """# Settings

Every command that talks to Kafka reads these from the environment. Each is an option as well, and an option
comes before the environment: `DRIPLINE_APP_ID=claims` is `--app-id claims`. An empty variable counts as not
set. A duration is a number with `s`, `m` or `h`, as in `15m`. When something is wrong, the command names
every fault at once, without the value, and ends with exit code 2.

"""
_SINGLE: Final = """
## Settings of single commands

`dripline screen` and `dripline intake` read these for 837 files ([docs/intake.md](intake.md)). Of those above
`screen`, `replay` and `explain` read policy, exemptions and settle-after, `policy` the first two, `health`
the address and port of probes. `--help` of a command names what it reads.

"""
_DEBUG: Final = """
With `DRIPLINE_DEBUG=1` a fault of the program shows its traceback, which can hold claim data.
"""
_DURATIONS: Final = frozenset({"settle_after", "session_timeout"})

_Row = tuple[str, str, str, str, str]
_HEAD: Final[tuple[_Row, _Row]] = (("Setting", "Option", "Meaning", "Default", "Example"), ("---",) * 5)


def settings_page() -> str:
    """The page in Markdown."""
    settings = [
        (
            f"`{env_name(name)}`",
            _option(name),
            str(setting.description),
            _default(name, setting),
            _example(setting),
        )
        for name, setting in Settings.model_fields.items()
    ]
    single = [
        (
            f"`{each.variable}`",
            f"`{each.option}`",
            each.meaning,
            "none" if each.default is None else f"`{each.default}`",
            f"`{each.example}`",
        )
        for each in (CLAIM_ID, RECEIVED_AT)
    ]
    return _INTRO + _table(settings) + _SINGLE + _table(single) + _DEBUG


def _table(rows: Sequence[_Row]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in (*_HEAD, *rows))


def _option(name: str) -> str:
    return "none" if name in NO_OPTION else f"`{option_name(name)}`"


def _default(name: str, setting: FieldInfo) -> str:
    if setting.is_required():
        return "must be given"
    if setting.default is None:
        return "none"
    return f"`{format_duration(setting.default) if name in _DURATIONS else setting.default}`"


def _example(setting: FieldInfo) -> str:
    (example,) = setting.examples or ("",)
    return f"`{example}`" if not example.startswith("(") else example.strip("()")
