"""Seeded sets of small, tangled, valid events that reach every rule and most meetings of rules."""

import copy
import random
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.oracle.random_claims import ClaimPlan, JsonEvent
from tests.oracle.random_lines import LineMaker
from tests.oracle.tables import RULES


class _Maker(LineMaker):
    """Makes the events of one set: the lines in several versions, delivered more than once."""

    def _correction(self, event: JsonEvent) -> JsonEvent:
        """Change a line: its units, dates, code, modifiers or frequency, received at any time."""
        changed = copy.deepcopy(event)
        donor = self.per_diem(self.rng.choice(self.claims))
        names = self.rng.choice(
            (
                ("units", "charge_amount"),
                ("service_date_from", "service_date_to"),
                ("procedure_code", "modifiers"),
                ("units",),
                ("plan_id",),
            )
        )
        changed.update({name: donor[name] for name in names})
        if self.chance(0.1):
            others = [claim.claim_id for claim in self.claims if claim.claim_id != event["claim_id"]]
            original = self.rng.choice([*others, "GONE"])
            changed.update(claim_frequency_code=self.rng.choice("178"), original_claim_id=original)
        if self.chance(0.7):
            changed["received_at"] = self.instant().isoformat()
        return changed

    def _with_counts(self, claim: ClaimPlan) -> None:
        highest = max(event["line_number"] for event in claim.events)
        count = self.rng.choice((None, None, highest, len(claim.events), highest + 1, highest + 2))
        for event in claim.events:
            told = self.rng.choice((count, count, count, event["line_number"], None))
            event["line_count"] = (
                told if count is not None and told and told >= event["line_number"] else None
            )

    def events(self) -> list[JsonEvent]:
        """Return the events of all claims with corrections and redeliveries, in random order."""
        made: list[JsonEvent] = []
        for claim in self.claims:
            if claim.events:
                self._with_counts(claim)
            for event in claim.events:
                event["event_id"] = f"{claim.claim_id}-{event['line_number']}"
                made.append(event)
                while self.chance(0.12):
                    changed = self._correction(event)
                    same_id = self.chance(0.1)
                    changed["event_id"] = event["event_id"] + ("" if same_id else self.rng.choice("abz"))
                    made.append(changed)
        made += [copy.deepcopy(event) for event in made if self.chance(0.04)]
        self.rng.shuffle(made)
        return [self._spelled(event) for event in made]

    def _spelled(self, event: JsonEvent) -> JsonEvent:
        """Write an event's values in other ways that mean the same; a redelivery may differ in them too."""
        spelled = {name: value for name, value in event.items() if value is not None or self.chance(0.5)}
        if self.chance(0.9):
            return spelled
        offset = timezone(timedelta(hours=self.rng.choice((-5, 0, 5))))
        spelled["received_at"] = datetime.fromisoformat(event["received_at"]).astimezone(offset).isoformat()
        spelled["procedure_code"] = f" {event['procedure_code'].lower()}\t"
        units = event["units"]
        spelled["units"] = self.rng.choice((units, f"0{Decimal(units):.4f}", float(units)))
        spelled["charge_amount"] = float(event["charge_amount"])
        spelled["modifiers"] = [*(word.lower() for word in event["modifiers"] or ()), " ", None]
        if event["service_date_to"] == event["service_date_from"]:
            del spelled["service_date_to"]
        return {**spelled, "plan_id": event["plan_id"] or "  ", "clearinghouse": {"note": None}}


def random_events(rng: random.Random, lines: int = 20) -> list[JsonEvent]:
    """Return a random set of valid events of about so many lines, as JSON objects in random order."""
    maker = _Maker(rng, lines)
    for _ in range(lines):
        maker.add_line()
    return maker.events()


def random_exemptions(rng: random.Random, events: list[JsonEvent]) -> list[dict[str, Any]]:
    """Return up to three random exemptions on what the events hold; their windows may be open."""
    drawn = []
    values: dict[str, list[str]] = defaultdict(list)
    for event in events:
        for name in ("plan_id", "billing_provider_npi", "procedure_code"):
            text = (event.get(name) or "").strip().upper()
            if text:
                values[name].append(text)
    values["rule"] = sorted(RULES)
    for _ in range(rng.randrange(4)):
        names = rng.sample([name for name in sorted(values) if values[name]], rng.choice((0, 1, 1, 1, 2)))
        exemption: dict[str, Any] = {name: rng.choice(values[name]) for name in names}
        dates = sorted(rng.choice(events)["service_date_from"] for _ in "ab")
        window = {name: day for name, day in zip(("from", "to"), dates, strict=True) if rng.random() < 0.5}
        if exemption or window:
            drawn.append({**exemption, **window})
    return drawn
