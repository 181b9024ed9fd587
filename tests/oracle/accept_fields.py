"""The single fields of an event (section 1): what each allows, judged one by one."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.oracle.accept_json import Number
from tests.oracle.text import BLANKS, absent

EXPONENT_DIGITS = 20


class UnsoundError(Exception):
    """A value that its field does not allow."""


def _demand(condition: bool) -> None:
    if not condition:
        raise UnsoundError


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise UnsoundError
    return value.strip(BLANKS)


def _text(value: object, longest: int) -> str:
    text = _string(value)
    _demand(1 <= len(text) <= longest)
    return text


def _pattern(value: object, pattern: str) -> str:
    text = _string(value)
    _demand(re.fullmatch(pattern, text) is not None)
    return text


def _count(value: object) -> int:
    if not isinstance(value, Number):
        raise UnsoundError
    _demand(re.fullmatch(r"[1-9][0-9]{0,2}", value.text) is not None)
    return int(value.text)


def _npi(value: object) -> str:
    text = _pattern(value, r"[0-9]{10}")
    total = 0
    for place, digit in enumerate(reversed("80840" + text)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    _demand(total % 10 == 0)
    return text


def _modifiers(value: object) -> list[str]:
    if not isinstance(value, list):
        raise UnsoundError
    words = [word for word in value if not absent(word)]
    _demand(len(words) <= 4)
    return [_pattern(word, r"[A-Za-z0-9]{2}") for word in words]


def _date(value: object) -> date:
    text = _pattern(value, r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UnsoundError from None
    _demand(1900 <= day.year <= 2100)
    return day


def _instant(value: object) -> datetime:
    clock = r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    match = re.fullmatch(clock + r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))", _string(value))
    if match is None:
        raise UnsoundError
    day, hour, minute, second = _date(match[1]), int(match[2]), int(match[3]), int(match[4])
    offset_hour, offset_minute = int(match[7] or "0"), int(match[8] or "0")
    _demand(hour <= 23 and minute <= 59 and second <= 59 and offset_hour <= 23 and offset_minute <= 59)
    micros = int((match[5] or "0")[:6].ljust(6, "0"))
    offset = timedelta(hours=offset_hour, minutes=offset_minute)
    local = datetime(day.year, day.month, day.day, hour, minute, second, micros, tzinfo=UTC)
    return local + offset if match[6] == "-" else local - offset


def _digits_and_exponent(value: object) -> tuple[str, int]:
    """Return a decimal's digits and the power of ten of the last one; an exponent out of all reach is cut."""
    if isinstance(value, Number):
        match = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?)([0-9]+))?", value.text)
    else:
        match = re.fullmatch(r"()([0-9]+)(?:\.([0-9]+))?()()", _string(value))
    if match is None:
        raise UnsoundError
    sign, whole, fraction, exponent_sign, exponent = (group or "" for group in match.groups())
    digits = (whole + fraction).lstrip("0")
    _demand(not (sign and digits))
    power = int(exponent.lstrip("0")[:EXPONENT_DIGITS] or "0") * (-1 if exponent_sign == "-" else 1)
    kept = digits.rstrip("0")
    return kept, power - len(fraction) + len(digits) - len(kept)


def _decimal(value: object, places: int, greatest: str, zero: bool) -> Decimal:
    digits, power = _digits_and_exponent(value)
    if not digits:
        _demand(zero)
        return Decimal(0)
    _demand(power >= -places and power + len(digits) <= 8)
    number = Decimal(digits).scaleb(power)
    _demand(number <= Decimal(greatest))
    return number


def _at_most(longest: int) -> Callable[[object], str]:
    return lambda value: _text(value, longest)


def _like(pattern: str) -> Callable[[object], str]:
    return lambda value: _pattern(value, pattern)


READERS: dict[str, Callable[[object], object]] = {
    "event_id": _at_most(64),
    "claim_id": _at_most(50),
    "line_number": _count,
    "line_count": _count,
    "claim_frequency_code": _like(r"[1-9]"),
    "original_claim_id": _at_most(50),
    "member_id": _at_most(80),
    "plan_id": _at_most(80),
    "billing_provider_npi": _npi,
    "rendering_provider_npi": _npi,
    "procedure_code": _like(r"[A-Za-z0-9]{5}"),
    "modifiers": _modifiers,
    "ndc": _string,
    "service_date_from": _date,
    "service_date_to": _date,
    "units": lambda value: _decimal(value, 3, "99999999.999", zero=False),
    "charge_amount": lambda value: _decimal(value, 2, "99999999.99", zero=True),
    "place_of_service": _like(r"[A-Za-z0-9]{2}"),
    "received_at": _instant,
}
"""The fields in the order of the specification; each reader returns the sound value of a present field."""
