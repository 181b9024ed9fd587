"""Laws of `dripline policy check` and `dripline policy show`."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from policy.document import Policy
from policy.load import BUILT_IN
from streams import policy_commands
from streams.policy_commands import policy
from tests.policy.policy_folder import CODES, TOML, edited, row_of, small, write
from tests.support import built_in_policy

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(*arguments: object, width: int | None = None, **env: str) -> Result:
    """The command in a pipe, or in a terminal of a width."""
    terminal = {} if width is None else {"FORCE_COLOR": "1", "COLUMNS": str(width), "TERM": "xterm"}
    return CliRunner(env=terminal | env).invoke(policy, [str(argument) for argument in arguments])


def lines(result: Result) -> list[str]:
    """The lines of standard output of a command that went well."""
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound policy folder."""
    return write(tmp_path / "policy", small())


@pytest.fixture
def built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The built-in policy, read once for all tests."""

    def load(path: Path | None, *, exemptions: Path | None) -> Policy:
        assert (path, exemptions) == (None, None)
        return built_in_policy()

    monkeypatch.setattr(policy_commands, "load_policy", load)


# check


def test_a_sound_policy_is_summed_up() -> None:
    """One line and exit code 0."""
    result = run("check", BUILT_IN)
    assert lines(result) == ["CPCP019 2.0 is sound: 22 rules, 1,981 codes, 0 exemptions."]


def test_exemptions_are_checked_with_the_policy(folder: Path, tmp_path: Path) -> None:
    """The file is an option or a setting; what is wrong with it is named with its entry."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('[{"rule": "noc_per_diem"}]')
    bad.write_text('[{"rule": "noc_per_diem"}, {"rule": "no_rule"}]')
    assert lines(run("check", folder, "--exemptions", good))[0].endswith(", 1 exemption.")
    for result in (
        run("check", folder, "--exemptions", bad),
        run("check", folder, DRIPLINE_EXEMPTIONS=str(bad)),
        run("show", "--policy", folder, "--exemptions", bad),
    ):
        assert result.exit_code == 2
        assert f"{bad}:2: rule: is no rule of this policy" in result.output.splitlines()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder with three faults."""
    files = edited(CODES, "A4216,flush", "A421,flush")
    files[TOML] = (
        files[TOML].replace("window_days = 14", "window_days = -1").replace("schema = 1", "schema = [2]")
    )
    return write(tmp_path / "broken", files)


def test_everything_that_is_wrong_is_named_at_once(broken: Path) -> None:
    """In a pipe each problem is a line with file, row, column and message; the exit code is 2."""
    result = run("check", broken)
    assert result.exit_code == 2
    toml = (broken / TOML).read_text()
    window = "rules.drug_dates_unclear.window_days: -1 is not a whole number from 0 to 100000"
    assert result.stdout.splitlines() == [
        "code_roles.csv:10: code: 'A421' is not a code of five letters and digits",
        f"policy.toml:{row_of(toml, 'schema =')}: schema: must be 1",
        f"policy.toml:{row_of(toml, 'window_days =')}: {window}",
        "3 problems",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_in_a_terminal_problems_are_a_table(broken: Path, width: int) -> None:
    """A table with a heading, no wider than the terminal; nothing of a message is taken as markup."""
    (broken / CODES).write_text((broken / CODES).read_text().replace("core,syringes", "core,[red]"))
    result = run("check", broken, width=width)
    assert result.exit_code == 2
    shown = COLOUR.sub("", result.stdout).splitlines()
    assert shown[0].split() == ["file", "row", "column", "problem"]
    assert shown[1].split()[:3] == ["code_roles.csv", "10", "code"]
    assert max(map(len, shown)) <= width
    assert shown[-1] == "3 problems"
    assert COLOUR.search(result.stdout)


def test_brackets_are_shown_as_they_are(tmp_path: Path) -> None:
    """What looks like markup or an emoji is text."""
    files = edited(CODES, "lock flush,definitions", "lock flush,[red]:smile:")
    result = run("check", write(tmp_path, files), width=120)
    assert "'[red]:smile:' is not explained in [sources]" in " ".join(COLOUR.sub("", result.stdout).split())


def test_one_problem_is_one_problem(tmp_path: Path) -> None:
    """Numbers agree with their nouns."""
    assert run("check", tmp_path / "nothing").stdout.splitlines() == [
        f"{tmp_path / 'nothing'}: is not a folder",
        "1 problem",
    ]


def test_check_needs_a_path() -> None:
    """Without a path the usage is told."""
    result = run("check")
    assert result.exit_code == 2
    assert "Missing argument 'PATH'" in result.stderr


# show


@pytest.mark.usefixtures("built_in")
def test_the_rules_in_force_are_shown() -> None:
    """Version, windows, modifiers, every rule with dispositions, codes, absence and section, parameters."""
    shown = lines(run("show"))
    assert shown[0] == "CPCP019 2.0  Home Infusion, service dates from 2019-03-26 on"
    facts = dict(line.strip().split("  ", 1) for line in shown[2:14])
    assert {label: text.strip() for label, text in facts.items()} == {
        "settle after": "15m of event time without a new line",
        "history": "400 days from the last service date to receipt",
        "retention": "800 days from the last service date until a line is frozen",
        "forgetting": "100 days after that",
        "discarded drug": "JW",
        "second therapy": "SH",
        "third or further": "SJ",
        "drug rules": "drug_on_other_claim, per_diem_for_flush, drug_not_corresponding, drug_dates_unclear, "
        "per_diem_without_drug",
        "not capped": "per_diem_for_flush",
        "drug inside": "included",
        "exemptions": "0",
        "fingerprint": built_in_policy().fingerprint,
    }
    rows = [re.split(r"  +", line) for line in shown]
    assert ["rule", "disposition", "codes", "absence", "section"] in rows
    assert ["units_exceed_days", "deny; single date: return", "CO 151 / N345", "Home Infusion Codes"] in rows
    assert ["per_diem_without_drug", "deny", "CO B15 / N674", "yes", "Reimbursement Information"] in rows
    assert ["drug_without_per_diem", "inform", "CO - / N161", "Home Infusion Modifiers"] in rows
    assert ["rule", "parameter", "value"] in rows
    assert ["drug_dates_unclear", "window_days", "14"] in rows
    assert ["noc_per_diem", "codes", "S9379, S9542"] in rows
    assert ["therapy_without_own_drug", "missing_drug_aside", "included, inform"] in rows
    relations = next(row[2] for row in rows if row[:2] == ["included_in_per_diem", "by_relation"])
    assert relations.startswith("core: deny, dressing: review, ")
    assert len(rows) == 16 + 1 + 22 + 1 + 1 + 13 - 1


@pytest.mark.usefixtures("built_in")
def test_every_rule_is_shown_once_in_its_order() -> None:
    """The list of rules is complete and in the order of the specification."""
    rules = [line.split()[0] for line in lines(run("show")) if re.search(r" [A-Z]{2} \S+ / \S+ ", line)]
    assert rules == list(built_in_policy().versions[0].rules)


@pytest.mark.usefixtures("built_in")
@pytest.mark.parametrize("width", [80, 100, 120])
def test_in_a_terminal_the_rules_fit(width: int) -> None:
    """Nothing is wider than the terminal, no rule's name is cut, dispositions have colours."""
    result = run("show", width=width)
    shown = COLOUR.sub("", result.stdout).splitlines()
    assert max(map(len, shown)) <= width
    names = {line.split()[0] for line in shown if line.strip()}
    assert set(built_in_policy().versions[0].rules) <= names
    assert "\u2026" not in result.stdout
    assert "\x1b[31mdeny" in result.stdout


@pytest.mark.usefixtures("built_in")
def test_in_a_pipe_there_is_no_colour_and_no_blank_at_line_ends() -> None:
    """What is piped is plain text."""
    for result in (run("show"), run("show", "S9500")):
        assert not COLOUR.search(result.stdout)
        assert not [line for line in lines(result) if line != line.rstrip()]


def facts(result: Result) -> list[tuple[str, str]]:
    """The labels of a code and what they say."""
    found = [re.split(r"  +", line.strip(), maxsplit=1) for line in lines(result)[1:]]
    return [(label, text) for label, text in found]


@pytest.mark.usefixtures("built_in")
def test_a_per_diem_is_shown_with_its_settings() -> None:
    """Role, families, settings, exclusive codes and the place; the code may be written small."""
    result = run("show", " s9325 ")
    assert lines(result)[0] == "S9325  pain infusion, unspecified"
    row = row_of("\n" + (BUILT_IN / CODES).read_text(), "\nS9325,")
    assert facts(result) == [
        ("policy", "CPCP019 2.0, service dates from 2019-03-26 on"),
        ("role", "per_diem"),
        ("families", "pain"),
        ("therapy", "pain"),
        ("missing drug", "deny"),
        ("schedule", "daily"),
        ("infusion", "yes"),
        ("exclusive", "S9326, S9327, S9328"),
        ("source", f"code_roles.csv, row {row}: CPCP019 Home Infusion 2.0, Home Infusion Codes"),
    ]


@pytest.mark.usefixtures("built_in")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["S9338"], [("schedule", "intermittent"), ("cap", "10 infusion days in a period")]),
        (["S5498"], [("families", "every family"), ("one a day", "group catheter_lumen")]),
        (["S9366"], [("not used with", "S9364 (exclusive_per_diem)")]),
        (["S9367"], [("named by", "formula_in_per_diem (per_diem_codes)")]),
        (["S9500"], [("not used with", "S9494 (exclusive_per_diem)")]),
        (["S9372"], [("named by", "per_diem_for_flush (per_diem_codes)")]),
        (["J1642"], [("role", "flush"), ("named by", "per_diem_for_flush (flush_codes)")]),
        (["99602"], [("visit", "addon")]),
        (["A4223"], [("relation", "core"), ("named by", "included_in_per_diem (core: deny)")]),
        (["A4255"], [("relation", "unrelated"), ("named by", "included_in_per_diem (unrelated: inform)")]),
        (["B4034"], [("families", "enteral")]),
        (["J9998"], [("role", "drug"), ("families", "every family")]),
        (["J8000"], [("role", "other"), ("source", "no table, no range, no list")]),
        (["J8000", "--ndc", "12345-6789-01"], [("role", "drug")]),
        (["99213", "--ndc", "0338-0049-04"], [("role", "flush")]),
    ],
)  # fmt: skip
def test_a_code_is_shown_with_what_is_said_of_it(
    arguments: list[str], expected: list[tuple[str, str]]
) -> None:
    """Roles from tables, ranges, beginnings and NDCs, with the rules that name or weigh them."""
    found = facts(run("show", *arguments))
    assert [one for one in expected if one not in found] == []


@pytest.mark.usefixtures("built_in")
def test_a_list_of_the_policy_file_is_a_place_too() -> None:
    """A role that a list gives is traced to the list's line."""
    row = row_of((BUILT_IN / TOML).read_text(), "\nflush_ndcs = ") + 1
    place = f"policy.toml, row {row}: Dripline, own classification"
    assert facts(run("show", "99213", "--ndc", "00338004904"))[-1] == ("source", place)


def two_versions(tmp_path: Path) -> Path:
    """A policy with a version that ends and one that follows, in which S9500 only informs."""
    files = dict(small())
    old = dict(files)
    old[TOML] = files[TOML].replace("= 2019-03-26", "= 2019-03-26\neffective_to = 2024-12-31")
    files[TOML] = files[TOML].replace('version = "2.0"\ntitle', 'version = "3.0"\ntitle')
    files[TOML] = files[TOML].replace("= 2019-03-26", "= 2025-01-01")
    daily = "missing_drug=deny;therapy=anti_infective;schedule=daily;infusion=yes,anti-infective every 24 h"
    files[CODES] = files[CODES].replace(daily, daily.replace("deny", "inform"))
    write(tmp_path / "new", files)
    return write(tmp_path, old)


def test_every_version_answers_about_a_code(tmp_path: Path) -> None:
    """Without a date each version's answer is shown, the earliest first."""
    shown = lines(run("show", "S9500", "--policy", two_versions(tmp_path)))
    found = [line.strip() for line in shown if re.search("policy|missing|source", line)]
    place = "CPCP019 Home Infusion 2.0, Home Infusion Codes"
    rows = [row_of((tmp_path / name / CODES).read_text(), "S9500,") for name in ("", "new")]
    assert [re.split("  +", line, maxsplit=1)[1] for line in found] == [
        "CPCP019 2.0, service dates from 2019-03-26 to 2024-12-31",
        "deny",
        f"code_roles.csv, row {rows[0]}: {place}",
        "CPCP019 3.0, service dates from 2025-01-01 on",
        "inform",
        f"new/code_roles.csv, row {rows[1]}: {place}",
    ]
    assert shown.count("S9500  anti-infective every 24 h") == 2
    assert shown.count("") == 1


@pytest.mark.parametrize(
    ("day", "version"), [("2024-12-31", "2.0"), ("2025-01-01", "3.0"), ("2019-03-26", "2.0"), (None, "3.0")]
)
def test_a_date_chooses_the_version(day: str | None, version: str, tmp_path: Path) -> None:
    """The rules in force on a service date; without one, those of the latest version."""
    folder = two_versions(tmp_path)
    on = [] if day is None else ["--on", day]
    assert lines(run("show", "--policy", folder, *on))[0].startswith(f"CPCP019 {version}  ")
    if day is not None:
        shown = lines(run("show", "S9500", *on, DRIPLINE_POLICY=str(folder)))
        assert [line.split()[2] for line in shown if line.startswith("  policy")] == [f"{version},"]


@pytest.mark.usefixtures("built_in")
def test_a_date_before_every_version_is_an_answer() -> None:
    """Nothing in force is no error."""
    for code in ([], ["S9500"]):
        shown = lines(run("show", *code, "--on", "2019-03-25"))
        assert shown == ["No version of CPCP019 is in force on 2019-03-25."]


@pytest.mark.usefixtures("built_in")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["S950"], "a procedure code has five letters and digits, as in S9500"),
        (["S9500", "--on", "2024-3-1"], "a date is written YYYY-MM-DD, from 1900 to 2100"),
        (["S9500", "--on", "2024-02-30"], "a date is written YYYY-MM-DD, from 1900 to 2100"),
        (["S9500", "--ndc", "123"], "an NDC has 11 digits, or 10 with hyphens (4-4-2, 5-3-2, 5-4-1)"),
        (["--ndc", "12345678901"], "--ndc goes with a CODE"),
    ],
)
def test_a_mistake_of_usage_is_told(arguments: list[str], message: str) -> None:
    """Exit code 2, a word on what is wanted, no traceback."""
    result = run("show", *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("\u2502", " ").split())
    assert "Traceback" not in result.output


def test_show_refuses_a_broken_policy_on_standard_error(broken: Path) -> None:
    """The problems are named, nothing is shown, the exit code is 2."""
    for arguments in ([], ["S9500"]):
        result = run("show", *arguments, "--policy", broken)
        assert (result.exit_code, result.stdout) == (2, "")
        assert len(result.stderr.splitlines()) == 3


def test_show_counts_exemptions_without_naming_them(folder: Path, tmp_path: Path) -> None:
    """Plans and providers are not shown."""
    path = tmp_path / "exemptions.json"
    path.write_text(json.dumps([{"plan_id": "SECRET-PLAN"}, {"billing_provider_npi": "1234567893"}]))
    result = run("show", "--policy", folder, DRIPLINE_EXEMPTIONS=str(path))
    assert "  exemptions        2" in lines(result)
    assert "SECRET" not in result.output
    assert "1234567893" not in result.output


def test_a_rule_without_codes_shows_dashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason code that is left out is a dash; an empty list of codes is none."""
    loaded = built_in_policy()
    version = loaded.versions[0]
    rule = replace(version.rules["noc_per_diem"], carc=None, rarc=None, values={"codes": frozenset()})
    version = replace(version, rules={"noc_per_diem": rule})
    changed = replace(loaded, versions=(version,))
    monkeypatch.setattr(policy_commands, "load_policy", lambda _path, **_options: changed)
    rows = [re.split(r"  +", line) for line in lines(run("show"))]
    assert ["noc_per_diem", "inform", "CO - / -", "Home Infusion Codes"] in rows
    assert ["noc_per_diem", "codes", "none"] in rows


def test_help_tells_what_the_commands_do() -> None:
    """The group and both commands explain themselves."""
    shown = lines(run("--help"))
    assert [line.split()[0] for line in shown[shown.index("Commands:") + 1 :]] == ["check", "show"]
    for command in ("check", "show"):
        assert "Usage: " in lines(run(command, "--help"))[0]
