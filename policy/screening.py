"""One look at a member's history: what the rules ask of it, worked out once each.

A `Screening` lives for one decision: it holds no state of its own beyond what it has already
worked out, so it must not outlive a change of the history. Source: specification, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from models.finding import Disposition
from policy.document import EVERY_FAMILY, PerDiem, RuleSettings
from policy.history import ActiveLine, History

if TYPE_CHECKING:
    from policy.rules.declare import Rule

_T = TypeVar("_T")

UNIT = 1000
"""Thousandths in a unit."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule finds on a line, before exemptions.

    Attributes:
        dates: the dates found, never empty.
        disposition: what the rule asks for.
        evidence: the other lines it rests on, in no particular order.
        units: thousandths of a unit where the rule counts them itself, else None.
    """

    dates: int
    disposition: Disposition
    evidence: tuple[ActiveLine, ...] = ()
    units: int | None = None


@dataclass(slots=True)
class Screening:
    """The member's history with everything the rules have asked for so far.

    Attributes:
        history: the member's active lines.
        rules: the rules by name; a rule may ask for what another one finds.
    """

    history: History
    rules: dict[str, Rule]
    _memo: dict[tuple[Any, int], Any] = field(default_factory=dict)

    def _once(self, what: Callable[[ActiveLine], _T], line: ActiveLine) -> _T:
        key = (what.__func__, id(line))  # type: ignore[attr-defined]
        memo = self._memo
        if key not in memo:
            memo[key] = what(line)
        return memo[key]  # type: ignore[no-any-return]

    def near(self, line: ActiveLine) -> list[ActiveLine]:
        """The lines with a date in common with `line`, itself included."""
        return self._once(self.history.overlapping, line)

    def near_per_diems(self, line: ActiveLine) -> list[ActiveLine]:
        """The per diem lines among them."""
        return self._once(self._near_per_diems, line)

    def _near_per_diems(self, line: ActiveLine) -> list[ActiveLine]:
        return [other for other in self.near(line) if other.role.per_diem is not None]

    def near_drugs(self, line: ActiveLine) -> list[ActiveLine]:
        """The lines among them that are a drug on some date."""
        return self._once(self._near_drugs, line)

    def _near_drugs(self, line: ActiveLine) -> list[ActiveLine]:
        return [other for other in self.near(line) if self.drug_days(other)]

    def drug_days(self, line: ActiveLine) -> int:
        """The dates on which a line is a drug; discarded amounts included (section 3)."""
        if line.kind == "drug":
            return line.days
        if line.kind == "solution":
            return self._once(self._solution_days, line)
        return 0

    def _solution_days(self, line: ActiveLine) -> int:
        days = 0
        for other in self.near_per_diems(line):
            if per_diem(other).therapy & line.role.families:
                days |= other.days
        return days & line.days

    def given_days(self, line: ActiveLine) -> int:
        """The dates on which a line is evidence that a drug was given (no discarded amounts)."""
        return 0 if line.discarded and line.kind == "drug" else self.drug_days(line)

    def pairs(self, line: ActiveLine) -> list[tuple[ActiveLine, int]]:
        """The drug lines that pair a per diem line, each with the dates on which it does."""
        return self._once(self._pairs, line)

    def _pairs(self, line: ActiveLine) -> list[tuple[ActiveLine, int]]:
        found = []
        for drug in self.near_drugs(line):
            if drug.claim is line.claim and corresponds(drug, line):
                days = self.given_days(drug) & line.days
                if days:
                    found.append((drug, days))
        return found

    def paired(self, line: ActiveLine) -> int:
        """The dates of a per diem line that a corresponding drug line of its claim covers."""
        return self._once(self._paired, line)

    def _paired(self, line: ActiveLine) -> int:
        days = 0
        for _, dates in self.pairs(line):
            days |= dates
        return days

    def dated_by_drugs(self, line: ActiveLine) -> bool:
        """Whether a per diem line has fewer units than days and just as many paired dates as units."""
        units = line.line.units
        return (
            units < line.count * UNIT
            and self.paired(line).bit_count() == -(-units // UNIT)
            and per_diem(line).missing_drug not in line.version.drug_rules.drug_inside
        )

    def billed(self, line: ActiveLine) -> int:
        """The dates that a per diem line stands for (section 4.1)."""
        return self._once(self._billed, line)

    def _billed(self, line: ActiveLine) -> int:
        return self.paired(line) if self.dated_by_drugs(line) else line.days

    def certain(self, line: ActiveLine) -> bool:
        """Whether it is known which dates a per diem line stands for."""
        return line.line.units >= line.count * UNIT or self.dated_by_drugs(line)

    def finding(self, rule: Rule, line: ActiveLine) -> Finding | None:
        """What a rule finds on a line of its kind, worked out once."""
        key = (rule.name, id(line))
        memo = self._memo
        if key not in memo:
            memo[key] = rule.find(line, self)
        return memo[key]  # type: ignore[no-any-return]

    def found(self, line: ActiveLine, *names: str) -> int:
        """The dates that the named rules find on a line."""
        days = 0
        for name in names:
            finding = self.finding(self.rules[name], line)
            if finding is not None:
                days |= finding.dates
        return days

    def displaced(self, line: ActiveLine) -> int:
        """The dates on which a per diem line is taken for a mistake, not for a therapy of its own."""
        return self.found(line, "exclusive_per_diem", "conflicting_per_diem", "duplicate_per_diem")

    def once(self, name: str, line: ActiveLine, what: Callable[[], _T]) -> _T:
        """Anything else that is worth working out once for a line."""
        key = (name, id(line))
        if key not in self._memo:
            self._memo[key] = what()
        return self._memo[key]  # type: ignore[no-any-return]


def per_diem(line: ActiveLine) -> PerDiem:
    """The per diem settings of a per diem line."""
    settings = line.role.per_diem
    assert settings is not None  # noqa: S101 - asked of per diem lines alone
    return settings


def settings(line: ActiveLine, rule: str) -> RuleSettings:
    """A rule's settings in the policy version that governs a line."""
    return line.version.rules[rule]


def corresponds(drug: ActiveLine, line: ActiveLine) -> bool:
    """Whether a drug line and a per diem line have a family in common (section 3)."""
    return drug.role.families & line.role.families != 0


def of_any_family(line: ActiveLine) -> bool:
    """Whether a line's families are `*`."""
    return line.role.families == EVERY_FAMILY


def drug_identity(line: ActiveLine) -> tuple[str, str | None]:
    """What tells drugs apart: the code, and for unknown drugs the NDC too (section 4.1)."""
    return line.line.procedure_code, line.line.ndc if of_any_family(line) else None
