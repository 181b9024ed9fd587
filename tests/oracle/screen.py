"""Screening of a finite set of events (sections 4, 4.3 and 5): open edits and verdicts."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.code_rules import clashes_of
from tests.oracle.drug_rules import drug_findings
from tests.oracle.evidence import Member
from tests.oracle.finding import Finding, counted_units, gravest
from tests.oracle.line_rules import drug_findings_alone, other_findings, per_diem_findings
from tests.oracle.lines import Claim, Line, read_claims
from tests.oracle.tables import RULES, Tables
from tests.oracle.therapy_rules import modifier_findings, own_drug_findings

EXEMPTION_FIELDS = ("plan_id", "billing_provider_npi", "rule", "procedure_code")


@dataclass(frozen=True)
class Result:
    """Open edits and verdicts after the end of the input, each sorted, with comparable content only."""

    edits: list[dict[str, Any]]
    verdicts: list[dict[str, Any]]


def half_up(value: Fraction, places: int) -> Fraction:
    """Round a value that is not negative half up to a number of decimals."""
    scale = 10**places
    return Fraction(math.floor(value * scale + Fraction(1, 2)), scale)


def amount_text(value: Fraction) -> str:
    """Write an amount (USD) with two decimals, rounded half up."""
    cents = int(half_up(value, 2) * 100)
    return f"{cents // 100}.{cents % 100:02d}"


def units_text(value: Fraction) -> str:
    """Write units rounded half up to three decimals, without trailing zeros."""
    mills = int(half_up(value, 3) * 1000)
    return f"{mills // 1000}.{mills % 1000:03d}".rstrip("0").rstrip(".")


def member_findings(member: Member) -> list[Finding]:
    """Return every finding on a member's lines as if there were no exemptions and no line were missing."""
    clashes = clashes_of(member)
    findings = [*clashes.findings, *own_drug_findings(member, clashes), *modifier_findings(member, clashes)]
    for line in member.per_diems:
        findings += drug_findings(member, line) + per_diem_findings(member, line)
    unclear = [finding.line for finding in findings if finding.rule == "drug_dates_unclear"]
    for line in member.lines:
        findings += drug_findings_alone(member, line, unclear) + other_findings(member, line)
    return findings


def final_disposition(finding: Finding) -> str:
    """Return the disposition, softened to review for the rules of absence while lines are missing."""
    absence = RULES[finding.rule][1]
    if absence and finding.line.claim.lines_missing and finding.disposition in {"deny", "return"}:
        return "review"
    return finding.disposition


def _exempts(exemption: Mapping[str, Any], finding: Finding, day: date) -> bool:
    line = finding.line
    values = dict(zip(EXEMPTION_FIELDS, (line.plan_id, line.billing, finding.rule, line.code), strict=True))
    if any(exemption.get(name) and exemption[name] != values[name] for name in EXEMPTION_FIELDS):
        return False
    begins, ends = exemption.get("from"), exemption.get("to")
    return not (begins and day < date.fromisoformat(begins)) and not (ends and day > date.fromisoformat(ends))


def exempted(finding: Finding, exemptions: Sequence[Mapping[str, Any]]) -> Finding | None:
    """Return the finding without its exempted dates; None when none is left."""
    left = {day for day in finding.dates if not any(_exempts(e, finding, day) for e in exemptions)}
    if not left:
        return None
    units = finding.units
    how = RULES[finding.rule][0]
    if how in {"rest", "days"}:
        units = min(units, Fraction(len(left)))
    elif how == "share":
        units = counted_units(finding.line, finding.rule, left)
    return Finding(finding.line, finding.rule, left, units, finding.disposition)


def amount_of(finding: Finding) -> Fraction:
    """Return the amount affected (USD) in whole cents: the charge's share of the exact units."""
    return half_up(finding.line.charge * finding.units / finding.line.units, 2)


def edit_of(finding: Finding) -> dict[str, Any]:
    """Return the comparable content of an open edit, evidence aside."""
    _, _, group, carc, rarc = RULES[finding.rule]
    return {
        "member_id": finding.line.member_id,
        "claim_id": finding.line.claim_id,
        "line_number": finding.line.line_number,
        "rule": finding.rule,
        "dates": [day.isoformat() for day in sorted(finding.dates)],
        "units_affected": units_text(finding.units),
        "amount_affected": amount_text(amount_of(finding)),
        "disposition": final_disposition(finding),
        "group_code": group,
        "carc": carc,
        "rarc": rarc,
    }


def _status(claim: Claim, edited: bool) -> str:
    if claim.withdrawn:
        return "withdrawn"
    if all(line.frequency == "8" for line in claim.lines):
        return "void"
    return "edited" if edited else "clean"


def _line_summary(line: Line, findings: list[Finding]) -> tuple[dict[str, Any], Fraction]:
    """Return a verdict's entry for a line, and the amount (USD) that the line adds to the sum."""
    disposition = gravest([final_disposition(finding) for finding in findings])
    amount = Fraction(0)
    if disposition != "inform":
        amount = max(amount_of(finding) for finding in findings if final_disposition(finding) == disposition)
    entry = {
        "line_number": line.line_number,
        "disposition": disposition,
        "amount_affected": amount_text(amount),
        "edits": len(findings),
    }
    return entry, amount


def verdict_of(claim: Claim, by_line: Mapping[Line, list[Finding]]) -> dict[str, Any]:
    """Return the comparable content of a claim's verdict; lines carry the number of edits, not their ids."""
    edited = sorted((line for line in claim.lines if line in by_line), key=lambda line: line.line_number)
    summaries = [_line_summary(line, by_line[line]) for line in edited]
    findings = [finding for line in edited for finding in by_line[line]]
    return {
        "claim_id": claim.claim_id,
        "member_id": claim.member_id,
        "status": _status(claim, bool(findings)),
        "disposition": gravest([final_disposition(finding) for finding in findings]),
        "open_edits": len(findings),
        "lines": [entry for entry, _ in summaries],
        "charge_total": amount_text(sum((line.charge for line in claim.lines if line.active), Fraction(0))),
        "amount_affected": amount_text(sum((amount for _, amount in summaries), Fraction(0))),
        "lines_seen": len(claim.lines),
        "line_count": claim.line_count,
    }


def screen(
    events: Sequence[dict[str, Any]],
    tables: Tables,
    exemptions: Sequence[Mapping[str, Any]] = (),
) -> Result:
    """Screen valid events, in whatever order, as a finite input that has ended."""
    claims = read_claims(events, tables)
    by_member: dict[str, list[Line]] = defaultdict(list)
    for claim in claims:
        by_member[claim.member_id] += claim.lines
    by_line: dict[Line, list[Finding]] = defaultdict(list)
    for lines in by_member.values():
        for finding in member_findings(Member(lines)):
            kept = exempted(finding, exemptions)
            if kept is not None:
                by_line[kept.line].append(kept)
    edits = [edit_of(finding) for findings in by_line.values() for finding in findings]
    edits.sort(key=lambda e: (e["member_id"], e["claim_id"], e["line_number"], e["rule"]))
    verdicts = [verdict_of(claim, by_line) for claim in claims]
    return Result(edits, sorted(verdicts, key=lambda v: (v["member_id"], v["claim_id"])))
