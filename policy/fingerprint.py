"""One number for all that a policy decides, so that stored state knows when it must be judged anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from policy.document import Exemption, Policy, Source


@cache
def _names(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - the class of any part of a policy
    """The fields of a kind of object that count: all but the fingerprint itself."""
    return tuple(one.name for one in fields(kind) if one.name != "fingerprint")


def fingerprint(policy: Policy) -> str:
    """SHA-256 (hex) of a policy's content.

    Neither the order of rows and keys nor their places in the files count; citations do, since people
    read them.
    """
    content = json.dumps(_plain(policy), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def with_fingerprint(policy: Policy) -> Policy:
    """The policy with its own fingerprint filled in."""
    return replace(policy, fingerprint=fingerprint(policy))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any part of a policy
    """The value in JSON's types; sets sorted, so that equal policies give equal bytes."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Source):
        return value.citation
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _names(value.__class__)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    plain = [_plain(inner) for inner in value]
    unordered = value and isinstance(value[0], Exemption)
    return sorted(plain, key=json.dumps) if unordered else plain
