"""Loading a policy: a folder and, where given, an exemptions file become a `Policy`, or are refused whole.

A policy is a folder with policy.toml and the tables it names. Every direct subfolder with a policy.toml
of its own is a further version of the same policy. Everything that is wrong is reported at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from policy.build import build_version, family_bits
from policy.document import Exemption, Policy
from policy.draft import POLICY_FILE, Draft, read_draft
from policy.errors import PolicyError, Problem, Report
from policy.exemptions import parse_exemptions
from policy.fields import MOST
from policy.files import read_text
from policy.fingerprint import with_fingerprint
from policy.rule_settings import Declared
from policy.rules import RULES, drug_rules
from policy.sections import Reading, Settings

__all__ = ["BUILT_IN", "PolicyError", "Problem", "Reading", "load_policy", "load_readings"]

BUILT_IN: Final = Path(__file__).parent / "data" / "cpcp019"
"""The policy that comes with the product: CPCP019, every version of it."""

_DECLARED: Final = Declared(
    parameters={name: rule.parameters for name, rule in RULES.items()},
    drug_rules=frozenset(rule.name for rule in drug_rules.RULES),
)


def load_policy(
    path: Path | str | None = None,
    *,
    exemptions: Path | str | None = None,
    settle_after_us: int | None = None,
    history_days: int | None = None,
    retention_days: int | None = None,
) -> Policy:
    """Load a policy folder and an exemptions file.

    Args:
        path: the policy folder; None is the built-in CPCP019.
        exemptions: a JSON list or CSV of exemptions; None is none.
        settle_after_us: replaces `settle_after` (microseconds of event time).
        history_days: replaces `history_days`.
        retention_days: replaces `retention_days`.

    Raises:
        PolicyError: with every problem of the folder, the exemptions and the replacements.
    """
    report = Report()
    drafts = _read_drafts(Path(path) if path is not None else BUILT_IN, report)
    exempt = _read_exemptions(exemptions, report)
    given = {"settle_after": settle_after_us, "history_days": history_days, "retention_days": retention_days}
    replacements = {name: value for name, value in given.items() if value is not None}
    _check_replacements(replacements, report)
    report.check()
    return _assemble(drafts, replace(drafts[-1].settings, **replacements), exempt)


def load_readings(path: Path | str | None = None) -> tuple[Reading, ...]:
    """What the latest version of a policy leaves open and how it is read, in the order of its file.

    Raises:
        PolicyError: as `load_policy`.
    """
    report = Report()
    drafts = _read_drafts(Path(path) if path is not None else BUILT_IN, report)
    report.check()
    return drafts[-1].readings


def _read_drafts(folder: Path, report: Report) -> list[Draft]:
    """The versions of a folder by effective date, checked against each other."""
    if not folder.is_dir():
        report.add(str(folder), None, None, "is not a folder")
        return []
    places = [(folder, ""), *((inner, f"{inner.name}/") for inner in _version_folders(folder, report))]
    drafts = [read_draft(place, prefix, _DECLARED, report) for place, prefix in places]
    found = sorted(filter(None, drafts), key=lambda draft: draft.identity.effective_from)
    _check_versions(found, report)
    return found


def _version_folders(folder: Path, report: Report) -> list[Path]:
    try:
        return sorted(inner for inner in folder.iterdir() if (inner / POLICY_FILE).is_file())
    except OSError as error:
        report.add(str(folder), None, None, f"cannot be read: {error.strerror}")
        return []


def _check_versions(drafts: list[Draft], report: Report) -> None:
    """Note another policy id, a version named twice and overlapping periods, at the later version."""
    for place, draft in enumerate(drafts):
        for earlier in drafts[:place]:
            for column, message in _clashes(earlier, draft):
                line = draft.toml.line(("policy", column))
                report.add(draft.toml.file, line, f"policy.{column}", f"{message} {earlier.toml.file}")


def _clashes(earlier: Draft, later: Draft) -> Iterable[tuple[str, str]]:
    """The keys of a version that do not go with an earlier one, and why."""
    one, other = earlier.identity, later.identity
    if one.policy_id != other.policy_id:
        yield "id", "is not the id in"
    if one.version == other.version:
        yield "version", "is the version in"
    if other.effective_from <= one.effective_to and other.effective_from != date.max:
        yield "effective_from", "the period overlaps the one in"


def _read_exemptions(path: Path | str | None, report: Report) -> tuple[Exemption, ...]:
    if path is None:
        return ()
    text = read_text(Path(path), str(path), report)
    return () if text is None else parse_exemptions(text, str(path), RULES, report)


def _check_replacements(replacements: dict[str, int], report: Report) -> None:
    for name, value in replacements.items():
        if value < 1:
            report.add("options", None, name, "must be longer than nothing")
        elif name != "settle_after" and value > MOST:
            report.add("options", None, name, f"must be at most {MOST}")


def _assemble(drafts: list[Draft], settings: Settings, exemptions: tuple[Exemption, ...]) -> Policy:
    bits = family_bits(drafts)
    policy = Policy(
        policy_id=drafts[-1].identity.policy_id,
        versions=tuple(build_version(draft, bits) for draft in drafts),
        settle_after=settings.settle_after,
        history_days=settings.history_days,
        retention_days=settings.retention_days,
        forget_after_days=settings.forget_after_days,
        exemptions=exemptions,
    )
    return with_fingerprint(policy)
