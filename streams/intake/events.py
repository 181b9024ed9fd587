"""The claim-line events of a claim, as JSON.

`event_id` is made of everything else that the event says, so the same file gives the same events.
`line_count` is the number of lines to wait for: those written, and those that were damaged, but not those
whose code could never be screened. No line may have a number above the count, so where numbers were passed
over the lines above say nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from models.wire import to_json_bytes
from streams.intake.claim import Claim
from streams.intake.parts import MOST_LINES, Block

_ID_LENGTH: Final = 40


class ClaimLines(NamedTuple):
    """The events of one claim.

    Attributes:
        segments: where each line begins in its file.
        values: the JSON of each event, without a line end.
    """

    segments: list[int]
    values: list[bytes]


def claim_lines(claim: Claim, block: Block) -> ClaimLines:
    """The events of a claim; none where it cannot be used."""
    made = ClaimLines([], [])
    if not claim.usable:
        return made
    count = sum(line.counted for line in claim.lines) + claim.doubtful
    for segment, fields in _fields(claim, block, min(count, MOST_LINES)):
        content = to_json_bytes(fields)
        event_id = hashlib.sha256(content).hexdigest()[:_ID_LENGTH]
        made.segments.append(segment)
        made.values.append(b'{"event_id":"' + event_id.encode() + b'",' + content[1:])
    return made


def _fields(claim: Claim, block: Block, count: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each usable line's place and the fields of its event, in their order."""
    whose = block.whose
    for line in claim.lines:
        number = line.number
        if not line.usable or number is None:
            continue
        own = line.fields
        yield (
            line.segment,
            {
                "claim_id": claim.claim_id,
                "line_number": number,
                "line_count": count if number <= count else None,
                "claim_frequency_code": claim.frequency,
                "original_claim_id": claim.original,
                "member_id": whose.member_id,
                "plan_id": whose.plan_id,
                "billing_provider_npi": whose.npi,
                "rendering_provider_npi": own["rendering_provider_npi"],
                "procedure_code": own["procedure_code"],
                "modifiers": own["modifiers"],
                "ndc": own["ndc"],
                "service_date_from": own["service_date_from"],
                "service_date_to": own["service_date_to"],
                "units": own["units"],
                "charge_amount": own["charge_amount"],
                "place_of_service": own["place_of_service"],
                "received_at": block.received,
            },
        )
