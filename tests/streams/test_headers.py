"""Laws of the headers: what goes on to the records that a record causes."""

from __future__ import annotations

import pytest

from models.edit_event import EditEvent
from models.record import Record
from models.rejection import Reason, Rejection
from policy import PolicyEngine
from policy.outputs import Forward
from streams.headers import Headers, said, trace_of
from streams.outbox import forwarded, messages_of, rejected
from tests.support import built_in_policy, claim_line, record, records

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
STATE = "rojo=00f067aa0ba902b7, tenant@vendor=t61rcWkgMzE"
EVENTS = [
    claim_line("C1", 1, "99601", "2024-03-01", line_count=1),
    claim_line("C2", 1, "99601", "2024-04-01", line_count=2),
    claim_line("C3", 1, "99601", "2024-05-01", line_count=1),
]


def context(parent: str, *states: str) -> list[tuple[str, bytes | None]]:
    """A trace context as headers, between others."""
    more = [("tracestate", state.encode()) for state in states]
    return [("source", b"837"), ("traceparent", parent.encode()), *more, ("empty", None)]


def test_a_trace_context_goes_on_alone() -> None:
    """Of a record's headers the trace context alone is passed on, byte for byte."""
    assert trace_of(context(PARENT, STATE)) == [
        ("traceparent", PARENT.encode()),
        ("tracestate", STATE.encode()),
    ]
    assert trace_of([("source", b"837")]) == []


@pytest.mark.parametrize(
    "parent",
    [
        "",
        PARENT + "\n",
        PARENT.upper(),
        PARENT + "-more",
        "ff" + PARENT[2:],
        "00-" + "0" * 32 + PARENT[35:],
        PARENT[:36] + "0" * 16 + PARENT[52:],
        PARENT[:-1],
        "M-1",
    ],
)
def test_what_is_no_trace_parent_is_not_passed_on(parent: str) -> None:
    """A value that is not of the W3C's form stays behind, and the trace state with it."""
    assert trace_of(context(parent, STATE)) == []


def test_a_trace_parent_of_nothing_or_two_are_not_passed_on() -> None:
    """A null, and two of which nobody knows the right one, stay behind."""
    assert trace_of([("traceparent", None)]) == []
    assert trace_of(context(PARENT) * 2) == []


@pytest.mark.parametrize(
    "states", [("",), ("no list",), ("A=1",), ("a=1;b",) * 2, ("a=" + "x" * 511,), ("a=é",), ("a=1\n",)]
)
def test_a_bad_trace_state_leaves_the_parent(states: tuple[str, ...]) -> None:
    """A trace state that is no list, too long or told twice stays behind; the trace parent goes on."""
    assert trace_of(context(PARENT, *states)) == [("traceparent", PARENT.encode())]


def test_a_trace_state_of_32_members_is_passed_on() -> None:
    """The W3C's list has at most 32 members."""
    members = [f"k{number}=v" for number in range(33)]
    assert len(trace_of(context(PARENT, ",".join(members[:32])))) == 2
    assert len(trace_of(context(PARENT, ",".join(members)))) == 1


def test_each_publication_names_the_record_that_caused_it() -> None:
    """Causes run beside the publications, and agree with the cause in every edit event."""
    engine = PolicyEngine(built_in_policy())
    for out in (engine.receive_while(records(EVENTS), 4_000)[0], engine.finish()):
        assert len(out.causes) == len(out.publications) > 0
        for event, cause in zip(out.publications, out.causes, strict=True):
            if isinstance(event, EditEvent):
                assert cause == (event.cause and event.cause["offset"])


def test_outputs_carry_the_trace_of_their_record() -> None:
    """Edits and verdicts have the trace of the record that caused them, and nothing else of its headers."""
    engine = PolicyEngine(built_in_policy())
    traces = {
        offset: [("traceparent", PARENT[:-1].encode() + b"%d" % offset)] for offset in range(len(EVENTS))
    }
    out, _ = engine.receive_while(records(EVENTS), 4_000)

    def headers_of(offset: int) -> tuple[Headers, int]:
        return [("source", b"837"), *traces[offset]], 0

    assert set(out.causes) == {0, 2}
    caused = messages_of(out, headers_of)
    assert {message.topic for message in caused} == {"claim-edits", "claim-verdicts"}
    schemas = {"claim-edits": said("edit-event"), "claim-verdicts": said("claim-verdict")}
    for message, cause in zip(caused, out.causes, strict=True):
        assert cause is not None
        assert message.headers == schemas[message.topic] + traces[cause]


def test_what_time_causes_has_no_trace() -> None:
    """A claim that is screened because time passed carries no trace of an earlier record."""
    engine = PolicyEngine(built_in_policy())
    engine.receive(record(EVENTS[1]))
    assert engine.next_due is not None
    out = engine.advance(engine.next_due)
    assert set(out.causes) == {None}
    messages = messages_of(out, lambda _: ([("traceparent", PARENT.encode())], 0))
    assert messages
    assert all(name != "traceparent" for message in messages for name, _ in message.headers)


def test_a_record_sent_on_keeps_all_its_headers() -> None:
    """A forward has the headers as they came, a rejection has them before its own."""
    headers: Headers = [("source", b"837"), ("traceparent", b"anything")]
    bad = Record(b"no json", 7, "claim-lines", 3)
    assert forwarded(Forward(bad, b"M-1"), headers, 5).headers == headers
    reason = Reason(code="not_json", field=None, message="No.")
    assert rejected(Rejection(bad, (reason,)), headers).headers[:2] == headers
