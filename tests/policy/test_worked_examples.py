"""The worked examples of the specification."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import EXAMPLES, content, latest, run

PATHS = sorted(EXAMPLES.glob("*.json"))


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
@pytest.mark.parametrize("final", [False, True], ids=["as published", "final"])
def test_a_worked_example_gives_its_edits_and_verdicts(path: Path, final: bool) -> None:
    """The open edits and the verdicts at the end are those the example expects, and no others."""
    example = json.loads(path.read_text())
    edits, verdicts = latest(e for out in run(example["events"], final=final) for e in out.publications)
    found = [edit.model_dump(mode="json") for edit in edits.values() if edit.status == "open"]
    expected = example["expected_edits"]
    by = lambda edit: (edit["claim_id"], edit["line_number"], edit["rule"])  # noqa: E731
    assert [{k: edit[k] for k in expected[0]} for edit in sorted(found, key=by)] == sorted(expected, key=by)
    given = {claim: verdict.model_dump(mode="json") for (_, claim), verdict in verdicts.items()}
    assert sorted(given) == sorted(each["claim_id"] for each in example["expected_verdicts"])
    for each in example["expected_verdicts"]:
        assert {k: given[each["claim_id"]][k] for k in each} == each


def test_there_are_seventeen_examples() -> None:
    """None of the worked examples is missing."""
    assert len(PATHS) == 17


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_final_and_as_published_hold_the_same_content(path: Path) -> None:
    """Judging each claim once at the end leaves the same comparable content."""
    events = json.loads(path.read_text())["events"]
    assert content(run(events, final=True)) == content(run(events))
