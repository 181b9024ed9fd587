"""`dripline screen` as its user calls it: inputs of every kind, results, exit codes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from streams.cli import dripline
from tests.support import EXAMPLES, claim_line

EVENTS = json.loads((EXAMPLES / "10-duplicates.json").read_text())["events"]


def lines(*events: object) -> bytes:
    """Events as JSON Lines."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def screen(*arguments: str, stdin: bytes | None = None) -> Result:
    """Run the command."""
    return CliRunner().invoke(dripline, ["screen", *arguments], input=stdin)


def read(path: Path) -> list[dict[str, Any]]:
    """The objects of a results file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("packed", [False, True])
def test_plain_and_packed_files_give_the_same(tmp_path: Path, packed: bool) -> None:
    """A gzip file and standard input give the bytes that the plain file gives."""
    raw = lines(*EVENTS)
    plain, other = tmp_path / "plain.jsonl", tmp_path / "other"
    plain.write_bytes(raw)
    other.write_bytes(gzip.compress(raw) if packed else raw)
    assert screen(str(plain), "--out", str(tmp_path / "a")).exit_code == 0
    assert screen("-", "--out", str(tmp_path / "b"), stdin=other.read_bytes()).exit_code == 0
    for name in ("edits.jsonl", "verdicts.jsonl", "rejects.jsonl"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert read(tmp_path / "a" / "edits.jsonl")


def test_rejects_carry_file_line_and_bytes(tmp_path: Path) -> None:
    """A rejected line is told with its file, its line number (blank ones count) and its bytes."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n{}\r\n  \n\xff\n" + lines(claim_line("C", 1, "99213", "2024-03-01")) + b"{")
    assert screen(str(path), "--out", str(tmp_path / "out")).exit_code == 0
    rejects = read(tmp_path / "out" / "rejects.jsonl")
    assert [(r["file"], r["line"], r.get("raw"), r.get("raw_base64")) for r in rejects] == [
        (str(path), 2, "{}", None),
        (str(path), 4, None, "/w=="),
        (str(path), 6, "{", None),
    ]


def test_a_long_line_is_rejected_whole(tmp_path: Path) -> None:
    """A line far above the limit is rejected with all its bytes, and the lines behind it count."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"x" * 3_000_000 + b"\n" + lines(claim_line("C", 1, "99213", "2024-03-01")))
    assert screen(str(path), "--out", str(tmp_path / "out")).exit_code == 0
    (reject,) = read(tmp_path / "out" / "rejects.jsonl")
    assert reject["reasons"][0]["code"] == "too_large"
    assert reject["raw"] == "x" * 3_000_000
    assert len(read(tmp_path / "out" / "verdicts.jsonl")) == 1


def test_strict_makes_a_reject_exit_3(tmp_path: Path) -> None:
    """With --strict a rejected line ends the run with exit code 3, after all results are written."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"{}\n")
    assert screen(str(path), "--out", str(tmp_path / "out"), "--strict").exit_code == 3
    assert len(read(tmp_path / "out" / "rejects.jsonl")) == 1


@pytest.mark.parametrize("kind", ["missing", "folder", "cut gzip"])
def test_an_unreadable_input_exits_2(tmp_path: Path, kind: str) -> None:
    """An input that cannot be read is a plain message and exit code 2, and leaves no results."""
    path = tmp_path / "in"
    if kind == "folder":
        path.mkdir()
    elif kind == "cut gzip":
        path.write_bytes(gzip.compress(lines(*EVENTS))[:-20])
    result = screen(str(path), "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not (tmp_path / "out" / "edits.jsonl").exists()


def test_an_empty_file_gives_empty_results(tmp_path: Path) -> None:
    """A file without lines is no error."""
    path = tmp_path / "in.jsonl"
    path.touch()
    assert screen(str(path), "--out", str(tmp_path / "out")).exit_code == 0
    assert read(tmp_path / "out" / "verdicts.jsonl") == []


def test_final_gives_one_record_an_edit_and_a_claim(tmp_path: Path) -> None:
    """With --final every record is of revision 1 and caused by nothing."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(lines(*EVENTS))
    options = ("--final", "--settle-after", "1h", "--now", "2024-06-01T00:00:00Z", "--quiet")
    assert screen(str(path), "--out", str(tmp_path / "out"), *options).exit_code == 0
    for edit in read(tmp_path / "out" / "edits.jsonl"):
        assert (edit["revision"], edit["status"], edit["cause"]) == (1, "open", None)


@pytest.mark.parametrize(
    "options", [("--settle-after", "soon"), ("--now", "today"), ("--policy", "/nowhere"), ("--nonsense",)]
)
def test_wrong_options_exit_2(tmp_path: Path, options: tuple[str, ...]) -> None:
    """An option that makes no sense is a usage error."""
    path = tmp_path / "in.jsonl"
    path.touch()
    assert screen(str(path), "--out", str(tmp_path / "out"), *options).exit_code == 2


def test_an_unexpected_error_is_our_bug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception ends with exit code 1, its place, and none of its words."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("streams.screen_command.screen", broken)
    path = tmp_path / "in.jsonl"
    path.touch()
    result = screen(str(path), "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "RuntimeError" in result.output
    assert "canary" not in result.output
