"""Dripline for those who embed it: load a policy, screen claim lines, read edits and verdicts."""

from models import ClaimLineEvent, ClaimVerdict, EditEvent
from models.record import Record
from policy import PolicyEngine, load_policy

__all__ = ["ClaimLineEvent", "ClaimVerdict", "EditEvent", "PolicyEngine", "Record", "load_policy"]
