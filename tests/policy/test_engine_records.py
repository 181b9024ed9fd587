"""What becomes of a record: it is accepted, rejected or forwarded, and each is counted."""

from __future__ import annotations

import json

from models.reading import microseconds, read_instant
from models.record import Record
from policy import PolicyEngine
from policy.outputs import Forward
from tests.support import Event, built_in_policy, claim_line, record

LINE = claim_line("C1", 1, "99213", "2024-03-01")


def keyed(key: bytes | None, offset: int = 0) -> Record:
    """The line as a record of a topic, under some key."""
    return Record(json.dumps(LINE).encode(), offset, "claim-lines", 0, None, key, keyed=True)


def test_rejected_records_are_given_back_with_their_reasons() -> None:
    """Each keeps its record and all its reasons; a code is counted once a record; no other effect."""
    engine = PolicyEngine(built_in_policy())
    refused = [
        record(b"[]", 0),
        record({name: LINE[name] for name in LINE if name not in ("event_id", "units")}, 1),
        record(LINE | {"units": "0", "event_id": None}, 2),
    ]
    out = engine.receive_many(refused)
    assert [rejection.record for rejection in out.rejections] == refused
    assert [[reason["code"] for reason in one.reasons] for one in out.rejections] == [
        ["not_object"],
        ["missing", "missing"],
        ["missing", "invalid"],
    ]
    assert out.counts == {
        ("rejected", "not_object"): 1,
        ("rejected", "missing"): 2,
        ("rejected", "invalid"): 1,
    }
    assert (engine.event_time, list(engine.state()), engine.finish().publications) == (None, [], [])


def test_accepted_records_and_dropped_ndcs_are_counted() -> None:
    """An NDC that is none is dropped and counted; the line stays. A missing one is not dropped."""
    engine = PolicyEngine(built_in_policy())
    ndcs: list[Event] = [
        {"ndc": "12345"},
        {"ndc": "0338-0049-48"},
        {},
        {"ndc": None},
        {"ndc": " "},
        {"ndc": "no"},
    ]
    lines = [LINE | {"line_number": number} | ndc for number, ndc in enumerate(ndcs, start=1)]
    out = engine.receive_many(record(each) for each in lines)
    assert out.counts == {("accepted",): 6, ("ndc_dropped",): 2}
    assert engine.lines == 6


def test_mis_keyed_records_go_to_their_member() -> None:
    """Without a key or under another's, a record is given on as it is, under its member's key."""
    engine = PolicyEngine(built_in_policy())
    stray, keyless = keyed(b"M-2", 5), keyed(None, 6)
    out = engine.receive_many([stray, keyed(b"M-1", 7), keyless])
    assert out.forwards == [Forward(stray, b"M-1"), Forward(keyless, b"M-1")]
    assert out.counts == {("forwarded",): 2, ("accepted",): 1}
    assert engine.lines == 1


def test_an_unkeyed_input_forwards_nothing() -> None:
    """The records of files need no key."""
    out = PolicyEngine(built_in_policy()).receive(record(LINE))
    assert (out.forwards, out.counts) == ([], {("accepted",): 1})


def test_a_line_received_long_after_its_record_was_written_is_rejected() -> None:
    """A record's own time, where it has one, bounds `received_at`: 24 hours and no more."""
    day, received = 24 * 3600 * 1_000_000, microseconds(read_instant(str(LINE["received_at"])))
    engine = PolicyEngine(built_in_policy())
    late = record(LINE)._replace(timestamp=received - day - 1)
    (rejection,) = engine.receive(late).rejections
    assert [reason["code"] for reason in rejection.reasons] == ["received_in_future"]
    assert engine.receive(late._replace(timestamp=received - day)).rejections == []
