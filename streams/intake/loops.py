"""Which loop a segment stands in: the same segment means other things in other loops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streams.intake.envelope import Kind, element
from streams.intake.segments import Segment

# fmt: off
KNOWN: Final = frozenset(
    {
        "AMT", "CAS", "CL1", "CLM", "CN1", "CR1", "CR2", "CR3", "CR5", "CR6", "CRC", "CTP", "CUR", "DMG",
        "DTP", "FRM", "HCP", "HI", "HL", "HSD", "K3", "LIN", "LQ", "LX", "MEA", "MIA", "MOA", "N2", "N3",
        "N4", "NM1", "NTE", "OI", "PAT", "PER", "PRV", "PS1", "PWK", "QTY", "REF", "SBR", "SV1", "SV2",
        "SV4", "SV5", "SV7", "SVD", "TOO", "UR", "BHT",
    }
)
# fmt: on
"""Segments that may stand in an 837 between ST and SE."""

SERVICES: Final[Mapping[Kind, str]] = {"P": "SV1", "I": "SV2"}
"""The segment of a service line."""

_OF_A_PERSON: Final = frozenset({"SBR", "PAT", "DMG"})
_OF_A_CLAIM: Final = frozenset({"CL1", "CR2", "OI", "MIA", "MOA"})
_PERSONS: Final = frozenset({"IL", "QC", "PR"})

_CLAIM: Final[Mapping[Kind, Mapping[str, str]]] = {
    "P": {"DN": "A", "P3": "A", "82": "B", "77": "C", "DQ": "D", "PW": "E", "45": "F"},
    "I": {"71": "A", "72": "B", "ZZ": "C", "82": "D", "77": "E", "DN": "F"},
}
_OTHER_PAYER: Final[Mapping[Kind, Mapping[str, str]]] = {
    "P": {"IL": "A", "PR": "B", "DN": "C", "P3": "C", "82": "D", "77": "E", "DQ": "F", "85": "G"},
    "I": {"IL": "A", "PR": "B", "71": "C", "72": "D", "ZZ": "E", "77": "F", "82": "G", "DN": "H", "85": "I"},
}
_LINE: Final[Mapping[Kind, Mapping[str, str]]] = {
    "P": {"82": "A", "QB": "B", "77": "C", "DQ": "D", "DK": "E", "DN": "F", "P3": "F", "PW": "G", "45": "H"},
    "I": {"72": "A", "ZZ": "B", "82": "C", "DN": "D"},
}

RENDERING: Final[Mapping[Kind, tuple[str, str]]] = {"P": ("2310B", "2420A"), "I": ("2310D", "2420C")}
"""Loops of the rendering provider: of the claim, of a line."""


def claim_loop(segment: Segment, loop: str, kind: Kind) -> str:
    """The loop of a segment between CLM and the first LX, behind one of `loop`."""
    name = segment.elements[0]
    if name == "SBR":
        return "2320"
    if name != "NM1":
        return loop
    entity = element(segment, 1)
    if loop >= "2320" or entity in _PERSONS or entity == "85":
        return "2330" + _OTHER_PAYER[kind].get(entity, "")
    return "2310" + _CLAIM[kind].get(entity, "")


def line_loop(segment: Segment, loop: str, kind: Kind) -> str:
    """The loop of a segment behind an LX, behind one of `loop`."""
    name = segment.elements[0]
    if name == "LIN":
        return "2410"
    if name == "NM1":
        return "2420" + _LINE[kind].get(element(segment, 1), "")
    if name == "SVD":
        return "2430"
    return "2440" if name == "LQ" else loop


def names_a_person(segment: Segment) -> bool:
    """Whether the segment is one with which a subscriber or patient, of this payer or another, is told."""
    name = segment.elements[0]
    return name in _OF_A_PERSON or (name == "NM1" and element(segment, 1) in _PERSONS)


def begins_no_line(segment: Segment, component: str) -> bool:
    """Whether the segment stands in no loop of a service line, so that another claim or person has begun."""
    name = segment.elements[0]
    if name == "HI":
        return component in element(segment, 1)
    return name in _OF_A_CLAIM or names_a_person(segment)
