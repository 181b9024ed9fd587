"""Laws of loading a policy folder: what is refused, at which row and key, and what settings mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from policy.document import DrugRules, Modifiers
from policy.errors import PolicyError, Problem
from policy.load import BUILT_IN, load_policy, load_readings
from tests.policy.broken_rules import RULE_FAULTS
from tests.policy.broken_toml import FAULTS, NOWHERE
from tests.policy.policy_folder import CODES, DRUGS, SUPPLIES, TOML, edited, problems, row_of, small, write
from tests.support import built_in_policy

ALL_FAULTS = FAULTS + RULE_FAULTS


@pytest.mark.parametrize("fault", ALL_FAULTS, ids=[f"{at}-{fault[2]}" for at, fault in enumerate(ALL_FAULTS)])
def test_a_fault_is_reported_at_its_row_and_key(fault: tuple[str, ...], tmp_path: Path) -> None:
    """One fault in policy.toml gives that one problem, with the row, the key and what is wrong."""
    old, new, column, message, *at = fault
    files = edited(TOML, old, new)
    if at == [NOWHERE]:
        row = None
    elif at:
        row = row_of(files[TOML], at[0])
    else:
        row = row_of(small()[TOML], old)
    assert problems(write(tmp_path, files)) == [Problem(TOML, row, column, message)]


def test_rows_are_lines_whatever_ends_them(tmp_path: Path) -> None:
    """With CR LF at line ends, and remarks behind headers, the rows are the same."""
    text = small()[TOML].replace("window_days = 14", "window_days = -1")
    text = text.replace(
        "[rules.drug_dates_unclear]\n", "[rules.drug_dates_unclear]  # a remark\nunknown = 1\n"
    )
    rows = [row_of(text, "unknown = 1"), row_of(text, "window_days = -1")]
    for end in ("\n", "\r\n"):
        folder = write(tmp_path, dict(small()) | {TOML: text.replace("\n", end)})
        assert sorted(one.row or 0 for one in problems(folder)) == rows


def test_every_fault_of_a_folder_is_reported_at_once(tmp_path: Path) -> None:
    """Faults of several files and of the exemptions are named together, by file and row."""
    files = dict(small())
    files[TOML] = (
        files[TOML].replace("schema = 1", "schema = 2").replace("window_days = 14", 'window_days = ""')
    )
    files[CODES] = files[CODES].replace("S9325,per_diem", "S9325,perdiem")
    files[SUPPLIES] = files[SUPPLIES].replace("A4206,A4209", "A4209,A4206")
    files[DRUGS] = files[DRUGS].replace("J9000,J9999", "J9000,Q9999")
    exemptions = tmp_path / "exemptions.csv"
    exemptions.write_text("rule\nno_rule\n")
    found = problems(write(tmp_path / "policy", files), exemptions)
    assert [(one.file, one.row, one.column) for one in found] == [
        (str(exemptions), 2, "rule"),
        (CODES, row_of(files[CODES], "S9325,perdiem"), "role"),
        (DRUGS, row_of(files[DRUGS], "J9000"), "to"),
        (TOML, row_of(files[TOML], "schema = 2"), "schema"),
        (TOML, row_of(files[TOML], "window_days = "), "rules.drug_dates_unclear.window_days"),
        (SUPPLIES, 2, "to"),
    ]


@pytest.mark.parametrize("table", ["policy", "settings", "modifiers", "roles", "drug_rules", "sources"])
def test_a_table_that_is_missing_is_one_problem(table: str, tmp_path: Path) -> None:
    """A missing table is reported as such, without a word on all that would rest on it."""
    text = small()[TOML].replace(f"[{table}]\n", f"[x{table}]\n").replace(f"[{table}.", f"[x{table}.")
    found = problems(write(tmp_path, dict(small()) | {TOML: text}))
    assert {(one.file, one.column, one.message) for one in found} == {
        (TOML, table, "is missing"),
        (TOML, f"x{table}", "is not known here"),
    }


def test_a_list_of_relations_that_is_missing_is_one_problem(tmp_path: Path) -> None:
    """Without the list no relation can be judged; an empty list knows none."""
    start, end = (small()[TOML].index(part) for part in ("relations = [", "[drug_rules]"))
    text = small()[TOML]
    found = problems(write(tmp_path, dict(small()) | {TOML: text[:start] + text[end:]}))
    assert found == [Problem(TOML, row_of(text, "[roles]"), "roles.relations", "is missing")]
    none = text[:start] + "relations = []\n" + text[end:]
    assert {one.file for one in problems(write(tmp_path, dict(small()) | {TOML: none}))} == {
        TOML,
        CODES,
        SUPPLIES,
    }


def test_a_rule_that_is_missing_is_one_problem(tmp_path: Path) -> None:
    """A rule without settings is reported at the end of the table of rules."""
    text = small()[TOML].replace("[rules.noc_per_diem]", "[rules.nok_per_diem]")
    found = problems(write(tmp_path, dict(small()) | {TOML: text}))
    row = row_of(text, "[rules.nok_per_diem]")
    assert found == [
        Problem(TOML, None, "rules.noc_per_diem", "is missing"),
        Problem(TOML, row, "rules.nok_per_diem", "is not known here"),
    ]


def test_a_number_in_place_of_the_readings_is_a_problem(tmp_path: Path) -> None:
    """Readings are an array of tables."""
    text = small()[TOML].replace("schema = 1\n", "schema = 1\nreadings = 5\n")
    text = text[: text.index("\n[[readings]]") + 1]
    row = row_of(text, "readings = 5")
    found = problems(write(tmp_path, dict(small()) | {TOML: text}))
    assert found == [Problem(TOML, row, "readings", "must be an array of tables")]


def test_a_value_in_place_of_a_table_is_a_problem(tmp_path: Path) -> None:
    """A rule, a source and the readings must be tables."""
    text = small()[TOML].replace("schema = 1\n", "schema = 1\nreadings = [1, 2]\n")
    text = text[: text.index("\n[[readings]]") + 1]
    text += "[rules.no_rule]\n"
    text = text.replace("\n[sources.governance]", "\n[sources]\nbook = 1\n[sources.governance]")
    found = problems(write(tmp_path, dict(small()) | {TOML: text}))
    assert [(one.row, one.column, one.message) for one in found] == [
        (row_of(text, "readings = "), "readings", "must be an array of tables"),
        (row_of(text, "readings = "), "readings", "must be an array of tables"),
        (row_of(text, "book = 1"), "sources.book", "must be a table"),
        (row_of(text, "[rules.no_rule]"), "rules.no_rule", "is not known here"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('id = "CPCP019"', "id = ", "id = \nversion"),
        ("[policy]", "[policy", "[policy\n"),
        ("[modifiers]", "[settings]", "[settings]\ndiscarded"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_its_line(
    old: str, new: str, part: str, tmp_path: Path
) -> None:
    """What the TOML reader says is given on, with the line as the row; the tables are not read."""
    files = edited(TOML, old, new)
    (found,) = problems(write(tmp_path, files))
    row = row_of(files[TOML], part)
    assert (found.file, found.row, found.column) == (TOML, row, None)
    assert found.message.startswith("is not TOML: ")
    assert f"line {row}" in found.message


def test_toml_that_breaks_off_has_no_row(tmp_path: Path) -> None:
    """Where the TOML reader names no line, the problem has none."""
    (found,) = problems(write(tmp_path, dict(small()) | {TOML: 'a = """'}))
    assert (found.file, found.row, found.column) == (TOML, None, None)
    assert found.message.startswith("is not TOML: ")


def test_toml_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    """Nesting deeper than the reader takes is a problem of the file, not a crash."""
    (found,) = problems(write(tmp_path, dict(small()) | {TOML: "a = " + "[" * 100_000}))
    assert found.message.startswith("is not TOML: ")


@pytest.mark.parametrize("name", [TOML, CODES, SUPPLIES, DRUGS])
def test_a_file_that_is_not_utf8_is_refused_with_its_row(name: str, tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are reported with the row on which they stand."""
    folder = write(tmp_path, small())
    first, rest = small()[name].encode().split(b"\n", 1)
    (folder / name).write_bytes(first + b"\n\xe9\n" + rest)
    assert Problem(name, 2, None, "is not UTF-8 text") in problems(folder)


@pytest.mark.parametrize("name", [TOML, CODES, SUPPLIES, DRUGS])
def test_a_missing_file_is_reported(name: str, tmp_path: Path) -> None:
    """A file that is not there is one problem; without the codes, families and codes are not judged."""
    folder = write(tmp_path, small())
    (folder / name).unlink()
    assert problems(folder) == [Problem(name, None, None, "there is no such file")]


def test_a_folder_in_place_of_a_file_is_reported(tmp_path: Path) -> None:
    """What cannot be read for another reason is reported with the system's reason."""
    folder = write(tmp_path, small())
    (folder / CODES).unlink()
    (folder / CODES).mkdir()
    assert problems(folder) == [Problem(CODES, None, None, "cannot be read: Is a directory")]


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    """A policy is a folder: neither a file nor a path where nothing is."""
    file = write(tmp_path, small()) / TOML
    for path in (file, tmp_path / "nothing"):
        assert problems(path) == [Problem(str(path), None, None, "is not a folder")]


def test_a_folder_that_cannot_be_listed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder whose entries are kept secret is refused with the system's reason."""
    folder = write(tmp_path, small())

    def refuse(_self: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert problems(folder) == [Problem(str(folder), None, None, "cannot be read: Permission denied")]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    """Spreadsheets write a byte-order mark; it changes nothing."""
    marked = {name: "\ufeff" + text for name, text in small().items()}
    assert load_policy(write(tmp_path / "a", marked)) == load_policy(write(tmp_path / "b", small()))


def test_settings_are_taken_over(tmp_path: Path) -> None:
    """The settings of the file are those of the policy; durations in microseconds, the others in days."""
    text = small()[TOML].replace('"15m"', '"2h"').replace("history_days = 400", "history_days = 1")
    text = text.replace("retention_days = 800", "retention_days = 100000")
    text = text.replace("forget_after_days = 100\n", "forget_after_days = 0\n")
    policy = load_policy(write(tmp_path, dict(small()) | {TOML: text}))
    assert policy.settle_after == 2 * 3600 * 1_000_000
    assert (policy.history_days, policy.retention_days, policy.forget_after_days) == (1, 100_000, 0)


def test_a_policy_file_becomes_a_version(tmp_path: Path) -> None:
    """Identity, modifiers and the order of the drug rules are those of the file."""
    policy = load_policy(
        write(tmp_path, edited(TOML, "= 2019-03-26", "= 2019-03-26\neffective_to = 2030-06-30"))
    )
    (version,) = policy.versions
    assert (policy.policy_id, version.policy_id, version.version) == ("CPCP019", "CPCP019", "2.0")
    assert version.title == "Home Infusion"
    period = (version.effective_from, version.effective_to)
    assert period == (date(2019, 3, 26).toordinal(), date(2030, 6, 30).toordinal())
    assert [rule.name for rule in version.rules.values()] == list(version.rules)
    assert version.modifiers == Modifiers(frozenset({"JW"}), frozenset({"SH"}), frozenset({"SJ"}))
    assert version.drug_rules == DrugRules(
        order=(
            "drug_on_other_claim",
            "per_diem_for_flush",
            "drug_not_corresponding",
            "drug_dates_unclear",
            "per_diem_without_drug",
        ),
        uncapped=frozenset({"per_diem_for_flush"}),
        drug_inside=frozenset({"included"}),
    )


def test_options_replace_settings(tmp_path: Path) -> None:
    """What is given replaces the setting of that name and nothing else, and counts in the fingerprint."""
    folder = write(tmp_path, small())
    plain = load_policy(folder)
    assert (plain.settle_after, plain.history_days, plain.retention_days) == (900_000_000, 400, 800)
    given = load_policy(folder, settle_after_us=1, history_days=100_000, retention_days=1)
    expected = replace(plain, settle_after=1, history_days=100_000, retention_days=1, fingerprint="")
    assert replace(given, fingerprint="") == expected
    assert given.fingerprint != plain.fingerprint


def test_options_out_of_range_are_refused(tmp_path: Path) -> None:
    """No window is nothing or less, and no number of days leaves the calendar."""
    folder = write(tmp_path, small())
    with pytest.raises(PolicyError) as caught:
        load_policy(folder, settle_after_us=0, history_days=-1, retention_days=100_001)
    assert caught.value.problems == (
        Problem("options", None, "settle_after", "must be longer than nothing"),
        Problem("options", None, "history_days", "must be longer than nothing"),
        Problem("options", None, "retention_days", "must be at most 100000"),
    )
    with pytest.raises(PolicyError, match="must be at most 100000"):
        load_policy(folder, history_days=100_001)
    assert load_policy(folder, settle_after_us=10**15).settle_after == 10**15


def test_the_built_in_policy_is_the_default() -> None:
    """Without a path the policy is CPCP019."""
    policy = built_in_policy()
    assert (policy.policy_id, len(policy.versions), policy.exemptions) == ("CPCP019", 1, ())
    assert load_policy() == load_policy(str(BUILT_IN)) == policy
    assert len(load_readings()) == 8


def test_readings_are_those_of_the_latest_version(tmp_path: Path) -> None:
    """Readings are read like the policy, in the order of the file, and refused like it."""
    write(tmp_path, edited(TOML, "= 2019-03-26", "= 2019-03-26\neffective_to = 2020-12-31"))
    new = edited(TOML, 'key = "latest_replacement"', 'key = "newest"')
    new[TOML] = new[TOML].replace("= 2019-03-26", "= 2021-01-01").replace('"2.0"\ntitle', '"3.0"\ntitle')
    write(tmp_path / "new", new)
    assert [one.key for one in load_readings(tmp_path)][:2] == ["newest", "discarded_drug"]
    write(tmp_path / "new", dict(new) | {TOML: new[TOML].replace("schema = 1", "schema = 2")})
    with pytest.raises(PolicyError, match=r"^new/policy.toml:\d+: schema: 2 is not 1$"):
        load_readings(tmp_path)
