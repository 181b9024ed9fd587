"""What 837 files do to those who read them: one trap a test."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from streams.intake import ClaimNumbers, Fault
from streams.intake.numbers import REF_D9
from tests.streams.intake.sample import (
    NURSE,
    OTHER,
    OTHER_PAYER,
    PHARMACY,
    Event,
    Sample,
    codes,
    header,
    isa,
    line,
    one_file,
    taken_in,
)

DAY = "20260201"
PER_DIEM = line("P", 1, "S9500", "686", "7", "20260201-20260207")


def claim(
    *lines: Sequence[str], total: str = "686", frequency: str = "1", more: Sequence[str] = ()
) -> list[str]:
    """A claim of some lines."""
    return [*header("P", "C1", total, frequency, *more), *(text for each in lines for text in each)]


def read(*parts: Sequence[str], numbers: ClaimNumbers | None = None) -> tuple[list[Event], list[Fault]]:
    """The events and faults of claims of one subscriber."""
    events, faults, _ = taken_in(one_file(*parts), numbers)
    return events, faults


def test_a_plain_claim_says_what_it_says() -> None:
    """Every field of the event comes from its element."""
    events, faults = read(claim(PER_DIEM))
    assert not faults
    (event,) = events
    assert len(event.pop("event_id")) == 40
    assert event == {
        "claim_id": f"{PHARMACY}-C1",
        "line_number": 1,
        "line_count": 1,
        "claim_frequency_code": "1",
        "original_claim_id": None,
        "member_id": "ANNA",
        "plan_id": "PLAN",
        "billing_provider_npi": PHARMACY,
        "rendering_provider_npi": None,
        "procedure_code": "S9500",
        "modifiers": [],
        "ndc": None,
        "service_date_from": "2026-02-01",
        "service_date_to": "2026-02-07",
        "units": "7",
        "charge_amount": "686",
        "place_of_service": "12",
        "received_at": "2026-03-02T09:30:00Z",
    }


def test_the_other_payer_is_not_ours() -> None:
    """REF F8, NM1*IL, NM1*82 and SBR of loops 2320 and 2330 say nothing about this claim."""
    events, faults = read(claim(PER_DIEM, more=OTHER_PAYER))
    assert not faults
    assert (events[0]["member_id"], events[0]["plan_id"]) == ("ANNA", "PLAN")
    assert (events[0]["original_claim_id"], events[0]["rendering_provider_npi"]) == (None, None)


def test_a_lost_sbr_makes_the_other_payer_not_ours() -> None:
    """Without its SBR the other subscriber still is another, and its REF F8 is not this claim's."""
    events, _ = read(claim(PER_DIEM, more=OTHER_PAYER[1:]))
    assert (events[0]["member_id"], events[0]["original_claim_id"]) == ("ANNA", None)
    assert events[0]["rendering_provider_npi"] is None


@pytest.mark.parametrize(
    ("of_claim", "of_line", "expected"),
    [([], [], None), ([NURSE], [], NURSE), ([], [OTHER], OTHER), ([NURSE], [OTHER], OTHER)],
)
def test_the_line_renders_before_the_claim(
    of_claim: list[str], of_line: list[str], expected: str | None
) -> None:
    """NM1*82 is 2420A of a line, else 2310B of the claim."""
    more = [f"NM1*82*1*A*NURSE****XX*{npi}" for npi in of_claim]
    own = [f"NM1*82*1*B*NURSE****XX*{npi}" for npi in of_line]
    events, faults = read(claim([*PER_DIEM, *own], more=more))
    assert not faults
    assert events[0]["rendering_provider_npi"] == expected


@pytest.mark.parametrize(
    ("qualifier", "code"),
    [
        ("ER", "code_set_er"),
        ("IV", "code_set_iv"),
        ("WK", "code_set_wk"),
        ("HP", "code_set_hp"),
        ("ZZ", "code_set_unknown"),
    ],
)
def test_another_code_set_costs_its_line_and_is_not_counted(qualifier: str, code: str) -> None:
    """A code that is no HCPCS code is told by its set; the claim has the other lines, and their number."""
    other = [text.replace("HC:", f"{qualifier}:") for text in line("P", 1, "12345", "10", "1", DAY)]
    rest = [line("P", number, "S9500", "98", "1", DAY) for number in (2, 3)]
    events, faults = read(claim(other, *rest, total="206"))
    assert codes(faults) == [code]
    assert (faults[0].line, faults[0].loop, faults[0].element) == (1, "2400", "SV101-1")
    # no line may have a number above the count
    assert [(event["line_number"], event["line_count"]) for event in events] == [(2, 2), (3, None)]


def test_a_damaged_line_is_counted() -> None:
    """A line that cannot be read is waited for, so that nothing is denied because it is absent."""
    events, faults = read(claim(PER_DIEM, line("P", 2, "J0696", "33.6", "8", "20260231"), total="719.6"))
    assert codes(faults) == ["date_invalid"]
    assert [(event["line_number"], event["line_count"]) for event in events] == [(1, 2)]


@pytest.mark.parametrize(
    ("segment", "to", "code", "element"),
    [
        ("LX*1", "LX*0", "line_number_invalid", "LX01"),
        ("HC:S9500", "HC:S95", "code_invalid", "SV101-2"),
        ("HC:S9500", "HC", "code_missing", "SV101-2"),
        ("SV1*HC:S9500", "SV1*", "code_missing", "SV101"),
        ("HC:S9500", "HC:S9500:S", "modifier_invalid", "SV101-3"),
        ("*686*UN", "**UN", "charge_missing", "SV102"),
        ("*686*UN", "*-686*UN", "charge_invalid", "SV102"),
        ("*686*UN", "*686.001*UN", "charge_invalid", "SV102"),
        ("UN*7*", "UN**", "units_missing", "SV104"),
        ("UN*7*", "UN*0*", "units_invalid", "SV104"),
        ("UN*7**", "UN*7*1*", "place_invalid", "SV105"),
        ("RD8*20260201-20260207", "D8*20260230", "date_invalid", "DTP03"),
        ("RD8*20260201-20260207", "RD8*20260201", "date_invalid", "DTP03"),
        ("RD8*20260201-20260207", "RD8*20260207-20260201", "dates_reversed", "DTP03"),
        ("RD8*20260201-20260207", "RD8*20240201-20260207", "span_too_long", "DTP03"),
        ("DTP*472", "DTP*471", "date_missing", "DTP"),
        ("SV1*", "SV5*", "service_missing", "SV1"),
    ],
)
def test_a_fault_of_a_line_is_named_with_its_place(segment: str, to: str, code: str, element: str) -> None:
    """Each element that cannot be used has its reason, and costs the line alone."""
    bad = [text.replace(segment, to) for text in PER_DIEM]
    good = line("P", 2, "J0696", "33.6", "8", DAY)
    events, faults = read(claim(bad, good, total="719.6"))
    told = [fault for fault in faults if fault.costs == "line"]
    assert [(fault.code, fault.loop, fault.element) for fault in told] == [(code, "2400", element)]
    assert [event["procedure_code"] for event in events] == ["J0696"]


@pytest.mark.parametrize(
    ("segment", "to", "code"),
    [
        ("CLM*C1*686*", "CLM*C1*x*", "charge_total_unreadable"),
        ("HL*2*1*22*0", "HL*2*9*22*0", "hl_parent_unknown"),
        ("HL*2*1*22*0", "HL*2*1*19*0", "hl_malformed"),
        ("20260201-20260207~", "20260201-20260207", "terminator_lost"),
        ("N4*TOWN*IL*62701~", "N4*TOWN*IL*62701~" + "N" * 9000 + "~", "segment_too_long"),
        ("IEA*1*000000001~", "IEA*1*000000001~N3*1~", "outside_interchange"),
        ("IEA*1*000000001~", "IEA*1*000000001~GS", "cut_off"),
    ],
)
def test_other_faults_are_named(segment: str, to: str, code: str) -> None:
    """Whatever else is wrong has a name too."""
    data = one_file(claim(PER_DIEM)).decode()
    assert segment in data
    assert code in codes(taken_in(data.replace(segment, to).encode())[1])


def test_a_rendering_provider_without_a_sound_npi_costs_the_line() -> None:
    """The line's, or the claim's where the line has none of its own."""
    bad = f"NM1*82*1*A*NURSE****XX*{NURSE[:-1]}9"
    for texts, loop in ((claim([*PER_DIEM, bad]), "2420A"), (claim(PER_DIEM, more=[bad]), "2310B")):
        events, faults = read(texts)
        assert (events, [(fault.code, fault.loop) for fault in faults]) == (
            [],
            [("rendering_npi_invalid", loop)],
        )


def test_a_claim_without_lines_is_refused() -> None:
    """A CLM with nothing behind it, and one with far too much."""
    assert codes(read(claim(total="0"))[1]) == ["no_lines"]
    events, faults = read(claim(PER_DIEM, ["NTE*ADD*X"] * 20_000), claim(PER_DIEM))
    assert (len(events), codes(faults)) == (1, ["claim_too_large"])


def test_an_original_that_is_too_long_is_refused() -> None:
    """REF F8 of more than 50 characters is no claim id."""
    faults = read(claim(PER_DIEM, frequency="7", more=[f"REF*F8*{'P' * 51}"]))[1]
    assert codes(faults) == ["original_too_long"]


def test_two_different_dates_are_none() -> None:
    """A line with two service dates is refused; the same date twice is one."""
    for date, expected in (("20260301", ["date_repeated"]), ("20260201", [])):
        bad = [*line("P", 1, "S9500", "98", "1", DAY), f"DTP*472*D8*{date}"]
        assert codes(read(claim(bad, total="98"))[1]) == expected


@pytest.mark.parametrize(
    ("ndc", "read_as", "code"),
    [
        (["LIN**N4*99012034501"], "99012034501", []),
        (["LIN**N4*99012-0345-01"], "99012034501", []),
        (["LIN**N4*9901-0345-01"], "09901034501", []),
        (["LIN**N4*99012-345"], None, ["ndc_invalid"]),
        (["LIN**EN*99012034501"], None, []),
        (["LIN**N4*99012034501", "LIN**N4*99012034501"], "99012034501", []),
        (["LIN**N4*99012034501", "LIN**N4*99012034502"], "99012034501", ["ndc_repeated"]),
        (["LIN**N4*x", "LIN**N4*99012034502"], "99012034502", ["ndc_invalid"]),
    ],
)
def test_an_ndc_is_read_where_there_is_one(ndc: list[str], read_as: str | None, code: list[str]) -> None:
    """LIN03 where LIN02 is N4, hyphenated or not; of several the first; the line stays in every case."""
    events, faults = read(claim([*PER_DIEM, *ndc]))
    assert events[0]["ndc"] == read_as
    assert codes(faults) == code


@pytest.mark.parametrize(
    ("own", "of_claim", "expected"), [("", "12", "12"), ("11", "12", "11"), ("", "", None)]
)
def test_the_place_of_the_line_comes_first(own: str, of_claim: str, expected: str | None) -> None:
    """SV105, else CLM05-1."""
    texts = [
        text.replace("UN*7**", f"UN*7*{own}*").replace("*12:B:1", f"*{of_claim}:B:1")
        for text in claim(PER_DIEM)
    ]
    assert read(texts)[0][0]["place_of_service"] == expected


@pytest.mark.parametrize("basis", ["MJ", "", "F2"])
def test_other_bases_of_units_are_told(basis: str) -> None:
    """Units that are neither UN nor DA are taken and told."""
    texts = [text.replace("*UN*", f"*{basis}*") for text in PER_DIEM]
    events, faults = read(claim(texts))
    assert (codes(faults), events[0]["units"]) == (["units_basis"], "7")


@pytest.mark.parametrize(
    ("charge", "read_as"), [(".5", "0.5"), ("0", "0"), ("00686.10", "686.1"), ("5.", "5")]
)
def test_numbers_are_read_as_x12_writes_them(charge: str, read_as: str) -> None:
    """A point may be first or last; zeros say nothing."""
    events, faults = read(claim(line("P", 1, "S9500", charge, "1", DAY), total=charge))
    assert (codes(faults), events[0]["charge_amount"]) == ([], read_as)


def test_charges_that_do_not_come_to_the_total_are_told() -> None:
    """CLM02 against the sum of the lines; the claim is taken all the same."""
    events, faults = read(claim(PER_DIEM, total="700"))
    assert [(fault.code, fault.element, fault.costs) for fault in faults] == [
        ("charge_mismatch", "CLM02", "nothing")
    ]
    assert len(events) == 1


def test_a_correction_without_its_original_is_refused() -> None:
    """A claim of frequency 7 or 8 without REF F8 would withdraw nobody knows what."""
    for frequency in "678":
        events, faults = read(claim(PER_DIEM, frequency=frequency))
        assert (events, codes(faults)) == ([], ["original_missing"])
    assert len(read(claim(PER_DIEM, frequency="9"))[0]) == 1


def test_an_unmapped_original_is_told_and_counted() -> None:
    """Without a map REF F8 is the payer's number and no claim id: it is passed on, told and counted."""
    texts = claim(PER_DIEM, frequency="7", more=["REF*F8*PAYER-1"])
    events, faults, intake = taken_in(one_file(texts))
    assert codes(faults) == ["original_unmapped"]
    assert intake.tally.originals_unmapped == 1
    assert events[0]["original_claim_id"] == "PAYER-1"


def test_ref_d9_numbers_claims() -> None:
    """With `ref-d9` REF F8 is of the same numbers; a claim without REF D9 has none, and none names itself."""
    numbers = ClaimNumbers(REF_D9)
    more = ["REF*F8*P1", "REF*D9*P2"]
    events, faults = read(claim(PER_DIEM, frequency="7", more=more), numbers=numbers)
    assert (events[0]["claim_id"], events[0]["original_claim_id"], faults) == ("P2", "P1", [])
    assert codes(read(claim(PER_DIEM), numbers=numbers)[1]) == ["claim_number_missing"]
    itself = claim(PER_DIEM, frequency="8", more=["REF*F8*P2", "REF*D9*P2"])
    assert codes(read(itself, numbers=numbers)[1]) == ["original_is_itself"]


@pytest.mark.parametrize(
    ("code", "read_as", "told"),
    [("", "1", []), ("0", "1", ["frequency_read_as_original"]), ("A", "1", ["frequency_read_as_original"])],
)
def test_other_frequencies_count_as_original(code: str, read_as: str, told: list[str]) -> None:
    """What is no correction or void of a provider is an original claim."""
    texts = [text.replace("12:B:1", f"12:B:{code}") for text in claim(PER_DIEM)]
    events, faults = read(texts)
    assert (events[0]["claim_frequency_code"], codes(faults)) == (read_as, told)
    assert codes(read([text.replace("12:B:1", "12:B:77") for text in claim(PER_DIEM)])[1]) == [
        "frequency_invalid"
    ]


def test_line_numbers_that_come_twice_are_told() -> None:
    """Of two lines with one LX01 that both belong to the claim the second is refused, and waited for."""
    texts = [PER_DIEM, line("P", 2, "J0696", "10", "1", DAY), line("P", 2, "J0878", "10", "1", DAY)]
    events, faults = read(claim(*texts, total="706"))
    assert codes(faults) == ["line_number_repeated"]
    assert [(event["line_number"], event["line_count"]) for event in events] == [(1, 3), (2, 3)]


def test_a_lost_lx_costs_its_line() -> None:
    """A service without an LX of its own is refused, and the one before stays as it was."""
    second = line("P", 2, "J0696", "33.6", "8", DAY)[1:]
    events, faults = read(claim(PER_DIEM, second, total="719.6"))
    assert codes(faults) == ["line_start_missing"]
    assert [(event["procedure_code"], event["line_count"]) for event in events] == [("S9500", 2)]


def test_a_lost_clm_costs_its_claim_alone() -> None:
    """Lines behind a lost CLM are not those of the claim before, and the claim behind is read."""
    lost = header("P", "C2", "98", "1")[1:] + line("P", 1, "S9501", "98", "1", DAY)
    third = [*header("P", "C3", "98"), *line("P", 1, "S9502", "98", "1", DAY)]
    events, faults = read(claim(PER_DIEM), lost, third)
    assert codes(faults) == ["claim_start_missing"]
    assert [(event["procedure_code"], event["line_count"]) for event in events] == [
        ("S9500", 1),
        ("S9502", 1),
    ]


def test_a_lost_subscriber_costs_its_claims_alone() -> None:
    """A claim behind a lost HL is nobody's: never the subscriber's before."""
    lost = ["SBR*P*18*PLAN******CI", "NM1*IL*1*LAST*FIRST****MI*BERT", "NM1*PR*2*PAYER*****PI*PAYER"]
    events, faults = read(claim(PER_DIEM), lost, claim(PER_DIEM))
    assert codes(faults) == ["context_lost"]
    assert [event["member_id"] for event in events] == ["ANNA"]


def test_a_dependent_is_a_person_of_its_own() -> None:
    """A dependent is the subscriber's id, birth date and first name; without one of them it has no id."""
    patient = ["HL*3*2*23*0", "PAT*19", "NM1*QC*1*LAST*carl  b", "DMG*D8*20200101*M"]
    events, _ = read(patient, claim(PER_DIEM))
    assert events[0]["member_id"] == "ANNA-20200101-CARL B"
    for missing in (2, 3):
        texts = [text for place, text in enumerate(patient) if place != missing]
        events, faults = read(texts, claim(PER_DIEM))
        assert (events, codes(faults)) == ([], ["patient_missing"])


def test_a_subscriber_behind_a_dependent_is_not_it() -> None:
    """A later subscriber's claim is not put under the dependent before."""
    patient = ["HL*3*2*23*0", "PAT*19", "NM1*QC*1*LAST*CARL", "DMG*D8*20200101*M"]
    later = ["HL*4*1*22*0", "SBR*P*18*******CI", "NM1*IL*1*LAST*FIRST****MI*DORA"]
    events, faults = read(patient, claim(PER_DIEM), later, claim(PER_DIEM))
    assert not faults
    assert [event["member_id"] for event in events] == ["ANNA-20200101-CARL", "DORA"]
    assert [event["plan_id"] for event in events] == ["PLAN", None]


@pytest.mark.parametrize(
    ("segment", "to", "code"),
    [
        (PHARMACY, PHARMACY[:-1] + "4", "billing_npi_invalid"),
        (f"XX*{PHARMACY}", "24*12-3456789", "billing_npi_missing"),
        ("MI*ANNA", "MI*", "member_missing"),
        ("MI*ANNA", "MI*" + "A" * 81, "member_too_long"),
        ("18*PLAN", "18*" + "P" * 81, "plan_too_long"),
        ("CLM*C1*", "CLM**", "claim_number_missing"),
        ("CLM*C1*", f"CLM*{'C' * 40}*", "claim_number_too_long"),
        ("HL*2*1*22", "HL*2*9*22", "context_lost"),
        ("HL*2*1*22", "HL*2*1*21", "context_lost"),
        ("*260302*0930*", "*269902*0930*", "received_unknown"),
    ],
)
def test_what_is_missing_around_a_claim_costs_it(segment: str, to: str, code: str) -> None:
    """A claim of nobody knows whom, of no provider, without a number or a time is refused with its reason."""
    data = one_file(claim(PER_DIEM)).decode()
    assert segment in data
    events, faults, intake = taken_in(data.replace(segment, to).encode())
    assert events == []
    assert [fault.code for fault in faults if fault.costs == "claim"] == [code]
    assert (intake.tally.claims, intake.tally.claims_refused) == (1, 1)


def test_the_time_of_receipt() -> None:
    """The interchange's time as UTC, with the seconds of its group in the same minute; or what is set."""
    data = one_file(claim(PER_DIEM)).decode()
    seconds = data.replace("*20260302*0930*1", "*20260302*093015*1")
    other = data.replace("*20260302*0930*1", "*20260302*104500*1")
    set_to = "2026-03-05T00:00:00Z"
    assert taken_in(seconds.encode())[0][0]["received_at"] == "2026-03-02T09:30:15Z"
    assert taken_in(other.encode())[0][0]["received_at"] == "2026-03-02T09:30:00Z"
    assert taken_in(other.encode(), received=set_to)[0][0]["received_at"] == set_to


def test_an_acknowledgement_is_none_of_our_business() -> None:
    """TA1 behind an ISA is about an earlier interchange."""
    data = one_file(claim(PER_DIEM)).replace(b"GS*HC", b"TA1*000000900*260301*0900*A*000~\nGS*HC")
    events, faults, _ = taken_in(data)
    assert (len(events), faults) == (1, [])


def test_an_unknown_segment_costs_nothing() -> None:
    """A segment that no 837 has is told with its place, and the claim is read on."""
    events, faults = read(claim(PER_DIEM[:2], ["XYZ*1*2"], PER_DIEM[2:]))
    assert [(fault.code, fault.costs, fault.claim) for fault in faults] == [("segment_unknown", "nothing", 1)]
    assert len(events) == 1


def test_a_claim_that_the_file_breaks_off_in_is_refused() -> None:
    """A cut-off file: the last claim is refused, those before stay."""
    data = one_file(claim(PER_DIEM), claim(PER_DIEM, line("P", 2, "J0696", "33.6", "8", DAY), total="719.6"))
    whole = taken_in(data)[0]
    for end in range(data.index(b"~", data.index(b"CLM*C1*719.6")) + 1, data.index(b"SE*")):
        events, faults, _ = taken_in(data[:end])
        assert events == whole[:1]
        assert {"claim_cut_off", "se_missing", "ge_missing", "iea_missing"} <= set(codes(faults))


@pytest.mark.parametrize(
    ("segment", "to", "code"),
    [
        ("SE*", "SE*9", "se_count"),
        ("GE*1*1", "GE*2*1", "ge_count"),
        ("IEA*1*", "IEA*7*", "iea_count"),
        ("*0001~\nGE", "*0002~\nGE", "se_control"),
        ("GE*1*1", "GE*1*2", "ge_control"),
        ("IEA*1*000000001", "IEA*1*000000002", "iea_control"),
        ("SE*", "S*", "se_missing"),
        ("GE*1*1~\n", "", "ge_missing"),
        ("IEA*1*000000001~\n", "", "iea_missing"),
        ("GS*HC", "XS*HC", "gs_missing"),
        ("ST*837", "S*837", "st_missing"),
        ("837*0001*005010X222A1", "837*0001*005010", "version_unknown"),
        ("P     ", "P      ", "isa_width"),
    ],
)
def test_a_wrong_envelope_is_told_and_costs_nothing(segment: str, to: str, code: str) -> None:
    """Wrong counts, control numbers and missing ends are told; the claims inside are read."""
    data = one_file(claim(PER_DIEM)).decode()
    if code == "isa_width":
        segment, to = "SENDER         *ZZ", "SENDER          *ZZ"
    assert segment in data
    events, faults, _ = taken_in(data.replace(segment, to, 1).encode())
    assert code in codes(faults)
    assert len(events) == 1


@pytest.mark.parametrize("version", ["005010X221A1", "004010X098A1", "005010X224A2"])
def test_other_transactions_are_passed_over(version: str) -> None:
    """A transaction that is no 837P or 837I of 005010 is passed over and told; its neighbours are read."""
    other = Sample()
    other.put(isa("000000009"))
    other.put(f"GS*HC*SENDER*PAYER*20260302*0930*1*X*{version}")
    other.put(f"ST*837*0001*{version}")
    other.put("HL*1**20*1")
    for text in claim(PER_DIEM):
        other.put(text)
    other.put(f"SE*{len(other.segments) - 1}*0001")
    other.put("GE*1*1")
    other.put("IEA*1*000000009")
    events, faults, intake = taken_in(other.bytes() + one_file(claim(PER_DIEM)))
    assert codes(faults) == ["not_837"]
    assert (len(events), intake.tally.claims, intake.tally.transactions) == (1, 1, 2)


def test_an_837i_has_its_own_segments() -> None:
    """SV2 has the code behind the revenue code; no place of service; the statement's date if it has one."""
    texts = [
        *header("I", "C1", "119"),
        *line("I", 1, "S9500:SH", "98", "1", DAY),
        "LX*2",
        "SV2*0250**21*UN*1",
    ]
    data = one_file(texts).replace(b"005010X222A1", b"005010X223A2")
    events, faults, _ = taken_in(data)
    assert {(fault.code, fault.element) for fault in faults if fault.costs == "line"} == {
        ("code_missing", "SV202"),
        ("date_missing", "DTP"),
    }
    (event,) = events
    assert (event["procedure_code"], event["modifiers"], event["units"]) == ("S9500", ["SH"], "1")
    assert (event["place_of_service"], event["line_count"]) == (None, 1)
    single = data.replace(b"RD8*20260201-20260228", b"D8*20260211").replace(b"DTP*472*D8*20260201~\n", b"")
    assert [event["service_date_from"] for event in taken_in(single)[0]] == ["2026-02-11"]
