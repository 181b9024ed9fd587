"""One version of a policy as read from its folder: checked, but without the bits of its families."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from policy import check, tables
from policy.document import DrugRules, Modifiers, RoleKind, RuleSettings, Source
from policy.errors import Report, quoted
from policy.fields import WORD, Fields
from policy.files import Row, Toml, read_csv, read_toml
from policy.rule_settings import Declared, Known, read_drug_rules, read_rules
from policy.sections import (
    Identity,
    Reading,
    Settings,
    Sources,
    read_identity,
    read_modifiers,
    read_readings,
    read_settings,
    read_sources,
)

SCHEMA: Final = 1
"""The form of policy.toml that is read here."""

POLICY_FILE: Final = "policy.toml"

_NDC: Final = re.compile(r"[0-9]{9}")
_PREFIX: Final = re.compile(r"[A-Z][A-Z0-9]{0,4}")
_WORD: Final = "a word of small letters, digits and underscores"
_TABLE: Final = re.compile(r"[A-Za-z0-9_\-]+\.csv")


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """`[roles]`: the tables and what gives a role beside them.

    Attributes:
        files: the names of the tables of codes, supply ranges and drug ranges.
        flush_ndcs: first nine digits of NDCs.
        flush_source: where that list stands.
        drug_prefixes: beginnings of unlisted codes.
        drug_source: where that list stands.
        relations: the known relations of supplies; None where the list is missing.
        families: therapy families beside those of the per diem codes.
    """

    files: tuple[str, str, str]
    flush_ndcs: frozenset[str]
    flush_source: Source
    drug_prefixes: tuple[str, ...]
    drug_source: Source
    relations: tuple[str, ...] | None
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of the three tables; `codes` is None where that table could not be read."""

    codes: list[tables.Entry] | None
    supply_ranges: list[tables.Entry]
    drug_ranges: list[tables.Entry]


@dataclass(frozen=True, slots=True)
class Draft:
    """A version whose families have no bits yet; sound only where the report has no problems.

    Attributes:
        toml: its policy file.
        identity, settings, modifiers, roles, rules, drug_rules, readings: the sections of that file.
        tables: its tables.
        families: every therapy family it knows.
    """

    toml: Toml
    identity: Identity
    settings: Settings
    modifiers: Modifiers
    roles: RoleSettings
    rules: Mapping[str, RuleSettings]
    drug_rules: DrugRules
    readings: tuple[Reading, ...]
    tables: Tables
    families: frozenset[str]


def read_draft(folder: Path, prefix: str, declared: Declared, report: Report) -> Draft | None:
    """Read and check the version in a folder, or None where its policy.toml cannot be read.

    Args:
        folder: holds policy.toml and the tables it names.
        prefix: what problems put before the names of its files (`""`, or `subfolder/`).
        declared: the rules that must have settings.
        report: where problems go.
    """
    toml = read_toml(folder / POLICY_FILE, prefix + POLICY_FILE, report)
    if toml is None:
        return None
    top = Fields(toml, report, (), toml.content)
    top.integer("schema", SCHEMA, SCHEMA)
    sources = read_sources(top.inner("sources"))
    roles = _read_roles(top.inner("roles"), sources)
    read = _read_tables(folder, prefix, roles, sources, report)
    families = frozenset(roles.families) | _therapies(read.codes or [])
    _check_tables(read, families, report)
    known = Known(
        sources=sources,
        relations=roles.relations,
        families=None if read.codes is None else families,
        codes=None if read.codes is None else _kinds(read.codes),
    )
    draft = Draft(
        toml=toml,
        identity=read_identity(top.inner("policy")),
        settings=read_settings(top.inner("settings")),
        modifiers=read_modifiers(top.inner("modifiers")),
        roles=roles,
        rules=read_rules(top.inner("rules"), declared, known),
        drug_rules=read_drug_rules(top.inner("drug_rules"), declared),
        readings=read_readings(top.entries("readings"), sources),
        tables=read,
        families=families,
    )
    top.close()
    return draft


def _read_roles(fields: Fields, sources: Sources) -> RoleSettings:
    what = "the name of a CSV file in the same folder"
    files = tuple(fields.text(key, _TABLE, what) for key in ("codes", "supply_ranges", "drug_ranges"))
    relations = fields.texts("relations", WORD, _WORD)
    roles = RoleSettings(
        files=(files[0], files[1], files[2]),
        flush_ndcs=frozenset(fields.texts("flush_ndcs", _NDC, "the first nine digits of an NDC")),
        flush_source=_list_source(fields, "flush_ndcs", sources),
        drug_prefixes=tuple(sorted(fields.texts("drug_prefixes", _PREFIX, "the beginning of a code"))),
        drug_source=_list_source(fields, "drug_prefixes", sources),
        relations=relations if fields.has("relations") else None,
        families=fields.texts("families", WORD, _WORD) if fields.has("families") else (),
    )
    fields.close()
    return roles


def _list_source(fields: Fields, key: str, sources: Sources) -> Source:
    """Where a list of policy.toml stands, and what it rests on: the key `<list>_source`."""
    name = f"{key}_source"
    cited = fields.text(name, WORD, _WORD)
    if cited and not sources.explain(cited):
        fields.fault(name, f"{quoted(cited)} is not explained in [sources]")
    line = fields.toml.line((*fields.path, key)) or 0
    return Source(fields.toml.file, line, sources.citation(cited))


def _read_tables(folder: Path, prefix: str, roles: RoleSettings, sources: Sources, report: Report) -> Tables:
    columns = (tables.CODE_COLUMNS, tables.SUPPLY_COLUMNS, tables.DRUG_COLUMNS)
    rows: list[list[Row] | None] = [
        read_csv(folder / name, prefix + name, expected, report) if name else None
        for name, expected in zip(roles.files, columns, strict=True)
    ]
    reader = tables.Reader(report, roles.relations, sources)
    return Tables(
        codes=None if rows[0] is None else reader.codes(rows[0]),
        supply_ranges=reader.supply_ranges(rows[1] or []),
        drug_ranges=reader.drug_ranges(rows[2] or []),
    )


def _check_tables(read: Tables, families: frozenset[str], report: Report) -> None:
    """Check rows against each other; families only where the codes that name them could be read."""
    if read.codes is not None:
        check.check_codes(read.codes, report)
        check.check_families([*read.codes, *read.supply_ranges], families, report)
    check.check_overlaps(read.supply_ranges, report)
    check.check_overlaps(read.drug_ranges, report)


def _therapies(codes: list[tables.Entry]) -> frozenset[str]:
    return frozenset(entry.detail["therapy"] for entry in codes if "therapy" in entry.detail)


def _kinds(codes: list[tables.Entry]) -> dict[str, RoleKind]:
    return {entry.first: entry.kind for entry in codes}
