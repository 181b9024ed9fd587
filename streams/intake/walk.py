"""A walk through a file's segments: the claims in it, each with whose it is, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from streams.intake.context import Context
from streams.intake.envelope import CONTROL, Envelope
from streams.intake.faults import Fault
from streams.intake.isa import MARK
from streams.intake.joined import taken_apart
from streams.intake.loops import KNOWN, SERVICES, names_a_person
from streams.intake.parts import Block
from streams.intake.segments import Gap, Segment
from streams.intake.tally import Tally

MOST_SEGMENTS: Final = 20_000
"""Segments of a claim that are kept; 999 lines have about half as many."""

Found = Block | Fault


class Walk:
    """Finds the claims of one file.

    Args:
        tally: is told what is found.
        received: when all claims were received (UTC, RFC 3339); None takes each interchange's time.
    """

    def __init__(self, tally: Tally, received: str | None) -> None:
        self._tally = tally
        self._received = received
        self._envelope = Envelope(tally)
        self._context = Context()
        self._block: Block | None = None
        self._person = False
        self._claims = 0
        self._component = ":"
        self._outside = False

    def claims(self, segments: Iterable[Segment | Gap]) -> Iterator[Found]:
        """Claims as they end, and faults outside them, in the order of the file."""
        number = 0
        for each in segments:
            number = each.number
            if isinstance(each, Gap):
                yield Fault(each.code, number)
                if each.code == "isa_unreadable":
                    yield from self._ended(whole=False)
                continue
            parts = taken_apart(each)
            if len(parts) > 1:
                yield Fault("terminator_lost", number)
            for segment in parts:
                yield from self._take(segment)
        yield from self._ended(whole=False)
        yield from self._envelope.end(number)
        if not number:
            yield Fault("file_empty", 1)  # where its first segment would be

    def _take(self, segment: Segment) -> Iterator[Found]:
        name = segment.elements[0]
        if name in CONTROL:
            yield from self._control(segment, name)
        elif self._envelope.kind is None and not self._begins(name):
            yield from self._passed_over(segment)
        elif name == "HL":
            yield from self._ended(whole=True)
            yield from self._assumed(segment)
            yield from self._context.open(segment)
        elif name == "CLM":
            yield from self._claim(segment)
        elif self._block is not None:
            self._keep(segment, name)
        else:
            self._context.take(segment)
            if name not in KNOWN:
                yield Fault("segment_unknown", segment.number, loop=self._context.loop or None)

    def _begins(self, name: str) -> bool:
        """Whether claims may begin although no transaction of them is open."""
        return name in ("HL", "CLM") and not self._envelope.inside

    def _control(self, segment: Segment, name: str) -> Iterator[Found]:
        yield from self._ended(whole=name != MARK.decode())
        if segment.isa is not None:
            self._component = segment.isa.component
        if name == "ST":
            self._context = Context()
        self._outside = False
        yield from self._envelope.control(segment)

    def _passed_over(self, segment: Segment) -> Iterator[Found]:
        """A segment outside every transaction, told once a stretch, or in one that holds no claims."""
        acknowledges = segment.elements[0] == "TA1"  # of an earlier interchange; stands behind an ISA
        if not self._envelope.inside and not self._outside and not acknowledges:
            self._outside = True
            yield Fault("outside_interchange", segment.number)

    def _assumed(self, segment: Segment) -> Iterator[Found]:
        if self._envelope.kind is None:
            self._context = Context()
            yield from self._envelope.assume(segment)

    def _claim(self, segment: Segment) -> Iterator[Found]:
        """A CLM; where a person was told behind the last line, nobody knows whose it is."""
        lost = self._block is not None and self._person
        yield from self._ended(whole=True)
        yield from self._assumed(segment)
        if lost:
            self._context.lose(segment)
        kind = self._envelope.kind
        if kind is None:
            yield Fault("not_837", segment.number, loop="ST")
            return
        self._claims += 1
        received = self._received or self._envelope.received
        whose = self._context.whose()
        self._block = Block(self._claims, kind, self._component, whose, received, [segment])
        self._person = False

    def _keep(self, segment: Segment, name: str) -> None:
        """A segment of the claim that is open."""
        block = self._block
        assert block is not None  # noqa: S101 - asked for before
        if len(block.segments) < MOST_SEGMENTS:
            block.segments.append(segment)
        else:
            block.too_large = True
        if name == "LX" or name == SERVICES[block.kind]:
            self._person = False
        elif names_a_person(segment):
            self._person = True

    def _ended(self, *, whole: bool) -> Iterator[Found]:
        """The claim that is open has ended."""
        block, self._block = self._block, None
        if block is not None:
            block.whole = whole
            self._tally.claims += 1
            yield block
