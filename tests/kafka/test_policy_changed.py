"""A worker started with another policy or other exemptions judges what it holds again."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from policy import load_policy
from policy.load import BUILT_IN
from tests.kafka.live import Live, Worker, keyed
from tests.oracle import random_events
from tests.policy.policy_folder import TOML, write
from tests.support import claim_line

pytestmark = pytest.mark.slow

EXEMPTIONS = [
    {"rule": "per_diem_without_drug"},
    {"billing_provider_npi": "1234567893", "rule": "duplicate_per_diem"},
]


def _again(worker: Worker, **env: str) -> None:
    """Stop a worker, and start it with other settings."""
    assert worker.stop() == 0
    worker.env |= {f"DRIPLINE_{name}": value for name, value in env.items()}
    worker.start()


async def _fed(live: Live, seed: int) -> None:
    rng = random.Random(seed)
    await live.feed([record for _ in range(4) for record in keyed(random_events(rng, 60), rng)])


def _changed(folder: Path, old: str, new: str) -> Path:
    """The built-in policy with one place of its policy file changed."""
    files = {file.name: file.read_text() for file in BUILT_IN.iterdir() if file.suffix in {".csv", ".toml"}}
    assert files[TOML].count(old) >= 1
    return write(folder, files | {TOML: files[TOML].replace(old, new)})


async def test_other_exemptions_judge_members_again(live: Live, tmp_path: Path) -> None:
    """With no new record the topics say what a plain run with them says; then new records come."""
    file = tmp_path / "exemptions.json"
    file.write_text(json.dumps(EXEMPTIONS))
    worker = live.add_worker()
    await _fed(live, 1)
    before = await live.check()
    _again(worker, EXEMPTIONS=str(file))
    live.policy = load_policy(exemptions=file)
    exempted = await live.check()
    assert exempted.content() != before.content()
    await _fed(live, 2)
    await live.check()
    assert worker.stop() == 0


async def test_another_version_of_the_policy_judges_members_again(live: Live, tmp_path: Path) -> None:
    """Changed data under the same id: old and new lines are judged by it, once each."""
    folder = _changed(tmp_path / "policy", 'disposition = "deny"', 'disposition = "review"')
    worker = live.add_worker()
    await _fed(live, 3)
    before = await live.check()
    _again(worker, POLICY=str(folder))
    live.policy = load_policy(folder)
    after = await live.check()
    assert after.content() != before.content()
    _again(worker)
    worker.wait_ready()
    again = await live.check()
    assert len(again.edits) == len(after.edits)
    assert worker.stop() == 0


async def test_the_state_of_another_policy_is_refused(live: Live, tmp_path: Path) -> None:
    """Another id means another payer's edits: the worker ends with 2, and says what to do."""
    folder = _changed(tmp_path / "policy", 'id = "CPCP019"', 'id = "OTHER1"')
    worker = live.add_worker()
    await live.feed([(b"M-1", json.dumps(claim_line("C1", 1, "S9500", "2024-03-01")).encode())])
    await live.check()
    _again(worker, POLICY=str(folder))
    assert worker.process is not None
    assert worker.process.wait(60) == 2
    assert "APP_ID" in worker.log.read_text()
