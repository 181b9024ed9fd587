"""A finding of a rule on a line, and the gravity of dispositions (section 4)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.lines import Line
from tests.oracle.tables import GRAVITY, RULES


@dataclass(eq=False)
class Finding:
    """The dates a rule finds on a line, with exact units and the disposition before exemptions."""

    line: Line
    rule: str
    dates: set[date]
    units: Fraction
    disposition: str


def less_grave(one: str, other: str) -> str:
    """Return the less grave of two dispositions."""
    return max(one, other, key=GRAVITY.index)


def gravest(dispositions: list[str]) -> str | None:
    """Return the gravest disposition, or None of an empty list."""
    return min(dispositions, key=GRAVITY.index, default=None)


def counted_units(line: Line, rule: str, dates: set[date]) -> Fraction:
    """Return the units of a rule marked days or share for the dates found."""
    if RULES[rule][0] == "days":
        return min(line.units, Fraction(len(dates)))
    return line.units * len(dates) / len(line.days)


def found(line: Line, rule: str, dates: set[date], disposition: str) -> list[Finding]:
    """Return the finding of a rule marked days or share; nothing without dates."""
    if not dates:
        return []
    return [Finding(line, rule, dates, counted_units(line, rule, dates), disposition)]
