"""The edit event: one rule's finding on one claim line, explained, in its latest revision.

Source: screening specification, section 5 (*Edit events*). Every field holds what stands on the wire:
dates are ISO text (inclusive), amounts USD text with two decimals, units text without trailing zeros.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated, Literal
from uuid import uuid5

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from models.claim_line import EDIT_NAMESPACE, LineKey
from models.finding import Disposition

IsoDate = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Amount = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{2}$")]
UnitsText = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]{1,3})?$")]
InstantText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")]


class EvidenceLine(TypedDict):
    """Another claim line that an edit rests on."""

    claim_id: str
    line_number: int
    procedure_code: str


class PolicyRef(TypedDict):
    """The policy, version and section an edit rests on."""

    id: str
    version: str
    section: str


class Cause(TypedDict):
    """The record that caused a publication; topic and partition are null for files."""

    event_id: str
    topic: str | None
    partition: int | None
    offset: int


class EditEvent(BaseModel):
    """One revision of an edit. The record key is `edit_id`; keep the greatest revision per key."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    edit_id: str = Field(description="UUID version 5 of policy, rule, member, claim and line")
    status: Literal["open", "cleared"]
    revision: int = Field(ge=1, description="one more at each change of what was published")
    rule: str
    disposition: Disposition
    raised: Literal["at_screening", "after_screening"] = Field(
        description="after_screening where it changed after the claim's first verdict"
    )
    group_code: str = Field(description="claim adjustment group code")
    carc: str | None = Field(description="claim adjustment reason code")
    rarc: str | None = Field(description="remittance advice remark code")
    claim_id: str
    line_number: int
    member_id: str
    plan_id: str | None
    billing_provider_npi: str
    procedure_code: str
    modifiers: tuple[str, ...]
    dates: tuple[IsoDate, ...] = Field(description="service dates found, sorted")
    units_affected: UnitsText
    amount_affected: Amount
    message: str
    evidence: tuple[EvidenceLine, ...]
    policy: PolicyRef
    as_of: InstantText = Field(description="event time of the decision")
    cause: Cause | None = Field(description="null where time or the end of the input settled the claim")


@lru_cache(maxsize=4096)
def edit_id(policy_id: str, rule: str, key: LineKey) -> str:
    """The identity of an edit, the same in every run (section 5)."""
    name = json.dumps([policy_id, rule, *key], ensure_ascii=False, separators=(",", ":"))
    return str(uuid5(EDIT_NAMESPACE, name))
