"""Laws of a member's history: lines are found by claim and by date, whatever came before."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from policy.history import ROOM_BEFORE, ActiveLine
from tests.policy.histories import Filed
from tests.support import claim_line

FIRST_DAY = date(2024, 3, 1)

law = settings(derandomize=True, deadline=None, max_examples=60)

Step = tuple[str, int, int, int]
"""A line that comes: claim, number, days from FIRST_DAY, days of its span."""

steps = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        st.integers(1, 3),
        st.integers(-150, 150) | st.sampled_from([0, 1, 31, 32, -ROOM_BEFORE, -ROOM_BEFORE - 1]),
        st.integers(1, 3) | st.sampled_from([30, 33, 64, 200]),
    ),
    max_size=10,
)
places = st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 3)), max_size=6)


def file(filed: Filed, step: Step) -> ActiveLine:
    """File the line of a step."""
    claim, number, begin, length = step
    first = FIRST_DAY + timedelta(days=begin)
    last = first + timedelta(days=length - 1)
    line = filed.file(claim_line(claim, number, "S9500", first.isoformat(), last.isoformat()))
    assert line is not None
    return line


def drawn(came: list[Step], left: list[tuple[str, int]]) -> tuple[Filed, list[ActiveLine]]:
    """A history to which lines came and from which some were taken out again, and all of the lines."""
    filed = Filed()
    every = [file(filed, step) for step in came]
    for claim, number in left:
        filed.take_out(claim, number)
    return filed, every


def touch(one: ActiveLine, other: ActiveLine) -> bool:
    """Whether two lines have a date in common."""
    return one.line.first <= other.line.last and other.line.first <= one.line.last


@law
@given(steps, places)
def test_the_lines_overlapping_a_line_are_those_with_a_date_in_common(
    came: list[Step], left: list[tuple[str, int]]
) -> None:
    """Each is found once, also beside a line that was taken out before others came."""
    filed, every = drawn(came, left)
    for line in every:
        expected = [id(other) for other in filed.lines.values() if touch(line, other)]
        assert sorted(map(id, filed.history.overlapping(line))) == sorted(expected)


@law
@given(steps, places)
def test_a_line_covers_its_dates_whatever_came_before_and_after(
    came: list[Step], left: list[tuple[str, int]]
) -> None:
    """The dates of a line are those from its first to its last."""
    filed, _ = drawn(came, left)
    for line in filed.lines.values():
        days = range(line.line.first, line.line.last + 1)
        assert filed.history.dates(line.days) == [date.fromordinal(day) for day in days]
        assert line.count == len(days)
        assert filed.history.span(line.line.first, line.line.last) == line.days


@law
@given(steps, places)
def test_the_lines_of_a_claim_are_those_filed_and_not_taken_out(
    came: list[Step], left: list[tuple[str, int]]
) -> None:
    """By claim, by place and all together; what was taken out or replaced is not held."""
    filed, every = drawn(came, left)
    held = {id(line) for line in filed.lines.values()}
    assert {id(line) for line in filed.history.everything()} == held
    assert {id(line) for line in every if filed.history.holds(line)} == held
    for claim in filed.claims.values():
        expected = {id(line) for line in filed.lines.values() if line.claim is claim}
        assert {id(line) for line in filed.history.of_claim(claim)} == expected


@law
@given(steps, places)
def test_a_claim_is_alone_where_no_other_has_a_date_between_its_first_and_its_last(
    came: list[Step], left: list[tuple[str, int]]
) -> None:
    """The dates of all lines it ever had count."""
    filed, every = drawn(came, left)
    for claim in filed.claims.values():
        mine = [line.line for line in every if line.claim is claim]
        first, last = min(line.first for line in mine), max(line.last for line in mine)
        others = [line.line for line in filed.lines.values() if line.claim is not claim]
        crowded = any(line.first <= last and first <= line.last for line in others)
        assert filed.history.alone(claim) is not crowded


def test_a_claim_that_was_never_filed_is_alone() -> None:
    """It has no line that could have a date in common with others."""
    filed, _ = drawn([("A", 1, 0, 1), ("B", 1, 0, 1)], [])
    strange = Filed()
    file(strange, ("C", 1, 0, 1))
    assert filed.history.alone(strange.claims["C"])
    assert list(filed.history.of_claim(strange.claims["C"])) == []


def test_a_forgotten_claim_leaves_nothing() -> None:
    """Its lines are gone, and its dates do not count when a line of it comes again."""
    filed, _ = drawn([("A", 1, 0, 30), ("A", 2, 3, 1), ("B", 1, 10, 1)], [])
    claim = filed.claims["A"]
    filed.history.forget(claim)
    filed.lines.clear()
    assert [line.line.claim_id for line in filed.history.everything()] == ["B"]
    file(filed, ("A", 1, 0, 1))
    assert filed.history.alone(claim)


def test_a_span_before_the_first_line_is_cut() -> None:
    """Dates before those a member's days are counted from hold no line, so they are left out."""
    filed, _ = drawn([("A", 1, 0, 1)], [])
    history, first = filed.history, filed.history.base
    assert history.dates(history.span(first - 10, first + 1)) == [
        date.fromordinal(first),
        date.fromordinal(first + 1),
    ]
    assert history.span(first - 10, first - 1) == 0
    assert history.span(first - 10, first - 5) == 0
    assert history.span(first + 5, first + 3) == 0
