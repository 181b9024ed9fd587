"""The page of the settings: name, meaning, default and an example of each."""

from __future__ import annotations

from typing import Final

from pydantic.fields import FieldInfo

from models.duration import format_duration
from streams.kafka_command import NO_OPTION
from streams.settings import Settings, env_name, option_name

_INTRO: Final = """# Settings

Every command that talks to Kafka reads these from the environment. Each is an option as well, and an option
comes before the environment: `DRIPLINE_APP_ID=claims` is `--app-id claims`. An empty variable counts as not
set. A duration is a number with `s`, `m` or `h`, as in `15m`. When something is wrong, the command names
every fault at once, without the value, and ends with exit code 2.

"""
_DURATIONS: Final = frozenset({"settle_after", "session_timeout"})


def settings_page() -> str:
    """The page in Markdown."""
    rows = [("Setting", "Option", "Meaning", "Default", "Example"), ("---",) * 5]
    rows += [
        (
            f"`{env_name(name)}`",
            _option(name),
            str(setting.description),
            _default(name, setting),
            _example(setting),
        )
        for name, setting in Settings.model_fields.items()
    ]
    return _INTRO + "".join(f"| {' | '.join(row)} |\n" for row in rows)


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
