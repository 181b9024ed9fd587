"""`[rules]` and `[drug_rules]` of a policy file: every rule with its dispositions, codes and parameters.

Source: screening specification, section 4 (the tables of rules).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, get_args

from models.finding import DISPOSITIONS
from policy.document import (
    DrugRules,
    MissingDrug,
    ParameterKind,
    ParameterValue,
    RoleKind,
    RuleSettings,
    UnitsKind,
)
from policy.errors import quoted
from policy.fields import CODE, MOST, WORD, Fields
from policy.sections import Sources

ROLE_KINDS: Final[tuple[RoleKind, ...]] = get_args(RoleKind)
MISSING_DRUG: Final[tuple[MissingDrug, ...]] = get_args(MissingDrug)
UNITS: Final[tuple[UnitsKind, ...]] = get_args(UnitsKind)

_GROUP: Final = re.compile(r"[A-Z]{2}")
_CARC: Final = re.compile(r"[A-Z]?[0-9]{1,3}")
_RARC: Final = re.compile(r"[A-Z]{1,2}[0-9]{1,4}")
_PLACE: Final = re.compile(r"[A-Z0-9]{2}")


@dataclass(frozen=True, slots=True)
class Declared:
    """What the engine's rules ask of a policy.

    Attributes:
        parameters: the parameters of every rule, with their kinds.
        drug_rules: the rules that share out the unpaired dates of a per diem line (section 4.1).
    """

    parameters: Mapping[str, Mapping[str, ParameterKind]]
    drug_rules: Collection[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the settings of rules may name.

    Attributes:
        sources: what `[sources]` explains.
        relations: relations of supplies to a per diem; None where their list is missing.
        families: therapy families; None where the tables could not be read.
        codes: the role of every listed code; None where the tables could not be read.
    """

    sources: Sources
    relations: Collection[str] | None
    families: Collection[str] | None
    codes: Mapping[str, RoleKind] | None


def read_rules(fields: Fields, declared: Declared, known: Known) -> dict[str, RuleSettings]:
    """The settings of every rule; a rule that is missing or unknown is a fault."""
    settings = {}
    for name, parameters in declared.parameters.items():
        inner = fields.inner(name)
        settings[name] = _read_rule(inner, name, parameters, known)
        inner.close()
    fields.close()
    return settings


def _read_rule(
    fields: Fields, name: str, parameters: Mapping[str, ParameterKind], known: Known
) -> RuleSettings:
    """The settings of one rule. Its line about a reading is for people and is only checked."""
    if fields.has("reading"):
        fields.text("reading")
    return RuleSettings(
        name=name,
        disposition=fields.choice("disposition", DISPOSITIONS),
        group_code=fields.text("group_code", _GROUP, "a group code of two letters"),
        carc=_optional_code(fields, "carc", _CARC, "a claim adjustment reason code"),
        rarc=_optional_code(fields, "rarc", _RARC, "a remittance advice remark code"),
        section=known.sources.read_section(fields),
        absence=fields.boolean("absence"),
        units=fields.choice("units", UNITS),
        values={key: _READERS[kind](fields, key, known) for key, kind in parameters.items()},
    )


def _optional_code(fields: Fields, key: str, form: re.Pattern[str], what: str) -> str | None:
    """A code that may be left out."""
    return fields.text(key, form, what) if fields.has(key) else None


def _codes(fields: Fields, key: str, known: Known) -> ParameterValue:
    """Listed codes; a parameter named `<role>_codes` holds codes of that role."""
    codes = fields.texts(key, CODE, "a procedure code of five letters and digits")
    if known.codes is None:
        return frozenset(codes)
    role = key.removesuffix("_codes")
    for code in codes:
        found = known.codes.get(code)
        if found is None:
            fields.fault(key, f"{code} is not listed among the codes")
        elif role in ROLE_KINDS and found != role:
            fields.fault(key, f"{code} has the role {found}, not {role}")
    return frozenset(codes)


def _words(fields: Fields, key: str, known: Known) -> ParameterValue:
    """Words out of what the parameter's name says: families, values of `missing_drug`, roles, places."""
    if key == "places":
        return frozenset(fields.texts(key, _PLACE, "a place of service of two letters or digits"))
    words = fields.texts(key, WORD, "a word of small letters, digits and underscores")
    options: Mapping[str, Collection[str] | None] = {
        "therapies": known.families,
        "therapies_aside": known.families,
        "missing_drug_aside": MISSING_DRUG,
        "claim_roles": ROLE_KINDS,
    }
    allowed = options.get(key)
    for word in words:
        if allowed is not None and word not in allowed:
            fields.fault(key, f"{quoted(word)} is not known here")
    return frozenset(words)


def _count(fields: Fields, key: str, _known: Known) -> ParameterValue:
    """A number of days. A period is divided by, so it has at least one."""
    return fields.integer(key, 1 if key.startswith("period") else 0, MOST)


def _disposition(fields: Fields, key: str, _known: Known) -> ParameterValue:
    """Another disposition than the rule's usual one."""
    return fields.choice(key, DISPOSITIONS)


def _relations(fields: Fields, key: str, known: Known) -> ParameterValue:
    """A table of relation to disposition."""
    inner = fields.inner(key)
    for relation in inner.table:
        if inner.has(relation) and known.relations is not None and relation not in known.relations:
            inner.fault(relation, "is not listed in roles.relations")
    return {relation: inner.choice(relation, DISPOSITIONS) for relation in sorted(inner.table)}


_READERS: Final[Mapping[ParameterKind, Callable[[Fields, str, Known], ParameterValue]]] = {
    "codes": _codes,
    "words": _words,
    "count": _count,
    "disposition": _disposition,
    "relations": _relations,
}


def read_drug_rules(fields: Fields, declared: Declared) -> DrugRules:
    """`[drug_rules]`: the order names each drug rule once, `uncapped` some of them."""
    names = sorted(declared.drug_rules)
    form, what = re.compile("|".join(names)), f"one of {', '.join(names)}"
    order = fields.texts("order", form, what)
    if left_out := [name for name in names if name not in order]:
        fields.fault("order", f"leaves out {', '.join(left_out)}")
    uncapped = fields.texts("uncapped", form, what)
    values = f"one of {', '.join(MISSING_DRUG)}"
    inside = fields.texts("drug_inside", re.compile("|".join(MISSING_DRUG)), values)
    fields.close()
    return DrugRules(order=order, uncapped=frozenset(uncapped), drug_inside=frozenset(inside))
