"""Rows of a policy's tables against each other: repeated codes, unknown names, overlapping ranges.

Source: screening specification, section 3.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from policy.errors import Report, quoted
from policy.tables import EVERY, RANGED, Entry, exclusive


def check_codes(entries: list[Entry], report: Report) -> None:
    """Note codes listed twice, exclusive codes that are no per diems, groups of one code."""
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.first in seen:
            _note(report, entry, "code", f"{entry.first} is listed before, in row {seen[entry.first]}")
        seen.setdefault(entry.first, entry.row.number)
    per_diems = [entry for entry in entries if entry.kind == "per_diem"]
    _check_exclusive(per_diems, report)
    _check_groups(per_diems, report)


def _check_exclusive(per_diems: list[Entry], report: Report) -> None:
    known = {entry.first for entry in per_diems}
    for entry in per_diems:
        for code in exclusive(entry):
            if code == entry.first:
                _note(report, entry, "detail", "exclusive names the code itself")
            elif code not in known:
                _note(report, entry, "detail", f"exclusive names {quoted(code)}, which is no per diem")


def _check_groups(per_diems: list[Entry], report: Report) -> None:
    """A group of one code has no effect: its name is most likely misspelt."""
    groups = Counter(entry.detail.get("one_a_day") for entry in per_diems)
    for entry in per_diems:
        group = entry.detail.get("one_a_day")
        if group is not None and groups[group] == 1:
            _note(report, entry, "detail", f"one_a_day names {quoted(group)}, a group of this code alone")


def check_families(entries: Iterable[Entry], known: Collection[str], report: Report) -> None:
    """Note family names that are not known, and a therapy outside the families its code accepts."""
    for entry in entries:
        for family in entry.families:
            if family != EVERY and family not in known:
                _note(report, entry, "families", f"{quoted(family)} is no therapy family of this policy")
        therapy = entry.detail.get("therapy")
        if therapy is not None and EVERY not in entry.families and therapy not in entry.families:
            _note(report, entry, "detail", f"therapy {quoted(therapy)} is not among the code's families")


def check_overlaps(entries: list[Entry], report: Report) -> None:
    """Note ranges of one table that share a code. Ranges that are wrong in themselves are left out."""
    by_letter: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        first, last = RANGED.fullmatch(entry.first), RANGED.fullmatch(entry.last)
        if first and last and first[1] == last[1] and entry.first <= entry.last:
            by_letter[first[1]].append(entry)
    for ranges in by_letter.values():
        ranges.sort(key=lambda entry: (entry.first, entry.row.number))
        reach = ranges[0]
        for entry in ranges[1:]:
            if entry.first <= reach.last:
                _note(report, entry, "from", f"the range overlaps the one in row {reach.row.number}")
            reach = max(reach, entry, key=lambda one: one.last)


def _note(report: Report, entry: Entry, column: str, message: str) -> None:
    report.add(entry.row.file, entry.row.number, column, message)
