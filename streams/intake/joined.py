"""Two segments that became one because the terminator between them was lost.

Only where a segment has more elements than it can have, and one of them ends with the name of a segment with
which a claim, a level or an enclosing part begins or ends, is it taken apart: so that the loss costs the
claim before and not the one behind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from streams.intake.segments import Segment

_MOST: Final[Mapping[str, int]] = {
    "AMT": 3, "CAS": 19, "CLM": 20, "CN1": 6, "CRC": 7, "CTP": 5, "DMG": 11, "DTP": 3, "GE": 2, "HCP": 15,
    "HI": 12, "HL": 4, "IEA": 2, "K3": 3, "LIN": 3, "LX": 1, "N3": 2, "N4": 7, "NM1": 9, "NTE": 2, "OI": 6,
    "PAT": 9, "PER": 9, "PRV": 6, "PWK": 9, "REF": 4, "SBR": 9, "SE": 2, "ST": 3, "SV1": 15, "SV2": 10,
    "SVD": 6, "GS": 8, "BHT": 6,
}  # fmt: skip
"""The most elements that a segment has."""

_FEWEST: Final[Mapping[str, int]] = {"CLM": 5, "HL": 3, "SE": 2, "ST": 2, "GE": 2, "GS": 8, "IEA": 2}
"""The fewest elements of segments that begin or end something."""
_SWALLOWED: Final = re.compile(r"[^A-Za-z0-9]?\s{0,8}(CLM|HL|SE|ST|GE|GS|IEA)\Z")
_TAIL: Final = 12
"""Characters at the end of an element in which such a name is looked for, with what is left of a line end."""


def taken_apart(segment: Segment) -> list[Segment]:
    """The segment, or the two that it is made of."""
    elements = segment.elements
    most = _MOST.get(elements[0])
    if (
        segment.isa is not None
        or (most is None and elements[0].isalnum())
        or len(elements) - 1 <= (most or 0)
    ):
        return [segment]
    for place, text in enumerate(elements):
        match = _SWALLOWED.search(text[-_TAIL:]) if place or most is None else None
        if match is not None and _plausible(match[1], elements[place + 1 :]):
            first = Segment(segment.number, [*elements[:place], text[: len(text) - len(match[0])]])
            second = Segment(segment.number, [match[1], *elements[place + 1 :]])
            return [first, *taken_apart(second)]
    return [segment]


def _plausible(name: str, elements: list[str]) -> bool:
    """Whether elements may be those of a segment of this name."""
    if len(elements) < _FEWEST[name]:
        return False
    if name == "HL":
        return elements[0].isdigit() and elements[2] in ("20", "22", "23")
    if name == "ST":
        return elements[0] == "837"
    return name == "CLM" or elements[0].isalnum()
