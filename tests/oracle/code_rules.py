"""Per diem lines against each other: exclusive, conflicting and duplicate codes (section 4.1)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from tests.oracle.evidence import Member, corresponds, rank
from tests.oracle.finding import Finding, found
from tests.oracle.lines import Line


@dataclass
class Clashes:
    """The dates on which three rules find each per diem line, and their findings."""

    exclusive: dict[Line, set[date]] = field(default_factory=lambda: defaultdict(set))
    conflicting: dict[Line, set[date]] = field(default_factory=lambda: defaultdict(set))
    duplicate: dict[Line, set[date]] = field(default_factory=lambda: defaultdict(set))
    findings: list[Finding] = field(default_factory=list)

    def has(self, line: Line, day: date) -> bool:
        """Tell whether any of the three finds the line on the day."""
        return any(day in dates[line] for dates in (self.exclusive, self.conflicting, self.duplicate))


def _exclusive(member: Member, clashes: Clashes, line: Line) -> None:
    barred = line.role.detail.get("exclusive", "").split("|")
    billed = member.billed(line)
    others = [o for o in member.per_diems if o.code in barred and billed & member.billed(o)]
    dates = {day for other in others for day in billed & member.billed(other)}
    proved = any(o.billing == line.billing and member.certain(o) and member.certain(line) for o in others)
    clashes.exclusive[line] = dates
    clashes.findings += found(line, "exclusive_per_diem", dates, "deny" if proved else "review")


def _conflicting(member: Member, clashes: Clashes, line: Line) -> None:
    group = line.role.detail.get("one_a_day")
    if group is None:
        return
    dates: set[date] = set()
    for other in member.per_diems:
        same_group = other.role.detail.get("one_a_day") == group and other.code != line.code
        if same_group and other.order < line.order:
            dates |= member.billed(line) & member.billed(other)
    clashes.conflicting[line] = dates
    clashes.findings += found(line, "conflicting_per_diem", dates, "review")


def _group(member: Member, clashes: Clashes, like: Line, day: date) -> list[Line]:
    """Return the lines of one code and rank that bill the day, in order, without exclusive findings."""
    return [
        line
        for line in member.per_diems
        if line.code == like.code
        and rank(line) == rank(like)
        and day in member.billed(line)
        and day not in clashes.exclusive[line]
    ]


def _proves_duplicate(member: Member, earlier: Line, line: Line) -> bool:
    if earlier.billing != line.billing:
        return False
    same = (earlier.first, earlier.last, earlier.units) == (line.first, line.last, line.units)
    return same or (member.certain(earlier) and member.certain(line))


def _duplicate(member: Member, clashes: Clashes, line: Line) -> None:
    if rank(line) == "SJ":
        return
    proved = False
    for day in member.billed(line) - clashes.exclusive[line]:
        group = _group(member, clashes, line, day)
        drugs = member.distinct_drugs([other.claim for other in group], day)
        quota = max(1, sum(corresponds(families, line) for families in drugs.values()))
        place = group.index(line)
        if place >= quota:
            clashes.duplicate[line].add(day)
            proved = proved or any(_proves_duplicate(member, earlier, line) for earlier in group[:place])
    disposition = "deny" if proved else "review"
    clashes.findings += found(line, "duplicate_per_diem", clashes.duplicate[line], disposition)


def clashes_of(member: Member) -> Clashes:
    """Return what the three rules find; duplicates look at what exclusive found on every line."""
    clashes = Clashes()
    for rule in (_exclusive, _conflicting, _duplicate):
        for line in member.per_diems:
            rule(member, clashes, line)
    return clashes
