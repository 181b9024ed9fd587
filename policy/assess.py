"""From findings to edits: exemptions, units, amounts, dispositions, codes.

Units are thousandths, amounts cents (USD); both are worked out in whole numbers and rounded half up at
the end. Source: screening specification, sections 4 (*Units*, *Lines missing*) and 4.3.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from models.edit_event import EvidenceLine
from models.finding import Disposition, milder
from models.wire import to_json_bytes
from policy.document import Exemption, Policy, RuleSettings
from policy.history import ActiveLine
from policy.rules import RULES_OF
from policy.rules.declare import Rule
from policy.screening import UNIT, Finding, Screening

WHILE_LINES_ARE_MISSING: Final[Disposition] = "review"
"""The gravest disposition of an absence rule while lines of the claim are missing."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A rule's edit on a line, as it would be published.

    Attributes:
        line, rule, settings: whose edit it is.
        dates: what exemptions leave of the dates found.
        units: thousandths of a unit; amount: cents (USD).
        evidence: the other lines it rests on, sorted by claim and number.
    """

    line: ActiveLine
    rule: Rule
    settings: RuleSettings
    dates: int
    units: int
    amount: int
    disposition: Disposition
    evidence: tuple[tuple[str, int, str], ...]

    @property
    def digest(self) -> str:
        """Stands for all that makes a change of an edit (section 5)."""
        line = self.line.line
        days = self.dates >> self.line.begin
        content = (
            line.first,
            f"{days:x}",
            self.units,
            self.amount,
            self.disposition,
            self.evidence,
            line.procedure_code,
            line.modifiers,
            line.npi,
            line.plan_id,
        )
        return hashlib.blake2b(to_json_bytes(content), digest_size=8).hexdigest()

    def evidence_lines(self) -> tuple[EvidenceLine, ...]:
        """The evidence as it stands in an edit event."""
        return tuple(
            EvidenceLine(claim_id=claim, line_number=number, procedure_code=code)
            for claim, number, code in self.evidence
        )


@dataclass(slots=True)
class Assessment:
    """The edits of one line, and what exemptions took away.

    Attributes:
        edits: by rule, in the order of the rules.
        exempted: rules whose finding lost dates to an exemption.
    """

    edits: dict[str, Edit]
    exempted: list[str]

    @property
    def absence(self) -> bool:
        """Whether an edit rests on lines that may still come."""
        return any(edit.settings.absence for edit in self.edits.values())


def assess(line: ActiveLine, screening: Screening, policy: Policy) -> Assessment:
    """All edits of one active line."""
    assessment = Assessment({}, [])
    for rule in RULES_OF[line.role.kind]:
        finding = screening.finding(rule, line)
        if finding is None:
            continue
        left = _left(line, rule.name, finding, policy)
        if left != finding.dates:
            assessment.exempted.append(rule.name)
        if left:
            assessment.edits[rule.name] = _edit(line, rule, finding, left)
    return assessment


def _left(line: ActiveLine, rule: str, finding: Finding, policy: Policy) -> int:
    """The dates of a finding that no exemption takes away (section 4.3)."""
    dates = finding.dates
    base = line.line.first - line.begin
    for exemption in policy.exemptions:
        if _matches(exemption, line, rule):
            first = line.line.first if exemption.first is None else max(exemption.first, line.line.first)
            last = line.line.last if exemption.last is None else min(exemption.last, line.line.last)
            if first <= last:
                dates &= ~(((1 << (last - first + 1)) - 1) << (first - base))
    return dates


def _matches(exemption: Exemption, line: ActiveLine, rule: str) -> bool:
    its = line.line
    return (
        (exemption.rule is None or exemption.rule == rule)
        and (exemption.plan_id is None or exemption.plan_id == its.plan_id)
        and (exemption.billing_provider_npi is None or exemption.billing_provider_npi == its.npi)
        and (exemption.procedure_code is None or exemption.procedure_code == its.procedure_code)
    )


def _edit(line: ActiveLine, rule: Rule, finding: Finding, left: int) -> Edit:
    settings = line.version.rules[rule.name]
    exact, per = _units(line, settings, finding, left)
    disposition = finding.disposition
    if settings.absence and line.claim.lines_missing:
        disposition = milder(disposition, WHILE_LINES_ARE_MISSING)
    evidence = {(o.line.claim_id, o.line.line_number, o.line.procedure_code) for o in finding.evidence}
    return Edit(
        line,
        rule,
        settings,
        left,
        half_up(exact, per),
        half_up(line.line.charge * exact, per * line.line.units),
        disposition,
        tuple(sorted(evidence)),
    )


def _units(line: ActiveLine, settings: RuleSettings, finding: Finding, left: int) -> tuple[int, int]:
    """Exact units affected, as thousandths over a divisor."""
    count = left.bit_count()
    if settings.units == "share":
        return line.line.units * count, line.count
    if settings.units == "days":
        return min(line.line.units, count * UNIT), 1
    assert finding.units is not None  # noqa: S101 - rules that count themselves always do
    if settings.name in line.version.drug_rules.order:
        return min(finding.units, count * UNIT), 1
    return finding.units, 1


def half_up(value: int, divisor: int) -> int:
    """A quotient of non-negative whole numbers, rounded half up."""
    return (2 * value + divisor) // (2 * divisor)
