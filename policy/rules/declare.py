"""How a rule is declared: its name, the role it judges, its function, its message, its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policy.document import ParameterKind, RoleKind
from policy.history import ActiveLine
from policy.screening import Finding, Screening

Find = Callable[[ActiveLine, Screening], Finding | None]
"""What a rule finds on one active line of its role, or None."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: as in the policy data and in edits.
        kind: the role of the lines it judges.
        find: the rule itself.
        message: the sentence of its edits; `{code}` the line's code, `{dates}` the dates found,
            `{others}` the lines it rests on.
        parameters: kinds of the parameters that its policy data must give.
    """

    name: str
    kind: RoleKind
    find: Find
    message: str
    parameters: Mapping[str, ParameterKind] = field(default_factory=dict)
