"""A malformed case file fails clearly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.policy.case_files import read_cases

GOOD = {
    "when": "units are above days",
    "lines": ["A/1 S9500 03-01..03-03 units=4"],
    "edits": ["A/1 03-01..03-03 units=1 amount=100.00 deny"],
}
SILENT = {"when": "units are days", "lines": ["A/1 S9500 03-01..03-03"]}


def write(folder: Path, fires: Mapping[str, object], name: str = "units_exceed_days") -> Path:
    """A case file with one firing and one silent case."""
    path = folder / f"{name}.toml"
    tables = [("fires", fires), ("silent", SILENT)]
    path.write_text(
        "\n".join(
            f"[[{kind}]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in case.items())
            for kind, case in tables
        )
    )
    return path


def test_a_good_case_file_is_read(tmp_path: Path) -> None:
    """The file that the next test breaks is sound."""
    assert [case.fires for case in read_cases(write(tmp_path, GOOD))] == [True, False]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"dates": "03-01"}, "holds"),
        ({"edits": []}, "empty"),
        ({"lines": ["A/1 S9500"]}, "not a line"),
        ({"lines": ["A/1 S9500 03-01 unit=4"]}, "unknown fields"),
        ({"lines": ["A/1 S9500 03-01 provider=other"]}, "unknown provider"),
        ({"lines": ["A/1 S9500 03-03..03-01"]}, "reversed"),
        ({"lines": ["A/1 S9500 03-32"]}, "day"),
        ({"edits": ["A/1 03-01 units=1 amount=100 deny"]}, "not an edit"),
        ({"edits": ["A/1 03-01 units=1 amount=100.00 pay"]}, "not an edit"),
        ({"evidence": ["A/1 on A/2"]}, "not evidence"),
        ({"evidence": ["A/2: A/1"]}, "each of the edits"),
        ({"edits": ["A/2 03-01 units=1 amount=100.00 deny"]}, "not there"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_malformed_case_is_told(tmp_path: Path, change: Mapping[str, object], says: str) -> None:
    """What is wrong with a case is told with the rule and the name of the case."""
    with pytest.raises(ValueError, match=says) as caught:
        read_cases(write(tmp_path, {**GOOD, **change}))
    assert str(caught.value).startswith("units_exceed_days, fires when 'units are above days'")


def test_a_file_of_no_rule_is_told(tmp_path: Path) -> None:
    """A case file is named like a rule."""
    with pytest.raises(ValueError, match="no rule"):
        read_cases(write(tmp_path, GOOD, "units_exceed_hours"))


def test_a_file_with_another_table_is_told(tmp_path: Path) -> None:
    """A case file holds firing and silent cases, and nothing else."""
    path = write(tmp_path, GOOD)
    path.write_text(path.read_text().replace("[[silent]]", "[[quiet]]"))
    with pytest.raises(ValueError, match="quiet"):
        read_cases(path)
