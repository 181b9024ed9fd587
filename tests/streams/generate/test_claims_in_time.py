"""Laws of what comes of a claim: corrections, voids, split and late claims, later versions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from models.reading import read_instant
from streams.generate import GenerateSettings, generate_lines
from tests.streams.generate.runs import open_edits, plain

Event = dict[str, Any]


def claims(settings: GenerateSettings) -> dict[str, list[Event]]:
    """The events of each claim of a run."""
    found = defaultdict(list)
    for event in generate_lines(settings):
        found[event["claim_id"]].append(event)
    return found


def billed(events: list[Event]) -> list[tuple[Any, ...]]:
    """What lines bill, without who sends them when."""
    names = (
        "line_number",
        "procedure_code",
        "modifiers",
        "ndc",
        "service_date_from",
        "service_date_to",
        "units",
    )
    return [tuple(str(event[name]) for name in names) for event in events]


def days_between(first: Event, second: Event) -> int:
    """Days from one receipt to another."""
    return (read_instant(second["received_at"]) - read_instant(first["received_at"])).days


def test_a_correction_bills_what_should_have_been() -> None:
    """A correction names its first claim, comes days later, and leaves none of the errors to deny."""
    run = plain(correction_share=1.0, error_rates={"units_over_days": 1.0})
    found = claims(run)
    firsts = [claim for claim in found if claim.endswith("A")]
    assert firsts
    for claim in firsts:
        [original] = {event["original_claim_id"] for event in found[claim[:-1] + "R"]}
        assert original == claim
        assert {event["claim_frequency_code"] for event in found[claim[:-1] + "R"]} == {"7"}
        assert 0 <= days_between(found[claim][0], found[claim[:-1] + "R"][0]) <= 20
    assert {edit.disposition for edit in open_edits(run)} <= {"inform"}


def test_a_void_repeats_its_claim() -> None:
    """A void bills the lines of its claim again, errors included, and withdraws it."""
    run = plain(void_share=1.0, error_rates={"supplies_billed": 0.5, "no_modifier": 0.5})
    found = claims(run)
    voids = [claim for claim in found if claim.endswith("V")]
    assert voids
    for claim in voids:
        assert {event["claim_frequency_code"] for event in found[claim]} == {"8"}
        assert {event["original_claim_id"] for event in found[claim]} == {claim[:-1] + "A"}
        assert billed(found[claim]) == billed(found[claim[:-1] + "A"])
    assert open_edits(run) == []


def test_only_some_claims_are_sent_again() -> None:
    """Corrections and voids are as frequent as asked for."""
    found = claims(plain(members=400, correction_share=0.2, void_share=0.1))
    kinds = {kind: sum(claim.endswith(kind) for claim in found) for kind in "ARV"}
    assert abs(kinds["R"] / kinds["A"] - 0.2) < 0.04
    assert abs(kinds["V"] / kinds["A"] - 0.1) < 0.03


def test_halves_of_a_split_claim_stand_alone() -> None:
    """Both claims of a split bill have their own per diems and drugs, share no day, and are clean."""
    run = plain(split_share=1.0)
    found = claims(run)
    seconds = [claim for claim in found if claim.endswith("B")]
    assert seconds
    for claim in seconds:
        first = {event["service_date_to"] for event in found[claim[:-1] + "A"]}
        assert max(first) < min(event["service_date_from"] for event in found[claim])
    assert {edit.disposition for edit in open_edits(run)} <= {"inform"}


def test_a_late_drug_comes_about_an_hour_later() -> None:
    """A late drug comes 40 to 80 minutes after its claim, on the claim itself or on a second one."""
    run = plain(late_share=1.0)
    waits = []
    ways = set()
    found = claims(run)
    for claim, events in found.items():
        first = found[claim[:-1] + "A"][0]
        late = [event for event in events if event["received_at"] != first["received_at"]]
        ways |= {claim[-1] for _ in late}
        waits += [read_instant(event["received_at"]) - read_instant(first["received_at"]) for event in late]
    assert ways == {"A", "B"}
    assert all(40 <= wait.total_seconds() / 60 <= 82 for wait in waits)
    assert {edit.rule for edit in open_edits(run)} <= {"drug_on_other_claim", "per_diem_without_drug"}


def test_a_later_version_replaces_a_line() -> None:
    """A later version has the line's place, another event id and charge, and a later receipt."""
    versions = defaultdict(list)
    for event in generate_lines(plain(version_share=1.0)):
        versions[event["claim_id"], event["line_number"]].append(event)
    revised = [events for events in versions.values() if len(events) > 1]
    assert revised
    for first, second in revised:
        assert second["event_id"] != first["event_id"]
        assert read_instant(second["received_at"]) > read_instant(first["received_at"])
        assert float(second["charge_amount"]) < float(first["charge_amount"])
        assert billed([first]) == billed([second])
