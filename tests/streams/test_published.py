"""What a backtest takes of the topics: the latest revision of each key, and open edits alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streams.backtest.live import FOLDER, Published
from streams.replay.job import Job
from streams.replay.manifest import Manifest, Span


def published(folder: Path, *records: dict[str, Any]) -> Published:
    """Records as they lie on the topics, in their order, of one piece of work."""
    manifest = Manifest("lines", (Span(None, 0, 0, 1),))
    job = Job(folder, manifest, "final", (), "live")
    (unit,) = manifest.units
    place = job.parts / FOLDER
    place.mkdir(parents=True)
    common = {"member_id": "M-1", "claim_id": "C1", "status": "open"}
    (place / unit.name).write_bytes(b"".join(json.dumps(common | each).encode() + b"\n" for each in records))
    return Published(job, unit)


def test_the_greatest_revision_counts(tmp_path: Path) -> None:
    """In whatever order they come; among equal ones the last."""
    found = published(
        tmp_path,
        {"edit_id": "e", "revision": 2, "rule": "second"},
        {"edit_id": "e", "revision": 1, "rule": "first"},
        {"edit_id": "e", "revision": 2, "rule": "second again"},
        {"revision": 1, "status": "clean"},
        {"revision": 2, "status": "edited"},
    ).of("M-1")
    assert [(each.get("rule"), each["status"]) for each in found] == [
        ("second again", "open"),
        (None, "edited"),
    ]


def test_a_cleared_edit_is_none(tmp_path: Path) -> None:
    """It stands no more; another member's, and one that comes back, do."""
    found = published(
        tmp_path,
        {"edit_id": "e", "revision": 1},
        {"edit_id": "e", "revision": 2, "status": "cleared"},
        {"edit_id": "f", "revision": 1, "status": "cleared"},
        {"edit_id": "f", "revision": 2},
        {"edit_id": "e", "revision": 1, "member_id": "M-2"},
    )
    assert [each["edit_id"] for each in found.of("M-1")] == ["f"]
    assert [each["edit_id"] for each in found.of("M-2")] == ["e"]
    assert found.of("M-3") == []
