"""The commands of the README that need a broker."""

from __future__ import annotations

import asyncio
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kafka.live import Live, Worker

pytestmark = pytest.mark.slow

README = Path(__file__).parents[2] / "README.md"


async def test_the_commands_about_topics_run(kafka: str, tmp_path: Path, topic_prefix: str) -> None:
    """In their order: `topics create` ends with 0, `worker` becomes ready and stops with 0."""
    app_id = topic_prefix[:40]
    live = Live(kafka, tmp_path, app_id)
    await live.make_topics()  # so that the topics of other tests are not in the way
    said = re.findall(r"^\.venv/bin/dripline ((?:topics|worker).*)$", README.read_text(), re.MULTILINE)
    assert said == ["topics create", "worker"]
    env = {"DRIPLINE_BOOTSTRAP_SERVERS": kafka, "DRIPLINE_APP_ID": app_id}
    command = [sys.executable, "-m", "streams.cli", *shlex.split(said[0])]
    assert (await asyncio.to_thread(subprocess.run, command, env=env, check=False)).returncode == 0
    worker = Worker(env, tmp_path / "worker.log")
    worker.start()
    try:
        worker.wait_ready()
        assert worker.stop() == 0
    finally:
        live.close()
