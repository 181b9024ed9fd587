"""The oracle's judgement of raw lines, by example."""

import json
from typing import Any

import pytest

from tests.oracle.accept import judge_bytes

GOOD: dict[str, Any] = {
    "event_id": "E1",
    "claim_id": "C1",
    "line_number": 1,
    "member_id": "M1",
    "billing_provider_npi": "1234567893",
    "procedure_code": "S9500",
    "service_date_from": "2024-03-01",
    "units": "1",
    "charge_amount": "0",
    "received_at": "2024-04-01T00:00:00Z",
}


def text_with(name: str, literal: str) -> bytes:
    """A good line as bytes with one field added or changed, its value given as JSON text."""
    changed = {**GOOD, name: "@"}
    return json.dumps(changed).replace('"@"', literal).encode()


@pytest.mark.parametrize(
    ("name", "literal"),
    [
        ("units", "0.001"),
        ("units", "1e-3"),
        ("units", '"00099999999.9990000"'),
        ("charge_amount", "-0"),
        ("charge_amount", "0e99999999999999999999999"),
        ("charge_amount", '"1.500"'),
        ("modifiers", '["sh", " ", null, "1a", "SJ", "JW"]'),
        ("modifiers", '" "'),
        ("ndc", '"no such drug"'),
        ("line_count", '"  "'),
        ("plan_id", "null"),
        ("procedure_code", '" s9500\\t"'),
        ("received_at", '"2024-04-01t00:00:00.123456789z"'),
        ("received_at", '"2024-04-01T23:59:59-00:00"'),
        ("service_date_to", '"2025-03-01"'),
        ("other", "[" * 99 + "]" * 99),
        ("other", '"\\ud83d\\ude00"'),
        ("other", "1" * 5000),
    ],
)
def test_accepted(name: str, literal: str) -> None:
    """What the specification allows is accepted."""
    assert judge_bytes(text_with(name, literal)) == []


@pytest.mark.parametrize(
    ("name", "literal", "reasons"),
    [
        ("units", "0", [("invalid", "units")]),
        ("units", "1.0001", [("invalid", "units")]),
        ("units", '"+1"', [("invalid", "units")]),
        ("units", '"1."', [("invalid", "units")]),
        ("units", '"\\u0661"', [("invalid", "units")]),
        ("units", "100000000", [("invalid", "units")]),
        ("units", "1e99999999999999999999999", [("invalid", "units")]),
        ("units", "true", [("invalid", "units")]),
        ("charge_amount", "-0.01", [("invalid", "charge_amount")]),
        ("charge_amount", "0.001", [("invalid", "charge_amount")]),
        ("line_number", "1.0", [("invalid", "line_number")]),
        ("line_number", "true", [("invalid", "line_number")]),
        ("line_number", '"1"', [("invalid", "line_number")]),
        ("line_number", "9" * 5000, [("invalid", "line_number")]),
        ("line_number", '" "', [("missing", "line_number")]),
        ("event_id", '"' + "x" * 65 + '"', [("invalid", "event_id")]),
        ("member_id", "null", [("missing", "member_id")]),
        ("procedure_code", '"\\u017f9500"', [("invalid", "procedure_code")]),
        ("billing_provider_npi", '"1234567890"', [("invalid", "billing_provider_npi")]),
        ("modifiers", '["A1","A2","A3","A4","A5"]', [("invalid", "modifiers")]),
        ("modifiers", '["A"]', [("invalid", "modifiers")]),
        ("modifiers", '"SH"', [("invalid", "modifiers")]),
        ("ndc", "12345678901", [("invalid", "ndc")]),
        ("service_date_from", '"2023-02-29"', [("invalid", "service_date_from")]),
        ("service_date_from", "20240301", [("invalid", "service_date_from")]),
        ("received_at", '"2024-04-01T00:00Z"', [("invalid", "received_at")]),
        ("received_at", '"2024-04-01T00:00:60Z"', [("invalid", "received_at")]),
        ("received_at", '"2024-04-01 00:00:00Z"', [("invalid", "received_at")]),
        ("received_at", '"2024-04-01T00:00:00"', [("invalid", "received_at")]),
        ("line_count", "0", [("invalid", "line_count")]),
        ("claim_frequency_code", '"7"', [("original_claim_missing", "original_claim_id")]),
        ("service_date_to", '"2024-02-29"', [("dates_reversed", "service_date_to")]),
        ("service_date_to", '"2025-03-02"', [("span_too_long", "service_date_to")]),
        ("received_at", '"2025-04-06T00:00:00Z"', [("outside_history", "service_date_to")]),
        ("received_at", '"2025-04-06T00:30:00+01:00"', []),
        ("received_at", '"2023-02-28T23:59:59Z"', [("service_in_future", "service_date_to")]),
        ("received_at", '"2023-03-01T00:00:00Z"', []),
        ("other", "[" * 100 + "]" * 100, [("not_json", None)]),
        ("other", "NaN", [("not_json", None)]),
        ("other", "-Infinity", [("not_json", None)]),
        ("other", '"\\ud800"', [("not_json", None)]),
        ("other", '"\\ud83d \\ude00"', [("not_json", None)]),
        ("other", '"\\\\ud800"', []),
        ("other", '{"\\udc00": 1}', [("not_json", None)]),
        ("other", "01", [("not_json", None)]),
        ("other", '"\t"', [("not_json", None)]),
    ],
)
def test_judged(name: str, literal: str, reasons: list[tuple[str, str | None]]) -> None:
    """Each value gets just the reasons of the specification."""
    assert judge_bytes(text_with(name, literal)) == reasons


@pytest.mark.parametrize(
    ("raw", "reasons"),
    [
        (b"", ["not_json"]),
        (b" \n", ["not_json"]),
        (b"\xef\xbb\xbf{}", ["not_json"]),
        (b'{"a": "\xff"}', ["not_json"]),
        (b'{"a": "\xed\xa0\x80"}', ["not_json"]),
        (b"[" * 60000, ["not_json"]),
        (b'"' + b"\\" * 60000, ["not_json"]),
        (b"[1]", ["not_object"]),
        (b"7", ["not_object"]),
        (b'"' + b"x" * 65534 + b'"\r\n', ["not_object"]),
        (b'"' + b"x" * 65535 + b'"', ["too_large"]),
        (b"{}", ["missing"] * 10),
        (b'{"units": 1, "units": null}', ["missing"] * 10),
    ],
)
def test_raw(raw: bytes, reasons: list[str]) -> None:
    """Bytes that are no line get the reason that stands alone; an empty object lacks every required field."""
    assert [code for code, _ in judge_bytes(raw)] == reasons


def test_checks_between_fields_run_side_by_side() -> None:
    """A line over its count, withdrawing itself, out of history and from the future gets all four reasons."""
    line = {
        **GOOD,
        "line_number": 3,
        "line_count": 2,
        "claim_frequency_code": "8",
        "original_claim_id": "C1",
        "received_at": "2026-04-01T00:00:00Z",
    }
    assert set(judge_bytes(json.dumps(line).encode(), timestamp_us=0)) == {
        ("line_number_over_count", "line_number"),
        ("self_withdrawal", "original_claim_id"),
        ("outside_history", "service_date_to"),
        ("received_in_future", "received_at"),
    }


def test_a_day_ahead_is_allowed() -> None:
    """received_at may be 24 hours after the record's timestamp, and not a microsecond more."""
    moment = 1_711_929_600_000_000  # 2024-04-01T00:00:00Z
    day = 86_400_000_000
    raw = json.dumps(GOOD).encode()
    assert judge_bytes(raw, timestamp_us=moment - day) == []
    assert judge_bytes(raw, timestamp_us=moment - day - 1) == [("received_in_future", "received_at")]
