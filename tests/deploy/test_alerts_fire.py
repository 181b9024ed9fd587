"""Alerts seen firing: a real system is broken, its alert fires, and is gone after the repair."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.alert_runs import BREACHES, courses, failed
from tests.deploy.stack import needs_prometheus
from tests.faults.rig import whole


@whole
@needs_prometheus
@pytest.mark.slow
async def test_alerts_fire_when_things_break(tmp_path: Path) -> None:
    """Nothing fires while all is well; then each breach makes its alert fire, until it is repaired."""
    rows: list[str] = []
    done = await courses(tmp_path, rows.append)
    assert len(done) == len(BREACHES)
    assert list(failed(done)) == [], "\n".join(rows)
