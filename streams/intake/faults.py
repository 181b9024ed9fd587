"""What is wrong in a file: a code, the place, what it costs. Never the value that is wrong.

`COSTS` lists every code with what it costs: nothing (it is reported, and all that could be read was), a line,
a claim, or all that stands in a transaction or behind a header.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from typing_extensions import TypedDict

Cost = Literal["nothing", "line", "claim", "transaction", "interchange"]

_NOTHING: Final[dict[str, str]] = {
    "isa_width": "An element of the interchange header does not have its width.",
    "outside_interchange": "Segments stand outside an interchange, a group or a transaction.",
    "segment_too_long": "A segment has no end within 8,192 bytes; it is passed over.",
    "segment_unknown": "No segment of an 837 has this name; it is passed over.",
    "terminator_lost": "A segment goes on into the next one; they are taken apart.",
    "cut_off": "The file ends within a segment.",
    "iea_missing": "The interchange has no end.",
    "ge_missing": "The group has no end.",
    "se_missing": "The transaction has no end.",
    "gs_missing": "The transaction stands in no group.",
    "st_missing": "The transaction has no beginning.",
    "iea_count": "IEA01 is not the number of groups.",
    "ge_count": "GE01 is not the number of transactions.",
    "se_count": "SE01 is not the number of segments.",
    "iea_control": "IEA02 is not the control number of ISA13.",
    "ge_control": "GE02 is not the control number of GS06.",
    "se_control": "SE02 is not the control number of ST02.",
    "version_unknown": "ST03 names no 837P or 837I of 005010; the version of the group is taken.",
    "hl_malformed": "An HL is of no level that an 837 has; what is below it belongs to nobody.",
    "hl_parent_unknown": "The parent that an HL names is not there; what is below it belongs to nobody.",
    "frequency_read_as_original": "CLM05-3 is no frequency that a provider sends; it is read as 1.",
    "original_unmapped": "REF F8 is no known number; its claim would not be withdrawn.",
    "charge_total_unreadable": "CLM02 is no amount, so that the charges cannot be checked.",
    "charge_mismatch": "CLM02 is not the sum of the lines' charges.",
    "units_basis": "The units are neither UN nor DA; they are taken as they stand.",
    "ndc_invalid": "LIN03 is no NDC; the line is read without one.",
    "ndc_repeated": "The line has several NDCs; the first that can be read is taken.",
}
_LINE: Final[dict[str, str]] = {
    "line_number_invalid": "LX01 is no number from 1 to 999.",
    "line_number_repeated": "An earlier line of the claim has the same LX01.",
    "line_start_missing": "A service stands behind another one without an LX of its own.",
    "service_missing": "The line has no SV1 (837P) or SV2 (837I).",
    "code_missing": "The line has no procedure code.",
    "code_invalid": "The procedure code is not five letters and digits.",
    "code_set_er": "The code is of a jurisdiction (ER), not HCPCS (HC).",
    "code_set_iv": "The code is a home infusion product code (IV), not HCPCS (HC).",
    "code_set_wk": "The code is an ABC code (WK), not HCPCS (HC).",
    "code_set_hp": "The code is a HIPPS rate code (HP), not HCPCS (HC).",
    "code_set_unknown": "The qualifier of the code is not HC.",
    "modifier_invalid": "A modifier is not two letters or digits.",
    "charge_missing": "The line has no charge.",
    "charge_invalid": "The charge is no amount from 0 to 99999999.99 with at most two decimals.",
    "units_missing": "The line has no units.",
    "units_invalid": "The units are no number above 0, at most 99999999.999, with at most three decimals.",
    "place_invalid": "The place of service is not two letters or digits.",
    "date_missing": "The line has no service date.",
    "date_invalid": "The service date is no date or span of dates of the years 1900 to 2100.",
    "date_repeated": "The line has several service dates.",
    "dates_reversed": "The service dates end before they begin.",
    "span_too_long": "The line spans more than 366 dates.",
    "rendering_npi_invalid": "The NPI of the rendering provider is not ten digits with a valid check digit.",
}
_CLAIM: Final[dict[str, str]] = {
    "claim_start_missing": "Lines stand behind a claim without a CLM of their own.",
    "claim_cut_off": "The file breaks off within the claim or right behind it.",
    "claim_too_large": "The claim has more than 20,000 segments.",
    "no_lines": "The claim has no service line.",
    "context_lost": "Whose claim it is is not known: the HL above it is missing or no HL of an 837.",
    "billing_npi_missing": "Loop 2010AA has no NPI (NM109 with XX).",
    "billing_npi_invalid": "The NPI of the billing provider is not ten digits with a valid check digit.",
    "member_missing": "Loop 2010BA has no member id.",
    "patient_missing": "A dependent has no id: birth date and first name are needed, and one is missing.",
    "member_too_long": "The member's id is longer than 80 characters.",
    "plan_too_long": "SBR03 is longer than 80 characters.",
    "claim_number_missing": "The claim lacks the number that its claim id is made of.",
    "claim_number_too_long": "The claim id would be longer than 50 characters.",
    "claim_number_unmapped": "The map has no claim id for this claim.",
    "claim_number_ambiguous": "The map has several claim ids for this claim.",
    "frequency_invalid": "CLM05-3 is not one letter or digit.",
    "original_missing": "A correction or void (CLM05-3 6, 7, 8) names no claim in REF F8.",
    "original_too_long": "REF F8 is longer than 50 characters.",
    "original_is_itself": "The claim names itself in REF F8.",
    "received_unknown": "The interchange has no date and time; --received-at sets one.",
}
_MORE: Final[dict[str, tuple[Cost, str]]] = {
    "file_empty": ("interchange", "The file holds no segment."),
    "isa_unreadable": (
        "interchange",
        "No interchange header that can be read; all up to the next is passed over.",
    ),
    "not_837": ("transaction", "The transaction is no 837P or 837I of 005010; it is passed over."),
}

COSTS: Final[Mapping[str, tuple[Cost, str]]] = MappingProxyType(
    {
        **{code: ("nothing", message) for code, message in _NOTHING.items()},
        **{code: ("line", message) for code, message in _LINE.items()},
        **{code: ("claim", message) for code, message in _CLAIM.items()},
        **_MORE,
    }
)
"""Every code: what it costs, and what it says."""

NOT_COUNTED: Final = frozenset(
    {"code_missing", "code_set_er", "code_set_iv", "code_set_wk", "code_set_hp", "code_set_unknown"}
)
"""Lines without a code that can be screened: nothing ever waits for them, so `line_count` leaves them out."""


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes:
        code: one of `COSTS`.
        segment: place of the segment in the file, from 1.
        claim: which CLM of the file it is about, from 1; None outside claims.
        line: LX01 of the line it is about.
        loop, element: where in the implementation guide it stands, such as 2400 and SV104.
    """

    code: str
    segment: int
    claim: int | None = None
    line: int | None = None
    loop: str | None = None
    element: str | None = None

    @property
    def costs(self) -> Cost:
        """What is lost by it."""
        return COSTS[self.code][0]


class FaultLine(TypedDict):
    """A line of the file of faults: where in which 837 something is wrong, and what it costs."""

    file: str
    segment: int
    """Place of the segment in the file, from 1."""
    claim: int | None
    """Which CLM of the file it is about, from 1."""
    line: int | None
    """LX01 of the line it is about."""
    loop: str | None
    element: str | None
    code: str
    costs: Cost
    message: str


def fault_line(file: str, fault: Fault) -> FaultLine:
    """A fault as it is written down."""
    costs, message = COSTS[fault.code]
    return {
        "file": file,
        "segment": fault.segment,
        "claim": fault.claim,
        "line": fault.line,
        "loop": fault.loop,
        "element": fault.element,
        "code": fault.code,
        "costs": costs,
        "message": message,
    }
