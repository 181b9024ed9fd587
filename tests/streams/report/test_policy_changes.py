"""What differs between two policies is told: everything, with its place and source, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from policy.document import Exemption, Policy, PolicyVersion
from policy.load import load_readings
from streams.report.change import Change
from streams.report.ids import Ids, hashed
from streams.report.policies import changes_between, concerned
from tests.support import built_in_policy

POLICY = built_in_policy()
VERSION = POLICY.versions[0]


def with_version(**changed: object) -> Policy:
    """The built-in policy, its version changed."""
    return replace(POLICY, versions=(replace(VERSION, **changed),))  # type: ignore[arg-type]


def told(candidate: Policy) -> list[tuple[str, str, str]]:
    """Place, value before and after of each difference from the built-in policy."""
    return [(one.place, one.before, one.after) for one in changes_between(POLICY, candidate, Ids())]


def test_the_same_data_differ_in_nothing() -> None:
    """Neither does a policy with its rules in another order."""
    assert told(POLICY) == []
    assert told(with_version(rules=dict(reversed([*VERSION.rules.items()])))) == []


@pytest.mark.parametrize("rule", VERSION.rules)
def test_each_setting_of_each_rule_is_told_alone(rule: str) -> None:
    """A change of one setting is one difference, at its place, with the rule's section."""
    settings = VERSION.rules[rule]
    for name in (each.name for each in fields(settings) if each.name not in ("name", "values")):
        changed: dict[str, Any] = {name: not settings.absence if name == "absence" else "other"}
        rules = {**VERSION.rules, rule: replace(settings, **changed)}
        (change,) = changes_between(POLICY, with_version(rules=rules), Ids())
        assert change.place == f"rules.{rule}.{name}"
        assert change.source == ("other" if name == "section" else settings.section)
    for name in settings.values:
        rules = {**VERSION.rules, rule: replace(settings, values={**settings.values, name: 99})}
        assert {place.partition(name)[0] for place, _, _ in told(with_version(rules=rules))} == {
            f"rules.{rule}."
        }


def test_of_a_list_the_members_that_differ_are_named() -> None:
    """Codes taken away stand on one side, codes added on the other; those that stay are not repeated."""
    rule = VERSION.rules["formula_in_per_diem"]
    codes = (rule.words("per_diem_codes") - {"S9368"}) | {"S9999"}
    rules = {**VERSION.rules, rule.name: replace(rule, values={"per_diem_codes": codes})}
    assert told(with_version(rules=rules)) == [
        ("rules.formula_in_per_diem.per_diem_codes", "with S9368", "with S9999")
    ]


def test_a_code_is_told_once_with_what_differs() -> None:
    """A changed, a new and a missing code: one difference each, with the row's citation."""
    codes = dict(VERSION.roles.codes)
    old = codes["S9500"]
    assert old.per_diem is not None
    codes["S9500"] = replace(old, per_diem=replace(old.per_diem, missing_drug="inform", cap30=5))
    codes["X0001"] = old
    del codes["S9501"]
    changes = changes_between(POLICY, with_version(roles=replace(VERSION.roles, codes=codes)), Ids())
    assert [(one.place, one.before, one.after) for one in changes] == [
        (
            "code_roles.csv:S9500",
            "missing drug: deny; most infusion days in a period: none",
            "missing drug: inform; most infusion days in a period: 5",
        ),
        ("code_roles.csv:S9501", changes[1].before, "not listed"),
        ("code_roles.csv:X0001", "not listed", changes[2].after),
    ]
    assert "missing drug: deny" in changes[1].before
    assert {one.source for one in changes} == {old.source.citation}


def test_settings_versions_and_exemptions_are_told() -> None:
    """Windows of the whole policy, a version more, an exemption; of providers the hash."""
    later = replace(VERSION, version="3.0", effective_from=date(2030, 1, 1).toordinal())
    exempted = Exemption(
        billing_provider_npi="1234567893", rule="noc_per_diem", first=date(2026, 1, 1).toordinal()
    )
    candidate = replace(POLICY, versions=(VERSION, later), settle_after=60_000_000, exemptions=(exempted,))
    provider = hashed("provider", "1234567893")
    assert told(candidate) == [
        ("settings.settle_after", "15m", "1m"),
        ("policy.version", "none", "Home Infusion, service dates 2030-01-01 to no end"),
        ("exemptions", "none", f"provider {provider}, noc_per_diem, from 2026-01-01"),
    ]


def _window(version: PolicyVersion) -> PolicyVersion:
    rule = version.rules["drug_dates_unclear"]
    return replace(version, rules={**version.rules, rule.name: replace(rule, values={"window_days": 0})})


def _relation(version: PolicyVersion) -> PolicyVersion:
    rule = version.rules["included_in_per_diem"]
    (name,) = rule.values
    values = {name: {**rule.relations(name), "core": "review"}}
    return replace(version, rules={**version.rules, rule.name: replace(rule, values=values)})


@pytest.mark.parametrize(
    ("change", "keys"),
    [(_window, ["dispensing_date"]), (_relation, ["supply_relations"]), (lambda version: version, [])],
)
def test_readings_that_a_change_is_about_are_found(
    change: Callable[[PolicyVersion], PolicyVersion], keys: list[str]
) -> None:
    """Those that are set in what changed, and no others."""
    changes: list[Change] = changes_between(POLICY, replace(POLICY, versions=(change(VERSION),)), Ids())
    assert [reading.key for reading in concerned(changes, load_readings())] == keys
