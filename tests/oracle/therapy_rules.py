"""Concurrent therapies: a drug for each, and the modifiers SH and SJ (section 4.1)."""

from collections import defaultdict
from datetime import date
from functools import cache

from tests.oracle.code_rules import Clashes
from tests.oracle.evidence import Drug, Member, corresponds, is_catheter_care, missing_drug, rank
from tests.oracle.finding import Finding, found
from tests.oracle.lines import Claim, Line
from tests.oracle.tables import ANY


def _all_served(lines: list[Line], drugs: dict[Drug, frozenset[str]]) -> bool:
    """Tell whether every line can have a corresponding drug of its own, by trying every choice."""

    @cache
    def served(position: int, free: frozenset[Drug]) -> bool:
        if position == len(lines):
            return True
        fitting = [drug for drug in free if corresponds(drugs[drug], lines[position])]
        return any(served(position + 1, free - {drug}) for drug in fitting)

    return served(0, frozenset(drugs))


def left_without(lines: list[Line], drugs: dict[Drug, frozenset[str]]) -> list[Line]:
    """Return the lines that get no drug when each in turn is served if all served before it stay served."""
    kept: list[Line] = []
    without: list[Line] = []
    for line in lines:
        if _all_served([*kept, line], drugs):
            kept.append(line)
        else:
            without.append(line)
    return without


def _asks_for_own_drug(line: Line) -> bool:
    return not is_catheter_care(line) and missing_drug(line) not in {"included", "inform"}


def _own_drug_lines(member: Member, clashes: Clashes, claim: Claim, day: date) -> list[Line]:
    asking = [
        line
        for line in member.per_diems
        if line.claim is claim
        and _asks_for_own_drug(line)
        and day in member.paired[line]
        and not clashes.has(line, day)
    ]
    ranks = ["", "SH", "SJ"]
    return sorted(asking, key=lambda line: (ranks.index(rank(line)), ANY in line.role.families, line.order))


def own_drug_findings(member: Member, clashes: Clashes) -> list[Finding]:
    """Return therapy_without_own_drug: the lines left without a drug on each claim and date."""
    dates: dict[Line, set[date]] = defaultdict(set)
    claims = {line.claim: None for line in member.per_diems}
    for claim in claims:
        days = {day for line in member.per_diems if line.claim is claim for day in member.paired[line]}
        for day in days:
            asking = _own_drug_lines(member, clashes, claim, day)
            for line in left_without(asking, member.distinct_drugs([claim], day)):
                dates[line].add(day)
    return [f for line in dates for f in found(line, "therapy_without_own_drug", dates[line], "review")]


def _infusions(member: Member, clashes: Clashes, billing: str, day: date) -> list[Line]:
    return [
        line
        for line in member.per_diems
        if line.billing == billing
        and line.role.detail["infusion"] == "yes"
        and day in member.billed(line)
        and not clashes.has(line, day)
    ]


def _wrong_modifiers(p: list[Line], h: list[Line], j: list[Line]) -> list[Line]:
    wrong = p[1:] + (h[1:] if p else h[2:])
    return wrong + j[:1] if len(p) == 1 and not h else wrong


def modifier_findings(member: Member, clashes: Clashes) -> list[Finding]:
    """Return concurrent_modifier and modifier_without_primary."""
    wrong: dict[Line, set[date]] = defaultdict(set)
    unled: dict[Line, set[date]] = defaultdict(set)
    proved: set[Line] = set()
    for billing in {line.billing for line in member.per_diems}:
        for day in {day for line in member.per_diems if line.billing == billing for day in line.days}:
            lines = _infusions(member, clashes, billing, day)
            p, h, j = ([line for line in lines if rank(line) == word] for word in ("", "SH", "SJ"))
            for line in _wrong_modifiers(p, h, j):
                wrong[line].add(day)
                if member.certain(line) and any(member.certain(o) for o in lines if o is not line):
                    proved.add(line)
            if not p:
                for line in (h + j)[:1]:
                    unled[line].add(day)
    findings = []
    for line, dates in wrong.items():
        findings += found(line, "concurrent_modifier", dates, "return" if line in proved else "inform")
    for line, dates in unled.items():
        findings += found(line, "modifier_without_primary", dates, "inform")
    return findings
