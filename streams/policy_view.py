"""What `dripline policy` prints: tables in a terminal, plain aligned lines in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.duration import format_duration
from policy.document import ParameterValue, Policy, PolicyVersion, Role, RuleSettings
from policy.errors import Problem

_STYLES: Final[Mapping[str, str]] = {"deny": "red", "return": "yellow", "review": "cyan", "inform": "dim"}
_GAP: Final = "  "

Fact = tuple[str, str]
"""A label and what it says."""


def print_table(out: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table; in a pipe one line a row, with columns aligned by blanks and nothing wrapped."""
    rows = list(rows)
    if out.is_terminal:
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        for place, heading in enumerate(headings):
            table.add_column(heading, no_wrap=place == 0, overflow="fold")
        for row in rows:
            table.add_row(*(_styled(cell) for cell in row))
        out.print(table)
        return
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        line = _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        out.print(line.rstrip(), soft_wrap=True)


def print_facts(out: Console, facts: Iterable[Fact]) -> None:
    """Labels and what they say, one a line; in a terminal long texts wrap under their own column."""
    facts = list(facts)
    if out.is_terminal:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for label, text in facts:
            grid.add_row(Text(_GAP + label, style="bold"), _styled(text))
        out.print(grid)
        return
    width = max(len(label) for label, _ in facts)
    for label, text in facts:
        out.print(f"{_GAP}{label.ljust(width)}{_GAP}{text}", soft_wrap=True)


def _styled(cell: str) -> Text:
    """A cell in the colour of the disposition that it begins with, if any."""
    return Text(cell, style=_STYLES.get(cell.partition(";")[0], ""))


def print_title(out: Console, title: str, rest: str = "") -> None:
    """A heading."""
    out.print(Text.assemble((title, "bold"), _GAP + rest if rest else ""), soft_wrap=True)


def print_problems(out: Console, problems: Sequence[Problem]) -> None:
    """Every problem of a refused policy: a table in a terminal, `file:row: column: message` in a pipe."""
    if not out.is_terminal:
        for problem in problems:
            out.print(str(problem), soft_wrap=True)
        return
    rows = (
        (one.file, "" if one.row is None else str(one.row), one.column or "", one.message) for one in problems
    )
    print_table(out, ("file", "row", "column", "problem"), rows)


def name(version: PolicyVersion) -> str:
    """The policy's id and the version."""
    return f"{version.policy_id} {version.version}"


def period(version: PolicyVersion) -> str:
    """The service dates that a version governs."""
    first = date.fromordinal(version.effective_from).isoformat()
    if version.effective_to == date.max.toordinal():
        return f"service dates from {first} on"
    return f"service dates from {first} to {date.fromordinal(version.effective_to).isoformat()}"


def setting_facts(policy: Policy, version: PolicyVersion) -> list[Fact]:
    """Windows and modifiers, and what else holds for every rule."""
    modifiers = version.modifiers
    return [
        ("settle after", f"{format_duration(policy.settle_after)} of event time without a new line"),
        ("history", f"{policy.history_days} days from the last service date to receipt"),
        ("retention", f"{policy.retention_days} days from the last service date until a line is frozen"),
        ("forgetting", f"{policy.forget_after_days} days after that"),
        ("discarded drug", _listed(modifiers.discarded)),
        ("second therapy", _listed(modifiers.second)),
        ("third or further", _listed(modifiers.third)),
        ("drug rules", ", ".join(version.drug_rules.order)),
        ("not capped", _listed(version.drug_rules.uncapped)),
        ("drug inside", _listed(version.drug_rules.drug_inside)),
        ("exemptions", str(len(policy.exemptions))),
        ("fingerprint", policy.fingerprint),
    ]


RULE_HEADINGS: Final = ("rule", "disposition", "codes", "absence", "section")


def rule_rows(version: PolicyVersion) -> list[tuple[str, ...]]:
    """The rules of a version in the order of their declaration."""
    return [
        (rule.name, _dispositions(rule), _codes(rule), "yes" if rule.absence else "", rule.section)
        for rule in version.rules.values()
    ]


def _dispositions(rule: RuleSettings) -> str:
    """The usual disposition, then those for special cases with the case."""
    cases = [
        f"{parameter.removesuffix('_disposition').replace('_', ' ')}: {value}"
        for parameter, value in rule.values.items()
        if isinstance(value, str)
    ]
    return "; ".join([rule.disposition, *cases])


def _codes(rule: RuleSettings) -> str:
    return f"{rule.group_code} {rule.carc or '-'} / {rule.rarc or '-'}"


PARAMETER_HEADINGS: Final = ("rule", "parameter", "value")


def parameter_rows(version: PolicyVersion) -> list[tuple[str, ...]]:
    """Windows, codes, words and relations of the rules that have some."""
    return [
        (rule.name, parameter, _value(value))
        for rule in version.rules.values()
        for parameter, value in rule.values.items()
        if not isinstance(value, str)
    ]


def _value(value: ParameterValue) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{relation}: {disposition}" for relation, disposition in value.items())
    return _listed(value) if isinstance(value, frozenset) else str(value)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"


def code_facts(version: PolicyVersion, code: str, role: Role) -> list[Fact]:
    """All that a version says about a code: role, families, settings, rules that name it, its place."""
    facts: list[Fact] = [("policy", f"{name(version)}, {period(version)}"), ("role", role.kind)]
    if role.family_names:
        every = role.family_names == ("*",)
        facts.append(("families", "every family" if every else ", ".join(role.family_names)))
    facts += [(label, text) for label, text in (("relation", role.relation), ("visit", role.visit)) if text]
    facts += _per_diem_facts(role)
    facts += [("named by", naming) for naming in _naming(version, code, role)]
    if excluding := _excluding(version, code):
        facts.append(("not used with", f"{', '.join(excluding)} (exclusive_per_diem)"))
    facts.append(("source", _place(role)))
    return facts


def _per_diem_facts(role: Role) -> list[Fact]:
    settings = role.per_diem
    if settings is None:
        return []
    facts = [
        ("therapy", settings.therapy_name),
        ("missing drug", settings.missing_drug),
        ("schedule", "daily" if settings.daily else "intermittent"),
        ("infusion", "yes" if settings.infusion else "no"),
    ]
    if settings.exclusive:
        facts.append(("exclusive", _listed(settings.exclusive)))
    if settings.one_a_day is not None:
        facts.append(("one a day", f"group {settings.one_a_day}"))
    if settings.cap30 is not None:
        facts.append(("cap", f"{settings.cap30} infusion days in a period"))
    return facts


def _naming(version: PolicyVersion, code: str, role: Role) -> Iterable[str]:
    """The rules with a parameter that holds the code, or that weighs its relation."""
    for rule in version.rules.values():
        for parameter, value in rule.values.items():
            if isinstance(value, frozenset) and code in value:
                yield f"{rule.name} ({parameter})"
            elif isinstance(value, Mapping) and role.relation is not None:
                yield f"{rule.name} ({role.relation}: {value.get(role.relation, rule.disposition)})"


def _excluding(version: PolicyVersion, code: str) -> list[str]:
    """The per diem codes that may not be used with the code."""
    roles = version.roles.codes.items()
    return sorted(one for one, role in roles if role.per_diem is not None and code in role.per_diem.exclusive)


def _place(role: Role) -> str:
    source = role.source
    if not source.row:
        return "no table, no range, no list"
    return f"{source.file}, row {source.row}: {source.citation}"
