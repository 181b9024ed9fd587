"""The live demo, on a broker of ours as on one of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streams import live_demo
from streams.console import console
from streams.generate import GenerateSettings
from tests.kafka.live import Live

pytestmark = pytest.mark.slow


def test_the_demo_shows_what_is_published_and_cleans_up(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It makes the topics, screens a plan by a worker of its own, and stops the worker in order."""
    asyncio.run(Live(kafka, tmp_path, "dripline").make_topics())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIPLINE_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setattr(live_demo, "PLAN", GenerateSettings(members=40, seed=3))
    monkeypatch.setattr(live_demo, "RATE", 2_000.0)
    assert live_demo.run(console()) == 0
    shown = capsys.readouterr().out
    assert "included_in_per_diem" in shown
    assert "clean" in shown
    assert '"event":"worker stopped"' in (tmp_path / "build" / "demo" / "worker.log").read_text()
