"""What is said: claim-line events in, edits and verdicts out, member state, and bytes <-> objects."""

from models.claim_line import ClaimLineEvent
from models.claim_verdict import ClaimVerdict
from models.edit_event import EditEvent

__all__ = ["ClaimLineEvent", "ClaimVerdict", "EditEvent"]
