"""Each place of a state value takes what belongs there, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.state import StateError, read_members
from tests.models.state_entries import DAMAGED, OWN_KEY, entries_of, full_state, refusal, with_value


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - JSON
    """The path to every place within a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield (*path, name)
        yield from places(part, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], new: object) -> Any:  # noqa: ANN401 - JSON
    """A JSON value with another value at one place."""
    changed = json.loads(json.dumps(value))
    part = changed
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = new
    return changed


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.sampled_from(sorted(full_state())), st.data(), anything)
def test_a_part_of_another_type_is_refused(key: bytes, data: st.DataObject, new: object) -> None:
    """With anything in any place, a value is refused, or it is of the form and is written as it was."""
    value = json.loads(full_state()[key])
    changed = replaced(value, data.draw(st.sampled_from(list(places(value)))), new)
    try:
        read = read_members(with_value(key, changed))
    except StateError:
        return
    assert json.loads(entries_of(*read)[key]) == changed


Places = list[tuple[tuple[Any, ...], list[Any]]]

LATE = 2**80
OF_CLAIM: Places = [
    ((1,), ["2", 2.0, True, 0, 1000]),
    ((2,), ["x", 1.5, False, LATE]),
    ((3,), [None, 2, -1, True]),
    ((4,), [[], "GONE", 1, {"GONE": None}, {"GONE": "1"}, {"GONE": 1.5}]),
    ((5,), [None, "1", 1.5, LATE]),
    ((6,), ["", "settled", 1, ["quiet"]]),
    ((7,), [None, -1, "1", 1.5]),
    ((8,), ["clean", [], {}, 0, ["clean"]]),
    ((8, 0), [None, "open", 1]),
    ((8, 1), ["pay", 1, []]),
    *(((8, at), [None, "1", 1.5, -1]) for at in (2, 4, 5, 6)),
    ((8, 3), [None, {}, [1], [[1, "deny", 1]], [["1", "deny", 1, []]], [[0, "deny", 1, []]]]),
    ((8, 3), [[[1, "deny", 1, None]], [[1, "deny", 1, "rule"]], [[1, "deny", 1, [1]]], [[1, "deny", 1, {}]]]),
    ((8, 7), ["2", 0, 1.5]),
    ((8, 8), [None, "", 1]),
]
OF_LINE: Places = [
    ((1,), [None, "1", 1.5, LATE]),
    ((2,), [None, {}, "x", [], ["E"] * 16]),
    *(((2, at), [None, 1, []]) for at in (0, 5, 7)),
    ((2, 1), ["1", 0, 1000]),
    ((2, 2), [None, 1, "", "0", "17", "1\n", "7"]),
    *(((2, at), [1, [], False]) for at in (3, 4, 6, 9, 14)),
    ((2, 8), [None, "SH", [1], {"SH": 1}, [["SH"]]]),
    ((2, 10), [None, "2024-03-01", 738946.0, 0, -1, 738949, 10**7]),
    ((2, 11), [None, "2024-03-01", 738948.0, 0, -1, 738945, 738946 + 366, 10**7]),
    ((2, 12), [None, "1", 1.5, 0, -1]),
    ((2, 13), [None, "1", 1.5, -1]),
    ((2, 15), [None, "1", 1.5, LATE]),
    ((3,), [None, [], "x", {"rule": None}, {"rule": []}, {"rule": {}}]),
    ((3, "rule"), [[1, 1, "deny", 0, "2.0"], [1, 1, "deny", 0, "2.0", "x", "x"]]),
    ((3, "rule"), [[bad, 1, "deny", 0, "2.0", "x"] for bad in (None, "1", 0, 1.5)]),
    ((3, "rule"), [[1, bad, "deny", 0, "2.0", "x"] for bad in (None, True, 2, "1")]),
    ((3, "rule"), [[1, 1, bad, 0, "2.0", "x"] for bad in (None, "pay", 1)]),
    ((3, "rule"), [[1, 1, "deny", bad, "2.0", "x"] for bad in (None, "0", -1, 1.5)]),
    ((3, "rule"), [[1, 1, "deny", 0, bad, "x"] for bad in (None, 2.0)]),
    ((3, "rule"), [[1, 1, "deny", 0, "2.0", bad] for bad in (None, 7)]),
]
OF_PARTITION: Places = [
    ((1,), [None, "1", 1.5, True, LATE]),
    *(((at,), [None, 1, []]) for at in (2, 3)),
]
WRONG = {"claim": OF_CLAIM, "line": OF_LINE, "partition": OF_PARTITION}
"""Places of values, and what must not stand there."""


@pytest.mark.parametrize(("kind", "path", "bad"), [(kind, *each) for kind in WRONG for each in WRONG[kind]])
def test_each_place_takes_only_what_belongs_there(kind: str, path: tuple[Any, ...], bad: list[Any]) -> None:
    """A wrong type, a number out of its range and a word that is none of the known ones are refused."""
    key = OWN_KEY[kind]
    for each in bad:
        changed = replaced(json.loads(full_state()[key]), path, each)
        assert refusal(with_value(key, changed)) == DAMAGED, each
