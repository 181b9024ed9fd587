"""Generated claims as X12: interchanges of 837P (005010X222A1) or 837I (005010X223A2).

Names, addresses and diagnoses are invented and the same for all. An 837 is sent claim by claim and says how
many lines a claim has. It has no place for the time of receipt of a single claim, so claims received at one
time share an interchange that bears it, to the second. An 837I has no place of service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Final, Literal, NamedTuple

from models.reading import read_charge, read_instant, read_ndc, read_units
from streams.generate.events import Event

Kind = Literal["P", "I"]

VERSIONS: Final[dict[Kind, str]] = {"P": "005010X222A1", "I": "005010X223A2"}
MOST_CLAIMS: Final = 5000
"""Claims of a transaction, at most."""
_LONGEST_CLM01: Final = 38
_DELIMITERS: Final = frozenset("*:^~\r\n")
_REVENUE: Final = (("99", "0551"), ("S", "0640"), ("J", "0636"), ("Q", "0636"), ("B", "0640"))
"""Beginnings of codes and a revenue code under which they are billed; others are supplies."""


class _Claim(NamedTuple):
    """The lines of a claim, and the instant at which they were received."""

    received: datetime
    lines: list[Event]

    @property
    def billing(self) -> str:
        return str(self.lines[0]["billing_provider_npi"])

    @property
    def person(self) -> tuple[str, str]:
        return str(self.lines[0]["member_id"]), str(self.lines[0]["plan_id"] or "")


def interchanges(events: Iterable[Event], kind: Kind, *, together: int = MOST_CLAIMS) -> Iterator[bytes]:
    """Claim-line events as interchanges, one after the other, a segment a line.

    Lines of one claim that come one behind the other, received at one time, are one claim.

    Args:
        events: what `generate_lines` gives, or claim-line events with the same fields.
        kind: professional or institutional.
        together: claims of an interchange, at most.

    Raises:
        ValueError: a value holds a delimiter; the message names its field.
    """
    by_time = groupby(_claims(events), key=lambda claim: claim.received)
    number = 0
    for received, claims in by_time:
        while some := list(islice(claims, together)):
            number += 1
            yield _interchange(number, received, some, kind)


def _claims(events: Iterable[Event]) -> Iterator[_Claim]:
    def whole(event: Event) -> tuple[object, ...]:
        return event["member_id"], event["claim_id"], event["received_at"]

    for _, lines in groupby(events, key=whole):
        found = list(lines)
        yield _Claim(read_instant(found[0]["received_at"]).astimezone(UTC), found)


def _interchange(number: int, received: datetime, claims: Sequence[_Claim], kind: Kind) -> bytes:
    writer = _Writer(kind)
    day, time = received.strftime("%Y%m%d"), received.strftime("%H%M%S")
    control = f"{number % 10**9:09d}"
    sender, receiver = "SYNTHETIC".ljust(15), "DRIPLINE".ljust(15)
    blank = " " * 10
    writer.put("ISA", "00", blank, "00", blank, "ZZ", sender, "ZZ", receiver, day[2:], time[:4])
    writer.segments[-1] += f"*^*00501*{control}*0*T*:"
    writer.put("GS", "HC", "SYNTHETIC", "DRIPLINE", day, time, str(number), "X", VERSIONS[kind])
    rest = iter(claims)
    transactions = 0
    while some := list(islice(rest, MOST_CLAIMS)):
        transactions += 1
        writer.transaction(transactions, day, time, some)
    writer.put("GE", str(transactions), str(number))
    writer.put("IEA", "1", control)
    return ("~\n".join(writer.segments) + "~\n").encode()


@dataclass(slots=True)
class _Writer:
    """Writes the segments of an interchange."""

    kind: Kind
    segments: list[str] = field(default_factory=list)
    _level: int = 0

    def put(self, *elements: str) -> None:
        """A segment, without the empty elements at its end."""
        self.segments.append("*".join(elements).rstrip("*"))

    def transaction(self, number: int, day: str, time: str, claims: Sequence[_Claim]) -> None:
        """ST to SE."""
        begun = len(self.segments)
        control = f"{number:04d}"
        self._level = 0
        self.put("ST", "837", control, VERSIONS[self.kind])
        self.put("BHT", "0019", "00", control, day, time, "CH")
        self.put("NM1", "41", "2", "SYNTHETIC SENDER", "", "", "", "", "46", "SYNTHETIC")
        self.put("PER", "IC", "NOBODY", "TE", "5555550100")
        self.put("NM1", "40", "2", "SYNTHETIC PAYER", "", "", "", "", "46", "DRIPLINE")
        for billing, billed in groupby(claims, key=lambda claim: claim.billing):
            self._billing(billing, billed)
        self.put("SE", str(len(self.segments) - begun + 1), control)

    def _billing(self, npi: str, claims: Iterator[_Claim]) -> None:
        self._level += 1
        level = str(self._level)
        self.put("HL", level, "", "20", "1")
        self.put("NM1", "85", "2", "SYNTHETIC PHARMACY", "", "", "", "", "XX", npi)
        self._address()
        self.put("REF", "EI", "000000000")
        for person, of_person in groupby(claims, key=lambda claim: claim.person):
            self._person(level, person, of_person)

    def _address(self) -> None:
        self.put("N3", "1 SYNTHETIC WAY")
        self.put("N4", "SPRINGFIELD", "IL", "627010001")

    def _person(self, parent: str, person: tuple[str, str], claims: Iterator[_Claim]) -> None:
        member, plan = (
            _sound(text, name) for text, name in zip(person, ("member_id", "plan_id"), strict=True)
        )
        self._level += 1
        self.put("HL", str(self._level), parent, "22", "0")
        self.put("SBR", "P", "18", plan, "", "", "", "", "", "CI")
        self.put("NM1", "IL", "1", "SYNTHETIC", "MEMBER", "", "", "", "MI", member)
        self._address()
        self.put("DMG", "D8", "19500101", "U")
        self.put("NM1", "PR", "2", "SYNTHETIC PAYER", "", "", "", "", "PI", "DRIPLINE")
        for claim in claims:
            self._claim(claim.lines)

    def _claim(self, lines: Sequence[Event]) -> None:
        first = lines[0]
        claim_id = _sound(first["claim_id"], "claim_id")
        total = _decimal(str(sum(read_charge(_text(line["charge_amount"])) for line in lines)))
        frequency = str(first["claim_frequency_code"])
        if self.kind == "P":
            place = str(first["place_of_service"] or "99")
            self.put(
                "CLM", claim_id[:_LONGEST_CLM01], total, "", "", f"{place}:B:{frequency}", "Y", "A", "Y", "Y"
            )
        else:
            self.put("CLM", claim_id[:_LONGEST_CLM01], total, "", "", f"34:A:{frequency}", "", "A", "Y", "Y")
            begins = min(line["service_date_from"] for line in lines)
            ends = max(line["service_date_to"] or line["service_date_from"] for line in lines)
            self.put("DTP", "434", "RD8", f"{_day(begins)}-{_day(ends)}")
            self.put("CL1", "9", "9", "30")
        if first["original_claim_id"]:
            self.put("REF", "F8", _sound(first["original_claim_id"], "original_claim_id"))
        self.put("REF", "D9", claim_id)
        self.put("HI", "ABK:Z452")
        shared = {line["rendering_provider_npi"] for line in lines}
        rendering = shared.pop() if len(shared) == 1 else None
        self._rendering(rendering)
        for line in lines:
            self._line(line, first, own_rendering=rendering is None)

    def _rendering(self, npi: str | None) -> None:
        if npi:
            self.put("NM1", "82", "1", "SYNTHETIC", "NURSE", "", "", "", "XX", npi)

    def _line(self, line: Event, first: Event, *, own_rendering: bool) -> None:
        charge = _decimal(str(read_charge(_text(line["charge_amount"]))))
        units = _decimal(str(read_units(_text(line["units"]))))
        code = ":".join(["HC", line["procedure_code"], *line["modifiers"]])
        self.put("LX", str(line["line_number"]))
        if self.kind == "P":
            place = line["place_of_service"]
            other = place if place != first["place_of_service"] and place else ""
            self.put("SV1", code, charge, "UN", units, other, "", "1")
        else:
            self.put("SV2", _revenue(line["procedure_code"]), code, charge, "UN", units)
        begins, ends = line["service_date_from"], line["service_date_to"] or line["service_date_from"]
        if begins == ends:
            self.put("DTP", "472", "D8", _day(begins))
        else:
            self.put("DTP", "472", "RD8", f"{_day(begins)}-{_day(ends)}")
        ndc = read_ndc(line["ndc"]) if line["ndc"] else None
        if ndc:
            self.put("LIN", "", "N4", ndc)
            self.put("CTP", "", "", "", units, "UN")
        if own_rendering:
            self._rendering(line["rendering_provider_npi"])


def _text(value: object) -> str:
    """A number of an event as text: a string, a whole number, or a charge written as a JSON number."""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _decimal(text: str) -> str:
    """A number as X12 writes it."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(text: str) -> str:
    return text.replace("-", "")


def _revenue(code: str) -> str:
    return next((revenue for beginning, revenue in _REVENUE if code.startswith(beginning)), "0270")


def _sound(text: str, name: str) -> str:
    """A text that no delimiter stands in."""
    if _DELIMITERS.intersection(text):
        msg = f"{name} holds a delimiter of X12"
        raise ValueError(msg)
    return text
