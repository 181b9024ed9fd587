"""Laws of problems and the error that carries them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policy.errors import PolicyError, Problem, Report, quoted


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("f.csv", 3, "code", "is bad"), "f.csv:3: code: is bad"),
        (Problem("f.csv", None, "code", "is bad"), "f.csv: code: is bad"),
        (Problem("f.csv", 3, None, "is bad"), "f.csv:3: is bad"),
        (Problem("f.csv", None, None, "is bad"), "f.csv: is bad"),
    ],
)
def test_a_problem_is_one_line(problem: Problem, text: str) -> None:
    """File, row, column and message, those that there are."""
    assert str(problem) == text


def test_an_error_sorts_its_problems_by_file_and_row() -> None:
    """Problems come in the order of the files, those of a whole file first."""
    late, early, whole = (
        Problem("b", 1, None, "1"),
        Problem("a", 10, None, "2"),
        Problem("b", None, None, "3"),
    )
    error = PolicyError((late, early, whole))
    assert error.problems == (early, whole, late)
    assert str(error) == "a:10: 2\nb: 3\nb:1: 1"


def test_a_report_without_problems_lets_pass() -> None:
    """Only a report with problems raises."""
    report = Report()
    report.check()
    report.add("a", 1, "b", "c")
    with pytest.raises(PolicyError, match=r"^a:1: b: c$"):
        report.check()


@given(st.text(max_size=60))
@example("x" * 40)
@example("x" * 41)
def test_a_quoted_value_is_short_and_printable(value: str) -> None:
    """A value in a message shows on one line; what is long is cut."""
    shown = quoted(value)
    assert shown.isprintable()
    assert shown == repr(value if len(value) <= 40 else value[:40] + "...")
