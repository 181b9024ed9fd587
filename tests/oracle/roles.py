"""The role of a line (section 3): the first match wins."""

from tests.oracle.tables import ANY, DRUG_PREFIXES, FLUSH_NDC9, Role, Tables


def _yields_to_ndc(listed: Role) -> bool:
    return listed.kind == "other" or (listed.kind == "drug" and ANY in listed.families)


def role_of(code: str, ndc: str | None, tables: Tables) -> Role:
    """Return the role of a procedure code billed with a national drug code (11 digits) or without one."""
    listed = tables.codes.get(code)
    if listed is not None and not _yields_to_ndc(listed):
        return listed
    if ndc is not None and ndc[:9] in FLUSH_NDC9:
        return Role("flush", frozenset(), {})
    if listed is not None:
        return listed
    for ranged in (*tables.supply_ranges, *tables.drug_ranges):
        if ranged.holds(code):
            return ranged.role
    if ndc is not None and code.startswith(DRUG_PREFIXES):
        return Role("drug", frozenset({ANY}), {})
    return Role("other", frozenset(), {})
