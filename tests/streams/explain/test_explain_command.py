"""`dripline explain` as its user calls it, on files and on results."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli import dripline
from tests.streams.report.backtest_folder import backtest, policy_with
from tests.support import Event, claim_line, run

CLAIM = "CANARY-1"
EVENTS = [
    claim_line("OTHER", 1, "J3370", "2024-03-02", "2024-03-03", units="2"),
    claim_line(CLAIM, 1, "S9500", "2024-03-01", "2024-03-04", units="4", charge_amount="400.00"),
    claim_line(CLAIM, 2, "J0696", "2024-03-01", units="1"),
    claim_line(CLAIM, 1, "S9500", "2024-03-01", member_id="M-2"),
    claim_line("ELSE", 1, "99213", "2024-03-01", member_id="M-3"),
]


def explain(*arguments: object, **env: str) -> Result:
    """Run the command, away from any broker that the environment names."""
    given = {"DRIPLINE_BOOTSTRAP_SERVERS": None, **env}
    return CliRunner().invoke(dripline, ["explain", *map(str, arguments)], env=given)


def written(path: Path, events: Sequence[Event] = EVENTS) -> Path:
    """A file of events."""
    path.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")
    return path


def objects(result: Result) -> list[dict[str, Any]]:
    """What `--json` gives, a member each."""
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["claim_id"] == CLAIM
    members: list[dict[str, Any]] = told["members"]
    return members


def test_a_claim_of_a_file_is_what_screening_says(tmp_path: Path) -> None:
    """Edits and verdicts are those that screening publishes for the same lines, of each member with it."""
    path = written(tmp_path / "lines.jsonl")
    members = objects(explain(CLAIM, path, "--json"))
    assert [member["member_id"] for member in members] == ["M-1", "M-2"]
    outputs = run(EVENTS)
    edits = {
        e.edit_id: e.model_dump(mode="json") for out in outputs for e in out.edits if e.claim_id == CLAIM
    }
    found = {e["edit_id"]: e for member in members for e in member["decisions"][0]["edits"]}
    assert edits
    assert {key: _lasting(edit) for key, edit in found.items()} == {k: _lasting(e) for k, e in edits.items()}
    verdicts = {
        v.member_id: v.model_dump(mode="json") for out in outputs for v in out.verdicts if v.claim_id == CLAIM
    }
    told = {member["member_id"]: member["decisions"][0]["verdict"] for member in members}
    assert {m: _lasting(v) for m, v in told.items()} == {m: _lasting(v) for m, v in verdicts.items()}


def _lasting(event: dict[str, Any]) -> dict[str, Any]:
    """A publication without what depends on the other lines of a file."""
    return {name: value for name, value in event.items() if name not in {"cause", "as_of", "settled"}}


def test_the_calendar_for_machines_names_every_date(tmp_path: Path) -> None:
    """Days by kind, of the claim and of what it rests on; other members' lines stay out."""
    member = objects(explain(CLAIM, written(tmp_path / "lines.jsonl"), "--json"))[0]
    days = {(line["claim_id"], line["line_number"]): line["days"] for line in member["lines"]}
    assert days == {
        (CLAIM, 1): {
            "both": ["2024-03-01"],
            "elsewhere": ["2024-03-02", "2024-03-03"],
            "alone": ["2024-03-04"],
        },
        (CLAIM, 2): {"drug": ["2024-03-01"]},
        ("OTHER", 1): {"drug": ["2024-03-02", "2024-03-03"]},
    }


def test_people_see_calendar_edits_and_verdict(tmp_path: Path) -> None:
    """Letters of the days with marks, the message, codes and section, and how the claim settled."""
    packed = tmp_path / "lines.jsonl.gz"
    packed.write_bytes(gzip.compress(written(tmp_path / "lines.jsonl").read_bytes()))
    result = explain(CLAIM, packed)
    assert result.exit_code == 0
    assert "  1 S9500        P E!E!N!. ." in result.stdout
    assert "return  drug_on_other_claim" in result.stdout
    assert "CO, CARC 107, RARC N149" in result.stdout
    assert "CPCP019 2.0, Home Infusion Modifiers" in result.stdout
    assert "settled   at the end of the input" in result.stdout


def test_an_exemption_counts(tmp_path: Path) -> None:
    """`--exemptions` takes its edits away, as in screening."""
    exempted = tmp_path / "exemptions.json"
    exempted.write_text(json.dumps([{"rule": "drug_on_other_claim"}]))
    (member, _) = objects(explain(CLAIM, written(tmp_path / "x.jsonl"), "--exemptions", exempted, "--json"))
    assert "drug_on_other_claim" not in {edit["rule"] for edit in member["decisions"][0]["edits"]}


@pytest.mark.parametrize("source", ["lines.jsonl", "missing.jsonl", "."])
def test_what_is_not_found_exits_2_and_names_no_claim(tmp_path: Path, source: str) -> None:
    """A claim that is not there, a file that is not, a folder without results: a message without the id."""
    written(tmp_path / "lines.jsonl", EVENTS[:1])
    result = explain(CLAIM, tmp_path / source)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert CLAIM not in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_source_brokers_must_be_named() -> None:
    """The live topics need brokers; nothing else is guessed."""
    result = explain(CLAIM)
    assert result.exit_code == 2
    assert "DRIPLINE_BOOTSTRAP_SERVERS" in result.stderr


def test_a_folder_stands_alone(tmp_path: Path) -> None:
    """Results and files together are a usage error."""
    assert explain(CLAIM, tmp_path, written(tmp_path / "lines.jsonl")).exit_code == 2


@pytest.mark.slow
def test_a_backtest_tells_both_sides(tmp_path: Path) -> None:
    """The candidate's decision, then the reference's; without the input's file the edits are still there."""
    milder = policy_with(
        tmp_path / "milder",
        lambda text: text.replace(
            'same_provider_disposition = "return"', 'same_provider_disposition = "review"'
        ),
    )
    folder = backtest(tmp_path / "result", EVENTS, milder, policy_with(tmp_path / "reference"))
    member = objects(explain(CLAIM, folder, "--json"))[0]
    assert [one["by"] for one in member["decisions"]] == [
        "CPCP019 2.0, the candidate",
        "CPCP019 2.0, the reference",
    ]
    told = [
        {edit["rule"]: edit["disposition"] for edit in one["edits"]}["drug_on_other_claim"]
        for one in member["decisions"]
    ]
    assert told == ["review", "return"]
    assert len(member["lines"]) == 3
    (tmp_path / "result.jsonl").unlink()
    result = explain(CLAIM, folder)
    assert result.exit_code == 0
    assert "No calendar: its lines cannot be read" in result.stdout
    assert "review  drug_on_other_claim" in result.stdout
