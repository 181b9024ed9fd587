"""One look at a member's history: what the rules ask of it, worked out once each.

A `Screening` lives for one decision: it holds no state of its own beyond what it has already
worked out, so it must not outlive a change of the history. Source: specification, sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from models.finding import Disposition
from policy.document import EVERY_FAMILY, PerDiem, RuleSettings
from policy.history import ActiveLine, History

if TYPE_CHECKING:
    from policy.rules.concurrency import Therapies
    from policy.rules.declare import Rule

UNIT: Final = 1000
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


class Facts:
    """What has been worked out of one line so far; None where nobody has asked yet."""

    __slots__ = (
        "billed",
        "by_rule",
        "drug_days",
        "drugs",
        "in_window",
        "near",
        "paired",
        "pairs",
        "per_diems",
        "shares",
        "therapies",
    )

    def __init__(self, near: list[ActiveLine]) -> None:
        self.near = near
        self.per_diems = [line for line in near if line.role.per_diem is not None]
        self.drugs: list[ActiveLine] | None = None
        self.drug_days: int | None = None
        self.pairs: list[tuple[ActiveLine, int]] | None = None
        self.paired: int | None = None
        self.billed: int | None = None
        self.in_window: list[tuple[ActiveLine, int]] | None = None
        self.shares: dict[str, Finding] | None = None
        self.therapies: Therapies | None = None
        self.by_rule: dict[str, Finding | None] = {}


class Screening:
    """The member's history with everything the rules have asked for so far.

    Attributes:
        history: the member's active lines.
    """

    __slots__ = ("_facts", "_rules", "history")

    def __init__(self, history: History, rules: Mapping[str, Rule]) -> None:
        self.history = history
        self._rules = rules
        self._facts: dict[int, Facts] = {}

    def facts(self, line: ActiveLine) -> Facts:
        """What has been worked out of a line so far."""
        facts = self._facts.get(id(line))
        if facts is None:
            facts = self._facts[id(line)] = Facts(self.history.overlapping(line))
        return facts

    def near(self, line: ActiveLine) -> list[ActiveLine]:
        """The lines with a date in common with `line`, itself included."""
        return self.facts(line).near

    def near_per_diems(self, line: ActiveLine) -> list[ActiveLine]:
        """The per diem lines among them."""
        return self.facts(line).per_diems

    def near_drugs(self, line: ActiveLine) -> list[ActiveLine]:
        """The lines among them that are a drug on some date."""
        facts = self.facts(line)
        if facts.drugs is None:
            facts.drugs = [other for other in facts.near if self.drug_days(other)]
        return facts.drugs

    def drug_days(self, line: ActiveLine) -> int:
        """The dates on which a line is a drug; discarded amounts included (section 3)."""
        kind = line.role.kind
        if kind == "drug":
            return line.days
        if kind != "solution":
            return 0
        facts = self.facts(line)
        if facts.drug_days is None:
            days = 0
            for other in facts.per_diems:
                if per_diem(other).therapy & line.role.families:
                    days |= other.days
            facts.drug_days = days & line.days
        return facts.drug_days

    def given_days(self, line: ActiveLine) -> int:
        """The dates on which a line is evidence that a drug was given (no discarded amounts)."""
        return 0 if line.discarded and line.role.kind == "drug" else self.drug_days(line)

    def pairs(self, line: ActiveLine) -> list[tuple[ActiveLine, int]]:
        """The drug lines that pair a per diem line, each with the dates on which it does."""
        facts = self.facts(line)
        if facts.pairs is None:
            claim, families = line.claim, line.role.families
            facts.pairs = []
            for drug in self.near_drugs(line):
                if drug.claim is claim and drug.role.families & families:
                    days = self.given_days(drug) & line.days
                    if days:
                        facts.pairs.append((drug, days))
        return facts.pairs

    def paired(self, line: ActiveLine) -> int:
        """The dates of a per diem line that a corresponding drug line of its claim covers."""
        facts = self.facts(line)
        if facts.paired is None:
            facts.paired = 0
            for _, days in self.pairs(line):
                facts.paired |= days
        return facts.paired

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
        facts = self.facts(line)
        if facts.billed is None:
            facts.billed = self.paired(line) if self.dated_by_drugs(line) else line.days
        return facts.billed

    def certain(self, line: ActiveLine) -> bool:
        """Whether it is known which dates a per diem line stands for."""
        return line.line.units >= line.count * UNIT or self.dated_by_drugs(line)

    def found(self, line: ActiveLine, *names: str) -> int:
        """The dates that the named rules find on a line of their role."""
        days = 0
        for name in names:
            finding = self.finding(self._rules[name], line)
            if finding is not None:
                days |= finding.dates
        return days

    def finding(self, rule: Rule, line: ActiveLine) -> Finding | None:
        """What a rule finds on a line of its role."""
        by_rule = self.facts(line).by_rule
        if rule.name not in by_rule:
            by_rule[rule.name] = rule.find(line, self)
        return by_rule[rule.name]

    def displaced(self, line: ActiveLine) -> int:
        """The dates on which a per diem line is taken for a mistake, not for a therapy of its own."""
        return self.found(line, "exclusive_per_diem", "conflicting_per_diem", "duplicate_per_diem")


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
