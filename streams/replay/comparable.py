"""Comparable content as one number: what two runs over the same events by the same policy have in common.

A digest of each open edit, verdict and reject; digests add up, so neither order nor the spread over
partitions and processes counts. Source: screening specification, section 5 (*Comparable content*).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from models.claim_verdict import ClaimVerdict
from models.rejection import Reason
from models.wire import to_json_bytes

EDIT_FIELDS: Final = (
    *("member_id", "claim_id", "line_number", "rule"),
    *("dates", "units_affected", "amount_affected", "disposition", "group_code", "carc", "rarc", "evidence"),
)
"""What is compared of an open edit."""
VERDICT_FIELDS: Final = tuple(
    name for name in ClaimVerdict.model_fields if name not in {"settled", "revision", "as_of"}
)
"""What is compared of a verdict."""

_MODULUS: Final = 1 << 256


def edit_digest(edit: Mapping[str, Any]) -> int:
    """Stands for the comparable content of an open edit."""
    return _digest([edit[name] for name in EDIT_FIELDS])


def verdict_digest(verdict: Mapping[str, Any]) -> int:
    """Stands for the comparable content of a verdict."""
    return _digest([verdict[name] for name in VERDICT_FIELDS])


def reject_digest(raw: bytes | Iterable[bytes], reasons: Iterable[Reason]) -> bytes:
    """Stands for a rejected record: its bytes, whole or in pieces, and the codes of its reasons."""
    whole = hashlib.sha256()
    for piece in (raw,) if isinstance(raw, bytes) else raw:
        whole.update(piece)
    codes = sorted({reason["code"] for reason in reasons})
    return hashlib.sha256(whole.digest() + to_json_bytes(codes)).digest()


def _digest(content: object) -> int:
    return int.from_bytes(hashlib.sha256(to_json_bytes(content)).digest(), "big")


@dataclass(slots=True)
class Standing:
    """How many edits are open and claims have a verdict, and the sum of their digests."""

    edits: int = 0
    verdicts: int = 0
    total: int = 0

    def add_edit(self, digest: int, times: int = 1) -> None:
        """An edit is open, or with -1 is so no more."""
        self.edits += times
        self.total = (self.total + times * digest) % _MODULUS

    def add_verdict(self, digest: int, times: int = 1) -> None:
        """A claim has a verdict, or with -1 has another one now."""
        self.verdicts += times
        self.total = (self.total + times * digest) % _MODULUS

    def add(self, other: Standing, times: int = 1) -> None:
        """Take in all of another part, or with -1 out again."""
        self.edits += times * other.edits
        self.verdicts += times * other.verdicts
        self.total = (self.total + times * other.total) % _MODULUS


def result_hash(standing: Standing, rejects: Iterable[bytes]) -> str:
    """The hash of a result, 64 hexadecimal digits.

    Args:
        standing: edits and verdicts that stand at the end.
        rejects: digests of rejected records; one that came twice counts once.
    """
    told = sorted(set(rejects))
    summed = sum(int.from_bytes(each, "big") for each in told) % _MODULUS
    content = [standing.edits, standing.verdicts, f"{standing.total:064x}", len(told), f"{summed:064x}"]
    return hashlib.sha256(to_json_bytes(["dripline result 1", *content])).hexdigest()
