"""Laws of the trace context on a real broker."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from aiokafka.structs import ConsumerRecord

from tests.kafka.live import Live
from tests.support import claim_line

pytestmark = pytest.mark.slow

PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
CONTEXT = [("traceparent", PARENT), ("tracestate", b"rojo=00f067aa0ba902b7")]


def traces(records: Iterable[ConsumerRecord]) -> dict[str, list[tuple[str, bytes]]]:
    """The trace context of records, by claim."""
    return {
        json.loads(record.value)["claim_id"]: [each for each in record.headers if each[0].startswith("trace")]
        for record in records
    }


async def test_a_trace_goes_through(live: Live) -> None:
    """What a record causes carries its trace: edits, verdicts, a rejection, and what a forward causes."""
    live.add_worker()
    traced = claim_line("TRACED", 1, "99601", "2024-03-01", line_count=1)
    astray = claim_line("ASTRAY", 1, "99601", "2024-04-01", line_count=1)
    plain = claim_line("PLAIN", 1, "99601", "2024-05-01", line_count=1)
    broken = claim_line("BROKEN", 1, "99601", "2024-06-01", line_count=1)
    quiet = claim_line("QUIET", 1, "99601", "2024-07-01", line_count=2)
    sent = [(b"M-1", traced), (b"somebody else", astray), (b"M-1", quiet)]
    records = [(key, json.dumps(event).encode()) for key, event in sent]
    await live.feed([*records, (b"k", b"no json")], CONTEXT)
    await live.feed([(b"M-1", json.dumps(plain).encode())])
    await live.feed([(b"M-1", json.dumps(broken).encode())], [("traceparent", b"M-1"), ("source", b"837")])
    topics = await live.check()
    told = {"TRACED": CONTEXT, "ASTRAY": CONTEXT, "PLAIN": [], "BROKEN": [], "QUIET": []}
    assert traces(topics.verdicts) == told
    assert traces(topics.edits) == told
    assert list(topics.rejected[0].headers[:2]) == CONTEXT
