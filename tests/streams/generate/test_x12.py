"""Laws of `dripline generate --format 837p` and `837i`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from streams.cli import dripline
from streams.generate import GenerateSettings, generate_lines
from streams.generate.x12 import interchanges
from streams.intake import ClaimNumbers
from streams.intake.numbers import REF_D9
from tests.streams.intake.sample import taken_in


def run(*arguments: object) -> Result:
    """The command in a pipe."""
    options = ("--members", "8", "--seed", "3", *map(str, arguments))
    return CliRunner().invoke(dripline, ["generate", *options])


@pytest.mark.parametrize("form", ["837p", "837i"])
def test_output_is_the_run(tmp_path: Path, form: str) -> None:
    """Standard output, a file and a gzip file hold the same claims, and every one can be taken in."""
    plain, packed = tmp_path / "claims.837", tmp_path / "claims.837.gz"
    said = run("--format", form).stdout_bytes
    assert run("--format", form, "--out", plain).exit_code == 0
    assert run("--format", form, "--out", packed).exit_code == 0
    assert said == plain.read_bytes() == gzip.decompress(packed.read_bytes())
    events, faults, _ = taken_in(said, ClaimNumbers(REF_D9))
    settings = GenerateSettings(members=8, seed=3).whole_claims()
    assert [(event["claim_id"], event["line_number"]) for event in events] == [
        (event["claim_id"], event["line_number"]) for event in generate_lines(settings)
    ]
    assert not faults


@pytest.mark.parametrize("options", [("--to-topic",), ("--malformed-share", "0.1"), ("--format", "835")])
def test_what_an_837_cannot_have_is_refused(options: tuple[str, ...]) -> None:
    """Rubbish lines and the topic are for claim lines alone, and there is no other format."""
    result = run("--format", "837p", *options)
    assert result.exit_code == 2
    assert "--format" in result.output


def test_claims_received_at_one_time_share_an_interchange() -> None:
    """As many as are allowed; each interchange has its own control number and is whole."""
    events = [
        json.loads(json.dumps(event)) | {"received_at": "2026-02-01T10:00:00-06:00"}
        for event in generate_lines(GenerateSettings(members=20, seed=1).whole_claims())
    ]
    found = list(interchanges(events, "P", together=7))
    claims = sum(text.count(b"\nCLM*") for text in found)
    assert len(found) == -(-claims // 7)
    taken, faults, intake = taken_in(b"".join(found), ClaimNumbers(REF_D9))
    assert not faults
    assert (intake.tally.interchanges, intake.tally.claims) == (len(found), claims)
    assert {event["received_at"] for event in taken} == {"2026-02-01T16:00:00Z"}


@pytest.mark.parametrize("name", ["member_id", "claim_id", "plan_id"])
def test_a_delimiter_in_a_value_is_refused(name: str) -> None:
    """A value that would break the file is refused by its field's name."""
    event = next(generate_lines(GenerateSettings(members=1, seed=1)))
    with pytest.raises(ValueError, match=name):
        list(interchanges([event | {name: "A*B"}], "P"))
