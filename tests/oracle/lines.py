"""Events, lines and claims (section 2): versions, withdrawals, rival replacements, active, in policy."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle.roles import role_of
from tests.oracle.tables import EFFECTIVE_FROM, Role, Tables
from tests.oracle.text import BLANKS, absent, repaired_ndc

TEXT_FIELDS = (
    *("event_id", "claim_id", "member_id"),
    *("billing_provider_npi", "procedure_code", "service_date_from"),
)
OPTIONAL_TEXT_FIELDS = ("original_claim_id", "plan_id", "rendering_provider_npi", "place_of_service")


def _plain(number: object) -> str:
    text = format(Decimal(str(number).strip(BLANKS)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instant(text: str) -> datetime:
    """Read an RFC 3339 date-time; digits after the sixth are cut."""
    text = text.strip(BLANKS).upper().replace("Z", "+00:00")
    whole, offset = text[:-6], text[-6:]
    seconds, _, digits = whole.partition(".")
    return datetime.fromisoformat(f"{seconds}.{digits[:6].ljust(6, '0')}{offset}").astimezone(UTC)


def _modifiers(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    return [word.strip(BLANKS).upper() for word in value if not absent(word)]


def fields_as_read(event: dict[str, Any]) -> dict[str, Any]:
    """Return a valid event's known fields with blanks stripped, codes upper-cased and defaults filled.

    Decimals become text without trailing zeros; received_at becomes text in UTC with six decimals.
    """
    read: dict[str, Any] = {name: event[name].strip(BLANKS) for name in TEXT_FIELDS}
    for name in OPTIONAL_TEXT_FIELDS:
        read[name] = None if absent(event.get(name)) else event[name].strip(BLANKS)
    for name in ("claim_frequency_code", "service_date_to"):
        default = "1" if name == "claim_frequency_code" else read["service_date_from"]
        read[name] = default if absent(event.get(name)) else event[name].strip(BLANKS)
    for name in ("procedure_code", "place_of_service"):
        read[name] = None if read[name] is None else read[name].upper()
    read["line_number"] = event["line_number"]
    read["line_count"] = None if absent(event.get("line_count")) else event["line_count"]
    read["modifiers"] = _modifiers(event.get("modifiers"))
    read["ndc"] = None if absent(event.get("ndc")) else repaired_ndc(event["ndc"])
    read["units"], read["charge_amount"] = _plain(event["units"]), _plain(event["charge_amount"])
    read["received_at"] = _instant(event["received_at"]).isoformat(timespec="microseconds")
    return read


@dataclass(eq=False)
class Event:
    """One accepted event: its fields as read, and its instant."""

    fields: dict[str, Any]
    received_at: datetime
    canonical: str

    @property
    def line_key(self) -> tuple[str, str, int]:
        """The line that the event is about: member, claim, line number."""
        return self.fields["member_id"], self.fields["claim_id"], self.fields["line_number"]

    @property
    def version(self) -> tuple[datetime, str, str]:
        """What orders the events of one line; the greatest is current."""
        return self.received_at, self.fields["event_id"], self.canonical


def read_event(event: dict[str, Any]) -> Event:
    """Return a valid JSON event as an Event."""
    read = fields_as_read(event)
    canonical = json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Event(read, datetime.fromisoformat(read["received_at"]), canonical)


@dataclass(eq=False)
class Line:
    """One claim line in its current version; units and charge (USD) are exact."""

    current: Event
    first_arrival: datetime
    role: Role
    claim: "Claim"

    def __post_init__(self) -> None:
        """Lay the fields out that the rules use."""
        read = self.current.fields
        self.member_id: str = read["member_id"]
        self.claim_id: str = read["claim_id"]
        self.line_number: int = read["line_number"]
        self.plan_id: str | None = read["plan_id"]
        self.billing: str = read["billing_provider_npi"]
        self.rendering: str | None = read["rendering_provider_npi"]
        self.code: str = read["procedure_code"]
        self.ndc: str | None = read["ndc"]
        self.modifiers: list[str] = read["modifiers"]
        self.place: str | None = read["place_of_service"]
        self.frequency: str = read["claim_frequency_code"]
        self.first = date.fromisoformat(read["service_date_from"])
        self.last = date.fromisoformat(read["service_date_to"])
        self.units = Fraction(read["units"])
        self.charge = Fraction(read["charge_amount"])
        count = (self.last - self.first).days + 1
        self.days = [self.first + timedelta(days=step) for step in range(count)]
        self.order = (self.first_arrival, self.claim_id, self.line_number)

    @property
    def active(self) -> bool:
        """Whether the line's claim stands and the line itself is no void."""
        return not self.claim.withdrawn and self.frequency != "8"

    @property
    def in_policy(self) -> bool:
        """Whether the line begins in the effective period of the policy."""
        return self.first >= EFFECTIVE_FROM

    def covers(self, day: date) -> bool:
        """Tell whether the day is one of the line's dates, both ends included."""
        return self.first <= day <= self.last


@dataclass(eq=False)
class Claim:
    """One claim of one member: its lines, the greatest line count told, whether it is withdrawn."""

    member_id: str
    claim_id: str
    withdrawn: bool = False
    line_count: int | None = None
    lines: list[Line] = field(default_factory=list)

    @property
    def lines_missing(self) -> bool:
        """Whether fewer line numbers were seen than the claim says it has."""
        return self.line_count is not None and len(self.lines) < self.line_count


def withdrawn_claims(events: Iterable[Event]) -> set[tuple[str, str]]:
    """Return (member, claim) of every withdrawn claim, seen or not: by an event, or as a lesser rival."""
    by_event: set[tuple[str, str]] = set()
    rivals: dict[tuple[str, str], dict[str, datetime]] = defaultdict(dict)
    for event in events:
        member, claim, _ = event.line_key
        frequency = event.fields["claim_frequency_code"]
        original = (member, event.fields["original_claim_id"])
        if frequency in {"6", "7", "8"}:
            by_event.add(original)
        if frequency in {"6", "7"}:
            earliest = rivals[original].get(claim, event.received_at)
            rivals[original][claim] = min(earliest, event.received_at)
    losers: set[tuple[str, str]] = set()
    for (member, _), claims in rivals.items():
        standing = sorted((at, claim) for claim, at in claims.items() if (member, claim) not in by_event)
        losers.update((member, claim) for _, claim in standing[:-1])
    return by_event | losers


def read_claims(events: Iterable[dict[str, Any]], tables: Tables) -> list[Claim]:
    """Return every claim seen, with its lines in their current versions."""
    read = [read_event(event) for event in events]
    withdrawn = withdrawn_claims(read)
    versions: dict[tuple[str, str, int], list[Event]] = defaultdict(list)
    for event in read:
        versions[event.line_key].append(event)
    claims: dict[tuple[str, str], Claim] = {}
    for (member, claim_id, _), of_line in sorted(versions.items()):
        key = (member, claim_id)
        claim = claims.setdefault(key, Claim(member, claim_id, key in withdrawn))
        current = max(of_line, key=lambda event: event.version)
        role = role_of(current.fields["procedure_code"], current.fields["ndc"], tables)
        claim.lines.append(Line(current, min(event.received_at for event in of_line), role, claim))
        for event in of_line:
            count = event.fields["line_count"]
            if count is not None and (claim.line_count is None or count > claim.line_count):
                claim.line_count = count
    return list(claims.values())
