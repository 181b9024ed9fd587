"""Laws of the sentences of edits (specification, section 5: `message`)."""

from __future__ import annotations

from policy.message import dates_text, shortened
from tests.policy.case_lines import event_of
from tests.policy.test_cases import open_edits


def message_of(rule: str, *lines: str) -> str:
    """The message of the only open edit of a rule."""
    (edit,) = open_edits(rule, [event_of(line) for line in lines])
    return edit.message


def test_a_message_names_the_code_the_dates_and_the_lines_it_rests_on() -> None:
    """A line of the edit's own claim goes by its number, one of another claim by claim and number."""
    lines = ["A/1 S9374 03-01..03-02", "B/1 S9375 03-05", "B/2 S9376 03-01..03-05"]
    assert message_of("conflicting_per_diem", *lines[:1], "B/3 S9375 03-07", lines[2]) == (
        "S9376 on 2024-03-01 to 2024-03-02 conflicts with another code of its group, of which one a day "
        "can be right (S9374 on claim A line 1)."
    )
    assert message_of("conflicting_per_diem", *lines) == (
        "S9376 on 2024-03-01 to 2024-03-02, 2024-03-05 conflicts with another code of its group, of which "
        "one a day can be right (S9374 on claim A line 1, S9375 on line 1)."
    )


def test_a_message_tells_how_many_of_its_dates_are_in_question() -> None:
    """It does where the units affected are fewer than the dates, be it by a part of a unit."""
    fewer = message_of("per_diem_without_drug", "A/1 S9500 03-01..03-04 units=2.5")
    assert fewer.endswith("days of infusion. 2.5 of these 4 dates are in question.")
    assert "in question" not in message_of("per_diem_without_drug", "A/1 S9500 03-01..03-04")


def test_a_share_of_the_line_is_no_number_of_dates() -> None:
    """A rule that takes the share of the dates in the units says nothing of dates in question."""
    found = message_of("included_in_per_diem", "A/1 A4222 03-01..03-04 units=1", "A/2 S9500 03-01..03-04")
    assert found.startswith("A4222 on 2024-03-01 to 2024-03-04 is inside")
    assert "in question" not in found


def test_a_message_names_the_lines_that_are_missing() -> None:
    """Where lines of the claim could still cure the finding, their numbers are told."""
    lines = "A/2 S9500 03-01 line_count=4", "A/3 99213 03-01"
    assert message_of("per_diem_without_drug", *lines).endswith(
        "days of infusion. 2 of the claim's 4 lines have come; missing: 1, 4."
    )


def test_missing_lines_matter_to_absence_alone() -> None:
    """A rule that no further line could cure does not mention them, nor does a claim that has all."""
    assert "missing" not in message_of("units_exceed_days", "A/1 S9500 03-01 units=2 line_count=4")
    assert "missing" not in message_of("per_diem_without_drug", "A/1 S9500 03-01 line_count=1")


def test_dates_in_a_row_are_one_range() -> None:
    """A date alone stands alone; any gap ends a range."""
    assert dates_text(0b1011_0111, 738_886) == (
        "2024-01-01 to 2024-01-03, 2024-01-05 to 2024-01-06, 2024-01-08"
    )
    assert dates_text(0b101, 738_886) == "2024-01-01, 2024-01-03"


def test_a_long_list_is_cut() -> None:
    """Six are named, the rest is counted."""
    assert shortened(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d, e, f"
    assert shortened(["a", "b", "c", "d", "e", "f", "g", "h"]) == "a, b, c, d, e, f and 2 more"
