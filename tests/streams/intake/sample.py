"""An 837 file in which all that intake must tell apart occurs, and which claims each segment concerns."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.intake import ClaimNumbers, Fault, Intake

PHARMACY, INFUSION, NURSE, OTHER = "1234567893", "9699213101", "9103068158", "9856519142"


@dataclass
class Sample:
    """Segments with their delimiters, and the claims that each concerns.

    Attributes:
        segments: the text of each segment, its terminator included.
        concerns: the claim ids (CLM01) that a change of the segment may change.
    """

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    end: str = "~\n"
    segments: list[str] = field(default_factory=list)
    concerns: list[set[str]] = field(default_factory=list)

    def put(self, text: str, *claims: str) -> None:
        """A segment, written with `*` and `:`."""
        text = text.replace("*", self.element).replace(":", self.component)
        self.segments.append(text + self.end)
        self.concerns.append(set(claims))

    def bytes(self) -> bytes:
        """The file."""
        return "".join(self.segments).encode()


def isa(control: str, repetition: str = "^", day: str = "260302", time: str = "0930") -> str:
    """A header up to its last separator, with `*`."""
    blank, sender, receiver = " " * 10, "SENDER".ljust(15), "PAYER".ljust(15)
    return (
        f"ISA*00*{blank}*00*{blank}*ZZ*{sender}*ZZ*{receiver}*{day}*{time}*{repetition}*00501*{control}*0*T*:"
    )


def line(kind: str, number: int, code: str, charge: str, units: str, dates: str, *more: str) -> list[str]:
    """The segments of a service line."""
    qualifier = "RD8" if "-" in dates else "D8"
    service = f"SV1*HC:{code}*{charge}*UN*{units}***1"
    if kind == "I":
        service = f"SV2*0640*HC:{code}*{charge}*UN*{units}"
    return [f"LX*{number}", service, f"DTP*472*{qualifier}*{dates}", *more]


def header(kind: str, claim: str, total: str, frequency: str = "1", *more: str) -> list[str]:
    """The segments of a claim before its lines."""
    if kind == "P":
        return [f"CLM*{claim}*{total}***12:B:{frequency}*Y*A*Y*Y", *more, "HI*ABK:Z452"]
    facts = [
        f"CLM*{claim}*{total}***34:A:{frequency}**A*Y*Y",
        "DTP*434*RD8*20260201-20260228",
        "CL1*9*9*30",
    ]
    return [*facts, *more, "HI*ABK:Z452"]


OTHER_PAYER = [
    "SBR*S*18*GROUP******CI",
    "OI***Y***Y",
    "NM1*IL*1*OTHER*SUBSCRIBER****MI*OTHERID",
    "NM1*PR*2*OTHER PAYER*****PI*OTHERPAYER",
    "REF*F8*OTHERCLAIM",
    f"NM1*82*1*OTHER*NURSE****XX*{OTHER}",
]
"""Loops 2320 and 2330: nothing of them is about this payer's claim."""


def levels(kind: str, prefix: str) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """Billing providers, subscribers and patients in order: (what, its segments, its claims)."""
    week, ndc = "20260201-20260207", "LIN**N4*99012034501"
    per_diem = line(kind, 1, "S9500", "686", "7", week)
    drug = line(kind, 2, "J0696", "33.6", "8", week, ndc, "CTP****8*UN")
    visit = line(kind, 3, "99601", "195", "1", "20260201", f"NM1*82*1*A*NURSE****XX*{NURSE}")
    one, two, three, four, five = (f"{prefix}{number}" for number in range(1, 6))
    return [
        ("20", [f"NM1*85*2*PHARMACY*****XX*{PHARMACY}", "N3*1 WAY", "N4*TOWN*IL*62701", "REF*EI*1"], []),
        (
            "22",
            _subscriber(prefix + "ANNA"),
            [
                (one, [*header(kind, one, "914.6", "1", f"REF*D9*{one}"), *per_diem, *drug, *visit]),
                (
                    two,
                    [
                        *header(kind, two, "719.6", "7", "REF*F8*OLD", f"REF*D9*{two}"),
                        *OTHER_PAYER,
                        *per_diem,
                        *drug,
                    ],
                ),
            ],
        ),
        ("22", _subscriber(prefix + "BERT"), []),
        (
            "23",
            ["PAT*19", "NM1*QC*1*LAST*CARL", "N3*1 WAY", "N4*TOWN*IL*62701", "DMG*D8*20200101*M"],
            [
                (
                    three,
                    [
                        *header(kind, three, "686", "1", f"REF*D9*{three}"),
                        f"NM1*82*1*A*NURSE****XX*{NURSE}",
                        *OTHER_PAYER,
                        *per_diem,
                    ],
                )
            ],
        ),
        ("20", [f"NM1*85*2*INFUSION*****XX*{INFUSION}", "N3*2 WAY", "N4*TOWN*IL*62701", "REF*EI*2"], []),
        (
            "22",
            _subscriber(prefix + "DORA"),
            [
                (four, [*header(kind, four, "686", "1", f"REF*D9*{four}"), *per_diem]),
                (five, [*header(kind, five, "719.6", "1", f"REF*D9*{five}"), *per_diem, *drug]),
            ],
        ),
    ]


def _subscriber(member: str) -> list[str]:
    return [
        "SBR*P*18*PLAN******CI",
        f"NM1*IL*1*LAST*FIRST****MI*{member}",
        "N3*1 WAY",
        "N4*TOWN*IL*62701",
        "DMG*D8*19500101*F",
        "NM1*PR*2*PAYER*****PI*PAYER",
    ]


def interchange(sample: Sample, kind: str, prefix: str, control: str) -> None:
    """Add an interchange of one transaction with the claims of `levels`."""
    version = "005010X222A1" if kind == "P" else "005010X223A2"
    below = levels(kind, prefix)
    everybody = {claim for _, _, claims in below for claim, _ in claims}
    sample.put(isa(control, sample.repetition), *everybody)
    sample.put(f"GS*HC*SENDER*PAYER*20260302*0930*1*X*{version}", *everybody)
    begun = len(sample.segments)
    sample.put(f"ST*837*0001*{version}", *everybody)
    sample.put("BHT*0019*00*1*20260302*0930*CH")
    sample.put("NM1*41*2*SENDER*****46*SENDER")
    sample.put("NM1*40*2*PAYER*****46*PAYER")
    parents: dict[str, tuple[str, int]] = {}
    for place, (what, segments, claims) in enumerate(below):
        number = place + 1
        parent = parents[{"22": "20", "23": "22"}[what]][0] if what != "20" else ""
        parents[what] = (str(number), number)
        concerned = {claim for claim, _ in claims} | _below(below, place)
        sample.put(f"HL*{number}*{parent}*{what}*1", *concerned)
        for text in segments:
            sample.put(text, *concerned)
        for claim, texts in claims:
            for text in texts:
                sample.put(text, claim)
    sample.put(f"SE*{len(sample.segments) - begun + 1}*0001")
    sample.put("GE*1*1")
    sample.put(f"IEA*1*{control}")


def _below(below: Sequence[tuple[str, Any, list[tuple[str, Any]]]], place: int) -> set[str]:
    """The claims of the levels below a level."""
    found: set[str] = set()
    for what, _, claims in below[place + 1 :]:
        if what <= below[place][0]:
            break
        found |= {claim for claim, _ in claims}
    return found


def sample() -> tuple[list[str], list[set[str]]]:
    """Three interchanges with delimiters of their own: their segments, and the claims that each concerns."""
    first, second, third = Sample(), Sample("|", ">", "^", "\r\n"), Sample("*", ":", "!", "~")
    interchange(first, "P", "A", "000000001")
    interchange(second, "I", "B", "000000002")
    interchange(third, "P", "C", "000000003")
    every = (first, second, third)
    segments = [text for each in every for text in each.segments]
    return segments, [claims for each in every for claims in each.concerns]


def one_file(*parts: Iterable[str], sample: Sample | None = None) -> bytes:
    """A file of one 837P transaction: a billing provider, a subscriber, and the segments given."""
    made = sample or Sample()
    made.put(isa("000000001", made.repetition))
    made.put("GS*HC*SENDER*PAYER*20260302*0930*1*X*005010X222A1")
    made.put("ST*837*0001*005010X222A1")
    made.put("HL*1**20*1")
    made.put(f"NM1*85*2*PHARMACY*****XX*{PHARMACY}")
    made.put("HL*2*1*22*0")
    for text in _subscriber("ANNA"):
        made.put(text)
    for part in parts:
        for text in part:
            made.put(text)
    made.put(f"SE*{len(made.segments) - 1}*0001")
    made.put("GE*1*1")
    made.put("IEA*1*000000001")
    return made.bytes()


Event = dict[str, Any]


def taken_in(
    data: bytes, numbers: ClaimNumbers | None = None, received: str | None = None, piece: int = 1 << 18
) -> tuple[list[Event], list[Fault], Intake]:
    """The events and faults of a file, and the intake that read it."""
    intake = Intake(numbers or ClaimNumbers(), received)
    events: list[Event] = []
    faults: list[Fault] = []
    stream = io.BytesIO(data)
    for found in intake.read(lambda most: stream.read(min(most, piece))):
        if isinstance(found, Fault):
            faults.append(found)
        else:
            events += map(json.loads, found.values)
    return events, faults, intake


def codes(faults: Iterable[Fault]) -> list[str]:
    """The codes of faults."""
    return [fault.code for fault in faults]
