"""What is published does not depend on the order in which Python happens to keep its sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCREEN = """
import random
from tests.oracle import random_events
from tests.support import published_bytes, run
for seed in range(20):
    print(*published_bytes(run(random_events(random.Random(seed), 20))), sep="\\n")
"""


def published(hash_seed: str) -> bytes:
    """All that a new Python publishes of the same events, its sets ordered by another seed."""
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", SCREEN], check=True, capture_output=True, cwd=ROOT, env=environment
    ).stdout


@pytest.mark.slow
def test_another_hash_seed_changes_no_byte() -> None:
    """Two runs in two processes publish the same bytes in the same order."""
    first = published("1")
    assert first.count(b"\n") > 500
    assert published("2") == first
