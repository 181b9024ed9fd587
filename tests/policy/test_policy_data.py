"""Laws about the built-in policy itself: every code, reason, date, window and reading of CPCP019 2.0."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from policy.document import PerDiem, PolicyVersion, RuleSettings
from policy.load import BUILT_IN, load_readings
from policy.rules import RULES, drug_rules
from tests.support import built_in_policy

# Rule: units, absence, disposition, group code, CARC, RARC (specification, sections 4.1 and 4.2).
REASONS: dict[str, tuple[str, bool, str, str, str | None, str]] = {
    "units_exceed_days": ("own", False, "deny", "CO", "151", "N345"),
    "drug_on_other_claim": ("own", True, "review", "CO", "107", "N149"),
    "per_diem_for_flush": ("own", True, "deny", "CO", "B15", "N674"),
    "drug_not_corresponding": ("own", False, "review", "CO", "107", "N674"),
    "drug_dates_unclear": ("own", False, "review", "CO", "107", "N345"),
    "per_diem_without_drug": ("own", True, "deny", "CO", "B15", "N674"),
    "therapy_without_own_drug": ("days", False, "review", "CO", "B15", "N674"),
    "units_implausible": ("own", False, "review", "CO", "151", "N435"),
    "exclusive_per_diem": ("days", False, "review", "CO", "231", "N20"),
    "conflicting_per_diem": ("days", False, "review", "CO", "231", "N20"),
    "duplicate_per_diem": ("days", False, "review", "OA", "18", "M86"),
    "concurrent_modifier": ("days", False, "inform", "CO", "4", "N822"),
    "modifier_without_primary": ("days", False, "inform", "CO", "4", "N519"),
    "catheter_care_in_per_diem": ("days", False, "review", "CO", "97", "M15"),
    "noc_per_diem": ("days", False, "inform", "CO", "189", "N657"),
    "drug_without_per_diem": ("share", False, "inform", "CO", None, "N161"),
    "included_in_per_diem": ("share", False, "inform", "CO", "97", "M15"),
    "supply_never_payable": ("share", False, "deny", "CO", "234", "N390"),
    "solution_incidental": ("share", False, "deny", "CO", "97", "M15"),
    "formula_in_per_diem": ("share", False, "deny", "CO", "97", "M15"),
    "visit_addon_without_primary": ("share", True, "deny", "CO", "107", "N122"),
    "visit_without_professional": ("share", False, "inform", "CO", "16", "N290"),
}

# Rule: its own parameters.
VALUES: dict[str, dict[str, Any]] = {
    "units_exceed_days": {"single_date_disposition": "return"},
    "drug_on_other_claim": {"same_provider_disposition": "return"},
    "per_diem_for_flush": {"per_diem_codes": {"S9372"}, "flush_codes": {"J1642"}},
    "drug_not_corresponding": {"missing_drug_aside": {"inform"}},
    "drug_dates_unclear": {"window_days": 14},
    "therapy_without_own_drug": {
        "therapies_aside": {"catheter_care"},
        "missing_drug_aside": {"included", "inform"},
    },
    "units_implausible": {"period_days": 30},
    "exclusive_per_diem": {"certain_disposition": "deny"},
    "duplicate_per_diem": {"certain_disposition": "deny"},
    "concurrent_modifier": {"certain_disposition": "return"},
    "catheter_care_in_per_diem": {"therapies": {"catheter_care"}},
    "noc_per_diem": {"codes": {"S9379", "S9542"}},
    "drug_without_per_diem": {"places": {"12"}},
    "included_in_per_diem": {
        "by_relation": {
            "core": "deny",
            "included_service": "deny",
            "implanted": "review",
            "dressing": "review",
            "possible": "review",
            "noncovered": "review",
            "equipment_service": "review",
        }
    },
    "supply_never_payable": {"claim_roles": {"per_diem", "service", "visit"}},
    "formula_in_per_diem": {"per_diem_codes": {"S9364", "S9365", "S9366", "S9367", "S9368"}},
}


def words(text: str) -> set[str]:
    """The words of a text."""
    return set(text.split())


# The code table of the policy, by number after S.
PRINTED = """
9325-9331 9335 9336 9338-9343 9345-9349 9351 9353 9355 9357 9359 9361 9363-9368 9370 9372-9377 9379 9490 9494
9497 9500-9504 9537 9538 9542 9558-9560 9562 9590
"""

# What a code may not be used with, and the groups of which one a day is believed (section 4.1).
EXCLUSIVE = {
    "S9325": "S9326 S9327 S9328",
    "S9329": "S9330 S9331",
    "S9364": "S9365 S9366 S9367 S9368",
    "S9373": "S9374 S9375 S9376 S9377",
    "S9494": "S9497 S9500 S9501 S9502 S9503 S9504",
}
ONE_A_DAY = ["S5498 S5501", "S9341 S9342 S9343", "S9365 S9366 S9367 S9368", "S9374 S9375 S9376 S9377"]

REVIEWED = words(
    """S9328 S9340 S9341 S9342 S9343 S9353 S9363 S9370 S9372 S9537 S9538 S9542 S9558 S9559 S9560 S9562 S9563
    S9590"""
)
NO_INFUSIONS = words(
    """catheter_care hemodialysis peritoneal_dialysis enteral antiemetic anticoag_injection hematopoietic
    transfusion injectable_noc growth_hormone interferon hormonal rsv_mab immunotherapy_injection
    irrigation"""
)
INTERMITTENT = words("S9331 S9335 S9338 S9346 S9357 S9359 S9537 S9538 S9559 S9560 S9562 S9563")
SUPPLY_CODES = words(
    """A4300 A4301 A4305 A4306 A9270 A9900 A9999 E0776 E0779 E0780 E0781 E0782 E0783 E0784 E0785 E0786
    E0791"""
)


def document() -> dict[str, Any]:
    """The policy file as TOML."""
    return tomllib.loads((BUILT_IN / "policy.toml").read_text(encoding="utf-8"))


def table(name: str) -> list[dict[str, str]]:
    """The rows of a table."""
    with (BUILT_IN / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def version() -> PolicyVersion:
    """The one version that comes with the product."""
    (only,) = built_in_policy().versions
    return only


@pytest.fixture(scope="module")
def per_diems(version: PolicyVersion) -> dict[str, PerDiem]:
    """The settings of every per diem code."""
    return {code: role.per_diem for code, role in version.roles.codes.items() if role.per_diem is not None}


def test_the_version_is_the_published_one(version: PolicyVersion) -> None:
    """CPCP019 2.0 governs service dates from 2019-03-26 on, with an open end."""
    assert (version.policy_id, version.version, version.title) == ("CPCP019", "2.0", "Home Infusion")
    assert date.fromordinal(version.effective_from) == date(2019, 3, 26)
    assert date.fromordinal(version.effective_to) == date(9999, 12, 31)


def test_the_settings_are_those_of_the_specification() -> None:
    """15 minutes, 400 days of history, 800 of retention, 100 until a line may be forgotten."""
    policy = built_in_policy()
    assert policy.settle_after == 15 * 60 * 1_000_000
    assert (policy.history_days, policy.retention_days, policy.forget_after_days) == (400, 800, 100)


def test_every_rule_has_settings_and_no_other(version: PolicyVersion) -> None:
    """The rules of the data, of the specification and of the engine are the same 22, in one order."""
    assert list(version.rules) == list(RULES) == list(REASONS)
    assert len(REASONS) == 22


@pytest.mark.parametrize("name", REASONS)
def test_a_rule_has_its_reasons_and_parameters(name: str, version: PolicyVersion) -> None:
    """Units, absence, disposition, group code, CARC, RARC and parameters are those of the specification."""
    rule = version.rules[name]
    assert rule == RuleSettings(
        name=name,
        units=rule.units,
        absence=rule.absence,
        disposition=rule.disposition,
        group_code=rule.group_code,
        carc=rule.carc,
        rarc=rule.rarc,
        section=rule.section,
        values=VALUES.get(name, {}),
    )
    found = (rule.units, rule.absence, rule.disposition, rule.group_code, rule.carc, rule.rarc)
    assert found == REASONS[name]


def test_the_drug_rules_share_out_in_their_order(version: PolicyVersion) -> None:
    """Five rules in order; only the flush rule may be graver than the code; TPN has its drug inside."""
    assert version.drug_rules.order == tuple(rule.name for rule in drug_rules.RULES)
    assert version.drug_rules.uncapped == {"per_diem_for_flush"}
    assert version.drug_rules.drug_inside == {"included"}


def test_the_modifiers_have_their_meaning(version: PolicyVersion) -> None:
    """JW is a discarded drug, SH a second and SJ a further therapy."""
    modifiers = version.modifiers
    found = (modifiers.discarded, modifiers.second, modifiers.third)
    assert found == (frozenset({"JW"}), frozenset({"SH"}), frozenset({"SJ"}))


def test_every_per_diem_of_the_policy_is_listed(per_diems: dict[str, PerDiem]) -> None:
    """The code table of the policy, the catheter codes and S9563 of its ranges are per diems, no others."""
    printed = set()
    for part in PRINTED.split():
        first, _, last = part.partition("-")
        printed |= {f"S{number}" for number in range(int(first), int(last or first) + 1)}
    assert printed <= set(per_diems)
    assert set(per_diems) - printed == {"S5497", "S5498", "S5501", "S5502", "S9563"}
    assert len(per_diems) == 61


def test_the_ranges_of_the_policy_hold_the_other_codes_it_names(version: PolicyVersion) -> None:
    """Codes of the per diem ranges that are no per diems have the roles of their descriptors."""
    kinds = {code: role.kind for code, role in version.roles.codes.items()}
    services = {"S5517", "S5518", "S5520", "S5521", "S5522", "S5523", "S9529"}
    assert {code for code in services if kinds[code] == "service"} == services
    assert (kinds["S9810"], version.roles.codes["S9810"].relation) == ("supply", "included_service")
    assert {code for code, kind in kinds.items() if kind == "flush"} == {"J1642", "A4216", "A4218", "J7051"}
    assert {code for code, kind in kinds.items() if kind == "visit"} == {"99601", "99602"}
    for code in ("J7030", "J7040", "J7042", "J7050", "J7060"):
        assert kinds[code] == "solution"


def test_do_not_use_notes_are_the_unspecified_codes(per_diems: dict[str, PerDiem]) -> None:
    """Five unspecified codes exclude the specific ones of their therapy."""
    found = {code: settings.exclusive for code, settings in per_diems.items() if settings.exclusive}
    assert found == {code: frozenset(others.split()) for code, others in EXCLUSIVE.items()}


def test_volumes_routes_and_lumens_are_groups(per_diems: dict[str, PerDiem]) -> None:
    """Of a group of volumes, routes or lumens one code a day is believed."""
    groups: dict[str | None, list[str]] = {}
    for code, settings in per_diems.items():
        groups.setdefault(settings.one_a_day, []).append(code)
    del groups[None]
    assert sorted(" ".join(sorted(codes)) for codes in groups.values()) == ONE_A_DAY


def test_caps_are_most_infusion_days_in_a_period(per_diems: dict[str, PerDiem]) -> None:
    """Five therapies have a cap."""
    caps = {code: settings.cap30 for code, settings in per_diems.items() if settings.cap30 is not None}
    assert caps == {"S9338": 10, "S9346": 5, "S9357": 5, "S9359": 2, "S9562": 2}


def test_what_a_missing_drug_deserves(per_diems: dict[str, PerDiem]) -> None:
    """Standard formulas are inside TPN; catheter care and dialysis only inform; injections are reviewed."""
    weights: dict[str, set[str]] = {}
    for code, settings in per_diems.items():
        weights.setdefault(settings.missing_drug, set()).add(code)
    assert weights["included"] == {"S9364", "S9365", "S9366", "S9367", "S9368"}
    assert weights["inform"] == {"S5497", "S5498", "S5501", "S5502", "S9335", "S9339"}
    assert weights["review"] == REVIEWED
    assert len(weights["deny"]) == 32


def test_injections_and_care_are_no_concurrent_infusions(per_diems: dict[str, PerDiem]) -> None:
    """Catheter care, injections, enteral, dialysis, transfusion and irrigation do not count for SH and SJ."""
    therapies = {settings.therapy_name for settings in per_diems.values() if not settings.infusion}
    assert therapies == NO_INFUSIONS
    assert (per_diems["S9351"].infusion, per_diems["S9370"].infusion) == (True, False)


def test_intermittent_therapies(per_diems: dict[str, PerDiem]) -> None:
    """The usual schedule is daily, but for therapies of single infusions."""
    intermittent = {code for code, settings in per_diems.items() if not settings.daily}
    assert intermittent == INTERMITTENT


def test_the_tables_hold_as_many_rows_as_the_reference(version: PolicyVersion) -> None:
    """No row was lost: 1,981 codes by role, 46 supply ranges, 8 drug ranges."""
    kinds = Counter(role.kind for role in version.roles.codes.values())
    assert kinds == {
        "drug": 1345,
        "other": 447,
        "supply": 79,
        "per_diem": 61,
        "service": 17,
        "solution": 15,
        "formula": 11,
        "flush": 4,
        "visit": 2,
    }
    assert (len(version.roles.supply_ranges), len(version.roles.drug_ranges)) == (46, 8)


def test_lists_beside_the_tables(version: PolicyVersion) -> None:
    """Five NDCs of flushes, six beginnings of drug codes."""
    tables = version.roles
    assert tables.flush_ndcs == {"003380049", "082900330", "082900380", "082903305", "082903065"}
    assert tables.drug_prefixes == ("C9", "J", "Q2", "Q5", "Q9", "S0")


@pytest.mark.parametrize("name", ["code_roles.csv", "supply_ranges.csv", "drug_ranges.csv"])
def test_every_row_has_a_source_that_is_explained(name: str) -> None:
    """The key of each row is explained by document, section and note."""
    sources = document()["sources"]
    for row in table(name):
        explained = sources[row["source"]]
        assert explained["document"]
        assert explained["section"]
        assert explained["note"]


def test_rows_that_the_policy_names_cite_it() -> None:
    """Per diems cite the code table or the ranges, flushes the definitions, supplies the supply table."""
    source = {row["code"]: row["source"] for row in table("code_roles.csv")}
    role = {row["code"]: row["role"] for row in table("code_roles.csv")}
    assert Counter(source[code] for code in source if role[code] == "per_diem") == {
        "home_infusion_codes": 56,
        "reimbursement_information": 5,
    }
    assert {source[code] for code in ("99601", "99602")} == {"home_infusion_codes"}
    assert {source[code] for code in ("J1642", "A4216", "A4218")} == {"definitions"}
    assert {source[code] for code in SUPPLY_CODES} == {"supply_codes"}
    assert {source[code] for code in ("J7030", "J7040", "J7042", "J7050", "J7060")} == {"supply_codes"}
    for row in table("supply_ranges.csv"):
        inside = row["from"] >= "A4206" and row["to"] <= "A8004"
        assert row["source"] == ("supply_codes" if inside else "hcpcs")


def test_every_section_is_one_of_the_policy(version: PolicyVersion) -> None:
    """Rules cite sections of the policy itself."""
    sources = document()["sources"].values()
    sections = {one["section"] for one in sources if one["document"].startswith("CPCP019")}
    assert {rule.section for rule in version.rules.values()} <= sections
    assert sections == {
        "Opening paragraphs",
        "Definitions",
        "Reimbursement Information",
        "Home Infusion Codes",
        "Home Infusion Modifiers",
        "Supply and Equipment Codes",
    }


def test_every_source_is_cited() -> None:
    """No source is explained that nothing rests on; the opening paragraphs govern exemptions."""
    cited = {
        row["source"]
        for name in ("code_roles.csv", "supply_ranges.csv", "drug_ranges.csv")
        for row in table(name)
    }
    assert set(document()["sources"]) == cited | {"governance", "home_infusion_modifiers"}


def test_a_reading_is_set_where_it_says() -> None:
    """Every place that a reading names is a key of the policy file or a column of a table."""
    content = document()
    for reading in load_readings():
        for place in reading.set_in:
            file, _, column = place.partition(":")
            if column:
                assert column in table(file)[0], place
                continue
            value: Any = content
            for key in place.split("."):
                value = value[key]


def test_there_are_as_many_readings_as_the_specification_marks() -> None:
    """Eight places of the specification are marked as readings; all but one are settings."""
    readings = {reading.key: reading for reading in load_readings()}
    assert len(readings) == 8
    assert [key for key, reading in readings.items() if not reading.set_in] == ["latest_replacement"]
    for reading in readings.values():
        assert reading.question.endswith("?")
        assert all(text.endswith(".") for text in (reading.reading, reading.because, reading.otherwise))


def test_rules_whose_settings_are_a_reading_say_so() -> None:
    """A rule that a reading names has a line about it in its own table."""
    rules = document()["rules"]
    named = {
        place.split(".")[1]
        for reading in load_readings()
        for place in reading.set_in
        if place.startswith("rules.")
    }
    marked = {name for name, rule in rules.items() if "reading" in rule}
    assert named <= marked
    assert marked - named == {"concurrent_modifier", "modifier_without_primary"}


def test_no_code_stands_in_a_range_of_another_role() -> None:
    """Supply and drug ranges share no code, so that no order of the tables decides."""
    ranges = sorted(
        (row["from"], row["to"]) for name in ("supply_ranges.csv", "drug_ranges.csv") for row in table(name)
    )
    for (_, last), (first, _) in pairwise(ranges):
        assert last < first
