"""What differs between the code tables of two policy versions: one change for each code or range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from policy.document import CodeRange, PerDiem, PolicyVersion, Role
from streams.report.change import NONE, Change, text

UNLISTED: Final = "not listed"
_TABLE: Final = "code_roles.csv"


def table_changes(before: PolicyVersion, after: PolicyVersion) -> Iterator[Change]:
    """The codes, then the ranges of supplies and drugs, that differ in more than place and citation."""
    yield from _changes("Code table", _TABLE, before.roles.codes, after.roles.codes)
    for name in ("supply_ranges", "drug_ranges"):
        old, new = _by_range(getattr(before.roles, name)), _by_range(getattr(after.roles, name))
        yield from _changes("Code ranges", f"{name}.csv", old, new)


def _by_range(ranges: tuple[CodeRange, ...]) -> dict[str, Role]:
    return {_codes(one): one.role for one in ranges}


def _codes(one: CodeRange) -> str:
    first, last = (f"{one.letter}{number:04d}" for number in (one.first, one.last))
    return first if first == last else f"{first}-{last}"


def _changes(
    about: str, table: str, before: Mapping[str, Role], after: Mapping[str, Role]
) -> Iterator[Change]:
    for code in sorted(before.keys() | after.keys()):
        old, new = before.get(code), after.get(code)
        role = new or old
        facts = _facts(old), _facts(new)
        names = [name for name in {**facts[0], **facts[1]} if facts[0].get(name) != facts[1].get(name)]
        if role is not None and names:
            was, now = (_told(role_facts, names) for role_facts in facts)
            yield Change(
                f"{table}:{code}", about, f"{code} {role.short_name}".strip(), was, now, _source(role)
            )


def _told(facts: Mapping[str, str], names: list[str]) -> str:
    return "; ".join(f"{name}: {facts.get(name, NONE)}" for name in names) if facts else UNLISTED


def _source(role: Role) -> str:
    return role.source.citation


def _facts(role: Role | None) -> dict[str, str]:
    """What a table says of a code, as text."""
    if role is None:
        return {}
    facts: dict[str, object] = {
        "role": role.kind,
        "families": frozenset(role.family_names),
        "relation": role.relation,
        "visit": role.visit,
    }
    if role.per_diem is not None:
        for one in fields(PerDiem):
            if one.name != "therapy":  # a bit that stands for the name
                facts[_NAMES.get(one.name, one.name.replace("_", " "))] = getattr(role.per_diem, one.name)
    return {name: text(value) for name, value in facts.items() if value is not None}


_NAMES: Final = {"therapy_name": "therapy", "cap30": "most infusion days in a period"}
