"""The tables of a policy version: listed codes, ranges of supplies and of drugs.

Here each row is checked by itself and becomes an `Entry`; `policy.check` then checks the rows against each
other, and `policy.build` gives out the bits of therapy families, over all versions.
Source: screening specification, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from policy.details import SHAPES, parse_detail
from policy.document import RoleKind, Source
from policy.errors import Report, quoted
from policy.fields import CODE
from policy.files import Row
from policy.rule_settings import ROLE_KINDS
from policy.sections import Sources

CODE_COLUMNS: Final = ("code", "role", "families", "detail", "short_name", "source")
SUPPLY_COLUMNS: Final = ("from", "to", "relation", "families", "what", "source")
DRUG_COLUMNS: Final = ("from", "to", "what", "source")

EVERY: Final = "*"
"""How a table writes the set of all families."""

RANGED: Final = re.compile(r"([A-Z])[0-9]{4}")
"""The form of codes in ranges; its group is the letter."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One checked row of a table: a code or a range of codes, and the role it gives.

    Attributes:
        row: the row it was read from.
        first, last: the code, or the first and last code of a range.
        kind: the role.
        families: family names as written.
        detail: the settings of the role, checked one by one.
        name: a few words for people.
        source: file, row and citation.
    """

    row: Row
    first: str
    last: str
    kind: RoleKind
    families: tuple[str, ...]
    detail: Mapping[str, str]
    name: str
    source: Source


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows into entries.

    Attributes:
        report: where faults go.
        relations: the known relations of supplies; None where their list is missing.
        sources: what rows may cite.
    """

    report: Report
    relations: Collection[str] | None
    sources: Sources

    def codes(self, rows: Iterable[Row]) -> list[Entry]:
        """The rows of the code table; a row without a sound code or role is noted and left out."""
        entries = []
        for row in rows:
            code = row.cells["code"]
            if not CODE.fullmatch(code):
                self._fault(row, "code", f"{quoted(code)} is not a code of five letters and digits")
            kind = next((known for known in ROLE_KINDS if known == row.cells["role"]), None)
            if kind is None:
                found = quoted(row.cells["role"])
                self._fault(row, "role", f"{found} is not one of {', '.join(ROLE_KINDS)}")
            else:
                entries.append(self._entry(row, (code, code), kind, "short_name"))
        return entries

    def supply_ranges(self, rows: Iterable[Row]) -> list[Entry]:
        """The rows of the table of supply ranges."""
        return [self._entry(row, self._range(row), "supply", "what") for row in rows]

    def drug_ranges(self, rows: Iterable[Row]) -> list[Entry]:
        """The rows of the table of drug ranges; their families are unknown."""
        return [self._entry(row, self._range(row), "drug", "what") for row in rows]

    def _entry(self, row: Row, codes: tuple[str, str], kind: RoleKind, name_column: str) -> Entry:
        name = row.cells[name_column]
        if not name or not name.isprintable() or name != name.strip():
            self._fault(row, name_column, "must be a few words on one line, without blanks at the ends")
        return Entry(
            row, *codes, kind, self._families(row, kind), self._detail(row, kind), name, self._source(row)
        )

    def _families(self, row: Row, kind: RoleKind) -> tuple[str, ...]:
        if "families" not in row.cells:
            return (EVERY,)
        families = tuple(row.cells["families"].split("|")) if row.cells["families"] else ()
        if SHAPES[kind].families == "must" and not families:
            self._fault(row, "families", f"role {kind} needs therapy families")
        if SHAPES[kind].families == "may not" and families:
            self._fault(row, "families", f"role {kind} has no therapy families")
        if len(set(families)) < len(families):
            self._fault(row, "families", "names a family twice")
        if EVERY in families and len(families) > 1:
            self._fault(row, "families", "* stands for every family and stands alone")
        return families

    def _detail(self, row: Row, kind: RoleKind) -> dict[str, str]:
        """The detail of a code; a range says its relation, if any, in a column of its own."""
        if "detail" in row.cells:
            detail, faults = parse_detail(kind, row.cells["detail"], self.relations)
            for fault in faults:
                self._fault(row, "detail", fault)
            return detail
        relation = row.cells.get("relation")
        if relation is None:
            return {}
        if self.relations is not None and relation not in self.relations:
            self._fault(row, "relation", f"{quoted(relation)} is not listed in roles.relations")
        return {"relation": relation}

    def _source(self, row: Row) -> Source:
        key = row.cells["source"]
        if not self.sources.explain(key):
            self._fault(row, "source", f"{quoted(key)} is not explained in [sources]")
        return Source(row.file, row.number, self.sources.citation(key))

    def _range(self, row: Row) -> tuple[str, str]:
        first, last = row.cells["from"], row.cells["to"]
        malformed = [column for column in ("from", "to") if not RANGED.fullmatch(row.cells[column])]
        for column in malformed:
            self._fault(row, column, f"{quoted(row.cells[column])} is not a letter and four digits")
        if not malformed and first[0] != last[0]:
            self._fault(row, "to", "a range stays within one letter")
        elif not malformed and first > last:
            self._fault(row, "to", "the range ends before it begins")
        return first, last

    def _fault(self, row: Row, column: str, message: str) -> None:
        self.report.add(row.file, row.number, column, message)


def exclusive(entry: Entry) -> tuple[str, ...]:
    """The codes that a per diem may not be used with."""
    codes = entry.detail.get("exclusive")
    return tuple(codes.split("|")) if codes else ()
