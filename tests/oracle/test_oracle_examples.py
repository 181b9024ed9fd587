"""The second implementation gives the worked examples' edits and verdicts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import own_tables
from tests.oracle.screen import Result, screen
from tests.oracle.tables import Tables

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"


def seen_as(expected: list[dict[str, Any]], given: list[dict[str, Any]]) -> list[str]:
    """Write records as sorted texts with only the fields that the expected ones name."""
    names = set().union(*expected) if expected else {"rule", "claim_id"}
    records = [{name: record[name] for name in names if name in record} for record in given]
    return sorted(json.dumps(record, sort_keys=True) for record in records)


def differences(example: dict[str, Any], tables: Tables) -> list[str]:
    """Return what the oracle says otherwise than a worked example; nothing when they agree."""
    result: Result = screen(example["events"], tables)
    told = []
    pairs = (("expected_edits", result.edits), ("expected_verdicts", result.verdicts))
    for name, given in pairs:
        expected = example[name]
        wanted, got = seen_as(expected, expected), seen_as(expected, given)
        told += [f"{name} lacks {text}" for text in wanted if text not in got]
        told += [f"{name} has too much {text}" for text in got if text not in wanted]
        if len(wanted) != len(got):
            told.append(f"{name}: {len(got)} records for {len(wanted)}")
    return told


def example_files(folder: Path = EXAMPLES) -> list[Path]:
    """Return the worked examples of a folder in order."""
    return sorted(folder.glob("*.json"))


@pytest.fixture(scope="module")
def tables() -> Tables:
    """The policy's reference tables."""
    return own_tables()


def test_there_are_worked_examples() -> None:
    """The folder of worked examples is not empty, so the next test says something."""
    assert example_files()


@pytest.mark.parametrize("path", example_files(), ids=lambda path: path.stem)
def test_worked_example(path: Path, tables: Tables) -> None:
    """Every worked example has exactly the expected edits and verdicts."""
    assert differences(json.loads(path.read_text(encoding="utf-8")), tables) == []
