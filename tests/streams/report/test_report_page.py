"""docs/backtest-report.md: its commands run and show what it shows, its pictures are there and small."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from streams.cli import dripline
from streams.report.ids import hashed

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "backtest-report.md").read_text("utf-8")
SMALL = 200_000
"""Bytes of a picture in the repository."""


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, away from any broker; what the page shows of a claim is what the command prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DRIPLINE_BOOTSTRAP_SERVERS", raising=False)
    commands = re.findall(r"^\.venv/bin/dripline (.+)$", PAGE, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["generate", "explain", "explain"]
    printed = []
    for command in commands:
        result = CliRunner().invoke(dripline, shlex.split(command))
        assert result.exit_code == 0, command
        printed.append(result.stdout)
    shown = re.search(r"```text\n(January .+?)\n\n(return .+?)\n```", PAGE, re.DOTALL)
    assert shown is not None
    assert shown[1] in printed[1]
    assert shown[2] in printed[1]


def test_duckdb_hashes_ids_as_the_page_says() -> None:
    """The expression gives the hash of the report."""
    expression = re.search(r"`(left\(sha256.+?)`", PAGE)
    assert expression is not None
    query = f"select {expression[1]} from (select '1234567893' as billing_provider_npi)"  # noqa: S608
    assert duckdb.execute(query).fetchall() == [(hashed("provider", "1234567893"),)]


def test_the_pictures_are_there_and_small() -> None:
    """Each picture that the page names."""
    names = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGE)
    assert len(names) == 3
    for name in names:
        assert (ROOT / "docs" / name).stat().st_size < SMALL
