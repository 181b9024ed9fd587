"""A nurse visit that names nobody who made it.

**Finds** all dates of a visit line without a rendering provider.
**Why**: the visit needs a qualified professional (policy, *Home Infusion Codes*, note on 99601 and
99602). The payer is only told: a claim leaves the rendering provider out when it is the billing one.
"""

from __future__ import annotations

from policy.history import ActiveLine
from policy.rules.declare import Rule
from policy.screening import Finding, Screening, settings


def find(line: ActiveLine, screening: Screening) -> Finding | None:
    """All dates when no rendering provider is given."""
    del screening  # looks at nothing but the line
    if line.line.rendering_npi is not None:
        return None
    return Finding(line.days, settings(line, RULE.name).disposition)


RULE = Rule(
    name="visit_without_professional",
    kind="visit",
    find=find,
    message="{code} on {dates} does not name the professional who made the visit.",
)
