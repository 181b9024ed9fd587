"""What was written is read for ever; within a version, schemas change by additions alone."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from models.state import FORM, read_members
from models.wire import Limits, read_fields, read_line, to_json_bytes
from tests.models.schema_changes import breaking
from tests.models.state_entries import entries_of

GOLDEN = Path(__file__).parent / "golden"
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
INPUT = "claim-line-event"
MODELS: dict[str, type[EditEvent | ClaimVerdict]] = {"edit-event": EditEvent, "claim-verdict": ClaimVerdict}
NAMES = sorted(
    {path.name.removesuffix(".schema.json") for path in SCHEMAS.iterdir()}
    | {path.name.removesuffix("-1.schema.json") for path in GOLDEN.glob("*-1.schema.json")}
)
UNKNOWN = {"a_field_of_tomorrow": {"any": ["thing", None]}}

Json = Any


def stored(name: str) -> list[Json]:
    """The lines of a golden file."""
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").splitlines()]


def schema(name: str, version: int | None = None) -> dict[str, Any]:
    """The schema of today, or the stored one of a version."""
    path = SCHEMAS / f"{name}.schema.json" if version is None else GOLDEN / f"{name}-{version}.schema.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def extended(value: Json) -> Json:
    """A value with an unknown field in every object."""
    if isinstance(value, list):
        return [extended(each) for each in value]
    if isinstance(value, dict):
        return {name: extended(each) for name, each in value.items()} | UNKNOWN
    return value


def read(event: Json) -> Json:
    """An input event as it is kept, every field in its canonical form."""
    line = read_line(read_fields(json.dumps(event).encode()), Limits(10_000))
    return json.loads(line.canonical())


@pytest.mark.parametrize("example", stored(f"{INPUT}-1"), ids=lambda each: each["said"]["claim_id"])
def test_input_events_are_read_as_they_were(example: dict[str, Json]) -> None:
    """A stored input event states what it stated, and fits the schema; unknown fields change nothing."""
    for event in (example["said"], example["said"] | UNKNOWN):
        now = read(event)
        assert {name: now[name] for name in example["read"]} == example["read"]
        jsonschema.validate(event, schema(INPUT))


@pytest.mark.parametrize("name", MODELS)
def test_published_events_are_read_as_they_were(name: str) -> None:
    """A stored published event is read, fits the schema, and written again all its fields are the same."""
    events = stored(f"{name}-1")
    assert len({json.dumps(event.get("status")) for event in events}) > 1
    for event in events:
        again = json.loads(to_json_bytes(MODELS[name].model_validate_json(json.dumps(event)).__dict__))
        assert {field: again[field] for field in event} == event
        jsonschema.validate(event, schema(name))


@pytest.mark.parametrize("name", MODELS)
def test_readers_ignore_unknown_fields(name: str) -> None:
    """A published event with unknown fields, at any depth, is read as it is without them."""
    model = MODELS[name]
    for event in stored(f"{name}-1"):
        more = extended(event)
        jsonschema.validate(more, schema(name))
        assert model.model_validate_json(json.dumps(more)) == model.model_validate_json(json.dumps(event))


@pytest.mark.parametrize("form", range(1, FORM + 1))
def test_state_entries_of_every_form_are_read(form: int) -> None:
    """Stored entries of each form are read; those of the form of today are written again byte for byte."""
    entries = {key.encode(): value.encode() for key, value in stored(f"state-{form}")}
    assert {json.loads(value)[0] for value in entries.values()} == {form}
    written = entries_of(*read_members(entries.items()))
    assert written.keys() == entries.keys()
    assert form < FORM or written == entries


@pytest.mark.parametrize("name", NAMES)
def test_schemas_change_by_additions_alone(name: str) -> None:
    """Nobody who knows version 1 of a schema is broken by the schema of today."""
    found = breaking(schema(name, 1), schema(name), published=name != INPUT)
    assert not found, "not additive; this needs a new schema version (docs/evolution.md): " + "; ".join(found)


def put(*path: str, value: Json) -> Callable[[dict[str, Any]], None]:
    """A change that puts a value somewhere into a schema."""

    def change(changed: dict[str, Any]) -> None:
        for name in path[:-1]:
            changed = changed[name]
        changed[path[-1]] = value

    return change


def drop(*path: str) -> Callable[[dict[str, Any]], None]:
    """A change that takes something out of a schema."""

    def change(changed: dict[str, Any]) -> None:
        for name in path[:-1]:
            changed = changed[name]
        del changed[path[-1]]

    return change


def require(name: str) -> Callable[[dict[str, Any]], None]:
    """A change that makes a field required."""
    return lambda changed: changed["required"].append(name)


def free(name: str) -> Callable[[dict[str, Any]], None]:
    """A change that makes a field optional."""
    return lambda changed: changed["required"].remove(name)


FIELDS = "properties"
CHANGES: list[tuple[str, Callable[[dict[str, Any]], None], list[str]]] = [
    ("edit-event", put(FIELDS, "new", value={"type": "string"}), []),
    ("edit-event", put(FIELDS, "rule", "description", value="told better"), []),
    ("edit-event", put("$defs", "Cause", FIELDS, "new", value={}), []),
    ("edit-event", drop(FIELDS, "rule"), ["EditEvent.rule: removed"]),
    ("edit-event", drop("$defs", "Cause", FIELDS, "offset"), ["EditEvent.cause.offset: removed"]),
    ("edit-event", drop("$defs", "PolicyRef", FIELDS, "id"), ["EditEvent.policy.id: removed"]),
    ("edit-event", drop("$defs", "EvidenceLine", FIELDS, "claim_id"), ["EditEvent.evidence[].claim_id: re"]),
    ("edit-event", require("new"), ["EditEvent.new: now required"]),
    (
        "edit-event",
        lambda changed: changed["required"].remove("rule"),
        ["EditEvent.rule: no longer required"],
    ),
    ("edit-event", put(FIELDS, "carc", value={"type": "string"}), ["EditEvent.carc: no longer takes null"]),
    (
        "edit-event",
        put(FIELDS, "rule", value={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ["EditEvent.rule: now takes null"],
    ),
    ("edit-event", put(FIELDS, "status", "enum", value=["open"]), ["EditEvent.status: enum was"]),
    ("edit-event", put(FIELDS, "dates", "items", "pattern", value="^x$"), ["EditEvent.dates[]: pattern was"]),
    ("claim-verdict", put(FIELDS, "revision", "minimum", value=0), ["ClaimVerdict.revision: minimum was 1"]),
    ("claim-verdict", put(FIELDS, "settled", "enum", value=["late"]), ["ClaimVerdict.settled: enum was"]),
    (INPUT, put(FIELDS, "new", value={"type": "string"}), []),
    (INPUT, put(FIELDS, "event_id", "maxLength", value=80), []),
    (INPUT, drop(FIELDS, "claim_frequency_code", "pattern"), []),
    (INPUT, put(FIELDS, "line_number", "type", value="number"), []),
    (INPUT, put(FIELDS, "ndc", "type", value=["string", "null", "number"]), []),
    (INPUT, put(FIELDS, "event_id", "type", value=["string", "integer"]), []),
    (INPUT, free("units"), []),
    (INPUT, require("plan_id"), ["ClaimLineEvent.plan_id: now required"]),
    (
        INPUT,
        put(FIELDS, "event_id", "maxLength", value=8),
        ["ClaimLineEvent.event_id: maxLength was 64"],
    ),
    (INPUT, put(FIELDS, "member_id", "pattern", value="^M"), ["ClaimLineEvent.member_id: pattern was None"]),
    (INPUT, put(FIELDS, "ndc", "type", value="string"), ["ClaimLineEvent.ndc: no longer takes null"]),
    (INPUT, put(FIELDS, "line_count", "default", value=1), ["ClaimLineEvent.line_count: default was None"]),
    (INPUT, put("additionalProperties", value=False), ["ClaimLineEvent: additionalProperties was None"]),
]


@pytest.mark.parametrize(("name", "change", "told"), CHANGES)
def test_a_change_that_breaks_somebody_is_told(
    name: str, change: Callable[[dict[str, Any]], None], told: list[str]
) -> None:
    """Additions, and wider fields of the input, pass; every other change is named with its place."""
    changed = copy.deepcopy(schema(name, 1))
    change(changed)
    found = breaking(schema(name, 1), changed, published=name != INPUT)
    assert len(found) == len(told), found
    for text, beginning in zip(found, told, strict=True):
        assert text.startswith(beginning)
