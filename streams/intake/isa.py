"""The interchange header, which says how everything behind it is written.

Its delimiters stand at fixed places: behind `ISA`, in ISA11, in ISA16 and behind it. A header that has lost
or gained characters is read by its separators instead, so that one byte does not cost a whole interchange.
"""

from __future__ import annotations

from typing import Final, NamedTuple

LENGTH: Final = 106
"""Bytes of a header, its segment terminator included."""
LOOK: Final = 180
"""Bytes that are looked at for a header whose elements do not have their widths."""
MARK: Final = b"ISA"

_WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
"""Widths of ISA01 to ISA15."""
_STARTS: Final = tuple(4 + sum(_WIDTHS[:place]) + place for place in range(len(_WIDTHS)))
_COMPONENT: Final = LENGTH - 2
_LONGEST: Final = 20
_DATE, _TIME, _REPETITION, _CONTROL = 8, 9, 10, 12


class Isa(NamedTuple):
    """An interchange header.

    Attributes:
        element, component, repetition: the separators, each one character; repetition may be empty.
        terminator: the byte that ends a segment.
        date, time: ISA09 (YYMMDD) and ISA10 (HHMM).
        control: ISA13, the interchange control number.
        length: bytes of the header, its terminator included.
        regular: whether every element has its width.
    """

    element: str
    component: str
    repetition: str
    terminator: bytes
    date: str
    time: str
    control: str
    length: int
    regular: bool


def read_isa(data: bytes) -> Isa | None:
    """The header that bytes begin with; None where they begin with none that can be read."""
    separator = data[3:4]
    if data[:3] != MARK or not _delimits(separator):
        return None
    if len(data) >= LENGTH and data[_COMPONENT - 1 : _COMPONENT] == separator:
        regular = all(data[start - 1 : start] == separator for start in _STARTS)
        parts = [data[start : start + width] for start, width in zip(_STARTS, _WIDTHS, strict=True)]
        found = _of(separator, parts, data[_COMPONENT:LENGTH], LENGTH, regular=regular)
        if found is not None:
            return found
    cut = data[:LOOK].split(separator, 16)
    if len(cut) != len(_WIDTHS) + 2 or any(len(part) > _LONGEST for part in cut[1:16]):
        return None
    length = sum(map(len, cut[:16])) + 16 + 2
    return _of(separator, cut[1:16], cut[16][:2], length, regular=False)


def _delimits(delimiter: bytes) -> bool:
    """Whether a byte can delimit: ASCII, and neither a letter, a digit nor a blank."""
    return len(delimiter) == 1 and delimiter.isascii() and not delimiter.isalnum() and delimiter != b" "


def _of(separator: bytes, parts: list[bytes], tail: bytes, length: int, *, regular: bool) -> Isa | None:
    component, terminator = tail[:1], tail[1:2]
    if not (_delimits(component) and _delimits(terminator)):
        return None
    if separator in tail or component == terminator:
        return None
    repetition = parts[_REPETITION]
    text = [part.decode("ascii", "replace").strip() for part in parts]
    return Isa(
        element=separator.decode(),
        component=component.decode(),
        repetition=repetition.decode() if _delimits(repetition) else "",
        terminator=terminator,
        date=text[_DATE],
        time=text[_TIME],
        control=text[_CONTROL],
        length=length,
        regular=regular,
    )
