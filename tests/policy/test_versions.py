"""Laws of several versions side by side: which one governs, what they may not share, the bits of families."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from policy.document import EVERY_FAMILY
from policy.errors import Problem
from policy.load import load_policy
from tests.policy.policy_folder import CODES, TOML, edited, problems, row_of, small, write


def version(files: dict[str, str], name: str, start: str, end: str | None = None) -> dict[str, str]:
    """A folder's files as another version with another period."""
    period = f"effective_from = {start}" + (f"\neffective_to = {end}" if end else "")
    text = files[TOML].replace('version = "2.0"\ntitle', f'version = "{name}"\ntitle')
    return files | {TOML: text.replace("effective_from = 2019-03-26", period)}


def test_versions_stand_side_by_side(tmp_path: Path) -> None:
    """Each subfolder with a policy.toml is a version; the latest one's settings count; gaps may be."""
    files = dict(small())
    write(tmp_path, version(files, "2.0", "2019-03-26", "2020-12-31"))
    older = version(files, "1.0", "2018-01-01", "2019-03-25")
    write(tmp_path / "a_old", older)
    newer = version(files, "3.0", "2022-01-01")
    newer[TOML] = newer[TOML].replace('"15m"', '"20m"').replace('core = "deny"', 'core = "review"')
    write(tmp_path / "b_new", newer)
    (tmp_path / "notes").mkdir()
    policy = load_policy(tmp_path)
    assert [one.version for one in policy.versions] == ["1.0", "2.0", "3.0"]
    assert policy.settle_after == 20 * 60 * 1_000_000
    assert [policy.on(date.fromisoformat(day).toordinal()) for day in ("2017-12-31", "2021-06-01")] == [
        None,
        None,
    ]
    for day, name in [
        ("2018-01-01", "1.0"),
        ("2019-03-25", "1.0"),
        ("2019-03-26", "2.0"),
        ("2020-12-31", "2.0"),
        ("2022-01-01", "3.0"),
        ("9999-12-31", "3.0"),
    ]:
        found = policy.on(date.fromisoformat(day).toordinal())
        assert found is not None
        assert found.version == name
    weights = [one.rules["included_in_per_diem"].relations("by_relation")["core"] for one in policy.versions]
    assert weights == ["deny", "deny", "review"]
    assert policy.versions[2].roles.codes["S9325"].source.file == "b_new/code_roles.csv"


def test_a_fault_of_a_version_names_its_folder(tmp_path: Path) -> None:
    """A problem of a subfolder's file bears the subfolder's name."""
    write(tmp_path, version(dict(small()), "2.0", "2019-03-26", "2020-12-31"))
    files = version(edited(CODES, "S9325,per_diem", "S932,per_diem"), "3.0", "2021-01-01")
    write(tmp_path / "new", files)
    row = row_of(files[CODES], "S932,per_diem")
    message = "'S932' is not a code of five letters and digits"
    assert problems(tmp_path) == [Problem("new/code_roles.csv", row, "code", message)]


@pytest.mark.parametrize(
    ("old", "new", "column", "message"),
    [
        ('id = "CPCP019"', 'id = "CPCP020"', "id", "is not the id in policy.toml"),
        ('version = "3.0"', 'version = "2.0"', "version", "is the version in policy.toml"),
        ("= 2021-01-01", "= 2020-12-31", "effective_from", "the period overlaps the one in policy.toml"),
    ],
)
def test_versions_that_clash_are_refused(
    old: str, new: str, column: str, message: str, tmp_path: Path
) -> None:
    """Versions have one policy id, different names and periods without a common day."""
    write(tmp_path, version(dict(small()), "2.0", "2019-03-26", "2020-12-31"))
    files = version(dict(small()), "3.0", "2021-01-01")
    files[TOML] = files[TOML].replace(old, new, 1)
    write(tmp_path / "new", files)
    row = row_of(files[TOML], "[policy]") + [
        "policy",
        "id",
        "version",
        "title",
        "payer",
        "effective_from",
    ].index(column)
    assert problems(tmp_path) == [Problem("new/policy.toml", row, f"policy.{column}", message)]


def test_a_later_version_may_not_lie_inside_an_open_one(tmp_path: Path) -> None:
    """Every pair of versions is compared, not neighbours alone; the later one is named."""
    write(tmp_path, version(dict(small()), "2.0", "2019-03-26"))
    write(tmp_path / "x", version(dict(small()), "3.0", "2021-01-01", "2021-12-31"))
    write(tmp_path / "y", version(dict(small()), "4.0", "2022-01-01"))
    found = [(one.file, one.message) for one in problems(tmp_path)]
    message = "the period overlaps the one in policy.toml"
    assert found == [("x/policy.toml", message), ("y/policy.toml", message)]


def test_a_version_without_a_sound_start_is_not_compared(tmp_path: Path) -> None:
    """A start that cannot be read is one problem, not an overlap too."""
    write(tmp_path, small())
    files = version(dict(small()), "3.0", "2021")
    write(tmp_path / "new", files)
    assert [(one.file, one.column) for one in problems(tmp_path)] == [
        ("new/policy.toml", "policy.effective_from")
    ]


def test_families_have_one_bit_each_over_all_versions(tmp_path: Path) -> None:
    """A family is one bit, by sorted name, the same in every version, whatever the order of rows."""
    files = version(dict(small()), "2.0", "2019-03-26", "2020-12-31")
    write(tmp_path, files)
    newer = version(dict(small()), "3.0", "2021-01-01")
    newer[TOML] = newer[TOML].replace("relations = [", 'families = ["aaa"]\nrelations = [')
    header, *rows = newer[CODES].splitlines()
    newer[CODES] = "\n".join([header, *reversed(rows)]) + "\n"
    write(tmp_path / "new", newer)
    policy = load_policy(tmp_path)
    bits: dict[str, int] = {"aaa": 1}
    for one in policy.versions:
        for role in one.roles.codes.values():
            if role.per_diem is not None:
                assert (
                    bits.setdefault(role.per_diem.therapy_name, role.per_diem.therapy)
                    == role.per_diem.therapy
                )
    assert [bits[name] for name in sorted(bits)] == [1 << place for place in range(len(bits))]
    for one in policy.versions:
        for role in one.roles.codes.values():
            every = role.family_names == ("*",)
            assert role.families == (EVERY_FAMILY if every else sum(bits[name] for name in role.family_names))
