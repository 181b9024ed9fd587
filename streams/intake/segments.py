"""A file cut into segments, a piece at a time: what is held is one piece and one segment, however long the
file.

A segment ends with the terminator that its interchange's header names; line ends and blanks around it are
laid out for people and dropped. Every ISA may name other delimiters. Where no header can be read, all up to
the next one is passed over. Bytes are read as UTF-8, a segment that is none as Latin-1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from streams.intake.isa import LENGTH, LOOK, MARK, Isa, read_isa

PIECE: Final = 1 << 18
LONGEST: Final = 8192
"""Bytes of a segment; an 837 has none of a quarter of it. A longer one is passed over."""
_LAYOUT: Final = b"\r\n\t \0\x1a"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Segment(NamedTuple):
    """A segment.

    Attributes:
        number: its place in the file, from 1.
        elements: its id, then its elements; composites are not cut.
        isa: the header that it is, where it is one.
    """

    number: int
    elements: list[str]
    isa: Isa | None = None


class Gap(NamedTuple):
    """Something between segments that is none; `code` is that of a fault."""

    number: int
    code: str


class _Window:
    """Bytes of a file from a place on; more are read when they are asked for."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self.data = b""
        self.at = 0
        self.ended = False

    def more(self) -> bool:
        """Read a piece; False where the file has ended."""
        piece = b"" if self.ended else self._read(PIECE)
        if not piece:
            self.ended = True
            return False
        self.data = self.data[self.at :] + piece
        self.at = 0
        return True

    def has(self, length: int) -> bool:
        """Whether so many bytes are there, read as far as need be."""
        while len(self.data) - self.at < length and self.more():
            pass
        return len(self.data) - self.at >= length

    def skip_layout(self) -> bool:
        """Go to the next byte that is no layout; False where none is left."""
        while True:
            rest = self.data[self.at : self.at + 16].lstrip(_LAYOUT)
            if rest:
                self.at += min(16, len(self.data) - self.at) - len(rest)
                return True
            self.at = min(self.at + 16, len(self.data))
            if self.at == len(self.data) and not self.more():
                return False


def read_segments(read: Callable[[int], bytes]) -> Iterator[Segment | Gap]:
    """The segments of a file, and what is none, in order.

    Args:
        read: gives up to so many bytes, none at the end.
    """
    window = _Window(read)
    number = 0
    isa: Isa | None = None
    if window.has(len(_BYTE_ORDER_MARK)) and window.data.startswith(_BYTE_ORDER_MARK):
        window.at = len(_BYTE_ORDER_MARK)
    while window.skip_layout():
        header = _header(window)
        if header is not None:
            isa = header
            number += 1
            yield _header_segment(window, number, header)
        elif isa is None:
            number += 1
            yield Gap(number, "isa_unreadable")
            _skip_to_header(window)
        else:
            for each in _segments_behind(window, number + 1, isa):
                number = each.number
                yield each


def _header(window: _Window) -> Isa | None:
    """The header at the window's place, if there is one."""
    if not window.has(3) or window.data[window.at : window.at + 3] != MARK:
        return None
    window.has(LOOK)
    return read_isa(window.data[window.at : window.at + LOOK])


def _header_segment(window: _Window, number: int, isa: Isa) -> Segment:
    raw = window.data[window.at : window.at + isa.length - 1]
    window.at += isa.length
    return Segment(number, raw.decode("utf-8", "replace").split(isa.element), isa)


def _segments_behind(window: _Window, number: int, isa: Isa) -> Iterator[Segment | Gap]:
    """Segments up to where a header may stand, or until more must be read; `number` is that of the first."""
    terminator, separator = isa.terminator, isa.element
    while True:
        stop = window.data.find(MARK, window.at)
        last = window.data.rfind(terminator, window.at, stop if stop >= 0 else len(window.data))
        if last >= 0:
            pieces = window.data[window.at : last].split(terminator)
            window.at = last + 1
            for piece in pieces:
                segment = piece.strip(_LAYOUT)
                if not segment:
                    continue
                if len(segment) > LONGEST:
                    yield Gap(number, "segment_too_long")
                else:
                    yield Segment(number, _text(segment).split(separator))
                number += 1
            return
        if stop >= 0:
            yield from _with_mark(window, number, isa, stop)
            return
        if len(window.data) - window.at > LONGEST:
            yield Gap(number, "segment_too_long")
            _skip_segment(window, terminator)
            return
        if not window.more():
            yield from _rest(window, number, separator)
            return


def _with_mark(window: _Window, number: int, isa: Isa, mark: int) -> Iterator[Segment | Gap]:
    """One segment in which ISA stands: part of a name, or a header whose segment before has no end."""
    offset = mark - window.at
    window.has(offset + LOOK)
    while True:
        at = window.at + offset
        found = read_isa(window.data[at : at + LOOK]) if offset else None
        if found is not None and found.regular:
            end = at
            break
        end = window.data.find(isa.terminator, window.at)
        if end < 0:
            if len(window.data) - window.at > LONGEST:
                yield Gap(number, "segment_too_long")
                _skip_segment(window, isa.terminator)
                return
            if not window.more():
                yield from _rest(window, number, isa.element)
                return
            continue
        following = window.data.find(MARK, at + 1, end)
        if following < 0:
            break
        offset = following - window.at
        window.has(offset + LOOK)
    segment = window.data[window.at : end].strip(_LAYOUT)
    window.at = end if found is not None and found.regular else end + 1
    if segment:
        yield Segment(number, _text(segment).split(isa.element))


def _rest(window: _Window, number: int, separator: str) -> Iterator[Segment | Gap]:
    """What is behind the last terminator: the end of the file lacks one, or the file was cut off."""
    rest = window.data[window.at :].strip(_LAYOUT)
    window.at = len(window.data)
    if rest.startswith(b"IEA"):
        yield Segment(number, _text(rest).split(separator))
    elif rest:
        yield Gap(number, "cut_off")


def _skip_segment(window: _Window, terminator: bytes) -> None:
    """Pass over a segment that is too long, up to its end or to a header."""
    while True:
        end = window.data.find(terminator, window.at)
        header = _next_header(window, end if end >= 0 else len(window.data))
        if header >= 0:
            window.at = header
            return
        if end >= 0:
            window.at = end + 1
            return
        window.at = max(len(window.data) - LENGTH, window.at)
        if not window.more():
            window.at = len(window.data)
            return


def _skip_to_header(window: _Window) -> None:
    """Pass over everything up to a header."""
    window.at += 1
    while True:
        header = _next_header(window, len(window.data))
        if header >= 0:
            window.at = header
            return
        window.at = max(len(window.data) - LENGTH, window.at)
        if not window.more():
            window.at = len(window.data)
            return


def _next_header(window: _Window, end: int) -> int:
    """Where the next header stands before `end`, or -1."""
    at = window.data.find(MARK, window.at, end)
    while at >= 0:
        if read_isa(window.data[at : at + LOOK]) is not None:
            return at
        at = window.data.find(MARK, at + 1, end)
    return -1


def _text(segment: bytes) -> str:
    try:
        return segment.decode()
    except UnicodeDecodeError:
        return segment.decode("latin-1")
