"""`dripline explain` on live topics says what the worker has published."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kafka.live import Live, member_key
from tests.support import claim_line

pytestmark = pytest.mark.slow

EVENTS = [
    claim_line("OTHER", 1, "J3370", "2024-03-02", "2024-03-03", units="2"),
    claim_line("CLAIM", 1, "S9500", "2024-03-01", "2024-03-04", units="4", line_count=1),
    claim_line("ELSE", 1, "99213", "2024-03-01", member_id="M-3"),
]
OPEN = claim_line("OPEN", 1, "S9500", "2024-03-01", line_count=2, received_at="2024-04-03T09:00:00Z")


async def command(live: Live, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command against the broker."""
    whole = [sys.executable, "-m", "streams.cli", *arguments, "--bootstrap-servers", live.servers]
    return await asyncio.to_thread(subprocess.run, whole, capture_output=True, check=False)


async def explained(live: Live, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, members, standard error."""
    done = await command(live, "explain", *arguments, "--json", "--app-id", live.app_id)
    members = json.loads(done.stdout)["members"] if done.stdout else []
    return done.returncode, members, done.stderr.decode()


async def test_a_live_claim_is_told_as_published(live: Live, tmp_path: Path) -> None:
    """Edits and verdict are the topics' own records; the lines come from the input; nobody's offsets move."""
    worker = live.add_worker()
    await live.feed((member_key(event), json.dumps(event).encode()) for event in EVENTS)
    topics = await live.check(120)
    worker.stop()
    code, members, stderr = await explained(live, "CLAIM")
    assert code == 0, stderr
    (member,) = members
    assert {(line["claim_id"], line["line_number"]) for line in member["lines"]} == {
        ("CLAIM", 1),
        ("OTHER", 1),
    }
    (decision,) = member["decisions"]
    published = [json.loads(record.value) for record in topics.edits]
    last = {event["edit_id"]: event for event in published if event["claim_id"] == "CLAIM"}
    assert decision["edits"] == sorted(last.values(), key=lambda edit: edit["rule"])
    assert decision["verdict"] == [json.loads(r.value) for r in topics.verdicts if r.key == b"CLAIM"][-1]
    assert await live.lag() == 0

    # Held against what is published, the policy comes to the same, on the page as in the terminal.
    folder = tmp_path / "drift"
    given = ("--topic", "--policy", "built-in", "--against", "live", "--out", str(folder))
    done = await command(live, "backtest", *given)
    assert done.returncode == 0, done.stderr
    page = (folder / "report.html").read_text("utf-8")
    assert "There is no difference." in page
    assert "the policies cannot be compared" in page
    code, (member,), _ = await explained(live, "CLAIM", str(folder))
    assert code == 0
    assert [one["by"] for one in member["decisions"]][1] == "the live worker, as published"
    assert member["decisions"][0]["edits"][0]["dates"] == member["decisions"][1]["edits"][0]["dates"]

    # A claim that no worker has looked at yet, as one would look at it now; and one that is not there.
    await live.feed([(member_key(OPEN), json.dumps(OPEN).encode())])
    code, members, _ = await explained(live, "OPEN")
    assert code == 0
    assert "not screened yet" in members[0]["decisions"][0]["by"]
    code, members, stderr = await explained(live, "NOWHERE")
    assert (code, members) == (2, [])
    assert "NOWHERE" not in stderr
