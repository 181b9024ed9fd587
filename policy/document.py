"""What a policy says, as plain data: versions, roles of codes, rule settings, exemptions.

Nothing here reads a file: `policy.load` builds these objects from a policy folder and has checked
them. Dates are proleptic ordinals (`datetime.date.toordinal`), inclusive on both sides, so that rules
can do arithmetic on them. Source: screening specification, sections 3, 4 and 4.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from models.finding import Disposition

RoleKind = Literal["per_diem", "drug", "solution", "flush", "formula", "supply", "visit", "service", "other"]
"""The nine roles a claim line can have (specification, section 3)."""

MissingDrug = Literal["deny", "review", "inform", "included"]
"""What a per diem day without a drug deserves; `included` means the drug is inside the per diem."""

UnitsKind = Literal["days", "share", "own"]
"""How units are counted: one a found date, a share of the line's units, or by the rule itself."""

ParameterKind = Literal["codes", "words", "count", "disposition", "relations"]
"""Kinds of rule parameters: procedure codes, words, a whole number >= 0, a disposition, a table
of relation to disposition."""

ParameterValue = frozenset[str] | int | str | Mapping[str, Disposition]

EVERY_FAMILY: Final = -1
"""The family set `*`: all bits, so that it meets every other set."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact of the policy stands: file name, row (1 = first line of the file), citation."""

    file: str
    row: int
    citation: str


@dataclass(frozen=True, slots=True)
class PerDiem:
    """The per diem settings of one code (section 3: `detail` of role per_diem).

    Attributes:
        therapy: its own family, as one bit.
        therapy_name: the family's name.
        missing_drug: what a day without a drug deserves.
        daily: True where the usual schedule is daily, False where it is intermittent.
        infusion: True where the code counts as an infusion therapy for SH and SJ.
        exclusive: codes it may not be used with.
        one_a_day: group of which one code a day is believed, or None.
        cap30: most infusion days in a period, or None.
    """

    therapy: int
    therapy_name: str
    missing_drug: MissingDrug
    daily: bool
    infusion: bool
    exclusive: frozenset[str] = frozenset()
    one_a_day: str | None = None
    cap30: int | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """The role of a code (and NDC) in one policy version.

    Attributes:
        kind: one of the nine roles.
        families: bit set of therapy families; `EVERY_FAMILY` for `*`, 0 for none.
        family_names: the names as written in the table, for people.
        per_diem: settings where `kind` is per_diem, else None.
        relation: a supply's relation to the per diem, else None.
        visit: `primary` or `addon` for visits, else None.
        short_name: a few words for people, "" where the code is in a range or unlisted.
        source: where the role comes from.
    """

    kind: RoleKind
    families: int = 0
    family_names: tuple[str, ...] = ()
    per_diem: PerDiem | None = None
    relation: str | None = None
    visit: str | None = None
    short_name: str = ""
    source: Source = Source("policy.toml", 0, "")


@dataclass(frozen=True, slots=True)
class CodeRange:
    """Codes `letter` + `first`..`last` (four digits, by number, inclusive) and their role."""

    letter: str
    first: int
    last: int
    role: Role


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """One rule's settings in one policy version (section 4: the tables of rules).

    Attributes:
        name: the rule.
        disposition: what its edits ask for, where the rule says nothing graver or milder.
        group_code: claim adjustment group code of the edit.
        carc: claim adjustment reason code, or None.
        rarc: remittance advice remark code, or None.
        section: section of the policy that the rule rests on.
        absence: True where lines that have not come yet could cure the finding.
        units: how units are counted.
        values: the rule's own parameters, each of the kind the rule declares.
    """

    name: str
    disposition: Disposition
    group_code: str
    carc: str | None
    rarc: str | None
    section: str
    absence: bool
    units: UnitsKind
    values: Mapping[str, ParameterValue] = field(default_factory=dict)

    def words(self, name: str) -> frozenset[str]:
        """The set of codes or words of parameter `name`."""
        value = self.values[name]
        assert isinstance(value, frozenset)  # noqa: S101 - checked by policy.load
        return value

    def count(self, name: str) -> int:
        """The whole number of parameter `name`."""
        value = self.values[name]
        assert isinstance(value, int)  # noqa: S101 - checked by policy.load
        return value

    def other_disposition(self, name: str) -> Disposition:
        """The disposition of parameter `name`."""
        value = self.values[name]
        assert isinstance(value, str)  # noqa: S101 - checked by policy.load
        return value  # type: ignore[return-value]

    def relations(self, name: str) -> Mapping[str, Disposition]:
        """The table relation -> disposition of parameter `name`."""
        value = self.values[name]
        assert isinstance(value, Mapping)  # noqa: S101 - checked by policy.load
        return value


@dataclass(frozen=True, slots=True)
class Modifiers:
    """Modifiers with a meaning: discarded drug (JW), second therapy (SH), third or further (SJ)."""

    discarded: frozenset[str]
    second: frozenset[str]
    third: frozenset[str]


@dataclass(frozen=True, slots=True)
class DrugRules:
    """How the drug rules share out the unpaired dates of a per diem line (section 4.1).

    Attributes:
        order: rule names; each unpaired date goes to the first rule that claims it.
        uncapped: those of them that may be graver than the code's `missing_drug`.
        drug_inside: `missing_drug` values that skip the drug rules and the dating of units.
    """

    order: tuple[str, ...]
    uncapped: frozenset[str]
    drug_inside: frozenset[str]


@dataclass(frozen=True, slots=True)
class RoleTables:
    """What gives a line its role (section 3).

    Attributes:
        codes: role by listed code.
        flush_ndcs: first nine digits of the NDCs that make a line a flush.
        flush: the role such a line gets.
        supply_ranges, drug_ranges: roles of unlisted codes, searched in order.
        drug_prefixes: an unlisted code with such a beginning and an NDC is a drug.
        unlisted_drug: the role such a line gets.
    """

    codes: Mapping[str, Role]
    flush_ndcs: frozenset[str]
    flush: Role
    supply_ranges: tuple[CodeRange, ...]
    drug_ranges: tuple[CodeRange, ...]
    drug_prefixes: tuple[str, ...]
    unlisted_drug: Role


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of the policy and the service dates it governs.

    Attributes:
        policy_id, version, title: for edits and people.
        effective_from, effective_to: first and last service date (ordinals, inclusive).
        rules: settings by rule name, every known rule.
        drug_rules: how a per diem's unpaired dates are shared out.
        roles: the role tables.
        modifiers: modifiers with a meaning.
    """

    policy_id: str
    version: str
    title: str
    effective_from: int
    effective_to: int
    rules: Mapping[str, RuleSettings]
    drug_rules: DrugRules
    roles: RoleTables
    modifiers: Modifiers


@dataclass(frozen=True, slots=True)
class Exemption:
    """Lines that a plan document or a provider contract takes out of a rule (section 4.3).

    A field that is None matches every line; `first` and `last` are service dates, inclusive.
    """

    plan_id: str | None = None
    billing_provider_npi: str | None = None
    rule: str | None = None
    procedure_code: str | None = None
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """All that decides: versions side by side, time settings, exemptions.

    Attributes:
        policy_id: the policy's name, part of every edit's identity.
        versions: by effective date; their periods do not overlap.
        settle_after: microseconds of event time a claim is waited for.
        history_days: oldest accepted service date, in days before receipt.
        retention_days: days after a line's last service date on which it is frozen.
        forget_after_days: days after that on which it may be forgotten.
        exemptions: taken off last.
        fingerprint: SHA-256 (hex) of everything above.
    """

    policy_id: str
    versions: tuple[PolicyVersion, ...]
    settle_after: int
    history_days: int
    retention_days: int
    forget_after_days: int
    exemptions: tuple[Exemption, ...] = ()
    fingerprint: str = ""

    def on(self, day: int) -> PolicyVersion | None:
        """The version in force on a service date (ordinal), or None."""
        for version in self.versions:
            if version.effective_from <= day <= version.effective_to:
                return version
        return None
