"""The rules: one module each, listed here in the order of the specification (sections 4.1 and 4.2)."""

from __future__ import annotations

from typing import Final

from policy.document import RoleKind
from policy.rules import (
    catheter_care_in_per_diem,
    concurrent_modifier,
    conflicting_per_diem,
    drug_rules,
    drug_without_per_diem,
    duplicate_per_diem,
    exclusive_per_diem,
    formula_in_per_diem,
    included_in_per_diem,
    modifier_without_primary,
    noc_per_diem,
    solution_incidental,
    supply_never_payable,
    therapy_without_own_drug,
    units_exceed_days,
    units_implausible,
    visit_addon_without_primary,
    visit_without_professional,
)
from policy.rules.declare import Rule

RULES: Final[dict[str, Rule]] = {
    rule.name: rule
    for rule in (
        units_exceed_days.RULE,
        *drug_rules.RULES,
        therapy_without_own_drug.RULE,
        units_implausible.RULE,
        exclusive_per_diem.RULE,
        conflicting_per_diem.RULE,
        duplicate_per_diem.RULE,
        concurrent_modifier.RULE,
        modifier_without_primary.RULE,
        catheter_care_in_per_diem.RULE,
        noc_per_diem.RULE,
        drug_without_per_diem.RULE,
        included_in_per_diem.RULE,
        supply_never_payable.RULE,
        solution_incidental.RULE,
        formula_in_per_diem.RULE,
        visit_addon_without_primary.RULE,
        visit_without_professional.RULE,
    )
}
"""Every rule by name."""

RULES_OF: Final[dict[RoleKind, tuple[Rule, ...]]] = {
    kind: tuple(rule for rule in RULES.values() if rule.kind == kind)
    for kind in ("per_diem", "drug", "solution", "flush", "formula", "supply", "visit", "service")
}
"""The rules that judge lines of a role."""
