"""Single values as X12 writes them: numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from models.reading import read_date

_NUMBER: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?")
_DAY: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_LONGEST_NUMBER: Final = 24

Dates = tuple[date, date]
"""The first and the last date, both inclusive."""


@lru_cache(maxsize=16_384)
def amount(text: str, read: Callable[[object], Decimal]) -> Decimal:
    """A number as X12 writes it, without a sign: digits and a point at most, one side of it may be empty.

    Raises:
        ValueError: it is none, or out of range.
    """
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if match is None or not (match[1] or match[2]):
        msg = "not a number"
        raise ValueError(msg)
    return read(f"{match[1] or '0'}.{match[2]}" if match[2] else match[1])


@lru_cache(maxsize=16_384)
def dates_of(qualifier: str, text: str) -> Dates:
    """The dates of a DTP with D8 or RD8, both inclusive.

    Raises:
        ValueError: they are none.
    """
    first, hyphen, last = text.partition("-")
    if qualifier != ("RD8" if hyphen else "D8"):
        msg = "not a date"
        raise ValueError(msg)
    begins = _day(first)
    return begins, _day(last) if hyphen else begins


def _day(text: str) -> date:
    match = _DAY.fullmatch(text)
    return read_date("-".join(match.groups()) if match else None)
