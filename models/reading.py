"""Readers of single field values: from what JSON holds to what the field means.

Each reader takes a value from which blanks were stripped and returns the sound value, or raises
`ValueError` without naming the value (no private data in error texts). Source: screening
specification, section 1. Caches hold only short texts, so they stay small whatever comes.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

BLANKS: Final = " \t\r\n"
"""Characters that count as blank around strings."""

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100

EPOCH_DAY: Final = 719_163
"""1970-01-01 as an ordinal."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATE_LENGTH: Final = 10
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_LONGEST_CACHED_INSTANT: Final = 40
_DECIMAL: Final = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_NPI: Final = re.compile(r"[0-9]{10}")
_NPI_LENGTH: Final = 10
_CODE: Final = re.compile(r"[A-Za-z0-9]{5}")
_PAIR: Final = re.compile(r"[A-Za-z0-9]{2}")
_MOST_MODIFIERS: Final = 4
_NDC: Final = re.compile(r"[0-9]{11}")
_SHORT_NDC: Final = re.compile(
    r"([0-9]{4})-([0-9]{4})-([0-9]{2})|([0-9]{5})-([0-9]{3})-([0-9]{2})|([0-9]{5})-([0-9]{4})-([0-9])"
)
_LUHN_OF_80840: Final = 24
"""What the prefix 80840 of a health card number adds to the Luhn sum of the ten NPI digits."""
_TOP_DIGIT: Final = 9


def read_number(text: str) -> Decimal:
    """A JSON number with a point or exponent, exactly as written; NaN where it cannot be held."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


@lru_cache(maxsize=16_384)
def _date_of(text: str) -> date:
    if not _DATE.fullmatch(text):
        msg = "not a date"
        raise ValueError(msg)
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        msg = "year out of range"
        raise ValueError(msg)
    return day


def read_date(value: object) -> date:
    """A date written `YYYY-MM-DD`, years 1900 to 2100."""
    if isinstance(value, str) and len(value) == _DATE_LENGTH:
        return _date_of(value)
    msg = "not a date"
    raise ValueError(msg)


def _instant_of(text: str) -> datetime:
    match = _INSTANT.fullmatch(text)
    if match is None:
        msg = "not a date-time"
        raise ValueError(msg)
    day, hour, minute, second, fraction, sign, off_hours, off_minutes = match.groups()
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    zone = UTC
    if sign:
        if int(off_hours) > 23 or int(off_minutes) > 59:  # noqa: PLR2004 - hours and minutes of a clock
            msg = "not an offset"
            raise ValueError(msg)
        offset = timedelta(hours=int(off_hours), minutes=int(off_minutes))
        zone = timezone(-offset if sign == "-" else offset)
    local = _date_of(day)
    written = datetime(  # hours, minutes and seconds out of range raise ValueError here
        local.year, local.month, local.day, int(hour), int(minute), int(second), microsecond, zone
    )
    return written.astimezone(UTC)


_cached_instant = lru_cache(maxsize=16_384)(_instant_of)


def read_instant(value: object) -> datetime:
    """An RFC 3339 date-time with offset, as an instant in UTC; digits after the sixth are cut."""
    if not isinstance(value, str):
        msg = "not a string"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueError, not TypeError
    if len(value) <= _LONGEST_CACHED_INSTANT:
        return _cached_instant(value)
    return _instant_of(value)


@lru_cache(maxsize=4096)
def microseconds(instant: datetime) -> int:
    """Microseconds from 1970-01-01 UTC to an instant."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@lru_cache(maxsize=4096)
def ordinal(day: date) -> int:
    """The ordinal of a date; the same object for the same date, since every line keeps two of them."""
    return day.toordinal()


@lru_cache(maxsize=4096)
def scaled(value: Decimal, scale: int) -> int:
    """A decimal times a scale that makes it whole."""
    return int(value * scale)


@lru_cache(maxsize=4096)
def _minute_text(minutes: int) -> str:
    """Minutes since 1970 as `YYYY-MM-DDTHH:MM`."""
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"{date.fromordinal(days + EPOCH_DAY).isoformat()}T{hour:02d}:{minute:02d}"


def instant_text(instant: int) -> str:
    """Microseconds since 1970 as `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`."""
    minutes, rest = divmod(instant, 60_000_000)
    second, part = divmod(rest, 1_000_000)
    if part:
        return f"{_minute_text(minutes)}:{second:02d}.{part:06d}Z"
    return f"{_minute_text(minutes)}:{second:02d}Z"


def utc_day(instant: int) -> int:
    """The UTC date of an instant (microseconds since 1970), as an ordinal."""
    return instant // 86_400_000_000 + EPOCH_DAY


def _exact_decimal(value: Decimal, places: int) -> Decimal:
    """A decimal without trailing zeros if it has at most `places` decimals, by its digits alone."""
    if not value.is_finite():
        msg = "not a number"
        raise ValueError(msg)
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - finite
    kept = len(digits)
    while kept > 1 and digits[kept - 1] == 0:
        kept -= 1
    exponent += len(digits) - kept
    if digits[:kept] == (0,):
        return Decimal(0)
    if sign or -exponent > places or kept + exponent > 8:  # noqa: PLR2004 - 99999999 has 8 digits
        msg = "out of range"
        raise ValueError(msg)
    return Decimal((0, digits[:kept] + (0,) * max(exponent, 0), min(exponent, 0)))


@lru_cache(maxsize=65_536)
def _decimal_of(text: str, places: int) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        msg = "not a decimal"
        raise ValueError(msg)
    return _exact_decimal(Decimal(text), places)


def _read_decimal(value: object, places: int) -> Decimal:
    if isinstance(value, str):
        if len(value) <= 24:  # noqa: PLR2004 - longer ones are odd: read, but not remembered
            return _decimal_of(value, places)
        return _decimal_of.__wrapped__(value, places)
    if isinstance(value, Decimal):
        return _exact_decimal(value, places)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return _exact_decimal(Decimal(value), places)
    msg = "not a decimal"
    raise ValueError(msg)


def read_units(value: object) -> Decimal:
    """Units: above 0, at most 99999999.999, at most 3 decimals; a JSON number or a string."""
    units = _read_decimal(value, 3)
    if not units:
        msg = "no units"
        raise ValueError(msg)
    return units


def read_charge(value: object) -> Decimal:
    """A charge in USD: 0 to 99999999.99, at most 2 decimals; a JSON number or a string."""
    return _read_decimal(value, 2)


@lru_cache(maxsize=65_536)
def _npi_of(text: str) -> str:
    if not _NPI.fullmatch(text):
        msg = "not ten digits"
        raise ValueError(msg)
    total = _LUHN_OF_80840
    for place, digit in enumerate(text):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - _TOP_DIGIT if value > _TOP_DIGIT else value
    if total % 10:
        msg = "wrong check digit"
        raise ValueError(msg)
    return text


def read_npi(value: object) -> str:
    """A national provider identifier: ten digits, Luhn-valid with prefix 80840."""
    if isinstance(value, str) and len(value) == _NPI_LENGTH:
        return _npi_of(value)
    msg = "not ten digits"
    raise ValueError(msg)


@lru_cache(maxsize=65_536)
def _upper_of(text: str) -> str:
    return text.upper()


def read_code(value: object) -> str:
    """A procedure code: five ASCII letters and digits, upper-cased."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return _upper_of(value)
    msg = "not a code"
    raise ValueError(msg)


def read_pair(value: object) -> str:
    """Two ASCII letters or digits, upper-cased: a modifier or a place of service."""
    if isinstance(value, str) and _PAIR.fullmatch(value):
        return _upper_of(value)
    msg = "not two letters or digits"
    raise ValueError(msg)


def read_modifiers(value: object) -> tuple[str, ...]:
    """Up to four modifiers; null and blank entries are left out before counting."""
    if not value and isinstance(value, list):
        return ()
    if not isinstance(value, list):
        msg = "not a list"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueError, not TypeError
    stripped = [item.strip(BLANKS) if isinstance(item, str) else item for item in value]
    kept = [item for item in stripped if item is not None and item != ""]
    if len(kept) > _MOST_MODIFIERS:
        msg = "too many"
        raise ValueError(msg)
    return tuple([read_pair(item) for item in kept])


@lru_cache(maxsize=65_536)
def _ndc_of(text: str) -> str | None:
    compact = "".join(char for char in text if char not in BLANKS)
    short = _SHORT_NDC.fullmatch(compact)
    if short:
        labeler, product, package = (group for group in short.groups() if group is not None)
        return labeler.zfill(5) + product.zfill(4) + package.zfill(2)
    digits = compact.replace("-", "")
    return digits if _NDC.fullmatch(digits) else None


def read_ndc(value: object) -> str | None:
    """An NDC as 11 digits, or None for a string that is no NDC (the line stays)."""
    if not isinstance(value, str):
        msg = "not a string"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueError, not TypeError
    if len(value) > 64:  # noqa: PLR2004 - longer ones are odd: read, but not remembered
        return _ndc_of.__wrapped__(value)
    return _ndc_of(value)
