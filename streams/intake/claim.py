"""One claim: its header (loops 2300 to 2330) and its lines, checked against each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from models.reading import read_charge
from streams.intake.envelope import element
from streams.intake.faults import Fault
from streams.intake.line import Line, Shared, read_line
from streams.intake.loops import RENDERING, claim_loop
from streams.intake.numbers import LONGEST, REF_D9, ClaimNumbers, Numbers, Refused
from streams.intake.parts import Block, Parts, taken_apart
from streams.intake.segments import Segment
from streams.intake.values import Dates, amount, dates_of

_WITHDRAWING: Final = ("6", "7", "8")


@dataclass(slots=True)
class Claim:
    """A claim as it was read.

    Attributes:
        segment: where its CLM stands.
        claim_id, frequency, original: as in the event.
        lines: its lines, sound or not.
        doubtful: lines behind it that may be its own.
        faults: what is wrong with it, its lines' faults left out.
    """

    segment: int
    claim_id: str = ""
    frequency: str = "1"
    original: str | None = None
    lines: list[Line] = field(default_factory=list)
    doubtful: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def usable(self) -> bool:
        """Whether events can be made of its lines."""
        return all(fault.costs == "nothing" for fault in self.faults if fault.code != "claim_start_missing")


@dataclass(slots=True)
class _Header:
    """What stands between CLM and the first line."""

    f8: str = ""
    f8_segment: int = 0
    d9: str = ""
    rendering: str = ""
    rendering_segment: int = 0
    statement: Dates | None = None


def read_claim(block: Block, numbers: ClaimNumbers) -> Claim:
    """A claim from its segments."""
    clm = block.segments[0]
    claim = Claim(clm.number)
    if block.too_large:
        _tell(claim, block, "claim_too_large", clm.number)
        return claim
    if block.whose.fault is not None:
        claim.faults.append(block.whose.fault._replace(claim=block.number))
    parts = taken_apart(block)
    claim.faults += parts.faults
    header = _header(parts, block)
    facility = [part.strip() for part in element(clm, 5).split(block.component)] + ["", "", ""]
    shared = Shared(
        block.kind,
        block.component,
        block.number,
        facility[0] if block.kind == "P" and facility[1] in ("B", "") else "",
        header.rendering,
        header.rendering_segment,
        header.statement,
    )
    claim.lines = [read_line(part, shared) for part in parts.lines]
    _name(claim, block, header, facility[2], numbers)
    _check_charges(claim, block, parts, shared)
    _check_numbers(claim, block)
    if not block.whole:
        _tell(claim, block, "claim_cut_off", clm.number)
    elif not claim.lines:
        _tell(claim, block, "no_lines", clm.number)
    if block.received is None:
        _tell(claim, block, "received_unknown", clm.number, "ISA", "ISA09")
    return claim


def _tell(
    claim: Claim, block: Block, code: str, segment: int, loop: str | None = "2300", place: str | None = None
) -> None:
    claim.faults.append(Fault(code, segment, block.number, None, loop, place))


def _header(parts: Parts, block: Block) -> _Header:
    """The segments of loop 2300 and of its rendering provider that matter."""
    header = _Header()
    loop = "2300"
    for segment in parts.header:
        loop = claim_loop(segment, loop, block.kind)
        name = segment.elements[0]
        if name == "REF" and loop == "2300":
            qualifier = element(segment, 1)
            if qualifier == "F8":
                header.f8, header.f8_segment = element(segment, 2), segment.number
            elif qualifier == "D9":
                header.d9 = element(segment, 2)
        elif name == "NM1" and loop == RENDERING[block.kind][0] and element(segment, 8) == "XX":
            header.rendering, header.rendering_segment = element(segment, 9), segment.number
        elif name == "DTP" and loop == "2300" and block.kind == "I" and element(segment, 1) == "434":
            header.statement = _single_day(segment)
    return header


def _single_day(segment: Segment) -> Dates | None:
    """The date of a statement that covers one alone."""
    try:
        first, last = dates_of(element(segment, 2), element(segment, 3))
    except ValueError:
        return None
    return (first, last) if first == last else None


def _name(claim: Claim, block: Block, header: _Header, frequency: str, numbers: ClaimNumbers) -> None:
    """The claim's id, its frequency and the claim that it corrects."""
    clm, npi = block.segments[0], block.whose.npi
    _take_frequency(claim, block, frequency)
    found = numbers.claim_id(Numbers(npi, element(clm, 1), header.d9, claim.frequency))
    if isinstance(found, Refused):
        place = "REF02" if numbers.setting == REF_D9 else "CLM01"
        _tell(claim, block, found.code, clm.number, "2300", place)
    else:
        claim.claim_id = found
    if claim.frequency not in _WITHDRAWING and not header.f8:
        return
    if not header.f8:
        _tell(claim, block, "original_missing", clm.number, "2300", "REF02")
        return
    at = header.f8_segment
    claim.original, known = numbers.original(header.f8, npi)
    if len(claim.original) > LONGEST:
        _tell(claim, block, "original_too_long", at, "2300", "REF02")
    elif claim.frequency in _WITHDRAWING:
        if claim.original == claim.claim_id:
            _tell(claim, block, "original_is_itself", at, "2300", "REF02")
        elif not known:
            _tell(claim, block, "original_unmapped", at, "2300", "REF02")


def _take_frequency(claim: Claim, block: Block, frequency: str) -> None:
    at = block.segments[0].number
    if len(frequency) == 1 and frequency.isascii() and frequency.isalnum():
        if "1" <= frequency <= "9":
            claim.frequency = frequency
        else:
            _tell(claim, block, "frequency_read_as_original", at, "2300", "CLM05-3")
    elif frequency:
        _tell(claim, block, "frequency_invalid", at, "2300", "CLM05-3")


def _check_charges(claim: Claim, block: Block, parts: Parts, shared: Shared) -> None:
    """CLM02 against the sum of the charges; it also tells whose lines are that have begun anew."""
    at = block.segments[0].number
    try:
        total: Decimal | None = amount(element(block.segments[0], 2), read_charge)
    except ValueError:
        total = None
        _tell(claim, block, "charge_total_unreadable", at, "2300", "CLM02")
    matches = _comes_to(claim.lines, total)
    if parts.tail and not matches and parts.restarted:
        whole = claim.lines + [read_line(part, shared) for part in parts.tail]
        if _comes_to(whole, total):
            claim.lines, parts.tail, matches = whole, [], True
    if parts.tail:
        claim.doubtful = 0 if matches else len(parts.tail)
        _tell(claim, block, "claim_start_missing", parts.cut or at, "2300", "CLM")
    readable = total is not None and all(line.charge is not None for line in claim.lines)
    if readable and not matches:
        _tell(claim, block, "charge_mismatch", at, "2300", "CLM02")


def _comes_to(lines: list[Line], total: Decimal | None) -> bool:
    """Whether the lines' charges are all known and come to a total."""
    if total is None:
        return False
    charges = [line.charge for line in lines]
    return None not in charges and sum(charge for charge in charges if charge is not None) == total


def _check_numbers(claim: Claim, block: Block) -> None:
    """Every number of a line once."""
    seen: set[int] = set()
    for line in claim.lines:
        if line.number in seen:
            line.faults.append(
                Fault("line_number_repeated", line.segment, block.number, line.number, "2400", "LX01")
            )
        if line.number is not None:
            seen.add(line.number)
