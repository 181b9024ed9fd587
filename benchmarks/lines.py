"""Claim lines to measure with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from models.wire import to_json
from streams.generate import GenerateSettings, encode_line, generate_lines

FIRST_DAY = date(2022, 12, 20)
SPAN = 750
"""Days over which a member's claims are spread: what acceptance allows around one `received_at`."""


def stream(count: int, other_share: float, seed: int = 1) -> Iterator[bytes]:
    """Generated claim lines, encoded, one after the other."""
    settings = GenerateSettings(members=max(count // 15, 50), seed=seed, other_share=other_share, lines=count)
    return (encode_line(event) for event in generate_lines(settings))


def generated(count: int, other_share: float) -> list[bytes]:
    """Generated claim lines, encoded."""
    return list(stream(count, other_share))


def weekly_claims(members: int, lines_each: int, *, together: int = 1) -> list[bytes]:
    """Claims of a per diem and its drug on one day, evenly over the span; `together` of them a day."""
    claims = lines_each // 2
    days = max(claims // together, 1)
    made = []
    for number in range(claims):
        day = (FIRST_DAY + timedelta(days=(number // together) * SPAN // days)).isoformat()
        for member in range(members):
            claim = f"c{member}-{number}"
            made += [_line(claim, member, 1, "S9500", day), _line(claim, member, 2, "J0696", day)]
    return made


def _line(claim: str, member: int, number: int, code: str, day: str) -> bytes:
    event = {
        "event_id": f"{claim}-{number}",
        "claim_id": claim,
        "line_number": number,
        "line_count": 2,
        "member_id": f"m{member}",
        "billing_provider_npi": "1234567893",
        "procedure_code": code,
        "service_date_from": day,
        "units": "1",
        "charge_amount": "100.00",
        "received_at": "2024-01-15T00:00:00Z",
    }
    return to_json(event).encode()
