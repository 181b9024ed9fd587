"""The only code that turns bytes into objects and objects into bytes.

Source: screening specification, sections 1 (input, reasons) and 5 (output).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pydantic_core
from pydantic import ValidationError

from models.claim_line import ClaimLine, ClaimLineEvent
from models.reading import BLANKS, microseconds, read_number, utc_day
from models.rejection import MOST_BYTES, Reason, ReasonCode

DEEPEST: Final = 100
"""Levels of nesting that are read; deeper ones are `not_json`, the same on every Python."""

MOST_OF_MEMBER_ID: Final = 80
MOST_DAYS_OF_LINE: Final = 366
MOST_DAYS_AHEAD: Final = 366
DAY: Final = 86_400_000_000
"""Microseconds of a day."""

_WITHDRAWING: Final = ("6", "7", "8")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """What acceptance depends on beside the record: the oldest service date, in days before receipt."""

    history_days: int


class RejectedError(Exception):
    """A record is rejected; `reasons` says why, without any of its values."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(", ".join(reason["code"] for reason in reasons))
        self.reasons = reasons


_WHOLE: Final[dict[ReasonCode, str]] = {
    "too_large": f"The record is longer than {MOST_BYTES:,} bytes.",
    "not_json": "The record is not one JSON text in UTF-8.",
    "not_object": "The record is JSON, but not an object.",
}


def _whole(code: ReasonCode) -> RejectedError:
    return RejectedError((Reason(code=code, field=None, message=_WHOLE[code]),))


def _refuse_constant(_: str) -> object:
    msg = "not a JSON number"
    raise ValueError(msg)


def _whole_number(text: str) -> int | Decimal:
    """An integer; NaN, which no field takes, where Python would refuse to read so many digits."""
    return int(text) if len(text) < 100 else Decimal("NaN")  # noqa: PLR2004 - far above every field


def _sound_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of its pairs; ValueError where a key or string holds half a surrogate pair."""
    for key, value in pairs:
        _refuse_surrogates(key)
        _refuse_surrogates(value)
    return dict(pairs)


def _refuse_surrogates(value: object) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            msg = "half a surrogate pair"
            raise ValueError(msg)
    elif isinstance(value, list):
        for item in value:
            _refuse_surrogates(item)


_FAST: Final = json.JSONDecoder(parse_float=read_number, parse_constant=_refuse_constant)
_CAREFUL: Final = json.JSONDecoder(
    parse_float=read_number,
    parse_int=_whole_number,
    parse_constant=_refuse_constant,
    object_pairs_hook=_sound_pairs,
)


def _too_deep(raw: bytes) -> bool:
    """Whether brackets outside strings nest deeper than `DEEPEST`."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def _decode(raw: bytes) -> object:
    """The JSON value of a record; ValueError where it is none."""
    if _too_deep(raw):
        msg = "nested too deeply"
        raise ValueError(msg)
    text = raw.decode("utf-8")
    if _SURROGATE_ESCAPE.search(raw):
        value = _CAREFUL.decode(text)
        _refuse_surrogates(value)
        return value
    try:
        return _FAST.decode(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer with thousands of digits, or NaN
        return _CAREFUL.decode(text)


def _stripped(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are there: blanks around strings stripped, null and blank ones left out."""
    kept = {}
    for name, value in fields.items():
        if value.__class__ is str:
            text = value.strip(BLANKS)
            if text:
                kept[name] = text
        elif value is not None:
            kept[name] = value
    return kept


_VALIDATE: Final[Callable[[Any], ClaimLineEvent]] = ClaimLineEvent.__pydantic_validator__.validate_python


def read_fields(raw: bytes | None) -> dict[str, Any]:
    """The fields of a record, stripped of blanks, absent ones left out.

    Raises:
        RejectedError: `too_large`, `not_json` or `not_object`.
    """
    if not raw:
        raise _whole("not_json")
    if len(raw) > MOST_BYTES:
        raise _whole("too_large")
    try:
        value = _decode(raw)
    except ValueError:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise _whole("not_json") from None
    if not isinstance(value, dict):
        raise _whole("not_object")
    return _stripped(value)


def member_of(fields: Mapping[str, Any]) -> bytes | None:
    """The record key that a record's fields ask for: the UTF-8 bytes of a valid `member_id`, or None."""
    member_id = fields.get("member_id")
    if isinstance(member_id, str) and len(member_id) <= MOST_OF_MEMBER_ID:
        return member_id.encode()
    return None


def read_event(fields: dict[str, Any], limits: Limits, timestamp: int | None = None) -> ClaimLineEvent:
    """The event that a record's fields state.

    Args:
        fields: as `read_fields` gives them.
        limits: the policy's limits on accepted lines.
        timestamp: the record's own time (microseconds since 1970), where it has one.

    Raises:
        RejectedError: with every reason.
    """
    try:
        event = _VALIDATE(fields)
    except ValidationError as error:
        reasons, sound = _field_reasons(error, fields)
        raise RejectedError((*reasons, *_check_reasons(sound, limits, timestamp))) from None
    checks = _check_reasons(event.__dict__, limits, timestamp)
    if checks:
        raise RejectedError(tuple(checks))
    return event


def read_line(fields: dict[str, Any], limits: Limits, timestamp: int | None = None) -> ClaimLine:
    """The claim line that a record's fields state: `read_event`, without keeping the event.

    Args:
        fields, limits, timestamp: as in `read_event`.

    Raises:
        RejectedError: with every reason.
    """
    try:
        line = ClaimLine.of(_VALIDATE(fields))
    except ValidationError:
        read_event(fields, limits, timestamp)
        raise
    if not _passes(line, limits, timestamp):
        read_event(fields, limits, timestamp)
    return line


def _passes(line: ClaimLine, limits: Limits, timestamp: int | None) -> bool:
    """Whether no check between fields can fail: `_check_reasons` in whole numbers, for the many."""
    ahead = line.last - utc_day(line.received)
    return (
        0 <= line.last - line.first < MOST_DAYS_OF_LINE
        and -limits.history_days <= ahead <= MOST_DAYS_AHEAD
        and (line.line_count is None or line.line_number <= line.line_count)
        and line.frequency not in _WITHDRAWING
        and (timestamp is None or line.received <= timestamp + DAY)
    )


_DESCRIPTIONS: Final = {name: info.description for name, info in ClaimLineEvent.model_fields.items()}


def _field_reasons(error: ValidationError, fields: dict[str, Any]) -> tuple[list[Reason], dict[str, Any]]:
    """The reasons of single fields, in the order of the model, and the values of the sound fields."""
    codes: dict[str, ReasonCode] = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        codes[str(fault["loc"][0])] = "missing" if fault["type"] == "missing" else "invalid"
    reasons = [
        Reason(code=codes[name], field=name, message=f"{name} must be {_DESCRIPTIONS[name]}.")
        for name in ClaimLineEvent.model_fields
        if name in codes
    ]
    sound = _VALIDATE({**_PLAUSIBLE, **{k: v for k, v in fields.items() if k not in codes}}).__dict__.copy()
    for name in codes:
        sound.pop(name)
    return reasons, sound


_PLAUSIBLE: Final = {
    "event_id": "e",
    "claim_id": "c",
    "line_number": 1,
    "member_id": "m",
    "billing_provider_npi": "1234567893",
    "procedure_code": "S9500",
    "service_date_from": "2024-01-01",
    "units": 1,
    "charge_amount": 0,
    "received_at": "2024-01-01T00:00:00Z",
}
"""Stands in for required fields that are not sound, so that the others can be read."""


def _check(code: ReasonCode, field: str, message: str) -> Reason:
    return Reason(code=code, field=field, message=message)


def _check_reasons(sound: Mapping[str, Any], limits: Limits, timestamp: int | None) -> list[Reason]:
    """The reasons between fields; each check runs where all its fields are sound."""
    reasons: list[Reason] = []
    number, count = sound.get("line_number"), sound.get("line_count")
    if number is not None and count is not None and number > count:
        reasons.append(_check("line_number_over_count", "line_number", "line_number is above line_count."))
    if sound.get("claim_frequency_code") in _WITHDRAWING and "original_claim_id" in sound:
        _check_original(reasons, sound)
    received = sound.get("received_at")
    first = sound.get("service_date_from")
    last = sound.get("service_date_to", _ABSENT) or first
    if last is not _ABSENT and last is not None:
        _check_dates(reasons, first, last, None if received is None else microseconds(received), limits)
    if received is not None and timestamp is not None and microseconds(received) > timestamp + DAY:
        reasons.append(
            _check(
                "received_in_future",
                "received_at",
                "received_at is more than 24 hours after the record's own time.",
            )
        )
    return reasons


_ABSENT: Final = object()


def _check_original(reasons: list[Reason], sound: Mapping[str, Any]) -> None:
    original = sound["original_claim_id"]
    if original is None:
        message = "A claim of frequency 6, 7 or 8 must name the claim it withdraws."
        reasons.append(_check("original_claim_missing", "original_claim_id", message))
    elif original == sound.get("claim_id"):
        message = "A claim cannot withdraw itself."
        reasons.append(_check("self_withdrawal", "original_claim_id", message))


def _check_dates(
    reasons: list[Reason], first: date | None, last: date, received: int | None, limits: Limits
) -> None:
    if first is not None and last < first:
        reasons.append(
            _check("dates_reversed", "service_date_to", "service_date_to is before service_date_from.")
        )
    elif first is not None and (last - first).days >= MOST_DAYS_OF_LINE:
        message = f"The line spans more than {MOST_DAYS_OF_LINE} dates."
        reasons.append(_check("span_too_long", "service_date_to", message))
    if received is None:
        return
    ahead = last.toordinal() - utc_day(received)
    if -ahead > limits.history_days:
        message = f"The last service date is more than {limits.history_days} days before received_at."
        reasons.append(_check("outside_history", "service_date_to", message))
    elif ahead > MOST_DAYS_AHEAD:
        message = f"The last service date is more than {MOST_DAYS_AHEAD} days after received_at."
        reasons.append(_check("service_in_future", "service_date_to", message))


def to_json_bytes(value: object) -> bytes:
    """Compact JSON in UTF-8, keys in the order they have."""
    return pydantic_core.to_json(value)


def to_json(value: object) -> str:
    """Compact JSON text, keys in the order they have."""
    return to_json_bytes(value).decode()
