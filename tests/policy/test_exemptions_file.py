"""Laws of the exemptions file: what it holds, and what is refused, with its place and without its values."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.document import Exemption
from policy.errors import PolicyError, Problem, Report
from policy.exemptions import FIELDS, parse_exemptions
from policy.load import load_policy
from policy.rules import RULES
from tests.policy.policy_folder import small, write
from tests.support import built_in_policy

NPI = "1234567893"
"""The example of the standard: its check digit is right."""

MARCH = date(2024, 3, 1).toordinal()
NOTHING_GIVEN = "needs one of plan_id, billing_provider_npi, rule, procedure_code, from, to at least"
NO_DATE = "must be a date, written YYYY-MM-DD"
NO_NPI = "must be a text of ten digits with a right check digit (an NPI)"
NO_CODE = "must be a text of five letters and digits (a procedure code)"
NO_PLAN = "must be a text of at most 80 characters"
NO_RULE = "is no rule of this policy"


def parse(text: str) -> tuple[tuple[Exemption, ...], list[Problem]]:
    """The exemptions of a text and what is wrong with it."""
    report = Report()
    return parse_exemptions(text, "x", RULES, report), report.problems


FULL = {
    "plan_id": "PLAN-7",
    "billing_provider_npi": NPI,
    "rule": "noc_per_diem",
    "procedure_code": "S9379",
    "from": "2024-03-01",
    "to": "2024-03-31",
}
MEANT = Exemption("PLAN-7", NPI, "noc_per_diem", "S9379", MARCH, MARCH + 30)


def as_csv(entries: list[dict[str, str]]) -> str:
    """Entries as CSV with all columns."""
    lines = [",".join(FIELDS), *(",".join(entry.get(name, "") for name in FIELDS) for entry in entries)]
    return "\n".join(lines) + "\n"


def test_a_full_exemption_is_read_from_json_and_csv() -> None:
    """Every field arrives; dates as ordinals."""
    assert parse(json.dumps([FULL])) == ((MEANT,), [])
    assert parse(as_csv([FULL])) == ((MEANT,), [])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plan_id", Exemption(plan_id="PLAN-7")),
        ("billing_provider_npi", Exemption(billing_provider_npi=NPI)),
        ("rule", Exemption(rule="noc_per_diem")),
        ("procedure_code", Exemption(procedure_code="S9379")),
        ("from", Exemption(first=MARCH)),
        ("to", Exemption(last=MARCH + 30)),
    ],
)
def test_any_field_is_enough(name: str, expected: Exemption) -> None:
    """What is not given is open: it matches every line, or every date."""
    for text in (
        json.dumps([{name: FULL[name]}]),
        f"{name}\n{FULL[name]}\n",
        json.dumps([dict.fromkeys(FIELDS) | {name: FULL[name]}]),
        json.dumps([dict.fromkeys(FIELDS, " \t\r\n") | {name: FULL[name]}]),
        as_csv([{name: FULL[name]}]),
    ):
        assert parse(text) == ((expected,), [])


@pytest.mark.parametrize("given", [{}, {"plan_id": " ", "rule": None, "from": ""}])
def test_an_entry_that_would_exempt_everything_is_refused(given: dict[str, str | None]) -> None:
    """Without any field."""
    assert parse(json.dumps([given]))[1] == [Problem("x", 1, None, NOTHING_GIVEN)]


def test_blanks_around_values_do_not_count() -> None:
    """Space, tab, CR and LF are stripped; codes are upper-cased, rules and plans are not."""
    padded = {name: f" \t\r\n{value}\r\n\t " for name, value in FULL.items()} | {"procedure_code": " s9379 "}
    assert parse(json.dumps([padded])) == ((MEANT,), [])
    kept = parse(json.dumps([{"plan_id": " \u00a0plan a\u2003 "}]))[0]
    assert kept == (Exemption(plan_id="\u00a0plan a\u2003"),)
    assert parse(json.dumps([{"rule": "NOC_PER_DIEM"}]))[1] == [Problem("x", 1, "rule", NO_RULE)]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("plan_id", 7, NO_PLAN),
        ("plan_id", ["A"], NO_PLAN),
        ("plan_id", {"a": 1}, NO_PLAN),
        ("plan_id", True, NO_PLAN),
        ("plan_id", "x" * 81, NO_PLAN),
        ("billing_provider_npi", int(NPI), NO_NPI),
        ("billing_provider_npi", "1234567890", NO_NPI),
        ("billing_provider_npi", "123456789", NO_NPI),
        ("rule", "no_rule", NO_RULE),
        ("rule", 1, NO_RULE),
        ("rule", ["noc_per_diem"], NO_RULE),
        ("procedure_code", "S937", NO_CODE),
        ("procedure_code", "S9-79", NO_CODE),
        ("procedure_code", 99601, NO_CODE),
        ("from", "2024-3-1", NO_DATE),
        ("from", "20240301", NO_DATE),
        ("from", "2024-03-01T00:00:00", NO_DATE),
        ("from", "2024-02-30", NO_DATE),
        ("from", "0000-01-01", NO_DATE),
        ("from", "\u0662024-03-01", NO_DATE),
        ("from", 20_240_302, NO_DATE),
        ("to", "tomorrow", NO_DATE),
        ("to", False, NO_DATE),
    ],
)
def test_a_value_that_is_not_sound_is_refused(name: str, value: object, message: str) -> None:
    """The field is named, the value is not."""
    fields: dict[str, object] = {"plan_id": "A", name: value}
    if name == "plan_id":
        fields["procedure_code"] = "S9379"
    problem = Problem("x", 2, name, message)
    assert parse(json.dumps([FULL, fields]))[1] == [problem]


def test_the_longest_plan_and_any_date_are_taken() -> None:
    """80 characters are a plan; the calendar's ends are dates."""
    given = {"plan_id": "x" * 80, "from": "0001-01-01", "to": "9999-12-31"}
    assert parse(json.dumps([given])) == (
        (Exemption(plan_id="x" * 80, first=1, last=date.max.toordinal()),),
        [],
    )


def test_a_period_does_not_end_before_it_begins() -> None:
    """One day is a period; a reversed one is refused at its end."""
    one_day = {"plan_id": "A", "from": "2024-03-01", "to": "2024-03-01"}
    assert parse(json.dumps([one_day])) == ((Exemption(plan_id="A", first=MARCH, last=MARCH),), [])
    reversed_ = one_day | {"to": "2024-02-29"}
    assert parse(json.dumps([reversed_]))[1] == [Problem("x", 1, "to", "the period ends before it begins")]
    assert parse(json.dumps([one_day | {"from": None}]))[0] == (Exemption(plan_id="A", last=MARCH),)


def test_fields_that_are_unknown_or_repeated_are_refused() -> None:
    """A misspelt field would exempt too much."""
    text = '[{"plan": "A", "rule": "noc_per_diem", "rule": "noc_per_diem"}, {"rule": "noc_per_diem"}]'
    assert parse(text)[1] == [
        Problem("x", 1, "plan", "is no field of an exemption"),
        Problem("x", 1, "rule", "is given twice"),
    ]
    wrong = f"the header may hold {', '.join(FIELDS)}, each once, and nothing else"
    for header in ("plan\nA\n", "rule,rule\nnoc_per_diem,noc_per_diem\n", "Rule\nnoc_per_diem\n"):
        assert parse(header)[1] == [Problem("x", 1, None, wrong)]


def test_every_problem_is_named_with_its_row_or_entry() -> None:
    """A CSV row is a line of the file, a JSON entry a number; all of them at once."""
    entries = [FULL, {"rule": "no_rule", "from": "x"}, {"plan_id": "A"}, {"procedure_code": "?", "to": "y"}]
    expected = [("rule", NO_RULE), ("from", NO_DATE), ("procedure_code", NO_CODE), ("to", NO_DATE)]
    for text, first in ((json.dumps(entries), 2), (as_csv(entries), 3)):
        found = parse(text)[1]
        assert [(one.column, one.message) for one in found] == expected
        assert [one.row for one in found] == [first, first, first + 2, first + 2]


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("[", None, "is not JSON: Expecting value in line 1"),
        ('[\n{"rule": }]', None, "is not JSON: Expecting value in line 2"),
        ('{"rule": "noc_per_diem"}', None, "must be a list of objects"),
        ("{}", None, "must be a list of objects"),
        ('["noc_per_diem"]', 1, "must be an object"),
        ("[[]]", 1, "must be an object"),
        ("[null]", 1, "must be an object"),
        ("[" * 100_000, None, "is not JSON that can be read"),
        ("[" + "1" * 5000 + "]", None, "is not JSON that can be read"),
        ("", 1, "has no header"),
        ("rule,plan_id\nnoc_per_diem\n", 2, "has 1 cells, the header has 2"),
        ("rule\nnoc_per_diem\n\nnoc_per_diem\n", 3, "is a blank row"),
        ('rule\n"noc\n', 2, "is not CSV: unexpected end of data"),
    ],
)
def test_what_is_neither_a_list_nor_a_table_is_refused(text: str, row: int | None, message: str) -> None:
    """Broken JSON and broken CSV are refused with what is wrong."""
    assert parse(text)[1] == [Problem("x", row, None, message)]


@pytest.mark.parametrize("text", ["[]", " \n[ ]", "rule\n", ",".join(FIELDS) + "\r\n"])
def test_no_exemptions_are_a_sound_file(text: str) -> None:
    """An empty list and a header alone exempt nothing."""
    assert parse(text) == ((), [])


def test_columns_may_come_in_any_order() -> None:
    """A CSV file names its columns."""
    assert parse("to,rule\n2024-03-01,noc_per_diem\n") == ((Exemption(rule="noc_per_diem", last=MARCH),), [])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=10,
)


@given(st.text(max_size=200) | anything.map(json.dumps))
@settings(max_examples=200)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing crashes, and an exemption without a problem narrows something down."""
    exemptions, found = parse(text)
    if not found:
        assert all(
            one.plan_id or one.billing_provider_npi or one.rule or one.procedure_code for one in exemptions
        )


@given(st.dictionaries(st.sampled_from(FIELDS), st.text("QXZ\u00e9", min_size=6, max_size=12), min_size=1))
def test_no_value_of_an_exemption_is_ever_quoted(fields: dict[str, str]) -> None:
    """Plans and providers are not named in messages, whatever is wrong with them."""
    for problem in parse(json.dumps([fields]))[1]:
        assert not any(value in str(problem) for value in fields.values())


def test_a_policy_takes_its_exemptions_from_a_file(tmp_path: Path) -> None:
    """A JSON or CSV file, with or without a byte-order mark; the file counts in the fingerprint."""
    folder = write(tmp_path / "policy", small())
    plain = load_policy(folder)
    for name, text in (
        ("a.json", json.dumps([FULL])),
        ("b.csv", "\ufeff" + as_csv([FULL])),
        ("c", as_csv([FULL])),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        policy = load_policy(folder, exemptions=tmp_path / name)
        assert policy.exemptions == (MEANT,)
        assert policy.fingerprint != plain.fingerprint
        assert load_policy(folder, exemptions=str(tmp_path / name)) == policy


def test_an_exemptions_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """The file is named as it was given."""
    missing = tmp_path / "missing.json"
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"plan_id\nA\nG\xe9\n")
    for path, row, message in (
        (missing, None, "there is no such file"),
        (tmp_path, None, "cannot be read: Is a directory"),
        (latin, 3, "is not UTF-8 text"),
    ):
        with pytest.raises(PolicyError) as caught:
            load_policy(write(tmp_path / "policy", small()), exemptions=path)
        assert caught.value.problems == (Problem(str(path), row, None, message),)


def test_without_a_file_there_are_no_exemptions() -> None:
    """Nothing is exempted unless somebody says so."""
    assert built_in_policy().exemptions == ()
