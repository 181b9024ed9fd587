"""The broker and the topics of tests/kafka, for faults that need no broker of their own."""

import pytest

from tests.kafka.conftest import kafka, live, topic_prefix

__all__ = ["kafka", "live", "topic_prefix", "unmeasured"]


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of fault runs run at their own speed: tests/kafka measures which of their lines are run."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
