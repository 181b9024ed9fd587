"""What differs between two policies, in words: settings, rules, code tables, exemptions, with citations.

Compared is the data that decides (`policy.document`), not its files: another order of rows is no
difference, nor is a comment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from itertools import zip_longest
from typing import NamedTuple

from models.duration import format_duration
from policy.document import Exemption, Policy, PolicyVersion, RuleSettings
from policy.sections import Reading
from streams.report.change import NONE, Change, text
from streams.report.code_tables import table_changes
from streams.report.ids import Ids


class _Fact(NamedTuple):
    about: str
    what: str
    value: object
    source: str = ""


_Facts = Mapping[str, _Fact]
"""By its place in the policy's files."""


def changes_between(before: Policy, after: Policy, ids: Ids) -> list[Change]:
    """All that differs between two policies, in the order of the policy's files.

    Args:
        before: the reference.
        after: the candidate.
        ids: how providers are written in exemptions.
    """
    changes = list(_compared(_settings(before), _settings(after)))
    pairs = _paired(before.versions, after.versions)
    for old, new in pairs:
        found = list(_of_version(old, new))
        mark = new or old
        if len(pairs) > 1 and mark is not None:
            found = [replace(one, about=f"{one.about}, version {mark.version}") for one in found]
        changes += found
    return changes + list(_exemptions(before, after, ids))


def _paired(
    before: Sequence[PolicyVersion], after: Sequence[PolicyVersion]
) -> list[tuple[PolicyVersion | None, PolicyVersion | None]]:
    """Versions of the same name; where each policy has one, these."""
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    old = {version.version: version for version in before}
    new = {version.version: version for version in after}
    return [(old.get(name), new.get(name)) for name in dict.fromkeys((*old, *new))]


def _of_version(old: PolicyVersion | None, new: PolicyVersion | None) -> Iterator[Change]:
    if old is not None and new is not None:
        yield from _compared(_facts(old), _facts(new))
        yield from table_changes(old, new)
        return
    was, now = (NONE if one is None else f"{one.title}, {_period(one)}" for one in (old, new))
    yield Change("policy.version", "Policy", "a version as a whole", was, now, "")


def _period(version: PolicyVersion) -> str:
    return f"service dates {_day(version.effective_from)} to {_day(version.effective_to)}"


def _day(ordinal: int) -> str:
    return "no end" if ordinal == date.max.toordinal() else date.fromordinal(ordinal).isoformat()


def _compared(before: _Facts, after: _Facts) -> Iterator[Change]:
    for place in dict.fromkeys((*before, *after)):
        old, new = before.get(place), after.get(place)
        known = new or old
        was, now = (None if fact is None else fact.value for fact in (old, new))
        if known is not None and was != now:
            yield Change(place, known.about, known.what, *_texts(was, now), known.source)


def _texts(old: object, new: object) -> tuple[str, str]:
    """Two values as text; of two sets with members in common, what the other has not."""
    if isinstance(old, frozenset) and isinstance(new, frozenset) and old & new:
        return _beyond(old - new), _beyond(new - old)
    return text(old), text(new)


def _beyond(members: frozenset[str]) -> str:
    return f"with {text(members)}" if members else "without these"


def _settings(policy: Policy) -> _Facts:
    waits = format_duration(policy.settle_after)
    return {
        "policy.id": _Fact("Policy", "name", policy.policy_id),
        "settings.settle_after": _Fact("Settings", "a claim is waited for", waits),
        "settings.history_days": _Fact("Settings", "oldest service date taken, days", policy.history_days),
        "settings.retention_days": _Fact(
            "Settings", "a line is judged again for, days", policy.retention_days
        ),
        "settings.forget_after_days": _Fact(
            "Settings", "then it may be forgotten after, days", policy.forget_after_days
        ),
    }


def _facts(version: PolicyVersion) -> _Facts:
    """What a version says outside its code tables."""
    roles = version.roles
    facts = {
        "policy.version": _Fact("Policy", "version", version.version),
        "policy.title": _Fact("Policy", "title", version.title),
        "policy.effective_from": _Fact("Policy", "service dates from", _day(version.effective_from)),
        "policy.effective_to": _Fact("Policy", "service dates to", _day(version.effective_to)),
        "roles.flush_ndcs": _Fact("Code table", "NDCs of flushes", roles.flush_ndcs),
        "roles.drug_prefixes": _Fact(
            "Code table", "beginnings of drug codes", frozenset(roles.drug_prefixes)
        ),
    }
    for part, about in (("modifiers", "Modifiers"), ("drug_rules", "Drug rules")):
        holder = getattr(version, part)
        for one in fields(holder):
            facts[f"{part}.{one.name}"] = _Fact(about, _words(one.name), getattr(holder, one.name))
    for rule in version.rules.values():
        facts |= _of_rule(rule)
    return facts


def _of_rule(rule: RuleSettings) -> _Facts:
    values: dict[str, object] = {
        one.name: getattr(rule, one.name) for one in fields(rule) if one.name not in ("name", "values")
    }
    for name, value in rule.values.items():
        if isinstance(value, Mapping):
            values |= {f"{name}.{key}": disposition for key, disposition in value.items()}
        else:
            values[name] = value
    return {
        f"rules.{rule.name}.{name}": _Fact("Rules", f"{rule.name}: {_words(name)}", value, rule.section)
        for name, value in values.items()
    }


def _words(name: str) -> str:
    return {"carc": "CARC", "rarc": "RARC"}.get(name, name.replace("_", " ").replace(".", ", "))


def _exemptions(before: Policy, after: Policy, ids: Ids) -> Iterator[Change]:
    gone = [one for one in before.exemptions if one not in after.exemptions]
    new = [one for one in after.exemptions if one not in before.exemptions]
    for old, added in zip_longest(gone, new):
        was, now = (NONE if one is None else _exempted(one, ids) for one in (old, added))
        yield Change("exemptions", "Exemptions", "exempted", was, now, "Plan documents and contracts")


def _exempted(one: Exemption, ids: Ids) -> str:
    parts = (
        one.plan_id and f"plan {one.plan_id}",
        one.billing_provider_npi and f"provider {ids.provider(one.billing_provider_npi)}",
        one.rule,
        one.procedure_code,
        None if one.first is None else f"from {_day(one.first)}",
        None if one.last is None else f"to {_day(one.last)}",
    )
    return ", ".join(filter(None, parts))


def concerned(changes: Sequence[Change], readings: Sequence[Reading]) -> list[Reading]:
    """The readings of the policy that the changes are about: those that are set in what changed."""
    places = [change.place for change in changes]
    return [
        reading
        for reading in readings
        if any(place == key or place.startswith(f"{key}.") for place in places for key in reading.set_in)
    ]
