"""From checked drafts to the objects that decide: families become bits, rows become roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from policy.document import EVERY_FAMILY, CodeRange, PerDiem, PolicyVersion, Role, RoleTables
from policy.draft import Draft
from policy.rule_settings import MISSING_DRUG
from policy.tables import EVERY, Entry, exclusive

Bits = Mapping[str, int]
"""The bit of every therapy family, the same in all versions."""

_UNKNOWN: Final = (EVERY,)


def family_bits(drafts: Iterable[Draft]) -> dict[str, int]:
    """One bit a family over all versions, by sorted name, so that no bit depends on the order of rows."""
    names = sorted(frozenset().union(*(draft.families for draft in drafts)))
    return {name: 1 << place for place, name in enumerate(names)}


def build_version(draft: Draft, bits: Bits) -> PolicyVersion:
    """The version of a draft without problems."""
    return PolicyVersion(
        policy_id=draft.identity.policy_id,
        version=draft.identity.version,
        title=draft.identity.title,
        effective_from=draft.identity.effective_from.toordinal(),
        effective_to=draft.identity.effective_to.toordinal(),
        rules=draft.rules,
        drug_rules=draft.drug_rules,
        roles=_tables(draft, bits),
        modifiers=draft.modifiers,
    )


def _tables(draft: Draft, bits: Bits) -> RoleTables:
    return RoleTables(
        codes={entry.first: _role(entry, bits) for entry in draft.tables.codes or ()},
        flush_ndcs=draft.roles.flush_ndcs,
        flush=Role(kind="flush", source=draft.roles.flush_source),
        supply_ranges=_ranges(draft.tables.supply_ranges, bits),
        drug_ranges=_ranges(draft.tables.drug_ranges, bits),
        drug_prefixes=draft.roles.drug_prefixes,
        unlisted_drug=Role(
            kind="drug", families=EVERY_FAMILY, family_names=_UNKNOWN, source=draft.roles.drug_source
        ),
    )


def _ranges(entries: list[Entry], bits: Bits) -> tuple[CodeRange, ...]:
    """Ranges by first code; they share none, so their order in the file does not matter."""
    return tuple(
        CodeRange(entry.first[0], int(entry.first[1:]), int(entry.last[1:]), _role(entry, bits))
        for entry in sorted(entries, key=lambda one: one.first)
    )


def _role(entry: Entry, bits: Bits) -> Role:
    return Role(
        kind=entry.kind,
        families=_set(entry.families, bits),
        family_names=entry.families,
        per_diem=_per_diem(entry, bits) if entry.kind == "per_diem" else None,
        relation=entry.detail.get("relation"),
        visit=entry.detail.get("visit"),
        short_name=entry.name if entry.first == entry.last else "",
        source=entry.source,
    )


def _set(families: Iterable[str], bits: Bits) -> int:
    found = 0
    for family in families:
        found |= EVERY_FAMILY if family == EVERY else bits[family]
    return found


def _per_diem(entry: Entry, bits: Bits) -> PerDiem:
    detail = entry.detail
    cap = detail.get("cap30")
    return PerDiem(
        therapy=bits[detail["therapy"]],
        therapy_name=detail["therapy"],
        missing_drug=next(known for known in MISSING_DRUG if known == detail["missing_drug"]),
        daily=detail["schedule"] == "daily",
        infusion=detail["infusion"] == "yes",
        exclusive=frozenset(exclusive(entry)),
        one_a_day=detail.get("one_a_day"),
        cap30=None if cap is None else int(cap),
    )
