"""Laws of findings: what a rule finds on a line, before exemptions."""

from __future__ import annotations

from policy.rules import RULES, RULES_OF
from policy.screening import Screening
from tests.policy.case_files import Case
from tests.policy.histories import Filed
from tests.policy.test_cases import CASES, over


@over(CASES)
def test_a_finding_is_of_dates_of_the_line(case: Case) -> None:
    """A rule finds some dates of the line or nothing, never no dates and never those of other lines."""
    filed = Filed(case.events)
    screening = Screening(filed.history, RULES)
    for line in filed.lines.values():
        for rule in RULES_OF[line.role.kind]:
            finding = screening.finding(rule, line)
            if finding is not None:
                assert finding.dates
                assert finding.dates & ~line.days == 0


@over(CASES)
def test_what_was_worked_out_is_not_worked_out_again(case: Case) -> None:
    """While the history stays as it is, each rule has one finding a line, and each line one neighbourhood."""
    filed = Filed(case.events)
    screening = Screening(filed.history, RULES)
    for line in filed.lines.values():
        assert screening.near(line) is screening.near(line)
        for rule in RULES_OF[line.role.kind]:
            assert screening.finding(rule, line) is screening.finding(rule, line)
