"""Lines written as an 837 and taken in again are screened as they were."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.wire import Limits, read_fields, read_line
from streams.generate import GenerateSettings, encode_line, generate_lines
from streams.generate.x12 import Kind, interchanges
from streams.intake import ClaimNumbers
from streams.intake.numbers import REF_D9
from tests.streams.intake.sample import INFUSION, NURSE, OTHER, PHARMACY, Event, taken_in
from tests.support import content, run

KINDS: tuple[Kind, ...] = ("P", "I")
FIRST = date(2026, 1, 5)
CODES = ("S9500", "S9338", "S9494", "J0696", "J1561", "J7030", "A4223", "99601", "99602", "J1642", "B4185")


def carried(events: list[Event], kind: Kind) -> list[Event]:
    """Events as an 837 says them: with the number of the claim's lines, and an 837I without a place."""
    counts: dict[Any, int] = {}
    for event in events:
        counts[event["claim_id"]] = counts.get(event["claim_id"], 0) + 1
    place = {"place_of_service": None} if kind == "I" else {}
    return [event | {"line_count": counts[event["claim_id"]]} | place for event in events]


def through(events: list[Event], kind: Kind) -> list[Event]:
    """Events written as an 837 and taken in again."""
    found, faults, _ = taken_in(b"".join(interchanges(events, kind)), ClaimNumbers(REF_D9))
    assert not [fault for fault in faults if fault.costs != "nothing"]
    return found


def read(event: Event) -> Event:
    """What an event says, but for the id that its maker gave it."""
    line = read_line(read_fields(json.dumps(event).encode()), Limits(100_000))
    said: Event = json.loads(line.canonical())
    return said | {"event_id": None}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [1, 2])
def test_generated_lines_are_screened_as_they_were(kind: Kind, seed: int) -> None:
    """A generated month gives the same edits and verdicts as lines and as an 837."""
    run_settings = GenerateSettings(members=40, seed=seed, other_share=0.2).whole_claims()
    events = carried([json.loads(encode_line(event)) for event in generate_lines(run_settings)], kind)
    again = through(events, kind)
    assert [read(event) for event in again] == [read(event) for event in events]
    found = content(run(again))
    assert found == content(run(events))
    assert found.edits
    assert found.verdicts


ids = st.text("ABCXYZ0123456789- .", min_size=1, max_size=12).map(str.strip).filter(bool)
amounts = st.integers(0, 9_999_999).map(lambda cents: f"{cents / 100:.2f}")
units = st.integers(1, 99_999).map(lambda thousandths: f"{thousandths / 1000:.3f}")
npis = st.sampled_from([PHARMACY, INFUSION, OTHER])


@st.composite
def service_lines(draw: st.DrawFn) -> Event:
    """What a line says for itself."""
    first = FIRST + timedelta(draw(st.integers(0, 20)))
    last = first + timedelta(draw(st.integers(0, 10)))
    return {
        "procedure_code": draw(st.sampled_from(CODES)),
        "modifiers": draw(st.lists(st.sampled_from(["SH", "SJ", "JW", "59"]), max_size=4)),
        "ndc": draw(st.sampled_from([None, "99012034501", "99012-0345-01", "9901-0345-01", "08290330100"])),
        "service_date_from": first.isoformat(),
        "service_date_to": draw(st.sampled_from([None, last.isoformat()])),
        "units": draw(units),
        "charge_amount": draw(amounts),
        "place_of_service": draw(st.sampled_from(["12", "11"])),
        "rendering_provider_npi": draw(st.sampled_from([None, NURSE])),
    }


@st.composite
def claims(draw: st.DrawFn) -> list[list[Event]]:
    """Claims of a few members, each with a number of its own."""
    numbers = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    members = draw(st.lists(ids, min_size=1, max_size=2, unique=True))
    made = []
    for place, claim_id in enumerate(numbers):
        frequency = draw(st.sampled_from(["1", "1", "7", "8"]))
        others = [number for number in numbers if number != claim_id] or ["ELSEWHERE"]
        shared = {
            "claim_id": claim_id,
            "claim_frequency_code": frequency,
            "original_claim_id": None if frequency == "1" else draw(st.sampled_from(others)),
            "member_id": draw(st.sampled_from(members)),
            "plan_id": draw(st.sampled_from([None, "PLAN"])),
            "billing_provider_npi": draw(npis),
            "received_at": f"2026-02-0{1 + place // 2}T10:{draw(st.integers(0, 59)):02d}:30Z",
        }
        lines = draw(st.lists(service_lines(), min_size=1, max_size=5))
        made.append(
            [
                {"event_id": f"{claim_id}-{number}", "line_number": number, **shared, **line}
                for number, line in enumerate(lines, 1)
            ]
        )
    return made


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(made=claims())
def test_any_lines_are_screened_as_they_were(kind: Kind, made: list[list[Event]]) -> None:
    """Whatever lines an 837 can carry come out of it as they went in, and are screened alike."""
    events = carried(list(itertools.chain(*made)), kind)
    again = through(events, kind)
    assert [read(event) for event in again] == [read(event) for event in events]
    assert content(run(again)) == content(run(events))


def test_a_second_intake_changes_nothing() -> None:
    """The same file gives the same events, and screening them twice gives the same verdicts."""
    settings_ = GenerateSettings(members=10, seed=4).whole_claims()
    data = b"".join(interchanges(generate_lines(settings_), "P"))
    once, _, _ = taken_in(data, ClaimNumbers(REF_D9))
    again, _, _ = taken_in(data, ClaimNumbers(REF_D9))
    assert once == again
    assert content(run(once + again)) == content(run(once))
