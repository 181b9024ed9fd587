"""One service line, loop 2400 with what is in it: code, dates, units, charge, NDC, who rendered it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from models.reading import (
    read_charge,
    read_code,
    read_ndc,
    read_npi,
    read_pair,
    read_units,
)
from streams.intake.envelope import Kind, element
from streams.intake.faults import COSTS, NOT_COUNTED, Fault
from streams.intake.loops import RENDERING, SERVICES, line_loop
from streams.intake.parts import LinePart
from streams.intake.segments import Segment
from streams.intake.values import Dates, amount, dates_of

_CODE_SETS: Final = {
    "ER": "code_set_er",
    "IV": "code_set_iv",
    "WK": "code_set_wk",
    "HP": "code_set_hp",
}
_HCPCS: Final = "HC"
_SERVICE_DATE: Final = "472"
_MOST_DAYS: Final = 366


class Shared(NamedTuple):
    """What a line has from its claim.

    Attributes:
        place: CLM05-1 of an 837P; empty in an 837I, whose bill type is no place of service.
        rendering: the NPI of the claim's rendering provider; empty where there is none.
        rendering_segment: where that stands.
        statement: the only date of an 837I's statement; None where it has several.
    """

    kind: Kind
    component: str
    claim: int
    place: str
    rendering: str
    rendering_segment: int
    statement: Dates | None


@dataclass(slots=True)
class Line:
    """A line as it was read.

    Attributes:
        segment: where it begins.
        number: LX01.
        charge: its charge; None where it has none that can be read.
        fields: the fields of its event that are its own.
        faults: what is wrong with it.
    """

    segment: int
    number: int | None
    charge: Decimal | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether an event can be made of it."""
        return all(COSTS[fault.code][0] == "nothing" for fault in self.faults)

    @property
    def counted(self) -> bool:
        """Whether it is one of the lines that screening waits for."""
        return all(fault.code not in NOT_COUNTED for fault in self.faults)


def read_line(part: LinePart, shared: Shared) -> Line:
    """A line of a claim."""
    return _Reader(part, shared).line


class _Reader:
    """Reads one line; a fault is told and the rest read on."""

    def __init__(self, part: LinePart, shared: Shared) -> None:
        self.line = Line(part.segment, part.number)
        self._shared = shared
        self._services: list[Segment] = []
        self._dates: list[Segment] = []
        self._ndcs: list[Segment] = []
        self._rendering: Segment | None = None
        if part.lx is None:
            self._tell("line_start_missing", part.segment, "2400", "LX")
        elif part.number is None:
            self._tell("line_number_invalid", part.segment, "2400", "LX01")
        self._sort(part)
        if self._services:
            self._service(self._services[0])
        else:
            self._tell("service_missing", part.segment, "2400", SERVICES[shared.kind])
        self._take_dates(part)
        self._take_ndc()
        self._take_rendering()

    def _tell(self, code: str, segment: int, loop: str, place: str) -> None:
        self.line.faults.append(Fault(code, segment, self._shared.claim, self.line.number, loop, place))

    def _sort(self, part: LinePart) -> None:
        """Find the segments that matter, each in its loop."""
        kind = self._shared.kind
        loop, rendering = "2400", RENDERING[kind][1]
        service = SERVICES[kind]
        for segment in part.segments:
            loop = line_loop(segment, loop, kind)
            name = segment.elements[0]
            if name == service:
                self._services.append(segment)
            elif name == "DTP" and loop == "2400" and element(segment, 1) == _SERVICE_DATE:
                self._dates.append(segment)
            elif name == "LIN" and element(segment, 2) == "N4":
                self._ndcs.append(segment)
            elif name == "NM1" and loop == rendering:
                self._rendering = segment

    def _service(self, segment: Segment) -> None:
        """SV1 or SV2."""
        name, at = segment.elements[0], segment.number
        institutional = self._shared.kind == "I"
        composite, charge, basis, units = (2, 3, 4, 5) if institutional else (1, 2, 3, 4)
        self._code(segment, f"{name}{composite:02d}", element(segment, composite))
        fields = self.line.fields
        for field_name, place, read in (("charge", charge, read_charge), ("units", units, read_units)):
            text = element(segment, place)
            try:
                found = amount(text, read)
            except ValueError:
                code = f"{field_name}_{'invalid' if text else 'missing'}"
                self._tell(code, at, "2400", f"{name}{place:02d}")
                continue
            fields["charge_amount" if field_name == "charge" else "units"] = f"{found:f}"
            if field_name == "charge":
                self.line.charge = found
        if element(segment, basis) not in ("UN", "DA"):
            self._tell("units_basis", at, "2400", f"{name}{basis:02d}")
        fields["place_of_service"] = None if institutional else self._place(element(segment, 5), at)

    def _code(self, segment: Segment, place: str, composite: str) -> None:
        """The procedure code and its modifiers."""
        parts = [part.strip() for part in composite.split(self._shared.component)]
        parts += [""] * (6 - len(parts))
        qualifier, code = parts[:2]
        at, fields = segment.number, self.line.fields
        if not composite:
            self._tell("code_missing", at, "2400", place)
            return
        if qualifier != _HCPCS:
            self._tell(_CODE_SETS.get(qualifier, "code_set_unknown"), at, "2400", f"{place}-1")
            return
        if not code:
            self._tell("code_missing", at, "2400", f"{place}-2")
            return
        try:
            fields["procedure_code"] = read_code(code)
        except ValueError:
            self._tell("code_invalid", at, "2400", f"{place}-2")
        modifiers = []
        for number, modifier in enumerate(parts[2:6], 3):
            try:
                modifiers += [read_pair(modifier)] if modifier else []
            except ValueError:
                self._tell("modifier_invalid", at, "2400", f"{place}-{number}")
        fields["modifiers"] = modifiers

    def _place(self, own: str, at: int) -> str | None:
        """SV105, else what the claim says."""
        text = own or self._shared.place
        try:
            return read_pair(text) if text else None
        except ValueError:
            place = ("2400", "SV105") if own else ("2300", "CLM05-1")
            self._tell("place_invalid", at, *place)
            return None

    def _take_dates(self, part: LinePart) -> None:
        """DTP 472, in an 837I else the statement's only date."""
        found: set[Dates] = set()
        for segment in self._dates:
            try:
                found.add(dates_of(element(segment, 2), element(segment, 3)))
            except ValueError:
                self._tell("date_invalid", segment.number, "2400", "DTP03")
                return
        if not found and self._shared.statement is not None:
            found.add(self._shared.statement)
        if len(found) != 1:
            self._tell("date_repeated" if found else "date_missing", part.segment, "2400", "DTP")
            return
        ((first, last),) = found
        at = self._dates[0].number if self._dates else part.segment
        if last < first:
            self._tell("dates_reversed", at, "2400", "DTP03")
        elif (last - first).days >= _MOST_DAYS:
            self._tell("span_too_long", at, "2400", "DTP03")
        self.line.fields["service_date_from"] = first.isoformat()
        self.line.fields["service_date_to"] = last.isoformat()

    def _take_ndc(self) -> None:
        """LIN03 of the first NDC that can be read."""
        found: dict[str, Segment] = {}
        for segment in self._ndcs:
            ndc = read_ndc(element(segment, 3))
            if ndc is None:
                self._tell("ndc_invalid", segment.number, "2410", "LIN03")
            else:
                found.setdefault(ndc, segment)
        for segment in list(found.values())[1:]:
            self._tell("ndc_repeated", segment.number, "2410", "LIN03")
        self.line.fields["ndc"] = next(iter(found), None)

    def _take_rendering(self) -> None:
        """NM109 of the line's rendering provider, else of the claim's."""
        claim_loop, line_loop_ = RENDERING[self._shared.kind]
        own = self._rendering
        if own is not None:
            npi = element(own, 9) if element(own, 8) == "XX" else ""
            at, loop = own.number, line_loop_
        else:
            npi, at, loop = self._shared.rendering, self._shared.rendering_segment, claim_loop
        self.line.fields["rendering_provider_npi"] = npi or None
        if npi:
            try:
                read_npi(npi)
            except ValueError:
                self._tell("rendering_npi_invalid", at, loop, "NM109")
