"""The messages of the AsyncAPI document: value, key and headers of the records of each topic."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter

from models import ClaimLineEvent, ClaimVerdict, EditEvent
from models.rejection import MOST_BYTES, Reason
from models.wire import MOST_OF_MEMBER_ID
from streams import headers

Described = dict[str, Any]
"""A part of the document."""

BINDING: Final = "0.5.0"
"""The version of the Kafka bindings."""
SCHEMAS: Final = "#/components/schemas/"

_TEXT: Final = {"type": "string"}
_TRACE: Final[Described] = {
    headers.TRACE_PARENT: {
        **_TEXT,
        "pattern": f"^{headers.PARENT_FORM}$",
        "description": "W3C trace context of the input record that caused this one; none where time did",
    },
    headers.TRACE_STATE: {
        **_TEXT,
        "maxLength": headers.LONGEST_STATE,
        "description": "W3C trace state, only beside a traceparent",
    },
}
_REJECTED: Final[Described] = {
    headers.REASONS: {
        **_TEXT,
        "contentMediaType": headers.JSON,
        "description": "every reason, as a JSON array of the schema Reason",
        "x-content-schema": {"type": "array", "items": {"$ref": f"{SCHEMAS}Reason"}},
    },
    headers.SOURCE_TOPIC: {**_TEXT, "description": "where the record was read"},
    headers.SOURCE_PARTITION: {**_TEXT, "pattern": "^[0-9]+$"},
    headers.SOURCE_OFFSET: {**_TEXT, "pattern": "^[0-9]+$"},
}
_NULL: Final[Described] = {
    headers.NULL: {**_TEXT, "const": "value", "description": "there where key and value were null"}
}


def messages() -> dict[str, Described]:
    """All messages by their names."""
    return {
        "claimLine": _message(
            "One version of one service line of a claim. A record under another key than its member's is "
            "sent again under the right one, with all its headers. All headers are kept where a record is "
            "sent on or rejected.",
            key={**_TEXT, "maxLength": MOST_OF_MEMBER_ID, "description": "`member_id` in UTF-8"},
            payload={"$ref": f"{SCHEMAS}ClaimLineEvent"},
            said=_TRACE,
        ),
        "editEvent": _said(
            "edit-event",
            "One revision of an edit; the greatest revision of a key stands.",
            key={**_TEXT, "format": "uuid", "description": "`edit_id`"},
            payload={"$ref": f"{SCHEMAS}EditEvent"},
        ),
        "claimVerdict": _said(
            "claim-verdict",
            "One revision of a claim's verdict; the greatest revision of a key stands.",
            key={**_TEXT, "description": "`claim_id`"},
            payload={"$ref": f"{SCHEMAS}ClaimVerdict"},
        ),
        "rejectedRecord": _message(
            "A record that cannot be judged: key, value and headers as they came, the reasons in headers "
            "behind them. Of a header that is there twice, the last one counts.",
            key={"description": "the bytes of the record's key, or null"},
            payload={
                "description": f"the record's bytes; anything, even no JSON or more than {MOST_BYTES} bytes"
            },
            content_type="application/octet-stream",
            said={**_REJECTED, **_NULL, **_TRACE},
            always=tuple(_REJECTED),
        ),
        "stateEntry": _message(
            "Internal: the state of a claim line, a claim or the partition, in a form that may change.",
            key={**_TEXT, "description": "a compact JSON array: ids of member and claim, line number"},
            payload={
                "description": "the input offset it is as of, a blank, and a JSON array that begins with "
                "the number of its form; null where the entry is forgotten"
            },
            content_type="application/octet-stream",
            said={},
        ),
    }


def schemas() -> dict[str, Described]:
    """The schemas of all values, by the names of their models."""
    models: list[TypeAdapter[Any]] = [
        TypeAdapter(each) for each in (ClaimLineEvent, EditEvent, ClaimVerdict, Reason)
    ]
    _, found = TypeAdapter.json_schemas(
        [(number, "validation", each) for number, each in enumerate(models)],
        ref_template=SCHEMAS + "{model}",
    )
    return dict(found["$defs"])


def _said(schema: str, summary: str, *, key: Described, payload: Described) -> Described:
    """A message that says its schema in its headers."""
    fixed = {name: {**_TEXT, "const": value.decode()} for name, value in headers.said(schema)}
    return _message(summary, key=key, payload=payload, said={**fixed, **_TRACE}, always=tuple(fixed))


def _message(
    summary: str,
    *,
    key: Described,
    payload: Described,
    said: Described,
    always: tuple[str, ...] = (),
    content_type: str = headers.JSON,
) -> Described:
    required = {"required": list(always)} if always else {}
    return {
        "summary": summary,
        "contentType": content_type,
        "headers": {"type": "object", "properties": said, **required},
        "payload": payload,
        "bindings": {"kafka": {"key": key, "bindingVersion": BINDING}},
    }
