"""Laws of `dripline intake --to-topic` on a real broker."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from streams.feed import key_of
from tests.kafka.live import Live
from tests.streams.intake.sample import header, line, one_file, sample, taken_in

pytestmark = pytest.mark.slow


async def test_every_line_comes_once_under_its_member(live: Live, tmp_path: Path) -> None:
    """The topic holds each line of the files once, under its member's key; faults are in their file."""
    data = "".join(sample()[0]).encode()
    void = one_file([*header("P", "C1", "98", "8"), *line("P", 1, "S9500", "98", "1", "20260201")])
    path, faults = tmp_path / "claims.837", tmp_path / "faults.jsonl"
    path.write_bytes(data + void)
    command = [sys.executable, "-m", "streams.cli", "intake", str(path), "--to-topic"]
    given = ["--faults", str(faults), "--bootstrap-servers", live.servers, "--strict"]
    run = partial(subprocess.run, capture_output=True, text=True, timeout=120, check=False)
    done = await asyncio.to_thread(run, [*command, *given])
    events = taken_in(data + void)[0]
    assert done.returncode == 3
    assert f"{len(events)} lines sent to claim-lines" in done.stderr
    assert '"code":"original_missing"' in faults.read_text()
    found = [(record.key, record.value) for record in (await live.read()).lines]
    assert all(key == key_of(value) for key, value in found)
    assert sorted(key_of(value) or b"" for _, value in found) == sorted(
        str(event["member_id"]).encode() for event in events
    )


async def test_the_command_of_the_page_runs(live: Live, tmp_path: Path) -> None:
    """The command of docs/intake.md that needs a broker sends the claims' lines and ends with 0."""
    page = (Path(__file__).parents[2] / "docs" / "intake.md").read_text("utf-8")
    (said,) = re.findall(r"^\.venv/bin/dripline (intake .*--to-topic.*)$", page, re.MULTILINE)
    (tmp_path / "claims.837").write_text("".join(sample()[0]))
    command = [sys.executable, "-m", "streams.cli", *shlex.split(said)[:-1], live.servers]
    done = await asyncio.to_thread(partial(subprocess.run, cwd=tmp_path, check=False, timeout=120), command)
    assert done.returncode == 0
    assert len((await live.read()).lines) == 27


def test_without_a_broker_it_is_told(tmp_path: Path) -> None:
    """Where no broker can be reached the end is 2."""
    path = tmp_path / "claims.837"
    path.write_text("".join(sample()[0]))
    command = [sys.executable, "-m", "streams.cli", "intake", str(path), "--to-topic"]
    given = ["--bootstrap-servers", "127.0.0.1:1", "--security-protocol", "NONSENSE"]
    done = subprocess.run([*command, *given], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
