"""What is accepted and what is rejected, held against the independent oracle."""

from __future__ import annotations

import json
import random

import pytest

from models.wire import Limits, RejectedError, read_event, read_fields
from tests.oracle import judge_bytes
from tests.support import claim_line

VALID = claim_line("C1", 1, "S9500", "2024-03-01", "2024-03-05")
ODD: list[object] = [
    None,
    "",
    " ",
    0,
    1,
    -1,
    1.5,
    True,
    [],
    {},
    "x",
    "2024-02-30",
    "1e3",
    "00",
    "99213",
    "é",
    10**30,
]
PIECES = [b"{", b"}", b"[", b'"', b":", b",", b"NaN", b"\xff", b"\\ud800", b"1e999", b"null", b" ", b"\n"]


def reasons(raw: bytes) -> list[tuple[str, str | None]]:
    """The reasons a line is rejected with; none where it is accepted."""
    try:
        read_event(read_fields(raw), Limits(400))
    except RejectedError as rejected:
        return sorted((r["code"], r["field"]) for r in rejected.reasons)
    return []


def mutated(rng: random.Random) -> bytes:
    """A valid event with some fields dropped or made odd."""
    event = dict(VALID)
    for name in rng.sample(sorted(event), rng.randrange(1, 4)):
        if rng.random() < 0.2:
            del event[name]
        else:
            event[name] = rng.choice(ODD)
    raw = json.dumps(event).encode()
    if rng.random() < 0.2:
        cut = rng.randrange(len(raw))
        raw = raw[:cut] + rng.choice(PIECES) + raw[cut:]
    return raw


@pytest.mark.parametrize("seed", range(10))
def test_mutated_events_get_the_oracles_reasons(seed: int) -> None:
    """1,000 mutated events a seed: accepted or rejected with exactly the oracle's reasons."""
    rng = random.Random(seed)
    for _ in range(1_000):
        raw = mutated(rng)
        assert reasons(raw) == sorted(judge_bytes(raw)), raw


def test_random_bytes_never_crash() -> None:
    """100,000 random byte strings are each rejected with reasons."""
    rng = random.Random(1)
    for _ in range(100_000):
        raw = rng.randbytes(rng.randrange(40)) if rng.random() < 0.5 else b"".join(rng.choices(PIECES, k=8))
        assert reasons(raw)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": "\\ud800"}', "not_json"),
        (b'{"a":' + b"[" * 200 + b"]" * 200 + b"}", "not_json"),
        (b"[" * 60_000, "not_json"),
        (b" " * 70_000, "too_large"),
        (b"[1]", "not_object"),
    ],
)
def test_a_whole_record_has_one_reason(raw: bytes, code: str) -> None:
    """What is no event at all stands alone with one reason and no field."""
    assert reasons(raw) == [(code, None)]


def test_reasons_hold_no_values() -> None:
    """No reason tells a value of the record."""
    event = VALID | {"member_id": 5, "claim_id": "C" * 60, "units": "canary", "procedure_code": "canary"}
    with pytest.raises(RejectedError) as caught:
        read_event(read_fields(json.dumps(event).encode()), Limits(400))
    assert "canary" not in json.dumps(caught.value.reasons)
    assert "CCC" not in json.dumps(caught.value.reasons)
