"""Laws of the tables: what is refused, at which row and column, and what rows become."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy.check import check_overlaps
from policy.document import EVERY_FAMILY, CodeRange, PerDiem, PolicyVersion, Role, Source
from policy.errors import Problem, Report
from policy.files import Row, parse_csv
from policy.load import load_policy
from policy.tables import Entry
from tests.policy.broken_tables import TABLE_FAULTS
from tests.policy.policy_folder import CODES, DRUGS, SUPPLIES, TOML, edited, problems, row_of, small, write


@pytest.mark.parametrize("fault", TABLE_FAULTS, ids=[f"{at}-{one[3]}" for at, one in enumerate(TABLE_FAULTS)])
def test_a_fault_is_reported_at_its_row_and_column(fault: tuple[str, ...], tmp_path: Path) -> None:
    """One fault in a table gives the problems of that one row, with the column and what is wrong."""
    file, old, new, *found = fault
    row = row_of(small()[file], old)
    expected = [
        Problem(file, row, column, text) for column, text in zip(found[::2], found[1::2], strict=True)
    ]
    folder = write(tmp_path, edited(file, old, new))
    assert [one for one in problems(folder) if one.file == file] == expected


@pytest.mark.parametrize("name", [CODES, SUPPLIES, DRUGS])
@pytest.mark.parametrize(
    ("old", "new", "row", "message"),
    [
        ("source\n", "sources\n", 1, "the header must be {header}"),
        ("source\n", "source,\n", 1, "the header must be {header}"),
        ("source\n", "source\n\n", 2, "is a blank row"),
        ("source\n", "source\n , ,\n", 2, "is a blank row"),
        ("source\n", "source\na,b\n", 2, "has 2 cells, the header has {columns}"),
        ("source\n", 'source\n"a"b\n', 2, "is not CSV: ',' expected after '\"'"),
    ],
)
def test_a_row_that_is_no_row_is_reported(
    name: str, old: str, new: str, row: int, message: str, tmp_path: Path
) -> None:
    """The header is exact; blank rows, rows of another length and broken quotes are faults of the row."""
    header = small()[name].splitlines()[0]
    text = small()[name].replace(old, new, 1)
    found = problems(write(tmp_path, dict(small()) | {name: text}))
    wanted = message.format(header=header, columns=header.count(",") + 1)
    assert Problem(name, row, None, wanted) in found
    assert [one for one in found if one.file == name] == [Problem(name, row, None, wanted)]


def test_an_empty_table_has_no_header(tmp_path: Path) -> None:
    """A file without a line is refused as one without a header."""
    found = problems(write(tmp_path, dict(small()) | {DRUGS: ""}))
    assert found == [Problem(DRUGS, 1, None, "has no header")]


def test_a_blank_row_at_the_end_is_reported(tmp_path: Path) -> None:
    """Every row counts, also the last."""
    text = small()[DRUGS] + "\n"
    found = problems(write(tmp_path, dict(small()) | {DRUGS: text}))
    assert found == [Problem(DRUGS, text.count("\n"), None, "is a blank row")]


def test_rows_are_numbered_by_the_line_they_start_on() -> None:
    """A quoted cell may hold line ends; the row is the line on which it begins, whatever the line ends."""
    for end in ("\n", "\r\n", "\r"):
        text = end.join(["a,b", f'1,"x{end}y"', "2,z", ""])
        rows = parse_csv(text, "f.csv", ("a", "b"), Report())
        assert rows == [
            Row("f.csv", 2, {"a": "1", "b": f"x{end}y"}),
            Row("f.csv", 4, {"a": "2", "b": "z"}),
        ]


def test_some_columns_may_be_asked_for() -> None:
    """Where some columns are enough they may come in any order, each once, and none besides."""
    report = Report()
    assert parse_csv("b\n1\n", "f", ("a", "b"), report, some=True) == [Row("f", 2, {"b": "1"})]
    assert parse_csv("b,a\n1,2\n", "f", ("a", "b"), report, some=True) == [Row("f", 2, {"b": "1", "a": "2"})]
    assert not report.problems
    for header in ("b,c", "b,b", ""):
        assert parse_csv(f"{header}\n1,2\n", "f", ("a", "b"), report, some=True) is None
    wrong = "the header may hold a, b, each once, and nothing else"
    assert report.problems == [Problem("f", 1, None, wrong)] * 2 + [Problem("f", 1, None, "has no header")]


@pytest.fixture
def version() -> PolicyVersion:
    """The built-in version, read for each test."""
    return load_policy().versions[0]


def source(file: str, code: str, section: str) -> Source:
    """Where a code of the built-in policy stands."""
    from policy.load import BUILT_IN  # noqa: PLC0415 - of this function alone

    return Source(file, row_of("\n" + (BUILT_IN / file).read_text(), f"\n{code},"), section)


def test_a_per_diem_becomes_its_role(version: PolicyVersion) -> None:
    """All settings of a per diem code arrive in its role."""
    codes = version.roles.codes
    pain = codes["S9325"]
    printed = "CPCP019 Home Infusion 2.0, Home Infusion Codes"
    bit = pain.families
    assert pain == Role(
        kind="per_diem",
        families=bit,
        family_names=("pain",),
        per_diem=PerDiem(
            therapy=bit,
            therapy_name="pain",
            missing_drug="deny",
            daily=True,
            infusion=True,
            exclusive=frozenset({"S9326", "S9327", "S9328"}),
        ),
        short_name="pain infusion, unspecified",
        source=source(CODES, "S9325", printed),
    )
    assert bit.bit_count() == 1
    immune, catheter, tpn = codes["S9338"].per_diem, codes["S5498"].per_diem, codes["S9365"].per_diem
    assert immune is not None
    assert (immune.daily, immune.infusion, immune.cap30, immune.one_a_day) == (False, True, 10, None)
    assert catheter is not None
    assert (catheter.daily, catheter.infusion, catheter.missing_drug) == (True, False, "inform")
    assert (catheter.one_a_day, catheter.cap30, codes["S5498"].families) == (
        "catheter_lumen",
        None,
        EVERY_FAMILY,
    )
    assert tpn is not None
    assert (tpn.missing_drug, tpn.one_a_day, tpn.exclusive) == ("included", "tpn_volume", frozenset())


def test_other_rows_become_their_roles(version: PolicyVersion) -> None:
    """Relation, visit kind, families and names of the other roles arrive as well."""
    codes = version.roles.codes
    assert (codes["99601"].visit, codes["99602"].visit) == ("primary", "addon")
    assert (codes["B4034"].relation, codes["B4034"].family_names) == ("core", ("enteral",))
    assert codes["B4034"].families == codes["S9340"].families
    assert (codes["A4300"].relation, codes["A4300"].families, codes["A4300"].family_names) == (
        "implanted",
        0,
        (),
    )
    assert codes["J7030"].families == codes["S9373"].families | codes["S9590"].families
    assert (codes["J7799"].families, codes["J7799"].family_names) == (EVERY_FAMILY, ("*",))
    assert codes["90281"].short_name == "immune globulin, intramuscular product"
    assert {role.per_diem is None for role in codes.values() if role.kind != "per_diem"} == {True}
    assert version.roles.flush.kind == "flush"
    assert version.roles.flush.source.citation == "Dripline, own classification"
    assert version.roles.unlisted_drug.source.file == "policy.toml"


def test_ranges_become_ranges(version: PolicyVersion) -> None:
    """A range has a letter, two numbers and a role; ranges come in the order of their first codes."""
    printed = "CPCP019 Home Infusion 2.0, Supply and Equipment Codes"
    assert version.roles.supply_ranges[0] == CodeRange(
        "A", 4206, 4209, Role(kind="supply", relation="core", source=Source(SUPPLIES, 2, printed))
    )
    dialysis = version.roles.supply_ranges[-1]
    assert (dialysis.letter, dialysis.first, dialysis.last) == ("E", 1500, 1699)
    assert dialysis.role.family_names == ("hemodialysis", "peritoneal_dialysis")
    antineoplastic = CodeRange(
        "J",
        9000,
        9999,
        Role(
            kind="drug",
            families=EVERY_FAMILY,
            family_names=("*",),
            source=Source(DRUGS, 5, "Dripline, own classification"),
        ),
    )
    assert antineoplastic in version.roles.drug_ranges
    for ranges in (version.roles.supply_ranges, version.roles.drug_ranges):
        assert list(ranges) == sorted(ranges, key=lambda one: (one.letter, one.first))


def test_lists_of_the_policy_file_become_roles(version: PolicyVersion) -> None:
    """Flushes by NDC and unlisted drugs have a role that cites the list they stand in."""
    own = "Dripline, own classification"
    flushes, drugs = (row_of(small()[TOML], f"\n{name} = ") + 1 for name in ("flush_ndcs", "drug_prefixes"))
    roles = version.roles
    assert roles.flush_ndcs == {"003380049", "082900330", "082900380", "082903305", "082903065"}
    assert roles.flush == Role(kind="flush", source=Source(TOML, flushes, own))
    assert roles.drug_prefixes == ("C9", "J", "Q2", "Q5", "Q9", "S0")
    assert roles.unlisted_drug == Role(
        kind="drug", families=EVERY_FAMILY, family_names=("*",), source=Source(TOML, drugs, own)
    )


def test_a_family_that_no_per_diem_has_may_be_declared(tmp_path: Path) -> None:
    """Families of roles.families are known without a per diem."""
    files = edited(CODES, "90283,drug,immunotherapy,", "90283,drug,gene,")
    folder = write(tmp_path, files)
    assert [one.column for one in problems(folder)] == ["families"]
    toml = folder / "policy.toml"
    toml.write_text(toml.read_text().replace("relations = [", 'families = ["gene"]\nrelations = ['))
    role = load_policy(folder).versions[0].roles.codes["90283"]
    assert (role.family_names, role.families.bit_count()) == (("gene",), 1)


def test_without_codes_nothing_is_said_about_what_they_define(tmp_path: Path) -> None:
    """When the code table cannot be read, families of ranges and codes of rules are not judged."""
    files = edited(SUPPLIES, "pain|antispasmodic|chemo", "pain|antispasm|chemo") | {CODES: "code\n"}
    assert [one.file for one in problems(write(tmp_path, files))] == [CODES]


Ranges = list[tuple[str, int, int]]


def entry(row: int, letter: str, first: int, last: int) -> Entry:
    """A range of supplies."""
    place = Row("f.csv", row, {})
    return Entry(
        place, f"{letter}{first:04}", f"{letter}{last:04}", "supply", (), {}, "x", Source("f.csv", row, "")
    )


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 30), st.integers(0, 30)), max_size=8))
@settings(max_examples=200)
def test_overlaps_are_found_exactly(ranges: Ranges) -> None:
    """A problem is noted when and only when two sound ranges share a code, whatever their order."""
    entries = [entry(row, *one) for row, one in enumerate(ranges, start=2)]
    report = Report()
    check_overlaps(entries, report)
    codes = [(letter, number) for letter, first, last in ranges for number in range(first, last + 1)]
    assert bool(report.problems) == (len(set(codes)) < len(codes))


def test_an_overlap_names_the_range_that_reaches_farthest() -> None:
    """A long range is compared with all that begin inside it, not with the next alone."""
    report = Report()
    ranges = [entry(5, "A", 1, 100), entry(4, "A", 2, 3), entry(3, "A", 50, 60), entry(2, "A", 101, 102)]
    check_overlaps(ranges, report)
    message = "the range overlaps the one in row 5"
    assert report.problems == [Problem("f.csv", 4, "from", message), Problem("f.csv", 3, "from", message)]
