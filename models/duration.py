"""Spans of time as people write them: a number with `s`, `m` or `h` (`15m`, `1.5h`)."""

from __future__ import annotations

import re
from typing import Final

_SECOND: Final = 1_000_000
_UNITS: Final[dict[str, int]] = {"h": 3600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND}
_FORM: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?([smh])")


def parse_duration(text: str) -> int:
    """Microseconds of a duration: digits, optionally a point and up to six digits, then `s`, `m` or `h`.

    Raises:
        ValueError: the text has another form.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError("a duration is a number with s, m or h, as in 15m")
    whole, decimals, unit = match.groups(default="")
    # Six decimals of a unit are counted in millionths, so that nothing goes through a float.
    millionths = int(whole + decimals.ljust(6, "0"))
    return millionths * _UNITS[unit] // 1_000_000


def format_duration(microseconds: int) -> str:
    """The duration in the largest unit that makes it a whole number, else in seconds with decimals.

    Raises:
        ValueError: the number is negative.
    """
    if microseconds < 0:
        raise ValueError("a duration is not negative")
    for unit, size in _UNITS.items():
        if microseconds and microseconds % size == 0:
            return f"{microseconds // size}{unit}"
    seconds, rest = divmod(microseconds, _SECOND)
    return f"{seconds}.{rest:06}".rstrip("0").rstrip(".") + "s"
