"""A claim's segments taken apart: its header, its lines, and what belongs to another claim.

Where the CLM or HL of the next claim was lost, its segments come behind the last line of this one. They are
known by what no line has (diagnoses, a subscriber) and by LX01 beginning anew, and are cut off, so that this
claim stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from streams.intake.context import Whose
from streams.intake.envelope import Kind, element
from streams.intake.faults import Fault
from streams.intake.loops import KNOWN, SERVICES, begins_no_line
from streams.intake.segments import Segment

MOST_LINES: Final = 999


@dataclass(slots=True)
class Block:
    """A claim as it was found.

    Attributes:
        number: which CLM of the file it is, from 1.
        kind: 837P or 837I.
        component: the separator within composites.
        whose: who bills and for whom.
        received: when it was received (UTC, RFC 3339).
        segments: the CLM and what comes behind it.
        whole: False where the file or the interchange breaks off within it or right behind it.
        too_large: True where there were too many segments to keep.
    """

    number: int
    kind: Kind
    component: str
    whose: Whose
    received: str | None
    segments: list[Segment]
    whole: bool = True
    too_large: bool = False


@dataclass(slots=True)
class LinePart:
    """The segments of a service line; `lx` is None where it has no LX of its own."""

    lx: Segment | None
    segments: list[Segment] = field(default_factory=list)

    @property
    def segment(self) -> int:
        """Where it begins."""
        first = self.lx or self.segments[0]
        return first.number

    @property
    def number(self) -> int | None:
        """LX01, None where it is no number from 1 to 999."""
        text = element(self.lx, 1) if self.lx is not None else ""
        if text.isascii() and text.isdigit() and len(text) < 7:  # noqa: PLR2004 - LX01 has six digits at most
            number = int(text)
            return number if 1 <= number <= MOST_LINES else None
        return None


@dataclass(slots=True)
class Parts:
    """A claim taken apart.

    Attributes:
        header: the segments before the first line.
        lines: its lines.
        tail: lines behind it that have begun anew.
        cut: where the tail begins; None where there is none.
        restarted: whether the tail is known by LX01 alone, so that it may be this claim's after all.
        faults: segments that no 837 has.
    """

    header: list[Segment] = field(default_factory=list)
    lines: list[LinePart] = field(default_factory=list)
    tail: list[LinePart] = field(default_factory=list)
    cut: int | None = None
    restarted: bool = False
    faults: list[Fault] = field(default_factory=list)


def taken_apart(block: Block) -> Parts:
    """The parts of a claim."""
    parts = Parts()
    known = list(_known(block, parts))
    at = _header_end(known, block)
    parts.header = [segment for segment, _ in known[:at]]
    _take_lines(known[at:], parts, block)
    return parts


def _known(block: Block, parts: Parts) -> Iterator[tuple[Segment, bool]]:
    """The segments that an 837 has, and whether one that it has not stood before."""
    doubtful = False
    for segment in block.segments[1:]:
        if segment.elements[0] in KNOWN:
            yield segment, doubtful
            doubtful = False
        else:
            parts.faults.append(Fault("segment_unknown", segment.number, block.number))
            doubtful = True


def _header_end(known: list[tuple[Segment, bool]], block: Block) -> int:
    for at, (segment, _) in enumerate(known):
        if segment.elements[0] in ("LX", SERVICES[block.kind]):
            return at
    return len(known)


def _take_lines(known: list[tuple[Segment, bool]], parts: Parts, block: Block) -> None:
    """Sort segments into lines, up to what belongs to another claim."""
    highest, doubt = 0, -1
    for at, (segment, doubtful) in enumerate(known):
        if doubtful and doubt < 0:
            doubt = at
        name = segment.elements[0]
        anew = False
        if name == "LX":
            number = LinePart(segment).number
            anew = number is not None and number <= highest
            highest = max(highest, number or 0)
        if anew or (parts.lines and begins_no_line(segment, block.component)):
            start = doubt if doubt >= 0 else at
            parts.cut, parts.restarted = known[start][0].number, anew
            parts.lines = _lines([each for each, _ in known[:start]], block.kind)
            parts.tail = _lines([each for each, _ in known[start:]], block.kind)
            return
        if name == "LX":
            doubt = -1
            parts.lines.append(LinePart(segment))
        elif name == SERVICES[block.kind] and not parts.lines:
            parts.lines.append(LinePart(None))
    parts.lines = _lines([each for each, _ in known], block.kind)


def _lines(segments: list[Segment], kind: Kind) -> list[LinePart]:
    """Lines of segments; those before the first line are left out."""
    lines: list[LinePart] = []
    service = SERVICES[kind]
    served = False
    for segment in segments:
        name = segment.elements[0]
        if name == "LX":
            lines.append(LinePart(segment))
            served = False
            continue
        if name == service:
            if served or not lines:
                lines.append(LinePart(None))
            served = True
        if lines:
            lines[-1].segments.append(segment)
    return lines
