"""The reasons for which a raw line is rejected (section 1), judged with the standard library alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle.accept_fields import READERS, UnsoundError
from tests.oracle.accept_json import parse
from tests.oracle.text import absent

Reason = tuple[str, str | None]

MAX_BYTES = 65_536
LONGEST_SPAN = 366
FARTHEST_AHEAD = 366
DAY_US = 86_400_000_000
REQUIRED = {
    "event_id",
    "claim_id",
    "line_number",
    "member_id",
    "billing_provider_npi",
    "procedure_code",
    "service_date_from",
    "units",
    "charge_amount",
    "received_at",
}


def _judge_fields(given: dict[str, object]) -> tuple[dict[str, Any], list[Reason]]:
    """Return the sound fields (absent optional ones as None) and the reasons against the others."""
    sound: dict[str, Any] = {}
    reasons: list[Reason] = []
    for name in READERS:
        value = given.get(name)
        if absent(value):
            if name in REQUIRED:
                reasons.append(("missing", name))
            else:
                sound[name] = None
            continue
        try:
            sound[name] = READERS[name](value)
        except UnsoundError:
            reasons.append(("invalid", name))
    return sound, reasons


def _judge_dates(sound: dict[str, Any], history_days: int) -> list[Reason]:
    reasons: list[Reason] = []
    first, last, received = (sound.get(k) for k in ("service_date_from", "service_date_to", "received_at"))
    if first is not None and last is not None:
        if last < first:
            reasons.append(("dates_reversed", "service_date_to"))
        if (last - first).days + 1 > LONGEST_SPAN:
            reasons.append(("span_too_long", "service_date_to"))
    if last is None and "service_date_to" in sound:
        last = first
    if last is not None and received is not None:
        if (received.date() - last).days > history_days:
            reasons.append(("outside_history", "service_date_to"))
        if (last - received.date()).days > FARTHEST_AHEAD:
            reasons.append(("service_in_future", "service_date_to"))
    return reasons


def _judge_claim(sound: dict[str, Any]) -> list[Reason]:
    reasons: list[Reason] = []
    number, count = sound.get("line_number"), sound.get("line_count")
    if number is not None and count is not None and number > count:
        reasons.append(("line_number_over_count", "line_number"))
    if sound.get("claim_frequency_code") in {"6", "7", "8"} and "original_claim_id" in sound:
        original = sound["original_claim_id"]
        if original is None:
            reasons.append(("original_claim_missing", "original_claim_id"))
        elif original == sound.get("claim_id"):
            reasons.append(("self_withdrawal", "original_claim_id"))
    return reasons


def _judge_arrival(sound: dict[str, Any], timestamp_us: int | None) -> list[Reason]:
    received = sound.get("received_at")
    if received is None or timestamp_us is None:
        return []
    received_us = (received - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    return [("received_in_future", "received_at")] if received_us > timestamp_us + DAY_US else []


def judge_bytes(raw: bytes, history_days: int = 400, timestamp_us: int | None = None) -> list[Reason]:
    """Return the reasons (code, field) against a raw line, with or without its line end; [] when accepted.

    timestamp_us is the record's own timestamp in microseconds since 1970, None where it has none.
    """
    for end in (b"\r\n", b"\n"):
        if raw.endswith(end):
            raw = raw[: -len(end)]
            break
    if len(raw) > MAX_BYTES:
        return [("too_large", None)]
    try:
        value = parse(raw)
    except ValueError:
        return [("not_json", None)]
    if not isinstance(value, dict):
        return [("not_object", None)]
    sound, reasons = _judge_fields(value)
    reasons += _judge_dates(sound, history_days) + _judge_claim(sound)
    return reasons + _judge_arrival(sound, timestamp_us)
