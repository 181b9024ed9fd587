"""Laws of `dripline generate`."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.wire import Limits, RejectedError, read_event, read_fields
from streams.cli import dripline
from streams.feed import key_of
from streams.generate import GenerateSettings, generate_records

ARGUMENTS = ("--members", "8", "--seed", "3")


def run(*arguments: object, **env: str) -> Result:
    """The command in a pipe."""
    return CliRunner(env=env).invoke(dripline, ["generate", *ARGUMENTS, *map(str, arguments)])


def accepted(line: bytes) -> bool:
    """Whether a line is read."""
    try:
        read_event(read_fields(line), Limits(400))
    except RejectedError:
        return False
    return True


def test_output_is_the_run(tmp_path: Path) -> None:
    """Standard output, a file and a gzip file hold the lines of the run, and say nothing else."""
    expected = b"".join(line + b"\n" for line in generate_records(GenerateSettings(members=8, seed=3)))
    plain, packed = tmp_path / "lines.jsonl", tmp_path / "lines.jsonl.gz"
    results = [run(), run("--out", plain), run("--out", packed)]
    assert [result.exit_code for result in results] == [0, 0, 0]
    assert [result.stdout_bytes for result in results] == [expected, b"", b""]
    assert not any(result.stderr for result in results)
    assert plain.read_bytes() == expected
    assert gzip.decompress(packed.read_bytes()) == expected


def test_gzip_files_are_the_same_too(tmp_path: Path) -> None:
    """Two gzip files of the same options are the same bytes, whatever their names."""
    for name in ("a.gz", "b.gz"):
        run("--out", tmp_path / name)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_options_reach_the_run() -> None:
    """Each option changes the setting of its name."""
    result = run("--days", 9, "--start", "2027-05-01", "--lines", 90, "--other-share", 0.5, "--error-rate", 0)
    expected = GenerateSettings(
        members=8,
        seed=3,
        days=9,
        start=date(2027, 5, 1),
        lines=90,
        other_share=0.5,
        error_rates={},
    )
    assert result.stdout_bytes.splitlines() == list(generate_records(expected))


def test_a_run_may_begin_near_today() -> None:
    """`today` and days before it are days in UTC; the lines are those of the date."""
    day = datetime.now(UTC).date()
    for text, back in (("today", 0), ("today-1d", 1), ("today-60d", 60)):
        lines = run("--start", text).stdout_bytes
        same = [run("--start", day + timedelta(days=late - back)).stdout_bytes for late in (0, 1)]
        assert lines in same  # midnight may have come


def test_receipt_is_when_a_line_is_taken() -> None:
    """But for the time of receipt the lines are those of the run; each is asked for, and rubbish stays."""
    settings = GenerateSettings(members=8, seed=3)
    times = (f"2026-05-01T10:{number // 60:02}:{number % 60:02}Z" for number in range(3600))
    lines = [json.loads(line) for line in generate_records(settings, received=lambda: next(times))]
    plain = [json.loads(line) for line in generate_records(settings)]
    received = [line.pop("received_at") for line in lines]
    assert received == sorted(set(received))
    assert lines == [{k: v for k, v in line.items() if k != "received_at"} for line in plain]
    broken = list(generate_records(settings, 0.5, received=lambda: "2026-05-01T10:00:00Z"))
    assert 0.4 <= sum(not accepted(line) for line in broken) / len(broken) <= 0.6


def test_rubbish_is_mixed_in() -> None:
    """A share of the lines is rubbish where it is asked for, and none where it is not."""
    for share, low, high in ((0, 0.0, 0.0), (0.5, 0.4, 0.6)):
        lines = run("--malformed-share", share).stdout_bytes.splitlines()
        assert low <= sum(not accepted(line) for line in lines) / len(lines) <= high


@pytest.mark.parametrize(
    "arguments",
    [
        ("--members", "0"),
        ("--members", "many"),
        ("--other-share", "1"),
        ("--other-share", "nan"),
        ("--error-rate", "-1"),
        ("--error-rate", "nan"),
        ("--malformed-share", "1.5"),
        ("--malformed-share", "nan"),
        ("--start", "1.1.2026"),
        ("--start", "2100-12-30"),
        ("--start", "20260101"),
        ("--start", "2026-02-30"),
        ("--start", "tomorrow"),
        ("--start", "today-60"),
        ("--start", "today-999999d"),
        ("--start", "today+1d"),
        ("--received-now",),
        ("--to-topic", "--received-now", "--start", "today-30d", "--days", "32"),
        ("--days", "0"),
        ("--lines", "-1"),
        ("--no-such-option",),
        ("--out", "/no/such/folder/lines.jsonl"),
        ("--out", "/"),
        ("--rate", "5"),
        ("--bootstrap-servers", "localhost:9092"),
        ("--to-topic", "--out", "lines.jsonl"),
        ("--to-topic", "--rate", "0"),
        ("--to-topic", "--bootstrap-servers", "nowhere"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    """An option out of range and a file that cannot be written end with exit code 2 and a message."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert result.stdout == ""


def test_settings_are_read_for_the_topic_alone() -> None:
    """Wrong settings of the broker are named with --to-topic, and mean nothing without it."""
    wrong = {"DRIPLINE_BOOTSTRAP_SERVERS": "nowhere"}
    assert run("--lines", 1, **wrong).exit_code == 0
    refused = run("--to-topic", **wrong)
    assert refused.exit_code == 2
    assert "DRIPLINE_BOOTSTRAP_SERVERS: name the brokers as host:port" in refused.stderr


def test_the_key_is_the_member_where_there_is_one() -> None:
    """A line's key is its member's id; a line that names none, or is no line, has no key."""
    lines = list(generate_records(GenerateSettings(members=8, seed=3), 0.5))
    for line in lines:
        if accepted(line):
            assert key_of(line) == read_event(read_fields(line), Limits(400)).member_id.encode()
    assert None in map(key_of, lines)
    for rubbish in (b"[1]", b"{}", b'{"member_id": 7}', b'{"member_id": "\\ud800"}', b"[" * 9999):
        assert key_of(rubbish) is None


def test_a_bar_shows_on_a_terminal(tmp_path: Path) -> None:
    """On a terminal lines and their rate are shown while a file is written; standard output has none."""
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "100"}
    for lines in ((), ("--lines", 50)):
        shown = run("--out", tmp_path / "lines.jsonl", *lines, **terminal).stderr
        assert "Generating" in shown
        assert "lines" in shown
        assert "/s" in shown
    assert run(**terminal).stderr == ""


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    """Where nobody reads standard output any more, the run ends without a message and with exit code 0."""
    code = "from streams.generate_command import generate; generate()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "--members", "5000", "--seed", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 0


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is interrupted leaves no half file under its final name, and none beside it."""

    def interrupted(*_: object, **__: object) -> Iterator[bytes]:
        yield from [b"{}"] * 5000
        raise KeyboardInterrupt

    monkeypatch.setattr("streams.generate_command.generate_records", interrupted)
    assert run("--out", tmp_path / "lines.jsonl").exit_code == 130
    assert list(tmp_path.iterdir()) == []
