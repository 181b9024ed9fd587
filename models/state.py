"""State entries: the plain, versioned bytes in which a member's state is written and read back.

One entry per claim line, one per claim, one per partition; keys are compact JSON arrays, since ids may
hold any character. A value is a JSON array that begins with the number of its form, so that a later
form can still read it. Values are never empty. Source: the design of the state; specification, section 5
(what is remembered).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, NamedTuple, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from models.claim_line import ClaimLine, LineKey
from models.claim_verdict import Settled, VerdictStatus
from models.finding import Disposition
from models.member import ClaimState, LineState, MemberState, PublishedEdit
from models.wire import MOST_DAYS_OF_LINE, to_json_bytes

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


_Form = Annotated[int, Field(ge=FORM, le=FORM)]
_Flag = Annotated[int, Field(ge=0, le=1)]
_Natural = Annotated[int, Field(ge=0)]
_Positive = Annotated[int, Field(ge=1)]
_Number = Annotated[int, Field(ge=1, le=999)]
_Day = Annotated[int, Field(ge=1, le=3_652_059)]
"""A date as an ordinal, to the end of the year 9999."""
_Instant = Annotated[int, Field(ge=-62_135_596_800_000_000, le=253_402_300_799_999_999)]
"""Microseconds since 1970, years 1 to 9999."""

_Fields = tuple[
    str,  # event_id
    _Number | None,
    Annotated[str, Field(pattern="^[1-9]$")],  # frequency
    str | None,
    str | None,
    str,  # npi
    str | None,
    str,  # procedure_code
    tuple[str, ...],
    str | None,
    _Day,
    _Day,
    _Positive,  # units
    _Natural,
    str | None,
    _Instant,
]
"""The types of `_LINE_FIELDS`."""
_Edit = tuple[_Positive, _Flag, Disposition, _Natural, str, str]
_VerdictLine = tuple[_Number, Disposition, _Natural, tuple[str, ...]]
_Verdict = tuple[
    VerdictStatus,
    Disposition | None,
    _Natural,
    tuple[_VerdictLine, ...],
    _Natural,
    _Natural,
    _Natural,
    _Number | None,
    Settled,
]

_KEY: Final = TypeAdapter[tuple[str, str] | tuple[str, str, int]](tuple[str, str] | tuple[str, str, _Number])
_LINE: Final = TypeAdapter(tuple[_Form, _Instant, _Fields, dict[str, _Edit]])
_CLAIM: Final = TypeAdapter(
    tuple[
        _Form,
        _Number | None,
        _Instant | None,
        _Flag,
        dict[str, _Instant] | None,
        _Instant,
        Settled | None,
        _Natural,
        _Verdict | None,
        _Natural,  # keep_until
        _Instant,  # unpublished
    ]
)
_PARTITION: Final = TypeAdapter(tuple[_Form, _Instant, str, str])

_DAMAGED: Final = "a state entry is damaged"


def read_line(key: LineKey, value: bytes) -> LineState:
    """A claim line's state.

    Raises:
        StateError: the value cannot be read.
    """
    _, first_arrival, fields, edits = _read(_LINE, value)
    named: dict[str, Any] = dict(zip(_LINE_FIELDS, fields, strict=True))
    current = ClaimLine(**key._asdict(), **named)
    in_order = 0 <= current.last - current.first < MOST_DAYS_OF_LINE
    if not in_order or (current.withdraws and current.original_claim_id is None):
        raise StateError(_DAMAGED)
    line = LineState(current, first_arrival)
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
            claim.keep_until,
            claim.unpublished,
        ]
    )


def _read_claim(claim: ClaimState, value: bytes) -> None:
    (
        _,
        claim.line_count,
        claim.withdrawn_at,
        outrivalled,
        claim.replaces,
        claim.due,
        claim.settled,
        claim.verdict_revision,
        claim.verdict,
        claim.keep_until,
        claim.unpublished,
    ) = _read(_CLAIM, value)
    claim.outrivalled = bool(outrivalled)


def read_claim(entry: Entry) -> tuple[str, ClaimState]:
    """The member and the claim of a claim's entry; the claim is without its lines.

    Raises:
        StateError: the entry cannot be read, or is not a claim's.
    """
    key, value = entry
    member_id, claim_id, *rest = _identity(key)
    if rest:
        raise StateError(_DAMAGED)
    claim = ClaimState(claim_id)
    _read_claim(claim, value)
    return member_id, claim


def write_partition(partition: PartitionState) -> bytes:
    """The partition's value."""
    return to_json_bytes([FORM, *partition])


def read_partition(value: bytes) -> PartitionState:
    """What is remembered of the partition.

    Raises:
        StateError: the value cannot be read.
    """
    _, watermark, policy_id, fingerprint = _read(_PARTITION, value)
    return PartitionState(watermark, policy_id, fingerprint)


_Read = TypeVar("_Read")


def _read(values: TypeAdapter[_Read], value: bytes) -> _Read:
    """The value's parts, form number included."""
    try:
        return values.validate_json(value, strict=True)
    except ValidationError:
        form = _form(value)
        if form is None or form == FORM:
            raise StateError(_DAMAGED) from None
        msg = f"a state entry is of form {form}, this version reads form {FORM}"
        raise StateError(msg) from None


def _form(value: bytes) -> int | None:
    """The number of a value's form; None where it has none."""
    try:
        form = json.loads(value.decode())[0]
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    return form if type(form) is int else None


def read_members(entries: Iterable[Entry]) -> tuple[dict[str, MemberState], PartitionState | None]:
    """All members, and the partition's own entry if it is there; entries may come in any order.

    Raises:
        StateError: an entry cannot be read, or a line's claim has none.
    """
    members: dict[str, MemberState] = {}
    partition = None
    unread: set[tuple[str, str]] = set()
    for key, value in entries:
        if key == PARTITION_KEY:
            partition = read_partition(value)
            continue
        identity = _identity(key)
        member = members.setdefault(identity[0], MemberState(identity[0]))
        known = identity[1] in member.claims
        claim = member.claim(identity[1])
        if len(identity) == 3:  # noqa: PLR2004 - a LineKey's fields
            if not known:
                unread.add(identity[:2])
            # One text for all that name the same member or claim, as in `MemberState.accept`.
            key_of_line = LineKey(member.member_id, claim.claim_id, identity[2])
            claim.lines[identity[2]] = read_line(key_of_line, value)
        else:
            _read_claim(claim, value)
            unread.discard(identity)
    if unread:
        msg = "a claim line has a state entry, its claim has none"
        raise StateError(msg)
    for member in members.values():
        member.file_rivals()
    return members, partition


def _identity(key: bytes) -> tuple[str, str] | tuple[str, str, int]:
    try:
        return _KEY.validate_json(key, strict=True)
    except ValidationError:
        msg = "a state key is damaged"
        raise StateError(msg) from None


def member_entries(member: MemberState) -> Iterator[Entry]:
    """All entries of a member."""
    for claim in member.claims.values():
        yield claim_key(member.member_id, claim.claim_id), write_claim(claim)
        for number, line in claim.lines.items():
            yield line_key(member.key(claim, number)), write_line(line)
