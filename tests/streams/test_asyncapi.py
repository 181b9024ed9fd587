"""The AsyncAPI document says what lies on the topics."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.validators import validator_for

from models.record import Record
from policy import PolicyEngine
from policy.outputs import Outputs
from streams.asyncapi import document
from streams.headers import Headers
from streams.outbox import Message, messages_of
from streams.topics import topics_of
from tests.support import built_in_policy, claim_line

ROOT = Path(__file__).parents[2]
DOCUMENT = document()
TRACE: Headers = [
    ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ("tracestate", b"rojo=1"),
]


def parts(value: object) -> Iterator[dict[str, Any]]:
    """All objects in a JSON value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(each)


def at(reference: str) -> Any:  # noqa: ANN401 - any JSON
    """What a reference points to."""
    assert reference.startswith("#/")
    found: Any = DOCUMENT
    for name in reference[2:].split("/"):
        found = found[name]
    return found


def caused() -> list[Message]:
    """Records of all kinds that the worker sends to topics which others read."""
    line = json.dumps(claim_line("C1", 1, "99601", "2024-03-01", line_count=1)).encode()
    records = [
        Record(line, 0, "claim-lines", 0, None, b"M-1", keyed=True),
        Record(line, 1, "claim-lines", 0, None, b"somebody else", keyed=True),
        Record(b"no json", 2, "claim-lines", 0, None, b"k", keyed=True),
        Record(None, 3, "claim-lines", 0, None, None, keyed=True),
    ]
    out, _ = PolicyEngine(built_in_policy()).receive_while(records, 4_000)
    untraced = Outputs(publications=out.publications, causes=[None] * len(out.publications))
    return [*messages_of(out, lambda _: (TRACE, 0)), *messages_of(untraced, lambda _: ([], 0))]


def test_every_reference_points_to_something() -> None:
    """Each $ref of the document has its target in the document."""
    references = [part["$ref"] for part in parts(DOCUMENT) if isinstance(part.get("$ref"), str)]
    assert len(references) > 20
    for reference in references:
        assert at(reference)


def test_every_topic_is_described() -> None:
    """The channels are the topics, each with the settings that it is made with; the changelog is internal."""
    for topic, channel in zip(topics_of("{appId}"), DOCUMENT["channels"].values(), strict=True):
        assert channel["address"] == topic.name
        configuration = channel["bindings"]["kafka"]["topicConfiguration"]
        told = {name: str(value) for name, value in configuration.items() if name != "cleanup.policy"}
        assert told | {"cleanup.policy": configuration["cleanup.policy"][0]} == topic.made_with
        assert ("tags" in channel) == (topic.name == "{appId}-lines-changelog")


def test_every_record_is_described() -> None:
    """What the worker sends has the headers and the value that its topic's message describes, no others."""
    messages = caused()
    assert len({message.topic for message in messages}) == 4
    seen: dict[str, set[str]] = {}
    for message in messages:
        (channel,) = (each for each in DOCUMENT["channels"].values() if each["address"] == message.topic)
        ((name, reference),) = channel["messages"].items()
        described = at(reference["$ref"])
        told = {header: value.decode() for header, value in message.headers}
        jsonschema.validate(told, described["headers"] | {"additionalProperties": False})
        seen.setdefault(name, set()).update(told)
        if described["contentType"] == "application/json":
            value = json.loads(message.value or b"")
            jsonschema.validate(value, {**described["payload"], "components": DOCUMENT["components"]})
    for name, headers in seen.items():
        assert headers == DOCUMENT["components"]["messages"][name]["headers"]["properties"].keys()


@pytest.mark.parametrize("dialect", [jsonschema.Draft7Validator, jsonschema.Draft202012Validator])
def test_every_schema_is_one(dialect: type[jsonschema.Draft7Validator]) -> None:
    """Values, headers and keys have sound schemas, in AsyncAPI's own dialect and in the newest."""
    messages = DOCUMENT["components"]["messages"].values()
    schemas = [
        *DOCUMENT["components"]["schemas"].values(),
        *(message[part] for message in messages for part in ("payload", "headers")),
        *(message["bindings"]["kafka"]["key"] for message in messages),
    ]
    for schema in schemas:
        dialect.check_schema(schema)


@pytest.mark.parametrize("name", ["claim-line-event", "edit-event", "claim-verdict"])
def test_the_schemas_are_those_of_the_pages(name: str) -> None:
    """A value's schema is that of docs/schemas, but for where its parts lie."""
    page = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    its = page.pop("$defs", {}) | {page["title"]: page}
    moved = json.loads(json.dumps(its).replace("#/$defs/", "#/components/schemas/"))
    assert moved.items() <= DOCUMENT["components"]["schemas"].items()


def test_every_operation_speaks_of_its_channel() -> None:
    """Each channel is used, by operations whose message is the channel's own."""
    used = set()
    for operation in DOCUMENT["operations"].values():
        channel = operation["channel"]["$ref"]
        used.add(channel)
        assert all(re.match(f"{channel}/messages/", each["$ref"]) for each in operation["messages"])
    assert used == {f"#/channels/{name}" for name in DOCUMENT["channels"]}


@pytest.mark.skipif(
    "DRIPLINE_ASYNCAPI_SCHEMA" not in os.environ,
    reason="the schema is in npm's @asyncapi/specs",
)
def test_the_document_fits_the_official_schema() -> None:
    """The document fits the schema of AsyncAPI 3.0 in the file that the environment names."""
    schema = json.loads(Path(os.environ["DRIPLINE_ASYNCAPI_SCHEMA"]).read_text("utf-8"))
    validator_for(schema)(schema).validate(DOCUMENT)
