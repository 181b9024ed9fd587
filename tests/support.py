"""What several tests need: events to records, runs of the engine, comparable content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent
from models.record import Record
from models.wire import to_json
from policy import PolicyEngine, load_policy
from policy.document import Policy
from policy.outputs import Outputs, Publication

EXAMPLES = Path(__file__).parent / "examples"

Event = dict[str, Any]


@lru_cache
def built_in_policy() -> Policy:
    """The policy that comes with the product, read once."""
    return load_policy()


def record(event: Event | bytes, offset: int = 0) -> Record:
    """An event as a record of a file."""
    value = event if isinstance(event, bytes) else json.dumps(event).encode()
    return Record(value=value, offset=offset)


def records(events: Iterable[Event | bytes]) -> list[Record]:
    """Events as the records of a file."""
    return [record(event, offset) for offset, event in enumerate(events)]


def published_bytes(outputs: Iterable[Outputs]) -> list[str]:
    """Every publication as it would be written, in order."""
    return [to_json(event.__dict__) for out in outputs for event in out.publications]


def run(
    events: Sequence[Event | bytes], policy: Policy | None = None, *, final: bool = False
) -> list[Outputs]:
    """Screen events as one finite input."""
    engine = PolicyEngine(policy or built_in_policy(), final=final)
    return [*(engine.receive(each) for each in records(events)), engine.finish()]


@dataclass(frozen=True)
class Content:
    """Comparable content (specification, section 5): what must be the same between runs."""

    edits: tuple[tuple[Any, ...], ...]
    verdicts: tuple[tuple[Any, ...], ...]


_EDIT_FIELDS = (
    "member_id",
    "claim_id",
    "line_number",
    "rule",
    "dates",
    "units_affected",
    "amount_affected",
    "disposition",
    "group_code",
    "carc",
    "rarc",
)
_VERDICT_FIELDS = tuple(
    name for name in ClaimVerdict.model_fields if name not in ("settled", "revision", "as_of")
)


def latest(
    publications: Iterable[Publication],
) -> tuple[dict[str, EditEvent], dict[tuple[str, str], ClaimVerdict]]:
    """The publication of greatest revision per key: edits, verdicts (by member and claim)."""
    edits: dict[str, EditEvent] = {}
    verdicts: dict[tuple[str, str], ClaimVerdict] = {}
    for event in publications:
        if isinstance(event, EditEvent):
            if event.edit_id not in edits or event.revision >= edits[event.edit_id].revision:
                edits[event.edit_id] = event
        else:
            key = (event.member_id, event.claim_id)
            if key not in verdicts or event.revision >= verdicts[key].revision:
                verdicts[key] = event
    return edits, verdicts


def content(outputs: Iterable[Outputs]) -> Content:
    """The comparable content of a run."""
    edits, verdicts = latest(event for out in outputs for event in out.publications)
    return Content(
        tuple(
            sorted(
                (*(getattr(edit, name) for name in _EDIT_FIELDS), to_json(edit.evidence))
                for edit in edits.values()
                if edit.status == "open"
            )
        ),
        tuple(
            sorted(
                tuple(to_json(getattr(verdict, name)) for name in _VERDICT_FIELDS)
                for verdict in verdicts.values()
            )
        ),
    )


def claim_line(
    claim: str, number: int, code: str, first: str, last: str | None = None, **fields: object
) -> Event:
    """A claim-line event with plausible fields where a test does not care."""
    event: Event = {
        "event_id": f"{claim}-{number}",
        "claim_id": claim,
        "line_number": number,
        "member_id": "M-1",
        "billing_provider_npi": "1234567893",
        "procedure_code": code,
        "service_date_from": first,
        "service_date_to": last or first,
        "units": "1",
        "charge_amount": "100.00",
        "received_at": "2024-04-02T09:00:00Z",
    }
    return event | fields
