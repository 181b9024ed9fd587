"""The claim line: `ClaimLineEvent` as it comes over the edge, `ClaimLine` as the inside keeps it.

Source: screening specification, section 1. Times are event time in UTC, service dates inclusive,
charges in USD.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, NamedTuple, Self
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema

from models import reading

_DECIMAL_TEXT: Final = r"^[0-9]+(\.[0-9]+)?$"


def _read(
    reader: Callable[[object], object], schema: dict[str, Any]
) -> tuple[PlainValidator, WithJsonSchema]:
    return PlainValidator(reader), WithJsonSchema(schema)


Npi = Annotated[str, *_read(reading.read_npi, {"type": "string", "pattern": "^[0-9]{10}$"})]
Code = Annotated[str, *_read(reading.read_code, {"type": "string", "pattern": "^[A-Za-z0-9]{5}$"})]
Pair = Annotated[str, *_read(reading.read_pair, {"type": "string", "pattern": "^[A-Za-z0-9]{2}$"})]
Ndc = Annotated[str | None, *_read(reading.read_ndc, {"type": ["string", "null"]})]
Day = Annotated[date, *_read(reading.read_date, {"type": "string", "format": "date"})]
Instant = Annotated[datetime, *_read(reading.read_instant, {"type": "string", "format": "date-time"})]
Modifiers = Annotated[
    tuple[str, ...],
    *_read(reading.read_modifiers, {"type": "array", "items": {"type": ["string", "null"]}, "default": []}),
]
Units = Annotated[
    Decimal,
    *_read(
        reading.read_units,
        {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "string", "pattern": _DECIMAL_TEXT}]},
    ),
]
Charge = Annotated[
    Decimal,
    *_read(
        reading.read_charge,
        {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": _DECIMAL_TEXT}]},
    ),
]


class ClaimLineEvent(BaseModel):
    """One version of one service line of a claim, as the payer received it.

    Build it with `models.wire.read_event`, which also gives the reasons where a line is rejected.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    event_id: Annotated[str, Field(min_length=1, max_length=64)] = Field(
        description="a string of 1 to 64 characters, unique per event"
    )
    claim_id: Annotated[str, Field(min_length=1, max_length=50)] = Field(
        description="a string of 1 to 50 characters, the payer claim control number"
    )
    line_number: Annotated[int, Field(ge=1, le=999)] = Field(description="a JSON integer from 1 to 999")
    line_count: Annotated[int, Field(ge=1, le=999)] | None = Field(
        None, description="a JSON integer from 1 to 999, the number of service lines of the claim, or null"
    )
    claim_frequency_code: Annotated[str, Field(pattern="^[1-9]$")] = Field(
        "1", description='a string "1" to "9": 6 and 7 replace, 8 voids a prior claim'
    )
    original_claim_id: Annotated[str, Field(min_length=1, max_length=50)] | None = Field(
        None, description="a string of 1 to 50 characters, the claim replaced or voided"
    )
    member_id: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        description="a string of 1 to 80 characters, the person"
    )
    plan_id: Annotated[str, Field(min_length=1, max_length=80)] | None = Field(
        None, description="a string of 1 to 80 characters, or null"
    )
    billing_provider_npi: Npi = Field(description="a string of ten digits with a valid check digit")
    rendering_provider_npi: Npi | None = Field(
        None, description="a string of ten digits with a valid check digit, or null"
    )
    procedure_code: Code = Field(description="a string of five letters A-Z and digits")
    modifiers: Modifiers = Field((), description="a list of up to four strings of two letters A-Z or digits")
    ndc: Ndc = Field(None, description="a string, or null; one that is no NDC is read as null")
    service_date_from: Day = Field(description="a string YYYY-MM-DD, years 1900 to 2100")
    service_date_to: Day | None = Field(
        None, description="a string YYYY-MM-DD, years 1900 to 2100, inclusive; null means the same day"
    )
    units: Units = Field(description="a decimal above 0, at most 99999999.999, at most 3 decimals")
    charge_amount: Charge = Field(description="a decimal from 0 to 99999999.99 USD, at most 2 decimals")
    place_of_service: Pair | None = Field(None, description="a string of two letters or digits, or null")
    received_at: Instant = Field(
        description="a string, an RFC 3339 date-time with seconds and offset, years 1900 to 2100"
    )


EDIT_NAMESPACE: Final = uuid5(NAMESPACE_URL, "dripline:edit")
"""Namespace of every `edit_id` (section 5)."""


class LineKey(NamedTuple):
    """The identity of a claim line."""

    member_id: str
    claim_id: str
    line_number: int


class ClaimLine:
    """A claim line as the engine keeps it: slotted, in whole numbers.

    Attributes:
        first, last: service dates as ordinals, inclusive.
        units: thousandths of a unit.
        charge: cents (USD).
        received: microseconds since 1970-01-01 UTC.
        line_count, frequency, original_claim_id, ...: as in the event.
    """

    __slots__ = (
        "charge",
        "claim_id",
        "event_id",
        "first",
        "frequency",
        "last",
        "line_count",
        "line_number",
        "member_id",
        "modifiers",
        "ndc",
        "npi",
        "original_claim_id",
        "place",
        "plan_id",
        "procedure_code",
        "received",
        "rendering_npi",
        "units",
    )

    def __init__(  # noqa: PLR0913 - one field of the event each
        self,
        *,
        event_id: str,
        claim_id: str,
        line_number: int,
        line_count: int | None,
        frequency: str,
        original_claim_id: str | None,
        member_id: str,
        plan_id: str | None,
        npi: str,
        rendering_npi: str | None,
        procedure_code: str,
        modifiers: tuple[str, ...],
        ndc: str | None,
        first: int,
        last: int,
        units: int,
        charge: int,
        place: str | None,
        received: int,
    ) -> None:
        self.event_id = event_id
        self.claim_id = claim_id
        self.line_number = line_number
        self.line_count = line_count
        self.frequency = frequency
        self.original_claim_id = original_claim_id
        self.member_id = member_id
        self.plan_id = plan_id
        self.npi = npi
        self.rendering_npi = rendering_npi
        self.procedure_code = procedure_code
        self.modifiers = modifiers
        self.ndc = ndc
        self.first = first
        self.last = last
        self.units = units
        self.charge = charge
        self.place = place
        self.received = received

    @classmethod
    def of(cls, event: ClaimLineEvent) -> Self:
        """The line that an accepted event states."""
        fields = event.__dict__  # asked and set one by one: this runs once for every line there is
        line = cls.__new__(cls)
        line.event_id = fields["event_id"]
        line.claim_id = fields["claim_id"]
        line.line_number = fields["line_number"]
        line.line_count = fields["line_count"]
        line.frequency = fields["claim_frequency_code"]
        line.original_claim_id = fields["original_claim_id"]
        line.member_id = fields["member_id"]
        line.plan_id = fields["plan_id"]
        line.npi = fields["billing_provider_npi"]
        line.rendering_npi = fields["rendering_provider_npi"]
        line.procedure_code = fields["procedure_code"]
        line.modifiers = fields["modifiers"]
        line.ndc = fields["ndc"]
        line.first = reading.ordinal(fields["service_date_from"])
        last = fields["service_date_to"]
        line.last = line.first if last is None else reading.ordinal(last)
        line.units = reading.scaled(fields["units"], 1000)
        line.charge = reading.scaled(fields["charge_amount"], 100)
        line.place = fields["place_of_service"]
        line.received = reading.microseconds(fields["received_at"])
        return line

    @property
    def key(self) -> LineKey:
        """The line's identity."""
        return LineKey(self.member_id, self.claim_id, self.line_number)

    @property
    def withdraws(self) -> bool:
        """True where the line's claim replaces or voids another (frequency 6, 7, 8)."""
        return self.frequency in ("6", "7", "8")

    @property
    def replaces(self) -> bool:
        """True where the line's claim replaces another (frequency 6, 7)."""
        return self.frequency in ("6", "7")

    @property
    def voids(self) -> bool:
        """True where the line belongs to a void (frequency 8), which bills nothing itself."""
        return self.frequency == "8"

    def canonical(self) -> str:
        """Canonical JSON of the event as read, the last tie-break between versions (section 2)."""
        return json.dumps(
            {
                "billing_provider_npi": self.npi,
                "charge_amount": decimal_text(self.charge, 2),
                "claim_frequency_code": self.frequency,
                "claim_id": self.claim_id,
                "event_id": self.event_id,
                "line_count": self.line_count,
                "line_number": self.line_number,
                "member_id": self.member_id,
                "modifiers": self.modifiers,
                "ndc": self.ndc,
                "original_claim_id": self.original_claim_id,
                "place_of_service": self.place,
                "plan_id": self.plan_id,
                "procedure_code": self.procedure_code,
                "received_at": reading.instant_text(self.received),
                "rendering_provider_npi": self.rendering_npi,
                "service_date_from": date.fromordinal(self.first).isoformat(),
                "service_date_to": date.fromordinal(self.last).isoformat(),
                "units": decimal_text(self.units, 3),
            },
            ensure_ascii=False,
            sort_keys=True,
            separators=(",", ":"),
        )


def decimal_text(value: int, places: int) -> str:
    """A whole number of `10 ** -places` as decimal text without trailing zeros."""
    whole, part = divmod(value, 10**places)
    return f"{whole}.{part:0{places}d}".rstrip("0").rstrip(".") if part else str(whole)


def money_text(cents: int) -> str:
    """Cents (USD) as text with two decimals."""
    return f"{cents // 100}.{cents % 100:02d}"
