"""State entries: the plain, versioned bytes in which a member's state is written and read back.

One entry per claim line, one per claim, one per partition; keys are compact JSON arrays, since ids may
hold any character. A value is a JSON array that begins with the number of its form, so that a later
form can still read it. Values are never empty. Source: the design of the state; specification, section 5
(what is remembered).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from models.claim_line import ClaimLine, LineKey
from models.member import ClaimState, LineState, MemberState, PublishedEdit
from models.wire import to_json_bytes

FORM: Final = 1
"""The form in which values are written. Older forms stay readable."""

PARTITION_KEY: Final = b"[]"
"""Key of the entry of the partition itself."""

Entry = tuple[bytes, bytes]
"""A key and its value."""


class StateError(ValueError):
    """A state entry cannot be read: it is damaged, or of a form that this version does not know."""


class PartitionState(NamedTuple):
    """What is remembered of the partition: its watermark, and the policy that decided."""

    watermark: int
    policy_id: str
    fingerprint: str


def line_key(key: LineKey) -> bytes:
    """Key of a claim line's entry."""
    return to_json_bytes(key)


def claim_key(member_id: str, claim_id: str) -> bytes:
    """Key of a claim's entry."""
    return to_json_bytes((member_id, claim_id))


def write_line(line: LineState) -> bytes:
    """A claim line's value."""
    its = line.current
    fields = [getattr(its, name) for name in _LINE_FIELDS]
    edits = {
        rule: [e.revision, int(e.is_open), e.disposition, e.amount, e.version, e.digest]
        for rule, e in sorted((line.published or {}).items())
    }
    return to_json_bytes([FORM, line.first_arrival, fields, edits])


_LINE_FIELDS: Final = (
    "event_id",
    "line_count",
    "frequency",
    "original_claim_id",
    "plan_id",
    "npi",
    "rendering_npi",
    "procedure_code",
    "modifiers",
    "ndc",
    "first",
    "last",
    "units",
    "charge",
    "place",
    "received",
)
"""The order of a line's fields in its value; its identity is in the key."""


def read_line(key: LineKey, value: bytes) -> LineState:
    """A claim line's state.

    Raises:
        StateError: the value cannot be read.
    """
    first_arrival, fields, edits = _values(value, 3)
    named = dict(zip(_LINE_FIELDS, fields, strict=True))
    named["modifiers"] = tuple(named["modifiers"])
    line = LineState(ClaimLine(**key._asdict(), **named), first_arrival)
    if edits:
        line.published = {
            rule: PublishedEdit(
                revision,
                is_open=bool(is_open),
                disposition=disposition,
                amount=amount,
                version=version,
                digest=digest,
            )
            for rule, (revision, is_open, disposition, amount, version, digest) in edits.items()
        }
    return line


def write_claim(claim: ClaimState) -> bytes:
    """A claim's value; its lines have entries of their own."""
    return to_json_bytes(
        [
            FORM,
            claim.line_count,
            claim.withdrawn_at,
            int(claim.outrivalled),
            claim.replaces,
            claim.due,
            claim.settled,
            claim.verdict_revision,
            claim.verdict,
        ]
    )


def _read_claim(claim: ClaimState, value: bytes) -> None:
    (
        claim.line_count,
        claim.withdrawn_at,
        outrivalled,
        claim.replaces,
        claim.due,
        claim.settled,
        claim.verdict_revision,
        verdict,
    ) = _values(value, 8)
    claim.outrivalled = bool(outrivalled)
    claim.verdict = None if verdict is None else _nested(verdict)


def _nested(values: list[Any]) -> tuple[Any, ...]:
    """Lists within lists as tuples within tuples."""
    return tuple(_nested(value) if isinstance(value, list) else value for value in values)


def write_partition(partition: PartitionState) -> bytes:
    """The partition's value."""
    return to_json_bytes([FORM, *partition])


def read_partition(value: bytes) -> PartitionState:
    """What is remembered of the partition.

    Raises:
        StateError: the value cannot be read.
    """
    return PartitionState(*_values(value, 3))


def _values(value: bytes, count: int) -> list[Any]:
    """The values behind the form number."""
    try:
        read: list[Any] = json.loads(value)
        form, *values = read
    except (ValueError, TypeError):
        msg = "a state entry is damaged"
        raise StateError(msg) from None
    if form != FORM or len(values) != count:
        msg = f"a state entry is of form {form}, this version reads form {FORM}"
        raise StateError(msg)
    return values


def read_members(entries: Iterable[Entry]) -> tuple[dict[str, MemberState], PartitionState | None]:
    """All members, and the partition's own entry if it is there; entries may come in any order.

    Raises:
        StateError: an entry cannot be read.
    """
    members: dict[str, MemberState] = {}
    partition = None
    for key, value in entries:
        identity = _identity(key)
        if not identity:
            partition = read_partition(value)
            continue
        member = members.setdefault(identity[0], MemberState(identity[0]))
        claim = member.claim(identity[1])
        if len(identity) == len(LineKey._fields):
            claim.lines[identity[2]] = read_line(LineKey(*identity), value)
        else:
            _read_claim(claim, value)
    for member in members.values():
        member.file_rivals()
    return members, partition


def _identity(key: bytes) -> tuple[Any, ...]:
    try:
        return tuple(json.loads(key))
    except (ValueError, TypeError):
        msg = "a state key is damaged"
        raise StateError(msg) from None


def member_entries(member: MemberState) -> Iterator[Entry]:
    """All entries of a member."""
    for claim in member.claims.values():
        yield claim_key(member.member_id, claim.claim_id), write_claim(claim)
        for number, line in claim.lines.items():
            yield line_key(member.key(claim, number)), write_line(line)
