"""Laws of the role of a line (specification, section 3): the first of six steps that matches wins."""

from __future__ import annotations

import csv
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import roles
from policy.document import EVERY_FAMILY, CodeRange, PolicyVersion, Role, RoleTables
from policy.load import BUILT_IN
from policy.roles import OTHER, role_of
from tests.support import built_in_policy

NDC = "00409655802"
"""The NDC of a drug that is no flush."""

FLUSH_NDCS = ["003380049", "082900330", "082900380", "082903305", "082903065"]


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table of the built-in policy."""
    with (BUILT_IN / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


CODES = {row["code"]: row for row in rows("code_roles.csv")}
SUPPLIES = rows("supply_ranges.csv")
DRUGS = rows("drug_ranges.csv")


@pytest.fixture(scope="module")
def version() -> PolicyVersion:
    """The built-in version."""
    return built_in_policy().versions[0]


def role(code: str, ndc: str | None = None) -> Role:
    """The role in the built-in version."""
    return role_of(built_in_policy().versions[0], code, ndc)


def yields(code: str) -> bool:
    """Whether a listed code gives way to the NDC of a flush."""
    row = CODES[code]
    return row["role"] == "other" or (row["role"] == "drug" and row["families"] == "*")


def test_every_listed_code_has_its_role() -> None:
    """Steps 1 and 3: without an NDC, and with one that is no flush, a listed code has the role of its row."""
    for code, row in CODES.items():
        for ndc in (None, NDC):
            found = role(code, ndc)
            assert (found.kind, found.short_name) == (row["role"], row["short_name"])
            assert "|".join(found.family_names) == row["families"]


@pytest.mark.parametrize("start", FLUSH_NDCS)
def test_the_ndc_of_a_flush_makes_a_flush(start: str) -> None:
    """Step 2: it does for listed codes of role other, drugs of unknown therapy and unlisted codes alone."""
    for code in CODES:
        expected = "flush" if yields(code) else CODES[code]["role"]
        assert role(code, start + "01").kind == expected
    for code in ("99213", "A4206", "J7200", "J0120", "C9999", "E1500", "ZZZZZ"):
        if code not in CODES:
            assert role(code, start + "99") == built_in_policy().versions[0].roles.flush


def test_there_are_codes_on_both_sides_of_step_2() -> None:
    """Drugs of unknown therapy, other drugs and others are all listed, so the law above says something."""
    assert {CODES["J3490"]["families"], CODES["S5000"]["families"]} == {"*"}
    assert [
        role(code, "00338004904").kind for code in ("J3490", "S5000", "J0130", "J0696", "S9500", "99601")
    ] == [
        "flush",
        "flush",
        "flush",
        "drug",
        "per_diem",
        "visit",
    ]


def test_the_first_nine_digits_decide() -> None:
    """An NDC of another product of the same labeler makes no flush."""
    assert role("99213", "00338004804").kind == "other"
    assert role("99213", "00338004904").kind == "flush"


def within(code: str, ranges: list[dict[str, str]]) -> dict[str, str] | None:
    """The row of the range that holds a code of a letter and four digits."""
    return next((row for row in ranges if row["from"] <= code <= row["to"]), None)


def at_the_edges(ranges: list[dict[str, str]]) -> list[str]:
    """The unlisted codes at and next to the ends of ranges, and in their middle."""
    codes = set()
    for row in ranges:
        first, last = int(row["from"][1:]), int(row["to"][1:])
        numbers = (first - 1, first, (first + last) // 2, last, min(last + 1, 9999))
        codes |= {f"{row['from'][0]}{number:04}" for number in numbers}
    return sorted(codes - set(CODES))


def test_a_supply_range_holds_its_ends_and_what_lies_between() -> None:
    """Step 4: unlisted codes from the first to the last of a range are supplies of its relation."""
    codes = at_the_edges(SUPPLIES)
    assert len(codes) > 50
    for code in codes:
        row, found = within(code, SUPPLIES), role(code, NDC)
        assert (found.kind == "supply") is (row is not None), code
        if row is not None:
            assert (found.relation, "|".join(found.family_names)) == (row["relation"], row["families"])
            assert role(code) is found


def test_a_drug_range_holds_its_ends_and_what_lies_between() -> None:
    """Step 5: unlisted codes from the first to the last of a range are drugs without an NDC, no others."""
    codes = at_the_edges(DRUGS)
    assert len(codes) > 10
    for code in codes:
        assert (role(code).kind == "drug") is (within(code, DRUGS) is not None), code


def test_a_code_of_a_drug_range_is_a_drug_with_or_without_an_ndc() -> None:
    """Step 5: a drug range needs no NDC; its drugs are of unknown therapy."""
    for ndc in (None, NDC):
        found = role("J9998", ndc)
        assert (found.kind, found.families, found.family_names) == ("drug", EVERY_FAMILY, ("*",))
        assert found.source.file == "drug_ranges.csv"


@pytest.mark.parametrize("code", ["C9350", "J7990", "JAAAA", "Q2999", "Q5ZZZ", "Q9123", "S0999", "J8000"])
def test_a_beginning_makes_a_drug_only_with_an_ndc(code: str) -> None:
    """Step 5: an unlisted code that begins like a drug is one when the line bears an NDC."""
    assert code not in CODES
    assert role(code) == OTHER
    found = role(code, NDC)
    assert (found.kind, found.families, found.family_names) == ("drug", EVERY_FAMILY, ("*",))
    assert found == built_in_policy().versions[0].roles.unlisted_drug


@pytest.mark.parametrize(
    "code", ["99213", "0001A", "C8900", "Q0500", "Q4999", "S1999", "E0110", "ZZZZZ", "CJ999"]
)
def test_what_nothing_matches_is_other(code: str) -> None:
    """Step 6: with or without an NDC."""
    assert role(code) == role(code, NDC) == OTHER
    assert (OTHER.kind, OTHER.families, OTHER.per_diem, OTHER.relation) == ("other", 0, None, None)


def test_a_supply_range_wins_over_a_beginning_and_a_drug_range(version: PolicyVersion) -> None:
    """Step 4 comes before step 5."""
    supply = CodeRange("J", 9000, 9998, Role(kind="supply", relation="core"))
    tables = replace(version.roles, codes={}, supply_ranges=(supply,))
    changed = replace(version, roles=tables)
    assert role_of(changed, "J9998", NDC) == supply.role
    assert role_of(changed, "J9999", NDC).source.file == "drug_ranges.csv"


def test_listed_as_other_stays_other() -> None:
    """A code listed as other is no drug, though a range and an NDC would make it one."""
    others = [code for code in CODES if CODES[code]["role"] == "other"]
    assert any(code.startswith("J") for code in others)
    for code in others:
        assert role(code, NDC).kind == "other"


@given(
    st.text(string.ascii_uppercase + string.digits, min_size=5, max_size=5),
    st.none() | st.sampled_from([NDC, "00338004901"]),
)
def test_every_code_has_one_role_that_does_not_change(code: str, ndc: str | None) -> None:
    """Any code and NDC have a role, the same however often it is asked for."""
    assert role(code, ndc) is role(code, ndc)


def plain(version: PolicyVersion, kind: str) -> PolicyVersion:
    """A version whose only range gives all codes Z0000 to Z9999 another name."""
    tables = RoleTables(
        codes={},
        flush_ndcs=frozenset(),
        flush=version.roles.flush,
        supply_ranges=(CodeRange("Z", 0, 9999, Role(kind="supply", relation=kind)),),
        drug_ranges=(),
        drug_prefixes=(),
        unlisted_drug=version.roles.unlisted_drug,
    )
    return replace(version, roles=tables)


def test_versions_do_not_share_what_is_remembered(version: PolicyVersion) -> None:
    """Roles that are remembered belong to their tables, however many tables there are."""
    many = [plain(version, f"relation{number}") for number in range(20)]
    for _ in range(2):
        for number, one in enumerate(many):
            assert role_of(one, "Z0001", None).relation == f"relation{number}"
            assert len(roles._found) <= 8


def test_what_is_remembered_is_bounded(version: PolicyVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of unknown codes does not fill the memory."""
    monkeypatch.setattr(roles, "_MOST_CODES", 10)
    one = plain(version, "x")
    for number in range(50):
        assert role_of(one, f"Z{number:04}", None).relation == "x"
        assert len(roles._found[id(one.roles)][1]) <= 10


def test_a_role_is_searched_for_once(version: PolicyVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ranges are gone through once a code; with an NDC and without one are two questions."""
    asked = []

    def search(_tables: RoleTables, code: str, has_ndc: bool) -> Role:
        asked.append((code, has_ndc))
        return OTHER

    monkeypatch.setattr(roles, "_search", search)
    one = plain(version, "y")
    for ndc in (None, NDC, None, NDC):
        role_of(one, "Z0001", ndc)
    assert asked == [("Z0001", False), ("Z0001", True)]
