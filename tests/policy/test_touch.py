"""Laws of what a change touches: every line whose findings differ, and no line far away."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from policy.assess import assess
from policy.history import ActiveLine
from policy.rules import RULES
from policy.screening import Screening
from policy.touch import touched
from tests.oracle import random_events
from tests.policy.case_files import Case
from tests.policy.case_lines import event_of
from tests.policy.histories import Filed
from tests.policy.test_cases import CASES, over
from tests.support import Event, built_in_policy

Place = tuple[str, int]
Judged = dict[Place, list[str]]


def judged(filed: Filed) -> Judged:
    """The edits of every line of the member, each judged anew."""
    screening = Screening(filed.history, RULES)
    return {
        place: sorted(edit.digest for edit in assess(line, screening, built_in_policy()).edits.values())
        for place, line in filed.lines.items()
    }


def places(lines: list[ActiveLine]) -> set[Place]:
    """Where lines stand: claim and number."""
    return {(line.line.claim_id, line.line.line_number) for line in lines}


def assert_told(filed: Filed, before: Judged, changed: list[ActiveLine]) -> None:
    """Fail where the edits of a line differ that the change is said not to touch."""
    after = judged(filed)
    differ = {place for place in after if after[place] != before.get(place)}
    assert differ <= places(touched(filed.history, changed))


def leave_and_return(filed: Filed, where: Iterable[Place]) -> None:
    """Take lines of a member out, all at once, and file them again; both are changes."""
    before = judged(filed)
    lines = [line for place in where if (line := filed.take_out(*place)) is not None]
    assert_told(filed, before, lines)
    before = judged(filed)
    assert_told(filed, before, [filed.put_back(line) for line in lines])


def each_leaves_and_returns(events: list[Event]) -> None:
    """Take out and file again each line of a member, then each claim as a whole."""
    filed = Filed(events)
    for place in list(filed.lines):
        leave_and_return(filed, [place])
    for claim in filed.claims:
        leave_and_return(filed, [place for place in filed.lines if place[0] == claim])


@over(CASES)
def test_lines_that_leave_or_come_touch_all_whose_edits_differ(case: Case) -> None:
    """On each case: what is not touched has the same edits as when the whole member is judged again."""
    each_leaves_and_returns(
        [event for event in case.events if event["member_id"] == case.events[0]["member_id"]]
    )


@pytest.mark.parametrize("seed", range(600, 620))
def test_random_lines_touch_all_whose_edits_differ(seed: int) -> None:
    """On random lines of one member, the same."""
    events = random_events(random.Random(seed), 16)
    each_leaves_and_returns([event | {"member_id": "M-1"} for event in events])


MEMBER = [
    "A/1 S9500 03-01..03-06",
    "A/2 J0696 03-01..03-02",
    "A/3 J7030 03-04",
    "A/4 A4222 03-05",
    "A/5 99601 03-08 rendering=nurse",
    "A/6 99602 03-08 rendering=nurse",
    "A/7 J1642 03-20",
    "A/8 S9500 03-25",
    "B/1 S9374 03-03..03-04",
    "B/2 J7030 03-04",
    "B/3 J1642 03-06",
    "C/1 S9500 05-01..05-06",
    "C/2 J0696 05-01",
]
"""Lines of one member, so that a change of each touches some of them and not the rest."""


@pytest.mark.parametrize(
    ("changed", "touches"),
    [
        ("A/2", "A/1 A/2 A/3 A/4 B/1 B/2 B/3"),
        ("A/4", "A/4"),
        ("A/5", "A/5 A/6 A/7"),
        ("A/7", "A/7"),
        ("A/8", "A/7 A/8"),
        ("C/1", "C/1 C/2"),
        ("B/1", "A/1 A/2 A/3 B/1 B/2 B/3"),
    ],
)
def test_a_change_touches_no_line_that_is_far_from_it(changed: str, touches: str) -> None:
    """Lines of other claims on other dates are left alone, and so are those that no rule asks for."""
    filed = Filed(event_of(line) for line in MEMBER)
    claim, number = changed.split("/")
    line = filed.lines[claim, int(number)]
    found = {f"{claim}/{number}" for claim, number in places(touched(filed.history, [line]))}
    assert found == set(touches.split())
