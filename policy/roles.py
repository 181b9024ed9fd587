"""The role of a line: which table, list or range gives it. The first match wins.

Source: screening specification, section 3.
"""

from __future__ import annotations

from typing import Final

from policy.document import EVERY_FAMILY, PolicyVersion, Role, RoleTables

OTHER: Final = Role(kind="other")
"""The role of a code that no table and no range knows."""

_MOST_TABLES: Final = 8
_MOST_CODES: Final = 10_000
_found: Final[dict[int, tuple[RoleTables, dict[tuple[str, bool], Role]]]] = {}
"""Roles of unlisted codes that were looked up before, by the identity of the tables, which it keeps."""


def role_of(version: PolicyVersion, procedure_code: str, ndc: str | None) -> Role:
    """The role of a line in one policy version.

    Args:
        version: the version in force on the line's first service date.
        procedure_code: five capital letters and digits.
        ndc: eleven digits, or None.
    """
    tables = version.roles
    listed = tables.codes.get(procedure_code)
    if listed is not None and _specific(listed):
        return listed
    if ndc is not None and ndc[:9] in tables.flush_ndcs:
        return tables.flush
    if listed is not None:
        return listed
    # Ranges and beginnings start with a letter; most lines of a payer bear a code that does not.
    return OTHER if procedure_code < "A" else _unlisted(tables, procedure_code, ndc is not None)


def _specific(listed: Role) -> bool:
    """Whether a listed role stands against an NDC: neither other nor a drug of unknown therapy."""
    return listed.kind != "other" and not (listed.kind == "drug" and listed.families == EVERY_FAMILY)


def _unlisted(tables: RoleTables, code: str, has_ndc: bool) -> Role:
    """The role of an unlisted code, remembered within bounds."""
    kept = _found.get(id(tables))
    if kept is None:
        if len(_found) >= _MOST_TABLES:
            _found.clear()
        kept = _found[id(tables)] = (tables, {})
    roles = kept[1]
    role = roles.get((code, has_ndc))
    if role is None:
        if len(roles) >= _MOST_CODES:
            roles.clear()
        role = roles[code, has_ndc] = _search(tables, code, has_ndc)
    return role


def _search(tables: RoleTables, code: str, has_ndc: bool) -> Role:
    """The role by supply range, by drug range, by the code's beginning, else other."""
    letter, digits = code[0], code[1:]
    if digits.isdecimal():
        number = int(digits)
        for one in tables.supply_ranges + tables.drug_ranges:
            if one.letter == letter and one.first <= number <= one.last:
                return one.role
    if has_ndc and code.startswith(tables.drug_prefixes):
        return tables.unlisted_drug
    return OTHER
