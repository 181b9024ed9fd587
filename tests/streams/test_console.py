"""Laws of commands whose reader goes away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.wire import to_json
from tests.streams.intake.sample import sample
from tests.support import claim_line

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "--help": (),
    "--version": (),
    "screen --help": (),
    "policy show": (),
    "policy show S9500": (),
    "policy check policy/data/cpcp019": (),
    "screen lines.jsonl --out results": ("verdicts.jsonl", "edits.jsonl", "rejects.jsonl"),
    "intake claims.837 --out results/lines.jsonl": ("lines.jsonl", "lines.faults.jsonl"),
    "replay lines.jsonl --out results": ("result.json", "verdicts.parquet"),
    "replay lines.jsonl --out results --status json --processes 2": ("result.json", "verdicts.parquet"),
    "backtest lines.jsonl --out results --policy built-in --against built-in": ("result.json", "report.html"),
}
"""Commands that print, and what they leave beside it."""


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_that_has_gone_costs_no_result(tmp_path: Path, command: str) -> None:
    """A command whose output nobody reads leaves what it is called for, and ends with 141 without a word."""
    (tmp_path / "lines.jsonl").write_text(to_json(claim_line("C", 1, "S9500", "2024-03-01")) + "\n")
    (tmp_path / "claims.837").write_text("".join(sample()[0]))
    (tmp_path / "policy").symlink_to(ROOT / "policy")
    results = tmp_path / "results"
    if "intake" in command:
        results.mkdir()
    done = without_reader(*command.split(), cwd=tmp_path)
    assert done.returncode == 141
    assert "Traceback" not in done.stderr
    assert "rror" not in done.stderr
    assert set(COMMANDS[command]) <= {path.name for path in results.glob("*")}


@pytest.mark.slow
def test_a_file_is_not_blamed_for_a_reader_that_has_gone(tmp_path: Path) -> None:
    """Lines to a reader that has gone end an intake with 141, and leave no half file of faults."""
    (tmp_path / "claims.837").write_text("".join(sample()[0]))
    done = without_reader("intake", "claims.837", "--faults", "faults.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (141, "")
    assert [path.name for path in tmp_path.iterdir()] == ["claims.837"]


def without_reader(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command of dripline in a pipe that nobody reads."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        return subprocess.run(
            [sys.executable, "-m", "streams.cli", *arguments],
            stdout=writes,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writes)
