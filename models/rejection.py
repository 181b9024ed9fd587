"""Why a record is rejected: reasons a machine can read, without any value of the record.

Source: screening specification, section 1 (*Rejected*).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NotRequired

from typing_extensions import TypedDict

from models.record import Record

ReasonCode = Literal[
    "too_large",
    "not_json",
    "not_object",
    "missing",
    "invalid",
    "dates_reversed",
    "span_too_long",
    "line_number_over_count",
    "original_claim_missing",
    "self_withdrawal",
    "outside_history",
    "service_in_future",
    "received_in_future",
]

MOST_BYTES: Final = 65_536
"""A longer record is rejected unread."""


class Reason(TypedDict):
    """One reason: its code, the field it is about (None where it is the whole record), a sentence."""

    code: ReasonCode
    field: str | None
    message: str


class RejectLine(TypedDict):
    """A line of `rejects.jsonl`: where a rejected record stood, why it was rejected, its bytes."""

    file: str
    line: int
    reasons: tuple[Reason, ...]
    raw: NotRequired[str]
    """The record as text, where it is UTF-8."""
    raw_base64: NotRequired[str]
    """The record's bytes, where it is not."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was rejected, with every reason."""

    record: Record
    reasons: tuple[Reason, ...]
