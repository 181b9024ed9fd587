"""The generated pages, the README and the demo."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from policy.rules import RULES
from streams import demo, docs
from streams.cli import dripline
from streams.console import console
from tests.support import content, run

ROOT = Path(__file__).parents[2]


def test_the_generated_pages_are_in_step() -> None:
    """Every generated page holds what the models and the policy say now."""
    for path, text in docs.pages(ROOT).items():
        assert path.read_text("utf-8") == text


def test_the_check_tells_a_page_out_of_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--check` writes nothing and fails; writing makes it pass."""
    (tmp_path / docs.POLICY).parent.mkdir(parents=True)
    (tmp_path / docs.POLICY).write_text((ROOT / docs.POLICY).read_text("utf-8"), "utf-8")
    monkeypatch.chdir(tmp_path)
    assert docs.main(["--check"]) == 1
    assert not (tmp_path / "docs").exists()
    assert docs.main() == 0
    assert docs.main(["--check"]) == 0


def test_the_headings_of_the_rules_stand_apart() -> None:
    """A heading has one blank line on both sides, as Markdown asks."""
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert re.findall(r"[^\n]\n#+ .*|\n#+ .*\n[^\n]", page) == []
    assert "\n\n\n" not in page


def test_the_rules_page_tells_the_cases_of_every_rule() -> None:
    """Each rule's section ends with the names of its cases: those that fire, then those that do not."""
    page = (ROOT / "docs" / "rules.md").read_text("utf-8")
    for rule in RULES:
        section = page.partition(f"## `{rule}`")[2].partition("\n## ")[0]
        document = tomllib.loads((ROOT / "tests" / "policy" / "cases" / f"{rule}.toml").read_text("utf-8"))
        fires, silent = (
            "\n".join(f"* {case['when']}" for case in document[kind]) for kind in ("fires", "silent")
        )
        assert section.endswith(f"\n\n**Fires when**\n\n{fires}\n\n**Silent when**\n\n{silent}\n")


def test_the_schemas_take_what_is_said() -> None:
    """The published claim's lines and what is published of them fit the schemas."""
    schema = {
        name: json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text())
        for name in ("claim-line-event", "edit-event", "claim-verdict")
    }
    lines = [json.loads(line) for line in demo.PUBLIC_CLAIM.read_text().splitlines()]
    for line in lines:
        jsonschema.validate(line, schema["claim-line-event"])
    outputs = run(lines)
    for out in outputs:
        for edit in out.edits:
            jsonschema.validate(edit.model_dump(mode="json"), schema["edit-event"])
        for verdict in out.verdicts:
            jsonschema.validate(verdict.model_dump(mode="json"), schema["claim-verdict"])
    assert content(outputs).edits
    assert content(outputs).verdicts


def test_the_schema_of_reject_lines_takes_them(tmp_path: Path) -> None:
    """What a screening writes of bad lines, text or not, fits its schema."""
    schema = json.loads((ROOT / "docs" / "schemas" / "reject-line.schema.json").read_text())
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b'{"claim_id": 7}\nno json\n\xff\n')
    done = CliRunner().invoke(dripline, ["screen", str(bad), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    rejects = (tmp_path / "out" / "rejects.jsonl").read_text().splitlines()
    assert len(rejects) == 3
    for line in rejects:
        jsonschema.validate(json.loads(line), schema)


def test_the_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every dripline command in the README that needs no broker ends with exit code 0, in their order.

    Those that need one are run in tests/kafka/test_readme.py.
    """
    commands = re.findall(r"^\.venv/bin/dripline (.+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    commands = [command for command in commands if command.split()[0] not in ("topics", "worker")]
    assert commands
    monkeypatch.chdir(tmp_path)
    for command in commands:
        result = CliRunner().invoke(dripline, shlex.split(command))
        assert result.exit_code == 0, command


def test_the_make_targets_of_the_readme_exist() -> None:
    """Every `make` target that the README names is in the Makefile."""
    named = set(re.findall(r"make ([a-z-]+)", (ROOT / "README.md").read_text()))
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test"} <= named <= there


def test_the_demo_shows_the_published_claim(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The demo ends well and shows the kit inside the per diem and the verdict."""
    assert demo.run(tmp_path, console()) == 0
    shown = capsys.readouterr().out
    assert "A4223 on 2026-02-11 to 2026-02-17 is inside the per diem" in shown
    readme = re.search(r"```text\n(.+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert readme is not None
    assert readme[1] in shown
    assert "$726.40 of $2,200.40" in shown


def test_the_demo_fails_where_the_outcome_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A published claim with another outcome makes the demo fail."""
    expected = json.loads(demo.EXPECTED.read_text())
    expected["verdict"]["amount_affected"] = "0.00"
    (tmp_path / "expected.json").write_text(json.dumps(expected))
    monkeypatch.setattr(demo, "EXPECTED", tmp_path / "expected.json")
    assert demo.run(tmp_path, console()) == 1
