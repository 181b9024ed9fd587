"""The lines of a case file: a claim line or an expected edit in one row of text.

* A claim line: `CLAIM/LINE CODE DATES` and fields as `name=value` (see FIELDS). Units are the number of
  dates, the charge is 100.00 a unit, the rest is as `tests.support.claim_line` fills it.
* An edit: `CLAIM/LINE DATES units=U amount=A DISPOSITION`.
* The evidence of an edit: `CLAIM/LINE: CLAIM/LINE CLAIM/LINE`, or nothing behind the colon.
* Dates: `FIRST..LAST` or a single date; in an edit several such with commas. A date is `MM-DD` of 2024 or
  `YYYY-MM-DD`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.support import Event, claim_line

FIELDS: Final = {
    "units": "units",
    "charge": "charge_amount",
    "modifiers": "modifiers",
    "ndc": "ndc",
    "provider": "billing_provider_npi",
    "rendering": "rendering_provider_npi",
    "place": "place_of_service",
    "member": "member_id",
    "line_count": "line_count",
    "frequency": "claim_frequency_code",
    "original": "original_claim_id",
    "received": "received_at",
    "event": "event_id",
}
"""What a line may say beside claim, code and dates, and the field of the event that holds it."""

PROVIDERS: Final = {"another": "1245319599", "nurse": "1003000126"}
"""Providers by name; without one, a line has the billing provider of `claim_line`."""

Row = tuple[str, int, tuple[str, ...], str, str, str]
"""An edit: claim, line, dates, units affected, amount affected, disposition."""

Evidence = tuple[str, int, tuple[tuple[str, int], ...]]
"""The lines that an edit rests on: claim and line of the edit, then of each of the others, sorted."""

_LINE: Final = re.compile(r"(\w+)/(\d+) (\w{5}) (\S+)((?: \w+=\S+)*)")
_EDIT: Final = re.compile(r"(\w+)/(\d+) (\S+) units=(\S+) amount=(\d+\.\d\d) (deny|return|review|inform)")
_EVIDENCE: Final = re.compile(r"(\w+/\d+):((?: \w+/\d+)*)")


def event_of(text: str) -> Event:
    """A claim line as its event."""
    found = _LINE.fullmatch(text)
    if found is None:
        raise ValueError(f"not a line: {text!r}")
    claim, number, code, dates, rest = found.groups()
    fields = dict(each.split("=", 1) for each in rest.split())
    if unknown := fields.keys() - FIELDS.keys():
        raise ValueError(f"unknown fields {sorted(unknown)}: {text!r}")
    days = _dates(dates)
    units = Decimal(fields.get("units", len(days)))
    values: dict[str, Any] = {"units": str(units), "charge_amount": f"{units * 100:.2f}"}
    for name, value in fields.items():
        values[FIELDS[name]] = _value(name, value)
    return claim_line(claim, int(number), code, days[0], days[-1], **values)


def _value(name: str, value: str) -> object:
    if name == "modifiers":
        return value.split(",")
    if name in {"provider", "rendering"}:
        if value not in PROVIDERS:
            raise ValueError(f"unknown provider {value!r}")
        return PROVIDERS[value]
    return int(value) if name == "line_count" else value


def row_of(text: str) -> Row:
    """An expected edit as a row."""
    found = _EDIT.fullmatch(text)
    if found is None:
        raise ValueError(f"not an edit: {text!r}")
    claim, number, dates, units, amount, disposition = found.groups()
    days = tuple(day for part in dates.split(",") for day in _dates(part))
    return claim, int(number), days, units, amount, disposition


def evidence_of(text: str) -> Evidence:
    """The evidence of an expected edit."""
    found = _EVIDENCE.fullmatch(text)
    if found is None:
        raise ValueError(f"not evidence: {text!r}")
    edit, others = found.groups()
    return *_identity(edit), tuple(sorted(_identity(each) for each in others.split()))


def _identity(text: str) -> tuple[str, int]:
    claim, _, number = text.partition("/")
    return claim, int(number)


def _dates(text: str) -> list[str]:
    """All dates of `FIRST..LAST` or of a single date."""
    first, _, last = text.partition("..")
    start, end = _date(first), _date(last or first)
    if end < start:
        raise ValueError(f"dates reversed: {text!r}")
    return [(start + timedelta(days=n)).isoformat() for n in range((end - start).days + 1)]


def _date(text: str) -> date:
    return date.fromisoformat(text if len(text) == len("2024-03-01") else f"2024-{text}")
