"""Claim lines from bytes, for those who look back at them."""

from __future__ import annotations

from collections.abc import Iterable

from models.claim_line import ClaimLine
from models.record import Record
from models.wire import Limits, RejectedError, read_fields, read_line
from policy.document import Policy


def line_of(value: bytes | None, policy: Policy, timestamp: int | None = None) -> ClaimLine:
    """The claim line that a record's value states.

    Args:
        value: the record's bytes.
        policy: whose limits decide what is taken.
        timestamp: the record's own time, microseconds since 1970, where it has one.

    Raises:
        RejectedError: it is none.
    """
    return read_line(read_fields(value), Limits(policy.history_days), timestamp)


def lines_of_records(records: Iterable[Record], policy: Policy) -> dict[str, list[ClaimLine]]:
    """All accepted lines by member, every version; rejected records are left out."""
    found: dict[str, list[ClaimLine]] = {}
    for record in records:
        try:
            line = line_of(record.value, policy, record.timestamp)
        except RejectedError:
            continue
        found.setdefault(line.member_id, []).append(line)
    return found
