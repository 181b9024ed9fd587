"""State entries: what is written is read back, and nothing else is."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.reading import microseconds
from models.state import FORM, PARTITION_KEY, StateError, read_members
from tests.models.state_entries import MEMBER, entries_of, full_state, state_of
from tests.policy.claim_strategies import FIRST_INSTANT, claim_sets
from tests.support import Event

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(claim_sets(), st.none() | st.integers(0, 300_000), st.randoms(use_true_random=False))
def test_what_is_written_is_read_back(events: list[Event], seconds: int | None, rng: Random) -> None:
    """Entries in any order are read as the members and the partition that wrote them."""
    ticks = None if seconds is None else microseconds(FIRST_INSTANT) + seconds * 1_000_000
    state = state_of(events, ticks)
    entries = list(state.items())
    members, partition = read_members(rng.sample(entries, len(entries)))
    assert entries_of(members, partition) == state


@settings(derandomize=True, deadline=None, max_examples=50)
@given(ids, ids)
def test_any_id_is_kept(member: str, claim: str) -> None:
    """Ids come back sign for sign, whatever they hold."""
    claims = [value for key, value in full_state().items() if len(json.loads(key)) == 2]
    assert claims
    key = json.dumps([member, claim], ensure_ascii=False, separators=(",", ":")).encode()
    members, _ = read_members([(key, claims[0])])
    assert list(members) == [member]
    assert list(members[member].claims) == [claim]
    assert list(entries_of(members, None)) == [key]


def test_rivals_are_known_again() -> None:
    """Which claims replace the same original follows from the claims' entries."""
    members, _ = read_members(full_state().items())
    assert members[MEMBER].rivals == {"GONE-SECRET": {"D-SECRET"}}


def test_values_are_never_empty_and_begin_with_their_form() -> None:
    """A store takes an empty value for a removal, and a later form must be told from this one."""
    assert {json.loads(value)[0] for value in full_state().values()} == {FORM}
    assert PARTITION_KEY in full_state()


def test_no_entries_are_no_members() -> None:
    """A state may be empty, then nothing is known of the partition either."""
    assert read_members([]) == ({}, None)


@pytest.mark.parametrize("form", [0, 2, 17])
@pytest.mark.parametrize("key", full_state())
def test_another_form_is_refused_by_its_number(key: bytes, form: int) -> None:
    """A value of a form that is not known is refused, and both forms are named."""
    changed = json.dumps([form, *json.loads(full_state()[key])[1:]]).encode()
    with pytest.raises(StateError) as refused:
        read_members((full_state() | {key: changed}).items())
    assert str(refused.value) == f"a state entry is of form {form}, this version reads form {FORM}"
