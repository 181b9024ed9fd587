"""Random claims, and the parts that their lines are made of: dates, units, a line."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.random_codes import THERAPIES

JsonEvent = dict[str, Any]

PROVIDERS = ("1234567893", "1999999984")
WINDOW_DAYS = 40
WINDOWS = (*[date(2024, 3, 1)] * 9, date(2019, 3, 10))


@dataclass
class ClaimPlan:
    """A claim in the making: what its lines share, and the events made for it."""

    member_id: str
    claim_id: str
    provider: str
    plan_id: str | None
    frequency: str
    original: str | None
    received: datetime
    events: list[JsonEvent] = field(default_factory=list)


class ClaimMaker:
    """Makes the claims of one set; every choice is drawn from one generator."""

    def __init__(self, rng: random.Random, lines: int) -> None:
        self.rng = rng
        self.start = rng.choice(WINDOWS)
        self.base = datetime.combine(self.start + timedelta(days=80), time(9), UTC)
        self.claims = self._claims(max(2, lines // rng.choice((3, 5, 7))))

    def chance(self, share: float) -> bool:
        """Draw true with a probability."""
        return self.rng.random() < share

    def instant(self) -> datetime:
        """Draw one of few instants in ten days, so that ties are frequent."""
        return self.base + timedelta(hours=self.rng.choice((0, 0, 1, 24, 24, 30, 48, 72, 120, 200, 240)))

    def _claims(self, count: int) -> list[ClaimPlan]:
        members = [f"M{n}" for n in range(1, self.rng.choice((1, 1, 2, 3)) + 1)]
        claims = [self._claim(self.rng.choice(members), f"C{n}") for n in range(1, count + 1)]
        if self.chance(0.05):
            claims.append(self._claim("M9", "C1"))
        for claim in claims:
            self._amend(claim, [other for other in claims if other is not claim])
        return claims

    def _claim(self, member: str, claim_id: str) -> ClaimPlan:
        provider = PROVIDERS[0] if self.chance(0.7) else PROVIDERS[1]
        plan = self.rng.choice((None, "GOLD", "SILVER"))
        return ClaimPlan(member, claim_id, provider, plan, "1", None, self.instant())

    def _amend(self, claim: ClaimPlan, others: list[ClaimPlan]) -> None:
        """Let some claims replace or void another claim, which may not exist; rivals share an original."""
        if not self.chance(0.18):
            return
        claim.frequency = self.rng.choice("677778")
        named = [other.claim_id for other in others if other.claim_id != claim.claim_id]
        replaced = [other.original for other in others if other.original and other.original != claim.claim_id]
        amending = [other.claim_id for other in others if other.original and other.claim_id in named]
        claim.original = self.rng.choice([*named, "GONE", "GONE", *replaced * 4, *amending * 2])

    def span(self) -> tuple[date, date]:
        """Draw a span of dates in the window."""
        first = self.start + timedelta(days=self.rng.randrange(WINDOW_DAYS))
        length = self.rng.choice((1, 1, 2, 3, 3, 4, 5, 5, 7, 7, 10, 14, 30, 31, 35))
        return first, first + timedelta(days=length - 1)

    def like(self, claim: ClaimPlan, code: str = "") -> JsonEvent | None:
        """Draw a per diem line of the claim (sometimes of any claim of the member), of a code where given."""
        own = claim.events if self.chance(0.8) else []
        events = own or [e for c in self.claims if c.member_id == claim.member_id for e in c.events]
        fitting = [e for e in events if e["procedure_code"] in ([code] if code else THERAPIES)]
        return self.rng.choice(fitting) if fitting else None

    def dates_beside(self, like: JsonEvent | None) -> tuple[date, date]:
        """Draw dates for a line beside another: the same, a part, one date, just before, or others."""
        if like is None or self.chance(0.08):
            return self.span()
        first, last = (date.fromisoformat(like[name]) for name in ("service_date_from", "service_date_to"))
        length = (last - first).days + 1
        way = self.rng.choice(("same", "same", "same", "part", "part", "one", "one", "before", "across"))
        begin = first + timedelta(days=self.rng.randrange(length))
        if way == "same":
            return first, last
        if way == "part":
            return begin, min(last, begin + timedelta(days=self.rng.randrange(length)))
        if way == "one":
            return begin, begin
        if way == "before":
            day = first - timedelta(days=self.rng.choice((1, 3, 13, 14, 15)))
            return day, day + timedelta(days=self.rng.choice((0, 0, 0, 1)))
        return begin - timedelta(days=2), begin + timedelta(days=3)

    def event(self, claim: ClaimPlan, code: str, span: tuple[date, date], units: Decimal) -> JsonEvent:
        """Make a line of the claim without line number, event id and line count."""
        provider = claim.provider
        if self.chance(0.04):
            provider = self.rng.choice(PROVIDERS)
        event: JsonEvent = {
            "claim_id": claim.claim_id,
            "member_id": claim.member_id,
            "plan_id": claim.plan_id,
            "billing_provider_npi": provider,
            "procedure_code": code,
            "modifiers": [],
            "service_date_from": span[0].isoformat(),
            "service_date_to": span[1].isoformat(),
            "units": str(units),
            "charge_amount": f"{self.rng.randrange(90000) / 100:.2f}",
            "place_of_service": self.rng.choice(("12", "12", "11", None)),
            "received_at": (claim.received if self.chance(0.8) else self.instant()).isoformat(),
        }
        if self.chance(0.97) and claim.frequency != "1":
            event.update(claim_frequency_code=claim.frequency, original_claim_id=claim.original)
        return event

    def units(self, span: tuple[date, date], paired: int) -> Decimal:
        """Draw units that equal the days or the paired dates, or lie a little off, whole or not."""
        days = (span[1] - span[0]).days + 1
        near = self.rng.choice((*[days] * 4, paired, paired, days - 1, days + 1, days * 2, 1, 2, 3))
        off = self.rng.choice(("0", "0", "0", "0", "0", "0.5", "-0.5", "-0.25", "0.125", "-0.001"))
        return max(Decimal(near) + Decimal(off), Decimal("0.333"))
