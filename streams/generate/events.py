"""Claim-line events of a claim, as dictionaries in the order of their fields, and their JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple

from streams.generate.bills import ServiceLine
from streams.generate.providers import Provider, UnitsStyle

Event = dict[str, Any]

DAY: Final = 86_400
"""Seconds of a day. Instants are seconds since day 0 of the ordinals, in UTC."""


@lru_cache(maxsize=256)
def day_text(day: int) -> str:
    """An ordinal as `YYYY-MM-DD`."""
    return date.fromordinal(day).isoformat()


def stamp(instant: int, provider: Provider) -> str:
    """An instant as the clock of a provider's clearing house writes it (RFC 3339)."""
    day, second = divmod(instant + provider.offset, DAY)
    minute, second = divmod(second, 60)
    return f"{day_text(day)}T{minute // 60:02d}:{minute % 60:02d}:{second:02d}{provider.zone}"


class Claim(NamedTuple):
    """What the lines of a claim share; `line_count` is None where the provider does not say it."""

    claim_id: str
    member_id: str
    plan_id: str
    provider: Provider
    line_count: int | None
    frequency: str = "1"
    original: str | None = None


def written_units(units: int, style: UnitsStyle) -> int | str:
    """Units as the provider writes them."""
    if style == "number":
        return units
    return str(units) if style == "text" else f"{units}.000"


def written_charge(cents: int, *, as_text: bool) -> float | str:
    """A charge (USD) as the provider writes it: a string with two decimals, or a number."""
    return f"{cents // 100}.{cents % 100:02d}" if as_text else cents / 100


def line_events(claim: Claim, lines: Sequence[ServiceLine], received: str) -> list[Event]:
    """The events of a claim's lines, numbered from 1, all received at one time."""
    provider = claim.provider
    return [
        {
            "event_id": f"{claim.claim_id}-{number}",
            "claim_id": claim.claim_id,
            "line_number": number,
            "line_count": claim.line_count,
            "claim_frequency_code": claim.frequency,
            "original_claim_id": claim.original,
            "member_id": claim.member_id,
            "plan_id": claim.plan_id,
            "billing_provider_npi": provider.npi,
            "rendering_provider_npi": line.rendering,
            "procedure_code": line.code,
            "modifiers": list(line.modifiers),
            "ndc": line.ndc,
            "service_date_from": day_text(line.first),
            "service_date_to": day_text(line.last),
            "units": written_units(line.units, provider.units_style),
            "charge_amount": written_charge(line.cents, as_text=provider.charge_as_text),
            "place_of_service": "12",
            "received_at": received,
        }
        for number, line in enumerate(lines, 1)
    ]


def newer_version(event: Event, received: str, provider: Provider, cents: int) -> Event:
    """The same line once more, later and with another charge."""
    charge = written_charge(cents, as_text=provider.charge_as_text)
    return event | {"event_id": event["event_id"] + "-v2", "charge_amount": charge, "received_at": received}


def _text(value: str | None) -> str:
    return "null" if value is None else f'"{value}"'


def encode_line(event: Event) -> bytes:
    """The JSON of an event of this generator, without a line end.

    All its strings are plain ASCII without quotes, so they are put into a template; a general JSON
    writer would cost four times as much, most of the time of a run.
    """
    (event_id, claim_id, number, count, frequency, original, member_id, plan_id, billing, rendering,
     code, modifiers, ndc, first, last, units, charge, place, received) = event.values()  # fmt: skip
    total = "null" if count is None else count
    listed = '["' + '","'.join(modifiers) + '"]' if modifiers else "[]"
    units = units if units.__class__ is int else f'"{units}"'
    charge = charge if charge.__class__ is float else f'"{charge}"'
    return (
        f'{{"event_id":"{event_id}","claim_id":"{claim_id}","line_number":{number},'
        f'"line_count":{total},"claim_frequency_code":"{frequency}",'
        f'"original_claim_id":{_text(original)},"member_id":"{member_id}","plan_id":"{plan_id}",'
        f'"billing_provider_npi":"{billing}","rendering_provider_npi":{_text(rendering)},'
        f'"procedure_code":"{code}","modifiers":{listed},"ndc":{_text(ndc)},'
        f'"service_date_from":"{first}","service_date_to":"{last}","units":{units},'
        f'"charge_amount":{charge},"place_of_service":"{place}","received_at":"{received}"}}'
    ).encode()
