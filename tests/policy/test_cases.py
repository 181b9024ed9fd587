"""Every rule on its case files: where it fires and where it stays silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from models.edit_event import EditEvent
from policy.history import ROOM_BEFORE
from policy.roles import role_of
from policy.rules import RULES
from tests.oracle import own_tables, screen
from tests.policy.case_files import Case, read_cases
from tests.policy.case_lines import Row
from tests.support import Event, built_in_policy, claim_line, latest, run

FOLDER = Path(__file__).parent / "cases"
CASES = [case for path in sorted(FOLDER.iterdir()) for case in read_cases(path)]


def over(cases: Sequence[Case]) -> pytest.MarkDecorator:
    """The mark of a test that is run on each of some cases, with ids that read as sentences."""
    kinds = {True: "fires", False: "silent"}
    return pytest.mark.parametrize(
        "case", cases, ids=[f"{case.rule} {kinds[case.fires]} when {case.when}" for case in cases]
    )


def open_edits(rule: str, events: Sequence[Event], *, final: bool = False) -> list[EditEvent]:
    """The open edits of a rule by the engine; every line must be accepted."""
    outputs = run(events, final=final)
    assert not [reason for out in outputs for each in out.rejections for reason in each.reasons]
    edits, _ = latest(event for out in outputs for event in out.publications)
    return [edit for edit in edits.values() if edit.status == "open" and edit.rule == rule]


def rows(edits: Sequence[EditEvent]) -> list[Row]:
    """Edits as a case file gives them."""
    return sorted(
        (e.claim_id, e.line_number, tuple(e.dates), e.units_affected, e.amount_affected, e.disposition)
        for e in edits
    )


@over(CASES)
@pytest.mark.parametrize("final", [False, True], ids=["as published", "final"])
def test_the_rule_finds_what_the_case_says(case: Case, final: bool) -> None:
    """The open edits of the rule are those of the case, and none where it is silent."""
    assert rows(open_edits(case.rule, case.events, final=final)) == list(case.edits)


@over([case for case in CASES if case.evidence])
def test_an_edit_names_the_lines_it_rests_on(case: Case) -> None:
    """The evidence of each edit is the lines that the case names and no others."""
    codes = {(e["claim_id"], e["line_number"]): e["procedure_code"] for e in case.events}
    found = []
    for edit in open_edits(case.rule, case.events):
        others = tuple((each["claim_id"], each["line_number"]) for each in edit.evidence)
        assert [codes[other] for other in others] == [each["procedure_code"] for each in edit.evidence]
        found.append((edit.claim_id, edit.line_number, others))
    assert sorted(found) == list(case.evidence)


@over(CASES)
def test_no_date_is_special(case: Case) -> None:
    """A line that came before all others, for a date far behind theirs, changes nothing.

    It places the first date of the case where the engine begins to count a member's days.
    """
    begin = min(date.fromisoformat(event["service_date_from"]) for event in case.events)
    far = (begin + timedelta(days=ROOM_BEFORE)).isoformat()
    received = min(event["received_at"] for event in case.events)
    ahead = [
        claim_line("FAR", 1, "A4222", far, member_id=member, received_at=received)
        for member in sorted({event["member_id"] for event in case.events})
    ]
    found = [edit for edit in open_edits(case.rule, [*ahead, *case.events]) if edit.claim_id != "FAR"]
    assert rows(found) == list(case.edits)


@over(CASES)
def test_the_case_is_what_the_specification_says(case: Case) -> None:
    """The oracle finds the same edits of the rule, so the case holds the specification."""
    names = ("claim_id", "line_number", "dates", "units_affected", "amount_affected", "disposition")
    found = [
        tuple(tuple(edit[name]) if name == "dates" else edit[name] for name in names)
        for edit in screen(list(case.events), own_tables()).edits
        if edit["rule"] == case.rule
    ]
    assert sorted(found) == list(case.edits)


@over([case for case in CASES if not case.fires])
def test_a_silent_case_has_a_line_that_the_rule_could_find(case: Case) -> None:
    """Some line of a silent case has the role that the rule judges, so its silence means something."""
    version = built_in_policy().versions[-1]
    kinds = {role_of(version, event["procedure_code"], event.get("ndc")).kind for event in case.events}
    assert RULES[case.rule].kind in kinds


def test_every_rule_has_cases_on_both_sides() -> None:
    """Each rule has at least two cases in which it fires and two in which it is silent."""
    count = Counter((case.rule, case.fires) for case in CASES)
    assert min(count[rule, fires] for rule in RULES for fires in (True, False)) >= 2


def test_the_cases_of_a_rule_have_names_of_their_own() -> None:
    """No two cases of a rule have the same name, and none is told apart by its capitals or its end."""
    names = [(case.rule, case.when.lower().rstrip(".")) for case in CASES]
    assert [name for name, times in Counter(names).items() if times > 1] == []
