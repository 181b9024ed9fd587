"""Objects to bytes, and the two ways from bytes to a line."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.claim_line import ClaimLine
from models.wire import Limits, RejectedError, read_event, read_fields, read_line, to_json, to_json_bytes
from tests.models.test_acceptance import mutated

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(TEXT, inner),
)


@settings(derandomize=True)
@given(VALUES)
def test_json_is_written_as_the_standard_library_writes_it(value: object) -> None:
    """Compact, in UTF-8, keys in their order: ids made of it stay the same whichever library writes."""
    expected = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert to_json(value) == expected
    assert to_json_bytes(value) == expected.encode()


@pytest.mark.parametrize("seed", range(20, 24))
def test_a_line_is_read_as_its_event(seed: int) -> None:
    """`read_line` gives the line of `read_event`, or rejects with the same reasons in the same order."""
    rng = random.Random(seed)
    for _ in range(500):
        raw, now = mutated(rng), rng.choice([None, 1_600_000_000_000_000, 1_900_000_000_000_000])
        try:
            fields = read_fields(raw)
        except RejectedError:
            continue
        told: list[object] = []
        for read in (lambda *given: ClaimLine.of(read_event(*given)).canonical(), _canonical):
            try:
                told.append(read(fields, Limits(400), now))
            except RejectedError as rejected:
                told.append(rejected.reasons)
        assert told[0] == told[1]


def _canonical(fields: dict[str, object], limits: Limits, timestamp: int | None) -> str:
    return read_line(fields, limits, timestamp).canonical()
