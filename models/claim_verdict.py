"""The claim verdict: what stands against a claim as a whole, in its latest revision.

Source: screening specification, section 5 (*Claim verdicts*). Amounts are USD text with two decimals.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from models.edit_event import Amount, InstantText
from models.finding import Disposition

Settled = Literal["withdrawn", "complete", "quiet", "end_of_input"]
"""Why a claim was screened when it was."""

VerdictStatus = Literal["clean", "edited", "withdrawn", "void"]


class VerdictLine(TypedDict):
    """A line with open edits: its gravest disposition and the greatest amount of that disposition."""

    line_number: int
    disposition: Disposition
    amount_affected: str
    edit_ids: list[str]


class ClaimVerdict(BaseModel):
    """One revision of a claim's verdict. The record key is `claim_id`; keep the greatest revision."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    claim_id: str
    member_id: str
    status: VerdictStatus
    disposition: Disposition | None = Field(description="gravest of the open edits")
    open_edits: int = Field(ge=0)
    lines: tuple[VerdictLine, ...]
    charge_total: Amount = Field(description="sum of the charges of the active lines")
    amount_affected: Amount = Field(
        description="per line the greatest amount of its gravest disposition; inform counts 0.00"
    )
    lines_seen: int = Field(ge=0)
    line_count: int | None
    settled: Settled
    revision: int = Field(ge=1)
    as_of: InstantText
