"""The headers of records: what a record is, why one was rejected, and the trace it belongs to.

A W3C trace context comes with an input record and goes on, unchanged, to everything that this record
causes. Dripline makes no spans of its own. What is not of the W3C's form is not passed on: a header that
anybody may write must not carry anything else to the readers of edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

Headers = list[tuple[str, bytes]]

CONTENT_TYPE: Final = "content-type"
SCHEMA: Final = "dripline-schema"
TRACE_PARENT: Final = "traceparent"
TRACE_STATE: Final = "tracestate"
REASONS: Final = "dripline-reasons"
SOURCE_TOPIC: Final = "dripline-source-topic"
SOURCE_PARTITION: Final = "dripline-source-partition"
SOURCE_OFFSET: Final = "dripline-source-offset"
NULL: Final = "dripline-null"

JSON: Final = "application/json"
SCHEMA_VERSION: Final = 1
"""The version of the schemas of edit events and verdicts."""
PARENT_FORM: Final = "00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
"""Version 00, the only one there is: trace, span, flags; neither id is all zeros."""
LONGEST_STATE: Final = 512
"""Bytes of a trace state that everybody passes on; a longer one is left out."""

_PARENT: Final = re.compile(PARENT_FORM.encode())
_MEMBER: Final = r"[a-z0-9][a-z0-9_*/@-]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]"
STATE_FORM: Final = rf"{_MEMBER}([ \t]*,[ \t]*{_MEMBER}){{0,31}}"
"""A list of at most 32 keys and values."""
_STATE: Final = re.compile(STATE_FORM.encode())


def said(schema: str) -> Headers:
    """What every edit event and verdict says of itself."""
    return [(CONTENT_TYPE, JSON.encode()), (SCHEMA, f"{schema}/{SCHEMA_VERSION}".encode())]


def trace_of(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """The trace context among a record's headers; empty where there is none, several, or no valid one."""
    parents, states = [], []
    for name, value in headers:
        if name == TRACE_PARENT:
            parents.append((name, value or b""))
        elif name == TRACE_STATE:
            states.append((name, value or b""))
    if len(parents) != 1 or not _PARENT.fullmatch(parents[0][1]):
        return []
    if len(states) != 1 or len(states[0][1]) > LONGEST_STATE or not _STATE.fullmatch(states[0][1]):
        return parents
    return parents + states
