"""Which lines a change can touch: a superset, found by dates and claims, never the whole member.

A finding on a line rests on lines that share a date or the claim with it, and on the paired dates of
those, which rest on their claims' drugs, of which solutions are drugs by the per diems beside them.
So a change spreads in three steps and no further. A property test holds the result against judging
the whole member. Source: screening specification, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable

from policy.history import ActiveLine, History
from policy.screening import corresponds, per_diem, settings


def touched(history: History, changed: list[ActiveLine]) -> list[ActiveLine]:
    """The active lines whose findings may differ after a change.

    Args:
        history: the member's history, after the change.
        changed: the lines that left it and the lines that came, both where a line was replaced.
    """
    found = {id(line): line for line in changed if history.holds(line)}
    drugs, per_diems = _moved(history, changed)
    for line in changed:
        if line.kind in ("flush", "visit"):
            _add(found, history.overlapping(line))
        if line.kind in ("per_diem", "service", "visit"):
            _add(found, (other for other in history.of_claim(line.claim) if other.kind == "flush"))
    for line in (*drugs, *per_diems):
        _add(found, history.overlapping(line))
    for drug in drugs:
        _add(found, _window(history, drug))
    judged = [line for line in found.values() if line.role.per_diem is not None]
    for line in (*judged, *per_diems):
        _add(found, _explained(history, line))
    return list(found.values())


def _add(found: dict[int, ActiveLine], lines: Iterable[ActiveLine]) -> None:
    for line in lines:
        found[id(line)] = line


def _moved(history: History, changed: list[ActiveLine]) -> tuple[list[ActiveLine], list[ActiveLine]]:
    """Lines whose days as a drug may differ, and per diem lines whose paired dates may."""
    drugs = {id(line): line for line in changed if line.kind in ("drug", "solution")}
    per_diems = {id(line): line for line in changed if line.role.per_diem is not None}
    for line in list(per_diems.values()):
        therapy = per_diem(line).therapy
        _add(
            drugs,
            (o for o in history.overlapping(line) if o.kind == "solution" and o.role.families & therapy),
        )
    for drug in list(drugs.values()):
        _add(
            per_diems,
            (
                other
                for other in history.overlapping(drug)
                if other.role.per_diem is not None and other.claim is drug.claim and corresponds(drug, other)
            ),
        )
    return list(drugs.values()), list(per_diems.values())


def _window(history: History, drug: ActiveLine) -> Iterable[ActiveLine]:
    """The per diem lines of the drug's claim that may take its date for a day of dispensing."""
    for line in history.of_claim(drug.claim):
        if line.role.per_diem is not None and corresponds(drug, line):
            window = settings(line, "drug_dates_unclear").count("window_days")
            if drug.line.first <= line.line.last and drug.line.last >= line.line.first - window:
                yield line


def _explained(history: History, line: ActiveLine) -> Iterable[ActiveLine]:
    """The drug lines that a per diem line's unclear dates may explain."""
    window = settings(line, "drug_dates_unclear").count("window_days")
    for drug in history.of_claim(line.claim):
        inside = drug.line.first <= line.line.last and drug.line.last >= line.line.first - window
        if inside and drug.kind == "drug" and corresponds(drug, line):
            yield drug
