"""The page of the rules: for each its settings, what its module says, and when its cases fire or not."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from policy.document import PolicyVersion, RuleSettings
from policy.rules import RULES
from policy.rules.declare import Rule

_CASES: Final = Path("tests/policy/cases")
_CASE_TITLES: Final = {"fires": "Fires when", "silent": "Silent when"}


def rules_page(root: Path, version: PolicyVersion) -> str:
    """The page in Markdown.

    Args:
        root: the project's folder; the names of cases are read from its case files.
        version: the policy version whose settings are shown.
    """
    blocks = [f"# Rules of {version.policy_id} {version.version}"]
    told: set[str] = set()
    for rule in RULES.values():
        blocks += [f"## `{rule.name}`", *_settings(rule, version.rules[rule.name])]
        text = inspect.getdoc(inspect.getmodule(rule.find)) or ""
        if text not in told:
            told.add(text)
            blocks.append(text)
        blocks += _cases(root / _CASES / f"{rule.name}.toml")
    return "\n\n".join(blocks) + "\n"


def _settings(rule: Rule, settings: RuleSettings) -> list[str]:
    codes = f"{settings.group_code} {settings.carc or '-'} / {settings.rarc or '-'}"
    intro = (
        f"Judges lines of role *{rule.kind}*. Disposition: {settings.disposition}. Codes: {codes}. "
        f"Absence: {'yes' if settings.absence else 'no'}. Units: {settings.units}. "
        f"Policy section: *{settings.section}*."
    )
    values = [f"`{name}`: {_shown(value)}" for name, value in sorted(settings.values.items())]
    return [intro, _listed(values)] if values else [intro]


def _shown(value: object) -> object:
    """A parameter's value: sets and tables in their order, without the marks of Python."""
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in sorted(value.items()))
    return value


def _cases(path: Path) -> list[str]:
    """When the rule fires and when it is silent, by the names of its cases; nothing without a file."""
    document = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return [
        f"**{title}**\n\n{_listed(case['when'] for case in document[kind])}"
        for kind, title in _CASE_TITLES.items()
        if kind in document
    ]


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"* {item}" for item in items)
