"""Random lines: each recipe adds a line, or a few that belong together, to a claim."""

from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.random_claims import ClaimMaker, ClaimPlan, JsonEvent
from tests.oracle.random_codes import (
    ANY_DRUGS,
    FAVOURITES,
    FLUSH_NDC,
    FLUSHES,
    FORMULAS,
    NDCS,
    OTHERS,
    RELATED,
    SERVICES,
    SOLUTIONS,
    SUPPLIES,
    THERAPIES,
    UNKNOWN_DRUGS,
    VISITS,
)

RENDERING = "1245319599"


class LineMaker(ClaimMaker):
    """Makes lines of every role for the claims of one set."""

    def add_line(self) -> None:
        """Add one line to one of the claims."""
        claim = self.rng.choice(self.claims)
        kinds = {
            self.per_diem: 40,
            self._own_drug: 26,
            self._any_drug: 8,
            self._supply: 6,
            self._flush: 3,
            self._solution: 4,
            self._formula: 3,
            self._visit: 4,
            self._other: 4,
            self._twin: 6,
            self._relative: 7,
            self._course: 5,
            self._deliveries: 4,
            self._rivals: 4,
        }
        make = self.rng.choices(list(kinds), list(kinds.values()))[0]
        self._append(claim, make(claim))

    def _append(self, claim: ClaimPlan, event: JsonEvent) -> None:
        """Give the event the claim's next line number; a number is left out now and then."""
        numbers = [e["line_number"] for e in claim.events]
        event["line_number"] = max(numbers, default=0) + (1 if self.chance(0.95) else 2)
        claim.events.append(event)

    def per_diem(self, claim: ClaimPlan) -> JsonEvent:
        """Make a per diem line, often beside another one of the member."""
        code = self.rng.choice(FAVOURITES if self.chance(0.5) else list(THERAPIES))
        like = self.like(claim) if self.chance(0.6) else None
        span = self.dates_beside(like)
        drugs = [e for e in claim.events if e["procedure_code"] in THERAPIES[code]]
        event = self.event(claim, code, span, self.units(span, len(drugs) or 1))
        event["modifiers"] = self.rng.choice((*[[]] * 4, ["SH"], ["SH"], ["SJ"], ["SJ", "SH"], ["RT"], None))
        return event

    def _own_drug(self, claim: ClaimPlan) -> JsonEvent:
        like = self.like(claim)
        if like is None:
            return self._any_drug(claim)
        code = self.rng.choice(THERAPIES[like["procedure_code"]])
        return self._drug(claim, code, self.dates_beside(like))

    def _any_drug(self, claim: ClaimPlan) -> JsonEvent:
        return self._drug(claim, self.rng.choice(ANY_DRUGS), self.dates_beside(self.like(claim)))

    def _drug(self, claim: ClaimPlan, code: str, span: tuple[date, date]) -> JsonEvent:
        event = self.event(claim, code, span, Decimal(self.rng.choice((1, 4, 7, 20, 60))))
        event["ndc"] = self.rng.choice(NDCS) if self.chance(0.5) else None
        if self.chance(0.12):
            event["modifiers"] = ["JW"]
        return event

    def _listed(self, claim: ClaimPlan, codes: tuple[str, ...]) -> JsonEvent:
        units = Decimal(self.rng.choice(("1", "2", "7", "10", "0.5", "3.333")))
        return self.event(claim, self.rng.choice(codes), self.dates_beside(self.like(claim)), units)

    def _supply(self, claim: ClaimPlan) -> JsonEvent:
        return self._listed(claim, SUPPLIES)

    def _flush(self, claim: ClaimPlan) -> JsonEvent:
        if self.chance(0.3):
            event = self._listed(claim, (*UNKNOWN_DRUGS, "99213", "A4222", "J0696", "J7613", "Q2034"))
            event["ndc"] = FLUSH_NDC
            return event
        return self._listed(claim, FLUSHES)

    def _solution(self, claim: ClaimPlan) -> JsonEvent:
        event = self._listed(claim, SOLUTIONS)
        event["modifiers"] = ["JW"] if self.chance(0.2) else []
        return event

    def _formula(self, claim: ClaimPlan) -> JsonEvent:
        return self._listed(claim, FORMULAS)

    def _visit(self, claim: ClaimPlan) -> JsonEvent:
        event = self._listed(claim, VISITS)
        event["rendering_provider_npi"] = RENDERING if self.chance(0.5) else None
        return event

    def _other(self, claim: ClaimPlan) -> JsonEvent:
        return self._listed(claim, SERVICES if self.chance(0.5) else OTHERS)

    def _twin(self, claim: ClaimPlan) -> JsonEvent:
        """Repeat a per diem line of the member on the claim, now and then with another drug beside both."""
        like = self.like(claim)
        if like is None:
            return self.per_diem(claim)
        span = (date.fromisoformat(like["service_date_from"]), date.fromisoformat(like["service_date_to"]))
        event = self.event(claim, like["procedure_code"], span, Decimal(like["units"]))
        event["modifiers"] = like["modifiers"] if self.chance(0.8) else []
        return event

    def _relative(self, claim: ClaimPlan) -> JsonEvent:
        """Put another code of a group that does not go together beside a per diem line of the member."""
        group = self.rng.choice(RELATED)
        like = next(filter(None, (self.like(claim, code) for code in group)), None)
        span = self.dates_beside(like)
        event = self.event(claim, self.rng.choice(group), span, self.units(span, 1))
        event["modifiers"] = self.rng.choice(([], [], [], ["SH"]))
        return event

    def _course(self, claim: ClaimPlan) -> JsonEvent:
        """Put a long course with its drug on every day on the claim, more than a monthly therapy has."""
        code = self.rng.choice(("S9338", "S9346", "S9359", "S9500", "S9379"))
        first, _ = self.span()
        span = (first, first + timedelta(days=self.rng.choice((3, 6, 11, 29, 30, 34))))
        drug = self._drug(claim, self.rng.choice(THERAPIES[code]), span)
        self._append(claim, drug)
        return self.event(claim, code, span, self.units(span, 6))

    def _deliveries(self, claim: ClaimPlan) -> JsonEvent:
        """Put a per diem on the claim with its drug on single dates, a few days apart or in a row."""
        code = self.rng.choice(("S9500", "S9351", "S9338", "S9346", "S9379", "S9373", "S9372"))
        first, _ = self.span()
        span = (first, first + timedelta(days=self.rng.choice((5, 6, 9, 13, 20))))
        drug = self.rng.choice(THERAPIES[code])
        gap = self.rng.choice((1, 2, 3, 7))
        dates = [first + timedelta(days=gap * step) for step in range(self.rng.choice((1, 2, 2, 3)))]
        for day in dates:
            self._append(claim, self._drug(claim, drug, (day, day)))
        return self.event(claim, code, span, self.units(span, len(dates)))

    def _rivals(self, claim: ClaimPlan) -> JsonEvent:
        """Put two per diems and one drug code twice on the claim: is it two drugs, and whose is each?"""
        codes = ("S9500", "S9501", "S9338", "S9351", "S9379", "S9542")
        first, second = self.rng.choice(codes), self.rng.choice(codes)
        drug = self.rng.choice((*UNKNOWN_DRUGS, "J0565", "J1630", "J1630"))
        span = self.dates_beside(self.like(claim))
        for other in (drug, self.rng.choice((drug, *THERAPIES[first]))):
            self._append(claim, self._drug(claim, other, span))
        event = self.event(claim, first, span, self.units(span, 1))
        self._append(claim, event)
        modifiers = self.rng.choice(([], ["SH"], ["SJ"]))
        return {**self.event(claim, second, span, self.units(span, 1)), "modifiers": modifiers}
